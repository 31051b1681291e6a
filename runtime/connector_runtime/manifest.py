"""A connector's files made into its model: `connector.yaml`, `operations/` and `schemas/`.

In: a folder. Out: a `Reading`: the `Manifest` with every operation that is whole, and the problems of the others.
Refused, as problems: what does not fit the format, and whatever is named but does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dialect import fit
from .document import Document, Place, read_document
from .enforced import closed, list_input, list_output, opened
from .errors import ManifestError, Problem
from .model import Api, Manifest, Operation, Source, make
from .paths import ABSENT, walk
from .references import Resolved, resolve
from .schemas import close_like

FOLDERS = {"action": "operations/actions", "query": "operations/queries"}


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
        data = dict(document.data)
        data["sign_in"] = {
            id_: {**way, "fields": closed(self.schema(document, ("sign_in", id_, "fields")).schema)}
            for id_, way in data["sign_in"].items()
        }
        data["settings"] = closed(self.schema(document, ("settings",)).schema if "settings" in data else {})
        apis = {id_: make(Api, spec, ("apis", id_)) for id_, spec in data["apis"].items()}
        whole = {**data, "folder": self.folder, "document": document, "operations": dict(self.operations(apis))}
        for path in sorted((self.folder / "schemas").glob("*.yaml")):
            if (file := f"schemas/{path.name}") not in {*self.documents, *self.broken}:
                self.document(file, "schema")  # nobody refers to it, and it is checked all the same
        manifest = make(Manifest, whole)
        self.problems.extend(_references(manifest))
        return manifest

    def operations(self, apis: dict[str, Api]) -> Iterator[tuple[str, Operation]]:
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
                operation = self.operation(document, kind, path.stem, apis)
                if len(self.problems) == before:
                    yield path.stem, operation

    def operation(self, document: Document, kind: str, id_: str, apis: dict[str, Api]) -> Operation:
        data = document.data
        schemas: dict[Place, Resolved] = {
            place: self.schema(document, place)
            for place in (("input",), ("output",), ("records", "each"))
            if walk(place, data) is not ABSENT
        }
        parts: dict[Any, Any] = {place[0]: resolved.schema for place, resolved in schemas.items()}
        whole = {**data, "id": id_, "kind": kind, "title": data[kind], "source": Source(document, schemas)}
        given, output = parts.get("input", {}), opened(parts.get("output", {}))
        if "records" in data:
            each = opened(parts["records"])
            given, output = list_input(given), list_output(data["records"]["as"], each)
            whole["records"] = {**data["records"], "each": each}
        path = data.get("request", {}).get("path", "")
        families = [api for api in apis.values() if path.startswith(api.path)]
        whole["api"] = max(families, key=lambda api: len(api.path), default=None)
        operation = make(Operation, {**whole, "input": closed(given), "output": output})
        self.problems.extend(_placeholders(operation))
        return operation


def _placeholders(operation: Operation) -> Iterator[Problem]:
    for name in operation.request.placeholders if operation.request else ():
        if name not in operation.input["properties"]:
            message = f"the path names {{{name}}}, and there is no input '{name}'"
        elif name not in operation.input.get("required", ()):
            message = f"the path needs {{{name}}}, so the input '{name}' must be required"
        else:
            continue
        yield operation.source.document.problem("path-input", ("request", "path"), message)


def _references(manifest: Manifest) -> Iterator[Problem]:
    """Everything that names an operation must name one that exists and fits."""
    yield from _reference(manifest, manifest.document, ("service", "probe"), manifest.service.probe, reads=True)
    for operation in manifest.operations.values():
        document = operation.source.document
        for name, call in operation.look_up.items():
            yield from _reference(manifest, document, ("look_up", name, "query"), call.query, reads=True)
        if operation.upload:
            job, wait = operation.upload.job.action, operation.upload.wait.query
            yield from _reference(manifest, document, ("upload", "job", "action"), job, reads=False)
            yield from _reference(manifest, document, ("upload", "wait", "query"), wait, reads=True)


def _reference(manifest: Manifest, document: Document, place: Place, id_: str, *, reads: bool) -> Iterator[Problem]:
    named = manifest.operations.get(id_)
    if named is None and any((manifest.folder / folder / f"{id_}.yaml").is_file() for folder in FOLDERS.values()):
        return  # it is broken, and its own problems say so
    if named is None:
        near = close_like(id_, manifest.operations)
        hint = f"did you mean '{near}'?" if near else ""
        yield document.problem("unknown-operation", place, f"there is no operation '{id_}'", hint)
    elif reads and named.effect != "read":
        yield document.problem("reference-effect", place, f"'{id_}' does more than read, so it cannot stand here")
