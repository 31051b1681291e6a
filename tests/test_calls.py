"""One call from input to output: what is refused, what is sent, to whom, and what comes back as what.

A made-up service, written as a connector in a temporary folder, answers through the `send` seam; the connector at the
top is used where a rule is about it. Nothing here opens a connection, except where a test says so.
"""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import hypothesis
import pytest
import yaml
from connector_runtime import (
    Account,
    Connector,
    ConnectorError,
    InputError,
    InputProblem,
    ManifestError,
    OutputError,
    Problem,
    RateLimited,
    RemoteError,
    Request,
    Response,
    SignatureError,
    SignInError,
    Timeouts,
    UnknownOutcome,
    load,
)
from connector_runtime.messages import FileBody, NoAnswer
from connector_runtime.schemas import secrets_of
from connector_runtime.signin import hosts_of, may_send
from connector_runtime.times import parse_time
from hypothesis import strategies as st

from tests.servers import Server, answer, closed_port, serve, without_settings
from tests.test_transport import two_ports

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "s3cr3t+/token=="  # with characters that every encoding changes
NOW = "2026-01-01T00:00:00Z"
HOUR = "2026-05-02T07:00:00Z"
POST = {"text": "Our spring menu is here.", "socialProfileIds": ["1"], "scheduledSendTime": HOUR}
NOBODY_KNOWS = "Nobody knows whether it happened: look before you do it again."
QUOTA = (
    "The quota of this Hootsuite account or its plan is used up. Try again tomorrow; if that does not help, ask an "
    "administrator about the plan."
)
E = TypeVar("E", bound=ConnectorError)

# -- a made-up service -----------------------------------------------------------------------------------

TEXT = {"type": "string", "title": "Text", "description": "A text."}
RECORDS = {
    "from": "data",
    "as": "things",
    "each": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
}
MADE_UP: dict[str, Any] = {
    "connector.yaml": {
        "format": 1,
        "connector": "shop",
        "title": "Shop",
        "version": "0.1.0",
        "maturity": "development",
        "summary": "A made-up service.",
        "service": {
            "base_url": "https://api.shop.example",
            "hosts": ["api.shop.example", "eu.shop.example:8443"],
            "upload_hosts": ["*.bytes.example", "files.shop.example"],
            "probe": "get_zone",
        },
        "apis": {
            "v1": {
                "path": "/v1",
                "error": {"code": "code", "message": "message", "trace_id": "trace"},
                "errors": [
                    {"when": {"code": "quota"}, "then": "fail", "message": "The quota is used up. Try again tomorrow."},
                    {"when": {"status": 401}, "then": "renew"},
                    {"when": {"status": 429}, "then": "retry"},
                    {"when": {"status": 503}, "then": "broken"},
                    {"when": {"status": 507}, "then": "fail"},
                    {"when": {"status": 409}, "then": "done"},
                ],
            }
        },
        "sign_in": {
            "token": {
                "title": "Access Token",
                "send": {"bearer": "{{ connection.token }}"},
                "fields": {"required": ["token"], "properties": {"token": TEXT | {"writeOnly": True}}},
            },
            "key": {
                "title": "Key",
                "send": {"header": "X-Key", "value": "{{ connection.key }}"},
                "fields": {"required": ["key"], "properties": {"key": TEXT | {"writeOnly": True}}},
            },
        },
        "settings": {"properties": {"zone": TEXT | {"format": "time-zone"}}},
    },
    "operations/queries/get_zone.yaml": {
        "query": "Get Zone",
        "effect": "read",
        "request": {"method": "GET", "path": "/v1/zone"},
        "output": {"required": ["zone"], "properties": {"zone": TEXT}},
    },
    "operations/queries/get_thing.yaml": {
        "query": "Get Thing",
        "effect": "read",
        "input": {
            "required": ["id"],
            "properties": {"id": TEXT, "word": TEXT, "many": {"type": "array", "items": TEXT}},
        },
        "request": {"method": "GET", "path": "/v1/things/{id}/part", "inputs": "params"},
        "output": {"required": ["id"], "properties": {"id": TEXT}},
    },
    "operations/actions/make_thing.yaml": {
        "action": "Make Thing",
        "effect": "create",
        "input": {
            "required": ["name"],
            "properties": {
                "name": TEXT,
                "size": {"type": "integer", "minimum": 1, "default": 3},
                "colour": TEXT | {"enum": ["red", "green"]},
                "parts": {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {"id": TEXT}}},
                "at": TEXT | {"format": "local-date-time"},
                "zone": TEXT | {"format": "time-zone"},
            },
        },
        "look_up": {"me": {"query": "get_zone"}, "other": {"query": "get_zone"}},
        "rules": [
            {"must": "{{ input.name != 'bad' }}", "at": "name", "message": "This name is taken."},
            {
                "must": "{{ input.size < 100 or input.name == 'big' }}",
                "at": "size",
                "message": "Only big may be that large.",
            },
            {
                "must": "{{ not input.at or input.at | utc(input.zone or connection.zone or me.zone) > now }}",
                "at": "at",
                "message": "This time has passed.",
            },
        ],
        "request": {
            "method": "POST",
            "path": "/v1/things",
            "inputs": "json",
            "leave_out": ["zone"],
            "json": {"at": "{{ input.at | utc(input.zone or connection.zone or me.zone) }}"},
        },
        "partial": {
            "if": "{{ response.body.refused | default([]) | length }}",
            "fail_if": "{{ input.name == 'strict' or not response.body.ids }}",
            "message": "Not all parts were made.",
        },
        "returns": {
            "id": "{{ response.body.id }}",
            "count": "{{ response.body.ids | default([]) | length }}",
            "ids": "{{ response.body.ids }}",
        },
        "output": {
            "required": ["id"],
            "properties": {"id": TEXT, "count": {"type": "integer"}, "ids": {"type": "array", "items": TEXT}},
        },
    },
    "operations/actions/drop_thing.yaml": {
        "action": "Drop Thing",
        "effect": "delete",
        "input": {"required": ["id"], "properties": {"id": TEXT}},
        "request": {"method": "DELETE", "path": "/v1/things/{id}"},
        "returns": {"id": "{{ input.id }}"},
        "output": {"required": ["id"], "properties": {"id": TEXT}},
    },
    "operations/actions/bring_file.yaml": {
        "action": "Bring File",
        "effect": "create",
        "input": {"required": ["file"], "properties": {"file": TEXT | {"format": "file"}}},
        "upload": {
            "file": "file",
            "job": {"action": "make_job", "input": {"size": "{{ file.size }}"}},
            "put": {"url": "{{ job.url }}", "headers": {"Content-Type": "{{ file.type }}"}, "at_most": "5m"},
            "wait": {"query": "get_job", "until": {"state": "READY"}, "every": "2s", "at_most": "6s"},
        },
        "output": {"required": ["state"], "properties": {"state": TEXT}},
    },
    "operations/actions/make_job.yaml": {
        "action": "Make Job",
        "effect": "create",
        "input": {"required": ["size"], "properties": {"size": {"type": "integer"}}},
        "request": {"method": "POST", "path": "/v1/jobs", "inputs": "json"},
        "output": {"properties": {"url": TEXT}},
    },
    "operations/queries/get_job.yaml": {
        "query": "Get Job",
        "effect": "read",
        "request": {"method": "GET", "path": "/v1/job"},
        "output": {"required": ["state"], "properties": {"state": TEXT}},
    },
    "operations/queries/list_by_cursor.yaml": {
        "query": "List by Cursor",
        "effect": "read",
        "input": {"properties": {"word": TEXT}},
        "request": {"method": "GET", "path": "/v1/cursor", "inputs": "params"},
        "pages": {"by": "cursor", "next": "meta.next", "send": "cursor", "size": {"send": "limit", "max": 5}},
        "records": RECORDS,
    },
    "operations/queries/list_by_link.yaml": {
        "query": "List by Link",
        "effect": "read",
        "request": {"method": "GET", "path": "/v1/link"},
        "pages": {"by": "link"},
        "records": RECORDS | {"optional": True},
    },
}


def _write(folder: Path) -> Path:
    for name, data in MADE_UP.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        more = (
            {} if name == "connector.yaml" else {"description": "Made up.", "resource": "things", "examples": EXAMPLES}
        )
        path.write_text(yaml.safe_dump(data | more, sort_keys=False))
    return folder


EXAMPLES = [{"title": "None", "input": {}, "raises": {"error": "InputError", "message": "None."}}]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Connector:
    return load(_write(tmp_path_factory.mktemp("shop")))


@pytest.fixture(scope="session")
def hootsuite() -> Connector:
    return load(ROOT)


class Service:
    """A `send` that keeps the requests and answers what a function says: a body, an answer, or an exception."""

    def __init__(self, behave: Callable[[Request], Any] | Any) -> None:
        self.behave = behave
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        found = self.behave(request) if callable(self.behave) else self.behave
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Response) else reply(found)

    @property
    def paths(self) -> list[str]:
        return [urlsplit(request.url).path for request in self.requests]


