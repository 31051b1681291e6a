"""Every operation of the Hootsuite connector, from Python over real HTTP to the stand-in and back, traps included.

Each test ends with the stand-in having seen nothing that leaves Hootsuite's published specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from connector_runtime import (
    Account,
    Connector,
    ConnectorError,
    InputError,
    OutputError,
    RateLimited,
    RemoteError,
    SignInError,
    Timeouts,
    UnknownOutcome,
    load,
)
from connector_runtime.times import utc_text

from tests.sandbox import Sandbox
from tests.sandbox import state as ids
from tests.servers import without_settings

ROOT = Path(__file__).resolve().parents[1]
PICTURE = b"\x89PNG stands for a picture"
NO_JOB = "Hootsuite made an upload job, but did not say where to send the file. Try again; the lost job does no harm."
PIN = [
    {
        "socialProfileType": "PINTEREST",
        "socialProfileId": ids.PINTEREST,
        "data": {"boardId": "1", "destinationUrl": "https://example.com"},
    }
]
E = TypeVar("E", bound=ConnectorError)


@pytest.fixture(scope="session")
def hootsuite() -> Connector:
    return load(ROOT)


class Hootsuite:
    """The stand-in, and an account that is signed in to it; a pause is a step of the stand-in's clock."""

    def __init__(self, connector: Connector, sandbox: Sandbox, folder: Path, **values: Any) -> None:
        self.sandbox = sandbox
        self.state = sandbox.state
        account = connector.connect(
            base_url=sandbox.base_url,
            timeouts=Timeouts(connect=10, read=10, total=20),
            now=sandbox.clock.now,
            folder=folder,
            **({"access_token": sandbox.token} | values),
        )
        self.account: Account = replace(account, connection=replace(account.connection, pause=sandbox.clock.advance))
        self.run = self.account.run

    def at(self, **later: float) -> str:
        """A time of the stand-in, from now on."""
        return utc_text(self.sandbox.clock.now() + timedelta(**later))

    def schedule(self, *profiles: str, **fields: Any) -> dict[str, Any]:
        given = {"text": "Fresh bread", "socialProfileIds": list(profiles), "scheduledSendTime": self.at(hours=1)}
        return self.run("schedule_message", {k: v for k, v in (given | fields).items() if v is not None})

    def fails(self, kind: type[E], work: Callable[[], Any], message: str | None = None) -> E:
        with pytest.raises(kind) as caught:
            work()
        assert type(caught.value) is kind
        assert self.sandbox.token not in str(caught.value)
        assert not re.search(r"\.\.(\s|$)", caught.value.message), "a doubled full stop"
        if message is not None:
            assert caught.value.message == message
        return caught.value

    def seen(self, method: str = "", server: str = "api") -> list[Any]:
        return [one for one in self.sandbox.requests if one.server == server and method in ("", one.method)]


@pytest.fixture
def start(hootsuite: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hootsuite]]:
    """Starts a stand-in with knobs; at the end nothing may have left the contract."""
    without_settings(monkeypatch)
    running: list[Hootsuite] = []

    def run(values: dict[str, Any] | None = None, **knobs: Any) -> Hootsuite:
        sandbox = Sandbox(**{"null_rate": 0.0, "requests_per_second": None} | knobs).start()
        running.append(Hootsuite(hootsuite, sandbox, tmp_path, **(values or {})))
        return running[-1]

    yield run
    for one in running:
        one.sandbox.stop()
    for one in running:
        assert one.sandbox.violations == []


@pytest.fixture
def there(start: Callable[..., Hootsuite]) -> Hootsuite:
    return start()


@pytest.fixture
def picture(tmp_path: Path) -> str:
    (tmp_path / "spring.png").write_bytes(PICTURE)
    return "spring.png"


# -- scheduling ------------------------------------------------------------------------------------------


def test_a_message_is_made_for_each_profile(there: Hootsuite) -> None:
    output = there.schedule(ids.FACEBOOK_PAGE, ids.LINKEDIN_COMPANY)
    assert output["complete"] is True
    assert output["failures"] == output["failedProfileIds"] == []
    assert "messageId" not in output
    assert set(output["messageIds"]) == set(there.state.messages)
    assert {record["state"] for record in output["messages"]} == {"SCHEDULED"}
    (request,) = there.seen("POST")
    assert set(request.json) == {"text", "socialProfileIds", "scheduledSendTime"}
    assert request.headers["Content-Type"] == "application/json;charset=utf-8"
    assert request.headers["User-Agent"].startswith("connector-runtime hootsuite/")


