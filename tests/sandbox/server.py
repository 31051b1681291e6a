"""Starting and stopping: the two ports, all threads, and `Sandbox`, which holds it all together.

In: a clock speed, a seed, ports and knobs. Out: a running stand-in on 127.0.0.1.
Refused: other addresses than loopback; unknown knobs.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from .contract import Contract
from .control import Control
from .gate import build_api
from .knobs import Knobs, SandboxClock
from .signing import Encoding, KeyForm, Signing
from .state import Account
from .uploads import build_uploads
from .webhooks import Hook, Webhooks

LOOPBACK = "127.0.0.1"


class Handler(WSGIRequestHandler):
    """Keeps connections open between requests, which werkzeug's own handler does not: both applications read
    their request to its end, so that the next one starts where it should."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or small answers on a kept connection wait 40 ms

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body, status, headers = run_wsgi_app(self.server.app, self.make_environ(), buffered=True)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"".join(body))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: `Sandbox.requests` has it all."""


class Port(ThreadedWSGIServer):
    """One application on one port. It knows its open connections, so that stopping can end them."""

    daemon_threads = False  # closing the server waits for the threads of its connections

    def __init__(self, app: Flask, port: int) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(LOOPBACK, port, app, Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=f"sandbox {self.port}")

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)


class Sandbox:
    """The stand-in: `with Sandbox(null_rate=0) as sandbox:` runs it. Knobs are the fields of `Knobs`."""

    def __init__(self, *, speed: float = 1.0, seed: int = 1, port: int = 0, upload_port: int = 0, **knobs: Any) -> None:
        self.knobs = Knobs(**knobs)
        self.clock = SandboxClock(speed)
        self.state = Account(self.clock, seed, self.knobs)
        self.token = self.state.issue_token()
        self.contract = Contract.find()
        self._control = Control()
        self.requests = self._control.requests  # what came in so far, on both ports, in order
        self.violations = self._control.violations  # where requests or answers left the specification
        self.fail_next = self._control.fail_next
        self._webhooks = Webhooks(self.state)
        self.hooks = self._webhooks.hooks  # registered and ad hoc addresses, with all that was sent to them
        self.not_delivered = self._webhooks.not_delivered  # events for addresses that are not on this machine
        self._wanted_ports = port, upload_port
        self._ports: list[Port] = []

    @property
    def base_url(self) -> str:
        return self._ports[0].url

    @property
    def upload_url(self) -> str:
        return self._ports[1].url

    def issue_token(self) -> str:
        return self.state.issue_token()

    def revoke(self, token: str) -> None:
        self.state.tokens.discard(token)

    def register_webhook(
        self,
        url: str,
        *,
        secret: str,
        encoding: Encoding = "hex",
        prefix: str = "",
        key_form: KeyForm = "text",
    ) -> Hook:
        """What a person types into Hootsuite's portal for an organization's app: it's told of all messages."""
        return self._webhooks.register(url, Signing(secret, encoding, prefix, key_form))

    def ping(self, hook: Hook) -> bool:
        """Sends a ping and says whether it was answered with success, which enables a disabled address."""
        return self._webhooks.ping(hook)

    def start(self) -> Self:
        wanted_port, wanted_upload_port = self._wanted_ports
        self._control.stopping.clear()
        api = Port(build_api(self.state, self._control, self.contract), wanted_port)
        self._ports = [api]
        try:
            self._ports.append(Port(build_uploads(self.state, self._control), wanted_upload_port))
        except BaseException:
            api.server_close()
            raise
        self.state.upload_url = self.upload_url
        for port in self._ports:
            port.start()
        self._webhooks.start()
        return self

    def stop(self) -> None:
        self._control.stopping.set()
        self._webhooks.stop()
        for port in self._ports:
            port.stop()
        self._ports = []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
