"""A connector's files made into its model: `connector.yaml`, `operations/` and `schemas/`.

In: a folder. Out: a `Reading`: the `Manifest` with every operation that is whole, and the problems of the others.
Refused, as problems: what does not fit the format, and whatever is named but does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .dialect import fit
from .document import Document, Place, read_document
from .enforced import LIST_INPUTS, closed, list_output, opened, with_added
from .errors import ManifestError, Problem, in_order
from .expressions import Computed
from .model import Api, Manifest, Operation, Source, Trigger, Verify, make
from .paths import ABSENT, walk
from .references import Resolved, resolve
from .schemas import close_like
from .signatures import KEY_FORMS

_TAKEN = ("input", "connection", "now", "response", "record", "item", "file", "job", "waited", "code", "message")
FOLDERS = {"trigger": "operations/triggers", "action": "operations/actions", "query": "operations/queries"}


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
    return Reading(manifest, in_order(reader.problems), tuple(reader.whole))


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
        data = dict(document.data)
        data["sign_in"] = {
            id_: {**way, "fields": closed(self.schema(document, ("sign_in", id_, "fields")).schema)}
            for id_, way in data["sign_in"].items()
        }
        data["settings"] = closed(self.schema(document, ("settings",)).schema if "settings" in data else {})
        data["sources"] = _with_likes(data.get("sources", {}))
        apis = {id_: make(Api, spec, ("apis", id_)) for id_, spec in data["apis"].items()}
        found = dict(self.operations(apis))
        triggers = {id_: it for id_, it in found.items() if isinstance(it, Trigger)}
        operations = {id_: it for id_, it in found.items() if isinstance(it, Operation)}
        whole = {**data, "folder": self.folder, "document": document, "operations": operations, "triggers": triggers}
        for path in sorted((self.folder / "schemas").glob("*.yaml")):
            if (file := f"schemas/{path.name}") not in {*self.documents, *self.broken}:
                self.document(file, "schema")  # nobody refers to it, and it is checked all the same
        manifest = make(Manifest, whole)
        self.problems.extend(_references(manifest))
        return manifest

    def operations(self, apis: dict[str, Api]) -> Iterator[tuple[str, Operation | Trigger]]:
        seen: dict[str, str] = {}
        for kind, folder in FOLDERS.items():
            for path in sorted((self.folder / folder).glob("*.yaml")):
                document = self.document(f"{folder}/{path.name}", kind)
                if document is None:
                    continue
                before = len(self.problems)
                if (first := seen.setdefault(path.stem, document.file)) != document.file:
                    message = f"'{path.stem}' is the id of {first} already"
                    self.problems.append(document.problem("file-name", (), message))
                operation = (
                    self.trigger(document, path.stem)
                    if kind == "trigger"
                    else self.operation(document, kind, path.stem, apis)
                )
                if len(self.problems) == before:
                    yield path.stem, operation

    def whole_of(self, document: Document, kind: str, id_: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The schemas of an operation by the key they stand under, and its data with what every operation has."""
        data = document.data
        schemas: dict[Place, Resolved] = {
            place: self.schema(document, place)
            for place in (("input",), ("output",), ("records", "each"))
            if walk(place, data) is not ABSENT
        }
        parts = {str(place[0]): resolved.schema for place, resolved in schemas.items()}
        return parts, {**data, "id": id_, "kind": kind, "title": data[kind], "source": Source(document, schemas)}

    def trigger(self, document: Document, id_: str) -> Trigger:
        parts, whole = self.whole_of(document, "trigger", id_)
        schemas = {"input": closed(parts.get("input", {})), "output": with_added(opened(parts["output"]), "eventId")}
        trigger = make(Trigger, {**whole, **schemas})
        self.problems.extend(_facts_of_a_trigger(trigger))
        return trigger

    def operation(self, document: Document, kind: str, id_: str, apis: dict[str, Api]) -> Operation:
        data = document.data
        parts, whole = self.whole_of(document, kind, id_)
        given, output = parts.get("input", {}), opened(parts.get("output", {}))
        output = with_added(output, "complete") if "partial" in data else output
        if "records" in data:
            each = opened(parts["records"])
            given, output = with_added(given, *LIST_INPUTS, required=False), list_output(data["records"]["as"], each)
            whole["records"] = {**data["records"], "each": each}
        path = data.get("request", {}).get("path", "")
        families = [it for it in apis.values() if path and f"{path}/".startswith(f"{it.path.rstrip('/')}/")]
        whole["api"] = max(families, key=lambda api: len(api.path), default=None)
        operation = make(Operation, {**whole, "input": closed(given), "output": output})
        self.problems.extend(_own_problems(operation))
        return operation


