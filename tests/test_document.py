"""Strict YAML: what a file may be, where everything in it stands, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from connector_runtime.document import MAX_BYTES, MAX_DEPTH, LookAlike, Mark, lines_of, parse_document, read_text
from connector_runtime.errors import ManifestError, Problem
from hypothesis import example, given, settings
from hypothesis import strategies as st


def refused(text: str) -> Problem:
    with pytest.raises(ManifestError) as caught:
        parse_document(text, "some.yaml")
    [problem] = caught.value.problems
    assert str(caught.value) == str(problem)
    assert problem.file == "some.yaml"
    return problem


def refused_file(folder: Path, content: bytes) -> Problem:
    (folder / "some.yaml").write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        parse_document(read_text(folder / "some.yaml", "some.yaml"), "some.yaml")
    [problem] = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("478", 478),
        ("999999999999999999", 999999999999999999),
        ("1.10", 1.1),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("2.5E-3", 0.0025),
        ("plain text", "plain text"),
        ("2 apples", "2 apples"),
        ("28d", "28d"),
        ("4f2a", "4f2a"),
        ("https://example.com:80/a#b", "https://example.com:80/a#b"),
        ("v1.10", "v1.10"),
        ("nothing", "nothing"),
        ("'true'", "true"),
        ('"478"', "478"),
        ("'1.10'", "1.10"),
        ("'NO'", "NO"),
        ("''", ""),
        (r'"a\nb\u00e9"', "a\nbé"),
        ("|\n  12\n  true", "12\ntrue"),
        (">-\n  folded\n  text", "folded text"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_and_people_agree_on(written: str, value: Any) -> None:
    data = parse_document(f"key: {written}", "some.yaml").data["key"]
    assert (type(data), data) == (type(value), value)


@pytest.mark.parametrize(
    "written",
    [
        *("NO", "no", "No", "yes", "on", "Off", "y", "N", "True", "FALSE", "Null", "~"),
        *("012", "0o17", "0x1F", "0xF1", "0xff", "0b101", "1_000", "1,000", "+1", "+1e5", "-.5", ".5", "1."),
        *("12:30", "12:30:00", "1.2.3", ".inf", "-.INF", ".nan", "1e400", "1e1000", "12345678901234567890"),
        *("2026-01-01", "2026-1-1", "2026-01-01T09:00:00Z", "2026-01-01 09:00:00 +02:00"),
    ],
)
def test_what_may_be_read_in_two_ways_is_marked_as_a_look_alike(written: str) -> None:
    document = parse_document(f"key: {written}", "some.yaml")
    assert (type(document.data["key"]), document.data["key"]) == (LookAlike, written)
    assert document.plain == {("key",): written}


@pytest.mark.parametrize("written", ["true", "null", "478", "1.10", "NO"])
def test_the_text_of_an_unquoted_scalar_is_kept_as_written(written: str) -> None:
    assert parse_document(f"[{written}, '{written}']", "some.yaml").plain == {(0,): written}


@pytest.mark.parametrize("key", ["on", "1.10", "true", "~", "2026-01-01"])
def test_a_key_is_always_the_text_as_written(key: str) -> None:
    [(found, _)] = parse_document(f"{key}: 1", "some.yaml").data.items()
    assert (type(found), found) == (str, key)


REFUSED = {
    "an empty file": ("", "yaml-empty", 1, 1, "the file is empty"),
    "only comments": ("# nothing\n", "yaml-empty", 1, 1, "the file holds only comments"),
    "a duplicate key": (
        "a: 1\nb: 2\na: 3\n",
        "yaml-duplicate",
        3,
        1,
        "'a' stands here a second time (first in line 1)",
    ),
    "a duplicate key, once quoted": ("a: 1\n'a': 3\n", "yaml-duplicate", 2, 1, "'a' stands here a second time"),
    "a duplicate key deep down": ("a:\n  - {b: 1, b: 2}\n", "yaml-duplicate", 2, 12, "'b' stands here a second time"),
    "a tag": (
        "a: !!python/object:os.system x\n",
        "yaml-tag",
        1,
        4,
        "'!!python/object:os.system' is a tag, and the format has none",
    ),
    "a tag of its own": ("a:\n  b: !secret x\n", "yaml-tag", 2, 6, "'!secret' is a tag"),
    "a tag on a key": ("!!int 1: x\n", "yaml-tag", 1, 1, "is a tag"),
    "a tag on a list": ("a: !!set [x]\n", "yaml-tag", 1, 4, "is a tag"),
    "a second document": ("a: 1\n---\nb: 2\n", "yaml-documents", 2, 1, "a second document starts here (---)"),
    "a list as a key": ("? [a]\n: b\n", "yaml-key", 1, 3, "a list cannot be a key"),
    "a mapping as a key": ("{a: b}: c\n", "yaml-key", 1, 1, "an object cannot be a key"),
    "an alias as a key": ("a: &x b\n*x : c\n", "yaml-key", 2, 1, "this cannot be a key"),
    "an alias of nothing": ("a: *nobody\n", "yaml-alias", 1, 4, "'*nobody' names nothing that stands before it"),
    "an alias before its anchor": ("a: *x\nb: &x 1\n", "yaml-alias", 1, 4, "'*x' names nothing"),
    "an alias inside itself": ("a: &x [*x]\n", "yaml-alias", 1, 8, "'*x' names nothing"),
    "a tab as indentation": ("a:\n\tb: 1\n", "yaml-syntax", 2, 1, "this is not YAML: "),
    "an open bracket": ("a: [1, 2\nb: 3\n", "yaml-syntax", 2, 2, "this is not YAML: "),
    "two colons": ("a: b: c\n", "yaml-syntax", 1, 5, "this is not YAML: mapping values are not allowed"),
    "an open quote": ("a: 'b\n", "yaml-syntax", 2, 1, "this is not YAML: "),
    "a control character": ("a: 1\nb: \x01\n", "yaml-syntax", 2, 1, "a character that it does not allow"),
    "a control character after umlauts": ("ä: ööö\n\n\nb: \x00\n\n\n\n", "yaml-syntax", 4, 1, "does not allow"),
}


@pytest.mark.parametrize(("text", "rule", "line", "column", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_at_its_place(text: str, rule: str, line: int, column: int, message: str) -> None:
    problem = refused(text)
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)
    assert message in problem.message


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
LADDER = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))

DEEP = {
    "brackets": ("[" * 100_000, "yaml-depth"),
    "braces": ("{a: " * 100_000, "yaml-depth"),
    "braces without keys": ("{" * 100_000, "yaml-key"),
    "dashes": ("- " * 100_000, "yaml-depth"),
    "mappings in blocks": ("".join(" " * n + "a:\n" for n in range(1000)), "yaml-depth"),
    "question marks": ("? " * 100_000, "yaml-key"),
    "anchors": ("&a [" * 100_000, "yaml-depth"),
    "aliases that explode": (LAUGHS, "yaml-alias"),
    "depth through aliases": (LADDER, "yaml-depth"),
    "a very long list": ("[" + "1," * 150_000 + "]", "yaml-size"),
}


@pytest.mark.parametrize(("text", "rule"), DEEP.values(), ids=DEEP)
def test_files_made_to_break_the_reader_are_refused_quickly(text: str, rule: str) -> None:
    assert refused(text).rule == rule


def test_the_deepest_file_that_is_allowed_is_read() -> None:
    data = parse_document("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH, "some.yaml").data
    for _ in range(MAX_DEPTH):
        [data] = data
    assert data == "x"
    assert refused("[" * (MAX_DEPTH + 1) + "x" + "]" * (MAX_DEPTH + 1)).rule == "yaml-depth"


def test_the_largest_file_that_is_allowed_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    start = b"a: 1 #"
    problem = refused_file(tmp_path, start + b"x" * (MAX_BYTES + 1 - len(start)))
    assert (problem.rule, problem.message) == ("yaml-size", "the file is larger than 1,000,000 bytes")
    (tmp_path / "some.yaml").write_bytes(start + b"x" * (MAX_BYTES - len(start)))
    assert parse_document(read_text(tmp_path / "some.yaml", "some.yaml"), "some.yaml").data == {"a": 1}


def test_what_is_not_utf_8_is_refused_in_its_line(tmp_path: Path) -> None:
    problem = refused_file(tmp_path, "a: ä\nb: 2\nc: ".encode() + "ü\nd: 4\n".encode("latin-1"))
    assert (problem.rule, problem.line) == ("yaml-encoding", 3)
    assert problem.text == "the file is not UTF-8 here; save it as UTF-8"


def test_a_file_of_windows_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = parse_document(read_text(tmp_path / "some.yaml", "some.yaml"), "some.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.mark(("b",)) == Mark(2, 4, 2, 5)
    assert document.lines == ("a: 1", "b: 2")


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_document(read_text(tmp_path / name, "some.yaml"), "some.yaml")
    [problem] = caught.value.problems
    assert problem.rule == "yaml-read"
    assert problem.message.startswith("the file cannot be read: ")


def test_an_alias_is_a_copy_that_can_be_changed_on_its_own() -> None:
    data = parse_document("a: &x {b: [1]}\nc: *x\n", "some.yaml").data
    data["c"]["b"].append(2)
    assert data == {"a": {"b": [1]}, "c": {"b": [1, 2]}}


def test_of_two_anchors_of_one_name_the_nearer_counts() -> None:
    assert parse_document("[&x 1, *x, &x 2, *x]", "some.yaml").data == [1, 1, 2, 2]


MARKED = """\
title: Übersicht
items:
  - {name: été, size: 12}
  - &second
    name: "zwei"
