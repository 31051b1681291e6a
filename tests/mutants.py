"""Mutants of the manifests: small mistakes made on purpose, and whether `check` reports each one well.

In: the texts of a connector's files and a seed. Out: `Mutant`s, each a change in one span of one file; `Verdict`s, what
the check said about each, by line and by hint; `Figures` of all of them. Whether a mutant that nobody reported really
broke something is decided here and not by the check: see `Loose` and `legal_reason`.

    python -m tests.mutants [--seed N] [--count N] [--only KIND] [--survivors] [--groups]
"""

from __future__ import annotations

import argparse
import gc
import itertools
import multiprocessing
import os
import random
import re
import shutil
import statistics
import string
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from connector_runtime import check as checking
from connector_runtime import load
from connector_runtime.dialect import branches, computed_places, fit, format_schema, inner_schemas
from connector_runtime.document import Document, Mark, parse_document
from connector_runtime.errors import ConnectorError, Problem
from connector_runtime.examples import try_example
from connector_runtime.expressions import Computed, ExpressionError
from connector_runtime.paths import ABSENT, Part, children, parse_path, spell, walk

ROOT = Path(__file__).parent.parent
SEED = 20260501

Place = tuple[Part, ...]
Texts = Mapping[str, str]
"""File (relative to the connector) → its text."""

SLIPS = ("drop", "add", "swap", "change")
WORDS = ("key", "name", "enum", "choice", "ref", "path", "expression", "operation", "named", "data")
"""What a single letter can slip in: a key of the format, a name that the connector gives (an input, a fact, a source), a
value of the format, a value of a schema's enum, a `$ref`, a path, a name in an expression, the id of an operation, another
place that names something, a key of example data."""
SHAPES = ("delete", "duplicate", "indent", "type")
KINDS = (*WORDS, *SHAPES)
TURNS = {"key": 6, "name": 4, "enum": 3, "choice": 1, "data": 4, "delete": 5}
"""How often a kind has its turn; three times where it is not said. One turn in ten is for data of examples."""


@dataclass(frozen=True)
class Slot:
    """A place that may be mutated: `start` and `end` of the word in the text. `key`: the word is (part of) a key."""

    role: str
    file: str
    place: Place
    key: bool
    start: int
    end: int
    word: str

    @property
    def group(self) -> tuple[str, ...]:
        """Slots of one group are alike; a group counts once, however often it stands in a file."""
        return (*(part for part in map(str, self.place[-2:]) if not part.isdigit()), self.word)


@dataclass(frozen=True)
class Mutant:
    """A file in which what stands from `start` to `end` is `new` instead. `lines`: where a problem may stand to be in
    the right place, in the mutated text. `original` and `mutated`: the word before and after."""

    kind: str
    slip: str
    file: str
    place: Place
    key: bool
    start: int
    end: int
    new: str
    lines: tuple[int, ...]
    original: str
    mutated: str

    def apply(self, text: str) -> str:
        """The text of the file with the mutation in it."""
        return text[: self.start] + self.new + text[self.end :]

    def __str__(self) -> str:
        return f"{self.file}:{self.lines[0]} {self.kind}/{self.slip} '{self.original}' -> '{self.mutated}'"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. `line`: right (a problem stands in the mutated line), use (in another, and it leads to the
    slip: see `_leads_to_it`), wrong. `legal`: why nothing had to be reported; `broken`: what is loose if it had."""

    mutant: Mutant
    problems: tuple[Problem, ...]
    line: str = ""
    hint: bool = False
    legal: str = ""
    broken: str = ""

    @property
    def reported(self) -> bool:
        """Whether the check found an error."""
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def said(self) -> str:
        """What was reported, shortly."""
        first = [f"{it.file}:{it.line} {it.text} [{it.rule}]" for it in self.problems[:2]]
        more = f" (+{len(self.problems) - 2})" if len(self.problems) > 2 else ""
        return (" | ".join(first) + more)[:500] or f"nothing ({self.broken or self.legal})"

    def __str__(self) -> str:
        return f"{self.mutant}: {self.said}"


# ---------------------------------------------------------------------------------------------------------- slots


def kind_of_file(file: str) -> str:
    """The format's schema for a file."""
    top, _, rest = file.partition("/")
    if top == "operations":
        return {"triggers": "trigger", "actions": "action", "queries": "query"}[rest.partition("/")[0]]
    return "schema" if top == "schemas" else "connector"


def texts_of(folder: Path) -> dict[str, str]:
    """The texts of a connector's manifests."""
    files = [
        folder / "connector.yaml",
        *sorted(folder.glob("operations/*/*.yaml")),
        *sorted(folder.glob("schemas/*.yaml")),
    ]
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in files}


@dataclass(frozen=True)
class Laid:
    """A text with its document: where every key and value begins and ends, as offsets."""

    file: str
    text: str
    document: Document

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1

    def line(self, offset: int) -> int:
        """The line of an offset."""
        return self.text.count("\n", 0, offset) + 1

    def key(self, place: Place) -> tuple[int, int]:
        """Where a key stands."""
        mark = self.document.keys[place]
        return self.offset(mark.line, mark.column), self.offset(mark.end_line, mark.end_column)

    def value(self, place: Place) -> tuple[int, int]:
        """Where a value stands; a block ends with its last line that is not empty and no comment."""
        mark = self.document.marks[place]
        start = self.offset(mark.line, mark.column)
        if self.text[start] in "[{" and isinstance(walk(place, self.document.data), dict | list):
            return start, self._closed(start)
        if isinstance(walk(place, self.document.data), dict | list) or self.text[start] in "|>":
            return start, self._block_end(place, mark)
        return start, self.offset(mark.end_line, mark.end_column)

    def _closed(self, start: int) -> int:
        """The end of a flow collection."""
        depth = 0
        for match in re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|#.*|[\[\]{}]|[^\[\]{}'\"#]+|.").finditer(
            self.text, start
        ):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
            if not depth:
                return match.end()
        raise AssertionError(f"{self.file}: a flow collection without its end")

    def _block_end(self, place: Place, mark: Mark) -> int:
        key = self.document.keys.get(place)
        indent = (key.column if key else mark.column) - 1
        first = key.line if key else mark.line
        end = first
        dashes = isinstance(walk(place, self.document.data), list)
        for number in range(first, len(self.starts)):
            line = self.text[self.starts[number] :].partition("\n")[0]
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            inside = len(line) - len(line.lstrip())
            if inside > indent or (inside == indent and ((dashes and line.lstrip().startswith("- ")) or not key)):
                end = number + 1
            else:
                break
        return self.starts[end - 1] + len(self.text[self.starts[end - 1] :].partition("\n")[0])

    def in_flow(self, place: Place) -> bool:
        """Whether a key stands in braces."""
        start = self.document.marks[place[:-1]]
        return self.text[self.offset(start.line, start.column)] == "{" if place[:-1] or self.text[:1] == "{" else False


@lru_cache(maxsize=64)
def lay(file: str, text: str) -> Laid:
    """A text with its document, whose data has text wherever the format wants it."""
    document = parse_document(text, file)
    fit(document, kind_of_file(file))
    return Laid(file, text, document)