def test_with_one_profile_its_message_id_is_at_the_top(there: Hootsuite) -> None:
    output = there.schedule(ids.FACEBOOK_PAGE)
    assert [output["messageId"]] == output["messageIds"] == list(there.state.messages)


def test_text_of_every_script_arrives_as_it_was_written(there: Hootsuite) -> None:
    text = 'Brot & Brötchen "frisch" 🥐\n\tمرحبا \u2028 </script> {{ x }} {x}'
    id_ = there.schedule(ids.FACEBOOK_PAGE, text=text)["messageId"]
    assert there.state.messages[id_].text == text
    assert there.run("get_message", {"messageId": id_})["text"] == text


def test_every_field_of_a_message_reaches_hootsuite(there: Hootsuite) -> None:
    fields = {
        "tags": ["spring"],
        "emailNotification": True,
        "location": {"latitude": 52.5, "longitude": 13},
        "privacy": {"facebook": {"visibility": ["everyone"]}},
        "mediaUrls": [{"url": "http://static.ow.ly/photos/normal/cS5.jpg"}],
        "webhookUrls": ["https://example.com/hook"],
    }
    id_ = there.schedule(ids.FACEBOOK_PAGE, **fields)["messageId"]
    assert there.state.messages[id_].written == fields
    assert "onPartialFailure" not in there.seen("POST")[0].json


def test_a_pin_carries_its_board(there: Hootsuite) -> None:
    id_ = there.schedule(ids.PINTEREST, extendedInfo=PIN)["messageId"]
    assert there.state.messages[id_].written["extendedInfo"] == PIN


@pytest.mark.parametrize(
    ("values", "given", "asked"),
    [({}, None, True), ({"timeZone": "Asia/Tokyo"}, None, False), ({"timeZone": "Asia/Tokyo"}, "Europe/Berlin", False)],
)
def test_a_local_time_is_sent_in_utc_and_the_profile_is_asked_for_its_zone_only_then(
    start: Callable[..., Hootsuite], values: dict[str, str], given: str | None, asked: bool
) -> None:
    there = start(values)
    there.schedule(ids.FACEBOOK_PAGE, scheduledSendTime="2031-07-01T12:00", timeZone=given)
    hour = {"Asia/Tokyo": "03", None: "19", "Europe/Berlin": "10"}[given or values.get("timeZone")]
    assert there.seen("POST")[0].json["scheduledSendTime"] == f"2031-07-01T{hour}:00:00Z"
    assert [one.path for one in there.seen("GET")] == (["/v1/me"] if asked else [])


@pytest.mark.parametrize("field", ["defaultTimezone", "timezone"])
def test_the_profile_s_zone_is_found_under_both_of_its_names(start: Callable[..., Hootsuite], field: str) -> None:
    there = start(time_zone_field=field)
    assert there.run("get_me")["timeZone"] == "America/Vancouver"
    there.schedule(ids.FACEBOOK_PAGE, scheduledSendTime="2031-07-01T12:00")
    assert there.seen("POST")[0].json["scheduledSendTime"] == "2031-07-01T19:00:00Z"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"scheduledSendTime": None},
            "Say when to publish (scheduledSendTime), or set sendNow to true to publish at once.",
        ),
        ({"sendNow": True}, "Give either a time (scheduledSendTime) or sendNow, not both."),
        (
            {"scheduledSendTime": "2020-01-01T00:00:00Z"},
            "scheduledSendTime: This time has passed. Choose one in the future, or use sendNow instead.",
        ),
        (
            {"scheduledSendTime": None, "sendNow": False},
            "Say when to publish (scheduledSendTime), or set sendNow to true to publish at once.",
        ),
        ({"socialProfileIds": []}, "socialProfileIds: must not be empty."),
        (
            {"mediaUrls": [{"url": "https://example.com/a.png"}]},
            "mediaUrls[0].url: 'https://example.com/a.png' has the wrong form; write it like 'http://static.ow.ly/photos/normal/cS5.jpg'.",
        ),
        (
            {"socialProfileIds": [ids.PINTEREST, ids.FACEBOOK_PAGE], "extendedInfo": PIN},
            "extendedInfo: A Pinterest profile can only be posted to alone. Give one profile, or leave the Pinterest details out.",
        ),
        ({"text": "  "}, None),
        ({"text": None}, "text: is required."),
        ({"txet": "Fresh bread", "text": None}, "'txet' is not known here; did you mean 'text'?"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    there: Hootsuite, fields: dict[str, Any], message: str | None
) -> None:
    there.fails(InputError, lambda: there.schedule(ids.FACEBOOK_PAGE, **fields), message)
    assert not there.sandbox.requests


