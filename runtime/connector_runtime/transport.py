"""The wire: `send(request) -> response`, the only place that opens a connection.

In: a `Request`. Out: a `Response`, whatever its status. Raises `NoAnswer` where none came, saying whether a part of the
request had left. Redirects are not followed, TLS is always verified, cookies are not kept. Proxy and CA settings of the
environment are read once for each host and then kept. A total deadline holds whatever the other side does: the time-out
of `requests` starts anew with every byte.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, BinaryIO

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .messages import FileBody, NoAnswer, Request, Response, Timeouts, split_address

MAX_BODY = 32 * 1024 * 1024
MAX_CONNECTIONS = 32


@dataclass
class _Watch:
    """The clock of one exchange, and whether a part of the request has left."""

    deadline: float
    read: float
    sent: bool = False

    def left(self) -> float:
        """The time-out for the next step. TimeoutError: there is no time left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return min(left, self.read)


_watch: ContextVar[_Watch] = ContextVar("watch")


class _WatchedReader(io.RawIOBase):
    """Reads from a socket; every single read has what is left of the deadline as its time-out."""

    ended = False

    def __init__(self, raw: Any, sock: Any) -> None:
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_watch.get().left())
        read: int | None = self._raw.readinto(buffer)
        self.ended = read == 0
        return read

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _WatchedResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _WatchedReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._reader, 65536)

    def begin(self) -> None:
        super().begin()
        if self._reader.ended:  # http.client takes the end of the connection for the end of the headers
            raise http.client.IncompleteRead(b"")


class _WatchedConnection(HTTPConnection):
    response_class = _WatchedResponse

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            _watch.get().sent = False  # what was sent until here was for a proxy

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        watch = _watch.get()
        self.sock.settimeout(watch.left())
        watch.sent = True
        super().send(data)


