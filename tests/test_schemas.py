"""JSON Schemas: every keyword has its sentence, both validators agree, and inputs and outputs are enforced as they should."""

import collections
import importlib.util
from typing import Any

import pytest
from connector_runtime.arguments import typed
from connector_runtime.dialect import format_schema
from connector_runtime.enforced import closed, opened
from connector_runtime.formats import FORMATS, fits_pattern
from connector_runtime.paths import spell
from connector_runtime.schemas import MAX_DEPTH, Validator, secrets_of, with_defaults
from connector_runtime.words import close_like
from hypothesis import example, given, settings
from hypothesis import strategies as st

NAME = {"type": "string"}


def sentences(schema: dict[str, Any], value: Any) -> list[str]:
    validator = Validator(schema)
    found = validator.violations(value)
    assert validator.is_valid(value) == (not found)
    return [f"{spell(it.place)}: {it.sentence}" if it.place else it.sentence for it in found]


def within(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


SENTENCES: list[tuple[str, dict[str, Any], Any, list[str]]] = [
    ("type", {"type": "string"}, 12, ["12 is a whole number; text was expected; write \"12\" in quotes."]),
    ("type", {"type": "integer"}, "12", ["'12' is text; a whole number was expected."]),
    ("type", {"type": "integer"}, 1.5, ["1.5 is a number; a whole number was expected."]),
    ("type", {"type": "number"}, True, ["is true; a number was expected."]),
    ("type", {"type": "boolean"}, "yes", ["'yes' is text; true or false was expected."]),
    ("type", {"type": "array"}, {"a": 1}, ["is an object; a list was expected."]),
    ("type", {"type": "object"}, [1], ["is a list; an object was expected."]),
    ("type", {"type": "null"}, 1, ["1 is a whole number; null was expected."]),
    ("type", {"type": ["string", "integer"]}, [], ["is a list; text or a whole number was expected."]),
    ("type", {"type": ["string", "null"]}, [], ["is a list; text was expected."]),
    ("type", within(a=NAME), {"a": None}, ["a: is null; text was expected; leave it out where there is none."]),
    ("required", {"required": ["a", "b"]}, {"b": 1}, ["a: is required."]),
    ("unknown", within(title=NAME), {"titel": "x"}, ["titel: 'titel' is not known here; did you mean 'title'?"]),
    ("unknown", within(a=NAME, b=NAME), {"zzz": 1}, ["zzz: 'zzz' is not known here; known: a, b."]),
    ("unknown", within(), {"a": 1}, ["a: 'a' is not known here; nothing may stand here."]),
    (
        "unknown",
        within(**{f"k{n:02}": NAME for n in range(13)}),
        {"zzz": 1},
        [f"zzz: 'zzz' is not known here; known: {', '.join(f'k{n:02}' for n in range(12))}, …."],
    ),
    ("enum", {"enum": ["POST", "GET"]}, "PSOT", ["'PSOT' is not one of the known values; did you mean 'POST'?"]),
    ("enum", {"enum": ["POST", "GET"]}, "get", ["'get' is not one of the known values; did you mean 'GET'?"]),
    ("enum", {"enum": ["a", "b", "c"]}, "xyz", ["'xyz' is not one of the known values; use a, b or c."]),
    ("enum", {"enum": [1, True, None]}, "xyz", ["'xyz' is not one of the known values; use 1, true or null."]),
    ("const", {"const": "read"}, "send", ["must be 'read', not 'send'."]),
    ("const", {"const": True}, 1, ["must be true, not 1."]),
    ("pattern", {"pattern": "^[0-9]+$"}, "a", ["'a' has the wrong form; it must match ^[0-9]+$."]),
    ("pattern", {"pattern": "^[0-9]+$", "examples": ["12"]}, "a", ["'a' has the wrong form; write it like '12'."]),
    ("pattern", {"pattern": r"\S"}, " ", ["must not be blank."]),
    ("pattern", {"pattern": r"^\S+$"}, "a b", ["must not be empty or contain spaces."]),
    ("minLength", {"minLength": 1}, "", ["must not be empty."]),
    ("minLength", {"minLength": 3}, "ab", ["must have at least 3 characters; it has 2."]),
    ("maxLength", {"maxLength": 1}, "ab", ["must have at most 1 character; it has 2."]),
    ("maxLength", {"maxLength": 1000}, "a" * 1001, ["must have at most 1,000 characters; it has 1,001."]),
    ("maxLength", {"maxLength": 1}, "😀😀", ["must have at most 1 character; it has 2."]),
    ("minItems", {"minItems": 1}, [], ["must not be empty."]),
    ("minItems", {"minItems": 2}, [1], ["must have at least 2 items; it has 1."]),
    ("maxItems", {"maxItems": 1}, [1, 2], ["must have at most 1 item; it has 2."]),
    ("minProperties", {"minProperties": 1}, {}, ["must not be empty."]),
    ("minimum", {"minimum": 1}, 0, ["0 is out of range; it must be at least 1."]),
    ("maximum", {"maximum": 1000}, 1000.5, ["1000.5 is out of range; it must be at most 1,000."]),
    ("uniqueItems", {"uniqueItems": True}, [1, 1.0], ["the same item stands in the list twice; take one of the two out."]),
    ("format", {"format": "date-time"}, "now", ["'now' is not a date and time with its offset, such as 2026-05-01T09:00:00Z."]),
    ("anyOf", {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, ["needs either a or b, and has neither."]),
    ("oneOf", {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2}, ["has both a and b; take one of them out."]),
    ("anyOf", {"anyOf": [{"type": "string"}, {"type": "integer"}]}, [], ["is a list; text or a whole number was expected."]),
    ("anyOf", {"anyOf": [{"type": "string", "minLength": 3}, {"type": "integer"}]}, "a", ["must have at least 3 characters; it has 1."]),
    ("anyOf", {"anyOf": [{"type": "array", "items": NAME}, NAME]}, ["a", 1], ["[1]: 1 is a whole number; text was expected; write \"1\" in quotes."]),
    ("propertyNames", {"propertyNames": {"pattern": "^[a-z]+$"}}, {"A1": 1}, ["A1: 'A1' cannot be a name here."]),
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, {"a": 1}, ["a: 'a' needs 'b' beside it."]),
    ("additionalProperties", {"additionalProperties": NAME}, {"k": 1}, ["k: 1 is a whole number; text was expected; write \"1\" in quotes."]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "value", "expected"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES]
)
def test_every_keyword_has_its_sentence(schema: dict[str, Any], value: Any, expected: list[str]) -> None:
    assert sentences(schema, value) == expected


def test_every_keyword_of_the_dialect_that_can_refuse_stands_in_the_table_above() -> None:
    silent = {
        "$ref",
        "$defs",
        "title",
        "description",
        "examples",
        "default",
        "deprecated",
        "writeOnly",
        "properties",
        "items",
    }
    keywords = {it for it in format_schema("schema")["$defs"]["schema"]["properties"] if not it.startswith("x-")}
    assert keywords - silent <= {row[0] for row in SENTENCES}


def test_a_value_names_the_exact_place_it_is_in() -> None:
    schema = within(media=within(rows={"type": "array", "items": within(**{"a-b": NAME})}))
    assert sentences(schema, {"media": {"rows": [{}, {"a-b": 1}]}}) == [
        "media.rows[1]['a-b']: 1 is a whole number; text was expected; write \"1\" in quotes."
    ]


def test_all_problems_come_at_once_in_the_order_of_their_places() -> None:
    schema = {**within(a=NAME, b={"minimum": 3}, c={"type": "array", "items": NAME}), "required": ["d"]}
    assert [it.split(":")[0] for it in sentences(schema, {"c": [1, "x", 2], "b": 1, "a": 2})] == [
        "a",
        "b",
        "c[0]",
        "c[2]",
        "d",
    ]


def test_a_key_that_was_meant_for_a_required_one_is_one_problem() -> None:
    schema = {**within(title=NAME, text=NAME), "required": ["title", "text"]}
    assert sentences(schema, {"titel": "x"}) == [
        "text: is required.",
        "titel: 'titel' is not known here; did you mean 'title'?",
    ]


def test_a_key_is_not_meant_for_one_that_is_there_already() -> None:
    assert sentences(within(title=NAME), {"title": "x", "titel": "y"}) == [
        "titel: 'titel' is not known here; known: title."
    ]


def test_of_several_shapes_the_one_that_was_begun_is_explained() -> None:
    cursor = {"properties": {"by": {"const": "cursor"}}, "required": ["next", "send"]}
    link = {"properties": {"by": {"const": "link"}}, "propertyNames": {"enum": ["by"]}}
    assert sentences({"anyOf": [cursor, link]}, {"by": "cursor"}) == ["next: is required.", "send: is required."]
    assert sentences({"anyOf": [cursor, link]}, {"by": "link", "next": 1}) == ["next: 'next' cannot be a name here."]


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [("maxLenght", ["maxLength", "minLength"], "maxLength"), ("TITLE", ["title"], "title"), ("xyz", ["title"], None), ("a", [], None)],
)  # fmt: skip
def test_the_nearest_known_word_is_found(word: str, known: list[str], near: str | None) -> None:
    assert close_like(word, known) == near


