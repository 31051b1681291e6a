"""The stand-in tells of what happens as Hootsuite does: each test is named for the rule it pins, over real sockets.

Nothing here depends on how fast a machine is: what has to happen is waited for, and times are compared only with
what they must at least be.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox import Behaviour, Hook, NotDelivered, Sandbox
from tests.sandbox import state as ids
from tests.sandbox.post import is_on_this_machine
from tests.servers import LOOPBACK, Handler, Seen, Server, always, answer, read_request, serve

REPOSITORY = Path(__file__).resolve().parents[1]
SECRET = "it's a secret"
ACCEPTED = answer(b"", "204 No Content")
REFUSED = answer(b"", "500 Internal Server Error")
ELSEWHERE = "https://hooks.example.com/hootsuite"
NEVER = 3600.0  # seconds


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.005)


def replies(*first: bytes | Handler, then: bytes = ACCEPTED) -> Handler:
    """What a receiver does with its first requests, and the answer to all others."""
    left = list(first)

    def handle(server: Server, sock: socket.socket) -> None:
        seen = server.receive(sock)
        reply = left.pop(0) if left and seen else then
        if isinstance(reply, bytes):
            sock.sendall(reply)
        else:
            reply(server, sock)

    return handle


def hangs(server: Server, sock: socket.socket) -> None:
    """Never answers."""
    server.stopping.wait(30)


def refuses_after(event: threading.Event) -> Handler:
    """Keeps the sender waiting until the test says so."""

    def handle(server: Server, sock: socket.socket) -> None:
        assert event.wait(30)
        sock.sendall(REFUSED)

    return handle


def batches(server: Server) -> list[list[dict[str, Any]]]:
    return [json.loads(seen.body) for seen in server.requests]


def events(server: Server) -> list[dict[str, Any]]:
    """All events that came, in order; those of retries come again."""
    return [event for batch in batches(server) for event in batch]


def states(server: Server, message_id: str) -> list[str]:
    return [one["data"]["state"] for one in events(server) if one["data"]["message"]["id"] == message_id]


def numbers(batch: list[dict[str, Any]]) -> list[int]:
    return [int(event["seq_no"]) for event in batch]


def sandbox_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]


def call(sandbox: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    with requests.Session() as session:
        session.trust_env = False
        if body is not None:
            headers["Content-Type"] = "application/json;charset=utf-8"
        data = None if body is None else json.dumps(body)
        return session.request(method, sandbox.base_url + path, data=data, headers=headers, timeout=10)


def create(sandbox: Sandbox, profile: str = ids.FACEBOOK_PAGE, **fields: Any) -> str:
    """Creates one message through the API; its id."""
    answered = call(sandbox, "POST", "/v1/messages", {"text": "Bread", "socialProfileIds": [profile]} | fields)
    assert answered.status_code == 200, answered.text
    return str(answered.json()["data"][0]["id"])


def in_an_hour(sandbox: Sandbox) -> str:
    return (sandbox.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def start() -> Iterator[Callable[..., Sandbox]]:
    """Starts a stand-in with knobs, everything fast; at the end no thread of it is left."""
    sandboxes: list[Sandbox] = []
    fast = {"webhook_seconds": 0.03, "webhook_retry_seconds": 0.05, "requests_per_second": None, "null_rate": 0.0}

    def run(**knobs: Any) -> Sandbox:
        sandboxes.append(Sandbox(**fast | knobs).start())
        return sandboxes[-1]

    yield run
    for sandbox in sandboxes:
        sandbox.stop()
    assert [violation for sandbox in sandboxes for violation in sandbox.violations] == []
    assert sandbox_threads() == []


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serve(replies()) as server:
        yield server


# -- what is told ----------------------------------------------------------------------------------------


def test_a_scheduled_message_is_told_and_its_publishing_too_without_anybody_asking(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    sent, failed = (create(sandbox, one, scheduledSendTime=in_an_hour(sandbox)) for one in (ids.TWITTER, ids.FAILING))
    wait_for(lambda: len(events(receiver)) == 2)
    assert states(receiver, sent) == states(receiver, failed) == ["SCHEDULED"]
    sandbox.clock.advance(3601)
    wait_for(lambda: len(events(receiver)) == 4)
    assert states(receiver, sent) == ["SCHEDULED", "SENT"]
    assert states(receiver, failed) == ["SCHEDULED", "SEND_FAILED_PERMANENTLY"]
    assert {one.method for one in sandbox.requests} == {"POST"}


def test_a_message_without_a_time_is_told_once_as_sent_or_failed(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    sent, failed = create(sandbox), create(sandbox, ids.FAILING)
    wait_for(lambda: len(events(receiver)) == 2)
    assert (states(receiver, sent), states(receiver, failed)) == (["SENT"], ["SEND_FAILED_PERMANENTLY"])


def test_a_review_is_told_step_by_step(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    approved, rejected = (create(sandbox, ids.REVIEWED, scheduledSendTime=in_an_hour(sandbox)) for _ in range(2))
    at_once = create(sandbox, ids.REVIEWED)
    for message_id in (approved, at_once):
        sandbox.state.approve(message_id)
    sandbox.state.reject(rejected)
    sandbox.clock.advance(3601)
    wait_for(lambda: len(events(receiver)) == 10)
    way = ["PENDING_APPROVAL", "APPROVED", "SCHEDULED", "SENT"]
    assert (states(receiver, approved), states(receiver, at_once)) == (way, way)
    assert states(receiver, rejected) == ["PENDING_APPROVAL", "REJECTED"]


def test_deleting_is_told(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    message = create(sandbox, scheduledSendTime=in_an_hour(sandbox))
    assert call(sandbox, "DELETE", f"/v1/messages/{message}").status_code == 200
    sandbox.clock.advance(3601)  # nothing becomes of a message that was deleted
    other = create(sandbox)
    wait_for(lambda: states(receiver, other))
    assert states(receiver, message) == ["SCHEDULED", "DELETED"]


def test_what_is_refused_is_not_told(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    sandbox.state.mark(ids.TWITTER, Behaviour.REFUSES)
    body = {"text": "Bread", "socialProfileIds": [ids.TWITTER, ids.REFUSING]}
    assert call(sandbox, "POST", "/v1/messages", body).status_code == 400
    assert hook.waiting == 0


def test_an_event_names_message_state_organization_and_a_time_with_milliseconds(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    before = sandbox.clock.now()
    message = create(sandbox, ids.FACEBOOK_PAGE)
    wait_for(lambda: receiver.requests)
    (event,) = events(receiver)
    when = event["data"].pop("timestamp")
    assert event.pop("seq_no")
    data = {"state": "SENT", "organization": {"id": ids.ORGANIZATION}, "message": {"id": message}}
    assert event == {"type": "com.hootsuite.messages.event.v1", "data": data}
    assert len(when) == len("2026-01-01T00:00:00.000Z") and when.endswith("Z")
    assert abs(datetime.fromisoformat(when) - before) < timedelta(minutes=1)


def test_the_organization_is_null_where_the_profile_belongs_to_the_member(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    create(sandbox, ids.TWITTER)
    wait_for(lambda: receiver.requests)
    assert events(receiver)[0]["data"]["organization"] is None


def test_a_request_is_a_post_of_a_json_array(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    sandbox.register_webhook(f"{receiver.url}/hook/a%20b?token=x%2Fy&z=", secret=SECRET)
    create(sandbox)
    wait_for(lambda: receiver.requests)
    seen = receiver.requests[0]
    assert (seen.method, seen.target) == ("POST", "/hook/a%20b?token=x%2Fy&z=")
    assert seen.headers["content-type"] == "application/json" and seen.headers["host"] == receiver.netloc
    assert isinstance(json.loads(seen.body), list)


# -- batches ---------------------------------------------------------------------------------------------


def test_events_are_collected_and_go_out_once_in_an_interval(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(webhook_seconds=0.25)
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    began = time.monotonic()
    while len(hook.deliveries) < 3:
        sandbox.state.seed_messages(1)
        time.sleep(0.01)
    times = [began, *(one.at for one in hook.deliveries)]
    assert all(later - earlier >= 0.25 for earlier, later in itertools.pairwise(times))
    assert all(one.events > 1 for one in hook.deliveries)


def test_a_batch_goes_out_at_once_when_enough_events_wait(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(webhook_seconds=NEVER)
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    sandbox.state.seed_messages(99)
    time.sleep(0.2)
    assert receiver.requests == [] and hook.waiting == 99
    sandbox.state.seed_messages(1)
    wait_for(lambda: hook.deliveries)
    assert [one.events for one in hook.deliveries] == [100] and len(events(receiver)) == 100


def test_how_many_events_are_enough_is_a_knob(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(webhook_seconds=NEVER, webhook_batch=3)
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    with sandbox.state.lock:
        sandbox.state.seed_messages(3)
    wait_for(lambda: hook.deliveries)
    assert [one.events for one in hook.deliveries] == [3]


def test_a_batch_after_a_failure_holds_several_hundred_events_the_failed_ones_first(
    start: Callable[..., Sandbox],
) -> None:
    go_on = threading.Event()
    sandbox = start()
    with serve(replies(refuses_after(go_on))) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(2)
        wait_for(lambda: receiver.requests)
        sandbox.state.seed_messages(300)
        go_on.set()
        wait_for(lambda: hook.waiting == 0)
    failed, again = batches(receiver)[:2]
    assert failed and len(again) == 302 and again[: len(failed)] == failed


def test_a_batch_holds_no_more_than_500_events(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_failures=1)
    with serve(replies(REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(1)
        wait_for(lambda: hook.disabled)
        sandbox.state.seed_messages(699)
        assert sandbox.ping(hook)
        wait_for(lambda: hook.waiting == 0)
    assert [len(batch) for batch in batches(receiver)] == [1, 1, 500, 200]


def test_what_a_batch_does_not_hold_waits_for_the_next_interval(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_failures=1, webhook_seconds=0.3)
    with serve(replies(REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(1)
        wait_for(lambda: hook.disabled)
        sandbox.state.seed_messages(549)
        time.sleep(0.3)  # all of them have waited long enough
        assert sandbox.ping(hook)
        wait_for(lambda: hook.waiting == 0)
    first, second = hook.deliveries[2:]
    assert (first.events, second.events) == (500, 50) and second.at - first.at >= 0.3


# -- the sequence number ---------------------------------------------------------------------------------


def test_a_sequence_number_is_a_text_too_large_for_a_float_and_increases(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    sandbox.state.seed_messages(40)
    wait_for(lambda: hook.waiting == 0)
    sandbox.state.seed_messages(40)
    wait_for(lambda: hook.waiting == 0)
    found = [event["seq_no"] for event in events(receiver)]
    assert len(found) == 80 and all(type(one) is str for one in found)
    assert all(int(one) < int(two) < 2**63 for one, two in itertools.pairwise(found))
    assert len({float(one) for one in found}) < len(found)


def test_each_address_has_its_own_sequence(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    first = sandbox.register_webhook(f"{receiver.url}/first", secret=SECRET)
    sandbox.state.seed_messages(3)
    second = sandbox.register_webhook(f"{receiver.url}/second", secret=SECRET)
    sandbox.state.seed_messages(2)
    wait_for(lambda: first.waiting == second.waiting == 0)
    by_path: dict[str, list[int]] = {"/first": [], "/second": []}
    for seen in receiver.requests:
        by_path[seen.target] += numbers(json.loads(seen.body))
    assert len(by_path["/first"]) == 5 and by_path["/second"] == by_path["/first"][:2]


def test_an_address_that_is_registered_and_ad_hoc_has_one_sequence(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    for _ in range(3):
        create(sandbox, webhookUrls=[receiver.url, receiver.url])
    wait_for(lambda: len(events(receiver)) == 6)
    assert len(set(numbers(events(receiver)))) == 6
    assert ["x-hootsuite-signature" in seen.headers for seen in receiver.requests].count(False) >= 1


# -- the signature ---------------------------------------------------------------------------------------

KEY = bytes(range(200, 232))


@pytest.mark.parametrize(
    ("secret", "options", "key", "written"),
    [
        (SECRET, {}, SECRET.encode(), bytes.hex),
        ("gehéim", {}, b"geh\xc3\xa9im", bytes.hex),
        (SECRET, {"encoding": "hex", "prefix": "sha512="}, SECRET.encode(), lambda digest: f"sha512={digest.hex()}"),
        (SECRET, {"encoding": "HEX"}, SECRET.encode(), lambda digest: digest.hex().upper()),
        (SECRET, {"encoding": "base64"}, SECRET.encode(), lambda digest: base64.b64encode(digest).decode()),
        (KEY.hex(), {}, KEY.hex().encode(), bytes.hex),
        (KEY.hex(), {"key_form": "hex"}, KEY, bytes.hex),
        (base64.b64encode(KEY).decode(), {"key_form": "base64"}, KEY, bytes.hex),
    ],
)
def test_a_registered_address_gets_the_hmac_of_the_raw_body(
    start: Callable[..., Sandbox],
    receiver: Server,
    secret: str,
    options: dict[str, Any],
    key: bytes,
    written: Callable[[bytes], str],
) -> None:
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=secret, **options)
    create(sandbox)
    wait_for(lambda: receiver.requests)
    seen = receiver.requests[0]
    digest = hmac.new(key, seen.body, hashlib.sha512).digest()
    assert seen.headers["x-hootsuite-signature"] == written(digest)


def test_a_body_is_not_written_as_python_or_javascript_would_write_it(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    """A receiver that checks the signature of the JSON it wrote anew is found out."""
    sandbox = start()
    sandbox.register_webhook(receiver.url, secret=SECRET)
    create(sandbox)
    wait_for(lambda: receiver.requests)
    body = receiver.requests[0].body
    anew = json.loads(body)
    assert body not in (json.dumps(anew).encode(), json.dumps(anew, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": ""},
        {"encoding": "base32"},
        {"key_form": "binary"},
        {"key_form": "hex"},
        {"key_form": "base64"},
        {"key_form": "base64", "secret": "aGVs!bG8h"},
    ],
)
def test_a_key_that_is_none_is_refused_when_it_is_registered(wrong: dict[str, Any]) -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=r"secret|encoding|hex|base64|padding"):
        sandbox.register_webhook(f"http://{LOOPBACK}:9/", **{"secret": SECRET} | wrong)
    assert sandbox.hooks == []


# -- ad hoc addresses ------------------------------------------------------------------------------------


def test_the_addresses_of_a_message_get_its_events_only_and_unsigned(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    registered = sandbox.register_webhook(f"{receiver.url}/all", secret=SECRET)
    mine = create(sandbox, scheduledSendTime=in_an_hour(sandbox), webhookUrls=[f"{receiver.url}/mine"])
    create(sandbox)
    sandbox.clock.advance(3601)
    wait_for(lambda: len(events(receiver)) == 5)
    assert registered.url.endswith("/all") and [hook.url for hook in sandbox.hooks[1:]] == [f"{receiver.url}/mine"]
    ad_hoc = [seen for seen in receiver.requests if seen.target == "/mine"]
    found = [event["data"] for seen in ad_hoc for event in json.loads(seen.body)]
    assert [(one["message"]["id"], one["state"]) for one in found] == [(mine, "SCHEDULED"), (mine, "SENT")]
    assert not any("x-hootsuite-signature" in seen.headers for seen in ad_hoc)


def test_what_a_reviewer_does_in_the_dashboard_is_not_told_to_ad_hoc_addresses(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    message, rejected = (
        create(sandbox, ids.REVIEWED, scheduledSendTime=in_an_hour(sandbox), webhookUrls=[receiver.url])
        for _ in range(2)
    )
    sandbox.state.approve(message)
    sandbox.state.reject(rejected)
    sandbox.clock.advance(3601)
    wait_for(lambda: len(events(receiver)) == 3)
    assert (states(receiver, message), states(receiver, rejected)) == (
        ["PENDING_APPROVAL", "SENT"],
        ["PENDING_APPROVAL"],
    )


def test_a_knob_signs_ad_hoc_deliveries_too(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(sign_ad_hoc_with="shared")
    create(sandbox, webhookUrls=[receiver.url])
    wait_for(lambda: receiver.requests)
    seen = receiver.requests[0]
    expected = hmac.new(b"shared", seen.body, hashlib.sha512).hexdigest()
    assert seen.headers["x-hootsuite-signature"] == expected


# -- answers ---------------------------------------------------------------------------------------------


def chunked(server: Server, sock: socket.socket) -> None:
    sock.sendall(answer(b"2\r\nok\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked"))


@pytest.mark.parametrize(
    "reply",
    [answer(b"", "200 OK"), answer(b"thank you", "299 Fine"), answer(b"{}", "200 OK", version="HTTP/1.0"), chunked],
)
def test_every_status_from_200_to_299_is_success(start: Callable[..., Sandbox], reply: bytes | Handler) -> None:
    sandbox = start()
    with serve(replies(reply, then=REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.deliveries)
    assert (hook.waiting, hook.failures, len(receiver.requests)) == (0, 0, 1)


@pytest.mark.parametrize("reply", [answer(b"ok", "200 OK"), b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_a_receiver_that_keeps_the_connection_open_is_not_waited_for(
    start: Callable[..., Sandbox], reply: bytes
) -> None:
    sandbox = start(webhook_timeout=NEVER)
    with serve(always(reply)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.deliveries)
    assert hook.waiting == 0


def test_no_more_than_32_kilobytes_of_an_answer_are_read(start: Callable[..., Sandbox]) -> None:
    """And then the connection is closed, so even an answer without an end is one."""
    ended = threading.Event()

    def endless(server: Server, sock: socket.socket) -> None:
        sock.sendall(answer(b"", "200 OK", "Transfer-Encoding: identity"))
        with suppress(OSError):
            while True:
                sock.sendall(b"x" * 4096)
        ended.set()

    sandbox = start(webhook_timeout=30.0)
    with serve(replies(endless)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(ended.is_set)
        wait_for(lambda: hook.deliveries)
    assert (hook.deliveries[0].status, hook.waiting) == (200, 0)


def hangs_up(server: Server, sock: socket.socket) -> None:
    """Answers nothing at all."""


def never_ends(server: Server, sock: socket.socket) -> None:
    """Drips an answer, so that something comes all the time."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    with suppress(OSError):
        while not server.stopping.wait(0.02):
            sock.sendall(b"x")


