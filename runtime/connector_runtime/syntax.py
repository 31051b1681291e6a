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

from .brackets import CLOSER, RESERVED, Line, Region, Suspect, in_quotes, shown
from .document import LINE_BREAK, parse_document
from .errors import Fix, ManifestError, Problem, one_line

_SAFE = (
    "put quotes around",
    "put ordinary spaces",
    "put two ordinary spaces",
    "put a space",
    "delete it; it was probably",
)
"""How the hints begin whose edits change no meaning."""
_STEP = 2
"""The spaces that a level is usually indented by."""
MAX_TRIES = 30
MAX_READ = 3_000_000  # characters, in all tries together
MAX_LINE = 20_000  # characters; a longer line is not looked into

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD_SPACE = "\xa0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"
_INDENT = re.compile(rf"[ \t{_ODD_SPACE}]*")
_DASHES = re.compile(r"(?:-[ \t]+|-$)*")
_KEY = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|(?!['"\[{#])(?:[^:#]|:(?=\S)|(?<=\S)\#)+?(?<=\S))\s*:(?=\s|$)\s*"""
)
_HEADER = re.compile(r"[|>](?:[-+]?[1-9]?|[1-9][-+])\s*(?:#.*)?$")
_NAME = r"[A-Za-z_$][\w$-]*(?:\.[\w$-]+)*"


_WORD_AT = re.compile(_NAME)
_COLON = re.compile(r"\s*:(?=[^\s:/])")
_EQUALS = re.compile(r"\s*(?:=>|:=|=|;)\s*")
_SMART = "“”„‟«»‘’‚"


@dataclass
class _Case:
    text: str
    problem: Problem
    starts: list[int]
    lines: list[Line]
    since: int
    """The line where what the parser was reading began."""
    tries: int = 0

    def near(self) -> list[Line]:
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
    late: list[Suspect] = []
    if problem.rule == "yaml-syntax":
        stages: list[list[Suspect]] = [list(_lexical(case)), list(_spelled(case, late)), [*_indented(case), *late]]
        stages.append(list(_misfits(case)))
    elif _plainly_text(problem, text):
        stages = [[suspect for suspect in _lexical(case) if suspect.line == problem.line]]
    else:
        return problem
    best: tuple[tuple[int, int], Suspect, Fix] | None = None
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


def without_guess(problem: Problem) -> Problem:
    """The problem, without its fix where that may mean something else: kept are quotes around a text, spaces for tabs, a
    space behind a colon. Of *names, the * may be the mistake; where brackets are about, one of them may be."""
    fix = problem.fix
    rest = re.sub(r"\{\{.*?\}\}", "", fix.text) if fix else ""
    plain = not any(sign in rest for sign in "{}[]") or rest.strip("\"'") in ("[*]", "*")
    if not plain or problem.rule == "yaml-alias":
        return replace(problem, fix=None)
    return problem if problem.hint.startswith(_SAFE) else replace(problem, fix=None)


def _as_problem(problem: Problem, suspect: Suspect, edit: Fix) -> Problem:
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


def _tried(case: _Case, suspect: Suspect, edit: Fix, *, lexical: bool) -> tuple[int, int] | None:
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
    lines = LINE_BREAK.split(text)
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    return len(lines) - problem.line, len(line) - problem.column


def _plainly_text(problem: Problem, text: str) -> bool:
    """Whether an alias, a tag or an odd key is really a text without quotes."""
    lines = LINE_BREAK.split(text)
    rest = lines[problem.line - 1][problem.column - 1 :] if problem.line <= len(lines) else ""
    if problem.rule == "yaml-alias":
        return "names nothing" in problem.message and not re.search(r"(?<!\S)&\w", text)
    if problem.rule == "yaml-tag":
        return not re.match(r"!!|!\S*\s+[\[{]", rest)
    before = lines[problem.line - 1][: problem.column - 1] if problem.line <= len(lines) else ""
    return problem.rule == "yaml-key" and (rest.startswith("{{") or (before.endswith("{") and rest.startswith("{")))


def _case(problem: Problem, text: str) -> _Case:
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    texts = LINE_BREAK.split(text)
    lines: list[Line] = []
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


def _line(number: int, text: str) -> Line:
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
    return Line(number, text, indent, start, key[1] if key else None, at, value.rstrip())


def _on(line: Line, start: int, end: int, text: str) -> Fix:
    """An edit within a line; places from 0."""
    return Fix(line.number, start + 1, line.number, end + 1, text)


def _about(line: Line, start: int, end: int, message: str, hint: str, *edits: Fix, offer: bool = True) -> Suspect:
    return Suspect(line.number, start + 1, end + 1, message, hint, edits, offer)


def _strange(problem: Problem, text: str) -> Problem | None:
    """A character that YAML refuses stops it before anything else is read, so nothing needs to be tried."""
    if "character that it does not allow" not in problem.message or not (first := _FORBIDDEN.search(text, 1)):
        return None
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    number = bisect_right(starts, first.start())
    line = LINE_BREAK.split(text)[number - 1]
    at = first.start() - starts[number - 1]
    last = max(found.end() for found in _FORBIDDEN.finditer(line, at))
    name = "U+" + format(ord(first[0]), "04X")
    message = f"an invisible character ({name}) stands in '{shown(_FORBIDDEN.sub('', line))}', which YAML does not take"
    fix = Fix(number, at + 1, number, last + 1, _FORBIDDEN.sub("", line[at:last]))
    suspect = Suspect(number, at + 1, last + 1, message, "delete it; it was probably pasted along", (fix,))
    return _as_problem(problem, suspect, fix)


# -- what can be seen in a line alone ----------------------------------------------------------------------


def _lexical(case: _Case) -> Iterator[Suspect]:
    """Those near the place where the parser stopped, then the others from the top."""
    found: list[Suspect] = []
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


def _odd_indentation(case: _Case, line: Line) -> Iterator[Suspect]:
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
        message = f"{what} stands in front of '{shown(line.text)}', where YAML takes only ordinary spaces"
        yield _about(line, 0, line.indent, message, hint, fix)


def _odd(line: Line) -> str:
    return line.text[: line.indent].replace(" ", "") if line.text.strip() else ""


def _tab(case: _Case, line: Line) -> Iterator[Suspect]:
    at = line.text.find("\t", line.indent)
    if at >= 0:
        message = f"a tab stands in '{shown(line.text)}', where YAML takes only spaces"
        end = len(line.text)
        fix = _on(line, at, end, line.text[at:].replace("\t", " "))
        yield _about(line, at, at + 1, message, "put a space there", fix)


def _marker(case: _Case, line: Line) -> Iterator[Suspect]:
    if found := re.match(r"(---|\.\.\.)(?=\s|$)|%[A-Z]+ .*", line.text):
        message = f"'{shown(found[0])}' stands alone in a line, which YAML takes for the border of a file"
        yield _about(line, 0, found.end(), message, "delete this line", _on(line, 0, len(line.text), ""))


def _header(case: _Case, line: Line) -> Iterator[Suspect]:
    found = re.match(r"([|>](?:[-+][1-9]?|[1-9][-+]?)?)\s*([^\s|>=\d+-].*)", line.value)
    below = next((it for it in case.lines[line.number :] if it.text.strip()), None)
    base = line.start if line.key is not None else line.indent
    deeper = below is not None and below.indent > base
    if found and (deeper or len(found[1]) > 1):
        indent = below.indent if below is not None and deeper else base + 2
        at = line.value_at + found.end(1)
        message = f"behind {found[1]} stands '{shown(found[2])}', but there the text begins in the next line"
        edit = _on(line, at, line.value_at + found.start(2), "\n" + " " * indent)
        yield _about(line, at, len(line.text), message, "put the text in a line of its own below, indented", edit)


def _opening_lost(case: _Case, line: Line) -> Iterator[Suspect]:
    """`type: string}` and `"a", "b"]`, where the bracket at the front is gone."""
    value = line.value
    for opener, closer in CLOSER.items():
        if value.endswith(closer) and value[0] not in "[{" and value.count(closer) > value.count(opener):
            message = f"'{shown(value)}' ends with {closer}, but the {opener} in front of it is missing"
            at, end = line.value_at, line.value_at + len(value)
            yield _about(line, at, end, message, f"put {opener} in front of it", _on(line, at, at, opener))


def _plain(case: _Case, line: Line) -> Iterator[Suspect]:
    """A text without quotes that needs them: as a value, or as a key."""
    value, at = line.value, line.value_at
    if line.key is not None and line.key[0] in RESERVED:
        message = f"'{shown(line.key)}' begins with {line.key[0]}, a sign that means something else to YAML"
        end = line.start + len(line.key)
        edit = _on(line, line.start, end, in_quotes(line.key))
        yield _about(line, line.start, end, message, "put quotes around it", edit)
    if not value or value[0] in "'\"[{" or _HEADER.match(value):
        return
    edit = _on(line, at, at + len(value), in_quotes(value))
    if value[0] in _SMART and value[-1] in _SMART and len(value) > 1:
        straight = _on(line, at, at + len(value), in_quotes(value[1:-1]))
        message = f"the curly quotes of {shown(value)} are no quotes to YAML"
        hint = 'use the straight ones: " in front and behind'
        yield _about(line, at, at + len(value), message, hint, straight)
    if value[0] in RESERVED or (re.match(r"[-?](?:\s|$)|:\s", value) and line.key is not None):
        message = f"the text '{shown(value)}' begins with {value[0]}, a sign that means something else to YAML"
        yield _about(line, at, at + len(value), message, "put quotes around the text", edit)
    elif line.key is not None and (colon := re.search(r":(?=\s|$)", value)):
        message = f"the text '{shown(value)}' has a colon with a space behind it and no quotes around it"
        if colon.end() == len(value):
            message = f"the text '{shown(value)}' ends with a colon and has no quotes around it"
        yield _about(line, at, at + len(value), message, "put quotes around the whole text", edit)


RECOGNISERS: tuple[Callable[[_Case, Line], Iterator[Suspect]], ...] = (
    _odd_indentation,
    _tab,
    _marker,
    _header,
    _opening_lost,
    _plain,
)
"""Each looks at one line. An earlier one wins where the edits of two make the text readable."""


def _region(case: _Case, line: Line) -> Region:
    """What begins with a quote or a bracket, down to the line that is no longer below it."""
    texts = [line.text[line.value_at :]]
    if line.value[:1] in ("'", '"', "[", "{"):
        for below in case.lines[line.number : line.number + 200]:
            closes = below.text.lstrip()[:1] in ("]", "}") and below.indent >= line.indent
            if below.text.strip() and below.indent <= line.start and not closes:
                break
            texts.append(below.text)
    return Region(line, "\n".join(texts))


# -- what shows only beside other lines --------------------------------------------------------------------


def _spelled(case: _Case, late: list[Suspect]) -> Iterator[Suspect]:
    """A space or a colon that is missing, where the parser took the line for a text."""
    for line in case.near():
        text, start = line.text.rstrip(), line.start
        if found := re.compile(r"-(?=[^\s-])").match(text, line.indent):
            message = f"there is no space behind the - of '{shown(text)}'"
            edit = _on(line, found.end(), found.end(), " ")
            yield _about(line, line.indent, found.end(), message, "put a space behind the -", edit)
        if line.key is not None or not (name := _WORD_AT.match(text, start)):
            continue
        at, end, quoted = name.end(), len(text), shown(text[start:])
        if found := _COLON.match(text, at):
            message = f"there is no space behind the colon of '{quoted}'"
            edit = _on(line, found.end(), found.end(), " ")
            yield _about(line, start, end, message, "put a space behind the colon", edit)
        elif found := _EQUALS.match(text, at):
            message = f"'{quoted}' has {found[0].strip()} where a colon belongs"
            edit = _on(line, at, found.end(), ":" if found.end() == end else ": ")
            yield _about(line, start, end, message, f"write a colon and a space behind '{name[0]}'", edit)
        elif at == end or text[at].isspace():
            message = f"there is no colon behind '{shown(name[0])}'"
            suspect = _about(line, start, end, message, "put a colon there", _on(line, at, at, ":"))
            above = case.lines[line.number - 2] if line.number > 1 else line
            if above.body and at < end:  # rather the rest of the text above
                late.append(suspect)
            else:
                yield suspect


def _indented(case: _Case) -> Iterator[Suspect]:
    ranked: list[tuple[int, int, int, Suspect]] = []
    for order, line in enumerate(case.near()):
        solid = [it for it in case.lines if it.text.strip()]
        at = next((n for n, it in enumerate(solid) if it.number == line.number), 0)
        above, below = solid[max(at - 4, 0) : at][::-1], solid[at + 1 : at + 4]
        wanted = (
            {it.indent for it in above + below} | {it.start for it in above[:2]} | {case.lines[case.since - 1].indent}
        )
        if above and not above[0].body:
            wanted.add(above[0].start + 2)
        if (parent := _parent_too_far_left(solid, at)) is not None:
            message = f"'{shown(parent.text)}' stands too far to the left ({_spaces(parent.indent)} in front of it)"
            edit, hint = _on(parent, 0, parent.indent, " " * line.indent), f"put {_spaces(line.indent)} in front of it"
            ranked.append((0, order, 0, _about(parent, 0, len(parent.text.rstrip()), message, hint, edit)))
        lone = bool(above and below and above[0].indent == below[0].indent != line.indent)
        weight = 0 if line.indent % 2 else 1 if lone else 2
        for indent in wanted - {line.indent}:
            side = "right" if indent < line.indent else "left"
            message = f"'{shown(line.text)}' stands too far to the {side} ({_spaces(line.indent)} in front of it)"
            edit = _on(line, 0, line.indent, " " * indent)
            hint = f"put {_spaces(indent)} in front of it"
            # Where two lines could be the wrong one, a person has to say which: it may go under another key.
            suspect = _about(line, 0, len(line.text.rstrip()), message, hint, edit, offer=weight < 2)
            ranked.append((weight, order, abs(indent - line.indent), suspect))
    yield from (suspect for *_, suspect in sorted(ranked, key=lambda it: it[:3]))


def _parent_too_far_left(solid: list[Line], at: int) -> Line | None:
    """The line that seems to hold this one, where what it really holds stands more than a step further in than it, and
    this one between them: it is that line that has moved."""
    line = solid[at]
    above = next((n for n in range(at - 1, -1, -1) if solid[n].indent < line.indent), None)
    if above is None:
        return None
    parent, child = solid[above], solid[above + 1]
    return parent if child.indent > line.indent and child.indent - parent.indent > _STEP else None


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count or 'no'} spaces"


def _misfits(case: _Case) -> Iterator[Suspect]:
    """A line without which the rest can be read."""
    for line in case.near()[:5]:
        message = f"'{shown(line.text)}' does not fit in where it stands"
        hint = "compare it with the lines around it: the spaces in front, the colon, quotes and brackets"
        edit = _on(line, 0, len(line.text), "")
        yield _about(line, line.indent, len(line.text.rstrip()), message, hint, edit, offer=False)
