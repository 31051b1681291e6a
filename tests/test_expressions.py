"""The expression language: what it can say, and that nothing else exists."""

import json
from typing import Any

import pytest
from connector_runtime.expressions import (
    FILTERS,
    MAX_DEPTH,
    MAX_LENGTH,
    Computed,
    ExpressionError,
    LazyValue,
    expressions_in,
    parse_expression,
)
from connector_runtime.paths import ABSENT
from hypothesis import example, given, settings
from hypothesis import strategies as st

NAMES: dict[str, Any] = {
    "input": {
        "text": "Hello",
        "id": "478",
        "count": 3,
        "ratio": 1.5,
        "on": True,
        "off": False,
        "none": None,
        "empty": [],
        "tags": ["b", "a"],
        "rows": [{"id": "1"}, {"id": "2", "name": "two"}, {}],
        "items": "a key, not a method",
        "a-b": "dashed",
        "time": "2026-05-01T11:00:00+02:00",
        "local": "2026-05-01T11:00",
        "one": {"id": "9"},
    },
    "now": "2026-05-01T09:00:00Z",
}


def value(text: str, names: Any = NAMES) -> Any:
    return parse_expression(text).evaluate(names)


COMPUTED: list[tuple[str, Any]] = [
    # paths
    ("input.text", "Hello"),
    ("  input.text  ", "Hello"),
    ("input.tags[0]", "b"),
    ("input.tags[9]", ABSENT),
    ("input['a-b']", "dashed"),
    ('input["a-b"]', "dashed"),
    ("input.rows[1].name", "two"),
    ("input.rows[*].id", ["1", "2"]),
    ("input.rows[*].name", ["two"]),
    ("input.one[*].id", ["9"]),
    ("input.items", "a key, not a method"),
    ("(input.rows[*].id)", ["1", "2"]),
    ("input.none", None),
    ("input.none.below", ABSENT),
    ("input.nothing", ABSENT),
    ("input.text.upper", ABSENT),
    ("nothing.at.all", ABSENT),
    # literals keep their types
    ("'text'", "text"),
    ('"text"', "text"),
    ("12", 12),
    ("-12", -12),
    ("1.5", 1.5),
    ("true", True),
    ("False", False),
    ("none", None),
    ("null", None),
    ("[1, 'a', true, null]", [1, "a", True, None]),
    ("[input.count, input.nothing, input.none]", [3, None]),
    ("[]", []),
    # types are kept
    ("input.id", "478"),
    ("input.count", 3),
    ("input.ratio", 1.5),
    ("input.on", True),
    ("input.tags", ["b", "a"]),
    # comparisons are strict
    ("input.id == '478'", True),
    ("input.id == 478", False),
    ("input.id != 478", True),
    ("input.count == 3.0", True),
    ("input.on == true", True),
    ("input.on == 1", False),
    ("input.off == 0", False),
    ("input.none == null", True),
    ("input.nothing == null", False),
    ("input.nothing == ''", False),
    ("input.count < 4", True),
    ("input.count <= 3", True),
    ("input.count > 3", False),
    ("input.count >= 3.0", True),
    ("now < '2027'", True),
    ("'a' in input.tags", True),
    ("'c' not in input.tags", True),
    ("1 in [true]", False),
    ("'ell' in input.text", True),
    ("3 in input.text", False),
    ("'a' in input.none", False),
    ("'a' in input.nothing", False),
    # and, or, not, if
    ("input.text and input.count", 3),
    ("input.empty and input.count", []),
    ("input.nothing or input.text", "Hello"),
    ("input.none or input.nothing", ABSENT),
    ("not input.nothing", True),
    ("not input.text", False),
    ("not not input.text", True),
    ("input.on and not input.off or input.nothing", True),
    ("'yes' if input.on else 'no'", "yes"),
    ("'yes' if input.off else 'no'", "no"),
    ("'yes' if input.off", ABSENT),
    ("1 if input.off else 2 if input.off else 3", 3),
    # filters
    ("input.time | utc", "2026-05-01T09:00:00Z"),
    ("input.local | utc('Europe/Berlin')", "2026-05-01T09:00:00Z"),
    ("input.local | utc(input.zone or 'Europe/Berlin')", "2026-05-01T09:00:00Z"),
    ("input.nothing | utc", ABSENT),
    ("now | plus('-48h')", "2026-04-29T09:00:00Z"),
    ("input.nothing | plus('1h')", ABSENT),
    ("input.time | date", "2026-05-01"),
    ("input.nothing | date", ABSENT),
    ("input.tags | join(', ')", "b, a"),
    ("[1, true, null, 'x'] | join('-')", "1-true-x"),
    ("input.text | join(', ')", "Hello"),
    ("input.nothing | join(', ')", ABSENT),
    ("input.tags | first", "b"),
    ("input.empty | first", ABSENT),
    ("input.one | first", {"id": "9"}),
    ("input.none | first", ABSENT),
    ("input.nothing | first", ABSENT),
    ("input.nothing | default('x')", "x"),
    ("input.none | default('x')", "x"),
    ("input.off | default('x')", False),
    ("input.text | length", 5),
    ("input.tags | length", 2),
    ("input.one | length", 1),
    ("input.rows[*].id | first | length", 1),
    # common: in the order of the first list, strict in types, empty where one of them is not there or null
    ("input.tags | common(['a', 'c', 'b'])", ["b", "a"]),
    ("['a', 'b'] | common(input.tags)", ["a", "b"]),
    ("input.tags | common(['c'])", []),
    ("['a', 'a', 'b'] | common(['a'])", ["a", "a"]),
    ("['a'] | common(['a', 'a'])", ["a"]),
    ("[1, '1', true, null, 1.0] | common([1])", [1, 1.0]),
    ("[1, '1', true, null] | common([true])", [True]),
    ("[0, false, '', null] | common([false])", [False]),
    ("[1, null] | common([null])", [None]),
    ("input.rows | common([input.rows[1]])", [{"id": "2", "name": "two"}]),
    ("input.empty | common(input.tags)", []),
    ("input.tags | common(input.empty)", []),
    ("input.nothing | common(input.tags)", []),
    ("input.tags | common(input.nothing)", []),
    ("input.none | common(input.tags)", []),
    ("input.tags | common(input.none)", []),
    ("input.nothing | common(input.nothing)", []),
    ("not (input.tags | common(input.nothing))", True),
]


