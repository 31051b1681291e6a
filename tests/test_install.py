"""A bare install: both distributions, the four packages the user chose, nothing else; and the connector works from it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
BARE = ROOT / ".venv-bare" / "bin"
OURS = {"connector-runtime", "hootsuite-connector"}
CHOSEN = {"pyyaml", "jsonschema", "requests", "jinja2"}
THEIRS = {  # what these four need themselves
    "attrs",
    "certifi",
    "charset-normalizer",
    "idna",
    "jsonschema-specifications",
    "markupsafe",
    "referencing",
    "rpds-py",
    "typing-extensions",
    "urllib3",
}

pytestmark = pytest.mark.skipif(
    not BARE.exists(), reason="there is no bare install; `make test` makes one (.venv-bare)"
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def bare(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOTSUITE_", "PYTHON"))}
    return subprocess.run(
        [str(BARE / command[0]), *command[1:]],
        cwd=cwd,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_bare_install_holds_the_four_packages_and_what_they_need(tmp_path: Path) -> None:
    listed = bare("python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check", cwd=tmp_path)
    names = {package["name"].lower().replace("_", "-") for package in json.loads(listed.stdout)}
    assert names - {"pip", "setuptools"} <= OURS | CHOSEN | THEIRS
    assert names >= OURS | CHOSEN


def test_the_connectors_wheel_has_manifests_and_no_code() -> None:
    (folder,) = BARE.parent.glob("lib/python3.*/site-packages/hootsuite_connector")
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".yaml"}
    shipped = {file.relative_to(folder) for file in files}
    assert shipped == {
        file.relative_to(ROOT)
        for file in [ROOT / "connector.yaml", *ROOT.glob("operations/*/*.yaml"), *ROOT.glob("schemas/*.yaml")]
    }


def test_check_list_try_and_run_work_from_any_folder(tmp_path: Path, sandbox: Sandbox) -> None:
    account = {"HOOTSUITE_ACCESS_TOKEN": sandbox.token, "HOOTSUITE_BASE_URL": sandbox.base_url}
    for arguments in (
        ["check"],
        ["list"],
        ["-C", "hootsuite", "list"],
        ["try", "get_message", "--set", "messageId=1"],
        ["run", "get_me"],
        [
            "run",
            "list_messages",
            "--jsonl",
            "--set=startTime=2031-05-01T00:00:00Z",
            "--set=endTime=2031-05-02T00:00:00Z",
        ],
    ):
        done = bare("connector", *arguments, cwd=tmp_path, **account)
        assert (done.returncode, done.stderr) == (0, ""), arguments
    refused = bare("connector", "run", "get_message", "--set", "mesageId=1", cwd=tmp_path, **account)
    assert (refused.returncode, refused.stderr) == (2, "'mesageId' is not known here; did you mean 'messageId'?\n")
    assert [request.path for request in sandbox.requests] == ["/v1/me", "/v1/messages"]


def test_load_by_name_works_from_any_folder(tmp_path: Path) -> None:
    code = "from connector_runtime import load; print(load('hootsuite').title)"
    assert bare("python", "-W", "error", "-c", code, cwd=tmp_path).stdout == "Hootsuite\n"


def test_receive_works_from_any_folder_and_needs_no_account(tmp_path: Path) -> None:
    call = ROOT / "docs" / "webhook"
    files = [
        "--headers",
        str(call / "headers.txt"),
        "--body",
        str(call / "body.json"),
        "--secret-env",
        "WEBHOOK_SECRET",
    ]
    done = bare("connector", "receive", "--source=platform", *files, cwd=tmp_path, WEBHOOK_SECRET="example-secret")
    assert (done.returncode, "2 events; 0 repeated, 1 ignored" in done.stderr) == (0, True)
    assert [json.loads(line)["data"]["messageId"] for line in done.stdout.splitlines()] == ["4138476039", "4138476040"]
    refused = bare("connector", "receive", "--source=platform", *files, cwd=tmp_path, WEBHOOK_SECRET="another")
    assert (refused.returncode, refused.stdout, "does not fit" in refused.stderr) == (1, "", True)