def test_send_now_publishes_at_once(there: Hootsuite) -> None:
    output = there.schedule(ids.FACEBOOK_PAGE, scheduledSendTime=None, sendNow=True)
    (record,) = output["messages"]
    assert record["state"] == "SENT"
    assert record["postId"]
    assert set(there.seen("POST")[0].json) == {"text", "socialProfileIds"}


def test_what_some_profiles_refuse_is_told_and_the_rest_is_made(there: Hootsuite) -> None:
    profiles = (ids.FACEBOOK_PAGE, ids.REFUSING, ids.LINKEDIN_COMPANY)
    output = there.schedule(*profiles)
    assert output["complete"] is False
    assert output["failedProfileIds"] == [ids.REFUSING]
    assert len(output["messageIds"]) == 2
    assert output["failures"][0]["message"] == "Could not create message for social profile"
    error = there.fails(RemoteError, lambda: there.schedule(*profiles, onPartialFailure="fail"))
    assert error.data["messageIds"] == [id_ for id_ in there.state.messages if id_ not in output["messageIds"]]
    assert error.message.startswith(
        f"2 of 3 messages were made; they stay, so do not schedule those again. Refused for: {ids.REFUSING}."
    )
    assert not error.retryable


def test_what_all_profiles_refuse_is_an_error(there: Hootsuite) -> None:
    error = there.fails(RemoteError, lambda: there.schedule(ids.REFUSING))
    assert error.code == 4000
    assert not there.state.messages


@pytest.mark.parametrize(
    ("profiles", "fields", "code", "message"),
    [
        (
            [ids.TWITTER, ids.TWITTER_SECOND],
            {},
            40023,
            "Only one Twitter profile is possible at a time. Schedule the post once for each of them.",
        ),
        ([ids.PINTEREST, ids.FACEBOOK_PAGE], {}, 4000, None),
        ([ids.FACEBOOK_PAGE], {"media": [{"id": "bm9uZQ=="}]}, 4001, None),
        (
            [ids.TWITTER],
            {"tags": ["spring"]},
            40001,
            "Tags only work on profiles that belong to an organization. Leave the tags out, or choose other profiles.",
        ),
        (
            [ids.HIDDEN],
            {},
            4006,
            "Your Hootsuite role does not allow this. Ask an administrator of your organization for the permission.",
        ),
        (["1"], {}, 4001, None),
    ],
)
def test_a_refused_message_says_what_to_do(
    there: Hootsuite, profiles: list[str], fields: dict[str, Any], code: int, message: str | None
) -> None:
    error = there.fails(RemoteError, lambda: there.schedule(*profiles, **fields), message)
    assert error.code == code
    assert error.trace_id
    assert error.status == 400
    assert not error.retryable
    assert not there.state.messages


def test_a_message_is_sent_when_its_time_has_come(there: Hootsuite) -> None:
    sent, failed = there.schedule(ids.FACEBOOK_PAGE)["messageId"], there.schedule(ids.FAILING)["messageId"]
    assert there.run("get_message", {"messageId": sent})["state"] == "SCHEDULED"
    there.sandbox.clock.advance(3700)
    output = there.run("get_message", {"messageId": sent})
    assert output["state"] == "SENT"
    assert output["postId"]
    assert output["postUrl"]
    output = there.run("get_message", {"messageId": failed})
    assert output["state"] == "SEND_FAILED_PERMANENTLY"
    assert output["postId"] is None


# -- writes that go wrong --------------------------------------------------------------------------------

WRITES = [
    ("schedule_message", "POST", "/v1/messages"),
    ("create_media_upload_job", "POST", "/v1/media"),
    ("suggest_content_to_amplify", "POST", "/amplify/v1/me/messages"),
    ("delete_message", "DELETE", "/v1/messages/*"),
]
ONCE_ONLY = [write for write in WRITES if write[0] != "create_media_upload_job"]  # a job that nobody uses does no harm


def _write(there: Hootsuite, id_: str) -> Callable[[], Any]:
    given: dict[str, dict[str, Any]] = {
        "schedule_message": {"text": "a", "socialProfileIds": [ids.FACEBOOK_PAGE], "sendNow": True},
        "create_media_upload_job": {"sizeBytes": 5, "mimeType": "image/png"},
        "suggest_content_to_amplify": {"text": "a"},
        "delete_message": {"messageId": "1"},
    }
    return lambda: there.run(id_, given[id_])


