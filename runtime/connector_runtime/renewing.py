"""`connector examples`: the command.

In: the parsed arguments. Out: the examples that no longer give what they say, on standard output, and with `--update`
the changes that bring them in line, shown before they are written; an exit status: 0 in line, 1 not. Only requests,
outputs, errors and the data of events are written, from what the example gives and what is answered; its input, its
answers, its items and its title are never touched. Refused: whatever a person must look at, such as an example that now
fails; it is listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cli import DONE, FAILED
from .commands import find_any, folder_of, say
from .connector import Connector
from .dialect import fit
from .document import Place, lines_of, parse_document, read_text
from .edits import difference, put, write
from .errors import ManifestError, one_line
from .examples import actual_of, try_example
from .manifest import read_manifest
from .model import Operation, Trigger
from .paths import walk
from .rendering import coloured
from .rules.examples import NOT_CARRIED_OUT
from .rules.examples import example as in_line
from .terminal import agreed, output_screen
from .values import same


@dataclass
class _Renewed:
    """One file: its text before and after, how many examples changed, and what a person must look at."""

    file: str
    old: str
    new: str
    changed: int = 0
    left: list[tuple[Place, str]] = field(default_factory=list)

    def lines(self, *, written: bool) -> Iterator[str]:
        """What is left, each where it stands by now."""
        document = parse_document(self.new if written else self.old, self.file)
        for place, message in self.left:
            yield f"{self.file}:{document.mark(place, key=True).line}: {one_line(message)}"


def command_examples(options: argparse.Namespace) -> int:
    """connector examples"""
    connector = _read(options)
    operations = list(connector.operations.values())
    if options.operation:
        operations = [find_any(connector, options.operation)]
    elif connector.manifest.broken:
        ids = ", ".join(connector.manifest.broken)
        say(f"Left out, since their files have other mistakes (connector check says which): {ids}")
    total = sum(len(operation.examples) for operation in operations)
    whole = bool(options.operation) or not connector.manifest.broken
    if options.update:
        try:
            status = _update(connector, operations, total, options)
        except ManifestError as error:  # what was written is said in it
            say(error.message)
            return FAILED
        return status if whole else FAILED
    problems = [problem for operation in operations for problem in in_line.problems((connector, operation))]
    for problem in problems:
        print(f"{problem.file}:{problem.line}: {problem.message}")
    print(_summary(total, len(problems), "connector examples --update writes what they give now"))
    return FAILED if problems or not whole else DONE


def _read(options: argparse.Namespace) -> Connector:
    """The connector with the operations that are whole. ManifestError: connector.yaml itself is wrong."""
    reading = read_manifest(folder_of(options.folder))
    wrong = [problem for problem in reading.problems if problem.file == "connector.yaml"]
    if reading.manifest is None or wrong:
        first = (wrong or [*reading.problems])[0]
        raise ManifestError(f"{first}\nconnector check says more.", problems=reading.problems)
    return Connector(reading.manifest)


def _summary(total: int, out_of_line: int, what_then: str) -> str:
    if not out_of_line:
        return f"{_count(total)}, all in line"
    return f"{out_of_line} of {_count(total)} {'is' if out_of_line == 1 else 'are'} not in line; {what_then}"


def _count(number: int) -> str:
    return f"{number} example{'s' if number != 1 else ''}"


def _update(
    connector: Connector, operations: Sequence[Operation | Trigger], total: int, options: argparse.Namespace
) -> int:
    """Brings in line what can be, after showing it."""
    all_renewed = [_renewed(connector, operation) for operation in operations]
    changes = {it.file: (it.old, it.new) for it in all_renewed if it.new != it.old}
    written = False
    if changes:
        print(coloured(difference(changes), output_screen()).rstrip("\n"), flush=True)
        written = options.yes or agreed("Change these files?")
        if written:
            write(connector.manifest.folder, changes)
        else:
            say("Nothing was changed.")
    for it in all_renewed:
        for line in it.lines(written=written):
            print(line)
    if written:
        changed = sum(it.changed for it in all_renewed)
        print(f"changed {_count(changed)} in {', '.join(changes)}")
    left = sum(len(it.left) for it in all_renewed)
    print(_summary(total, left, "look at each of them") if written or not changes else "")
    return FAILED if left or (changes and not written) else DONE


def _renewed(connector: Connector, operation: Operation | Trigger) -> _Renewed:
    """What the file of an operation says once its examples say what happens."""
    document = operation.source.document
    text = read_text(connector.manifest.folder / document.file, document.file)
    if lines_of(text) != document.lines:
        raise ManifestError(f"{document.file} was changed meanwhile; nothing was written")
    renewed = _Renewed(document.file, text, text)
    for number, example in enumerate(operation.examples):
        place: Place = ("examples", number)
        try:
            if try_example(connector, operation, example) is None:
                continue
            found, left = actual_of(connector, operation, example)
        except NOT_CARRIED_OUT as error:
            renewed.left.append((place, f"'{example['title']}' cannot be carried out: {error}"))
            continue
        try:
            new = _written(renewed.new, renewed.file, place, example, found)
            if left is None:
                _hold(connector, operation, new, number)
        except NOT_CARRIED_OUT as error:
            new, message = renewed.new, str(error)
        else:
            message = left.message if left else ""
        if message:
            at = (*place, *left.place) if left else place
            renewed.left.append((at, f"'{example['title']}': cannot be brought in line by itself: {message}"))
        renewed.changed += new != renewed.new
        renewed.new = new
    return renewed


def _written(text: str, file: str, place: Place, example: Mapping[str, Any], found: Mapping[Place, Any]) -> str:
    for inner, value in found.items():
        if not same(walk(inner, example), value):  # what is text by the format need not look like it
            text = put(text, (*place, *inner), value, file)
    return text


def _hold(connector: Connector, operation: Operation | Trigger, text: str, number: int) -> None:
    """ValueError: the new text does not fit the format, or its example is not in line even so."""
    document = parse_document(text, operation.source.document.file)
    for problem in fit(document, operation.kind):
        raise ValueError(problem.text)
    if again := try_example(connector, operation, document.data["examples"][number]):
        raise ValueError(f"each time it is another: {again.message}")