def position(*fields: Any) -> str:
    """A `next` as this runtime writes it."""
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def reply(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def account(connector: Connector, send: Any, **values: Any) -> Account:
    secret = {"token": TOKEN} if connector.id == "shop" else {"access_token": TOKEN}
    return connector.connect(send=send, now=lambda: parse_time(NOW), **(secret | values))


def fails(kind: type[E], work: Callable[[], Any]) -> E:
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    assert not re.search(r"\.\.(\s|$)", caught.value.message), "a doubled full stop"
    return caught.value


# -- input -----------------------------------------------------------------------------------------------


def test_all_problems_of_an_input_come_at_once_each_with_its_place_and_nothing_is_sent(shop: Connector) -> None:
    service = Service({})
    given = {"size": 0, "colour": "gren", "parts": [{"id": 5}, {}], "nmae": "x"}
    for work in (account(shop, service).run, account(shop, service).try_):
        error = fails(InputError, lambda work=work: work("make_thing", given))
        assert {problem.path: problem.message for problem in error.problems} == {
            "": "'nmae' is not known here; did you mean 'name'?",
            "size": "0 is out of range; it must be at least 1.",
            "colour": "'gren' is not one of the known values; did you mean 'green'?",
            "parts[0].id": '5 is a whole number; text was expected; write "5" in quotes.',
            "parts[1].id": "is required.",
        }
        assert error.operation == "make_thing"
        assert str(error).count("\n") == len(error.problems) - 1
    assert not service.requests


@pytest.mark.parametrize(
    "given", [None, [], "text", 5, {1: 2}, {"name": {}}, {"name": None}, {"name": True}, {"parts": {}}]
)
def test_an_input_of_the_wrong_kind_is_an_input_error(shop: Connector, given: Any) -> None:
    service = Service({})
    fails(InputError, lambda: account(shop, service).run("make_thing", given))
    assert not service.requests


def test_defaults_are_sent_and_what_was_given_is_left_as_it_was(shop: Connector) -> None:
    service = Service({"id": "1"})
    given = {"name": "a", "parts": [{"id": "x"}]}
    account(shop, service).run("make_thing", given)
    assert service.requests[0].json == {"name": "a", "size": 3, "parts": [{"id": "x"}]}
    assert given == {"name": "a", "parts": [{"id": "x"}]}


def test_all_broken_rules_come_at_once(shop: Connector) -> None:
    service = Service({})
    error = fails(InputError, lambda: account(shop, service).run("make_thing", {"name": "bad", "size": 100}))
    assert [str(problem) for problem in error.problems] == [
        "name: This name is taken.",
        "size: Only big may be that large.",
    ]
    assert not service.requests


def test_an_operation_has_an_id_and_a_handle(shop: Connector) -> None:
    service = Service({"id": "1"})
    assert account(shop, service).run("drop-thing", {"id": "1"}) == {"id": "1"}
    for work in (account(shop, service).run, account(shop, service).try_, account(shop, service).records):
        error = fails(InputError, lambda work=work: next(iter(work("drop_think", {"id": "1"}))))
        assert error.message == "Shop has no operation 'drop_think'. Did you mean 'drop_thing'?"
    error = fails(InputError, lambda: account(shop, service).run("zzz"))
    assert error.message.startswith("Shop has no operation 'zzz'. There are: ")


def test_records_only_streams_lists(shop: Connector) -> None:
    error = fails(InputError, lambda: list(account(shop, Service({})).records("get_zone")))
    assert error.message == "Get Zone is no list, so it has no records to give one by one."


# -- addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "aHR0cHM6Ly9leA==",
        "a/b",
        "a/../b",
        "../../me",
        "..%2f",
        "%2e%2e",
        "?x=1",
        "#x",
        "a b",
        "ä€😀",
        "%",
        "+",
        "{id}",
        ";x",
        ":",
        "@",
        "\\",
        "\n",
        "...",
    ],
)
def test_a_path_part_is_encoded_so_that_it_stays_one_part(shop: Connector, value: str) -> None:
    service = Service({"id": "1"})
    account(shop, service).run("get_thing", {"id": value})
    address = service.requests[0].url
    assert address == f"https://api.shop.example/v1/things/{quote(value, safe='')}/part"
    assert len(urlsplit(address).path.split("/")) == 5
    assert not urlsplit(address).query


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_part_that_would_change_the_path_is_refused(shop: Connector, value: str) -> None:
    service = Service({})
    error = fails(InputError, lambda: account(shop, service).run("get_thing", {"id": value}))
    assert error.problems[0].path == "id"
    assert not service.requests


def test_over_a_real_connection_too_a_path_part_stays_one_part(
    shop: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_settings(monkeypatch)
    with serve(answer(b'{"id": "1"}')) as server:
        one = shop.connect(token=TOKEN, base_url=server.url, timeouts=Timeouts(10, 10, 20))
        for value in ("a/../b==", "%2e%2e", "..;x", "?#"):
            one.run("get_thing", {"id": value, "word": "a&b=c+d ä", "many": ["1,2", "3"]})
            assert server.requests[-1].target.split("?")[0] == f"/v1/things/{quote(value, safe='')}/part"
            sent = parse_qs(urlsplit(server.requests[-1].target).query)
            assert sent == {"word": ["a&b=c+d ä"], "many": ["1,2", "3"]}


# -- who gets credentials --------------------------------------------------------------------------------

SIGNED, UPLOAD = "signed", "upload"
ADDRESSES = [
    ("https://api.shop.example/v1", SIGNED),
    ("https://api.shop.example", SIGNED),
    ("https://api.shop.example:443/v1", SIGNED),
    ("https://eu.shop.example:8443/v1", SIGNED),
    ("https://eu.shop.example/v1", None),
    ("https://api.shop.example:8443/v1", None),
    ("http://api.shop.example/v1", None),
    ("ftp://api.shop.example/v1", None),
    ("//api.shop.example/v1", None),
    ("/v1", None),
    ("", None),
    ("https://shop.example", None),
    ("https://www.api.shop.example", None),
    ("https://api.shop.example.evil.example", None),
    ("https://evil.example/api.shop.example", None),
    ("https://evil.example?api.shop.example", None),
    ("https://evil.example#@api.shop.example", None),
    ("https://api.shop.example@evil.example", None),
    ("https://evil.example@api.shop.example", None),
    ("https://api.shop.example:443@evil.example", None),
    ("https://api.shop.example\\@evil.example", None),
    ("https://evil.example\\@api.shop.example", None),
    ("https:\\\\api.shop.example", None),
    ("https://api.shop.example\\.evil.example", None),
    ("https://api.shop.example .evil.example", None),
    ("https://api.shop.example%2eevil.example", None),
    ("https://[::1", None),
    ("https://[::1].bytes.example.evil", None),
    ("https://api.shop.example:port/", None),
    ("https://127.0.0.1/", None),
    ("https://a.bytes.example/x", UPLOAD),
    ("https://a.b.bytes.example/x?y=z", UPLOAD),
    ("https://files.shop.example/x", UPLOAD),
    ("https://bytes.example/x", None),
    ("https://evilbytes.example/x", None),
    ("https://a.bytes.example:8080/x", None),
    ("https://a.bytes.example@evil.example/x", None),
    ("https://evil.example/.bytes.example", None),
    ("http://a.bytes.example/x", None),
    ("https://www.files.shop.example/x", None),
]


@pytest.mark.parametrize(("address", "allowed"), ADDRESSES)
def test_credentials_go_to_declared_hosts_over_tls_and_bytes_to_upload_hosts(
    shop: Connector, address: str, allowed: str | None
) -> None:
    assert may_send(address, hosts_of(shop.manifest.service, None)) == allowed


@pytest.mark.parametrize(
    ("base", "address", "allowed"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", SIGNED),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001/v1", UPLOAD),
        ("http://127.0.0.1:8000", "http://localhost:8000/v1", UPLOAD),
        ("http://127.0.0.1:8000", "http://api.shop.example/v1", None),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000@evil.example/v1", None),
        ("http://127.0.0.1:8000", "http://10.0.0.1/v1", None),
        ("http://127.0.0.1:8000", "http://localhost.evil.example/v1", None),
        ("https://proxy.example/shop", "https://proxy.example/elsewhere", SIGNED),
        ("https://proxy.example/shop", "http://proxy.example/shop", None),
        ("https://proxy.example/shop", "http://127.0.0.1:9/", None),
        ("https://proxy.example:9443", "https://proxy.example/", None),
    ],
)
def test_another_base_address_adds_its_host_and_no_more(
    shop: Connector, base: str, address: str, allowed: str | None
) -> None:
    assert may_send(address, hosts_of(shop.manifest.service, base)) == allowed


def test_credentials_go_with_a_request_to_the_base_address(shop: Connector) -> None:
    service = Service({"zone": "UTC"})
    account(shop, service).run("get_zone")
    assert service.requests[0].credentials == {"Authorization": f"Bearer {TOKEN}"}
    one = shop.connect(method="key", key=TOKEN, base_url="http://127.0.0.1:1/x/", send=service)
    one.run("get_zone")
    assert service.requests[1].credentials == {"X-Key": TOKEN}
    assert service.requests[1].url == "http://127.0.0.1:1/x/v1/zone"


@pytest.mark.parametrize("address", [address for address, allowed in ADDRESSES if allowed is None and "://" in address])
def test_a_next_page_on_a_host_that_nobody_declared_is_not_asked_for(shop: Connector, address: str) -> None:
    service = Service(reply({"data": [{"n": 1}]}, link=f'<{address}>; rel="next"'))
    found = account(shop, service).records("list_by_link")
    assert next(found) == {"n": 1}
    error = fails(RemoteError, lambda: next(found))
    assert "is not among the hosts that the connector declares; nothing was sent there." in error.message
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "address",
    [it for it, allowed in ADDRESSES if allowed != SIGNED]
    + [
        "https://eu.shop.example:8443/v1",
        "https://api.shop.example:443/v1",
        "https://api.shop.example",
        "HTTPS://api.shop.example/v1",
    ],
)
def test_a_next_that_names_another_host_gets_no_credentials_either(shop: Connector, address: str) -> None:
    """`next` is a text of the caller's; an agent may be talked into making one up."""
    service = Service({"data": []})
    one = account(shop, service)
    for work in (one.run, one.try_, lambda *given: list(one.records(*given))):
        with pytest.raises(InputError) as caught:
            work("list_by_link", {"next": position("list_by_link", address, 0)})
        assert caught.value.problems[0].path == "next"
    assert not service.requests


