"""`connector check`: everything that is wrong with a connector's files, at its place.

In: a folder. Out: a `Checked`: what was looked at, and the problems by place. `RULES` is every rule there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .connector import Connector
from .document import Document, Mark
from .errors import Fix, Problem, in_order
from .manifest import FOLDERS, Known, Reading, read_manifest
from .rules import Rule, calls, examples, expressions, files, operations, outputs, reading, safety, schemas, triggers
from .rules.views import View
from .words import is_slip

OF_VIEWS = (*files.RULES, *schemas.RULES, *expressions.RULES, *outputs.RULES, *reading.RULES, *safety.RULES)
"""The rules for single documents that only the check looks at."""
OF_FILES = (*files.READ, *operations.RULES, *calls.RULES, *triggers.RULES)
"""Those that `load` holds to as well; they are found while the files are read."""
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
        connector, broken = Connector(reading.manifest), {problem.file for problem in problems}
        for operation in connector.operations.values():
            if not {*operation.source.files, "connector.yaml"} & broken:  # it would be said twice
                problems += [it for rule in examples.RULES for it in rule.problems((connector, operation))]
        if not problems and not reading.manifest.broken:
            problems += [it for rule in examples.OF_CONNECTORS for it in rule.problems(connector)]
    problems = at_the_odd_one(problems, [document for document, _ in reading.documents])
    read = {document.file for document, _ in reading.documents} | {problem.file for problem in problems}
    manifest = reading.manifest
    count = len(manifest.operations) + len(manifest.triggers) if manifest else 0
    return Checked(len(read), count, len(RULES), in_order(problems))


def _views(reading: Reading) -> Iterator[View]:
    manifest = reading.manifest
    for document, kind in reading.documents:
        id_ = Path(document.file).stem
        operations = (manifest.triggers if kind == "trigger" else manifest.operations) if manifest else {}
        yield View(document, kind, manifest, operations.get(id_) if kind in FOLDERS else None)


_WORD = re.compile(r"[\w$-]+")
_OF_THE_FORMAT = ("unknown-key", "missing-key", "wrong-value")


def at_the_odd_one(problems: list[Problem], documents: list[Document]) -> list[Problem]:
    """The problems, those of two words that do not match at the word that stands nowhere else: where a name is used in
    five places and declared in a sixth, one letter off, it is the declaration that is wrong."""
    where: dict[str, list[tuple[Document, int, int]]] = {}
    for document in documents if any(problem.fix for problem in problems) else ():
        for number, text in enumerate(document.lines, 1):
            for match in _WORD.finditer(text):
                where.setdefault(match[0], []).append((document, number, match.start() + 1))
    lines = {document.file: document.lines for document in documents}
    found: list[Problem] = []
    moved: set[tuple[str, Mark]] = set()
    for problem in problems:
        fix, right = problem.fix, ""
        if fix and problem.rule not in _OF_THE_FORMAT and problem.file in lines:
            right = lines[problem.file][fix.line - 1][fix.column - 1 : fix.end_column - 1]
        if (
            fix
            and len(where.get(fix.text, ())) == 1
            and len(where.get(right, ())) > 1
            and is_slip(right.lower(), fix.text.lower())
        ):
            document, line, start = where[fix.text][0]
            mark = Mark(line, start, line, start + len(fix.text))
            message, hint = f"'{fix.text}' stands nowhere else", f"did you mean '{right}'?"
            mended = Fix(*mark, right)
            if (document.file, mark) in moved:
                continue  # said by another rule already
            moved.add((document.file, mark))
            problem = Problem(
                problem.rule, problem.severity, document.file, *mark[:2], message, hint, *mark[2:], mended
            )
        found.append(problem)
    return found


def _strays(folder: Path) -> Iterator[Problem]:
    """Files among the operations and schemas that nobody reads."""
    read = (*FOLDERS.values(), "schemas")
    for path in sorted(path for top in ("operations", "schemas") for path in (folder / top).rglob("*")):
        file = path.relative_to(folder)
        if path.name.startswith(".") or path.name.endswith("~"):
            continue  # what editors leave while a file is open
        if path.is_file() and not (path.suffix == ".yaml" and file.parent.as_posix() in read):
            message = "this file is never read"
            hint = f"files that end in .yaml are, in {', '.join(read)}"
            yield Problem(files.file_name.id, "error", file.as_posix(), 1, 1, message, hint)
