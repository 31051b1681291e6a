"""The format's own JSON Schemas (`format/*.json`), and what they say about a document.

In: a `Document` and the name of the schema it must fit. Out: its data with text wherever the format wants text, and the
problems: look-alikes that need quotes, and whatever does not fit, one problem per cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from .document import Document, LookAlike, Place
from .enforced import kinds_of
from .errors import Problem
from .paths import Part, children, spell, walk
from .schemas import Validator, Violation
from .words import is_sure


@cache
def format_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file, with the shared definitions in it."""
    folder = resources.files(__package__) / "format"
    shared = json.loads((folder / "common.json").read_text("utf-8"))
    text = (folder / f"{kind}.json").read_text("utf-8").replace("common.json#", "#")
    schema: dict[str, Any] = json.loads(text)
    return {**schema, "$defs": shared["$defs"]}


@cache
def _validator(kind: str) -> Validator:
    return Validator(format_schema(kind))


_RULES = {"unknown": "unknown-key", "required": "missing-key", "neither": "missing-key"}
_WHOLE = {"action": "an action"}
_TRUTHS = dict.fromkeys(("y", "yes", "on", "true"), "true") | dict.fromkeys(("n", "no", "off", "false"), "false")


def fit(document: Document, kind: str) -> list[Problem]:
    """The problems of a document; its data is made text where the format wants text."""
    root = format_schema(kind)
    problems = []
    for place, written in document.plain.items():
        if _wants_text(root, place):
            _put(document.data, place, written)
        elif isinstance(walk(place, document.data), LookAlike):
            quoted = json.dumps(written, ensure_ascii=False)
            message, hint = f"{written} may be read in two ways", f"write {quoted} if it is a text"
            fix: str | None = quoted
            if truth := _TRUTHS.get(written.lower()):
                message = f"{written} is {truth} to some programs and text to others"
                hint, fix = f"write {truth}, or {quoted} for the text", None
            problems.append(document.problem("yaml-look-alike", place, message, hint, word=written, instead=fix))
            _put(document.data, place, written)
    if not _validator(kind).is_valid(document.data):
        found = _validator(kind).violations(document.data)
        others = {(*it.place[:-1], _OTHERWISE.get(str(it.place[-1]))) for it in found if it.key}
        for violation in found:
            missing = violation.keyword == "required" and not violation.key
            if missing and violation.place in others:
                continue  # it is there, called as other languages call it
            at = violation.place[:-1] if missing else violation.place
            rule = _RULES.get(violation.keyword, "wrong-value")
            near = violation.meant
            word = "" if near is None else str(violation.place[-1] if violation.key else walk(at, document.data))
            whole = _WHOLE.get(kind, f"a {kind}") if violation.keyword in ("neither", "both") else "the file"
            message, hint = sentence_of(violation, whole), _advice(kind, violation, document.data)
            if document.plain.get(at) == "":
                message = message.replace("is null;", "is empty;")
            sure = near is not None and (is_sure(word, near) or near.startswith(word))  # such as bool for boolean
            instead = near if sure else None
            problems.append(document.problem(rule, at, message, hint, key=violation.key, word=word, instead=instead))
    return problems


def sentence_of(violation: Violation, whole: str = "the whole") -> str:
    """What does not fit, in a sentence that names it."""
    named = next((n for n in range(len(violation.place), 0, -1) if isinstance(violation.place[n - 1], str)), 1)
    name = spell(violation.place[named - 1 :]) or whole
    if violation.keyword == "required" and not violation.key:
        return f"'{name}' is missing here"
    if violation.key or violation.message.startswith("'"):
        return violation.message
    between = " " if violation.message.startswith(("is ", "must ", "needs ", "has ")) else ": "
    return f"{name}{between}{violation.message}"


_DURATION = re.compile(r"([0-9]+) *(?:(s|m|h|d)|(s)ec(?:ond)?s?|(m)in(?:ute)?s?|(h)ours?|(d)ays?)?", re.IGNORECASE)
_PLAIN = re.compile(r"\w(?:[\w .,/-]*[\w.])?")


_OTHERWISE = {"int": "integer", "float": "number", "str": "string", "text": "string", "bool": "boolean"}
_OTHERWISE |= {"list": "array", "dict": "object", "map": "object", "max": "maximum", "min": "minimum", "body": "json"}
_OTHERWISE |= {
    "query": "params",
    "url": "path",
    "label": "title",
    "example": "examples",
    "choices": "enum",
    "get": "GET",
}
_OTHERWISE |= {"datetime": "date-time", "email_address": "email", "url_path": "path", "desc": "description"}
"""What other languages call something → what it is called here."""


