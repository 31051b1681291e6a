"""What data can look like: JSON Schemas, and shapes made of examples, asked what stands at a path.

In: a schema (declared, or made by `shape_of` of values that were seen) and a path. Out: the schema of what stands there,
`{}` where nobody knows, or a `Missing` that says which part of the path cannot be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .enforced import kinds_of
from .paths import Every, Part
from .schemas import kind_of

Shape = Mapping[str, Any]
ANY: Shape = {}
SEEN = "x-seen"
"""Marks a shape that was made of examples, and holds the plain values that were seen."""


@dataclass(frozen=True)
class Missing:
    """A path that cannot be: the place of the part that is not there, what could stand there, and whether that is known
    from examples only. `kind`: what is there instead of something with parts, empty where it has parts."""

    at: int
    known: tuple[str, ...]
    seen: bool
    kind: str = ""


def shape_of(values: Iterable[Any]) -> Shape:
    """The shape that all the values have."""
    kinds: dict[str, None] = {}
    fields: dict[str, list[Any]] = {}
    items: list[Any] = []
    plain: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            kinds["object"] = None
            for key, inner in value.items():
                fields.setdefault(key, []).append(inner)
        elif isinstance(value, list):
            kinds["array"] = None
            items += value
        else:
            kinds[kind_of(value)] = None
            plain.append(value)
    shape: dict[str, Any] = {"type": [*kinds], SEEN: plain}
    if "object" in kinds:
        shape["properties"] = {key: shape_of(inner) for key, inner in fields.items()}
    if items:
        shape["items"] = shape_of(items)
    return shape


def any_of(shapes: Iterable[Shape]) -> Shape:
    """The shape of what may have any of several; of nothing, nobody knows."""
    several = list(shapes)
    return several[0] if len(several) == 1 else {"anyOf": several} if several and all(several) else ANY


def branches(shape: Shape) -> Iterator[Shape]:
    """The alternatives of a shape, or itself."""
    if shape.get("anyOf"):
        for each in shape["anyOf"]:
            yield from branches(each)
    else:
        yield shape


def kinds(shape: Shape) -> frozenset[str] | None:
    """The types that what has this shape can have; None where nobody knows."""
    found: set[str] = set()
    for branch in branches(shape):
        if "const" in branch or "enum" in branch:
            values = branch.get("enum", [branch.get("const")])
            found |= {shape_of([value])["type"][0] for value in values}
        elif not (own := kinds_of(branch)):
            if "properties" not in branch:
                return None
            found.add("object")
        else:
            found |= {*own}
    return frozenset(found)


def follow(shape: Shape, path: tuple[Part, ...], start: int = 0) -> Shape | Missing:
    """What stands at a path, from its part `start` on."""
    for number in range(start, len(path)):
        part = path[number]
        if isinstance(part, Every):
            items = [found for branch in branches(shape) if (found := _items(branch)) is not None]
            if not items:
                return _missing(shape, number)
            inner = follow(any_of(items), path, number + 1)
            return inner if isinstance(inner, Missing) else {"type": "array", "items": inner}
        steps = [step for branch in branches(shape) if (step := _step(branch, part)) is not None]
        if not steps:
            return _missing(shape, number)
        shape = any_of(steps)
    return shape


def _items(branch: Shape) -> Shape | None:
    """What `[*]` takes of it: the items of a list; an object counts as a list of one."""
    own = kinds_of(branch)
    if not own and "properties" not in branch:
        return ANY
    if "array" in own:
        inner: Shape = branch.get("items", ANY)
        return any_of([inner, {**branch, "type": ["object"]}]) if "object" in own else inner
    return branch if "object" in own or "properties" in branch else None


def _step(branch: Shape, part: Part) -> Shape | None:
    own = kinds_of(branch)
    if not own and "properties" not in branch:
        return ANY
    if isinstance(part, int):
        return branch.get("items", ANY) if "array" in own else None
    if "object" not in own and "properties" not in branch:
        return None
    fields = branch.get("properties")
    if fields is not None and part in fields:
        return fields[part]  # type: ignore[no-any-return]
    others = branch.get("additionalProperties")
    if isinstance(others, Mapping):
        return others
    return ANY if fields is None or (others is True) else None


def _missing(shape: Shape, at: int) -> Missing:
    known: dict[str, None] = {}
    for branch in branches(shape):
        known |= dict.fromkeys(branch.get("properties", {}))
    own = kinds(shape) or frozenset()
    without = (
        "" if known or own & {"object"} else "array" if "array" in own else next(iter(sorted(own - {"null"})), "null")
    )
    return Missing(at, tuple(known), any(SEEN in branch for branch in branches(shape)), without)
