"""What became of our own actions, and what completes an event: over the `send` seam, and over sockets to the stand-in.

A pause is a step of a clock that nobody waits for; how long something lasts is counted in looks.
"""

from __future__ import annotations

import copy
import hmac
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from connector_runtime import (
    Account,
    Connector,
    ConnectorError,
    Event,
    InputError,
    NoAnswer,
    OutputError,
    RateLimited,
    RemoteError,
    Request,
    Response,
    SignatureError,
    SignInError,
    UnknownOutcome,
    load,
)
from connector_runtime.times import parse_time, utc_text
from jsonschema import Draft202012Validator

from tests.sandbox import Sandbox
from tests.sandbox import state as ids
from tests.servers import always, answer, serve, without_settings
from tests.test_calls import Service, reply
from tests.test_receive import TEXT as PLAIN
from tests.test_receive import made_up

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "s3cr3t+/token=="
NOW = "2026-05-02T09:00:00Z"
NOW_TEXT = "2026-05-02T09:00:00.000Z"
MEDIA = "aHR0cHM6Ly9leGFtcGxlLmNvbS9hLnBuZw=="
STATUS = "/v1/media/aHR0cHM6Ly9leGFtcGxlLmNvbS9hLnBuZw%3D%3D"
UPLOAD = "https://hootsuite-video.s3.amazonaws.com/production/a.png?Signature=example"
JOB = {"mediaId": MEDIA, "uploadUrl": UPLOAD, "uploadUrlDurationSeconds": 1799}
DONE = {"mediaId": MEDIA, "state": "READY", "sizeBytes": 7, "mimeType": "image/png", "downloadUrl": None}
SUCCESS, ERROR = "hootsuite/media/media.upload.success", "hootsuite/media/media.upload.error"
NOT_READY = "Hootsuite did not say that the file is ready. It never got the bytes, or it cannot use them."
AT_MOST = 480  # looks: every 5 seconds for 40 minutes


@pytest.fixture(scope="session")
def hootsuite() -> Connector:
    return load(ROOT)


class Account_:
    """An account whose requests a function answers, with the pauses it made."""

    def __init__(self, connector: Connector, behave: Any, folder: Path = Path()) -> None:
        self.connector = connector
        self.service = Service(behave)
        self.pauses: list[float] = []
        made = connector.connect(
            access_token=TOKEN, send=self.service, now=lambda: parse_time(NOW), folder=folder, name="bakery"
        )
        self.account: Account = replace(made, connection=replace(made.connection, pause=self.pauses.append))

    def follow(self, action: str, outcome: Any, **given: Any) -> list[Event]:
        events = list(self.account.follow(action, outcome, **given))
        for event in events:
            self.ensure_whole(event)
        return events

    def upload(self, file: str, **given: Any) -> list[Event]:
        """Uploads a file and follows what came of it."""
        return self.follow(
            "upload_media", outcome_of(self.account, "upload_media", file=file), input={"file": file}, **given
        )

    def ensure_whole(self, event: Event) -> None:
        ensure_whole(self.connector, event)

    @property
    def asked(self) -> list[str]:
        return [
            f"{request.method} {path}" for request, path in zip(self.service.requests, self.service.paths, strict=True)
        ]


def ensure_whole(connector: Connector, event: Event, name: str = "bakery") -> None:
    text = json.dumps(event, allow_nan=False)
    assert json.loads(text) == event
    assert TOKEN not in text + repr(event.facts) + repr(event.fetched)
    assert event.source == f"hootsuite/{name}"
    assert event.type == connector.operations[event.trigger].topic
    assert event.data["eventId"] == event.id
    Draft202012Validator(connector.operations[event.trigger].output).validate(event.data)


def outcome_of(account: Account, action: str, **given: Any) -> dict[str, Any] | ConnectorError:
    """What `run` gives or raises."""
    try:
        return account.run(action, given)
    except ConnectorError as error:
        return error


