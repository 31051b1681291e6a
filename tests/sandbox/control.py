"""What a test sees and scripts: the requests so far, violations, and odd answers to come.

In: every request of both ports, and the answers a test wants instead of the real ones.
Out: records in order. A script is used up by the first requests that fit it.
"""

import fnmatch
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from flask import Request, Response
from werkzeug.datastructures import Headers

from .wire import JSON_TYPE


@dataclass
class Recorded:
    """One request as it came. `path` is still percent-encoded; `status` is what it was answered with."""

    server: str  # api or upload
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Headers
    body: bytes = b""  # stays empty for uploads, which have only a size and a hash
    size: int = 0
    sha256: str = ""
    status: int | None = None  # None: no answer, or not yet

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Script:
    """An answer to give instead of the real one; see `Control.fail_next`."""

    method: str
    path: str
    status: int | None
    body: Any
    headers: dict[str, str]
    times: int
    carried_out: bool
    delay: float


@dataclass
class Control:
    requests: list[Recorded] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _scripts: list[Script] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(
        self,
        method: str,
        path: str,
        status: int | None = 500,
        body: Any = "",
        headers: dict[str, str] | None = None,
        times: int = 1,
        carried_out: bool = False,
        delay: float = 0.0,
    ) -> None:
        """The next `times` requests that fit get this answer; nothing happens unless `carried_out`.

        `path` may hold `*`. `status` None hangs up without an answer. `body` is text, bytes or something to
        write as JSON. `delay` waits that many real seconds first. Scripted answers are meant to be odd, so
        the contract check leaves them alone.
        """
        script = Script(method, path, status, body, headers or {}, times, carried_out, delay)
        with self._lock:
            self._scripts.append(script)

    def take(self, method: str, path: str) -> Script | None:
        with self._lock:
            for script in self._scripts:
                if script.method == method and fnmatch.fnmatchcase(path, script.path):
                    script.times -= 1
                    if script.times < 1:
                        self._scripts.remove(script)
                    return script
        return None

    def record(self, request: Request, server: str) -> Recorded:
        """Writes down all but the body, which the caller reads."""
        path = request.environ["RAW_URI"].partition("?")[0]
        query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
        headers = Headers(list(request.headers))
        recorded = Recorded(server, request.method, path, query, headers)
        self.requests.append(recorded)
        return recorded

    def play(self, script: Script, request: Request) -> Response:
        """The scripted answer, after its delay; hanging up closes the connection under the answer's feet."""
        self.stopping.wait(script.delay)
        if script.status is None:
            with suppress(OSError):
                request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response("", 500)
        plain = isinstance(script.body, str | bytes)
        body = script.body if plain else json.dumps(script.body)
        headers = {"Content-Type": "text/html" if plain else JSON_TYPE}
        return Response(body, script.status, headers | script.headers)
