"""What an expression gives before it is carried out: never something else than it then gives.

The first tests are the important ones: whatever is claimed of an expression over random data is held against what comes
of it. A claim that is wrong would be a mistake shown to somebody who made none.
"""

from __future__ import annotations

from typing import Any

import pytest
from connector_runtime.expressions import ExpressionError, parse_expression
from connector_runtime.inference import Complaint, infer, never, words
from connector_runtime.paths import ABSENT
from connector_runtime.schemas import TYPES, kind_of
from connector_runtime.shapes import ANY, any_of, kinds, shape_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

KEYS = ["a", "b", "c"]
TIME = "2026-05-01T11:00:00+02:00"
PLAIN = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 2.5]) | st.sampled_from(["", "x", TIME])
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
DATA = st.fixed_dictionaries(dict.fromkeys(KEYS, VALUES))

PATHS = st.sampled_from(
    [
        "input",
        *(f"input.{key}" for key in KEYS),
        "input.a.b",
        "input.b[0]",
        "input.c[*]",
        "input.a[*].b",
        "input.b[0].c",
    ]
)
LITERALS = st.sampled_from(["'x'", "''", "0", "2", "-1", "-0.5", "2.5", "true", "false", "null", "none", f"'{TIME}'"])


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        inner.map(lambda it: f"(not {it})"),
        st.tuples(two, st.sampled_from(["and", "or", "==", "!=", "<", ">=", "in", "not in"])).map(
            lambda it: f"({it[0][0]} {it[1]} {it[0][1]})"
        ),
        st.tuples(two, inner).map(lambda it: f"({it[0][0]} if {it[1]} else {it[0][1]})"),
        two.map(lambda it: f"({it[0]} if {it[1]})"),
        st.lists(inner, max_size=3).map(lambda it: f"[{', '.join(it)}]"),
        st.tuples(inner, st.sampled_from(["utc", "date", "first", "length", "join(',')", "plus('1h')"])).map(
            lambda it: f"({it[0]} | {it[1]})"
        ),
        st.tuples(two, st.sampled_from(["default", "common"])).map(lambda it: f"({it[0][0]} | {it[1]}({it[0][1]}))"),
    )


EXPRESSIONS = st.recursive(PATHS | LITERALS, _longer, max_leaves=5)
SEVERAL = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def given_by(text: str, data: Any) -> Any:
    """What comes of an expression; a case that cannot be carried out is none."""
    try:
        value = parse_expression(text).evaluate({"input": data})
    except ExpressionError:
        assume(False)
    assume(value is not ABSENT)
    return value


def wide(found: frozenset[str]) -> frozenset[str]:
    """A whole number is a number, too."""
    return found | {"integer"} if "number" in found else found


@given(EXPRESSIONS, st.lists(DATA, min_size=1, max_size=3))
@SEVERAL
def test_what_an_expression_gives_is_of_the_kinds_that_were_inferred(text: str, several: list[Any]) -> None:
    """The shape is that of several values, as of several examples; the value is the first one's."""
    shape, _ = infer(text, {"input": shape_of(several)})
    known = kinds(shape)
    value = given_by(text, several[0])
    assert known is None or kind_of(value) in wide(known), (known, value)


@given(EXPRESSIONS, DATA, st.sets(st.sampled_from([*TYPES]), min_size=1).map(frozenset))
@SEVERAL
def test_what_never_is_of_a_type_is_not_of_it(text: str, data: Any, wanted: frozenset[str]) -> None:
    """`never` is what problems are made of: where it is said, no value is of a wanted type. Null is always let through."""
    shape, _ = infer(text, {"input": shape_of([data])})
    assume(never(shape, wanted))
    value = given_by(text, data)
    assert value is None or kind_of(value) not in wide(wanted), value


FILTERED = st.tuples(
    PATHS | LITERALS, st.sampled_from(["utc", "date", "length", "join(',')", "plus('1h')", "common([])"])
)


@given(FILTERED, DATA)
@SEVERAL
def test_a_filter_that_is_complained_of_never_works(pair: tuple[str, str], data: Any) -> None:
    text = " | ".join(pair)
    _, complaints = infer(text, {"input": shape_of([data])})
    assume(complaints)
    value = parse_expression(pair[0]).evaluate({"input": data})
    if value is not ABSENT:
        with pytest.raises(ExpressionError):
            parse_expression(text).evaluate({"input": data})


