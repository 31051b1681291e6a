"""`connector examples`: examples say what happens after an edit, and all else in their files stays as it was."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from connector_runtime import load
from connector_runtime.cli import main
from connector_runtime.edits import put
from connector_runtime.examples import Difference, actual_of, try_example
from connector_runtime.paths import walk

ROOT = Path(__file__).parent.parent
DELETE = "operations/actions/delete_message.yaml"
SCHEDULE = "operations/actions/schedule_message.yaml"
UPLOAD = "operations/actions/upload_media.yaml"
FAILED = "operations/triggers/message_failed.yaml"
MESSAGES = "operations/queries/list_messages.yaml"
CONNECTORS = [ROOT, *(path.parent for path in sorted(ROOT.glob("tests/connectors/*/connector.yaml")))]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; gives its status, its output and what it said."""

    def running(*arguments: str) -> tuple[int, str, str]:
        status = main(["examples", "-C", str(folder), *arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return running


def edit(folder: Path, file: str, *changes: tuple[str, str], count: int = 1) -> None:
    """Changes a file by hand."""
    text = (folder / file).read_bytes().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, count)
    (folder / file).write_bytes(text.encode())


def all_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed_lines(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """The lines that differ; there are as many as before."""
    one, other = before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True)
    assert len(one) == len(other)
    return [(old, new) for old, new in zip(one, other, strict=True) if old != new]


def rename_text(folder: Path) -> None:
    """`text` is called `body`, in the input and in what the examples are given: in every style of writing."""
    text = (folder / SCHEDULE).read_text("utf-8")
    text = text.replace("required: [text,", "required: [body,").replace(
        "    text:\n      type:", "    body:\n      type:"
    )
    text = re.sub(r"input: \{text:", "input: {body:", text)
    text = re.sub(r"(\n    input:\n      )text:", r"\1body:", text)
    text = text.replace("same: {text: text", "same: {text: body")
    (folder / SCHEDULE).write_text(text, "utf-8")


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda it: it.name)
def test_a_connector_that_is_in_line_is_left_alone(connector: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = all_of(connector / "operations")
    total = sum(len(operation.examples) for operation in load(connector).operations.values())
    for more in ([], ["--update"]):
        assert main(["examples", "-C", str(connector), *more]) == 0
        assert capsys.readouterr().out == f"{total} examples, all in line\n"
    assert all_of(connector / "operations") == before


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda it: it.name)
def test_what_happens_is_what_the_examples_say(connector: Path) -> None:
    loaded = load(connector)
    for operation in loaded.operations.values():
        for example in operation.examples:
            found, left = actual_of(loaded, operation, example)
            assert left is None
            assert {place: walk(place, example) for place in found} == found
            says = {"output", "raises", "data", "request"} & example.keys()
            assert {str(place[0]) for place in found} - {"exchanges"} == says


def test_a_renamed_input_is_brought_in_line(folder: Path, run: Run) -> None:
    rename_text(folder)
    before = all_of(folder)
    status, out, _ = run()
    assert status == 1
    assert f"{SCHEDULE}:" in out and "'One post for a morning in May': request.json.text is not there" in out
    assert all_of(folder) == before
    status, out, err = run("--update")
    assert (status, err) == (0, ""), out
    after = all_of(folder)
    assert {file for file in before if before[file] != after[file]} == {SCHEDULE}
    for old, new in changed_lines(before[SCHEDULE], after[SCHEDULE]):
        assert new in (old.replace("{text:", "{body:", 1), old.replace(" text:", " body:", 1))
        assert f"-{old}+{new}" in out
    assert after[SCHEDULE] == before[SCHEDULE] or "all in line" in out
    assert run()[0] == 0
    assert run("--update")[0] == 0
    assert all_of(folder) == after


def test_a_field_more_is_added_and_nothing_else_changes(folder: Path, run: Run) -> None:
    edit(folder, DELETE, ("  deleted: true\n", '  deleted: true\n  was: "{{ input.messageId }}"\n'))
    edit(
        folder,
        DELETE,
        ("    deleted:\n", "    was: {type: string, title: Was, description: The id again.}\n    deleted:\n"),
    )
    edit(folder, DELETE, ("deleted: true}\n", "deleted: true}  # gone for good\n"))
    before = (folder / DELETE).read_bytes()
    status, out, _ = run("delete_message", "--update")
    assert (status, out.splitlines()[-1]) == (0, "4 examples, all in line")
    changes = changed_lines(before, (folder / DELETE).read_bytes())
    assert changes == [
        (
            '    output: {messageId: "4138476039", deleted: true}  # gone for good\n',
            '    output: {messageId: "4138476039", deleted: true, was: "4138476039"}  # gone for good\n',
        ),
        (
            '    output: {messageId: "4138476039", deleted: true}\n',
            '    output: {messageId: "4138476039", deleted: true, was: "4138476039"}\n',
        ),
    ]


