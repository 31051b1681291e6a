"""Webhooks received: a call of the service, verified and split into events.

In: a webhook source, the headers and the body as they came. Out: `Received`: the events, and beside them whatever made
none, each with its reason. One odd item does no harm to its neighbours. Refused as a whole: a call that is not from who
it says (SignatureError), and a body that is too large, nested too deep or no JSON (InputError).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Any, Final

from .errors import InputError, InputProblem
from .events import Dispatch, Event, Listener
from .messages import parse_json
from .model import Webhook
from .paths import ABSENT, Every, Part, walk
from .signatures import Pairs, ensure_recent, verify
from .times import moment_of, utc_text

Headers = Mapping[str, str] | Message | Iterable[Sequence[str | bytes]]
"""A mapping, the headers of `http.server`, or pairs of name and value."""
LARGEST: Final = 2_000_000
"""Bytes of a body. A batch of several hundred events is a twentieth of it."""
MOST: Final = 10_000
"""Items in a body."""


@dataclass(frozen=True)
class Left:
    """An item that made no event: its number in the body, from 0, why, and the item itself."""

    item: int
    reason: str
    data: Any = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"item {self.item}: {self.reason}"


class Received(list[Event]):
    """The events of a call. `unknown`: items of kinds that no trigger is for. `malformed`: items that a trigger is for,
    but that lack what it needs. `ignored`: how many were declared to be no events. `repeated`: how many came twice."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: list[Left] = []
        self.malformed: list[Left] = []
        self.ignored = 0
        self.repeated = 0


def receive(
    spec: Webhook,
    dispatch: Dispatch,
    listener: Listener,
    headers: Headers,
    body: bytes,
    secrets: Sequence[str],
    settings: Mapping[str, Any],
    now: datetime,
) -> Received:
    """The events of a call; see the top of this module."""
    if len(body) > LARGEST:
        raise InputError([InputProblem("body", f"is larger than {LARGEST // 1_000_000} MB.")])
    if spec.verify:
        verify(spec.verify, pairs_of(headers), body, secrets, settings, now)
    try:
        data = parse_json(body)
    except ValueError as error:
        raise InputError([InputProblem("body", f"is not JSON that can be read: {error}.")]) from None
    items = _items(spec.items, data)
    if len(items) > MOST:
        raise InputError([InputProblem("body", f"holds {len(items)} events, and {MOST} are the most.")])
    stamp = spec.verify.timestamp if spec.verify else None
    for item in items if stamp and not stamp.header else ():
        if stamp and (stamp.when is None or stamp.when.fits(item)):
            ensure_recent(stamp, stamp.path(item), now)
    received = Received()
    seen: set[str] = set()
    receipt = utc_text(now, "milliseconds")
    for number, item in enumerate(items):
        if type(item) is not dict:
            why = "nothing stands where it should be" if item is ABSENT else "it is no object"
            received.malformed.append(Left(number, why, None if item is ABSENT else item))
            continue
        if spec.ignore and spec.ignore.fits(item):
            received.ignored += 1
            continue
        named = spec.delivery(item)
        delivery = named if type(named) is str else str(named) if type(named) is int else None
        known = (_time_text(spec.time(item)) or receipt, delivery, spec.verify is not None)
        made = listener.hear(dispatch, item, known)
        for each in made:
            if isinstance(each, str):
                received.malformed.append(Left(number, each, item))
            elif each["id"] in seen:
                received.repeated += 1
            else:
                seen.add(each["id"])
                received.append(each)
        if not made:
            received.unknown.append(Left(number, dispatch.describe(item), item))
    return received


def _items(path: tuple[Part, ...], data: Any) -> list[Any]:
    """The items of a body, in order; ABSENT for one that is not where it should be."""
    every = max((number for number, part in enumerate(path, 1) if isinstance(part, Every)), default=len(path))
    found = walk(path[:every], data)
    if not path or not isinstance(found, list):
        return [found]
    return [walk(path[every:], entry) for entry in found]


def pairs_of(headers: Headers) -> Pairs:
    """Headers as pairs of texts, the names in small letters. InputError: they are no such thing."""
    try:
        pairs = headers.items() if isinstance(headers, Mapping | Message) else headers
        return [(_text(name).lower(), _text(value).strip()) for name, value in pairs]
    except (AttributeError, TypeError, ValueError):
        problem = InputProblem("headers", "must be names with a text each, as a mapping or as pairs.")
        raise InputError([problem]) from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value.decode("latin-1"))


_USUAL: Final = ("-", "T", ".", "Z")  # 2026-05-02T07:00:03.250Z


def _time_text(value: Any) -> str | None:
    """A time as the service writes it, in UTC with milliseconds."""
    if type(value) is str and len(value) == 24 and (value[7], value[10], value[19], value[23]) == _USUAL:
        try:
            datetime.fromisoformat(value)
            return value
        except ValueError:
            return None
    moment = moment_of(value)
    try:
        return utc_text(moment, "milliseconds") if moment else None
    except OverflowError:  # a time before all calendars, once it is moved to UTC
        return None
