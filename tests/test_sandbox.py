"""The stand-in does what Hootsuite does: each test is named for the rule it pins, over real sockets."""

import base64
import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from tests.sandbox import ASSUMPTIONS, DEVIATIONS, Behaviour, Sandbox
from tests.sandbox import state as ids
from tests.sandbox.contract import SPECIFICATIONS, Contract

JSON_TYPE = "application/json;charset=utf-8"
REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = b"\x89PNG stands for a picture"

needs_specifications = pytest.mark.skipif(
    not SPECIFICATIONS.is_dir(), reason="the published specifications are not at hand in ../shared/openapi"
)


class Client:
    """A careful client: a kept connection, a token, the right Content-Type."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {sandbox.token}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        if body is not None:
            more = {"data": json.dumps(body), "headers": {"Content-Type": JSON_TYPE}} | more
        return self.session.request(method, self.sandbox.base_url + path, timeout=10, **more)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.call("GET", path, params=query)

    def create(self, *profiles: str, **fields: Any) -> requests.Response:
        body = {"text": "Fresh bread", "socialProfileIds": list(profiles)} | fields
        return self.call("POST", "/v1/messages", body)

    def upload(self, job: dict[str, Any], data: Any = PICTURE, kind: str = "image/png", **headers: str) -> Any:
        """Without the session: the upload host must never see the token."""
        with requests.Session() as bare:
            bare.trust_env = False
            return bare.put(job["uploadUrl"], data=data, headers={"Content-Type": kind} | headers, timeout=10)

    def new_media(self, size: int = len(PICTURE), kind: str = "image/png") -> dict[str, Any]:
        job = self.call("POST", "/v1/media", {"sizeBytes": size, "mimeType": kind}).json()["data"]
        return dict(job)


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Starts a stand-in with knobs; at the end nothing may have left the contract unseen."""
    clients: list[Client] = []

    def run(**knobs: Any) -> Client:
        sandbox = Sandbox(**{"null_rate": 0.0, "requests_per_second": None} | knobs).start()
        clients.append(Client(sandbox))
        return clients[-1]

    yield run
    for client in clients:
        client.session.close()
        client.sandbox.stop()
    assert [violation for client in clients for violation in client.sandbox.violations] == []


@pytest.fixture
def client(start: Callable[..., Client]) -> Client:
    return start()


def later(client: Client, **delta: float) -> str:
    return (client.sandbox.clock.now() + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def codes(answer: requests.Response) -> tuple[int, list[int]]:
    return answer.status_code, [error["code"] for error in answer.json()["errors"]]


# -- the token, the envelope, the limits -----------------------------------------------------------------


def test_no_token_is_1000_and_an_unknown_or_revoked_one_1001(client: Client) -> None:
    assert codes(client.call("GET", "/v1/me", headers={"Authorization": ""})) == (401, [1000])
    assert codes(client.call("GET", "/v1/me", headers={"Authorization": "Bearer guess"})) == (401, [1001])
    second = client.sandbox.issue_token()
    assert client.call("GET", "/v1/me", headers={"Authorization": f"Bearer {second}"}).status_code == 200
    client.sandbox.revoke(second)
    assert codes(client.call("GET", "/v1/me", headers={"Authorization": f"Bearer {second}"})) == (401, [1001])


def test_errors_have_a_numeric_code_a_message_and_a_trace_id(client: Client) -> None:
    answer = client.get("/v1/messages/1")
    assert answer.status_code == 404 and answer.headers["Content-Type"] == JSON_TYPE
    (error,) = answer.json()["errors"]
    assert error["code"] == 4001 and error["message"] and error["id"] and "resource" not in error


def test_unknown_paths_are_404_and_wrong_methods_405(client: Client) -> None:
    assert codes(client.get("/v1/nothing")) == (404, [4001])
    assert codes(client.get("/static/anything")) == (404, [4001])
    assert codes(client.call("PUT", "/v1/me", {})) == (405, [5001])
    assert client.get("/amplify/v1/me/messages").status_code == 405  # not a published operation


@pytest.mark.parametrize("kind", ["application/json", "text/json;charset=utf-8", "application/json;charset=x"])
def test_json_must_come_with_exactly_the_content_type(client: Client, kind: str) -> None:
    assert codes(client.call("POST", "/v1/media", {}, headers={"Content-Type": kind})) == (400, [1100])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '{"text": 5}',
        '{"socialProfileIds": "1"}',
        '{"socialProfileIds": [1]}',
        '{"scheduledSendTime": null}',
        '{"location": {"latitude": NaN}}',
        '{"emailNotification": 1}',
        '{"media": [{"id": true}]}',
    ],
)
def test_malformed_bodies_and_wrong_types_are_1100(client: Client, body: str) -> None:
    headers = {"Content-Type": JSON_TYPE}
    assert codes(client.call("POST", "/v1/messages", data=body, headers=headers)) == (400, [1100])


def test_a_body_too_large_is_refused_and_the_connection_closed(client: Client) -> None:
    answer = client.create(ids.FACEBOOK_PAGE, text="x" * 1_100_000)
    assert answer.status_code == 413 and answer.headers["Connection"] == "close"
    assert client.get("/v1/me").status_code == 200