@pytest.mark.parametrize(("text", "expected"), COMPUTED, ids=[text for text, _ in COMPUTED])
def test_an_expression_computes_its_value_and_keeps_its_type(text: str, expected: Any) -> None:
    found = value(text)
    assert found is expected if expected is ABSENT else (type(found), found) == (type(expected), expected)


def test_every_filter_stands_in_the_table_above() -> None:
    assert all(any(f"| {name}" in text for text, _ in COMPUTED) for name in FILTERS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("input.count < 'a'", "only two numbers or two texts have an order"),
        ("input.on < 2", "only two numbers or two texts have an order"),
        ("1 < input.on", "only two numbers or two texts have an order"),
        ("input.nothing < 1", "only two numbers or two texts have an order"),
        ("input.tags < input.tags", "only two numbers or two texts have an order"),
        ("'a' in input.count", "in looks into a list or a text"),
        ("'a' in input.one", "in looks into a list or a text"),
        ("input.count | utc", "utc needs a text, and there is a number"),
        ("input.none | utc", "utc needs a text, and there is null"),
        ("input.local | utc", "has no offset"),
        ("input.local | utc(input.nothing)", "has no offset"),
        ("input.local | utc('Berlin')", "'Berlin' is not a time zone"),
        ("input.local | utc(1)", "utc needs a text, and there is a number"),
        ("input.local | utc(input.tags)", "utc needs a text, and there is a list"),
        ("input.text | utc", "'Hello' is not a date and time"),
        ("now | plus('1 day')", "'1 day' is not a duration"),
        ("now | plus(5)", "plus needs a text"),
        ("input.count | date", "date needs a text"),
        ("input.one | join(',')", "join needs a text"),
        ("input.rows | join(',')", "a text or a number is needed inside a text"),
        ("input.tags | join(1)", "join needs a text"),
        ("input.nothing | length", "length needs a list, a text or an object, and there is none"),
        ("input.count | length", "length needs a list, a text or an object"),
        ("input.text | common(input.tags)", "common needs two lists"),
        ("input.tags | common('a')", "common needs two lists"),
        ("input.tags | common(input.one)", "common needs two lists"),
        ("input.count | common([3])", "common needs two lists"),
        ("input.tags | common(input.off)", "common needs two lists"),
        ("input.nothing | common('a')", "common needs two lists"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    expression = parse_expression(text)
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate(NAMES)
    assert sentence in str(caught.value)


def test_what_cannot_be_computed_says_which_path_it_started_from() -> None:
    with pytest.raises(ExpressionError) as caught:
        value("input.text | utc(input.zone)")
    assert caught.value.about == ("input", "text")


def never() -> Any:
    raise AssertionError("this was worked out, and nobody needs it")


@pytest.mark.parametrize(
    "text",
    [
        "input.time | utc(costly.zone)",
        "input.nothing | utc(costly.zone)",
        "input.text | default(costly.other)",
        "input.text or costly.other",
        "input.nothing and costly.other",
        "input.text if input.on else costly.other",
        "costly.other if input.off else input.text",
        "input.nothing | plus(costly.other)",
        "input.text | join(costly.other)",
    ],
)
def test_what_is_not_needed_is_never_worked_out(text: str) -> None:
    value(text, {**NAMES, "costly": LazyValue(never)})


def test_a_lazy_name_is_worked_out_once() -> None:
    calls: list[int] = []
    names = {"me": LazyValue(lambda: calls.append(1) or {"zone": "UTC", "id": "1"})}
    assert value("[me.zone, me.id, me]", names) == ["UTC", "1", {"zone": "UTC", "id": "1"}]
    assert calls == [1]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("input.text", [("input", "text")]),
        ("input.rows[*].id", [("input", "rows", "[*]", "id")]),
        ("input.a[0]['b-c'] or now", [("input", "a", 0, "b-c"), ("now",)]),
        (
            "input.time | utc(input.zone or connection.zone)",
            [("input", "time"), ("input", "zone"), ("connection", "zone")],
        ),
        ("a if b else c", [("b",), ("a",), ("c",)]),
        ("[a, 'x'] | first", [("a",)]),
        ("true and null", []),
    ],
)
def test_every_path_that_is_read_is_known(text: str, reads: Any) -> None:
    assert list(parse_expression(text).reads) == reads


