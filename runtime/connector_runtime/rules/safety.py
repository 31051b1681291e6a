"""Rules for what must not get out and must not hang: secrets, hosts, patterns, and methods that do not fit the effect.

In: a `View` of one document. Out: findings. A secret that was found is never repeated in a sentence.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from ..document import Document, Place
from ..expressions import Computed
from ..model import Manifest, Operation
from ..paths import children, spell
from ..patterns import slow_part
from ..schemas import secrets_of
from ..signin import hosts_of, is_loopback, may_send
from . import Finding, paths_read, rule
from .views import View


@rule(
    "secret",
    "A secret goes where the sign-in sends it, and nowhere else.",
    why="Addresses stand in the logs of every server and proxy on the way, and sentences are shown to people.",
    bad="request: {method: GET, path: /me, params: {key: '{{ connection.api_key }}'}}",
    good="sign_in:\n  key: {send: {header: X-Api-Key, value: '{{ connection.api_key }}'}}\nrequest: {method: GET, path: /me}",
)
def secret(view: View) -> Iterator[Finding]:
    """Expressions outside a sign-in that read its secrets, and secret inputs that would stand in an address."""
    kept = _secrets(view.manifest) if view.manifest else frozenset()
    for it in view.texts:
        if it.place[:1] == ("sign_in",) or it.error:
            continue
        for path in Computed(it.text).reads:
            if path[0] == "connection" and len(path) > 1 and path[1] in kept:
                message = f"'{path[1]}' is a secret of the sign-in, and nothing else may read it"
                hint = "take it out, and say under `send` of the sign-in which header it goes into"
                yield Finding(view.document, it.place, message, hint, word=spell(path))
    if isinstance(view.operation, Operation) and view.operation.request:
        yield from _in_address(view.document, view.operation)


def _secrets(manifest: Manifest) -> frozenset[str]:
    """The names of all secrets of all ways to sign in; a setting of the same name is none."""
    found = {name for way in manifest.sign_in.values() for name in secrets_of(way.fields)}
    return frozenset(found - {*manifest.settings["properties"]})


def _in_address(document: Document, operation: Operation) -> Iterator[Finding]:
    request, kept = operation.request, secrets_of(operation.input)
    if request is None or not kept:
        return
    hint = "send it in the body (json or form) or in a header"
    said = "the input '{}' is a secret, and would stand in the address"
    for name in request.placeholders:
        if name in kept:
            yield Finding(document, ("request", "path"), said.format(name), hint, word=name)
    for key, computed in request.params.items():
        for path in paths_read(computed):
            if path[0] == "input" and len(path) > 1 and path[1] in kept:
                yield Finding(document, ("request", "params", key), said.format(path[1]), hint, word=spell(path))
    for name in operation.sent if request.inputs == "params" else ():
        if name in kept:
            there, place = operation.source.origin(("input", "properties", name))
            yield Finding(there, place, said.format(name), hint, key=True)


@rule(
    "secret-field",
    "What a sign-in sends is declared as a secret.",
    why="Only secrets are kept out of messages, logs and addresses.",
    bad="send: {bearer: '{{ connection.token }}'}\nfields:\n  properties:\n    token: {type: string}",
    good="send: {bearer: '{{ connection.token }}'}\nfields:\n  properties:\n    token: {type: string, writeOnly: true}",
)
def secret_field(view: View) -> Iterator[Finding]:
    """Sign-ins none of whose fields that are sent is a secret."""
    for id_, way in (view.manifest.sign_in if view.manifest and view.kind == "connector" else {}).items():
        sent = [each for each in (way.send.bearer, way.send.value) if each]
        names = [str(path[1]) for each in sent for path in paths_read(each) if path[0] == "connection" and path[1:]]
        kept = secrets_of(way.fields)
        known = [name for name in names if name in way.fields.get("properties", {})]
        if known and not any(name in kept for name in known):
            place: Place = ("sign_in", id_, "fields", "properties", known[0])
            message = f"'{known[0]}' is sent to sign in, and is no secret here"
            yield Finding(view.document, place, message, "add `writeOnly: true`", key=True)


_SECRETS = {
    "a bearer token": r"Bearer\s+([A-Za-z0-9._~+/-]{20,}=*)",
    "a user name and a password": r"Basic\s+([A-Za-z0-9+/]{12,}={0,2})",
    "a signed token (JWT)": r"(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)",
    "an access key of AWS": r"((?:AKIA|ASIA)[0-9A-Z]{16})",
    "a signature of AWS": r"X-Amz-Signature[\"']?\s*[=:]\s*[\"']?([0-9a-fA-F]{64})",
    "a token of GitHub": r"(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,})",
    "a token of a code host": r"(glpat-[\w-]{20,})",
    "a token of Slack": r"(xox[abeoprs]-[A-Za-z0-9-]{10,})",
    "a live key of Stripe": r"([rs]k_live_[A-Za-z0-9]{16,})",
    "a webhook secret": r"(whsec_[A-Za-z0-9+/]{24,}=*)",
    "a key of Google": r"(AIza[\w-]{35})",
    "a private key": r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----)",
}
_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<_{number}>{text})" for number, text in enumerate(_SECRETS.values())) + ")",
)
_SIGNS: tuple[str, ...] = ("Bearer ", "Basic ", "eyJ", "AKIA", "ASIA", "Amz-Signature", "github_pat_", "glpat-", "xox")
_SIGNS += ("_live_", "whsec_", "AIza", "PRIVATE KEY", *(f"gh{letter}_" for letter in "pousr"))
_MADE_UP = re.compile(
    r"example|sample|dummy|fake|made.?up|your|paste|placeholder|redacted|secret|test|12345678|abcdefg|(.)\1{4}",
    re.IGNORECASE,
)


@rule(
    "secret-shown",
    "No file holds a secret that looks real, and no secret has a default.",
    why="Manifests are published. A secret in one is everybody's, and has to be changed.",
    bad="headers: {Authorization: Bearer 9tXw3kQ7ZrB2mLs8VhYpUe4a}",
    good="headers: {Authorization: Bearer an-example-of-a-token}",
)
def secret_shown(view: View) -> Iterator[Finding]:
    """Whatever looks like a real secret, in data or in a comment, and defaults of secrets."""
    document = view.document
    whole = "\n".join(document.lines)
    for number, line in enumerate(document.lines if any(sign in whole for sign in _SIGNS) else (), 1):
        for what, text in _secrets_in(line):
            place = next(_holding(document.data, text, (), document, number), None)
            message = f"this looks like {what} that is real"
            hint = (
                "write a made-up one, such as an-example-of-a-token, and if it was real, have it changed at the service"
            )
            yield Finding(document, place or (), message, hint, word=text, line=0 if place else number)
    for place, schema in view.schemas:
        if schema.get("writeOnly") and "default" in schema:
            message = "a secret cannot have a default, which everybody who has this file would know"
            yield Finding(document, (*place, "default"), message, "take it out", key=True)


def _secrets_in(line: str) -> Iterator[tuple[str, str]]:
    """What each secret in a line is, and the secret."""
    for match in _SECRET.finditer(line):
        name = str(match.lastgroup)
        what, text = [*_SECRETS][int(name[1:])], match[_SECRET.groupindex[name] + 1]
        if not _is_made_up(text, what):
            yield what, text


def _is_made_up(text: str, what: str) -> bool:
    if what == "a private key":
        return False
    if what == "a user name and a password":
        try:
            text = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
        except ValueError:
            return True
        return ":" not in text or not text.isprintable() or bool(_MADE_UP.search(text))
    return bool(_MADE_UP.search(text)) or len(set(text)) < 8


def _holding(data: Any, text: str, place: Place, document: Document, line: int) -> Iterator[Place]:
    """The places of the texts that hold another, in a line of the file."""
    if isinstance(data, str):
        mark = document.mark(place)
        if text in data and mark.line <= line <= mark.end_line:
            yield place
    for key, value in children(data):
        yield from _holding(value, text, (*place, key), document, line)


@rule(
    "plain-http",
    "Addresses start with https, and hosts are not everybody's.",
    why="Over http anybody on the way can read the secret; a host such as *.com belongs to anybody.",
    bad="service:\n  base_url: http://api.example.com\n  upload_hosts: ['*.com']",
    good="service:\n  base_url: https://api.example.com\n  upload_hosts: ['*.example.com']",
)
def plain_http(view: View) -> Iterator[Finding]:
    """Addresses that start with http, this machine aside, and hosts that are too wide."""
    if view.kind != "connector":
        return
    document, service = view.document, view.document.data["service"]
    addresses: list[tuple[Place, str]] = [(("service", "base_url"), service["base_url"])]
    for id_, way in document.data["sign_in"].items():
        addresses += [(place, text) for place, text in _addresses(way, ("sign_in", id_))]
    for place, text in addresses:
        if text.startswith("http:") and not is_loopback(text):
            message = "over http: anybody on the way could read the secret"
            yield Finding(document, place, message, "write https:", word="http", instead="https")
    for key in ("hosts", "upload_hosts"):
        for number, host in enumerate(service.get(key, ())):
            if _is_wide(host):
                message = f"'{host}' takes in hosts of anybody"
                yield Finding(
                    document, ("service", key, number), message, "name the service's own, such as *.example.com"
                )


def _addresses(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """The addresses of a way to sign in: what stands under keys such as token_url."""
    if isinstance(data, str) and str(place[-1]).endswith("_url"):
        yield place, data
    for key, value in children(data) if place[-1] != "fields" else ():
        yield from _addresses(value, (*place, key))


_SHARED = frozenset(["ac", "co", "com", "edu", "gob", "gov", "gouv", "mil", "ne", "net", "or", "org"])


def _is_wide(host: str) -> bool:
    """Whether it names what anybody can have a part of: `*.com`, `*.co.uk`, `com`."""
    name = host.partition(":")[0]
    parts = [part for part in name.removeprefix("*.").split(".") if part]
    own = parts[:-1] if len(parts) < 2 or len(parts[-1]) > 2 or parts[-2] not in _SHARED else parts[:-2]
    return not own and name != "localhost"


@rule(
    "host-outside",
    "Examples send to hosts that the connector declares.",
    why="Nothing is ever sent to another host, so the example shows what cannot happen.",
    bad="request: {method: GET, url: https://api.exmaple.com/me}",
    good="request: {method: GET, url: https://api.example.com/me}",
)
def host_outside(view: View) -> Iterator[Finding]:
    """Requests of examples that go elsewhere."""
    if view.manifest is None or view.kind not in ("action", "query"):
        return
    hosts = hosts_of(view.manifest.service, None)
    if may_send(hosts.base_url, hosts) is None:
        return  # another rule says so, and every example would say it again
    for place, url in _urls(view.document.data["examples"]):
        if may_send(url, hosts) is None:
            try:
                parts = urlsplit(url)
            except ValueError:
                parts = urlsplit("")
            host = parts.netloc
            message = f"'{host or url}' is not among the hosts that the connector declares"
            hint = f"there are {', '.join((*hosts.signed, *hosts.uploads))}"
            if parts.scheme == "http" and may_send(f"https{url[4:]}", hosts):
                message, hint = "nothing is sent over http", "write https:"
            yield Finding(view.document, place, message, hint, word=host or url)


def _urls(examples: Any) -> Iterator[tuple[Place, str]]:
    for number, example in enumerate(examples):
        place: Place = ("examples", number)
        if "request" in example:
            yield (*place, "request", "url"), example["request"]["url"]
        for inner, exchange in enumerate(example.get("exchanges", ())):
            yield (*place, "exchanges", inner, "request", "url"), exchange["request"]["url"]


_slow = lru_cache(maxsize=1024)(slow_part)


@rule(
    "slow-pattern",
    "Patterns are quick for any text.",
    why="One text made for it would keep the host busy for hours.",
    bad="pattern: '^(a+)+$'",
    good="pattern: '^a+$'",
)
def slow_pattern(view: View) -> Iterator[Finding]:
    """Patterns that may take exponential time."""
    for place, schema in view.schemas:
        part = _slow(schema["pattern"]) if "pattern" in schema else None
        if part is not None:
            message = f"'{part}' can take for ever, since a text can fit it in too many ways"
            hint = (
                "repeat nothing that repeats something itself, and let no two repeats beside each other take the same"
            )
            yield Finding(view.document, (*place, "pattern"), message, hint, word=part)


@rule(
    "effect-method",
    "The method of a request fits the effect.",
    why="A GET may be repeated by anybody on the way, so whatever it changes would be done several times.",
    bad="effect: delete\nrequest: {method: GET, path: '/messages/{messageId}'}",
    good="effect: delete\nrequest: {method: DELETE, path: '/messages/{messageId}'}",
)
def effect_method(view: View) -> Iterator[Finding]:
    """Actions that change something with GET, or make something with DELETE. What a read may do, the format says."""
    request = view.document.data.get("request", {}) if view.kind == "action" else {}
    if {"json", "form"} & {*request, request.get("inputs")}:
        request = {}  # a body that cannot be sent so, which another rule says
    method = request.get("method")
    effect = view.document.data.get("effect")
    wrong = (method == "GET" and effect != "read") or (method == "DELETE" and effect == "create")
    if wrong:
        does = "GET only reads" if method == "GET" else "DELETE makes nothing"
        message = f"{does}, and the effect is {effect}"
        yield Finding(
            view.document, ("request", "method"), message, "correct the method, or the effect", word=str(method)
        )


RULES = (secret, secret_field, secret_shown, plain_http, host_outside, slow_pattern, effect_method)