def raised(kind: type[ConnectorError], work: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    assert TOKEN not in repr(vars(caught.value)) + str(caught.value)
    return caught.value


def error(code: Any, message: str = "No.", status: int = 400) -> Response:
    return reply({"errors": [{"code": code, "message": message, "id": "f7d32670"}]}, status)


def state(word: str) -> Any:
    return {"data": {"id": MEDIA, "state": word}}


def media(*looks: Any, job: Any = None, put: Any = None) -> Callable[[Request], Any]:
    """A service whose looks at a file answer these, the last one for ever."""
    left = list(looks)

    def behave(request: Request) -> Any:
        if request.method == "POST":
            return (
                {"data": {"id": MEDIA, "uploadUrl": UPLOAD, "uploadUrlDurationSeconds": 1799}} if job is None else job
            )
        if request.method == "PUT":
            return Response(200, {}, b"") if put is None else put
        return left.pop(0) if len(left) > 1 else left[0]

    return behave


@pytest.fixture
def picture(tmp_path: Path) -> str:
    (tmp_path / "spring.png").write_bytes(b"picture")
    return "spring.png"


Make = Callable[..., Account_]


@pytest.fixture
def make(hootsuite: Connector, tmp_path: Path) -> Make:
    return lambda behave=None: Account_(hootsuite, {} if behave is None else behave, tmp_path)


# -- uploads that end well -------------------------------------------------------------------------------


def test_an_upload_that_was_seen_ready_is_one_event_without_another_look(make: Make, picture: str) -> None:
    one = make(media(state("QUEUED"), state("READY")))
    outcome = one.account.run("upload_media", {"file": picture})
    before = len(one.service.requests)
    (event,) = one.follow("upload_media", outcome, input={"file": picture})
    assert len(one.service.requests) == before
    assert event.type == SUCCESS
    assert event.data == {
        "mediaId": MEDIA,
        "mimeType": "image/png",
        "sizeBytes": 7,
        "file": "spring.png",
        "at": NOW_TEXT,
        "eventId": event.id,
    }
    assert event.time == NOW_TEXT
    assert event.fetched == {}
    assert event.delivery is None


def test_a_job_is_looked_at_until_it_is_ready(make: Make) -> None:
    one = make(media(state("QUEUED"), state("QUEUED"), state("READY")))
    given = {"sizeBytes": 9383631, "mimeType": "video/mp4"}
    (event,) = one.follow("create_media_upload_job", JOB, input=given)
    assert one.asked == [f"GET {STATUS}"] * 3
    assert one.pauses == [5, 5]
    assert (event.type, event.data["mediaId"]) == (SUCCESS, MEDIA)
    assert (event.data["mimeType"], event.data["sizeBytes"]) == ("video/mp4", 9383631)
    assert "file" not in event.data
    assert UPLOAD not in json.dumps(event), "whoever has the address can upload"


def test_an_action_has_a_handle_too_and_what_it_was_given_need_not_be_said(make: Make) -> None:
    (event,) = make().follow("upload-media", DONE)
    assert "file" not in event.data
    assert make(media(state("READY"))).follow("create_media_upload_job", JOB)[0].id == event.id


def test_nothing_is_asked_before_somebody_wants_the_events(make: Make) -> None:
    one = make(media(state("READY")))
    events = one.account.follow("create_media_upload_job", JOB)
    assert one.asked == []
    assert next(events).type == SUCCESS
    assert list(events) == []


def test_looks_that_fail_for_now_are_followed_by_others(make: Make) -> None:
    passing = [reply({}, 503), NoAnswer("it hung up", sent=True), error(1043, status=429), reply(b"<html>", 502)]
    one = make(media(*passing, state("READY")))
    (event,) = one.follow("create_media_upload_job", JOB)
    assert event.type == SUCCESS
    assert len(one.asked) == 5
    assert one.pauses == [5] * 4


def test_an_upload_that_was_not_seen_ready_in_time_is_looked_at_again(make: Make, picture: str) -> None:
    one = make(media(*[state("QUEUED")] * 302, state("READY")))
    outcome = outcome_of(one.account, "upload_media", file=picture)
    assert isinstance(outcome, RemoteError)
    assert (outcome.step, outcome.retryable, outcome.data["mediaId"]) == ("wait", True, MEDIA)
    one.pauses.clear()
    (event,) = one.follow("upload_media", outcome, input={"file": picture})
    assert (event.type, event.data["mediaId"], event.data["file"]) == (SUCCESS, MEDIA, "spring.png")
    assert one.pauses == [5, 5]


# -- uploads that end badly ------------------------------------------------------------------------------


def test_a_file_that_is_not_taken_is_refused_and_never_looked_at(make: Make, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    one = make()
    outcome = raised(InputError, lambda: one.account.run("upload_media", {"file": "notes.txt"}))
    assert outcome.step == "job"
    (event,) = one.follow("upload_media", outcome, input={"file": "notes.txt"})
    assert event.type == ERROR
    assert event.data == {
        "outcome": "refused",
        "cause": outcome.message,
        "file": "notes.txt",
        "at": NOW_TEXT,
        "eventId": event.id,
    }
    assert "'notes.txt' cannot be uploaded" in event.data["cause"]
    assert one.asked == []


@pytest.mark.parametrize("given", [{"file": "nowhere.png"}, {"file": 5}, {}])
def test_an_input_that_is_refused_is_an_upload_that_is_refused(make: Make, given: dict[str, Any]) -> None:
    one = make()
    outcome = raised(InputError, lambda: one.account.run("upload_media", given))
    wrong = {"file": "nowhere.png"} if given == {"file": "nowhere.png"} else {}
    (event,) = one.follow("upload_media", outcome, input=wrong)
    assert (event.data["outcome"], event.data["cause"]) == ("refused", outcome.message)
    assert one.asked == []


def test_a_job_that_is_refused_says_why(make: Make, picture: str) -> None:
    for action in ("upload_media", "create_media_upload_job"):
        one = make(media(job=error(1100, "Invalid JSON schema")))
        given = {"file": picture} if action == "upload_media" else {"sizeBytes": 7, "mimeType": "image/png"}
        outcome = outcome_of(one.account, action, **given)
        (event,) = one.follow(action, outcome, input=given)
        assert event.type == ERROR
        assert {name: event.data[name] for name in ("outcome", "status", "code", "cause")} == {
            "outcome": "refused",
            "status": 400,
            "code": 1100,
            "cause": 'Hootsuite did not accept these values. It says "Invalid JSON schema".',
        }
        assert "mediaId" not in event.data
        assert one.asked == ["POST /v1/media"]


def test_a_job_without_an_address_is_refused_too(make: Make, picture: str) -> None:
    one = make(media(job={"data": {"id": MEDIA}}))
    (event,) = one.upload(picture)
    assert (event.data["outcome"], event.data["status"]) == ("refused", 200)
    assert event.data["cause"].startswith("Hootsuite made an upload job, but did not say where to send the file.")


@pytest.mark.parametrize("put", [Response(403, {}, b""), Response(500, {}, b""), NoAnswer("it hung up", sent=True)])
def test_bytes_that_did_not_get_there_are_an_upload_that_failed(make: Make, picture: str, put: Any) -> None:
    one = make(media(put=put))
    (event,) = one.upload(picture)
    assert (event.type, event.data["outcome"], event.data["mediaId"]) == (ERROR, "upload_failed", MEDIA)
    assert event.data.get("status") == (put.status if isinstance(put, Response) else None)
    assert event.data["cause"].startswith("Upload Media: the bytes ")
    assert one.asked == ["POST /v1/media", "PUT /production/a.png"]


def test_a_file_that_hootsuite_no_longer_knows_is_gone(make: Make) -> None:
    one = make(media(state("QUEUED"), error(4001, "Resource not found", 404)))
    (event,) = one.follow("create_media_upload_job", JOB)
    assert (event.type, event.data["outcome"], event.data["mediaId"]) == (ERROR, "gone", MEDIA)
    assert (event.data["status"], event.data["code"]) == (404, 4001)
    assert event.data["cause"].startswith("Hootsuite has no media with this id.")
    assert len(one.asked) == 2


def test_a_file_that_is_gone_while_the_upload_waits_is_gone_without_another_look(make: Make, picture: str) -> None:
    one = make(media(state("QUEUED"), error(4001, "Resource not found", 404)))
    (event,) = one.upload(picture)
    assert (event.data["outcome"], event.data["mediaId"], event.data["code"]) == ("gone", MEDIA, 4001)
    assert one.asked[-2:] == [f"GET {STATUS}"] * 2
    assert len(one.asked) == 4


def test_where_nobody_could_look_nobody_says_that_it_expired(make: Make) -> None:
    one = make(media(reply({}, 503)))
    assert raised(RemoteError, lambda: one.follow("create_media_upload_job", JOB, timeout=None)).retryable
    assert len(one.asked) == AT_MOST


@pytest.mark.parametrize("look", [state("QUEUED"), state("ODD"), {"data": {}}], ids=str)
def test_a_job_that_is_never_ready_expires_after_as_long_as_is_declared(make: Make, look: Any) -> None:
    for timeout in (None, 2401, 86400.0):
        one = make(media(look))
        (event,) = one.follow("create_media_upload_job", JOB, timeout=timeout)
        assert (event.type, event.data["outcome"], event.data["cause"]) == (ERROR, "expired", NOT_READY)
        assert event.data["mediaId"] == MEDIA
        assert "status" not in event.data
        assert len(one.asked) == AT_MOST
        assert sum(one.pauses) == 2400 - 5, "no pause after the last look"


@pytest.mark.parametrize(("timeout", "looks"), [(0, 1), (-1, 1), (4, 1), (7, 2), (12, 3), (2399, AT_MOST)])
def test_who_stops_earlier_gets_no_event_and_no_error(make: Make, timeout: float, looks: int) -> None:
    one = make(media(state("QUEUED")))
    assert one.follow("create_media_upload_job", JOB, timeout=timeout) == []
    assert len(one.asked) == looks
    assert len(one.pauses) == looks - 1
    assert make(media(state("READY"))).follow("create_media_upload_job", JOB, timeout=timeout)[0].type == SUCCESS


def test_a_minute_is_followed_where_nobody_says_how_long(make: Make) -> None:
    one = make(media(state("QUEUED")))
    assert one.follow("create_media_upload_job", JOB) == []
    assert len(one.asked) == 12


@pytest.mark.parametrize(
    ("look", "kind", "words"),
    [
        (error(4003, "Insufficient permissions", 401), RemoteError, "Your Hootsuite role does not allow this."),
        (error(1001, "Invalid access token", 401), SignInError, "connect again"),
        (error(4000, "Bad id"), RemoteError, "Hootsuite did not accept these values."),
        (reply({"data": {"id": 5}}), OutputError, "answer was not as expected"),
        (reply(b"<html>"), OutputError, "answer was not as expected"),
    ],
)
def test_a_look_that_is_refused_without_a_word_for_it_is_raised(make: Make, look: Any, kind: Any, words: str) -> None:
    one = make(media(state("QUEUED"), look, state("READY")))
    found = raised(kind, lambda: one.follow("create_media_upload_job", JOB))
    assert words in found.message
    assert len(one.asked) == 2


def test_a_sign_in_that_ends_while_the_upload_waits_does_not_lose_the_upload(make: Make, picture: str) -> None:
    """The error has the job, so that whoever signs in again can go on looking."""
    behave = media(error(1001, "Invalid access token", 401))
    one = make(behave)
    outcome = raised(SignInError, lambda: one.account.run("upload_media", {"file": picture}))
    assert (outcome.step, outcome.data["mediaId"]) == ("wait", MEDIA)
    raised(SignInError, lambda: one.follow("upload_media", outcome, input={"file": picture}, timeout=None))
    again = make(media(state("READY")))
    (event,) = again.follow("upload_media", outcome, input={"file": picture}, timeout=None)
    assert (event.type, event.data["mediaId"]) == (SUCCESS, MEDIA)


def test_what_ended_before_there_was_anything_to_look_at_has_no_event(make: Make) -> None:
    one = make(media(state("READY")))
    assert one.follow("create_media_upload_job", {}, timeout=None) == []
    assert one.asked == []


def test_an_error_of_an_upload_says_its_step_and_a_copy_of_it_too(make: Make, picture: str) -> None:
    steps = {
        "job": media(job=error(1100)),
        "put": media(put=Response(403, {}, b"")),
        "wait": media(error(4000)),
    }
    for step, behave in steps.items():
        found = raised(RemoteError, lambda behave=behave: make(behave).account.run("upload_media", {"file": picture}))
        for twin in (found, pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
            assert type(twin) is RemoteError
            assert (twin.step, twin.message, twin.status) == (step, found.message, found.status)
            assert twin.data == found.data
    for behave in (media(error(1001, status=401)), media(job=error(1001, status=401))):
        ended = raised(SignInError, lambda behave=behave: make(behave).account.run("upload_media", {"file": picture}))
        assert pickle.loads(pickle.dumps(ended)).step == ended.step in ("wait", "job")
    for given in ({}, {"file": "nowhere.png"}):
        outside = raised(InputError, lambda given=given: make().account.run("upload_media", given))
        assert pickle.loads(pickle.dumps(outside)).step is None


def test_an_error_that_was_pickled_has_the_same_outcome(make: Make, picture: str) -> None:
    for behave in (media(job=error(1100)), media(put=Response(403, {}, b"")), media(error(4001, status=404))):
        one = make(behave)
        outcome = outcome_of(one.account, "upload_media", file=picture)
        found, again = (
            one.follow("upload_media", it, call="1") for it in (outcome, pickle.loads(pickle.dumps(outcome)))
        )
        assert found == again
        assert len(found) == 1


# -- ids -------------------------------------------------------------------------------------------------


def test_the_same_outcome_followed_twice_is_the_same_event(make: Make, picture: str) -> None:
    for behave, outcome in (
        (media(state("READY")), DONE),
        (media(state("READY")), JOB),
        (media(error(4001, status=404)), JOB),
        (media(put=Response(403, {}, b"")), None),
    ):
        one = make(behave)
        outcome = outcome_of(one.account, "upload_media", file=picture) if outcome is None else outcome
        first, second = (one.follow("upload_media", outcome) for _ in range(2))
        assert [event.id for event in first] == [event.id for event in second]
        assert len(first) == 1


def test_other_files_and_other_outcomes_are_other_events(make: Make) -> None:
    found = [
        make(media(state("READY"))).follow("create_media_upload_job", JOB),
        make(media(state("READY"))).follow("create_media_upload_job", JOB | {"mediaId": "b3RoZXI="}),
        make(media(error(4001, status=404))).follow("create_media_upload_job", JOB),
        make(media(state("QUEUED"))).follow("create_media_upload_job", JOB, timeout=None),
    ]
    assert len({event.id for (event,) in found}) == 4


def test_a_refused_upload_without_an_id_is_told_apart_by_its_call(make: Make, picture: str) -> None:
    one = make(media(job=error(1100)))
    outcome = outcome_of(one.account, "upload_media", file=picture)

    def id_of(call: str | None) -> str:
        (event,) = one.follow("upload_media", outcome, input={"file": picture}, call=call)
        assert event.facts["upload"] == call or call is None
        return str(event.id)

    assert id_of("call 1") == id_of("call 1") != id_of("call 2")
    assert len({id_of(None), id_of(None), id_of("call 1"), id_of("call 2")}) == 4


def test_where_there_is_an_id_the_call_makes_no_difference(make: Make) -> None:
    one = make(media(error(4001, status=404)))
    first, second = (one.follow("create_media_upload_job", JOB, call=call)[0] for call in ("1", "2"))
    assert first.id == second.id


# -- other actions ---------------------------------------------------------------------------------------

SUGGESTION = "59d6df3c6bc0160ba6e15f73"
TEXT = {"text": "We are hiring bakers.", "topics": ["Company News"], "suggestionReason": "June."}


def test_a_suggestion_that_was_taken_is_one_event(make: Make) -> None:
    one = make({"data": {"id": SUGGESTION, "text": "We are hiring bakers!", "topics": ["News"]}})
    outcome = one.account.run("suggest_content_to_amplify", TEXT)
    (event,) = one.follow("suggest_content_to_amplify", outcome, input=TEXT)
    assert event.type == "hootsuite/suggestions/suggestions.created"
    assert event.data == {
        "suggestionId": SUGGESTION,
        "text": "We are hiring bakers!",
        "suggestionReason": "June.",
        "topics": ["News"],
        "at": NOW_TEXT,
        "eventId": event.id,
    }
    assert len(one.asked) == 1
    assert one.connector.wants(event, {"topics": ["News"]}) is True
    assert one.connector.wants(event, {"topics": ["Company News"]}) is False


def test_a_suggestion_that_was_taken_with_an_odd_answer_is_an_event_all_the_same(make: Make) -> None:
    one = make({"data": {"id": SUGGESTION, "text": 5}})
    outcome = raised(OutputError, lambda: one.account.run("suggest_content_to_amplify", TEXT))
    assert outcome.happened
    (event,) = one.follow("suggest_content_to_amplify", outcome, input=TEXT)
    assert (event.data["suggestionId"], event.data["text"]) == (SUGGESTION, "We are hiring bakers.")
    ordinary = make({"data": {"id": SUGGESTION}})
    output = ordinary.account.run("suggest_content_to_amplify", TEXT)
    assert ordinary.follow("suggest_content_to_amplify", output)[0].id == event.id


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        (reply({"message": "Forbidden", "errors": [{"code": 3000}]}, 403), RemoteError),
        (error(5, status=429), RateLimited),
        (reply({}, 500), UnknownOutcome),
        (NoAnswer("it hung up", sent=True), UnknownOutcome),
        (reply(b"<html>"), UnknownOutcome),
        (reply({}, 401), SignInError),
    ],
)
def test_a_suggestion_that_was_not_taken_or_may_not_have_been_is_no_event(make: Make, answered: Any, kind: Any) -> None:
    one = make(lambda request: answered)
    outcome = raised(kind, lambda: one.account.run("suggest_content_to_amplify", TEXT))
    assert one.follow("suggest_content_to_amplify", outcome, input=TEXT) == []


def test_a_suggestion_whose_answer_has_no_id_is_no_event_and_says_so(make: Make) -> None:
    one = make({"data": {"text": "We are hiring bakers."}})
    outcome = one.account.run("suggest_content_to_amplify", TEXT)
    found = raised(OutputError, lambda: one.follow("suggest_content_to_amplify", outcome, input=TEXT))
    assert "suggestionId is missing" in found.message
    assert found.data["outcome"] == "accepted"


@pytest.mark.parametrize("action", ["schedule_message", "delete_message", "get_me", "list_messages", "get-message"])
def test_nobody_watches_other_actions(make: Make, action: str) -> None:
    one = make()
    for outcome in ({}, {"mediaId": MEDIA, "state": "READY"}, RemoteError("No.", data=JOB)):
        assert one.follow(action, outcome) == []
    assert one.asked == []


def test_what_is_no_action_is_refused_at_once(make: Make) -> None:
    one = make()
    found = raised(InputError, lambda: one.account.follow("upload_medium", {}))
    assert "Did you mean 'upload_media'?" in found.message
    found = raised(InputError, lambda: one.account.follow("message_failed", {}))
    assert "is a trigger: it happens by itself" in found.message


# -- secrets ---------------------------------------------------------------------------------------------


def test_a_service_that_repeats_the_secret_does_not_get_it_into_events(make: Make, picture: str) -> None:
    said = f"Bearer {TOKEN} may not do this"
    for behave in (
        media(job=error(1100, said)),
        media(put=Response(403, {}, said.encode())),
        media(error(4001, said, 404)),
        media(job=error(said, said)),
    ):
        one = make(behave)
        (event,) = one.upload(picture, call="1")
        assert event.type == ERROR  # `follow` has looked for the secret
        assert TOKEN not in json.dumps(event)


def test_a_look_that_repeats_the_secret_does_not_get_it_into_the_error(make: Make) -> None:
    said = f"Bearer {TOKEN} may not do this"
    for look in (error(4000, said), error(said, said), reply({"data": {"id": [said]}}), reply(said.encode())):
        with pytest.raises(ConnectorError) as caught:
            make(media(look)).follow("create_media_upload_job", JOB)
        assert TOKEN not in repr(vars(caught.value)) + str(caught.value) + repr(caught.value.args)


# -- completing events -----------------------------------------------------------------------------------

MESSAGE = {
    "id": "4138476039",
    "state": "SCHEDULED",
    "text": "Fresh bread",
    "socialProfile": {"id": "115185509"},
    "scheduledSendTime": "2026-05-02T07:00:00Z",
    "tags": ["spring"],
}
REFUSED = error(4001, "Unable to find the message by id", 404)
BROKEN = [reply({}, 503), error(1043, status=429), NoAnswer("it hung up", sent=True), reply(b"<html>", 502)]


def heard(connector: Connector, state: str = "SCHEDULED", **fields: Any) -> Event:
    """The event of what Hootsuite tells of a message."""
    data = {"state": state, "message": {"id": "4138476039"}, "timestamp": "2026-05-01T16:42:23.141Z"} | fields
    item = {"seq_no": "7", "type": "com.hootsuite.messages.event.v1", "data": data}
    (event,) = connector.receive("platform", **signed([item]), connection="bakery")
    return event


def signed(items: list[Any]) -> dict[str, Any]:
    """A call as an organization's app gets it."""
    body = json.dumps(items).encode()
    signature = hmac.digest(b"bakery", body, "sha512").hex()
    return {"headers": {"X-Hootsuite-Signature": signature}, "body": body, "secret": "bakery"}


def shows(
    message: Any = MESSAGE, profile: Any = None, history: Any = None, media: Any = None
) -> Callable[[Request], Any]:
    """A service that shows these records, and refuses those that are None."""
    told: Mapping[str, Any] = {
        "/history": history,
        "/v1/messages/": message,
        "/v1/socialProfiles/": profile,
        "/v1/media/": media,
    }

    def behave(request: Request) -> Any:
        for part, found in told.items():
            if part in request.url:
                return (
                    REFUSED if found is None else found if isinstance(found, Response | Exception) else {"data": found}
                )
        raise AssertionError(request.url)

    return behave


def test_a_completed_event_has_what_was_fetched_and_keeps_the_rest(make: Make) -> None:
    one = make(shows(message=[MESSAGE]))
    event = heard(one.connector, organization={"id": "626001"})
    whole = one.account.complete(event)
    ensure_whole(one.connector, whole)
    assert one.asked == ["GET /v1/messages/4138476039"]
    assert whole.data == {
        "messageId": "4138476039",
        "state": "SCHEDULED",
        "at": "2026-05-01T16:42:23.141Z",
        "organizationId": "626001",
        "text": "Fresh bread",
        "socialProfileId": "115185509",
        "scheduledSendTime": "2026-05-02T07:00:00Z",
        "tags": ["spring"],
        "eventId": whole.id,
    }
    assert [whole[name] for name in ("source", "type", "time")] == [event[name] for name in ("source", "type", "time")]
    assert (whole.delivery, whole.trigger) == ("7", "message_scheduled")
    assert whole.facts == event.facts | {"scheduledSendTime": "2026-05-02T07:00:00Z"}
    assert set(whole.fetched or {}) == {"message"}
    assert event.fetched is None
    assert "scheduledSendTime" not in event.facts
    assert event == heard(one.connector, organization={"id": "626001"}), "what was given is left as it was"


def test_a_fact_that_was_fetched_is_in_the_id(make: Make) -> None:
    def id_of(state: str = "SCHEDULED", **message: Any) -> str:
        one = make(shows(MESSAGE | message))
        return str(one.account.complete(heard(one.connector, state)).id)

    first = id_of()
    assert id_of(text="Other bread", tags=None) == first, "the same time is the same event"
    assert id_of(scheduledSendTime="2026-05-03T07:00:00Z") != first, "another time is another one"
    one = make()
    assert heard(one.connector).id != first
    assert id_of(scheduledSendTime=None) == heard(one.connector).id, "null is as if it were not there"
    assert id_of("SENT") == heard(one.connector, "SENT").id, "here nothing that is fetched matters"
    assert id_of("SENT", scheduledSendTime="2026-05-03T07:00:00Z") == id_of("SENT")


def test_completing_twice_changes_nothing(make: Make) -> None:
    one = make(shows())
    whole = one.account.complete(heard(one.connector))
    again = one.account.complete(whole)
    assert again == whole
    assert (again.facts, again.fetched, again.delivery) == (whole.facts, whole.fetched, whole.delivery)
    unpickled = one.account.complete(pickle.loads(pickle.dumps(heard(one.connector))))
    assert unpickled == whole


@pytest.mark.parametrize(
    "answered",
    [
        error(4003, status=401),
        error(4000),
        {"data": []},
        {"data": None},
        reply({}, 403),
        error(1003, status=429),
        error(1003, status=403),
        reply(b"<html>", 302),
    ],
    ids=repr,
)
def test_a_read_that_the_event_needs_and_that_is_refused_is_raised(make: Make, answered: Any) -> None:
    """Else whoever chose profiles would silently lose the event, for a quota or a proxy."""
    one = make(lambda request: answered)
    with pytest.raises(ConnectorError) as caught:
        one.account.complete(heard(one.connector))
    assert isinstance(caught.value, RemoteError)


@pytest.mark.parametrize(
    "odd", [error(4003, status=401), reply({}, 403), reply(b"<html>"), {"data": {"state": 5}}], ids=repr
)
def test_a_read_that_the_event_is_whole_without_may_be_refused(make: Make, odd: Any) -> None:
    one = make(shows(profile=odd, history=odd))
    whole = one.account.complete(heard(one.connector, "SEND_FAILED_PERMANENTLY"))
    assert whole.data["text"] == "Fresh bread"
    assert "message" in (whole.fetched or {})


@pytest.mark.parametrize("answered", [REFUSED, reply({}, 410)], ids=repr)
def test_what_there_is_not_any_more_stays_absent_and_the_event_comes(make: Make, answered: Any) -> None:
    one = make(lambda request: answered)
    event = heard(one.connector)
    whole = one.account.complete(event)
    ensure_whole(one.connector, whole)
    assert whole == event
    assert whole.fetched == {}
    assert whole.facts == event.facts
    assert one.connector.wants(whole) is True
    assert one.connector.wants(whole, {"tags": ["spring"]}) is False


@pytest.mark.parametrize("answered", BROKEN, ids=repr)
def test_a_read_that_fails_for_now_is_raised_and_the_event_is_still_good(make: Make, answered: Any) -> None:
    one = make(lambda request: answered)
    event = heard(one.connector)
    with pytest.raises(RemoteError) as caught:
        one.account.complete(event)
    assert caught.value.retryable
    one.service.behave = shows()
    assert one.account.complete(event).data["text"] == "Fresh bread"


def test_each_read_may_fail_for_now(make: Make) -> None:
    names = ("message", "profile", "history", "media")
    good = {
        "message": MESSAGE | {"media": [{"id": MEDIA}]},
        "profile": {"id": "115185509"},
        "history": {"actions": []},
        "media": {"id": MEDIA, "state": "READY"},
    }
    for name in names:
        one = make(shows(**good | {name: reply({}, 503)}))
        found = raised(
            RemoteError, lambda one=one: one.account.complete(heard(one.connector, "SEND_FAILED_PERMANENTLY"))
        )
        assert found.retryable
        assert len(one.asked) == names.index(name) + 1


def test_a_sign_in_that_has_ended_and_an_odd_answer_are_raised(make: Make) -> None:
    for answered, kind in (
        (error(1001, status=401), SignInError),
        ({"data": MESSAGE | {"text": 5}}, OutputError),
        (reply(b"<html>"), OutputError),
        (reply({"data": f"Bearer {TOKEN}"}), OutputError),
    ):
        one = make(lambda request, answered=answered: answered)
        raised(kind, lambda one=one: one.account.complete(heard(one.connector)))


def test_what_needs_a_read_that_was_refused_is_not_asked_for(make: Make) -> None:
    one = make(shows(message=None, history={"actions": []}))
    whole = one.account.complete(heard(one.connector, "SEND_FAILED_PERMANENTLY"))
    ensure_whole(one.connector, whole)
    assert one.asked == ["GET /v1/messages/4138476039", "GET /v1/messages/4138476039/history"]
    assert set(whole.fetched or {}) == {"history"}
    assert "likelyReason" not in whole.data
    assert whole.data["reviewActions"] == []


RECONNECT = "The social profile has lost its connection: connect it again in Hootsuite."
REVIEW = "It was approved too late, or its review ended without an approval."
GONE = "The attached media is gone or not ready."
NOTHING = "Nothing shows why. Look at the message in Hootsuite."
WITH_MEDIA = MESSAGE | {"media": [{"id": MEDIA}]}


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({"profile": {"id": "1", "isReauthRequired": 1}}, RECONNECT),
        (
            {"profile": {"id": "1", "isReauthRequired": 1}, "history": {"actions": [{"actionType": "EXPIRE"}]}},
            RECONNECT,
        ),
        ({"profile": {"id": "1", "isReauthRequired": 0}, "history": {"actions": [{"actionType": "EXPIRE"}]}}, REVIEW),
        ({"history": {"actions": [{"actionType": "CREATE"}, {"actionType": "REJECT"}]}}, REVIEW),
        ({"history": {"actions": [{"actionType": "SCHEDULEFAIL"}]}, "message": WITH_MEDIA}, REVIEW),
        ({"history": {"actions": [{"actionType": "SENDFAIL"}]}}, NOTHING),
        ({"message": WITH_MEDIA}, GONE),
        ({"message": WITH_MEDIA, "media": {"id": MEDIA, "state": "QUEUED"}}, GONE),
        ({"message": WITH_MEDIA, "media": {"id": MEDIA, "state": "READY"}}, NOTHING),
        ({"message": MESSAGE | {"media": []}}, NOTHING),
        ({"message": MESSAGE | {"media": None}}, NOTHING),
        ({}, NOTHING),
        ({"message": None}, None),
        ({"message": None, "history": {"actions": [{"actionType": "REJECT"}]}}, REVIEW),
    ],
)
def test_what_is_read_shows_the_likely_reason_of_a_failure(make: Make, records: Any, reason: str | None) -> None:
    one = make(shows(**records))
    whole = one.account.complete(heard(one.connector, "SEND_FAILED_PERMANENTLY"))
    ensure_whole(one.connector, whole)
    assert whole.data.get("likelyReason") == reason
    assert "likelyReason" not in heard(one.connector, "SEND_FAILED_PERMANENTLY").data