@pytest.mark.parametrize(("id_", "method", "path"), ONCE_ONLY)
@pytest.mark.parametrize("status", [500, 502, 503, 504, None])
def test_a_write_that_breaks_is_of_unknown_outcome_and_is_not_repeated(
    there: Hootsuite, id_: str, method: str, path: str, status: int | None
) -> None:
    there.sandbox.fail_next(method, path, status, "<html>Bad Gateway</html>", times=9)
    error = there.fails(UnknownOutcome, _write(there, id_))
    assert error.message.endswith("Nobody knows whether it happened: look before you do it again.")
    assert error.status == status
    assert len(there.seen(method)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, None])
def test_an_upload_job_that_breaks_may_be_made_again(there: Hootsuite, status: int | None) -> None:
    there.sandbox.fail_next("POST", "/v1/media", status, "<html>Bad Gateway</html>")
    error = there.fails(RemoteError, _write(there, "create_media_upload_job"))
    assert (error.status, error.retryable) == (status, True)
    assert error.message.endswith("Doing it again does no harm.") == (status is None)
    assert len(there.seen("POST")) == 1
    assert _write(there, "create_media_upload_job")()["mediaId"] in there.state.media


def test_a_message_that_was_made_although_no_answer_came_is_not_made_twice(there: Hootsuite) -> None:
    there.sandbox.fail_next("POST", "/v1/messages", None, carried_out=True)
    there.fails(UnknownOutcome, _write(there, "schedule_message"))
    assert len(there.state.messages) == 1


@pytest.mark.parametrize(("id_", "method", "path"), WRITES[:3])
@pytest.mark.parametrize("body", ["Hello", ""])
def test_an_odd_answer_to_a_write_never_looks_as_if_it_had_not_happened(
    there: Hootsuite, id_: str, method: str, path: str, body: str
) -> None:
    there.sandbox.fail_next(method, path, 200, body)
    error = there.fails(OutputError, _write(there, id_))
    assert error.happened
    assert error.data == body


@pytest.mark.parametrize(("id_", "method", "path"), ONCE_ONLY)
def test_a_web_page_in_answer_to_a_write_leaves_open_whether_it_happened(
    there: Hootsuite, id_: str, method: str, path: str
) -> None:
    there.sandbox.fail_next(method, path, 200, "<html>Hello</html>")
    error = there.fails(UnknownOutcome, _write(there, id_))
    assert "a web page came instead of an answer" in error.message
    assert len(there.seen(method)) == 1


@pytest.mark.parametrize("body", ["{}", "null", '{"data": null}', '{"data": {"id": "1"}}'])
def test_an_upload_job_without_a_word_where_to_is_told(there: Hootsuite, body: str) -> None:
    there.sandbox.fail_next("POST", "/v1/media", 200, body)
    there.fails(RemoteError, _write(there, "create_media_upload_job"), NO_JOB)


@pytest.mark.parametrize(("id_", "method", "path"), WRITES)
def test_too_many_calls_may_be_tried_again_later(there: Hootsuite, id_: str, method: str, path: str) -> None:
    there.sandbox.fail_next(method, path, 429, {"errors": [{"code": 1043, "message": "Too many requests", "id": "t"}]})
    assert there.fails(RateLimited, _write(there, id_)).retryable


def test_twenty_calls_in_a_second_are_too_many_for_hootsuite(start: Callable[..., Hootsuite]) -> None:
    there = start(requests_per_second=3)

    def call(_: int) -> bool | None:
        try:
            there.run("get_me")
        except RateLimited as error:
            return error.retryable
        return None

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call, range(12))) == {None, True}


def test_a_quota_that_is_used_up_is_not_worth_trying_again_today(start: Callable[..., Hootsuite]) -> None:
    there = start(daily_quota=1)
    there.run("get_me")
    error = there.fails(
        RateLimited,
        lambda: there.run("get_me"),
        "The quota of this Hootsuite account or its plan is used up. Try again tomorrow; if that does not help, ask an administrator about the plan.",
    )
    assert not error.retryable
    assert error.code == 1003


# -- sign-in and permissions -----------------------------------------------------------------------------


def test_a_token_that_was_taken_back_asks_for_a_new_sign_in(there: Hootsuite) -> None:
    assert there.account.probe()["memberId"] == ids.MEMBER
    there.sandbox.revoke(there.sandbox.token)
    for id_ in ("get_me", "list_topics", "list_social_profiles"):
        error = there.fails(SignInError, lambda id_=id_: there.run(id_))
        assert error.message.endswith("connect again.")
        assert error.operation == id_
    for id_, *_ in WRITES:
        there.fails(SignInError, _write(there, id_))