class _WatchedSecureConnection(_WatchedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _WatchedSecureConnection


class _Adapter(HTTPAdapter):
    """requests' own adapter with connections that keep the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


class _Changed(OSError):
    """A file has not the size that it was announced with."""


class _TooLarge(OSError):
    """The answer is larger than it may be."""


class _Exactly:
    """A stream that gives the announced number of bytes, no more; _Changed: there are fewer."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int) -> bytes:
        block = self._stream.read(min(size, self._left))
        if not block and self._left:
            raise _Changed
        self._left -= len(block)
        return block


@dataclass(frozen=True)
class _Route:
    """The connections to one host; `absolute`: a proxy wants the whole address."""

    pool: Any
    absolute: bool


class Transport:
    """One set of kept-alive connections. `send` may be called from several threads."""

    def __init__(self, timeouts: Timeouts = Timeouts(), max_body: int = MAX_BODY) -> None:  # noqa: B008 (frozen)
        self.timeouts = timeouts
        self.max_body = max_body
        self._adapter = _Adapter(pool_connections=MAX_CONNECTIONS, pool_maxsize=MAX_CONNECTIONS)
        self._routes: dict[str, _Route] = {}

    def close(self) -> None:
        """Closes the connections."""
        for route in self._routes.values():
            route.pool.close()
        self._routes.clear()
        self._adapter.close()

    def send(self, request: Request) -> Response:
        """Sends, and gives the answer; see the top of this module."""
        total = request.timeout or self.timeouts.total
        watch = _Watch(time.monotonic() + total, self.timeouts.read)
        token = _watch.set(watch)
        try:
            if isinstance(request.body, FileBody):
                with request.body.path.open("rb") as stream:
                    if os.fstat(stream.fileno()).st_size != request.body.size:
                        raise _Changed
                    return self._exchange(request, _Exactly(stream, request.body.size), str(request.body.size))
            length = str(len(request.body)) if request.body is not None else None
            return self._exchange(request, request.body, length)
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            late = time.monotonic() >= watch.deadline
            raise NoAnswer(self._words(request, error, late, total), sent=watch.sent) from None
        finally:
            _watch.reset(token)

    def _exchange(self, request: Request, body: Any, length: str | None) -> Response:
        origin, target = split_address(request.url)
        route = self._route(request.url)
        headers = {**request.headers, **request.credentials}
        if length is not None or request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = length or "0"
        raw = route.pool.urlopen(
            request.method,
            origin + target if route.absolute else target,
            body=body,
            headers=headers,
            timeout=urllib3.Timeout(min(self.timeouts.connect, _watch.get().left()), self.timeouts.read),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            if raw.status < 200:  # a hint that another answer follows; reading on would mix the two up
                raise http.client.BadStatusLine(str(raw.status))
            content = raw.read(self.max_body + 1, decode_content=True)
            if len(content) > self.max_body:
                raise _TooLarge
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return Response(raw.status, {name.lower(): value for name, value in raw.headers.itermerged()}, content)

    def _route(self, url: str) -> _Route:
        """The way to the host of an address, worked out by requests once, from the environment as it is then."""
        origin, _ = split_address(url)
        found = self._routes.get(origin)
        if found is None:
            prepared = requests.Request("GET", origin).prepare()
            with requests.Session() as session:
                chosen = session.merge_environment_settings(origin, {}, True, None, None)
            verify, proxies, cert = chosen["verify"], chosen["proxies"], chosen["cert"]
            pool = self._adapter.get_connection_with_tls_context(prepared, verify, proxies, cert)
            self._adapter.cert_verify(pool, origin, verify, cert)  # type: ignore[no-untyped-call]  # requests has no types
            absolute = self._adapter.request_url(prepared, proxies).startswith("http")
            found = self._routes[origin] = _Route(pool, absolute)
        return found

    def _words(self, request: Request, error: BaseException, late: bool, total: float) -> str:
        host = split_address(request.url)[0].partition("://")[2]
        if late:
            return f"{host} did not finish answering within {total:g} s"
        if "TLS CA certificate bundle" in str(error):
            return "the certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be read"
        reasons = list(_chain(error))
        default = _CUT if _watch.get().sent else "{host} cannot be reached"
        text = next((text for kinds, text in _WORDS if any(isinstance(it, kinds) for it in reasons)), default)
        mib = self.max_body / 1024 / 1024
        return text.format(host=host, connect=self.timeouts.connect, read=self.timeouts.read, mib=mib)


_CUT = "the connection to {host} was cut before the answer was complete"
_WORDS: tuple[tuple[Any, str], ...] = (
    (socket.gaierror | urllib3.exceptions.NameResolutionError, "the name {host} cannot be found"),
    (ssl.SSLCertVerificationError, "the certificate of {host} is not to be trusted"),
    (ssl.SSLError, "no secure connection to {host} is possible"),
    (urllib3.exceptions.ProxyError, "the proxy does not connect to {host}"),
    (ConnectionRefusedError, "{host} refuses the connection"),
    (urllib3.exceptions.ConnectTimeoutError, "{host} does not take the connection within {connect:g} s"),
    (TimeoutError | urllib3.exceptions.ReadTimeoutError, "{host} did not answer within {read:g} s"),
    (_TooLarge, "the answer of {host} is larger than {mib:g} MiB"),
    (_Changed, "the file has changed in the meantime"),
    (FileNotFoundError | PermissionError | IsADirectoryError, "the file can no longer be read"),
    (urllib3.exceptions.NewConnectionError, "{host} cannot be reached"),
    (http.client.RemoteDisconnected, _CUT),
    (http.client.BadStatusLine | http.client.LineTooLong, "{host} answered with something that is not HTTP"),
    (urllib3.exceptions.DecodeError, "the answer of {host} is compressed and damaged"),
)
"""What went wrong, the first that fits → in words."""


def _chain(error: BaseException | None) -> Any:
    """The error and everything that it was made from."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
