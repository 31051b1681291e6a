"""Many of a thing: triggers, the events of a call, subscriptions."""

from __future__ import annotations

import hmac
import json
import shutil
from pathlib import Path
from typing import Any

from connector_runtime import Connector, load

PUBLISHED = "hootsuite/messages/messages.published"
SECRET = "bench-secret"
STATES = {"SENT": PUBLISHED, **{f"SENT_{number}": f"{PUBLISHED}_{number}" for number in range(24)}}
"""State → topic of the triggers that `connector` makes at least."""


def connector(root: Path, folder: Path, triggers: int) -> Connector:
    """The connector in `root` with that many triggers in all, out of a copy in `folder`."""
    for part in ("operations", "schemas"):
        shutil.copytree(root / part, folder / part)
    shutil.copy(root / "connector.yaml", folder)
    own = folder / "operations" / "triggers"
    text = (own / "message_published.yaml").read_text("utf-8")
    for number in range(triggers - len(list(own.iterdir()))):
        made = text.replace(PUBLISHED, f"{PUBLISHED}_{number}").replace("state: SENT", f"state: SENT_{number}")
        made = made.replace("trigger: Message Published", f"trigger: Message Published {number}")
        (own / f"message_published_{number}.yaml").write_text(made, "utf-8")
    return load(folder)


def call(events: int) -> dict[str, Any]:
    """The signed headers and the body of a call with that many events, spread over STATES."""
    body = json.dumps([_item(number, list(STATES)[number % len(STATES)]) for number in range(events)]).encode()
    signature = hmac.digest(SECRET.encode(), body, "sha512").hex()
    return {"headers": {"Content-Type": "application/json", "X-Hootsuite-Signature": signature}, "body": body}


def _item(number: int, state: str) -> dict[str, Any]:
    return {
        "seq_no": str(9007199254740996 + number),
        "type": "com.hootsuite.messages.event.v1",
        "data": {
            "state": state,
            "organization": {"id": "626001"},
            "message": {"id": str(4138476039 + number)},
            "timestamp": f"2026-05-02T07:00:03.{number:03}Z",
        },
    }


def patterns(count: int) -> list[str]:
    """That many patterns, of which five fit PUBLISHED; the others are for other topics, some with + and #."""
    fitting = [
        PUBLISHED,
        "hootsuite/messages/+",
        "hootsuite/#",
        "+/+/messages.published",
        "messages/messages.published",
    ]
    kinds = ["hootsuite/messages/sent.{}", "shop{}/orders/+", "shop{}/#", "+/orders/made.{}", "hootsuite/list{}/made"]
    return fitting + [kinds[number % len(kinds)].format(number) for number in range(count - len(fitting))]