def test_more_than_twenty_requests_in_a_second_are_1043_without_retry_after(
    start: Callable[..., Client],
) -> None:
    client = start(requests_per_second=20, check_contract=False)
    answers = [client.get("/v1/me/organizations") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert codes(answers[-1]) == (429, [1043]) and "Retry-After" not in answers[-1].headers
    remaining = [answer.headers["X-Account-Rate-Limit-Requests-Remaining"] for answer in answers]
    assert remaining[0] == "19" and remaining[19:] == ["0", "0"]
    other = {"Authorization": f"Bearer {client.sandbox.issue_token()}"}
    assert client.call("GET", "/v1/me", headers=other).status_code == 429  # the limit is the account's
    time.sleep(1.05)
    assert client.get("/v1/me").status_code == 200


def test_a_used_up_daily_quota_is_1003_until_the_next_day(start: Callable[..., Client]) -> None:
    client = start(daily_quota=2)
    used = [client.get("/v1/me") for _ in range(2)]
    assert [answer.headers["X-Account-Quota-Used"] for answer in used] == ["1", "2"]
    assert used[0].headers["X-Account-Quota"] == "2 per day"
    assert codes(client.get("/v1/me")) == (429, [1003])
    client.sandbox.clock.advance(24 * 3600)
    assert client.get("/v1/me").headers["X-Account-Quota-Used"] == "1"


# -- the account -----------------------------------------------------------------------------------------


def test_the_member_has_default_timezone_and_not_timezone(start: Callable[..., Client]) -> None:
    member = start().get("/v1/me").json()["data"]
    assert member["id"] == ids.MEMBER and member["fullName"] and member["email"]
    assert member["defaultTimezone"] == "America/Vancouver" and "timezone" not in member
    assert start(time_zone_field="timezone").get("/v1/me").json()["data"]["timezone"] == "America/Vancouver"


def test_social_profiles_come_as_one_whole_list_and_my_profiles_as_ids_only(client: Client) -> None:
    profiles = client.get("/v1/socialProfiles").json()
    assert list(profiles) == ["data"] and len(profiles["data"]) == 9
    assert client.get("/v1/me/socialProfiles").json()["data"] == [{"id": one["id"]} for one in profiles["data"]]
    assert client.get("/v1/me/organizations").json()["data"][0]["id"] == ids.ORGANIZATION


def test_twitter_profiles_have_neither_username_nor_avatar(client: Client) -> None:
    twitter = client.get(f"/v1/socialProfiles/{ids.TWITTER}").json()["data"]
    assert (twitter["type"], twitter["socialNetworkUsername"], twitter["avatarUrl"]) == (
        "TWITTER",
        None,
        None,
    )
    assert client.get(f"/v1/socialProfiles/{ids.PINTEREST}").json()["data"]["socialNetworkUsername"]


def test_is_reauth_required_is_a_number(client: Client) -> None:
    records = client.get("/v1/socialProfiles").json()["data"]
    needed = {one["id"]: one["isReauthRequired"] for one in records}
    assert needed[ids.INSTAGRAM_BUSINESS] == 1 and needed[ids.TWITTER] == 0
    assert all(type(value) is int for value in needed.values())


def test_a_profile_the_member_may_not_see_is_a_401_that_no_token_cures(client: Client) -> None:
    assert codes(client.get(f"/v1/socialProfiles/{ids.HIDDEN}")) == (401, [4006])
    assert codes(client.get("/v1/socialProfiles/1")) == (404, [4001])
    listed = [one["id"] for one in client.get("/v1/socialProfiles").json()["data"]]
    assert ids.HIDDEN not in listed


def test_fields_hootsuite_adds_are_null_at_random_but_never_what_names_a_record(
    start: Callable[..., Client],
) -> None:
    first, second = start(null_rate=1, seed=7), start(null_rate=0.5, seed=7)
    everything_null = first.get("/v1/socialProfiles").json()["data"]
    assert all({name for name in one if one[name] is not None} == {"id", "type"} for one in everything_null)
    first.create(ids.FACEBOOK_PAGE, tags=["spring"])
    (message,) = first.get("/v1/messages", startTime=later(first, days=-1), endTime=later(first)).json()["data"]
    assert message["state"] == "SENT" and message["tags"] == ["spring"] and message["createdByMember"] is None
    some = [one["ownerId"] for one in second.get("/v1/socialProfiles").json()["data"]]
    assert None in some and set(some) != {None}


def test_the_same_seed_gives_the_same_ids_and_the_same_nulls() -> None:
    def story() -> list[Any]:
        with Sandbox(seed=5, null_rate=0.3) as sandbox:
            client = Client(sandbox)
            with client.session:
                job = client.new_media()
                profiles = client.get("/v1/socialProfiles").json()
                when = "2090-01-01T00:00:00Z"
                return [job["id"], profiles, client.create(ids.FACEBOOK_PAGE, scheduledSendTime=when).json()]

    assert story() == story()


# -- creating messages -----------------------------------------------------------------------------------


def test_one_message_is_created_per_profile_and_the_answer_is_an_array(client: Client) -> None:
    answer = client.create(ids.FACEBOOK_PAGE, ids.TWITTER, scheduledSendTime=later(client, hours=1))
    records = answer.json()["data"]
    assert [one["socialProfile"]["id"] for one in records] == [ids.FACEBOOK_PAGE, ids.TWITTER]
    assert [(one["state"], one["postId"]) for one in records] == [("SCHEDULED", None)] * 2
    assert len({one["id"] for one in records}) == 2 and "errors" not in answer.json()


def test_without_a_time_the_message_is_sent_at_once_with_a_post_id(client: Client) -> None:
    (message,) = client.create(ids.LINKEDIN_COMPANY).json()["data"]
    assert message["state"] == "SENT" and message["postId"] and message["postUrl"]
    sent = datetime.fromisoformat(message["scheduledSendTime"])
    assert abs(sent - datetime.now(UTC)) < timedelta(seconds=5)  # at speed 1 the clock is the real one
    assert client.create(ids.TWITTER).json()["data"][0]["postUrl"] is None  # Facebook and LinkedIn only


def test_milliseconds_are_accepted_and_echoed_without(client: Client) -> None:
    answer = client.create(ids.FACEBOOK_PAGE, scheduledSendTime="2090-01-01T06:00:00.750Z")
    assert answer.json()["data"][0]["scheduledSendTime"] == "2090-01-01T06:00:00Z"


@pytest.mark.parametrize(
    "when",
    ["2090-01-01T06:00:00", "2090-01-01T06:00:00+00:00", "2020-01-01T00:00:00Z", "2090-13-01T00:00:00Z", "Z"],
)
def test_the_time_must_end_with_z_and_not_be_past(client: Client, when: str) -> None:
    assert codes(client.create(ids.FACEBOOK_PAGE, scheduledSendTime=when)) == (400, [4000])


def test_a_scheduled_message_is_sent_or_fails_when_its_time_comes(client: Client) -> None:
    made = client.create(ids.FACEBOOK_PAGE, ids.FAILING, scheduledSendTime=later(client, hours=1)).json()["data"]
    client.sandbox.clock.advance(3000)
    states = [client.get(f"/v1/messages/{one['id']}").json()["data"][0]["state"] for one in made]
    assert states == ["SCHEDULED", "SCHEDULED"]
    client.sandbox.clock.advance(601)
    records = [client.get(f"/v1/messages/{one['id']}").json()["data"][0] for one in made]
    assert [one["state"] for one in records] == ["SENT", "SEND_FAILED_PERMANENTLY"]
    assert records[0]["postId"] and records[1]["postId"] is None


def test_with_a_faster_clock_half_an_hour_passes_in_half_a_second(start: Callable[..., Client]) -> None:
    client = start(speed=3600)
    when = (client.sandbox.clock.now() + timedelta(hours=0.5)).isoformat().replace("+00:00", "Z")
    made = client.create(ids.FACEBOOK_PAGE, scheduledSendTime=when).json()["data"][0]
    assert made["state"] == "SCHEDULED"
    give_up = time.monotonic() + 5
    while client.get(f"/v1/messages/{made['id']}").json()["data"][0]["state"] != "SENT":
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_messages_that_are_wrong_as_a_whole_are_refused_with_their_code(client: Client) -> None:
    queued = client.new_media()["id"]
    assert codes(client.create()) == (400, [2306])
    assert codes(client.create(ids.TWITTER, ids.TWITTER_SECOND)) == (400, [40023])
    assert codes(client.create(ids.PINTEREST, ids.TWITTER)) == (400, [4000])
    assert codes(client.create(ids.TWITTER, text="")) == (400, [4000])
    assert codes(client.create(ids.TWITTER, location={"latitude": 91, "longitude": 0})) == (400, [4000])
    elsewhere = [{"url": "https://example.com/a.png"}]
    assert codes(client.create(ids.TWITTER, mediaUrls=elsewhere)) == (400, [40004])
    assert codes(client.create(ids.TWITTER, media=[{"id": "unknown"}])) == (400, [4001])
    assert codes(client.create(ids.TWITTER, media=[{"id": queued}])) == (400, [40021])
    assert client.sandbox.state.messages == {}


def test_a_pinterest_profile_alone_and_owly_media_are_accepted(client: Client) -> None:
    pin = {"boardId": "123456789012345678", "destinationUrl": "https://example.com"}
    info = [{"socialProfileType": "PINTEREST", "socialProfileId": ids.PINTEREST, "data": pin}]
    picture = [{"url": "http://static.ow.ly/photos/normal/cS5.jpg"}]
    (message,) = client.create(ids.PINTEREST, extendedInfo=info, mediaUrls=picture).json()["data"]
    assert message["extendedInfo"] == info and message["mediaUrls"][0]["url"] == picture[0]["url"]


def test_some_profiles_refusing_is_a_200_with_both_data_and_errors(client: Client) -> None:
    answer = client.create(ids.FACEBOOK_PAGE, ids.REFUSING, "999", scheduledSendTime=later(client, hours=1))
    assert codes(answer) == (200, [4000, 4001])
    assert [one["socialProfile"]["id"] for one in answer.json()["data"]] == [ids.FACEBOOK_PAGE]
    refused = [one["resource"] for one in answer.json()["errors"]]
    assert refused == [{"type": "socialProfile", "id": ids.REFUSING}, {"type": "socialProfile", "id": "999"}]


def test_tags_need_a_profile_owned_by_an_organization(client: Client) -> None:
    answer = client.create(ids.FACEBOOK_PAGE, ids.TWITTER, tags=["spring"])
    assert codes(answer) == (200, [40001]) and len(answer.json()["data"]) == 1
    assert codes(client.create(ids.TWITTER, tags=["spring"])) == (400, [40001])


def test_all_profiles_refusing_is_a_400(client: Client) -> None:
    assert codes(client.create(ids.REFUSING)) == (400, [4000])
    assert codes(client.create(ids.HIDDEN, "999")) == (400, [4006, 4001])
    assert client.sandbox.state.messages == {}


def test_how_a_profile_behaves_can_be_changed(client: Client) -> None:
    client.sandbox.state.mark(ids.TWITTER, Behaviour.FAILS)
    assert client.create(ids.TWITTER).json()["data"][0]["state"] == "SEND_FAILED_PERMANENTLY"


# -- reading, deleting, reviewing ------------------------------------------------------------------------


def test_one_message_comes_as_an_array_of_one_or_as_an_object(start: Callable[..., Client]) -> None:
    array, single = start(), start(one_message_as="object")
    for client in (array, single):
        client.sandbox.state.seed_messages(1)
    (known,) = array.sandbox.state.messages
    assert [one["id"] for one in array.get(f"/v1/messages/{known}").json()["data"]] == [known]
    assert single.get(f"/v1/messages/{known}").json()["data"]["id"] == known
    assert codes(array.get("/v1/messages/1")) == (404, [4001])


def test_deleting_answers_an_empty_body_and_then_the_message_is_unknown(start: Callable[..., Client]) -> None:
    for client, body in ((start(), b""), (start(delete_answer="envelope"), b'{"data": {}}')):
        path = f"/v1/messages/{client.sandbox.state.seed_messages(1)[0].id}"
        answer = client.call("DELETE", path)
        assert (answer.status_code, answer.content) == (200, body)
        assert codes(client.call("DELETE", path)) == (404, [4001])
        assert codes(client.get(path)) == (404, [4001])


def test_a_sent_message_cannot_be_deleted(client: Client) -> None:
    message = client.create(ids.FACEBOOK_PAGE).json()["data"][0]
    assert codes(client.call("DELETE", f"/v1/messages/{message['id']}")) == (400, [40003])


def test_a_profile_under_review_makes_messages_wait_for_approval(client: Client) -> None:
    when = later(client, hours=1)
    approved, rejected = (client.create(ids.REVIEWED, scheduledSendTime=when).json()["data"][0] for _ in range(2))
    assert (approved["state"], approved["sequenceNumber"]) == ("PENDING_APPROVAL", 1) and approved["reviewers"]
    client.sandbox.state.approve(approved["id"])
    client.sandbox.state.reject(rejected["id"])
    client.sandbox.clock.advance(3601)
    states = [client.get(f"/v1/messages/{one['id']}").json()["data"][0]["state"] for one in (approved, rejected)]
    assert states == ["SENT", "REJECTED"]
    actions = client.get(f"/v1/messages/{approved['id']}/history").json()["data"]["actions"]
    assert [one["actionType"] for one in actions] == ["CREATE", "APPROVE", "SCHEDULE", "SEND"]
    assert {one["actorType"] for one in actions} == {"MEMBER", "SYSTEM"} and actions[0]["timestamp"]


def test_a_message_that_was_never_reviewed_has_no_history(client: Client) -> None:
    (message,) = client.sandbox.state.seed_messages(1)
    assert codes(client.get(f"/v1/messages/{message.id}/history")) == (400, [4000])
    assert codes(client.get("/v1/messages/1/history")) == (404, [4001])


# -- listing ---------------------------------------------------------------------------------------------


def listed(client: Client, **query: Any) -> list[str]:
    wanted = {"startTime": later(client, days=-1), "endTime": later(client, days=20), "limit": 100} | query
    answer = client.get("/v1/messages", **wanted)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def test_a_listing_is_sorted_by_time_and_filtered_by_state_and_profiles(client: Client) -> None:
    state = client.sandbox.state
    now = client.sandbox.clock.now()
    late = state.seed_messages(1, ids.TWITTER, first=now + timedelta(hours=9))[0].id
    early = state.seed_messages(1, ids.FACEBOOK_PAGE, first=now + timedelta(hours=1))[0].id
    past = state.seed_messages(1, ids.LINKEDIN_COMPANY, first=now - timedelta(hours=1))[0].id
    assert listed(client) == [past, early, late]
    assert listed(client, state="SCHEDULED") == [early, late]
    assert listed(client, state="SENT") == [past]
    assert listed(client, socialProfileIds=[ids.TWITTER, ids.LINKEDIN_COMPANY]) == [past, late]
    assert listed(client, socialProfileIds=f"{ids.TWITTER},{ids.LINKEDIN_COMPANY}") == []  # never comma-joined
    assert listed(client, startTime=later(client), endTime=later(client, hours=2)) == [early]


def test_messages_under_review_without_a_time_are_listed_on_request(client: Client) -> None:
    waiting = client.create(ids.REVIEWED).json()["data"][0]
    assert waiting["scheduledSendTime"] is None
    assert listed(client) == [] == listed(client, includeUnscheduledReviewMsgs="false")
    assert listed(client, includeUnscheduledReviewMsgs="true") == [waiting["id"]]


def test_wrong_questions_are_refused_with_their_code(client: Client) -> None:
    def ask(**query: str) -> tuple[int, list[int]]:
        times = {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-29T00:00:00Z"}
        return codes(client.get("/v1/messages", **times | query))

    assert codes(client.get("/v1/messages")) == (400, [4000])
    assert ask(startTime="yesterday") == (400, [4000])
    assert ask(startTime="2026-01-01T00:00:00") == (400, [4000])
    assert ask(startTime="0001-01-01T00:00:00+23:00") == (400, [4000])
    assert ask(startTime="2026-02-01T00:00:00Z") == (400, [4000])
    assert ask(endTime="2026-01-29T00:00:01Z") == (400, [40020])  # four weeks exactly are allowed
    assert ask(state="SUBMITTED") == (400, [40019])
    assert ask(includeUnscheduledReviewMsgs="yes") == (400, [40022])
    assert ask(cursor="page-2") == (400, [3020])
    assert [ask(limit=limit) for limit in ("0", "101", "many")] == [(400, [4000])] * 3


def test_a_page_holds_fifty_unless_limited_and_cursors_lead_both_ways(client: Client) -> None:
    known = [message.id for message in client.sandbox.state.seed_messages(120)]
    wanted = {"startTime": later(client), "endTime": later(client, days=1)}
    pages, answer = [], client.get("/v1/messages", **wanted).json()
    assert answer["metadata"]["cursor"]["previous"] is None
    pages.append([one["id"] for one in answer["data"]])
    while cursor := answer["metadata"]["cursor"]["next"]:
        answer = client.get("/v1/messages", **wanted, cursor=cursor).json()
        pages.append([one["id"] for one in answer["data"]])
    assert [len(page) for page in pages] == [50, 50, 20] and [*pages[0], *pages[1], *pages[2]] == known
    back = client.get("/v1/messages", **wanted, cursor=answer["metadata"]["cursor"]["previous"]).json()
    assert [one["id"] for one in back["data"]] == pages[1]
    assert len(listed(client, limit=7)) == 7


def test_deleting_between_two_pages_loses_no_message(client: Client) -> None:
    known = [message.id for message in client.sandbox.state.seed_messages(20)]
    wanted = {"startTime": later(client), "endTime": later(client, days=1), "limit": 10}
    first = client.get("/v1/messages", **wanted).json()
    assert client.call("DELETE", f"/v1/messages/{known[3]}").status_code == 200
    second = client.get("/v1/messages", **wanted, cursor=first["metadata"]["cursor"]["next"]).json()
    assert [one["id"] for one in second["data"]] == known[10:]


def test_a_knob_leaves_the_cursor_out_as_one_client_has_seen(start: Callable[..., Client]) -> None:
    client = start(cursors=False)
    client.sandbox.state.seed_messages(101)
    wanted = {"startTime": later(client), "endTime": later(client, days=1), "limit": 100}
    answer = client.get("/v1/messages", **wanted).json()
    assert len(answer["data"]) == 100 and answer["metadata"]["cursor"] == {"next": None, "previous": None}


# -- media -----------------------------------------------------------------------------------------------


def test_media_is_queued_until_uploaded_and_processed_and_then_usable(client: Client) -> None:
    job = client.new_media()
    path = f"/v1/media/{quote(job['id'], safe='')}"
    queued = {"id": job["id"], "state": "QUEUED", "downloadUrl": None, "downloadUrlDurationSeconds": None}
    assert job["uploadUrlDurationSeconds"] == 1799 and client.get(path).json()["data"] == queued
    uploaded = client.upload(job)
    assert uploaded.status_code == 200 and uploaded.content == b"" and uploaded.headers["ETag"]
    assert client.get(path).json()["data"] == queued  # processing takes a second
    client.sandbox.clock.advance(1)
    record = client.get(path).json()["data"]
    assert record["state"] == "READY" and record["downloadUrl"].startswith(client.sandbox.upload_url)
    message = client.create(ids.FACEBOOK_PAGE, media=[{"id": job["id"]}]).json()["data"][0]
    assert message["media"][0]["id"] == job["id"]


def test_media_ids_are_base64_that_must_be_escaped_in_a_path(client: Client) -> None:
    found = [client.new_media()["id"] for _ in range(3)]
    assert all(one.endswith("=") and b"amazonaws.com/" in base64.b64decode(one) for one in found)
    assert "+" in found[1] and "/" in found[2]
    for one in found:
        assert client.get(f"/v1/media/{quote(one, safe='')}").json()["data"]["id"] == one
    assert codes(client.get(f"/v1/media/{found[2]}")) == (404, [4001])  # a bare slash parts the path


@pytest.mark.parametrize(
    "body", [{}, {"sizeBytes": 0, "mimeType": "image/png"}, {"sizeBytes": 5, "mimeType": "image/webp"}]
)
def test_only_five_media_types_and_a_size_are_accepted(client: Client, body: dict[str, Any]) -> None:
    assert codes(client.call("POST", "/v1/media", body)) == (400, [4000])


def test_unknown_media_is_4001(client: Client) -> None:
    assert codes(client.get("/v1/media/QUJD")) == (404, [4001])


def test_the_upload_address_is_on_another_port_and_signed(client: Client) -> None:
    address = urlsplit(client.new_media()["uploadUrl"])
    assert address.hostname == "127.0.0.1" and address.port != urlsplit(client.sandbox.base_url).port
    assert set(parse_qs(address.query)) == {"AWSAccessKeyId", "Expires", "Signature"}


def test_the_upload_host_refuses_in_xml_what_was_not_agreed(client: Client) -> None:
    def refused(answer: requests.Response) -> tuple[int, str]:
        assert answer.headers["Content-Type"].startswith("application/xml")
        return answer.status_code, answer.text.split("<Code>")[1].split("</Code>")[0]

    job = client.new_media()
    mismatch = (403, "SignatureDoesNotMatch")
    assert refused(client.upload(job, PICTURE + b"!")) == mismatch
    assert refused(client.upload(job, PICTURE[1:])) == mismatch
    assert refused(client.upload(job, kind="image/gif")) == mismatch
    assert refused(client.upload(job | {"uploadUrl": job["uploadUrl"] + "A"})) == mismatch
    assert refused(client.upload(job, iter([PICTURE]))) == (411, "MissingContentLength")
    with_token = client.upload(job, Authorization=f"Bearer {client.sandbox.token}")
    assert refused(with_token) == (400, "InvalidArgument")
    assert refused(client.upload({"uploadUrl": client.sandbox.upload_url + "/other"})) == (
        403,
        "AccessDenied",
    )
    post = requests.post(job["uploadUrl"], data=PICTURE, timeout=10)
    assert refused(post) == (405, "MethodNotAllowed")
    assert client.sandbox.state.media[job["id"]].uploaded is None
    assert client.upload(job).status_code == 200


def test_an_upload_address_expires_by_the_clock(client: Client) -> None:
    job = client.new_media()
    client.sandbox.clock.advance(1801)
    answer = client.upload(job)
    assert answer.status_code == 403 and "expired" in answer.text


def test_only_the_first_valid_upload_counts(client: Client) -> None:
    job = client.new_media()
    for data in (PICTURE, PICTURE[::-1]):
        assert client.upload(job, data).status_code == 200
    assert client.sandbox.state.media[job["id"]].sha256 == hashlib.sha256(PICTURE).hexdigest()


def test_uploaded_bytes_are_counted_and_hashed_but_not_kept(client: Client) -> None:
    job = client.new_media(3_000_000, "video/mp4")
    assert client.upload(job, b"v" * 3_000_000, "video/mp4").status_code == 200
    recorded = client.sandbox.requests[-1]
    assert (recorded.server, recorded.size, recorded.body) == ("upload", 3_000_000, b"")
    assert recorded.sha256 == hashlib.sha256(b"v" * 3_000_000).hexdigest()


# -- Amplify ---------------------------------------------------------------------------------------------


def test_amplify_needs_a_token_and_has_its_own_error_envelope(client: Client) -> None:
    answer = client.call("GET", "/amplify/v1/me/", headers={"Authorization": ""})
    assert codes(answer) == (401, [1000])
    assert set(answer.json()) == {"message", "errors"}
    assert set(answer.json()["errors"][0]) == {"uuid", "code", "message"}


def test_amplify_knows_the_member_and_the_organizations(client: Client) -> None:
    assert client.get("/amplify/v1/me/").json()["data"]["roles"] == ["subscriber", "content_admin"]
    (organization,) = client.get("/amplify/v1/me/organizations").json()["data"]
    assert len(organization["id"]) == 24 and organization["hootId"] == int(ids.ORGANIZATION)


def test_a_suggestion_is_not_published_and_its_answer_does_not_say_suggested(client: Client) -> None:
    body = {"text": "Read this", "isSuggested": True, "suggestionReason": "Good", "topics": ["Baking"]}
    record = client.call("POST", "/amplify/v1/me/messages", body).json()["data"]
    assert len(bytes.fromhex(record["id"])) == 12 and record["createdDate"].endswith("Z")
    assert record["text"] == "Read this" and record["topics"] == ["Baking"]
    assert not {"isSuggested", "suggestionReason", "publishedDate"} & set(record)
    assert client.sandbox.state.amplify_messages[0]["isSuggested"] is True
    published = client.call("POST", "/amplify/v1/me/messages", {"text": "Now", "isPublished": True})
    assert published.json()["data"]["publishedDate"]


def test_an_unknown_topic_is_created_by_the_message_that_names_it(client: Client) -> None:
    for _ in range(2):
        client.call("POST", "/amplify/v1/me/messages", {"text": "Read this", "topics": ["Baking"]})
    made = client.call("POST", "/amplify/v1/me/topics", {"name": "News", "privacy": "closed"}).json()["data"]
    assert made == {"name": "News", "count": 0, "lastActivityDate": None, "privacy": "closed"}
    baking, news = client.get("/amplify/v1/me/topics").json()["data"]
    assert (baking["name"], baking["count"], baking["privacy"]) == ("Baking", 2, "opened")
    assert baking["lastActivityDate"] and news == made


def test_without_content_admin_amplify_refuses_to_create(start: Callable[..., Client]) -> None:
    client = start(content_admin=False)
    assert codes(client.call("POST", "/amplify/v1/me/messages", {"text": "x"})) == (403, [3001])
    assert codes(client.call("POST", "/amplify/v1/me/topics", {"name": "x"})) == (403, [3001])
    assert client.get("/amplify/v1/me/").json()["data"]["roles"] == ["subscriber"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"isSuggested": "yes"}),
        ("messages", {"expiryDate": "tomorrow"}),
        ("topics", {"name": "x" * 21}),
        ("topics", {"name": "x", "privacy": "secret"}),
    ],
)
def test_amplify_refuses_wrong_fields(client: Client, path: str, body: dict[str, Any]) -> None:
    answer = client.call("POST", f"/amplify/v1/me/{path}", body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["uuid"]


# -- what a test can see and script ----------------------------------------------------------------------


def test_requests_are_recorded_in_order_as_they_came(client: Client) -> None:
    client.get("/v1/messages", startTime="2026-01-01T00:00:00Z", socialProfileIds=["1", "2"])
    job = client.new_media()
    client.upload(job)
    listing, media, upload = client.sandbox.requests
    assert (listing.method, listing.path, listing.status) == ("GET", "/v1/messages", 400)
    assert listing.query == {"startTime": ["2026-01-01T00:00:00Z"], "socialProfileIds": ["1", "2"]}
    assert media.json == {"sizeBytes": len(PICTURE), "mimeType": "image/png"}
    assert media.headers["content-type"] == JSON_TYPE
    assert (upload.server, upload.method, upload.status) == ("upload", "PUT", 200)
    assert "Authorization" in media.headers and "Authorization" not in upload.headers


def test_odd_answers_can_be_scripted_and_nothing_happens_meanwhile(client: Client) -> None:
    client.sandbox.fail_next("POST", "/v1/messages", 502, body="<html>Bad gateway</html>", times=2)
    for _ in range(2):
        answer = client.create(ids.FACEBOOK_PAGE)
        assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
        assert answer.headers["Content-Type"].startswith("text/html")
    assert client.sandbox.state.messages == {}
    assert client.create(ids.FACEBOOK_PAGE).status_code == 200
    client.sandbox.fail_next("GET", "/v1/messages/*", 429, {"errors": []}, headers={"Retry-After": "7"})
    refused = client.get("/v1/messages/5")
    assert refused.json() == {"errors": []} and refused.headers["Retry-After"] == "7"


def test_an_answer_can_be_lost_after_the_work_was_done(client: Client) -> None:
    client.sandbox.fail_next("POST", "/v1/messages", None, carried_out=True)
    with pytest.raises(requests.ConnectionError):
        client.create(ids.FACEBOOK_PAGE)
    assert len(client.sandbox.state.messages) == 1
    assert client.sandbox.requests[0].status is None
    client.sandbox.fail_next("PUT", "/production/*", 503, body="<Error/>")
    job = client.new_media()
    assert [client.upload(job).status_code for _ in range(2)] == [503, 200]


def test_an_answer_can_be_delayed(client: Client) -> None:
    client.sandbox.fail_next("GET", "/v1/me", 504, delay=0.3)
    with pytest.raises(requests.Timeout):
        client.session.get(client.sandbox.base_url + "/v1/me", timeout=0.1)
    assert client.get("/v1/me").status_code == 200


# -- the contract ----------------------------------------------------------------------------------------


@pytest.fixture
def checked(start: Callable[..., Client]) -> Iterator[Client]:
    """A client whose violations the test itself looks at."""
    client = start()
    yield client
    client.sandbox.violations.clear()


@needs_specifications
def test_an_answer_that_leaves_the_specification_is_a_violation(checked: Client) -> None:
    checked.sandbox.state.profiles[ids.TWITTER].type = "MYSPACE"
    checked.get(f"/v1/socialProfiles/{ids.TWITTER}")
    (violation,) = checked.sandbox.violations
    assert violation.startswith(f"GET /v1/socialProfiles/{ids.TWITTER} 200: answer: $.data.type 'MYSPACE'")


@needs_specifications
def test_undocumented_fields_and_parameters_of_an_accepted_request_are_violations(checked: Client) -> None:
    checked.create(ids.FACEBOOK_PAGE, scheduledTime="2090-01-01T00:00:00Z")
    checked.create(ids.FACEBOOK_PAGE, targeting={"facebookPage": {"ageMax": 30}})
    checked.get("/v1/me", fields="id")
    checked.call("GET", "/v1/me", {})
    found = [violation for violation in checked.sandbox.violations if " request: " in violation]
    assert len(found) == 4
    wrong = ("'scheduledTime' was unexpected", "'ageMax' was unexpected", "parameter fields", "a body where")
    assert all(part in violation for part, violation in zip(wrong, found, strict=True)), found


@needs_specifications
def test_a_request_that_was_refused_may_be_as_wrong_as_it_likes(client: Client) -> None:
    assert client.create(ids.FACEBOOK_PAGE, scheduledSendTime="soon", nonsense=1).status_code == 400


@needs_specifications
def test_a_broken_stand_in_says_so(checked: Client) -> None:
    checked.sandbox.state.profiles[ids.TWITTER] = None  # type: ignore[assignment]
    assert codes(checked.get("/v1/socialProfiles")) == (500, [9000])
    assert "the stand-in itself failed" in checked.sandbox.violations[0]


def _story(client: Client) -> None:
    """Calls that between them meet every known deviation."""
    client.get("/v1/me")
    client.get("/v1/socialProfiles")
    made = client.create(ids.FACEBOOK_PAGE, ids.REFUSING, scheduledSendTime=later(client, hours=1)).json()
    path = f"/v1/messages/{made['data'][0]['id']}"
    client.get(path)
    client.call("DELETE", path)
    client.get(path)
    client.get(
        "/v1/messages",
        startTime=later(client),
        endTime=later(client),
        socialProfileIds=[ids.TWITTER, ids.PINTEREST],
    )
    client.call("POST", "/amplify/v1/me/topics", {"name": ""})


@needs_specifications
def test_the_whole_story_keeps_to_the_contract_thanks_to_the_deviations(client: Client) -> None:
    _story(client)
    assert client.sandbox.violations == []


@needs_specifications
@pytest.mark.parametrize("name", [deviation.name for deviation in DEVIATIONS])
def test_every_deviation_is_needed(checked: Client, name: str) -> None:
    fewer = [deviation for deviation in DEVIATIONS if deviation.name != name]
    assert checked.sandbox.contract
    checked.sandbox.contract.deviations = fewer
    _story(checked)
    assert checked.sandbox.violations, f"{name} allows nothing that the stand-in does"


@needs_specifications
def test_two_messages_in_place_of_one_are_a_violation(checked: Client) -> None:
    contract = checked.sandbox.contract
    assert contract
    message = {"id": "1", "state": "SENT"}
    checked.sandbox.state.message_record = lambda _: [message, message]  # type: ignore[assignment,method-assign,return-value]
    checked.sandbox.knobs.one_message_as = "object"
    (seeded,) = checked.sandbox.state.seed_messages(1)
    checked.get(f"/v1/messages/{seeded.id}")
    assert "is too long" in checked.sandbox.violations[0]


def test_assumptions_are_sentences_and_each_stands_once() -> None:
    assert len(ASSUMPTIONS) >= 7 and len(set(ASSUMPTIONS)) == len(ASSUMPTIONS)
    assert all(one[0].isupper() and one.endswith(".") and len(one.split()) > 5 for one in ASSUMPTIONS)


def test_without_the_specifications_there_is_no_contract_and_the_stand_in_runs(tmp_path: Path) -> None:
    assert Contract.find(tmp_path / "openapi") is None
    sandbox = Sandbox()
    sandbox.contract = None
    with sandbox, requests.Session() as session:
        assert session.get(sandbox.base_url + "/v1/me", timeout=10).status_code == 401


# -- the servers and the command -------------------------------------------------------------------------


def test_a_connection_is_kept(client: Client) -> None:
    address = urlsplit(client.sandbox.base_url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    headers = {"Authorization": f"Bearer {client.sandbox.token}"}
    for _ in range(25):
        connection.request("GET", "/v1/me/organizations", headers=headers)
        socket = connection.sock
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200 and answer.version == 11 and connection.sock is socket is not None
    connection.close()


def test_refused_requests_leave_the_connection_usable(client: Client) -> None:
    job = urlsplit(client.new_media()["uploadUrl"])
    connection = http.client.HTTPConnection(str(job.hostname), job.port, timeout=10)
    for kind, status in (("text/plain", 403), ("image/png", 200)):
        connection.request("PUT", f"{job.path}?{job.query}", PICTURE, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_stopping_ends_all_threads_even_with_open_connections() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox().start()
    client = Client(sandbox)
    assert client.get("/v1/me").status_code == 200
    sandbox.stop()
    assert set(threading.enumerate()) == before
    client.session.close()


def test_many_clients_at_once_each_get_their_own_messages(client: Client) -> None:
    made: list[str] = []

    def work() -> None:
        mine = Client(client.sandbox)
        with mine.session:
            made.extend(mine.create(ids.FACEBOOK_PAGE).json()["data"][0]["id"] for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(set(made)) == 40 == len(client.sandbox.state.messages)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_what_to_paste_and_ends_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.sandbox", "--seed", "3", "--no-rate-limit"]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_plain_environment(),
    ) as process:
        assert process.stdout and process.stderr
        lines: list[str] = []
        while not (lines and lines[-1].startswith("export HOOTSUITE_ACCESS_TOKEN=")):
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines if "export" in line)
        assert any("contract" in line for line in lines) and all(len(line) <= 81 for line in lines)
        headers = {"Authorization": f"Bearer {exports['HOOTSUITE_ACCESS_TOKEN']}"}
        answer = requests.get(exports["HOOTSUITE_BASE_URL"] + "/v1/me", headers=headers, timeout=10)
        assert answer.status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    assert process.returncode == 0 and errors == "" and "1 requests" in output


def test_the_help_fits_eighty_columns_and_has_an_example() -> None:
    command = [sys.executable, "-m", "tests.sandbox", "--help"]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        env=_plain_environment(),
        timeout=10,
        check=True,
    )
    assert max(map(len, done.stdout.splitlines())) <= 80 and "example:" in done.stdout


def _plain_environment() -> dict[str, str]:
    return dict(os.environ) | {"COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"}
