"""Webhooks received: whatever comes, there are events that fit or a reason, and nothing harms its neighbours.

The connector at the top hears its own webhooks; small made-up connectors show the rules that it has no use for. Nothing
here opens a connection.
"""

from __future__ import annotations

import copy
import hmac
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import Connector, Event, InputError, Received, SignatureError, load
from connector_runtime.webhooks import MOST
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.test_calls import Service
from tests.test_topics import steps

ROOT = Path(__file__).resolve().parents[1]
SECRET = "it's a secret"
NOW = datetime(2026, 5, 2, 9, 0, 0, 125_000, UTC)
NOW_TEXT = "2026-05-02T09:00:00.125Z"
KIND = "com.hootsuite.messages.event.v1"
PING = {"type": "com.hootsuite.ping.event.v1", "data": {}}
STATES = {
    "SCHEDULED": "hootsuite/messages/messages.scheduled",
    "SENT": "hootsuite/messages/messages.published",
    "SEND_FAILED_PERMANENTLY": "hootsuite/messages/messages.failed",
}
HALF = re.compile("[\ud800-\udfff]")
SOMETIMES = settings(max_examples=150, deadline=None)


@cache
def hootsuite() -> Connector:
    return load(ROOT)


def body_of(data: Any) -> bytes:
    return json.dumps(data).encode()


def told(
    state: str = "SENT", id_: Any = "4138476039", at: Any = "2026-05-02T07:00:03.250Z", **fields: Any
) -> dict[str, Any]:
    """What Hootsuite tells of one message."""
    data = {"state": state, "organization": {"id": "626001"}, "message": {"id": id_}, "timestamp": at}
    return {"seq_no": "9007199254740993", "type": KIND, "data": data} | fields


def hear(data: Any, source: str = "message_hooks", **given: Any) -> Received:
    """A call that nobody signs, as Hootsuite's addresses of single messages get it."""
    body = data if isinstance(data, bytes) else body_of(data)
    return hootsuite().receive(source, headers={}, body=body, **({"now": NOW} | given))


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hootsuite-Signature": hmac.digest(secret.encode(), body, "sha512").hex()}


def left(them: Sequence[Any]) -> list[str]:
    return [str(it) for it in them]


def problem(work: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        work()
    assert not re.search(r"\.\.(\s|$)", caught.value.message), "a doubled full stop"
    return caught.value.message


@cache
def fits(trigger: str) -> Draft202012Validator:
    """What the data of Hootsuite's events is held against, by a library that is not ours."""
    return Draft202012Validator(hootsuite().operations[trigger].output)


def ensure_whole(connector: Connector, event: Event, connection: str = "default") -> None:
    """An event is valid CloudEvents 1.0, fits its trigger, and survives a trip as JSON."""
    text = json.dumps(event, allow_nan=False)
    assert json.loads(text) == event
    as_it_is = json.dumps(event, ensure_ascii=False)
    assert HALF.search(as_it_is) or json.loads(as_it_is.encode()) == event
    assert list(event) == ["specversion", "id", "source", "type", "time", "datacontenttype", "data"]
    assert event["specversion"] == "1.0"
    assert event["datacontenttype"] == "application/json"
    assert re.fullmatch(r"[0-9a-f]{32}", event["id"])
    assert event["source"] == f"{connector.id}/{connection}"
    trigger = connector.operations[event.trigger]
    assert event["type"] == trigger.topic
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"], re.ASCII)
    assert datetime.fromisoformat(event["time"]).tzinfo is UTC
    assert event["data"]["eventId"] == event["id"]
    schema = fits(trigger.id) if connector is hootsuite() else Draft202012Validator(trigger.output)
    schema.validate(event["data"])
    assert event.fetched is None
    assert event.delivery is None or type(event.delivery) is str


# -- made-up connectors ----------------------------------------------------------------------------------

TEXT = {"type": "string", "title": "Text", "description": "A text."}
EXAMPLE = {"title": "None", "input": {}, "raises": {"error": "InputError", "message": "None."}}
GET_ZONE = {
    "query": "Get Zone",
    "effect": "read",
    "request": {"method": "GET", "path": "/v1/zone"},
    "output": {"properties": {"zone": TEXT}},
}
NOT_SIGNED = {"signature": "none"}


def made_up(
    folder: Path,
    webhooks: Mapping[str, Any],
    triggers: Mapping[str, Any],
    connector: str = "shop",
    operations: Mapping[str, Any] | None = None,
    **top: Any,
) -> Connector:
    """A connector with these webhooks and triggers. A trigger says its `when`, or `sources`, and what is not as usual;
    `operations` are further ones by their file."""
    files: dict[str, Any] = {
        "connector.yaml": {
            "format": 1,
            "connector": connector,
            "title": "Shop",
            "version": "0.1.0",
            "maturity": "development",
            "summary": "A made-up service.",
            "service": {"base_url": "https://a.example", "hosts": ["a.example"], "probe": "get_zone"},
            "apis": {"v1": {"path": "/v1", "error": {"message": "message"}}},
            "sign_in": {
                "token": {
                    "title": "Token",
                    "send": {"bearer": "{{ connection.token }}"},
                    "fields": {"required": ["token"], "properties": {"token": TEXT | {"writeOnly": True}}},
                }
            },
            "sources": {name: {"webhook": it} for name, it in webhooks.items()},
            **top,
        },
    }
    for name, it in {"queries/get_zone": GET_ZONE, **(operations or {})}.items():
        files[f"operations/{name}.yaml"] = it | {"description": "Made up.", "resource": "things", "examples": [EXAMPLE]}
    for name, it in triggers.items():
        given = dict(it)
        facts = given.pop("facts", {"id": "id"})
        if "when" in given:
            given["sources"] = {next(iter(webhooks)): {"when": given.pop("when"), "facts": facts}}
        files[f"operations/triggers/{name}.yaml"] = {
            "trigger": name.title(),
            "topic": f"{connector}/things/{name}",
            "description": "Made up.",
            "resource": "things",
            "same_event": ["id"],
            "output": {"properties": {"id": {"title": "Id", "description": "An id."}}},
            "examples": [{"title": "None", "source": "hook", "item": {}, "data": {}}],
        } | given
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data))  # which is YAML too, and quicker to read
    return load(folder)


def hears(connector: Connector, data: Any, source: str = "hook", **given: Any) -> Received:
    body = data if isinstance(data, bytes) else body_of(data)
    return connector.receive(source, headers={}, body=body, **({"now": NOW} | given))


# -- whatever comes --------------------------------------------------------------------------------------

