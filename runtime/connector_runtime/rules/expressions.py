"""Rules for expressions and paths: they are of the language, name what exists, and give what is wanted.

In: a `View` of one document. Out: findings, one for one cause: what cannot be parsed is not looked at further, and what
does not exist has no type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..dialect import computed_places
from ..document import Document, Place
from ..expressions import Computed, Path, expressions_in
from ..inference import infer, never, words
from ..model import Manifest, Operation
from ..paths import spell, walk
from ..schemas import TYPES, kind_of, secrets_of, show
from ..shapes import ANY, SEEN, Missing, Shape, branches, follow, kinds, shape_of
from ..words import is_slip
from . import Finding, rule, unknown
from .views import Text, View

_SCALARS = frozenset({"string", "number", "integer", "boolean"})


@rule(
    "expression",
    "Expressions are of the language.",
    why="Whatever is not in the language cannot be carried out.",
    bad="text: '{{ input.text | upper }}'",
    good="text: '{{ input.text }}'",
)
def expression(view: View) -> Iterator[Finding]:
    """Texts that cannot be parsed."""
    for it in view.texts:
        if it.error:
            message, _, hint = it.error.partition("; ")
            yield Finding(view.document, it.place, message, hint)


@rule(
    "expression-name",
    "Expressions read names that exist in their place.",
    why="A name that does not exist there is always absent.",
    bad="text: '{{ inputs.text }}'",
    good="text: '{{ input.text }}'",
)
def expression_name(view: View) -> Iterator[Finding]:
    """Names that are not known where they stand."""
    for it in view.texts:
        for path, missing in it.unknown:
            name = str(path[0])
            secret = any(_is_secret(view.manifest, read) for read in Computed(it.text).reads if read[0] == name)
            if missing is None and not secret:
                there = f"there are {', '.join(sorted(it.names))}"
                yield unknown(view.document, it.place, name, it.names, f"there is no '{name}' here", there)


_DECLARED = {
    "input": ("input", "the inputs are declared under `input`"),
    "facts": ("fact", "facts are declared in each source, and beside a query of `fetch`"),
    "fetched": ("read", "reads are declared under `fetch`"),
    "connection": ("setting", "settings are declared in connector.yaml"),
}


@rule(
    "unknown-path",
    "Every path leads to something that is declared, or that an example shows.",
    why="A misspelled path is always absent: the field stays empty and nobody notices.",
    bad="when: {data.stat: SENT}",
    good="when: {data.state: SENT}",
)
def unknown_path(view: View) -> Iterator[Finding]:
    """Paths that lead nowhere."""
    for it in view.texts:
        for path, missing in it.unknown:
            if missing is not None and not _is_secret(view.manifest, path):  # another rule says that
                yield _no_way(view.document, it.place, False, path, missing)
        for path in Computed(it.text).reads if not it.error else ():
            if path[:2] == ("response", "headers") and len(path) > 2 and str(path[2]) != str(path[2]).lower():
                message = f"'{path[2]}': the names of headers are in small letters here"
                yield Finding(view.document, it.place, message, f"write '{str(path[2]).lower()}'", word=str(path[2]))
    for each in view.paths:
        if isinstance(found := follow(each.shape, each.path), Missing):
            yield _no_way(view.document, each.place, each.key, each.path, found, each.whole)


def _is_secret(manifest: Manifest | None, path: Path) -> bool:
    """Whether it is a secret of the sign-in, which expressions never get."""
    ways = manifest.sign_in.values() if manifest and path[0] == "connection" and len(path) > 1 else ()
    return any(path[1] in secrets_of(way.fields) for way in ways)


def _no_way(document: Document, place: Place, key: bool, path: Path, missing: Missing, root: str = "") -> Finding:
    part, before, name = path[missing.at], path[: missing.at], spell(path)
    whole = f"'{spell(before)}'" if before else root
    if missing.kind:
        kind = TYPES[missing.kind]
        hint = (
            "write [0] for the first of it, or [*] for all" if missing.kind == "array" and isinstance(part, str) else ""
        )
        return Finding(document, place, f"'{name}': {whole} is {kind}, which has no '{_part(part)}'", hint, key, name)
    otherwise = f"there are {', '.join(missing.known[:12])}" if missing.known else ""
    about = "" if len(path) == 1 else f"'{name}': "
    message = f"{about}{whole} has no '{_part(part)}'"
    if missing.seen:
        message = f"{about}no example shows '{_part(part)}'" + (f" in {whole}" if before else "")
        otherwise = (
            f"the examples show {', '.join(missing.known[:12])}" if missing.known else "add an example that has it"
        )
    elif missing.at == 1 and (declared := _DECLARED.get(str(path[0]))):
        message, otherwise = f"'{name}': there is no {declared[0]} '{_part(part)}'", declared[1]
    return unknown(document, place, str(part), missing.known, message, otherwise, key=key)


def _part(part: Any) -> str:
    return str(part) if isinstance(part, str) else f"[{part}]"


@rule(
    "unknown-value",
    "What a condition compares with can be there.",
    why="A misspelled value never fits, so the rule or the trigger never counts.",
    bad="when: {state: SNET}",
    good="when: {state: SENT}",
)
def unknown_value(view: View) -> Iterator[Finding]:
    """Values that are not among those that are declared, or that are shown and hardly differ."""
    for each in view.paths:
        place, values, found = each.place, each.values, follow(each.shape, each.path)
        if values is None or isinstance(found, Missing):
            continue
        known = [value for branch in branches(found) for value in branch.get("enum", branch.get(SEEN, ()))]
        declared = bool(known) and all("enum" in branch for branch in branches(found))
        spelled = sorted({str(value) for value in known if isinstance(value, str)})
        for number, value in enumerate(values):
            if not known or any(value == it and type(value) is type(it) for it in known):
                continue
            at = (*place, number) if isinstance(walk(place, view.document.data), list) else place
            same = [it for it in known if str(it) == str(value) and it not in values]
            if same:
                hint = f"write {'it in quotes' if isinstance(same[0], str) else f'it without quotes: {same[0]}'}"
                message = f"{show(value)} is {TYPES[kind_of(value)]}, and {TYPES[kind_of(same[0])]} stands there"
                yield Finding(view.document, at, message, hint)
            elif declared:
                there = f"it can be {', '.join(spelled)}"
                yield unknown(view.document, at, str(value), spelled, f"it is never '{value}'", there)
            elif near := [it for it in spelled if is_slip(str(value).lower(), it.lower()) and it not in values]:
                message = f"no example shows '{value}'"
                hint = f"did you mean '{near[0]}'?"
                yield Finding(view.document, at, message, hint, word=str(value), instead=near[0])


@rule(
    "result-type",
    "An expression gives what is wanted where it stands.",
    why="The service would refuse it, or automations would get something else than is declared.",
    bad="params: {tag: '{{ input.tags | length }}', at: '{{ input.tags | utc }}'}",
    good="params: {tags: '{{ input.tags }}', at: '{{ input.at | utc }}'}",
)
def result_type(view: View) -> Iterator[Finding]:
    """Expressions whose value is of another type than is wanted, or that can never be right in themselves."""
    for it in view.texts:
        if it.error or it.unknown:
            continue
        found = list(expressions_in(it.text))
        if not found and it.kind == "template" and it.place == ("returns",):
            message, hint = (
                f"'{it.text}' is a text, and the output is an object",
                "name each field, or write {{ response.body }}",
            )
            yield Finding(view.document, it.place, message, hint)
        whole = len(found) == 1 and it.text.strip().startswith("{{") and it.text.strip().endswith("}}")
        for expression in found:
            shape, complaints = infer(expression.text, it.names)
            for each in complaints:
                yield Finding(view.document, it.place, each.message, each.hint, word=each.word, instead=each.instead)
            if complaints or it.kind == "condition":
                continue
            wanted, whose = (_SCALARS, "a text") if not whole else _wanted(view, it)
            if wanted and never(shape, wanted):
                gives = f"'{{{{ {expression.text} }}}}' gives {words(shape)}, and {whose} is wanted here"
                hint = "name one of it, or use join" if "array" in (kinds(shape) or ()) else ""
                yield Finding(view.document, it.place, gives, hint)


@rule(
    "literal-type",
    "A fixed value is what is declared where it stands.",
    why="The output would be refused, or the call that gets it.",
    bad="returns: {count: many}\noutput:\n  properties:\n    count: {type: integer}",
    good="returns: {count: 2}\noutput:\n  properties:\n    count: {type: integer}",
)
def literal_type(view: View) -> Iterator[Finding]:
    """Values without expressions that are of another type than is declared."""
    data = view.document.data
    places = [place for place, _, _ in computed_places(view.kind, data)]
    inner = walk(("returns",), data)
    places += [("returns", name) for name in inner] if isinstance(inner, dict) else []
    for place in places:
        value = walk(place, data)
        if value is None and place[:1] in (("returns",), ("records",)):
            yield Finding(
                view.document, place, f"{place[-1]}: nothing stands here", "say where it comes from", key=True
            )
        shape = ANY if (isinstance(value, str) and "{{" in value) or len(place) < 2 else _declared(view, place)
        if isinstance(shape, Missing) or not shape or not never(shape_of([value]), kinds(shape) or frozenset()):
            continue
        if kinds(shape):
            message = f"{place[-1]}: {show(value)} is {TYPES[kind_of(value)]}, and {words(shape)} is wanted here"
            yield Finding(view.document, place, message)


_PLACES: dict[tuple[str, ...], tuple[frozenset[str], str]] = {
    ("request", "headers"): (frozenset({"string"}), "a text"),
    ("request", "params"): (_SCALARS | {"array"}, "a text, a number or a list"),
    ("request", "form"): (_SCALARS | {"array"}, "a text, a number or a list"),
    ("upload", "put"): (frozenset({"string"}), "a text"),
    ("sign_in",): (frozenset({"string"}), "a text"),
    ("rules",): (_SCALARS, "a text"),
    ("errors",): (_SCALARS, "a text"),
}


def _wanted(view: View, it: Text) -> tuple[frozenset[str] | None, str]:
    """The types that may stand at a place, and in words; None: any."""
    for start, wanted in _PLACES.items():
        if it.place[: len(start)] == start:
            return wanted
    shape = _declared(view, it.place)
    found = None if isinstance(shape, Missing) else kinds(shape)
    return found, words(shape) if found and not isinstance(shape, Missing) else ""


def _declared(view: View, place: Place) -> Shape | Missing:
    """What is declared for a place that holds an output, or an input of another operation."""
    manifest, operation = view.manifest, view.operation
    if manifest is None:
        return ANY
    if operation and place[:1] == ("returns",):
        return follow(operation.output, place[1:])
    if isinstance(operation, Operation) and operation.records and place[:2] == ("records", "add"):
        return follow(operation.records.each, place[2:])
    if "input" in place and place[0] in ("look_up", "upload", "fetch", "sources"):
        at = place.index("input")
        call = walk(place[:at], view.document.data)
        named = manifest.operations.get(call.get("query", call.get("action")))
        return follow(named.input, place[at + 1 :]) if named else ANY
    if "x-options" in place and place[-1] == "value":
        schema = walk(place[: place.index("x-options")], view.document.data)
        return schema.get("items", schema) if isinstance(schema, dict) else ANY
    return ANY


RULES = (expression, expression_name, unknown_path, unknown_value, result_type, literal_type)