@given(st.tuples(PATHS | LITERALS, st.sampled_from(["==", "in"]), PATHS | LITERALS | st.just("['x', 2]")), DATA)
@SEVERAL
def test_a_comparison_that_is_complained_of_is_never_true(parts: tuple[str, str, str], data: Any) -> None:
    text = " ".join(parts)
    _, complaints = infer(text, {"input": shape_of([data])})
    assume(complaints)
    sides = [parse_expression(each).evaluate({"input": data}) for each in (parts[0], parts[2])]
    assume(ABSENT not in sides)
    try:
        assert parse_expression(text).evaluate({"input": data}) is False
    except ExpressionError:
        assert parts[1] == "in"


NAMES: dict[str, Any] = {
    "input": {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"type": "integer"},
            "ratio": {"type": "number"},
            "on": {"type": "boolean"},
            "state": {"type": "string", "enum": ["SENT", "FAILED"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "kinds": {"type": "array", "items": {"enum": ["a", "b"]}},
            "maybe": {"type": ["array", "null"], "items": {"type": "string"}},
            "either": {"type": ["string", "array"], "items": {"type": "integer"}},
            "one": {"type": "object", "properties": {"id": {"type": "string"}}},
            "rows": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
            "any": {},
            "nothing": {"type": "null"},
        },
    }
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input.text", {"string"}),
        (" input.text ", {"string"}),
        ("input.one.id", {"string"}),
        ("input['text']", {"string"}),
        ("input.rows[0].id", {"string"}),
        ("input.rows[*].id", {"array"}),
        ("input.any", None),
        ("input.any.what.ever", None),
        ("input.nowhere", None),  # another rule says that
        ("other.nowhere", None),
        ("'a'", {"string"}),
        ("2", {"integer"}),
        ("2.5", {"number"}),
        ("true", {"boolean"}),
        ("[]", {"array"}),
        ("[input.text, 2]", {"array"}),
        ("not input.text", {"boolean"}),
        ("input.count == 2", {"boolean"}),
        ("input.text in input.tags", {"boolean"}),
        ("input.text and input.count", {"string", "integer"}),
        ("input.text or input.count", {"string", "integer"}),
        ("input.text or input.any", None),
        ("input.text if input.on else input.count", {"string", "integer"}),
        ("input.text if input.on", {"string"}),
        ("input.text | utc", {"string"}),
        ("input.text | plus('1h')", {"string"}),
        ("input.text | date", {"string"}),
        ("input.tags | join(', ')", {"string"}),
        ("input.tags | length", {"integer"}),
        ("input.tags | first", {"string"}),
        ("input.text | first", {"string"}),
        ("input.maybe | first", {"string"}),
        ("input.either | first", {"string", "integer"}),
        ("input.any | first", None),
        ("input.maybe | default('none')", {"array", "null", "string"}),
        ("input.text | default(input.count)", {"string", "integer"}),
        ("input.tags | common(['a'])", {"array"}),
        ("input.nothing | common(['a'])", {"array"}),
        ("input.tags | common(['a']) | first | length", {"integer"}),
    ],
)
def test_each_kind_of_expression_gives_what_it_gives(text: str, expected: set[str] | None) -> None:
    shape, complaints = infer(text, NAMES)
    known = kinds(shape)
    assert (None if known is None or expected is None else known - {"null"}, complaints) == (
        None if expected is None else expected - {"null"},
        [],
    )
    assert (known is None) == (expected is None)


def test_a_negative_whole_number_may_stand_where_a_whole_number_is_wanted() -> None:
    assert not never(infer("-5", NAMES)[0], frozenset({"integer"}))
    assert not never(infer("-5", NAMES)[0], frozenset({"number"}))
    assert not never({"type": "number"}, frozenset({"integer"}))  # 5 is a number


def test_what_is_in_a_list_is_known() -> None:
    assert kinds(infer("['a', 2] | first", NAMES)[0]) == {"string", "integer"}
    assert kinds(infer("[input.tags] | first", NAMES)[0]) == {"array"}
    assert kinds(infer("input.rows | first", NAMES)[0]) == {"object"}
    assert kinds(infer("[] | first", NAMES)[0]) is None


