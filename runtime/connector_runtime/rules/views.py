"""One document as the rules look at it: its texts with expressions, its paths, its schemas, each with its place.

In: a `Document` that fits the format, and the connector as far as it could be read. Out: a `View`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..dialect import computed_places
from ..document import Document, Place
from ..enforced import LIST_INPUTS, schemas_in
from ..expressions import Computed, ExpressionError, Path, expressions_in
from ..model import Manifest, Operation, Trigger
from ..paths import ABSENT, children, parse_path, walk
from ..scopes import (
    bodies_of,
    bodies_of_api,
    codes_of,
    connector_names,
    items_of,
    operation_names,
    operations_of,
    output_of,
    trigger_names,
)
from ..shapes import ANY, Missing, Shape, follow
from ..words import is_slip

Placed = tuple[Place, Mapping[str, Any]]


@dataclass(frozen=True)
class PlainPath:
    """A path that stands for itself: its place, whether the key there is meant, what it is a path in (and that in
    words), and the values that are compared with what stands there (None: it is only read)."""

    place: Place
    path: Path
    shape: Shape
    whole: str
    key: bool = False
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Text:
    """A text with expressions: where it stands, what it may read (None: that name is not known), and what it is."""

    place: Place
    text: str
    names: Mapping[str, Shape]
    kind: str

    @cached_property
    def error(self) -> str:
        """What is wrong with its expressions; empty where nothing is."""
        try:
            if self.kind == "condition" and len(list(expressions_in(self.text))) != 1:
                return "a condition is one expression in one pair of {{ }}"
            Computed(self.text).reads  # noqa: B018 (it is parsed)
        except ExpressionError as error:
            return str(error)
        return ""

    @cached_property
    def unknown(self) -> list[tuple[Path, Missing | None]]:
        """The paths that it reads and that cannot be, each once; None where the name itself is not known."""
        found: dict[Path, Missing | None] = {}
        for path in Computed(self.text).reads if not self.error else ():
            if str(path[0]) not in self.names:
                found[path[:1]] = None
            elif isinstance(missing := follow(self.names[str(path[0])], path, 1), Missing):
                found[path] = missing
        return list(found.items())


@dataclass(frozen=True)
class View:
    """A document that fits the format, the connector, and the operation where the document is a whole one's."""

    document: Document
    kind: str
    manifest: Manifest | None
    operation: Operation | Trigger | None

    @cached_property
    def texts(self) -> list[Text]:
        """Every text of it that may hold expressions."""
        data, found = self.document.data, []
        for place, allowed, kind in computed_places(self.kind, data):
            for inner, text in _texts(walk(place, data), place):
                if "{" in text or "}" in text or kind == "condition" or place == ("returns",):
                    found.append(Text(inner, text, self._at(place, allowed), kind))
        return found

    def _at(self, place: Place, allowed: tuple[str, ...]) -> dict[str, Shape]:
        names = {*allowed, *(("now",) if self.kind in ("action", "query") else ())}
        if "look_up" in names:
            names = names - {"look_up"} | {*self.document.data.get("look_up", {})}
        shapes = self._names
        if self.kind == "connector" and self.manifest:
            shapes = connector_names(self.manifest, place)
        if "x-options" in place and self.manifest:
            query = walk((*place[: place.index("x-options") + 1], "query"), self.document.data)
            listed = self.manifest.operations.get(str(query))
            shapes = {"item": listed.records.each if listed and listed.records else ANY}
        return {name: shapes.get(name, ANY) for name in names}

    @cached_property
    def _names(self) -> Mapping[str, Shape]:
        if self.operation and not self.operation.input["properties"] and "required" in self.operation.input:
            return {}  # its inputs are not declared at all, which is said once
        if self.manifest and self.operation:
            return (
                trigger_names(self.manifest, self.operation)
                if isinstance(self.operation, Trigger)
                else operation_names(self.manifest, self.operation)
            )
        data = self.document.data
        if self.kind not in ("trigger", "action", "query") or "$ref" in data.get("input", {}):
            return {}
        own = {
            **data.get("input", {}).get("properties", {}),
            **(dict.fromkeys(LIST_INPUTS, ANY) if "records" in data else {}),
        }
        return {"input": {"type": "object", "properties": own}}

    @cached_property
    def roots(self) -> list[Place]:
        """Where the schemas of it start."""
        if self.kind == "schema":
            return [()]
        places: list[Place] = [("input",), ("output",), ("records", "each"), ("settings",)]
        places += [("sign_in", id_, "fields") for id_ in self.document.data.get("sign_in", ())]
        return [place for place in places if walk(place, self.document.data) is not ABSENT]

    @cached_property
    def schemas(self) -> list[Placed]:
        """Every schema that is written in it, and all in that, each with its place. A `$ref` is not followed."""
        return [each for root in self.roots for each in schemas_in(walk(root, self.document.data), root)]

    @cached_property
    def paths(self) -> list[PlainPath]:
        """Every plain path of it."""
        return list(_paths(self)) if self.manifest else []