@pytest.mark.parametrize(
    "address",
    ["https://api.shop.example/\\@evil.example", "https://api.shop.example/#x", "https://api.shop.example/a b"],
)
def test_a_next_that_can_be_read_in_two_ways_is_sent_nowhere(shop: Connector, address: str) -> None:
    service = Service({"data": []})
    for work in (account(shop, service).run, account(shop, service).try_):
        fails(RemoteError, lambda work=work: work("list_by_link", {"next": position("list_by_link", address, 0)}))
    assert not service.requests


# -- secrets ---------------------------------------------------------------------------------------------

FORMS = {
    "as it is": TOKEN,
    "percent-encoded": quote(TOKEN, safe=""),
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64 without padding": base64.b64encode(TOKEN.encode()).decode().rstrip("="),
    "JSON": json.dumps(TOKEN + '"')[1:-2],
}


def _hides(*texts: str) -> None:
    for text in texts:
        for name, form in FORMS.items():
            assert form not in text, name


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 302])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_that_the_service_repeats_is_not_passed_on(shop: Connector, status: int, form: str) -> None:
    said = f"Token {form} is unknown"
    for body in ({"message": said, "code": said, "trace": said}, said.encode(), f"<html>{said}".encode()):
        for operation, given in (
            ("make_thing", {"name": "a"}),
            ("get_thing", {"id": "a"}),
            ("drop_thing", {"id": "a"}),
        ):
            one = account(shop, Service(reply(body, status)))
            with pytest.raises(ConnectorError) as caught:
                one.run(operation, given)
            _hides(str(caught.value), repr(caught.value), caught.value.message)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_in_an_odd_answer_or_a_cut_connection_is_not_passed_on(shop: Connector, form: str) -> None:
    cases = [Response(200, {}, f"oops {form}".encode()), reply({"id": {form: form}}), NoAnswer(f"no {form}", sent=True)]
    for behave in cases:
        with pytest.raises(ConnectorError) as caught:
            account(shop, Service(behave)).run("make_thing", {"name": "a"})
        _hides(str(caught.value), repr(caught.value))


def test_a_secret_that_the_service_repeats_is_in_no_field_of_the_error_either(shop: Connector) -> None:
    """The fields are for programs, which write them into logs."""
    said = f"Token {TOKEN} is unknown"
    refused = account(shop, Service(reply({"message": said, "code": said, "trace": said}, 400)))
    odd = account(shop, Service({"id": [said]}))
    error, other = (
        fails(RemoteError, lambda: refused.run("get_zone")),
        fails(OutputError, lambda: odd.run("make_thing", {"name": "a"})),
    )
    _hides(str(error.code), str(error.trace_id), str(other.data))


def test_nothing_that_people_print_shows_a_secret(shop: Connector) -> None:
    service = Service({"zone": "UTC"})
    one = account(shop, service)
    one.run("get_zone")
    tried = one.try_("make_thing", {"name": "a"})
    things = (one, one.connection, one.connection.credentials, shop, service.requests[0], tried)
    _hides(*map(repr, things), *map(str, things), str(tried.headers), str(tried.parts))
    assert not tried.credentials
    assert TOKEN not in str(one.connection.values)


@pytest.mark.parametrize(
    "secret",
    [
        f"{part[0]}secret-token{part[1]}"
        for part in (
            ("a\n", "b"),
            ("a\r\nX-Evil: ", "1"),
            ("ab", "\n"),
            (" ", "ab"),
            ("ab", " "),
            ("a\t", "b"),
            ("ä", ""),
            ("a\x00", "b"),
            ("a\u2028", "b"),
            ("😀", ""),
            ("\ud800", ""),
        )
    ],
)
def test_a_secret_that_cannot_stand_in_a_header_is_refused_without_being_quoted(
    shop: Connector, hootsuite: Connector, secret: str
) -> None:
    for connector, field in ((shop, "token"), (hootsuite, "access_token")):
        service = Service({})
        with pytest.raises((InputError, SignInError)) as caught:
            connector.connect(send=service, **{field: secret}).probe()
        assert not service.requests
        assert "secret-token" not in caught.value.message
        assert caught.value.message.count("\n") == 0


def test_a_secret_is_required_and_its_name_is_checked(hootsuite: Connector) -> None:
    error = fails(InputError, lambda: hootsuite.connect())
    assert error.message == "access_token: is required."
    error = fails(InputError, lambda: hootsuite.connect(acess_token=TOKEN))
    assert "did you mean 'access_token'?" in error.message
    _hides(error.message)
    error = fails(InputError, lambda: hootsuite.connect(method="personal_acces_token", access_token=TOKEN))
    assert (
        error.message
        == "method: 'personal_acces_token' is no way to sign in to Hootsuite. Did you mean 'personal_access_token'?"
    )


@pytest.mark.parametrize(
    "base",
    [
        "ftp://a.example",
        "a.example",
        "https://a b",
        "https://jo@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://",
        "",
    ],
)
def test_a_base_address_that_is_none_is_refused(shop: Connector, base: str) -> None:
    error = fails(InputError, lambda: shop.connect(token=TOKEN, base_url=base))
    assert error.message == "base_url: must be an address such as https://api.example.com."


@pytest.mark.parametrize(
    "base", ["http://api.shop.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example/x"]
)
def test_a_base_address_over_which_the_secret_could_be_read_is_refused(shop: Connector, base: str) -> None:
    error = fails(InputError, lambda: shop.connect(token=TOKEN, base_url=base))
    assert error.message == "base_url: must start with https://, or the secret could be read on the way."
    for good in ("http://localhost:8000", "http://127.0.0.1/x/", "http://[::1]:80", base.replace("http:", "https:")):
        shop.connect(token=TOKEN, base_url=good)


@pytest.mark.parametrize(
    "base", ["https://api.shop.example\\@evil.example", "https://a.example\n", "https://[::1", "HTTPS://a.example"]
)
def test_a_base_address_that_can_be_read_in_two_ways_is_refused(shop: Connector, base: str) -> None:
    fails(InputError, lambda: shop.connect(token=TOKEN, base_url=base))


def test_a_token_that_is_too_short_to_hide_is_refused(hootsuite: Connector) -> None:
    """In a short one, taking it out of texts would take half of them out."""
    error = fails(InputError, lambda: hootsuite.connect(access_token="abcdefg"))
    assert error.message == "access_token: must have at least 8 characters; it has 7."


def test_a_secret_that_reads_like_an_operation_does_not_hide_which_one_failed(shop: Connector) -> None:
    service = Service(reply({"code": "get_zone", "trace": "get_zone"}, 400))
    error = fails(RemoteError, lambda: account(shop, service, token="get_zone").run("get_zone"))
    assert error.operation == "get_zone"
    assert (error.code, error.trace_id) == ("••••", "••••")
    assert "get_zone" not in error.message


def test_a_secret_inside_a_field_makes_the_field_a_secret() -> None:
    hidden = {"type": "string", "writeOnly": True}
    fields = {
        "login": {"type": "object", "properties": {"user": TEXT, "password": hidden}},
        "keys": {"type": "array", "items": hidden},
        "named": {"type": "object", "additionalProperties": hidden},
        "either": {"anyOf": [TEXT, hidden]},
        "zone": TEXT,
        "plain": {"type": "object", "properties": {"user": TEXT}},
    }
    assert secrets_of({"properties": fields}) == ["login", "keys", "named", "either"]


# -- look-ups and local times ----------------------------------------------------------------------------


def _zone_service(zone: str = "America/Vancouver") -> Service:
    return Service(lambda request: {"zone": zone} if request.url.endswith("/zone") else {"id": "1"})


@pytest.mark.parametrize(
    ("given", "connection", "sent", "paths"),
    [
        ({}, {}, None, ["/v1/things"]),
        ({"at": "2026-05-02T09:00:00Z"}, {}, "2026-05-02T09:00:00Z", ["/v1/things"]),
        ({"at": "2026-05-02T09:00+02:00"}, {}, "2026-05-02T07:00:00Z", ["/v1/things"]),
        (
            {"at": "2026-05-02T09:00", "zone": "Europe/Berlin"},
            {"zone": "Asia/Tokyo"},
            "2026-05-02T07:00:00Z",
            ["/v1/things"],
        ),
        ({"at": "2026-05-02T09:00"}, {"zone": "Asia/Tokyo"}, "2026-05-02T00:00:00Z", ["/v1/things"]),
        ({"at": "2026-05-02T09:00"}, {}, "2026-05-02T16:00:00Z", ["/v1/zone", "/v1/things"]),
    ],
)
def test_a_local_time_takes_the_zone_of_the_call_then_of_the_connection_then_of_the_account(
    shop: Connector, given: dict[str, Any], connection: dict[str, Any], sent: str | None, paths: list[str]
) -> None:
    """A look-up is made only where its value is needed, and once, however often it is read."""
    service = _zone_service()
    account(shop, service, **connection).run("make_thing", {"name": "a"} | given)
    assert service.requests[-1].json.get("at") == sent
    assert "zone" not in service.requests[-1].json
    assert service.paths == paths


