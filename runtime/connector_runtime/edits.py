"""Changes to YAML files that keep everything else: comments, order, indentation, line ends, the way values are written.

In: problems with a fix (`mended`), or a text, a place in it and the value that is to stand there (`put`). Out: new
texts, shown by `difference`, put into the files by `write`. Refused: a change that would make a file worse, a value
that YAML or the limits of `document` do not have, a value that other places share by an alias, and a file that somebody
else has changed in the meantime.

What `put` writes is read back: that place has the value and all others have what they had, or it is refused. So the
edits themselves need not know every way to write YAML.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tempfile
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from textwrap import wrap
from typing import Any

from .dialect import fit
from .document import LINE_BREAK, Place, parse_document, read_text
from .errors import Fix, ManifestError, Problem
from .manifest import FOLDERS
from .paths import ABSENT, walk
from .values import WIDTH, as_text, block_lines, entry_lines, in_brackets, in_line, reads_as, same

Changes = Mapping[str, tuple[str, str]]
"""File → its old text and its new one; a byte order mark belongs to neither, and stays."""
_BOM = b"\xef\xbb\xbf"
_KINDS = {folder: kind for kind, folder in FOLDERS.items()} | {"schemas": "schema"}


_Edit = tuple[int, int, str]
"""Two offsets, and the text that is to stand between them."""


def _applied(text: str, edits: Iterable[_Edit]) -> str:
    """The text with all the edits. ValueError: two of them overlap."""
    parts, position = [], 0
    for start, end, new in sorted(edits, key=lambda it: it[:2]):  # what is inserted at one place stays in its order
        if not position <= start <= end:
            raise ValueError("two edits overlap")
        parts += [text[position:start], new]
        position = end
    return "".join([*parts, text[position:]])


class _Lines:
    """Where the lines of a text begin, and where they end without their break."""

    def __init__(self, text: str) -> None:
        breaks = list(LINE_BREAK.finditer(text))
        self.starts = [0, *(found.end() for found in breaks)]
        self.ends = [*(found.start() for found in breaks), len(text)]
        self.newline = breaks[0][0] if breaks else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of a place that counts from 1. ValueError: there is no such place."""
        if not 1 <= line <= len(self.starts) or not 0 < column <= self.ends[line - 1] - self.starts[line - 1] + 1:
            raise ValueError(f"there is no line {line}, column {column}")
        return self.starts[line - 1] + column - 1


# -- fixes ---------------------------------------------------------------------------------------------------


def mended(folder: Path, problems: Sequence[Problem]) -> dict[str, tuple[str, str]]:
    """The files that the fixes of these problems change: old text and new. Of fixes that overlap the first counts. One
    that would make its file worse is left out, and so is a file that cannot be read."""
    fixes: dict[str, list[Fix]] = {}
    for problem in problems:
        if problem.fix:
            fixes.setdefault(problem.file, []).append(problem.fix)
    changes = {}
    for file in fixes:
        try:
            text = read_text(_inside(folder, file), file)
        except ManifestError:
            continue
        new = _mended(text, file, dict.fromkeys(fixes[file]))
        if new != text:
            changes[file] = (text, new)
    return changes


def _mended(text: str, file: str, fixes: Iterable[Fix]) -> str:
    lines, edits = _Lines(text), list[_Edit]()
    for fix in fixes:
        with suppress(ValueError):  # it was made for another text
            edits.append((lines.offset(fix.line, fix.column), lines.offset(fix.end_line, fix.end_column), fix.text))
    mending = _Mending(text, file)
    mending.take(edits)
    return mending.new