def _own_problems(operation: Operation) -> Iterator[Problem]:
    """What an operation says of its own inputs and of its request must fit together."""
    document, request, inputs = operation.source.document, operation.request, operation.input["properties"]
    required = operation.input.get("required", ())
    place: Place = ("request", "path")
    for name in request.placeholders if request else ():
        if name not in inputs:
            yield document.problem("path-input", place, f"the path names {{{name}}}, and there is no input '{name}'")
        elif name not in required:
            message = f"the path needs {{{name}}}, so the input '{name}' must be required"
            yield document.problem("path-input", place, message)
    for number, name in enumerate(request.leave_out if request else ()):
        if name not in inputs:
            near = close_like(name, inputs)
            hint = f"did you mean '{near}'?" if near else ""
            at: Place = ("request", "leave_out", number)
            yield document.problem("unknown-input", at, f"there is no input '{name}' to leave out", hint)
    bodies = [key for key in ("json", "form") if request and (getattr(request, key) or request.inputs == key)]
    if request and len(bodies) == 2:
        yield document.problem("request-body", ("request",), "a request has a JSON body or a form body, not both")
    elif request and bodies and request.method in ("GET", "DELETE"):
        message = f"a {request.method} request has no body; use params"
        yield document.problem("request-body", ("request", "method"), message)
    if request and not request.inputs:
        used = {*request.placeholders, *request.leave_out, *LIST_INPUTS, *_read(operation)}
        for name in (name for name in inputs if name not in used):
            at = ("input", "properties", name)
            message = f"the input '{name}' goes nowhere"
            hint = "say where the inputs go (request: inputs), or use it in an expression"
            yield document.problem("unused-input", at, message, hint, key=True)
    if operation.upload:
        name = operation.upload.file
        if name not in required or inputs.get(name, {}).get("format") != "file":
            message = f"'{name}' must be a required input with format: file"
            yield document.problem("upload-input", ("upload", "file"), message)
    for name in operation.look_up:
        if name in _TAKEN:
            yield document.problem("taken-name", ("look_up", name), f"'{name}' already means something here", key=True)
    for name in LIST_INPUTS if operation.records else ():
        if name in document.data.get("input", {}).get("properties", {}):
            at = ("input", "properties", name)
            yield document.problem("taken-name", at, f"every list has '{name}' of its own", key=True)


def _facts_of_a_trigger(trigger: Trigger) -> Iterator[Problem]:
    """What makes it the same event must be known, whichever source saw it."""
    document = trigger.source.document
    fetched = {name for it in trigger.fetch.values() for name in it.facts}
    for number, name in enumerate(trigger.same_event):
        for source, it in trigger.sources.items():
            if name not in it.facts and name not in fetched:
                near = close_like(name, {*it.facts, *fetched})
                hint = f"did you mean '{near}'?" if near else ""
                message = f"the source '{source}' has no fact '{name}'"
                yield document.problem("unknown-fact", ("same_event", number), message, hint)


def _with_likes(sources: Mapping[str, Any]) -> dict[str, Any]:
    """The sources, each with what it takes from the one that it is like."""
    whole = dict(sources)
    for id_, source in sources.items():
        model = sources.get(source.get("webhook", {}).get("like"), {}).get("webhook", {})
        if model:
            taken = {key: value for key, value in model.items() if key not in ("verify", "signature", "like")}
            whole[id_] = {**source, "webhook": {**taken, **source["webhook"]}}
    return whole


def _read(operation: Operation) -> set[str]:
    """The inputs that any expression of an operation reads."""
    assert operation.request is not None
    partial, failed, records = operation.partial, operation.failed, operation.records
    computed: list[Computed | None] = [*operation.request.computed(), operation.returns]
    computed += [each for rule in operation.rules for each in (rule.must, rule.message)]
    computed += [call.input for call in operation.look_up.values()]
    computed += [rule.message for rule in (*operation.errors, *(operation.api.errors if operation.api else ()))]
    computed += [partial.if_, partial.fail_if, partial.message] if partial else []
    computed += [failed.if_, failed.message] if failed else []
    computed += [*records.add.values()] if records else []
    found = set()
    for each in (each for each in computed if each):
        with suppress(ValueError):  # a wrong expression; the check says so
            found |= {str(path[1]) for path in each.reads if path[0] == "input" and len(path) > 1}
    return found


def _references(manifest: Manifest) -> Iterator[Problem]:
    """Everything that names an operation must name one that exists and fits."""
    yield from _reference(manifest, manifest.document, ("service", "probe"), manifest.service.probe, reads=True)
    host = urlsplit(manifest.service.base_url).netloc.lower()
    if not {host, host.removesuffix(":443")} & set(manifest.service.hosts):
        message = "the host of base_url is not among hosts, so it would get no credentials"
        yield manifest.document.problem("host", ("service", "base_url"), message)
    yield from _sources(manifest)
    everything: list[Operation | Trigger] = [*manifest.operations.values(), *manifest.triggers.values()]
    for each in everything:
        document = each.source.document
        for place, schema in _inputs(each.input, ("input",)):
            if options := schema.get("x-options"):
                yield from _reference(manifest, document, (*place, "x-options", "query"), options["query"], reads=True)
    for operation in manifest.operations.values():
        document = operation.source.document
        for name, call in operation.look_up.items():
            yield from _reference(manifest, document, ("look_up", name, "query"), call.query, reads=True)
        if operation.upload:
            job, wait = operation.upload.job.action, operation.upload.wait.query
            yield from _reference(manifest, document, ("upload", "job", "action"), job, reads=False)
            yield from _reference(manifest, document, ("upload", "wait", "query"), wait, reads=True)
    yield from _triggers(manifest)


