"""What `connector check` shows: problems as text with the line they stand in, or as annotations; rules as text.

In: problems, the lines of their files (none where a file cannot be read), rules, and a `Screen`: what the output can
show. Out: texts. Nothing is read or printed here, and nothing is refused.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .check import RULES, Checked
from .errors import Problem
from .rules import Rule

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"
_GROUPS = {
    "files": "Files",
    "operations": "Operations",
    "calls": "What is called on the way",
    "triggers": "Triggers",
    "expressions": "Expressions and paths",
    "examples": "Examples",
    "reading": "What people and agents read",
}
"""Module of rules → its heading; another module is headed by its own name."""


@dataclass(frozen=True)
class Screen:
    """What the output can show. `terminal`: a person reads it as it comes, so sentences are wrapped and what could
    steer the terminal is shown as �. `encoding`: characters it does not have are spelled out (`\\u2026`)."""

    width: int = 80
    terminal: bool = False
    colour: bool = False
    encoding: str = "utf-8"

    def paint(self, text: str, *codes: str) -> str:
        """A text in a colour, where there are colours."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and text else text


def problem_text(problem: Problem, lines: Sequence[str], screen: Screen) -> str:
    """A problem: `file:line:column: message; hint [rule]`, and below it the line with the place marked."""
    place = _printable(f"{problem.file}:{problem.line}:{problem.column}:")
    warning = problem.severity == "warning"
    tag = f"[{problem.rule}, warning]" if warning else f"[{problem.rule}]"
    text = _printable(f"{place} {problem.text} {tag}")
    if screen.terminal:
        text = textwrap.fill(
            text, screen.width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )
    colour = _YELLOW if warning else _RED
    if text.startswith(place) and text.endswith(tag):  # the wrapping may have gone through one of them
        middle = text[len(place) : -len(tag)]
        text = screen.paint(place, _BOLD) + middle + screen.paint(tag, _BOLD, colour)
    return "\n".join([text, *_snippet(problem, lines, screen)])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text)


def _cell(char: str, encoding: str) -> tuple[str, int]:
    """How a character is shown, and how many columns that takes."""
    if char == "\t":
        return " ", 1
    if "\ufe00" <= char <= "\ufe0f":  # chooses between two looks of a character, which differ in width
        return "", 0
    char = char if char.isprintable() else "�"
    shown = char.encode(encoding, "backslashreplace").decode(encoding)
    if shown != char:
        return shown, len(shown)
    if unicodedata.category(char) in ("Mn", "Me"):  # stands on the character before it
        return shown, 0
    return shown, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _snippet(problem: Problem, lines: Sequence[str], screen: Screen) -> list[str]:
    """The line of a problem and the carets below its place; nothing where there is no such line."""
    if not 0 < problem.line <= len(lines):
        return []
    line = lines[problem.line - 1]
    start = min(max(problem.column - 1, 0), len(line))
    end = start + 1  # one caret, where the end is not known or where nothing is between the two
    if problem.end_line > problem.line:
        end = max(end, len(line.rstrip()))
    elif problem.end_line == problem.line:
        end = max(end, problem.end_column - 1)
    number = f"{problem.line:>5} | "
    shown, before, marked = _window(line, start, end, screen.width - len(number), screen.encoding)
    margin = f"{' ' * (len(number) - 3)} | "
    carets = screen.paint("^" * marked, _BOLD, _CYAN)
    return [screen.paint(number, _DIM) + shown.rstrip(), screen.paint(margin, _DIM) + " " * before + carets]


def _window(line: str, start: int, end: int, room: int, encoding: str) -> tuple[str, int, int]:
    """As much of a line as fits, with the marked part in it; the columns before that part, and its columns."""
    cells = [_cell(char, encoding) for char in line]
    widths = [width for _, width in cells]
    dots, cut = _cell("…", encoding)
    first, last = 0, len(cells)
    if sum(widths) + (start == len(cells)) > room:
        first, last = _around(widths, start, end, room - 2 * cut)
    left, right = dots if first > 0 else "", dots if last < len(cells) else ""
    shown = left + "".join(text for text, _ in cells[first:last]) + right
    return shown, len(left) + sum(widths[first:start]), max(1, sum(widths[start : min(end, last)]))


def _around(widths: Sequence[int], start: int, end: int, room: int) -> tuple[int, int]:
    """Which characters of a long line are shown: a little before the mark, the mark, then both sides in turn."""
    first = last = start
    used = 0 if start < len(widths) else 1  # the caret after the end of the line
    while first > 0 and used + widths[first - 1] <= room // 4:
        first, used = first - 1, used + widths[first - 1]
    while last < min(end, len(widths)) and used + widths[last] <= room:
        last, used = last + 1, used + widths[last]
    more = True
    while more:
        more = False
        if first > 0 and used + widths[first - 1] <= room:
            first, used, more = first - 1, used + widths[first - 1], True
        if last < len(widths) and used + widths[last] <= room:
            last, used, more = last + 1, used + widths[last], True
    return first, last


