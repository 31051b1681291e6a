"""Schemas as they are enforced: inputs closed, outputs open.

In: a schema without references, as a manifest has it. Out: the schema that inputs or outputs are held against, and the
schemas that every list has besides its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from .document import Place
from .paths import children

LIST_INPUTS: Final = ("maxRecords", "next")
"""The inputs that every list has of its own."""

Schema = Mapping[str, Any]

_OPEN: Final = ("type", "properties", "items", "required", "anyOf", "additionalProperties")
_SPOKEN: Final = ("title", "description", "examples", "default", "deprecated", "writeOnly")
ANNOTATIONS: Final = (*_SPOKEN, "x-options", "x-secret", "x-visibility")


def closed(schema: Schema) -> dict[str, Any]:
    """An input schema: `type: object` at the root, and no unknown key at any level."""
    return _closed({"type": "object", "properties": {}, **schema})


def _closed(schema: Schema) -> dict[str, Any]:
    result = map_schemas(schema, _closed)
    if "properties" in result or "object" in kinds_of(result):
        result.setdefault("additionalProperties", False)
    return result


def listed(schema: Schema) -> dict[str, Any]:
    """What examples are held to: keys are of those that are listed, where any are, and none has to be there."""
    result = {key: value for key, value in map_schemas(schema, listed).items() if key != "required"}
    return {"additionalProperties": False, **result} if "properties" in result else result


def opened(schema: Schema) -> dict[str, Any]:
    """An output schema: unknown keys and values are welcome, and what is not required may be null."""
    return _opened({"type": "object", "properties": {}, **schema})


def _opened(schema: Schema) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key in (*_OPEN, *ANNOTATIONS)}
    result = map_schemas(kept, _opened)
    required = result.get("required", ())
    if "properties" in result:
        result["properties"] = {
            name: inner if name in required else _nullable(inner) for name, inner in result["properties"].items()
        }
    if isinstance(result.get("additionalProperties"), dict):
        result["additionalProperties"] = _nullable(result["additionalProperties"])
    return result


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = kinds_of(schema)
    if kinds and "null" not in kinds:
        schema = {**schema, "type": [*kinds, "null"]}
    return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]} if "anyOf" in schema else schema


def map_schemas(schema: Schema, change: Any) -> dict[str, Any]:
    """The schema with `change` applied to every schema directly in it."""
    result = dict(schema)
    if "properties" in result:
        result["properties"] = {name: change(prop) for name, prop in result["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), Mapping):
            result[key] = change(result[key])
    if "anyOf" in result:
        result["anyOf"] = [change(branch) for branch in result["anyOf"]]
    return result


def schemas_in(schema: Any, place: Place = ()) -> Iterator[tuple[Place, Schema]]:
    """A schema and all that are in it, each with its place."""
    if not isinstance(schema, Mapping):
        return
    yield place, schema
    for key in ("items", "additionalProperties"):
        yield from schemas_in(schema.get(key), (*place, key))
    for key in ("properties", "$defs", "anyOf"):
        for name, inner in children(schema.get(key)):
            yield from schemas_in(inner, (*place, key, name))


def kinds_of(schema: Schema) -> list[str]:
    """The types that a schema names."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


@cache
def _added() -> dict[str, Any]:
    made: dict[str, Any] = json.loads((resources.files(__package__) / "format" / "added.json").read_text("utf-8"))
    return made


def with_added(schema: Schema, *names: str, required: bool = True) -> dict[str, Any]:
    """A schema with fields that the runtime adds (`format/added.json`) besides its own."""
    properties = {**schema.get("properties", {}), **{name: _added()[name] for name in names}}
    return {**schema, "properties": properties, "required": [*schema.get("required", ()), *(names if required else ())]}


def list_output(name: str, each: Schema) -> dict[str, Any]:
    """The output of a list: its records under their name, and where to go on."""
    properties = {name: {**_added()["records"], "items": each}, "next": _added()["position"]}
    return {"type": "object", "properties": properties, "required": [name, "next"]}