def _sources(manifest: Manifest) -> Iterator[Problem]:
    """What the sources name must exist, and signatures must hold what they promise."""
    document = manifest.document
    for id_, source in manifest.sources.items():
        place: Place = ("sources", id_)
        watch, webhook = source.watch, source.webhook
        for number, action in enumerate(watch.after if watch else ()):
            after: Place = (*place, "watch", "after")
            several = isinstance(walk(after, document.data), list)
            yield from _reference(manifest, document, (*after, number) if several else after, action, reads=False)
        if watch and watch.look:
            yield from _reference(manifest, document, (*place, "watch", "look", "query"), watch.look.query, reads=True)
        if webhook and webhook.like and not (named := manifest.sources.get(webhook.like)):
            yield _unknown_source(manifest, document, (*place, "webhook", "like"), webhook.like)
        elif webhook and webhook.like and named and (named.webhook is None or named.webhook.like):
            message = f"'{webhook.like}' is no webhook that says everything itself"
            yield document.problem("unknown-source", (*place, "webhook", "like"), message)
        if webhook and webhook.verify:
            yield from _signature(document, (*place, "webhook", "verify"), webhook.verify)


def _signature(document: Document, place: Place, verify: Verify) -> Iterator[Problem]:
    names = {name.lower() for name in re.findall(r"\{([^}]+)\}", verify.signed)}
    header = verify.timestamp.header if verify.timestamp else None
    if "timestamp" in names and not header:
        message = "{timestamp} is signed, and nothing says which header it stands in"
        yield document.problem("signature", (*place, "signed"), message)
    elif header and not {"timestamp", header.lower()} & names:
        message = "the timestamp is not signed, so anybody could change it"
        hint = "put {timestamp} into signed, where the service signs it"
        yield document.problem("signature", (*place, "timestamp"), message, hint)
    form = verify.key.form.data
    if "{{" not in form and form not in KEY_FORMS:
        yield document.problem("signature", (*place, "key", "form"), f"'{form}' is none of {', '.join(KEY_FORMS)}")


def _triggers(manifest: Manifest) -> Iterator[Problem]:
    """Topics belong to the connector and are told apart; sources and reads exist."""
    first: dict[str, str] = {}
    for trigger in manifest.triggers.values():
        document = trigger.source.document
        start = f"{manifest.connector}/{trigger.resource}/"
        if not trigger.topic.startswith(start):
            yield document.problem("topic", ("topic",), f"the topic of this trigger starts with {start}")
        event = trigger.topic.rpartition("/")[2]
        if (other := first.setdefault(event, document.file)) != document.file:
            yield document.problem("topic", ("topic",), f"{other} has the event '{event}' already")
        for name in trigger.sources:
            known = manifest.sources.get(name)
            if known is None:
                yield _unknown_source(manifest, document, ("sources", name), name, key=True)
            elif known.webhook and known.webhook.like:
                message = f"'{name}' is like '{known.webhook.like}', and hears all that is said of that one"
                yield document.problem("unknown-source", ("sources", name), message, key=True)
        for name, fetch in trigger.fetch.items():
            yield from _reference(manifest, document, ("fetch", name, "query"), fetch.query, reads=True)


def _unknown_source(manifest: Manifest, document: Document, place: Place, id_: str, *, key: bool = False) -> Problem:
    near = close_like(id_, manifest.sources)
    hint = f"did you mean '{near}'?" if near else "sources are declared in connector.yaml"
    return document.problem("unknown-source", place, f"there is no source '{id_}'", hint, key=key)


def _inputs(schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """A schema and all below it, each with its place."""
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _inputs(inner, (*place, "properties", name))
    if "items" in schema:
        yield from _inputs(schema["items"], (*place, "items"))


def _reference(manifest: Manifest, document: Document, place: Place, id_: str, *, reads: bool) -> Iterator[Problem]:
    named = manifest.operations.get(id_)
    if id_ in manifest.triggers:
        yield document.problem("unknown-operation", place, f"'{id_}' is a trigger, which cannot be called")
        return
    if named is None and any((manifest.folder / folder / f"{id_}.yaml").is_file() for folder in FOLDERS.values()):
        return  # it is broken, and its own problems say so
    if named is None:
        near = close_like(id_, manifest.operations)
        hint = f"did you mean '{near}'?" if near else ""
        yield document.problem("unknown-operation", place, f"there is no operation '{id_}'", hint)
    elif reads and named.effect != "read":
        yield document.problem("reference-effect", place, f"'{id_}' does more than read, so it cannot stand here")
