"""`connector check`: everything that is wrong with a connector's files, at its place.

In: a folder. Out: a `Checked`: what was looked at, and the problems by place. `RULES` is every rule there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .connector import Connector
from .errors import Problem, in_order
from .manifest import FOLDERS, Known, Reading, read_manifest
from .rules import Rule, calls, examples, expressions, files, operations, triggers
from .rules.expressions import View

OF_VIEWS = (*files.RULES, *expressions.RULES)
"""The rules for single documents that only the check looks at."""
RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (*files.READ, *operations.RULES, *calls.RULES, *triggers.RULES, *OF_VIEWS, *examples.RULES)
}
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
            if not {operation.source.document.file, "connector.yaml"} & broken:  # it would be said twice
                subject = (connector, operation)
                problems += [problem for rule in examples.RULES for problem in rule.problems(subject)]
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


def _strays(folder: Path) -> Iterator[Problem]:
    """Files among the operations and schemas that nobody reads."""
    read = (*FOLDERS.values(), "schemas")
    for path in sorted(path for top in ("operations", "schemas") for path in (folder / top).rglob("*")):
        file = path.relative_to(folder)
        if path.is_file() and not (path.suffix == ".yaml" and file.parent.as_posix() in read):
            message = "this file is never read"
            hint = f"files that end in .yaml are, in {', '.join(read)}"
            yield Problem(files.file_name.id, "error", file.as_posix(), 1, 1, message, hint)
