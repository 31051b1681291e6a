"""The command line: every operation, every kind of mistake, one clear sentence each and the right exit status."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import load

from tests.demo import picture
from tests.sandbox import Sandbox
from tests.sandbox import state as ids

ROOT = Path(__file__).parent.parent
CONNECTOR = str(Path(sys.executable).parent / "connector")
SECRET = "sandbox-secret/+token=1"
FUTURE = "2031-05-02T07:00:00Z"
HAPPENS = sorted(id_ for id_, it in load(ROOT).operations.items() if it.kind == "trigger")
RUN = sorted(id_ for id_, it in load(ROOT).operations.items() if it.kind != "trigger")
POST = ["--set=text=Hi", f"--set=socialProfileIds={ids.FACEBOOK_PAGE}", f"--set=scheduledSendTime={FUTURE}"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(requests_per_second=None) as started:
        yield started
        assert started.violations == []


def signed_in(sandbox: Sandbox) -> dict[str, str]:
    """This machine's environment with the stand-in's account in it."""
    return {**os.environ, "HOOTSUITE_ACCESS_TOKEN": sandbox.token, "HOOTSUITE_BASE_URL": sandbox.base_url}


def connector(
    *arguments: str, sandbox: Sandbox | None = None, cwd: Path = ROOT, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command as a process of its own; nothing of this machine's environment names an account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOOTSUITE_")}
    if sandbox:
        kept |= {"HOOTSUITE_ACCESS_TOKEN": sandbox.token, "HOOTSUITE_BASE_URL": sandbox.base_url}
    return subprocess.run(
        [CONNECTOR, *arguments],
        cwd=cwd,
        env={**kept, "COLUMNS": "80", **environment},
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_operation_runs_from_the_command_line(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each against the stand-in, with an output that is JSON; the ids come from one operation to the next."""
    image = tmp_path / "sunrise.png"
    image.write_bytes(picture())
    done: dict[str, dict[str, Any]] = {}

    def run(operation: str, **inputs: str) -> dict[str, Any]:
        sets = [f"--set={name}={value}" for name, value in inputs.items()]
        result = connector("run", operation, *sets, sandbox=sandbox)
        assert (result.returncode, result.stderr) == (0, ""), operation
        output = done[operation] = json.loads(result.stdout)
        return output

    member = run("get_me")
    assert (member["memberId"], member["timeZone"]) == (ids.MEMBER, "America/Vancouver")
    profiles = run("list_social_profiles")["socialProfiles"]
    assert all(profile["label"].strip() for profile in profiles)
    assert run("get_social_profile", socialProfileId=ids.FACEBOOK_PAGE)["socialProfileId"] == ids.FACEBOOK_PAGE
    assert run("list_my_organizations")["organizations"][0]["id"] == ids.ORGANIZATION
    job = run("create_media_upload_job", sizeBytes="1143", mimeType="image/png")
    assert run("get_media_upload_status", mediaId=job["mediaId"])["ready"] is False
    media = run("upload_media", file=str(image))
    assert media["state"] == "READY"
    post = {"text": "Hello", "socialProfileIds": ids.FACEBOOK_PAGE, "scheduledSendTime": FUTURE}
    message = run("schedule_message", **post, media=json.dumps([{"id": media["mediaId"]}]))
    assert run("get_message", messageId=message["messageId"])["state"] == "SCHEDULED"
    listed = run("list_messages", startTime="2031-05-01T00:00:00Z", endTime="2031-05-20T00:00:00Z")
    assert [it["id"] for it in listed["messages"]] == [message["messageId"]]
    assert run("get_message_history", messageId=message["messageId"])["reviewed"] is False
    assert run("delete_message", messageId=message["messageId"])["deleted"] is True
    assert run("suggest_content_to_amplify", text="Share this", topics="Menus")["suggestionId"]
    assert run("list_topics")["topics"][0]["name"] == "Menus"
    assert set(done) == set(RUN)


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (
            ["run", "schedule_mesage"],
            2,
            "Hootsuite has no operation 'schedule_mesage'. Did you mean 'schedule_message'?",
        ),
        (["run", "get_message"], 2, "messageId: is required."),
        (
            ["run", "get_message", "--input", '{"messageId": 5}'],
            2,
            'messageId: 5 is a whole number; text was expected; write "5" in quotes.',
        ),
        (["run", "get_message", "--set", "mesageId=5"], 2, "'mesageId' is not known here; did you mean 'messageId'?"),
        (["run", "get_message", "--set", "messageId"], 2, "--set: 'messageId' is not NAME=VALUE."),
        (["run", "get_message", "--input", "{"], 2, "--input: it is not JSON"),
        (["run", "get_message", "--input", "[1]"], 2, "--input: it must be one JSON object"),
        (["run", "get_message", "--input", "@no-such-file.json"], 2, "--input: no-such-file.json cannot be read"),
        (["run", "get_me", "--connection", "other"], 2, "--connection: there is no connection 'other'"),
        (["run", "get_me", "--jsonl"], 2, "Get My Account is no list, so it has no records to give one by one."),
        (["run", "upload_media", "--set", "file=no-such.png"], 2, "file: the file 'no-such.png' cannot be read"),
        (["run", "upload_media", "--set", "file=README.md"], 2, "file: 'README.md' cannot be uploaded"),
        (["run", "get_message", "--set", "messageId=404"], 1, "Hootsuite has no message with the id 404."),
        (["-C", "./tests", "list"], 2, "There is no connector.yaml in tests."),
        (["-C", "nobody", "list"], 2, "There is no installed connector 'nobody'."),
        (["check", "./tests"], 2, "There is no connector.yaml in tests."),
        (["frobnicate"], 2, "invalid choice: 'frobnicate'"),
        (["run", "get_me", "--timeout", "soon"], 2, "'soon' is not a number of seconds"),
    ],
)
def test_wrong_input_is_one_sentence_and_the_right_status(
    sandbox: Sandbox, arguments: list[str], status: int, sentence: str
) -> None:
    done = connector(*arguments, sandbox=sandbox)
    assert done.returncode == status
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert sandbox.token not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("answer", "operation", "status", "sentence"),
    [
        ({"status": 200, "body": "<html>Please log in</html>"}, "get_me", 1, "it came with a web page instead of JSON"),
        ({"status": 200, "body": ""}, "get_me", 1, "was not as expected"),
        (
            {"status": 500, "body": "<html>Oops</html>"},
            "get_me",
            1,
            "Hootsuite answered 500 with a web page instead of JSON.",
        ),
        ({"status": 503, "body": ""}, "get_me", 1, "Hootsuite answered 503 with an empty body."),
        (
            {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
            "get_me",
            1,
            "a redirect to elsewhere.example",
        ),
        ({"status": None}, "get_me", 1, "was cut before the answer was complete"),
        ({"status": 200, "delay": 3.0}, "get_me", 1, "did not finish answering within 0.5 s"),
        (
            {"status": 200, "body": "<html>", "carried_out": True},
            "schedule_message",
            4,
            "a web page came instead of an answer",
        ),
        ({"status": 200, "body": "", "carried_out": True}, "schedule_message", 3, "Do not repeat it."),
        ({"status": 500, "carried_out": True}, "schedule_message", 4, "Nobody knows whether it happened"),
        ({"status": None, "carried_out": True}, "schedule_message", 4, "Nobody knows whether it happened"),
        (
            {"status": 429},
            "schedule_message",
            1,
            "Hootsuite had too many calls in a short time. Wait a moment, then try again.",
        ),
    ],
)
def test_an_odd_answer_is_one_sentence_and_the_right_status(
    sandbox: Sandbox, answer: dict[str, Any], operation: str, status: int, sentence: str
) -> None:
    inputs = {"schedule_message": ["text=Hi", f"socialProfileIds={ids.FACEBOOK_PAGE}", f"scheduledSendTime={FUTURE}"]}
    sandbox.fail_next("GET" if operation == "get_me" else "POST", "*", **answer)
    sets = [f"--set={it}" for it in inputs.get(operation, [])]
    done = connector("run", operation, *sets, "--timeout", "0.5", sandbox=sandbox)
    assert (done.returncode, sentence in done.stderr) == (status, True), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unreachable_server_and_a_revoked_token_say_so(sandbox: Sandbox) -> None:
    gone = connector("run", "get_me", HOOTSUITE_ACCESS_TOKEN=SECRET, HOOTSUITE_BASE_URL="http://127.0.0.1:9")
    assert (gone.returncode, gone.stderr) == (
        1,
        "Get My Account: no answer from Hootsuite, 127.0.0.1:9 refuses the connection.\n",
    )
    revoked = connector("run", "get_me", HOOTSUITE_ACCESS_TOKEN=SECRET, HOOTSUITE_BASE_URL=sandbox.base_url)
    assert revoked.returncode == 1
    assert revoked.stderr.endswith("connect again. Put a new one into HOOTSUITE_ACCESS_TOKEN.\n")
    missing = connector("run", "get_me")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "HOOTSUITE_ACCESS_TOKEN" in missing.stderr
    assert SECRET not in gone.stderr + revoked.stderr