def _advice(kind: str, violation: Violation, data: Any) -> str:
    """What to do, where the format knows more about a place than its JSON Schema says."""
    root, place, value = format_schema(kind), violation.place, walk(violation.place, data)
    schemas = list(_at(root, place))
    if violation.keyword in ("unknown", "enum") and violation.meant is None:
        other = _OTHERWISE.get(str(place[-1] if violation.key else value).lower(), "")
        known = {name for schema in _at(root, place[:-1]) for name in schema.get("properties", {})}
        known |= {it for schema in schemas for it in schema.get("enum", ()) if isinstance(it, str)}
        if other in known:
            return f"did you mean '{other}'?"
    if violation.keyword == "type" and place[-1:] == ("required",) and isinstance(value, bool):
        return "list the names of what is required beside `properties`, such as required: [text]"
    if violation.keyword == "unknown" and violation.meant is None:
        homes = [home for home in _homes(kind, str(place[-1])) if home != f"under {next(iter(place[-2:-1]), '')}"]
        return f"it belongs {' or '.join(homes)}; {violation.hint}" if 0 < len(homes) < 3 else violation.hint
    if violation.keyword == "required" and not violation.key:
        shown = next((schema["examples"][0] for schema in schemas if "examples" in schema), None)
        fits = isinstance(shown, bool | int) or (isinstance(shown, str) and _PLAIN.fullmatch(shown))
        return f"add it, such as {place[-1]}: {plainly(shown)}" if fits else "add it"
    if violation.keyword == "const" and (kind, place) == ("query", ("effect",)):
        return "a query only reads, and what changes something is an action (operations/actions)"
    if violation.keyword == "pattern" and any(schema is root["$defs"]["duration"] for schema in schemas):
        found = _DURATION.fullmatch(str(value))
        unit = next(filter(None, found.groups()[1:]), "").lower() if found and int(found[1]) else None
        if found and unit is not None:
            return f"write {found[1]}{unit}" if unit else f"write {found[1]}s for seconds, {found[1]}m for minutes"
    if violation.keyword == "type" and not violation.hint:
        around = list(_at(root, place[:-1])) if isinstance(value, dict) else []
        kinds = ("when", "answer") if str(place[-1:]).startswith("('body") else ("when",)
        tested = any(schema is root["$defs"][name] for schema in around for name in kinds)
        return _written(value, {it for schema in schemas for it in kinds_of(schema)}, str(place[-1]) if tested else "")
    return violation.hint


