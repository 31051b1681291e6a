"""What an expression gives, before it is carried out, and what in it can never be right.

In: the text of an expression and the shapes of the names it may read. Out: the shape of its value (`{}` where nobody
knows) and complaints: a filter put on something that it does not take, a comparison that is always false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .expressions import PLAIN, path_of, tree_of
from .paths import parse_path, spell
from .schemas import TYPES, show
from .shapes import ANY, Missing, Shape, any_of, branches, follow, kinds
from .words import close_like

Names = Mapping[str, Shape]
_TEXT: Shape = {"type": "string"}
_TRUTH: Shape = {"type": "boolean"}
_EMPTY = frozenset({"null"})


@dataclass(frozen=True)
class Complaint:
    """Something in an expression that can never be right; `word` is what is meant, `instead` what was probably meant."""

    message: str
    hint: str = ""
    word: str = ""
    instead: str | None = None


def infer(text: str, names: Names) -> tuple[Shape, list[Complaint]]:
    """The shape of what a valid expression gives, and the complaints."""
    complaints: list[Complaint] = []
    if PLAIN.fullmatch(text.strip()) and text.strip() not in ("true", "false", "null"):
        return _read(names, parse_path(text.strip())), complaints
    return _infer(tree_of(text.strip()), names, complaints), complaints


def words(shape: Shape) -> str:
    """The types of a shape in words; null aside."""
    found = kinds(shape) or frozenset()
    return " or ".join(TYPES[kind] for kind in TYPES if kind in found - _EMPTY) or "null"


def never(shape: Shape, wanted: frozenset[str]) -> bool:
    """Whether what has a shape is certainly none of the wanted types; null is always let through."""
    found = kinds(shape)
    return found is not None and not (found - _EMPTY) & _wide(wanted) and bool(found - _EMPTY)


def _wide(wanted: frozenset[str]) -> frozenset[str]:
    return wanted | {"integer", "number"} if wanted & {"number", "integer"} else wanted


def _read(names: Names, path: Any) -> Shape:
    found = follow(names.get(str(path[0]), ANY), path[1:])
    return ANY if isinstance(found, Missing) else found


def _infer(node: Any, names: Names, complaints: list[Complaint]) -> Shape:
    kind = type(node).__name__
    if kind in ("Name", "Getattr", "Getitem"):
        return _read(names, path_of(node))
    if kind == "Const":
        return {"const": node.value}
    if kind == "Neg":
        return {"type": ["integer", "number"]}
    if kind == "List":
        return {"type": "array", "items": any_of(_infer(item, names, complaints) for item in node.items)}
    if kind == "Not":
        _infer(node.node, names, complaints)
        return _TRUTH
    if kind in ("And", "Or"):
        return any_of([_infer(node.left, names, complaints), _infer(node.right, names, complaints)])
    if kind == "CondExpr":
        _infer(node.test, names, complaints)
        several = [_infer(each, names, complaints) for each in (node.expr1, node.expr2) if each is not None]
        return any_of(several)
    if kind == "Compare":
        operand = node.ops[0]
        sides = [_infer(node.expr, names, complaints), _infer(operand.expr, names, complaints)]
        _compare(operand.op, (node.expr, operand.expr), sides, complaints)
        return _TRUTH
    value = _infer(node.node, names, complaints)
    arguments = [_infer(each, names, complaints) for each in node.args]
    wanted, result = _FILTERS[node.name]
    if wanted and never(value, wanted):
        taken = " or ".join(TYPES[kind] for kind in TYPES if kind in wanted)
        complaints.append(
            Complaint(f"{node.name} takes {taken}, and {_said(node.node)} is {words(value)}", word=node.name)
        )
    return result(value, arguments)


def _compare(op: str, nodes: tuple[Any, Any], sides: list[Shape], complaints: list[Complaint]) -> None:
    left, right = sides
    if op in ("in", "notin"):
        if never(right, frozenset({"array", "string"})):
            said = _said(nodes[1])
            complaints.append(Complaint(f"in looks into a list or a text, and {said} is {words(right)}"))
        items = follow(right, (0,))
        right = items if kinds(right) == frozenset({"array"}) and not isinstance(items, Missing) else ANY
    if op not in ("in", "notin", "eq", "ne"):
        return
    for one, other in ((left, right), (right, left)):
        for literal in _literals(other):
            known = [value for branch in branches(one) for value in branch.get("enum", ())]
            if known and all("enum" in branch for branch in branches(one)) and literal not in known:
                near = close_like(str(literal), [str(value) for value in known])
                there = f"did you mean '{near}'?" if near else f"it can be {', '.join(show(value) for value in known)}"
                complaints.append(Complaint(f"it is never {show(literal)}", there, str(literal), near))
                return
    both = [kinds(left), kinds(right)]
    if both[0] and both[1] and not _EMPTY & (both[0] | both[1]) and never(left, both[1]) and never(right, both[0]):
        said = " and ".join(f"{_said(node)} is {words(side)}" for node, side in zip(nodes, (left, right), strict=True))
        complaints.append(Complaint(f"{said}: they are never the same"))


def _literals(shape: Shape) -> list[Any]:
    """The constants that a shape consists of; none where it may be something else."""
    found = [*branches(shape)]
    return [branch["const"] for branch in found] if all("const" in branch for branch in found) else []


def _said(node: Any) -> str:
    kind = type(node).__name__
    if kind in ("Name", "Getattr", "Getitem"):
        return f"'{spell(path_of(node))}'"
    return show(node.value) if kind == "Const" else "what stands there"


def _first(value: Shape, _: list[Shape]) -> Shape:
    several = []
    for branch in branches(value):
        own = kinds(branch)
        if own is None:
            return ANY
        if "array" in own:
            several.append(branch.get("items", ANY))
        if rest := own - {"array"}:
            several.append({**branch, "type": [*rest]})
    return any_of(several)


def _default(value: Shape, arguments: list[Shape]) -> Shape:
    return any_of([value, *arguments])


def _always(shape: Shape) -> Callable[[Shape, list[Shape]], Shape]:
    return lambda value, arguments: shape


_TEXTS = frozenset({"string"})
_LISTS = frozenset({"array"})
_FILTERS: dict[str, tuple[frozenset[str], Callable[[Shape, list[Shape]], Shape]]] = {
    "utc": (_TEXTS, _always(_TEXT)),
    "plus": (_TEXTS, _always(_TEXT)),
    "date": (_TEXTS, _always(_TEXT)),
    "join": (_LISTS | _TEXTS, _always(_TEXT)),
    "first": (frozenset(), _first),
    "default": (frozenset(), _default),
    "length": (_LISTS | _TEXTS | {"object"}, _always({"type": "integer"})),
    "common": (_LISTS, lambda value, arguments: value if kinds(value) == frozenset({"array"}) else {"type": "array"}),
}
"""Filter → the types that it takes (none: any), and what it gives."""
