"""Whether a webhook call is believed: each row of the tables is named for the rule it pins.

Signatures are made here with nothing but the standard library; that they are what the services make is shown by what
the services publish, and by what their own libraries made of fixed bodies. No clock is asked: `now` is always given.
"""

import base64
import hmac
import json
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import Connector, ConnectorError, InputError, SignatureError, load, signatures
from connector_runtime.webhooks import LARGEST, pairs_of

REPOSITORY = Path(__file__).resolve().parents[1]
HOOTSUITE = REPOSITORY
SERVICES = REPOSITORY / "tests" / "connectors" / "signed_calls"
NOW = datetime(2026, 5, 2, 7, tzinfo=UTC)
MILLISECOND, LIMIT = timedelta(milliseconds=1), timedelta(minutes=5)


@cache
def connector_at(folder: Path) -> Connector:
    return load(folder)


def digest(key: bytes, signed: bytes, name: str) -> bytes:
    return hmac.new(key, signed, name).digest()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class Call:
    """A call as it came, what it is checked with, and what must come of it."""

    rule: str
    source: str
    headers: Any
    body: bytes
    secret: Any
    signed: bytes = b""  # what a right signature is of, where it is not the body
    settings: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    events: int = 1
    unknown: int = 0
    error: type[ConnectorError] | None = None
    says: str = ""
    folder: Path = HOOTSUITE

    def receive(self) -> Any:
        return connector_at(self.folder).receive(
            self.source, headers=self.headers, body=self.body, secret=self.secret, settings=self.settings, now=self.now
        )


# -- what services publish, and what their libraries make ----------------------------------------------------


@dataclass(frozen=True)
class Vector:
    """A call that somebody else signed."""

    whose: str
    source: str
    headers: dict[str, str]
    body: str
    secret: str
    at: int = 0
    event: str = ""  # its type, where the body is one of the events that the connector knows

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