def test_a_missing_permission_is_no_matter_of_signing_in_although_it_is_a_401(there: Hootsuite) -> None:
    there.state.mark(ids.HIDDEN, there.state.profiles[ids.HIDDEN].behaviour)
    work = lambda: there.run("get_social_profile", {"socialProfileId": ids.HIDDEN})  # noqa: E731
    error = there.fails(
        RemoteError,
        work,
        "Your Hootsuite role does not allow this. Ask an administrator of your organization for the permission.",
    )
    assert (error.status, error.code) == (401, 4006)


def test_amplify_says_who_can_make_a_content_admin(start: Callable[..., Hootsuite]) -> None:
    there = start(content_admin=False)
    message = (
        "Amplify does not allow this. Ask an administrator to make you a Content Admin in Amplify's user management."
    )
    error = there.fails(RemoteError, _write(there, "suggest_content_to_amplify"), message)
    assert (error.status, error.code) == (403, 3001)
    assert not there.state.amplify_messages


def test_the_token_goes_with_every_call_and_never_to_the_upload_host(there: Hootsuite, picture: str) -> None:
    there.run("upload_media", {"file": picture})
    there.run("list_topics")
    assert all(one.headers["Authorization"] == f"Bearer {there.sandbox.token}" for one in there.seen())
    assert all("Authorization" not in one.headers for one in there.seen(server="upload"))
    assert len(there.seen(server="upload")) == 1


# -- messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["array", "object"])
@pytest.mark.parametrize("null_rate", [0.0, 1.0])
def test_one_message_is_read_in_both_shapes_that_hootsuite_gives(
    start: Callable[..., Hootsuite], shape: str, null_rate: float
) -> None:
    there = start(one_message_as=shape, null_rate=null_rate)
    id_ = there.schedule(ids.FACEBOOK_PAGE)["messageId"]
    output = there.run("get_message", {"messageId": id_})
    assert (output["messageId"], output["state"], output["socialProfileId"]) == (id_, "SCHEDULED", ids.FACEBOOK_PAGE)
    assert output["message"]["id"] == id_
    assert output["text"] == "Fresh bread"


@pytest.mark.parametrize("id_", ["get_message", "get_message_history", "delete_message"])
def test_a_message_that_does_not_exist_is_named(there: Hootsuite, id_: str) -> None:
    error = there.fails(RemoteError, lambda: there.run(id_, {"messageId": "999"}))
    assert error.message.startswith("Hootsuite has no message with the id 999")
    assert (error.status, error.code, error.retryable) == (404, 4001, False)


@pytest.mark.parametrize("odd", ["1/../2", "1?x=1", "1#2", "%31", "1==", "é"])
def test_an_odd_message_id_stays_one_part_of_the_address(there: Hootsuite, odd: str) -> None:
    there.fails(RemoteError, lambda: there.run("get_message", {"messageId": odd}))
    assert there.seen()[0].path.count("/") == 3


@pytest.mark.parametrize("answer", ["empty", "envelope"])
def test_a_message_is_deleted_whatever_hootsuite_answers(start: Callable[..., Hootsuite], answer: str) -> None:
    there = start(delete_answer=answer)
    id_ = there.schedule(ids.FACEBOOK_PAGE)["messageId"]
    assert there.run("delete_message", {"messageId": id_}) == {"messageId": id_, "deleted": True}
    assert not there.state.messages
    there.fails(
        RemoteError,
        lambda: there.run("delete_message", {"messageId": id_}),
        f"Hootsuite has no message with the id {id_}. Most likely it is deleted already.",
    )


def test_a_message_that_was_sent_cannot_be_deleted(there: Hootsuite) -> None:
    id_ = there.schedule(ids.FACEBOOK_PAGE, scheduledSendTime=None, sendNow=True)["messageId"]
    error = there.fails(RemoteError, lambda: there.run("delete_message", {"messageId": id_}))
    assert error.message.startswith("Hootsuite does not delete this message in its present state")
    assert id_ in there.state.messages


def test_the_history_shows_the_review_and_is_empty_without_one(there: Hootsuite) -> None:
    plain, reviewed = there.schedule(ids.FACEBOOK_PAGE)["messageId"], there.schedule(ids.REVIEWED)["messageId"]
    assert there.run("get_message", {"messageId": reviewed})["state"] == "PENDING_APPROVAL"
    there.state.approve(reviewed)
    assert there.run("get_message_history", {"messageId": plain}) == {
        "messageId": plain,
        "reviewed": False,
        "actions": [],
    }
    output = there.run("get_message_history", {"messageId": reviewed})
    assert output["reviewed"] is True
    assert [action["actionType"] for action in output["actions"]] == ["CREATE", "APPROVE", "SCHEDULE"]


# -- lists -----------------------------------------------------------------------------------------------


def _range(there: Hootsuite, **more: Any) -> dict[str, Any]:
    return {"startTime": there.at(days=-7), "endTime": there.at(days=7), **more}


