"""A connector's files made into its model: `connector.yaml`, `operations/` and `schemas/`.

In: a folder. Out: a `Reading`: the `Manifest` with every operation that is whole, and the problems of the others.
Refused, as problems: what does not fit the format, and whatever is named but does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dialect import fit
from .document import Document, Place, read_document
from .errors import ManifestError, Problem
from .expressions import Computed
from .model import (
    Api,
    Call,
    Condition,
    ErrorRule,
    Manifest,
    Operation,
    Pages,
    Partial,
    Records,
    RequestSpec,
    Rule,
    Service,
    SignIn,
    Source,
    Upload,
)
from .paths import ABSENT, Part, parse_path, walk
from .references import Resolved, resolve
from .schemas import Validator, close_like, closed, has_defaults, opened
from .times import parse_duration

DEFAULT_MAX_RECORDS = 1000
_FOLDERS = {"action": "operations/actions", "query": "operations/queries"}


@dataclass(frozen=True)
class Reading:
    """What came of reading a folder: the manifest (None: connector.yaml itself is broken), its problems, and the
    documents that fit the format, each with its kind."""

    manifest: Manifest | None
    problems: tuple[Problem, ...]
    documents: tuple[tuple[Document, str], ...]


def read_manifest(folder: Path) -> Reading:
    """Reads a connector's folder. Nothing is raised for what is wrong in it: see `Reading.problems`."""
    reader = _Reader(folder.resolve())
    manifest = reader.manifest()
    ordered = sorted(set(reader.problems), key=lambda it: (it.file, it.line, it.column, it.message))
    return Reading(manifest, tuple(ordered), tuple(reader.whole))


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self.broken: set[str] = set()
        self.whole: list[tuple[Document, str]] = []

    def document(self, file: str, kind: str) -> Document | None:
        """A file that fits the format, or None with the problems kept."""
        try:
            path = (self.folder / file).resolve()
            if not path.is_relative_to(self.folder):
                message = "the file leads out of the connector's folder"
                raise ManifestError(message, problems=[Problem("yaml-read", "error", file, 1, 1, message)])
            document = read_document(path, file)
        except ManifestError as error:
            self.problems.extend(error.problems)
            return None
        problems = fit(document, kind)
        self.problems.extend(problems)
        if problems:
            return None
        self.documents[file] = document
        self.whole.append((document, kind))
        return document

    def library(self, file: str) -> Document:
        """A file that a `$ref` names."""
        if file in self.broken or not (self.folder / file).is_file():
            raise ManifestError("is not whole" if file in self.broken else "names a file that does not exist")
        if file not in self.documents and self.document(file, "schema") is None:
            self.broken.add(file)
            raise ManifestError("is not whole")
        return self.documents[file]

    def schema(self, document: Document, place: Place) -> Resolved:
        resolved, problems = resolve(document, place, self.library)
        self.problems.extend(problems)
        return resolved

    def manifest(self) -> Manifest | None:
        document = self.document("connector.yaml", "connector")
        if document is None:
            return None
        data = document.data
        apis = tuple(_api(id_, spec) for id_, spec in data["apis"].items())
        operations = dict(self.operations(apis))
        service = data["service"]
        sign_in = {}
        for id_, way in data["sign_in"].items():
            fields = closed(self.schema(document, ("sign_in", id_, "fields")).schema)
            sign_in[id_] = _sign_in(id_, way, fields)
        settings = closed(self.schema(document, ("settings",)).schema if "settings" in data else {})
        manifest = Manifest(
            folder=self.folder,
            id=data["connector"],
            title=data["title"],
            version=data["version"],
            maturity=data["maturity"],
            summary=data["summary"],
            service=Service(
                base_url=service["base_url"].rstrip("/"),
                headers=service.get("headers", {}),
                hosts=tuple(service["hosts"]),
                upload_hosts=tuple(service.get("upload_hosts", ())),
                probe=service["probe"],
            ),
            apis=apis,
            sign_in=sign_in,
            settings=settings,
            operations=operations,
            document=document,
        )
        self.problems.extend(_references(manifest))
        return manifest

    def operations(self, apis: tuple[Api, ...]) -> Iterator[tuple[str, Operation]]:
        seen: dict[str, str] = {}
        for kind, folder in _FOLDERS.items():
            for path in sorted((self.folder / folder).glob("*.yaml")):
                document = self.document(f"{folder}/{path.name}", kind)
                if document is None:
                    continue
                before = len(self.problems)
                if (first := seen.setdefault(path.stem, document.file)) != document.file:
                    message = f"'{path.stem}' is the id of {first} already"
                    self.problems.append(document.problem("file-name", (), message))
                operation = self.operation(document, kind, path.stem, apis)
                if len(self.problems) == before:
                    yield path.stem, operation

    def operation(self, document: Document, kind: str, id_: str, apis: tuple[Api, ...]) -> Operation:
        data = document.data
        schemas: dict[Place, Resolved] = {
            place: self.schema(document, place)
            for place in (("input",), ("output",), ("records", "each"))
            if walk(place, data) is not ABSENT
        }
        given = schemas[("input",)].schema if ("input",) in schemas else {}
        records, pages = data.get("records"), data.get("pages")
        if records:
            each = opened(schemas[("records", "each")].schema)
            given, output = _list_input(given), _list_output(records["as"], each)
        else:
            output = opened(schemas[("output",)].schema)
        input_ = closed(given)
        request = _request(data["request"], input_) if "request" in data else None
        path = data.get("request", {}).get("path", "")
        families = [api for api in apis if path.startswith(api.path)]
        if request:
            self.problems.extend(_placeholders(document, request, input_))
        return Operation(
            id=id_,
            kind=kind,
            title=data[kind],
            description=data["description"],
            resource=data["resource"],
            effect=data["effect"],
            input=input_,
            output=output,
            api=max(families, key=lambda api: len(api.path), default=None),
            rules=tuple(
                Rule(Computed(rule["must"], ("rules", n, "must")), rule["message"], rule.get("at", ""))
                for n, rule in enumerate(data.get("rules", ()))
            ),
            look_up={name: _call(call, ("look_up", name)) for name, call in data.get("look_up", {}).items()},
            request=request,
            upload=_upload(data["upload"]) if "upload" in data else None,
            records=_records(records, Validator(each)) if records else None,
            pages=_pages(pages) if pages else None,
            returns=Computed(data["returns"], ("returns",)) if "returns" in data else None,
            partial=_partial(data["partial"]) if "partial" in data else None,
            errors=_error_rules(data.get("errors", ()), ("errors",)),
            examples=tuple(data["examples"]),
            source=Source(document, schemas),
            input_validator=Validator(input_),
            output_validator=Validator(output),
            defaults=has_defaults(input_),
        )


