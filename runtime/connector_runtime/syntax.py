"""What a person did, where libyaml only says what it met: a YAML syntax error in words for people who do not program.

In: a problem as `parse_document` reports it, and the text it is about. Out: the same problem with a sentence that
quotes the text, at the line that caused it, and with the edit that mends it; or the problem as it was, where nothing
better is known. Refused: nothing, whatever the text.

A guess counts only if the text can be read further once it is mended (`_tried`), so it need not be a careful one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .document import parse_document
from .errors import Fix, ManifestError, Problem, one_line

MAX_TRIES = 30
MAX_READ = 3_000_000  # characters, in all tries together
MAX_LINE = 20_000  # characters; a longer line is not looked into
QUOTED = 45  # characters of the person's text that a sentence repeats

_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")  # where libyaml begins a new line
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD_SPACE = "\xa0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"
_INDENT = re.compile(rf"[ \t{_ODD_SPACE}]*")
_DASHES = re.compile(r"(?:-[ \t]+|-$)*")
_KEY = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|(?!['"\[{#])(?:[^:#]|:(?=\S)|(?<=\S)\#)+?(?<=\S))\s*:(?=\s|$)\s*"""
)
_HEADER = re.compile(r"[|>](?:[-+]?[1-9]?|[1-9][-+])\s*(?:#.*)?$")
_NAME = r"[A-Za-z_$][\w$-]*(?:\.[\w$-]+)*"
_ESCAPE = re.compile(
    r"""\\(?:([0abt\tnvfre "/\\N_LP\r\n]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(.?))""", re.DOTALL
)
_QUOTED = {"'": re.compile(r"'(?:[^']|'')*+'"), '"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)}
_IN_FLOW = re.compile(r"(?:[^,\[\]{}:#\n]|(?<=\S)#|:(?=[^\s,\[\]{}]))+")
_ALONE = re.compile(r"[-?:](?=[\s,\]}]|$)")
_NEXT = re.compile(r",(?=\s*(?:[\w$]+:\s|['\"]))")
_WORD_AT = re.compile(_NAME)
_COLON = re.compile(r"\s*:(?=[^\s:/])")
_EQUALS = re.compile(r"\s*(?:=>|:=|=|;)\s*")
_WHICH = {"'": "single", '"': "double"}
_SMART = "“”„‟«»‘’‚"
_CLOSER = {"[": "]", "{": "}"}
_RESERVED = "@`%*&!|>,]}"


@dataclass(frozen=True)
class _Line:
    """A line as people write them: `  - key: value`. All places are from 0; no key: `value_at` is `start`."""

    number: int
    text: str
    indent: int
    start: int
    key: str | None
    value_at: int
    value: str
    """Without the comment behind it."""
    body: bool = False
    """Part of a text below `|` or `>`, or of something that began in a line above."""

    @property
    def blank(self) -> bool:
        return not self.text.strip() or self.text.lstrip().startswith("#")


@dataclass(frozen=True)
class _Suspect:
    """Something that may be wrong. The edits are tried in turn; the first that helps is offered."""

    line: int
    column: int
    end_column: int
    message: str
    hint: str
    edits: tuple[Fix, ...]
    offer: bool = True


@dataclass
class _Case:
    text: str
    problem: Problem
    starts: list[int]
    lines: list[_Line]
    since: int
    """The line where what the parser was reading began."""
    tries: int = 0

    def near(self) -> list[_Line]:
        """The lines that are likely to be wrong, the likeliest first: where the parser stopped, and what is above."""
        at = min(self.problem.line, len(self.lines))
        above = [line for line in self.lines[:at] if not line.blank and not line.body][-4:][::-1]
        if above:  # what the line would belong to by its indentation, and the first thing in there
            parents = [line for line in self.lines[: above[0].number - 1] if not line.blank and not line.body]
            parent = next((n for n in range(len(parents) - 1, -1, -1) if parents[n].indent < above[0].indent), None)
            above += parents[parent : parent + 2] if parent is not None else []
        above += [line for line in self.lines[self.since - 1 : self.since] if not line.blank]
        if at and self.lines[at - 1].body and not self.lines[at - 1].blank:
            above.insert(0, self.lines[at - 1])
        return list(dict.fromkeys(above))


def explained(problem: Problem, text: str) -> Problem:
    """The problem in words for people, at its cause; or as it is. See the top of this module."""
    if problem.rule == "yaml-syntax" and (strange := _strange(problem, text)):
        return strange
    case = _case(problem, text)
    late: list[_Suspect] = []
    if problem.rule == "yaml-syntax":
        stages: list[list[_Suspect]] = [list(_lexical(case)), list(_spelled(case, late)), [*_indented(case), *late]]
        stages.append(list(_misfits(case)))
    elif _plainly_text(problem, text):
        stages = [[suspect for suspect in _lexical(case) if suspect.line == problem.line]]
    else:
        return problem
    best: tuple[tuple[int, int], _Suspect, Fix] | None = None
    for number, stage in enumerate(stages):
        for suspect in stage:
            for edit in suspect.edits:
                left = _tried(case, suspect, edit, lexical=number == 0)
                if left == (0, 0):
                    return _as_problem(problem, suspect, edit)
                if left is not None and (best is None or left < best[0]):
                    best = left, suspect, edit
        if best and number != 1:  # the text has more mistakes; this is the first of them
            return _as_problem(problem, best[1], best[2])
    return problem


def _as_problem(problem: Problem, suspect: _Suspect, edit: Fix) -> Problem:
    return replace(
        problem,
        line=suspect.line,
        column=suspect.column,
        end_line=suspect.line,
        end_column=max(suspect.end_column, suspect.column),
        message=one_line(suspect.message),
        hint=one_line(suspect.hint),
        fix=edit if suspect.offer else None,
    )


def _tried(case: _Case, suspect: _Suspect, edit: Fix, *, lexical: bool) -> tuple[int, int] | None:
    """How much of the text is unread with this edit, in lines and columns: (0, 0) is nothing, None is no progress."""
    if case.tries >= MAX_TRIES or case.tries * len(case.text) > MAX_READ:
        return None
    case.tries += 1
    start, end = (
        case.starts[line - 1] + column - 1
        for line, column in ((edit.line, edit.column), (edit.end_line, edit.end_column))
    )
    text = case.text[:start] + edit.text + case.text[end:]
    try:
        parse_document(text, case.problem.file)
    except ManifestError as error:
        now = error.problems[0]
    except ValueError:  # half a character, which cannot be encoded
        return None
    else:
        return (0, 0)
    left, before = _left(text, now), _left(case.text, case.problem)
    further = left < before if lexical else left[0] < before[0]
    # An open quote or bracket makes the parser stop anywhere below, even at the end of the text.
    swallowed = suspect.line < now.line and "closed" in suspect.message and left != before
    return max(left, (0, 1)) if further or swallowed else None


def _left(text: str, problem: Problem) -> tuple[int, int]:
    lines = _BREAK.split(text)
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    return len(lines) - problem.line, len(line) - problem.column


def _plainly_text(problem: Problem, text: str) -> bool:
    """Whether an alias, a tag or an odd key is really a text without quotes."""
    lines = _BREAK.split(text)
    rest = lines[problem.line - 1][problem.column - 1 :] if problem.line <= len(lines) else ""
    if problem.rule == "yaml-alias":
        return "names nothing" in problem.message and not re.search(r"(?<!\S)&\w", text)
    if problem.rule == "yaml-tag":
        return not re.match(r"!!|!\S*\s+[\[{]", rest)
    before = lines[problem.line - 1][: problem.column - 1] if problem.line <= len(lines) else ""
    return problem.rule == "yaml-key" and (rest.startswith("{{") or (before.endswith("{") and rest.startswith("{")))


def _case(problem: Problem, text: str) -> _Case:
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    texts = _BREAK.split(text)
    lines: list[_Line] = []
    above, inside = -1, -1  # the indentation of what a `|` belongs to, and of the text below it
    for number, line in enumerate(texts[: problem.line + 5], 1):
        read = _line(number, line)
        if above >= 0 and line.strip():
            inside = inside if inside >= 0 else read.indent
            if read.indent >= inside > above:
                lines.append(replace(read, body=True))
                continue
            above = -1
        if _HEADER.match(read.value):
            above, inside = (read.start if read.key is not None else read.indent), -1
        lines.append(read)
    since = re.search(r"that starts in line (\d+)$", problem.message)
    return _Case(text, problem, starts, lines, min(int(since[1]) if since else problem.line, len(lines)))


def _line(number: int, text: str) -> _Line:
    if len(text) > MAX_LINE:
        text = ""
    indent = _INDENT.match(text).end()  # type: ignore[union-attr]
    start = _DASHES.match(text, indent).end()  # type: ignore[union-attr]
    key = _KEY.match(text, start)
    if key and re.search(r"=|[\w$] *[\[{]", key[1]) and key[1][0] not in "'\"":
        key = None  # `title = {a: b}`, `title {a: b}`
    at = key.end() if key else start
    value = text[at:]
    if value[:1] not in ("'", '"', "[", "{") and (comment := re.search(r"(?:^|\s)#", value)):
        value = value[: comment.start()]
    return _Line(number, text, indent, start, key[1] if key else None, at, value.rstrip())


def _quote(text: str) -> str:
    """The person's own text, short enough for a sentence."""
    text = one_line(text)
    return text if len(text) <= QUOTED else text[: QUOTED - 1].rstrip() + "…"


def _in_quotes(text: str) -> str:
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _on(line: _Line, start: int, end: int, text: str) -> Fix:
    """An edit within a line; places from 0."""
    return Fix(line.number, start + 1, line.number, end + 1, text)


def _about(line: _Line, start: int, end: int, message: str, hint: str, *edits: Fix, offer: bool = True) -> _Suspect:
    return _Suspect(line.number, start + 1, end + 1, message, hint, edits, offer)


def _strange(problem: Problem, text: str) -> Problem | None:
    """A character that YAML refuses stops it before anything else is read, so nothing needs to be tried."""
    if "character that it does not allow" not in problem.message or not (first := _FORBIDDEN.search(text, 1)):
        return None
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    number = bisect_right(starts, first.start())
    line = _BREAK.split(text)[number - 1]
    at = first.start() - starts[number - 1]
    last = max(found.end() for found in _FORBIDDEN.finditer(line, at))
    name = "U+" + format(ord(first[0]), "04X")
    message = (
        f"an invisible character ({name}) stands in '{_quote(_FORBIDDEN.sub('', line))}', which YAML does not take"
    )
    fix = Fix(number, at + 1, number, last + 1, _FORBIDDEN.sub("", line[at:last]))
    suspect = _Suspect(number, at + 1, last + 1, message, "delete it; it was probably pasted along", (fix,))
    return _as_problem(problem, suspect, fix)


# -- what can be seen in a line alone ----------------------------------------------------------------------


def _lexical(case: _Case) -> Iterator[_Suspect]:
    """Those near the place where the parser stopped, then the others from the top."""
    found: list[_Suspect] = []
    number = 0
    while number < min(case.problem.line, len(case.lines)):
        line = case.lines[number]
        number += 1
        if line.body or line.blank or (len(found) > MAX_TRIES and number < case.problem.line - 1):
            continue
        region = _region(case, line)
        suspects = [suspect for recogniser in RECOGNISERS for suspect in recogniser(case, line)]
        suspects += region.suspects()
        found += suspects
        if not suspects and (more := region.end.count("\n")):  # what it spans needs no look of its own
            number += more
    near = {case.problem.line, case.problem.line - 1, case.since}
    yield from sorted(found, key=lambda suspect: (suspect.line not in near, suspect.line))


def _odd_indentation(case: _Case, line: _Line) -> Iterator[_Suspect]:
    run = [line]  # the lines below that have the same mistake are mended along
    if not (odd := _odd(line)):
        return
    for below in case.lines[line.number :]:
        if not _odd(below):
            break
        run.append(below)
    what = "a tab" if "\t" in odd else "a special space (as word processors make them)"
    hint = "put two ordinary spaces for each tab" if "\t" in odd else "put ordinary spaces there"
    above = next((other for other in case.lines[line.number - 2 :: -1] if not other.blank), line)
    for texts in (
        [re.sub(r"[^ ]", " ", it.text[: it.indent].replace("\t", "  ").replace("\ufeff", "")) for it in run],
        *([" " * wanted] for wanted in (above.start, above.start + 2, above.indent)),
    ):
        block = run[: len(texts)]
        last = block[-1]
        mended = [text + it.text[it.indent :] for text, it in zip(texts[:-1], block[:-1], strict=True)]
        fix = Fix(line.number, 1, last.number, last.indent + 1, "\n".join([*mended, texts[-1]]))
        message = f"{what} stands in front of '{_quote(line.text)}', where YAML takes only ordinary spaces"
        yield _about(line, 0, line.indent, message, hint, fix)


def _odd(line: _Line) -> str:
    return line.text[: line.indent].replace(" ", "") if line.text.strip() else ""


def _tab(case: _Case, line: _Line) -> Iterator[_Suspect]:
    at = line.text.find("\t", line.indent)
    if at >= 0:
        message = f"a tab stands in '{_quote(line.text)}', where YAML takes only spaces"
        end = len(line.text)
        fix = _on(line, at, end, line.text[at:].replace("\t", " "))
        yield _about(line, at, at + 1, message, "put a space there", fix)


def _marker(case: _Case, line: _Line) -> Iterator[_Suspect]:
    if found := re.match(r"(---|\.\.\.)(?=\s|$)|%[A-Z]+ .*", line.text):
        message = f"'{_quote(found[0])}' stands alone in a line, which YAML takes for the border of a file"
        yield _about(line, 0, found.end(), message, "delete this line", _on(line, 0, len(line.text), ""))


def _header(case: _Case, line: _Line) -> Iterator[_Suspect]:
    found = re.match(r"([|>](?:[-+][1-9]?|[1-9][-+]?)?)\s*([^\s|>=\d+-].*)", line.value)
    below = next((it for it in case.lines[line.number :] if it.text.strip()), None)
    base = line.start if line.key is not None else line.indent
    deeper = below is not None and below.indent > base
    if found and (deeper or len(found[1]) > 1):
        indent = below.indent if below is not None and deeper else base + 2
        at = line.value_at + found.end(1)
        message = f"behind {found[1]} stands '{_quote(found[2])}', but there the text begins in the next line"
        edit = _on(line, at, line.value_at + found.start(2), "\n" + " " * indent)
        yield _about(line, at, len(line.text), message, "put the text in a line of its own below, indented", edit)


def _opening_lost(case: _Case, line: _Line) -> Iterator[_Suspect]:
    """`type: string}` and `"a", "b"]`, where the bracket at the front is gone."""
    value = line.value
    for opener, closer in _CLOSER.items():
        if value.endswith(closer) and value[0] not in "[{" and value.count(closer) > value.count(opener):
            message = f"'{_quote(value)}' ends with {closer}, but the {opener} in front of it is missing"
            at, end = line.value_at, line.value_at + len(value)
            yield _about(line, at, end, message, f"put {opener} in front of it", _on(line, at, at, opener))


def _plain(case: _Case, line: _Line) -> Iterator[_Suspect]:
    """A text without quotes that needs them: as a value, or as a key."""
    value, at = line.value, line.value_at
    if line.key is not None and line.key[0] in _RESERVED:
        message = f"'{_quote(line.key)}' begins with {line.key[0]}, a sign that means something else to YAML"
        end = line.start + len(line.key)
        edit = _on(line, line.start, end, _in_quotes(line.key))
        yield _about(line, line.start, end, message, "put quotes around it", edit)
    if not value or value[0] in "'\"[{" or _HEADER.match(value):
        return
    edit = _on(line, at, at + len(value), _in_quotes(value))
    if value[0] in _SMART and value[-1] in _SMART and len(value) > 1:
        straight = _on(line, at, at + len(value), _in_quotes(value[1:-1]))
        message = f"the curly quotes of {_quote(value)} are no quotes to YAML"
        hint = 'use the straight ones: " in front and behind'
        yield _about(line, at, at + len(value), message, hint, straight)
    if value[0] in _RESERVED or (re.match(r"[-?](?:\s|$)|:\s", value) and line.key is not None):
        message = f"the text '{_quote(value)}' begins with {value[0]}, a sign that means something else to YAML"
        yield _about(line, at, at + len(value), message, "put quotes around the text", edit)
    elif line.key is not None and (colon := re.search(r":(?=\s|$)", value)):
        message = f"the text '{_quote(value)}' has a colon with a space behind it and no quotes around it"
        if colon.end() == len(value):
            message = f"the text '{_quote(value)}' ends with a colon and has no quotes around it"
        yield _about(line, at, at + len(value), message, "put quotes around the whole text", edit)


RECOGNISERS: tuple[Callable[[_Case, _Line], Iterator[_Suspect]], ...] = (
    _odd_indentation,
    _tab,
    _marker,
    _header,
    _opening_lost,
    _plain,
)
"""Each looks at one line. An earlier one wins where the edits of two make the text readable."""


# -- quotes and brackets, which may go over several lines ---------------------------------------------------


def _region(case: _Case, line: _Line) -> _Region:
    """What begins with a quote or a bracket, down to the line that is no longer below it."""
    texts = [line.text[line.value_at :]]
    if line.value[:1] in ("'", '"', "[", "{"):
        for below in case.lines[line.number : line.number + 200]:
            closes = below.text.lstrip()[:1] in ("]", "}") and below.indent >= line.indent
            if below.text.strip() and below.indent <= line.start and not closes:
                break
            texts.append(below.text)
    return _Region(line, "\n".join(texts))


class _Region:
    """Reads a quoted text, a list or an object; `end` is what was read without a fault."""

    def __init__(self, line: _Line, text: str) -> None:
        self.line, self.text, self.end = line, text, ""

    def place(self, at: int) -> tuple[int, int]:
        row = self.text.count("\n", 0, at)
        column = at - self.text.rfind("\n", 0, at) if row else self.line.value_at + at + 1
        return self.line.number + row, column

    def edit(self, start: int, end: int, text: str) -> Fix:
        return Fix(*self.place(start), *self.place(end), text)

    def suspect(self, start: int, end: int, message: str, hint: str, *edits: tuple[int, int, str]) -> _Suspect:
        number, column = self.place(start)
        last, end_column = self.place(end)
        tried = tuple(self.edit(*edit) for edit in dict.fromkeys(edits))
        return _Suspect(number, column, end_column if last == number else column + 1, message, hint, tried)

    def item(self, at: int) -> int:
        """Where the text ends that begins here: at the comma or the bracket that is not its own, or with the line."""
        depth, start = 0, at
        while at < len(self.text) and self.text[at] != "\n":
            char = self.text[at]
            if not depth and (char == "," or char in "]}"):
                break
            depth += (char in "[{(") - (char in "]})")
            at += 1
        if depth > 0 and (found := re.compile(r"\{\{[^\n]*?\}\}").match(self.text, start)):
            at = found.end()
        return start + len(self.text[start:at].rstrip())

    def statement(self) -> int:
        """Where the first line ends, without the comment."""
        first = self.text.split("\n", 1)[0]
        comment = re.search(r"\s#", first)
        return len((first[: comment.start()] if comment else first).rstrip())

    def suspects(self) -> list[_Suspect]:
        return list(self.read()) if self.text[:1] and self.text[0] in "'\"[{" else []

    def read(self) -> Iterator[_Suspect]:
        """The first fault; what comes behind it cannot be judged."""
        text, opened, at = self.text, list[int](), 0
        fresh, colons, value = True, 0, 0  # whether something may begin here; the item's colons, and what is behind one
        while at < len(text):
            char = text[at]
            if char in " \t\n":
                at += 1
            elif char == "#" and text[at - 1] in " \t\n":
                at = (text + "\n").index("\n", at)
            elif fresh and char in "'\"":
                end, fault = self.quoted(at, len(opened))
                if fault or not opened:
                    yield from [fault] if fault else []
                    return
                at, fresh = end, False
            elif fresh and char in "[{":
                if text.startswith(("{{", "{%"), at):
                    key = re.compile(r"\{\{.*?\}\}(?=\s*:\s)").match(text, at)
                    yield self.expression(at, key.end() if key else self.item(at) if opened else self.statement())
                    return
                opened.append(at)
                at, colons = at + 1, 0
            elif char in "]}":
                if _CLOSER[text[opened[-1]]] != char:
                    yield self.crossed(opened[-1], at)
                    return
                opened.pop()
                at, fresh, colons = at + 1, False, 0
                if not opened:
                    self.end = text[:at]
                    yield from self.behind(at)
                    return
            elif char == ",":
                if fresh and not colons:
                    message = f"a comma in '{_quote(text[opened[-1] :])}' has nothing in front of it"
                    yield self.suspect(at, at + 1, message, "delete the comma", (at, at + 1, ""))
                    return
                at, fresh, colons = at + 1, True, 0
            elif char == ":" and not fresh:
                if colons or (text[at + 1 : at + 2] in ("[", "{") and text[at - 1] not in "'\"]}"):
                    yield self.colon(value, at) if colons else self.no_space(at)
                    return
                at, fresh, colons, value = at + 1, True, 1, at + 1
            elif not fresh:
                yield self.no_comma(at)
                return
            elif char in _RESERVED or _ALONE.match(text, at):
                end = self.item(at)
                message = (
                    f"the text '{_quote(text[at:end])}' begins with {char}, a sign that means something else to YAML"
                )
                yield self.suspect(at, end, message, "put quotes around the text", (at, end, _in_quotes(text[at:end])))
                return
            else:
                found = _IN_FLOW.match(text, at)
                stop = found.end() if found else at + 1
                if text[stop : stop + 1] in ("[", "{"):
                    yield self.brackets_in_text(at, stop)
                    return
                at, fresh = stop, False
        if opened:
            yield self.never_closed(opened)

    def quoted(self, at: int, depth: int) -> tuple[int, _Suspect | None]:
        """Where the quoted text ends, or what is wrong with it."""
        text, quote = self.text, self.text[at]
        found = _QUOTED[quote].match(text, at)
        if not found:
            return at, self.open_quote(at, depth)
        end = found.end()
        if quote == '"' and any(escape[1] is None for escape in _ESCAPE.finditer(found[0])):
            return at, self.escape(at, end)
        behind = re.compile(r"\s*(?=$|#|[,\]}:]|\n)" if depth else r"[ \t]*(?=$|#|\n)").match(text, end)
        if behind:
            self.end = text[:end]
            return end, None
        if text[at + 1 : end - 1].rstrip()[-1:] in tuple(",:[{") and not text[end].isspace():
            return at, self.open_quote(at, depth)  # what closes it is meant to open the next one
        if depth and text[end].isspace():
            return at, self.no_comma(end + len(text[end:]) - len(text[end:].lstrip()))
        closing = re.compile(quote + (r"(?=\s*(?:$|\n|\s#|[,\]}]))" if depth else r"(?=[ \t]*(?:$|\n|\s#))"))
        last = closing.search(text, end, (text + "\n").index("\n", end))
        if last:
            content = text[at + 1 : last.start()].replace("''", "'")
            message = f"the {quote} inside {_quote(text[at : last.end()])} ends the text too early"
            hint = f"put {_WHICH[_in_quotes(content)[0]]} quotes around the whole text instead"
            if _in_quotes(content)[0] == quote:
                hint = f"write the {quote} inside twice"
            return at, self.suspect(end - 1, end, message, hint, (at, last.end(), _in_quotes(content)))
        stop = self.item(end) if depth else self.statement()
        message = f"'{_quote(text[end:stop])}' stands behind the quote that closes {_quote(text[at:end])}"
        hint = "put quotes around the whole text, or delete what is behind"
        return at, self.suspect(end, stop, message, hint, (at, stop, _in_quotes(text[at:stop])))

    def open_quote(self, at: int, depth: int) -> _Suspect:
        text, quote = self.text, self.text[at]
        line = text[at : (text + "\n").index("\n", at)]
        end = at + len(line.rstrip())
        ends = [found.start() for found in _NEXT.finditer(text, at, end)][:2] if depth else []
        for part in (line, *re.split(r"\s#", line, maxsplit=1)[:-1]):
            stop = at + len(part.rstrip())
            run = at + len(part.rstrip("]} "))
            ends += [run, *range(max(run, stop - depth), stop)] if depth else []
            ends.append(stop)
        edits = [(where, where, quote) for where in ends]
        if text[at:end].endswith('\\"') and not depth:  # "C:\"
            edits.insert(0, (at, end, _in_quotes(text[at + 1 : end - 1])))
        message = f"the quote {quote} in front of '{_quote(text[at + 1 : end])}' is never closed"
        return self.suspect(at, at + 1, message, f"put {quote} behind the text, too", *edits)

    def escape(self, at: int, end: int) -> _Suspect:
        content = self.text[at + 1 : end - 1]
        wrong = next(found for found in _ESCAPE.finditer(content) if found[1] is None)
        start = at + 1 + wrong.start()
        message = f"{_quote(wrong[0])} in {_quote(self.text[at:end])} means nothing to YAML in double quotes"
        if "'" in content or any(found[1] in ('"', "\\") for found in _ESCAPE.finditer(content)):
            doubled = _ESCAPE.sub(lambda it: it[0] if it[1] is not None else "\\\\" + it[2], content)
            return self.suspect(start, start + 2, message, "write the \\ twice", (at + 1, end - 1, doubled))
        return self.suspect(start, start + 2, message, "use single quotes", (at, end, f"'{content}'"))

    def expression(self, at: int, end: int) -> _Suspect:
        message = f"the expression '{_quote(self.text[at:end])}' has no quotes around it"
        return self.suspect(at, end, message, "put quotes around it", (at, end, _in_quotes(self.text[at:end])))

    def brackets_in_text(self, at: int, stop: int) -> _Suspect:
        end = self.item(at)
        if self.text.startswith("{{", stop):
            return self.expression(at, end)
        message = f"the text '{_quote(self.text[at:end])}' has brackets in it and no quotes around it"
        return self.suspect(at, end, message, "put quotes around the text", (at, end, _in_quotes(self.text[at:end])))

    def crossed(self, opener: int, at: int) -> _Suspect:
        text, right = self.text, _CLOSER[self.text[opener]]
        front = (opener + 1, opener + 1, "[" if text[at] == "]" else "{")
        edits = [(at, at, right), (at, at + 1, right), front, (at, at + 1, "")]
        if ":" not in text[opener:at]:
            edits[2:] = edits[:1:-1]
        message = f"the bracket {text[opener]} of '{_quote(text[opener : at + 1])}' is closed by {text[at]}"
        return self.suspect(opener, at + 1, message, f"close it by {right}", *edits)

    def never_closed(self, opened: list[int]) -> _Suspect:
        text, at = self.text, opened[-1]
        line = text[at : (text + "\n").index("\n", at)]
        comment = re.search(r"\s#", line)
        end = at + len((line[: comment.start()] if comment else line).rstrip())
        closers = " " * (text[end - 1] == ":") + "".join(_CLOSER[text[it]] for it in reversed(opened))
        last = len(text.rstrip())
        message = f"the bracket {text[at]} of '{_quote(text[at:end])}' is never closed"
        hint = f"put {_CLOSER[text[at]]} where it ends"
        return self.suspect(at, at + 1, message, hint, (end, end, closers), (last, last, closers))

    def behind(self, at: int) -> Iterator[_Suspect]:
        """What stands in the line behind a closed list or object."""
        text, end = self.text, self.statement()
        rest = text[at:end].strip()
        if "\n" in text[:at] or not rest or rest[0] in "#:":
            return
        start = at + len(text[at:end]) - len(text[at:end].lstrip())
        if set(rest) <= set("]} "):
            message = f"the {rest[0]} at the end of '{_quote(text[:end])}' closes nothing"
            yield self.suspect(start, end, message, "delete it", (at, end, ""))
        elif rest[0] == "," and rest[-1] == "}" and text[:end].count("}") > text[:end].count("{"):
            message = (
                f"'{_quote(self.line.text[self.line.start :])}' ends with }}, but the {{ in front of it is missing"
            )
            edit = _on(self.line, self.line.start, self.line.start, "{")
            yield replace(self.suspect(0, end, message, "put { in front of it"), edits=(edit,))
        elif rest[0] == ",":
            message = f"'{_quote(text[:end])}' is a list, but the [ in front of it is missing"
            closed = text[:end].count("]") > text[:end].count("[")
            yield self.suspect(0, end, message, "put [ in front", (0, end, f"[{text[:end]}{'' if closed else ']'}"))
        else:
            message = f"the text '{_quote(text[:end])}' begins with {text[0]}, a sign that means something else to YAML"
            yield self.suspect(0, end, message, "put quotes around the text", (0, end, _in_quotes(text[:end])))

    def colon(self, value: int, at: int) -> _Suspect:
        """`type: string format: uri` lacks a comma, `note: Please: hurry` lacks quotes."""
        text, end = self.text, self.item(value)
        value += len(text[value:at]) - len(text[value:at].lstrip())
        name = re.search(r"\s([a-z_$][\w$]*|'[^']*'|\"[^\"]*\")$", text[max(value, at - 100) : at])
        if name:
            return self.no_comma(max(value, at - 100) + name.start(1))
        message = f"the text '{_quote(text[value:end])}' has a colon with a space behind it and no quotes around it"
        edit = (value, end, _in_quotes(text[value:end]))
        return self.suspect(value, end, message, "put quotes around the whole text", edit)

    def no_comma(self, at: int) -> _Suspect:
        end = len(self.text[:at].rstrip())
        message = f"a comma is missing in front of '{_quote(self.text[at : max(self.item(at), at + 1)])}'"
        return self.suspect(at, at + 1, message, "put a comma there", (end, end, ","))

    def no_space(self, at: int) -> _Suspect:
        word = self.text[:at].split()[-1]
        message = f"there is no space behind the colon of '{_quote(word + self.text[at : self.item(at)])}'"
        return self.suspect(at, at + 1, message, "put a space behind the colon", (at + 1, at + 1, " "))


# -- what shows only beside other lines --------------------------------------------------------------------


def _spelled(case: _Case, late: list[_Suspect]) -> Iterator[_Suspect]:
    """A space or a colon that is missing, where the parser took the line for a text."""
    for line in case.near():
        text, start = line.text.rstrip(), line.start
        if found := re.compile(r"-(?=[^\s-])").match(text, line.indent):
            message = f"there is no space behind the - of '{_quote(text)}'"
            edit = _on(line, found.end(), found.end(), " ")
            yield _about(line, line.indent, found.end(), message, "put a space behind the -", edit)
        if line.key is not None or not (name := _WORD_AT.match(text, start)):
            continue
        at, end, quoted = name.end(), len(text), _quote(text[start:])
        if found := _COLON.match(text, at):
            message = f"there is no space behind the colon of '{quoted}'"
            edit = _on(line, found.end(), found.end(), " ")
            yield _about(line, start, end, message, "put a space behind the colon", edit)
        elif found := _EQUALS.match(text, at):
            message = f"'{quoted}' has {found[0].strip()} where a colon belongs"
            edit = _on(line, at, found.end(), ":" if found.end() == end else ": ")
            yield _about(line, start, end, message, f"write a colon and a space behind '{name[0]}'", edit)
        elif at == end or text[at].isspace():
            message = f"there is no colon behind '{_quote(name[0])}'"
            suspect = _about(line, start, end, message, "put a colon there", _on(line, at, at, ":"))
            above = case.lines[line.number - 2] if line.number > 1 else line
            if above.body and at < end:  # rather the rest of the text above
                late.append(suspect)
            else:
                yield suspect


def _indented(case: _Case) -> Iterator[_Suspect]:
    ranked: list[tuple[int, int, int, _Suspect]] = []
    for order, line in enumerate(case.near()):
        solid = [it for it in case.lines if it.text.strip()]
        at = next((n for n, it in enumerate(solid) if it.number == line.number), 0)
        above, below = solid[max(at - 4, 0) : at][::-1], solid[at + 1 : at + 4]
        wanted = (
            {it.indent for it in above + below} | {it.start for it in above[:2]} | {case.lines[case.since - 1].indent}
        )
        if above and not above[0].body:
            wanted.add(above[0].start + 2)
        lone = bool(above and below and above[0].indent == below[0].indent != line.indent)
        weight = 0 if line.indent % 2 else 1 if lone else 2
        for indent in wanted - {line.indent}:
            side = "right" if indent < line.indent else "left"
            message = f"'{_quote(line.text)}' stands too far to the {side} ({_spaces(line.indent)} in front of it)"
            edit = _on(line, 0, line.indent, " " * indent)
            suspect = _about(line, 0, len(line.text.rstrip()), message, f"put {_spaces(indent)} in front of it", edit)
            ranked.append((weight, order, abs(indent - line.indent), suspect))
    yield from (suspect for *_, suspect in sorted(ranked, key=lambda it: it[:3]))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count or 'no'} spaces"


def _misfits(case: _Case) -> Iterator[_Suspect]:
    """A line without which the rest can be read."""
    for line in case.near()[:5]:
        message = f"'{_quote(line.text)}' does not fit in where it stands"
        hint = "compare it with the lines around it: the spaces in front, the colon, quotes and brackets"
        edit = _on(line, 0, len(line.text), "")
        yield _about(line, line.indent, len(line.text.rstrip()), message, hint, edit, offer=False)