CHARACTERS = st.characters(exclude_categories=())  # halves of characters too, which JSON can spell
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, -1, 2**53 + 1, 2**63, 2**64, 10**309, 1.0, -0.0, 1e-300, 1e308]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(CHARACTERS, max_size=12),
    st.sampled_from(["", "0", "1", "٣", "²", "true", "1e999", KIND, "SENT", "2026-05-02T07:00:03.250Z", "\ud800"]),
)
KEYS = st.one_of(st.text(CHARACTERS, max_size=6), st.sampled_from(["type", "data", "state", "message", "id", "seq_no"]))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
GOOD = st.builds(
    lambda state, id_, organization, seconds: {
        "seq_no": str(2**53 + seconds),
        "type": KIND,
        "data": {
            "state": state,
            "organization": organization,
            "message": {"id": id_},
            "timestamp": f"2026-05-02T07:00:{seconds:02}.250Z",
        },
    },
    st.sampled_from(list(STATES)),
    st.sampled_from(["1", "2", "3", "4138476039", "ä€😀"]),
    st.sampled_from([None, {"id": "626001"}, {}]),
    st.integers(0, 59),
)
PLACES = [
    ("type",),
    ("seq_no",),
    ("data",),
    ("data", "state"),
    ("data", "organization"),
    ("data", "organization", "id"),
    ("data", "message"),
    ("data", "message", "id"),
    ("data", "timestamp"),
]


def changed(item: dict[str, Any], changes: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """An item with other values at some places."""
    new = copy.deepcopy(item)
    for place, value in changes.items():
        inner: Any = new
        for key in place[:-1]:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[place[-1]] = value
    return new


ODD_INSIDE = st.builds(changed, GOOD, st.dictionaries(st.sampled_from(PLACES), JSON, min_size=1, max_size=3))
HEADERS = st.one_of(
    st.dictionaries(
        st.one_of(st.text(CHARACTERS, max_size=8), st.sampled_from(["X-Hootsuite-Signature", "x-hootsuite-signature"])),
        st.one_of(st.text(CHARACTERS, max_size=140), st.from_regex(r"(sha512=)?[0-9a-fA-F]{126,130}", fullmatch=True)),
        max_size=3,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["X-Hootsuite-Signature", b"X-HOOTSUITE-SIGNATURE", "Other", b"\xff"]),
            st.one_of(st.text(CHARACTERS, max_size=20), st.binary(max_size=130)),
        ),
        max_size=3,
    ),
)


def refuses_or_hears(source: str, headers: Any, body: bytes, secret: Any = None) -> Received | None:
    """Nothing but errors of ours is raised, and each event is whole."""
    try:
        received = hootsuite().receive(source, headers=headers, body=body, secret=secret, now=NOW)
    except (InputError, SignatureError) as error:
        said = error.message
        received = None
    if received is None:
        assert said
        assert SECRET not in said
        return None
    for event in received:
        ensure_whole(hootsuite(), event)
    assert len({event.id for event in received}) == len(received)
    for it in (*received.unknown, *received.malformed):
        assert it.reason
        assert re.fullmatch(r"item \d+: .+", str(it), re.DOTALL)
        str(it).encode()
    return received


@SOMETIMES
@given(body=st.one_of(st.binary(max_size=60), st.text(CHARACTERS).map(lambda it: it.encode("utf-8", "surrogatepass"))))
@example(b"\xff\xfe[\x00]\x00")
@example(b"")
def test_any_bytes_are_heard_or_refused(body: bytes) -> None:
    refuses_or_hears("message_hooks", {}, body)
    refuses_or_hears("platform", signed(body), body, SECRET)
    refuses_or_hears("platform", {}, body, SECRET)


@SOMETIMES
@given(data=JSON)
def test_any_json_is_heard_or_refused(data: Any) -> None:
    body = body_of(data)
    for received in (
        refuses_or_hears("message_hooks", {}, body),
        refuses_or_hears("platform", signed(body), body, SECRET),
    ):
        assert received is not None, "it is JSON, signed, and not too deep"
        items = len(data) if isinstance(data, list) else 1
        assert items == len({*received.unknown, *received.malformed}) + received.ignored + len(received)
    refuses_or_hears("inbox", {"X-Hootsuite-Signature": hmac.digest(b"key", body, "sha256").hex()}, body, b"key".hex())


@settings(SOMETIMES, max_examples=400)
@given(items=st.lists(ODD_INSIDE, min_size=1, max_size=4), lone=st.booleans())
def test_real_items_with_any_json_in_them_are_heard_or_refused(items: list[Any], lone: bool) -> None:
    data = items[0] if lone else items
    received = refuses_or_hears("message_hooks", {}, body_of(data))
    assert received is not None
    for event in received:
        assert type(event.facts["messageId"]) is str


@SOMETIMES
@given(headers=HEADERS, body=st.sampled_from([b"[]", body_of([told()]), b"nonsense"]))
def test_any_headers_are_believed_or_refused(headers: Any, body: bytes) -> None:
    assert refuses_or_hears("platform", headers, body, SECRET) is None, "nobody guesses a signature"
    if body != b"nonsense":
        assert refuses_or_hears("message_hooks", headers, body) is not None, "nobody looks at headers here"


ODD = st.one_of(
    JSON,
    st.just(PING),
    st.builds(lambda it: {**it, "type": "com.hootsuite.other.event.v1"}, GOOD),
    st.builds(lambda it: changed(it, {("data", "state"): "REJECTED"}), GOOD),
    st.builds(lambda it: changed(it, {("data", "message"): None}), GOOD),
    st.builds(lambda it, id_: changed(it, {("data", "message", "id"): id_}), GOOD, st.sampled_from([5, True, [], {}])),
)


@SOMETIMES
@given(
    good=st.lists(GOOD, min_size=1, max_size=8),
    odd=st.lists(ODD, max_size=5),
    repeated=st.lists(st.integers(0, 7), max_size=5),
    random=st.randoms(use_true_random=False),
)
def test_the_same_items_in_any_batches_and_any_order_are_the_same_events(
    good: list[Any], odd: list[Any], repeated: list[int], random: Any
) -> None:
    expected = {event.id for item in good for event in hear([item])}
    kinds = {(item["data"]["message"]["id"], item["data"]["state"]) for item in good}
    assert len(expected) == len(kinds)
    items = [*good, *odd, *(good[number % len(good)] for number in repeated)]
    random.shuffle(items)
    found: list[str] = []
    count = 0
    while items:
        size = random.randint(1, len(items))
        batch, items = items[:size], items[size:]
        received = hear(batch)
        found += [event.id for event in received]
        count += len(received) + received.repeated
        assert count + len(received.malformed) >= 0
        assert size == len(received) + received.repeated + received.ignored + len(
            {it.item for it in (*received.unknown, *received.malformed)}
        )
    assert set(found) == expected
    assert count == len(good) + len(repeated)


# -- what is no event ------------------------------------------------------------------------------------