def _condition(data: Mapping[str, Any]) -> Condition:
    return Condition(tuple((parse_path(path), tuple(v) if isinstance(v, list) else (v,)) for path, v in data.items()))


def _paths(data: str | list[str] | None) -> tuple[tuple[Part, ...], ...]:
    listed = [data] if isinstance(data, str) else data or []
    return tuple(parse_path(path) for path in listed)


def _api(id_: str, data: Mapping[str, Any]) -> Api:
    error = data["error"]
    return Api(
        id=id_,
        path=data["path"],
        code=_paths(error.get("code")),
        message=_paths(error["message"]),
        trace_id=_paths(error.get("trace_id")),
        errors=_error_rules(data.get("errors", ()), ("apis", id_, "errors")),
    )


def _error_rules(rules: Any, place: Place) -> tuple[ErrorRule, ...]:
    return tuple(
        ErrorRule(
            when=_condition(rule["when"]),
            then=rule["then"],
            message=Computed(rule["message"], (*place, n, "message")) if "message" in rule else None,
        )
        for n, rule in enumerate(rules)
    )


def _sign_in(id_: str, data: Mapping[str, Any], fields: dict[str, Any]) -> SignIn:
    bearer = data["scheme"] == "bearer"
    return SignIn(
        id=id_,
        title=data["title"],
        description=data.get("description", ""),
        fields=fields,
        header="Authorization" if bearer else data["header"],
        prefix="Bearer " if bearer else "",
        token=Computed(data["token"], ("sign_in", id_, "token")),
    )


def _call(data: Mapping[str, Any], place: Place, key: str = "query") -> Call:
    return Call(data[key], Computed(data.get("input", {}), (*place, "input")))


def _each(data: Mapping[str, Any], place: Place) -> dict[str, Computed]:
    return {name: Computed(value, (*place, name)) for name, value in data.items()}


def path_inputs(path: str) -> list[str]:
    """The names in {braces} in a path."""
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]


def _request(data: Mapping[str, Any], input_: Mapping[str, Any]) -> RequestSpec:
    parts = {key: _each(data.get(key, {}), ("request", key)) for key in ("params", "headers", "json", "form")}
    used = {*path_inputs(data["path"]), *data.get("leave_out", ()), "maxRecords", "next"}
    if (goes_to := data.get("inputs")) is not None:
        used.update(parts[goes_to])
        for key in {"params", "headers", "json", "form"} - {goes_to}:
            for computed in parts[key].values():
                used.update(_inputs_read(computed))
    sent = tuple(name for name in input_["properties"] if goes_to and name not in used)
    return RequestSpec(method=data["method"], path=data["path"], inputs=goes_to, sent=sent, **parts)


