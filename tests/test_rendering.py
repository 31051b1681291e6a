"""How problems and rules look: the caret stands below its place in every line, and annotations keep GitHub's rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from connector_runtime.check import RULES, Checked
from connector_runtime.errors import Fix, Problem
from connector_runtime.rendering import (
    Screen,
    annotation,
    coloured,
    explained,
    grouped,
    mending,
    problem_text,
    rules_list,
    rules_page,
    summary,
)
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
FILE = "operations/actions/send.yaml"
ESCAPE = "\x1b"


def at(line: int, column: int, end_line: int = 0, end_column: int = 0, message: str = "wrong") -> Problem:
    return Problem("unknown-key", "error", FILE, line, column, message, "", end_line, end_column)


def snippet(problem: Problem, *lines: str, screen: Screen | None = None) -> list[str]:
    """What stands below the sentence, without its margin, which is checked."""
    shown = problem_text(problem, lines, screen or Screen()).split("\n")[1:]
    assert [line[:8] for line in shown] in ([], [f"{problem.line:>5} | ", "      | "])
    return [line[8:] for line in shown]


def columns(text: str) -> int:
    """The columns that a terminal gives a text."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.category(char) in ("Mn", "Me") for char in text)


# -- the snippet -----------------------------------------------------------------------------------------


def test_a_problem_is_a_sentence_with_its_line_below_and_the_place_marked() -> None:
    problem = Problem(
        "unknown-key", "error", FILE, 2, 3, "'efect' is not known here", "did you mean 'effect'?", 2, 8, None
    )
    assert problem_text(problem, ["a:", "  efect: send"], Screen()) == (
        f"{FILE}:2:3: 'efect' is not known here; did you mean 'effect'? [unknown-key]\n"
        "    2 |   efect: send\n"
        "      |   ^^^^^"
    )


def test_the_sentence_is_what_str_gives() -> None:
    """Programs read that line; a pipe never wraps it."""
    problem = at(1, 1, message="long " * 40 + "end")
    assert problem_text(problem, [], Screen()) == str(problem)


def test_a_warning_says_so() -> None:
    assert problem_text(replace(at(1, 1), severity="warning"), [], Screen()).endswith(" wrong [unknown-key, warning]")


@pytest.mark.parametrize(
    ("problem", "carets"),
    [
        (at(1, 3), "  ^"),  # the end is not known
        (at(1, 3, 1, 3), "  ^"),  # nothing between the two places
        (at(1, 3, 1, 2), "  ^"),  # the end before the start
        (at(1, 1, 1, 4), "^^^"),
        (at(1, 1, 3, 2), "^^^^^^"),  # several lines: the rest of the first
        (at(1, 7), "      ^"),  # after the end of the line
        (at(1, 90, 1, 95), "      ^"),
        (at(1, 1, 1, 95), "^^^^^^"),
        (at(1, 0), "^"),
    ],
)
def test_the_mark_is_from_the_start_to_the_end_and_one_caret_at_least(problem: Problem, carets: str) -> None:
    assert snippet(problem, "a: bcd") == ["a: bcd", carets]


@pytest.mark.parametrize("line", [0, 3, 999_999, -1])
def test_a_line_that_is_not_there_has_no_snippet(line: int) -> None:
    assert snippet(at(line, 1), "a", "b") == []


def test_a_tab_is_one_column() -> None:
    assert snippet(at(1, 4, 1, 6), "\ta\tbc") == [" a bc", "   ^^"]


def test_wide_characters_have_two_carets_and_combining_ones_none() -> None:
    assert snippet(at(1, 3, 1, 5), "主题: x") == ["主题: x", "    ^^"]
    assert snippet(at(1, 1, 1, 3), "主题: x") == ["主题: x", "^^^^"]
    assert snippet(at(1, 4, 1, 5), "e\u0301: x") == ["e\u0301: x", "  ^"]


@pytest.mark.parametrize("char", ["\x07", "\x1b", "\u202e", "\u200b", "\ufeff", "\x9b", "\ud800"])
def test_what_steers_a_terminal_or_is_invisible_is_shown_as_a_mark_of_one_column(char: str) -> None:
    assert snippet(at(1, 3, 1, 4), f"a{char}b") == ["a�b", "  ^"]
    assert char not in problem_text(at(1, 1, message=f"a{char}b"), [], Screen())