def test_a_changed_sentence_and_a_field_less_in_a_block(folder: Path, run: Run) -> None:
    sentence = "Hootsuite does not delete this message in its present state"
    edit(folder, DELETE, (f"message: {sentence}; most", "message: It is too late for that; most"))
    edit(
        folder,
        UPLOAD,
        (
            '  sizeBytes: "{{ file.size }}"\n  mimeType: "{{ file.type }}"\n  downloadUrl',
            '  mimeType: "{{ file.type }}"\n  downloadUrl',
        ),
    )
    edit(folder, UPLOAD, ("required: [mediaId, state, sizeBytes, mimeType]", "required: [mediaId, state, mimeType]"))
    before = all_of(folder)
    status, out, _ = run("--update")
    assert status == 0, out
    after = all_of(folder)
    [(old, new)] = changed_lines(before[DELETE], after[DELETE])
    assert new == old.replace(sentence, "It is too late for that")
    text = before[UPLOAD].decode()
    assert text.count("      sizeBytes: 69\n") == 1 and text.count(", sizeBytes: 42") == 1
    assert after[UPLOAD].decode() == text.replace("      sizeBytes: 69\n", "").replace(", sizeBytes: 42", "")


def test_the_data_of_an_event_is_brought_in_line(folder: Path, run: Run) -> None:
    edit(folder, FAILED, ("has lost its connection: connect it again in Hootsuite.'", "is no longer connected.'"))
    before = (folder / FAILED).read_bytes()
    assert run("message_failed", "--update")[0] == 0
    changes = changed_lines(before, (folder / FAILED).read_bytes())
    assert changes
    for old, new in changes:
        assert (
            old == '      likelyReason: "The social profile has lost its connection: connect it again in Hootsuite."\n'
        )
        assert new == '      likelyReason: "The social profile is no longer connected."\n'


def test_one_of_several_requests_is_brought_in_line(folder: Path, run: Run) -> None:
    edit(folder, UPLOAD, ('      Content-Type: "{{ file.type }}"', '      Content-Type: "{{ file.type }}; x=1"'))
    before = (folder / UPLOAD).read_bytes()
    assert run("upload_media", "--update")[0] == 0
    assert changed_lines(before, (folder / UPLOAD).read_bytes()) == [
        (
            f"          headers: {{Content-Type: image/{kind}}}\n",
            f"          headers: {{Content-Type: image/{kind}; x=1}}\n",
        )
        for kind in ("png", "gif")
    ]


def test_line_ends_and_the_byte_order_mark_stay(folder: Path, run: Run) -> None:
    for file in (DELETE, UPLOAD):
        raw = (folder / file).read_bytes()
        (folder / file).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    edit(folder, DELETE, ("  deleted: true\r\n", "  deleted: false\r\n"))
    before = (folder / DELETE).read_bytes()
    assert run("--update")[0] == 0
    after = (folder / DELETE).read_bytes()
    assert after == before.replace(b"deleted: true}", b"deleted: false}")


def test_an_example_that_now_fails_is_for_a_person(folder: Path, run: Run) -> None:
    edit(folder, DELETE, ('input: {messageId: "4138476039"}', "input: {}"))
    before = all_of(folder)
    status, out, _ = run("delete_message", "--update")
    assert status == 1
    assert re.search(
        rf"^{DELETE}:\d+: 'A scheduled message, answered with an empty envelope': "
        "cannot be brought in line by itself: it ends with InputError: messageId: is required",
        out,
        re.MULTILINE,
    )
    assert all_of(folder) == before


def test_an_example_that_no_longer_fails_or_fails_otherwise_is_for_a_person(folder: Path, run: Run) -> None:
    edit(folder, DELETE, ("      status: 404\n", "      status: 200\n"), ("      status: 400\n", "      status: 429\n"))
    edit(folder, DELETE, ("  - when: {code: 40003}\n    then: fail", "  - when: {code: 40003}\n    then: retry"))
    before = all_of(folder)
    status, out, _ = run("delete_message", "--update")
    assert status == 1
    assert "cannot be brought in line by itself: it does not end with RemoteError" in out
    assert "cannot be brought in line by itself: it ends with RateLimited: " in out
    assert "; the example says RemoteError" in out
    assert all_of(folder) == before


