"""`connector check` as people see it: on a terminal, in a pipe, on GitHub, while they edit."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from connector_runtime import check as checks
from connector_runtime import checking
from connector_runtime.cli import main
from connector_runtime.errors import ManifestError, Problem

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CONNECTOR = str(BIN / "connector")
DELETE = "operations/actions/delete_message.yaml"
EFFECT = f"{DELETE}:5:1: 'efect' is not known here; did you mean 'effect'? [unknown-key]"
WORKFLOW = ROOT / "docs/workflow/check.yaml"
PAGE = (ROOT / "docs/pull-requests.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the connector with a misspelled key in it."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(ROOT / "connector.yaml", copy)
    for name in ("operations", "schemas"):
        shutil.copytree(ROOT / name, copy / name)
    change(copy, "effect: delete", "efect: delete")
    return copy


MORE = "More may come to light once these are mended.\n"
"""Said on standard error where a file could not be looked at to its end."""


def change(folder: Path, old: str, new: str, file: str = DELETE) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def environment(**more: str) -> dict[str, str]:
    """This machine's, without what would change how the output looks."""
    taken = ("COLUMNS", "NO_COLOR", "TERM", "GITHUB_WORKSPACE", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if name not in taken}
    return {**kept, "TERM": "xterm", "PYTHONUTF8": "1", **more}


def connector(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CONNECTOR, "check", *arguments],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Terminal:
    """A command on a terminal of 80 columns: what it shows, and what is typed."""

    def __init__(self, *arguments: str, **more: str) -> None:
        self.screen, inner = pty.openpty()
        os.set_blocking(self.screen, False)
        self.process = subprocess.Popen(
            [CONNECTOR, "check", *arguments],
            cwd=ROOT,
            env=environment(COLUMNS="80", **more),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self.shown = ""

    def read(self, until: str | None = None, seconds: float = 60) -> str:
        """What is shown until a text comes, or until the command ends."""
        end = time.monotonic() + seconds
        while until is None or until not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"{until!r} did not come: {self.shown!r}"
            if not select.select([self.screen], [], [], left)[0]:
                continue
            try:
                read = os.read(self.screen, 65_536)
            except OSError:  # how Linux says that the command has closed its side
                read = b""
            if not read:
                assert until is None, f"{until!r} did not come: {self.shown!r}"
                break
            self.shown += read.decode("utf-8").replace("\r\n", "\n")
        shown, self.shown = self.shown, ""
        return shown

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def status(self) -> int:
        return self.process.wait(timeout=30)


@contextmanager
def terminal(*arguments: str, **more: str) -> Iterator[Terminal]:
    started = Terminal(*arguments, **more)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait(timeout=30)
        os.close(started.screen)


# -- text ------------------------------------------------------------------------------------------------


def test_in_a_pipe_a_problem_is_its_sentence_the_line_and_the_caret(folder: Path) -> None:
    done = connector(str(folder))
    assert (done.returncode, done.stderr) == (1, MORE)
    assert f"{EFFECT}\n    5 | efect: delete\n      | ^^^^^\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert re.search(r"^checked \d+ files, \d+ operations, \d+ rules: \d problems?", done.stdout, re.MULTILINE)


def test_what_can_be_mended_is_said_with_the_command_for_this_folder(folder: Path) -> None:
    assert connector(str(folder)).stdout.splitlines()[-1].endswith(f"mended: connector check {folder} --fix")
    assert connector(cwd=folder).stdout.splitlines()[-1].endswith("mended: connector check --fix")


def test_on_a_terminal_there_are_colours_and_the_sentence_is_wrapped(folder: Path) -> None:
    with terminal(str(folder)) as it:
        shown = it.read()
        assert it.status() == 1
    assert f"\x1b[1m{DELETE}:5:1:\x1b[0m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines()[:-2])) <= 80
    assert "did you\n    mean 'effect'?" in plain


@pytest.mark.parametrize("without", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colours_gets_none(folder: Path, without: dict[str, str]) -> None:
    with terminal(str(folder), **without) as it:
        assert "\x1b" not in it.read()


@pytest.mark.parametrize("how", ["gone", "binary", "outside"])
def test_a_file_that_cannot_be_shown_is_a_sentence_only(folder: Path, how: str, tmp_path: Path) -> None:
    file = folder / DELETE
    file.unlink()
    if how == "gone":
        file.symlink_to("nowhere.yaml")
    elif how == "binary":
        file.write_bytes(b"action: \xff\xfe\n")
    else:
        (tmp_path / "secret.yaml").write_text("password: abc")
        file.symlink_to(tmp_path / "secret.yaml")
    done = connector(str(folder))
    assert (done.returncode, done.stderr) == (1, MORE)
    assert done.stdout.startswith("connector.yaml:") or done.stdout.startswith(f"{DELETE}:")
    after = done.stdout.split(f"{DELETE}:1:1: ")[1].split("\n")[1]
    assert not after.startswith("    1 | ")
    assert "password" not in done.stdout


def in_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, problems: Sequence[Problem]
) -> tuple[int, str, str]:
    """The command where a check finds just these problems."""
    found = checks.Checked(1, 1, 1, tuple(problems))
    monkeypatch.setattr(checking, "check", lambda folder, known=None: found)
    status = main(["check", str(ROOT), *arguments])
    return status, *capsys.readouterr()


WARNING = Problem("unused-input", "warning", DELETE, 2, 1, "it is never read")


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_warnings_alone_do_not_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    status, out, err = in_process(monkeypatch, capsys, "--format", form, problems=[WARNING])
    assert status == 0
    assert "1 warning" in (out if form == "text" else err)
    error = Problem("unknown-key", "error", DELETE, 2, 1, "wrong")
    assert in_process(monkeypatch, capsys, "--format", form, problems=[WARNING, error])[0] == 1


# -- for programs ----------------------------------------------------------------------------------------


def test_json_has_the_whole_place_and_what_mends_it(folder: Path) -> None:
    done = connector(str(folder), "--format", "json")
    problem = next(it for it in json.loads(done.stdout)["problems"] if it["rule"] == "unknown-key")
    assert (problem["line"], problem["column"], problem["end_line"], problem["end_column"]) == (5, 1, 5, 6)
    assert problem["fix"]["text"] == "effect"
    assert "problem" in done.stderr


def test_github_finds_the_file_from_where_the_command_runs(folder: Path) -> None:
    mark = "line=5,col=1,endLine=5,endColumn=6,title=unknown-key::'efect' is not known here; did you mean 'effect'?"
    below = connector("./copy", "--format", "github", cwd=folder.parent)
    assert f"::error file=copy/{DELETE},{mark}\n" in below.stdout
    assert f"::error file={DELETE},{mark}\n" in connector("--format", "github", cwd=folder).stdout
    inside = connector("--format", "github", cwd=folder / "operations", GITHUB_WORKSPACE=str(folder.parent))
    assert f"::error file=copy/{DELETE},{mark}\n" in inside.stdout
    elsewhere = connector(str(folder), "--format", "github", cwd=ROOT / "docs")
    assert f"::error file={DELETE},{mark}\n" in elsewhere.stdout


def test_every_line_on_standard_output_is_an_annotation(folder: Path) -> None:
    done = connector(str(folder), "--format", "github")
    assert all(line.startswith("::error ") for line in done.stdout.splitlines())


def test_the_workflow_reads_only_and_its_actions_are_pinned_by_major_version() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert workflow[True] == "pull_request"  # YAML 1.1 reads `on` so; GitHub does not
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in workflow["jobs"]["check"]["steps"] if "uses" in step]
    assert len(used) == 2 and all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)