def test_a_look_up_is_made_anew_for_each_call(shop: Connector) -> None:
    service = _zone_service()
    one = account(shop, service)
    for _ in range(2):
        one.run("make_thing", {"name": "a", "at": "2026-05-02T09:00"})
    assert service.paths == ["/v1/zone", "/v1/things"] * 2


def test_try_never_looks_up_and_says_what_to_give_instead(shop: Connector) -> None:
    service = _zone_service()
    error = fails(
        InputError, lambda: account(shop, service).try_("make_thing", {"name": "a", "at": "2026-05-02T09:00"})
    )
    assert "Get Zone" in error.message
    assert "nothing is sent here" in error.message
    account(shop, service).try_("make_thing", {"name": "a", "at": "2026-05-02T09:00", "zone": "Europe/Berlin"})
    assert not service.requests


def test_a_look_up_that_fails_stops_the_call_before_anything_is_changed(shop: Connector) -> None:
    service = Service(lambda request: reply({"message": "no"}, 404))
    error = fails(
        RemoteError, lambda: account(shop, service).run("make_thing", {"name": "a", "at": "2026-05-02T09:00"})
    )
    assert error.operation == "get_zone"
    assert service.paths == ["/v1/zone"]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-29T02:30", "the clocks skip it"),
        ("2026-10-25T02:30", "happens twice in Europe/Berlin"),
        ("2026-02-30T09:00", "is not a date and time"),
        ("tomorrow", "is not a date and time"),
    ],
)
def test_a_local_time_that_is_not_one_moment_is_refused_before_anything_is_sent(
    shop: Connector, at: str, words: str
) -> None:
    service = _zone_service()
    error = fails(
        InputError, lambda: account(shop, service, zone="Europe/Berlin").run("make_thing", {"name": "a", "at": at})
    )
    assert words in error.message
    assert error.problems[0].path == "at"
    assert not service.requests


# -- what an answer means --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable", "sentence"),
    [
        (
            400,
            {"code": "bad", "message": "No such colour", "trace": "t-1"},
            RemoteError,
            False,
            "Make Thing: Shop answered 400 (code bad): No such colour.",
        ),
        (400, {"message": "No such colour."}, RemoteError, False, "Make Thing: Shop answered 400: No such colour."),
        (400, {}, RemoteError, False, "Make Thing: Shop answered 400 without saying why."),
        (400, b"", RemoteError, False, "Make Thing: Shop answered 400 with an empty body."),
        (
            404,
            b"<html><body>Oops.</body>",
            RemoteError,
            False,
            "Make Thing: Shop answered 404 with a web page instead of JSON.",
        ),
        (
            400,
            b"max rate reached.",
            RemoteError,
            False,
            "Make Thing: Shop answered 400 with text instead of JSON: max rate reached.",
        ),
        (
            302,
            b"",
            UnknownOutcome,
            None,
            "Make Thing: Shop answered 302, a redirect to another place. Redirects are not followed; check the base address. "
            + NOBODY_KNOWS,
        ),
        (
            401,
            {"message": "Expired"},
            SignInError,
            None,
            "Make Thing: Shop answered 401: Expired. The sign-in has ended, was taken back or is incomplete: connect again.",
        ),
        (429, {}, RateLimited, True, "Make Thing: Shop answered 429 without saying why."),
        (429, {"code": "quota"}, RateLimited, False, "The quota is used up. Try again tomorrow."),
        (400, {"code": "quota"}, RemoteError, False, "The quota is used up. Try again tomorrow."),
        (500, {}, UnknownOutcome, None, f"Make Thing: Shop answered 500 without saying why. {NOBODY_KNOWS}"),
        (
            502,
            b"<HTML>",
            UnknownOutcome,
            None,
            f"Make Thing: Shop answered 502 with a web page instead of JSON. {NOBODY_KNOWS}",
        ),
        (503, b"", UnknownOutcome, None, f"Make Thing: Shop answered 503 with an empty body. {NOBODY_KNOWS}"),
        (504, {"message": "Slow"}, UnknownOutcome, None, f"Make Thing: Shop answered 504: Slow. {NOBODY_KNOWS}"),
        (507, {"message": "Full"}, RemoteError, False, "Make Thing: Shop answered 507: Full."),
    ],
)
def test_a_refusal_of_a_write_becomes_the_error_and_the_sentence_of_its_rule(
    shop: Connector, status: int, body: Any, kind: type[ConnectorError], retryable: bool | None, sentence: str
) -> None:
    service = Service(reply(body, status))
    error = fails(kind, lambda: account(shop, service).run("make_thing", {"name": "a"}))
    assert error.message == str(error) == sentence
    assert error.operation == "make_thing"
    assert len(service.requests) == 1, "nothing is tried again unasked"
    assert error.status == status
    assert error.code == (body.get("code") if isinstance(body, dict) else None)
    assert error.trace_id == (body.get("trace") if isinstance(body, dict) else None)
    assert error.retryable == bool(retryable)


@pytest.mark.parametrize(("status", "kind"), [(401, SignInError), (500, UnknownOutcome), (302, UnknownOutcome)])
def test_errors_without_an_answer_to_try_again_carry_what_the_service_says_too(
    shop: Connector, status: int, kind: type[ConnectorError]
) -> None:
    body = {"code": "c-1", "message": "No", "trace": "t-1"}
    error = fails(kind, lambda: account(shop, Service(reply(body, status))).run("make_thing", {"name": "a"}))
    assert (error.status, error.code, error.trace_id) == (status, "c-1", "t-1")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_server_error_to_a_read_may_be_tried_again(shop: Connector, status: int) -> None:
    error = fails(RemoteError, lambda: account(shop, Service(reply({}, status))).run("get_zone"))
    assert error.retryable
    assert error.status == status


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/x", "//elsewhere.example", "http://[bad", "", "/login"]
)
def test_a_redirect_is_told_with_its_host_alone(shop: Connector, location: str) -> None:
    error = fails(RemoteError, lambda: account(shop, Service(reply(b"", 302, location=location))).run("get_zone"))
    where = "elsewhere.example" if "elsewhere" in location else "another place"
    assert (error.status, error.retryable) == (302, False)
    assert (
        error.message
        == f"Get Zone: Shop answered 302, a redirect to {where}. Redirects are not followed; check the base address."
    )


def test_what_the_service_says_comes_in_one_printable_line_of_bounded_length(shop: Connector) -> None:
    said = "first\r\n\x1b[31msecond\u202e\x00 " + "x" * 5000
    error = fails(RemoteError, lambda: account(shop, Service(reply({"message": said}, 400))).run("get_zone"))
    assert error.message.isprintable()
    assert "first" in error.message
    assert "second" in error.message
    assert len(error.message) < 400


@pytest.mark.parametrize("said", [None, [], {}, "", "   "])
def test_an_empty_message_is_as_good_as_none(shop: Connector, said: Any) -> None:
    error = fails(
        RemoteError, lambda: account(shop, Service(reply({"message": said, "trace": said}, 400))).run("get_zone")
    )
    assert error.message == "Get Zone: Shop answered 400 without saying why."
    assert error.trace_id is None or isinstance(error.trace_id, str)


def test_a_refusal_that_means_done_is_no_error(shop: Connector) -> None:
    assert account(shop, Service(reply({"message": "gone"}, 409))).run("drop_thing", {"id": "7"}) == {"id": "7"}


ODD: dict[str, tuple[bytes, Any]] = {
    "a web page": (b"<html><body>Signed in</body></html>", "<html><body>Signed in</body></html>"),
    "text": (b"OK", "OK"),
    "half of JSON": (b'{"id": "1', '{"id": "1'),
    "not UTF-8": (b"\xff\xfe\x00", "\ufffd\ufffd\x00"),
    "NaN": (b'{"id": NaN}', '{"id": NaN}'),
    "nothing": (b"", ""),
    "lists nested too deep": (b"[" * 70 + b"]" * 70, "[" * 70 + "]" * 70),
    "lists nested far too deep": (b"[" * 100_000 + b"]" * 100_000, "[" * 100_000 + "]" * 100_000),
    "objects nested too deep": (
        b'{"id": "1", "a": ' * 900 + b"1" + b"}" * 900,
        '{"id": "1", "a": ' * 900 + "1" + "}" * 900,
    ),
    "null": (b"null", None),
    "a list": (b"[]", []),
    "a number": (b"7", 7),
    "a text": (b'"x"', "x"),
    "no field": (b"{}", {}),
    "null for a required field": (b'{"id": null}', {"id": None}),
    "another type": (b'{"id": 5}', {"id": 5}),
    "a list of another type": (b'{"id": "1", "ids": [5]}', {"id": "1", "ids": [5]}),
    "what no filter takes": (b'{"id": "1", "ids": 5}', {"id": "1", "ids": 5}),
    "what cannot be partly done": (b'{"id": "1", "ids": [], "refused": 5}', {"id": "1", "ids": [], "refused": 5}),
}


@pytest.mark.parametrize("name", [name for name in ODD if name != "a web page"])
def test_an_odd_answer_to_a_write_says_that_it_was_done_and_keeps_the_answer(shop: Connector, name: str) -> None:
    """It has happened. Whoever reads the error must not do it again."""
    body, data = ODD[name]
    error = fails(OutputError, lambda: account(shop, Service(reply(body))).run("make_thing", {"name": "a"}))
    assert error.happened
    assert error.data == data
    assert error.message.startswith("Make Thing was done, but its answer was not as expected (")
    assert "Do not repeat it." in error.message