SECRET = "sk-live-hunter2"
SECRETS: list[tuple[dict[str, Any], Any]] = [
    ({"type": "integer"}, SECRET),
    ({"type": "string"}, 424242),
    ({"type": ["string", "null"]}, 424242),
    ({"enum": ["a"]}, SECRET),
    ({"const": "a"}, SECRET),
    ({"pattern": "^x"}, SECRET),
    ({"format": "uri"}, SECRET),
    ({"maximum": 3}, 424242),
    ({"minLength": 100}, SECRET),
    ({"anyOf": [{"type": "string", "pattern": "^x"}, {"type": "integer"}]}, SECRET),
    ({"type": "array", "items": {"type": "string", "pattern": "^x"}}, [SECRET]),
    ({"type": "object", "properties": {"key": {"enum": ["a"]}}}, {"key": SECRET}),
    ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"key": SECRET}),
]


@pytest.mark.parametrize(("schema", "value"), SECRETS)
def test_a_secret_is_never_quoted_and_no_part_of_one(schema: dict[str, Any], value: Any) -> None:
    said = sentences(within(token={**schema, "writeOnly": True}), {"token": value})
    assert said
    assert not any(part in " ".join(said) for part in (SECRET, "hunter2", "424242"))
    assert any(part in " ".join(sentences(within(token=schema), {"token": value})) for part in (SECRET, "424242")) or (
        "minLength" in schema
    )