def steps() -> dict[str, str]:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    return {step["name"]: step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step}


def test_the_workflow_marks_a_mistake_on_its_line(folder: Path) -> None:
    """Each command as GitHub's shell runs it, in a repository whose top is the connector."""
    install, mark, show = steps().values()
    assert install == "pip install ./runtime" and (ROOT / "runtime/pyproject.toml").is_file()
    for command, wanted in ((mark, f"::error file={DELETE},line=5,col=1,"), (show, EFFECT)):
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=folder,
            env=environment(PATH=path, GITHUB_WORKSPACE=str(folder)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, wanted in done.stdout) == (1, True), done


def test_the_page_shows_the_workflow_and_a_first_line_as_they_are() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert blocks[0] == WORKFLOW.read_text("utf-8")
    assert (ROOT / DELETE).read_text("utf-8").startswith(blocks[1])


def test_the_schemas_are_copied_by_the_command_on_the_page_and_the_first_line_is_then_taken(folder: Path) -> None:
    (command,) = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment(PATH=path), check=True, timeout=60)
    assert (folder / "format/action.json").is_file()
    change(folder, "efect: delete", "effect: delete")
    first = "# yaml-language-server: $schema=../../format/action.json"
    assert f"`{first}`" in PAGE
    change(folder, (folder / DELETE).read_text("utf-8").splitlines()[0], first)
    assert (folder / DELETE).parent.joinpath("../../format/action.json").is_file()
    assert "[schema-line]" not in connector(str(folder)).stdout


# -- the rules -------------------------------------------------------------------------------------------