def slots_of(laid: Laid) -> list[Slot]:
    """Every word of a file that may be mutated."""
    root = format_schema(kind_of_file(laid.file))
    return list(_slots(laid, root, [root], laid.document.data, (), kind_of_file(laid.file)))


def _is(found: Sequence[Mapping[str, Any]], root: Mapping[str, Any], *names: str) -> bool:
    return any(schema is root["$defs"].get(name) for schema in found for name in names)


def _slots(
    laid: Laid, root: Mapping[str, Any], schemas: list[Mapping[str, Any]], data: Any, place: Place, kind: str
) -> Iterator[Slot]:
    found = [branch for schema in schemas for branch in branches(root, schema)]
    open_ = _is(found, root, "json", "computed") or not found
    for part, value in children(data):
        at = (*place, part)
        inner = [each for schema in found for each in inner_schemas(root, schema, part)]
        if isinstance(part, str) and at in laid.document.keys:
            known = any(part in schema.get("properties", {}) for schema in found)
            role = "key" if known else "data" if open_ else "path" if _is(found, root, "when", "answer") else "name"
            if not known and place[:1] == ("examples",) and kind != "schema":
                role = "data"  # the keys of an item, an input, an output
            start, end = laid.key(at)
            for begin, word in _words(laid.text[start:end], role):
                yield Slot(role, laid.file, at, True, start + begin, start + begin + len(word), word)
        yield from _slots(laid, root, inner, value, at, kind)
    if isinstance(data, str | int | float | bool) or data is None:
        yield from _value_slots(laid, root, found, data, place, kind)


def _value_slots(
    laid: Laid, root: Mapping[str, Any], found: list[Mapping[str, Any]], data: Any, place: Place, kind: str
) -> Iterator[Slot]:
    if place not in laid.document.marks or not isinstance(data, str):
        return
    start, end = laid.value(place)
    role = _role(root, found, data, place)
    if role == "expression" or (role in ("", "template") and "{{" in data and _computes(root, found)):
        for begin, word in _names_in(laid.text[start:end]):
            yield Slot("expression", laid.file, place, False, start + begin, start + begin + len(word), word)
    elif role and role != "template":
        for begin, word in _words(laid.text[start:end], role):
            yield Slot(role, laid.file, place, False, start + begin, start + begin + len(word), word)


def _computes(root: Mapping[str, Any], found: list[Mapping[str, Any]]) -> bool:
    return _is(found, root, "computed", "template", "condition")


def _role(root: Mapping[str, Any], found: list[Mapping[str, Any]], data: str, place: Place) -> str:
    """What the text at a place is, by the format's schema."""
    if _computes(root, found):
        return "template"
    if place[-1] == "$ref":
        return "ref"
    if any("enum" in schema or "const" in schema for schema in found):
        return "enum"
    if _is(found, root, "path"):
        return "path"
    if place[-2:-1] == ("enum",) and _is(found, root, "json") and "examples" not in place:
        return "choice"
    if place[-2:-1] == ("required",):
        return "named"
    if _is(found, root, "id"):
        called = place[-1] in ("query", "action", "probe", "after") or place[-2:-1] == ("after",)
        return "operation" if called else "" if place[-1] in ("connector",) else "named"
    if _is(found, root, "name") and place[-2:] != ("records", "as"):
        return "named"
    if place == ("request", "path") and "{" in data:
        return "braces"
    return ""


_NAMES = re.compile(r"[A-Za-z_]\w*")
_GRAMMAR = {"and", "or", "not", "in", "if", "else", "is", "true", "false", "null", "none"}


def _words(text: str, role: str) -> Iterator[tuple[int, str]]:
    """The words in the text of a key or value, each with its offset."""
    if role == "braces":
        yield from ((match.start(1), match[1]) for match in re.finditer(r"\{(\w+)\}", text))
        return
    pattern = {"path": r"[A-Za-z_]\w*", "ref": r"[\w$]+(?:\.yaml)?"}.get(role, r"[^\"'\s,\[\]{}:][^\"',\[\]{}\n]*")
    if role in ("key", "name", "data"):
        pattern = r"[^\"'\n]+"
    yield from ((match.start(), match[0].rstrip()) for match in re.finditer(pattern, text))


def _names_in(text: str) -> Iterator[tuple[int, str]]:
    """The names in the expressions of a text, each with its offset."""
    for braces in re.finditer(r"\{\{.*?\}\}", text, re.DOTALL):
        bare = re.sub(r"'[^']*'", lambda it: " " * len(it[0]), braces[0])
        yield from (
            (braces.start() + it.start(), it[0]) for it in _NAMES.finditer(bare) if it[0].lower() not in _GRAMMAR
        )


# -------------------------------------------------------------------------------------------------------- mutations


def mutants(texts: Texts, seed: int, count: int, only: str | None = None) -> list[Mutant]:
    """That many different mutants, evenly over the kinds, the files, and what stands there."""
    rng = random.Random(seed)
    laid = {file: lay(file, text) for file, text in texts.items()}
    pools = _pools(laid)
    kinds = [only] if only else [kind for kind in KINDS for _ in range(TURNS.get(kind, 3))]
    found: dict[tuple[str, int, int, str], Mutant] = {}
    files = {kind: _shuffled(rng, sorted(pools[kind])) for kind in set(kinds)}
    turns: Counter[str] = Counter()
    misses = 0
    while len(found) < count and misses < 40 * len(kinds) * 50:
        misses += 1
        kind = kinds[misses % len(kinds)]
        file = files[kind][turns[kind] % len(files[kind])]
        turns[kind] += 1
        groups = pools[kind][file]
        slot = rng.choice(groups[rng.choice(sorted(groups))])
        mutant = mutate(laid[file], slot, kind, rng)
        if mutant is not None:
            found.setdefault((file, mutant.start, mutant.end, mutant.new), mutant)
    return list(found.values())


Pools = dict[str, dict[str, dict[tuple[str, ...], list[Slot]]]]


def _pools(laid: Mapping[str, Laid]) -> Pools:
    """Kind → file → group → the slots for it."""
    pools: Pools = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for file, it in laid.items():
        for slot in slots_of(it):
            role = "named" if slot.role == "braces" else slot.role
            if len(slot.word) > 1:
                pools[role][file][slot.group].append(slot)
            if slot.key and role in ("key", "name", "path"):
                for kind in SHAPES:
                    pools[kind][file][slot.group].append(slot)
    return pools


def _shuffled(rng: random.Random, items: list[str]) -> list[str]:
    rng.shuffle(items)
    return items


def mutate(laid: Laid, slot: Slot, kind: str, rng: random.Random) -> Mutant | None:
    """One mutant of that kind at a slot, or None where there is none."""
    if kind in WORDS:
        return _slip(laid, slot, kind, rng)
    return {"delete": _delete, "duplicate": _duplicate, "indent": _indent, "type": _retype}[kind](laid, slot, rng)


