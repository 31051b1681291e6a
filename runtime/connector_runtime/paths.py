"""Paths: `data.message.id`, `errors[0].code`, `data[*].id`, `headers['x-id']`.

In: the text of a path, or its parts, and JSON data. Out: what is there, or ABSENT. A missing key, a list that is too
short, and anything below null are absent. `[*]` takes every item of a list (an object counts as a list of one).
Refused: text that is not a path (ValueError).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final


class _Absent:
    """The one value that means "there is nothing here", which is not null."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
EVERY: Final = "[*]"

Part = str | int
Read = Callable[[Any], Any]
"""Data → what is at one place in it, or ABSENT."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STEP = re.compile(rf"(?:\.|^)({_NAME})|\[(\d{{1,6}})\]|(\[\*\])|\[(?:'([^']*)'|\"([^\"]*)\")\]")


class Every(str):
    """The part `[*]`, told apart from a key that happens to be spelled so."""


def parse_path(text: str) -> tuple[Part, ...]:
    """The parts of a path: names are text, places in a list are numbers, `[*]` is an `Every`."""
    parts: list[Part] = []
    position = 0
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            raise ValueError(f"'{text}' is not a path such as data.items[0].id")
        name, index, every, single, double = step.groups()
        if index is not None:
            parts.append(int(index))
        elif every is not None:
            parts.append(Every(EVERY))
        else:
            parts.append(next(part for part in (name, single, double) if part is not None))
        position = step.end()
    if not parts:
        raise ValueError("an empty text is not a path")
    return tuple(parts)


def walk(parts: tuple[Part, ...], data: Any) -> Any:
    """What stands at `parts` in `data`, or ABSENT. A name is always a key, never an attribute or a method."""
    for number, part in enumerate(parts):
        if type(part) is str:
            if (type(data) is not dict and not isinstance(data, Mapping)) or part not in data:
                return ABSENT
            data = data[part]
        elif type(part) is int:
            if not isinstance(data, list) or part >= len(data):
                return ABSENT
            data = data[part]
        else:
            items = [data] if isinstance(data, Mapping) else data
            if not isinstance(items, list):
                return ABSENT
            rest = parts[number + 1 :]
            found = (walk(rest, item) for item in items) if rest else items
            return [item for item in found if item is not ABSENT]
    return data


def reader(parts: tuple[Part, ...]) -> Read:
    """`walk` along one path, made once: quicker where the path is of names only and the data of plain objects."""
    if not all(type(part) is str for part in parts):
        return partial(walk, parts)
    if len(parts) == 1:
        name = parts[0]
        return lambda data: data.get(name, ABSENT) if type(data) is dict else walk(parts, data)

    def read(data: Any) -> Any:
        found = data
        try:
            for part in parts:
                found = found[part]
        except (KeyError, TypeError):
            return walk(parts, data)
        return found

    return read


def reader_of(texts: str | list[str]) -> Read:
    """What reads a place, or the first of several places that is there and not null."""
    readers = [reader(parse_path(text)) for text in ([texts] if isinstance(texts, str) else texts)]
    if len(readers) == 1:
        return readers[0]
    return lambda data: next((it for read in readers if (it := read(data)) is not ABSENT and it is not None), ABSENT)


def nowhere(data: Any) -> Any:
    """Reads the place that nothing has."""
    return ABSENT


def children(data: Any) -> list[tuple[Part, Any]]:
    """What is directly inside an object or a list, each with its key or place; nothing is inside anything else."""
    if isinstance(data, dict):
        return list(data.items())
    return list(enumerate(data)) if isinstance(data, list) else []


def spell(parts: tuple[Part, ...]) -> str:
    """The text of a path, as people write it: `media[0].id`."""
    text = ""
    for part in parts:
        if isinstance(part, Every):
            text += EVERY
        elif isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(_NAME, part):
            text += f".{part}" if text else part
        else:
            text += f"['{part}']"
    return text
