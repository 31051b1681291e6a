"""Holds requests and answers against Hootsuite's published specifications, Swagger 2.0 in ../shared/openapi.

In: a recorded request and the answer to it. Out: sentences, one for each place that leaves the specification.
Refused: nothing. Without the specifications there is no contract (`Contract.find()` is None).

Stricter than Swagger: an object may hold the documented fields only, in answers as in requests. Where the
real service is known to differ, `DEVIATIONS` says so, with its source, and just that much is allowed.
A request that was answered with an error may be wrong on purpose, so only its answer is checked.
"""

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from flask import Response
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .control import Recorded

Schema = dict[str, Any]

SPECIFICATIONS = Path(__file__).resolve().parents[3] / "shared" / "openapi"  # beside the repository
ERRORS = {"rest": "ErrorsResponseEnvelope", "amplify": "ErrorResponse"}
PLAIN_TYPES = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}
REQUEST = 0  # stands where an answer has its status
KEYWORDS = ("type", "enum", "required", "minimum", "maximum", "minLength", "maxLength", "pattern")


# -- where the real service differs ----------------------------------------------------------------------


@dataclass(frozen=True)
class Deviation:
    """One known difference. `where` is an operation id, an API family (rest, amplify) or `*`."""

    name: str
    what: str
    source: str
    where: str
    widen: Callable[[Schema], Schema] | None = None  # the schema of an accepted request's answer, made wider
    widen_errors: Callable[[Schema], Schema] | None = None  # that of an error answer
    statuses: frozenset[int] = frozenset()  # answered although not declared
    repeated: frozenset[str] = frozenset()  # query parameters that may come several times, as any text
    bodiless: bool = False  # the accepted request's answer may be empty, or an empty data envelope

    def applies(self, operation: "Operation") -> bool:
        return self.where in ("*", operation.family, operation.id)


def _null_in_envelope(envelope: Schema) -> Schema:
    """Fields may be null, but `data` itself is there."""
    inner = {name: _null_in_fields(schema) for name, schema in envelope["properties"].items()}
    return envelope | {"properties": inner}


def _null_in_fields(schema: Schema) -> Schema:
    """Every field of every object may be null, except for the required ones."""
    wider = dict(schema)
    for name, inner in schema.get("properties", {}).items():
        deeper = _null_in_fields(inner)
        if name not in schema.get("required", ()) and "type" in deeper:
            deeper["type"] = [deeper["type"], "null"]
            if "enum" in deeper:
                deeper["enum"] = [*deeper["enum"], None]
        wider["properties"] = wider["properties"] | {name: deeper}
    if "items" in schema:
        wider["items"] = _null_in_fields(schema["items"])
    return wider


def _with_field(schema: Schema, path: Sequence[str], added: Schema) -> Schema:
    """The schema with one more property (or another form of one), `path` leading to it."""
    wider = copy.deepcopy(schema)
    place = wider
    for step in path[:-1]:
        place = place["items"] if step == "[]" else place["properties"][step]
    place["properties"][path[-1]] = added
    return wider


def _one_element_array(schema: Schema) -> Schema:
    record = schema["properties"]["data"]
    array = {"type": "array", "items": record, "minItems": 1, "maxItems": 1}
    return _with_field(schema, ["data"], {"anyOf": [record, array]})


ERROR_ENTRY = {"type": "object", "required": ["code", "message", "id"]}