def test_a_batch_of_three_is_three_events_with_all_that_is_told() -> None:
    received = hear([told("SCHEDULED", "1"), told("SENT", "2"), told("SEND_FAILED_PERMANENTLY", "3")])
    assert [event.type for event in received] == list(STATES.values())
    assert [event.trigger for event in received] == ["message_scheduled", "message_published", "message_failed"]
    assert received[1] == {
        "specversion": "1.0",
        "id": received[1].id,
        "source": "hootsuite/default",
        "type": "hootsuite/messages/messages.published",
        "time": "2026-05-02T07:00:03.250Z",
        "datacontenttype": "application/json",
        "data": {
            "messageId": "2",
            "state": "SENT",
            "at": "2026-05-02T07:00:03.250Z",
            "organizationId": "626001",
            "eventId": received[1].id,
        },
    }
    assert received.unknown == received.malformed == []
    assert received.ignored == received.repeated == 0


def test_pings_are_counted_and_are_no_events() -> None:
    received = hear([PING, told(), PING, {**PING, "data": {"state": "SENT", "message": {"id": "1"}}}])
    assert len(received) == 1
    assert received.ignored == 3
    assert received.unknown == received.malformed == []
    assert hear(PING).ignored == 1
    assert hear([]) == []
    assert hear([]).ignored == 0


def test_unknown_kinds_are_reported_with_what_they_say_of_themselves() -> None:
    received = hear(
        [told("SENT", "1"), told("REJECTED"), told(type="com.hootsuite.new.event.v7"), {"x": 1}, {"type": 5}]
    )
    assert len(received) == 1
    assert left(received.unknown) == [
        f'item 1: data.state "REJECTED", type "{KIND}"',
        'item 2: data.state "SENT", type "com.hootsuite.new.event.v7"',
        "item 3: nothing at the places that triggers look at",
        "item 4: type 5",
    ]
    assert received.malformed == []
    long = hear([told("X" * 5000)]).unknown[0].reason
    assert len(long) < 250


def test_malformed_items_are_reported_with_their_number_and_the_reason() -> None:
    items = [
        told("SENT", "1"),
        told("SENT", None),
        told("SENT", 4138476039),
        told("SENT", ["4138476039"]),
        told("SENT", True),
        {"type": KIND, "data": {"state": "SENT"}},
        changed(told("SENT", "2"), {("data", "organization", "id"): 626001}),
        "text",
        None,
        [told("SENT", "3")],
        told("SENT", "4"),
    ]
    received = hear(items)
    assert [event.data["messageId"] for event in received] == ["1", "4"]
    assert left(received.malformed) == [
        "item 1: messageId is missing",
        "item 2: messageId: 4138476039 is a whole number; text was expected",
        "item 3: messageId is no usable text or number",
        "item 4: messageId: is true; text was expected",
        "item 5: messageId is missing",
        "item 6: organizationId: 626001 is a whole number; text was expected",
        "item 7: it is no object",
        "item 8: it is no object",
        "item 9: it is no object",
    ]
    assert received.unknown == []


def test_the_same_event_twice_in_a_call_is_one_event_and_counted() -> None:
    received = hear([told("SENT", "1"), told("SENT", "2"), told("SENT", "1", seq_no="5"), told("SCHEDULED", "1")])
    assert [event.data["messageId"] for event in received] == ["1", "2", "1"]
    assert received.repeated == 1
    assert received[0].delivery == "9007199254740993", "the first one counts"
    assert received.unknown == received.malformed == []


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("9007199254740993", "9007199254740993"),
        (9007199254740993, "9007199254740993"),
        (10**30 + 1, "1000000000000000000000000000001"),
        (0, "0"),
        (-5, "-5"),
        ("0005", "0005"),
        (None, None),
        (True, None),
        (1.5, None),
        ([1], None),
        ({}, None),
    ],
)
def test_what_names_a_delivery_is_kept_as_text_to_the_last_digit(number: Any, kept: str | None) -> None:
    (event,) = hear([told(seq_no=number)])
    assert event.delivery == kept
    assert "seq_no" not in json.dumps(event)
    item = told()
    del item["seq_no"]
    assert hear([item])[0].delivery is None


# -- bodies ----------------------------------------------------------------------------------------------


def test_a_lone_object_counts_as_a_list_of_one() -> None:
    assert [event.id for event in hear(told())] == [event.id for event in hear([told()])]


@pytest.mark.parametrize("data", [None, 5, "text", True])
def test_what_is_no_object_and_no_list_has_no_items(data: Any) -> None:
    received = hear(data)
    assert received == []
    assert left(received.malformed) == ["item 0: nothing stands where it should be"]


def test_items_may_stand_deeper_and_be_absent(tmp_path: Path) -> None:
    hook = NOT_SIGNED | {"items": "data.entries"}
    shop = made_up(tmp_path, {"hook": hook}, {"made": {"when": {"kind": "made"}}})
    one = {"kind": "made", "id": "1"}
    assert len(hears(shop, {"data": {"entries": [one, {"kind": "made", "id": "2"}]}})) == 2
    assert len(hears(shop, {"data": {"entries": one}})) == 1
    assert left(hears(shop, {"data": {"entries": []}}).malformed) == []
    for data in ({}, {"data": None}, {"data": []}, [], [one], None, {"entries": [one]}):
        received = hears(shop, data)
        assert received == []
        assert left(received.malformed) == ["item 0: nothing stands where it should be"]
    assert left(hears(shop, {"data": {"entries": None}}).malformed) == ["item 0: it is no object"]


def test_without_items_the_body_is_the_item(tmp_path: Path) -> None:
    shop = made_up(tmp_path, {"hook": NOT_SIGNED}, {"made": {"when": {"kind": "made"}}})
    assert len(hears(shop, {"kind": "made", "id": "1"})) == 1
    assert left(hears(shop, [{"kind": "made", "id": "1"}]).malformed) == ["item 0: it is no object"]


def test_a_body_that_is_too_large_is_refused_before_anything_else() -> None:
    at_most = b"[" + b" " * 1_999_998 + b"]"
    assert hear(at_most) == []
    assert problem(lambda: hear(at_most + b" ")) == "body: is larger than 2 MB."
    work = lambda: hootsuite().receive("platform", headers={}, body=at_most + b" ", secret=SECRET)  # noqa: E731
    assert problem(work) == "body: is larger than 2 MB."


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]", inside: bytes = b"1") -> bytes:
    return opening * depth + inside + closing * depth


def test_sixty_levels_are_read_and_sixty_one_are_refused() -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b'{"a":[', b"]}")):
        most = 30 if opening == b'{"a":[' else 60
        assert isinstance(hear(nested(most, opening, closing)), Received)
        assert "nested too deep" in problem(lambda o=opening, c=closing, m=most: hear(nested(m + 1, o, c)))
    # 58 levels inside an item: the list and the item are two
    deep = json.loads(nested(58))
    assert len(hear([told(extra=deep)])) == 1
    assert "nested too deep" in problem(
        lambda: hear(b"[" + body_of(told(extra="X")).replace(b'"X"', nested(59)) + b"]")
    )
    beside = b"[" + b",".join([nested(59)] * 50) + b"]"
    assert len(hear(beside).malformed) == 50


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"]" * 200_000,
        nested(200_000),
        b"[" * 100_000 + b"{}" * 100_000,
        b'"' + b'\\"' * 1000 + b'"' + b"[" * 200_000,
        b'["\\\\",' + b"[" * 200_000,
        b'["\\\\\\"",' + b"[" * 200_000,
        b"\\" + b"[" * 200_000,
        b'\\"' + b"[" * 200_000 + b'"',
        b"\xff" + b"[" * 200_000,
    ],
)
def test_deep_bodies_are_refused_before_they_are_parsed(body: bytes) -> None:
    assert problem(lambda: hear(body)).startswith("body: is not JSON that can be read: ")
    with pytest.raises(InputError):
        hootsuite().receive("platform", headers=signed(body), body=body, secret=SECRET)


