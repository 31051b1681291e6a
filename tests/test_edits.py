"""`edits`: what is asked for is changed, all else stays byte for byte, and a file is never there by half."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import edits
from connector_runtime.check import check
from connector_runtime.document import Document, Place, parse_document
from connector_runtime.edits import _replaced, _Writer, difference, mended, put, write
from connector_runtime.errors import Fix, ManifestError, Problem
from connector_runtime.paths import walk
from connector_runtime.values import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
DELETE = "operations/actions/delete_message.yaml"

# -- put -------------------------------------------------------------------------------------------------

PUT: dict[str, tuple[str, Place, Any, str]] = {
    "a plain text": ("a: b  # c\nd: e\n", ("a",), "x y", "a: x y  # c\nd: e\n"),
    "quotes that were there stay": ("a: \"b\"\nc: 'd'\n", ("a",), "x", "a: \"x\"\nc: 'd'\n"),
    "single quotes, too": ("a: 'b'\n", ("a",), "it's", "a: 'it''s'\n"),
    "single quotes cannot hold a break": ("a: 'b'\n", ("a",), "x\ny", 'a: "x\\ny"\n'),
    "a text that needs no quotes any more is no text": ("a: '1'\n", ("a",), 2, "a: 2\n"),
    "a number as text": ("a: b\n", ("a",), "012", 'a: "012"\n'),
    "a word for true": ("a: b\n", ("a",), "yes", 'a: "yes"\n'),
    "a time": ("a: b\n", ("a",), "12:30", 'a: "12:30"\n'),
    "a date": ("a: b\n", ("a",), "2026-01-01", 'a: "2026-01-01"\n'),
    "an expression": ("a: b\n", ("a",), "Hi {{ input.x }}", 'a: "Hi {{ input.x }}"\n'),
    "a colon": ("a: b\n", ("a",), "x: y", 'a: "x: y"\n'),
    "a comment sign": ("a: b\n", ("a",), "x #y", 'a: "x #y"\n'),
    "a comma in brackets": ("a: [b]\n", ("a", 0), "x, y", 'a: ["x, y"]\n'),
    "a comma elsewhere": ("a: b\n", ("a",), "x, y", "a: x, y\n"),
    "an address": ("a: {b: c}\n", ("a", "b"), "https://e.com/x", "a: {b: https://e.com/x}\n"),
    "what cannot be seen": ("a: b\n", ("a",), "x\u2028\x07", 'a: "x\\u2028\\u0007"\n'),
    "letters of the world": ("a: b\n", ("a",), "größer 日本 👍🏽", "a: größer 日本 👍🏽\n"),
    "true, null, numbers": ("a: b\n", ("a",), [True, None, 1, 1.5], "a: [true, null, 1, 1.5]\n"),
    "nothing becomes something": ("a:\nb: c\n", ("a",), "x", "a: x\nb: c\n"),
    "nothing in brackets becomes something": ("a: {b: , c}\n", ("a",), {"b": 1, "c": 2}, "a: {b: 1 , c: 2}\n"),
    "an empty item": ("a:\n  -\n  - b\n", ("a", 0), 1, "a:\n  - 1\n  - b\n"),
    "a key in brackets": ("a: {b: 1, c: 2}  # d\n", ("a", "e"), 3, "a: {b: 1, c: 2, e: 3}  # d\n"),
    "a key of a block": ("a:\n  b: 1  # c\n# d\n", ("a", "e"), "x", "a:\n  b: 1  # c\n  e: x\n# d\n"),
    "a key without a last line end": ("a:\n  b: 1", ("a", "e"), 2, "a:\n  b: 1\n  e: 2"),
    "a key of an item": ("- a: 1\n- b: 2\n", (0, "c"), 3, "- a: 1\n  c: 3\n- b: 2\n"),
    "a key in brackets over several lines": (
        "a: {\n  b: 1, # x\n  c: 2 # y\n}\n",
        ("a", "d"),
        3,
        "a: {\n  b: 1, # x\n  c: 2, # y\n  d: 3\n}\n",
    ),
    "a key behind a comma": ("a: {\n  b: 1, # x\n}\n", ("a", "c"), 2, "a: {\n  b: 1, # x\n  c: 2\n}\n"),
    "a key goes with its comma": ("a: {b: 1, c: 2, d: 3}\n", ("a",), {"b": 1, "d": 3}, "a: {b: 1, d: 3}\n"),
    "the first key goes": ("a: {b: 1, c: 2}\n", ("a",), {"c": 2}, "a: {c: 2}\n"),
    "the last key goes": ("a: {b: 1, c: 2}\n", ("a",), {"b": 1}, "a: {b: 1}\n"),
    "all but one go": ("a: {b: 1, c: 2, d: 3, e: 4}\n", ("a",), {"d": 3}, "a: {d: 3}\n"),
    "a key goes with its line and comment": (
        "a:\n  # one\n  b: 1\n  c: 2 # two\n  # three\n  d: 3\n",
        ("a",),
        {"b": 1, "d": 3},
        "a:\n  # one\n  b: 1\n  # three\n  d: 3\n",
    ),
    "the first key of an item goes": ("- a: 1 # x\n  # y\n  b: 2\n", (0,), {"b": 2}, "- # y\n  b: 2\n"),
    "the first line of a file goes": ("a: 1\nb: 2\n", (), {"b": 2}, "b: 2\n"),
    "all keys go": ("a:  # x\n  b: 1\n  c: 2\nd: 3\n", ("a",), {}, "a: {}  # x\nd: 3\n"),
    "a key of another name stays where it is": (
        "a: {b: 1, c: 2, d: 3}\n",
        ("a",),
        {"b": 1, "x": 2, "d": 3},
        "a: {b: 1, x: 2, d: 3}\n",
    ),
    "a quoted key of another name": ("a:\n  'b': [1]  # c\n", ("a",), {"x": [1]}, "a:\n  'x': [1]  # c\n"),
    "deep inside": (
        "a:\n  - b: {c: [1, {d: x}]}  # e\n    f: g\n",
        ("a",),
        [{"b": {"c": [1, {"d": "z"}]}, "f": "g"}],
        "a:\n  - b: {c: [1, {d: z}]}  # e\n    f: g\n",
    ),
    "an item more": ("a: [1, 2]\n", ("a",), [1, 2, 3], "a: [1, 2, 3]\n"),
    "an item in between": ("a: [1, 2] # x\n", ("a",), [1, 9, 2], "a: [1, 9, 2] # x\n"),
    "an item before all others": ("a: [1, 2]\n", ("a",), [0, 1, 2], "a: [0, 1, 2]\n"),
    "an item less": ("a:\n- 1 # x\n- 2 # y\n- 3\n", ("a",), [1, 3], "a:\n- 1 # x\n- 3\n"),
    "an item of a block": ("a:\n- 1 # x\nb: 2\n", ("a", 1), {"c": 3}, "a:\n- 1 # x\n- {c: 3}\nb: 2\n"),
    "a block before all others": ("a:\n  - 1\n", ("a",), [{"b": 2}, 1], "a:\n  - {b: 2}\n  - 1\n"),
    "a folded text": (
        "a: >-  # b\n  one\n  two\nc: d\n",
        ("a",),
        "one two three",
        "a: >-  # b\n  one two three\nc: d\n",
    ),
    "a text of several lines": ("a: |\n  one\n  two\n", ("a",), "one\n\n  three\n", "a: |\n  one\n\n    three\n"),
    "a folded text that cannot be": ("a: >\n  one\n", ("a",), " one", 'a: " one"\n'),
    "a text that becomes a number": ("a: |  # b\n  one\nc: d\n", ("a",), 1, "a: 1  # b\nc: d\n"),
    "a list becomes a mapping": ("a:\n- 1\nb: 2\n", ("a",), {"c": 3}, "a:\n  c: 3\nb: 2\n"),
    "a block becomes a text": ("a:\n  - 1\nb: 2\n", ("a",), "x", "a: x\nb: 2\n"),
    "brackets stay brackets": ("a: {b: 1}\n", ("a",), ["x" * 130], f"a: [{'x' * 130}]\n"),
    "a long new mapping": (
        "a: 1\n",
        ("b",),
        {"c": "x" * 90, "d": ["y" * 60, "z" * 60]},
        f"a: 1\nb:\n  c: {'x' * 90}\n  d:\n    - {'y' * 60}\n    - {'z' * 60}\n",
    ),
    "an alias is written out": ("a: &k {b: 1}\nc: *k\n", ("c", "b"), 2, "a: &k {b: 1}\nc: {b: 2}\n"),
    "an anchor that nobody names stays": ("a: &k {b: 1}\n", ("a", "b"), 2, "a: &k {b: 2}\n"),
    "a pair in a list": ("a: [b: 1, 2]\n", ("a", 0, "b"), 3, "a: [{b: 3}, 2]\n"),
    "other line ends": ("a:\r\n  b: 1 # x\r\nc: 2\r\n", ("a", "d"), 3, "a:\r\n  b: 1 # x\r\n  d: 3\r\nc: 2\r\n"),
    "an old line end": ("a: 1\rb: 2\r", ("c",), 3, "a: 1\rb: 2\rc: 3\r"),
    "a key that needs quotes": ("a: {b: 1}\n", ("a", "yes"), 2, 'a: {b: 1, "yes": 2}\n'),
}


@pytest.mark.parametrize("name", PUT)
def test_only_what_differs_is_written_and_in_the_style_that_is_there(name: str) -> None:
    text, place, value, expected = PUT[name]
    assert put(text, place, value) == expected
    assert put(expected, place, value) == expected


REFUSED: dict[str, tuple[str, Place, Any]] = {
    "a value that another place shares": ("a: &k {b: 1}\nc: *k\n", ("a", "b"), 2),
    "a number that is too long": ("a: 1\n", ("a",), 10**18),
    "no number": ("a: 1\n", ("a",), float("nan")),
    "half a character": ("a: 1\n", ("a",), "\ud800"),
    "too deep": (
        "a: 1\n",
        ("a",),
        [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],
    ),
    "a place below a place that is not there": ("a: 1\n", ("b", "c"), 2),
    "a place in a text": ("a: b\n", ("a", "c"), 2),
    "an item behind a gap": ("a: [1]\n", ("a", 2), 2),
    "no YAML": ("a: [1\n", ("a",), 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_put_is_refused(name: str) -> None:
    with pytest.raises(ManifestError):
        put(*REFUSED[name])


ODD = """\
a: {  # one
  x: 1, # nx
  y: [1, 2], # ny
  z: {q: , r}   # nz
} # end
b:
- 1 # i
# own
- a: 1   # ia
  # about b
  b: 2   # ib