# -- made-up connectors ----------------------------------------------------------------------------------

GET_JOB = {
    "query": "Get Job",
    "effect": "read",
    "input": {"required": ["id"], "properties": {"id": PLAIN}},
    "request": {"method": "GET", "path": "/v1/jobs/{id}"},
    "output": {"properties": {"state": PLAIN, "odd": {"title": "Odd"}}},
}
MAKE_JOB = {
    "action": "Make Job",
    "effect": "create",
    "request": {"method": "POST", "path": "/v1/jobs"},
    "output": {"properties": {"id": PLAIN}},
}
OPERATIONS = {"queries/get_job": GET_JOB, "actions/make_job": MAKE_JOB}
LOOK = {"query": "get_job", "input": {"id": "{{ output.id }}"}, "every": "10s", "at_most": "1m"}


def watched(folder: Path, watches: Mapping[str, Any], behave: Any, **trigger: Any) -> Any:
    """An account of a made-up service, with one trigger for whatever its watches see."""
    sources = {name: {"watch": {"after": "make_job", **it}} for name, it in watches.items()}
    facts = {"id": "output.id", "outcome": "outcome"}
    heard = {name: {"when": {"outcome": list(it["outcomes"])}, "facts": facts} for name, it in watches.items()}
    made = {"sources": heard, "same_event": ["id", "outcome"]} | trigger
    shop = made_up(folder, {}, {"made": made}, operations=OPERATIONS, sources=sources)
    one = shop.connect(token=TOKEN, send=Service(behave))
    return replace(one, connection=replace(one.connection, pause=lambda seconds: None))


