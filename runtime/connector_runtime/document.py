"""A YAML file as plain data, with the place of every key and value.

In: the text of a file (YAML 1.2, strictly). Out: a `Document`: plain data, `marks` for every value and `keys` for
every key, and `plain`, the scalars whose type depends on where they stand. Refused, as problems: what is not UTF-8 or
not YAML, duplicate keys, tags, several documents, and files that are too large, too deep or blown up by aliases.

Built from libyaml's events: its own loaders recurse, keep the last of two equal keys and read `NO` as false.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .errors import Fix, ManifestError, Problem, one_line
from .paths import Part

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 100_000
LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
"""Where libyaml begins a new line; `str.splitlines` does so at more characters."""

Place = tuple[Part, ...]


class Mark(NamedTuple):
    """A place in a file: lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class LookAlike(str):
    """A plain scalar that YAML 1.1 or a person may take for something else than text: `NO`, `012`, `2026-01-01`."""


@dataclass(frozen=True)
class Document:
    """One file. `file` is its path relative to the connector's folder."""

    file: str
    data: Any
    lines: tuple[str, ...]
    marks: dict[Place, Mark] = field(repr=False)
    keys: dict[Place, Mark] = field(repr=False)
    plain: dict[Place, str] = field(repr=False)

    def mark(self, place: Place, *, key: bool = False) -> Mark:
        """The place in the file of a value (or of its key), or of the nearest thing around it that exists."""
        while True:
            found = self.keys.get(place) if key else None
            found = found or self.marks.get(place)
            if found or not place:
                return found or Mark(1, 1, 1, 1)
            place, key = place[:-1], False

    def problem(
        self,
        rule: str,
        place: Place,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        word: str = "",
        instead: str | None = None,
        line: int = 0,
    ) -> Problem:
        """A problem at that place of this file (or in a `line` of it, such as a comment), or at a `word` in what is
        written there. It is mended by writing something else `instead` of the word."""
        mark = Mark(line, 1, line, len(self.lines[line - 1]) + 1) if line else self.mark(place, key=key)
        found = self.find(word, mark) if word else None
        fix = Fix(*found, instead) if found and instead is not None else None
        mark = found or mark
        return Problem(rule, "error", self.file, *mark[:2], one_line(message), one_line(hint), *mark[2:], fix)

    def find(self, word: str, mark: Mark) -> Mark | None:
        """The first place within a mark where a word stands, not as a part of a longer one."""
        start, end = ("(?<!\\w)" if word[0].isalnum() else ""), ("(?!\\w)" if word[-1].isalnum() else "")
        whole = re.compile(start + re.escape(word) + end)
        for number in range(mark.line, min(mark.end_line, len(self.lines)) + 1):
            first = mark.column - 1 if number == mark.line else 0
            last = mark.end_column - 1 if number == mark.end_line else len(self.lines[number - 1])
            if found := whole.search(self.lines[number - 1], first, last):
                return Mark(number, found.start() + 1, number, found.end() + 1)
        return None