@pytest.mark.parametrize(
    "body", [b"<html>", b" \n<!DOCTYPE html><body>Sign in", b"<HTML><body>Signed in</body></HTML>"]
)
@pytest.mark.parametrize(("operation", "given"), [("make_thing", {"name": "a"}), ("drop_thing", {"id": "7"})])
def test_a_web_page_in_answer_to_a_write_says_nothing_about_it(
    shop: Connector, operation: str, given: dict[str, Any], body: bytes
) -> None:
    """It comes from a proxy or a sign-in page, also where nothing of the answer is read."""
    service = Service(reply(body))
    error = fails(UnknownOutcome, lambda: account(shop, service).run(operation, given))
    assert error.message == (
        f"{shop.operations[operation].title}: a web page came instead of an answer; perhaps a proxy or a sign-in page "
        f"sent it. {NOBODY_KNOWS}"
    )
    assert error.status == 200
    assert len(service.requests) == 1


@pytest.mark.parametrize("name", [name for name in ODD if "ids" not in ODD[name][0].decode("latin-1")])
def test_an_odd_answer_to_a_read_changed_nothing(shop: Connector, name: str) -> None:
    body, data = ODD[name]
    error = fails(OutputError, lambda: account(shop, Service(reply(body))).run("get_thing", {"id": "1"}))
    assert not error.happened
    assert error.data == data
    assert error.message.startswith("Get Thing: the answer was not as expected (")


@pytest.mark.parametrize("body", [b"", b"{}", b"OK", b"null", b'{"data": 5}', b"[" * 999])
def test_an_operation_that_reads_nothing_of_the_answer_takes_any(shop: Connector, body: bytes) -> None:
    assert account(shop, Service(reply(body))).run("drop_thing", {"id": "7"}) == {"id": "7"}


def test_unknown_fields_and_values_of_an_answer_are_passed_on(shop: Connector) -> None:
    assert account(shop, Service({"id": "1", "new": {"a": [1]}})).run("get_thing", {"id": "1"}) == {
        "id": "1",
        "new": {"a": [1]},
    }


# -- no answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "given", "sent", "kind", "end"),
    [
        ("make_thing", {"name": "a"}, True, UnknownOutcome, f"it broke. {NOBODY_KNOWS}"),
        ("drop_thing", {"id": "1"}, True, UnknownOutcome, f"it broke. {NOBODY_KNOWS}"),
        ("make_thing", {"name": "a"}, False, RemoteError, "it broke. Nothing was done."),
        ("get_thing", {"id": "1"}, True, RemoteError, "it broke."),
        ("get_thing", {"id": "1"}, False, RemoteError, "it broke."),
    ],
)
def test_without_an_answer_it_matters_whether_the_request_had_left(
    shop: Connector, operation: str, given: dict[str, Any], sent: bool, kind: type[ConnectorError], end: str
) -> None:
    service = Service(NoAnswer("it broke", sent=sent))
    error = fails(kind, lambda: account(shop, service).run(operation, given))
    title = shop.operations[operation].title
    assert error.message == f"{title}: no answer from Shop, {end}"
    assert len(service.requests) == 1
    if isinstance(error, RemoteError):
        assert error.retryable
        assert error.status is None
    else:
        assert isinstance(error, UnknownOutcome)
        assert (error.found, error.missing) == (None, None)


def test_over_a_real_connection_a_write_that_was_cut_is_unknown_and_a_refused_one_was_not_done(
    shop: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_settings(monkeypatch)
    with serve(lambda server, sock: server.receive(sock) and None) as server:
        one = shop.connect(token=TOKEN, base_url=server.url, timeouts=Timeouts(10, 10, 20))
        for operation, given in (("make_thing", {"name": "a"}), ("drop_thing", {"id": "1"})):
            fails(UnknownOutcome, lambda operation=operation, given=given: one.run(operation, given))
        fails(RemoteError, lambda: one.run("get_zone"))
    with closed_port() as url:
        one = shop.connect(token=TOKEN, base_url=url, timeouts=Timeouts(10, 10, 20))
        for operation, given in (("make_thing", {"name": "a"}), ("drop_thing", {"id": "1"})):
            error = fails(RemoteError, lambda operation=operation, given=given: one.run(operation, given))
            assert error.retryable
            assert error.message.endswith("refuses the connection. Nothing was done.")


# -- partly done -----------------------------------------------------------------------------------------


def test_partly_done_is_an_output_unless_it_is_to_count_as_a_failure(shop: Connector) -> None:
    service = Service({"id": "1", "ids": ["1"], "refused": ["2"], "code": "x", "message": "no room", "trace": "t"})
    output = {"id": "1", "count": 1, "ids": ["1"], "complete": False}
    assert account(shop, service).run("make_thing", {"name": "a"}) == output
    error = fails(RemoteError, lambda: account(shop, service).run("make_thing", {"name": "strict"}))
    assert error.data == output
    assert (error.status, error.code, error.trace_id, error.retryable) == (200, "x", "t", False)
    assert error.message.startswith("Not all parts were made.")
    assert "no room" in error.message


@pytest.mark.parametrize("name", ["a", "strict"])
def test_what_was_done_wholly_is_complete(shop: Connector, name: str) -> None:
    output = account(shop, Service({"id": "1", "ids": ["1"], "complete": "x"})).run("make_thing", {"name": name})
    assert output == {"id": "1", "count": 1, "ids": ["1"], "complete": True}


# -- lists -----------------------------------------------------------------------------------------------

SIZES = st.lists(st.integers(0, 9), max_size=6)


class Pages:
    """A service with numbered records, in pages of any sizes; a page may be another size when it is asked for again."""

    def __init__(self, total: int, sizes: list[int], by: str) -> None:
        self.total, self.sizes, self.by = total, sizes or [1], by
        self.asked = 0

    def __call__(self, request: Request) -> Response:
        query = parse_qs(urlsplit(request.url).query)
        start = int(query.get("cursor", ["0"])[0])
        size = self.sizes[self.asked % len(self.sizes)]
        self.asked += 1
        if "limit" in query and size == 5:
            size = int(query["limit"][0])
        end = min(self.total, start + size)
        body: dict[str, Any] = {"data": [{"n": n} for n in range(start, end)]}
        if self.by == "link":
            more = {"link": f'</v1/link?cursor=0>; rel="first", <?cursor={end}&x=a,b>; title="a, b"; rel="last next"'}
            return reply(body, **(more if end < self.total else {}))
        body["meta"] = {"next": str(end) if end < self.total else None}
        return reply(body)


def _progresses(sizes: list[int]) -> list[int]:
    """A page without records and with the cursor it came from is a loop, which is another test."""
    return [size or 1 for size in sizes]


@pytest.mark.parametrize("by", ["cursor", "link"])
@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(total=st.integers(0, 30), sizes=SIZES, most=st.integers(1, 12))
def test_a_list_read_in_pieces_gives_each_record_once_and_in_order(
    shop: Connector, by: str, total: int, sizes: list[int], most: int
) -> None:
    """Whatever size the pages have, also where a page has another size when it is asked for again."""
    one = account(shop, Pages(total, _progresses(sizes), by))
    found: list[int] = []
    position = None
    for _ in range(total + 2):
        given = {"maxRecords": most} | ({"next": position} if position else {})
        output = one.run(f"list_by_{by}", given)
        assert len(output["things"]) <= most
        found += [record["n"] for record in output["things"]]
        position = output["next"]
        if position is None:
            break
        assert len(output["things"]) == most, "there is more, so it is not less than asked for"
    assert position is None
    assert found == list(range(total))


@pytest.mark.parametrize("by", ["cursor", "link"])
@hypothesis.settings(max_examples=30, deadline=None)
@hypothesis.given(total=st.integers(0, 30), sizes=SIZES, most=st.one_of(st.none(), st.integers(1, 40)))
def test_records_gives_all_of_them_or_the_first_so_many(
    shop: Connector, by: str, total: int, sizes: list[int], most: int | None
) -> None:
    one = account(shop, Pages(total, _progresses(sizes), by))
    given = {"maxRecords": most} if most else {}
    found = [record["n"] for record in one.records(f"list_by_{by}", given)]
    assert found == list(range(total))[:most]


def test_empty_pages_in_the_middle_are_gone_through(shop: Connector) -> None:
    pages = {None: ([], "a"), "a": ([{"n": 1}], "b"), "b": ([], "c"), "c": ([], "d"), "d": ([{"n": 2}], None)}

    def behave(request: Request) -> Any:
        records, following = pages[parse_qs(urlsplit(request.url).query).get("cursor", [None])[0]]
        return {"data": records, "meta": {"next": following}}

    assert account(shop, Service(behave)).run("list_by_cursor") == {"things": [{"n": 1}, {"n": 2}], "next": None}


@pytest.mark.parametrize("loop", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_cursor_that_leads_back_ends_the_list_with_an_error(shop: Connector, loop: list[str]) -> None:
    waiting = iter(loop)
    service = Service(lambda request: {"data": [{"n": 1}], "meta": {"next": next(waiting)}})
    error = fails(OutputError, lambda: account(shop, service).run("list_by_cursor"))
    assert "the next page is one that was already read" in error.message
    assert len(service.requests) == len(loop)


def test_a_link_that_leads_back_ends_the_list_with_an_error(shop: Connector) -> None:
    service = Service(reply({"data": [{"n": 1}]}, link='<https://api.shop.example/v1/link?page=2>; rel="next"'))
    fails(OutputError, lambda: account(shop, service).run("list_by_link"))
    assert len(service.requests) == 2


def test_records_asks_for_a_page_only_when_it_is_needed(shop: Connector) -> None:
    service = Service(Pages(100, [5], "cursor"))
    stream = account(shop, service).records("list_by_cursor")
    assert len(service.requests) == 0
    for wanted in range(1, 12):
        next(stream)
        assert len(service.requests) == (wanted + 4) // 5
    stream.close()  # type: ignore[attr-defined]
    assert len(service.requests) == 3


def test_a_page_is_asked_for_in_the_size_that_is_needed(shop: Connector) -> None:
    service = Service(Pages(100, [5], "cursor"))
    one = account(shop, service)
    output = one.run("list_by_cursor", {"maxRecords": 7, "word": "x"})
    one.run("list_by_cursor", {"maxRecords": 2, "word": "x", "next": output["next"]})
    sent = [parse_qs(urlsplit(request.url).query) for request in service.requests]
    assert [query["limit"] for query in sent] == [["5"], ["2"], ["2"]]
    assert all(query["word"] == ["x"] for query in sent)
    assert "maxRecords" not in str(sent)
    assert "next" not in str(sent)


@pytest.mark.parametrize(
    "made_up",
    [
        "x",
        "!!!!",
        "bnVsbA",
        "WzEsMl0",
        "W251bGwsLTFd",
        "W251bGwsdHJ1ZV0",
        "ä",
        "W" * 3000,
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        position(None, 0),
        position("", None, 0),
        position("list_of_others", None, 0),
        position("list_by_cursor", None, -1),
        position("list_by_link", None, True),
        position("list_by_link", 5, 0),
        position("list_by_cursor", ["x"], 0),
    ],
)
def test_a_next_that_no_answer_gave_is_refused(shop: Connector, made_up: str) -> None:
    service = Service({"data": []})
    for name in ("list_by_cursor", "list_by_link"):
        error = fails(InputError, lambda name=name: account(shop, service).run(name, {"next": made_up}))
        assert error.problems[0].path == "next"
        assert "is not the next of an earlier answer." in error.message
        assert len(error.message) < 200
    assert not service.requests


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b'{"data": {}}', b'{"data": "x"}', b'{"data": [5]}', b'{"data": [{}]}', b'{"data": [{"n": "1"}]}'],
)
def test_a_list_without_records_of_the_right_shape_is_an_odd_answer(shop: Connector, body: bytes) -> None:
    error = fails(OutputError, lambda: account(shop, Service(reply(body))).run("list_by_cursor"))
    assert not error.happened