def test_the_first_word_that_fits_is_the_outcome(tmp_path: Path) -> None:
    outcomes = {"lost": [{"output.id": "9"}, {"found.state": "LOST"}], "ready": {"found.state": ["READY", "LOST"]}}
    for shown, expected in (("LOST", "lost"), ("READY", "ready")):
        one = watched(tmp_path / shown, {"jobs": {"look": LOOK, "outcomes": outcomes}}, {"state": shown})
        assert [event.data["outcome"] for event in one.follow("make_job", {"id": "1"})] == [expected]
        assert len(one.connection.send.requests) == 1
        assert [event.data["outcome"] for event in one.follow("make_job", {"id": "9"})] == ["lost"]
        assert len(one.connection.send.requests) == 1, "it was known without a look"


def test_each_watch_on_an_action_has_its_event(tmp_path: Path) -> None:
    watches = {
        "jobs": {"look": LOOK, "outcomes": {"ready": {"found.state": "READY"}}},
        "calls": {"outcomes": {"lost": {"done": True}}},
        "others": {"outcomes": {"ready": {"done": False}}},
    }
    one = watched(tmp_path, watches, {"state": "READY"})
    assert [event.data["outcome"] for event in one.follow("make_job", {"id": "1"})] == ["ready", "lost"]
    refused = RemoteError("No.", data={"id": "1"})
    assert [event.data["outcome"] for event in one.follow("make_job", refused)] == ["ready", "ready"]


