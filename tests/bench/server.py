"""A server that costs as little as possible: fixed answers over kept-alive connections, in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PAGES, PAGE = 100, 100


def message(number: int) -> dict[str, Any]:
    """A message as the service gives it."""
    return {
        "id": str(4138476039 + number),
        "state": "SCHEDULED",
        "text": f"Our spring menu is here, part {number}.",
        "socialProfile": {"id": "115185509"},
        "scheduledSendTime": "2030-05-01T09:00:00Z",
        "webhookUrls": [],
        "tags": ["spring"],
        "targeting": None,
        "privacy": None,
        "location": None,
        "emailNotification": False,
        "mediaUrls": [],
        "media": [],
        "extendedInfo": None,
        "postId": None,
        "postUrl": None,
        "createdByMember": {"id": "15240789"},
        "lastUpdatedByMember": {"id": "15240789"},
        "sequenceNumber": None,
        "reviewers": [],
    }


def _answer(data: Any) -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _pages() -> dict[str, bytes]:
    found = {}
    for page in range(PAGES):
        records = [message(page * PAGE + number) for number in range(PAGE)]
        following = str(page + 1) if page + 1 < PAGES else None
        found[str(page)] = _answer({"data": records, "metadata": {"cursor": {"next": following, "previous": None}}})
    return found


def _serve(listener: socket.socket) -> None:
    created, pages = _answer({"data": [message(0)]}), _pages()
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_converse, args=(connection, created, pages), daemon=True).start()


def _converse(connection: socket.socket, created: bytes, pages: dict[str, bytes]) -> None:
    waiting = b""
    while True:
        while b"\r\n\r\n" not in waiting:
            received = connection.recv(65536)
            if not received:
                return
            waiting += received
        head, _, waiting = waiting.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        wanted = int(length[1]) if length else 0
        while len(waiting) < wanted:
            waiting += connection.recv(65536)
        waiting = waiting[wanted:]
        if head.startswith(b"POST"):
            connection.sendall(created)
        else:
            cursor = re.search(rb"[?&]cursor=(\d+)", head)
            connection.sendall(pages[cursor[1].decode() if cursor else "0"])


@contextmanager
def running() -> Iterator[str]:
    """Starts the server; gives its base address; stops it."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
        process.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.terminate()
            process.join()