def slipped(word: str, slip: str, rng: random.Random) -> str:
    """The word with one letter dropped, added, changed, or swapped with the next."""
    letters = [number for number, char in enumerate(word) if char.isascii() and char.isalpha()]
    if not letters:
        return word
    at = rng.choice(letters)
    other = rng.choice(string.ascii_lowercase)
    other = other.upper() if word[at].isupper() else other
    if slip == "drop":
        return word[:at] + word[at + 1 :]
    if slip == "add":
        return word[:at] + rng.choice((word[at], other)) + word[at:]
    if slip == "change":
        return word[:at] + other + word[at + 1 :]
    pairs = [one for one, two in itertools.pairwise(letters) if two == one + 1 and word[one] != word[two]]
    if not pairs:
        return word
    at = rng.choice(pairs)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _slip(laid: Laid, slot: Slot, kind: str, rng: random.Random) -> Mutant | None:
    slip = rng.choice(SLIPS)
    new = slipped(slot.word, slip, rng)
    if new == slot.word or not new:
        return None
    lines = [laid.line(slot.start)]
    if not slot.key:
        lines.append(laid.document.marks[slot.place].line)  # a text of several lines counts as one place
    return _mutant(laid, slot, kind, slip, slot.start, slot.end, new, lines, new)


def _mutant(
    laid: Laid, slot: Slot, kind: str, slip: str, start: int, end: int, new: str, lines: list[int], mutated: str
) -> Mutant:
    right = tuple(dict.fromkeys(lines))
    return Mutant(kind, slip, laid.file, slot.place, slot.key, start, end, new, right, slot.word, mutated)


def _entry(laid: Laid, place: Place) -> tuple[int, int]:
    """Where a key with its value stands."""
    return laid.key(place)[0], max(laid.key(place)[1], laid.value(place)[1])


def _delete(laid: Laid, slot: Slot, rng: random.Random) -> Mutant | None:
    """The key with its value gone, and with it the comma or the lines it stood in."""
    text, place = laid.text, slot.place
    start, end = _entry(laid, place)
    siblings = list(walk(place[:-1], laid.document.data))
    number = siblings.index(place[-1])
    if len(siblings) == 1:
        return None  # what stays would be null or {}, which is another mistake
    after = laid.key((*place[:-1], siblings[number + 1]))[0] if number + 1 < len(siblings) else None
    if laid.in_flow(place):
        if after is not None:
            end = after
        else:
            start = _entry(laid, (*place[:-1], siblings[number - 1]))[1]
    elif text[laid.starts[laid.line(start) - 1] : start].strip():  # behind the dash of a list
        if after is None:
            return None
        end = after
    else:
        start = laid.starts[laid.line(start) - 1]
        end = min(end + 1, len(text))
    line = laid.line(start)
    first = laid.document.marks[place[:-1]].line
    lines = [line, line - 1, first]
    if place[:-1] in laid.document.keys:
        lines.append(laid.document.keys[place[:-1]].line)
    return _mutant(laid, slot, "delete", "delete", start, end, "", [max(1, it) for it in lines], "")


def _duplicate(laid: Laid, slot: Slot, rng: random.Random) -> Mutant | None:
    """The same key with the same value once more, right behind it."""
    start, end = _entry(laid, slot.place)
    entry = laid.text[start:end]
    if laid.in_flow(slot.place):
        new, line = f", {entry}", laid.line(end) + 0
    else:
        end = (
            laid.starts[laid.line(max(start, end - 1))]
            if laid.line(max(start, end - 1)) < len(laid.starts)
            else len(laid.text)
        )
        column = start - laid.starts[laid.line(start) - 1]
        new, line = f"{' ' * column}{entry}\n", laid.line(end)
    return _mutant(laid, slot, "duplicate", "duplicate", end, end, new, [line], slot.word)


def _indent(laid: Laid, slot: Slot, rng: random.Random) -> Mutant | None:
    """The line of the key moved to the left or to the right; what belongs to it stays."""
    line = laid.line(slot.start)
    begin = laid.starts[line - 1]
    spaces = slot.start - begin
    if laid.text[begin : slot.start].strip() or laid.in_flow(slot.place):
        return None
    by = rng.choice((-2, -1, 1, 2))
    if spaces + by < 0:
        return None
    before = line - 1
    while before > 1 and laid.text[laid.starts[before - 1] :].lstrip(" ").startswith(("#", "\n")):
        before -= 1
    mutant = _mutant(laid, slot, "indent", f"{by:+d}", begin, begin + spaces, " " * (spaces + by), [line], slot.word)
    return replace(mutant, lines=(line, max(1, before)))


def _retype(laid: Laid, slot: Slot, rng: random.Random) -> Mutant | None:
    """A value of another type in place of the one of the key."""
    place = slot.place
    value = walk(place, laid.document.data)
    start, end = laid.value(place)
    line = laid.line(start)
    written = laid.text[start:end]
    if isinstance(value, dict | list):
        others = ["something", "17", "true", "null", "[]" if isinstance(value, dict) else "{}"]
    elif isinstance(value, bool):
        others = ['"true"', "17", f"[{written}]", "null"]
    elif isinstance(value, int | float):
        others = [f'"{written}"', "true", f"[{written}]", "null"]
    else:
        others = ["17", "true", "null", "[]", "{}", "[17]", "{any: thing}"]
    new = rng.choice(others)
    key = laid.key(place)
    if isinstance(value, dict | list) and laid.line(key[1]) != line:
        start, new, line = laid.text.index(":", key[1]) + 1, f" {new}", laid.line(key[1])
    mutant = _mutant(laid, slot, "type", type(value).__name__, start, end, new, [line], new.strip())
    return replace(mutant, lines=tuple(dict.fromkeys((line, laid.line(key[0])))))


# ---------------------------------------------------------------------------------------------------------- verdicts


_known: checking.Known = {}


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """What the check says about a folder. The one place that knows how the check is called."""
    return checking.check(folder, _known).problems


def judge(mutant: Mutant, texts: Texts, problems: Sequence[Problem]) -> Verdict:
    """What the check said about a mutant, by line and by hint; whether it may be silent is not asked here."""
    errors = [problem for problem in problems if problem.severity == "error"]
    near = 1 if mutant.kind == "indent" else 0  # what was moved may show at its neighbour only
    lines = {line + step for line in mutant.lines for step in range(-near, near + 1)}
    right = [it for it in errors if it.file == mutant.file and it.line in lines]
    used = [] if right else [it for it in errors if _leads_to_it(it, mutant, texts)]
    line = "right" if right else "use" if used else "wrong" if errors else ""
    hint = any(whole_word(mutant.original, it.text) for it in right or used)
    return Verdict(mutant, tuple(problems), line, hint)


