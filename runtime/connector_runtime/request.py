"""An operation and its input made into a request.

In: an operation, the names its expressions may read, the base address. Out: a `Request` without credentials. Refused:
input that cannot stand where it has to (InputError), expressions that cannot be computed (ManifestError).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from .errors import ConnectorError, InputError, InputProblem, ManifestError, one_line
from .expressions import Computed, ExpressionError, Names
from .messages import Request
from .model import Operation, RequestSpec, Trigger
from .paths import ABSENT, spell

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
Extra = Mapping[str, str | int]


def evaluate(computed: Computed, names: Names, operation: Operation | Trigger) -> Any:
    """The value of computed data. What an input spoils is the input's problem, the rest the manifest's."""
    try:
        return computed.evaluate(names)
    except ExpressionError as error:
        raise _blame(error, computed, operation) from None


def _blame(error: ExpressionError, computed: Computed, operation: Operation | Trigger) -> ConnectorError:
    if error.about[:1] == ("input",) and len(error.about) > 1:
        problem = InputProblem(spell(error.about[1:]), f"{one_line(str(error))}.")
        return InputError([problem], operation=operation.id)
    file, mark = operation.source.find(computed.place)
    return ManifestError(f"{file}:{mark.line}:{mark.column}: {error}", operation=operation.id)


def build_request(
    operation: Operation,
    names: Names,
    base_url: str,
    headers: Mapping[str, str],
    extra: Extra = {},  # noqa: B006 (never changed)
) -> Request:
    """The request of an operation. `extra` are query parameters that paging adds."""
    spec = operation.request
    assert spec is not None
    inputs = names["input"]
    own = {name: inputs[name] for name in operation.sent if name in inputs}
    params = {**(own if spec.inputs == "params" else {}), **evaluate_all(spec.params, names, operation), **extra}
    sent = {**headers, **{name.title(): value for name, value in header_values(spec.headers, names, operation).items()}}
    payload: Any = None
    form: dict[str, Any] | None = None
    body: bytes | None = None
    if spec.inputs == "json" or spec.json:
        payload = {**(own if spec.inputs == "json" else {}), **evaluate_all(spec.json, names, operation)}
        body = _ENCODER.encode(payload).encode()
        sent.setdefault("Content-Type", "application/json")
    else:
        sent.pop("Content-Type", None)
        if spec.inputs == "form" or spec.form:
            form = {**(own if spec.inputs == "form" else {}), **evaluate_all(spec.form, names, operation)}
            body = urlencode(list(_pairs(form, operation))).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
    query = urlencode(list(_pairs(params, operation)), quote_via=quote) if params else ""
    url = base_url + _path(spec, inputs, operation) + (f"?{query}" if query else "")
    return Request(spec.method, url, sent, body, params=params, json=payload, form=form, operation=operation.id)


def evaluate_all(fields: Mapping[str, Computed], names: Names, operation: Operation) -> dict[str, Any]:
    """Fields, computed; those that are absent are left out."""
    return {
        name: value
        for name, computed in fields.items()
        if (value := evaluate(computed, names, operation)) is not ABSENT
    }


def header_values(fields: Mapping[str, Computed], names: Names, operation: Operation) -> dict[str, str]:
    """Headers, computed. InputError: a value is not plain text."""
    values = evaluate_all(fields, names, operation)
    for name, value in values.items():
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            raise InputError([InputProblem("", f"The header {name} can only hold plain text.")], operation=operation.id)
    return values


def _path(spec: RequestSpec, inputs: Mapping[str, Any], operation: Operation) -> str:
    path = spec.path
    for name in spec.placeholders:
        value = _plain(inputs[name])
        if value in ("", ".", ".."):
            problem = InputProblem(
                name, f"'{value}' cannot be a part of an address." if value else "must not be empty."
            )
            raise InputError([problem], operation=operation.id)
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _pairs(fields: Mapping[str, Any], operation: Operation) -> Iterator[tuple[str, str]]:
    """Names and texts; a list repeats its name, null is left out."""
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict | list):
                problem = InputProblem(name, "only a text, a number, true, false or a list of them can be sent here.")
                raise InputError([problem], operation=operation.id)
            if item is not None:
                yield name, _plain(item)


def _plain(value: Any) -> str:
    """A value as it stands in an address or a form; 1.0 is the whole number 1, as JSON Schema has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
