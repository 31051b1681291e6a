"""The format describes itself, is closed everywhere, and says what is wrong with a file in its words."""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import jsonschema
import pytest
from connector_runtime.dialect import computed_places, fit, format_schema
from connector_runtime.document import Document, parse_document
from connector_runtime.paths import spell
from connector_runtime.schemas import Validator

KINDS = ("connector", "trigger", "action", "query", "schema")

OPEN = {"json", "computed"}
"""The only definitions in which anything may stand: data that belongs to the provider."""


RESTRICT = {"(oneOf)", "(if)", "(then)", "(else)", "(not)", "(beside)"}
"""What only narrows keys that are described elsewhere: branches, conditions, and `properties` beside a `$ref`."""


def parts(schema: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every schema inside a format schema, with its place: keywords in brackets, names as they are."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for key in ("properties", "$defs"):
        where = "(beside)" if key == "properties" and "$ref" in schema else f"({key})"
        for name, inner in schema.get(key, {}).items():
            yield from parts(inner, (*place, where, name))
    for key in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
        yield from parts(schema.get(key), (*place, f"({key})"))
    for key in ("oneOf", "anyOf"):
        for number, inner in enumerate(schema.get(key, ())):
            yield from parts(inner, (*place, f"({key})", str(number)))


def keys_of(kind: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every key of the format: what stands under `properties`, but for what only restricts keys."""
    for place, schema in parts(format_schema(kind)):
        if place[-2:-1] == ("(properties)",) and not RESTRICT & set(place):
            yield place, schema


def strays(root: Any, narrow: Any, whole: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keys that a restriction names and that what it restricts does not have."""
    while "$ref" in whole:
        whole = root["$defs"][whole["$ref"].rpartition("/")[2]]
    for name, inner in narrow.get("properties", {}).items():
        if name not in whole.get("properties", {}):
            yield (*place, name)
        else:
            yield from strays(root, inner, whole["properties"][name], (*place, name))
    for key in ("if", "then", "else", "not"):
        if key in narrow:
            yield from strays(root, narrow[key], whole, (*place, f"({key})"))
    for inner in narrow.get("oneOf", ()):
        yield from strays(root, inner, whole, (*place, "(oneOf)"))


def test_every_file_of_the_format_is_looked_at_here() -> None:
    """Beside the kinds there is what they share, and the fields that the runtime adds, which is no kind of file."""
    folder = resources.files("connector_runtime") / "format"
    files = {path.name for path in folder.iterdir() if path.is_file()}
    assert files == {f"{kind}.json" for kind in (*KINDS, "common", "added")}
    schemas = {name for name in files if "$schema" in json.loads((folder / name).read_text("utf-8"))}
    assert schemas == files - {"added.json"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_format_is_closed_everywhere(kind: str) -> None:
    schema = format_schema(kind)
    assert {
        spell(place)
        for place, inner in parts(schema)
        if ("properties" in inner or inner.get("type") == "object")
        and not RESTRICT & set(place)
        and "$ref" not in inner
        and inner.get("additionalProperties") is not False
        and not isinstance(inner.get("additionalProperties"), dict)
    } == set()
    says_nothing = {
        place
        for place, inner in parts(schema)
        if not set(inner) - {"title", "description", "examples", "since", "x-names"}
    }
    assert says_nothing == {("($defs)", name) for name in OPEN}


@pytest.mark.parametrize("kind", KINDS)
def test_what_restricts_a_key_names_one_that_is_there(kind: str) -> None:
    root = format_schema(kind)
    own = [(place, inner) for place, inner in parts(root) if not RESTRICT & set(place)]
    assert [spell(stray) for place, inner in own for stray in strays(root, inner, inner, place)] == []


def test_the_search_above_finds_a_key_that_is_nowhere() -> None:
    narrow = {"then": {"properties": {"request": {"properties": {"methd": {"enum": ["GET"]}}}}}}
    root = format_schema("action")
    assert list(strays(root, narrow, root, ())) == [("(then)", "request", "methd")]


def test_the_walk_above_finds_what_is_open() -> None:
    opened: Mapping[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": "object"}},
        "additionalProperties": False,
    }
    assert [place for place, _ in parts(opened)] == [(), ("(properties)", "a")]
    assert len(list(keys_of("action"))) > 100
    narrowed = {"$ref": "#/$defs/a", "properties": {"b": {"enum": [1]}}, "then": {"properties": {"c": {}}}}
    assert [place for place, _ in parts(narrowed)] == [
        (),
        ("(beside)", "b"),
        ("(then)",),
        ("(then)", "(properties)", "c"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_explained_with_an_example_and_the_version_it_came_with(kind: str) -> None:
    wanted = ("title", "description", "examples", "since")
    lacking = [f"{spell(place)}: {word}" for place, key in keys_of(kind) for word in wanted if not key.get(word)]
    assert lacking == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_s_description_ends_as_a_sentence(kind: str) -> None:
    assert [spell(place) for place, key in keys_of(kind) if not key["description"].endswith((".", ">."))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_schema_is_json_schema_2020_12(kind: str) -> None:
    schema = format_schema(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_inside_the_format_names_a_definition(kind: str) -> None:
    schema = format_schema(kind)
    for _, inner in parts(schema):
        if "$ref" in inner:
            start, _, name = inner["$ref"].rpartition("/")
            assert start == "#/$defs"
            assert name in schema["$defs"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_of_a_key_fits_that_key(kind: str) -> None:
    definitions = format_schema(kind)["$defs"]
    wrong = [
        f"{spell(place)}: {example!r}: {violation.sentence}"
        for place, key in keys_of(kind)
        for example in key["examples"]
        for violation in Validator({**key, "$defs": definitions}).violations(example)
    ]
    assert wrong == []


@pytest.mark.skipif(importlib.util.find_spec("jsonschema_rs") is None, reason="jsonschema-rs is not installed")
@pytest.mark.parametrize("kind", KINDS)
def test_the_fast_validator_takes_the_format_too(kind: str) -> None:
    assert Validator(format_schema(kind))._fast is not None


# --- what a file is told ----------------------------------------------------------------------------------------------

CONNECTOR = """\
connector: shop
title: Shop
version: 1.0.0
maturity: beta
summary: Sells things.
service: {base_url: https://api.shop.example, hosts: [api.shop.example], probe: get_me}
apis:
  rest: {path: /v1, error: {message: message}}
sign_in:
  key:
    title: Key
    send: {bearer: "{{ connection.key }}"}
    fields: {properties: {key: {type: string, writeOnly: true}}}
sources:
  hooks: {webhook: {items: "[*]", verify: {header: X-Sign, algorithm: hmac-sha256, encodings: [hex]}}}
  tries: {watch: {after: make_order, outcomes: {made: {done: true}}}}
format: 1
"""
TRIGGER = """\
trigger: Order Made
topic: shop/orders/orders.made
description: Triggered when an order is made.
resource: orders
input: {properties: {shops: {type: array, items: {type: string}}}}
filter: "{{ not input.shops or facts.shop in input.shops }}"
sources:
  hooks: {when: {kind: order.made}, facts: {id: order.id, shop: [shop.id, order.shop]}}
fetch: {order: {query: get_order, input: {id: "{{ facts.id }}"}, facts: {due: due}}}
same_event: [id]
returns: {id: "{{ facts.id }}", total: "{{ fetched.order.total }}"}
output: {required: [id], properties: {id: {type: string}, total: {type: number}}}
examples:
  - title: One
    source: hooks
    item: {kind: order.made, order: {id: "1"}}
    data: {id: "1"}
"""
ACTION = """\
action: Make Order
description: Makes an order.
resource: orders
effect: create
input:
  properties:
    text: {type: string, title: Text, description: What it says., examples: [Hello]}
request: {method: POST, path: /v1/orders, inputs: json}
output: {properties: {id: {type: string}}}
examples:
  - title: One
    input: {text: Hello}
    request: {method: POST, url: https://api.shop.example/v1/orders, json: {text: Hello}}
    response: {status: 200, body: {id: "1"}}
    output: {id: "1"}
"""
QUERY = """\
query: List Orders
description: Lists orders.
resource: orders
effect: read
request: {method: GET, path: /v1/orders}
records: {from: data, as: orders, each: {properties: {id: {type: string}}}}
pages: {by: cursor, next: next, send: cursor}
examples:
  - title: All
    input: {}
"""
SCHEMA = "type: object\nproperties:\n  id: {type: string}\n"
TEXTS = {"connector": CONNECTOR, "trigger": TRIGGER, "action": ACTION, "query": QUERY, "schema": SCHEMA}


def told(kind: str, *changes: tuple[str, str]) -> tuple[Document, list[str]]:
    text = TEXTS[kind]
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the {kind}"
        text = text.replace(old, new)
    document = parse_document(text, "f")
    return document, [str(problem) for problem in fit(document, kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_has_no_problems(kind: str) -> None:
    assert told(kind)[1] == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "place", "value"),
    [
        ("connector", "title: Shop", "title: NO", ("title",), "NO"),
        ("connector", "title: Shop", "title: 12:30", ("title",), "12:30"),
        ("connector", "title: Shop", "title: on", ("title",), "on"),
        ("connector", "title: Shop", "title: true", ("title",), "true"),
        ("connector", "title: Shop", "title: null", ("title",), "null"),
        ("connector", "title: Shop", "title: 1.10", ("title",), "1.10"),
        ("connector", "title: Shop", "title: 2026-01-01", ("title",), "2026-01-01"),
        ("connector", "title: Shop", "title: 1e400", ("title",), "1e400"),
        ("connector", "hosts: [api.shop.example]", "hosts: [127.0.0.1]", ("service", "hosts", 0), "127.0.0.1"),
        ("connector", "message: message}", "message: [no, y]}", ("apis", "rest", "error", "message", 0), "no"),
        ("action", "title: One", "title: 007", ("examples", 0, "title"), "007"),
        ("action", "title: Text", "title: 1.10", ("input", "properties", "text", "title"), "1.10"),
        ("action", "{properties: {id: {type: string}}}", "{required: [NO]}", ("output", "required", 0), "NO"),
        ("action", "inputs: json}", "params: {a: x}, headers: {X: 1.0}}", ("request", "headers", "X"), "1.0"),
        ("trigger", "title: One", "title: 007", ("examples", 0, "title"), "007"),
        ("trigger", "same_event: [id]", "same_event: [no]", ("same_event", 0), "no"),
        ("trigger", "shop: [shop.id, order.shop]", "shop: on", ("sources", "hooks", "facts", "shop"), "on"),
    ],
)
def test_where_the_format_wants_text_the_text_as_written_is_taken(
    kind: str, old: str, new: str, place: Any, value: str
) -> None:
    document, problems = told(kind, (old, new))
    found = document.data
    for part in place:
        found = found[part]
    assert (type(found), found, problems) == (str, value, [])


def test_a_version_with_a_zero_at_its_end_stays_as_written_and_is_not_a_number() -> None:
    document, problems = told("connector", ("version: 1.0.0", "version: 1.10"))
    assert document.data["version"] == "1.10"
    assert problems == ["f:3:10: '1.10' has the wrong form; write it like '1.0.0' [wrong-value]"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("action", "{text: Hello}\n    request", "{text: NO}\n    request", "12:19: NO is false to some programs and text to others; write false, or \"NO\" for the text"),
        ("action", 'body: {id: "1"}', "body: {id: 012}", "14:40: 012 may be read in two ways; write \"012\" if it is a text"),
        ("action", "json: {text: Hello}", "json: [0x1F]", "13:77: 0x1F may be read in two ways; write \"0x1F\" if it is a text"),
        ("action", "examples: [Hello]", "examples: [2026-01-01]", "7:78: 2026-01-01 may be read in two ways; write \"2026-01-01\" if it is a text"),
        ("action", "inputs: json}", "json: {on: 12:30}}", "8:54: 12:30 may be read in two ways; write \"12:30\" if it is a text"),
        ("schema", "id: {type: string}", "id: {default: ~}", "3:17: ~ may be read in two ways; write \"~\" if it is a text"),
        ("schema", "id: {type: string}", "id: {enum: [YES]}", "3:15: YES is true to some programs and text to others; write true, or \"YES\" for the text"),
        ("connector", "message: message}}", "message: message}, errors: [{when: {code: no}, then: fail}]}", "8:71: no is false to some programs and text to others; write false, or \"no\" for the text"),
        ("connector", "{done: true}", "{done: yes}", "16:62: yes is true to some programs and text to others; write true, or \"yes\" for the text"),
        ("trigger", "kind: order.made}, facts", "kind: on}, facts", "8:24: on is true to some programs and text to others; write true, or \"on\" for the text"),
        ("trigger", "kind: order.made, order", "kind: 12:30, order", "16:18: 12:30 may be read in two ways; write \"12:30\" if it is a text"),
        ("trigger", 'data: {id: "1"}', "data: {id: 012}", "17:16: 012 may be read in two ways; write \"012\" if it is a text"),
    ],
)  # fmt: skip
def test_elsewhere_what_may_be_read_in_two_ways_needs_quotes(kind: str, old: str, new: str, expected: str) -> None:
    assert told(kind, (old, new))[1] == [f"f:{expected} [yaml-look-alike]"]


def test_numbers_and_booleans_keep_their_type_where_data_stands() -> None:
    document, problems = told("action", ('body: {id: "1"}', "body: {a: 1.10, b: true, c: null, d: 12}"))
    assert problems == []
    assert document.data["examples"][0]["response"]["body"] == {"a": 1.1, "b": True, "c": None, "d": 12}


PROBLEMS: list[tuple[str, str, str, list[str]]] = [
    ("connector", "title: Shop", "titel: Shop", ["2:1: 'titel' is not known here; did you mean 'title'? [unknown-key]"]),
    ("connector", "title: Shop\n", "", ["1:1: 'title' is missing here; add it, such as title: Shop [missing-key]"]),
    ("connector", "title: Shop", "title:", ["2:7: title must not be empty [wrong-value]"]),
    ("connector", "title: Shop", "title: [Shop]", ["2:8: title is a list; text was expected; write Shop [wrong-value]"]),
    ("connector", "maturity: beta", "maturity: betta", ["4:11: 'betta' is not one of the known values; did you mean 'beta'? [wrong-value]"]),
    ("connector", "  rest:", "  Rest:", ["8:3: 'Rest' cannot be a name here [wrong-value]"]),
    ("connector", "error: {message: message}", "error: {message: a b}", ["8:38: 'a b' has the wrong form; write it like 'data.items[0].id' [wrong-value]"]),
    ("connector", "error: {message: message}", "error: {message: 'a[1234567]'}", ["8:38: 'a[1234567]' has the wrong form; write it like 'data.items[0].id' [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {a b: 1}, then: fail}]}", ["8:65: 'a b' cannot be a name here; it starts with status, code, message or body [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {}, then: fail}]}", ["8:64: when must not be empty [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {code: {a: 1}}, then: fail}]}", ["8:71: code is an object; text, a number, true or false, null or a list was expected [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {status: {a: 1}}, then: fail}]}", ["8:73: status is an object; a whole number or a list was expected [wrong-value]"]),
    ("action", "{type: string, title: Text", "{type: string, maxLenght: 3, title: Text", ["7:26: 'maxLenght' is not known here; did you mean 'maxLength'? [unknown-key]"]),
    ("action", "{type: string, title: Text", "{type: strin, title: Text", ["7:18: 'strin' is not one of the known values; did you mean 'string'? [wrong-value]"]),
    ("action", "method: POST, path: /v1/orders,", "metod: POST, path: /v1/orders,", ["8:11: 'metod' is not known here; did you mean 'method'? [unknown-key]"]),
    ("action", "method: POST, path: /v1/orders,", "method: PSOT, path: /v1/orders,", ["8:19: 'PSOT' is not one of the known values; did you mean 'POST'? [wrong-value]"]),
    ("action", "request: {method: POST, path: /v1/orders, inputs: json}\n", "", ["1:1: an action needs either request or upload, and has neither [missing-key]"]),
    ("action", "status: 200", "status: 99", ["14:24: status: 99 is out of range; it must be at least 100 [wrong-value]"]),
    ("action", "effect: create", "effect: creates\nresorce: x", ["4:9: 'creates' is not one of the known values; did you mean 'create'? [wrong-value]", "5:1: 'resorce' is not known here"]),
    ("query", "effect: read", "effect: send", ["4:9: effect must be 'read', not 'send'; a query only reads, and what changes something is an action (operations/actions) [wrong-value]"]),
    ("query", "records: {from: data, as: orders, each: {properties: {id: {type: string}}}}\npages: {by: cursor, next: next, send: cursor}\n", "", ["1:1: a query needs either output or records, and has neither [missing-key]"]),
    ("query", "pages: {", "output: {}\npages: {", ["1:1: a query has both output and records; take one of them out [wrong-value]"]),
    ("query", "records: {from: data, as: orders, each: {properties: {id: {type: string}}}}", "output: {}", ["7:1: 'pages' needs 'records' beside it [missing-key]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {satus: 409}, then: fail}]}", ["8:65: 'satus' cannot be a name here; did you mean 'status'? [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {error.code: 1}, then: fail}]}", ["8:65: 'error.code' cannot be a name here; it starts with status, code, message or body [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {body.a b: 1}, then: fail}]}", ["8:65: 'body.a b' cannot be a name here; it starts with status, code, message or body [wrong-value]"]),
    ("connector", "message: message}}", 'message: message}, errors: [{when: {"body.error[\'a b\'][0].c": 1}, then: fail}]}', []),
    ("connector", "message: message}}", "message: message}, errors: [{when: {body: 1}, then: broken}]}", []),
    ("connector", "message: message}}", "message: message}, errors: [{when: {code: 1}, then: brokn}]}", ["8:81: 'brokn' is not one of the known values; did you mean 'broken'? [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {status: '409'}, then: fail}]}", ["8:73: '409' is text; a whole number or a list was expected; write 409 without quotes [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {status: [409, '410']}, then: fail}]}", ["8:79: '410' is text; a whole number was expected; write 410 without quotes [wrong-value]"]),
    ("connector", "message: message}}", "message: message}, errors: [{when: {status: 99}, then: fail}]}", ["8:73: status: 99 is out of range; it must be at least 200 [wrong-value]"]),
    ("connector", "format: 1\n", "", ["1:1: 'format' is missing here; add it, such as format: 1 [missing-key]"]),
    ("connector", "format: 1", "format: 2", ["17:9: format must be 1, not 2 [wrong-value]"]),
    ("connector", "{bearer: \"{{ connection.key }}\"}", "{header: X-Key}", ["12:12: 'header' needs 'value' beside it [missing-key]"]),
    ("connector", "{bearer: \"{{ connection.key }}\"}", "{}", ["12:11: send needs either bearer or header, and has neither [missing-key]"]),
    ("connector", "{bearer: \"", "{header: X-Key, bearer: \"", ["12:11: send has both bearer and header; take one of them out [wrong-value]", "12:12: 'header' needs 'value' beside it [missing-key]"]),
    ("connector", "{bearer: \"", "{header: X-Key, value: x, bearer: \"", ["12:11: send has both bearer and header; take one of them out [wrong-value]"]),
    ("connector", "service: {", "service: {headers: {authorization: x}, ", ["6:21: 'authorization' cannot be a name here [wrong-value]"]),
    ("action", "inputs: json}", "inputs: json, headers: {Cookie: a}}", ["8:67: 'Cookie' cannot be a name here [wrong-value]"]),
    ("action", "input:\n  p", "rules: [{must: input.text, message: Say it.}]\ninput:\n  p", ["5:16: 'input.text' has the wrong form; write it like '{{ input.text }}' [wrong-value]"]),
    ("action", "inputs: json}", "inputs: json}\npartial: {if: '{{ response.body.a }}', message: Some.}", ["9:10: 'fail_if' is missing here; add it [missing-key]"]),
    ("action", "inputs: json}", "inputs: json}\npartial: {if: response.a, fail_if: '{{ input.a }} x', message: Some.}", ["9:15: 'response.a' has the wrong form", "9:36: '{{ input.a }} x' has the wrong form"]),
    ("action", "inputs: json}", "inputs: json}\nfailed: {if: response.a, message: Some.}", ["9:14: 'response.a' has the wrong form; write it like '{{ input.text }}' [wrong-value]"]),
    ("action", "inputs: json}", "inputs: json}\nfailed: {if: '{{ not response.body.ok }}', message: No.}\nrepeatable: true", []),
    ("action", "inputs: json}", "inputs: json}\nrepeatable: 1", ["9:13: repeatable: 1 is a whole number; true or false was expected [wrong-value]"]),
    ("action", "effect: create\ninput:\n  properties:\n    text: {type: string, title: Text, description: What it says., examples: [Hello]}\nrequest: {method: POST", "effect: read\nrequest: {method: PUT", ["5:19: 'PUT' is not one of the known values; use GET or POST [wrong-value]"]),
    ("query", "method: GET", "method: DELETE", ["5:19: 'DELETE' is not one of the known values; use GET or POST [wrong-value]"]),
    ("query", "method: GET", "method: POST", []),
    ("query", "pages: {", "returns: {a: b}\npages: {", ["7:1: 'returns' needs 'output' beside it [missing-key]"]),
    ("query", "{from: data", "{optional: maybe, from: data", ["6:21: 'maybe' is text; true or false was expected [wrong-value]"]),
    ("query", "by: cursor, next: next, send: cursor", "by: cursor", ["7:8: 'next' is missing here; add it, such as next: metadata.cursor.next [missing-key]", "7:8: 'send' is missing here; add it, such as send: cursor [missing-key]"]),
    ("query", "by: cursor, next: next, send: cursor", "by: link, next: next", ["7:19: 'next' cannot be a name here [wrong-value]"]),
    ("trigger", "topic: shop/orders/orders.made", "topic: orders.made", ["2:8: 'orders.made' has the wrong form; write it like 'shop/orders/orders.created' [wrong-value]"]),
    ("trigger", "topic: shop/orders/orders.made", "topic: Shop/orders/orders.made", ["2:8: 'Shop/orders/orders.made' has the wrong form; write it like 'shop/orders/orders.created' [wrong-value]"]),
    ("trigger", "topic: shop/orders/orders.made", "topc: shop/orders/orders.made", ["2:1: 'topc' is not known here; did you mean 'topic'? [unknown-key]"]),
    ("trigger", "resource: orders\n", "", ["1:1: 'resource' is missing here; add it, such as resource: orders [missing-key]"]),
    ("trigger", 'filter: "{{ not input.shops or facts.shop in input.shops }}"', "filter: input.shops", ["6:9: 'input.shops' has the wrong form; write it like '{{ input.text }}' [wrong-value]"]),
    ("trigger", 'filter: "{{ not input.shops or facts.shop in input.shops }}"', "filter: '{{ a }} {{ b }}'", []),
    ("trigger", "  hooks: {when: {kind: order.made}, facts: {id: order.id, shop: [shop.id, order.shop]}}\n", "  {}\n", ["8:3: sources must not be empty [wrong-value]"]),
    ("trigger", "when: {kind: order.made}, facts", "facts", ["8:10: 'when' is missing here; add it [missing-key]"]),
    ("trigger", "when: {kind: order.made}", "when: {}", ["8:17: when must not be empty [wrong-value]"]),
    ("trigger", "when: {kind: order.made}", "wen: {kind: order.made}", ["8:11: 'wen' is not known here; did you mean 'when'? [unknown-key]"]),
    ("trigger", "when: {kind: order.made}", "when: {kind: {a: b}}", ["8:24: kind is an object; text, a number, true or false, null or a list was expected; write kind.a: b [wrong-value]"]),
    ("trigger", "when: {kind: order.made}", "when: {kind: []}", ["8:24: kind must not be empty [wrong-value]"]),
    ("trigger", "facts: {id: order.id, shop: [shop.id, order.shop]}", "facts: {}", ["8:44: facts must not be empty [wrong-value]"]),
    ("trigger", "id: order.id, shop", "id: order id, shop", ["8:49: 'order id' has the wrong form; write it like 'data.items[0].id' [wrong-value]"]),
    ("trigger", "id: order.id, shop", "order-id: order.id, shop", ["8:45: 'order-id' cannot be a name here [wrong-value]"]),
    ("trigger", "shop: [shop.id, order.shop]", "shop: []", ["8:65: shop must not be empty [wrong-value]"]),
    ("trigger", "shop: [shop.id, order.shop]", "shop: '{{ item.shop }}'", ["8:65: '{{ item.shop }}' has the wrong form; write it like 'data.items[0].id' [wrong-value]"]),
    ("trigger", "query: get_order, input: {id", "qery: get_order, input: {id", ["9:17: 'qery' is not known here; did you mean 'query'? [unknown-key]"]),
    ("trigger", "query: get_order, input: {id", "input: {id", ["9:16: 'query' is missing here; add it, such as query: get_order [missing-key]"]),
    ("trigger", "facts: {due: due}", "facts: {due: [due, at]}", ["9:79: due is a list; text was expected [wrong-value]"]),
    ("trigger", "facts: {due: due}", "fact: {due: due}", ["9:66: 'fact' is not known here; did you mean 'facts'? [unknown-key]"]),
    ("trigger", "same_event: [id]", "same_event: []", ["10:13: same_event must not be empty [wrong-value]"]),
    ("trigger", "same_event: [id]", "same_event: id", ["10:13: 'id' is text; a list was expected; write [id] [wrong-value]"]),
    ("trigger", "same_event: [id]", "same_event: [id, id]", ["10:13: same_event: the same item stands in the list twice; take one of the two out [wrong-value]"]),
    ("trigger", "same_event: [id]\n", "", ["1:1: 'same_event' is missing here; add it [missing-key]"]),
    ("trigger", "same_event: [id]", "sameEvent: [id]", ["10:1: 'sameEvent' is not known here; did you mean 'same_event'? [unknown-key]"]),
    ("trigger", "output: {required: [id], properties: {id: {type: string}, total: {type: number}}}\n", "", ["1:1: 'output' is missing here; add it [missing-key]"]),
    ("trigger", "    source: hooks\n", "", ["14:5: 'source' is missing here; add it, such as source: orders [missing-key]"]),
    ("trigger", "    source: hooks\n", "    sorce: hooks\n", ["15:5: 'sorce' is not known here; did you mean 'source'? [unknown-key]"]),
    ("trigger", '    data: {id: "1"}', "    data: [1]", ["17:11: data is a list; an object was expected [wrong-value]"]),
    ("trigger", '    data: {id: "1"}', '    output: {id: "1"}', ["14:5: 'data' is missing here; add it [missing-key]", "17:5: 'output' is not known here; it belongs at the top of the file; known: title, source, item, fetched, input, wanted, data [unknown-key]"]),
    ("trigger", '    data: {id: "1"}', '    data: {id: "1"}\n    wanted: maybe', ["18:13: 'maybe' is text; true or false was expected [wrong-value]"]),
    ("trigger", '    data: {id: "1"}', '    data: {id: "1"}\n    wnted: true', ["18:5: 'wnted' is not known here; did you mean 'wanted'? [unknown-key]"]),
    ("trigger", '    data: {id: "1"}', '    data: {id: "1"}\n    fetched: {order: 1}', ["18:22: order: 1 is a whole number; an object was expected [wrong-value]"]),
    ("trigger", '    data: {id: "1"}', '    data: {id: "1"}\neffect: read', ["18:1: 'effect' is not known here; known: trigger, topic, description, resource, input, filter, sources, fetch, same_event, returns, output, examples [unknown-key]"]),
    ("trigger", '  - title: One\n    source: hooks\n    item: {kind: order.made, order: {id: "1"}}\n    data: {id: "1"}\n', "  []\n", ["14:3: examples must not be empty [wrong-value]"]),
    ("connector", '{webhook: {items: "[*]", verify: {header: X-Sign, algorithm: hmac-sha256, encodings: [hex]}}}', "{}", ["15:10: hooks needs either webhook or watch, and has neither [missing-key]"]),
    ("connector", "{watch: {after", "{webhook: {signature: none}, watch: {after", ["16:10: tries has both webhook and watch; take one of them out [wrong-value]"]),
    ("connector", "verify: {header: X-Sign, algorithm: hmac-sha256, encodings: [hex]}", "signature: nne", ["15:46: signature must be 'none', not 'nne' [wrong-value]"]),
    ("connector", ", verify: {header: X-Sign, algorithm: hmac-sha256, encodings: [hex]}", "", ["15:20: webhook needs either verify or signature, and has neither [missing-key]"]),
    ("connector", "verify: {header: X-Sign", "signature: none, verify: {header: X-Sign", ["15:20: webhook has both verify and signature; take one of them out [wrong-value]"]),
    ("connector", "header: X-Sign, ", "", ["15:43: 'header' is missing here; add it, such as header: X-Signature [missing-key]"]),
    ("connector", "algorithm: hmac-sha256", "algorithm: sha256", ["15:71: 'sha256' is not one of the known values; did you mean 'hmac-sha256'? [wrong-value]"]),
    ("connector", "algorithm: hmac-sha256", "algorithm: hmac-sha265", ["15:71: 'hmac-sha265' is not one of the known values; did you mean 'hmac-sha256'? [wrong-value]"]),
    ("connector", "algorithm: hmac-sha256, ", "", ["15:43: 'algorithm' is missing here; add it, such as algorithm: hmac-sha256 [missing-key]"]),
    ("connector", "encodings: [hex]", "encodings: [Hex]", ["15:96: 'Hex' is not one of the known values; did you mean 'hex'? [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex, hex]", ["15:95: encodings: the same item stands in the list twice; take one of the two out [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: hex", ["15:95: 'hex' is text; a list was expected; write [hex] [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: []", ["15:95: encodings must not be empty [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], signed: timestamp.body", ["15:110: 'timestamp.body' has the wrong form; write it like '{timestamp}.{body}' [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], signed: '{timestamp}'", ["15:110: '{timestamp}' has the wrong form; write it like '{timestamp}.{body}' [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {header: X-Time}", ["15:113: 'tolerance' is missing here; add it, such as tolerance: 5m [missing-key]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {tolerance: 5m}", ["15:113: timestamp needs either header or path, and has neither [missing-key]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {path: a, header: X-Time, tolerance: 5m}", ["15:113: timestamp has both header and path; take one of them out [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {path: a, prefix: b, tolerance: 5m}", ["15:123: 'prefix' needs 'header' beside it [missing-key]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {header: a, when: {a: 1}, tolerance: 5m}", ["15:125: 'when' needs 'path' beside it [missing-key]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], timestamp: {path: a, tolerance: 5 minutes}", ["15:134: '5 minutes' has the wrong form; write 5m [wrong-value]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], key: {from: hex}", ["15:108: 'from' is not known here; did you mean 'form'? [unknown-key]"]),
    ("connector", "encodings: [hex]", "encodings: [hex], key: hex", ["15:107: 'hex' is text; an object was expected [wrong-value]"]),
    ("connector", "after: make_order, ", "", ["16:18: 'after' is missing here; add it, such as after: upload_file [missing-key]"]),
    ("connector", "after: make_order", "after: []", ["16:26: after must not be empty [wrong-value]"]),
    ("connector", "after: make_order", "after: Make Order", ["16:26: 'Make Order' has the wrong form; write it like 'get_me' [wrong-value]"]),
    ("connector", "outcomes: {made: {done: true}}", "outcomes: {}", ["16:48: outcomes must not be empty [wrong-value]"]),
    ("connector", "outcomes: {made: {done: true}}", "outcomes: {made: {}}", ["16:55: made must not be empty [wrong-value]"]),
    ("connector", "outcomes: {made: {done: true}}", "outcomes: {made: []}", ["16:55: made must not be empty [wrong-value]"]),
    ("connector", "outcomes: {made: {done: true}}", "outcomes: {Made: {done: true}}", ["16:49: 'Made' cannot be a name here [wrong-value]"]),
    ("connector", "outcomes: {made: {done: true}}", "outcome: {made: {done: true}}", ["16:38: 'outcome' is not known here; did you mean 'outcomes'? [unknown-key]"]),
    ("connector", "outcomes: {made: {done: true}}", "look: {query: a, every: 1s}, outcomes: {made: {done: true}}", ["16:44: 'at_most' is missing here; add it, such as at_most: 30m [missing-key]"]),
    ("connector", "outcomes: {made: {done: true}}", "look: {qery: a, every: 1s, at_most: 1m}, outcomes: {made: {done: true}}", ["16:45: 'qery' is not known here; did you mean 'query'? [unknown-key]"]),
    ("connector", "  tries: {watch", "  Tries: {watch", ["16:3: 'Tries' cannot be a name here [wrong-value]"]),
    ("schema", "type: object", "typ: object", ["1:1: 'typ' is not known here; did you mean 'type'? [unknown-key]"]),
    ("schema", "id: {type: string}", "id: text", ["3:7: 'text' is text; an object was expected [wrong-value]"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "expected"), PROBLEMS)
def test_one_cause_is_one_problem_at_its_place(kind: str, old: str, new: str, expected: list[str]) -> None:
    problems = told(kind, (old, new))[1]
    assert len(problems) == len(expected), problems
    for problem, start in zip(sorted(problems), sorted(expected), strict=True):
        assert problem.startswith(f"f:{start}"), problems


def test_all_problems_of_a_file_come_at_once() -> None:
    _, problems = told(
        "connector",
        ("title: Shop", "titel: Shop"),
        ("maturity: beta", "maturity: x"),
        ("fields: {", "feilds: {"),
    )
    assert len(problems) == 3


@pytest.mark.parametrize("text", ["[]", "12", "NO", "text", "null", "- a\n- NO\n"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_mapping_is_told_so(kind: str, text: str) -> None:
    problems = fit(parse_document(text, "f"), kind)
    assert any("an object was expected" in problem.message for problem in problems)


def places_in(kind: str, data: Any) -> dict[Any, tuple[str, ...]]:
    return {place: names for place, names, _ in computed_places(kind, data)}


def test_the_places_of_expressions_are_known_with_the_names_they_may_read() -> None:
    _, action, query = (told(kind)[0] for kind in ("connector", "action", "query"))
    connector = told("connector")[0]
    assert places_in("connector", connector.data) == {("sign_in", "key", "send", "bearer"): ("connection",)}
    verify = {"header": "X", "algorithm": "hmac-sha1", "encodings": ["hex"], "key": {"form": "hex"}}
    look = {"query": "get_order", "input": {"id": "{{ output.id }}"}, "every": "1s", "at_most": "1m"}
    sources = {
        "hooks": {"webhook": {"verify": verify}},
        "tries": {"watch": {"after": "make_order", "look": look, "outcomes": {}}},
    }
    assert places_in("connector", {"sources": sources}) == {
        ("sources", "hooks", "webhook", "verify", "key", "form"): ("connection",),
        ("sources", "tries", "watch", "look", "input", "id"): ("input", "output"),
    }
    assert places_in("trigger", told("trigger")[0].data) == {
        ("filter",): ("input", "facts", "fetched"),
        ("fetch", "order", "input", "id"): ("facts", "fetched"),
        ("returns",): ("facts", "fetched"),
    }
    data = {
        **action.data,
        "returns": {"id": "{{ response.body.id }}"},
        "rules": [{"must": "{{ input.text }}", "message": "{{ no }}"}],
    }
    assert places_in("action", data) == {
        ("rules", 0, "must"): ("input", "connection", "look_up"),
        ("rules", 0, "message"): ("input", "connection", "look_up"),
        ("returns",): ("response", "input", "file", "job", "waited"),
    }
    assert places_in("query", query.data) == {}