again: *second
"""


@pytest.mark.parametrize(
    ("place", "key", "mark"),
    [
        ((), False, (1, 1)),
        (("title",), False, (1, 8)),
        (("title",), True, (1, 1)),
        (("items", 0, "size"), True, (3, 17)),
        (("items", 0, "size"), False, (3, 23)),
        (("items", 1, "name"), False, (5, 11)),
        (("again",), True, (6, 1)),
        (("again",), False, (6, 8)),
        (("again", "name"), False, (5, 11)),
        (("again", "name"), True, (5, 5)),
        (("items", 0, "nothing", "here"), False, (3, 5)),
        (("items", 0, "nothing"), True, (3, 5)),
        (("nothing",), True, (1, 1)),
    ],
)
def test_every_key_and_value_knows_its_line_and_column(place: Any, key: bool, mark: tuple[int, int]) -> None:
    assert parse_document(MARKED, "some.yaml").mark(place, key=key)[:2] == mark


def test_a_mark_ends_where_its_value_ends() -> None:
    document = parse_document(MARKED, "some.yaml")
    assert document.mark(("title",)) == Mark(1, 8, 1, 17)
    assert document.mark(("items", 1, "name")) == Mark(5, 11, 5, 17)


def test_the_unquoted_scalars_of_an_anchor_are_known_at_its_alias_too() -> None:
    document = parse_document("a: &x {b: 1.10}\nc: *x\nd: &y NO\ne: *y\n", "some.yaml")
    assert document.plain == {("a", "b"): "1.10", ("c", "b"): "1.10", ("d",): "NO", ("e",): "NO"}


def test_a_problem_stands_at_the_key_or_at_the_value() -> None:
    document = parse_document(MARKED, "some.yaml")
    at_value = document.problem("some-rule", ("title",), "wrong", "do better")
    assert str(at_value) == "some.yaml:1:8: wrong; do better [some-rule]"
    assert document.problem("some-rule", ("title",), "wrong", key=True).column == 1


def test_a_problem_is_one_line() -> None:
    problem = parse_document(MARKED, "some.yaml").problem("some-rule", ("title",), "wrong\nhere", "do\r\nbetter")
    assert len(str(problem).splitlines()) == 1
    assert "\n" not in problem.message + problem.hint


def _is_plain_data(data: Any) -> bool:
    if isinstance(data, dict):
        return all(type(key) is str and _is_plain_data(value) for key, value in data.items())
    if isinstance(data, list):
        return all(_is_plain_data(item) for item in data)
    return data is None or type(data) in (str, LookAlike, bool, int, float)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=80) | st.text("{}[]:-,&*!|>'\"%@`#? \n\tab01~", max_size=80))
@example("%YAML 9.9\n--- a")
@example("%FOO\n---\n...\n...")
@example("\ufeff")
@example("a: \ufffe")
def test_any_text_is_data_or_a_manifest_error(text: str) -> None:
    try:
        document = parse_document(text, "some.yaml")
    except ManifestError as error:
        [problem] = error.problems
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + len(text.splitlines()) + 2
    else:
        assert _is_plain_data(document.data)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_data_or_a_manifest_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    try:
        document = parse_document(read_text(path, "any.yaml"), "any.yaml")
    except ManifestError as error:
        assert len(error.problems) == 1  # noqa: PT017
    else:
        assert _is_plain_data(document.data)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc xyzé", max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(_JSON)
def test_json_is_yaml_and_means_the_same(data: Any) -> None:
    assert parse_document(json.dumps(data), "some.yaml").data == data


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_the_lines_of_a_document_are_those_of_its_marks(line_end: str) -> None:
    document = parse_document(f"a: 1{line_end}# b{line_end}{line_end}c: 2{line_end}", "a.yaml")
    assert document.lines == ("a: 1", "# b", "", "c: 2")
    assert document.lines[document.mark(("c",), key=True).line - 1] == "c: 2"


def test_only_what_yaml_takes_for_a_line_end_is_one() -> None:
    """Also in a text that is no YAML: its problem is shown beside its own line."""
    assert lines_of("a\x0bb\x0cc\x1cd\x1de\x1ef\ng") == ("a\x0bb\x0cc\x1cd\x1de\x1ef", "g")
    assert (lines_of(""), lines_of("\n"), lines_of("a\n\n")) == ((), ("",), ("a", ""))