@pytest.mark.parametrize("body", [b"[", b"]", b"[}", b"{]", b"[[]", b"[]]", b'["]', b'{"a":[}', b"[{]}", b"[1", b"1]"])
def test_brackets_that_do_not_match_are_refused(body: bytes) -> None:
    assert problem(lambda: hear(body)).startswith("body: is not JSON that can be read: ")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500,
        "{" * 500 + "]" * 7,
        'he said "[[[["',
        "\\",
        '\\"' + "[" * 100,
        "\\\\" * 3 + '"' + "{" * 100,
        "]}" * 99,
        "é[" * 99,
    ],
)
def test_brackets_in_texts_are_no_levels(text: str) -> None:
    received = hear([told("SENT", text), told("SENT", "1", extra={text: text})])
    assert [event.data["messageId"] for event in received] == [text, "1"]
    as_it_is = json.dumps([told("SENT", text)], ensure_ascii=False).encode()
    assert hear(as_it_is)[0].id == received[0].id


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b'[{"a": NaN}]',
        b"[nan]",
    ],
)
def test_numbers_that_json_does_not_have_are_refused(body: bytes) -> None:
    assert problem(lambda: hear(body)).startswith("body: is not JSON that can be read: ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\n",
        b"\xef\xbb\xbf",
        b"hello",
        b"a=b&c=d",
        b"<html></html>",
        b"[] []",
        b"[],",
        b"'a'",
        b"[1,]",
        b"{a: 1}",
        b'"\n"',
        b'"\\x"',
        b'"\\ud8"',
        b"\x00",
        b"[]\x00",
        b'["\xed\xa0\x80"]',
        b'["\xff"]',
        b'["\xc3"]',
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert problem(lambda: hear(body)).startswith("body: is not JSON that can be read: ")


def test_a_byte_order_mark_is_no_harm_and_other_encodings_are_refused() -> None:
    body = body_of([told()])
    assert hear(b"\xef\xbb\xbf" + body)[0].id == hear(body)[0].id
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert problem(lambda e=encoding: hear(body.decode().encode(e))).startswith("body: is not JSON")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1E400", "1" + "0" * 300, "1" + "0" * 900])
def test_a_number_larger_than_any_can_be_stays_text_and_harms_no_neighbour(number: str) -> None:
    body = body_of([told("SENT", "1"), told("SENT", "2")]).replace(b'"1"', number.encode())
    received = hear(body)
    assert [event.data["messageId"] for event in received] == [number, "2"]
    json.dumps(received, allow_nan=False)


def test_more_items_than_any_service_sends_are_refused() -> None:
    assert len(hear([{}] * MOST).unknown) == MOST
    assert problem(lambda: hear([{}] * (MOST + 1))) == "body: holds 10001 events, and 10000 are the most."


def test_half_a_character_harms_no_neighbour() -> None:
    received = hear([told("SENT", "\ud83d"), told("\ud83d"), told("SENT", "\ud83d\ude00")])
    assert received[-1].data["messageId"] == "😀"
    assert left(received.unknown) == [f'item 1: data.state "\\ufffd", type "{KIND}"']
    assert len(received) + len(received.malformed) == 2


def test_the_last_of_two_keys_counts_as_everywhere() -> None:
    body = body_of(told("SENT", "1")).replace(b'"id": "1"', b'"id": "1", "id": "2"')
    assert [event.data["messageId"] for event in hear(body)] == ["2"]


# -- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("2026-05-02T07:00:03.250Z", "2026-05-02T07:00:03.250Z"),
        ("2026-05-02T07:00:03Z", "2026-05-02T07:00:03.000Z"),
        ("2026-05-02T07:00:03.25Z", "2026-05-02T07:00:03.250Z"),
        ("2026-05-02T07:00:03.250999Z", "2026-05-02T07:00:03.250Z"),
        ("2026-05-02T09:00:03.250+02:00", "2026-05-02T07:00:03.250Z"),
        ("2026-05-02T00:30:03.250-07:00", "2026-05-02T07:30:03.250Z"),
        ("2026-05-02 07:00:03.250+00:00", "2026-05-02T07:00:03.250Z"),
        ("2026-01-01T00:00:00.000+14:00", "2025-12-31T10:00:00.000Z"),
        (1777705203, "2026-05-02T07:00:03.000Z"),
        (1777705203.25, "2026-05-02T07:00:03.250Z"),
        (1777705203250, "2026-05-02T07:00:03.250Z"),
        ("1777705203", "2026-05-02T07:00:03.000Z"),
        ("1777705203250", "2026-05-02T07:00:03.250Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
        # no time, so that of receipt
        ("2026-05-02T07:00:03.250", NOW_TEXT),
        ("2026-05-02", NOW_TEXT),
        ("2026-02-30T07:00:03.250Z", NOW_TEXT),
        ("2026-05-02T25:00:03.250Z", NOW_TEXT),
        ("2026-05-02T07:00:03.250Z\n", NOW_TEXT),
        ("٢٠٢٦-٠٥-٠٢T07:00:03.250Z", NOW_TEXT),
        ("0001-01-01T00:00:00.000+14:00", NOW_TEXT),
        ("9999-12-31T23:59:59.000-14:00", NOW_TEXT),
        ("yesterday", NOW_TEXT),
        ("", NOW_TEXT),
        ("\ud800", NOW_TEXT),
        (None, NOW_TEXT),
        (True, NOW_TEXT),
        ([], NOW_TEXT),
        ({}, NOW_TEXT),
        (1e300, NOW_TEXT),
        (-1e300, NOW_TEXT),
        (10**19, NOW_TEXT),
        (10**400, NOW_TEXT),
        ("9" * 5000, NOW_TEXT),
        ("1" * 19, NOW_TEXT),
    ],
)
def test_a_time_is_utc_with_milliseconds_and_otherwise_that_of_receipt(tmp_path: Path, said: Any, time: str) -> None:
    shop = _timed(tmp_path)
    (event,) = hears(shop, {"kind": "made", "id": "1", "at": said})
    assert event.time == time
    ensure_whole(shop, event)


def _timed(folder: Path) -> Connector:
    return made_up(folder, {"hook": NOT_SIGNED | {"time": "at"}}, {"made": {"when": {"kind": "made"}}})