def test_a_character_that_the_terminal_cannot_show_is_counted_as_it_is_spelled_out() -> None:
    """Standard output writes such a one as \\u4e3b; see `cli.main`."""
    assert snippet(at(1, 2, 1, 3), "主x", screen=Screen(encoding="ascii")) == [r"\u4e3bx", "      ^"]


LONG = "description: " + " ".join(f"word{number}" for number in range(100)) + " {{ inputs.text }} " + "end " * 20


def test_a_long_line_is_cut_around_the_mark() -> None:
    start = LONG.index("inputs")
    line, carets = snippet(at(1, start + 1, 1, start + 7), LONG)
    assert len(line) == 72 and line[0] == line[-1] == "…"
    assert line[len(carets) - 6 : len(carets)] == "inputs"
    assert 20 < len(carets) < 60


def test_a_long_line_whose_mark_is_at_an_end_is_cut_at_the_other_only() -> None:
    line, carets = snippet(at(1, 1, 1, 12), LONG)
    assert (line[:12], line[-1], carets) == ("description:", "…", "^" * 11)
    line, carets = snippet(at(1, len(LONG) + 1), LONG)
    assert (line[0], line[-3:]) == ("…", "end")


def test_a_mark_longer_than_the_line_has_room_for_keeps_what_is_before_it() -> None:
    line, carets = snippet(at(1, 14, 1, 600), LONG)
    assert line.startswith("description: word0")
    assert carets == " " * 13 + "^" * (72 - 13 - 2)  # room is kept for a … on both sides


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=200)


@given(TEXT, st.integers(1, 250), st.integers(0, 250), st.integers(40, 120))
def test_no_line_of_a_snippet_is_wider_than_the_screen(line: str, column: int, end: int, width: int) -> None:
    shown = snippet(at(1, column, 1, end), line, screen=Screen(width))
    assert max(columns(text) for text in shown) <= width - 8
    assert "^" in shown[1] and set(shown[1]) <= {" ", "^"}


@given(st.text(st.sampled_from("ab主题e\u0301\t\x1b"), max_size=150), st.integers(0, 150), st.integers(40, 90))
def test_the_caret_stands_below_the_place(before: str, after: int, width: int) -> None:
    """Whatever is before it, and wherever the line is cut."""
    line, carets = snippet(at(1, len(before) + 1), f"{before}X{'z' * after}", screen=Screen(width))
    shown = 0
    for char in line.partition("X")[0]:
        shown += columns(char)
    assert carets == " " * shown + "^"


# -- a terminal ------------------------------------------------------------------------------------------


def test_a_terminal_wraps_the_sentence_and_a_pipe_does_not() -> None:
    problem = at(1, 1, message="many words " * 12)
    wrapped = problem_text(problem, [], Screen(60, terminal=True)).split("\n")
    assert len(wrapped) > 2 and max(map(len, wrapped)) <= 60
    assert all(line.startswith("    ") for line in wrapped[1:])
    assert wrapped[0].startswith(f"{FILE}:1:1: many")


