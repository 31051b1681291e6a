"""Rules for the JSON Schemas in a document: what they name exists, and what they show fits them.

In: a `View` of one document. Out: findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..dialect import sentence_of
from ..document import Place
from ..enforced import kinds_of, listed, schemas_in
from ..model import Resolved
from ..paths import ABSENT, walk
from ..patterns import wrong_pattern
from ..schemas import TYPES, Validator, Violation, kind_of, show
from . import Finding, rule, unknown
from .views import View

_MOST_EXAMPLES = 4


@rule(
    "required-name",
    "Whatever is required is declared.",
    why="Nobody could give what is not declared, so nothing would ever fit.",
    bad="required: [mesageId]\nproperties:\n  messageId: {type: string}",
    good="required: [messageId]\nproperties:\n  messageId: {type: string}",
)
def required_name(view: View) -> Iterator[Finding]:
    """Required names that no property has."""
    for place, schema in view.schemas:
        if "$ref" in schema or isinstance(schema.get("additionalProperties"), Mapping):
            continue
        known = schema.get("properties", {})
        if place[-2:-1] == ("anyOf",):  # what stands beside an anyOf holds for each of its branches
            known = {**(walk(place[:-2], view.document.data).get("properties") or {}), **known}
        if not known and len(schema.get("required", ())) > 1:
            names = ", ".join(schema["required"])
            message, hint = f"{names} are required, and nothing is declared", "declare them under `properties`"
            yield Finding(view.document, (*place, "required"), message, hint, key=True)
            continue
        for number, name in enumerate(schema.get("required", ())):
            if name not in known:
                free = [it for it in known if it not in schema["required"]] or list(known)
                message = f"'{name}' is required, and not declared"
                at = (*place, "required", number)
                yield unknown(view.document, at, name, free, message, "declare it under `properties`")


@rule(
    "schema-pattern",
    "Every pattern is a regular expression.",
    why="It could not be compared with anything.",
    bad="pattern: '('",
    good="pattern: '^[0-9]+$'",
)
def schema_pattern(view: View) -> Iterator[Finding]:
    """Patterns that are no regular expressions."""
    for place, schema in view.schemas:
        if wrong := wrong_pattern(schema.get("pattern", "")):
            message = f"'{schema['pattern']}' is not a regular expression: {wrong}"
            yield Finding(view.document, (*place, "pattern"), message)


@rule(
    "schema-value",
    "Examples and defaults fit the schema that they stand in.",
    why="People copy them, and forms fill them in.",
    bad="type: string\nenum: [continue, fail]\ndefault: contineu",
    good="type: string\nenum: [continue, fail]\ndefault: continue",
)
def schema_value(view: View) -> Iterator[Finding]:
    """Examples and defaults that the schema itself would refuse."""
    for root in view.roots:
        resolved = _resolved(view, root)
        if resolved is None:
            continue
        schema = listed(resolved.schema)
        validator, told = Validator(schema), set[Place]()
        for depth in range(_deepest(schema)):
            for number in range(_MOST_EXAMPLES):
                sources: dict[Place, Place] = {}
                value, more = _assembled(schema, (), (), number, depth, sources)
                if value is not ABSENT and not validator.is_valid(value):
                    yield from _misfits(validator, value, sources, resolved, told)
                if more <= number + 1:
                    break


def _resolved(view: View, root: Place) -> Resolved | None:
    """The schema at a root, where all of it stands in this document or is the operation's."""
    if view.operation is not None:
        return view.operation.source.schemas.get(root)
    schema = walk(root, view.document.data)
    if view.kind != "connector" or any("$ref" in it for _, it in schemas_in(schema, root)):
        return None  # those in schemas/ are looked at where they are used
    return Resolved(schema, {(): (view.document, root)})


def _assembled(
    schema: Mapping[str, Any], at: Place, place: Place, number: int, depth: int, sources: dict[Place, Place]
) -> tuple[Any, int]:
    """A value made of the examples in a schema, its own rather than those of its parts from a `depth` on; `sources` says
    where each came from. With it how many examples there are at most."""
    shown = [("examples", n) for n in range(len(schema.get("examples", ())))]
    shown += [("default",)] if "default" in schema else []  # type: ignore[list-item]
    inner: dict[str, Any] = {}
    most = len(shown)
    if not shown or len(at) < depth:
        for name, prop in schema.get("properties", {}).items():
            value, more = _assembled(prop, (*at, name), (*place, "properties", name), number, depth, sources)
            most = max(most, more)
            if value is not ABSENT:
                inner[name] = value
        if inner:
            return inner, most
        if isinstance(schema.get("items"), Mapping):
            value, more = _assembled(schema["items"], (*at, 0), (*place, "items"), number, depth, sources)
            most = max(most, more)
            if value is not ABSENT:
                return [value], most
    if not shown:
        return ABSENT, most
    source = (*place, *shown[min(number, len(shown) - 1)])
    sources[at] = source
    return walk(source[len(place) :], schema), most