-
- - p
  - q: 1
    r: 2
c: >-   # head
  some folded
  text

# tail
d: |+
  kept

? g
: h
i: [a: b, "c":1, 'd' : 2, ]
"j": 'x'
l: "a
  b"
m:
  - |
    lit
    # no comment
  - end"""
FILES = [ROOT / "connector.yaml", *ROOT.glob("operations/*/*.yaml"), *ROOT.glob("schemas/*.yaml")]
FILES += ROOT.glob("tests/connectors/**/*.yaml")
TEXTS = [ODD, *(path.read_text("utf-8") for path in sorted(FILES))]
PLACES = [list(parse_document(text, "").marks) for text in TEXTS]
WORDS = st.one_of(
    st.sampled_from(
        [
            "012",
            "yes",
            "12:30",
            "2026-01-01",
            "1.10",
            "{{ input.a }}",
            "a: b",
            "a #b",
            "- x",
            "",
            " x",
            "null",
            "~",
            "=",
            "<<",
            "x\ny",
            "a, b",
            "[a]",
            "it's",
            '"q"',
            "#x",
            "@x",
            "*a",
            "&a",
            "!t",
            "%x",
            ">",
            "日本",
            "👍🏽",
            "a\u2028b",
            "\x07",
            "\ufeff",
            "key:",
            "?",
            "-",
            "---",
            "...",
            "\t",
            "1_000",
            "0x1",
            ".5",
            "1e3",
            "\xa0x",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
NUMBERS = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
slowly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def chosen(data: st.DataObject) -> tuple[str, Place]:
    number = data.draw(st.integers(0, len(TEXTS) - 1))
    text = TEXTS[number].replace("\n", data.draw(st.sampled_from(["\n", "\r\n"])))
    return text, data.draw(st.sampled_from(PLACES[number]))


def lines_around(text: str, place: Place) -> tuple[list[str], list[str]]:
    """The lines above a value (or its key), and those below it."""
    writer = _Writer(text, "")
    first = writer.document.mark(place, key=True).line - 1
    last = writer.line(writer.end(place)) + 1
    lines = text.splitlines(keepends=True)
    return lines[:first], lines[last:]


@slowly
@given(st.data())
def test_any_value_can_stand_at_any_place_and_nothing_else_changes(data: st.DataObject) -> None:
    text, place = chosen(data)
    value = data.draw(VALUES)
    before = parse_document(text, "").data
    new = put(text, place, value)
    assert same(parse_document(new, "").data, _replaced(before, place, value, ""))
    above, below = lines_around(text, place)
    lines = new.splitlines(keepends=True)
    assert lines[: len(above)] == above
    if below and place:
        assert lines[-len(below) :] == below
    assert put(new, place, value) == new


def changed(data: st.DataObject, value: Any) -> Any:
    """A value that differs from another in a few places."""
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 4)) == 0:
        return data.draw(VALUES)
    parts = list(value) if isinstance(value, dict) else list(range(len(value)))
    part, what = data.draw(st.sampled_from(parts)), data.draw(st.sampled_from(["inside", "gone", "more", "moved"]))
    value = value.copy()
    if what == "inside":
        value[part] = changed(data, value[part])
    elif what == "gone":
        del value[part]
    elif isinstance(value, dict):
        value[data.draw(WORDS)] = value.pop(part) if what == "moved" else data.draw(VALUES)
    else:
        value.insert(data.draw(st.integers(0, len(value))), value.pop(part) if what == "moved" else data.draw(VALUES))
    return value


@slowly
@given(st.data())
def test_any_change_of_a_value_can_be_written(data: st.DataObject) -> None:
    text, place = chosen(data)
    before = parse_document(text, "").data
    value = changed(data, changed(data, walk(place, before)))
    new = put(text, place, value)
    assert same(parse_document(new, "").data, _replaced(before, place, value, ""))
    above, _ = lines_around(text, place)
    assert new.splitlines(keepends=True)[: len(above)] == above


# -- fixes -----------------------------------------------------------------------------------------------


def problem(file: str, *fix: Any) -> Problem:
    return Problem("some-rule", "error", file, 1, 1, "wrong", fix=Fix(*fix))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one small file in it, and one that is none of ours."""
    made = tmp_path / "made"
    made.mkdir()
    (made / "some.yaml").write_text("a: bb\nc: dd\n", "utf-8")
    (tmp_path / "other.yaml").write_text("a: bb\n", "utf-8")
    return made