def test_a_next_of_another_list_is_refused(shop: Connector) -> None:
    service = Service(Pages(100, [5], "cursor"))
    one = account(shop, service)
    given = one.run("list_by_cursor", {"maxRecords": 2})["next"]
    asked = len(service.requests)
    error = fails(InputError, lambda: one.run("list_by_link", {"next": given}))
    assert error.problems[0].path == "next"
    assert len(service.requests) == asked


def test_a_whole_number_with_a_point_is_a_whole_number(shop: Connector) -> None:
    """Some programs write all numbers so; JSON Schema takes 2.0 for a whole number."""
    service = Service(Pages(100, [5], "cursor"))
    one = account(shop, service)
    assert len(one.run("list_by_cursor", {"maxRecords": 2.0})["things"]) == 2
    assert len(list(one.records("list_by_cursor", {"maxRecords": 7.0}))) == 7
    assert one.try_("list_by_cursor", {"maxRecords": 2.0}).url == service.requests[0].url


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}])
def test_a_list_that_is_left_out_is_empty_where_it_is_optional(shop: Connector, body: Any) -> None:
    assert account(shop, Service(body)).run("list_by_link") == {"things": [], "next": None}


@pytest.mark.parametrize("body", [b"", b"<html>", b"OK", b'{"data": {}}', b'{"data": "x"}', b'{"data": [5]}'])
def test_an_optional_list_has_the_right_shape_all_the_same(shop: Connector, body: bytes) -> None:
    assert not fails(OutputError, lambda: account(shop, Service(reply(body))).run("list_by_link")).happened


def test_a_list_that_is_left_out_is_an_odd_answer_elsewhere(shop: Connector) -> None:
    assert account(shop, Service({"data": []})).run("list_by_cursor") == {"things": [], "next": None}
    for body in ({}, {"data": None}, {"meta": {}}):
        error = fails(OutputError, lambda body=body: account(shop, Service(body)).run("list_by_cursor"))
        assert "there is no list of records in it" in error.message
        assert error.data == body


def test_try_of_a_list_shows_the_first_request_that_run_would_send(shop: Connector) -> None:
    service = Service(Pages(100, [5], "cursor"))
    one = account(shop, service)
    position = one.run("list_by_cursor", {"maxRecords": 7})["next"]
    for given in ({}, {"maxRecords": 2}, {"word": "ä"}, {"next": position}, {"next": position, "maxRecords": 3}):
        tried = one.try_("list_by_cursor", given)
        before = len(service.requests)
        one.run("list_by_cursor", given)
        assert tried.url == service.requests[before].url


def test_try_of_a_list_by_link_shows_the_page_that_run_would_go_on_with(shop: Connector) -> None:
    service = Service(Pages(100, [5], "link"))
    one = account(shop, service)
    position = one.run("list_by_link", {"maxRecords": 5})["next"]
    tried = one.try_("list_by_link", {"next": position})
    before = len(service.requests)
    one.run("list_by_link", {"next": position, "maxRecords": 1})
    assert tried.url == service.requests[before].url


# -- uploads ---------------------------------------------------------------------------------------------


class Uploads:
    """A service that takes files: a job, the bytes, and READY at the third look."""

    def __init__(self, url: Any = "https://a.bytes.example/x?sig=1", put: Any = b"", ready_after: int = 2) -> None:
        self.url, self.put, self.left = url, put, ready_after

    def __call__(self, request: Request) -> Any:
        if request.method == "POST":
            return {"url": self.url}
        if request.method == "PUT":
            assert not request.signed
            return self.put if isinstance(self.put, Response | Exception) else reply(self.put)
        self.left -= 1
        return {"state": "QUEUED" if self.left >= 0 else "READY"}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    (tmp_path / "a.png").write_bytes(b"picture")
    return tmp_path


def _uploader(shop: Connector, service: Service, folder: Path, pauses: list[float] | None = None) -> Account:
    one = account(shop, service, folder=folder)
    waits = [] if pauses is None else pauses
    return replace(one, connection=replace(one.connection, pause=waits.append))


def test_an_upload_is_a_job_the_bytes_without_credentials_and_a_wait(shop: Connector, picture: Path) -> None:
    service, pauses = Service(Uploads()), []
    assert _uploader(shop, service, picture, pauses).run("bring_file", {"file": "a.png"}) == {"state": "READY"}
    job, put, *looks = service.requests
    assert job.json == {"size": 7}
    assert put.url == "https://a.bytes.example/x?sig=1"
    assert isinstance(put.body, FileBody)
    assert (put.body.path, put.body.size, put.headers) == (picture / "a.png", 7, {"Content-Type": "image/png"})
    assert not put.credentials
    assert put.timeout == 300
    assert all(request.credentials for request in (job, *looks))
    assert len(looks) == 3
    assert pauses == [2.0, 2.0]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://a.bytes.example/x",
        "https://a.bytes.example@evil.example/",
        "https://[",
        "file:///etc/passwd",
        None,
        5,
        "",
    ],
)
def test_bytes_go_to_declared_upload_hosts_only(shop: Connector, picture: Path, url: Any) -> None:
    service = Service(Uploads(url))
    with pytest.raises((RemoteError, OutputError)) as caught:
        _uploader(shop, service, picture).run("bring_file", {"file": "a.png"})
    assert [request.method for request in service.requests] == ["POST"]
    assert "evil.example/x" not in caught.value.message


def test_an_upload_address_on_a_signed_host_gets_no_credentials_either(shop: Connector, picture: Path) -> None:
    service = Service(Uploads("https://api.shop.example/upload"))
    _uploader(shop, service, picture).run("bring_file", {"file": "a.png"})
    assert not service.requests[1].credentials


@pytest.mark.parametrize(
    ("put", "sentence", "retryable"),
    [
        (
            Response(403, {}, b"<Error><Code>Denied</Code><Message>No.</Message></Error>"),
            "Bring File: the bytes were refused with 403 (Denied, No.); start again.",
            False,
        ),
        (Response(403, {}, b""), "Bring File: the bytes were refused with 403 with an empty body; start again.", False),
        (
            Response(503, {}, b"<html>"),
            "Bring File: the bytes were refused with 503 with a web page instead of JSON; start again.",
            True,
        ),
        (NoAnswer("it broke", sent=True), "Bring File: the bytes did not get there: it broke; start again.", True),
    ],
)
def test_an_upload_that_fails_says_at_which_step_and_keeps_the_job(
    shop: Connector, picture: Path, put: Any, sentence: str, retryable: bool
) -> None:
    service = Service(Uploads(put=put))
    error = fails(RemoteError, lambda: _uploader(shop, service, picture).run("bring_file", {"file": "a.png"}))
    assert error.message == sentence
    assert error.retryable == retryable
    assert error.data == {"url": "https://a.bytes.example/x?sig=1"}
    assert error.operation == "bring_file"