# --- one test per attack: refused before anything is computed ---------------------------------------------------------

PATH = "a path must start with a name"
CALL = "nothing can be called"
CALCULATE = "the language does not calculate"
ATTACKS: list[tuple[str, str]] = [
    ("''.__class__", PATH),
    ("''['__class__']", PATH),
    ("[].__class__.__base__", PATH),
    ("(1).__class__", PATH),
    ("x.items()", CALL),
    ("x.__class__.__mro__[1].__subclasses__()", CALL),
    ("x.__init__.__globals__['os'].popen('id').read()", CALL),
    ("range(1000000000)", CALL),
    ("self()", CALL),
    ("cycler('a')", CALL),
    ("namespace(a=1)", CALL),
    ("lipsum(100000)", CALL),
    ("dict(a=1).items()", CALL),
    ("joiner(',')()", CALL),
    ("x(*y)", CALL),
    ("x(**y)", CALL),
    ("(lambda: 1)()", "is not an expression"),
    ("lambda: 1", "':' does not belong behind 'lambda'"),
    ("lambda x: x", "'x' does not belong where it stands in 'lambda x: x'"),
    ("x|attr('__class__')", "'attr' is not a filter"),
    (
        "'a'|center(1000000000)",
        "'center' is not a filter; there are common, date, default, first, join, length, plus, utc",
    ),
    ("'aaa'|replace('a', 'aaaaaaaaaa')", "'replace' is not a filter"),
    ("'%0999999999d'|format(1)", "'format' is not a filter"),
    ("x|map('attr', '__class__')|list", "'list' is not a filter"),
    ("x|tojson", "'tojson' is not a filter"),
    ("x|indent(1000000000)", "'indent' is not a filter"),
    ("x|first.second", "'first.second' is not a filter"),
    ("x|first()|batch(1)", "'batch' is not a filter"),
    ("[1] * 10000000", CALCULATE),
    ("[1]*10**7", CALCULATE),
    ("'a' * 10**9", CALCULATE),
    ("10 ** 10 ** 10", CALCULATE),
    ("x + y", CALCULATE),
    ("'a' + 'b'", CALCULATE),
    ("x - 1", CALCULATE),
    ("input.a-b", "a name with - in it is written ['a-b']"),
    ("x // 2", "this is not part of the expression language"),
    ("x / 0", "the language does not calculate"),
    ("'%1000000000d' % 1", "the language does not calculate or format"),
    ("x % 2", "the language does not calculate or format"),
    ("'a' ~ 'b'", "~ is not part of the language; write the parts as text: {{ a }} {{ b }}"),
    ("-x", "- may only stand before a number"),
    ("-'a'", "- may only stand before a number"),
    ("-true", "- may only stand before a number"),
    ("--1", "- may only stand before a number"),
    ("+1", "this is not part of the expression language"),
    ("x is defined", "is is not part of the language; an absent value counts as false"),
    ("x is divisibleby 0", "is is not part of the language"),
    ("{'a': 1}", "this is not part of the expression language"),
    ("{}", "this is not part of the expression language"),
    ("(1, 2)", "this is not part of the expression language"),
    ("1, 2", "',' does not belong behind '1'"),
    ("()", "this is not part of the expression language"),
    ("x[1:2]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[::-1]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[y]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[-1]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[1.5]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[true]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[99999999]", "only a number, a quoted name or * may stand in [ ]"),
    ("x[1, 2]", "only a number, a quoted name or * may stand in [ ]"),
    ("(x or y).z", PATH),
    ("[x][0]", PATH),
    ("(x | first).id", PATH),
    ("1 < x < 3", "compare two things at a time, joined with and"),
    ("1 == x == y", "compare two things at a time"),
    ("x | utc(zone='UTC')", "the filter utc takes 0 or 1 argument"),
    ("x | utc(1, 2)", "the filter utc takes 0 or 1 argument"),
    ("x | utc(*y)", "the filter utc takes 0 or 1 argument"),
    ("x | join", "the filter join takes 1 argument"),
    ("x | first(1)", "the filter first takes 0 arguments"),
    ("x | common", "the filter common takes 1 argument"),
    ("x | default(1, **y)", "the filter default takes 1 argument"),
    ("", "the expression is empty"),
    ("   ", "the expression is empty"),
    ("not x || y", "'||' is not known in expressions; write or"),
    ("x && y", "'&&' is not known in expressions; write and"),
    ("!x", "'!' is not known in expressions; write not"),
    ("x === 1", "'===' is not known in expressions; write =="),
    ("x == '||' && y", "'&&' is not known"),
    ("x ? 1 : 2", "'?' is not known in expressions; write … if … else …"),
    ("x y", "'y' does not belong behind 'x'"),
    ("x }} y", "'}}' does not belong behind 'x'"),
    ("x }}", "'}}' does not belong behind 'x'"),
    ("x if", "is not an expression"),
    ("x ==", "'x ==' is not an expression: something is missing at its end"),
    ("x | ", "is not an expression"),
    ("'open", "is not an expression"),
    ("x = 1", "'=' is not known in expressions; write == to compare"),
    ("import os", "'os' does not belong behind 'import'"),
    ("x; y", "';' does not belong behind 'x'"),
    ("x $ y", "is not an expression"),
    ("`x`", "is not an expression"),
    ("1.\u0663", "is not an expression"),
    ("1e400", "this is not part of the expression language"),
    ("'\\ud800'", "this is not part of the expression language"),
    ("x" * (MAX_LENGTH + 1), f"the expression is longer than {MAX_LENGTH} characters"),
    ("'" + "x" * 100_000 + "'", f"the expression is longer than {MAX_LENGTH} characters"),
    ("[" * 200 + "x" + "]" * 200, f"the expression is nested more than {MAX_DEPTH} levels deep"),
    ("(" * 200 + "x" + ")" * 200, f"the expression is nested more than {MAX_DEPTH} levels deep"),
    ("{" * 200 + "}" * 200, f"the expression is nested more than {MAX_DEPTH} levels deep"),
    ("(" * 500, f"the expression is nested more than {MAX_DEPTH} levels deep"),
    ("not " * 124 + "not", "is not an expression"),
    ("-" * 499 + "1", "- may only stand before a number"),
    ("-" * 500, "is not an expression"),
]