class _Mending:
    """A text with as many of its edits as do not make it worse, in their order.

    All are tried at once. That counts only where nothing is wrong that was not before, so that a bad edit cannot hide
    behind a good one; else each half is tried, down to a single edit, which may change what is wrong but not add to it.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.taken: list[_Edit] = []
        self.spans: list[tuple[int, int]] = []
        """Where those that are taken stand, sorted."""
        self.new = text
        self.known = _faults(text, file)

    def take(self, edits: Sequence[_Edit]) -> None:
        """Takes those that overlap none before them and make nothing worse."""
        spans, some = [*self.spans], list[_Edit]()
        for edit in edits:
            if _is_free(spans, span := edit[:2]):
                insort(spans, span)
                some.append(edit)
        if not some:
            return
        if len(some) == 1 or not self.known[0]:  # what cannot be read is mended by one edit at a time
            new = _applied(self.text, [*self.taken, *some])
            faults = _faults(new, self.file)
            if not (_is_worse if len(some) == 1 else _has_others)(self.known, faults):
                self.taken, self.spans, self.new, self.known = [*self.taken, *some], spans, new, faults
                return
        if len(edits) > 1:
            half = len(edits) // 2
            self.take(edits[:half])
            self.take(edits[half:])


def _is_free(spans: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether one more overlaps none of these, which are sorted."""
    at = bisect_right(spans, span)
    return (
        (at == 0 or spans[at - 1][1] <= span[0])
        and span[0] <= span[1]
        and (at == len(spans) or span[1] <= spans[at][0])
    )


_Faults = tuple[str, Counter[tuple[str, int, str]]]
"""Why a file cannot be read (empty: it can), and how it does not fit the format: rules, lines and messages."""


def _faults(text: str, file: str) -> _Faults:
    try:
        document = parse_document(text, file)
    except (ManifestError, ValueError) as error:  # ValueError: half a character
        return str(error), Counter()
    kind = "connector" if file == "connector.yaml" else _KINDS.get(str(PurePosixPath(file).parent))
    return "", Counter((it.rule, it.line, it.message) for it in (fit(document, kind) if kind else ()))


def _is_worse(before: _Faults, after: _Faults) -> bool:
    if after[0]:  # there may be more than one mistake in a file that cannot be read; the next has to be another
        return before[0] in ("", after[0])
    return not before[0] and after[1].total() > before[1].total()


def _has_others(before: _Faults, after: _Faults) -> bool:
    """Whether anything is wrong that was not before."""
    return bool(after[0]) or not after[1] <= before[1]


# -- files ---------------------------------------------------------------------------------------------------


def difference(changes: Changes) -> str:
    """The changes as a unified diff."""
    shown = []
    for file, (old, new) in changes.items():
        one, other = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (old, new))
        for line in difflib.unified_diff(one, other, file, file):
            shown.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(shown)


def write(folder: Path, changes: Changes) -> None:
    """Writes the new texts: all of them or none, each file at once (it is never there by half, whenever the machine
    stops). ManifestError: nothing was written, or what could not be undone is named."""
    targets: dict[Path, tuple[str, bytes, bytes]] = {}
    for file, (old, new) in changes.items():
        target = _inside(folder, file)
        if target in targets:
            raise ManifestError(f"{file} and {targets[target][0]} are the same file; nothing was written")
        try:
            raw = target.read_bytes()
        except OSError as error:
            raise ManifestError(f"{file} cannot be read ({error.strerror}); nothing was written") from None
        mark = _BOM if raw.startswith(_BOM) else b""
        if raw.removeprefix(mark) != old.encode():
            raise ManifestError(f"{file} was changed meanwhile; nothing was written")
        if not os.access(target, os.W_OK):
            raise ManifestError(f"{file} may not be written; nothing was written")
        if new != old:
            targets[target] = (file, raw, mark + new.encode())
    made: dict[Path, Path] = {}
    done: list[Path] = []
    file = next(iter(changes), "")
    try:
        for target, (_, _, content) in targets.items():
            made[target] = _beside(target, content)
        for target in targets:
            file = targets[target][0]
            os.replace(made[target], target)
            done.append(target)
    except BaseException as error:
        lost = []
        for target in done:
            try:
                made[target] = _beside(target, targets[target][1])
                os.replace(made[target], target)
            except OSError:
                lost.append(targets[target][0])
        if not isinstance(error, OSError):
            raise
        rest = f"changed all the same: {', '.join(lost)}" if lost else "all files are as they were"
        raise ManifestError(f"{file} could not be written ({error.strerror}); {rest}") from None
    finally:
        for each in made.values():
            each.unlink(missing_ok=True)