def test_a_partial_success_prints_the_output_and_ends_with_3(sandbox: Sandbox) -> None:
    sets = ["--set=text=Hi", f"--set=socialProfileIds={ids.FACEBOOK_PAGE}", f"--set=socialProfileIds={ids.REFUSING}"]
    for policy in ("continue", "fail"):
        extra = [f"--set=scheduledSendTime={FUTURE}", f"--set=onPartialFailure={policy}"]
        done = connector("run", "schedule_message", *sets, *extra, sandbox=sandbox)
        output = json.loads(done.stdout)
        assert (done.returncode, output["complete"], output["failedProfileIds"]) == (3, False, [ids.REFUSING])
        assert len(output["messageIds"]) == 1


def test_try_sends_nothing_needs_no_account_and_shows_no_secret(sandbox: Sandbox) -> None:
    """Both times are shown: the one that was given and the UTC one that would be sent."""
    sets = ["--set=text=Hi", "--set=socialProfileIds=1", "--set=scheduledSendTime=2031-05-02T09:00"]
    done = connector("try", "schedule_message", *sets, HOOTSUITE_TIME_ZONE="Europe/Berlin")
    assert done.returncode == 0
    assert '"scheduledSendTime": "2031-05-02T07:00:00Z"' in done.stdout
    assert 'from input.scheduledSendTime = "2031-05-02T09:00", connection.timeZone = "Europe/Berlin"' in done.stdout
    masked = connector("try", "schedule_message", *sets, "--set=timeZone=Asia/Tokyo", "--json", sandbox=sandbox)
    assert json.loads(masked.stdout)["headers"]["Authorization"] == "Bearer ••••"
    assert json.loads(masked.stdout)["json"]["scheduledSendTime"] == "2031-05-02T00:00:00Z"
    assert sandbox.token not in masked.stdout
    unknown = connector("try", "schedule_message", *sets, sandbox=sandbox)
    assert unknown.returncode == 2
    assert "Get My Account (get_me) would be asked for timeZone first" in unknown.stderr
    assert sandbox.requests == []