@pytest.mark.parametrize(("text", "sentence"), ATTACKS, ids=[text[:40] or "nothing" for text, _ in ATTACKS])
def test_what_is_not_in_the_language_does_not_exist(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x.__class__.__mro__",
        "x.__dict__",
        "x.text.__class__",
        "x.keys",
        "x.text.format",
        "x['__class__']",
        "x.tags.append",
        "self",
        "self.__class__",
        "loop",
        "loop.index",
        "cycler",
        "range",
        "namespace.__init__.__globals__",
        "lipsum.__globals__",
        "_",
        "__builtins__",
        "__import__",
    ],
)
def test_a_name_is_only_ever_a_key(text: str) -> None:
    assert value(text, {"x": {"text": "Hello", "tags": []}}) is ABSENT


def test_a_key_that_is_called_like_an_attribute_is_data() -> None:
    assert value("x.__class__.keys", {"x": {"__class__": {"keys": 1}}}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "not " * 123 + "x",
        "x" + " or x" * 99,
        "x" + "|first" * 82,
        "1 if x else " * 40 + "2",
        "'\\'' in " + "[" * 20 + "'\\''" + "]" * 20,
    ],
    ids=["not", "or", "filters", "if", "brackets"],
)
def test_the_longest_chains_that_fit_are_computed_without_a_crash(text: str) -> None:
    assert len(text) <= MAX_LENGTH
    assert value(text, {}) in (True, False, 2, ABSENT)


