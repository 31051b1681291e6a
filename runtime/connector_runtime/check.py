"""`connector check`: everything that is wrong with a connector's files, at its place.

In: a folder. Out: a `Checked`: what was looked at, and the problems by place. `RULES` lists every rule there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .connector import Connector
from .consistency import FOLDERS
from .dialect import computed_places, format_schema
from .document import Document, Place
from .enforced import LIST_INPUTS
from .errors import ConnectorError, Problem, in_order
from .examples import try_example
from .expressions import Computed, ExpressionError, expressions_in
from .manifest import Reading, read_manifest
from .model import Manifest, Operation, Trigger
from .paths import Part, children, spell, walk
from .schemas import meant

RULES: Mapping[str, str] = {
    "yaml-read": "Every file can be read.",
    "yaml-size": "A file is not larger than a person could have written.",
    "yaml-encoding": "Files are UTF-8.",
    "yaml-syntax": "Files are YAML.",
    "yaml-empty": "A file is not empty.",
    "yaml-documents": "A file holds one document.",
    "yaml-depth": "Nothing is nested deeper than a person can read.",
    "yaml-alias": "Aliases name something and do not explode.",
    "yaml-tag": "There are no tags.",
    "yaml-key": "Keys are texts.",
    "yaml-duplicate": "No key stands twice.",
    "yaml-look-alike": "What may be read in two ways is written in quotes.",
    "unknown-key": "Every key is one of the format.",
    "missing-key": "What the format requires is there.",
    "wrong-value": "Every value is what the format wants.",
    "schema-line": "The first line names the JSON Schema, so that editors help.",
    "file-name": "The name of an operation's file is its id, and no file is there in vain.",
    "schema-ref": "Every $ref names a schema inside the connector.",
    "schema-pattern": "Every pattern is a regular expression.",
    "unused-input": "Every input is sent or read somewhere.",
    "unknown-input": "Inputs that are left out exist.",
    "request-body": "A request has one body, and only where it may have one.",
    "upload-input": "The input of an upload is a required file.",
    "taken-name": "Names that already mean something are not given again.",
    "host": "The host of the base address gets credentials.",
    "path-input": "Names in {braces} in a path are required inputs.",
    "unknown-operation": "What is named as an operation exists.",
    "reference-effect": "What is called on the way only reads.",
    "expression": "Expressions are of the language.",
    "expression-name": "Expressions read names that exist in their place.",
    "call-input": "Whatever is called on the way gets the inputs that it has and needs.",
    "unknown-output": "What a trigger returns is declared as its output.",
    "topic": "A topic is the connector's, names its resource, and no two triggers are called the same.",
    "unknown-source": "Every source that is named is declared.",
    "unknown-fact": "What makes it the same event is a fact of every source.",
    "signature": "What a signature is made of is declared, and its timestamp is signed.",
    "example": "Every example gives exactly its requests and its output.",
}
"""Rule → what it holds a connector to."""

_LINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)\s*$")
_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Checked:
    """How much was looked at, and the problems, sorted by place."""

    files: int
    operations: int
    rules: int
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The form that `--format json` prints."""
        checked = {"files": self.files, "operations": self.operations, "rules": self.rules}
        return {"checked": checked, "problems": [asdict(problem) for problem in self.problems]}


def check(folder: Path) -> Checked:
    """All problems of a connector's folder. Nothing is raised for what is wrong in it."""
    reading = read_manifest(folder)
    problems = [*reading.problems, *_documents(reading), *_strays(folder)]
    manifest = reading.manifest
    if manifest is not None:
        problems += _examples(manifest, {problem.file for problem in problems})
    files = {document.file for document, _ in reading.documents} | {problem.file for problem in problems}
    count = len(manifest.operations) + len(manifest.triggers) if manifest else 0
    return Checked(len(files), count, len(RULES), in_order(problems))


def _strays(folder: Path) -> Iterator[Problem]:
    """Files among the operations and schemas that nobody reads."""
    read = (*FOLDERS.values(), "schemas")
    for path in sorted(path for top in ("operations", "schemas") for path in (folder / top).rglob("*")):
        file = path.relative_to(folder)
        if path.is_file() and not (path.suffix == ".yaml" and file.parent.as_posix() in read):
            message = "this file is never read"
            hint = f"files that end in .yaml are, in {', '.join(read)}"
            yield Problem("file-name", "error", file.as_posix(), 1, 1, message, hint)


def _documents(reading: Reading) -> Iterator[Problem]:
    for document, kind in reading.documents:
        yield from _schema_line(document, kind)
        if kind in FOLDERS and not _ID.fullmatch(Path(document.file).stem):
            message = f"'{Path(document.file).stem}' cannot be the id of an operation"
            yield document.problem("file-name", (), message, "use small letters, digits and _")
        yield from _patterns(document, document.data, ())
        yield from _expressions(document, kind, _inputs_of(reading.manifest, document, kind))