def test_without_a_declared_time_it_is_that_of_receipt_in_utc(tmp_path: Path) -> None:
    shop = made_up(tmp_path, {"hook": NOT_SIGNED}, {"made": {"when": {"kind": "made"}}})
    item = {"kind": "made", "id": "1", "at": 5, "time": 5, "timestamp": 5}
    assert hears(shop, item)[0].time == NOW_TEXT
    east = datetime.fromisoformat("2026-05-02T11:00:00.125+02:00")
    assert hears(shop, item, now=east)[0].time == NOW_TEXT
    before = datetime.now(UTC).replace(microsecond=0)
    (event,) = shop.receive("hook", headers={}, body=body_of(item))
    assert datetime.fromisoformat(event.time) >= before


# -- ids -------------------------------------------------------------------------------------------------


def test_ids_are_the_same_for_ever() -> None:
    """Whoever keeps ids, to drop what comes again, keeps them over processes and versions."""
    assert [event.id for event in hear([told("SENT"), told("SCHEDULED", "ä€😀\n")], connection="bakery")] == [
        "1661c339889d72d4358521272fccf8ab",
        "392c175cd8c6a43de1ff49bb51c267c1",
    ]


def test_ids_are_the_same_in_another_process() -> None:
    script = (
        "import sys; from connector_runtime import load; "
        "print(*(e.id for e in load(sys.argv[1]+'/').receive('message_hooks', headers={}, body=sys.stdin.buffer.read())))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(ROOT)],
            input=body_of([told("SENT", "ä"), told("SCHEDULED")]),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.split() == [e.id.encode() for e in hear([told("SENT", "ä"), told("SCHEDULED")])]


def test_ids_do_not_depend_on_how_an_item_is_written_or_when_it_comes() -> None:
    item = told("SENT", "1")
    turned = {key: item[key] for key in reversed(item)}
    turned["data"] = {key: item["data"][key] for key in reversed(item["data"])}
    spaced = json.dumps([turned], indent=3).encode()
    escaped = body_of(item).replace(b'"1"', b'"\\u0031"')
    later = told("SENT", "1", at="2026-06-01T00:00:00.000Z", seq_no="7", more={"x": 1})
    ids = {event.id for data in (item, turned, spaced, escaped, later) for event in hear(data)}
    assert len(ids) == 1
    assert {event.id for event in hear(item, now=NOW + timedelta(days=1))} == ids
    body = body_of([item])
    heard = hootsuite().receive("platform", headers=signed(body), body=body, secret=SECRET)
    assert {event.id for event in heard} == ids, "whichever source saw it"


def test_another_connection_message_or_topic_is_another_event() -> None:
    ids = [
        event.id
        for connection in ("default", "other", "")
        for state in STATES
        for id_ in ("1", "2", "0", "1,2", '1","2', "null")
        for event in hear([told(state, id_)], connection=connection)
    ]
    assert len(ids) == len(set(ids)) == 3 * 3 * 6


def test_ids_differ_by_connector_topic_names_types_and_places_of_facts(tmp_path: Path) -> None:
    def ids(number: int, connector: str = "shop", event: str = "made", **trigger: Any) -> list[str]:
        trigger = {"when": {"kind": "made"}, "same_event": ["a", "b"], "facts": {"a": "a", "b": "b"}} | trigger
        trigger["output"] = {"properties": {}}
        shop = made_up(tmp_path / str(number), {"hook": NOT_SIGNED | {"items": "[*]"}}, {event: trigger}, connector)
        pairs = [
            (1, 2),
            (2, 1),
            ("1", 2),
            (True, 2),
            (1.0, 2),
            ("true", 2),
            ("1,2", "0"),
            ("1", ",2"),
            ('1","2', "0"),
            (12, "0"),
        ]
        received = hears(shop, [{"kind": "made", "a": a, "b": b} for a, b in pairs])
        assert received.malformed == []
        assert len(received) == len(pairs)
        return [event.id for event in received]

    found = [
        ids(1),
        ids(2, connector="store"),
        ids(3, event="other"),
        ids(4, same_event=["b", "a"]),
        ids(5, same_event=["a", "c"], facts={"a": "a", "c": "b"}),
    ]
    everything = [id_ for each in found for id_ in each]
    assert len(everything) == len(set(everything)), "none of these is another"
    assert ids(6) == found[0], "the folder is nothing"


# -- triggers and sources --------------------------------------------------------------------------------


def test_an_item_that_several_triggers_are_for_is_an_event_of_each(tmp_path: Path) -> None:
    shop = made_up(
        tmp_path,
        {"hook": NOT_SIGNED},
        {
            "made": {"when": {"kind": "made"}},
            "same": {"when": {"kind": "made"}},
            "red": {"when": {"kind": "made", "colour": "red"}},
            "any": {"when": {"kind": ["made", "changed"]}},
            "blue": {"when": {"kind": "made", "colour": "blue"}},
        },
    )
    received = hears(shop, {"kind": "made", "id": "1", "colour": "red"})
    assert sorted(event.trigger for event in received) == ["any", "made", "red", "same"]
    assert len({event.id for event in received}) == 4
    assert received.repeated == 0
    assert [event.trigger for event in hears(shop, {"kind": "changed", "id": "1"})] == ["any"]


def test_a_trigger_that_an_item_lacks_something_for_does_no_harm_to_another(tmp_path: Path) -> None:
    shop = made_up(
        tmp_path,
        {"hook": NOT_SIGNED | {"items": "[*]"}},
        {
            "a": {"when": {"kind": "made"}, "same_event": ["size"], "facts": {"id": "id", "size": "size"}},
            "b": {"when": {"kind": "made"}},
            "c": {"when": {"kind": "made"}, "output": {"required": ["id"], "properties": {"id": {"type": "integer"}}}},
            "d": {"when": {"kind": "made"}, "returns": {"id": "{{ facts.id | utc }}"}},
        },
    )
    received = hears(shop, [{"kind": "made", "id": "1"}])
    assert [event.trigger for event in received] == ["b"]
    assert sorted(left(received.malformed)) == [
        "item 0: '1' is not a date and time such as 2026-05-01T09:00:00Z",
        "item 0: id: '1' is text; a whole number was expected",
        "item 0: size is missing",
    ]
    assert received.unknown == []


def test_data_that_is_no_object_makes_no_event(tmp_path: Path) -> None:
    trigger = {"when": {"kind": "made"}, "facts": {"id": "id", "all": "all"}, "returns": "{{ facts.all }}"}
    shop = made_up(tmp_path, {"hook": NOT_SIGNED | {"items": "[*]"}}, {"made": trigger})
    alls = [{"id": "2"}, [], "text", 5, None]
    received = hears(shop, [{"kind": "made", "id": str(n), "all": it} for n, it in enumerate(alls)])
    assert [event.facts["id"] for event in received] == ["0"]
    assert [it.item for it in received.malformed] == [1, 2, 3, 4]


def test_what_the_service_calls_event_id_does_not_replace_ours(tmp_path: Path) -> None:
    facts = {"id": "id", "eventId": "eventId"}
    shop = made_up(tmp_path, {"hook": NOT_SIGNED}, {"made": {"when": {"kind": "made"}, "facts": facts}})
    (event,) = hears(shop, {"kind": "made", "id": "1", "eventId": "theirs"})
    assert event.data["eventId"] == event.id != "theirs"
    assert event.facts["eventId"] == "theirs"


def test_a_fact_is_the_first_place_that_is_there_and_not_null(tmp_path: Path) -> None:
    facts = {"id": ["a.id", "b[0].id", "c"]}
    hook = NOT_SIGNED | {"items": "[*]"}
    shop = made_up(tmp_path, {"hook": hook}, {"made": {"when": {"kind": "made"}, "facts": facts}})
    items = [
        {"a": {"id": "1"}, "c": "9"},
        {"a": {"id": None}, "b": [{"id": "2"}], "c": "9"},
        {"a": [], "b": {"id": "9"}, "c": "3"},
        {"a": {"id": "-"}, "c": "9"},
        {"a": {"id": 0}, "c": "9"},
        {"a": {"id": False}, "c": "9"},
        {"a": None},
    ]
    received = hears(shop, [{"kind": "made", **it} for it in items])
    assert [event.data["id"] for event in received] == ["1", "2", "3", "-", 0, False]
    assert left(received.malformed) == ["item 6: id is missing"]


@pytest.mark.parametrize("organization", [None, {}, {"id": None}, [], "626001"])
def test_a_fact_that_is_nowhere_or_null_is_left_out(organization: Any) -> None:
    (event,) = hear([changed(told(), {("data", "organization"): organization})])
    assert "organizationId" not in event.data
    assert "organizationId" not in event.facts


def test_a_source_that_is_like_another_is_heard_by_its_triggers_as_it_is_itself(tmp_path: Path) -> None:
    verify = {"header": "X-Signature", "algorithm": "hmac-sha256", "encodings": ["hex"]}
    hooks = {
        "hook": NOT_SIGNED | {"items": "all", "delivery": "number", "time": "at", "ignore": {"kind": "ping"}},
        "all_of_it": NOT_SIGNED | {"like": "hook"},
        "other_way": {"like": "hook", "items": "[*]", "verify": verify},
        "stranger": NOT_SIGNED | {"items": "all"},
    }
    shop = made_up(tmp_path, hooks, {"made": {"when": {"kind": "made"}}})
    items = [{"kind": "made", "id": "1", "number": 7, "at": 0}, {"kind": "ping"}]
    (event,) = hears(shop, {"all": items})
    (again,) = received = hears(shop, {"all": items}, "all_of_it")
    assert again == event
    assert (again.delivery, again.time, received.ignored) == ("7", "1970-01-01T00:00:00.000Z", 1)
    body = body_of(items)
    headers = {"x-signature": hmac.digest(b"k", body, "sha256").hex()}
    assert shop.receive("other_way", headers=headers, body=body, secret="k", now=NOW) == [event]
    with pytest.raises(SignatureError):
        shop.receive("other_way", headers={}, body=body, secret="k")
    stranger = hears(shop, {"all": items}, "stranger")
    assert stranger == []
    assert len(stranger.unknown) == 2


def test_message_hooks_are_heard_as_the_platform_is() -> None:
    body = body_of([told("SENT"), PING, told("NEW")])
    plain = hear(body)
    believed = hootsuite().receive("platform", headers=signed(body), body=body, secret=SECRET, now=NOW)
    assert plain == believed
    assert plain.unknown == believed.unknown
    assert (plain.ignored, plain[0].delivery) == (believed.ignored, believed[0].delivery) == (1, told()["seq_no"])


@pytest.mark.parametrize("wanted", [1, True, "1", 1.0, 0, False, "", 0.0, None, "null", "true", 2**53 + 1])
def test_a_when_fits_the_same_value_of_the_same_type_only(tmp_path: Path, wanted: Any) -> None:
    folder = tmp_path
    hook = NOT_SIGNED | {"items": "[*]"}
    shop = made_up(folder, {"hook": hook}, {"made": {"when": {"value": wanted}}})
    values = [
        1,
        True,
        "1",
        1.0,
        0,
        False,
        "",
        0.0,
        None,
        "null",
        "true",
        2**53 + 1,
        2**53,
        [],
        {},
        [wanted],
        {"x": wanted},
    ]
    items = [{"id": str(number), "value": value} for number, value in enumerate(values)] + [{"id": "absent"}]
    fitting = [str(n) for n, value in enumerate(values) if value == wanted and type(value) is type(wanted)]
    received = hears(shop, items)
    assert [event.facts["id"] for event in received] == fitting
    assert len(fitting) == 1
    assert len(received.unknown) == len(items) - 1


def test_a_when_fits_any_of_its_values_at_each_of_its_places(tmp_path: Path) -> None:
    when = {"kind": ["made", 5, None], "at.place": ["here", True], "['odd key'][0]": 1}
    shop = made_up(tmp_path, {"hook": NOT_SIGNED | {"items": "[*]"}}, {"made": {"when": when}})
    fits = [
        {"kind": kind, "at": {"place": place}, "odd key": [1, 2]}
        for kind in ("made", 5, None)
        for place in ("here", True)
    ]
    not_so = [
        {"kind": "made", "at": {"place": "there"}, "odd key": [1]},
        {"kind": "made", "at": {"place": "here"}, "odd key": []},
        {"kind": "made", "at": {"place": "here"}, "odd key": 1},
        {"kind": "made", "at": [{"place": "here"}], "odd key": [1]},
        {"kind": "5", "at": {"place": "here"}, "odd key": [1]},
        {"kind": ["made"], "at": {"place": "here"}, "odd key": [1]},
        {"at": {"place": "here"}, "odd key": [1]},
        {"kind": "made", "odd key": [1]},
        {"kind": "made", "at.place": "here", "odd key": [1]},
    ]
    received = hears(shop, [{"id": number, **it} for number, it in enumerate([*fits, *not_so])])
    assert [event.facts["id"] for event in received] == list(range(6))
    assert len(received.unknown) == len(not_so)


def test_finding_triggers_takes_as_many_steps_among_ten_as_among_a_thousand(tmp_path: Path) -> None:
    def find(count: int, item: dict[str, Any]) -> Callable[[], Any]:
        triggers = {f"t{number}": {"when": {"kind": number, "at.place": f"p{number}"}} for number in range(count)}
        shop = made_up(tmp_path / str(count), {"hook": NOT_SIGNED}, triggers)
        dispatch = shop.dispatch("hook")
        assert [it.id for it in dispatch.find(item)] == (["t7"] if item["at"]["place"] == "p7" else [])
        return lambda: dispatch.find(item)

    for number, item in enumerate([{"kind": 7, "at": {"place": "p7"}}, {"kind": 7, "at": {"place": "p8"}}]):
        if number == 0:
            few, many = find(10, item), find(1000, item)
            assert steps(few) == steps(many)


# -- what is given besides -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("platfrom", "source: Hootsuite has no webhook 'platfrom'. Did you mean 'platform'?"),
        ("zzz", "source: Hootsuite has no webhook 'zzz'. There are: platform, message_hooks, inbox."),
        ("", "source: Hootsuite has no webhook ''. There are: platform, message_hooks, inbox."),
        ("suggestions", "source: Hootsuite has no webhook 'suggestions'. There are: platform, message_hooks, inbox."),
    ],
)
def test_an_unknown_source_is_refused_with_what_was_probably_meant(source: str, message: str) -> None:
    assert problem(lambda: hootsuite().receive(source, headers={}, body=b"[]")) == message


