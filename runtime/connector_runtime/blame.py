"""Which of two words that do not match is the misspelled one.

In: problems, and the documents they are in. Out: the problems, some of them at another place: where a name is used in
five places and declared in a sixth, one letter off, it is the declaration that is wrong; and where an example fails,
it is the key in it that stands nowhere else and is one letter off another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .document import Document, Mark
from .errors import Fix, Problem
from .words import is_slip

_WORD = re.compile(r"[\w$-]+")
_OF_THE_FORMAT = ("unknown-key", "missing-key", "wrong-value")
_BY_EXAMPLES = ("example", "unknown-path")


@dataclass(frozen=True)
class _Spot:
    """A word in a document."""

    document: Document
    mark: Mark
    is_key: bool


def at_the_odd_one(problems: Sequence[Problem], documents: Sequence[Document]) -> list[Problem]:
    """The problems, those of two words that do not match at the word that stands nowhere else."""
    doubtful = [it for it in problems if it.rule not in _OF_THE_FORMAT and (it.fix or it.rule in _BY_EXAMPLES)]
    if not doubtful:
        return list(problems)
    spots = _spots(documents)
    by_file = {document.file: document for document in documents}
    moved: dict[tuple[str, Mark], Problem] = {}
    kept = []
    for problem in problems:
        odd = _odd(problem, by_file.get(problem.file), spots) if problem in doubtful else None
        if odd is None:
            kept.append(problem)
        else:
            spot, right = odd
            moved.setdefault((spot.document.file, spot.mark), _moved(problem, spot, right))
    return [*kept, *moved.values()]


def _spots(documents: Sequence[Document]) -> dict[str, list[_Spot]]:
    found: dict[str, list[_Spot]] = {}
    for document in documents:
        for number, line in enumerate(document.lines, 1):
            for match in _WORD.finditer(line):
                mark = Mark(number, match.start() + 1, number, match.end() + 1)
                is_key = line[match.end() : match.end() + 1] == ":"
                found.setdefault(match[0], []).append(_Spot(document, mark, is_key))
    return found


def _odd(problem: Problem, document: Document | None, spots: dict[str, list[_Spot]]) -> tuple[_Spot, str] | None:
    """The word that is misspelled, and how it is written elsewhere; None where that is not known."""
    if document is None:
        return None
    if problem.fix:
        fix = problem.fix
        right = document.lines[fix.line - 1][fix.column - 1 : fix.end_column - 1]
        alone = spots.get(fix.text, ())
        slip = is_slip(right.lower(), fix.text.lower())
        return (alone[0], right) if slip and len(alone) == 1 and len(spots.get(right, ())) > 1 else None
    found = list(_odd_keys(document, problem, spots))
    return found[0] if len(found) == 1 else None


def _odd_keys(document: Document, problem: Problem, spots: dict[str, list[_Spot]]) -> Iterator[tuple[_Spot, str]]:
    """The keys in the example of a problem, or in all examples of its file, that stand nowhere else."""
    examples = [mark for place, mark in document.marks.items() if len(place) == 2 and place[0] == "examples"]
    own = [mark for mark in examples if mark.line <= problem.line <= mark.end_line]
    lines = {number for mark in own or examples for number in range(mark.line, mark.end_line + 1)}
    for word, known in spots.items():
        spot = known[0]
        if len(known) == 1 and spot.is_key and spot.document is document and spot.mark.line in lines:
            near = [other for other, they in spots.items() if len(they) > 1 and is_slip(word.lower(), other.lower())]
            if near:
                yield spot, max(near, key=lambda other: len(spots[other]))


def _moved(problem: Problem, spot: _Spot, right: str) -> Problem:
    mark, wrong = spot.mark, spot.document.lines[spot.mark.line - 1][spot.mark.column - 1 : spot.mark.end_column - 1]
    message, hint = f"'{wrong}' stands nowhere else", f"did you mean '{right}'?"
    fix = Fix(*mark, right)
    file = spot.document.file
    return Problem(problem.rule, problem.severity, file, *mark[:2], message, hint, *mark[2:], fix)