def _inputs_read(computed: Computed) -> Iterator[str]:
    try:
        yield from (str(path[1]) for path in computed.reads if path[0] == "input" and len(path) > 1)
    except ValueError:  # a wrong expression; the check says so
        return


def _placeholders(document: Document, request: RequestSpec, input_: Mapping[str, Any]) -> Iterator[Problem]:
    for name in path_inputs(request.path):
        if name not in input_["properties"]:
            message = f"the path names {{{name}}}, and there is no input '{name}'"
            yield document.problem("path-input", ("request", "path"), message)
        elif name not in input_.get("required", ()):
            message = f"the path needs {{{name}}}, so the input '{name}' must be required"
            yield document.problem("path-input", ("request", "path"), message)


def _records(data: Mapping[str, Any], each: Validator) -> Records:
    return Records(parse_path(data["from"]), data["as"], each, _each(data.get("add", {}), ("records", "add")))


def _pages(data: Mapping[str, Any]) -> Pages:
    size = data.get("size", {})
    return Pages(
        by=data["by"],
        next=parse_path(data["next"]) if "next" in data else (),
        send=data.get("send", ""),
        size_send=size.get("send"),
        size_max=size.get("max", 0),
    )


def _partial(data: Mapping[str, Any]) -> Partial:
    fail_if = Computed(data["fail_if"], ("partial", "fail_if")) if "fail_if" in data else None
    return Partial(Computed(data["if"], ("partial", "if")), fail_if, Computed(data["message"], ("partial", "message")))


def _upload(data: Mapping[str, Any]) -> Upload:
    put, wait = data["put"], data["wait"]
    return Upload(
        file=data["file"],
        job=_call(data["job"], ("upload", "job"), "action"),
        put_url=Computed(put["url"], ("upload", "put", "url")),
        put_headers=_each(put.get("headers", {}), ("upload", "put", "headers")),
        put_at_most=parse_duration(put["at_most"]),
        wait=_call(wait, ("upload", "wait")),
        until=_condition(wait["until"]),
        every=parse_duration(wait["every"]),
        wait_at_most=parse_duration(wait["at_most"]),
    )


def _list_input(schema: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "maxRecords": {
            "type": "integer",
            "minimum": 1,
            "default": DEFAULT_MAX_RECORDS,
            "title": "Most Records",
            "description": "How many records to give at most.",
            "examples": [100],
            "x-visibility": "advanced",
        },
        "next": {
            "type": "string",
            "minLength": 1,
            "title": "Continue At",
            "description": "The `next` of an earlier answer, to go on where it ended.",
            "examples": ["WyJiMjVsIiwwXQ"],
            "x-visibility": "advanced",
        },
    }
    return {**schema, "properties": {**schema.get("properties", {}), **own}}


def _list_output(name: str, each: dict[str, Any]) -> dict[str, Any]:
    position = {
        "type": ["string", "null"],
        "title": "Next",
        "description": "Where to go on, for the input `next`; null where there is no more.",
    }
    records = {"type": "array", "items": each, "title": "Records", "description": "The records, in order."}
    return {"type": "object", "properties": {name: records, "next": position}, "required": [name, "next"]}


def _references(manifest: Manifest) -> Iterator[Problem]:
    """Everything that names an operation must name one that exists and fits."""
    yield from _reference(manifest, manifest.document, ("service", "probe"), manifest.service.probe, reads=True)
    for operation in manifest.operations.values():
        document = operation.source.document
        for name, call in operation.look_up.items():
            yield from _reference(manifest, document, ("look_up", name, "query"), call.operation, reads=True)
        if operation.upload:
            job, wait = operation.upload.job.operation, operation.upload.wait.operation
            yield from _reference(manifest, document, ("upload", "job", "action"), job, reads=False)
            yield from _reference(manifest, document, ("upload", "wait", "query"), wait, reads=True)


def _reference(manifest: Manifest, document: Document, place: Place, id_: str, *, reads: bool) -> Iterator[Problem]:
    named = manifest.operations.get(id_)
    if named is None and any((manifest.folder / folder / f"{id_}.yaml").is_file() for folder in _FOLDERS.values()):
        return  # it is broken, and its own problems say so
    if named is None:
        near = close_like(id_, manifest.operations)
        hint = f"did you mean '{near}'?" if near else ""
        yield document.problem("unknown-operation", place, f"there is no operation '{id_}'", hint)
    elif reads and named.effect != "read":
        yield document.problem("reference-effect", place, f"'{id_}' does more than read, so it cannot stand here")
