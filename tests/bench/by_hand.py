"""What a person would write by hand for the same jobs: the measure for the figures of `make bench`.

Each does what its counterpart does and no more: no checks of input or answer, no errors in words.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests
import yaml
from connector_runtime import match_topic


def session(token: str) -> requests.Session:
    """A session that keeps its connection and asks the environment nothing."""
    made = requests.Session()
    made.trust_env = False
    made.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    return made


def schedule(http: requests.Session, base_url: str, post: dict[str, Any]) -> dict[str, Any]:
    """Beside `account.run("schedule_message", …)`."""
    answer = http.post(f"{base_url}/v1/messages", json=post, timeout=(5, 30))
    answer.raise_for_status()
    body = answer.json()
    return {"messages": body["data"], "messageIds": [message["id"] for message in body["data"]]}


def messages(http: requests.Session, base_url: str, start: str, end: str) -> Iterator[dict[str, Any]]:
    """Beside `account.records("list_messages", …)`."""
    params = {"startTime": start, "endTime": end, "limit": "100"}
    while True:
        answer = http.get(f"{base_url}/v1/messages", params=params, timeout=(5, 30))
        answer.raise_for_status()
        body = answer.json()
        yield from body["data"]
        cursor = body["metadata"]["cursor"]["next"]
        if not cursor:
            return
        params["cursor"] = cursor


def read_yaml(folder: Path) -> list[Any]:
    """Beside `load(folder)`: the files as plain data, by libyaml, with no check and no place of anything."""
    files = [folder / "connector.yaml", *folder.glob("operations/*/*.yaml"), *folder.glob("schemas/*.yaml")]
    return [yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in files]


def receive(
    topics: dict[str, str], secret: bytes, connection: str, headers: dict[str, str], body: bytes
) -> list[dict[str, Any]]:
    """Beside `connector.receive("platform", …)`; `topics` has the topic of each state."""
    if not hmac.compare_digest(hmac.digest(secret, body, "sha512").hex(), headers["X-Hootsuite-Signature"]):
        raise PermissionError("the signature does not fit")
    source, events = f"hootsuite/{connection}", {}
    for item in json.loads(body):
        if item["type"] == "com.hootsuite.ping.event.v1":
            continue
        data = item["data"]
        state, message_id, organization = data["state"], data["message"]["id"], data["organization"]
        topic = topics.get(state)
        if topic is None:
            continue
        id_ = sha256(f"{source}/{topic}/{message_id}/{state}".encode()).hexdigest()[:32]
        if id_ in events:
            continue
        events[id_] = {
            "specversion": "1.0",
            "id": id_,
            "source": source,
            "type": topic,
            "time": data["timestamp"],
            "datacontenttype": "application/json",
            "data": {
                "messageId": message_id,
                "state": state,
                "at": data["timestamp"],
                "organizationId": organization["id"] if organization else None,
                "eventId": id_,
            },
        }
    return list(events.values())


def subscribers(subscriptions: list[tuple[str, int]], topic: str) -> list[int]:
    """Beside `Subscriptions.matching(topic)`."""
    return [subscriber for pattern, subscriber in subscriptions if match_topic(pattern, topic)]
