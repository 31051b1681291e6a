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
from urllib.parse import urlsplit

from .errors import RemoteError, SignInError
from .messages import Request
from .model import Service, SignIn

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ODD = re.compile(r"[\s\\\x00-\x20@]")


@dataclass(frozen=True)
class Hosts:
    """Where a connection may send: `signed` hosts get credentials, `uploads` get bytes only.

    A host is `name`, `name:port` or, for uploads, `*.name`. `loopback`: uploads may go to this machine too.
    """

    base_url: str
    signed: tuple[str, ...]
    uploads: tuple[str, ...]
    loopback: bool = False


def hosts_of(service: Service, base_url: str | None) -> Hosts:
    """The hosts of a connection. An own `base_url` adds its host; on loopback uploads may go to loopback too."""
    if not base_url:
        return Hosts(service.base_url.rstrip("/"), service.hosts, service.upload_hosts)
    parts = urlsplit(base_url)
    loopback = parts.hostname in _LOOPBACK
    return Hosts(base_url.rstrip("/"), (*service.hosts, parts.netloc), service.upload_hosts, loopback)


def may_send(address: str, hosts: Hosts) -> str | None:
    """`signed`, `upload`, or None where nobody declared the host. Plain http is for loopback and the base address."""
    if address.startswith(f"{hosts.base_url}/"):
        return "signed"
    try:
        url, own = urlsplit(address), urlsplit(hosts.base_url)
    except ValueError:
        return None
    if _ODD.search(url.netloc):
        return None
    if (url.scheme, url.netloc) == (own.scheme, own.netloc):
        return "signed"
    local = hosts.loopback and url.hostname in _LOOPBACK
    if url.scheme != "https" and not local:
        return None
    if any(url.netloc in (host, f"{host}:443") for host in hosts.signed):
        return "signed"
    if local or any(
        url.netloc == host or (host[:2] == "*." and url.netloc.endswith(host[1:])) for host in hosts.uploads
    ):
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
        token = self.way.token.evaluate({"connection": self.values})
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or token != token.strip():
            raise SignInError(
                f"{self.way.title}: the value has a character that it cannot have (a line break, a space at an end, "
                "a letter that is not ASCII). Copy it again."
            )
        return {self.way.header: f"{self.way.prefix}{token}"}

    def renew(self) -> bool:
        """Gets new credentials where this way to sign in can: a pasted token cannot."""
        return False


def authorize(request: Request, hosts: Hosts, credentials: Credentials) -> Request:
    """The request as it may be sent to its host; see the top of this module."""
    allowed = may_send(request.url, hosts)
    if allowed is None:
        try:
            url = urlsplit(request.url)
            host = url.netloc.rpartition("@")[2]
        except ValueError:
            host = ""
        where = f"{url.scheme}://{host}" if host else "The address of the request"
        raise RemoteError(
            f"{where} is not among the hosts that the connector declares; nothing was sent there.",
            operation=request.operation,
        )
    return replace(request, credentials=credentials.headers()) if allowed == "signed" else request