MENDED: dict[str, tuple[list[tuple[Any, ...]], str | None]] = {
    "two in two lines": ([(1, 4, 1, 6, "x"), (2, 1, 2, 2, "yy")], "a: x\nyy: dd\n"),
    "two in one line": ([(1, 1, 1, 2, "long"), (1, 4, 1, 6, "x")], "long: x\nc: dd\n"),
    "something is inserted": ([(1, 6, 1, 6, "!")], "a: bb!\nc: dd\n"),
    "over two lines": ([(1, 4, 2, 4, "")], "a: dd\n"),
    "the first of two that overlap": ([(1, 4, 1, 6, "x"), (1, 5, 1, 6, "y")], "a: x\nc: dd\n"),
    "the same twice": ([(1, 4, 1, 6, "x"), (1, 4, 1, 6, "x")], "a: x\nc: dd\n"),
    "a key that is there already": ([(2, 1, 2, 2, "a")], None),
    "no YAML any more": ([(1, 4, 1, 6, "[")], None),
    "only the bad one is left out": ([(1, 4, 1, 6, "["), (2, 4, 2, 6, "x")], "a: bb\nc: x\n"),
    "a place that is not there": ([(7, 1, 7, 2, "x"), (1, 8, 1, 9, "x"), (0, 1, 0, 2, "x")], None),
    "it ends before it starts": ([(2, 1, 1, 1, "x")], None),
    "nothing changes": ([(1, 4, 1, 6, "bb")], None),
}


