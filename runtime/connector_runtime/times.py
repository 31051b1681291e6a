"""Times and durations: RFC 3339 texts, local times with an IANA time zone, `30s 5m 48h 28d`.

In: texts, and what services write as a time. Out: UTC texts that end in Z, of whole seconds unless said otherwise (so
that comparing two as texts compares the times), dates, seconds. Refused, with a sentence (ValueError): what is no time, a local time without a zone, a local time that the
clocks skip, and one that they show twice.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)? ?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_DURATION = re.compile(r"(-?)([1-9][0-9]{0,8})([smhd])", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_time(text: str) -> datetime:
    """A time of whole seconds; without an offset in the text it has no `tzinfo`. ValueError: it is no such time."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a date and time such as 2026-05-01T09:00:00Z")
    *numbers, offset = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    try:
        moment = datetime(year, month, day, hour, minute, 59 if second == 60 else second)  # 60: a leap second
        if offset is None:
            return moment
        if offset in "Zz":
            return moment.replace(tzinfo=UTC)
        return datetime.fromisoformat(f"{moment.isoformat()}{offset}")
    except ValueError:
        raise ValueError(f"'{text}' is not a date and time that exists") from None


def moment_of(value: Any) -> datetime | None:
    """The moment that a service writes as a time with its offset, or as seconds or milliseconds since 1970; parts of a
    second are kept. None: it is no such thing."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo and len(value) > len("2026-01-01T00:00") else None
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 20:
        return None
    number = float(value)
    try:  # seconds pass 1e11 in the year 5138; milliseconds passed it in 1973
        return _EPOCH + timedelta(seconds=number / 1000 if number > 1e11 else number)
    except (OverflowError, ValueError):
        return None


def parse_zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. ValueError: there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{name}' is not a time zone such as Europe/Berlin") from None


def utc_text(moment: datetime, timespec: str = "seconds") -> str:
    """A time as `2026-05-01T07:00:00Z`, or with `milliseconds` as `2026-05-01T07:00:00.250Z`."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.isoformat(timespec=timespec)[: -len("+00:00")] + "Z"


def to_utc(text: str, zone: str | None) -> str:
    """A time text as UTC text; one without an offset is read on the clocks of `zone`."""
    moment = parse_time(text)
    if moment.tzinfo is None:
        if not zone:
            raise ValueError(f"'{text}' has no offset; write it with one (or Z), or say the time zone")
        moment = _on_the_clocks_of(parse_zone(zone), moment, text)
    try:
        return utc_text(moment)
    except OverflowError:
        raise ValueError(f"'{text}' is not a date and time that exists") from None


def _on_the_clocks_of(zone: ZoneInfo, local: datetime, text: str) -> datetime:
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(f"'{text}' does not exist in {zone.key}: the clocks skip it; give another time")
    choices = " or ".join(f"{moment.isoformat()}" for moment in (first, second))
    raise ValueError(f"'{text}' happens twice in {zone.key}: say which with its offset, {choices}")


def parse_duration(text: str) -> timedelta:
    """`30s`, `5m`, `48h`, `28d`, or the same with a minus. ValueError: it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a duration such as 30s, 5m, 48h or 28d")
    sign, number, unit = match.groups()
    try:
        return timedelta(seconds=int(f"{sign}{number}") * _SECONDS[unit])
    except OverflowError:
        raise ValueError(f"'{text}' is longer than any calendar") from None


def plus(text: str, duration: str) -> str:
    """A time moved by a duration, as UTC text."""
    try:
        return utc_text(parse_time(to_utc(text, None)) + parse_duration(duration))
    except OverflowError:
        raise ValueError(f"'{text}' plus '{duration}' is outside the calendar") from None