def whole_word(word: str, text: str) -> bool:
    """Whether a text has the word, and not only as a part of another."""
    return bool(word) and bool(re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", text))


def _leads_to_it(problem: Problem, mutant: Mutant, texts: Texts) -> bool:
    """Whether a problem in another line still leads to the slip: it stands where the declared name or value is used and
    names both words, or in the same example, which contradicts itself there, and names one of them."""
    original, mutated = (whole_word(word, problem.text) for word in (mutant.original, mutant.mutated))
    text = texts.get(problem.file, "")
    if problem.file == mutant.file:
        if mutant.place[:1] == ("examples",) and kind_of_file(mutant.file) not in ("schema", "connector"):
            named = original or mutated or mutant.kind in ("delete", "type")  # then the example contradicts itself
            return named and problem.line in _lines_of_example(mutant, text)
        text = mutant.apply(text)
    if mutant.kind == "delete" and problem.rule in ("example", "example-value", "not-shown", "not-shown-anywhere"):
        return True  # nothing that is left is wrong by itself: an example is where it shows
    if mutant.kind not in ("name", "choice", "delete"):
        return False
    lines = text.splitlines()
    here = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
    return original and (mutated or mutant.kind == "delete") and whole_word(mutant.original, here)


def _lines_of_example(mutant: Mutant, text: str) -> range:
    """The lines of the example that a mutant is in, in the mutated text."""
    marks = lay(mutant.file, text).document.marks
    first, last = mutant.place[:2], marks.get(("examples", int(mutant.place[1]) + 1)) if len(mutant.place) > 1 else None
    more = mutant.new.count("\n") - text[mutant.start : mutant.end].count("\n")
    return range(marks[first].line, last.line + more if last else text.count("\n") + more + 2)


_texts: dict[str, str] = {}
_folder: Path = Path()
_clean: list[set[End]] = []
_before: set[tuple[str, ...]] = set()


def start_worker(root: Path, above: Path) -> None:
    """Gives a process its own copy of the connector."""
    global _folder
    for kept in (_texts, _clean, _before, _known):
        kept.clear()
    _folder = Path(tempfile.mkdtemp(dir=above))
    shutil.copy(root / "connector.yaml", _folder)
    for name in ("operations", "schemas"):
        shutil.copytree(root / name, _folder / name)
    _texts.update(texts_of(_folder))
    _before.update(map(_told, problems_of(_folder)))


def _start_in_pool(root: Path, above: Path) -> None:
    start_worker(root, above)
    gc.freeze()  # what is here stays; looking through it again and again takes an eighth of the time
    gc.set_threshold(100_000, 50, 1000)


def _told(problem: Problem) -> tuple[str, ...]:
    """A problem without its line. What was told before the mutation does not count: nothing should be."""
    return problem.rule, problem.file, problem.message


def try_mutants(some: Sequence[Mutant]) -> list[Verdict]:
    """The verdicts on some mutants, in a process with a copy of the connector."""
    return [_try(mutant) for mutant in some]


def _try(mutant: Mutant) -> Verdict:
    path, text = _folder / mutant.file, _texts[mutant.file]
    path.write_text(mutant.apply(text), "utf-8")
    try:
        try:
            problems = [it for it in problems_of(_folder) if _told(it) not in _before]
        except Exception as error:  # whatever is wrong in a manifest, the check has to live through it
            return Verdict(mutant, (), broken=f"the check itself breaks off: {error!r}")
        verdict = judge(mutant, _texts, problems)
        if verdict.reported:
            return verdict
        if not _clean:
            _clean.append(Loose.of(_texts).ends)
        legal, broken = legal_reason(mutant, _texts, _folder, _clean[0])
        return replace(verdict, legal=legal, broken=broken)
    finally:
        path.write_text(text, "utf-8")


def try_all(some: Sequence[Mutant], root: Path = ROOT, processes: int = 2) -> list[Verdict]:
    """The verdicts on all of them, in order."""
    size = 20
    chunks = [some[number : number + size] for number in range(0, len(some), size)]
    with tempfile.TemporaryDirectory() as above:
        start = (root, Path(above))
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        with ProcessPoolExecutor(processes, context, _start_in_pool, start) as pool:
            return [verdict for chunk in pool.map(try_mutants, chunks) for verdict in chunk]


# ------------------------------------------------------------------------------------------- what is really broken


End = tuple[str, str, Place, str]
"""Something that leads nowhere: what it is, the file and the place of what names it, the word."""

_ITEM = {"done": {}, "late": {}, "outcome": {}, "call": {}, "time": {}}
_ERROR = {name: {"type": ["string", "integer"]} for name in ("type", "message", "status", "code", "step")}


@dataclass(eq=False)
class Loose:
    """All loose ends of a connector: references, names and paths that lead nowhere, and values that do not fit what is
    said beside them. Found along the data alone; the rules of the check are not asked. What is loose in a mutant and was
    not in the original is what the mutation broke."""

    laid: Mapping[str, Laid]
    ends: set[End] = field(default_factory=set)

    @staticmethod
    def of(texts: Texts) -> Loose:
        """The loose ends of a connector's texts, each of which can be parsed."""
        it = Loose({file: lay(file, text) for file, text in texts.items()})
        it.find()
        return it

    def end(self, what: str, file: str, place: Place, word: Any) -> None:
        self.ends.add((what, file, place, str(word)))

    # the parts of a connector

    def data(self, file: str) -> Any:
        return self.laid[file].document.data

    @cached_property
    def operations(self) -> dict[str, str]:
        """Id → file."""
        return {Path(file).stem: file for file in self.laid if file.startswith("operations/")}

    @cached_property
    def connector(self) -> Any:
        return self.data("connector.yaml")

    def expand(self, file: str, schema: Any, stack: tuple[Any, ...] = ()) -> dict[str, Any]:
        """A schema with everything it refers to in it."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            target, _, fragment = str(schema["$ref"]).partition("#")
            there = os.path.normpath(os.path.join(os.path.dirname(file), target)) if target else file
            inner = walk(tuple(fragment.split("/")[1:]), self.data(there)) if there in self.laid else ABSENT
            if inner is ABSENT or (there, fragment) in stack:
                self.end("reference", file, (), schema["$ref"])
                return {}
            return self.expand(there, inner, (*stack, (there, fragment)))
        made = dict(schema)
        if isinstance(made.get("properties"), dict):
            made["properties"] = {name: self.expand(file, it, stack) for name, it in made["properties"].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(made.get(key), dict):
                made[key] = self.expand(file, made[key], stack)
        if "anyOf" in made:
            made["anyOf"] = [self.expand(file, it, stack) for it in made["anyOf"]]
        return made

    @cache  # noqa: B019 (short-lived)
    def inputs(self, id_: str) -> dict[str, Any]:
        """The schema of an operation's input."""
        file = self.operations[id_]
        data = self.data(file)
        schema = self.expand(file, data.get("input", {}))
        extra = {"maxRecords": {"type": "integer"}, "next": {"type": "string"}} if "records" in data else {}
        return {"type": "object", **schema, "properties": {**schema.get("properties", {}), **extra}}

    @cache  # noqa: B019
    def outputs(self, id_: str) -> dict[str, Any]:
        """The schema of an operation's output."""
        file = self.operations[id_]
        data = self.data(file)
        if "records" in data:
            each = self.record(id_)
            return _object({data["records"]["as"]: {"type": "array", "items": each}, "next": {}})
        schema = self.expand(file, data.get("output", {}))
        extra = {"complete": {}} if "partial" in data else {"eventId": {}} if "trigger" in data else {}
        return {"type": "object", **schema, "properties": {**schema.get("properties", {}), **extra}}

    def record(self, id_: str) -> dict[str, Any]:
        """The schema of a list's records, with what is added to them."""
        file = self.operations[id_]
        records = self.data(file)["records"]
        each = self.expand(file, records["each"])
        return {**each, "properties": {**each.get("properties", {}), **{name: {} for name in records.get("add", {})}}}

    # finding

    def find(self) -> None:
        """Fills `ends`."""
        for file in self.laid:
            self.schemas(file, self.data(file), ())
        for id_, file in self.operations.items():
            data = self.data(file)
            self.inputs(id_)
            self.outputs(id_)
            self.names(id_, file, data)
            self.shown(id_, file, data)
            if "trigger" in data:
                self.trigger(id_, file, data)
        self.sources()
        for name, api in self.connector["apis"].items():
            bodies = [answer.get("body") for id_ in self.operations for answer in self.answers(id_)]
            for key, value in api["error"].items():
                for path in value if isinstance(value, list) else [value]:
                    self.seen("path", "connector.yaml", ("apis", name, "error", key), path, bodies)
            self.error_rules("connector.yaml", ("apis", name, "errors"), api.get("errors", ()), bodies)
        self.operation("connector.yaml", ("service", "probe"), self.connector["service"]["probe"])
        for file in self.laid:
            self.expressions(file)

    def schemas(self, file: str, data: Any, place: Place) -> None:
        """Every schema in a file: what it requires is declared, and its values fit it."""
        roots = {
            "schema": ((),),
            "connector": (("settings",), *(("sign_in", id_, "fields") for id_ in data.get("sign_in", ()))),
        }
        for root in roots.get(kind_of_file(file), (("input",), ("output",), ("records", "each"))):
            if isinstance(schema := walk(root, data), dict):
                self.schema(file, schema, root)

    def schema(self, file: str, schema: Mapping[str, Any], place: Place) -> None:
        whole = self.expand(file, dict(schema))
        for number, name in enumerate(schema.get("required", ())):
            if name not in whole.get("properties", {}):
                self.end("required", file, (*place, "required", number), name)
        for key in ("examples", "default", "enum", "const"):
            values = schema.get(key, ()) if key in ("examples", "enum") else [schema[key]] if key in schema else ()
            for number, value in enumerate(values):
                if not _fits(whole, value):
                    self.end("schema value", file, (*place, key, number), value)
                self.declared(file, (*place, key), whole, value, ())
        options = schema.get("x-options")
        if options:
            self.operation(file, (*place, "x-options", "query"), options["query"])
        for name, inner in schema.get("properties", {}).items():
            self.schema(file, inner, (*place, "properties", name))
        for name, inner in schema.get("$defs", {}).items():
            self.schema(file, inner, (*place, "$defs", name))
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                self.schema(file, schema[key], (*place, key))
        for number, inner in enumerate(schema.get("anyOf", ())):
            self.schema(file, inner, (*place, "anyOf", number))

    def declared(self, file: str, place: Place, schema: Mapping[str, Any], value: Any, at: Place) -> None:
        """Everything that an example shows is declared."""
        if isinstance(value, list):
            for each in value:
                self.declared(file, place, schema.get("items", {}), each, at)
        elif isinstance(value, dict) and schema.get("properties"):
            for key, each in value.items():
                inner = schema["properties"].get(key, schema.get("additionalProperties"))
                if isinstance(inner, dict):
                    self.declared(file, place, inner, each, (*at, key))
                else:
                    self.end("not declared", file, (*place, *at), key)

    def operation(self, file: str, place: Place, id_: Any) -> bool:
        """Whether an operation is there."""
        if id_ not in self.operations:
            self.end("operation", file, place, id_)
        return id_ in self.operations

    def call(self, file: str, place: Place, id_: str, given: Any) -> None:
        """What is called is there, has the inputs it is given, and is given those it needs."""
        if self.operation(file, place, id_) and isinstance(given, dict):
            wanted = self.inputs(id_)
            for name in given:
                if name not in wanted["properties"]:
                    self.end("given input", file, (*place, "input", name), name)
                elif "{{" not in str(given[name]) and not _fits(wanted["properties"][name], given[name]):
                    self.end("given value", file, (*place, "input", name), given[name])
            for name in wanted.get("required", ()):
                if name not in given:
                    self.end("missing input", file, place, name)

    def names(self, id_: str, file: str, data: Any) -> None:
        """What an operation names of its own parts."""
        inputs = self.inputs(id_)
        known, required = inputs["properties"], inputs.get("required", ())
        request = data.get("request", {})
        for name in re.findall(r"\{(\w+)\}", request.get("path", "")):
            if name not in required:
                self.end("input in the path", file, ("request", "path"), name)
        named = [(("request", "leave_out", number), name) for number, name in enumerate(request.get("leave_out", ()))]
        named += [
            (("rules", number, "at"), rule["at"]) for number, rule in enumerate(data.get("rules", ())) if "at" in rule
        ]
        named += [(("upload", "file"), data["upload"]["file"])] if "upload" in data else []
        for place, name in named:
            if name not in known:
                self.end("input", file, place, name)
        for name, call in data.get("look_up", {}).items():
            self.call(file, ("look_up", name), call["query"], call.get("input", {}))
        if "upload" in data:
            job, wait = data["upload"]["job"], data["upload"]["wait"]
            self.call(file, ("upload", "job"), job["action"], job.get("input", {}))
            self.call(file, ("upload", "wait"), wait["query"], wait.get("input", {}))
            for path in wait["until"]:
                self.resolves("path", file, ("upload", "wait", "until"), path, self.outputs_of([wait["query"]]))
        if isinstance(data.get("returns"), dict):
            for name in data["returns"]:
                if name not in self.outputs(id_)["properties"]:
                    self.end("output", file, ("returns", name), name)
            for name in self.outputs(id_).get("required", ()):
                if name not in data["returns"]:
                    self.end("required output", file, ("returns",), name)
        if "request" in data and "inputs" not in request:
            text = self.laid[file].text
            for name in (it for it in known if it not in ("maxRecords", "next")):
                used = name in re.findall(r"\{(\w+)\}", request["path"]) or whole_word(f"input.{name}", text)
                if not used:
                    self.end("input goes nowhere", file, ("input", "properties", name), name)
        bodies = [answer.get("body") for answer in self.answers(id_)]
        self.error_rules(file, ("errors",), data.get("errors", ()), bodies)
        if "records" in data:
            self.seen("path", file, ("records", "from"), data["records"]["from"], bodies)
        if "next" in data.get("pages", {}):
            self.seen("path", file, ("pages", "next"), data["pages"]["next"], bodies)

    def error_rules(self, file: str, place: Place, rules: Sequence[Any], bodies: list[Any]) -> None:
        for number, rule in enumerate(rules):
            for path in rule["when"]:
                if path.startswith("body"):
                    self.seen("path", file, (*place, number, "when"), path, [{"body": body} for body in bodies])

    def answers(self, id_: str) -> list[Any]:
        """The answers that an operation's examples show."""
        examples = self.data(self.operations[id_]).get("examples", ())
        own = [example["response"] for example in examples if "response" in example]
        return own + [it["response"] for example in examples for it in example.get("exchanges", ())]

    def items(self, source: str) -> list[Any]:
        """The items of a source that examples show."""
        files = [file for file in self.laid if file.startswith("operations/triggers/")]
        heard = {source, *(self.connector.get("sources", {}).get(source, {}).get("webhook", {}).get("like", ()),)}
        return [it["item"] for file in files for it in self.data(file)["examples"] if it["source"] in heard]

    def outputs_of(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        return [self.outputs(id_) for id_ in ids if id_ in self.operations]

    def shown(self, id_: str, file: str, data: Any) -> None:
        """What examples show is declared."""
        output = self.outputs(id_)
        for example in data["examples"]:
            self.declared(file, ("examples", "output"), output, example.get("output", example.get("data")), ())
            self.declared(file, ("examples", "input"), self.inputs(id_), example.get("input"), ())
            for name, value in example.get("fetched", {}).items():
                read = data.get("fetch", {}).get(name)
                if read is None:
                    self.end("fetched", file, ("examples", "fetched"), name)
                for schema in self.outputs_of([read["query"]]) if read else ():
                    self.declared(file, ("examples", "fetched", name), schema, value, ())

    def trigger(self, id_: str, file: str, data: Any) -> None:
        """What a trigger names of the connector, and of its own parts."""
        if not data["topic"].startswith(f"{self.connector['connector']}/{data['resource']}/"):
            self.end("topic", file, ("topic",), data["topic"])
        fetched = {name for it in data.get("fetch", {}).values() for name in it.get("facts", {})}
        for name, source in data["sources"].items():
            place: Place = ("sources", name)
            if name not in self.connector.get("sources", {}):
                self.end("source", file, place, name)
                continue
            watch = self.connector["sources"][name].get("watch")
            items = [it["item"] for it in data["examples"] if it["source"] == name]
            if not items:
                self.end("source without an example", file, place, name)
            for path in source["when"]:
                self.item_path(file, (*place, "when"), path, watch, items)
            for fact, paths in source["facts"].items():
                for path in paths if isinstance(paths, list) else [paths]:
                    self.item_path(file, (*place, "facts", fact), path, watch, items)
            outcomes = source["when"].get("outcome", ()) if watch else ()
            for word in [outcomes] if isinstance(outcomes, str) else outcomes:
                if word not in watch["outcomes"]:
                    self.end("outcome", file, (*place, "when", "outcome"), word)
            for number, fact in enumerate(data["same_event"]):
                if fact not in {*source["facts"], *fetched}:
                    self.end("fact", file, ("same_event", number), fact)
        for number, example in enumerate(data["examples"]):
            if example["source"] not in data["sources"]:
                self.end("source", file, ("examples", number, "source"), example["source"])
        for name, read in data.get("fetch", {}).items():
            self.call(file, ("fetch", name), read["query"], read.get("input", {}))
            schemas = self.outputs_of([read["query"]])
            for path in read.get("confirm", {}):
                self.resolves("path", file, ("fetch", name, "confirm"), path, schemas)
            for fact, path in read.get("facts", {}).items():
                self.resolves("path", file, ("fetch", name, "facts", fact), path, schemas)

    def sources(self) -> None:
        """What the sources of the connector name."""
        file = "connector.yaml"
        for name, source in self.connector.get("sources", {}).items():
            webhook, watch = source.get("webhook", {}), source.get("watch")
            place: Place = ("sources", name)
            if "like" in webhook and "webhook" not in self.connector["sources"].get(webhook["like"], {}):
                self.end("source", file, (*place, "webhook", "like"), webhook["like"])
            items = self.items(name)
            stamp = webhook.get("verify", {}).get("timestamp", {})
            for key, value in (
                ("delivery", webhook.get("delivery")),
                ("time", webhook.get("time")),
                ("path", stamp.get("path")),
            ):
                for path in value if isinstance(value, list) else [value] if value else ():
                    self.seen("path", file, (*place, "webhook", key), path, items)
            for path in (*webhook.get("ignore", {}), *stamp.get("when", {})):
                self.seen("path", file, (*place, "webhook", "when"), path, items)
            if watch:
                after = watch["after"] if isinstance(watch["after"], list) else [watch["after"]]
                for number, id_ in enumerate(after):
                    self.operation(file, (*place, "watch", "after", number), id_)
                if "look" in watch:
                    self.call(file, (*place, "watch", "look"), watch["look"]["query"], watch["look"].get("input", {}))
                for word, whens in watch["outcomes"].items():
                    for when in whens if isinstance(whens, list) else [whens]:
                        for path in when:
                            self.item_path(file, (*place, "watch", "outcomes", word), path, watch, items)

    def item_path(self, file: str, place: Place, path: str, watch: Any, items: list[Any]) -> None:
        """A path in an item: by schema for a watch, else shown by an example."""
        if watch is None:
            self.seen("path", file, place, path, items)
            return
        self.resolves("path", file, place, path, [_object(self.item_of(watch))])

    def item_of(self, watch: Any) -> dict[str, Any]:
        """The schemas of what an item of a watch has."""
        after = watch["after"] if isinstance(watch["after"], list) else [watch["after"]]
        made = {
            **_ITEM,
            "error": _object(_ERROR),
            "input": {"anyOf": [self.inputs(it) for it in after if it in self.operations]},
        }
        made["output"] = {"anyOf": self.outputs_of(after)}
        return {**made, "found": {"anyOf": self.outputs_of([watch["look"]["query"]])}} if "look" in watch else made

    def seen(self, what: str, file: str, place: Place, path: Any, data: list[Any]) -> None:
        """Some example shows that there is something at a path."""
        with suppress(ValueError):
            parts = path if isinstance(path, tuple) else parse_path(path)
            if any(walk(parts, it) not in (ABSENT, []) for it in data):
                return
        self.end(what, file, place, path if isinstance(path, str) else spell(path))

    def resolves(self, what: str, file: str, place: Place, path: Any, schemas: list[dict[str, Any]]) -> None:
        """Some schema has a path."""
        with suppress(ValueError):
            parts = path if isinstance(path, tuple) else parse_path(path)
            if not schemas or any(_has(schema, parts) for schema in schemas):
                return
        self.end(what, file, place, path if isinstance(path, str) else spell(path))

    def expressions(self, file: str) -> None:
        """Every path that an expression reads leads somewhere."""
        data, kind = self.data(file), kind_of_file(file)
        for place, names, _ in computed_places(kind, data):
            for at, text in _texts_in(walk(place, data), place):
                try:
                    reads = Computed(text).reads
                except ExpressionError:
                    self.end("expression", file, at, text)
                    continue
                for path in reads:
                    self.read(file, kind, data, at, path, names)

    def read(self, file: str, kind: str, data: Any, at: Place, path: Place, names: Sequence[str]) -> None:
        root, known = str(path[0]), [name for name in names if name != "look_up"]
        look_ups = data.get("look_up", {}) if "look_up" in names else {}
        if root in look_ups:
            schemas = self.outputs_of([look_ups[root]["query"]])
            self.resolves("read", file, at, path[1:], [_object({}), *schemas] if len(path) == 1 else schemas)
        elif root not in known and not (root == "now" and kind in ("action", "query")):
            self.end("name", file, at, root)
        elif len(path) > 1 and root == "response":
            ids = [Path(file).stem] if kind != "connector" else list(self.operations)
            answers = [{"status": 200, "headers": {}, **answer} for id_ in ids for answer in self.answers(id_)]
            self.seen("read", file, at, path[1:], answers)
        elif len(path) > 1 and (schema := self.root(file, kind, data, at, root)) is not None:
            self.resolves("read", file, at, path[1:], [schema])

    def root(self, file: str, kind: str, data: Any, at: Place, name: str) -> dict[str, Any] | None:
        """The schema of a name in an expression; None where nothing says what is in it."""
        id_ = Path(file).stem
        watch = walk(at[:3], data) if kind == "connector" and at[:1] == ("sources",) and at[2:3] == ("watch",) else None
        if name == "connection":
            settings = self.expand("connector.yaml", self.connector.get("settings", {})).get("properties", {})
            fields = [self.expand("connector.yaml", it["fields"]) for it in self.connector["sign_in"].values()]
            return _object({**settings, **{key: it for way in fields for key, it in way.get("properties", {}).items()}})
        if name in ("input", "output") and watch is not None:
            return self.item_of(watch)[name]
        if name == "input" and kind in ("trigger", "action", "query"):
            return self.inputs(id_)
        if name == "facts":
            facts = [*data["sources"].values(), *data.get("fetch", {}).values()]
            return _object({fact: {} for it in facts for fact in it.get("facts", {})})
        if name == "fetched":
            reads = data.get("fetch", {}).items()
            return _object({key: {"anyOf": self.outputs_of([it["query"]])} for key, it in reads})
        if name == "job":
            return {"anyOf": self.outputs_of([data["upload"]["job"]["action"]])}
        if name == "waited":
            return {"anyOf": self.outputs_of([data["upload"]["wait"]["query"]])}
        if name == "file":
            return _object({key: {"type": "string"} for key in ("name", "size", "type")})
        if name == "record" and "records" in data:
            return self.expand(file, data["records"]["each"])
        if name == "item":
            query = walk((*at[:-1], "query"), data)
            return (
                self.record(query)
                if query in self.operations and "records" in self.data(self.operations[query])
                else None
            )
        return None


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties)}


