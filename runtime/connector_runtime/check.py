"""`connector check`: everything that is wrong with a connector's files, at its place.

In: a folder. Out: a `Checked`: what was looked at, and the problems by place. `RULES` is every rule there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .blame import at_the_odd_one
from .connector import Connector
from .document import Document
from .errors import Problem, in_order
from .manifest import FOLDERS, Known, Reading, read_manifest
from .rules import Rule, calls, examples, expressions, files, operations, outputs, safety, schemas, triggers
from .rules import reading as reading_
from .rules.calls import files_needed
from .rules.views import View
from .words import is_sure

OF_VIEWS = (*files.RULES, *schemas.RULES, *expressions.RULES, *outputs.RULES, *reading_.RULES, *safety.RULES)
"""The rules for single documents that only the check looks at."""
_OF_STYLE = {rule.id for rule in (*files.RULES, *reading_.RULES) if rule.id != "agent-schema"}
"""What breaks nothing else: an operation that is worded badly still has examples that can be tried."""
OF_FILES = (*files.READ, *operations.RULES, *calls.RULES, *triggers.RULES)
"""Those that `load` holds to as well; they are found while the files are read."""
FIRST = {rule.id for rule in files.READ}
"""What is found before anything else can be looked at in a file."""
RULES: dict[str, Rule] = {rule.id: rule for rule in (*OF_FILES, *OF_VIEWS, *examples.RULES, *examples.OF_CONNECTORS)}
"""Every rule by its name."""


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


def check(folder: Path, known: Known | None = None) -> Checked:
    """All problems of a connector's folder. Nothing is raised for what is wrong in it. `known` keeps what was read, so
    that another check only reads what has changed."""
    reading = read_manifest(folder, known)
    problems = [*reading.problems, *_strays(folder)]
    for view in _views(reading):
        problems += [problem for rule in OF_VIEWS for problem in rule.problems(view)]
    if reading.manifest is not None:
        broken = {problem.file for problem in problems if problem.rule not in _OF_STYLE} | {*reading.manifest.broken}
        connector = Connector(reading.manifest)
        found = list(_examples(connector, broken))
        problems += found
        if not broken and not found:
            problems += [it for rule in examples.OF_CONNECTORS for it in rule.problems(connector)]
    documents = {document.file: document for document, _ in reading.documents}
    problems = [_only_safe(it, documents.get(it.file)) for it in at_the_odd_one(problems, documents)]
    read = {*documents, *(problem.file for problem in problems)}
    manifest = reading.manifest
    count = len(manifest.operations) + len(manifest.triggers) if manifest else 0
    return Checked(len(read), count, len(RULES), in_order(problems))


def _examples(connector: Connector, broken: set[str]) -> Iterator[Problem]:
    """What is wrong with examples, but for those of operations that are broken, or call one that is: it would be said
    twice."""
    needed = files_needed(connector.manifest)
    for operation in connector.operations.values():
        if not {*needed[operation.id], "connector.yaml"} & broken:
            found: list[Problem] = []
            for rule in examples.RULES:
                found = found or list(rule.problems((connector, operation)))
            yield from found


def _views(reading: Reading) -> Iterator[View]:
    manifest = reading.manifest
    for document, kind in reading.documents:
        id_ = Path(document.file).stem
        operations = (manifest.triggers if kind == "trigger" else manifest.operations) if manifest else {}
        operation = operations.get(id_) if kind in FOLDERS else None
        own = operation if operation and operation.source.document is document else None
        yield View(document, kind, manifest, own)


_NAME = re.compile(r"[\w.$/-]+")
_GUESSED = ("unknown-path", "unknown-value", "example", "example-value", "schema-value", "unknown-output")
"""Rules of which nobody knows which side is wrong, or whether all that there is was seen."""


def _only_safe(problem: Problem, document: Document | None) -> Problem:
    """The problem, without its fix where that may mean something else: of words, only a slip of one letter is mended,
    among names that are all known."""
    fix = problem.fix
    if fix is None or document is None or not _NAME.fullmatch(fix.text):
        return problem
    word = document.lines[fix.line - 1][fix.column - 1 : fix.end_column - 1]
    return problem if problem.rule not in _GUESSED and is_sure(word, fix.text) else replace(problem, fix=None)


def _strays(folder: Path) -> Iterator[Problem]:
    """Files among the operations and schemas that nobody reads."""
    read = (*FOLDERS.values(), "schemas")
    for path in sorted(path for top in ("operations", "schemas") for path in (folder / top).rglob("*")):
        file = path.relative_to(folder)
        if path.name.startswith(".") or path.name.endswith("~"):
            continue  # what editors leave while a file is open
        if path.is_file() and not (path.suffix == ".yaml" and file.parent.as_posix() in read):
            message, hint = "nobody reads this file", "move it out of operations and schemas, or delete it"
            if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
                message, hint = f"{message}: its name must end with .yaml", f"call it {path.stem}.yaml"
            elif path.suffix == ".yaml":
                where = f"{', '.join(read[:-1])} or {read[-1]}"
                message, hint = f"nobody reads this file: it must stand in {where}", "move it there, or delete it"
            yield Problem(files.file_name.id, "error", file.as_posix(), 1, 1, message, hint)