def test_a_list_goes_on_over_pages_until_its_end(there: Hootsuite) -> None:
    made = [message.id for message in there.state.seed_messages(250)]
    output = there.run("list_messages", _range(there))
    assert [record["id"] for record in output["messages"]] == made
    assert output["next"] is None
    assert [one.query["limit"] for one in there.seen()] == [["100"]] * 3
    assert [record["id"] for record in there.account.records("list_messages", _range(there))] == made


@pytest.mark.parametrize("most", [1, 7, 49, 100, 101, 250])
def test_a_list_read_in_pieces_gives_each_message_once(there: Hootsuite, most: int) -> None:
    made = [message.id for message in there.state.seed_messages(250 if most > 5 else 9)]
    given, found, position = _range(there), [], None
    for _ in range(60):
        more = {"next": position} if position else {}
        output = there.run("list_messages", given | more | {"maxRecords": most})
        found += [record["id"] for record in output["messages"]]
        position = output["next"]
        if position is None:
            break
    assert found == made


def test_a_list_can_be_left_early(there: Hootsuite) -> None:
    there.state.seed_messages(250)
    stream = there.account.records("list_messages", _range(there))
    assert [next(stream)["text"] for _ in range(3)] == ["Message 1", "Message 2", "Message 3"]
    assert len(there.seen()) == 1


def test_a_list_is_filtered_by_state_and_profiles(there: Hootsuite) -> None:
    there.schedule(ids.FACEBOOK_PAGE, ids.LINKEDIN_COMPANY, ids.REVIEWED)
    there.schedule(ids.FACEBOOK_PAGE, scheduledSendTime=None, sendNow=True)

    def found(**more: Any) -> set[str]:
        return {
            record["socialProfile"]["id"] for record in there.run("list_messages", _range(there, **more))["messages"]
        }

    assert found(state="SENT") == {ids.FACEBOOK_PAGE}
    assert found(state="PENDING_APPROVAL") == {ids.REVIEWED}
    wanted = {ids.REVIEWED, ids.LINKEDIN_COMPANY}
    assert found(socialProfileIds=sorted(wanted)) == wanted
    assert there.seen()[-1].query["socialProfileIds"] == sorted(wanted)


def test_reviews_without_a_time_are_listed_when_asked_for(there: Hootsuite) -> None:
    id_ = there.schedule(ids.REVIEWED, scheduledSendTime=None, sendNow=True)["messageId"]
    assert there.run("list_messages", _range(there))["messages"] == []
    output = there.run("list_messages", _range(there, includeUnscheduledReviewMsgs=True))
    assert [record["id"] for record in output["messages"]] == [id_]


def test_a_range_in_local_time_is_sent_in_utc(there: Hootsuite) -> None:
    there.run("list_messages", {"startTime": "2031-05-01T00:00:00+02:00", "endTime": "2031-05-08T00:00:00+02:00"})
    assert there.seen()[0].query["startTime"] == ["2031-04-30T22:00:00Z"]


def test_more_than_four_weeks_at_once_are_refused_with_a_sentence(there: Hootsuite) -> None:
    given = {"startTime": there.at(), "endTime": there.at(days=29)}
    message = "Hootsuite lists at most four weeks at once. Bring the start and the end closer together."
    assert there.fails(RemoteError, lambda: there.run("list_messages", given), message).code == 40020
    there.run("list_messages", {"startTime": "2031-05-01T00:00:00Z", "endTime": "2031-05-29T00:00:00Z"})


def test_a_range_that_ends_before_it_starts_is_not_sent(there: Hootsuite) -> None:
    given = {"startTime": there.at(days=1), "endTime": there.at()}
    there.fails(InputError, lambda: there.run("list_messages", given), "endTime: The range must end after it starts.")
    assert not there.seen()


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_lists_bear_the_fields_that_hootsuite_empties(start: Callable[..., Hootsuite], rate: float) -> None:
    there = start(null_rate=rate)
    profiles = there.run("list_social_profiles")
    assert len(profiles["socialProfiles"]) == 9
    assert all(record["label"].strip() and " · " in record["label"] for record in profiles["socialProfiles"])
    assert there.run("list_my_organizations")["organizations"][0]["id"] == ids.ORGANIZATION
    assert there.run("get_me")["memberId"] == ids.MEMBER
    there.state.seed_messages(3)
    assert len(there.run("list_messages", _range(there))["messages"]) == 3