def plainly(value: Any) -> str:
    """A value as it is written in a sentence: text without quotes, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _written(value: Any, wanted: set[str], tested: str) -> str:
    """How a value is written so that it is of a wanted type; empty where that is not known. `tested`: the path that a
    condition compares with it."""
    if isinstance(value, str):
        if wanted & {"integer", "number"} and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
            return f"write {value} without quotes"
        if "boolean" in wanted and value.lower() in _TRUTHS:
            return f"write {_TRUTHS[value.lower()]} without quotes"
    scalar = isinstance(value, int | float) or (isinstance(value, str) and _PLAIN.fullmatch(value))
    if "array" in wanted and scalar:
        return f"write [{plainly(value)}]"
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and "string" in wanted:
        return f"write {value[0]}"
    path = tested
    while tested and isinstance(value, dict) and value:
        name, value = next(iter(value.items()))
        path += f".{name}"
    return f"write {path}: {plainly(value)}" if tested and not isinstance(value, dict | list) else ""


@cache
def _homes(kind: str, name: str) -> tuple[str, ...]:
    """Where else in a kind of file a key may stand."""
    root = format_schema(kind)
    found, seen = dict[str, None](), set[tuple[int, str]]()
    waiting: list[tuple[Mapping[str, Any], str]] = [(root, "at the top of the file")]
    while waiting:
        schema, where = waiting.pop()
        for branch in branches(root, schema):
            if (id(branch), where) not in seen:
                seen.add((id(branch), where))
                inner = branch.get("properties", {})
                found |= {where: None} if name in inner else {}
                waiting += [(each, f"under {key}") for key, each in inner.items()]
                waiting += [
                    (it, where) for k in ("items", "additionalProperties") if isinstance(it := branch.get(k), Mapping)
                ]
    return tuple(found)


def _put(data: Any, place: Place, value: str) -> None:
    if place:
        walk(place[:-1], data)[place[-1]] = value


def _wants_text(root: Mapping[str, Any], place: Place) -> bool:
    kinds = {kind for schema in _at(root, place) for kind in _scalar_kinds(schema)}
    return kinds == {"string"}


def _at(root: Mapping[str, Any], place: Place) -> list[Mapping[str, Any]]:
    """The schemas that speak about a place."""
    found = list(branches(root, root))
    for part in place:
        found = [inner for schema in found for inner in inner_schemas(root, schema, part)]
    return found


def inner_schemas(root: Mapping[str, Any], schema: Mapping[str, Any], part: Part) -> Iterator[Mapping[str, Any]]:
    """The schemas of what stands at a key or a place of what a schema is about."""
    inner = schema.get("items")
    if isinstance(part, str):
        inner = schema.get("properties", {}).get(part, schema.get("additionalProperties"))
    if isinstance(inner, Mapping):
        yield from branches(root, inner)


def branches(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema, what it refers to, and its alternatives."""
    yield schema
    if "$ref" in schema:
        yield from branches(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from branches(root, branch)


def _scalar_kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", ["string"] if "enum" in schema else [])
    return [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind not in ("object", "array")]


Places = Iterator[tuple[Place, tuple[str, ...], str]]


class _Spot:
    """What the format says about one kind of place, worked out once for all places of that kind. `computing`: the
    schemas below which something can be computed; `known`: the spots made so far, by the schemas that they are of."""

    def __init__(
        self,
        root: Mapping[str, Any],
        schemas: list[Mapping[str, Any]],
        computing: set[int],
        known: dict[tuple[int, ...], _Spot],
    ) -> None:
        self.root, self.computing, self.known = root, computing, known
        self.found = [branch for schema in schemas for branch in branches(root, schema)]
        self.names = next((tuple(it["x-names"]) for it in reversed(self.found) if "x-names" in it), None)
        kinds = ("computed", "template", "condition")
        self.kind = next((it for it in kinds if any(schema is root["$defs"][it] for schema in self.found)), None)
        self._below: dict[Part, _Spot | None] = {}

    def below(self, part: Part) -> _Spot | None:
        """The same for what stands at a key or a place of a list; None where nothing can be computed."""
        key: Part = part if any(part in schema.get("properties", ()) for schema in self.found) else type(part).__name__
        if key not in self._below:
            inner = [each for schema in self.found for each in inner_schemas(self.root, schema, part)]
            self._below[key] = self._of([each for each in inner if id(each) in self.computing])
        return self._below[key]

    def _of(self, schemas: list[Mapping[str, Any]]) -> _Spot | None:
        key = tuple(id(schema) for schema in schemas)
        if schemas and key not in self.known:
            self.known[key] = _Spot(self.root, schemas, self.computing, self.known)
        return self.known.get(key)


@cache
def _plan(kind: str) -> _Spot:
    """What the format says about a whole file of a kind."""
    root = format_schema(kind)
    return _Spot(root, [root], _computing(root), {})


def _computing(root: Mapping[str, Any]) -> set[int]:
    """The schemas, by identity, below which something can be computed."""
    above: dict[int, list[int]] = {}
    waiting: list[Mapping[str, Any]] = [root]
    while waiting:
        schema = waiting.pop()
        inner = [*branches(root, schema), *schema.get("properties", {}).values()]
        inner += [it for key in ("items", "additionalProperties") if isinstance(it := schema.get(key), Mapping)]
        for each in inner:
            if each is not schema and id(each) not in above:
                waiting.append(each)
            above.setdefault(id(each), []).append(id(schema))
    found: set[int] = set()
    todo = [id(root["$defs"][kind]) for kind in ("computed", "template", "condition")]
    while todo:
        if (each_id := todo.pop()) not in found:
            found.add(each_id)
            todo += above.get(each_id, [])
    return found


def computed_places(kind: str, data: Any) -> Places:
    """Every place of a file of a kind that may hold expressions, with the names that they may read there, and what it
    holds: `computed` data, a `template` or a `condition`."""
    yield from _computed(_plan(kind), data, (), ())


def _computed(spot: _Spot, data: Any, place: Place, names: tuple[str, ...]) -> Places:
    names = names if spot.names is None else spot.names
    if spot.kind:
        yield place, names, spot.kind
        return
    for part, value in children(data):
        if inner := spot.below(part):
            yield from _computed(inner, value, (*place, part), names)
