"""`make bench`: medians, each beside its hand-written equivalent, measured by turns in the same run.

Exit status 0 whatever the figures are: they are there to be read. `--quick` takes fewer samples.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from connector_runtime import load

from . import by_hand, server

ROOT = Path(__file__).parent.parent.parent
RANGE = {"startTime": "2030-05-01T00:00:00Z", "endTime": "2030-05-20T00:00:00Z"}
POST = {
    "text": "Our spring menu is here.",
    "socialProfileIds": ["115185509"],
    "scheduledSendTime": "2030-05-01T09:00:00Z",
}


def by_turns(ours: Callable[[], Any], theirs: Callable[[], Any], samples: int, each: int = 1) -> tuple[float, float]:
    """The medians of both in seconds for one call; `each` calls make one sample."""
    times: tuple[list[float], list[float]] = ([], [])
    for work in (ours, theirs):
        work()
    for _ in range(samples):
        for work, kept in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            for _ in range(each):
                work()
            kept.append((time.perf_counter() - start) / each)
    return median(times[0]), median(times[1])


def show(what: str, ours: float, theirs: float, target: str) -> None:
    """One line of the table."""
    print(f"{what:<34} {ours * 1000:>9.2f} ms {theirs * 1000:>9.2f} ms {ours / theirs:>6.2f} x   {target}", flush=True)


def main() -> None:
    """Measures and prints."""
    quick = "--quick" in sys.argv
    print(f"{'':<34} {'ours':>12} {'by hand':>12} {'ratio':>8}   target")
    with server.running() as base_url:
        account = load(ROOT).connect(access_token="bench-token", base_url=base_url)
        http = by_hand.session("bench")

        def all_records() -> int:
            return sum(1 for _ in account.records("list_messages", RANGE))

        def all_messages() -> int:
            return sum(1 for _ in by_hand.messages(http, base_url, RANGE["startTime"], RANGE["endTime"]))

        assert all_records() == all_messages() == server.PAGES * server.PAGE
        figures = by_turns(
            lambda: account.run("schedule_message", POST),
            lambda: by_hand.schedule(http, base_url, POST),
            20 if quick else 200,
            10,
        )
        show("one run / Session.post", *figures, "at most 1 x")
        show(
            "10,000 records, 100 pages / loop",
            *by_turns(all_records, all_messages, 3 if quick else 15),
            "at most 1.15 x",
        )
        http.close()
    figures = by_turns(lambda: load(ROOT), lambda: by_hand.read_yaml(ROOT), 5 if quick else 30)
    show("load from YAML / yaml.load only", *figures, "under 60 ms")
    command = [str(Path(sys.executable).parent / "connector"), "--help"]
    nothing = [sys.executable, "-c", "pass"]
    figures = by_turns(
        lambda: subprocess.run(command, capture_output=True, check=True),
        lambda: subprocess.run(nothing, check=True),
        5 if quick else 30,
    )
    show("connector --help / python -c pass", *figures, "under 6 x")


if __name__ == "__main__":
    main()