class Odd:
    """Something that is no JSON."""


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def circle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


NOT_JSON: dict[str, tuple[Any, str]] = {
    "NaN": (float("nan"), "a: nan is not a number that JSON has."),
    "infinity": (float("inf"), "a: inf is not a number that JSON has."),
    "minus infinity": (float("-inf"), "a: -inf is not a number that JSON has."),
    "a number without end": (10**5000, "a: a number this large is not a number that JSON has."),
    "a set": ({"x"}, "a: a set is nothing that JSON has."),
    "bytes": (b"x", "a: a bytes is nothing that JSON has."),
    "a tuple": (("x",), "a: a tuple is nothing that JSON has."),
    "an object of Python": (Odd(), "a: a Odd is nothing that JSON has."),
    "a type": (str, "a: a type is nothing that JSON has."),
    "keys that are not text": ({1: "x"}, "a: a key is not a text but a int."),
    "keys that are null": ({None: "x"}, "a: a key is not a text but a NoneType."),
    "half a character": ("\ud800", "a: the text holds half a character (a lone surrogate)."),
    "half a character in a key": ({"\udfff": 1}, "a: a key holds half a character (a lone surrogate)."),
    "too deep": (nested(MAX_DEPTH), f"a{'[0]' * 7}: this is nested more than {MAX_DEPTH} levels deep."),
    "much too deep": (nested(100_000), f"a{'[0]' * 7}: this is nested more than {MAX_DEPTH} levels deep."),
    "a circle": (circle(), f"a{'[0]' * 7}: this is nested more than {MAX_DEPTH} levels deep."),
}