def body_never_ends(server: Server, sock: socket.socket) -> None:
    sock.sendall(answer(b"The rest is", "200 OK", "Content-Length: 1000"))
    hangs(server, sock)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (REFUSED, 500),
        (answer(b"", "404 Not Found"), 404),
        (answer(b"", "302 Found", "Location: /elsewhere"), 302),
        (answer(b"", "308 Permanent Redirect", "Location: /elsewhere"), 308),
        (hangs, None),
        (never_ends, None),
        (body_never_ends, None),
        (hangs_up, None),
        (b"what?\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n", None),
    ],
)
def test_any_other_answer_and_none_in_time_means_that_the_same_events_are_sent_again(
    start: Callable[..., Sandbox], reply: bytes | Handler, status: int | None
) -> None:
    sandbox = start(webhook_timeout=0.2, webhook_retry_seconds=0.1)
    with serve(replies(reply)) as receiver:
        hook = sandbox.register_webhook(f"{receiver.url}/hook", secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.waiting == 0)
        first, second = receiver.requests
    assert first.body == second.body and first.target == second.target == "/hook"
    assert [one.status for one in hook.deliveries] == [status, 204] and hook.failures == 0
    pause = hook.deliveries[1].at - hook.deliveries[0].at
    assert pause >= (0.3 if reply in (hangs, never_ends, body_never_ends) else 0.1)