def _schema_line(document: Document, kind: str) -> Iterator[Problem]:
    match = _LINE.match(document.lines[0]) if document.lines else None
    if match is None or not match[1].endswith(f"format/{kind}.json"):
        hint = f"# yaml-language-server: $schema=…/connector_runtime/format/{kind}.json"
        yield Problem("schema-line", "error", document.file, 1, 1, "the first line must name the JSON Schema", hint)


def _patterns(document: Document, data: Any, place: Place) -> Iterator[Problem]:
    for key, value in children(data):
        if key == "pattern" and isinstance(value, str) and place[:1] != ("examples",):
            try:
                re.compile(value)
            except re.error as error:
                message = f"'{value}' is not a regular expression: {error}"
                yield document.problem("schema-pattern", (*place, key), message)
        else:
            yield from _patterns(document, value, (*place, key))


def _expressions(document: Document, kind: str, inputs: set[str] | None) -> Iterator[Problem]:
    look_ups = document.data.get("look_up", {}) if kind != "schema" else {}
    for place, places_names, kind_of_place in computed_places(format_schema(kind), document.data):
        names = {*places_names, *(("now",) if kind in ("action", "query") else ())}
        if "look_up" in names:
            names = names - {"look_up"} | set(look_ups)
        for inner, text in _texts(walk(place, document.data), place):
            try:
                if kind_of_place == "condition" and len(list(expressions_in(text))) != 1:
                    raise ExpressionError("a condition is one expression in one pair of {{ }}")
                reads = Computed(text).reads
            except ExpressionError as error:
                yield document.problem("expression", inner, str(error))
                continue
            for path in reads:
                yield from _name(document, inner, path, names, inputs)


def _name(
    document: Document, place: Place, path: tuple[Part, ...], names: set[str], inputs: set[str] | None
) -> Iterator[Problem]:
    name = str(path[0])
    if name not in names:
        hint = meant(name, names, f"there are {', '.join(sorted(names))}")
        yield document.problem("expression-name", place, f"there is no '{name}' here", hint)
    elif len(path) > 1 and (known := _known(document, name, inputs)) is not None and path[1] not in known:
        hint = meant(str(path[1]), known, _DECLARED[name][1])
        message = f"'{spell(path)}': there is no {_DECLARED[name][0]} '{path[1]}'"
        yield document.problem("expression-name", place, message, hint)


_DECLARED = {
    "input": ("input", "the inputs are declared under `input`"),
    "facts": ("fact", "facts are declared in each source, and beside a query of `fetch`"),
    "fetched": ("read", "reads are declared under `fetch`"),
}


def _inputs_of(manifest: Manifest | None, document: Document, kind: str) -> set[str] | None:
    """The inputs of an operation's file, also those that another file declares. None: they are not known."""
    if kind not in FOLDERS:
        return None
    id_ = Path(document.file).stem
    found = (manifest.triggers if kind == "trigger" else manifest.operations).get(id_) if manifest else None
    if found:
        return set(found.input["properties"])
    own = document.data.get("input", {})  # of a broken one what stands in the file itself
    return None if "$ref" in own else {*own.get("properties", {}), *(LIST_INPUTS if "records" in document.data else ())}


def _known(document: Document, name: str, inputs: set[str] | None) -> set[str] | None:
    """What a name of a manifest has in it, where the manifest itself says so."""
    data = document.data
    if name == "input":
        return inputs
    if name == "fetched":
        return set(data.get("fetch", {}))
    if name == "facts":
        detections = [*data["sources"].values(), *data.get("fetch", {}).values()]
        return {fact for detection in detections for fact in detection.get("facts", {})}
    return None


def _texts(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        yield place, data
    for key, value in children(data):
        yield from _texts(value, (*place, key))


def _examples(manifest: Manifest, broken: set[str]) -> Iterator[Problem]:
    connector = Connector(manifest)
    for operation in connector.operations.values():
        if operation.source.document.file in broken or "connector.yaml" in broken:
            continue  # what is wrong there would be said twice
        shown = {example.get("source") for example in operation.examples}
        for source in operation.sources if isinstance(operation, Trigger) else ():
            if source not in shown:
                place: Place = ("sources", source)
                message = f"no example shows the source '{source}'"
                yield operation.source.document.problem("example", place, message, key=True)
        for number, example in enumerate(operation.examples):
            yield from _example(connector, operation, number, example)


def _example(
    connector: Connector, operation: Operation | Trigger, number: int, example: Mapping[str, Any]
) -> Iterator[Problem]:
    document, start = operation.source.document, ("examples", number)
    try:
        difference = try_example(connector, operation, example)
    except (ConnectorError, ValueError, OSError, TypeError) as error:  # what its own parts are made of is wrong
        yield document.problem("example", start, f"'{example['title']}' cannot be carried out: {error}", key=True)
        return
    if difference:
        place = (*start, *difference.place)
        yield document.problem("example", place, f"'{example['title']}': {difference.message}", key=True)