@pytest.mark.parametrize("operation", RUN)
def test_try_shows_a_manifest_line_for_each_part(operation: str, tmp_path: Path) -> None:
    example = next(it for it in load(ROOT).operations[operation].examples if "output" in it)
    given = dict(example["input"])
    if "file" in given:
        given["file"] = str(tmp_path / "sunrise.png")
        Path(given["file"]).write_bytes(picture())
    if "scheduledSendTime" in given:
        given["scheduledSendTime"] = FUTURE
    done = connector("try", operation, "--input", "-", "--json", stdin=json.dumps(given))
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert {part["name"] for part in shown["parts"]} >= {f"json.{name}" for name in shown.get("json", {})} | {"path"}
    for part in shown["parts"]:
        assert (ROOT / part["file"]).read_text("utf-8").splitlines()[part["line"] - 1].strip()


def test_set_takes_the_type_that_the_input_has(sandbox: Sandbox) -> None:
    """A number stays text where text is wanted; a repeated name is a list; a dot leads into an object."""
    sets = ["text=5", "socialProfileIds=1", "socialProfileIds=2", "location.latitude=52.5", "location.longitude=13"]
    arguments = [f"--set={it}" for it in [*sets, f"scheduledSendTime={FUTURE}", "emailNotification=true"]]
    sent = json.loads(connector("try", "schedule_message", *arguments, "--json", sandbox=sandbox).stdout)["json"]
    assert (sent["text"], sent["socialProfileIds"], sent["emailNotification"]) == ("5", ["1", "2"], True)
    assert sent["location"] == {"latitude": 52.5, "longitude": 13}


