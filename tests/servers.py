"""Small servers on loopback that behave oddly, for the tests of the wire.

In: what to do with each connection, as a function of its socket or as the bytes of an answer. Out: an address, and what
was seen. All threads and sockets end with the context; an assertion that fails in a handler fails the test.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

LOOPBACK = "127.0.0.1"
ENVIRONMENT = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle", "netrc")
PATIENCE = 5.0  # seconds in which a thread has to end


@dataclass
class Seen:
    """One request as it came over the wire; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server: its port, the connections and requests so far, and when it is told to stop."""

    port: int
    scheme: str = "http"
    connections: int = 0
    requests: list[Seen] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{LOOPBACK}:{self.port}"

    @property
    def netloc(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def receive(self, sock: socket.socket) -> Seen | None:
        """The next request of a connection, kept in `requests`; None where there is no more."""
        seen = read_request(sock)
        if seen:
            self.requests.append(seen)
        return seen


Handler = Callable[[Server, socket.socket], None]


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str, version: str = "HTTP/1.1") -> bytes:
    """The bytes of an ordinary answer."""
    lines = [f"{version} {status}", *headers]
    if not any(line.lower().startswith(("content-length:", "transfer-encoding:")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_request(sock: socket.socket) -> Seen | None:
    """One request with its body; None where the other side has hung up instead."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(1)  # byte by byte, so that nothing of a next request is taken
        if not piece:
            return None
        head += piece
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body, wanted = bytearray(), int(headers.get("content-length", "0"))
    while len(body) < wanted:
        piece = sock.recv(min(65536, wanted - len(body)))
        if not piece:
            break
        body += piece
    return Seen(method, target, headers, bytes(body))


def always(response: bytes) -> Handler:
    """Answers every request of a connection with the same bytes."""

    def handle(server: Server, sock: socket.socket) -> None:
        while server.receive(sock):
            sock.sendall(response)

    return handle


def once(response: bytes) -> Handler:
    """Answers the first request of a connection and hangs up."""

    def handle(server: Server, sock: socket.socket) -> None:
        if server.receive(sock):
            sock.sendall(response)

    return handle


@contextmanager
def serve(behaviour: bytes | Handler, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Runs a server; `behaviour` is called in a thread of its own for each connection."""
    handler = always(behaviour) if isinstance(behaviour, bytes) else behaviour
    listener = socket.create_server((LOOPBACK, 0))
    server = Server(listener.getsockname()[1], "https" if tls else "http")
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def handle(sock: socket.socket) -> None:
        try:
            if tls:
                sock.settimeout(PATIENCE)
                sock = tls.wrap_socket(sock, server_side=True)
                sockets.append(sock)
            with sock:
                handler(server, sock)
        except OSError:
            pass  # the client hung up
        except BaseException as error:
            server.failures.append(error)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                server.connections += 1
                sockets.append(sock)
                threads.append(threading.Thread(target=handle, args=(sock,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.stopping.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(PATIENCE)
        for sock in sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(PATIENCE)
        for sock in sockets:
            sock.close()
    assert not any(thread.is_alive() for thread in (accepting, *threads)), "a server thread did not end"
    assert not server.failures, server.failures


@contextmanager
def proxy(refusal: bytes | None = None) -> Iterator[Server]:
    """A proxy for this machine: forwards, or joins the two sides after CONNECT, and keeps what it was asked for.

    `refusal` is what it answers instead.
    """

    def handle(server: Server, sock: socket.socket) -> None:
        while seen := server.receive(sock):
            if refusal is not None:
                sock.sendall(refusal)
                return
            authority = seen.target.removeprefix("http://").partition("/")[0]
            host, _, port = authority.partition(":")
            assert host == LOOPBACK, "only this machine"
            with socket.create_connection((host, int(port)), PATIENCE) as onward:
                if seen.method == "CONNECT":
                    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _join(sock, onward)
                    return
                path = "/" + seen.target.removeprefix("http://").partition("/")[2]
                lines = [
                    f"{seen.method} {path} HTTP/1.1",
                    *(f"{k}: {v}" for k, v in seen.headers.items()),
                    "Connection: close",
                ]
                onward.sendall("\r\n".join([*lines, "", ""]).encode() + seen.body)
                onward.shutdown(socket.SHUT_WR)
                _copy(onward, sock)
                return

    with serve(handle) as server:
        yield server


def _join(one: socket.socket, other: socket.socket) -> None:
    there = threading.Thread(target=_copy, args=(one, other), daemon=True)
    there.start()
    _copy(other, one)
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    there.join(PATIENCE)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def closed_port() -> Iterator[str]:
    """An address of this machine at which nobody listens: the port is bound, so nobody else takes it."""
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        yield f"http://{LOOPBACK}:{sock.getsockname()[1]}"


@contextmanager
def full_port() -> Iterator[str]:
    """An address whose queue of connections is full: new ones are neither taken nor refused."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            for sock in waiting:
                sock.close()


def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away what the environment says about proxies and certificates."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A new certificate for this machine, signed by itself: its file, and how to serve with it. Skips without openssl."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate, and there is none here")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", f"subjectAltName=IP:{LOOPBACK},DNS:localhost"]
    subprocess.run(
        [*command.split(), *names, "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=30
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