def test_a_body_that_is_no_bytes_and_a_time_without_offset_are_refused() -> None:
    for body in ("[]", 5, None, [], [1]):
        message = problem(lambda body=body: hootsuite().receive("message_hooks", headers={}, body=body))
        assert message.startswith("body: ")
    for kind in (bytes, bytearray, memoryview):
        given_body: Any = kind(body_of([told()]))
        assert len(hootsuite().receive("message_hooks", headers={}, body=given_body)) == 1
    assert problem(lambda: hear([], now=NOW.replace(tzinfo=None))).startswith("now: ")


def test_settings_that_do_not_fit_are_refused() -> None:
    body = b"[]"

    def receive(**given: Any) -> Any:
        return hootsuite().receive("platform", headers=signed(body), body=body, secret=SECRET, **given)

    assert receive(settings={"webhookKeyForm": "text", "timeZone": "Europe/Berlin"}) == []
    assert receive(settings={}) == receive(settings=None) == []
    message = problem(lambda: receive(settings={"timeZon": "Mars", "webhookKeyForm": "hxe"}))
    assert "did you mean 'timeZone'?" in message
    assert "did you mean 'hex'?" in message
    for form in ("hxe", "HEX", None, 5, ""):
        assert problem(lambda form=form: receive(settings={"webhookKeyForm": form})).startswith("webhookKeyForm: ")
    assert problem(lambda: receive(settings=[])) != ""