@pytest.mark.parametrize("hiccup", [reply({}, 503), reply({}, 429), NoAnswer("it broke", sent=True)])
def test_a_waiting_upload_survives_a_hiccup(shop: Connector, picture: Path, hiccup: Any) -> None:
    """The bytes are there; nothing is lost by looking once more."""
    behave, waiting = Uploads(ready_after=1), [hiccup]
    service = Service(lambda it: waiting.pop() if it.url.endswith("/job") and waiting else behave(it))
    pauses: list[float] = []
    assert _uploader(shop, service, picture, pauses).run("bring_file", {"file": "a.png"}) == {"state": "READY"}
    assert [request.method for request in service.requests] == ["POST", "PUT", "GET", "GET", "GET"]
    assert pauses == [2.0, 2.0]


@pytest.mark.parametrize("behave", [reply({}, 503), NoAnswer("it broke", sent=True)])
def test_a_wait_that_only_has_hiccups_ends_too(shop: Connector, picture: Path, behave: Any) -> None:
    uploads, pauses = Uploads(), []
    service = Service(lambda request: behave if request.url.endswith("/job") else uploads(request))
    error = fails(RemoteError, lambda: _uploader(shop, service, picture, pauses).run("bring_file", {"file": "a.png"}))
    assert error.retryable
    assert error.data == {"url": "https://a.bytes.example/x?sig=1"}
    assert sum(pauses) <= 6


def test_a_wait_that_is_refused_ends_at_once(shop: Connector, picture: Path) -> None:
    uploads = Uploads()
    service = Service(lambda it: reply({"message": "no"}, 404) if it.url.endswith("/job") else uploads(it))
    error = fails(RemoteError, lambda: _uploader(shop, service, picture).run("bring_file", {"file": "a.png"}))
    assert "whether they are ready is not known" in error.message
    assert error.data == {"url": "https://a.bytes.example/x?sig=1"}
    assert len(service.requests) == 3


def test_a_wait_for_an_upload_has_an_end(shop: Connector, picture: Path) -> None:
    service, pauses = Service(Uploads(ready_after=99)), []
    error = fails(RemoteError, lambda: _uploader(shop, service, picture, pauses).run("bring_file", {"file": "a.png"}))
    assert error.message.startswith("Bring File: the bytes are there, but not ready after 6 s; ")
    assert error.retryable
    assert sum(pauses) <= 6


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.png", "cannot be read"),
        ("folder.png", "is not a file"),
        ("empty.png", "is empty"),
        ("noname", "does not say what kind of file it is"),
        ("fifo.png", "is not a file"),
        ("a\x00.png", "cannot be read"),
        ("x" * 300 + ".png", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_uploaded_is_refused_before_anything_is_sent(
    shop: Connector, picture: Path, name: str, words: str
) -> None:
    import os

    (picture / "folder.png").mkdir()
    (picture / "empty.png").touch()
    (picture / "noname").write_bytes(b"x")
    os.mkfifo(picture / "fifo.png")
    service = Service(Uploads())
    for work in (_uploader(shop, service, picture).run, _uploader(shop, service, picture).try_):
        error = fails(InputError, lambda work=work: work("bring_file", {"file": name}))
        assert words in error.message
        assert error.problems[0].path == "file"
    assert not service.requests


def test_try_of_an_upload_shows_the_job(shop: Connector, picture: Path) -> None:
    service = Service(Uploads())
    tried = _uploader(shop, service, picture).try_("bring_file", {"file": "a.png"})
    assert (tried.operation, tried.json) == ("make_job", {"size": 7})
    assert not service.requests


# -- the connector at the top ----------------------------------------------------------------------------


def _hootsuite(hootsuite: Connector, behave: Any, **values: Any) -> tuple[Account, Service]:
    service = Service(behave)
    return account(hootsuite, service, **values), service


def _refusal(code: int, message: str = "Refused") -> dict[str, Any]:
    return {
        "errors": [
            {"code": code, "message": message, "id": "trace-1", "resource": {"type": "socialProfile", "id": "2"}}
        ]
    }


def test_where_some_profiles_are_refused_the_messages_that_were_made_are_not_lost(hootsuite: Connector) -> None:
    body = {"data": [{"id": "9", "state": "SCHEDULED"}], **_refusal(4003, "No permission")}
    given = POST | {"socialProfileIds": ["1", "2"]}
    one, _ = _hootsuite(hootsuite, body)
    output = one.run("schedule_message", given)
    assert output["complete"] is False
    assert output["messageId"] == "9"
    assert output["messageIds"] == ["9"]
    assert output["failedProfileIds"] == ["2"]
    assert output["messages"] == body["data"]
    assert output["failures"] == body["errors"]
    error = fails(RemoteError, lambda: one.run("schedule_message", given | {"onPartialFailure": "fail"}))
    assert error.data == output
    assert (error.code, error.trace_id, error.retryable) == (4003, "trace-1", False)
    assert error.message.startswith(
        "1 of 2 messages were made; they stay, so do not schedule those again. Refused for: 2."
    )


@pytest.mark.parametrize("choice", ["continue", "fail"])
def test_where_all_profiles_are_refused_it_is_an_error(hootsuite: Connector, choice: str) -> None:
    one, _ = _hootsuite(hootsuite, {"data": [], **_refusal(4003)})
    error = fails(RemoteError, lambda: one.run("schedule_message", POST | {"onPartialFailure": choice}))
    assert error.data["messages"] == []
    assert error.data["failedProfileIds"] == ["2"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"id": "1"',
        b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"data": "x"}',
        b'{"data": 5}',
        b'{"data": [5]}',
        b'{"data": [{}]}',
        b'{"data": [{"id": null, "state": "SENT"}]}',
        b'{"data": [{"id": 5, "state": "SENT"}]}',
        b"",
        b"{}",
        b"null",
        b"[]",
        b'{"data": null}',
    ],
)
def test_an_odd_answer_to_a_post_never_looks_as_if_nothing_was_posted(hootsuite: Connector, body: bytes) -> None:
    one, _ = _hootsuite(hootsuite, reply(body))
    error = fails(OutputError, lambda: one.run("schedule_message", POST))
    assert error.happened
    assert error.data == (json.loads(body) if Response(200, {}, body).is_json else body.decode())
    assert error.message.startswith("Schedule Message was done, but its answer was not as expected")


def test_a_web_page_in_answer_to_a_post_leaves_open_whether_it_was_posted(hootsuite: Connector) -> None:
    one, service = _hootsuite(hootsuite, reply(b"<html>Sign in</html>"))
    assert fails(UnknownOutcome, lambda: one.run("schedule_message", POST)).message.endswith(NOBODY_KNOWS)
    assert len(service.requests) == 1


@pytest.mark.parametrize("choice", ["continue", "fail"])
def test_neither_messages_nor_refusals_are_a_failure(hootsuite: Connector, choice: str) -> None:
    one, _ = _hootsuite(hootsuite, {"data": []})
    error = fails(RemoteError, lambda: one.run("schedule_message", POST | {"onPartialFailure": choice}))
    assert error.message == (
        "Hootsuite made no message and did not say why. Look at List Messages before you schedule the post again."
    )
    assert (error.status, error.data, error.retryable) == (200, {"data": []}, False)


def test_fewer_messages_than_profiles_are_not_all_of_them(hootsuite: Connector) -> None:
    given = POST | {"socialProfileIds": ["1", "2"]}
    one, _ = _hootsuite(hootsuite, {"data": [{"id": "9", "state": "SCHEDULED"}]})
    output = one.run("schedule_message", given)
    assert (output["complete"], output["messageIds"], output["failures"]) == (False, ["9"], [])
    error = fails(RemoteError, lambda: one.run("schedule_message", given | {"onPartialFailure": "fail"}))
    assert error.data == output
    one, _ = _hootsuite(hootsuite, {"data": [{"id": id_, "state": "SCHEDULED"} for id_ in "89"]})
    assert one.run("schedule_message", given)["complete"] is True


EMPTY_ANSWERS = (b"{}", b"null", b'{"data": null}', b'{"data": {}}')
JOB = {"sizeBytes": 1, "mimeType": "image/png"}
NO_JOB = "Hootsuite made an upload job, but did not say where to send the file. Try again; the lost job does no harm."


@pytest.mark.parametrize(
    "body", [*EMPTY_ANSWERS, b'{"data": {"id": "1"}}', b'{"data": {"uploadUrl": "https://a.example/"}}']
)
def test_an_upload_job_that_nobody_can_use_says_so(hootsuite: Connector, body: bytes) -> None:
    """The specification requires no id, so it is no odd answer; but without it nobody can go on."""
    one, _ = _hootsuite(hootsuite, reply(body))
    error = fails(RemoteError, lambda: one.run("create_media_upload_job", JOB))
    assert error.message == NO_JOB
    assert (error.status, error.data, error.retryable) == (200, json.loads(body), False)
    empty, _ = _hootsuite(hootsuite, reply(b""))
    assert fails(OutputError, lambda: empty.run("create_media_upload_job", JOB)).happened


@pytest.mark.parametrize("body", EMPTY_ANSWERS)
def test_a_suggestion_without_an_id_was_suggested_all_the_same(hootsuite: Connector, body: bytes) -> None:
    one, _ = _hootsuite(hootsuite, reply(body))
    assert "suggestionId" not in one.run("suggest_content_to_amplify", {"text": "a"})
    empty, _ = _hootsuite(hootsuite, reply(b""))
    assert fails(OutputError, lambda: empty.run("suggest_content_to_amplify", {"text": "a"})).happened