def test_a_watch_looks_as_often_as_it_is_declared_to(tmp_path: Path) -> None:
    one = watched(tmp_path, {"jobs": {"look": LOOK, "outcomes": {"lost": {"late": True}}}}, {"state": "QUEUED"})
    assert [event.data["outcome"] for event in one.follow("make_job", {"id": "1"}, timeout=None)] == ["lost"]
    assert len(one.connection.send.requests) == 6
    silent = watched(
        tmp_path / "b", {"jobs": {"look": LOOK, "outcomes": {"ready": {"done": False}}}}, {"state": "QUEUED"}
    )
    assert list(silent.follow("make_job", {"id": "1"}, timeout=None)) == []
    assert len(silent.connection.send.requests) == 6


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ({"output": {"properties": {"state": {"type": "integer"}}}}, "state: 'READY' is text"),
        ({"returns": {"at": "{{ fetched.job.state | utc }}"}}, "'READY' is not a date and time"),
    ],
)
def test_what_was_fetched_and_does_not_fit_is_an_error_that_keeps_the_event(
    tmp_path: Path, trigger: dict[str, Any], words: str
) -> None:
    fetch = {"job": {"query": "get_job", "input": {"id": "{{ facts.id }}"}}}
    output = {"properties": {"state": PLAIN, "at": PLAIN}}
    usual = {"fetch": fetch, "output": output, "returns": {"state": "{{ fetched.job.state }}"}}
    shows = {"state": "READY"}
    one = watched(tmp_path, {"calls": {"outcomes": {"ready": {"done": True}}}}, shows, **usual | trigger)
    (event,) = one.follow("make_job", {"id": "1"})
    assert event.fetched is None, "what happened is not lost"
    with pytest.raises(OutputError) as caught:
        one.complete(event)
    assert "Made: what was fetched does not fit (" in caught.value.message
    assert words in caught.value.message
    assert not caught.value.happened
    assert caught.value.operation == "made"
    assert (caught.value.data["type"], caught.value.data["source"]) == ("shop/things/made", "shop/default")


