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
    lines = done.stdout.splitlines()
    table = [line for line in lines if line.startswith("  ok  ")]
    topics = sorted(it.topic for it in load(ROOT).operations.values() if it.topic)
    assert [line.split()[1] for line in table[8:]] == topics
    assert len(topics) == 6
    assert "SEND_FAILED_PERMANENTLY" in table[7]
    assert "SENT" in table[6]
    assert {line.split()[1].rstrip(":") for line in lines if line.startswith("event  ")} == set(topics)
    assert max(map(len, lines)) <= 80


def test_a_step_that_goes_wrong_is_not_called_done(tmp_path: Path) -> None:
    """A picture that the service refuses must not end in a table of successes."""
    steps = demo.Steps()
    with Sandbox() as sandbox:
        sandbox.fail_next("PUT", "*", status=403)
        account = load(ROOT).connect(access_token=sandbox.token, base_url=sandbox.base_url)
        events = demo.Events(account)
        with pytest.raises(Exception, match="refused with 403"):
            demo.demo(account, events, tmp_path, steps)
    assert events.topics == {"hootsuite/media/media.upload.error"}
    assert [what for ok, what, _ in steps.rows if ok] == ["signed in", "profiles"]
    assert demo.picture()[:8] == b"\x89PNG\r\n\x1a\n"


def test_webhook_calls_that_nobody_can_believe_are_no_events(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in signs with another secret than the receiver has: no event of a message, and no success."""
    monkeypatch.setattr(demo, "PATIENCE", 8)
    assert demo.main(secret="another secret") == 1
    said = capsys.readouterr().out
    assert "refused a call: The signature in X-Hootsuite-Signature does not fit" in said
    assert [line for line in said.splitlines() if line.startswith("event  hootsuite/messages/")] == []
    assert "  NO  hootsuite/messages/messages.published" in said
    assert "  ok  hootsuite/media/media.upload.success" in said
