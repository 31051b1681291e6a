"""What can be read where: the names that each expression of a connector has, each with the shape of its data.

In: a `Manifest` and one of its documents. Out: the shapes of the names at a place. Declared schemas say what inputs and
outputs are; what the service answers and sends is known from the worked examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .document import Place
from .model import Api, Manifest, Operation, Schema, Trigger
from .paths import ABSENT, nowhere, parse_path, walk
from .schemas import secrets_of
from .shapes import ANY, Missing, Shape, any_of, follow, shape_of

TEXT: Shape = {"type": "string"}
_FILE: Shape = {
    "type": "object",
    "properties": {"name": TEXT, "size": {"type": "integer"}, "type": {"type": ["string", "null"]}},
}
_ERROR: Shape = {
    "type": "object",
    "properties": {"type": TEXT, "message": TEXT, "step": {"enum": ["request", "job", "put", "wait", "look"]}}
    | {"status": {"type": "integer"}, "code": ANY},
}


def exchanges_of(manifest: Manifest, operation: Operation) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The exchanges of its examples that are its own, each with its place: other operations' may stand between."""
    if operation.request is None:
        return
    start = urlsplit(manifest.service.base_url).path.rstrip("/")
    parts = re.split(r"\{[^}]*\}", operation.request.path)
    own = re.compile(re.escape(start) + "[^/]+".join(re.escape(part) for part in parts))
    for number, example in enumerate(operation.examples):
        several = example.get("exchanges")
        pairs = [(("exchanges", n), it) for n, it in enumerate(several)] if several else [((), example)]
        for place, pair in pairs:
            request = pair.get("request")
            if (
                request
                and request["method"] == operation.request.method
                and own.fullmatch(urlsplit(request["url"]).path)
            ):
                yield ("examples", number, *place), pair


def answers_of(manifest: Manifest, *operations: Operation) -> list[Mapping[str, Any]]:
    """The answers to operations' own requests, in all examples."""
    pairs = [pair for each in operations for _, pair in exchanges_of(manifest, each)]
    return [pair["response"] for pair in pairs if "response" in pair]


def bodies_of(manifest: Manifest, *operations: Operation) -> Shape:
    """The shape of the bodies that operations were answered with."""
    bodies = [answer["body"] for answer in answers_of(manifest, *operations) if "body" in answer]
    return shape_of(bodies) if bodies else ANY


def bodies_of_api(manifest: Manifest, api: str) -> Shape:
    """The shape of the bodies that a family answers with; unknown where no error is shown, or a broken operation may show
    more."""
    operations = operations_of(manifest, api)
    failed = any(answer.get("status", 200) >= 300 for answer in answers_of(manifest, *operations))
    return bodies_of(manifest, *operations) if failed and not manifest.broken else ANY


def operations_of(manifest: Manifest, api: str) -> list[Operation]:
    """The operations of a family."""
    path = manifest.apis[api].path
    return [it for it in manifest.operations.values() if it.api and it.api.path == path]


def codes_of(manifest: Manifest, api: Api | None, *operations: Operation) -> Shape:
    """The shape of the codes that operations of a family were answered with."""
    read = api.error.code if api else nowhere
    answers = answers_of(manifest, *operations)
    codes = [code for answer in answers if (code := read(answer.get("body"))) is not ABSENT]
    return shape_of(codes) if codes and not manifest.broken else ANY


def response(body: Shape) -> Shape:
    """A response, as expressions read it."""
    headers = {"type": "object", "additionalProperties": TEXT}
    return {"type": "object", "properties": {"status": {"type": "integer"}, "headers": headers, "body": body}}


def connection_of(manifest: Manifest, fields: Schema | None = None) -> Shape:
    """A connection, as expressions read it: its settings, and the fields of its sign-in that are no secrets. With
    `fields` those of one way to sign in, secrets too."""
    properties = dict(manifest.settings["properties"])
    for way in manifest.sign_in.values() if fields is None else ():
        secrets = secrets_of(way.fields)
        properties |= {name: it for name, it in way.fields["properties"].items() if name not in secrets}
    return {"type": "object", "properties": properties | (dict(fields["properties"]) if fields else {})}


