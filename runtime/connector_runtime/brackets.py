"""A quoted text, a list in [ ] or an object in { }: the first thing in it that YAML cannot read.

In: a line, and the text from its value on, with the lines below that may be part of it. Out: what is wrong (none or
one `Suspect`, with the edits that may mend it), and how far the text goes. Refused: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .errors import Fix, one_line

QUOTED = 45  # characters of the person's text that a sentence repeats

_ESCAPE = re.compile(
    r"""\\(?:([0abt\tnvfre "/\\N_LP\r\n]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(.?))""", re.DOTALL
)
_WHICH = {"'": "single", '"': "double"}
_QUOTED = {"'": re.compile(r"'(?:[^']|'')*+'"), '"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)}
_IN_FLOW = re.compile(r"(?:[^,\[\]{}:#\n]|(?<=\S)#|:(?=[^\s,\[\]{}]))+")
_ALONE = re.compile(r"[-?:](?=[\s,\]}]|$)")
_NEXT = re.compile(r",(?=\s*(?:[\w$]+:\s|['\"]))")
CLOSER = {"[": "]", "{": "}"}
RESERVED = "@`%*&!|>,]}"


@dataclass(frozen=True)
class Line:
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
        """Whether nothing but a comment stands there."""
        return not self.text.strip() or self.text.lstrip().startswith("#")


@dataclass(frozen=True)
class Suspect:
    """Something that may be wrong. The edits are tried in turn; the first that helps is offered."""

    line: int
    column: int
    end_column: int
    message: str
    hint: str
    edits: tuple[Fix, ...]
    offer: bool = True


def shown(text: str) -> str:
    """The person's own text, short enough for a sentence."""
    text = one_line(text)
    return text if len(text) <= QUOTED else text[: QUOTED - 1].rstrip() + "…"


def in_quotes(text: str) -> str:
    """The text in the quotes that it needs."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


class Region:
    """Reads a quoted text, a list or an object; `end` is what was read without a fault."""

    def __init__(self, line: Line, text: str) -> None:
        self.line, self.text, self.end = line, text, ""

    def place(self, at: int) -> tuple[int, int]:
        """A place in the text as line and column."""
        row = self.text.count("\n", 0, at)
        column = at - self.text.rfind("\n", 0, at) if row else self.line.value_at + at + 1
        return self.line.number + row, column

    def edit(self, start: int, end: int, text: str) -> Fix:
        """The edit that puts something else between two places."""
        return Fix(*self.place(start), *self.place(end), text)

    def suspect(self, start: int, end: int, message: str, hint: str, *edits: tuple[int, int, str]) -> Suspect:
        """Something suspicious between two places of one line."""
        number, column = self.place(start)
        last, end_column = self.place(end)
        tried = tuple(self.edit(*edit) for edit in dict.fromkeys(edits))
        return Suspect(number, column, end_column if last == number else column + 1, message, hint, tried)

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

    def suspects(self) -> list[Suspect]:
        """All that may be wrong with quotes and brackets, in the order of the text."""
        return list(self.read()) if self.text[:1] and self.text[0] in "'\"[{" else []

    def read(self) -> Iterator[Suspect]:
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
                if CLOSER[text[opened[-1]]] != char:
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
                    message = f"a comma in '{shown(text[opened[-1] :])}' has nothing in front of it"
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
            elif char in RESERVED or _ALONE.match(text, at):
                end = self.item(at)
                message = (
                    f"the text '{shown(text[at:end])}' begins with {char}, a sign that means something else to YAML"
                )
                yield self.suspect(at, end, message, "put quotes around the text", (at, end, in_quotes(text[at:end])))
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

    def quoted(self, at: int, depth: int) -> tuple[int, Suspect | None]:
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
            message = f"the {quote} inside {shown(text[at : last.end()])} ends the text too early"
            hint = f"put {_WHICH[in_quotes(content)[0]]} quotes around the whole text instead"
            if in_quotes(content)[0] == quote:
                hint = f"write the {quote} inside twice"
            return at, self.suspect(end - 1, end, message, hint, (at, last.end(), in_quotes(content)))
        stop = self.item(end) if depth else self.statement()
        message = f"'{shown(text[end:stop])}' stands behind the quote that closes {shown(text[at:end])}"
        hint = "put quotes around the whole text, or delete what is behind"
        return at, self.suspect(end, stop, message, hint, (at, stop, in_quotes(text[at:stop])))

    def open_quote(self, at: int, depth: int) -> Suspect:
        """A quote that is never closed."""
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
            edits.insert(0, (at, end, in_quotes(text[at + 1 : end - 1])))
        message = f"the quote {quote} in front of '{shown(text[at + 1 : end])}' is never closed"
        return self.suspect(at, at + 1, message, f"put {quote} behind the text, too", *edits)

    def escape(self, at: int, end: int) -> Suspect:
        """A backslash that means nothing in double quotes."""
        content = self.text[at + 1 : end - 1]
        wrong = next(found for found in _ESCAPE.finditer(content) if found[1] is None)
        start = at + 1 + wrong.start()
        message = f"{shown(wrong[0])} in {shown(self.text[at:end])} means nothing to YAML in double quotes"
        if "'" in content or any(found[1] in ('"', "\\") for found in _ESCAPE.finditer(content)):
            doubled = _ESCAPE.sub(lambda it: it[0] if it[1] is not None else "\\\\" + it[2], content)
            return self.suspect(start, start + 2, message, "write the \\ twice", (at + 1, end - 1, doubled))
        return self.suspect(start, start + 2, message, "use single quotes", (at, end, f"'{content}'"))

    def expression(self, at: int, end: int) -> Suspect:
        """An expression without quotes around it."""
        message = f"the expression '{shown(self.text[at:end])}' has no quotes around it"
        return self.suspect(at, end, message, "put quotes around it", (at, end, in_quotes(self.text[at:end])))

    def brackets_in_text(self, at: int, stop: int) -> Suspect:
        """Brackets in a text without quotes."""
        end = self.item(at)
        if self.text.startswith("{{", stop):
            return self.expression(at, end)
        message = f"the text '{shown(self.text[at:end])}' has brackets in it and no quotes around it"
        return self.suspect(at, end, message, "put quotes around the text", (at, end, in_quotes(self.text[at:end])))

    def crossed(self, opener: int, at: int) -> Suspect:
        """A bracket closed by another kind."""
        text, right = self.text, CLOSER[self.text[opener]]
        front = (opener + 1, opener + 1, "[" if text[at] == "]" else "{")
        edits = [(at, at, right), (at, at + 1, right), front, (at, at + 1, "")]
        if ":" not in text[opener:at]:
            edits[2:] = edits[:1:-1]
        message = f"the bracket {text[opener]} of '{shown(text[opener : at + 1])}' is closed by {text[at]}"
        return self.suspect(opener, at + 1, message, f"close it by {right}", *edits)

    def never_closed(self, opened: list[int]) -> Suspect:
        """Brackets that are still open at the end."""
        text, at = self.text, opened[-1]
        line = text[at : (text + "\n").index("\n", at)]
        comment = re.search(r"\s#", line)
        end = at + len((line[: comment.start()] if comment else line).rstrip())
        closers = " " * (text[end - 1] == ":") + "".join(CLOSER[text[it]] for it in reversed(opened))
        last = len(text.rstrip())
        message = f"the bracket {text[at]} of '{shown(text[at:end])}' is never closed"
        hint = f"put {CLOSER[text[at]]} where it ends"
        return self.suspect(at, at + 1, message, hint, (end, end, closers), (last, last, closers))

    def behind(self, at: int) -> Iterator[Suspect]:
        """What stands in the line behind a closed list or object."""
        text, end = self.text, self.statement()
        rest = text[at:end].strip()
        if "\n" in text[:at] or not rest or rest[0] in "#:":
            return
        start = at + len(text[at:end]) - len(text[at:end].lstrip())
        if set(rest) <= set("]} "):
            message = f"the {rest[0]} at the end of '{shown(text[:end])}' closes nothing"
            yield self.suspect(start, end, message, "delete it", (at, end, ""))
        elif rest[0] == "," and rest[-1] == "}" and text[:end].count("}") > text[:end].count("{"):
            message = f"'{shown(self.line.text[self.line.start :])}' ends with }}, but the {{ in front of it is missing"
            start = self.line.start + 1
            edit = Fix(self.line.number, start, self.line.number, start, "{")
            yield replace(self.suspect(0, end, message, "put { in front of it"), edits=(edit,))
        elif rest[0] == ",":
            message = f"'{shown(text[:end])}' is a list, but the [ in front of it is missing"
            closed = text[:end].count("]") > text[:end].count("[")
            yield self.suspect(0, end, message, "put [ in front", (0, end, f"[{text[:end]}{'' if closed else ']'}"))
        else:
            message = f"the text '{shown(text[:end])}' begins with {text[0]}, a sign that means something else to YAML"
            yield self.suspect(0, end, message, "put quotes around the text", (0, end, in_quotes(text[:end])))

    def colon(self, value: int, at: int) -> Suspect:
        """`type: string format: uri` lacks a comma, `note: Please: hurry` lacks quotes."""
        text, end = self.text, self.item(value)
        value += len(text[value:at]) - len(text[value:at].lstrip())
        name = re.search(r"\s([a-z_$][\w$]*|'[^']*'|\"[^\"]*\")$", text[max(value, at - 100) : at])
        if name:
            return self.no_comma(max(value, at - 100) + name.start(1))
        message = f"the text '{shown(text[value:end])}' has a colon with a space behind it and no quotes around it"
        edit = (value, end, in_quotes(text[value:end]))
        return self.suspect(value, end, message, "put quotes around the whole text", edit)

    def no_comma(self, at: int) -> Suspect:
        """A comma that is missing."""
        end = len(self.text[:at].rstrip())
        message = f"a comma is missing in front of '{shown(self.text[at : max(self.item(at), at + 1)])}'"
        return self.suspect(at, at + 1, message, "put a comma there", (end, end, ","))

    def no_space(self, at: int) -> Suspect:
        """A colon without a space behind it."""
        word = self.text[:at].split()[-1]
        message = f"there is no space behind the colon of '{shown(word + self.text[at : self.item(at)])}'"
        return self.suspect(at, at + 1, message, "put a space behind the colon", (at + 1, at + 1, " "))