def test_a_receiver_that_is_not_there_is_tried_again(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    hook = sandbox.register_webhook(f"http://{LOOPBACK}:{port}/", secret=SECRET)
    create(sandbox)
    wait_for(lambda: len(hook.deliveries) >= 2)
    assert {one.status for one in hook.deliveries} == {None}
    assert len({one.body for one in hook.deliveries}) == 1


def test_newer_events_do_not_shorten_the_pause_before_a_retry(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_retry_seconds=NEVER, webhook_batch=2)
    with serve(replies(REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.failures == 1)
        sandbox.state.seed_messages(10)
        time.sleep(0.2)
        assert len(receiver.requests) == 1 and hook.waiting == 11


# -- disabled and enabled --------------------------------------------------------------------------------


def test_after_five_failures_in_a_row_an_address_is_disabled(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    with serve(replies(*[REFUSED] * 4, ACCEPTED, then=REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.waiting == 0)
        assert not hook.disabled  # four failures, and then the count begins anew
        create(sandbox)
        wait_for(lambda: hook.disabled)
        create(sandbox)
        time.sleep(0.2)
        assert len(receiver.requests) == len(hook.deliveries) == 10 and hook.waiting == 2


def test_a_ping_that_is_answered_enables_and_what_waits_is_delivered(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_failures=1)
    with serve(replies(REFUSED, REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.disabled)
        sandbox.state.seed_messages(2)
        assert sandbox.ping(hook) is False and hook.disabled and hook.waiting == 3
        assert sandbox.ping(hook) is True and not hook.disabled
        wait_for(lambda: hook.waiting == 0)
    failed, _, _, delivered = batches(receiver)
    assert len(delivered) == 3 and delivered[:1] == failed
    assert [(one.events, one.status) for one in hook.deliveries] == [(1, 500), (0, 500), (0, 204), (3, 204)]


def test_once_enabled_an_address_may_fail_as_often_as_before(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_failures=2)
    with serve(replies(REFUSED, REFUSED, ACCEPTED, REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        create(sandbox)
        wait_for(lambda: hook.disabled)
        assert sandbox.ping(hook)
        wait_for(lambda: hook.waiting == 0)
    assert [one.status for one in hook.deliveries] == [500, 500, 204, 500, 204]


def test_a_ping_has_no_sequence_number_and_is_signed_like_the_others(
    start: Callable[..., Sandbox], receiver: Server
) -> None:
    sandbox = start()
    hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    time.sleep(0.1)
    assert receiver.requests == []  # none by itself
    sandbox.state.seed_messages(1)
    wait_for(lambda: hook.waiting == 0)
    assert sandbox.ping(hook)
    sandbox.state.seed_messages(1)
    wait_for(lambda: hook.waiting == 0)
    (before,), (ping,), (after,) = batches(receiver)
    assert ping == {"type": "com.hootsuite.ping.event.v1", "data": {}}
    assert int(after["seq_no"]) == int(before["seq_no"]) + 1  # a ping takes no number
    seen = receiver.requests[1]
    expected = hmac.new(SECRET.encode(), seen.body, hashlib.sha512).hexdigest()
    assert seen.headers["x-hootsuite-signature"] == expected


def test_a_disabled_address_keeps_its_newest_thousand_events(start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhook_failures=1)
    with serve(replies(REFUSED)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(1)
        wait_for(lambda: hook.disabled)
        sandbox.state.seed_messages(1200)
        assert (hook.waiting, hook.dropped) == (1000, 201)
        assert sandbox.ping(hook)
        wait_for(lambda: hook.waiting == 0)
    first = numbers(batches(receiver)[0])[0]
    delivered = [number for batch in batches(receiver)[2:] for number in numbers(batch)]
    assert delivered == list(range(first + 201, first + 1201))


def test_only_a_disabled_address_gives_events_up(start: Callable[..., Sandbox]) -> None:
    go_on = threading.Event()
    sandbox = start(webhook_failures=1, webhook_timeout=NEVER)
    with serve(replies(refuses_after(go_on))) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(1)
        wait_for(lambda: receiver.requests)
        sandbox.state.seed_messages(1100)
        assert (hook.waiting, hook.dropped) == (1101, 0)
        go_on.set()
        wait_for(lambda: hook.disabled and hook.deliveries)
        assert (hook.waiting, hook.dropped) == (1000, 101)


# -- several addresses, and other machines ---------------------------------------------------------------


def test_a_slow_address_does_not_hold_up_another(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(webhook_timeout=NEVER)
    with serve(hangs_after_receiving) as slow:
        stuck = sandbox.register_webhook(slow.url, secret=SECRET)
        other = sandbox.register_webhook(receiver.url, secret=SECRET)
        sandbox.state.seed_messages(1)
        wait_for(lambda: slow.requests)
        for done in range(3):
            sandbox.state.seed_messages(1)
            wait_for(lambda done=done: len(other.deliveries) > done and other.waiting == 0)
        assert stuck.deliveries == [] and stuck.waiting == 4 and len(slow.requests) == 1
        sandbox.stop()


def hangs_after_receiving(server: Server, sock: socket.socket) -> None:
    server.receive(sock)
    hangs(server, sock)


@pytest.mark.parametrize(
    "url",
    [
        ELSEWHERE,
        "http://hooks.example.com:8080/",
        "http://127.0.0.1@hooks.example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://192.168.0.1/",
        "http://0.0.0.0/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://[::2]/",
        "http://[::1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX:y",
        "http://127.0.0.1/ü",
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "127.0.0.1",
        "",
    ],
)
def test_nothing_but_plain_addresses_of_this_machine_is_ever_contacted(url: str) -> None:
    assert not is_on_this_machine(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_has_three_names(host: str) -> None:
    assert is_on_this_machine(f"http://{host}/") and is_on_this_machine(f"http://{host}:5000/hook?x=1")


def test_an_address_elsewhere_cannot_be_registered_and_none_twice(receiver: Server) -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="on this machine"):
        sandbox.register_webhook(ELSEWHERE, secret=SECRET)
    sandbox.register_webhook(receiver.url, secret=SECRET)
    with pytest.raises(ValueError, match="registered already"):
        sandbox.register_webhook(receiver.url, secret="another")
    assert len(sandbox.hooks) == 1


def test_an_address_elsewhere_in_a_message_is_accepted_and_only_written_down(
    start: Callable[..., Sandbox], receiver: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[Any] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *more: Any, **options: Any) -> Any:
        looked_up.append(host)
        return real(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    sandbox = start()
    message = create(sandbox, webhookUrls=[ELSEWHERE, receiver.url])
    wait_for(lambda: receiver.requests)
    assert sandbox.not_delivered == [NotDelivered(ELSEWHERE, message, "SENT")]
    assert [hook.url for hook in sandbox.hooks] == [receiver.url] and set(looked_up) <= {LOOPBACK}


def test_the_names_of_this_machine_are_all_reached(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start()
    hook = sandbox.register_webhook(f"http://localhost:{receiver.port}/", secret=SECRET)
    assert sandbox.ping(hook) and receiver.requests[0].headers["host"] == f"localhost:{receiver.port}"
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        port = listener.getsockname()[1]
        sandbox.register_webhook(f"http://[::1]:{port}/", secret=SECRET)
        create(sandbox)
        listener.settimeout(10)
        connection, _ = listener.accept()
        with connection:
            seen = read_request(connection)
            connection.sendall(ACCEPTED)
    assert isinstance(seen, Seen) and seen.headers["host"] == f"[::1]:{port}"


# -- starting and stopping -------------------------------------------------------------------------------


def test_stopping_ends_a_delivery_that_hangs_and_leaves_no_thread_and_no_connection() -> None:
    """Events whose delivery was ended wait for the next start, under the same numbers, and no failure is counted."""
    closed = threading.Event()

    def until_closed(server: Server, sock: socket.socket) -> None:
        assert sock.recv(1) == b""  # blocks until the other side has gone
        closed.set()

    sandbox = Sandbox(webhook_seconds=0.05, webhook_timeout=NEVER)
    with serve(replies(until_closed)) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        with sandbox:
            sandbox.state.seed_messages(1)
            wait_for(lambda: receiver.requests)
        assert sandbox_threads() == []
        wait_for(closed.is_set)
        assert (hook.waiting, hook.failures, hook.deliveries) == (1, 0, [])
        with sandbox:
            wait_for(lambda: hook.waiting == 0)
    assert receiver.requests[0].body == receiver.requests[1].body


def test_stopping_ends_a_connection_that_is_not_taken() -> None:
    with socket.socket() as listener, socket.socket() as first:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        first.connect(listener.getsockname())  # the queue is full now: nobody accepts
        sandbox = Sandbox(webhook_seconds=0.02, webhook_timeout=NEVER)
        hook = sandbox.register_webhook(f"http://{LOOPBACK}:{listener.getsockname()[1]}/", secret=SECRET)
        with sandbox:
            sandbox.state.seed_messages(1)
            time.sleep(0.2)
    assert sandbox_threads() == [] and hook.waiting == 1


def test_stopping_waits_until_the_thread_has_ended() -> None:
    sandbox = Sandbox().start()
    stopping = threading.Thread(target=sandbox.stop)
    with sandbox.state.lock:  # which the thread needs to go on
        time.sleep(0.1)
        stopping.start()
        stopping.join(0.3)
        assert stopping.is_alive()
    stopping.join(10)
    assert not stopping.is_alive() and sandbox_threads() == []


def test_stopping_answers_a_ping_that_hangs() -> None:
    answered: list[bool] = []
    sandbox = Sandbox(webhook_timeout=NEVER).start()
    with serve(hangs_after_receiving) as receiver:
        hook = sandbox.register_webhook(receiver.url, secret=SECRET)
        pinging = threading.Thread(target=lambda: answered.append(sandbox.ping(hook)))
        pinging.start()
        wait_for(lambda: receiver.requests)
        sandbox.stop()
        pinging.join(10)
    assert answered == [False] and sandbox_threads() == []
    with pytest.raises(RuntimeError, match="not running"):
        sandbox.ping(hook)


def test_what_happens_before_the_start_is_told_after_it(receiver: Server) -> None:
    sandbox = Sandbox(webhook_seconds=0.05)
    hook: Hook = sandbox.register_webhook(receiver.url, secret=SECRET)
    (message,) = sandbox.state.seed_messages(1)
    with sandbox:
        wait_for(lambda: hook.waiting == 0)
    assert states(receiver, message.id) == ["SCHEDULED"]


def test_many_addresses_and_clients_at_once_lose_nothing(start: Callable[..., Sandbox], receiver: Server) -> None:
    sandbox = start(webhook_seconds=0.02)
    registered = sandbox.register_webhook(f"{receiver.url}/all", secret=SECRET)

    def work(worker: int) -> None:
        for _ in range(5):
            create(sandbox, scheduledSendTime=in_an_hour(sandbox), webhookUrls=[f"{receiver.url}/{worker}"])

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sandbox.clock.advance(3601)
    wait_for(lambda: len(events(receiver)) == 160)
    wait_for(lambda: all(hook.waiting == 0 for hook in sandbox.hooks))
    assert len(sandbox.hooks) == 9 and sum(one.events for one in registered.deliveries) == 80
    for target in ("/all", *(f"/{worker}" for worker in range(8))):
        found = [one for seen in receiver.requests if seen.target == target for one in json.loads(seen.body)]
        assert numbers(found) == sorted(set(numbers(found)))


# -- the command -----------------------------------------------------------------------------------------


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m tests.sandbox`, ended at the latest with the context."""
    line = [sys.executable, "-W", "error", "-m", "tests.sandbox", *arguments]
    environment = dict(os.environ) | {"COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=REPOSITORY, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_command_tells_an_address_says_the_secret_and_counts_at_the_end(receiver: Server) -> None:
    with command("--webhook", receiver.url, "--webhook-secret", "s3cret") as process:
        assert process.stdout and process.stderr
        shown: list[str] = []
        while not (shown and shown[-1].startswith("export HOOTSUITE_ACCESS_TOKEN=")):
            shown.append(process.stdout.readline())
            assert shown[-1], process.stderr.read()
        exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in shown if "export" in line)
        assert any(line.split() == ["webhook", receiver.url] for line in shown)
        assert any(line.split() == ["secret", "s3cret"] for line in shown)
        assert all(len(line) <= 81 for line in shown)
        body = {"text": "Bread", "socialProfileIds": [ids.FACEBOOK_PAGE], "webhookUrls": [ELSEWHERE]}
        headers = {
            "Authorization": f"Bearer {exports['HOOTSUITE_ACCESS_TOKEN']}",
            "Content-Type": "application/json;charset=utf-8",
        }
        address = exports["HOOTSUITE_BASE_URL"] + "/v1/messages"
        assert requests.post(address, json.dumps(body), headers=headers, timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert f"{receiver.url}: 0 of 0 webhook requests accepted, 1 events left" in " ".join(output.split())
    assert ELSEWHERE in output


def test_the_command_refuses_an_address_elsewhere() -> None:
    with command("--webhook", ELSEWHERE) as process:
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 2 and "--webhook" in errors and "on this machine" in errors


def test_signals_that_come_at_once_end_the_command_like_one() -> None:
    with command("--webhook", f"http://{LOOPBACK}:9/") as process:
        assert process.stdout
        while not process.stdout.readline().startswith("export HOOTSUITE_ACCESS_TOKEN="):
            assert process.poll() is None
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "") and "Stopped after 0 requests" in output
