"""How values are written in YAML, so that they are read back as they were.

In: a value (JSON data), and where it is to stand: within brackets (`flow`) or not. Out: the lines or the text for it, in
quotes only where it needs them; whether a text is read as a value (`reads_as`), and whether two are the `same`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import yaml

from .document import parse_document
from .errors import ManifestError

WIDTH = 120
"""Where something new is longer, a line for each of its parts begins."""

_ESCAPED = re.compile(
    r"[^ -~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2060-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\u1680"
)
"""Characters that YAML does not take as they are, or that nobody sees."""
_RESOLVER: Any = yaml.resolver.Resolver()


def entry_lines(name: str, value: Any, flow: bool, column: int) -> list[str]:
    """The lines of `key: value` or `- item`, those below the first one indented from there."""
    line = f"{name} {in_line(value, flow)}".strip()
    if flow or not isinstance(value, dict | list) or not value or column + len(line) <= WIDTH:
        return [line]
    inner = block_lines(value, column + 2)
    if name == "-":
        return [f"- {inner[0]}", *(f"  {each}" for each in inner[1:])]
    return [name, *(f"  {each}" for each in inner)]


def block_lines(value: dict[str, Any] | list[Any], column: int) -> list[str]:
    """The lines of a mapping or a list without brackets."""
    if isinstance(value, list):
        return [line for item in value for line in entry_lines("-", item, False, column)]
    return [
        line
        for key, it in value.items()
        for line in entry_lines(as_text(key, False, key=True) + ":", it, False, column)
    ]


def in_line(value: Any, flow: bool, style: str = "") -> str:
    """A value in one line."""
    if isinstance(value, str):
        return as_text(value, flow, style)
    return in_brackets(value)


def in_brackets(value: Any) -> str:
    """A value in one line, as it is written within brackets."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_text(key, True, key=True)}: {in_brackets(it)}" for key, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_brackets, value)) + "]"
    return as_text(value, True) if isinstance(value, str) else json.dumps(value)


def as_text(text: str, flow: bool, style: str = "", *, key: bool = False) -> str:
    """A text in the quotes it had, or in none where it needs none."""
    if style == "'" and not _ESCAPED.search(text):
        return "'" + text.replace("'", "''") + "'"
    if style != '"' and _is_plain(str(text), flow, key):
        return str(text)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


@cache
def _is_plain(text: str, flow: bool, key: bool) -> bool:
    """Whether a text may stand without quotes: nobody takes it for anything else, and it is read as it was."""
    if not text or text.strip() != text or "{{" in text or _ESCAPED.search(text):
        return False
    if _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str":
        return False
    flat = f"{text}: {text}"
    tried = (f"[{text}, {{{flat}}}]" if flow else f"- {text}\n- {flat}") if not key else f"{{{flat}}}" if flow else flat
    wanted: Any = {text: text} if key else [text, {text: text}]
    return reads_as(tried, wanted)


def reads_as(text: str, data: Any, file: str = "") -> bool:
    """Whether a text is YAML for exactly this data."""
    try:
        return same(parse_document(text, file).data, data)
    except (ManifestError, ValueError):  # ValueError: half a character
        return False


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: `1`, `1.0` and `true` are three, and text that looks like a number is not text."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