def _inside(folder: Path, file: str) -> Path:
    """The file itself, behind any link. ManifestError: it is not in the folder."""
    target = Path(os.path.realpath(folder / file))
    if not target.is_relative_to(folder.resolve()):
        raise ManifestError(f"{file} leads out of the connector's folder; nothing was written")
    return target


def _beside(target: Path, content: bytes) -> Path:
    """A new file with this content in the same folder, safely on the disk, with the rights of the other."""
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, stat.S_IMODE(target.stat().st_mode))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


# -- values --------------------------------------------------------------------------------------------------


def put(text: str, place: Place, value: Any, file: str = "") -> str:
    """The text with this value (JSON data) at a place, and everything else as it was. A key that is not there yet is
    added after the others, an item after the last one.

    ManifestError: the text is not whole, there is no such place, or the value cannot stand there.
    """
    old = parse_document(text, file).data
    if same(walk(place, old), value):
        return text
    wanted = _replaced(old, place, value, file)
    there = place
    while walk(there, old) is ABSENT:
        there = there[:-1]
    for whole in (False, True):  # with as much of the old text as possible, or else all of it anew
        writer = _Writer(text, file)
        try:
            if whole:
                writer.replace(there, walk(there, wanted), any(writer.is_flow(there[:n]) for n in range(len(there))))
            else:
                writer.change((), wanted, False)
            new = _applied(text, writer.edits)
        except ValueError:
            continue
        if reads_as(new, wanted, file):
            return new
    raise ManifestError(f"{file or 'the text'} cannot be changed so: the value, or what it shares, does not allow it")


def _replaced(data: Any, place: Place, value: Any, file: str) -> Any:
    if not place:
        return value
    part, rest = place[0], place[1:]
    if isinstance(data, dict) and isinstance(part, str) and (part in data or not rest):
        return {**data, part: _replaced(data.get(part), rest, value, file)}
    if isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data) + (not rest):
        return [*data[:part], _replaced(data[part] if rest else None, rest, value, file), *data[part + 1 :]]
    raise ManifestError(f"{file or 'the text'} has no such place: {'.'.join(map(str, place))}")


_ANCHOR = re.compile(r"&[^\s,\[\]{}]+\s*")
_GAP = re.compile(r"(?:[\s,]|#[^\n\r]*)*")  # between the parts of a flow collection
_COLON = re.compile(r"\s*:")
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")
_BLANK_END = re.compile(r"(?:[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029]))*[ \t]*\Z")
_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=[\r\n\x85\u2028\u2029]|\Z)")
_BLANKS = re.compile(r"\s*")
_wrap = partial(wrap, break_long_words=False, break_on_hyphens=False)


_Entry = tuple[int, int]
"""Where an item of a list (with its dash) or a key with its value begins and ends."""