def test_the_rules_are_listed_and_explained_without_a_connector(tmp_path: Path) -> None:
    listed = connector("--list-rules", cwd=tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "\n  unknown-key " in listed.stdout
    told = connector("--explain", "unknown-key", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("unknown-key: Every key is one of the format.\n")
    assert "\nwrong:\n    descripton: Sends a message.\n\nright:\n    description: Sends" in told.stdout


def test_a_rule_that_is_not_known_is_named_with_the_nearest(tmp_path: Path) -> None:
    done = connector("--explain", "unknown-kee", cwd=tmp_path)
    said = "There is no rule 'unknown-kee'. Did you mean 'unknown-key'?\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    done = connector("--explain", "qqq", cwd=tmp_path)
    assert done.returncode == 2
    assert "There are: yaml-read, " in done.stderr and max(map(len, done.stderr.splitlines())) < 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--watch", "--fix"], "--watch and --fix do not go together: --watch changes no files.\n"),
        (["--watch", "--format", "json"], "--watch writes text; it does not go together with --format.\n"),
        (["--fix", "--format", "github"], "--fix writes text; it does not go together with --format.\n"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], said: str) -> None:
    done = connector(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


# -- --fix -----------------------------------------------------------------------------------------------


def test_fix_without_a_person_shows_the_change_makes_it_and_checks_again(folder: Path) -> None:
    done = connector(str(folder), "--fix")
    assert "-efect: delete\n+effect: delete\n" in done.stdout
    assert "checked " in done.stdout and EFFECT not in done.stdout
    assert (done.returncode, done.stderr) == (connector(str(folder)).returncode, f"Changed 1 file: {DELETE}.\n")
    assert (folder / DELETE).read_bytes() == (ROOT / DELETE).read_bytes()


def test_fix_with_nothing_to_mend_says_so_and_shows_what_there_is(folder: Path) -> None:
    change(folder, "efect: delete\n", "")
    before = (folder / DELETE).read_bytes()
    done = connector(str(folder), "--fix")
    assert (done.returncode, done.stderr) == (1, MORE + "There is nothing that can be mended without thinking.\n")
    assert "'effect' is missing here" in done.stdout
    assert (folder / DELETE).read_bytes() == before


@pytest.mark.parametrize(("answer", "changed"), [("y\n", True), ("n\n", False), ("\n", False), ("\x04", False)])
def test_fix_asks_on_a_terminal_and_only_a_yes_counts(folder: Path, answer: str, changed: bool) -> None:
    before = (folder / DELETE).read_bytes()
    with terminal(str(folder), "--fix") as it:
        shown = it.read("Change these files? [y/N] ")
        assert "\x1b[32m+effect: delete\x1b[0m" in shown
        assert (folder / DELETE).read_bytes() == before
        it.type(answer)
        rest = it.read()
        assert it.status() == (connector(str(folder)).returncode if changed else 1)
    assert ("Nothing was changed." in rest, "Changed 1 file" in rest) == (not changed, changed)
    assert ((folder / DELETE).read_bytes() == before) is not changed


def test_fix_with_yes_does_not_ask(folder: Path) -> None:
    with terminal(str(folder), "--fix", "--yes") as it:
        shown = it.read()
    assert ("[y/N]" in shown, f"Changed 1 file: {DELETE}." in shown) == (False, True)


def test_fix_that_is_refused_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody saved the file in between."""

    def write(folder: Path, changes: Any) -> None:
        raise ManifestError(f"{DELETE} was changed meanwhile; nothing was written")

    module = ModuleType("connector_runtime.edits")
    parts = {
        "mended": lambda folder, problems: {DELETE: ("a\n", "b\n")},
        "difference": lambda changes: "-a\n+b\n",
        "write": write,
    }
    vars(module).update(parts)
    monkeypatch.setitem(sys.modules, "connector_runtime.edits", module)
    assert main(["check", str(folder), "--fix", "--yes"]) == 1
    assert capsys.readouterr().err == f"{DELETE} was changed meanwhile; nothing was written\n"


# -- --watch ---------------------------------------------------------------------------------------------


class Editor:
    """Stands in for the pause between two looks: does one thing each time, and stops the watching after the last."""

    def __init__(self, *things: Any) -> None:
        self.things = list(things)

    def __call__(self) -> None:
        if not self.things:
            raise KeyboardInterrupt
        thing = self.things.pop(0)
        if thing is not None:
            thing()


def watched(folder: Path, *things: Any) -> list[str]:
    """The rules that were broken in each round, joined; `gone` where the folder was."""
    found: list[str] = []
    try:
        for checked in checking.rounds(folder, Editor(*things)):
            found.append("gone" if checked is None else " ".join(sorted({it.rule for it in checked.problems})))
    except KeyboardInterrupt:
        pass
    return found


BROKEN = "unknown-key"


def test_watch_checks_at_once_and_again_after_a_change_only(folder: Path) -> None:
    def mend() -> None:
        change(folder, "efect: delete", "effect: delete")

    first, second = watched(folder, None, None, mend, None, None)
    assert (BROKEN in first, BROKEN in second) == (True, False)


def test_watch_does_not_show_a_file_that_is_empty_for_a_moment(folder: Path) -> None:
    """Editors empty a file and then write it."""
    good = (ROOT / DELETE).read_bytes()

    def empty() -> None:
        (folder / DELETE).write_bytes(b"")

    def fill() -> None:
        (folder / DELETE).write_bytes(good)

    first, second = watched(folder, None, empty, fill, None, None)
    assert (BROKEN in first, BROKEN in second) == (True, False)
    assert "yaml-empty" not in second


def test_watch_sees_a_file_that_is_put_in_the_place_of_another(folder: Path) -> None:
    """Even with the time and the size of the old one."""

    def swap() -> None:
        old = (folder / DELETE).stat()
        other = folder.parent / "other.yaml"
        other.write_text((folder / DELETE).read_text("utf-8").replace("efect: delete", "effect: delet"), "utf-8")
        os.utime(other, ns=(old.st_atime_ns, old.st_mtime_ns))
        other.rename(folder / DELETE)

    first, second = watched(folder, swap, None, None)
    assert BROKEN in first and "wrong-value" in second


def test_watch_sees_new_and_removed_files_and_not_the_ones_of_editors(folder: Path) -> None:
    def swap_file() -> None:
        (folder / "operations/.vim.swp").write_text("x")

    def new() -> None:
        (folder / "schemas/new.txt").write_text("x")

    def removed() -> None:
        (folder / "schemas/new.txt").unlink()
        (folder / "operations/.vim.swp").unlink()

    found = watched(folder, swap_file, None, new, None, removed, None)
    assert ["file-name" in it for it in found] == [False, True, False]


def test_watch_says_that_the_folder_is_gone_and_goes_on_when_it_is_back(folder: Path) -> None:
    away = folder.parent / "away"

    def leave() -> None:
        folder.rename(away)

    def come_back() -> None:
        away.rename(folder)

    first, second, third = watched(folder, leave, None, None, come_back, None, None)
    assert (second, third) == ("gone", first)


def test_watch_does_not_show_what_was_changed_while_it_looked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = checks.check
    mends = iter(["effect: delete"])

    def checked(path: Path, known: Any = None) -> checks.Checked:
        found = whole(path, known)
        for text in mends:  # somebody saves meanwhile
            change(folder, "efect: delete", text)
        return found

    monkeypatch.setattr(checking, "check", checked)
    (only,) = watched(folder, None, None, None)
    assert BROKEN not in only


def test_watch_does_not_read_a_file_again_that_has_not_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector_runtime import manifest

    parsed: list[str] = []
    whole = manifest._parsed

    def counted(text: str, file: str, kind: str) -> Any:
        parsed.append(file)
        return whole(text, file, kind)

    def mend() -> None:
        parsed.append("saved")
        change(folder, "efect: delete", "effect: delete")

    monkeypatch.setattr(manifest, "_parsed", counted)
    watched(folder, None, mend, None, None)
    assert len(parsed) > 20
    assert parsed[parsed.index("saved") + 1 :] == [DELETE]


def test_the_files_that_are_watched_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_MOST_FILES", 3)
    assert len(checking._stamps(folder, {}) or ()) == 3


def test_watch_on_a_terminal_clears_it_shows_the_time_and_ends_quietly(folder: Path) -> None:
    with terminal(str(folder), "--watch", NO_COLOR="1") as it:
        shown = it.read("Ctrl-C ends it.")
        assert shown.startswith("\x1b[2J\x1b[H") and "did you\n    mean 'effect'?" in shown
        assert re.search(r"^\d\d:\d\d:\d\d checked \d+ files, .* problems?", shown, re.MULTILINE)
        change(folder, "efect: delete", "effect: delete")
        shown = it.read("Ctrl-C ends it.")
        assert "\x1b[2J\x1b[H" in shown and "'efect'" not in shown
        it.process.send_signal(signal.SIGINT)
        assert it.read().strip() == ""
        assert it.status() == 0


def test_watch_in_a_pipe_is_plain(folder: Path) -> None:
    with subprocess.Popen(
        [CONNECTOR, "check", str(folder), "--watch"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        shown = b""
        while b" rules: " not in shown:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            shown += line
        process.send_signal(signal.SIGINT)
        assert (process.stdout.read(), process.stderr.read(), process.wait(timeout=30)) == (b"", b"", 0)
    assert b"\x1b" not in shown and EFFECT.encode() in shown