def _texts_in(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        yield place, data
    for key, value in children(data):
        yield from _texts_in(value, (*place, key))


def _has(schema: Mapping[str, Any], parts: Place) -> bool:
    """Whether something that fits the schema may have something there."""
    if not parts or not schema:
        return True
    if "anyOf" in schema:
        return not schema["anyOf"] or any(_has(branch, parts) for branch in schema["anyOf"])
    part, rest = parts[0], parts[1:]
    if isinstance(part, int) or type(part) is not str:  # a place in a list; [*] takes an object as a list of one
        return _has(schema["items"], rest) if "items" in schema else "properties" in schema and _has(schema, rest)
    if part in schema.get("properties", {}):
        return _has(schema["properties"][part], rest)
    if isinstance(schema.get("additionalProperties"), dict):
        return _has(schema["additionalProperties"], rest)
    return "properties" not in schema and schema.get("type", "object") == "object"


def _fits(schema: dict[str, Any], value: Any) -> bool:
    from jsonschema import Draft202012Validator

    plain = {
        key: it for key, it in schema.items() if key not in ("enum", "const") or value not in schema.get("enum", ())
    }
    try:
        return bool(Draft202012Validator(plain).is_valid(value))
    except Exception:  # a pattern that is none, or a type that is none
        return False


@cache
def _format_validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(format_schema(kind))


# ------------------------------------------------------------------------------------------------ what is still legal


def legal_reason(mutant: Mutant, texts: Texts, folder: Path, before: set[End]) -> tuple[str, str]:
    """Why an unreported mutant is legal, or what it broke; the mutated file stands in the folder."""
    text = mutant.apply(texts[mutant.file])
    try:
        laid = lay(mutant.file, text)
    except ConnectorError as error:
        return "", f"no YAML: {error.message}"
    original = lay(mutant.file, texts[mutant.file])
    if _same(laid.document.data, original.document.data):
        return "the data is the same", ""
    if not _format_validator(kind_of_file(mutant.file)).is_valid(laid.document.data):
        return "", "it does not fit the format"
    known = {end[:3] for end in before}
    try:
        after = Loose.of({**texts, mutant.file: text}).ends
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return "", f"it cannot be read through: {error!r}"
    shown = mutant.place[:1] == ("examples",) and kind_of_file(mutant.file) not in ("schema", "connector")
    renamed = {
        mutant.mutated: mutant.original
    }  # what was loose before it got another name is not loose because of that
    new = sorted((end for end in after - before if _was(end, renamed) not in known), key=str)
    new = [end for end in new if not shown or end[1] == mutant.file]  # other files need not be shown by this example
    if new:
        what, file, place, word = new[0]
        return "", f"{what} '{word}' at {file} {spell(place)}"
    try:
        connector = load(folder)
    except ConnectorError as error:
        return "", f"it cannot be loaded: {error.message}"
    for operation in connector.operations.values():
        for number, example in enumerate(operation.examples):
            try:
                difference = try_example(connector, operation, example)
            except Exception as error:
                return "", f"example {number} of {operation.id} breaks off: {error}"
            if difference:
                return "", f"example {number} of {operation.id}: {difference.message}"
    return _category(mutant, original, laid), ""


def _was(end: End, renamed: Mapping[Any, str]) -> tuple[str, str, Place]:
    """A loose end as it was called before, without its word."""
    what, file, place, _ = end
    return what, file, tuple(renamed.get(part, part) for part in place)


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return isinstance(one, str) and isinstance(other, str) and str(one) == str(other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


LEGAL: Mapping[str, str] = {
    "the data is the same": "only the look of the file changed",
    "words for people": "a title, description or sentence that no example shows may say anything",
    "a declared field that nothing uses": "no expression, path, list of names, call or example has it",
    "a name of the connector's own that nothing uses": "the name is used nowhere else",
    "a name of the provider's that no example shows": "only the provider knows whether it is right",
    "a value that no example shows": "no example, default or expression of the connector has it",
    "data of an example that nothing reads": "the example still gives exactly its requests and its output",
    "another legal value": "the format knows this one too, and every example still holds",
    "an optional key": "the format does not require it, and every example still holds without it",
    "a condition or limit that no example pins": "it is of the format, and every example still holds",
}
"""Category of a legal mutant → why it is legal. Each has been held against all loose ends and all examples first."""

_PROSE = ("title", "description", "summary", "message", "action", "query", "trigger", "label")
_LIMITS = ("tolerance", "every", "at_most", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")


def _category(mutant: Mutant, before: Laid, after: Laid) -> str:
    """The category of a mutant that broke nothing, by what stands at its place; empty where there is none."""
    place, last = mutant.place, mutant.place[-1]
    root = format_schema(kind_of_file(mutant.file))
    parents = _found(root, place[:-1])
    own = _found(root, place)
    data = _is(parents, root, "json", "computed") or not parents or _is(own, root, "json")
    if mutant.kind == "indent":
        return ""  # what moved into another place is never the same
    if place == ("resource",):
        return "a name of the connector's own that nothing uses"
    if place[:1] == ("examples",) and kind_of_file(mutant.file) != "schema":
        return "data of an example that nothing reads" if data or len(place) > 2 else ""
    if mutant.kind == "delete":
        required = {name for schema in parents for name in schema.get("required", ())}
        if any(last in schema.get("properties", {}) for schema in parents):
            return "" if last in required else "an optional key"
        if place[-2:-1] == ("properties",):
            return "a declared field that nothing uses"
        return (
            "a name of the connector's own that nothing uses"
            if not data
            else "a name of the provider's that no example shows"
        )
    if mutant.key and mutant.kind in WORDS:
        if place[-2:-1] == ("properties",):
            return "a declared field that nothing uses"
        if place[-2:-1] in (("headers",), ("params",), ("json",), ("form",)) or data:
            return "a name of the provider's that no example shows"
        if _is(parents, root, "when", "answer"):
            return "a condition or limit that no example pins"
        return "a name of the connector's own that nothing uses" if mutant.kind == "name" else ""
    if last in _PROSE:
        return "words for people"
    if place[-2:-1] == ("enum",) or mutant.kind == "choice":
        return "a value that no example shows"
    if mutant.kind == "enum" or any("enum" in schema for schema in own):
        return "another legal value"
    if last in _LIMITS or mutant.kind == "type":
        return "a condition or limit that no example pins"
    if mutant.kind == "path":
        return "a name of the provider's that no example shows"
    return ""


def _found(root: Mapping[str, Any], place: Place) -> list[Mapping[str, Any]]:
    found = list(branches(root, root))
    for part in place:
        found = [inner for schema in found for inner in inner_schemas(root, schema, part)]
    return found


# ------------------------------------------------------------------------------------------------------------ figures


@dataclass(frozen=True)
class Figures:
    """The verdicts on a run of mutants, sorted into what counts."""

    verdicts: tuple[Verdict, ...] = field(repr=False)

    @cached_property
    def reported(self) -> list[Verdict]:
        return [it for it in self.verdicts if it.reported]

    @cached_property
    def legal(self) -> list[Verdict]:
        return [it for it in self.verdicts if not it.reported and it.legal]

    @cached_property
    def survivors(self) -> list[Verdict]:
        """What nobody reported, and nothing shows to be legal."""
        return [it for it in self.verdicts if not it.reported and not it.legal]

    @cached_property
    def astray(self) -> list[Verdict]:
        """What was reported in another line."""
        return [it for it in self.reported if it.line == "wrong"]

    @cached_property
    def slips(self) -> list[Verdict]:
        """The single-letter slips that were reported."""
        return [it for it in self.reported if it.mutant.kind in WORDS]

    @cached_property
    def hintless(self) -> list[Verdict]:
        """The slips whose hint does not have the original."""
        return [it for it in self.slips if not it.hint]

    def cascades(self, above: int = 3) -> list[Verdict]:
        """What made more problems than that, the most first."""
        return sorted((it for it in self.reported if len(it.problems) > above), key=lambda it: -len(it.problems))

    @property
    def right_line(self) -> float:
        return 1 - len(self.astray) / max(1, len(self.reported))

    @property
    def with_hint(self) -> float:
        return 1 - len(self.hintless) / max(1, len(self.slips))

    def summary(self) -> str:
        """The figures, for people."""
        counts = sorted(len(it.problems) for it in self.reported) or [0]
        uses = sum(it.line == "use" for it in self.reported)
        lines = [
            f"mutants {len(self.verdicts)}: reported {len(self.reported)}, legal {len(self.legal)}, survivors {len(self.survivors)}",
            f"right line {self.right_line:.2%} of the reported ({len(self.astray)} elsewhere; {uses} at a use, naming the slip)",
            f"hint with the original {self.with_hint:.2%} of {len(self.slips)} single-letter slips",
            f"problems for each: median {statistics.median(counts):g}, 99th percentile {counts[int(len(counts) * 0.99)]}, most {counts[-1]}",
        ]
        for kind in KINDS:
            mine = [it for it in self.verdicts if it.mutant.kind == kind]
            if mine:
                part = Figures(tuple(mine))
                lines.append(
                    f"  {kind:<11}{len(mine):>5}: reported {len(part.reported)}, legal {len(part.legal)}, survivors {len(part.survivors)}, "
                    f"other line {len(part.astray)}, no hint {len(part.hintless)}"
                )
        lines += [f"  {len(it.problems)} problems: {it.mutant}" for it in self.cascades()[:3]]
        for category, count in Counter(it.legal for it in self.legal).most_common():
            sample = random.Random(0).sample([it for it in self.legal if it.legal == category], min(3, count))
            lines.append(f"  legal {count:>4}: {category} ({LEGAL.get(category, '')})")
            lines += [f"             {it.mutant}" for it in sample]
        return "\n".join(lines)

    def grouped(self) -> str:
        """The failures by kind and by the key of the format that is concerned, for whoever improves the check."""
        parts = {
            "NOT REPORTED": self.survivors,
            "WRONG LINE": self.astray,
            "HINT WITHOUT THE ORIGINAL": self.hintless,
            "MORE THAN 3 PROBLEMS": self.cascades(),
        }
        lines = []
        for title, some in parts.items():
            lines.append(f"\n{'=' * 20} {title}: {len(some)}")
            groups: dict[str, list[Verdict]] = defaultdict(list)
            for it in some:
                groups[_group(it)].append(it)
            for name, them in sorted(groups.items(), key=lambda pair: -len(pair[1])):
                lines.append(f"\n--- {len(them)} × {name}")
                lines += [f"    {it}" for it in them[:3]]
        return "\n".join(lines)


def _group(verdict: Verdict) -> str:
    """The kind of a mutant, and its place without the names that only this connector has."""
    mutant = verdict.mutant
    place = list(mutant.place[:-1] if mutant.key and mutant.kind in ("name", "path", "data") else mutant.place)
    place = [part for part in place if isinstance(part, str)]
    root = format_schema(kind_of_file(mutant.file))
    kept, found = [], list(branches(root, root))
    for part in place:
        known = any(part in schema.get("properties", {}) for schema in found)
        kept.append(part if known else "*")
        found = [inner for schema in found for inner in (*inner_schemas(root, schema, part),)]
        found += [inner for schema in found for inner in inner_schemas(root, schema, 0)]
    tail = ".".join(kept[-3:])
    rules = ",".join(sorted({it.rule for it in verdict.problems})[:3])
    return f"{mutant.kind} in {kind_of_file(mutant.file)} …{tail} [{rules or 'nothing said'}]"


def run(seed: int, count: int, only: str | None = None, root: Path = ROOT) -> Figures:
    """Makes mutants and tries them."""
    return Figures(tuple(try_all(mutants(texts_of(root), seed, count, only), root)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures and the lists."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="Mutants of the manifests, and what check says."
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--survivors", action="store_true", help="list what nobody reported")
    parser.add_argument("--groups", action="store_true", help="list all failures in groups")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    figures = run(given.seed, given.count, given.only)
    print(f"seed {given.seed}, {time.monotonic() - began:.0f} s")
    print(figures.summary())
    if given.survivors:
        print(*figures.survivors, sep="\n")
    if given.groups:
        print(figures.grouped())
    return 0


if __name__ == "__main__":
    sys.exit(main())