COMPLAINTS: dict[str, Complaint] = {
    "input.tags | utc": Complaint("utc takes text, and 'input.tags' is a list", word="utc"),
    "input.count | date": Complaint("date takes text, and 'input.count' is a whole number", word="date"),
    "input.on | plus('1h')": Complaint("plus takes text, and 'input.on' is true or false", word="plus"),
    "input.count | length": Complaint(
        "length takes text or an object or a list, and 'input.count' is a whole number", word="length"
    ),
    "input.one | join(', ')": Complaint("join takes text or a list, and 'input.one' is an object", word="join"),
    "input.text | common(['a'])": Complaint("common takes a list, and 'input.text' is text", word="common"),
    "(input.text == 'a') | utc": Complaint("utc takes text, and what stands there is true or false", word="utc"),
    "2 | utc": Complaint("utc takes text, and 2 is a whole number", word="utc"),
    "'a' in input.count": Complaint("in looks into a list or a text, and 'input.count' is a whole number"),
    "'a' not in input.one": Complaint("in looks into a list or a text, and 'input.one' is an object"),
    "input.state == 'SNET'": Complaint("it is never 'SNET'", "did you mean 'SENT'?", "SNET", "SENT"),
    "'SNET' != input.state": Complaint("it is never 'SNET'", "did you mean 'SENT'?", "SNET", "SENT"),
    "input.state == 'number'": Complaint("it is never 'number'", "it can be 'SENT', 'FAILED'", "number"),
    "input.state in ['SENT', 'FALED']": Complaint("it is never 'FALED'", "did you mean 'FAILED'?", "FALED", "FAILED"),
    "'c' in input.kinds": Complaint("it is never 'c'", "it can be 'a', 'b'", "c"),
    "input.count == 'a'": Complaint("'input.count' is a whole number and 'a' is text: they are never the same"),
    "input.tags == input.text": Complaint("'input.tags' is a list and 'input.text' is text: they are never the same"),
    "2 in input.tags": Complaint("2 is a whole number and 'input.tags' is text: they are never the same"),
}


@pytest.mark.parametrize("text", COMPLAINTS)
def test_what_can_never_be_right_is_said_once(text: str) -> None:
    assert infer(text, NAMES)[1] == [COMPLAINTS[text]]


@pytest.mark.parametrize(
    "around", ["not ({})", "({}) and input.on", "input.on or ({})", "[{}]", "1 if ({}) else 2", "({}) | default(1)"]
)
def test_it_is_found_inside_of_anything(around: str) -> None:
    text = around.format("input.count == 'a'")
    assert [it.message for it in infer(text, NAMES)[1]] == [COMPLAINTS["input.count == 'a'"].message]


@pytest.mark.parametrize(
    "text",
    [
        "input.any | utc",
        "input.maybe | join(',')",
        "input.either | utc",
        "input.nothing | utc",  # null is always let through
        "input.state == 'SENT'",
        "input.state in ['SENT', 'FAILED']",
        "input.state in input.tags",
        "'a' in input.kinds",
        "'a' in input.text",
        "'a' in input.maybe",
        "'a' in input.any",
        "input.count == 2.5",
        "input.ratio == 2",
        "input.any == 'a'",
        "input.maybe == null",
        "input.count < 'a'",  # an order is not looked at
        "input.nowhere == 2",
    ],
)
def test_nothing_is_said_of_what_may_be_right(text: str) -> None:
    assert infer(text, NAMES)[1] == []


def test_never_lets_null_and_the_unknown_through() -> None:
    text = frozenset({"string"})
    assert never({"type": "integer"}, text)
    assert never({"type": ["integer", "null"]}, text)
    assert not never({"type": "null"}, text)
    assert not never(ANY, text)
    assert not never(any_of([{"type": "integer"}, ANY]), text)
    assert not never({"type": ["integer", "string"]}, text)
    assert not never({"type": "integer"}, frozenset({"number"}))


def test_types_are_said_in_words() -> None:
    assert words({"type": ["null", "array", "string"]}) == "text or a list"
    assert words({"type": "null"}) == "null"
