"""`make bench`: medians, each beside its hand-written equivalent, measured by turns in the same run.

The ratio is that of the times, also where events per second are shown: 2 x takes twice as long as by hand. Three lines
set the connector beside itself, with a tenth of the triggers, with 10 subscriptions and without problems. Exit status 0 whatever the
figures are: they are there to be read. `--quick` takes fewer samples.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from connector_runtime import Connector, Subscriptions, load
from connector_runtime.check import check

from . import by_hand, many, server

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


def show(what: str, ours: float, theirs: float, target: str, events: int = 0) -> None:
    """One line of the table; with a number of `events` it shows how many there are in a second."""

    def figure(seconds: float) -> str:
        if events:
            return f"{events / seconds:,.0f} /s"
        return f"{seconds * 1e6:.2f} µs" if seconds < 1e-4 else f"{seconds * 1000:.2f} ms"

    print(f"{what:<33} {figure(ours):>10} {figure(theirs):>10} {ours / theirs:>5.2f} x  {target}", flush=True)


def receiving(quick: bool) -> None:
    """The events out of webhook calls, with 30 triggers and with 300."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        few, lots = many.connector(ROOT, Path(first), 30), many.connector(ROOT, Path(second), 300)
    assert (len(few.manifest.triggers), len(lots.manifest.triggers)) == (30, 300)
    one, hundred = many.call(1), many.call(100)

    def ours(connector: Connector, call: dict[str, Any]) -> list[Any]:
        return connector.receive("platform", **call, secret=many.SECRET)

    def theirs(call: dict[str, Any]) -> list[Any]:
        return by_hand.receive(many.STATES, many.SECRET.encode(), "default", **call)

    def said(events: list[Any]) -> list[Any]:
        return [{**it, "id": "", "data": {**it["data"], "eventId": ""}} for it in events]

    assert said(ours(few, hundred)) == said(ours(lots, hundred)) == said(theirs(hundred))
    samples = 10 if quick else 200
    for call, events, each, target in ((one, 1, 100, "-"), (hundred, 100, 5, "over 100,000 /s")):
        figures = by_turns(partial(ours, few, call), partial(theirs, call), samples, each)
        show(f"events in batches of {events} / loop", *figures, target, events)
    figures = by_turns(partial(ours, lots, hundred), partial(ours, few, hundred), samples, 5)
    show("100 events, 300 triggers / 30", *figures, "at most 1.1 x")


def subscribed(quick: bool) -> None:
    """The subscribers of a topic, out of 10 and out of 100,000."""
    ten, lots = (list(zip(many.patterns(count), range(count), strict=True)) for count in (10, 100_000))

    def tree(pairs: list[tuple[str, int]]) -> Callable[[], list[int]]:
        made: Subscriptions[int] = Subscriptions()
        for pair in pairs:
            made.add(*pair)
        return partial(made.matching, many.PUBLISHED)

    small, large = tree(ten), tree(lots)
    loop, long_loop = (partial(by_hand.subscribers, pairs, many.PUBLISHED) for pairs in (ten, lots))
    assert sorted(small()) == sorted(large()) == loop() == long_loop()
    samples = 20 if quick else 200
    figures = by_turns(large, small, samples, 500)
    show("100,000 subscriptions / 10", *figures, "at most 2 x")
    show("10 subscriptions / loop", *by_turns(small, loop, samples, 500), "-")
    start = time.perf_counter()
    long_loop()
    show("100,000 subscriptions / loop", figures[0], time.perf_counter() - start, "-")


def checking(quick: bool) -> None:
    """The whole command with all examples, start included, and many problems beside none."""
    samples = 3 if quick else 15
    command = [str(Path(sys.executable).parent / "connector"), "check", str(ROOT)]
    parse = "import pathlib, sys, yaml\nfor path in pathlib.Path(sys.argv[1]).rglob('*.yaml'):\n    yaml.safe_load(path.open())"
    figures = by_turns(
        lambda: subprocess.run(command, capture_output=True, check=True),
        lambda: subprocess.run([sys.executable, "-c", parse, str(ROOT / "operations")], check=True),
        samples,
    )
    show("connector check / yaml.safe_load", *figures, "under 500 ms")
    with TemporaryDirectory() as folder:
        damaged = Path(folder)
        shutil.copy(ROOT / "connector.yaml", damaged)
        for name in ("operations", "schemas"):
            shutil.copytree(ROOT / name, damaged / name)
        for path in damaged.rglob("*.yaml"):
            text = path.read_text("utf-8")
            path.write_text(re.sub(r"^(\s+description: [^>|'\"].*)\.$", r"\1", text, flags=re.MULTILINE), "utf-8")
        count = len(check(damaged).problems)
        assert count > 100
        show(f"{count} problems / none", *by_turns(lambda: check(damaged), lambda: check(ROOT), samples), "-")


def main() -> None:
    """Measures and prints."""
    quick = "--quick" in sys.argv
    print(f"{'':<33} {'ours':>10} {'by hand':>10} {'ratio':>7}  target")
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
    checking(quick)
    receiving(quick)
    subscribed(quick)


if __name__ == "__main__":
    main()