@pytest.mark.parametrize(("value", "expected"), NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize(
    "schema", [{}, within(a={}), within(a={"type": ["string", "integer", "array", "object", "null"]})]
)
def test_what_json_does_not_have_is_refused_with_a_sentence(schema: dict[str, Any], value: Any, expected: str) -> None:
    assert sentences(schema, {"a": value}) == [expected]


class Text(str):
    """A kind of text."""


@pytest.mark.parametrize(
    "value", [Text("x"), collections.OrderedDict(a=1), collections.defaultdict(list, a=[Text("x")]), 10**300, "😀"]
)
def test_kinds_of_json_values_are_json(value: Any) -> None:
    assert sentences({}, {"a": value}) == []
    assert sentences({}, value) == []


def test_the_deepest_value_that_is_allowed_is_read() -> None:
    assert sentences({}, nested(MAX_DEPTH)) == []


# --- defaults ---------------------------------------------------------------------------------------------------------

DEFAULTS = within(
    count={"type": "integer", "default": 5},
    options={"type": "object", "default": {}, "properties": {"tags": {"default": ["a"]}, "size": {}}},
    rows={"type": "array", "items": {"properties": {"on": {"default": True}}}},
    plain=NAME,
)


@pytest.mark.parametrize(
    ("given_", "filled"),
    [
        ({}, {"count": 5, "options": {"tags": ["a"]}}),
        ({"count": None, "options": None}, {"count": None, "options": None}),
        ({"count": 0, "options": {"size": 1}}, {"count": 0, "options": {"size": 1, "tags": ["a"]}}),
        ({"rows": [{}, {"on": False}, 3]}, {"count": 5, "options": {"tags": ["a"]}, "rows": [{"on": True}, {"on": False}, 3]}),
        ({"unknown": 1}, {"unknown": 1, "count": 5, "options": {"tags": ["a"]}}),
        ([], []),
        ("x", "x"),
    ],
)  # fmt: skip
def test_defaults_stand_where_nothing_was_given(given_: Any, filled: Any) -> None:
    before = repr(given_)
    assert with_defaults(DEFAULTS, given_) == filled
    assert repr(given_) == before


def test_a_default_is_not_shared_between_calls() -> None:
    first = with_defaults(DEFAULTS, {})
    first["options"]["tags"].append("b")
    first["options"]["more"] = 1
    assert with_defaults(DEFAULTS, {}) == {"count": 5, "options": {"tags": ["a"]}}
    assert DEFAULTS["properties"]["options"]["default"] == {}


# --- inputs are closed, outputs are open ------------------------------------------------------------------------------

SHAPE: dict[str, Any] = {
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "state": {"type": "string", "enum": ["A", "B"], "maxLength": 1, "format": "email", "pattern": "^A"},
        "place": {"required": ["lat"], "properties": {"lat": {"type": "number"}, "kind": {"const": "x"}}},
        "rows": {"type": "array", "items": {"properties": {"n": {"type": "integer"}}}, "maxItems": 1},
        "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": NAME}}]},
        "both": {"type": ["string", "integer"], "anyOf": [{"minLength": 1}, {"minimum": 1}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "free": {"type": "object"},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "1", "free": {}, "map": {"k": 1}}, []),
        ({"id": "1", "free": {"any": 1}}, ["free.any"]),
        ([], ["is a list; an object was expected."]),
        ({}, ["id: is required."]),
        ({"id": "1", "x": 1}, ["x"]),
        ({"id": "1", "place": {"lat": 1, "x": 1}}, ["place.x"]),
        ({"id": "1", "rows": [{"x": 1}]}, ["rows[0].x"]),
        ({"id": "1", "either": {"x": 1}}, ["either.x"]),
        ({"id": "1", "map": {"k": "1"}}, ["map.k"]),
        ({"id": None}, ["id"]),
        ({"id": "1", "state": "C"}, ["state", "state", "state"]),
    ],
)
def test_an_input_is_closed_at_every_level(value: Any, expected: list[str]) -> None:
    found = sentences(closed(SHAPE), value)
    assert len(found) == len(expected)
    assert all(said.startswith(start) for said, start in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "1", "new": 1, "place": {"lat": 1, "new": 1}, "rows": [{"new": 1}, {}, {}]}, []),
        ({"id": "1", "free": {"any": 1}}, []),
        ({"id": "1", "state": "a value that nobody knew"}, []),
        ({"id": "1", "state": None, "place": None, "rows": None, "either": None, "both": None, "map": None}, []),
        ({"id": "1", "place": {"lat": 1, "kind": "other"}, "rows": [{"n": None}], "map": {"k": None}}, []),
        ({"id": "1", "either": {"a": None}}, []),
        ({"id": None}, ["id: is null"]),
        ({}, ["id: is required"]),
        ({"id": "1", "place": {"lat": None}}, ["place.lat: is null"]),
        ({"id": "1", "place": {}}, ["place.lat: is required"]),
        ({"id": "1", "rows": [{"n": "x"}]}, ["rows[0].n: 'x' is text"]),
        ({"id": "1", "map": {"k": "x"}}, ["map.k: 'x' is text"]),
        ([], ["is a list"]),
    ],
)
def test_an_output_is_open_and_may_be_null_unless_it_is_required(value: Any, expected: list[str]) -> None:
    found = sentences(opened(SHAPE), value)
    assert len(found) == len(expected)
    assert all(said.startswith(start) for said, start in zip(found, expected, strict=True))