VECTORS = [
    Vector(
        whose="GitHub's page on validating deliveries",
        source="github",
        headers={
            "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        },
        body="Hello, World!",
        secret="It's a Secret to Everybody",
    ),
    Vector(
        whose="Slack's page on verifying requests",
        source="slack",
        headers={
            "X-Slack-Request-Timestamp": "1531420618",
            "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        body=(
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
            "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
            "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
            "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        ),
        secret="8f742231b10e8888abcd99yyyzzz85a5",
        at=1531420618,
    ),
    Vector(
        whose="the reference implementations of Standard Webhooks",
        source="standard_webhooks",
        headers={
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        body='{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        at=1614265330,
    ),
    Vector(
        whose="standardwebhooks 1.1.0 from PyPI",  # Webhook(secret).sign(id, time, body)
        source="standard_webhooks",
        headers={
            "webhook-id": "msg_2Lh9KRb0pzN4LePd3XiA4v12Axj",
            "webhook-timestamp": "1767261600",
            "webhook-signature": "v1,JqsIK+pSyu40ufV8mKQrmySlZrxL0rOahZcnViJfSvM=",
        },
        body=(
            '{"type":"contact.created","timestamp":"2026-01-01T09:59:58.344522Z","data":{"id":'
            '"c5b1e7d0-1f0a-4a53-9d0c-3a1f6f0f7a11","type":"contact","first_name":"Zoë","last_name":"Example"}}'
        ),
        secret="whsec_c2lnbmVkIGNhbGxzIGtleSBvZiAzMiBieXRlcyEhISE=",
        at=1767261600,
        event="signed_calls/contacts/contacts.created",
    ),
    Vector(
        whose="stripe 16.1.0 from PyPI",  # WebhookSignature.generate_signature_header(body, secret, time)
        source="stripe",
        headers={
            "Stripe-Signature": ("t=1767261600,v1=47745270b8965c85d8bee1dd7a6d89fcea3b5846ca06ba193ed0676bb0221234"),
        },
        body=(
            '{\n  "id": "evt_1MadeUp0000000000000001",\n  "object": "event",\n  "api_version": "2025-03-31.basil",\n'
            '  "created": 1767261595,\n  "data": {\n    "object": {\n      "id": "pi_3MadeUp0000000000000001",\n'
            '      "object": "payment_intent",\n      "amount": 2000,\n      "currency": "eur",\n'
            '      "status": "succeeded",\n      "description": "Caf\\u00e9 – table 4"\n    }\n  },\n'
            '  "livemode": false,\n  "type": "payment_intent.succeeded"\n}'
        ),
        secret="whsec_made_up_and_used_as_the_text_that_it_is",
        at=1767261600,
        event="signed_calls/payments/payments.succeeded",
    ),
    Vector(
        whose="slack_sdk 3.47.0 from PyPI",  # SignatureVerifier(secret).generate_signature(timestamp=…, body=…)
        source="slack",
        headers={
            "X-Slack-Request-Timestamp": "1767261600",
            "X-Slack-Signature": "v0=343145ada71fc597321e90582c25731d833f5aca371460998ba767fabe92edaa",
        },
        body=(
            '{"token":"made-up","team_id":"T0001","api_app_id":"A0001","event":{"type":"app_mention","user":"U0001",'
            '"text":"<@U0002> good morning \\u2600","ts":"1767261599.000200","channel":"C0001",'
            '"event_ts":"1767261599.000200"},"type":"event_callback","event_id":"Ev0001","event_time":1767261599}'
        ),
        secret="0123456789abcdef0123456789abcdef",
        at=1767261600,
        event="signed_calls/mentions/mentions.created",
    ),
]
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda it: it.whose)


def spec_of(folder: Path, source: str) -> Any:
    webhook = connector_at(folder).manifest.sources[source].webhook
    assert webhook and webhook.verify
    return webhook.verify


@every_vector
def test_what_others_signed_is_believed(vector: Vector) -> None:
    spec = spec_of(SERVICES, vector.source)
    signatures.verify(spec, pairs_of(vector.headers), vector.body.encode(), [vector.secret], {}, vector.now)


@every_vector
def test_what_others_signed_is_not_believed_with_another_body_or_secret(vector: Vector) -> None:
    spec, body = spec_of(SERVICES, vector.source), vector.body.encode()
    other = vector.secret[:-5] + vector.secret[-5:].swapcase()
    assert other != vector.secret
    for changed, secret in [(body + b" ", vector.secret), (body[:-1], vector.secret), (body, other)]:
        with pytest.raises(SignatureError, match="does not fit"):
            signatures.verify(spec, pairs_of(vector.headers), changed, [secret], {}, vector.now)


@every_vector
def test_what_others_signed_is_not_believed_without_one_of_its_headers(vector: Vector) -> None:
    spec = spec_of(SERVICES, vector.source)
    for left in vector.headers:
        headers = {name: value for name, value in vector.headers.items() if name != left}
        with pytest.raises(SignatureError, match=f"The header {left} is missing"):
            signatures.verify(spec, pairs_of(headers), vector.body.encode(), [vector.secret], {}, vector.now)


@pytest.mark.parametrize("vector", [it for it in VECTORS if it.event], ids=lambda it: it.whose)
def test_what_others_signed_becomes_an_event(vector: Vector) -> None:
    got = connector_at(SERVICES).receive(
        vector.source, headers=vector.headers, body=vector.body.encode(), secret=vector.secret, now=vector.now
    )
    assert [event.type for event in got] == [vector.event]
    assert not (got.unknown or got.malformed or got.ignored)


@pytest.mark.parametrize("vector", [it for it in VECTORS if it.at], ids=lambda it: it.whose)
@pytest.mark.parametrize("way", [1, -1], ids=["old", "in the future"])
def test_what_others_signed_is_believed_for_five_minutes(vector: Vector, way: int) -> None:
    spec = spec_of(SERVICES, vector.source)
    given = (spec, pairs_of(vector.headers), vector.body.encode(), [vector.secret], {})
    signatures.verify(*given, vector.now + way * LIMIT)
    with pytest.raises(SignatureError, match=f"more than 5 minutes {'old' if way == 1 else 'in the future'}"):
        signatures.verify(*given, vector.now + way * (LIMIT + MILLISECOND))


# -- the Hootsuite sources -----------------------------------------------------------------------------------

HEADER = "X-Hootsuite-Signature"
SECRET, OLD, OTHER = "the key of the app", "the key before that one", "somebody else's own key"
BODY = (
    b'[{"seq_no":"9007199254740992","type":"com.hootsuite.messages.event.v1","data":{"state":"SENT",'
    b'"organization":{"id":"626001"},"message":{"id":"4138476039"},"timestamp":"2026-05-02T06:59:58.250Z"}}]'
)
MAC = digest(SECRET.encode(), BODY, "sha512")
HEX, B64 = MAC.hex(), base64_of(MAC)
HEX_KEY, B64_KEY = "5ec2e700" * 8, base64_of(bytes(range(1, 33)))
INBOX_KEY = "0badc0de" * 8

MISFIT = "The signature in X-Hootsuite-Signature does not fit"
NO_SIGNATURE = "X-Hootsuite-Signature holds no signature of the kind that is expected here"


def signed_by(key: str | bytes, body: bytes = BODY, name: str = "sha512") -> str:
    return digest(key if isinstance(key, bytes) else key.encode(), body, name).hex()


def passes(rule: str, headers: Any = None, **given: Any) -> Call:
    """A row for the source `platform` that gives its one event. Headers: a signature stands for the usual header."""
    headers = {HEADER: headers} if isinstance(headers, str) else {HEADER: HEX} if headers is None else headers
    return Call(rule, **{"source": "platform", "body": BODY, "secret": SECRET, "headers": headers, **given})


def refused(rule: str, says: str, headers: Any = None, **given: Any) -> Call:
    return passes(rule, headers, **{"error": SignatureError, "says": says, **given})


def wrong_input(rule: str, says: str, headers: Any = None, **given: Any) -> Call:
    return refused(rule, says, headers, error=InputError, **given)


def inbox(rule: str, item: dict[str, Any] | bytes, headers: Any = None, **given: Any) -> Call:
    """A row for the source `inbox`, which no trigger is for: what is believed is told as unknown."""
    body = item if isinstance(item, bytes) else json.dumps(item).encode()
    right = digest(bytes.fromhex(INBOX_KEY), body, "sha256").hex()
    given = {"source": "inbox", "body": body, "secret": INBOX_KEY, "events": 0, "unknown": 1, **given}
    return passes(rule, right if headers is None else headers, **given)


def inbox_refused(rule: str, says: str, item: dict[str, Any] | bytes, headers: Any = None, **given: Any) -> Call:
    return inbox(rule, item, headers, **{"error": SignatureError, "says": says, **given})


def message(*pairs: tuple[str, str]) -> HTTPMessage:
    """Headers as Python's own HTTP server has them."""
    made = HTTPMessage()
    for name, value in pairs:
        made[name] = value
    return made


def started(timestamp: Any, type_: str = "CONVERSATION_STARTED") -> dict[str, Any]:
    return {"type": type_, "idempotencyKey": "k-1", "timestamp": timestamp}


def milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND


RESOLVED = {"type": "CONVERSATION_RESOLVED", "idempotencyKey": "k-2"}
RESOLVED_BODY = json.dumps(RESOLVED).encode()
AGENT_TYPES = ["CONVERSATION_STARTED", "CONVERSATION_DELEGATED", "INBOUND_MESSAGE_RECEIVED"]
NO_TIME = "The timestamp of the call is missing or is no time."

WRITTEN = [
    passes("a right signature is believed"),
    passes("hexadecimal digits may be capital letters", HEX.upper()),
    passes("hexadecimal digits may be mixed", HEX[:64].upper() + HEX[64:]),
    passes("base64 is believed too", B64),
    passes("base64 may lack its padding", B64.rstrip("=")),
    passes("the name of the algorithm may stand before hexadecimal digits", f"sha512={HEX}"),
    passes("the name of the algorithm may stand before base64", f"sha512={B64}"),
    passes("spaces around the value do not matter", f"  {HEX}\t"),
    refused("a signature of another body is refused", MISFIT, signed_by(SECRET, b"[]")),
    refused("one wrong digit is enough", MISFIT, HEX[:-1] + ("0" if HEX[-1] != "0" else "1")),
    refused("one wrong digit of base64 is enough", MISFIT, ("A" if B64[0] != "A" else "B") + B64[1:]),
    refused("zeros are refused", MISFIT, "0" * 128),
    refused("a signature by another key is refused", MISFIT, signed_by(OTHER)),
    refused("a signature by an empty key is refused", MISFIT, signed_by(b"")),
    refused("a plain digest without a key is refused", MISFIT, base64_of(bytes(64))),
    refused("a missing signature is refused", f"The header {HEADER} is missing", {}),
    refused("a signature in another header is refused", f"The header {HEADER} is missing", {"X-Signature": HEX}),
    refused("an empty signature is refused", f"The header {HEADER} is empty", ""),
    refused("a signature of spaces is refused", f"The header {HEADER} is empty", " \t "),
    refused("the name of the algorithm alone is refused", NO_SIGNATURE, "sha512="),
    refused("an odd number of digits is refused", NO_SIGNATURE, HEX[:-1]),
    refused("truncated hexadecimal digits are refused", NO_SIGNATURE, HEX[:-2]),
    refused("half of the digits are refused", NO_SIGNATURE, HEX[:64]),
    refused("the first byte alone is refused", NO_SIGNATURE, HEX[:2]),
    refused("truncated base64 is refused", NO_SIGNATURE, B64[:-6]),
    refused("a digit too many is refused", NO_SIGNATURE, HEX + "0"),
    refused("a signature twice in one value is refused", NO_SIGNATURE, HEX + HEX),
    refused("two signatures with a comma are refused where none is declared", NO_SIGNATURE, f"{HEX},{HEX}"),
    refused("digits with a space among them are refused", NO_SIGNATURE, f"{HEX[:64]} {HEX[64:]}"),
    refused("base64 with a space in it is refused", NO_SIGNATURE, f"{B64[:40]} {B64[40:]}"),
    refused("url-safe base64 is refused", NO_SIGNATURE, base64.urlsafe_b64encode(MAC).decode()),
    refused("url-safe base64 without padding is refused", NO_SIGNATURE, base64.urlsafe_b64encode(MAC).decode()[:-2]),
    refused("what is no signature at all is refused", NO_SIGNATURE, "good morning"),
    refused("0x before the digits is refused", NO_SIGNATURE, f"0x{HEX}"),
    refused("letters outside ASCII are refused", NO_SIGNATURE, "é" * 128),
    refused("letters outside ASCII in base64 are refused", NO_SIGNATURE, "ü" + B64[1:]),
    refused("digits of another script are refused", NO_SIGNATURE, "٣" * 128),
    refused("wide digits are refused", NO_SIGNATURE, "".join(chr(ord(it) + 0xFEE0) for it in HEX)),
    refused("bytes outside ASCII are refused", NO_SIGNATURE, [(HEADER.encode(), b"\xff\xfe" * 64)]),
    refused("half a surrogate pair is refused", NO_SIGNATURE, "\ud800" * 128),
    refused("a null byte after the digits is refused", NO_SIGNATURE, f"{HEX}\x00"),
    refused("a very long value is refused", NO_SIGNATURE, "0" * 10_001),
    refused("SHA-256 is refused", NO_SIGNATURE, signed_by(SECRET, name="sha256")),
    refused("SHA-256 under its own name is refused", NO_SIGNATURE, f"sha256={signed_by(SECRET, name='sha256')}"),
    refused("SHA-1 is refused", NO_SIGNATURE, signed_by(SECRET, name="sha1")),
    refused("SHA-384 is refused", NO_SIGNATURE, signed_by(SECRET, name="sha384")),
    refused("another algorithm of the same size is refused", MISFIT, signed_by(SECRET, name="sha3_512")),
    refused("SHA-256 under the name of SHA-512 is refused", NO_SIGNATURE, f"sha512={signed_by(SECRET, name='sha256')}"),
    refused("another name before the right digits is refused", NO_SIGNATURE, f"sha256={HEX}"),
    refused("the name in capital letters is refused", NO_SIGNATURE, f"SHA512={HEX}"),
    refused("the name twice is refused", NO_SIGNATURE, f"sha512=sha512={HEX}"),
    refused("a space after the name is refused", NO_SIGNATURE, f"sha512= {HEX}"),
    refused("the name after the digits is refused", NO_SIGNATURE, f"{HEX}sha512="),
]

HEADERS = [
    passes("the header's name may be in small letters", {HEADER.lower(): HEX}),
    passes("the header's name may be in capital letters", {HEADER.upper(): HEX}),
    passes("other headers do not matter", {"Host": "a", HEADER: HEX, "X-Signature": "b", f"{HEADER}-2": "c"}),
    passes("headers may be pairs", [("Host", "a"), (HEADER, HEX)]),
    passes("headers may be pairs of bytes", [(b"host", b"a"), (HEADER.lower().encode(), HEX.encode())]),
    passes("headers may be a tuple of pairs", ((HEADER, HEX),)),
    passes("headers may be those of Python's own HTTP server", message(("Host", "a"), (HEADER.lower(), HEX))),
    refused(
        "the header twice is refused in those of Python's own HTTP server too",
        f"The header {HEADER} is there twice",
        message((HEADER, HEX), (HEADER, HEX)),
    ),
    passes("other headers may be there twice", [("Via", "a"), ("Via", "b"), (HEADER, HEX)]),
    passes("other headers may be of any bytes", [(b"x-\xff", b"\x00\xff"), (HEADER.encode(), HEX.encode())]),
    refused("the header twice is refused", f"The header {HEADER} is there twice", [(HEADER, HEX), (HEADER, HEX)]),
    refused(
        "the header twice is refused, whichever is right",
        f"The header {HEADER} is there twice",
        [(HEADER, "0" * 128), (HEADER, HEX)],
    ),
    refused(
        "the header twice is refused in other letters too",
        f"The header {HEADER} is there twice",
        {HEADER: HEX, HEADER.lower(): HEX},
    ),
    refused(
        "the header twice is refused as bytes too",
        f"The header {HEADER} is there twice",
        [(HEADER.encode(), HEX.encode()), (HEADER.lower().encode(), b"")],
    ),
    refused("no pairs at all are refused", f"The header {HEADER} is missing", []),
]

BODIES = [
    passes("an empty batch is believed", signed_by(SECRET, b"[]"), body=b"[]", events=0),
    refused("a body written anew is refused", MISFIT, body=json.dumps(json.loads(BODY)).encode()),
    refused("a body with a byte more is refused", MISFIT, body=BODY + b" "),
    refused("a body with a line break more is refused", MISFIT, body=BODY + b"\n"),
    refused("a body with a byte less is refused", MISFIT, body=BODY[:-1]),
    refused("a body with one byte changed is refused", MISFIT, body=BODY.replace(b"4138476039", b"4138476038")),
    refused("a body with a byte order mark more is refused", MISFIT, body=b"\xef\xbb\xbf" + BODY),
    refused("an empty body is refused", MISFIT, body=b""),
    refused("what nobody signed is not read, even if it is no JSON", MISFIT, body=b"good morning"),
    wrong_input(
        "a signed body that is no JSON is told as that", "body: is not JSON", signed_by(SECRET, b"{"), body=b"{"
    ),
    wrong_input("a body as text is told", "body: must be the bytes as they came", body=BODY.decode(), signed=BODY),
    wrong_input("a body that is too large is not looked at", "body: is larger than", {}, body=b" " * (LARGEST + 1)),
]

SECRETS = [
    passes("a secret that replaces another is good already", secret=[OLD, SECRET]),
    passes("a secret that is being replaced is good still", signed_by(OLD), secret=[SECRET, OLD]),
    passes("the last of several secrets is good", secret=(OTHER, OLD, SECRET)),
    passes("the first of several secrets is good", secret=(SECRET, OLD, OTHER)),
    passes("spaces around a pasted secret do not matter", secret=f"  {SECRET}\n"),
    passes("a secret may be of any letters", signed_by("schlüssel ☀"), secret="schlüssel ☀"),
    refused("a secret that was replaced is good no longer", MISFIT, signed_by(OLD), secret=[SECRET, OTHER]),
    refused("a signature by nobody's secret is refused, however many there are", MISFIT, secret=[OLD, OTHER]),
    refused("the same secret in other letters is another one", MISFIT, secret=SECRET.upper()),
    refused("without a secret nobody is believed", f"There is no secret to check {HEADER} with", secret=None),
    refused("with an empty list of secrets nobody is believed", "There is no secret", secret=[]),
    refused("without a secret and a signature nobody is believed", "There is no secret", {}, secret=None),
    wrong_input("an empty secret is no secret", "secret: is empty", secret=""),
    wrong_input("an empty secret is not believed when its key signed", "secret: is empty", signed_by(b""), secret=""),
    wrong_input("a secret of spaces is no secret", "secret: is empty", secret=" \n"),
    wrong_input("an empty secret among good ones is told", "secret: is empty", secret=[SECRET, ""]),
    wrong_input("a secret that cannot be bytes is refused", "not written as text", secret="the key \ud800 of the app"),
]

KEYS = [
    passes("a key is its text where nothing is said", settings={}),
    passes("a key may be said to be text", settings={"webhookKeyForm": "text"}),
    passes(
        "a key may be hexadecimal digits",
        signed_by(bytes.fromhex(HEX_KEY)),
        secret=HEX_KEY,
        settings={"webhookKeyForm": "hex"},
    ),
    passes(
        "a key may be hexadecimal digits in capital letters",
        signed_by(bytes.fromhex(HEX_KEY)),
        secret=HEX_KEY.upper(),
        settings={"webhookKeyForm": "hex"},
    ),
    passes(
        "a key may be base64",
        signed_by(base64.b64decode(B64_KEY)),
        secret=B64_KEY,
        settings={"webhookKeyForm": "base64"},
    ),
    passes(
        "a key of base64 may lack its padding",
        signed_by(base64.b64decode(B64_KEY)),
        secret=B64_KEY.rstrip("="),
        settings={"webhookKeyForm": "base64"},
    ),
    passes("hexadecimal digits are text where nothing else is said", signed_by(HEX_KEY), secret=HEX_KEY),
    refused("a key of text is not its digits", MISFIT, signed_by(bytes.fromhex(HEX_KEY)), secret=HEX_KEY),
    refused(
        "a key of digits is not its text",
        MISFIT,
        signed_by(HEX_KEY),
        secret=HEX_KEY,
        settings={"webhookKeyForm": "hex"},
    ),
    refused(
        "a key of base64 is not its text",
        MISFIT,
        signed_by(B64_KEY),
        secret=B64_KEY,
        settings={"webhookKeyForm": "base64"},
    ),
    wrong_input(
        "a key that must be hexadecimal digits is nothing else",
        "is empty, or is not written as hex",
        settings={"webhookKeyForm": "hex"},
    ),
    wrong_input(
        "a key of an odd number of digits is none",
        "not written as hex",
        secret=HEX_KEY[:-1],
        settings={"webhookKeyForm": "hex"},
    ),
    wrong_input(
        "a key of digits with spaces among them is none",
        "not written as hex",
        secret=f"{HEX_KEY[:8]} {HEX_KEY[8:]}",
        settings={"webhookKeyForm": "hex"},
    ),
    wrong_input(
        "a key of wide digits is none",
        "not written as hex",
        secret="１２" * 20,
        settings={"webhookKeyForm": "hex"},
    ),
    wrong_input(
        "a key that must be base64 is nothing else",
        "is empty, or is not written as base64",
        settings={"webhookKeyForm": "base64"},
    ),
    wrong_input(
        "a key of base64 outside ASCII is none",
        "not written as base64",
        secret="schlüssel",
        settings={"webhookKeyForm": "base64"},
    ),
    wrong_input(
        "a key of padding alone is none",
        "not written as base64",
        secret="====",
        settings={"webhookKeyForm": "base64"},
    ),
    wrong_input(
        "one bad secret is told, though another fits",
        "not written as hex",
        signed_by(bytes.fromhex(HEX_KEY)),
        secret=[HEX_KEY, SECRET],
        settings={"webhookKeyForm": "hex"},
    ),
    wrong_input("a key has no other form", "webhookKeyForm", settings={"webhookKeyForm": "base32"}),
    wrong_input("a key's form is a text", "webhookKeyForm", settings={"webhookKeyForm": ["text"]}),
]

UNSIGNED = [
    passes("a source that is not signed believes everybody", {}, source="message_hooks", secret=None),
    passes("no secrets are no secret", {}, source="message_hooks", secret=[]),
    passes("a signature proves nothing there", "0" * 128, source="message_hooks", secret=None),
    wrong_input(
        "a secret for a source that is not signed is told",
        "the source message_hooks is declared as not signed",
        source="message_hooks",
    ),
    wrong_input(
        "an empty secret for a source that is not signed is told",
        "declared as not signed",
        source="message_hooks",
        secret="",
    ),
    wrong_input("a watch is no webhook", "Hootsuite has no webhook 'suggestions'", source="suggestions"),
]

INBOX = [
    inbox("a right signature is believed in the inbox", RESOLVED),
    inbox(
        "hexadecimal digits may be capital letters in the inbox",
        RESOLVED,
        digest(bytes.fromhex(INBOX_KEY), RESOLVED_BODY, "sha256").hex().upper(),
    ),
    inbox("the form of the app's key says nothing of the inbox", RESOLVED, settings={"webhookKeyForm": "base64"}),
    inbox("a replaced key is good beside the new one in the inbox", RESOLVED, secret=[HEX_KEY, INBOX_KEY]),
    inbox_refused("another key is refused in the inbox", MISFIT, RESOLVED, secret=HEX_KEY),
    inbox_refused("a missing signature is refused in the inbox", "is missing", RESOLVED, {}),
    inbox_refused("an empty signature is refused in the inbox", "is empty", RESOLVED, ""),
    inbox_refused("another body is refused in the inbox", MISFIT, RESOLVED, "0" * 64),
    inbox_refused(
        "the key as text is refused in the inbox", MISFIT, RESOLVED, signed_by(INBOX_KEY, RESOLVED_BODY, "sha256")
    ),
    inbox_refused(
        "SHA-512 is refused in the inbox",
        "(hmac-sha256 as hex)",
        RESOLVED,
        signed_by(bytes.fromhex(INBOX_KEY), RESOLVED_BODY),
    ),
    inbox_refused(
        "SHA-1 is refused in the inbox",
        NO_SIGNATURE,
        RESOLVED,
        signed_by(bytes.fromhex(INBOX_KEY), RESOLVED_BODY, "sha1"),
    ),
    inbox_refused(
        "base64 is refused in the inbox",
        NO_SIGNATURE,
        RESOLVED,
        base64_of(digest(bytes.fromhex(INBOX_KEY), RESOLVED_BODY, "sha256")),
    ),
    inbox_refused(
        "the name of the algorithm is refused in the inbox",
        NO_SIGNATURE,
        RESOLVED,
        f"sha256={signed_by(bytes.fromhex(INBOX_KEY), RESOLVED_BODY, 'sha256')}",
    ),
    inbox_refused("without a secret nobody is believed in the inbox", "There is no secret", RESOLVED, secret=None),
    inbox_refused(
        "a secret that is no hexadecimal digits is told in the inbox",
        "not written as hex",
        RESOLVED,
        secret=SECRET,
        error=InputError,
    ),
]

TIMES = [
    *(inbox(f"a {type_} of now is believed", started(milliseconds(NOW), type_)) for type_ in AGENT_TYPES),
    *(
        inbox_refused(f"an old {type_} is refused", "more than 5 minutes old", started(1777704599999, type_))
        for type_ in AGENT_TYPES
    ),
    *(
        inbox_refused(f"a {type_} without a time is refused", NO_TIME, {"type": type_, "idempotencyKey": "k-1"})
        for type_ in AGENT_TYPES
    ),
    inbox("a time may be seconds", started(milliseconds(NOW) // 1000)),
    inbox("a time may be seconds with a fraction", started(milliseconds(NOW) / 1000)),
    inbox("a time may be digits in a text", started(str(milliseconds(NOW)))),
    inbox("a time may be written out", started("2026-05-02T07:00:00Z")),
    inbox("a time may have another offset", started("2026-05-02T00:00:00-07:00")),
    inbox("five minutes old is exactly not too old", started(milliseconds(NOW - LIMIT))),
    inbox("five minutes ahead is exactly not too far", started(milliseconds(NOW + LIMIT))),
    inbox("five minutes old is exactly not too old, written out", started("2026-05-02T06:55:00.000000Z")),
    inbox_refused(
        "a millisecond more is too old", "more than 5 minutes old", started(milliseconds(NOW - LIMIT - MILLISECOND))
    ),
    inbox_refused(
        "a millisecond more is too far ahead",
        "more than 5 minutes in the future",
        started(milliseconds(NOW + LIMIT + MILLISECOND)),
    ),
    inbox_refused("a microsecond more is too old", "minutes old", started("2026-05-02T06:54:59.999999Z")),
    inbox_refused("the first of January 1970 is too old", "minutes old", started(0)),
    inbox_refused("a time before 1970 is too old", "minutes old", started(-1)),
    inbox_refused("the first year of the calendar is too old", "minutes old", started("0001-01-01T00:00:00+14:00")),
    inbox_refused("the last year is too far ahead", "in the future", started("9999-12-31T23:59:59-14:00")),
    inbox_refused("a time of null is none", NO_TIME, started(None)),
    inbox_refused("a word is no time", NO_TIME, started("now")),
    inbox_refused("an empty text is no time", NO_TIME, started("")),
    inbox_refused("yes is no time", NO_TIME, started(True)),
    inbox_refused("an object is no time", NO_TIME, started({"seconds": 1777705200})),
    inbox_refused("a list is no time", NO_TIME, started([milliseconds(NOW)])),
    inbox_refused("a time without an offset is none", NO_TIME, started("2026-05-02T07:00:00")),
    inbox_refused("a date is no time", NO_TIME, started("2026-05-02")),
    inbox_refused("a number beyond the calendar is no time", NO_TIME, started(10**19)),
    inbox_refused("a number of many digits is no time", NO_TIME, started(10**300)),
    inbox_refused("a signature is looked at before the time", MISFIT, started(0), "0" * 64),
    inbox_refused(
        "a wrong signature is refused though the time is right", MISFIT, started(milliseconds(NOW)), "0" * 64
    ),
    inbox("what goes to a CRM needs no time", RESOLVED),
    inbox("what goes to a CRM may be hours old", {**RESOLVED, "timestamp": milliseconds(NOW - timedelta(hours=9))}),
    inbox("what goes to a CRM may have any time", {**RESOLVED, "timestamp": "now"}),
    inbox("a kind in other letters is another kind", started(0, "conversation_started")),
    passes("what the app gets may be of any day", now=NOW + timedelta(days=300)),
]

# -- the other services --------------------------------------------------------------------------------------

STANDARD, STRIPE, SLACK = VECTORS[3], VECTORS[4], VECTORS[5]
GITHUB_KEY = "the key of the repository"
GITHUB_BODY = b'{"action":"opened","issue":{"id":2900000001,"number":17,"state":"open"}}'
AT = 1767261600


def service(rule: str, vector: Vector, changes: dict[str, str] | None = None, **given: Any) -> Call:
    """A row made of a vector: its headers with some changed."""
    body = given.get("body", vector.body.encode())
    headers = {**vector.headers, **(changes or {})}
    signed = {
        "standard_webhooks": f"{headers.get('webhook-id')}.{vector.at}.".encode() + body,
        "stripe": f"{vector.at}.".encode() + body,
        "slack": f"v0:{vector.at}:".encode() + body,
    }[vector.source]
    basis = {"headers": headers, "body": body, "secret": vector.secret, "signed": signed, "now": vector.now}
    return Call(f"{vector.source}: {rule}", **{"source": vector.source, "folder": SERVICES, **basis, **given})


def service_refused(rule: str, says: str, vector: Vector, changes: dict[str, str] | None = None, **given: Any) -> Call:
    return service(rule, vector, changes, **{"error": SignatureError, "says": says, **given})


def github(rule: str, headers: dict[str, str], **given: Any) -> Call:
    basis = {"source": "github", "body": GITHUB_BODY, "secret": GITHUB_KEY, "folder": SERVICES}
    return Call(f"github: {rule}", headers=headers, **{**basis, **given})


def github_refused(rule: str, says: str, headers: dict[str, str], **given: Any) -> Call:
    return github(rule, headers, **{"error": SignatureError, "says": says, **given})


def stripe(signed: bytes, at: int | str = AT) -> str:
    return digest(STRIPE.secret.encode(), f"{at}.".encode() + signed, "sha256").hex()


STANDARD_RIGHT = STANDARD.headers["webhook-signature"]
STRIPE_RIGHT = STRIPE.headers["Stripe-Signature"].partition("v1=")[2]
STRIPE_BODY = STRIPE.body.encode()
SLACK_RIGHT = SLACK.headers["X-Slack-Signature"]
GITHUB_RIGHT = signed_by(GITHUB_KEY, GITHUB_BODY, "sha256")
ZERO = "0" * 64
ZERO64 = base64_of(bytes(32))
UNLIKE = "whsec_" + base64_of(b"another key of whatever length")

OF_SERVICES = [
    service("the secret may lack its prefix", STANDARD, secret=STANDARD.secret.removeprefix("whsec_")),
    service("the secret may lack its padding", STANDARD, secret=STANDARD.secret.rstrip("=")),
    service(
        "one good signature of several is enough", STANDARD, {"webhook-signature": f"v1,{ZERO64} {STANDARD_RIGHT}"}
    ),
    service("the good one may be the first", STANDARD, {"webhook-signature": f"{STANDARD_RIGHT} v1,{ZERO64}"}),
    service("other versions are passed over", STANDARD, {"webhook-signature": f"v1a,{ZERO64} {STANDARD_RIGHT} v2,x"}),
    service("both secrets are good while one is replaced", STANDARD, secret=[UNLIKE, STANDARD.secret]),
    service_refused(
        "another version alone is refused", "behind 'v1,'", STANDARD, {"webhook-signature": f"v1a,{ZERO64}"}
    ),
    service_refused(
        "the right bytes under another version are refused",
        "holds no signature of the kind",
        STANDARD,
        {"webhook-signature": STANDARD_RIGHT.replace("v1,", "v2,")},
    ),
    service_refused(
        "hexadecimal digits are refused",
        "hmac-sha256 as base64",
        STANDARD,
        {"webhook-signature": "v1," + base64.b64decode(STANDARD_RIGHT[3:]).hex()},
    ),
    service_refused("the id is signed", "does not fit", STANDARD, {"webhook-id": "msg_other"}),
    service_refused("the id cannot be empty", "webhook-id is empty", STANDARD, {"webhook-id": ""}),
    service_refused("the timestamp is signed", "does not fit", STANDARD, {"webhook-timestamp": str(AT + 1)}),
    service_refused(
        "the secret is no text", "does not fit", STANDARD, secret="whsec_" + base64_of(b"signed calls key")
    ),
    service_refused(
        "a secret that is no base64 is told",
        "not written as base64",
        STANDARD,
        secret="whsec_no!base64",
        error=InputError,
    ),
    service_refused(
        "a prefix without a secret is told", "not written as base64", STANDARD, secret="whsec_", error=InputError
    ),
    service("parts may have spaces around them", STRIPE, {"Stripe-Signature": f"t={AT}, v1={STRIPE_RIGHT}"}),
    service("parts may be in another order", STRIPE, {"Stripe-Signature": f"v1={STRIPE_RIGHT},t={AT}"}),
    service(
        "one good signature of several is enough",
        STRIPE,
        {"Stripe-Signature": f"t={AT},v1={ZERO},v1={STRIPE_RIGHT},v0={ZERO}"},
    ),
    service("the whole secret is the key", STRIPE, secret=[f"{STRIPE.secret}2", STRIPE.secret]),
    service_refused("v0 proves nothing", "behind 'v1='", STRIPE, {"Stripe-Signature": f"t={AT},v0={STRIPE_RIGHT}"}),
    service_refused(
        "without its prefix the key is another", "does not fit", STRIPE, secret=STRIPE.secret.removeprefix("whsec_")
    ),
    service_refused(
        "the timestamp is signed", "does not fit", STRIPE, {"Stripe-Signature": f"t={AT + 1},v1={STRIPE_RIGHT}"}
    ),
    service_refused(
        "the timestamp must be there",
        "There must be one timestamp in Stripe-Signature, and there are 0",
        STRIPE,
        {"Stripe-Signature": f"v1={STRIPE_RIGHT}"},
    ),
    service_refused(
        "there is one timestamp only",
        "and there are 2",
        STRIPE,
        {"Stripe-Signature": f"t={AT},t={AT},v1={STRIPE_RIGHT}"},
    ),
    service_refused(
        "a signed word is no timestamp",
        NO_TIME,
        STRIPE,
        {"Stripe-Signature": f"t=now,v1={stripe(STRIPE_BODY, 'now')}"},
    ),
    service_refused(
        "a call is refused when it is old, though the body's own time is new",
        "more than 5 minutes old",
        STRIPE,
        {"Stripe-Signature": f"t={AT - 301},v1={stripe(STRIPE_BODY, AT - 301)}"},
    ),
    service_refused(
        "a signature is looked at before the time",
        "does not fit",
        STRIPE,
        {"Stripe-Signature": f"t={AT},v1={ZERO}"},
        now=NOW,
    ),
    service_refused("the timestamp is signed", "does not fit", SLACK, {"X-Slack-Request-Timestamp": str(AT + 1)}),
    service_refused(
        "the version is signed and must be there",
        "behind 'v0='",
        SLACK,
        {"X-Slack-Signature": SLACK_RIGHT.removeprefix("v0=")},
    ),
    service_refused(
        "the body alone is not what is signed",
        "does not fit",
        SLACK,
        {"X-Slack-Signature": "v0=" + signed_by(SLACK.secret, SLACK.body.encode(), "sha256")},
    ),
    service_refused(
        "a secret of hexadecimal digits is used as text",
        "does not fit",
        SLACK,
        {
            "X-Slack-Signature": "v0="
            + signed_by(bytes.fromhex(SLACK.secret), f"v0:{AT}:{SLACK.body}".encode(), "sha256")
        },
    ),
    github("a right signature is believed", {"X-Hub-Signature-256": f"sha256={GITHUB_RIGHT}"}),
    github("a call may be of any day", {"X-Hub-Signature-256": f"sha256={GITHUB_RIGHT}"}, now=NOW + timedelta(days=99)),
    github_refused("digits without a name are refused", "behind 'sha256='", {"X-Hub-Signature-256": GITHUB_RIGHT}),
    github_refused(
        "the older signature is refused",
        "The header X-Hub-Signature-256 is missing",
        {"X-Hub-Signature": f"sha1={signed_by(GITHUB_KEY, GITHUB_BODY, 'sha1')}"},
    ),
    github_refused(
        "SHA-1 is refused where SHA-256 belongs",
        "hmac-sha256 as hex behind 'sha256='",
        {"X-Hub-Signature-256": f"sha1={signed_by(GITHUB_KEY, GITHUB_BODY, 'sha1')}"},
    ),
    github_refused(
        "SHA-1 is refused under the name of SHA-256",
        "holds no signature of the kind",
        {"X-Hub-Signature-256": f"sha256={signed_by(GITHUB_KEY, GITHUB_BODY, 'sha1')}"},
    ),
    github(
        "news of the webhook itself is no event",
        {"X-Hub-Signature-256": "sha256=" + signed_by(GITHUB_KEY, b'{"zen":"x","hook":{"type":"App"}}', "sha256")},
        body=b'{"zen":"x","hook":{"type":"App"}}',
        events=0,
    ),
]

CALLS = [*WRITTEN, *HEADERS, *BODIES, *SECRETS, *KEYS, *UNSIGNED, *INBOX, *TIMES, *OF_SERVICES]
REFUSED = [call for call in CALLS if call.error]
every_call = pytest.mark.parametrize("call", CALLS, ids=lambda it: it.rule)
every_refusal = pytest.mark.parametrize("call", REFUSED, ids=lambda it: it.rule)


def caught(call: Call) -> ConnectorError:
    """The error that a call ends with. (pytest.raises would keep the frames, and with them the secrets, alive.)"""
    try:
        call.receive()
    except ConnectorError as error:
        return error
    raise AssertionError("it was believed")


@every_call
def test_a_call_is_believed_or_refused(call: Call) -> None:
    if call.error:
        error = caught(call)
        assert type(error) is call.error
        assert call.says in error.message
    else:
        got = call.receive()
        assert (len(got), len(got.unknown), got.malformed) == (call.events, call.unknown, [])


def test_the_rules_are_told_apart() -> None:
    rules = [call.rule for call in CALLS]
    assert len(set(rules)) == len(rules)


def test_the_sample_shows_what_is_special_in_base64() -> None:
    """A signature without + and / would be the same in the url-safe kind."""
    assert "+" in B64 and "/" in B64 and B64.endswith("==")


def test_headers_may_come_one_after_the_other() -> None:
    """Whatever gives pairs will do, where one header is looked for."""
    got = connector_at(HOOTSUITE).receive("platform", headers=iter([(HEADER, HEX)]), body=BODY, secret=SECRET, now=NOW)
    assert len(got) == 1


@pytest.mark.parametrize("place", range(3))
def test_one_old_item_refuses_the_whole_call(place: int, tmp_path: Path) -> None:
    """What is said of one item's timestamp holds for each of a batch."""
    copy = shutil.copytree(SERVICES, tmp_path / "copy") / "connector.yaml"
    alone, batch = "signed: body\n", 'signed: body\n        timestamp: {path: at, tolerance: 5m}\n      items: "[*]"\n'
    text = copy.read_text("utf-8")
    assert text.count(alone) == 1
    copy.write_text(text.replace(alone, batch), "utf-8")
    connector = load(copy.parent)

    def received(*times: int) -> Any:
        items = [{"action": "opened", "issue": {"id": it, "state": "open"}, "at": it} for it in times]
        body = json.dumps(items).encode()
        headers = {"X-Hub-Signature-256": f"sha256={signed_by(GITHUB_KEY, body, 'sha256')}"}
        return connector.receive("github", headers=headers, body=body, secret=GITHUB_KEY, now=NOW)

    times = [milliseconds(NOW) + number for number in range(3)]
    assert len(received(*times)) == 3
    times[place] -= milliseconds(NOW)
    with pytest.raises(SignatureError, match="more than 5 minutes old"):
        received(*times)


# -- nothing is given away -----------------------------------------------------------------------------------


def unsayable(call: Call) -> Iterator[str]:
    """The secrets of a call, their keys, and the signatures that would be right, however they are written."""
    given = [call.secret] if isinstance(call.secret, str) else call.secret or ()
    for text in {part for secret in given for part in (secret.strip(), secret.strip().removeprefix("whsec_"))}:
        if not text.strip("="):
            continue
        yield from (text, repr(text)[1:-1])
        for key in {text.encode("utf-8", "surrogatepass"), *decoded(text)}:
            right = [digest(key, call.signed or call.body, name) for name in ("sha1", "sha256", "sha512")]
            for value in (key, *right):
                yield from (value.hex(), value.hex().upper(), base64_of(value).rstrip("="), repr(value)[2:-1])


def decoded(text: str) -> Iterator[bytes]:
    for read in (bytes.fromhex, lambda it: base64.b64decode(it + "=" * (-len(it) % 4), validate=True)):
        try:
            key = read(text)
        except ValueError:
            continue
        if len(key) > 3:
            yield key


def renderings(error: BaseException) -> Iterator[str]:
    """All that programs print of an error and of what led to it. The values of frames are not among them."""
    yield from traceback.format_exception(error)
    seen: BaseException | None = error
    while seen is not None:
        yield from (str(seen), repr(seen), repr(seen.args), repr(vars(seen)), repr(seen.__reduce__()))
        seen = seen.__cause__ or seen.__context__


@every_refusal
def test_an_error_holds_no_secret_and_nothing_that_would_be_right(call: Call) -> None:
    said = "\n".join(renderings(caught(call)))
    assert [text for text in unsayable(call) if text in said] == []


def test_what_must_not_be_said_is_known_to_these_tests() -> None:
    """The test above would find a secret or a right signature in whichever way it is written."""
    shown = {it for call in REFUSED for it in unsayable(call)}
    assert {SECRET, HEX, HEX.upper(), B64.rstrip("="), STRIPE_RIGHT, HEX_KEY, INBOX_KEY} <= shown
    assert STANDARD_RIGHT[3:].rstrip("=") in shown and SLACK_RIGHT[3:] in shown and GITHUB_RIGHT in shown


# -- how signatures are compared -----------------------------------------------------------------------------


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, bytes]]:
    """What is given to `hmac.compare_digest`."""
    pairs: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def count(one: bytes, other: bytes) -> bool:
        pairs.append((one, other))
        return real(one, other)

    monkeypatch.setattr(signatures.hmac, "compare_digest", count)
    return pairs


MANY = [
    *(
        passes(f"the secret at place {number} fits", secret=[*others[:number], SECRET, *others[number:]])
        for others in [[OLD, OTHER, "yet another key"]]
        for number in range(4)
    ),
    refused("none fits", MISFIT, secret=[OLD, OTHER, "yet another key", "and one more"]),
]


@pytest.mark.parametrize("call", MANY, ids=lambda it: it.rule)
def test_all_secrets_are_compared_even_if_the_first_fits(call: Call, compared: list[tuple[bytes, bytes]]) -> None:
    if call.error:
        caught(call)
    else:
        call.receive()
    assert compared == [(MAC, digest(secret.encode(), BODY, "sha512")) for secret in call.secret]


@pytest.mark.parametrize("place", range(3))
def test_all_signatures_are_compared_with_all_secrets(place: int, compared: list[tuple[bytes, bytes]]) -> None:
    signature = STRIPE_RIGHT
    written = [f"v1={ZERO}", f"v1={ZERO[:-1]}1"]
    written.insert(place, f"v1={signature}")
    secrets = ["whsec_one", STRIPE.secret, "whsec_three"]
    call = service(
        "x", STRIPE, {"Stripe-Signature": ",".join([f"t={AT}", *written, f"v0={signature}"])}, secret=secrets
    )
    assert len(call.receive()) == 1
    assert len(compared) == 3 * 3
    assert [one.hex() for one, _ in compared[::3]] == [text.removeprefix("v1=") for text in written]
    assert len({other for _, other in compared}) == 3


@every_call
def test_what_is_compared_is_bytes_of_the_same_length(call: Call, compared: list[tuple[bytes, bytes]]) -> None:
    """Otherwise the time would tell the length, or letters outside ASCII would end it with a TypeError."""
    try:
        call.receive()
    except ConnectorError:
        pass
    else:
        assert bool(compared) == (call.source != "message_hooks")
    assert {(type(one), type(other)) for one, other in compared} <= {(bytes, bytes)}
    assert all(len(one) == len(other) for one, other in compared)


@pytest.mark.parametrize("call", [it for it in CALLS if it.source != "message_hooks"], ids=lambda it: it.rule)
def test_nothing_is_believed_that_is_not_compared(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing were equal to anything, nobody would be believed."""
    monkeypatch.setattr(signatures.hmac, "compare_digest", lambda one, other: False)
    caught(call)


@pytest.mark.parametrize("call", [it for it in CALLS if it.says == MISFIT], ids=lambda it: it.rule)
def test_nothing_else_says_that_a_signature_does_not_fit(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """If everything were equal, no signature of the right size would be refused for what it is."""
    monkeypatch.setattr(signatures.hmac, "compare_digest", lambda one, other: True)
    try:
        call.receive()
    except ConnectorError as error:
        said = error.message
    else:
        said = ""
    assert "does not fit" not in said


@pytest.mark.parametrize("written", [HEX, HEX.upper(), B64, B64.rstrip("="), f"sha512={HEX}", f"sha512={B64}"])
def test_a_signature_is_read_in_one_way_only(written: str, compared: list[tuple[bytes, bytes]]) -> None:
    """Hexadecimal digits are base64 too, but of the wrong size; a prefix that may be missing is no second reading."""
    assert len(passes("x", written).receive()) == 1
    assert compared == [(MAC, MAC)]