@pytest.mark.parametrize("state", [[5], {"a": 1}])
def test_a_fact_that_was_fetched_and_is_no_scalar_is_no_part_of_an_id(tmp_path: Path, state: Any) -> None:
    fetch = {"job": {"query": "get_job", "input": {"id": "{{ facts.id }}"}, "facts": {"odd": "odd"}}}
    usual = {"fetch": fetch, "same_event": ["id", "odd"]}
    one = watched(tmp_path, {"calls": {"outcomes": {"ready": {"done": True}}}}, {"odd": state}, **usual)
    (event,) = one.follow("make_job", {"id": "1"})
    assert one.complete(event).id == event.id


def test_a_fact_that_was_fetched_serves_the_reads_after_it(tmp_path: Path) -> None:
    first = {"query": "get_job", "input": {"id": "{{ facts.id }}"}, "facts": {"next": "state"}}
    fetch = {"job": first, "other": {"query": "get_job", "input": {"id": "{{ facts.next }}"}}}
    one = watched(tmp_path, {"calls": {"outcomes": {"ready": {"done": True}}}}, {"state": "b"}, fetch=fetch)
    (event,) = one.follow("make_job", {"id": "a"})
    assert one.connection.send.paths == ["/v1/jobs/a", "/v1/jobs/b"]
    assert event.facts["next"] == "b"
    assert set(event.fetched) == {"job", "other"}


