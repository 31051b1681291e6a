"""Events: what a source saw, made into CloudEvents of all the triggers that it is for.

In: items (JSON data) of one source, and the triggers that name it. Out: `Event`s, each with an id that is the same
whenever and wherever the same thing is seen. An item's triggers are found by the values that their `when` fixes, so
that looking costs the same however many triggers there are. Refused, with a reason and without harm to other events:
an item without the facts that say what happened, and data that does not fit the trigger's output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final

from .model import Trigger, fixed
from .paths import ABSENT, Part, Read, spell, walk

LONGEST: Final = 1000
"""Characters of a fact that says which event it is."""
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode
Stamp = tuple[str, str | None, bool]
"""When it happened, what names its delivery, and whether that was signed."""
Paths = tuple[tuple[Part, ...], ...]


class Event(dict[str, Any]):
    """An event as a CloudEvents 1.0 object, ready for `json.dumps`: specversion, id (32 hexadecimal digits, the same for
    the same event), source (connector/connection), type (the topic), time (UTC; that of receipt where the service tells
    none), datacontenttype, data (fits the trigger's output). Each is an attribute too.

    Beside it, for whoever carries it on: `trigger` (its id), `facts`, `fetched` (what was read to complete it; None:
    nothing yet), `delivery` (what names the delivery it came with, if something does), `signed` (False: it came by a call
    that nobody signed). A `.copy()` is a plain dict.
    """

    __slots__ = ("delivery", "facts", "fetched", "signed", "trigger")
    trigger: str
    facts: dict[str, Any]
    fetched: dict[str, Any] | None
    delivery: str | None
    signed: bool

    def __getattr__(self, name: str) -> Any:
        """What the object has, as an attribute: `event.id`, `event.type`, `event.data`."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"an event has no {name}") from None


@dataclass(frozen=True)
class Dispatch:
    """The triggers of a source, by the values that their `when` fixes: for each set of paths what reads them, and
    values → triggers. `source` is the name that the triggers know it by."""

    source: str
    tables: Mapping[Paths, tuple[list[Read], dict[tuple[Any, ...], list[Trigger]]]]

    def find(self, item: Any) -> list[Trigger]:
        """The triggers that an item is for."""
        found: list[Trigger] = []
        for readers, triggers in self.tables.values():
            values = [it if type(it := read(item)) is str else fixed(it) for read in readers]
            found += triggers.get(tuple(values), ())
        return found

    def describe(self, item: Any) -> str:
        """What an item says of itself at the places that triggers look at."""
        paths = dict.fromkeys(path for paths in self.tables for path in paths)
        said = [f"{spell(path)} {_ENCODE(it)[:80]}" for path in paths if fixed(it := walk(path, item)) is not None]
        return ", ".join(said[:5]) or "nothing at the places that triggers look at"


def dispatch_of(triggers: Iterable[Trigger], source: str) -> Dispatch:
    """The triggers that name a source, ready to be found."""
    tables: dict[Paths, tuple[list[Read], dict[tuple[Any, ...], list[Trigger]]]] = {}
    for trigger in triggers:
        if source in trigger.sources:
            paths, readers, values = zip(
                *sorted(trigger.sources[source].when.tests, key=lambda it: repr(it[0])), strict=True
            )
            _, table = tables.setdefault(paths, (list(readers), {}))
            for each in product(*values):
                table.setdefault(each, []).append(trigger)
    return Dispatch(source, tables)


@dataclass(frozen=True)
class Listener:
    """Makes the events of one connection. `misfits`: trigger → what says what is wrong with its data, in words."""

    connector: str
    connection: str
    misfits: Mapping[str, Callable[[Any], str]]

    def hear(self, dispatch: Dispatch, item: Any, stamp: Stamp) -> list[Event | str]:
        """An item's events; for a trigger that it is for, but that nothing can be made of, the reason."""
        return [
            self.event(trigger, facts_of(trigger.sources[dispatch.source].facts, item), None, stamp)
            for trigger in dispatch.find(item)
        ]

    def complete(self, trigger: Trigger, event: Event, fetched: dict[str, Any]) -> Event | str:
        """The event with what was fetched and the facts out of that, or why there can be none."""
        facts = {**event.facts, **facts_fetched(trigger, fetched)}
        return self.event(trigger, facts, fetched, (event["time"], event.delivery, event.signed))

    def event(
        self, trigger: Trigger, facts: dict[str, Any], fetched: dict[str, Any] | None, stamp: Stamp
    ) -> Event | str:
        """The event of a trigger with these facts, or why there can be none."""
        time, delivery, signed = stamp
        said = []
        for name in trigger.same_event:
            value = facts.get(name)
            if type(value) is str and value.strip() and len(value) <= LONGEST and "\ufffd" not in value:
                said.append(_quoted(value))
            elif type(value) is not str and value is not None and fixed(value) is not None:
                said.append(_ENCODE(value))
            elif any(name in it.facts for it in trigger.fetch.values()):
                said.append("null")  # not read yet, or not there
            else:
                return f"{name} is {'missing' if value is None else 'no usable text or number'}"
        try:
            work = trigger.unfetched if fetched is None else trigger.returns.evaluate
            data = work({"facts": facts, "fetched": fetched or {}})
        except ValueError as error:
            return str(error)
        digest = _digest(self.connector, self.connection, trigger.topic, trigger.same_event).copy()
        digest.update(",".join(said).encode())
        id_ = digest.hexdigest()[:32]
        if not isinstance(data, dict):
            return "what it returns is no object"
        data = {**data, "eventId": id_}
        if wrong := self.misfits[trigger.id](data):
            return wrong
        event = Event(
            {
                "specversion": "1.0",
                "id": id_,
                "source": f"{self.connector}/{self.connection}",
                "type": trigger.topic,
                "time": time,
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        event.trigger, event.facts, event.fetched = trigger.id, facts, fetched
        event.delivery, event.signed = delivery, signed
        return event


def facts_of(places: Mapping[str, Read], data: Any) -> dict[str, Any]:
    """The facts at their places in data; one that is nowhere, or null, is left out."""
    facts = {}
    for name, read in places.items():
        found = read(data)
        if found is not ABSENT and found is not None:
            facts[name] = found
    return facts


def facts_fetched(trigger: Trigger, fetched: Mapping[str, Any]) -> dict[str, Any]:
    """The facts out of what was fetched."""
    found: dict[str, Any] = {}
    for name, it in trigger.fetch.items():
        found |= facts_of(it.facts, fetched.get(name))
    return found


@lru_cache(maxsize=10_000)
def _digest(connector: str, connection: str, topic: str, names: tuple[str, ...]) -> Any:
    return sha256(_ENCODE([connector, connection, topic, *names]).encode())
