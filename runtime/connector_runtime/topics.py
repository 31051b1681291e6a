"""Topics: `connector/resource/event`, the patterns that match them, and many subscriptions at once.

In: topics and patterns as texts. A pattern is a topic in which a level may be `+` (any one) and the last may be `#` (it
and all that follow, also none), as in MQTT. Of two levels without a `#`, the connector's is left out and not compared.
Out: whether a pattern fits; what is subscribed to a topic. Refused: texts that are no topic or no pattern (InputError).
"""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

from .errors import InputError, InputProblem

ONE: Final = "+"
REST: Final = "#"
_HERE: Final = object()
_EMPTY: Final[dict[Any, Any]] = {}

Subscriber = TypeVar("Subscriber")


def match_topic(pattern: str, topic: str) -> bool:
    """Whether a topic fits a pattern. InputError: one of them is none."""
    wanted, levels = _levels(pattern, wild=True), _levels(topic, wild=False)
    for number, level in enumerate(wanted):
        if level == REST:
            return True
        if number >= len(levels) or not _fits(level, levels[number]):
            return False
    return len(wanted) == len(levels)


def _fits(wanted: str, level: str) -> bool:
    return wanted in (ONE, level) or level == ONE


def _levels(text: str, *, wild: bool) -> list[str]:
    """The levels of a topic or, with wildcards, of a pattern. Two stand for any connector's."""
    levels = text.split("/")
    for number, level in enumerate(levels):
        last = number == len(levels) - 1
        if not level or (level not in (ONE, REST) and (ONE in level or REST in level)):
            raise _refused(text, "each level between two / is a name, or + alone", wild)
        if level == REST and not last:
            raise _refused(text, "# can only be the last level", wild)
        if not wild and level in (ONE, REST):
            raise _refused(text, "it has a wildcard in it", wild)
    return [ONE, *levels] if len(levels) == 2 and levels[1] != REST else levels


def _refused(text: str, why: str, wild: bool) -> InputError:
    what = "pattern such as shop/orders/+ or shop/#" if wild else "topic such as shop/orders/orders.created"
    return InputError([InputProblem("topic", f"'{text}' is not a {what}: {why}.")])


class Subscriptions(Generic[Subscriber]):
    """Who is subscribed to what, as a tree of levels: finding the subscribers of a topic costs as much as there are
    levels and finds, however many subscriptions there are. Not safe to change from several threads."""

    def __init__(self) -> None:
        self._root: dict[Any, Any] = {}

    def add(self, pattern: str, subscriber: Subscriber) -> None:
        """Subscribes; the same again changes nothing. InputError: it is no pattern."""
        node = self._root
        for level in _levels(pattern, wild=True):
            node = node.setdefault(level, {})
        node.setdefault(_HERE, {})[subscriber] = None

    def remove(self, pattern: str, subscriber: Subscriber) -> None:
        """Takes a subscription back; one that is not there is none to take back."""
        path = [self._root]
        levels = _levels(pattern, wild=True)
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
        for level in _levels(topic, wild=False):
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
