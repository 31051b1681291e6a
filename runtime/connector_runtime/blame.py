"""Which of two words that do not match is the misspelled one.

In: problems, and the documents they are in. Out: the problems, some of them at another place: where a name is used in
five places and declared in a sixth, one letter off, it is the declaration that is wrong; and where an example fails,
it is the key in it that stands nowhere else and is one letter off another. It is a vote and may be wrong, so both words
are named and nothing is mended by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .document import Document, Mark
from .errors import Problem
from .words import is_slip

_WORD = re.compile(r"[\w$-]+")
_BY_EXAMPLES = ("example", "unknown-path")
_BY_FILES = ("unknown-operation", "schema-ref")
"""Names of files, which stand in no text."""
_OF_SCHEMAS = {
    "type",
    "title",
    "description",
    "examples",
    "items",
    "properties",
    "required",
    "default",
    "format",
    "enum",
}
"""Words that stand everywhere, and say nothing about the data."""
_MANY = 3


@dataclass(frozen=True)
class _Spot:
    """A word in a document."""

    document: Document
    mark: Mark
    is_key: bool


Spots = dict[str, list[_Spot]]


def at_the_odd_one(problems: Sequence[Problem], documents: Mapping[str, Document]) -> list[Problem]:
    """The problems, those of two words that do not match at the word that stands nowhere else. `documents`: by file."""
    spots: Spots = {}
    moved: dict[tuple[str, Mark], Problem] = {}
    kept = []
    for problem in problems:
        odd = None
        if problem.file in documents and (problem.fix or problem.rule in _BY_EXAMPLES):
            spots = spots or _spots(documents.values())
            odd = _odd(problem, documents[problem.file], spots)
        if odd is None:
            kept.append(problem)
        else:
            spot, right = odd
            moved.setdefault((spot.document.file, spot.mark), _moved(problem, spot, right, spots))
    return [*kept, *moved.values()]


def _spots(documents: Iterable[Document]) -> Spots:
    found: Spots = {}
    for document in documents:
        for number, line in enumerate(document.lines, 1):
            for match in _WORD.finditer(line):
                mark = Mark(number, match.start() + 1, number, match.end() + 1)
                is_key = line[match.end() : match.end() + 1] == ":" and match[0][0].isalpha()
                found.setdefault(match[0], []).append(_Spot(document, mark, is_key))
    return found


def _odd(problem: Problem, document: Document, spots: Spots) -> tuple[_Spot, str] | None:
    """The word that is misspelled, and how it is written elsewhere; None where that is not known."""
    if problem.fix:
        fix = problem.fix
        right = document.lines[fix.line - 1][fix.column - 1 : fix.end_column - 1]
        alone = spots.get(fix.text, [])
        slip = is_slip(right.lower(), fix.text.lower())
        if slip and len(alone) == 1 and problem.rule not in _BY_FILES and _is_common(right, alone[0], spots):
            return alone[0], right
        if (
            slip or problem.rule not in _BY_EXAMPLES
        ):  # otherwise what was offered is far away, and an example may be odd
            return None
    shown, own = _lines_of_examples(document, problem.line)
    found = list(_odd_keys(document, own or shown, spots))
    if not found:  # then it may be one that makes what the example shows otherwise
        others = _odd_keys(document, {*range(1, len(document.lines) + 1)} - shown, spots)
        found = [(spot, right) for spot, right in others if right in _WORD.findall(problem.message)]
    return found[0] if len(found) == 1 else None


def _is_common(word: str, other: _Spot, spots: Spots) -> bool:
    """Whether a word stands often enough, or in another file than the other: a slip is hardly made twice."""
    found = spots.get(word, ())
    return len(found) >= _MANY or (len(found) > 1 and any(it.document is not other.document for it in found))


def _lines_of_examples(document: Document, line: int) -> tuple[set[int], set[int]]:
    """The lines of all examples of a document, and those of the example that a line is in."""
    starts = [mark.line for place, mark in document.marks.items() if len(place) == 2 and place[0] == "examples"]
    ends = [*starts[1:], len(document.lines) + 1] if starts else []
    blocks = [set(range(*each)) for each in zip(starts, ends, strict=True)]
    return set().union(*blocks), next((block for block in blocks if line in block), set())


def _odd_keys(document: Document, lines: set[int], spots: Spots) -> Iterator[tuple[_Spot, str]]:
    """The keys in some lines of a document that stand nowhere else, and what each was probably meant to be."""
    for word, known in spots.items():
        spot = known[0]
        if len(known) == 1 and spot.is_key and spot.document is document and spot.mark.line in lines:
            voting = (it for it in spots if it not in _OF_SCHEMAS and is_slip(word.lower(), it.lower()))
            near = [it for it in voting if _is_common(it, spot, spots)]
            if near:
                yield spot, max(near, key=lambda other: (sum(it.is_key for it in spots[other]), len(spots[other])))


def _moved(problem: Problem, spot: _Spot, right: str, spots: Spots) -> Problem:
    mark, wrong = spot.mark, spot.document.lines[spot.mark.line - 1][spot.mark.column - 1 : spot.mark.end_column - 1]
    message = f"'{wrong}' stands only here, and '{right}' in {len(spots[right])} places"
    if problem.rule == "example" and (problem.file, problem.line) != (spot.document.file, mark.line):
        message += f"; the example in line {problem.line} of {problem.file} fails ({problem.message})"
    hint = f"did you mean '{right}'?"
    return Problem(problem.rule, problem.severity, spot.document.file, *mark[:2], message, hint, *mark[2:])