def test_the_form_of_the_key_is_a_setting() -> None:
    body = body_of([told()])
    for form, secret in (("text", SECRET), ("hex", SECRET.encode().hex()), ("base64", "aXQncyBhIHNlY3JldA==")):
        heard = hootsuite().receive(
            "platform", headers=signed(body), body=body, secret=secret, settings={"webhookKeyForm": form}, now=NOW
        )
        assert len(heard) == 1
    for form in ("hex", "base64"):
        with pytest.raises(InputError) as caught:
            hootsuite().receive(
                "platform", headers=signed(body), body=body, secret=SECRET, settings={"webhookKeyForm": form}
            )
        assert SECRET not in caught.value.message


def test_who_must_sign_is_heard_with_the_right_secret_only() -> None:
    body = body_of([told()])

    def receive(headers: Any = None, secret: Any = SECRET, body: bytes = body) -> Received:
        headers = signed(body) if headers is None else headers
        return hootsuite().receive("platform", headers=headers, body=body, secret=secret, now=NOW)

    assert len(receive()) == len(receive(secret=["old", SECRET])) == len(receive(secret=(SECRET, "new"))) == 1
    for wrong in (
        lambda: receive(secret=None),
        lambda: receive(secret=[]),
        lambda: receive(secret="another"),
        lambda: receive(secret=["another", "one"]),
        lambda: receive(headers={}),
        lambda: receive(headers={"X-Hootsuite-Signature": ""}),
        lambda: receive(headers=signed(body + b" ")),
        lambda: receive(headers=signed(b"")),
    ):
        with pytest.raises(SignatureError) as caught:
            wrong()
        assert SECRET not in caught.value.message
        assert signed(body)["X-Hootsuite-Signature"] not in caught.value.message
    with pytest.raises(SignatureError):  # before the body is looked at
        receive(headers=signed(b"x"), body=b"nonsense")


def test_a_secret_for_a_source_that_is_not_signed_is_refused() -> None:
    message = problem(lambda: hear([told()], secret=SECRET))
    assert message.startswith("secret: the source ")
    assert message.endswith(" is declared as not signed, so no secret can be checked.")
    assert SECRET not in message


def test_an_item_from_long_ago_is_refused_where_the_item_must_say_when_it_was_sent() -> None:
    def receive(**item: Any) -> Received:
        body = body_of({"type": "CONVERSATION_STARTED", "timestamp": "2026-05-02T09:00:00.000Z", **item})
        headers = {"X-Hootsuite-Signature": hmac.digest(b"key", body, "sha256").hex()}
        return hootsuite().receive("inbox", headers=headers, body=body, secret=b"key".hex(), now=NOW)

    minutes = timedelta(minutes=5)
    for at in (NOW - minutes, NOW + minutes):
        assert len(receive(timestamp=at.isoformat()).unknown) == 1
    for at in (NOW - minutes - timedelta(milliseconds=1), NOW + minutes + timedelta(milliseconds=1)):
        with pytest.raises(SignatureError):
            receive(timestamp=at.isoformat())
    for at in (None, "yesterday", "2026-05-02T09:00:00", [], True):
        with pytest.raises(SignatureError):
            receive(timestamp=at)
    assert len(receive(type="SOMETHING_FOR_A_CRM", timestamp="2020-01-01T00:00:00Z").unknown) == 1


# -- wants -----------------------------------------------------------------------------------------------

MESSAGE = {
    "id": "4138476039",
    "state": "SENT",
    "text": "Fresh bread",
    "socialProfile": {"id": "115185509"},
    "tags": ["spring", "bread"],
}


def completed(message: dict[str, Any] = MESSAGE) -> Event:
    account = hootsuite().connect(access_token="a-made-up-token", send=Service({"data": [message]}))
    return account.complete(hear([told()])[0])


def test_without_an_input_every_event_is_wanted_completed_or_not() -> None:
    for event in (*hear([told(state) for state in STATES]), completed()):
        for nothing in (None, {}, {"tags": [], "socialProfileIds": []}):
            assert hootsuite().wants(event, nothing) is True


def test_what_depends_on_more_than_the_call_needs_a_completed_event() -> None:
    (event,) = hear([told()])
    for wish in ({"tags": ["spring"]}, {"socialProfileIds": ["1"]}):
        message = problem(lambda wish=wish: hootsuite().wants(event, wish))
        assert message == "whether Message Published is wanted depends on what is fetched: complete the event first."


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"socialProfileIds": ["115185509"]}, True),
        ({"socialProfileIds": ["1", "115185509"]}, True),
        ({"socialProfileIds": ["1"]}, False),
        ({"tags": ["spring"]}, True),
        ({"tags": ["menu", "bread"]}, True),
        ({"tags": ["menu"]}, False),
        ({"tags": ["Spring"]}, False),
        ({"tags": ["spring"], "socialProfileIds": ["115185509"]}, True),
        ({"tags": ["spring"], "socialProfileIds": ["1"]}, False),
        ({"tags": ["menu"], "socialProfileIds": ["115185509"]}, False),
    ],
)
def test_an_automation_gets_what_it_asked_for(given: dict[str, Any], wanted: bool) -> None:
    assert hootsuite().wants(completed(), given) is wanted