def _deepest(schema: Mapping[str, Any]) -> int:
    """How many levels a schema has."""
    inner = [*schema.get("properties", {}).values()]
    inner += [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
    return 1 + max(map(_deepest, inner), default=0)


def _misfits(
    validator: Validator, value: Any, sources: dict[Place, Place], resolved: Resolved, told: set[Place]
) -> Iterator[Finding]:
    for it in validator.violations(value):
        start = next((it.place[:n] for n in range(len(it.place), -1, -1) if it.place[:n] in sources), None)
        if start is None:
            continue  # of what was put together here, and what nobody wrote
        shown = sources[start]
        at: Place = (*shown, *it.place[len(start) :])
        named = (*shown[: -2 if shown[-2:-1] == ("examples",) else -1], "type")
        odd = it.keyword == "type" and it.place == start  # then the type is as likely to be the mistake
        if (at in told) or (odd and named in told):
            continue
        told.update((at, named) if odd else (at,))
        word = "" if it.meant is None else str(it.place[-1] if it.key else walk(it.place, value))
        where, place = resolved.origin(named if odd else at)
        holder, there = resolved.origin(named[:-1])
        noun = "example" if shown[-2:-1] == ("examples",) else "default"
        message = _said(it, walk(it.place, value), walk(there, holder.data), it.place[len(start) :], noun)
        hint = it.hint or ("correct the one or the other" if odd else "")
        yield Finding(where, place, message, hint, it.key, word, it.meant)


def _said(it: Violation, value: Any, schema: Mapping[str, Any], inside: Place, noun: str) -> str:
    """What is wrong with an example or a default of a schema, or with what is inside it."""
    if inside:
        return f"in the {noun}, {sentence_of(replace(it, place=inside))}"
    quoted, hidden = show(value, schema), schema.get("writeOnly") or isinstance(value, list | dict)
    what = f"this {noun}" if hidden else f"the {noun} {quoted}"
    if it.keyword == "type" and "type" in schema:
        written = str(schema["type"]).replace("'", "")
        wanted = " or ".join(TYPES[kind] for kind in kinds_of(schema))
        return f"{what} is {TYPES[kind_of(value)]}, and type: {written} wants {wanted}"
    said = it.message.removeprefix(quoted).strip()
    return f"{what} {said}" if said.startswith(("is ", "must ", "has ", "does ")) else f"{what} does not fit: {said}"


@rule(
    "list-items",
    "A list says what its items are.",
    why="Forms and agents do not know what to put into it, and some agents drop the whole operation.",
    bad="tags: {type: array}",
    good="tags: {type: array, items: {type: string}}",
)
def list_items(view: View) -> Iterator[Finding]:
    """Lists of nobody knows what."""
    for place, schema in view.schemas:
        if "array" in kinds_of(schema) and "items" not in schema:
            yield Finding(
                view.document,
                (*place, "type"),
                "nothing says what the items of this list are",
                "add `items`, such as items: {type: string}",
            )


_FOR = {"properties": "object", "additionalProperties": "object", "required": "object"}
_FOR |= dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), "array")
_FOR |= dict.fromkeys(("minLength", "maxLength", "pattern", "format"), "string")
_FOR |= dict.fromkeys(("minimum", "maximum"), "number")
"""Keyword → the type of value that it says something about; with others it says nothing."""


@rule(
    "schema-keyword",
    "Every keyword of a schema is for its type.",
    why="A limit for texts says nothing about a number, so it would never be held to.",
    bad="type: integer\nmaxLength: 10",
    good="type: integer\nmaximum: 10",
)
def schema_keyword(view: View) -> Iterator[Finding]:
    """Keywords that say nothing about values of the type that stands beside them."""
    for place, schema in view.schemas:
        kinds = {*kinds_of(schema)} | ({"number"} if "integer" in kinds_of(schema) else set())
        for key, wanted in _FOR.items() if kinds else ():
            if key in schema and wanted not in kinds:
                told = " or ".join(TYPES[kind] for kind in kinds_of(schema) if kind != "null")
                message = f"'{key}' is for {TYPES[wanted]}, and this is {told}"
                hint = "take it out, or look whether the spaces in front of it are right"
                yield Finding(view.document, (*place, key), message, hint, key=True)


RULES = (required_name, schema_pattern, list_items, schema_keyword, schema_value)
