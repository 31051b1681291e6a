"""The README is a product: what it shows is what there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_runtime import InputError, load

from tests.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SHELL = "\n".join(body for kind, body in BLOCKS if kind == "console").replace("\\\n", " ")
COMMANDS = [line[2:] for line in SHELL.splitlines() if line.startswith("$ ")]
TARGETS = [command.split()[1] for command in COMMANDS if command.startswith("make ")]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with Sandbox() as sandbox:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
            "PATH": path,
            "COLUMNS": "80",
            "HOOTSUITE_ACCESS_TOKEN": sandbox.token,
            "HOOTSUITE_BASE_URL": sandbox.base_url,
            "HOOTSUITE_WEBHOOK_SECRET": "example-secret",
        }
        assert sandbox.violations == []


def _run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith(("connector ", "python "))])
def test_every_command_in_the_readme_works_as_it_stands(command: str, environment: dict[str, str]) -> None:
    done = _run(command, environment)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout.strip()


def test_the_make_targets_in_the_readme_exist(environment: dict[str, str]) -> None:
    help_text = _run("make help", environment).stdout
    assert set(TARGETS) == {"demo", "test"}
    assert all(re.search(rf"^  make {target} ", help_text, re.MULTILINE) for target in TARGETS)
    assert max(map(len, help_text.splitlines())) <= 80


@pytest.mark.parametrize("python", ["", "no-such-python", "false"])
def test_a_python_that_is_too_old_or_missing_is_said_in_one_sentence(environment: dict[str, str], python: str) -> None:
    done = _run(f"make python PYTHON={python}", environment)
    assert done.returncode == 2
    assert done.stdout.startswith("This needs Python 3.11 or newer; ")
    assert len(done.stdout.splitlines()) == 1


def test_the_other_commands_only_set_up_the_shell() -> None:
    """What is neither `connector` nor `make` nor `python` is listed here, so that nothing stays untried by accident."""
    rest = [c for c in COMMANDS if not c.startswith(("connector ", "python ", "make "))]
    assert rest == [
        ". .venv/bin/activate",
        "export HOOTSUITE_ACCESS_TOKEN=paste-it-here",
        "export HOOTSUITE_WEBHOOK_SECRET=example-secret",
    ]


def test_the_explained_manifests_are_the_files_themselves() -> None:
    """Line by line means every line: the pieces together are an action up to its second example, and a trigger up to
    its output."""
    shown = "".join(body for kind, body in BLOCKS if kind == "yaml")
    _, action, trigger = re.split(r"^(?=# yaml-language-server)", shown, flags=re.MULTILINE)
    assert (ROOT / "operations/actions/delete_message.yaml").read_text("utf-8").startswith(action)
    assert action.count("  - title: ") == 1
    assert (ROOT / "operations/triggers/message_published.yaml").read_text("utf-8").startswith(trigger + "output:\n")


def test_the_topics_in_the_readme_are_the_triggers() -> None:
    rows = re.findall(r"^\| (.*?) \| `(hootsuite/.*?)` \|$", README, re.MULTILINE)
    assert sorted(rows) == sorted((it.title, it.topic) for it in load(ROOT).operations.values() if it.topic)


def test_the_text_that_try_prints_is_shown_as_it_is(environment: dict[str, str]) -> None:
    command = next(c for c in COMMANDS if c.startswith("connector try"))
    shown = next(body for kind, body in BLOCKS if kind == "text" and "json." in body)
    assert shown in _run(command, environment).stdout


def test_the_python_in_the_readme_prints_what_it_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code = "".join(body for kind, body in BLOCKS if kind == "python")
    exec(compile(code, "README.md", "exec"), {"InputError": InputError})
    said = "".join(body for kind, body in BLOCKS if kind == "text" and not body.startswith(("  json.", "operations/")))
    assert capsys.readouterr().out == said


def test_the_mistake_in_the_readme_is_told_in_these_words(environment: dict[str, str], folder: Path) -> None:
    shown = next(body for kind, body in BLOCKS if kind == "text" and body.startswith("operations/"))
    file = folder / shown.partition(":")[0]
    file.write_text(file.read_text("utf-8").replace("\neffect:", "\nefect:", 1), "utf-8")
    assert _run(f"connector check {folder}", environment).stdout.startswith(shown)
