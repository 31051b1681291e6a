"""A folder made into a connector: what is whole is there, and everything that is wrong is said at once."""

from pathlib import Path

import pytest
from connector_runtime.manifest import Reading, read_manifest
from connector_runtime.model import Manifest, Operation, RequestSpec
from connector_runtime.schemas import Validator

FILES = {
    "connector.yaml": """\
connector: shop
title: Shop
version: 1.0.0
maturity: beta
summary: Sells things.
service: {base_url: https://api.shop.example/, hosts: [api.shop.example], probe: get_me}
apis:
  all: {path: /, error: {message: message}}
  orders: {path: /v1/orders, error: {code: [code, error.code], message: "errors[0].message"}}
sign_in:
  key:
    title: Key
    send: {header: X-Key, value: "{{ connection.key }}"}
    fields: {required: [key], properties: {key: {type: string, writeOnly: true}}}
settings: {properties: {zone: {type: string}}}
sources:
  hooks:
    webhook:
      verify: {header: X-Sign, algorithm: hmac-sha256, encodings: [hex]}
      items: events
      delivery: delivery
      time: at
      ignore: {kind: ping}
  plain_hooks: {webhook: {like: hooks, signature: none, time: sent}}
  orders: {watch: {after: make_order, outcomes: {made: {done: true}}}}
format: 1
""",
    "operations/triggers/order_made.yaml": """\
trigger: Order Made
topic: shop/orders/orders.made
description: Triggered when an order is made.
resource: orders
input: {properties: {shops: {type: array, items: {type: string}}}}
filter: "{{ not input.shops or facts.shop in input.shops }}"
sources:
  hooks: {when: {kind: made}, facts: {id: [order.id, order.number], shop: shop}}
  orders: {when: {outcome: made}, facts: {id: output.id, shop: input.shop}}
fetch: {me: {query: get_me, input: {}, facts: {name: name}}}
same_event: [id]
output: {$ref: ../../schemas/order.yaml}
examples:
  - {title: One, source: hooks, item: {kind: made, order: {id: "1"}}, data: {id: "1"}}
""",
    "operations/queries/get_me.yaml": """\
query: Get Me
description: Shows me.
resource: members
effect: read
request: {method: GET, path: /v1/me}
output: {$ref: ../../schemas/member.yaml}
examples:
  - {title: Me, input: {}}
""",
    "operations/queries/list_orders.yaml": """\
query: List Orders
description: Lists orders.
resource: orders
effect: read
input: {properties: {state: {type: string, enum: [open, done]}}}
request: {method: GET, path: /v1/orders, inputs: params}
records: {from: data, as: orders, each: {$ref: ../../schemas/order.yaml}}
pages: {by: cursor, next: meta.next, send: cursor, size: {send: limit, max: 50}}
examples:
  - {title: All, input: {}}
""",
    "operations/actions/make_order.yaml": """\
action: Make Order
description: Makes an order.
resource: orders
effect: create
input:
  required: [shop]
  properties:
    shop: {type: string}
    text: {type: string, default: Hello}
    note: {type: string}
    hidden: {type: string}
rules:
  - {must: "{{ not input.hidden }}", message: Nothing may be hidden.}
look_up:
  me: {query: get_me}
request:
  method: POST
  path: /v1/orders/{shop}
  inputs: json
  leave_out: [hidden]
  headers: {X-Note: "{{ input.note }}"}
  json: {by: "{{ me.id }}"}
output: {$ref: ../../schemas/order.yaml}
errors:
  - {when: {status: 409, code: [1, "1"]}, then: fail, message: It is there already.}
examples:
  - {title: One, input: {shop: a}}
""",
    "operations/actions/send_file.yaml": """\
action: Send File
description: Sends a file.
resource: files
effect: create
input: {required: [file], properties: {file: {type: string, format: file}}}
upload:
  file: file
  job: {action: make_order, input: {shop: a}}
  put: {url: "{{ job.id }}", at_most: 30m}
  wait: {query: get_me, until: {id: "1"}, every: 2s, at_most: 10m}
output: {properties: {id: {type: string}}}
examples:
  - {title: One, input: {file: a.png}}
""",
    "schemas/member.yaml": "type: object\nrequired: [id]\nproperties:\n  id: {type: string}\n  name: {type: string}\n",
    "schemas/order.yaml": "type: object\nproperties:\n  id: {type: string}\n  by: {$ref: member.yaml}\n",
}
TRIGGER = "operations/triggers/order_made.yaml"
ACTION, UPLOAD = "operations/actions/make_order.yaml", "operations/actions/send_file.yaml"
LIST, ME = "operations/queries/list_orders.yaml", "operations/queries/get_me.yaml"