def test_profiles_have_labels_and_say_when_they_need_reconnecting(there: Hootsuite) -> None:
    records = {record["id"]: record for record in there.run("list_social_profiles")["socialProfiles"]}
    assert records[ids.TWITTER]["label"] == f"TWITTER · {ids.TWITTER}"
    assert records[ids.FACEBOOK_PAGE]["label"] == "FACEBOOKPAGE · Harbour Bakery"
    assert [id_ for id_, record in records.items() if record["needsReconnect"]] == [ids.INSTAGRAM_BUSINESS]
    for id_, record in records.items():
        output = there.run("get_social_profile", {"socialProfileId": id_})
        assert (output["label"], output["needsReconnect"]) == (record["label"], record["needsReconnect"])
    there.fails(
        RemoteError,
        lambda: there.run("get_social_profile", {"socialProfileId": "999"}),
        "Hootsuite has no social profile with the id 999, or the signed-in member may not see it.",
    )


def test_who_is_signed_in(there: Hootsuite) -> None:
    output = there.run("get_me")
    assert (output["fullName"], output["email"]) == ("Robin Harbour", "robin@harbour-bakery.example")
    assert (output["timeZone"], output["language"]) == ("America/Vancouver", "en")


# -- media -----------------------------------------------------------------------------------------------


def test_an_upload_ends_when_the_file_can_be_used_and_then_it_can(there: Hootsuite, picture: str) -> None:
    output = there.run("upload_media", {"file": picture})
    assert (output["state"], output["sizeBytes"], output["mimeType"]) == ("READY", len(PICTURE), "image/png")
    assert output["downloadUrl"]
    made = there.schedule(ids.FACEBOOK_PAGE, media=[{"id": output["mediaId"]}])
    assert made["messages"][0]["media"][0]["id"] == output["mediaId"]
    (put,) = there.seen(server="upload")
    assert (put.method, put.size, put.headers["Content-Type"]) == ("PUT", len(PICTURE), "image/png")
    assert "Transfer-Encoding" not in put.headers


@pytest.mark.parametrize("status", [503, 429, None])
def test_a_waiting_upload_survives_a_hiccup(there: Hootsuite, picture: str, status: int | None) -> None:
    there.sandbox.fail_next("GET", "/v1/media/*", status, "<html>Busy</html>")
    assert there.run("upload_media", {"file": picture})["state"] == "READY"
    assert len(there.seen("GET")) > 1
    assert len(there.seen(server="upload")) == 1


def test_a_media_id_of_any_characters_finds_its_way(there: Hootsuite) -> None:
    """They are base64 of an address: with =, and now and then with + and /."""
    for size in range(1, 7):
        job = there.run("create_media_upload_job", {"sizeBytes": size, "mimeType": "image/gif"})
        output = there.run("get_media_upload_status", {"mediaId": job["mediaId"]})
        assert (output["mediaId"], output["state"], output["ready"]) == (job["mediaId"], "QUEUED", False)
    assert all(one.path.count("/") == 3 for one in there.seen("GET"))


def test_a_file_that_is_not_ready_cannot_be_posted_yet(there: Hootsuite) -> None:
    job = there.run("create_media_upload_job", {"sizeBytes": 5, "mimeType": "image/png"})
    message = "An attached file is not ready yet. Wait until Get Media Upload Status says READY, then schedule the post again."
    error = there.fails(RemoteError, lambda: there.schedule(ids.FACEBOOK_PAGE, media=[{"id": job["mediaId"]}]), message)
    assert error.code == 40021


def test_a_media_id_that_nobody_knows_is_an_error(there: Hootsuite) -> None:
    error = there.fails(RemoteError, lambda: there.run("get_media_upload_status", {"mediaId": "bm9uZQ=="}))
    assert error.message.startswith("Hootsuite has no media with this id.")


def test_an_upload_that_is_never_ready_ends_with_the_job_in_its_error(
    start: Callable[..., Hootsuite], picture: str
) -> None:
    there = start(processing_seconds=10**6)
    error = there.fails(
        RemoteError,
        lambda: there.run("upload_media", {"file": picture}),
        "Upload Media: the bytes are there, but not ready after 10 minutes; Get Media Upload Status shows when they are.",
    )
    assert error.data["mediaId"] in there.state.media


def test_an_upload_that_the_upload_host_refuses_says_so(start: Callable[..., Hootsuite], picture: str) -> None:
    """The address has expired by the time that the bytes come."""
    there = start(upload_url_seconds=-1)
    there.sandbox.fail_next("POST", "/v1/media", carried_out=True, status=200, body="")
    error = there.fails(
        OutputError, lambda: there.run("create_media_upload_job", {"sizeBytes": 5, "mimeType": "image/png"})
    )
    assert error.happened
    error = there.fails(RemoteError, lambda: there.run("upload_media", {"file": picture}))
    assert error.message.startswith("Upload Media: the bytes were refused with 403")
    assert "Request has expired" in error.message
    assert error.data["mediaId"]
    assert not error.retryable


