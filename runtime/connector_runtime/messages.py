"""What goes over the wire: a `Request`, a `Response`, and the one way in which there is no response.

In and out: plain data. A request holds no credentials until the sign-in adds them, in a field that is never shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, Final, NoReturn


@dataclass(frozen=True)
class Timeouts:
    """In seconds: to get a connection, between two pieces of an answer, and for the whole exchange."""

    connect: float = 5
    read: float = 30
    total: float = 60


@dataclass(frozen=True)
class FileBody:
    """The bytes of a file as a body: streamed, with its exact length."""

    path: Path
    name: str
    size: int
    type: str


@dataclass(frozen=True)
class Request:
    """A request as it would be sent: `url` with its query string, `body` the bytes (or the file) after it.

    `params`, `json` and `form` are the same once more as data. `timeout` is the limit for the whole exchange in
    seconds, where it has one of its own; `signed` is whether credentials belong to it. `parts` explains each part; only
    `try_` fills it.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | FileBody | None = field(default=None, repr=False)
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    operation: str = ""
    timeout: float | None = None
    signed: bool = True
    parts: tuple[Any, ...] = field(default=(), repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Response:
    """An answer: header names in lower case, the body as it came (decompressed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @cached_property
    def data(self) -> Any:
        """The body as JSON; None where it is empty or not JSON (see `is_json`)."""
        return self._parsed[0]

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self._parsed[1]

    @cached_property
    def _parsed(self) -> tuple[Any, bool]:
        try:
            return parse_json(self.body), True
        except ValueError:
            return None, False


def parse_json(body: bytes) -> Any:
    """The JSON of a body. Half a character becomes U+FFFD, and a number larger than any can be stays text, so that
    whatever comes out can be written again. ValueError: it is none, or is nested deeper than MAX_DEPTH, which shows
    before it is parsed."""
    plain = re.sub(rb"\\.", b"", body, flags=re.DOTALL) if b"\\" in body else body
    brackets = b"".join(plain.translate(_BRACKETS, _OTHERS).replace(b'""', b"").split(b'"')[::2])
    for _ in range(MAX_DEPTH):  # each time the innermost are taken out
        if b"[]" not in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise ValueError("this is nested too deep, or its brackets do not match")
    data = _DECODER.decode(body.decode("utf-8-sig"))
    if _SURROGATE.search(body):  # one half of a pair may be missing
        text = json.dumps(data, ensure_ascii=False).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        data = _DECODER.decode(text)
    return data


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _real(text: str) -> float | str:
    return number if isfinite(number := float(text)) else text


def _whole(text: str) -> int | str:
    return int(text) if len(text) < 300 else text


_DECODER = json.JSONDecoder(parse_constant=_not_a_number, parse_float=_real, parse_int=_whole)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
MAX_DEPTH: Final = 60
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_OTHERS: Final = bytes(set(range(256)) - set(b'[]{}"'))


_ADDRESS = re.compile(
    r"(https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)((?:/[!-\"$-\[\]-~]*|\?[!-\"$-\[\]-~]*)?)"
)


def split_address(url: str) -> tuple[str, str]:
    """The origin (`https://api.example.com:8443`) and the rest (`/v1?a=b`) of an address.

    The only place that takes addresses apart, so that whoever judges a host and whoever connects to it mean the same.
    ValueError: it is no http address, or holds what could be read in two ways (user names, \\, blanks, #).
    """
    match = _ADDRESS.fullmatch(url)
    if match is None:
        raise ValueError("this is no address")
    return match[1], match[2] if match[2].startswith("/") else f"/{match[2]}"


class NoAnswer(Exception):
    """No (whole) answer came. `sent`: at least a part of the request had left, so that it may have been carried out."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