def test_neither_changes_the_schema_it_is_given() -> None:
    before = repr(SHAPE)
    closed(SHAPE)
    opened(SHAPE)
    assert repr(SHAPE) == before


def test_the_secrets_of_a_sign_in_are_its_write_only_fields() -> None:
    assert secrets_of(within(user=NAME, token={"writeOnly": True}, key={"writeOnly": True})) == ["token", "key"]
    inner = {"writeOnly": True}
    nested = within(
        a=within(b=inner), c={"items": inner}, d={"anyOf": [NAME, inner]}, e={"additionalProperties": inner}
    )
    assert secrets_of({**nested, "properties": {**nested["properties"], "f": within(b=NAME)}}) == ["a", "c", "d", "e"]


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("12", {"type": "string"}, "12"),
        ("12", {}, "12"),
        ("12", {"type": "integer"}, 12),
        ("-12", {"type": "number"}, -12),
        ("1.5", {"type": "number"}, 1.5),
        ("1.5", {"type": "integer"}, "1.5"),
        ("TRUE", {"type": "boolean"}, True),
        ("false", {"type": "boolean"}, False),
        ("yes", {"type": "boolean"}, "yes"),
        ("12", {"type": ["integer", "string"]}, "12"),
        ('["a"]', {"type": "array"}, ["a"]),
        ('{"a": 1}', {"type": "object"}, {"a": 1}),
        ("[a", {"type": "array"}, "[a"),
        ("1" * 5000, {"type": "integer"}, "1" * 5000),
        ("", {"type": "integer"}, ""),
    ],
)
def test_a_text_becomes_what_the_schema_wants(text: str, schema: dict[str, Any], value: Any) -> None:
    assert (type(typed(text, schema)), typed(text, schema)) == (type(value), value)


# --- formats and patterns ---------------------------------------------------------------------------------------------