DEVIATIONS = (  # in the order in which they widen a schema
    Deviation(
        "null-anywhere",
        "Any field of a record may be null, which Swagger 2.0 cannot say.",
        "recorded responses",
        "*",
        widen=_null_in_envelope,
    ),
    Deviation(
        "array-for-one-message",
        "GET /v1/messages/{id} answers with an array of one message instead of the message.",
        "recorded response, and three clients that read data[0]",
        "retrieveMessage",
        widen=_one_element_array,
    ),
    Deviation(
        "default-time-zone",
        "The member's time zone is called defaultTimezone.",
        "recorded response of GET /v1/me",
        "retrieveMe",
        widen=lambda schema: _with_field(schema, ["data", "defaultTimezone"], {"type": "string"}),
    ),
    Deviation(
        "partial-success",
        "A status of 200 carries errors beside data when some profiles refused the message.",
        "prose of the specification",
        "scheduleMessage",
        widen=lambda schema: _with_field(schema, ["errors"], {"type": "array", "items": ERROR_ENTRY}),
    ),
    Deviation(
        "undeclared-statuses",
        "Every operation may be refused with these, though none or few declare them.",
        "prose of the specification, recorded responses",
        "*",
        statuses=frozenset({401, 403, 404, 405, 413, 429, 500}),
    ),
    Deviation(
        "amplify-bad-request",
        "Amplify declares no 400 for its operations.",
        "prose of the specification",
        "amplify",
        statuses=frozenset({400}),
    ),
    Deviation(
        "amplify-error-uuid",
        "The entries of an Amplify error carry a uuid to trace them by.",
        "prose of the specification",
        "amplify",
        widen_errors=lambda schema: _with_field(schema, ["errors", "[]", "uuid"], {"type": "string"}),
    ),
    Deviation(
        "repeated-profile-ids",
        "socialProfileIds is declared as one integer, but comes once for each profile, and ids are strings.",
        "prose of the specification",
        "retrieveMessages",
        repeated=frozenset({"socialProfileIds"}),
    ),
    Deviation(
        "empty-answer-to-delete",
        "DELETE answers 200 with an empty body or an empty data envelope; no schema is declared.",
        "prose of the specification, a client that cannot parse the answer",
        "deleteMessage",
        bodiless=True,
    ),
)


ASSUMPTIONS = (  # what the stand-in does without a source that says so; a real account may differ
    "A scheduledSendTime in the past is refused with code 4000.",
    "A message that every one of its profiles refuses is a 400, with one error for each profile.",
    "Both ends of a listing's time range belong to it, and so do ranges of four weeks to the second.",
    "A message that is sent at once is never SCHEDULED: its first event says SENT or SEND_FAILED_PERMANENTLY.",
    "A message that will be sent later is SCHEDULED, then SENT or SEND_FAILED_PERMANENTLY; one under review is first "
    "PENDING_APPROVAL, then REJECTED, or APPROVED and SCHEDULED; taking one back makes it DELETED; none is SUBMITTED.",
    "What a reviewer does in the dashboard is not told to ad hoc addresses, but the publishing that follows is.",
    "A registered address is told of all messages, also those of the member's own profiles, with organization null.",
    "Only registered addresses get signatures; deliveries to ad hoc addresses are unsigned.",
    "The signature is the HMAC-SHA512 of the raw body, keyed with the secret's text and written in lower-case hex.",
    "Events are collected from the first that waits, so even a single one goes out only after the interval.",
    "A batch that failed is sent again 5 seconds later, newer events behind the old ones, up to 500 in all.",
    "Five failures in a row disable an address; meanwhile its newest 1000 events are kept, the older ones given up.",
    "A ping enables a disabled address, which then gets what waited for it; registering an address sends no ping.",
    "An answer longer than 32 KB is judged by its status, and the rest of it is not read.",
)


# -- reading the specifications --------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    id: str
    family: str
    method: str
    path: re.Pattern[str]
    declared: Mapping[str, Any]  # the Swagger operation
    definitions: Mapping[str, Any]

    @property
    def query(self) -> dict[str, Mapping[str, Any]]:
        return {one["name"]: one for one in self.declared.get("parameters", []) if one.get("in") == "query"}

    def request_schema(self) -> Schema | None:
        bodies = [one["schema"] for one in self.declared.get("parameters", []) if one.get("in") == "body"]
        return json_schema(bodies[0], self.definitions) if bodies else None

    def answer_schema(self, status: int) -> Schema | None:
        schema = self.declared["responses"].get(str(status), {}).get("schema")
        return json_schema(schema, self.definitions) if schema else None

    def error_schema(self) -> Schema:
        return json_schema(self.definitions[ERRORS[self.family]], self.definitions)