def summary(checked: Checked) -> str:
    """How much was looked at and what was found, in a line."""
    looked = ", ".join(
        _count(number, one)
        for number, one in ((checked.files, "file"), (checked.operations, "operation"), (checked.rules, "rule"))
    )
    warnings = sum(problem.severity == "warning" for problem in checked.problems)
    problems = len(checked.problems) - warnings
    found = [_count(number, one) for number, one in ((problems, "problem"), (warnings, "warning")) if number]
    return f"checked {looked}: {', '.join(found) or 'no problems'}"


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def mending(problems: Sequence[Problem], command: str) -> str:
    """How many of the problems the command can mend; empty where there is none."""
    count = sum(problem.fix is not None for problem in problems)
    if not count:
        return ""
    if count == len(problems):
        return f"{'It' if count == 1 else 'All of them'} can be mended: {command}"
    return f"{count} of them can be mended: {command}"


def coloured(difference: str, screen: Screen) -> str:
    """A unified diff, as a terminal shows it. For anything else it stays as it is, so that it can be applied."""
    if not screen.terminal:
        return difference
    colours = {"-": (_RED,), "+": (_GREEN,), "@": (_CYAN,)}
    shown = []
    for line in difference.split("\n"):
        codes = (_BOLD,) if line.startswith(("--- ", "+++ ")) else colours.get(line[:1], ())
        text = _printable(line.replace("\t", "    "))
        shown.append(screen.paint(text, *codes) if codes else text)
    return "\n".join(shown)


def annotation(problem: Problem, file: str) -> str:
    """A problem as GitHub's workflow command; `file` is relative to the repository.

    GitHub takes columns only where the first and the last line are the same, and no end before its start.
    """
    last = problem.end_line - (
        problem.end_column <= 1
    )  # a mark that ends before the first column ends in the line above
    places: dict[str, object] = {"file": file, "line": problem.line}
    if last <= problem.line:
        places["col"] = problem.column
    if problem.end_line:
        places["endLine"] = max(last, problem.line)
    if problem.end_line == problem.line and problem.end_column > problem.column:
        places["endColumn"] = problem.end_column
    places["title"] = problem.rule
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items())
    return f"::{'warning' if problem.severity == 'warning' else 'error'} {properties}::{_data(problem.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def grouped(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Rules by heading: what they look at. Those without a function of their own are found while files are read."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        module = rule.look.__module__.rpartition(".")[2] if rule.look else "files"
        groups.setdefault(_GROUPS.get(module, module.capitalize()), []).append(rule)
    return groups


def rules_list() -> str:
    """All rules with their titles, for a terminal."""
    width = max(map(len, RULES))
    shown = []
    for heading, rules in grouped(RULES.values()).items():
        shown.append(heading)
        for rule in rules:
            start, title = (
                f"  {rule.id:<{width}}  ",
                rule.title + (" (a warning)" if rule.severity == "warning" else ""),
            )
            shown.append(_filled(title, start, " " * len(start)))
        shown.append("")
    return "\n".join([*shown, "connector check --explain RULE says why there is a rule."])


def explained(rule: Rule) -> str:
    """A rule for a terminal: its title, why there is it, and the examples it has."""
    warning = "It is a warning: the check passes all the same." if rule.severity == "warning" else ""
    texts = [_filled(text) for text in (f"{rule.id}: {rule.title}", rule.why, warning) if text]
    for heading, snippet in (("wrong:", rule.bad), ("right:", rule.good)):
        if snippet:
            texts.append(f"{heading}\n{textwrap.indent(snippet.rstrip(), '    ')}")
    return "\n\n".join(texts)


def _filled(text: str, first: str = "", following: str = "") -> str:
    return textwrap.fill(
        text, 79, initial_indent=first, subsequent_indent=following, break_long_words=False, break_on_hyphens=False
    )


def rules_page() -> str:
    """The page on the rules, in Markdown."""
    count = len(RULES)
    texts = [
        "# The rules",
        "<!-- Made from the rules themselves; `pytest --update-golden tests/test_rendering.py` writes it anew. -->",
        f"`connector check` holds a connector's files to {count} rules. Each has a name, which stands at the end of a\n"
        "problem: `[unknown-key]`. `connector check --list-rules` lists them, and `connector check --explain unknown-key`\n"
        "says in the terminal what stands here. A warning does not make the check fail.",
    ]
    for heading, rules in grouped(RULES.values()).items():
        texts.append(f"## {heading}")
        for rule in rules:
            warning = " This is a warning." if rule.severity == "warning" else ""
            texts += [f"### {rule.id}", f"**{rule.title}** {rule.why}{warning}"]
            for word, snippet in (("Wrong", rule.bad), ("Right", rule.good)):
                if snippet:
                    texts.append(f"{word}:\n\n```yaml\n{snippet.rstrip()}\n```")
    return "\n\n".join(texts) + "\n"
