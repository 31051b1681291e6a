"""What a connector is held to: each rule a function that finds what breaks it, with its reason and an example.

In: a file, an operation, a trigger or a whole manifest, as each module here says. Out: findings, which a rule makes
into problems of its own name. Nothing is raised for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..document import Document, Place
from ..errors import Problem
from ..expressions import Computed, Path
from ..words import close_like, meant


@dataclass(frozen=True)
class Finding:
    """Something wrong at a place of a document; see `Document.problem` for `key`, `word`, `instead` and `line`."""

    document: Document
    place: Place
    message: str
    hint: str = ""
    key: bool = False
    word: str = ""
    instead: str | None = None
    line: int = 0


def unknown(
    document: Document,
    place: Place,
    name: str,
    known: Iterable[str],
    message: str,
    otherwise: str = "",
    *,
    key: bool = False,
) -> Finding:
    """A name that is not among the known ones, with the one that was probably meant."""
    near = close_like(name, known := list(known))
    return Finding(document, place, message, meant(name, known, otherwise), key, name, near)


def paths_read(computed: Computed) -> tuple[Path, ...]:
    """The paths that its expressions read; none where one of them is wrong: another rule says that."""
    with suppress(ValueError):
        return computed.reads
    return ()


Look = Callable[[Any], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """One rule: what it asks for, why, something that breaks it and the same put right. Without `look` it is found
    while the files are read."""

    id: str
    title: str
    why: str
    bad: str
    good: str
    severity: str = "error"
    look: Look | None = None

    def problems(self, subject: Any) -> Iterator[Problem]:
        """What breaks the rule, as problems."""
        for it in self.look(subject) if self.look else ():
            report = partial(it.document.problem, self.id, it.place, it.message, it.hint, key=it.key)
            found = report(word=it.word, instead=it.instead, line=it.line)
            yield replace(found, severity=self.severity)


def rule(id_: str, title: str, *, why: str, bad: str, good: str, severity: str = "error") -> Callable[[Look], Rule]:
    """Makes a rule of the function that finds what breaks it."""
    return lambda look: Rule(id_, title, why, bad, good, severity, look)