def read(folder: Path, *changes: tuple[str, str, str], **files: str) -> Reading:
    for file, text in {**FILES, **files}.items():
        for changed, old, new in changes:
            if changed == file:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
                text = text.replace(old, new)
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    return read_manifest(folder)


def said(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


def whole(folder: Path) -> Manifest:
    reading = read(folder)
    assert said(reading) == []
    assert reading.manifest is not None
    return reading.manifest


def operation(folder: Path, id_: str) -> Operation:
    return whole(folder).operations[id_]


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    manifest = whole(tmp_path)
    assert sorted(manifest.operations) == ["get_me", "list_orders", "make_order", "send_file"]
    assert list(manifest.triggers) == ["order_made"]
    assert list(manifest.sources) == ["hooks", "plain_hooks", "orders"]
    assert (manifest.connector, manifest.version, manifest.service.base_url) == (
        "shop",
        "1.0.0",
        "https://api.shop.example/",
    )
    assert manifest.sign_in["key"].send.header == "X-Key"
    assert manifest.settings["additionalProperties"] is False


def test_every_file_that_was_read_is_known_with_its_kind(tmp_path: Path) -> None:
    kinds = {document.file: kind for document, kind in read(tmp_path).documents}
    assert kinds == {
        "connector.yaml": "connector",
        TRIGGER: "trigger",
        ACTION: "action",
        UPLOAD: "action",
        ME: "query",
        LIST: "query",
        "schemas/member.yaml": "schema",
        "schemas/order.yaml": "schema",
    }


def test_the_family_with_the_longest_path_is_the_operation_s(tmp_path: Path) -> None:
    operations = whole(tmp_path).operations
    families = {id_: it.api.path if it.api else None for id_, it in operations.items()}
    assert families == {"get_me": "/", "list_orders": "/v1/orders", "make_order": "/v1/orders", "send_file": None}


def test_a_family_s_path_ends_where_a_part_of_the_path_ends(tmp_path: Path) -> None:
    manifest = read(tmp_path, ("connector.yaml", "orders: {path: /v1/orders,", "orders: {path: /v1/ord,")).manifest
    assert manifest is not None
    assert {it.api.path for it in manifest.operations.values() if it.api} == {"/"}
    manifest = read(tmp_path, ("connector.yaml", "orders: {path: /v1/orders,", "orders: {path: /v1/orders/,")).manifest
    assert manifest is not None
    api = manifest.operations["list_orders"].api
    assert api is not None
    assert api.path == "/v1/orders/"


def test_what_is_used_elsewhere_in_the_request_is_not_sent_under_its_own_name(tmp_path: Path) -> None:
    assert operation(tmp_path, "make_order").sent == ("text",)


def test_a_list_has_its_own_inputs_and_output(tmp_path: Path) -> None:
    listed = operation(tmp_path, "list_orders")
    assert list(listed.input["properties"]) == ["state", "maxRecords", "next"]
    assert listed.input["properties"]["maxRecords"]["default"] == 1000
    assert listed.output["required"] == ["orders", "next"]
    assert listed.sent == ("state",)
    assert Validator(listed.output).is_valid({"orders": [{"id": None, "new": 1, "by": {"id": "1"}}], "next": None})
    assert not Validator(listed.output).is_valid({"orders": [{"by": {"id": None}}], "next": None})


def test_a_trigger_is_read_whole(tmp_path: Path) -> None:
    trigger = whole(tmp_path).triggers["order_made"]
    assert (trigger.id, trigger.handle, trigger.kind, trigger.title) == (
        "order_made",
        "order-made",
        "trigger",
        "Order Made",
    )
    assert (trigger.topic, trigger.resource, trigger.effect) == ("shop/orders/orders.made", "orders", "read")
    assert trigger.same_event == ("id",)
    facts = {
        name: read({"order": {"number": "7"}, "shop": "a"}) for name, read in trigger.sources["hooks"].facts.items()
    }
    assert facts == {"id": "7", "shop": "a"}
    assert trigger.fetch["me"].query == "get_me"
    assert trigger.returns.evaluate({"facts": facts}) == facts


def test_a_trigger_s_input_is_closed_and_its_data_is_open_and_has_the_event_s_id(tmp_path: Path) -> None:
    trigger = whole(tmp_path).triggers["order_made"]
    assert trigger.input["additionalProperties"] is False
    assert Validator(trigger.input).is_valid({})
    assert Validator(trigger.output).is_valid({"id": None, "new": 1, "eventId": "e"})
    assert not Validator(trigger.output).is_valid({"id": "1"})
    assert not Validator(trigger.output).is_valid({"id": "1", "eventId": None})


def test_a_trigger_without_an_input_takes_none(tmp_path: Path) -> None:
    reading = read(tmp_path, (TRIGGER, "input: {properties: {shops: {type: array, items: {type: string}}}}\n", ""))
    assert reading.manifest is not None
    closed = {"type": "object", "properties": {}, "additionalProperties": False}
    assert reading.manifest.triggers["order_made"].input == closed


def test_a_webhook_that_is_like_another_has_all_of_it_but_how_it_is_signed(tmp_path: Path) -> None:
    """What it says itself wins."""
    sources = whole(tmp_path).sources
    one, other = sources["hooks"].webhook, sources["plain_hooks"].webhook
    assert one is not None
    assert other is not None
    assert one.verify is not None
    assert (other.like, other.verify) == ("hooks", None)
    assert other.items == one.items == ("events",)
    assert other.ignore is not None
    assert other.ignore.fits({"kind": "ping"})
    item = {"delivery": "d", "at": "then", "sent": "now"}
    assert (one.delivery(item), other.delivery(item)) == ("d", "d")
    assert (one.time(item), other.time(item)) == ("then", "now")


def test_a_watch_on_one_action_is_a_watch_on_a_list_of_one(tmp_path: Path) -> None:
    spec = whole(tmp_path).sources["orders"].watch
    assert spec is not None
    assert spec.after == ("make_order",)
    assert [when.fits({"done": True}) for when in spec.outcomes["made"]] == [True]


def test_a_broken_trigger_hides_nothing_else(tmp_path: Path) -> None:
    reading = read(tmp_path, (TRIGGER, "resource: orders", "resourse: orders"))
    assert said(reading) == [f"{TRIGGER}:4:1: 'resourse' is not known here; did you mean 'resource'? [unknown-key]"]
    assert reading.manifest is not None
    assert (list(reading.manifest.triggers), len(reading.manifest.operations)) == ([], 4)


@pytest.mark.parametrize(
    ("id_", "place", "file", "line"),
    [
        ("make_order", ("request", "path"), ACTION, 18),
        ("make_order", ("input", "properties", "text", "default"), ACTION, 9),
        ("make_order", ("output", "properties", "id"), "schemas/order.yaml", 3),
        ("make_order", ("output", "properties", "by", "properties", "name", "type"), "schemas/member.yaml", 5),
        ("list_orders", ("records", "each", "properties", "by", "required", 0), "schemas/member.yaml", 2),
        ("get_me", ("output",), "schemas/member.yaml", 1),
        ("get_me", ("output", "properties", "nothing", "here"), "schemas/member.yaml", 4),
    ],
)
def test_every_place_of_an_operation_is_found_through_references(
    tmp_path: Path, id_: str, place: tuple[str | int, ...], file: str, line: int
) -> None:
    found, mark = operation(tmp_path, id_).source.find(place)
    assert (found, mark.line) == (file, line)


@pytest.mark.parametrize(
    ("path", "names"),
    [("/v1/me", []), ("/v1/{a}/b/{c}", ["a", "c"]), ("/{a}{b}", ["a", "b"]), ("/v1/{a", ["a"])],
)
def test_the_names_in_braces_in_a_path_are_inputs(path: str, names: list[str]) -> None:
    assert list(RequestSpec("GET", path).placeholders) == names


WRONG: dict[str, tuple[tuple[str, str, str], list[str], str]] = {
    "the probe is no operation": (
        ("connector.yaml", "probe: get_me", "probe: get_mee"),
        ["connector.yaml:6:82: there is no operation 'get_mee'; did you mean 'get_me'? [unknown-operation]"],
        "",
    ),
    "the probe writes": (
        ("connector.yaml", "probe: get_me", "probe: make_order"),
        ["connector.yaml:6:82: 'make_order' does more than read, so it cannot stand here; name an operation with effect: read [reference-effect]"],
        "",
    ),
    "a look-up is no operation": (
        (ACTION, "me: {query: get_me}", "me: {query: nobody}"),
        [f"{ACTION}:15:15: there is no operation 'nobody'; there are get_me, list_orders [unknown-operation]"],
        "",
    ),
    "a look-up writes": (
        (ACTION, "me: {query: get_me}", "me: {query: send_file}"),
        [f"{ACTION}:15:15: 'send_file' does more than read, so it cannot stand here; name an operation with effect: read [reference-effect]"],
        "",
    ),
    "an upload's job is no operation": (
        (UPLOAD, "job: {action: make_order", "job: {action: make_ordr"),
        [f"{UPLOAD}:8:17: there is no operation 'make_ordr'; did you mean 'make_order'? [unknown-operation]"],
        "",
    ),
    "an upload's wait is no operation": (
        (UPLOAD, "wait: {query: get_me", "wait: {query: zzz"),
        [f"{UPLOAD}:10:17: there is no operation 'zzz'; there are get_me, list_orders [unknown-operation]"],
        "",
    ),
    "an upload's wait writes": (
        (UPLOAD, "wait: {query: get_me", "wait: {query: make_order"),
        [f"{UPLOAD}:10:17: 'make_order' does more than read, so it cannot stand here; name an operation with effect: read [reference-effect]"],
        "",
    ),
    "a path names no input": (
        (LIST, "path: /v1/orders,", "path: '/v1/orders/{shop}',"),
        [f"{LIST}:6:43: the path names {{shop}}, and there is no input 'shop'; declare it under `input` [path-input]"],
        "list_orders",
    ),
    "a path needs what may be missing": (
        (LIST, "path: /v1/orders,", "path: '/v1/orders/{state}',"),
        [f"{LIST}:6:43: the path needs {{state}}, so the input 'state' must be required; put state into `required` [path-input]"],
        "list_orders",
    ),
    "a reference to nothing": (
        (LIST, "order.yaml", "ordr.yaml"),
        [f"{LIST}:7:48: '../../schemas/ordr.yaml' names a file that does not exist; did you mean '../../schemas/order.yaml'? [schema-ref]"],
        "list_orders",
    ),
    "an operation that does not fit the format": (
        (LIST, "resource: orders", "resourse: orders"),
        [f"{LIST}:3:1: 'resourse' is not known here; did you mean 'resource'? [unknown-key]"],
        "list_orders",
    ),
    "an operation that is not YAML": (
        (LIST, "resource: orders", "resource: [orders"),
        [f"{LIST}:3:11: the bracket [ of '[orders' is never closed; put ] where it ends [yaml-syntax]"],
        "list_orders",
    ),
    "an input that goes nowhere": (
        (LIST, "path: /v1/orders, inputs: params", "path: /v1/orders"),
        [f"{LIST}:5:22: the input 'state' goes nowhere; say where the inputs go (request: inputs), or use it in an expression [unused-input]"],
        "list_orders",
    ),
    "an input that is left out but is not there": (
        (ACTION, "leave_out: [hidden]", "leave_out: [hiden]"),
        [f"{ACTION}:20:15: there is no input 'hiden' to leave out; did you mean 'hidden'? [unknown-input]"],
        "make_order",
    ),
    "two bodies": (
        (ACTION, "  json: {by", "  form: {by"),
        [f"{ACTION}:22:3: a request has a JSON body or a form body, not both; take one of them out [request-body]"],
        "make_order",
    ),
    "a body where none may be": (
        (LIST, "inputs: params", "inputs: json"),
        [f"{LIST}:6:50: a GET request has no body; use params instead, or another method [request-body]"],
        "list_orders",
    ),
    "an upload of what is no file": (
        (UPLOAD, "format: file", "minLength: 1"),
        [f"{UPLOAD}:7:9: the input 'file' needs format: file; write that beside its type [upload-input]"],
        "send_file",
    ),
    "an upload of a file that may be missing": (
        (UPLOAD, "required: [file], ", ""),
        [f"{UPLOAD}:7:9: the input 'file' must be required; put file into `required` of the input [upload-input]"],
        "send_file",
    ),
    "an upload of no input": (
        (UPLOAD, "  file: file\n", "  file: fil\n"),
        [f"{UPLOAD}:7:9: there is no input 'fil'; did you mean 'file'? [upload-input]"],
        "send_file",
    ),
    "a look-up with a name that is taken": (
        (ACTION, "  me: {query: get_me}", "  response: {query: get_me}"),
        [f"{ACTION}:15:3: 'response' already means something else in expressions; give the look-up another name [taken-name]"],
        "make_order",
    ),
    "an input with a name that every list has": (
        (LIST, "{state: {type: string, enum: [open, done]}}", "{next: {type: string}}"),
        [f"{LIST}:5:22: every list has 'next' of its own; take it out [taken-name]"],
        "list_orders",
    ),
    "a base address that gets no credentials": (
        ("connector.yaml", "hosts: [api.shop.example]", "hosts: [shop.example]"),
        ["connector.yaml:6:21: the host api.shop.example is not among hosts, so it would get no credentials; correct the one or the other [host]"],
        "",
    ),
    "choices from no operation": (
        (LIST, "enum: [open, done]", "x-options: {query: get_mee, value: '{{ item.id }}', label: '{{ item.id }}'}"),
        [f"{LIST}:5:63: there is no operation 'get_mee'; did you mean 'get_me'? [unknown-operation]"],
        "",
    ),
    "choices from what writes": (
        (LIST, "enum: [open, done]", "x-options: {query: make_order, value: '{{ item.id }}', label: '{{ item.id }}'}"),
        [f"{LIST}:5:63: 'make_order' gives no list to choose from; name a query with `records` [reference-effect]"],
        "",
    ),
    "choices of a trigger from no operation": (
        (TRIGGER, "items: {type: string}", "items: {type: string, x-options: {query: shops, value: a, label: a}}"),
        [f"{TRIGGER}:5:84: there is no operation 'shops'; there are list_orders [unknown-operation]"],
        "",
    ),
    "a reference to what is no schema": (
        (ME, "../../schemas/member.yaml", "list_orders.yaml"),
        [f"{ME}:6:16: 'list_orders.yaml' leads to no file in the folder schemas [schema-ref]"],
        "get_me",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected", "missing"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_its_place_and_hides_nothing_else(
    tmp_path: Path, change: tuple[str, str, str], expected: list[str], missing: str
) -> None:
    reading = read(tmp_path, change)
    problems = said(reading)
    assert len(problems) == len(expected), problems
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True)), problems
    assert reading.manifest is not None
    assert set(reading.manifest.operations) == {"get_me", "list_orders", "make_order", "send_file"} - {missing}