def _texts(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        yield place, data
    for key, value in children(data):
        yield from _texts(value, (*place, key))


_ANSWER = "an answer"


def _paths(view: View) -> Iterator[PlainPath]:
    manifest, operation, data = view.manifest, view.operation, view.document.data
    assert manifest is not None
    if view.kind == "connector":
        for id_, api in data["apis"].items():
            body = bodies_of_api(manifest, id_)
            codes = codes_of(manifest, manifest.apis[id_], *operations_of(manifest, id_))
            yield from _read(("apis", id_, "error"), api["error"], body, _ANSWER)
            yield from _rules(("apis", id_, "errors"), api.get("errors", ()), body, codes)
        for id_ in data.get("sources", {}):
            yield from _of_source(manifest, id_, data["sources"][id_])
    elif isinstance(operation, Trigger):
        for where, key in (("sources", "when"), ("fetch", "confirm")):
            for name, spec in data.get(where, {}).items():
                shape, whole = items_of(manifest, name), f"an item of {name}"
                if where == "fetch":
                    shape, whole = output_of(manifest, spec["query"]), f"the output of {spec['query']}"
                yield from _when((where, name, key), spec.get(key, {}), shape, whole)
                yield from _read((where, name, "facts"), spec.get("facts", {}), shape, whole)
    elif operation:
        body = bodies_of(manifest, operation)
        yield from _rules(("errors",), data.get("errors", ()), body, codes_of(manifest, operation.api, operation))
        yield from _read(("records",), _only(data.get("records", {}), "from"), body, _ANSWER)
        yield from _read(("pages",), _only(data.get("pages", {}), "next"), body, _ANSWER)
        if operation.upload:
            wait = data["upload"]["wait"]
            output, whole = output_of(manifest, wait["query"]), f"the output of {wait['query']}"
            yield from _when(("upload", "wait", "until"), wait["until"], output, whole)


def _of_source(manifest: Manifest, id_: str, source: Mapping[str, Any]) -> Iterator[PlainPath]:
    items, whole = items_of(manifest, id_), f"an item of {id_}"
    webhook, place = source.get("webhook", {}), ("sources", id_, "webhook")
    yield from _read(place, _only(webhook, "delivery", "time"), items, whole)
    for found in _when((*place, "ignore"), webhook.get("ignore", {}), items, whole):
        missing = follow(items, found.path)  # no example shows what is ignored, so only a slip can be seen
        part = str(found.path[missing.at]) if isinstance(missing, Missing) else ""
        if isinstance(missing, Missing) and any(is_slip(part, known) for known in missing.known):
            yield replace(found, values=None)
    for word, whens in source.get("watch", {}).get("outcomes", {}).items():
        at: Place = ("sources", id_, "watch", "outcomes", word)
        several = [((*at, n), it) for n, it in enumerate(whens)] if isinstance(whens, list) else [(at, whens)]
        for inner, when in several:
            yield from _when(inner, when, items, whole)


def _only(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: data[key] for key in keys if key in data}


def _read(place: Place, fields: Mapping[str, Any], shape: Shape, whole: str) -> Iterator[PlainPath]:
    """Fields that each hold a path, or several."""
    for name, texts in fields.items():
        several = isinstance(texts, list)
        for number, text in enumerate(texts if several else [texts]):
            at = (*place, name, *((number,) if several else ()))
            yield PlainPath(at, parse_path(text), shape, whole)


def _when(place: Place, when: Mapping[str, Any], shape: Shape, whole: str) -> Iterator[PlainPath]:
    for text, values in when.items():
        wanted = tuple(values) if isinstance(values, list) else (values,)
        yield PlainPath((*place, text), parse_path(text), shape, whole, key=True, values=wanted)


def _rules(place: Place, rules: Any, body: Shape, codes: Shape) -> Iterator[PlainPath]:
    answer: Shape = {"type": "object", "properties": {"status": ANY, "code": codes, "message": ANY, "body": body}}
    for number, it in enumerate(rules):
        yield from _when((*place, number, "when"), it["when"], answer, _ANSWER)