def read_text(path: Path, file: str) -> str:
    """The text of a file. ManifestError: it cannot be read, is too large or is not UTF-8."""
    if path.exists() and not path.is_file():
        raise _refusal(file, "yaml-read", 1, 1, "the file cannot be read: it is no file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refusal(file, "yaml-read", 1, 1, f"the file cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise _refusal(file, "yaml-size", 1, 1, f"the file is larger than {MAX_BYTES:,} bytes; make it shorter")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refusal(file, "yaml-encoding", line, 1, "the file is not UTF-8 here; save it as UTF-8") from None


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text as YAML counts them, without their ends."""
    lines = LINE_BREAK.split(text)
    return tuple(lines if lines[-1] else lines[:-1])


def parse_document(text: str, file: str) -> Document:
    """The document in a text. ManifestError: see the top of this module."""
    try:
        return _Builder(text, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(part for part in (error.problem, error.context) if part)
        if error.context_mark and error.context_mark.line + 1 != line:
            what += f" that starts in line {error.context_mark.line + 1}"
        raise _refusal(file, "yaml-syntax", line, column, f"this is not YAML: {what}") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow, which comes without a mark
        position = getattr(error, "position", 0)
        line = text.encode().count(b"\n", 0, position) + 1  # libyaml counts bytes
        raise _refusal(file, "yaml-syntax", line, 1, "this is not YAML: a character that it does not allow") from None


def _refusal(file: str, rule: str, line: int, column: int, message: str) -> ManifestError:
    message, _, hint = message.partition("; ")
    problem = Problem(rule, "error", file, line, column, message, hint)
    return ManifestError(str(problem), problems=[problem])


_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?", re.ASCII)
_LOOK_ALIKE = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null)|~"
    r"|[-+]?\.?[0-9][0-9_,.:]*([eE][-+]?[0-9]+)?|[-+]?0(?i:x[0-9a-f_]+|o[0-7_]+|b[01_]+)|[-+]?\.(?i:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?([Tt ][0-9:.+Zz -]*)?",
    re.ASCII,
)


def _resolve(text: str) -> Any:
    """A plain scalar as YAML 1.2's core schema has it, without the forms that people mistake."""
    if text in ("true", "false"):
        return text == "true"
    if text in ("null", ""):
        return None
    if _NUMBER.fullmatch(text):
        number = float(text) if any(sign in text for sign in ".eE") else int(text)
        return number if math.isfinite(number) else LookAlike(text)
    return LookAlike(text) if _LOOK_ALIKE.fullmatch(text) else text


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    return Mark(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class _Builder:
    """Consumes the events of one document. Recursive, but never deeper than MAX_DEPTH."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where there is no libyaml, the same in Python
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self.marks: dict[Place, Mark] = {}
        self.keys: dict[Place, Mark] = {}
        self.plain: dict[Place, str] = {}
        self.anchors: dict[str, tuple[Any, Place]] = {}
        self.nodes = 0

    def document(self) -> Document:
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            what = "the file holds only comments" if self.text.strip() else "the file is empty"
            raise _refusal(self.file, "yaml-empty", 1, 1, f"{what}; write something into it, or delete it")
        data = self.node(next(self.events), ())
        next(self.events)  # the end of the document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            message = "a second document starts here (---), and a file holds one; put the second into a file of its own"
            raise self.refuse(event, "yaml-documents", message)
        return Document(self.file, data, lines_of(self.text), self.marks, self.keys, self.plain)

    def refuse(self, event: Any, rule: str, message: str) -> ManifestError:
        mark = _mark(event)
        return _refusal(self.file, rule, mark.line, mark.column, message)

    def no_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self.refuse(event, "yaml-tag", f"'{tag}' is a tag, and the format has none; delete it")

    def node(self, event: Any, place: Place) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse(event, "yaml-size", f"the file has more than {MAX_NODES:,} values; make it shorter")
        if len(place) > MAX_DEPTH:
            raise self.refuse(event, "yaml-depth", f"this is nested more than {MAX_DEPTH} levels deep")
        self.marks[place] = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.refuse(event, "yaml-alias", f"'*{event.anchor}' names nothing that stands before it")
            data, source = self.anchors[event.anchor]
            return self.copy(event, data, source, place)
        self.no_tag(event)
        data = self.content(event, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = (data, place)
        return data

    def content(self, event: Any, place: Place) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            if event.style:  # quoted or a block: text, whatever it looks like
                return str(event.value)
            value = _resolve(event.value)
            if type(value) is not str:
                self.plain[place] = event.value
            return value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(event, (*place, len(items))))
            return items
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                what = {"SequenceStartEvent": "a list", "MappingStartEvent": "an object"}.get(
                    type(event).__name__, "this"
                )
                message = f"{what} cannot be a key; write a name and a colon, such as city:"
                raise self.refuse(event, "yaml-key", message)
            self.no_tag(event)
            key, at = str(event.value), (*place, str(event.value))
            if key in mapping:
                first = self.keys[at].line
                message = f"'{key}' stands here a second time (first in line {first}); delete one of the two"
                raise self.refuse(event, "yaml-duplicate", message)
            self.keys[at] = _mark(event)
            mapping[key] = self.node(next(self.events), at)
        return mapping

    def copy(self, event: Any, data: Any, source: Place, target: Place) -> Any:
        """The data of an anchor once more, at the place of its alias: counted, so that aliases cannot explode."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse(event, "yaml-alias", f"aliases make this more than {MAX_NODES:,} values")
        if len(target) > MAX_DEPTH:
            raise self.refuse(event, "yaml-depth", f"this is nested more than {MAX_DEPTH} levels deep")
        self.marks.setdefault(target, self.marks[source])
        if source in self.plain:
            self.plain[target] = self.plain[source]
        if isinstance(data, list):
            return [self.copy(event, item, (*source, n), (*target, n)) for n, item in enumerate(data)]
        if isinstance(data, dict):
            copied = {}
            for key, value in data.items():
                self.keys[(*target, key)] = self.keys[(*source, key)]
                copied[key] = self.copy(event, value, (*source, key), (*target, key))
            return copied
        return data