def output_of(manifest: Manifest, id_: str, effect: str = "read") -> Shape:
    """The output of an operation as it is declared, with its known values; unknown where there is none of that name, or
    one that cannot stand there (`effect`: empty where any may)."""
    operation = manifest.operations.get(id_)
    if operation is None or id_ in manifest.broken or (effect and operation.effect != effect):
        return ANY
    declared = operation.source.schemas.get(("output",))
    known = declared.schema.get("properties", {}) if declared and not operation.records else {}
    return {**operation.output, "properties": {**operation.output["properties"], **known}}


def operation_names(manifest: Manifest, operation: Operation) -> dict[str, Shape]:
    """The names of an action or a query."""
    names: dict[str, Shape] = {name: output_of(manifest, it.query) for name, it in operation.look_up.items()}
    body = bodies_of(manifest, operation)
    names |= {"input": operation.input, "connection": connection_of(manifest), "response": response(body)}
    names |= {"now": TEXT, "code": ANY, "message": ANY}
    if operation.records:
        names["record"] = operation.records.each
    if operation.upload:
        names["job"] = output_of(manifest, operation.upload.job.action, "")
        names["waited"] = output_of(manifest, operation.upload.wait.query)
        names["file"] = _FILE
    return names


def items_of(manifest: Manifest, source: str) -> Shape:
    """The items of a source: of a webhook as the examples of all triggers show them, of a watch as they are made."""
    spec = manifest.sources.get(source)
    if spec and spec.watch:
        named = [manifest.operations.get(id_) for id_ in spec.watch.after]
        after = [it for it in named if it and it.kind == "action"]
        properties: dict[str, Shape] = {"done": {"type": "boolean"}, "late": {"type": "boolean"}, "error": _ERROR}
        gave = [it.output for it in after] + [bodies_of(manifest, it) for it in after]  # an error may carry the answer
        if len(after) == len(spec.watch.after):
            properties |= {"input": any_of(it.input for it in after), "output": any_of(it for it in gave if it)}
        else:  # one of them is broken, or none at all
            properties |= {"input": ANY, "output": ANY}
        properties |= {"outcome": {"enum": [*spec.watch.outcomes]}, "call": TEXT, "time": TEXT}
        if spec.watch.look:
            properties["found"] = output_of(manifest, spec.watch.look.query)
        return {"type": "object", "properties": properties}
    hearing = [trigger for trigger in manifest.triggers.values() if source in trigger.sources]
    examples = [example for trigger in hearing for example in trigger.examples]
    items = [example["item"] for example in examples if example["source"] == source]
    return shape_of(items) if items and not manifest.broken else ANY


def trigger_names(manifest: Manifest, trigger: Trigger) -> dict[str, Shape]:
    """The names of a trigger."""
    facts: dict[str, list[Shape]] = {}
    fetched = {name: output_of(manifest, it.query) for name, it in trigger.fetch.items()}
    for where, root in (("sources", {name: items_of(manifest, name) for name in trigger.sources}), ("fetch", fetched)):
        for name, shape in root.items():
            declared = walk((where, name, "facts"), trigger.source.document.data) or {}
            for fact, texts in declared.items():
                found = [_at(shape, text) for text in ([texts] if isinstance(texts, str) else texts)]
                facts.setdefault(fact, []).extend(found)
    return {
        "input": trigger.input,
        "facts": {"type": "object", "properties": {name: any_of(shapes) for name, shapes in facts.items()}},
        "fetched": {"type": "object", "properties": fetched},
    }


def _at(shape: Shape, text: str) -> Shape:
    found = follow(shape, parse_path(text))
    return ANY if isinstance(found, Missing) else found


def connector_names(manifest: Manifest, place: Place) -> dict[str, Shape]:
    """The names at a place of connector.yaml."""
    names: dict[str, Shape] = {"connection": connection_of(manifest), "input": ANY, "code": ANY, "message": ANY}
    if place[:1] == ("sign_in",):
        names["connection"] = connection_of(manifest, manifest.sign_in[str(place[1])].fields)
    if place[:1] == ("apis",):
        names["response"] = response(bodies_of_api(manifest, str(place[1])))
    if place[:1] == ("sources",):
        watched = items_of(manifest, str(place[1])).get("properties", {})
        names |= {name: watched[name] for name in ("input", "output") if name in watched}
    return names