class _Writer:
    """Collects the edits that make one text say something else."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.lines = text, _Lines(text)
        self.document = parse_document(text, file)
        self.edits: list[_Edit] = []

    # where things are

    def start(self, place: Place) -> int:
        """Where a value begins, behind its anchor."""
        start = self.lines.offset(*self.document.marks[place][:2])
        anchor = _ANCHOR.match(self.text, start)
        return anchor.end() if anchor else start

    def end(self, place: Place) -> int:
        """Where a value ends: behind its bracket or quote, or its last character."""
        data, start = walk(place, self.document.data), self.start(place)
        if isinstance(data, dict | list) and not self.text.startswith("*", start):
            inner = [(*place, part) for part in (data if isinstance(data, dict) else range(len(data)))]
            if not self.is_flow(place):
                return self.end(inner[-1])
            return _GAP.match(self.text, self.end(inner[-1]) if inner else start + 1).end() + 1  # type: ignore[union-attr]
        end = self.lines.offset(*self.document.marks[place][2:])
        if self.text.startswith(("|", ">"), start):
            return start + _BLANK_END.search(self.text[start:end]).start()  # type: ignore[union-attr]
        return max(start, end)

    def is_flow(self, place: Place) -> bool:
        """Whether a value is written in brackets."""
        return self.text.startswith(("{", "["), self.start(place))

    def entries(self, place: Place) -> list[_Entry]:
        """What a mapping or a list consists of, in order."""
        data, found = walk(place, self.document.data), list[_Entry]()
        for part in data if isinstance(data, dict) else range(len(data)):
            at = (*place, part)
            mark = self.document.keys[at] if isinstance(data, dict) else self.document.marks[at]
            start, end = self.lines.offset(*mark[:2]), self.end(at)
            if isinstance(data, list) and not self.is_flow(place):
                start = self.dash(found[-1][1], self.column(self.start(place))) if found else self.start(place)
            found.append((start, end))
        return found

    def dash(self, after: int, column: int) -> int:
        """The dash of an item, below the one before it. ValueError: it stands elsewhere."""
        for line in range(self.line(after) + 1, len(self.lines.starts)):
            at = self.lines.starts[line] + column
            if not self.text[self.lines.starts[line] : at].strip(" ") and self.text.startswith("-", at):
                return at
        raise ValueError("there is no dash")

    def line(self, offset: int) -> int:
        """The line (from 0) that an offset is in."""
        return bisect_right(self.lines.starts, offset) - 1

    def column(self, offset: int) -> int:
        """How far (from 0) an offset is in its line."""
        return offset - self.lines.starts[self.line(offset)]

    def begins_line(self, offset: int) -> bool:
        """Whether nothing stands before it in its line."""
        return not self.text[self.lines.starts[self.line(offset)] : offset].strip()

    def edit(self, start: int, end: int, text: str) -> None:
        """Keeps an edit."""
        self.edits.append((start, end, text))

    # what is changed

    def change(self, place: Place, new: Any, flow: bool) -> None:
        """Makes a value another one, with as much of its text as possible. `flow`: it stands within brackets."""
        old = walk(place, self.document.data)
        if same(old, new):
            return
        within = flow or self.is_flow(place)
        if isinstance(old, dict) and isinstance(new, dict):
            alike = any(key in new or any(same(value, it) for it in new.values()) for key, value in old.items())
        else:
            alike = isinstance(old, list) and isinstance(new, list) and bool(old and new)
        if not alike or self.text.startswith("*", self.start(place)) or (flow and not self.is_flow(place)):
            self.replace(place, new, flow)
        elif isinstance(old, dict):
            self.change_mapping(place, old, new, within)
        else:
            self.change_list(place, old, new, within)

    def change_mapping(self, place: Place, old: dict[str, Any], new: dict[str, Any], flow: bool) -> None:
        """Changes the values of keys that stay, renames those whose value is now another key's, removes and adds."""
        gone, added = [key for key in old if key not in new], [key for key in new if key not in old]
        for key in old:
            if key in new:
                self.change((*place, key), new[key], flow)
            elif name := next((it for it in added if same(old[key], new[it])), None):
                gone.remove(key)
                added.remove(name)
                mark = self.document.keys[*place, key]
                start, end = self.lines.offset(*mark[:2]), self.lines.offset(*mark[2:])
                self.edit(start, end, as_text(name, flow, self.text[start], key=True))
        entries, order = self.entries(place), list(old)
        self.remove(entries, {order.index(key) for key in gone}, flow)
        last = max(number for number, key in enumerate(order) if key not in gone)
        column = self.column(entries[0][0])
        for key in added:
            self.insert(entries, last, entry_lines(as_text(key, flow, key=True) + ":", new[key], flow, column), flow)

    def change_list(self, place: Place, old: list[Any], new: list[Any], flow: bool) -> None:
        """Changes what is between the items that are the same at both ends."""
        least = min(len(old), len(new))
        head = next((n for n in range(least) if not same(old[n], new[n])), least)
        tail = next((n for n in range(least - head) if not same(old[-1 - n], new[-1 - n])), least - head)
        paired = least - tail
        for number in range(head, paired):
            self.change((*place, number), new[number], flow)
        entries = self.entries(place)
        self.remove(entries, set(range(paired, len(old) - tail)), flow)
        column = self.column(entries[0][0])
        for value in new[paired : len(new) - tail]:
            if paired:
                self.insert(entries, paired - 1, entry_lines("" if flow else "-", value, flow, column), flow)
            else:
                before = (
                    in_brackets(value) + ", "
                    if flow
                    else self.joined([*entry_lines("-", value, False, column), ""], column)
                )
                self.edit(entries[0][0], entries[0][0], before)

    def joined(self, lines: list[str], column: int) -> str:
        """Lines, all but the first indented."""
        return (self.lines.newline + " " * column).join(lines)

    def insert(self, entries: list[_Entry], number: int, lines: list[str], flow: bool) -> None:
        """Adds an entry behind the one of that number; in a line of its own where those have one."""
        (start, end), column = entries[number], self.column(entries[0][0])
        rest = _REST.match(self.text, end)
        if not flow:
            end = self.lines.ends[self.line(end)]  # behind its comment
            self.edit(end, end, self.joined(["", *lines], column))
        elif rest and self.begins_line(start):
            if not rest[1]:
                self.edit(end, end, ",")
            more = "," if number + 1 < len(entries) else ""
            self.edit(rest.end(), rest.end(), self.joined(["", lines[0] + more], self.column(start)))
        else:
            self.edit(end, end, ", " + lines[0])

    def remove(self, entries: list[_Entry], gone: set[int], flow: bool) -> None:
        """Removes entries with their lines or commas, and the comments behind them."""
        first = next((number for number in range(len(entries)) if number not in gone), 0)
        for number in gone:
            start, end = entries[number]
            rest = _REST.match(self.text, end)
            if self.begins_line(start) and rest:
                line = self.line(start)
                if line:  # with the break before it, so that what is added behind it still finds its place
                    self.edit(self.lines.ends[line - 1], rest.end(), "")
                else:
                    self.edit(0, min(rest.end() + len(self.lines.newline), len(self.text)), "")
            elif flow and number > first:
                self.edit(entries[number - 1][1], end, "")
            elif number == 0:  # the next one takes its place, with the comments above it
                blanks = _BLANKS.match(self.text, rest.end(), entries[first][0]) if rest and not flow else None
                self.edit(start, blanks.end() if blanks else entries[first][0], "")

    def replace(self, place: Place, new: Any, flow: bool) -> None:
        """Writes a value anew, in the style of the old one."""
        old, start, end = walk(place, self.document.data), self.start(place), self.end(place)
        column = self.column(start)
        is_block = isinstance(old, dict | list) and not flow and not self.is_flow(place) and self.text[start] != "*"
        if is_block and isinstance(new, dict | list) and new:
            mark = self.document.keys.get(place)
            deeper = "  " if mark and mark.column - 1 == column else ""  # a list may stand below its key, a mapping not
            self.edit(start, end, deeper + self.joined(block_lines(new, column), column + len(deeper)))
        elif place in self.document.keys and (start == end or (is_block and self.begins_line(start))):
            key = self.lines.offset(*self.document.keys[place][2:])
            found = _COLON.match(self.text, key)
            colon, before = (found.end(), " ") if found else (key, ": ")
            self.edit(colon, colon, before + in_line(new, flow))
            if is_block:
                self.edit(self.lines.ends[self.line(start) - 1], self.lines.ends[self.line(end)], "")
        elif start == end:
            self.edit(start, end, " " + in_line(new, flow))
        elif header := _HEADER.match(self.text, start) if self.text[start] in "|>" else None:
            text = self.text_block(place, header[0], new) if isinstance(new, str) else None
            self.edit(start, end, text or in_line(new, flow) + (header[1] or ""))
        else:
            style = self.text[start] if self.text[start] in "'\"" else ""
            self.edit(start, end, in_line(new, flow, style))

    def text_block(self, place: Place, header: str, new: str) -> str | None:
        """A text below `|` or `>`, as the old one was; None where it cannot be written so."""
        start, body = self.start(place), new.rstrip("\n")
        below = self.text[self.lines.ends[self.line(start)] : self.end(place)]
        indent = len(below) - len(below.lstrip()) - len(self.lines.newline)
        lines = body.split("\n") if header[0] == "|" else _wrap(body, max(40, WIDTH - indent))
        chomp = {0: "-", 1: ""}.get(len(new) - len(body), "+")
        comment = header.lstrip("|>+-0123456789")
        below = "".join(self.lines.newline + " " * indent * bool(line) + line for line in lines)
        block = header[0] + chomp + comment + below
        return block if indent > 0 and reads_as(f"- {block}\n", [new]) else None
