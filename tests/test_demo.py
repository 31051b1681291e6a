"""The demo does the whole main job, and says so truthfully."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from connector_runtime import load

from tests import demo
from tests.sandbox import Sandbox

ROOT = Path(__file__).parent.parent


def test_the_demo_does_all_of_it_and_ends_with_status_0() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    table = [line for line in done.stdout.splitlines() if line.startswith("  ok  ")]
    assert len(table) == 8
    assert "SEND_FAILED_PERMANENTLY" in table[-1]
    assert "SENT" in table[-2]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_step_that_goes_wrong_is_not_called_done(tmp_path: Path) -> None:
    """A picture that the service refuses must not end in a table of successes."""
    steps = demo.Steps()
    with Sandbox() as sandbox:
        sandbox.fail_next("PUT", "*", status=403)
        account = load(ROOT).connect(access_token=sandbox.token, base_url=sandbox.base_url)
        with pytest.raises(Exception, match="refused with 403"):
            demo.demo(account, tmp_path, steps)
    assert [what for ok, what, _ in steps.rows if ok] == ["signed in", "profiles"]
    assert demo.picture()[:8] == b"\x89PNG\r\n\x1a\n"