def test_brackets_that_hide_behind_quotes_cannot_crash_the_parser() -> None:
    with pytest.raises(ExpressionError, match="nested too deep"):
        parse_expression(r"'\'' in " + "(" * 230 + "x" + ")" * 230 + r" or '\''")


# --- expressions in data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("{{ input.id }}", "478"),
        ("  {{ input.count }}  ", 3),
        ("{{ input.none }}", None),
        ("{{ input.nothing }}", ABSENT),
        ("{{ input.tags }}", ["b", "a"]),
        ("plain { text }", "plain { text }"),
        (12, 12),
        (None, None),
        ("{{ input.id }} of {{ input.count }}: {{ input.on }}", "478 of 3: true"),
        ("{{ input.id }}{{ input.id }}", "478478"),
        ("a {{ input.nothing | default('b') }}", "a b"),
        ("{{\n input.id\n}}", "478"),
        ({"a": "{{ input.nothing }}", "b": "{{ input.none }}", "c": 1}, {"b": None, "c": 1}),
        (["{{ input.nothing }}", "{{ input.id }}", None], ["478", None]),
        ({"{{ input.id }}": 1}, {"{{ input.id }}": 1}),
        ({"a": {"b": ["{{ input.nothing }}"]}}, {"a": {"b": []}}),
    ],
)
def test_data_is_computed_text_by_text(data: Any, expected: Any) -> None:
    found = Computed(data).evaluate(NAMES)
    assert found is expected if expected is ABSENT else (type(found), found) == (type(expected), expected)