def test_input_comes_from_a_file_or_standard_input(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text('{"messageId": "7"}', "utf-8")
    for given, stdin in ((f"@{tmp_path}/input.json", None), ("-", '{"messageId": "7"}')):
        done = connector("try", "get_message", "--input", given, "--json", sandbox=sandbox, stdin=stdin)
        assert json.loads(done.stdout)["url"] == f"{sandbox.base_url}/v1/messages/7"


def test_jsonl_streams_every_record_of_every_page(sandbox: Sandbox) -> None:
    sandbox.state.seed_messages(250, first=datetime(2031, 5, 1, tzinfo=UTC))
    window = ["--set=startTime=2031-05-01T00:00:00Z", "--set=endTime=2031-05-02T00:00:00Z"]
    records = connector("run", "list_messages", "--jsonl", *window, sandbox=sandbox).stdout.splitlines()
    assert len({json.loads(line)["id"] for line in records}) == len(records) == 250
    part = json.loads(connector("run", "list_messages", "--set=maxRecords=120", *window, sandbox=sandbox).stdout)
    rest = connector("run", "list_messages", f"--set=next={part['next']}", *window, sandbox=sandbox)
    assert len(part["messages"]) + len(json.loads(rest.stdout)["messages"]) == 250


def _on_a_terminal(arguments: list[str], typed: bytes, sandbox: Sandbox) -> tuple[int, str]:
    """Runs the command on a real terminal and types an answer."""
    parent, child = pty.openpty()
    environment = signed_in(sandbox)
    with subprocess.Popen(
        [CONNECTOR, *arguments], cwd=ROOT, env=environment, stdin=child, stdout=child, stderr=child, close_fds=True
    ) as process:
        os.close(child)
        os.write(parent, typed)
        shown = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
        status = process.wait(timeout=30)
    os.close(parent)
    return status, shown.decode()


@pytest.mark.parametrize(("typed", "sent"), [(b"\n", 0), (b"n\n", 0), (b"y\n", 1)])
def test_what_others_will_see_asks_first_on_a_terminal(sandbox: Sandbox, typed: bytes, sent: int) -> None:
    status, shown = _on_a_terminal(["run", "schedule_message", *POST], typed, sandbox)
    assert (len(sandbox.requests), status) == (sent, 0 if sent else 1)
    assert "Schedule Message at Hootsuite: others will see it. Go on? [y/N]" in shown


def test_nobody_is_asked_about_what_would_be_refused_anyway(sandbox: Sandbox) -> None:
    status, shown = _on_a_terminal(["run", "schedule_message", "--set=text=Hi"], b"y\n", sandbox)
    assert status == 2
    assert "socialProfileIds: is required." in shown
    assert "Go on?" not in shown


@pytest.mark.parametrize("arguments", [[], ["check"], ["list"], ["try"], ["run"]])
def test_help_fits_80_columns_and_carries_an_example(arguments: list[str]) -> None:
    shown = connector(*arguments, "--help").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "\nexample:\n  connector " in shown


def test_without_arguments_it_says_what_to_do_next() -> None:
    done = connector()
    assert done.returncode == 0
    assert "connector list" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_list_fits_80_columns_and_names_every_operation() -> None:
    shown = connector("list").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert all(f"  {operation} " in shown for operation in load(ROOT).operations)
    as_json = json.loads(connector("list", "--json").stdout)
    assert [it["id"] for it in as_json] == list(load(ROOT).operations)
    assert all(it["input"]["additionalProperties"] is False for it in as_json)


def test_list_shows_triggers_actions_and_queries_under_their_headings() -> None:
    """Each kind under its own, in that order, and each operation under its kind."""
    lines = connector("list").stdout.splitlines()
    headings = [line for line in lines if line in ("Triggers", "Actions", "Queries")]
    assert headings == ["Triggers", "Actions", "Queries"]
    for id_, operation in load(ROOT).operations.items():
        above = lines[: next(number for number, line in enumerate(lines) if line.startswith(f"  {id_} "))]
        kind = {"trigger": "Triggers", "action": "Actions", "query": "Queries"}[operation.kind]
        assert [line for line in above if line in headings][-1] == kind


def test_list_as_json_says_the_topic_of_each_trigger() -> None:
    shown = {it["id"]: it for it in json.loads(connector("list", "--json").stdout)}
    assert {id_: it.get("topic") for id_, it in shown.items()} == {
        id_: it.topic for id_, it in load(ROOT).operations.items()
    }
    assert {it["kind"] for it in shown.values()} == {"trigger", "action", "query"}
    assert all(it["output"]["properties"]["eventId"] for it in shown.values() if it["kind"] == "trigger")


@pytest.mark.parametrize("trigger", HAPPENS)
def test_list_of_a_trigger_shows_its_topic_and_what_narrows_it_down_and_no_call_of_it(trigger: str) -> None:
    known = load(ROOT).manifest.triggers[trigger]
    for name in (known.id, known.handle):
        shown = connector("list", name).stdout
        assert shown.startswith(f"{known.title}\n")
        assert known.topic in shown
        assert all(f"\n  {field} (" in shown for field in known.input["properties"])
        assert max(map(len, shown.splitlines())) <= 80
        assert "connector try" not in shown
        assert "connector run" not in shown


@pytest.mark.parametrize("name", ["message_published", "message-published"])
@pytest.mark.parametrize("command", ["run", "try"])
def test_a_trigger_cannot_be_run_or_tried_and_one_sentence_says_so(sandbox: Sandbox, command: str, name: str) -> None:
    done = connector(command, name, sandbox=sandbox)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "Message Published is a trigger" in done.stderr
    assert sandbox.requests == []


def test_the_nearest_connector_upwards_is_meant(tmp_path: Path) -> None:
    assert connector("list", cwd=ROOT / "operations" / "actions").stdout.startswith("Hootsuite ")
    alone = connector("list", cwd=tmp_path)
    assert alone.returncode == 2
    assert "There is no connector.yaml here or above." in alone.stderr


def test_check_says_file_line_and_column_in_each_format(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    for source in [ROOT / "connector.yaml", *ROOT.glob("operations/*/*.yaml"), *ROOT.glob("schemas/*.yaml")]:
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    assert connector("check", str(folder)).returncode == 0
    action = folder / "operations/actions/delete_message.yaml"
    action.write_text(action.read_text("utf-8").replace("method: DELETE", "method: DELTE", 1), "utf-8")
    text = connector("check", str(folder))
    assert text.returncode == 1
    place = "operations/actions/delete_message.yaml:15:19: "
    assert text.stdout.startswith(f"{place}'DELTE' is not one of the known values; did you mean 'DELETE'?")
    assert "27 files" not in text.stdout.splitlines()[0]
    as_json = json.loads(connector("check", str(folder), "--format", "json").stdout)
    assert set(as_json) == {"checked", "problems"}
    assert set(as_json["checked"]) == {"files", "operations", "rules"}
    problem = as_json["problems"][0]
    assert (problem["line"], problem["column"], problem["hint"]) == (15, 19, "did you mean 'DELETE'?")
    names = {"rule", "severity", "file", "line", "column", "end_line", "end_column", "message", "hint", "fix"}
    assert set(problem) == names
    github = connector("check", str(folder), "--format", "github").stdout
    assert github.startswith(
        "::error file=operations/actions/delete_message.yaml,line=15,col=19,endLine=15,endColumn=24,"
        "title=wrong-value::'DELTE'"
    )


def test_set_wins_over_input_and_a_repeated_set_makes_a_list(sandbox: Sandbox) -> None:
    given = '{"messageId": "5"}'
    shown = connector("try", "get_message", "--input", given, "--set=messageId=6", "--json", sandbox=sandbox)
    assert json.loads(shown.stdout)["url"].endswith("/6")
    twice = connector("try", "get_message", "--set=messageId=5", "--set=messageId=6", sandbox=sandbox)
    assert "messageId: is a list; text was expected" in twice.stderr


def test_input_in_which_a_name_stands_twice_is_refused(sandbox: Sandbox) -> None:
    done = connector("try", "get_message", "--input", '{"messageId": "5", "messageId": "6"}', sandbox=sandbox)
    assert (done.returncode, "stands in it twice" in done.stderr) == (2, True)


def test_an_output_that_cannot_be_written_does_not_look_as_if_nothing_was_done(sandbox: Sandbox) -> None:
    """A full disk after the post went out: whoever reads the status must not post again."""
    environment = signed_in(sandbox)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [CONNECTOR, "run", "schedule_message", *POST],
            cwd=ROOT,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.startswith("Schedule Message was done; do not repeat it. The output could not be written")
    assert len(sandbox.state.messages) == 1


def test_stopping_a_write_says_that_nobody_knows(sandbox: Sandbox) -> None:
    """Ctrl-C while the answer is pending: the post may be out."""
    sandbox.fail_next("POST", "*", status=200, delay=5.0, carried_out=True)
    environment = signed_in(sandbox)
    with subprocess.Popen(
        [CONNECTOR, "run", "schedule_message", *POST],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in range(100):
            if sandbox.state.messages:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, "Nobody knows whether Schedule Message happened" in errors) == (4, True), errors


def test_list_of_an_operation_shows_what_it_is_given() -> None:
    shown = connector("list", "schedule_message").stdout
    assert "  text (text, required)\n" in shown
    assert "continue, fail." in shown
    assert max(map(len, shown.partition("\nexample:")[0].splitlines())) <= 80
    assert connector("list", "schedul_message").returncode == 2


def test_what_is_wrong_in_the_environment_is_named_as_the_person_knows_it() -> None:
    wrong = connector("run", "get_me", HOOTSUITE_ACCESS_TOKEN="long enough", HOOTSUITE_TIME_ZONE="Berlin")
    assert wrong.returncode == 2
    assert "HOOTSUITE_ACCESS_TOKEN: must not be empty or contain spaces." in wrong.stderr
    assert "HOOTSUITE_TIME_ZONE: 'Berlin' is not a time zone" in wrong.stderr
    plain = connector("run", "get_me", HOOTSUITE_ACCESS_TOKEN="long-enough", HOOTSUITE_BASE_URL="http://example.com")
    assert plain.stderr.startswith("HOOTSUITE_BASE_URL: must start with https://")


def test_a_terminal_that_knows_ascii_only_gets_every_character_spelled_out(sandbox: Sandbox) -> None:
    done = connector(
        "try", "suggest_content_to_amplify", "--set=text=Grüße ☕", sandbox=sandbox, PYTHONIOENCODING="ascii"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"Gr\xfc\xdfe \u2615" in done.stdout