@pytest.mark.parametrize("tags", [None, [], "absent"])
def test_a_message_without_tags_has_none_in_common(tags: Any) -> None:
    message = {key: value for key, value in MESSAGE.items() if key != "tags"} | (
        {} if tags == "absent" else {"tags": tags}
    )
    event = completed(message)
    assert hootsuite().wants(event, {"tags": ["spring"]}) is False
    assert hootsuite().wants(event, {"socialProfileIds": ["115185509"]}) is True


@pytest.mark.parametrize("given", [{"tag": ["spring"]}, {"tags": "spring"}, {"tags": [5]}, {"tags": [" "]}, [], "x"])
def test_an_input_that_does_not_fit_is_refused_completed_or_not(given: Any) -> None:
    for event in (hear([told()])[0], completed()):
        assert problem(lambda event=event: hootsuite().wants(event, given))


def test_a_filter_that_reads_facts_alone_needs_nothing_completed(tmp_path: Path) -> None:
    trigger = {
        "when": {"kind": "made"},
        "input": {"properties": {"ids": {"type": "array", "items": TEXT}}},
        "filter": "{{ not input.ids or facts.id in input.ids }}",
        "fetch": {"zone": {"query": "get_zone"}},
    }
    shop = made_up(tmp_path, {"hook": NOT_SIGNED}, {"made": trigger, "all": {"when": {"kind": "made"}}})
    made, all_ = sorted(hears(shop, {"kind": "made", "id": "1"}), key=lambda event: event.trigger, reverse=True)
    assert [shop.wants(made, given) for given in (None, {"ids": ["1"]}, {"ids": ["2"]})] == [True, True, False]
    assert shop.wants(all_) is True
    assert "'ids' is not known here" in problem(lambda: shop.wants(all_, {"ids": []}))


# -- the event itself ------------------------------------------------------------------------------------


def test_what_an_event_has_are_attributes_too() -> None:
    (event,) = hear([told(seq_no=7)])
    for name, value in event.items():
        assert getattr(event, name) == value
    assert (event.trigger, event.delivery, event.fetched) == ("message_published", "7", None)
    assert event.facts == {
        "messageId": "4138476039",
        "state": "SENT",
        "at": "2026-05-02T07:00:03.250Z",
        "organizationId": "626001",
    }
    with pytest.raises(AttributeError, match="an event has no subject"):
        _ = event.subject
    assert not hasattr(event, "eventId")


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(
            lambda it, p=protocol: pickle.loads(pickle.dumps(it, p))
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_a_copy_of_an_event_is_whole(again: Callable[[Any], Any]) -> None:
    for event in (hear([told(seq_no=7)])[0], completed()):
        twin = again(event)
        assert type(twin) is Event
        assert twin == event
        assert twin is not event
        for name in ("delivery", "facts", "fetched", "trigger"):
            assert getattr(twin, name) == getattr(event, name)
        assert twin.id == event.id
        if again is not copy.copy:
            assert twin.data is not event.data


def test_what_was_received_can_be_pickled_whole() -> None:
    received = hear([told("SENT", "1"), told("SENT", "1"), PING, {"x": 1}, 5])
    twin = pickle.loads(pickle.dumps(received))
    assert type(twin) is Received
    assert twin == received
    assert (twin.unknown, twin.malformed, twin.ignored, twin.repeated) == (received.unknown, received.malformed, 1, 1)
    assert len(twin.unknown) == len(twin.malformed) == 1


def test_an_event_is_the_same_after_a_trip_as_json() -> None:
    for event in (hear([told("SENT", "ä€😀\u2028")])[0], completed()):
        assert json.loads(json.dumps(event)) == event
        assert list(json.loads(json.dumps(event))) == list(event)


def test_events_of_one_call_share_nothing_that_can_be_changed() -> None:
    first, second = hear([told("SENT", "1"), told("SENT", "2")])
    first.data["text"] = "changed"
    first.facts["more"] = 1
    assert "text" not in second.data
    assert "more" not in second.facts
    assert "more" not in first.data
    assert hear([told("SENT", "1")])[0].data.get("text") is None


def test_half_a_character_is_replaced_since_no_text_can_hold_it() -> None:
    """What comes out can be written down, whichever library judged it. It names nothing any more."""
    received = hear([changed(told(), {("data", "organization", "id"): "\udc00"}), told("SENT", "1")])
    assert [event.data.get("organizationId") for event in received] == ["\ufffd", "626001"]
    json.dumps(received, ensure_ascii=False).encode()
    assert [it.item for it in hear([told("SENT", "\ud83d"), told("SENT", "1")]).malformed] == [0]
    assert hear([told("SENT", "\U0001f600")])[0].data["messageId"] == "\U0001f600"


@pytest.mark.parametrize("id_", ["", " ", "\n", "x" * 1001])
def test_what_is_empty_or_endless_names_no_event(id_: str) -> None:
    received = hear([told("SENT", id_), told("SENT", "x" * 1000)])
    assert (len(received), [it.reason for it in received.malformed]) == (1, ["messageId is no usable text or number"])
    assert received.malformed[0].data == told("SENT", id_), "whoever looks into it has the whole item"


def test_what_names_a_delivery_can_be_written_down() -> None:
    (event,) = hear([told(seq_no="\ud83d")])
    (event.delivery or "").encode()


def test_events_are_the_same_whichever_library_judges_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of half a character, and of a number that is larger than any can be."""
    from connector_runtime.schemas import Validator

    facts = {"id": "id", "more": "more"}
    shop = made_up(tmp_path, {"hook": NOT_SIGNED | {"items": "[*]"}}, {"made": {"when": {"kind": 1}, "facts": facts}})
    items = [{"kind": 1, "id": 1, "more": "\ud800"}, {"kind": 1, "id": 2, "more": 10**400}, {"kind": 1, "id": "\ud800"}]
    quick = [event.id for event in hears(shop, items)]
    monkeypatch.setattr(Validator, "_fast", None)
    assert [event.id for event in hears(load(tmp_path), items)] == quick


def test_the_source_that_is_not_signed_is_named_as_it_was_asked_for() -> None:
    message = problem(lambda: hear([told()], secret=SECRET))
    assert message == "secret: the source message_hooks is declared as not signed, so no secret can be checked."


def test_an_item_without_the_inner_part_is_told_of_and_the_others_keep_their_number(tmp_path: Path) -> None:
    hook = NOT_SIGNED | {"items": "entries[*].message"}
    shop = made_up(tmp_path, {"hook": hook}, {"made": {"when": {"kind": "made"}}})
    received = hears(shop, {"entries": [{"odd": 1}, {"message": {"kind": "made"}}]})
    assert [it.item for it in received.malformed] == [0, 1]