@pytest.mark.parametrize("name", MENDED)
def test_fixes_are_applied_where_they_help(folder: Path, name: str) -> None:
    fixes, expected = MENDED[name]
    changes = mended(folder, [problem("some.yaml", *fix) for fix in fixes])
    assert changes == ({"some.yaml": ("a: bb\nc: dd\n", expected)} if expected else {})


def test_line_ends_and_the_byte_order_mark_stay(folder: Path) -> None:
    (folder / "some.yaml").write_bytes(b"\xef\xbb\xbfa: bb\r\nc: dd")
    write(folder, mended(folder, [problem("some.yaml", 1, 1, 1, 2, "x"), problem("some.yaml", 2, 4, 2, 6, "y")]))
    assert (folder / "some.yaml").read_bytes() == b"\xef\xbb\xbfx: bb\r\nc: y"


def test_a_file_that_is_not_in_the_folder_or_cannot_be_read_is_left_out(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(b"\xff")
    files = ["../other.yaml", "missing.yaml", "odd.yaml"]
    assert mended(folder, [problem(file, 1, 1, 1, 1, "x") for file in files]) == {}


def test_what_does_not_fit_the_format_is_not_made_more(tmp_path: Path) -> None:
    text = (ROOT / DELETE).read_text("utf-8")
    (tmp_path / DELETE).parent.mkdir(parents=True)
    (tmp_path / DELETE).write_text(text.replace("resource:", "resourse:"), "utf-8")
    assert mended(tmp_path, [problem(DELETE, 2, 1, 2, 7, "actoin")]) == {}
    [(_, new)] = mended(tmp_path, [problem(DELETE, 4, 1, 4, 9, "resource")]).values()
    assert new == text


def test_a_file_that_cannot_be_read_may_have_more_mistakes(folder: Path) -> None:
    (folder / "some.yaml").write_text("a: 'b\nc: [d\n", "utf-8")
    [(_, new)] = mended(folder, [problem("some.yaml", 1, 6, 1, 6, "'")]).values()
    assert new == "a: 'b'\nc: [d\n"


def test_what_check_would_mend_is_mended(tmp_path: Path) -> None:
    text = (ROOT / DELETE).read_text("utf-8")
    damaged = text.replace("effect: delete", "effect: delet").replace("{{ input.messageId }}.", "{{ input.mesageId }}.")
    for name in ("connector.yaml", "operations", "schemas"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path)], check=True)
    (tmp_path / DELETE).write_text(damaged, "utf-8")
    for _ in range(3):
        write(tmp_path, mended(tmp_path, check(tmp_path).problems))
    remaining = (tmp_path / DELETE).read_text("utf-8")
    assert len(set(remaining.splitlines()) - set(text.splitlines())) <= len(
        set(damaged.splitlines()) - set(text.splitlines())
    )


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are parsed from now on, each as often as it is."""
    parsed: list[str] = []

    def parse(text: str, file: str) -> Document:
        parsed.append(file)
        return parse_document(text, file)

    monkeypatch.setattr(edits, "parse_document", parse)
    return parsed


def test_many_fixes_of_a_file_cost_as_much_as_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "some.yaml").write_text("".join(f"k{number}: wrogn\n" for number in range(200)), "utf-8")
    fixes = [problem("some.yaml", n + 1, len(f"k{n}: ") + 1, n + 1, len(f"k{n}: ") + 6, "wrong") for n in range(200)]
    parsed = counted(monkeypatch)
    [(old, new)] = mended(folder, fixes).values()
    assert new == old.replace("wrogn", "wrong")
    assert len(parsed) == 2  # before and after
    parsed.clear()
    fixes[77] = problem("some.yaml", 78, 1, 78, 4, "k5")
    [(old, new)] = mended(folder, fixes).values()
    assert new == old.replace("wrogn", "wrong").replace("k77: wrong", "k77: wrogn")
    assert len(parsed) < 20


def test_a_bad_fix_does_not_hide_behind_a_good_one(tmp_path: Path) -> None:
    """One mistake more and one less are not as many as before."""
    text = (ROOT / DELETE).read_text("utf-8").replace("resource:", "resourse:")
    (tmp_path / DELETE).parent.mkdir(parents=True)
    (tmp_path / DELETE).write_text(text, "utf-8")
    fixes = [problem(DELETE, 2, 1, 2, 7, "actoin"), problem(DELETE, 4, 1, 4, 9, "resource")]
    for each in (fixes, fixes[::-1]):
        [(_, new)] = mended(tmp_path, each).values()
        assert new == text.replace("resourse:", "resource:")


def one_by_one(text: str, file: str, fixes: list[Fix]) -> str:
    """What `mended` gives, each fix tried by itself."""
    lines, known, new = edits._Lines(text), edits._faults(text, file), text
    taken: list[tuple[int, int, str]] = []
    for fix in dict.fromkeys(fixes):
        try:
            edit = (lines.offset(fix.line, fix.column), lines.offset(fix.end_line, fix.end_column), fix.text)
            tried = edits._applied(text, [*taken, edit])
        except ValueError:
            continue
        faults = edits._faults(tried, file)
        if not edits._is_worse(known, faults):
            taken, new, known = [*taken, edit], tried, faults
    return new


@slowly
@given(st.data())
def test_all_at_once_gives_what_one_by_one_gives(data: st.DataObject) -> None:
    text = (ROOT / DELETE).read_text("utf-8")
    for word in data.draw(st.sets(st.sampled_from(["description", "resource", "effect", "delete", "title", "output"]))):
        text = text.replace(word, word[1:])
    words = [(n, *found.span()) for n, line in enumerate(text.split("\n"), 1) for found in re.finditer(r"\w+", line)]
    wholes = ["description", "resource", "effect", "delete", "title", "output", "x", "[", "'", ""]
    chosen = data.draw(st.lists(st.tuples(st.sampled_from(words[:60]), st.sampled_from(wholes)), max_size=8))
    fixes = [Fix(line, start + 1, line, end + 1, new) for (line, start, end), new in chosen]
    assert edits._mended(text, DELETE, dict.fromkeys(fixes)) == one_by_one(text, DELETE, fixes)


@slowly
@given(st.data())
def test_a_fix_never_makes_a_file_worse(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("fix")
    text = data.draw(st.sampled_from([ODD, "a: 1\nb: [2, 3]\n", "x: 'open\n"]))
    (folder / "some.yaml").write_text(text, "utf-8")
    place = st.tuples(st.integers(0, 6), st.integers(0, 9))
    fixes = data.draw(
        st.lists(st.tuples(place, place, st.sampled_from(["", "x", "'", ":", "\n", " ", "{"])), max_size=4)
    )
    problems = [problem("some.yaml", *start, *end, new) for start, end, new in fixes]
    for _, new in mended(folder, problems).values():
        if text != "x: 'open\n":
            parse_document(new, "some.yaml")


# -- files -----------------------------------------------------------------------------------------------


def test_the_difference_is_a_unified_diff() -> None:
    old = "".join(f"{number}\n" for number in range(9))
    assert difference({"a.yaml": (old, old.replace("4", "four"))}) == (
        "--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n"
    )
    assert difference({"a.yaml": ("a", "b\n")}) == (
        "--- a.yaml\n+++ a.yaml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
    )
    assert difference({"a.yaml": ("a\r\n", "b\r\n")}).endswith("-a\r\n+b\r\n")
    assert difference({"a.yaml": ("a\n", "a\n")}) == ""


CHANGE = ("a: bb\nc: dd\n", "a: x\n")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_rights(folder: Path) -> None:
    (folder / "some.yaml").chmod(0o640)
    write(folder, {"some.yaml": CHANGE})
    assert (folder / "some.yaml").read_text("utf-8") == "a: x\n"
    assert stat.S_IMODE((folder / "some.yaml").stat().st_mode) == 0o640
    assert left(folder) == ["some.yaml"]


def test_a_file_that_was_changed_meanwhile_is_not_written_and_neither_are_the_others(folder: Path) -> None:
    (folder / "two.yaml").write_text("new\n", "utf-8")
    with pytest.raises(ManifestError, match=r"two\.yaml was changed meanwhile; nothing was written"):
        write(folder, {"some.yaml": CHANGE, "two.yaml": ("old\n", "mine\n")})
    assert (folder / "some.yaml").read_text("utf-8") == CHANGE[0]
    assert (folder / "two.yaml").read_text("utf-8") == "new\n"
    (folder / "two.yaml").unlink()
    with pytest.raises(ManifestError, match="cannot be read"):
        write(folder, {"some.yaml": CHANGE, "two.yaml": ("old\n", "mine\n")})


def test_a_link_is_followed_inside_the_folder_only(folder: Path) -> None:
    (folder / "inner.yaml").symlink_to("some.yaml")
    (folder / "outer.yaml").symlink_to("../other.yaml")
    (folder / "round.yaml").symlink_to("round.yaml")
    write(folder, {"inner.yaml": CHANGE})
    assert (folder / "inner.yaml").is_symlink() and (folder / "some.yaml").read_text("utf-8") == "a: x\n"
    for file in ("outer.yaml", "../other.yaml", "round.yaml"):
        with pytest.raises(ManifestError, match="nothing was written"):
            write(folder, {file: ("a: bb\n", "a: x\n")})
    assert (folder.parent / "other.yaml").read_text("utf-8") == "a: bb\n"
    with pytest.raises(ManifestError, match="the same file"):
        write(folder, {"inner.yaml": ("a: x\n", "a: y\n"), "some.yaml": ("a: x\n", "a: z\n")})


def three(folder: Path) -> dict[str, tuple[str, str]]:
    for name in "xyz":
        (folder / f"{name}.yaml").write_text(f"{name}\n", "utf-8")
    return {f"{name}.yaml": (f"{name}\n", f"new {name}\n") for name in "xyz"}


@pytest.mark.parametrize("fails", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl-C"])
def test_where_one_file_cannot_be_written_none_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails: int, error: BaseException
) -> None:
    changes, calls, really = three(folder), [0], os.replace

    def replaced(source: Any, target: Any) -> None:
        calls[0] += 1
        if calls[0] == fails:
            raise error
        really(source, target)

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises((ManifestError, KeyboardInterrupt)) as caught:
        write(folder, changes)
    if isinstance(error, OSError):
        name = "xyz"[fails - 1]
        assert str(caught.value) == (
            f"{name}.yaml could not be written (No space left on device); all files are as they were"
        )
    assert [(folder / f"{name}.yaml").read_text("utf-8") for name in "xyz"] == ["x\n", "y\n", "z\n"]
    assert left(folder) == ["some.yaml", "x.yaml", "y.yaml", "z.yaml"]


def test_what_cannot_be_put_back_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, calls, really = three(folder), [0], os.replace

    def replaced(source: Any, target: Any) -> None:
        calls[0] += 1
        if calls[0] > 1:
            raise OSError(5, "Input/output error")
        really(source, target)

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises(ManifestError, match=r"^y\.yaml could not be written .*; changed all the same: x\.yaml$"):
        write(folder, changes)
    assert [(folder / f"{name}.yaml").read_text("utf-8") for name in "xyz"] == ["new x\n", "y\n", "z\n"]
    assert left(folder) == ["some.yaml", "x.yaml", "y.yaml", "z.yaml"]


def test_a_full_disk_is_noticed_before_any_file_is_touched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = three(folder)

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ManifestError, match="all files are as they were"):
        write(folder, changes)
    assert (folder / "x.yaml").read_text("utf-8") == "x\n"
    assert left(folder) == ["some.yaml", "x.yaml", "y.yaml", "z.yaml"]


KILLED = """
import os, signal, sys
from pathlib import Path
from connector_runtime.edits import write
name, moment = sys.argv[2], int(sys.argv[3])
really, calls = getattr(os, name), [0]
def dying(*arguments):
    calls[0] += 1
    if calls[0] == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    return really(*arguments)
setattr(os, name, dying)
write(Path(sys.argv[1]), {"x.yaml": ("x\\n", "new x\\n"), "y.yaml": ("y\\n", "new y\\n")})
"""


@pytest.mark.parametrize("moment", [("fsync", 1), ("fsync", 2), ("replace", 1), ("replace", 2), ("chmod", 1)])
def test_a_file_is_whole_whenever_the_process_is_killed(folder: Path, moment: tuple[str, int]) -> None:
    three(folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), moment[0], str(moment[1])], timeout=30, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert (folder / "x.yaml").read_text("utf-8") in ("x\n", "new x\n")
    assert (folder / "y.yaml").read_text("utf-8") == "y\n"