@pytest.mark.parametrize("behave", [reply(b"<html>", 502), reply(b"", 302), NoAnswer("it broke", sent=True)])
def test_what_may_be_repeated_is_never_of_unknown_outcome(hootsuite: Connector, behave: Any) -> None:
    one, service = _hootsuite(hootsuite, behave)
    error = fails(RemoteError, lambda: one.run("create_media_upload_job", JOB))
    assert error.retryable == (error.status != 302)
    assert len(service.requests) == 1
    if isinstance(behave, NoAnswer):
        assert error.message.endswith("it broke. Doing it again does no harm.")


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("get_me", {}, "The answer is not one of Hootsuite's. Check the address of the service (base_url)."),
        (
            "get_message",
            {"messageId": "7"},
            "Hootsuite answered without a message. It may be on its way to the network; look again in a moment.",
        ),
    ],
)
@pytest.mark.parametrize("body", [b"{}", b"null", b'{"data": null}', b'{"data": []}'])
def test_a_good_status_with_nothing_behind_it_is_a_failure(
    hootsuite: Connector, name: str, given: dict[str, Any], sentence: str, body: bytes
) -> None:
    one, _ = _hootsuite(hootsuite, reply(body))
    error = fails(RemoteError, lambda: one.run(name, given))
    assert error.message == sentence
    assert (error.status, error.data, error.retryable) == (200, json.loads(body), False)


@pytest.mark.parametrize("body", [b"{}", b'{"data": null}'])
def test_lists_that_hootsuite_leaves_out_are_empty_only_where_it_does_so(hootsuite: Connector, body: bytes) -> None:
    one, _ = _hootsuite(hootsuite, reply(body))
    for name, field in (
        ("social_profiles", "socialProfiles"),
        ("my_organizations", "organizations"),
        ("topics", "topics"),
    ):
        assert one.run(f"list_{name}") == {field: [], "next": None}
    fails(OutputError, lambda: one.run("list_messages", {"startTime": NOW, "endTime": HOUR}))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"mediaUrls": [{"url": "https://example.com/a.png"}]}, "mediaUrls[0].url"),
        ({"mediaUrls": [{"url": "https://evil.example/ow.ly/i/a"}]}, "mediaUrls[0].url"),
        (
            {
                "socialProfileIds": ["1", "2"],
                "extendedInfo": [
                    {
                        "socialProfileType": "PINTEREST",
                        "socialProfileId": "1",
                        "data": {"boardId": "1", "destinationUrl": "https://example.com"},
                    }
                ],
            },
            "extendedInfo",
        ),
        ({"socialProfileIds": ["1,2"]}, "socialProfileIds[0]"),
    ],
)
def test_what_hootsuite_would_refuse_anyway_is_not_sent(
    hootsuite: Connector, fields: dict[str, Any], path: str
) -> None:
    one, service = _hootsuite(hootsuite, {})
    assert fails(InputError, lambda: one.run("schedule_message", POST | fields)).problems[0].path == path
    assert not service.requests


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable", "sentence"),
    [
        (401, _refusal(1001), SignInError, None, "connect again."),
        (401, _refusal(1036), SignInError, None, "connect again."),
        (401, {"error": "token_expired", "error_description": "Token expired"}, SignInError, None, "connect again."),
        (401, b"", SignInError, None, "connect again."),
        (
            401,
            _refusal(4003),
            RemoteError,
            False,
            "Your Hootsuite role does not allow this. Ask an administrator of your organization for the permission.",
        ),
        (
            401,
            _refusal(1201),
            RemoteError,
            False,
            "Your Hootsuite role does not allow this. Ask an administrator of your organization for the permission.",
        ),
        (
            403,
            {"error": "request_forbidden"},
            RemoteError,
            False,
            "Hootsuite no longer lets this app in; it was probably uninstalled. Install the app in Hootsuite again, then sign in again.",
        ),
        (
            429,
            _refusal(1043),
            RateLimited,
            True,
            "Hootsuite had too many calls in a short time. Wait a moment, then try again.",
        ),
        (
            429,
            b"max rate reached: 20",
            RateLimited,
            True,
            "Hootsuite had too many calls in a short time. Wait a moment, then try again.",
        ),
        (
            429,
            _refusal(1003),
            RateLimited,
            False,
            QUOTA,
        ),
        (
            429,
            _refusal(1004),
            RateLimited,
            False,
            QUOTA,
        ),
        (403, _refusal(1003), RemoteError, False, QUOTA),
        (500, _refusal(9000), UnknownOutcome, None, NOBODY_KNOWS),
        (503, b"<html>", UnknownOutcome, None, NOBODY_KNOWS),
        (
            400,
            _refusal(40021),
            RemoteError,
            False,
            "An attached file is not ready yet. Wait until Get Media Upload Status says READY, then schedule the post again.",
        ),
        (400, _refusal(4000, "Bad"), RemoteError, False, 'Hootsuite did not accept these values. It says "Bad".'),
    ],
)
def test_hootsuite_s_refusals_become_the_errors_they_really_are(
    hootsuite: Connector, status: int, body: Any, kind: type[ConnectorError], retryable: bool | None, sentence: str
) -> None:
    one, service = _hootsuite(hootsuite, reply(body, status))
    error = fails(kind, lambda: one.run("schedule_message", POST))
    assert error.message.endswith(sentence)
    assert error.retryable == bool(retryable)
    assert len(service.requests) == 1


def test_a_media_id_goes_into_the_address_with_its_equals_signs_encoded(hootsuite: Connector) -> None:
    id_ = base64.b64encode(b"https://hootsuite-video.s3.amazonaws.com/a??>~~~b").decode()
    one, service = _hootsuite(hootsuite, {"data": {"id": id_, "state": "READY"}})
    one.run("get_media_upload_status", {"mediaId": id_})
    assert service.requests[0].url == f"https://platform.hootsuite.com/v1/media/{quote(id_, safe='')}"
    assert "/" in id_ or "+" in id_ or "=" in id_


@pytest.mark.parametrize("rest", ["", "?x=1"])
def test_no_page_and_no_bytes_go_to_a_part_of_a_port(
    shop: Connector, picture: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    """A Link header and the address for bytes are texts of the service's; once, a port without a path lost its end."""
    without_settings(monkeypatch)
    with two_ports() as (judged, cut, seen):
        url = f"http://127.0.0.1:{judged}{rest}"

        def behave(server: Server, sock: socket.socket) -> None:
            while got := server.receive(sock):
                body = {"url": url} if got.method == "POST" else {"state": "READY"}
                body = {"data": [{"n": 1}]} if got.target == "/v1/link" else body
                sock.sendall(answer(json.dumps(body).encode(), "200 OK", f'Link: <{url}>; rel="next"'))

        with serve(behave) as server:
            one = shop.connect(token=TOKEN, base_url=server.url, timeouts=Timeouts(10, 10, 20), folder=picture)
            found = one.records("list_by_link")
            assert next(found) == {"n": 1}
            with pytest.raises(ConnectorError):
                next(found)  # the listener answers no list
            assert one.run("bring_file", {"file": "a.png"}) == {"state": "READY"}
        assert seen == {judged: [f"/{rest}"] * 2, cut: []}, "the page and the bytes, both without credentials"


def test_an_account_is_good_for_several_threads(shop: Connector) -> None:
    service = _zone_service()
    service.behave = lambda request: (
        {"zone": "UTC"} if request.url.endswith("/zone") else {"id": request.json["name"] if request.json else "x"}
    )
    one = account(shop, service)

    def work(number: int) -> Any:
        return one.run("make_thing", {"name": str(number), "at": "2026-05-02T09:00"})["id"]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(300))) == [str(number) for number in range(300)]
    assert len(service.requests) == 600


def test_what_one_thread_gets_wrong_does_not_reach_another(shop: Connector) -> None:
    def behave(request: Request) -> Any:
        return {"id": "1"} if "good" in request.url else reply({"message": "no"}, 400)

    one = account(shop, Service(behave))

    def work(number: int) -> str:
        try:
            return str(one.run("get_thing", {"id": "good" if number % 2 else "other"})["id"])
        except RemoteError as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(100)))
    assert found == ["Get Thing: Shop answered 400: no.", "1"] * 50


# -- errors as values ------------------------------------------------------------------------------------

PROBLEM = Problem("rule", "error", "connector.yaml", 1, 2, "Wrong", "right")
REMOTE = {"operation": "a", "status": 400, "code": [1], "trace_id": "t", "retryable": True, "data": {"b": 1}}
ERRORS = [
    ConnectorError("Root.", operation="a", status=1, code="c", trace_id="t"),
    ManifestError("Wrong.", problems=[PROBLEM], operation="a"),
    InputError([InputProblem("a[0]", "is wrong."), InputProblem("", "No.")], operation="a"),
    SignInError("Again.", operation="a", status=401, code=5, trace_id="t"),
    RemoteError("No.", **REMOTE),
    RateLimited("Slower.", **REMOTE),
    UnknownOutcome("Who knows.", found=[1], missing={"a": None}, operation="a", status=500, code="c", trace_id="t"),
    SignatureError("Forged."),
    OutputError("Odd.", operation="a", happened=True, data={"a": [1]}),
]


def _kinds(kind: type[ConnectorError]) -> set[type[ConnectorError]]:
    return {kind}.union(*(_kinds(each) for each in kind.__subclasses__()))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_copy_of_an_error_is_the_same_error(error: ConnectorError) -> None:
    """Errors go between processes: queues, pools of workers, logs."""
    for made in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(made) is type(error)
        assert vars(made) == vars(error)
        assert (str(made), repr(made), made.args) == (str(error), repr(error), error.args)


def test_every_class_of_errors_is_copied_here() -> None:
    assert {kind for kind in _kinds(ConnectorError) if kind.__module__.startswith("connector_runtime")} == {
        type(error) for error in ERRORS
    }
