"""Patterns that take too long, and patterns that are none.

In: the text of a JSON Schema `pattern`. Out: of `slow_part`, the part of it for which Python's `re`, which tries one way
of matching after the other, can take exponential time (or at least cubic); of `wrong_pattern`, what is wrong with it,
in words. Refused, that is wrong: what `formats.fits_pattern` cannot compile, what Python reads differently from
ECMA-262 or Rust, and what is too long or too deep. A wrong pattern has no slow part.

How: the pattern becomes an automaton with a state per character class (Glushkov's), whose edges know whether there is
more than one way along them. The time is exponential where two ways lead from a state back to it over the same text,
and something after it can fail. What cannot be decided within `_WORK` steps is not reported: lookarounds, `\\b` and
back references in a repeat count as separators, and cubic time is found only for repeats that share one character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from re import _parser as sre  # type: ignore[attr-defined]  # Python's own reading of a pattern; there is no public one
from typing import Any, Final, NamedTuple

from .formats import compiled

MOST_CHARACTERS: Final = 1_000
MOST_DEPTH: Final = 30

_WORK = 250_000  # steps for one pattern, about a second at most
_COPIES = 12  # x{12} is twelve states in a row, x{1,13} a loop
_WAYS = 1_000_000  # as many ways through a bounded repeat are as good as endless ones
_LONG = 300  # a loop that ends sooner does not count towards cubic time
_BEGIN, _END, _START = -2, -1, 0  # `^` and `$` read characters of their own; state 0 stands before the match

Ranges = tuple[tuple[int, int], ...]
Edges = dict[int, int]  # state → number of ways to it, 2 for "several"


# -- what is wrong ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|\[\^?(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|P?<|.)?)?|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_GROUPS = {"(", "(?:", "(?=", "(?!", "(?<=", "(?<!"}
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|(.))", re.DOTALL)
_SAME = "dDwWsSnrtfv"  # the letters and digits that mean the same behind a backslash everywhere
_INSTEAD = {"A": "write '^'", "Z": "write '$'", "z": "write '$'", "0": r"write '\x00'", "a": r"write '\x07'"}
_WORDS = (
    ("bad character range", "a range in [...] runs backwards or has a class such as \\d or \\s at one end"),
    ("look-behind requires", "what '(?<=' or '(?<!' looks back at must have a fixed length"),
    ("invalid group reference", "a number behind '\\' refers to a group that does not exist"),
    ("cannot refer to an open", "a number behind '\\' refers to the group that it stands in"),
    ("min repeat greater", "a repeat such as {3,2} has its larger number first"),
    ("bad escape", "a '\\' stands before a letter that has no meaning with it"),
)


def wrong_pattern(pattern: str) -> str | None:
    """What is wrong with a pattern, in words; None for one that `fits_pattern` takes and that all read alike."""
    if len(pattern) > MOST_CHARACTERS:
        return f"it is longer than {MOST_CHARACTERS:,} characters"
    wrong = _scan(pattern)[1]
    if wrong:
        return wrong
    try:
        compiled(pattern)
    except re.error as error:
        return next((words for start, words in _WORDS if error.msg.startswith(start)), error.msg)
    except (RecursionError, OverflowError, ValueError):
        return "it is nested too deeply, or repeats something too often"
    return None


def _scan(pattern: str) -> tuple[list[tuple[int, int]], str | None]:
    """Where the repeated parts stand, and what is wrong with the pattern as far as reading it shows."""
    repeats: list[tuple[int, int]] = []
    groups: list[int] = []
    atom: int | None = None  # where what a quantifier would repeat begins
    after = False  # whether a quantifier has just been read
    for match in _TOKEN.finditer(pattern):
        piece, at = match[0], match.start()
        if piece in ("*", "+", "?") or (piece[0] == "{" and len(piece) > 2):
            if after and piece == "?":  # a lazy one
                repeats[-1] = (repeats[-1][0], match.end())
            elif after:
                return repeats, f"'{piece}' stands directly behind another repeat; put the first into '(?:...)'"
            elif atom is None:
                return repeats, f"nothing stands before '{piece}' that could be repeated"
            elif piece[:2] == "{,":
                return repeats, f"'{piece}' needs its first number: '{{0{piece[1:]}'"
            else:
                repeats.append((atom, match.end()))
            after, atom = piece != "?" or not after, None
            continue
        after, atom = False, at
        if piece[0] == "(":
            if piece not in _GROUPS:
                return repeats, f"'{piece}' is not read alike everywhere; write '(' or '(?:', without a name or flags"
            groups.append(at)
            atom = None
            if len(groups) > MOST_DEPTH:
                return repeats, f"its groups are nested more than {MOST_DEPTH} deep"
        elif piece == ")":
            if not groups:
                return repeats, "')' closes nothing; for the character itself write '\\)'"
            atom = groups.pop()
            if pattern.startswith(("(?=", "(?!", "(?<"), atom):  # only Python repeats these
                atom = None
        elif piece in ("|", "^", "$", r"\b", r"\B"):
            atom = None
        elif piece in ("{", "{}", "}", "]"):
            return repeats, f"'{piece[0]}' stands for itself only as '\\{piece[0]}'"
        elif piece == "[":
            return repeats, "'[' is never closed; for the character itself write '\\['"
        elif piece == "\\":
            return repeats, "nothing stands behind the '\\' at its end"
        elif piece[0] in "[\\" and (wrong := _wrong_characters(piece)):
            return repeats, wrong
    return repeats, "'(' is never closed; for the character itself write '\\('" if groups else None


def _wrong_characters(piece: str) -> str | None:
    """What is wrong in `[...]`, or with one escape."""
    for escape in _ESCAPE.finditer(piece):
        letter = escape[1] or ""
        known = _SAME + ("" if piece[0] == "[" else "bB123456789")  # outside of [...] a digit refers to a group
        if letter.isascii() and letter.isalnum() and letter not in known:
            return f"'\\{letter}' is not read alike everywhere; {_INSTEAD.get(letter, 'write it another way')}"
    if piece in ("[]", "[^]"):
        return f"'{piece}' holds no character; for ']' itself write '\\]'"
    inside = _ESCAPE.sub("", piece[1:]) if piece[0] == "[" else ""
    if "[" in inside:
        return "'[' inside of [...] must be written '\\['"
    twice = next((mark for mark in ("--", "&&", "~~", "||") if mark in inside), None)
    return f"'{twice}' inside of [...] is not read alike everywhere; write the character once" if twice else None


# -- the automaton ----------------------------------------------------------------------------------------------------


class _TooMuch(Exception):
    """The pattern cannot be decided within the steps it has."""


@dataclass
class _Work:
    left: int = _WORK

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise _TooMuch


class _Part(NamedTuple):
    """A piece of the automaton: states it begins and ends with, ways through it without text, ways through it."""

    first: Edges
    last: Edges
    empty: int
    ways: int


_NOTHING = _Part({}, {}, 1, 1)


@dataclass
class _Automaton:
    work: _Work
    cut: bool  # whether `\b`, lookarounds and back references separate, rather than count as nothing
    reads: list[Ranges] = field(default_factory=lambda: [()])
    follow: list[Edges] = field(default_factory=lambda: [{}])
    short: set[int] = field(default_factory=set)  # states whose loop ends soon
    whole: _Part = _NOTHING
    sample: list[int] = field(default_factory=list)  # one character of each kind the pattern tells apart
    takes: list[set[int]] = field(default_factory=list)  # state → those of the sample that it reads

    def next(self, state: int, character: int) -> list[int]:
        self.work.spend(1 + len(self.follow[state]))
        return [other for other in self.follow[state] if character in self.takes[other]]


def _automaton(pattern: str, work: _Work, cut: bool) -> _Automaton:
    made = _Automaton(work, cut)
    made.whole = _sequence(made, sre.parse(pattern, re.ASCII))
    made.follow[_START] = made.whole.first
    kinds = set(made.reads)
    samples: dict[frozenset[Ranges], int] = {}
    for edge in sorted({0, *(edge for kind in kinds for low, high in kind for edge in (low, high + 1))} - {0x110000}):
        work.spend(len(kinds))
        samples.setdefault(frozenset(kind for kind in kinds if any(low <= edge <= high for low, high in kind)), edge)
    made.sample = list(samples.values())
    taken = {kind: {edge for reading, edge in samples.items() if kind in reading} for kind in kinds}
    made.takes = [taken[kind] for kind in made.reads]
    return made


def _sequence(made: _Automaton, items: Any) -> _Part:
    result = _NOTHING
    for item in items:
        result = _then(made, result, _part(made, *item))
    return result


def _part(made: _Automaton, kind: Any, value: Any) -> _Part:
    made.work.spend()
    name = str(kind)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeat(made, *value)
    if name == "SUBPATTERN":
        return _sequence(made, value[3])
    if name == "BRANCH":
        return _either([_sequence(made, items) for items in value[1]])
    if name == "AT" and str(value) in ("AT_BEGINNING", "AT_END"):
        return _state(made, ((_BEGIN, _BEGIN),) if str(value) == "AT_BEGINNING" else ((_END, _END),))
    if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
        return _state(made, _ranges(name, value))
    if name in ("ASSERT", "ASSERT_NOT"):
        _sequence(made, value[1])  # it may be slow by itself
    return _Part({}, {}, 0 if made.cut else 1, 1)


def _state(made: _Automaton, reads: Ranges) -> _Part:
    made.reads.append(reads)
    made.follow.append({})
    state = len(made.reads) - 1
    return _Part({state: 1}, {state: 1}, 0, 1)


def _add(one: Edges, other: Edges, times: int = 1) -> Edges:
    return {state: min(2, one.get(state, 0) + other.get(state, 0) * times) for state in one | (other if times else {})}


def _either(parts: list[_Part]) -> _Part:
    first, last = Edges(), Edges()
    for part in parts:
        first, last = _add(first, part.first), _add(last, part.last)
    return _Part(first, last, min(2, sum(part.empty for part in parts)), min(_WAYS, sum(part.ways for part in parts)))


def _then(made: _Automaton, one: _Part, other: _Part) -> _Part:
    _link(made, one, other)
    first, last = _add(one.first, other.first, one.empty), _add(other.last, one.last, other.empty)
    made.work.spend(len(first) + len(last))
    return _Part(first, last, min(2, one.empty * other.empty), min(_WAYS, one.ways * other.ways))


def _link(made: _Automaton, one: _Part, other: _Part) -> None:
    made.work.spend(len(one.last) * len(other.first))
    for state, ways in one.last.items():
        edges = made.follow[state]
        for next_state, more in other.first.items():
            edges[next_state] = min(2, edges.get(next_state, 0) + ways * more)


def _repeat(made: _Automaton, least: int, most: int, items: Any) -> _Part:
    copies = [_sequence(made, items)]
    endless = most is sre.MAXREPEAT
    ways = 100 if endless else min(_WAYS, copies[0].ways ** min(most, 64) * (most - least + 1))
    loops = endless or most - least > _COPIES or ways >= _WAYS
    count = max(1, min(least, _COPIES)) if loops else min(least, _COPIES) + most - least
    copies += [_sequence(made, items) for _ in range(count - 1)]
    if loops:
        last = copies[-1]
        _link(made, last, last)
        if last.empty and least > _COPIES:  # (a?){30}: which of the thirty are empty?
            _link(made, last, last)
        if not endless and most < _LONG:
            made.short |= {*last.first, *last.last}
        copies[-1] = last._replace(empty=min(2, last.empty * (1 + last.empty) if least else last.empty))
    result = _NOTHING
    for number in range(count - 1, -1, -1):
        result = _then(made, copies[number], result)
        if number >= min(least, _COPIES):  # x{0,2} is (x(x)?)?
            result = result._replace(empty=min(2, result.empty + 1))
    return result._replace(ways=ways)


def _ranges(name: str, value: Any) -> Ranges:
    """The characters that one state reads."""
    if name == "IN":
        refused = str(value[0][0]) == "NEGATE"
        found = tuple(pair for item in value[refused:] for pair in _ranges(str(item[0]), item[1]))
        return _others(found) if refused else found
    if name == "CATEGORY":
        letter = str(value).removeprefix("CATEGORY_")
        found = _CATEGORIES[letter.removeprefix("NOT_")]
        return _others(found) if letter.startswith("NOT_") else found
    if name == "ANY":
        return _others(((10, 10),))
    if name == "RANGE":
        return (value,)
    return _others(((value, value),)) if name == "NOT_LITERAL" else ((value, value),)


def _others(ranges: Ranges) -> Ranges:
    edges = [(-1, -1), *sorted(ranges), (0x110000, 0x110000)]
    highest, found = -1, []
    for _, (low, high) in pairwise(edges):
        if low > highest + 1:
            found.append((highest + 1, low - 1))
        highest = max(highest, high)
    return tuple(found)


_CATEGORIES: Final[dict[str, Ranges]] = {
    "DIGIT": ((48, 57),),
    "WORD": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "SPACE": (
        *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
        *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
    ),  # as `formats` has them
}


# -- what is slow -----------------------------------------------------------------------------------------------------


def slow_part(pattern: str) -> str | None:
    """The part of a pattern that can take exponential or at least cubic time, as written; None where none is found."""
    if wrong_pattern(pattern):
        return None
    repeats, work = _scan(pattern)[0], _Work()
    whole = None
    try:
        strict, loose = _automaton(pattern, work, cut=True), _automaton(pattern, work, cut=False)
        if any(_fails(loose, *found, search=False) for found in _doubles(strict)):
            whole = pattern
            for part in sorted((pattern[start:end] for start, end in repeats), key=len):
                if not wrong_pattern(part) and any(_doubles(_automaton(part, work, cut=True))):
                    return part
        elif any(_fails(loose, *found, search=True) for found in _chains(strict, 3)):
            whole = pattern
            needed = 3 if any(_chains(strict, 3, anchored=True)) else 2
            spans = {pattern[one:end] for one, middle in repeats for start, end in repeats if start >= middle}
            for part in sorted(spans, key=len):
                if not wrong_pattern(part) and any(_chains(_automaton(f"^(?:{part})$", work, True), needed, True)):
                    return part
    except (_TooMuch, RecursionError):
        pass
    return whole


def _doubles(made: _Automaton) -> Iterator[tuple[int, list[int]]]:
    """States from which two ways lead back over the same text, with that text."""
    text = [character for character in made.sample if character >= 0]
    backward: list[list[int]] = [[] for _ in made.follow]
    for state, edges in enumerate(made.follow):
        for other in edges:
            backward[other].append(state)
    for state, edges in enumerate(made.follow):
        if state == _START or (len(edges) < 2 and 2 not in edges.values()):
            continue
        around = _reached(made, state, made.follow.__getitem__) & _reached(made, state, backward.__getitem__)
        seen: dict[tuple[int, int], tuple[tuple[int, int] | None, int]] = {}
        for character in text:
            ahead = [other for other in made.next(state, character) if other in around]
            made.work.spend(len(ahead) ** 2)
            for one in ahead:
                for other in ahead:
                    if one < other or (one == other and edges[one] > 1):
                        seen.setdefault((one, other), (None, character))
        queue = list(seen)
        for pair in queue:
            if pair == (state, state):
                yield state, _path(seen, pair)
                break
            for character in text:
                ahead = [other for other in made.next(pair[1], character) if other in around]
                for one in made.next(pair[0], character) if ahead else ():
                    for other in ahead if one in around else ():
                        made.work.spend()
                        new = (min(one, other), max(one, other))
                        if new not in seen:
                            seen[new] = (pair, character)
                            queue.append(new)


def _reached(made: _Automaton, state: int, ahead: Callable[[int], Iterable[int]]) -> set[int]:
    """The states that can be reached from one, itself only over a loop."""
    found: set[int] = set()
    todo = [state]
    while todo:
        new = set(ahead(todo.pop())) - found
        made.work.spend(1 + len(new))
        found |= new
        todo += new
    return found


def _path(seen: Any, end: Any) -> list[int]:
    path: list[int] = []
    while end is not None:
        end, character = seen[end]
        path.insert(0, character)
    return path


def _chains(made: _Automaton, needed: int, anchored: bool = False) -> Iterator[tuple[int, list[int]]]:
    """Where so many loops over one character follow each other: a* a* a*. A search's start is such a loop as well.

    States where the match may end at once do not count: there, nothing fails.
    """
    ends = {state for state in made.whole.last if _END not in made.takes[state]}
    for character in made.sample:
        if character < 0:
            continue

        def ahead_of(state: int, character: int = character) -> list[int]:
            return [other for other in made.next(state, character) if other not in ends]

        loops = {
            state
            for state, edges in enumerate(made.follow)
            if state in edges and state not in made.short | ends and character in made.takes[state]
        }
        if not anchored:
            loops.add(_START)
        ahead = {state: _reached(made, state, ahead_of) & loops - {state} for state in loops}
        for state in sorted(loops):
            made.work.spend(1 + len(ahead[state]))
            if ahead[state] if needed < 3 else any(ahead[other] - {state} for other in ahead[state]):
                yield state, [character]


def _fails(made: _Automaton, state: int, pump: list[int], search: bool) -> bool:
    """Whether some text with many pumps does not match: for a search, anywhere; else, from its first to its last."""
    seen: dict[int, tuple[int | None, int]] = {}
    queue = [_START]
    for here in queue:
        for character in made.sample if state not in seen else ():
            for new in made.next(here, character):
                if new not in seen:
                    seen[new] = (here if here != _START else None, character)
                    queue.append(new)
    if state != _START and state not in seen:
        return not search  # inside of a lookaround
    text = (_path(seen, state) if state != _START else []) + pump * 4
    rests = [[character] * times for character in made.sample if character >= 0 for times in (1, 2)]
    return any(not _matches(made, [*text, *rest, _END], search) for rest in [[], *rests])


def _matches(made: _Automaton, text: list[int], search: bool) -> bool:
    states = {_START}
    for character in text:
        if character == _END and not search and states & made.whole.last.keys():
            return True
        states = {other for state in states for other in made.next(state, character)}
        if search:
            states.add(_START)
        if states & made.whole.last.keys() and (search or character == _END):
            return True
    return search and made.whole.empty > 0
