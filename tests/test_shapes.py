"""Shapes: what stands at a path of what is declared, or was seen, and which part of a path cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from connector_runtime.paths import ABSENT, EVERY, Every, Part, children, parse_path, walk
from connector_runtime.schemas import kind_of
from connector_runtime.shapes import ANY, SEEN, Missing, any_of, branches, follow, kinds, shape_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "id", "items", "a-b"])
PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, -1.5]) | st.sampled_from(["", "x", "y"])
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12)  # fmt: skip


@st.composite
def paths_in(draw: st.DrawFn, data: Any) -> tuple[Part, ...]:
    """A path that leads to something in the data; `[*]` in some of the places where it may stand."""
    path: list[Part] = []
    while (inside := children(data)) and draw(st.integers(0, 4)):
        key, below = draw(st.sampled_from(inside))
        if isinstance(data, dict) and draw(st.integers(0, 5)) == 0:
            path.append(Every(EVERY))  # an object counts as a list of one
            continue
        path.append(Every(EVERY) if isinstance(data, list) and draw(st.booleans()) else key)
        data = below
    return tuple(path)


def wide(found: frozenset[str]) -> frozenset[str]:
    """A whole number is a number, too."""
    return found | {"integer"} if "number" in found else found


@given(st.data(), JSON)
@settings(max_examples=400, deadline=None)
def test_what_is_there_is_never_missing(data: st.DataObject, value: Any) -> None:
    path = data.draw(paths_in(value))
    assert walk(path, value) is not ABSENT
    found = follow(shape_of([value]), path)
    assert not isinstance(found, Missing), (path, value)
    known = kinds(found)
    assert known is None or kind_of(walk(path, value)) in wide(known)


@given(st.data(), st.lists(JSON, min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_what_one_of_several_has_is_never_missing_in_the_shape_of_all(data: st.DataObject, values: list[Any]) -> None:
    value = data.draw(st.sampled_from(values))
    path = data.draw(paths_in(value))
    found = follow(shape_of(values), path)
    assert not isinstance(found, Missing), (path, values)
    known = kinds(found)
    assert known is None or kind_of(walk(path, value)) in wide(known)


@pytest.mark.parametrize("path", ["[*].a", "[*].b"])
def test_where_there_may_be_a_list_or_one_object_every_takes_either(path: str) -> None:
    shape = shape_of([{"a": 1}, [{"b": 2}]])
    assert not isinstance(follow(shape, parse_path(path)), Missing)


@given(st.data(), st.lists(JSON, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_is_missing_in_the_shape_of_all_is_in_none(data: st.DataObject, values: list[Any]) -> None:
    """The part that is named is the first that leads nowhere."""
    parts = st.lists(KEYS | st.integers(0, 2), max_size=4)
    path = tuple(data.draw(parts))
    found = follow(shape_of(values), path)
    assume(isinstance(found, Missing))
    assert isinstance(found, Missing)
    assert all(walk(path[: found.at + 1], value) is ABSENT for value in values)
    assert not isinstance(follow(shape_of(values), path[: found.at]), Missing)
    assert found.seen


@given(st.lists(JSON, max_size=4))
@settings(max_examples=200, deadline=None)
def test_the_kinds_of_a_shape_are_those_of_its_values(values: list[Any]) -> None:
    assert (kinds(shape_of(values)) or frozenset()) == {kind_of(value) for value in values}


def test_the_shape_of_values_has_the_fields_of_all_and_what_was_seen() -> None:
    shape = shape_of([{"id": "1", "tags": []}, {"id": 2, "tags": ["a"]}])
    assert shape["type"] == ["object"]
    assert shape["properties"]["id"] == {"type": ["string", "integer"], SEEN: ["1", 2]}
    assert shape["properties"]["tags"] == {"type": ["array"], SEEN: [], "items": {"type": ["string"], SEEN: ["a"]}}


def test_of_no_values_and_of_empty_lists_nobody_knows_more() -> None:
    assert kinds(shape_of([])) is None
    assert follow(shape_of([[]]), (0, "id")) == ANY
    assert follow(shape_of([]), ("id",)) == ANY


DECLARED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "state": {"enum": ["SENT", None]},
        "media": {"type": ["array", "null"], "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "free": {"type": "object"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "open": {"properties": {"a": {"type": "string"}}, "additionalProperties": True},
        "any": {},
        "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"id": {"type": "integer"}}}]},
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("text", {"string"}),
        ("state", {"string", "null"}),
        ("media", {"array", "null"}),
        ("media[0]", {"object"}),
        ("media[7].id", {"string"}),
        ("media[*]", {"array"}),
        ("media[*].id", {"array"}),
        ("free.what.ever", None),
        ("counts.a", {"integer"}),
        ("open.a", {"string"}),
        ("open.b.c", None),
        ("any.a[0].b", None),
        ("either", {"string", "object"}),
        ("either.id", {"integer"}),
        ("free[*]", {"array"}),  # an object counts as a list of one
    ],
)
def test_what_stands_at_a_path_of_what_is_declared(path: str, expected: set[str] | None) -> None:
    found = follow(DECLARED, parse_path(path))
    assert not isinstance(found, Missing)
    assert kinds(found) == expected


@pytest.mark.parametrize(
    ("path", "at", "kind", "known"),
    [
        ("txt", 0, "", tuple(DECLARED["properties"])),
        ("text.length", 1, "string", ()),
        ("media.id", 1, "array", ()),
        ("media[0].url", 2, "", ("id",)),
        ("media[*].url", 2, "", ("id",)),
        ("text[0]", 1, "string", ()),
        ("text[*]", 1, "string", ()),
        ("counts.a.b", 2, "integer", ()),
        ("either.name", 1, "", ("id",)),
        ("free[0]", 1, "", ()),
    ],
)
def test_the_part_of_a_path_that_cannot_be_is_named(path: str, at: int, kind: str, known: tuple[str, ...]) -> None:
    assert follow(DECLARED, parse_path(path)) == Missing(at, known, False, kind)


def test_it_is_known_whether_only_examples_say_that_it_is_missing() -> None:
    assert follow(shape_of([{"a": 1}]), ("b",)) == Missing(0, ("a",), True)
    both = any_of([DECLARED, shape_of([{"a": 1}])])
    assert follow(both, ("b",)) == Missing(0, (*DECLARED["properties"], "a"), True)


def test_a_path_may_be_followed_from_its_middle() -> None:
    assert follow(DECLARED, ("input", "text"), 1) == {"type": "string"}
    assert follow(DECLARED, ("input", "txt"), 1) == Missing(1, tuple(DECLARED["properties"]), False)


def test_any_of_several_is_each_of_them_and_unknown_where_one_is() -> None:
    one, other = {"type": "string"}, {"type": "integer"}
    assert any_of([one]) is one
    assert [*branches(any_of([any_of([one, other]), {"type": "null"}]))] == [one, other, {"type": "null"}]
    assert kinds(any_of([one, other])) == {"string", "integer"}
    assert any_of([one, ANY]) == ANY
    assert any_of([]) == ANY


def test_a_constant_has_the_type_of_its_value() -> None:
    assert kinds({"const": None}) == {"null"}
    assert kinds({"enum": ["a", 1, True]}) == {"string", "integer", "boolean"}
