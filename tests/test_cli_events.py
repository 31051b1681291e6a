"""Events on the command line: a saved call made into events, and what becomes of an action that was run."""

from __future__ import annotations

import hmac
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo import picture
from tests.sandbox import Sandbox
from tests.test_cli import CONNECTOR, ROOT, connector

SECRET = "bakery-secret"
AGENT = {"type": "CONVERSATION_STARTED", "timestamp": "2026-05-01T09:00:00Z", "idempotencyKey": "1", "data": {}}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(requests_per_second=None) as started:
        yield started
        assert started.violations == []


def told(state: str = "SENT", id_: Any = "1") -> dict[str, Any]:
    data = {"state": state, "message": {"id": id_}, "timestamp": "2026-05-02T07:00:03.250Z"}
    return {"seq_no": "9007199254740993", "type": "com.hootsuite.messages.event.v1", "data": data}


def receive(
    folder: Path, data: Any, *more: str, secret: str = SECRET, headers: str | None = None, source: str = "platform"
) -> subprocess.CompletedProcess[str]:
    """Saves a call, signed with SECRET, and runs `connector receive` on it."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    name, key = ("sha256", b"\x01\x02") if source == "inbox" else ("sha512", SECRET.encode())
    signature = f"X-Hootsuite-Signature: {hmac.digest(key, body, name).hex()}\n"
    (folder / "headers").write_text(signature if headers is None else headers.replace("SIGNED", signature), "utf-8")
    (folder / "body").write_bytes(body)
    files = ("--headers", str(folder / "headers"), "--body", str(folder / "body"))
    return connector("receive", f"--source={source}", *files, "--secret-env=HOOK", *more, HOOK=secret)


def test_a_call_becomes_a_line_of_json_for_each_event_and_a_sentence_on_the_rest(tmp_path: Path) -> None:
    items = [told(), told(), told("DELETED"), {"type": "com.hootsuite.ping.event.v1", "data": {}}]
    done = receive(tmp_path, items)
    (event,) = map(json.loads, done.stdout.splitlines())
    assert (event["type"], event["source"], done.returncode) == (
        "hootsuite/messages/messages.published",
        "hootsuite/env",
        0,
    )
    assert done.stderr.splitlines() == [
        'item 2: no trigger is for it (data.state "DELETED", type "com.hootsuite.messages.event.v1")',
        "1 event; 1 repeated, 1 ignored, 1 of unknown kinds, 0 malformed",
    ]
    named = receive(tmp_path, items, "--connection", "bakery")
    assert json.loads(named.stdout)["source"] == "hootsuite/bakery"
    assert json.loads(named.stdout)["id"] != event["id"]


def test_a_malformed_item_is_said_and_the_status_is_3(tmp_path: Path) -> None:
    done = receive(tmp_path, [told(id_={"a": 1}), told(id_="2")])
    assert (done.returncode, len(done.stdout.splitlines())) == (3, 1)
    assert done.stderr.startswith("item 0: malformed (messageId is no usable text or number)\n")


def test_a_call_that_nobody_can_believe_ends_with_1_and_prints_no_event(tmp_path: Path) -> None:
    done = receive(tmp_path, [told()], secret="wrong-xyz")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The signature in X-Hootsuite-Signature does not fit: ")
    assert "Traceback" not in done.stderr and "wrong-xyz" not in done.stderr


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ("POST /hooks HTTP/1.1\nSIGNED", ""),
        ("SIGNED\r\n\r\n", ""),
        ("no colon here\nSIGNED", "--headers: line 1 is not Name: value."),
        ("X-Other: a\n SIGNED", "--headers: line 2 is not Name: value."),
        ("X-Other: \u0085\nSIGNED", ""),
        ("\ufeffSIGNED", ""),
        ("X-Other: a\n\nSIGNED", "The header X-Hootsuite-Signature is missing"),
        ("", "The header X-Hootsuite-Signature is missing, so nobody knows who sent this."),
    ],
    ids=[
        "a request line",
        "windows line ends",
        "no header",
        "a folded line",
        "an odd blank",
        "a byte order mark",
        "after the end",
        "an empty file",
    ],
)
def test_the_headers_file_has_a_name_and_a_value_on_each_line(tmp_path: Path, headers: str, sentence: str) -> None:
    done = receive(tmp_path, [told()], headers=headers)
    assert (done.returncode == 0, sentence in done.stderr) == (not sentence, True), done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--source=platfrom"], "Did you mean 'platform'?"),
        (["--source=platform", "--secret-env=NOBODY"], "the environment variable NOBODY is not set"),
        (["--source=platform", "--body=nowhere.json"], "--body: nowhere.json cannot be read"),
        (["--source=platform", "--now=yesterday"], "'yesterday' is not a time such as 2031-05-01T09:00:00Z"),
        (["--source=message_hooks", "--secret-env=HOOK"], "message_hooks is declared as not signed"),
        (["--source=media_uploads"], "has no webhook 'media_uploads'"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_sentence_and_status_2(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty").write_bytes(b"[]")
    files = [f"--headers={tmp_path / 'empty'}", f"--body={tmp_path / 'empty'}"]
    (tmp_path / "empty").write_text("A: b\n")
    done = connector("receive", *files, *arguments, HOOK="x")
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_a_saved_call_is_judged_as_of_the_time_it_came(tmp_path: Path) -> None:
    late = receive(tmp_path, AGENT, secret="0102", source="inbox")
    assert (late.returncode, "The call is more than 5 minutes old" in late.stderr) == (1, True)
    then = receive(tmp_path, AGENT, "--now", "2026-05-01T09:04:00Z", secret="0102", source="inbox")
    assert (then.returncode, "1 of unknown kinds" in then.stderr) == (0, True)


def test_the_form_of_the_key_is_a_setting_of_the_environment(tmp_path: Path) -> None:
    done = connector(
        "receive",
        "--source=platform",
        f"--headers={saved(tmp_path, b'[]', b'secret!!')}",
        f"--body={tmp_path / 'body'}",
        "--secret-env=HOOK",
        HOOK=b"secret!!".hex(),
        HOOTSUITE_WEBHOOK_KEY_FORM="hex",
    )
    assert (done.returncode, done.stderr) == (0, "0 events; 0 repeated, 0 ignored, 0 of unknown kinds, 0 malformed\n")


def saved(folder: Path, body: bytes, key: bytes) -> Path:
    (folder / "body").write_bytes(body)
    (folder / "headers").write_text(f"X-Hootsuite-Signature: {hmac.digest(key, body, 'sha512').hex()}\n")
    return folder / "headers"


def test_following_prints_the_output_and_then_each_event_a_line_of_json_each(sandbox: Sandbox, tmp_path: Path) -> None:
    image = tmp_path / "sunrise.png"
    image.write_bytes(picture())
    done = connector("run", "upload_media", "--follow", f"--set=file={image}", sandbox=sandbox)
    output, event = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, done.stderr, output["state"]) == (0, "", "READY")
    assert (event["type"], event["data"]["mediaId"]) == ("hootsuite/media/media.upload.success", output["mediaId"])


@pytest.mark.parametrize("closed", [">&-", ">/dev/full"])
def test_events_that_could_not_be_written_are_no_success(tmp_path: Path, closed: str) -> None:
    saved(tmp_path, json.dumps([told()]).encode(), SECRET.encode())
    command = f"receive --source=platform --headers={tmp_path / 'headers'} --body={tmp_path / 'body'} --secret-env=HOOK"
    done = shell(f"{CONNECTOR} {command} {closed}", HOOK=SECRET)
    assert (done.returncode, done.stderr.startswith("The events could not be written")) == (3, True), done.stderr


@pytest.mark.parametrize("closed", [">&-", ">/dev/full"])
def test_an_action_whose_output_could_not_be_written_was_done_all_the_same(sandbox: Sandbox, closed: str) -> None:
    account = {"HOOTSUITE_ACCESS_TOKEN": sandbox.token, "HOOTSUITE_BASE_URL": sandbox.base_url}
    for follow in ("", "--follow"):
        done = shell(f"{CONNECTOR} run suggest_content_to_amplify --yes {follow} --set text=Hi {closed}", **account)
        assert (done.returncode, "was done; do not repeat it" in done.stderr) == (3, True), done.stderr
        assert "Traceback" not in done.stderr


def test_what_is_printed_is_json_also_where_the_output_is_ascii(tmp_path: Path) -> None:
    saved(tmp_path, json.dumps([told(id_="é😀")]).encode(), SECRET.encode())
    command = f"receive --source=platform --headers={tmp_path / 'headers'} --body={tmp_path / 'body'} --secret-env=HOOK"
    for encoding in ("ascii", "latin-1", "utf-8"):
        done = shell(f"{CONNECTOR} {command}", HOOK=SECRET, PYTHONIOENCODING=encoding)
        assert json.loads(done.stdout)["data"]["messageId"] == "é😀"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_what_failed_is_followed_too_and_keeps_its_status(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a picture.")
    done = connector("run", "upload_media", "--follow", f"--set=file={tmp_path / 'notes.txt'}", sandbox=sandbox)
    event = json.loads(done.stdout)
    assert (done.returncode, event["data"]["outcome"]) == (2, "refused")
    assert event["data"]["cause"] in done.stderr


def test_what_nobody_watches_is_said(sandbox: Sandbox) -> None:
    done = connector("run", "get_me", "--follow", sandbox=sandbox)
    assert (done.returncode, done.stderr) == (
        0,
        "Nothing watches Get My Account; what it brings about may come by webhook.\n",
    )


def test_a_follow_that_cannot_go_on_says_so_and_the_action_stays_done(sandbox: Sandbox) -> None:
    """The job was made; that its state is refused afterwards does not undo it."""
    sandbox.fail_next("GET", "/v1/media/*", 403, {"errors": [{"code": 1202, "message": "No."}]})
    job = ["--set=sizeBytes=10", "--set=mimeType=image/png"]
    done = connector("run", "create_media_upload_job", "--follow", *job, sandbox=sandbox)
    assert (done.returncode, "mediaId" in done.stdout) == (3, True)
    assert done.stderr.startswith("It could not be followed to its end: ")
