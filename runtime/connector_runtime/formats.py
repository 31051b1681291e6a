"""The formats of text that the dialect knows, each a check of ours.

In: any value (what is not text passes, as JSON Schema has it). Out: whether it is one. Both validators of `schemas` use
these same functions: plain jsonschema takes any text for a date-time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from .times import parse_time, parse_zone

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[^\s@<>(),;:\"\[\]\\]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_date_time(value: Any) -> bool:
    """RFC 3339, with an offset or Z."""
    try:
        return not isinstance(value, str) or parse_time(value).tzinfo is not None
    except ValueError:
        return False


def is_local_date_time(value: Any) -> bool:
    """RFC 3339, but the offset may be missing."""
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
    "email": (is_email, "an e-mail address, such as jo@example.com"),
}
"""Format → its check, and its words."""
