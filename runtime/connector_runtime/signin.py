"""Sign-in: what proves to the service who is calling, and which host may see it.

In: the way to sign in that a manifest declares, the values a person gave, and a request. Out: the same request with
credentials, if its host is one of the declared ones. Refused: values that do not fit (InputError), a secret that
cannot stand in a header (SignInError), a request to a host that nobody declared (RemoteError).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import RemoteError, SignInError
from .expressions import ExpressionError
from .messages import Request, split_address
from .model import Service, SignIn
from .redact import MASK

_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?")


@dataclass(frozen=True)
class Hosts:
    """Where a connection may send: `signed` hosts get credentials, `uploads` get bytes only.

    A host is `name`, `name:port` or, for uploads, `*.name`. `loopback`: uploads may go to this machine too.
    """

    base_url: str
    signed: tuple[str, ...]
    uploads: tuple[str, ...]
    loopback: bool = False


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine."""
    return bool(_LOOPBACK.fullmatch(split_address(address)[0]))


def hosts_of(service: Service, base_url: str | None) -> Hosts:
    """The hosts of a connection. An own `base_url` adds its host; on loopback uploads may go to loopback too."""
    if not base_url:
        return Hosts(service.base_url.rstrip("/"), service.hosts, service.upload_hosts)
    origin, _ = split_address(base_url)
    own = origin.partition("://")[2]
    return Hosts(base_url.rstrip("/"), (*service.hosts, own), service.upload_hosts, is_loopback(base_url))


def may_send(address: str, hosts: Hosts) -> str | None:
    """`signed`, `upload`, or None where nobody declared the host. Plain http is for loopback and the base address."""
    try:
        origin, _ = split_address(address)
    except ValueError:
        return None
    scheme, _, host = origin.partition("://")
    if origin == split_address(hosts.base_url)[0] and host in hosts.signed:
        return "signed"
    local = hosts.loopback and is_loopback(origin)
    if scheme != "https" and not local:
        return None
    if any(host in (known, f"{known}:443") for known in hosts.signed):
        return "signed"
    if local or any(host == known or (known[:2] == "*." and host.endswith(known[1:])) for known in hosts.uploads):
        return "upload"
    return None


@dataclass(frozen=True)
class Credentials:
    """The values of one connection, ready to sign with. It is never shown."""

    way: SignIn
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Credentials({self.way.title})"

    def headers(self) -> dict[str, str]:
        """The header that signs. SignInError: the secret cannot stand in one."""
        send = self.way.send
        secret = send.bearer or send.value
        assert secret is not None
        try:
            token = secret.evaluate({"connection": self.values})
        except ExpressionError:
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or token != token.strip():
            raise SignInError(
                f"{self.way.title}: the value has a character that it cannot have (a line break, a space at an end, "
                "a letter that is not ASCII). Copy it again."
            )
        return self._header(token)

    def masked(self) -> dict[str, str]:
        """The same header without the secret, to be shown."""
        return self._header(MASK)

    def _header(self, secret: str) -> dict[str, str]:
        send = self.way.send
        return {send.header: f"Bearer {secret}" if send.bearer else secret}


def authorize(request: Request, hosts: Hosts, credentials: Credentials) -> Request:
    """The request as it may be sent to its host; see the top of this module."""
    allowed = may_send(request.url, hosts)
    if allowed is None:
        try:
            where = split_address(request.url)[0]
        except ValueError:
            where = "The address of the request"
        raise RemoteError(
            f"{where} is not among the hosts that the connector declares; nothing was sent there.",
            operation=request.operation,
        )
    return replace(request, credentials=credentials.headers()) if allowed == "signed" and request.signed else request
