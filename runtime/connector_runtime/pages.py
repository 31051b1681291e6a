"""Lists: one page after the other, each record checked, nothing twice and nothing left out.

In: a list operation and its names. Out: records as they come (`stream`), or up to `maxRecords` of them and the position
to go on from (`gather`). A position is opaque text: the cursor or address of a page, and how many of its records are
done. Refused: an answer without a list, a cursor that leads to the page it came from (OutputError), a position that no
answer gave (InputError).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from .answers import describe_body, odd_answer
from .connection import Connection, call
from .errors import InputError, InputProblem
from .expressions import Names
from .messages import Request, Response
from .model import Operation
from .paths import ABSENT, EVERY, walk
from .request import build_request, evaluate_all

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]+))*)", re.ASCII)


@dataclass(frozen=True)
class _Page:
    """`records` without those already given, `at` its own cursor or address, `next` that of the next page."""

    records: list[dict[str, Any]]
    at: str | None
    done: int
    next: str | None


def gather(connection: Connection, operation: Operation, names: Names) -> dict[str, Any]:
    """The output of a list: up to `maxRecords` records, and where to go on."""
    wanted = int(names["input"]["maxRecords"])
    found: list[dict[str, Any]] = []
    position = None
    for page in _pages(connection, operation, names, wanted):
        room = wanted - len(found)
        found += page.records[:room]
        if len(page.records) > room:
            position = _position(operation, page.at, page.done + room)
            break
        position = _position(operation, page.next, 0) if page.next else None
        if len(found) == wanted:
            break
    assert operation.records is not None
    return {operation.records.as_: found, "next": position}


def stream(connection: Connection, operation: Operation, names: Names, most: int | None) -> Iterator[list[Any]]:
    """Page after page of records; `most` is where to stop, None for the end."""
    for page in _pages(connection, operation, names, most):
        if most is not None and len(page.records) >= most:
            yield page.records[:most]
            return
        yield page.records
        most = most - len(page.records) if most is not None else None


def first_request(connection: Connection, operation: Operation, names: Names) -> Request:
    """The request for the first page."""
    at, done = _start(connection, operation, names)
    return _request(connection, operation, names, at, done + int(names["input"]["maxRecords"]))


def _pages(connection: Connection, operation: Operation, names: Names, wanted: int | None) -> Iterator[_Page]:
    at, done = _start(connection, operation, names)
    left = wanted
    seen = {at}
    while True:
        request = _request(connection, operation, names, at, None if left is None else left + done)
        response = call(connection, operation, request, names)
        records, following = _read(operation, request, response, names)
        if following is not None and following in seen:
            raise odd_answer(operation, "the next page is one that was already read", response.data)
        page = _Page(records[done:], at, done, following)
        yield page
        if following is None:
            return
        seen.add(following)
        left = None if left is None else left - len(page.records)
        at, done = following, max(0, done - len(records))  # a page may be smaller than the first time


def _request(connection: Connection, operation: Operation, names: Names, at: str | None, wanted: int | None) -> Request:
    """The request for the page at a cursor or an address; `wanted` is how many records it should have at most."""
    pages = operation.pages
    extra: dict[str, str | int] = {}
    if pages and pages.size:
        extra[pages.size.send] = pages.size.max if wanted is None else min(pages.size.max, wanted)
    if pages and pages.by == "cursor" and at is not None:
        extra[pages.send] = at
    request = build_request(operation, names, connection.hosts.base_url, connection.headers, extra)
    return replace(request, url=at, params={}) if pages and pages.by == "link" and at is not None else request


def _read(
    operation: Operation, request: Request, response: Response, names: Names
) -> tuple[list[dict[str, Any]], str | None]:
    """The records of a page, and the cursor or address of the next."""
    spec, pages, body = operation.records, operation.pages, response.data
    assert spec is not None
    found = body if spec.from_ == (EVERY,) else walk(spec.from_, body)
    if spec.optional and response.is_json and found in (ABSENT, None):
        found = []
    if not isinstance(found, list):
        where = "there is no list of records in it" if response.is_json else f"it came {describe_body(response)}"
        raise odd_answer(operation, where, body if response.is_json else response.body.decode("utf-8", "replace"))
    if not all(isinstance(record, dict) for record in found):
        raise odd_answer(operation, "not everything in its list is a record", body)
    if spec.add:
        found = [{**record, **evaluate_all(spec.add, {**names, "record": record}, operation)} for record in found]
    if pages is None:
        return found, None
    if pages.by == "link":
        return found, _next_link(request.url, response.headers.get("link", ""))
    cursor = walk(pages.next, body)
    if cursor in (ABSENT, None, "", False):
        return found, None
    if isinstance(cursor, bool) or not isinstance(cursor, str | int):
        raise odd_answer(operation, "its next page has no cursor that can be sent", body)
    return found, str(cursor)


def _next_link(url: str, header: str) -> str | None:
    """The address of rel=next in a Link header (RFC 8288)."""
    for match in _LINK.finditer(header):
        relation = re.search(r"\brel\s*=\s*\"?([^\";]*)", match[2], re.IGNORECASE)
        if relation and "next" in relation[1].lower().split():
            try:
                return str(urljoin(url, match[1]))
            except ValueError:
                return match[1]  # no address at all; it is refused like any host that nobody declared
    return None


def _position(operation: Operation, at: str | None, done: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([operation.id, at, done]).encode()).decode().rstrip("=")


def _start(connection: Connection, operation: Operation, names: Names) -> tuple[str | None, int]:
    given = names["input"].get("next")
    if given is None:
        return None, 0
    try:
        id_, at, done = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (ValueError, TypeError, RecursionError):
        id_, at, done = "", None, 0
    wrong = id_ != operation.id or not isinstance(at, str | None) or type(done) is not int or done < 0
    if not wrong and at is not None and operation.pages and operation.pages.by == "link":
        wrong = not at.startswith(f"{connection.hosts.base_url}/")  # a caller may not choose what is signed
    if wrong:
        problem = InputProblem("next", f"'{given[:40]}' is not the next of an earlier answer. Start again without it.")
        raise InputError([problem], operation=operation.id)
    return at, done