def test_a_file_that_changes_before_its_bytes_are_sent_is_not_uploaded(
    there: Hootsuite, picture: str, tmp_path: Path
) -> None:
    """S3 would refuse another length than the job announced."""
    sent = there.account.connection.send

    def send(request: Any) -> Any:
        if request.method == "PUT":
            (tmp_path / picture).write_bytes(PICTURE * 2)
        return sent(request)

    account = replace(there.account, connection=replace(there.account.connection, send=send))
    error = there.fails(RemoteError, lambda: account.run("upload_media", {"file": picture}))
    assert (
        error.message == "Upload Media: the bytes did not get there: the file has changed in the meantime; start again."
    )
    assert not there.seen(server="upload")


@pytest.mark.parametrize(("status", "retryable"), [(503, True), (None, True), (400, False)])
def test_an_upload_host_that_fails_is_told_apart_from_hootsuite(
    there: Hootsuite, picture: str, status: int | None, retryable: bool
) -> None:
    there.sandbox.fail_next("PUT", "*", status, "<Error><Code>SlowDown</Code></Error>")
    error = there.fails(RemoteError, lambda: there.run("upload_media", {"file": picture}))
    assert error.retryable == retryable
    assert error.data["mediaId"]
    assert "bytes did not get there" in error.message or "the bytes were refused" in error.message


def test_a_file_of_a_kind_that_hootsuite_does_not_take_is_refused_before_anything_is_sent(
    there: Hootsuite, tmp_path: Path
) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"x")
    for work in (there.run, there.account.try_):
        error = there.fails(InputError, lambda work=work: work("upload_media", {"file": "notes.pdf"}))
        assert error.message.startswith("file: 'notes.pdf' cannot be uploaded: ")
        assert error.operation == "upload_media"
    assert not there.sandbox.requests


# -- Amplify ---------------------------------------------------------------------------------------------


def test_a_suggestion_is_a_suggestion_and_nothing_is_published(there: Hootsuite) -> None:
    given = {
        "text": "We are hiring: https://example.com",
        "suggestionReason": "New shop",
        "topics": ["Jobs"],
        "isPinned": True,
    }
    output = there.run("suggest_content_to_amplify", given)
    (kept,) = there.state.amplify_messages
    assert kept["isSuggested"] is True
    assert "isPublished" not in kept
    assert output["suggestionId"] == kept["id"]
    assert output["suggestion"]["topics"] == ["Jobs"]
    assert {name: kept[name] for name in given} == given


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_topics_are_listed(start: Callable[..., Hootsuite], rate: float) -> None:
    there = start(null_rate=rate)
    assert there.run("list_topics") == {"topics": [], "next": None}
    there.run("suggest_content_to_amplify", {"text": "a", "topics": ["Jobs", "Café"]})
    assert [record["name"] for record in there.run("list_topics")["topics"]] == ["Jobs", "Café"]


# -- the whole -------------------------------------------------------------------------------------------

TESTED = {
    "create_media_upload_job", "delete_message", "get_media_upload_status", "schedule_message",
    "suggest_content_to_amplify", "upload_media", "get_me", "get_message", "get_message_history",
    "get_social_profile", "list_messages", "list_my_organizations", "list_social_profiles", "list_topics",
}  # fmt: skip


def test_every_operation_is_among_those_tested_here(hootsuite: Connector) -> None:
    callable_ = {id_ for id_, one in hootsuite.operations.items() if one.kind != "trigger"}
    assert callable_ == TESTED


def test_one_account_serves_several_threads_over_kept_connections(there: Hootsuite) -> None:
    def work(number: int) -> str:
        id_ = there.schedule(ids.FACEBOOK_PAGE, text=f"Number {number}")["messageId"]
        return str(there.run("get_message", {"messageId": id_})["text"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(60))) == [f"Number {number}" for number in range(60)]


def test_trying_sends_nothing_and_shows_what_running_sends(there: Hootsuite) -> None:
    given = {"text": "Fresh", "socialProfileIds": [ids.FACEBOOK_PAGE], "scheduledSendTime": there.at(hours=1)}
    tried = there.account.try_("schedule_message", given)
    assert not there.sandbox.requests
    there.run("schedule_message", given)
    (sent,) = there.seen()
    assert (tried.method, tried.url, tried.body) == (sent.method, there.sandbox.base_url + sent.path, sent.body)
    assert all(sent.headers[name] == value for name, value in tried.headers.items())