def test_of_other_requests_those_that_both_have_are_brought_in_line(folder: Path, run: Run) -> None:
    edit(folder, UPLOAD, ('      Content-Type: "{{ file.type }}"', '      Content-Type: "{{ file.type }}; x=1"'))
    edit(
        folder,
        UPLOAD,
        ("{id: aHR0cDovL2V4YW1wbGUub3Jn, state: READY}", "{id: aHR0cDovL2V4YW1wbGUub3Jn, state: QUEUED}"),
    )
    before = (folder / UPLOAD).read_bytes()
    status, out, _ = run("upload_media", "--update")
    assert status == 1
    assert "'A moving picture that is ready at once': cannot be brought in line by itself: a request is sent" in out
    assert out.endswith("1 of 2 examples is not in line; look at each of them\n")
    changes = changed_lines(before, (folder / UPLOAD).read_bytes())
    assert changes == [
        (
            f"          headers: {{Content-Type: image/{kind}}}\n",
            f"          headers: {{Content-Type: image/{kind}; x=1}}\n",
        )
        for kind in ("png", "gif")
    ]


def test_a_request_that_is_not_sent_is_listed(folder: Path, run: Run) -> None:
    edit(folder, UPLOAD, ("state: QUEUED, downloadUrl: null", "state: READY, downloadUrl: null"))
    before = all_of(folder)
    status, out, _ = run("upload_media", "--update")
    assert status == 1 and "cannot be brought in line by itself: this request is never sent" in out
    assert all_of(folder) == before


def test_an_example_that_cannot_be_carried_out_is_listed(folder: Path, run: Run) -> None:
    edit(folder, UPLOAD, ("files: {oven.gif: R0lG", "files: {oven.gif: R0l"))
    for more in ([], ["--update"]):
        status, out, _ = run("upload_media", *more)
        assert status == 1 and "'A moving picture that is ready at once' cannot be carried out: " in out


def test_files_with_other_mistakes_are_left_out(folder: Path, run: Run) -> None:
    edit(folder, DELETE, ("  deleted: true\n", "  deleted: false\n"))
    edit(folder, MESSAGES, ("effect: read", "effect: raed"))
    before = all_of(folder)
    status, out, err = run("--update")
    assert status == 1 and "list_messages" in err and "connector check" in err
    assert "deleted: false}" in (folder / DELETE).read_text("utf-8") and "all in line" in out
    assert {file for file, raw in all_of(folder).items() if raw != before[file]} == {DELETE}
    assert run("delete_message")[0] == 0
    status, _, err = run("list_messages")
    assert status in (1, 2) and "list" in err
    edit(folder, "connector.yaml", ("maturity: ", "maturety: "))
    status, out, err = run()
    assert (status, out) == (1, "") and "maturety" in err


def test_a_connector_file_that_names_what_is_not_there_is_refused(folder: Path, run: Run) -> None:
    edit(folder, "connector.yaml", ("probe: get_me", "probe: get_mee"))
    status, out, err = run("--update")
    assert (status, out) == (1, "") and "get_mee" in err


def test_what_is_left_is_named_at_its_line_in_the_new_file(folder: Path, run: Run) -> None:
    edit(
        folder,
        UPLOAD,
        (
            '  sizeBytes: "{{ file.size }}"\n  mimeType',
            '  kind: "{{ file.type }}"\n  sizeBytes: "{{ file.size }}"\n  mimeType',
        ),
    )
    edit(
        folder,
        UPLOAD,
        (
            "  properties:\n    mediaId:",
            "  properties:\n    kind: {type: string, title: Kind, description: What.}\n    mediaId:",
        ),
    )
    edit(
        folder,
        UPLOAD,
        ("{id: aHR0cDovL2V4YW1wbGUub3Jn, state: READY}", "{id: aHR0cDovL2V4YW1wbGUub3Jn, state: QUEUED}"),
    )
    status, out, _ = run("upload_media", "--update")
    [line] = re.findall(rf"(?m)^{UPLOAD}:(\d+): ", out)
    text = (folder / UPLOAD).read_text("utf-8")
    assert status == 1 and text.count("      kind: image/png\n") == 1
    assert text.splitlines()[int(line) - 1] == "  - title: A moving picture that is ready at once"


