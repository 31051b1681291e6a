"""One configured account, and one exchange with the service on its behalf.

In: a `Connection`, an operation and its request. Out: the answer, if it is no failure. Raises what the declared error
rules make of a failure; a call that changes something and gets no answer raises `UnknownOutcome`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from .answers import error_of, verdict_of
from .errors import RemoteError, UnknownOutcome
from .expressions import Names
from .messages import NoAnswer, Request, Response
from .model import Manifest, Operation
from .signin import Credentials, Hosts, authorize

Send = Callable[[Request], Response]
Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Carries out another operation: its id and input → its output."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Connection:
    """One configured account: what is declared, where it may send, how it signs, and the seams to the world.

    `values` are its settings and what of its sign-in is no secret; `forms` every form of its secrets; `folder` where
    relative file names start.
    """

    manifest: Manifest
    name: str
    hosts: Hosts
    credentials: Credentials
    values: Mapping[str, Any]
    forms: tuple[str, ...] = field(repr=False)
    send: Send = field(repr=False)
    now: Callable[[], datetime] = utc_now
    pause: Callable[[float], None] = sleep
    folder: Path = Path()

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        agent = f"connector-runtime {self.manifest.connector}/{self.manifest.version}"
        return {"User-Agent": agent, "Accept-Encoding": "gzip, deflate"} | {
            name.title(): value for name, value in self.manifest.service.headers.items()
        }


def rounds(connection: Connection, every: float, at_most: float) -> Iterator[None]:
    """Now, and again after each pause until the time (in seconds) is up."""
    start, waited = monotonic(), 0.0
    while True:
        yield
        waited += every
        if max(waited, monotonic() - start) >= at_most:
            return
        connection.pause(every)


def call(connection: Connection, operation: Operation, request: Request, names: Names) -> Response:
    """Sends one request of an operation and gives its answer if that is no failure."""
    response = _exchange(connection, operation, request)
    if 200 <= response.status < 300:
        return response
    verdict = verdict_of(operation, response, names, connection.manifest.title)
    if verdict.then == "done":
        return response
    raise error_of(operation, response, verdict)


def _exchange(connection: Connection, operation: Operation, request: Request) -> Response:
    try:
        return connection.send(authorize(request, connection.hosts, connection.credentials))
    except NoAnswer as error:
        what = f"{operation.title}: no answer from {connection.manifest.title}, {error}."
        if operation.unknown_matters and error.sent:
            text = f"{what} Nobody knows whether it happened: look before you do it again."
            raise UnknownOutcome(text, operation=operation.id) from None
        text = what
        if operation.effect != "read":
            text += " Doing it again does no harm." if error.sent else " Nothing was done."
        raise RemoteError(text, operation=operation.id, retryable=True) from None
