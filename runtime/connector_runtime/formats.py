"""The formats of text that the dialect knows, each a check of ours.

In: any value (what is not text passes, as JSON Schema has it). Out: whether it is one. Both validators of `schemas` use
these same functions: plain jsonschema takes any text for a date-time. Patterns are here too, since JSON Schema and
Python read them differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from .times import parse_time, parse_zone

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[^\s@<>(),;:\"\[\]\\]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
_FULL = re.compile(r":\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_date_time(value: Any) -> bool:
    """RFC 3339's date-time: with seconds, and with an offset or Z."""
    return not isinstance(value, str) or bool(_FULL.search(value) and is_local_date_time(value))


def is_local_date_time(value: Any) -> bool:
    """The same, but the seconds and the offset may be missing."""
    try:
        return not isinstance(value, str) or bool(parse_time(value))
    except ValueError:
        return False


def is_date(value: Any) -> bool:
    """RFC 3339's full-date."""
    if not isinstance(value, str):
        return True
    try:
        return bool(_DATE.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False


def is_time_zone(value: Any) -> bool:
    """A name of the IANA time zone database."""
    try:
        return not isinstance(value, str) or bool(parse_zone(value))
    except ValueError:
        return False


def is_uri(value: Any) -> bool:
    """RFC 3986 as far as people need it: a scheme, and a host or a rest; no spaces, no control characters."""
    if not isinstance(value, str):
        return True
    if not value.isascii() or re.search(r"[\s\x00-\x20\x7f<>\"{}|\\^`]", value):
        return False
    try:
        parts = urlsplit(value)
        return bool(
            re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", parts.scheme) and (parts.hostname or parts.path or "") != ""
        )
    except ValueError:
        return False


def is_email(value: Any) -> bool:
    """One address, local part and domain with a dot, ASCII in the domain."""
    return not isinstance(value, str) or bool(_EMAIL.fullmatch(value))


FORMATS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "date-time": (is_date_time, "a date and time with its offset, such as 2026-05-01T09:00:00Z"),
    "local-date-time": (is_local_date_time, "a date and time, such as 2026-05-01T09:00"),
    "date": (is_date, "a date, such as 2026-05-01"),
    "time-zone": (is_time_zone, "a time zone, such as Europe/Berlin"),
    "uri": (is_uri, "an address, such as https://example.com/page"),
    "file": (lambda value: True, "the path of a file"),
    "email": (is_email, "an e-mail address, such as jo@example.com"),
}
"""Format → its check, and its words."""

_SPACES = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SPECIAL = re.compile(r"\\.|\$|\[\^?(?:\\.|[^\]\\])*\]", re.DOTALL)


def fits_pattern(pattern: str, text: str) -> bool:
    """Whether a text holds a match, by the rules of JSON Schema (ECMA-262) rather than Python's. What is no pattern
    refuses nothing: the check says what is wrong with it."""
    try:
        return compiled(pattern).search(text) is not None
    except (re.error, OverflowError, RecursionError, ValueError):
        return True


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """`$` is the very end, not before a last line break; `\\d` and `\\w` are ASCII, `\\s` is not."""
    special = {"$": r"\Z", r"\s": f"[{_SPACES}]", r"\S": f"[^{_SPACES}]"}

    def translate(match: re.Match[str]) -> str:
        found = match[0]
        return found.replace(r"\s", _SPACES) if found[0] == "[" else special.get(found, found)

    return re.compile(_SPECIAL.sub(translate, pattern), re.ASCII)