def test_a_value_is_never_read_as_an_expression_itself() -> None:
    names = {"input": {"text": "{{ connection.token }}"}, "connection": {"token": "secret"}}
    assert Computed("{{ input.text }}").evaluate(names) == "{{ connection.token }}"
    assert Computed("x {{ input.text }}").evaluate(names) == "x {{ connection.token }}"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("a {{ input.nothing }}", "{{ input.nothing }} is absent here; give it a default"),
        ("a {{ input.none }}", "a text or a number is needed inside a text, and there is null"),
        ("a {{ input.tags }}", "a text or a number is needed inside a text, and there is a list"),
    ],
)
def test_inside_longer_text_only_texts_and_numbers_can_stand(data: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Computed(data).evaluate(NAMES)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{% for x in y %}{{ x }}{% endfor %}", "only {{ expressions }} can stand in a text"),
        ("{% set x = 1 %}", "only {{ expressions }} can stand in a text"),
        ("{%- raw -%}", "only {{ expressions }} can stand in a text"),
        ("a {# comment #}", "there are no {% %} and {# #}"),
        ("{{ a", "this {{ is not closed; write }} behind its expression"),
        ("a }}", "{{ and }} must come in pairs"),
        ("{{ a }} }}", "{{ and }} must come in pairs"),
        ("{{ {{ a }} }}", "is not an expression"),
        ("{{ }}", "the expression is empty"),
        ("{{ '}}' }}", "is not an expression"),
        ("{{- a -}}", "is not an expression"),
    ],
)
def test_only_whole_expressions_may_stand_in_a_text(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        list(expressions_in(text))
    assert sentence in str(caught.value)
    with pytest.raises(ExpressionError):
        _ = Computed({"deep": [text]}).reads


# --- properties -------------------------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
_WORDS = [
    *(
        "a",
        "b",
        "x.a",
        "x[0]",
        "x[*].b",
        "'t'",
        "1",
        "-2",
        "1.5",
        "true",
        "null",
        "'2026-05-01T09:00'",
        "'UTC'",
        "'1h'",
    ),
    *("(", ")", "[", "]", ",", ".", "|", "{", "}", ":", "+", "*", "%", "~", "=", "==", "<", ">=", "in", "not", "and"),
    *(
        "or",
        "if",
        "else",
        "is",
        "utc",
        "plus",
        "join",
        "first",
        "default",
        "length",
        "date",
        "common",
        "(a)",
        "|first",
        "|utc(b)",
    ),
]


def _is_json_or_absent(found: Any) -> bool:
    return found is ABSENT or json.loads(json.dumps(found, allow_nan=False)) == found


@settings(max_examples=500, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join),
    st.dictionaries(st.sampled_from("abx"), _JSON, max_size=3),
)
@example("'\\N{x}'", {})
@example("'\\U99999999'", {})
@example("x.\u00b2", {})
@example("0_0", {})
@example("9" * 400, {})
def test_any_text_raises_nothing_but_expression_errors_and_computes_json(text: str, names: dict[str, Any]) -> None:
    try:
        found = parse_expression(text).evaluate(names)
    except ExpressionError:
        return
    assert _is_json_or_absent(found)


_ATOMS = st.sampled_from(_WORDS[:13])
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["==", "!=", "<", ">=", "in", "not in", "and", "or"]), inner
        ),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({} | {})".format, inner, st.sampled_from(["utc", "date", "first", "length"])),
        st.builds("({} | {}({}))".format, inner, st.sampled_from(["utc", "plus", "join", "default", "common"]), inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(_EXPRESSIONS, st.dictionaries(st.sampled_from("abx"), _JSON, max_size=3))
def test_every_expression_of_the_language_gives_json_or_a_sentence(text: str, names: dict[str, Any]) -> None:
    expression = parse_expression(text)
    try:
        assert _is_json_or_absent(expression.evaluate(names))
        mixed = Computed(f"see {{{{ {text} }}}}").evaluate(names)
        assert isinstance(mixed, str)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017 (either outcome is fine; an error has a sentence)