def test_a_broken_schema_file_is_said_once_and_whatever_needs_it_is_left_out(tmp_path: Path) -> None:
    """Its own problem is the cause; that others refer to it is none. What does not need it is whole."""
    reading = read(tmp_path, ("schemas/member.yaml", "required: [id]", "requird: [id]"))
    assert said(reading) == [
        "schemas/member.yaml:2:1: 'requird' is not known here; did you mean 'required'? [unknown-key]"
    ]
    assert reading.manifest is not None
    assert list(reading.manifest.operations) == ["send_file"]
    assert list(reading.manifest.triggers) == []
    assert sorted(reading.manifest.broken) == ["get_me", "list_orders", "make_order", "order_made"]


def test_a_schema_file_that_is_not_yaml_is_said_once_too(tmp_path: Path) -> None:
    reading = read(tmp_path, ("schemas/member.yaml", "required: [id]", "required: [id"))
    assert [(it.rule, it.file) for it in reading.problems] == [("yaml-syntax", "schemas/member.yaml")]


def test_an_operation_that_is_broken_is_not_also_said_to_be_missing(tmp_path: Path) -> None:
    reading = read(tmp_path, (ME, "effect: read", "effect: send"))
    assert said(reading) == [
        f"{ME}:4:9: effect must be 'read', not 'send'; a query only reads, and what changes something is an action (operations/actions) [wrong-value]"
    ]