FORMATTED: list[tuple[str, list[str], list[str]]] = [
    (
        "date-time",
        ["2026-05-01T09:00:00Z", "2026-05-01t09:00:00.5+02:00", "2016-12-31T23:59:60Z"],
        ["2026-05-01T09:00:00", "2026-05-01", "2026-02-30T09:00:00Z", "2026-05-01T09:00:75Z", "", "x", "2026-05-01T09:00:00Z\n"],
    ),
    ("local-date-time", ["2026-05-01T09:00", "2026-05-01T09:00:00Z"], ["2026-05-01", "2026-13-01T09:00", "09:00"]),
    ("date", ["2026-05-01", "2024-02-29"], ["2026-02-29", "20260501", "2026-5-1", "2026-05-01T09:00:00Z", "٢٠٢٦-05-01"]),
    ("time-zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"], ["Berlin", "", "+02:00", "../etc/passwd", "Europe", "a\0"]),
    (
        "uri",
        ["https://example.com/a?b=c#d", "urn:isbn:1", "mailto:jo@example.com", "http://[::1]/"],
        ["example.com", "/path", "https://", "https://a b", "https://exämple.com", "http://[::1", "1a:b", "https://a\n", ""],
    ),
    ("file", ["a.png", "C:\\\\a b", ""], []),
    (
        "email",
        ["jo@example.com", "jo.do+tag@sub.example.co"],
        ["jo", "jo@example", "@example.com", "jo@@example.com", "jo @example.com", "jo@-a.com", "jo@example.com\n", "a, b@c.de"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad"), FORMATTED, ids=[row[0] for row in FORMATTED])
def test_a_format_takes_what_it_is_and_nothing_else(name: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if sentences({"format": name}, text)] == []
    assert [text for text in bad if not sentences({"format": name}, text)] == []
    assert sentences({"format": name}, 12) == []


def test_the_formats_are_those_of_the_dialect() -> None:
    assert [row[0] for row in FORMATTED] == list(FORMATS)
    assert format_schema("schema")["$defs"]["schema"]["properties"]["format"]["enum"] == list(FORMATS)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.text(max_size=30) | st.text("ab.@:/-0129TZ+[]%", max_size=30))
def test_a_format_check_never_raises(name: str, text: str) -> None:
    assert FORMATS[name][0](text) in (True, False)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        ("^a$", "b\na", False),
        ("b", "abc", True),
        (r"^\d$", "5", True),
        (r"^\d$", "٥", False),
        (r"^\w+$", "a_1", True),
        (r"^\w+$", "é", False),
        (r"^\W$", "é", True),
        (r"\S", "\u00a0\ufeff", False),
        (r"\S", "\x85", True),
        (r"^\s$", "\u2028", True),
        (r"^[^\s]$", "\u00a0", False),
        (r"^[$]$", "$", True),
        (r"^\$$", "$", True),
        (r"^\\$", "\\", True),
        (r"^[\]$]+$", "]$", True),
    ],
)
def test_a_pattern_is_read_as_json_schema_reads_it(pattern: str, text: str, fits: bool) -> None:
    assert fits_pattern(pattern, text) is fits
    assert Validator({"pattern": pattern}).is_valid(text) is fits


# --- the two validators -----------------------------------------------------------------------------------------------

needs_the_fast_one = pytest.mark.skipif(
    importlib.util.find_spec("jsonschema_rs") is None, reason="jsonschema-rs is not installed: pip install connector-runtime[fast]"
)  # fmt: skip

_TEXTS = st.sampled_from(
    ["", "a", "A", "ab", "12", " ", "a\n", "é", "😀", "2026-05-01", "2026-05-01T09:00:00Z", "UTC", "a@b.de", "urn:a"]
)
_NUMBERS = st.sampled_from(
    [0, 1, -1, 2, 3, 10**20, 10**300, -(10**20), 0.0, -0.0, 1.0, 0.1, 1.5, 2.5, 1e300, 5e-324, 2**53 + 1]
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | _TEXTS
_KEYS = st.sampled_from(["a", "b", "c", ""])
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8
)
_TYPE = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])
_SIZE = st.integers(0, 3)
_PATTERNS = st.sampled_from(
    ["^a", "a$", "^[0-9]+$", r"^\d+$", r"\S", r"^\S+$", r"^\w*$", r"\s", "^.$", "^(a|é)$", "^[^a]*$", "b?"]
)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _TYPE | st.lists(_TYPE, min_size=1, max_size=3, unique=True),
            "enum": st.lists(_VALUES, min_size=1, max_size=3),
            "const": _VALUES,
            "format": st.sampled_from(list(FORMATS)),
            "pattern": _PATTERNS,
            "minLength": _SIZE,
            "maxLength": _SIZE,
            "minimum": _NUMBERS,
            "maximum": _NUMBERS,
            "items": inner,
            "minItems": _SIZE,
            "maxItems": _SIZE,
            "uniqueItems": st.booleans(),
            "properties": st.dictionaries(_KEYS, inner, max_size=3),
            "required": st.lists(_KEYS, max_size=2, unique=True),
            "additionalProperties": inner | st.just(False),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
        },
    )


