"""The wire: what a `Transport` does when the other side does not behave. Real sockets, all of them on loopback."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
import requests
from connector_runtime.messages import MAX_DEPTH, FileBody, NoAnswer, Request, Response, Timeouts, split_address
from connector_runtime.signin import Hosts, may_send
from connector_runtime.transport import Transport
from hypothesis import strategies as st

from tests.servers import (
    Server,
    always,
    answer,
    certificate,
    closed_port,
    full_port,
    once,
    proxy,
    read_request,
    serve,
    without_settings,
)

PATIENT = Timeouts(connect=10, read=10, total=20)  # where no time-out is meant to strike, on a busy machine too
HASTY = Timeouts(connect=0.3, read=0.3, total=20)
SECRET = "secret-token-for-tests"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_settings(monkeypatch)


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(PATIENT)
    yield made
    made.close()


@pytest.fixture
def hasty() -> Iterator[Transport]:
    made = Transport(HASTY)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


def get(url: str, **fields: object) -> Request:
    return Request("GET", url + "/", {"Accept-Encoding": "gzip, deflate"}, **fields)  # type: ignore[arg-type]


def post(url: str, body: bytes = b'{"a":1}') -> Request:
    return Request("POST", url + "/", {}, body)


def fails(transport: Transport, request: Request) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        transport.send(request)
    return caught.value


# -- no answer at all ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_refused_connection_means_that_nothing_has_left(transport: Transport, method: str) -> None:
    with closed_port() as url:
        error = fails(transport, Request(method, url + "/"))
        assert str(error) == f"{url[7:]} refuses the connection"
    assert not error.sent


def test_a_connection_that_is_not_taken_in_time_means_that_nothing_has_left(hasty: Transport) -> None:
    with full_port() as url:
        error = fails(hasty, post(url))
        assert str(error) == f"{url[7:]} does not take the connection within 0.3 s"
    assert not error.sent


def test_the_total_deadline_also_holds_while_connecting() -> None:
    with full_port() as url:
        error = fails(Transport(Timeouts(connect=60, read=60, total=0.3)), post(url))
        assert str(error) == f"{url[7:]} did not finish answering within 0.3 s"
    assert not error.sent


def test_a_name_that_cannot_be_found_means_that_nothing_has_left(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    error = fails(transport, post("http://nowhere.invalid"))
    assert str(error) == "the name nowhere.invalid cannot be found"
    assert not error.sent


def test_a_server_that_does_not_answer_is_left_after_the_read_time_out(hasty: Transport) -> None:
    def silent(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        server.stopping.wait(10)

    with serve(silent) as server:
        error = fails(hasty, post(server.url))
        assert not server.stopping.is_set()
        assert str(error) == f"{server.netloc} did not answer within 0.3 s"
    assert error.sent


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TRICKLES = {
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
    "body without a length": (HEAD + b"Connection: close\r\n\r\n", b"x"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "the length of one chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "header value": (HEAD + b"X-Long: ", b"x"),
    "header lines": (HEAD, b"X: y\r\n"),
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "gzip": (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n" + gzip.compress(b"")[:10], b"\0"),
}


@pytest.mark.parametrize("name", TRICKLES)
def test_a_trickle_does_not_hold_a_call_beyond_its_deadline(name: str) -> None:
    """The time-out between two bytes would never strike; the server is still trickling when the call gives up."""
    start, drop = TRICKLES[name]
    ended, left = threading.Event(), threading.Event()

    def trickle(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        sock.sendall(start)
        for _ in range(2000):
            try:
                sock.sendall(drop)
            except OSError:
                left.set()
                return
            if server.stopping.wait(0.01):
                return
        ended.set()

    transport = Transport(Timeouts(connect=0.3, read=60, total=0.3))
    with serve(trickle) as server:
        error = fails(transport, post(server.url))
        assert not ended.is_set()
        assert left.wait(3), "the connection was not closed"
        assert str(error) == f"{server.netloc} did not finish answering within 0.3 s"
    assert error.sent


def test_a_request_may_have_a_deadline_of_its_own() -> None:
    def slow(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        server.stopping.wait(0.4)
        sock.sendall(answer(b"done"))

    with serve(slow) as server:
        hurried = Transport(Timeouts(connect=0.3, read=60, total=0.2))
        assert str(fails(hurried, get(server.url))) == f"{server.netloc} did not finish answering within 0.2 s"
        assert hurried.send(get(server.url, timeout=5)).body == b"done"


def test_a_server_that_does_not_read_does_not_hold_an_upload_beyond_its_deadline(tmp_path: Path) -> None:
    def deaf(server: Server, sock: socket.socket) -> None:
        server.stopping.wait(10)

    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    with serve(deaf) as server:
        body = FileBody(path, path.name, 64 * 1024 * 1024, "video/mp4")
        error = fails(Transport(Timeouts(read=60, total=0.3)), Request("PUT", server.url + "/", {}, body))
        assert str(error) == f"{server.netloc} did not finish answering within 0.3 s"
    assert error.sent


CUT = "the connection to {} was cut before the answer was complete"
NOT_HTTP = "{} answered with something that is not HTTP"
BROKEN: dict[str, tuple[bytes, str]] = {
    "before an answer": (b"", CUT),
    "in the status line": (b"HTTP/1.", NOT_HTTP),
    "in the headers": (b"HTTP/1.1 200 OK\r\nContent-Le", CUT),
    "in the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", CUT),
    "in a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", CUT),
    "between chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", CUT),
    "no length of a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlots\r\n{}\r\n", CUT),
    "garbage": (b"\x15\x03\x01\x00\x02\x02\x46 nonsense\r\n\r\n", NOT_HTTP),
    "a mail server": (b"220 mail.example.com ESMTP\r\n", NOT_HTTP),
    "an endless status line": (b"HTTP/1.1 200 " + b"x" * 70000 + b"\r\n\r\n", NOT_HTTP),
    "an endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n", NOT_HTTP),
    "too many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", CUT),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}", CUT),
    "broken gzip": (
        answer(b"this is not gzip", "200 OK", "Content-Encoding: gzip", "Connection: close"),
        "the answer of {} is compressed and damaged",
    ),
    "an early hint": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(), NOT_HTTP),
}


@pytest.mark.parametrize("name", BROKEN)
def test_half_an_answer_is_no_answer_and_the_request_may_have_been_carried_out(transport: Transport, name: str) -> None:
    data, sentence = BROKEN[name]
    with serve(once(data)) as server:
        for request in (post(server.url), get(server.url), Request("DELETE", server.url + "/")):
            error = fails(transport, request)
            assert error.sent, f"{request.method} {name}"
            if name in ("in the headers", "in the body") or sentence != CUT:
                assert str(error) == sentence.format(server.netloc)


def test_after_half_an_answer_the_next_call_gets_a_connection_of_its_own(transport: Transport) -> None:
    """What is left of one answer must never be taken for the next one."""
    waiting = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noneone-too-many",
        b"HTTP/1.1 103 Early\r\n\r\n",
        answer(b"three"),
    ]

    def handle(server: Server, sock: socket.socket) -> None:
        while server.receive(sock):
            sock.sendall(waiting.pop(0))

    with serve(handle) as server:
        assert transport.send(get(server.url)).body == b"oneo"
        fails(transport, get(server.url))
        assert transport.send(get(server.url)).body == b"three"
        assert server.connections in (2, 3)  # what was too much is either still to be read or was thrown away


def test_a_kept_connection_that_the_server_has_closed_is_replaced(transport: Transport) -> None:
    closed = threading.Event()

    def handle(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        sock.sendall(answer(b"1"))
        sock.shutdown(socket.SHUT_RDWR)
        closed.set()

    with serve(handle) as server:
        assert transport.send(post(server.url)).body == b"1"
        assert closed.wait(3)
        time.sleep(0.02)  # until the news is here
        assert transport.send(post(server.url)).body == b"1"
        assert len(server.requests) == 2


def test_a_kept_connection_that_is_closed_under_a_request_is_not_tried_again(transport: Transport) -> None:
    """The server may have carried the request out before it hung up."""

    def handle(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        sock.sendall(answer(b"1"))
        server.receive(sock)

    with serve(handle) as server:
        transport.send(post(server.url))
        error = fails(transport, post(server.url))
        assert error.sent
        assert str(error) == CUT.format(server.netloc)
        assert len(server.requests) == 2
        assert server.connections == 1


# -- ordinary and less ordinary answers ------------------------------------------------------------------


def test_a_redirect_is_an_answer_and_is_not_followed(transport: Transport) -> None:
    with serve(answer()) as other:
        for status in (301, 302, 303, 307, 308):
            with serve(answer(b"", f"{status} Elsewhere", f"Location: {other.url}/stolen")) as server:
                found = transport.send(post(server.url))
            assert found.status == status
            assert found.headers["location"] == f"{other.url}/stolen"
        assert other.connections == 0


ANSWERS: dict[str, tuple[bytes, int, bytes]] = {
    "204 without a length": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "an empty body": (answer(b""), 200, b""),
    "no reason": (b"HTTP/1.1 500 \r\nContent-Length: 2\r\n\r\nno", 500, b"no"),
    "no reason and no space": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "continue, twice": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + answer(b"last"),
        200,
        b"last",
    ),
    "chunked": (CHUNKED + b"2;x=y\r\n{}\r\n0\r\nX: y\r\n\r\n", 200, b"{}"),
    "gzip": (answer(gzip.compress(b"{}" * 9), "200 OK", "Content-Encoding: gzip"), 200, b"{}" * 9),
    "deflate": (answer(zlib.compress(b"{}" * 9), "200 OK", "Content-Encoding: deflate"), 200, b"{}" * 9),
    "bare deflate": (answer(zlib.compress(b"{}" * 9)[2:-4], "200 OK", "Content-Encoding: deflate"), 200, b"{}" * 9),
    "gzip twice": (answer(gzip.compress(gzip.compress(b"{}")), "200 OK", "Content-Encoding: gzip, gzip"), 200, b"{}"),
    "gzip in two parts": (
        answer(gzip.compress(b"{") + gzip.compress(b"}"), "200 OK", "Content-Encoding: gzip"),
        200,
        b"{}",
    ),
    "identity": (answer(b"{}", "200 OK", "Content-Encoding: identity"), 200, b"{}"),
    "nothing, called gzip": (answer(b"", "200 OK", "Content-Encoding: gzip"), 200, b""),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_comes_with_its_status_and_its_body_unpacked(transport: Transport, name: str) -> None:
    data, status, body = ANSWERS[name]
    with serve(data) as server:
        found = transport.send(get(server.url))
    assert (found.status, found.body) == (status, body)


def test_an_http_1_0_server_ends_its_answer_by_hanging_up(transport: Transport) -> None:
    with serve(once(b'HTTP/1.0 200 OK\r\nServer: old\r\n\r\n{"old": true}')) as server:
        for _ in range(2):
            assert transport.send(get(server.url)).data == {"old": True}
        assert server.connections == 2


def test_headers_have_lower_case_names_and_repeated_ones_are_joined(transport: Transport) -> None:
    """A service may give its next page in the second of two Link headers."""
    headers = ('LINK: </a>; rel="prev"', 'link: </b>; rel="next"', "X-Trace:  42", "X-Empty:")
    with serve(answer(b"{}", "200 OK", *headers)) as server:
        found = transport.send(get(server.url)).headers
    assert found["link"] == '</a>; rel="prev", </b>; rel="next"'
    assert found["x-trace"] == "42"
    assert found["x-empty"] == ""
    assert list(found) == [name.lower() for name in found]


def _nested(depth: int) -> object:
    return [_nested(depth - 1)] if depth > 1 else []


@pytest.mark.parametrize(
    ("body", "is_json", "data"),
    [
        (b'{"a": 1}', True, {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', True, {"a": 1}),
        (b"null", True, None),
        (b"", False, None),
        (b"{", False, None),
        (b"NaN", False, None),
        (b'{"a": Infinity}', False, None),
        (b"\xff\xfe", False, None),
        (b"[" * 100_000, False, None),
        (b"[" * 100_000 + b"]" * 100_000, False, None),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, True, _nested(MAX_DEPTH)),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), False, None),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), False, None),
        (b'[1, {"a": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}, 2]", False, None),
    ],
)
def test_a_body_is_json_or_it_is_not(body: bytes, is_json: bool, data: object) -> None:
    found = Response(200, {}, body)
    assert (found.is_json, found.data) == (is_json, data)


# -- limits ----------------------------------------------------------------------------------------------

LIMIT = 64 * 1024
TOO_LARGE = "the answer of {} is larger than 0.0625 MiB"


def _bomb() -> bytes:
    return gzip.compress(bytes(64 * 1024 * 1024), 9)


SIZES: dict[str, Callable[[], bytes]] = {
    "with a length": lambda: answer(b"x" * (LIMIT + 1)),
    "a length that is a lie": lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * (LIMIT + 1),
    "without a length": lambda: b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (LIMIT * 4),
    "chunked": lambda: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 17
        + b"0\r\n\r\n"
    ),
    "a gzip bomb": lambda: answer(_bomb(), "200 OK", "Content-Encoding: gzip"),
    "a bomb in a bomb": lambda: answer(gzip.compress(_bomb()), "200 OK", "Content-Encoding: gzip, gzip"),
}


@pytest.mark.parametrize("name", SIZES)
def test_an_answer_that_is_too_large_is_refused_before_it_fills_the_memory(name: str) -> None:
    data = SIZES[name]()
    with serve(once(data)) as server:
        transport = Transport(PATIENT, max_body=LIMIT)
        tracemalloc.start()
        try:
            error = fails(transport, get(server.url))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert str(error) == TOO_LARGE.format(server.netloc)
    assert error.sent
    assert peak < 4 * 1024 * 1024


def test_an_answer_as_large_as_allowed_is_taken() -> None:
    with serve(answer(b"x" * LIMIT)) as server:
        assert len(Transport(PATIENT, max_body=LIMIT).send(get(server.url)).body) == LIMIT


def test_without_more_said_the_limit_is_32_mib() -> None:
    assert Transport().max_body == 32 * 1024 * 1024


# -- kept connections, cookies, threads ------------------------------------------------------------------


def test_a_connection_is_kept_and_used_again(transport: Transport) -> None:
    def handle(server: Server, sock: socket.socket) -> None:
        for status in ("200 OK", "404 Not Found", "204 No Content", "500 Oops", "302 Found"):
            server.receive(sock)
            sock.sendall(answer(b"" if status[:3] == "204" else b"{}", status))
        server.receive(sock)

    with serve(handle) as server:
        for status in (200, 404, 204, 500, 302):
            assert transport.send(post(server.url)).status == status
        assert server.connections == 1


def test_cookies_are_not_kept_and_nothing_is_added_that_was_not_asked_for(transport: Transport) -> None:
    with serve(answer(b"{}", "200 OK", "Set-Cookie: session=1; Path=/", "Set-Cookie: other=2")) as server:
        for _ in range(2):
            transport.send(
                Request("GET", server.url + "/a?b=c", {"X-Own": "1"}, credentials={"Authorization": f"Bearer {SECRET}"})
            )
        transport.send(Request("GET", server.url + "/"))
        first, second, third = server.requests
    assert (
        set(first.headers) == set(second.headers) == {"host", "accept-encoding", "user-agent", "x-own", "authorization"}
    )
    assert first.target == "/a?b=c"
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert "authorization" not in third.headers
    assert "cookie" not in second.headers


def test_passwords_of_netrc_are_not_used(transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jo password hush\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serve(answer()) as server:
        transport.send(get(server.url))
        assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("request_", "length", "body"),
    [
        (Request("POST", "/", {}, b"\xc3\xa4"), "2", b"\xc3\xa4"),
        (Request("POST", "/", {}, b""), "0", b""),
        (Request("POST", "/"), "0", b""),
        (Request("PUT", "/"), "0", b""),
        (Request("DELETE", "/"), None, b""),
        (Request("GET", "/"), None, b""),
    ],
)
def test_a_body_has_its_length_and_is_never_chunked(
    transport: Transport, request_: Request, length: str | None, body: bytes
) -> None:
    with serve(answer()) as server:
        transport.send(Request(request_.method, server.url + request_.url, {}, request_.body))
        (seen,) = server.requests
    assert seen.headers.get("content-length") == length
    assert "transfer-encoding" not in seen.headers
    assert seen.body == body


@pytest.mark.parametrize(
    "target", ["/a%2Fb", "/a/%2E%2E/b", "/%3D%3D", "/a?b=c%26d&e=%20", "/%C3%A4?%C3%A4=1", "/a?x=%7B%7D"]
)
def test_an_address_goes_out_as_it_is_written(transport: Transport, target: str) -> None:
    with serve(answer()) as server:
        transport.send(Request("GET", server.url + target))
        assert server.requests[0].target == target


def test_several_threads_each_get_their_own_answer() -> None:
    def echo(server: Server, sock: socket.socket) -> None:
        while seen := server.receive(sock):
            sock.sendall(answer(seen.target.encode()))

    transport = Transport(PATIENT)
    with serve(echo) as server, ThreadPoolExecutor(16) as pool:
        targets = [f"/{number}" for number in range(200)]
        found = list(
            pool.map(lambda target: transport.send(Request("GET", server.url + target)).body.decode(), targets)
        )
        assert found == targets
        assert server.connections <= 16
        transport.close()


# -- the host that was judged is the host that is asked --------------------------------------------------


@pytest.mark.parametrize("rest", ["", "?x=1", "/", "/v1?x=1", "?", "?a=/b//c", "/@x", "?@x:1", "//x"])
def test_an_address_without_a_path_goes_to_its_own_port_and_not_to_a_part_of_it(
    transport: Transport, rest: str
) -> None:
    """Cut by one character, 127.0.0.1:12345 is 127.0.0.1:1234, where somebody else may listen."""
    with two_ports() as (judged, cut, seen):
        url = f"http://127.0.0.1:{judged}{rest}"
        assert may_send(url, Hosts(f"http://127.0.0.1:{judged}", (f"127.0.0.1:{judged}",), ())) == "signed"
        found = transport.send(Request("GET", url, {}, credentials={"Authorization": f"Bearer {SECRET}"}))
        assert (found.status, found.body) == (200, b"judged")
        target = rest if rest.startswith("/") else f"/{rest}"
        assert seen == {judged: [f"{target} with credentials"], cut: []}


@contextmanager
def two_ports() -> Iterator[tuple[int, int, dict[int, list[str]]]]:
    """Two listeners, one on the port of the other without its last digit; and the targets that each has seen."""
    seen: dict[int, list[str]] = {}
    ending = threading.Event()

    def work(listener: socket.socket, body: bytes, targets: list[str]) -> None:
        while not ending.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                continue
            with sock:
                sock.settimeout(5)
                got = read_request(sock)
                signed = " with credentials" if got and "authorization" in got.headers else ""
                targets.append(f"{got.target}{signed}" if got else "a connection")
                sock.sendall(answer(body, "200 OK", "Connection: close"))

    for _ in range(200):
        with ExitStack() as stack:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            judged = listener.getsockname()[1]
            try:
                other = stack.enter_context(socket.create_server(("127.0.0.1", judged // 10)))
            except OSError:
                continue
            cut = judged // 10
            threads = []
            for one, port, body in ((listener, judged, b"judged"), (other, cut, b"cut")):
                one.settimeout(0.05)
                seen[port] = []
                threads.append(threading.Thread(target=work, args=(one, body, seen[port]), daemon=True))
                threads[-1].start()
            try:
                yield judged, cut, seen
            finally:
                ending.set()
                for thread in threads:
                    thread.join(5)
            return
    pytest.fail("no two such ports are free")


LABELS = st.text("abcXYZ019-_.", min_size=1, max_size=12)
PLACES = st.one_of(
    LABELS,
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda it: f"[{it}]"),
    st.sampled_from(["", "a@b", "a\\b", "a b", "ä", "[", "a%2eb"]),
)
PORTS = st.one_of(
    st.just(""), st.integers(0, 99999).map(lambda it: f":{it}"), st.sampled_from([":", ":x", ":1:2", ":80@b"])
)
RESTS = st.one_of(st.just(""), st.text("/?@:#\\ab.%[]&= \n", max_size=12))


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(scheme=st.sampled_from(["http", "https", "HTTP", "ftp"]), place=PLACES, port=PORTS, rest=RESTS)
def test_whoever_judges_a_host_and_whoever_connects_mean_the_same(
    scheme: str, place: str, port: str, rest: str
) -> None:
    url = f"{scheme}://{place}{port}{rest}"
    transport = Transport(PATIENT)
    try:
        origin, left = split_address(url)
    except ValueError:
        assert (
            may_send(url, Hosts("https://api.example.com", ("api.example.com", place, f"{place}{port}"), ("*.b",)))
            is None
        )
        with pytest.raises(ValueError):  # noqa: PT011  (whatever its words)
            transport._route(url)
        return
    assert url in (origin + left, origin + left[1:])
    assert left.startswith("/")
    assert not {"@", "\\", "#", " ", "\n"} & set(origin)
    assert urlsplit(url).netloc == origin.partition("://")[2], "nobody else may read it in another way"
    try:
        pool = transport._route(url).pool
    except requests.RequestException:
        return  # such as a port that there cannot be; nothing is sent
    expected = urlsplit(origin)
    assert pool.scheme == expected.scheme
    assert pool.port == (expected.port or (443 if scheme == "https" else 80))
    if ":" in str(expected.hostname):
        assert ip_address(pool.host.strip("[]")) == ip_address(str(expected.hostname))
    else:
        assert pool.host == expected.hostname
    assert list(transport._routes) == [origin]
    transport.close()


# -- proxies and certificates ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(transport: Transport, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with serve(answer(b"through")) as server, proxy() as between:
        monkeypatch.setenv(name, between.url)
        assert transport.send(post(server.url)).body == b"through"
        assert [seen.target for seen in between.requests] == [f"{server.url}/"]
        assert between.requests[0].body == b'{"a":1}'


def test_no_proxy_is_respected(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answer()) as server, proxy() as between:
        monkeypatch.setenv("HTTP_PROXY", between.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        transport.send(get(server.url))
        assert between.connections == 0


def test_the_environment_is_read_once_for_a_host(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(answer(b"", "200 OK", "Connection: close")) as server, proxy() as between:
        transport.send(get(server.url))
        monkeypatch.setenv("HTTP_PROXY", between.url)
        transport.send(get(server.url))
        assert between.connections == 0
        fresh = Transport(PATIENT)
        fresh.send(get(server.url))
        assert between.connections == 1
        monkeypatch.delenv("HTTP_PROXY")
        fresh.send(get(server.url))
        assert between.connections == 2


def test_a_proxy_that_cannot_be_reached_means_that_nothing_has_left_and_its_password_is_not_told(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closed_port() as url, serve(answer()) as server:
        monkeypatch.setenv("HTTP_PROXY", url.replace("http://", "http://jo:hush@"))
        error = fails(transport, post(server.url))
        assert str(error) == f"the proxy does not connect to {server.netloc}"
    assert not error.sent


@pytest.mark.parametrize(
    "refusal", [answer(b"", "403 Forbidden"), answer(b"", "407 Authenticate"), b"", b"nonsense\r\n\r\n"]
)
def test_a_tunnel_that_the_proxy_refuses_means_that_nothing_has_left(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, refusal: bytes
) -> None:
    """The CONNECT has left, but the request has not."""
    with proxy(refusal) as between:
        monkeypatch.setenv("HTTPS_PROXY", between.url)
        for request in (post("https://127.0.0.1:9"), Request("DELETE", "https://127.0.0.1:9/")):
            error = fails(transport, request)
            assert not error.sent
        if refusal.startswith(b"HTTP"):
            assert str(error) == "the proxy does not connect to 127.0.0.1:9"
        assert [seen.method for seen in between.requests] == ["CONNECT", "CONNECT"]
        assert "authorization" not in between.requests[0].headers


def test_a_proxy_that_trickles_does_not_hold_a_call_beyond_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(server: Server, sock: socket.socket) -> None:
        server.receive(sock)
        sock.sendall(b"HTTP/1.1 200 ")
        for _ in range(2000):
            sock.sendall(b"O")
            if server.stopping.wait(0.01):
                return

    with serve(trickle) as between:
        monkeypatch.setenv("HTTPS_PROXY", between.url)
        error = fails(Transport(Timeouts(connect=5, read=5, total=0.3)), post("https://127.0.0.1:9"))
        assert str(error) == "127.0.0.1:9 did not finish answering within 0.3 s"
    assert not error.sent


def test_a_certificate_that_nobody_vouches_for_is_refused(
    transport: Transport, tls: tuple[Path, ssl.SSLContext]
) -> None:
    with serve(answer(), tls=tls[1]) as server:
        error = fails(transport, post(server.url))
        assert str(error) == f"the certificate of {server.netloc} is not to be trusted"
        assert not server.requests
    assert not error.sent


def test_verification_cannot_be_switched_off_by_the_environment(
    transport: Transport, tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PYTHONHTTPSVERIFY"):
        monkeypatch.setenv(name, "0" if name.startswith("PYTHON") else "")
    with serve(answer(), tls=tls[1]) as server:
        assert not fails(transport, post(server.url)).sent
        assert not server.requests


def test_a_certificate_of_the_environment_is_trusted_for_its_names_only(
    transport: Transport, tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[0]))
    with serve(answer(b"safe"), tls=tls[1]) as server:
        assert transport.send(post(server.url)).body == b"safe"
        elsewhere = server.url.replace("127.0.0.1", "127.0.0.2")
        listener = socket.create_server(("127.0.0.2", 0))
        with listener:
            thread = threading.Thread(target=_shake_hands, args=(listener, tls[1]), daemon=True)
            thread.start()
            elsewhere = f"https://127.0.0.2:{listener.getsockname()[1]}"
            error = fails(transport, post(elsewhere))
            thread.join(5)
            assert not thread.is_alive()
    assert str(error) == f"the certificate of {elsewhere[8:]} is not to be trusted"
    assert not error.sent


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    sock, _ = listener.accept()
    with sock:
        try:
            with context.wrap_socket(sock, server_side=True) as stream:
                read_request(stream)
        except OSError:
            pass


def test_a_tunnel_through_the_proxy_is_secure_to_the_end(
    transport: Transport, tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[0]))
    with serve(answer(b"safe"), tls=tls[1]) as server, proxy() as between:
        monkeypatch.setenv("HTTPS_PROXY", between.url)
        request = Request("POST", server.url + "/", {}, b"x", credentials={"Authorization": f"Bearer {SECRET}"})
        assert transport.send(request).body == b"safe"
        transport.close()
        (connect,) = between.requests
        assert (connect.method, connect.target) == ("CONNECT", server.netloc)
        assert SECRET not in str(connect.headers)
        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_server_that_does_not_speak_tls_gets_nothing(transport: Transport, data: bytes) -> None:
    def plain(server: Server, sock: socket.socket) -> None:
        assert b"POST" not in sock.recv(4096)
        sock.sendall(data)

    with serve(plain) as server:
        error = fails(transport, post(server.url.replace("http://", "https://")))
        if data:
            assert str(error) == f"no secure connection to {server.netloc} is possible"
    assert not error.sent


def test_a_tls_handshake_that_stalls_means_that_nothing_has_left(hasty: Transport) -> None:
    def stall(server: Server, sock: socket.socket) -> None:
        sock.recv(4096)
        server.stopping.wait(10)

    with serve(stall) as server:
        error = fails(hasty, post(server.url.replace("http://", "https://")))
        assert not server.stopping.is_set()
    assert not error.sent


def test_a_file_of_certificates_that_is_not_there_is_said(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/certificates.pem")
    error = fails(transport, post("https://127.0.0.1:9"))
    assert str(error) == "the certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be read"
    assert not error.sent


# -- files -----------------------------------------------------------------------------------------------


def test_a_large_file_is_streamed_with_its_exact_length_and_little_memory(tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(size)
    counted: list[int] = []
    buffer = bytearray(65536)

    def count(server: Server, sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(1)
        assert f"content-length: {size}\r\n" in head.decode().lower()
        assert b"transfer-encoding" not in head.lower()
        total = 0
        while total < size and (number := sock.recv_into(buffer)):
            total += number
        counted.append(total)
        sock.sendall(answer(b""))

    with serve(count) as server:
        body = FileBody(path, path.name, size, "video/mp4")
        tracemalloc.start()
        try:
            found = Transport(PATIENT).send(Request("PUT", server.url + "/", {"Content-Type": "video/mp4"}, body))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert found.status == 200
    assert counted == [size]
    assert peak < 4 * 1024 * 1024


def test_a_file_goes_out_byte_for_byte(transport: Transport, tmp_path: Path) -> None:
    content = bytes(range(256)) * 300
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    with serve(answer()) as server:
        transport.send(Request("PUT", server.url + "/", {}, FileBody(path, "a.bin", len(content), "image/png")))
        assert server.requests[0].body == content


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (None, "the file can no longer be read"),
        (4, "the file has changed in the meantime"),
        (9, "the file has changed in the meantime"),
    ],
)
def test_a_file_that_is_gone_or_has_another_size_is_not_sent(
    transport: Transport, tmp_path: Path, size: int | None, sentence: str
) -> None:
    """With another length than announced, the server would wait for more, or take the rest for a next request."""
    path = tmp_path / "a.png"
    if size is not None:
        path.write_bytes(b"x" * size)
    with serve(answer()) as server:
        error = fails(transport, Request("PUT", server.url + "/", {}, FileBody(path, "a.png", 8, "image/png")))
        assert server.connections == 0
    assert str(error) == sentence
    assert not error.sent


@pytest.mark.parametrize("more", [True, False])
def test_a_file_that_changes_while_it_is_sent_never_leaves_its_announced_length(tmp_path: Path, more: bool) -> None:
    size = 8 * 1024 * 1024
    path = tmp_path / "growing.mp4"
    with path.open("wb") as file:
        file.truncate(size)
    received: list[int] = []

    def handle(server: Server, sock: socket.socket) -> None:
        with path.open("r+b") as file:
            file.truncate(size + 5000 if more else size // 2)
        seen = server.receive(sock)
        if seen and len(seen.body) == size:
            received.append(len(seen.body))
            sock.sendall(answer())
            assert sock.recv(1) == b"", "bytes came after the announced end"

    transport = Transport(PATIENT)
    request_body = FileBody(path, path.name, size, "video/mp4")
    with serve(handle) as server:
        request = Request("PUT", server.url + "/", {}, request_body)
        if more:
            assert transport.send(request).status == 200
            transport.close()
        else:
            error = fails(transport, request)
            assert str(error) == "the file has changed in the meantime"
            assert error.sent
    assert received == ([size] if more else [])


def test_an_answer_that_comes_before_the_whole_request_was_read_is_an_answer(tmp_path: Path) -> None:
    """S3 says no to a wrong signature at once; the refusal says more than a cut connection."""
    size = 256 * 1024
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(size))

    def hasty(server: Server, sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(1)
        sock.sendall(answer(b"<Error/>", "403 Forbidden", "Connection: close"))
        left = size
        while left and (piece := sock.recv(65536)):
            left -= len(piece)

    with serve(hasty) as server:
        request = Request("PUT", server.url + "/", {}, FileBody(path, "a.mp4", size, "video/mp4"))
        assert Transport(PATIENT).send(request).status == 403


def test_always_is_what_serve_does_with_bytes() -> None:
    with serve(always(answer(b"x"))) as server:
        assert Transport(PATIENT).send(get(server.url)).body == b"x"
