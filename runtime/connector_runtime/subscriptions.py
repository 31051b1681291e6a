"""Subscriptions: who wants the events of which topics, however many there are.

In: patterns (see `topics`) with a subscriber each, and topics. Out: the subscribers of a topic. Finding them costs as
much as there are levels and finds, whatever the number of subscriptions. Refused: what is no pattern or no topic
(InputError).
"""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

from .topics import ONE, REST, levels_of

_HERE: Final = ""  # no level is empty
_EMPTY: Final[dict[Any, Any]] = {}

Subscriber = TypeVar("Subscriber")


class Subscriptions(Generic[Subscriber]):
    """Who is subscribed to what, as a tree of levels. Not safe to change from several threads."""

    def __init__(self) -> None:
        self._root: dict[Any, Any] = {}

    def add(self, pattern: str, subscriber: Subscriber) -> None:
        """Subscribes; the same again changes nothing. InputError: it is no pattern."""
        node = self._root
        for level in levels_of(pattern, wild=True):
            node = node.setdefault(level, {})
        node.setdefault(_HERE, {})[subscriber] = None

    def remove(self, pattern: str, subscriber: Subscriber) -> None:
        """Takes a subscription back; one that is not there is none to take back."""
        path = [self._root]
        levels = levels_of(pattern, wild=True)
        for level in levels:
            if level not in path[-1]:
                return
            path.append(path[-1][level])
        path[-1].get(_HERE, {}).pop(subscriber, None)
        if not path[-1].get(_HERE, True):
            del path[-1][_HERE]
        for node, level in zip(reversed(path[:-1]), reversed(levels), strict=True):
            if not node[level]:
                del node[level]

    def matching(self, topic: str) -> list[Subscriber]:
        """The subscribers of a topic, each once. InputError: it is no topic."""
        found: dict[Subscriber, None] = {}
        nodes = [self._root]
        for level in levels_of(topic, wild=False):
            for node in nodes:
                found.update(node.get(REST, _EMPTY).get(_HERE, _EMPTY))
            nodes = [inner for node in nodes for inner in _below(node, level)]
        for node in nodes:
            found.update(node.get(_HERE, _EMPTY))
            found.update(node.get(REST, _EMPTY).get(_HERE, _EMPTY))
        return list(found)


def _below(node: dict[Any, Any], level: str) -> list[dict[Any, Any]]:
    if level == ONE:  # the connector's, left out
        return [inner for name, inner in node.items() if name not in (REST, _HERE)]
    return [node[name] for name in (level, ONE) if name in node]