def test_an_example_that_is_another_each_time_is_for_a_person(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Difference(("output",), "output is 3; the example says 2")
    monkeypatch.setattr("connector_runtime.renewing.try_example", lambda *arguments: other)
    edit(folder, DELETE, ("  deleted: true\n", "  deleted: false\n"))
    before = all_of(folder)
    status, out, _ = run("delete_message", "--update")
    assert status == 1 and "cannot be brought in line by itself: each time it is another: output is 3" in out
    assert all_of(folder) == before


def test_text_without_quotes_stays_so_where_the_format_wants_text(folder: Path, run: Run) -> None:
    text = (folder / MESSAGES).read_text("utf-8")
    head, examples = text.split("\nexamples:", 1)
    assert 'limit: "100"' in examples
    examples = examples.replace('limit: "100"', "limit: 100").replace("      next: null", "      next: wrong")
    (folder / MESSAGES).write_text(f"{head}\nexamples:{examples}", "utf-8")
    assert run("list_messages", "--update")[0] == 0
    assert (folder / MESSAGES).read_text("utf-8") == text.replace('limit: "100"', "limit: 100")


def test_an_unknown_operation_is_wrong_usage(run: Run) -> None:
    status, out, err = run("delete_mesage", "--update")
    assert (status, out) == (2, "") and "delete_message" in err


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_a_person_is_asked_first(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    edit(folder, DELETE, ("  deleted: true\n", "  deleted: false\n"))
    before = all_of(folder)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "readline", lambda: answer, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    status, out, err = run("--update")
    assert "+    output:" in out and "Change these files? [y/N] " in err
    assert (status, all_of(folder) == before) == ((0, False) if written else (1, True))
    assert ("Nothing was changed." in err) is not written
    if not written:
        assert run("--update", "--yes")[0] == 0


def test_a_file_that_changes_while_it_is_looked_at_is_not_written(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, DELETE, ("  deleted: true\n", "  deleted: false\n"))

    def agreed(question: str) -> bool:
        with (folder / DELETE).open("a") as file:
            file.write("# saved meanwhile\n")
        return True

    monkeypatch.setattr("connector_runtime.renewing.agreed", agreed)
    status, _, err = run("--update")
    assert status == 1 and "changed meanwhile; nothing was written" in err
    text = (folder / DELETE).read_text("utf-8")
    assert text.endswith("# saved meanwhile\n") and "deleted: false}" not in text


def test_what_cannot_be_written_leaves_everything_as_it_was(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, DELETE, ("  deleted: true\n", "  deleted: false\n"))
    edit(folder, UPLOAD, ('      Content-Type: "{{ file.type }}"', '      Content-Type: "{{ file.type }}; x=1"'))
    before, really, calls = all_of(folder), os.replace, [0]

    def replaced(source: str, target: str) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError(28, "No space left on device")
        really(source, target)

    monkeypatch.setattr(os, "replace", replaced)
    status, _, err = run("--update")
    assert status == 1 and "all files are as they were" in err
    assert all_of(folder) == before


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda it: it.name)
def test_every_example_comes_back_after_any_of_its_values_was_changed(connector: Path, tmp_path: Path) -> None:
    """Each claim is made wrong in the file; the update makes it right, and no comment is lost."""
    for name in ("connector.yaml", "operations", "schemas"):
        if (connector / name).is_dir():
            shutil.copytree(connector / name, tmp_path / name)
        elif (connector / name).exists():
            shutil.copy(connector / name, tmp_path)
    right = {str(path.relative_to(tmp_path)): path.read_text("utf-8") for path in tmp_path.rglob("*.yaml")}
    for operation in load(tmp_path).operations.values():
        file = operation.source.document.file
        text = right[file]
        for number, example in enumerate(operation.examples):
            for place in [(key,) for key in ("output", "data", "request") if key in example]:
                for key, value in example[place[0]].items():
                    wrong = (
                        "GET"
                        if value == "DELETE"
                        else "DELETE"
                        if key == "method"
                        else ["wrong"]
                        if key == "json"
                        else "wrong"
                    )
                    if key not in ("headers", "params", "form", "file"):
                        text = put(text, ("examples", number, *place, key), wrong)
        (tmp_path / file).write_text(text, "utf-8")
    assert main(["examples", "-C", str(tmp_path), "--update"]) == 0
    again = load(tmp_path)
    for operation in again.operations.values():
        assert all(try_example(again, operation, example) is None for example in operation.examples)
    for file, text in right.items():
        now = (tmp_path / file).read_text("utf-8")
        assert re.findall(r"(?m)(?:^|\s)# .*", now) == re.findall(r"(?m)(?:^|\s)# .*", text)
        assert now.partition("\nexamples:")[0] == text.partition("\nexamples:")[0]
