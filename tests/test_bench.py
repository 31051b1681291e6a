"""The benchmarks run and print what they promise; what the figures are is for people to read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_each_figure_stands_beside_its_hand_written_equivalent_and_its_target() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["ours", "by", "hand", "ratio", "target"]
    assert [row.split(" / ")[0] for row in rows] == [
        "one run",
        "10,000 records, 100 pages",
        "load from YAML",
        "connector --help",
        "connector check",
        "280 problems",
        "events in batches of 1",
        "events in batches of 100",
        "100 events, 300 triggers",
        "100,000 subscriptions",
        "10 subscriptions",
        "100,000 subscriptions",
    ]
    assert all(re.search(r"(?: +[\d.,]+ (?:ms|µs|/s)){2} +[\d.]+ x  (?:\w+ |-$)", row) for row in rows)
    assert max(map(len, done.stdout.splitlines())) <= 80