# -- over sockets, to the stand-in -----------------------------------------------------------------------


class Hootsuite:
    """The stand-in, and an account that is signed in to it; a pause is a step of the stand-in's clock."""

    def __init__(self, connector: Connector, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.connector = connector
        made = connector.connect(
            access_token=sandbox.token, base_url=sandbox.base_url, now=sandbox.clock.now, folder=folder
        )
        self.account: Account = replace(made, connection=replace(made.connection, pause=self.pause))
        self.while_pausing: list[Callable[[], Any]] = []

    def pause(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)
        if self.while_pausing:
            self.while_pausing.pop(0)()

    def follow(self, action: str, outcome: Any, **given: Any) -> list[Event]:
        events = list(self.account.follow(action, outcome, **given))
        for event in events:
            ensure_whole(self.connector, event, "default")
            assert self.sandbox.token not in json.dumps(event)
        return events

    def upload(self, file: str) -> list[Event]:
        outcome = outcome_of(self.account, "upload_media", file=file)
        return self.follow("upload_media", outcome, input={"file": file})

    def schedule(self, *profiles: str, **fields: Any) -> str:
        later = utc_text(self.sandbox.clock.now() + timedelta(hours=1))
        given = {"text": "Fresh bread", "socialProfileIds": list(profiles), "scheduledSendTime": later}
        return str(self.account.run("schedule_message", given | fields)["messageId"])

    def complete(self, state: str, id_: str) -> Event:
        data = {"state": state, "message": {"id": id_}, "timestamp": "2026-05-01T16:42:23.141Z"}
        item = {"seq_no": "7", "type": "com.hootsuite.messages.event.v1", "data": data}
        (event,) = self.connector.receive("platform", **signed([item]))
        whole = self.account.complete(event)
        ensure_whole(self.connector, whole, "default")
        return whole


@pytest.fixture
def there(hootsuite: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hootsuite]:
    without_settings(monkeypatch)
    with Sandbox(null_rate=0.0, requests_per_second=None) as sandbox:
        yield Hootsuite(hootsuite, sandbox, tmp_path)
    assert sandbox.violations == []


def test_over_sockets_an_upload_is_one_event(there: Hootsuite, picture: str) -> None:
    (event,) = there.upload(picture)
    assert event.type == SUCCESS
    assert [event.data["mediaId"]] == list(there.sandbox.state.media)
    assert (event.data["mimeType"], event.data["sizeBytes"], event.data["file"]) == ("image/png", 7, picture)


def test_over_sockets_a_job_is_ready_once_somebody_has_sent_the_bytes(there: Hootsuite) -> None:
    given = {"sizeBytes": 7, "mimeType": "image/png"}
    job = there.account.run("create_media_upload_job", given)

    def put() -> None:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": "image/png"}
            assert session.put(job["uploadUrl"], data=b"picture", headers=headers, timeout=10).status_code == 200

    there.while_pausing = [lambda: None, put]
    there.sandbox.knobs.processing_seconds = 8
    (event,) = there.follow("create_media_upload_job", job, input=given)
    assert (event.type, event.data["mediaId"], event.data["sizeBytes"]) == (SUCCESS, job["mediaId"], 7)
    looks = [one for one in there.sandbox.requests if one.method == "GET"]
    assert len(looks) >= 4, "two before the bytes, one while they are worked on"


def test_over_sockets_the_ways_in_which_an_upload_fails(there: Hootsuite, picture: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    (refused,) = there.upload("notes.txt")
    assert (refused.data["outcome"], refused.data["file"]) == ("refused", "notes.txt")
    assert there.sandbox.requests == []

    there.sandbox.fail_next("POST", "/v1/media", 400, {"errors": [{"code": 1100, "message": "No.", "id": "x"}]})
    (refused,) = there.upload(picture)
    assert (refused.data["outcome"], refused.data["status"], refused.data["code"]) == ("refused", 400, 1100)

    there.sandbox.fail_next("PUT", "*", 403, "<Error><Code>AccessDenied</Code></Error>")
    (failed,) = there.upload(picture)
    assert (failed.data["outcome"], failed.data["status"]) == ("upload_failed", 403)
    assert [failed.data["mediaId"]] == list(there.sandbox.state.media)

    job = there.account.run("create_media_upload_job", {"sizeBytes": 7, "mimeType": "image/png"})
    there.while_pausing = [lambda: there.sandbox.state.media.pop(job["mediaId"])]
    (gone,) = there.follow("create_media_upload_job", job)
    assert (gone.data["outcome"], gone.data["status"], gone.data["code"]) == ("gone", 404, 4001)
    assert len({event.id for event in (refused, failed, gone)}) == 3


def test_over_sockets_a_job_without_bytes_expires(there: Hootsuite) -> None:
    job = there.account.run("create_media_upload_job", {"sizeBytes": 7, "mimeType": "image/png"})
    assert there.follow("create_media_upload_job", job, timeout=12) == []
    started = there.sandbox.clock.now()
    (event,) = there.follow("create_media_upload_job", job, timeout=None)
    assert (event.data["outcome"], event.data["mediaId"], event.data["cause"]) == ("expired", job["mediaId"], NOT_READY)
    assert there.sandbox.clock.now() - started >= timedelta(minutes=39)


def test_over_sockets_looks_that_fail_for_now_are_followed_by_others(there: Hootsuite, picture: str) -> None:
    job = there.account.run("create_media_upload_job", {"sizeBytes": 7, "mimeType": "image/png"})
    there.sandbox.fail_next("GET", "/v1/media/*", 503, times=2)
    there.sandbox.fail_next("GET", "/v1/media/*", None)
    there.sandbox.state.media[job["mediaId"]].uploaded = there.sandbox.clock.now()
    assert there.follow("create_media_upload_job", job)[0].type == SUCCESS
    assert [one.status for one in there.sandbox.requests[1:]] == [503, 503, None, 200]


def test_over_sockets_a_suggestion_is_one_event_and_a_refused_one_none(there: Hootsuite) -> None:
    outcome = there.account.run("suggest_content_to_amplify", TEXT)
    (event,) = there.follow("suggest_content_to_amplify", outcome, input=TEXT)
    assert event.data["suggestionId"] == there.sandbox.state.amplify_messages[0]["id"]
    assert event.data["text"] == TEXT["text"]
    there.sandbox.knobs.content_admin = False
    refused = outcome_of(there.account, "suggest_content_to_amplify", **TEXT)
    assert isinstance(refused, RemoteError)
    assert there.follow("suggest_content_to_amplify", refused, input=TEXT) == []


def test_over_sockets_a_message_for_another_time_is_another_event(there: Hootsuite) -> None:
    id_ = there.schedule(ids.FACEBOOK_PAGE, tags=["spring"])
    first = there.complete("SCHEDULED", id_)
    assert (first.data["text"], first.data["tags"]) == ("Fresh bread", ["spring"])
    assert first.data["socialProfileId"] == ids.FACEBOOK_PAGE
    assert there.complete("SCHEDULED", id_).id == first.id
    message = there.sandbox.state.messages[id_]
    assert message.scheduled
    message.scheduled += timedelta(hours=1)
    moved = there.complete("SCHEDULED", id_)
    assert moved.id != first.id
    assert moved.data["scheduledSendTime"] > first.data["scheduledSendTime"]


def test_over_sockets_a_failed_message_says_why_and_a_deleted_one_still_comes(there: Hootsuite) -> None:
    failed = there.schedule(ids.FAILING)
    lost = there.schedule(ids.INSTAGRAM_BUSINESS)
    for id_, reason in ((failed, NOTHING), (lost, RECONNECT)):
        event = there.complete("SEND_FAILED_PERMANENTLY", id_)
        assert (event.data["likelyReason"], event.data["needsReconnect"]) == (reason, reason == RECONNECT)
        assert event.data["reviewActions"] == []
    there.account.run("delete_message", {"messageId": failed})
    event = there.complete("SEND_FAILED_PERMANENTLY", failed)
    assert "likelyReason" not in event.data
    assert event.data["messageId"] == failed
    there.sandbox.fail_next("GET", "/v1/messages/*", 503)
    with pytest.raises(RemoteError):
        there.complete("SEND_FAILED_PERMANENTLY", lost)


def test_over_sockets_what_the_stand_in_tells_becomes_completed_events(there: Hootsuite) -> None:
    there.sandbox.knobs.webhook_batch = 3  # so that nobody waits for a batch to be sent
    there.sandbox.knobs.webhook_seconds = 3600
    with serve(always(answer(b"", "204 No Content"))) as server:
        hook = there.sandbox.register_webhook(f"{server.url}/hook", secret="k3y", encoding="base64", prefix="sha512=")
        messages = [there.schedule(ids.FACEBOOK_PAGE) for _ in range(3)]
        for _ in range(5000):
            if hook.deliveries:
                break
            there.account.run("get_me")  # a moment for the stand-in
        (seen,) = server.requests
    events = there.connector.receive("platform", headers=seen.headers, body=seen.body, secret="k3y")
    assert [event.trigger for event in events] == ["message_scheduled"] * 3
    assert [event.data["messageId"] for event in events] == messages
    assert [event.delivery for event in events] == [str(2**53 + number) for number in (1, 2, 3)]
    for event, id_ in zip(events, messages, strict=True):
        whole = there.account.complete(event)
        ensure_whole(there.connector, whole, "default")
        assert whole.id == there.complete("SCHEDULED", id_).id, "whatever told of it"


def test_a_service_that_repeats_the_secret_does_not_get_it_into_the_error_of_an_event(tmp_path: Path) -> None:
    """`complete`, and what `follow` says of an outcome without its facts, raise past what takes secrets out."""
    fetch = {"job": {"query": "get_job", "input": {"id": "{{ facts.id }}"}}}
    returns, output = {"n": "{{ fetched.job.state }}"}, {"properties": {"n": {"type": "integer"}}}
    usual = {"fetch": fetch, "returns": returns, "output": output}
    shows = {"state": f"Bearer {TOKEN}"}
    one = watched(tmp_path, {"calls": {"outcomes": {"ready": {"done": True}}}}, shows, **usual)
    (event,) = one.follow("make_job", {"id": "1"})
    raised(OutputError, lambda: one.complete(event))
    looks = watched(tmp_path / "b", {"jobs": {"look": LOOK, "outcomes": {"ready": {"done": True}}}}, shows)
    raised(OutputError, lambda: list(looks.follow("make_job", {})))


def test_who_waits_exactly_as_long_as_is_declared_sees_the_end(make: Make) -> None:
    """The microseconds until the watch begins are taken off, so that it is never late."""
    (event,) = make(media(state("QUEUED"))).follow("create_media_upload_job", JOB, timeout=2400)
    assert event.data["outcome"] == "expired"


def test_a_job_that_is_refused_with_the_code_of_a_missing_file_is_refused(make: Make, picture: str) -> None:
    """`gone` is asked first, and its rule looks at the code alone."""
    (event,) = make(media(job=error(4001, status=404))).upload(picture)
    assert event.data["outcome"] == "refused"


def test_what_nobody_signed_is_only_complete_if_the_service_confirms_it(make: Make) -> None:
    """Anybody who knows the address could have made it up."""
    item = {"type": "com.hootsuite.messages.event.v1", "data": {"state": "SENT", "message": {"id": "4138476039"}}}
    for shown, believed in (
        (MESSAGE | {"state": "SENT"}, True),
        (MESSAGE | {"state": "SCHEDULED"}, False),
        (None, False),
    ):
        one = make(shows(shown))
        body = json.dumps([item]).encode()
        (event,) = one.connector.receive("message_hooks", headers={}, body=body, connection="bakery")
        assert event.signed is False
        if believed:
            assert one.account.complete(event).signed is False
        else:
            found = raised(SignatureError, lambda one=one, event=event: one.account.complete(event))
            assert "was not signed, and what Hootsuite shows does not confirm it" in found.message
        (same,) = one.connector.receive("platform", **signed([item]), connection="bakery")
        assert (same.signed, same.id) == (True, event.id)
        assert one.account.complete(same).signed is True


def test_an_event_belongs_to_one_account(make: Make) -> None:
    one = make(shows())
    item = {"type": "com.hootsuite.messages.event.v1", "data": {"state": "SENT", "message": {"id": "1"}}}
    (event,) = one.connector.receive("platform", **signed([item]), connection="another")
    found = raised(InputError, lambda: one.account.complete(event))
    assert found.message == "event: is of hootsuite/another, and this account is hootsuite/bakery."


@pytest.mark.parametrize("outcome", [None, [], "done", 5])
def test_only_what_run_gave_or_raised_can_be_followed(make: Make, outcome: Any) -> None:
    raised(InputError, lambda: make(shows()).account.follow("upload_media", outcome))


def test_what_a_store_says_of_a_refusal_holds_its_code_and_no_secret(make: Make, picture: str) -> None:
    xml = b"<Error><Code>SignatureDoesNotMatch</Code><Message>It differs.</Message><Key>AKIA-KEY</Key></Error>"
    one = make(media(put=Response(403, {}, xml)))
    (event,) = one.upload(picture)
    assert "(SignatureDoesNotMatch, It differs.)" in event.data["cause"]
    assert "AKIA-KEY" not in json.dumps(event)