def json_schema(swagger: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """The JSON Schema that says the same: references resolved, allOf merged, objects closed."""
    if "$ref" in swagger:
        return json_schema(definitions[swagger["$ref"].rpartition("/")[2]], definitions)
    schema = {keyword: swagger[keyword] for keyword in KEYWORDS if keyword in swagger}
    parts = [json_schema(part, definitions) for part in swagger.get("allOf", [])]
    properties = {name: inner for part in parts for name, inner in part.get("properties", {}).items()}
    own = swagger.get("properties", {})
    properties |= {name: json_schema(inner, definitions) for name, inner in own.items()}
    if properties:
        schema |= {"type": "object", "properties": properties, "additionalProperties": False}
    if "items" in swagger:
        schema["items"] = json_schema(swagger["items"], definitions)
    return schema


@functools.cache
def _operations(folder: Path) -> tuple[Operation, ...]:
    rest, amplify = folder / "hootsuite-rest.swagger.yaml", folder / "hootsuite-amplify.swagger.json"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return (
        *_read("rest", "", yaml.load(rest.read_text(encoding="utf-8"), Loader=loader)),
        # Amplify's specification has half of its path in `host` and half in `basePath`.
        *_read("amplify", "/amplify/v1", json.loads(amplify.read_text(encoding="utf-8"))),
    )


def _read(family: str, base: str, document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        pattern = re.compile(re.escape(base) + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        for method, declared in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                name, definitions = declared["operationId"], document["definitions"]
                yield Operation(name, family, method.upper(), pattern, declared, definitions)


# -- the check -------------------------------------------------------------------------------------------


@dataclass
class Contract:
    operations: Sequence[Operation]
    deviations: Sequence[Deviation] = DEVIATIONS
    _validators: dict[tuple[str, int], Draft202012Validator] = field(default_factory=dict)

    @classmethod
    def find(cls, folder: Path = SPECIFICATIONS, deviations: Sequence[Deviation] = DEVIATIONS) -> "Contract | None":
        return cls(_operations(folder), deviations) if folder.is_dir() else None

    def check(self, request: Recorded, answer: Response) -> list[str]:
        """What is wrong with the answer and, if the request was accepted, with the request."""
        status = answer.status_code
        name = f"{request.method} {request.path} {status}"
        operation = self._operation(request)
        if operation is None:
            return [f"{name}: the specification has no such operation"] if status < 300 else []
        problems = list(self._request_problems(operation, request)) if status < 300 else []
        problems += self._answer_problems(operation, status, answer.get_data())
        return [f"{name}: {problem}" for problem in problems]

    def _operation(self, request: Recorded) -> Operation | None:
        for operation in self.operations:
            if operation.method == request.method and operation.path.fullmatch(request.path):
                return operation
        return None

    def _known(self, operation: Operation) -> list[Deviation]:
        return [one for one in self.deviations if one.applies(operation)]

    def _request_problems(self, operation: Operation, request: Recorded) -> Iterator[str]:
        repeated = {name for one in self._known(operation) for name in one.repeated}
        for name, values in request.query.items():
            declared = operation.query.get(name)
            if declared is None:
                yield f"request: query parameter {name} is not in the specification"
            elif name not in repeated:
                pattern = PLAIN_TYPES.get(declared["type"], "(?s:.*)")
                if len(values) > 1:
                    yield f"request: query parameter {name} comes {len(values)} times"
                elif not re.fullmatch(pattern, values[0]):
                    yield f"request: query parameter {name} is not of type {declared['type']}"
        for name, declared in operation.query.items():
            if declared.get("required") and name not in request.query:
                yield f"request: query parameter {name} is missing"
        schema = operation.request_schema()
        if schema:
            validator = self._validator(operation, REQUEST, lambda: schema)
            yield from (f"request: {problem}" for problem in _problems(validator, request.body))
        elif request.body:
            yield "request: a body where the specification has none"

    def _answer_problems(self, operation: Operation, status: int, body: bytes) -> Iterator[str]:
        known = self._known(operation)
        declared = str(status) in operation.declared["responses"]
        if not declared and not any(status in one.statuses for one in known):
            yield f"answer: status {status} is not declared"
        elif status < 300 and operation.answer_schema(status) is None:
            empty = body in (b"", b'{"data": {}}')
            if not (empty and any(one.bodiless for one in known)):
                yield "answer: no schema is declared, and the body is not known to be empty"
        else:
            validator = self._validator(operation, status, lambda: self._answer_schema(operation, status))
            yield from (f"answer: {problem}" for problem in _problems(validator, body))

    def _answer_schema(self, operation: Operation, status: int) -> Schema:
        accepted = status < 300
        schema = operation.answer_schema(status) or operation.error_schema()
        for deviation in self._known(operation):
            widen = deviation.widen if accepted else deviation.widen_errors
            schema = widen(schema) if widen else schema
        return schema

    def _validator(self, operation: Operation, of: int, schema: Callable[[], Schema]) -> Draft202012Validator:
        """The validator of an answer (`of` is its status) or of the request; made once."""
        key = operation.id, of
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(schema())
        return self._validators[key]


def _problems(validator: Draft202012Validator, body: bytes) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "the body is not JSON"
        return
    for error in validator.iter_errors(value):
        deepest = best_match([error]) or error  # for an anyOf: the alternative that came closest
        yield f"{deepest.json_path} {deepest.message}"[:300]