@pytest.mark.parametrize(("severity", "colour"), [("error", "31"), ("warning", "33")])
def test_colours_are_on_a_terminal_and_change_no_character(severity: str, colour: str) -> None:
    problem = replace(at(1, 1, 1, 3), severity=severity)
    plain = problem_text(problem, ["abc"], Screen(80, terminal=True))
    shown = problem_text(problem, ["abc"], Screen(80, terminal=True, colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain
    assert f"{ESCAPE}[1;{colour}m[unknown-key" in shown
    assert f"{ESCAPE}[1;36m^^{ESCAPE}[0m" in shown
    assert ESCAPE not in plain


def test_a_difference_is_only_changed_for_a_terminal() -> None:
    text = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\x1b\n+b\tc\n"
    assert coloured(text, Screen()) == text
    assert coloured(text, Screen(terminal=True)) == "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a�\n+b    c\n"
    assert f"{ESCAPE}[32m+b    c{ESCAPE}[0m" in coloured(text, Screen(terminal=True, colour=True))


# -- the summary -----------------------------------------------------------------------------------------

ERROR, WARNING = at(1, 1), replace(at(2, 1), severity="warning")
FIXED = replace(ERROR, fix=Fix(1, 1, 1, 2, "x"))


@pytest.mark.parametrize(
    ("problems", "found"),
    [
        ((), "no problems"),
        ((ERROR,), "1 problem"),
        ((ERROR, ERROR), "2 problems"),
        ((ERROR, ERROR, WARNING), "2 problems, 1 warning"),
        ((WARNING, WARNING), "2 warnings"),
    ],
)
def test_the_summary_counts_problems_and_warnings_apart(problems: tuple[Problem, ...], found: str) -> None:
    assert summary(Checked(24, 18, 41, problems)) == f"checked 24 files, 18 operations, 41 rules: {found}"


def test_one_of_a_thing_is_not_several() -> None:
    assert summary(Checked(1, 1, 1, ())) == "checked 1 file, 1 operation, 1 rule: no problems"


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        ((), ""),
        ((ERROR,), ""),
        ((FIXED,), "It can be mended: connector check --fix"),
        ((FIXED, ERROR), "1 of them can be mended: connector check --fix"),
        ((FIXED, FIXED), "All of them can be mended: connector check --fix"),
    ],
)
def test_what_can_be_mended_is_said_with_the_command(problems: tuple[Problem, ...], said: str) -> None:
    assert mending(problems, "connector check --fix") == said


# -- annotations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "places"),
    [
        (at(3, 5, 3, 9), "line=3,col=5,endLine=3,endColumn=9"),
        (at(3, 5), "line=3,col=5"),
        (at(3, 5, 3, 5), "line=3,col=5,endLine=3"),
        (at(3, 5, 6, 2), "line=3,endLine=6"),  # GitHub takes no columns then
        (at(3, 5, 6, 1), "line=3,endLine=5"),
        (at(3, 5, 4, 1), "line=3,col=5,endLine=3"),
        (at(3, 5, 2, 9), "line=3,col=5,endLine=3"),  # an end before its start stopped whole runs once
    ],
)
def test_an_annotation_has_columns_only_within_one_line(problem: Problem, places: str) -> None:
    assert annotation(problem, "a.yaml") == f"::error file=a.yaml,{places},title=unknown-key::wrong"


def test_a_warning_is_annotated_as_one() -> None:
    assert annotation(WARNING, "a.yaml").startswith("::warning file=a.yaml,line=2,")


def test_what_would_end_a_property_or_the_command_is_escaped() -> None:
    """As the runner reads it: the text keeps colons and commas, the properties do not."""
    shown = annotation(at(1, 1, message="100%, a: b\r\n::error::c"), "a,b:c%\n.yaml")
    assert shown == ("::error file=a%2Cb%3Ac%25%0A.yaml,line=1,col=1,title=unknown-key::100%25, a: b%0D%0A::error::c")


# -- the rules -------------------------------------------------------------------------------------------


def test_the_page_on_the_rules_is_made_from_them(update_golden: bool) -> None:
    page = ROOT / "docs/rules.md"
    if update_golden:
        page.write_text(rules_page(), "utf-8")
    assert page.read_text("utf-8") == rules_page(), "pytest --update-golden tests/test_rendering.py writes it anew"


def test_every_rule_is_in_the_list_once_and_fits_80_columns() -> None:
    listed = [line.split()[0] for line in rules_list().splitlines() if re.match(r"  [a-z]", line)]
    assert sorted(listed) == sorted(RULES)
    assert max(map(len, rules_list().splitlines())) < 80


def test_the_rules_are_grouped_by_what_they_look_at() -> None:
    groups = grouped(RULES.values())
    assert next(iter(groups)) == "Files"
    assert sum(map(len, groups.values())) == len(RULES)
    assert all(heading[0].isupper() for heading in groups)


@pytest.mark.parametrize("id_", RULES)
def test_every_rule_explains_itself_without_empty_parts(id_: str) -> None:
    rule, text = RULES[id_], explained(RULES[id_])
    assert text.startswith(f"{id_}: ")
    assert " ".join(rule.why.split()) in " ".join(text.split())
    assert ("wrong:" in text, "right:" in text) == (bool(rule.bad), bool(rule.good))
    assert "\n\n\n" not in text and not re.search(r":\n\n|:$", text)
