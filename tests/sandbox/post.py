"""One POST request to an address on this machine, ended by the clock and not only by the other side.

In: an address, headers, a body, a time limit. Out: the status of the answer, or None where none came in time.
Refused: nothing here; ask `is_on_this_machine` first. Redirects are not followed, and an answer is read until it
ends or its first 32 KB are in.
"""

import asyncio
import re
from contextlib import suppress
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
LARGEST_ANSWER = 32 * 1024
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")
LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
BODILESS = (204, 304)


def is_on_this_machine(url: str) -> bool:
    """Whether this is a plain `http://` address of this machine."""
    try:
        parts = urlsplit(url)
        known = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS and parts.port != 0
    except ValueError:  # no address at all
        return False
    return known and url.isascii() and url.isprintable() and " " not in url


async def post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> int | None:
    with suppress(OSError, EOFError, asyncio.LimitOverrunError):  # a time-out is an OSError
        async with asyncio.timeout(seconds):
            return await _exchange(url, headers, body)
    return None


async def _exchange(url: str, headers: dict[str, str], body: bytes) -> int | None:
    parts = urlsplit(url)
    port = parts.port or 80
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    about = {"Host": f"{host}:{port}", "Connection": "close", "Content-Length": str(len(body))}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in (about | headers).items())]
    reader, writer = await asyncio.open_connection(parts.hostname, port, limit=LARGEST_ANSWER)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        return await _status(reader)
    finally:
        writer.transport.abort()  # nothing more is wanted, so there's nothing to wait for


async def _status(reader: asyncio.StreamReader) -> int | None:
    head = await reader.readuntil(b"\r\n\r\n")
    match, length = STATUS.match(head), LENGTH.search(head)
    if match is None:
        return None
    status, wanted = int(match[1]), LARGEST_ANSWER - len(head)
    if length:
        wanted = min(wanted, int(length[1]))
    if status not in BODILESS:
        with suppress(asyncio.IncompleteReadError):  # without a length, the end of the connection ends the answer
            await reader.readexactly(wanted)
    return status