def test_a_broken_connector_file_gives_no_manifest(tmp_path: Path) -> None:
    reading = read(tmp_path, ("connector.yaml", "title: Shop", "titel: Shop"))
    assert reading.manifest is None
    assert said(reading) == ["connector.yaml:2:1: 'titel' is not known here; did you mean 'title'? [unknown-key]"]


def test_a_folder_without_a_connector_file_is_a_problem(tmp_path: Path) -> None:
    reading = read_manifest(tmp_path)
    assert (reading.manifest, len(reading.problems)) == (None, 1)
    assert str(reading.problems[0]).startswith("connector.yaml:1:1: the file cannot be read")


def test_the_problems_of_all_files_come_at_once_sorted_by_place(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        ("connector.yaml", "probe: get_me", "probe: nobody"),
        (ACTION, "effect: create", "effect: creat"),
        (ACTION, "leave_out", "leave_ot"),
        (LIST, "path: /v1/orders,", "path: '/v1/{shop}/{other}',"),
        (UPLOAD, "at_most: 30m", "at_most: 1234567890s"),
    )
    assert [(it.file, it.line) for it in reading.problems] == [
        ("connector.yaml", 6),
        (ACTION, 4),
        (ACTION, 20),
        (UPLOAD, 9),
        (LIST, 6),
        (LIST, 6),
    ]
    assert reading.manifest is not None
    assert list(reading.manifest.operations) == ["get_me"]
    assert list(reading.manifest.triggers) == ["order_made"]


def test_one_id_is_one_operation(tmp_path: Path) -> None:
    reading = read(tmp_path, **{"operations/queries/make_order.yaml": FILES[ME]})
    assert said(reading) == [
        f"operations/queries/make_order.yaml:1:1: 'make_order' is the id of {ACTION} already [file-name]"
    ]
    assert reading.manifest is not None
    assert reading.manifest.operations["make_order"].kind == "action"


def test_one_id_is_one_trigger_or_one_operation(tmp_path: Path) -> None:
    reading = read(tmp_path, **{"operations/queries/order_made.yaml": FILES[ME]})
    assert said(reading) == [
        f"operations/queries/order_made.yaml:1:1: 'order_made' is the id of {TRIGGER} already [file-name]"
    ]
    assert reading.manifest is not None
    assert "order_made" in reading.manifest.triggers
    assert "order_made" not in reading.manifest.operations


def test_an_expression_that_is_wrong_does_not_stop_the_reading(tmp_path: Path) -> None:
    reading = read(tmp_path, (ACTION, '"{{ input.note }}"', '"{{ input.note + 1 }}"'))
    assert said(reading) == []
    assert reading.manifest is not None
    assert "make_order" in reading.manifest.operations
