"""What a person would write by hand for the same jobs: the measure for the figures of `make bench`.

Each does what its counterpart does and no more: no checks of input or answer, no errors in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import yaml


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