_SCHEMAS = st.recursive(st.just({}) | _schemas(st.just({})), _schemas, max_leaves=4)


@needs_the_fast_one
def test_the_property_below_makes_schemas_of_every_keyword_that_can_refuse() -> None:
    made = set(_schemas(st.just({})).wrapped_strategy.optional)  # type: ignore[attr-defined]
    silent = {"$ref", "$defs", "title", "description", "examples", "default", "deprecated", "writeOnly"}
    known = {it for it in format_schema("schema")["$defs"]["schema"]["properties"] if not it.startswith("x-")}
    assert known - silent == made


@needs_the_fast_one
@settings(max_examples=400, deadline=None)
@given(_SCHEMAS, st.lists(_VALUES, min_size=1, max_size=4))
@example({"pattern": "^[0-9]+$"}, ["1\n"])
@example({"const": True}, [1, 1.0, True])
@example({"enum": [[1], {"a": 0}]}, [[True], {"a": False}, [1.0]])
@example({"uniqueItems": True}, [[1, True], [0, False], [1, 1.0], [{"a": 1}, {"a": 1.0}], [[1], [True]]])
@example({"type": "integer"}, [1.0, 1e300, 10**300, 1.5, -0.0])
@example({"maximum": 2**53}, [2**53 + 1, 2.0**53])
@example({"minimum": 0.1}, [0.1, 0])
@example({"const": 10**20}, [1e20, 10**20, 10**20 + 1])
def test_both_validators_say_the_same(schema: dict[str, Any], values: list[Any]) -> None:
    validator = Validator(schema)
    assert validator._fast is not None
    for value in values:
        fast, slow = validator.is_valid(value), [it.message for it in validator.violations(value)]
        assert fast == (not slow), f"{schema} {value!r}: {fast} {slow}"


@needs_the_fast_one
@settings(max_examples=150, deadline=None)
@given(_SCHEMAS, _VALUES)
def test_both_say_the_same_of_inputs_and_outputs_as_they_are_enforced(schema: dict[str, Any], value: Any) -> None:
    schema = {key: it for key, it in schema.items() if key not in ("type", "additionalProperties")}
    for change in (closed, opened):
        validator = Validator(change(schema))
        assert validator.is_valid(value) == (not validator.violations(value))


@settings(max_examples=200, deadline=None)
@given(_SCHEMAS, _VALUES)
def test_an_output_takes_whatever_the_schema_as_written_takes(schema: dict[str, Any], value: Any) -> None:
    if Validator({"type": "object", "properties": {}, **schema}).is_valid(value):
        assert Validator(opened(schema)).is_valid(value)


def test_a_pattern_that_only_python_knows_does_not_stop_the_fast_one() -> None:
    validator = Validator({"pattern": r"^(a)?b(?(1)c|d)\Z"})
    assert (validator.is_valid("abc"), validator.is_valid("abd")) == (True, False)


def test_saying_valid_stays_quick_for_a_large_value() -> None:
    rows = [{"id": str(number), "name": "é" * 20, "tags": ["a", "b"], "size": number} for number in range(10_000)]
    validator = Validator(
        {"type": "array", "items": within(id=NAME, name=NAME, tags={"items": NAME}, size={"type": "integer"})}
    )
    assert validator.is_valid(rows)
