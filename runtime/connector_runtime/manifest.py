"""A connector's files made into its model: `connector.yaml`, `operations/` and `schemas/`.

In: a folder. Out: a `Reading`: the `Manifest` with every operation that is whole, and the problems of the others.
Refused, as problems: what does not fit the format, and whatever is named but does not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dialect import fit
from .document import Document, Place, parse_document, read_text
from .enforced import LIST_INPUTS, closed, list_output, opened, with_added
from .errors import ManifestError, Problem, in_order
from .model import Api, Manifest, Operation, Resolved, Source, Trigger, make
from .paths import ABSENT, walk
from .references import NotWhole, resolve
from .rules import Rule, calls, operations, triggers

FOLDERS = {"trigger": "operations/triggers", "action": "operations/actions", "query": "operations/queries"}
"""Kind of operation → where its files are."""

Known = dict[tuple[str, str], tuple[str, Document | None, list[Problem]]]
"""Files that were read before, by name and kind: their text, and what came of it. One that is unchanged is not read
again."""


@dataclass(frozen=True)
class Reading:
    """What came of reading a folder: the manifest (None: connector.yaml itself is broken), its problems, and the
    documents that fit the format, each with its kind."""

    manifest: Manifest | None
    problems: tuple[Problem, ...]
    documents: tuple[tuple[Document, str], ...]


def read_manifest(folder: Path, known: Known | None = None, without: Collection[str] = ()) -> Reading:
    """Reads a connector's folder, `without` operations of these ids. Nothing is raised for what is wrong in it: see
    `Reading.problems`."""
    reader = _Reader(folder.resolve(), {} if known is None else known, without)
    manifest = reader.manifest()
    return Reading(manifest, in_order(reader.problems), tuple(reader.whole))


class _Reader:
    def __init__(self, folder: Path, known: Known, without: Collection[str]) -> None:
        self.folder = folder
        self.without = without
        self.known = known
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self.broken: set[str] = set()
        self.seen: set[str] = set()
        self.whole: list[tuple[Document, str]] = []
        self.files = sorted(f"schemas/{path.name}" for path in (folder / "schemas").glob("*.yaml"))
        self.whole_so_far = True

    def document(self, file: str, kind: str) -> Document | None:
        """A file that fits the format, or None with the problems kept."""
        self.seen.add(file)
        document, problems = self.read(file, kind)
        self.problems.extend(problems)
        if document is None or problems:
            return None
        self.documents[file] = document
        self.whole.append((document, kind))
        return document

    def read(self, file: str, kind: str) -> tuple[Document | None, list[Problem]]:
        """A file, and what is wrong with it by itself."""
        try:
            path = _resolved(self.folder / file, file)
            if not path.is_relative_to(self.folder):
                message = "the file leads out of the connector's folder"
                raise ManifestError(message, problems=[Problem("yaml-read", "error", file, 1, 1, message)])
            text = read_text(path, file)
        except ManifestError as error:
            return None, list(error.problems)
        known = self.known.get((file, kind))
        if known is None or known[0] != text:
            known = self.known[file, kind] = (text, *_parsed(text, file, kind))
        return known[1:]

    def library(self, file: str) -> Document:
        """A file that a `$ref` names."""
        if not (self.folder / file).is_file():
            raise ManifestError("names a file that does not exist")
        if file not in {*self.documents, *self.broken} and self.document(file, "schema") is None:
            self.broken.add(file)
        if file in self.broken:
            raise NotWhole("is not whole")
        return self.documents[file]

    def schema(self, document: Document, place: Place) -> Resolved:
        resolved, problems, whole = resolve(document, place, self.library, self.files)
        self.problems.extend(problems)
        self.whole_so_far &= whole
        return resolved

    def manifest(self) -> Manifest | None:
        document = self.document("connector.yaml", "connector")
        if document is None:
            self.read_the_rest()
            return None
        data = dict(document.data)
        data["sign_in"] = {
            id_: {**way, "fields": closed(self.schema(document, ("sign_in", id_, "fields")).schema)}
            for id_, way in data["sign_in"].items()
        }
        data["settings"] = closed(self.schema(document, ("settings",)).schema if "settings" in data else {})
        if not self.whole_so_far:
            self.read_the_rest()
            return None
        data["sources"] = _with_likes(data.get("sources", {}))
        apis = {id_: make(Api, spec, ("apis", id_)) for id_, spec in data["apis"].items()}
        found = dict(self.operations(apis))
        kinds = {
            "triggers": {id_: it for id_, it in found.items() if isinstance(it, Trigger)},
            "operations": {id_: it for id_, it in found.items() if isinstance(it, Operation)},
        }
        files = (path.stem for folder in FOLDERS.values() for path in (self.folder / folder).glob("*.yaml"))
        ids = list(files)
        broken = [id_ for id_ in ids if id_ not in found or ids.count(id_) > 1]
        places = {"folder": self.folder, "document": document}
        whole = {**data, **places, **kinds, "broken": broken}
        self.read_the_rest()
        manifest = make(Manifest, whole)
        self.hold((*calls.RULES, *triggers.RULES), manifest)
        return manifest

    def read_the_rest(self) -> None:
        """What nobody referred to: it is checked all the same."""
        for kind, folder in FOLDERS.items():
            for path in sorted((self.folder / folder).glob("*.yaml")):
                if path.stem not in self.without and (file := f"{folder}/{path.name}") not in self.seen:
                    self.document(file, kind)
        for file in self.files:
            if file not in self.seen:
                self.document(file, "schema")

    def operations(self, apis: dict[str, Api]) -> Iterator[tuple[str, Operation | Trigger]]:
        seen: dict[str, str] = {}
        for kind, folder in FOLDERS.items():
            for path in sorted((self.folder / folder).glob("*.yaml")):
                if path.stem in self.without:
                    continue
                document = self.document(f"{folder}/{path.name}", kind)
                if document is None:
                    continue
                before, self.whole_so_far = len(self.problems), True
                if (first := seen.setdefault(path.stem, document.file)) != document.file:
                    message = f"'{path.stem}' is the id of {first} already"
                    self.problems.append(document.problem("file-name", (), message))
                operation = (
                    self.trigger(document, path.stem)
                    if kind == "trigger"
                    else self.operation(document, kind, path.stem, apis)
                )
                if len(self.problems) == before and self.whole_so_far:
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
        return make(Trigger, {**whole, **schemas})

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
        self.hold(operations.RULES, operation)
        return operation

    def hold(self, rules: Iterable[Rule], subject: Operation | Manifest) -> None:
        """Keeps the problems of whatever breaks the rules."""
        self.problems.extend(problem for rule in rules for problem in rule.problems(subject))


def _resolved(path: Path, file: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that lead round in a circle
        message = "the file is a link that leads back to itself"
        raise ManifestError(message, problems=[Problem("yaml-read", "error", file, 1, 1, message)]) from None


def _parsed(text: str, file: str, kind: str) -> tuple[Document | None, list[Problem]]:
    try:
        document = parse_document(text, file)
    except ManifestError as error:
        from .syntax import explained, without_guess  # what a whole connector never needs

        return None, [without_guess(explained(problem, text)) for problem in error.problems]
    return document, fit(document, kind)


def _with_likes(sources: Mapping[str, Any]) -> dict[str, Any]:
    """The sources, each with what it takes from the one that it is like."""
    whole = dict(sources)
    for id_, source in sources.items():
        model = sources.get(source.get("webhook", {}).get("like"), {}).get("webhook", {})
        if model:
            taken = {key: value for key, value in model.items() if key not in ("verify", "signature", "like")}
            whole[id_] = {**source, "webhook": {**taken, **source["webhook"]}}
    return whole
