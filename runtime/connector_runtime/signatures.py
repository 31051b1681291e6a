"""Signatures of webhooks: whether a call is from who it says, and from now.

In: how a source signs, the headers, the body as it came (no byte of it changed), the secrets that are good at present.
Out: nothing; whoever returns from here may be believed. Refused: a signature that is missing or fits none of the
secrets, a timestamp too far from now (SignatureError); a secret that cannot be a key (InputError). The sentences hold
nothing of secrets and of what would have been right, and what is compared is compared in constant time.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from .errors import InputError, InputProblem, SignatureError
from .expressions import ExpressionError
from .model import Timestamp, Verify
from .times import moment_of

Pairs = Sequence[tuple[str, str]]
"""Headers: names in small letters, values without blanks around them."""
_HEX = re.compile(r"[0-9A-Fa-f]*", re.ASCII)


def verify(
    spec: Verify, headers: Pairs, body: bytes, secrets: Sequence[str], settings: Mapping[str, Any], now: datetime
) -> None:
    """Returns if one of the secrets made the signature and its timestamp, where a header has it, is from `now`."""
    keys = [_key(spec, secret, settings) for secret in secrets]
    if not keys:
        raise SignatureError(
            f"There is no secret to check {spec.header} with. Say which; without one nobody is believed."
        )
    given = _header(headers, spec.header)
    stamp = spec.timestamp
    time = "" if stamp is None or stamp.header is None else _timestamp(spec, stamp, headers)
    signed = _signed(spec.signed, headers, time, body)
    name = spec.algorithm.partition("-")[2]
    expected = [hmac.digest(key, signed, name) for key in keys]
    found = list(_signatures(spec, given, len(expected[0])))
    if not found:
        raise SignatureError(f"{spec.header} holds no signature of the kind that is expected here ({_kind(spec)}).")
    good = False
    for one in found:  # all of them, so that the time taken says nothing
        for other in expected:
            good |= hmac.compare_digest(one, other)
    if not good:
        text = f"The signature in {spec.header} does not fit: the secret is another one, or the body was changed on the way."
        raise SignatureError(text)
    if stamp and stamp.header:
        ensure_recent(stamp, time, now)


def ensure_recent(stamp: Timestamp, value: Any, now: datetime) -> None:
    """Returns if a timestamp is as near to `now` as it has to be."""
    moment = moment_of(value)
    if moment is None:
        raise SignatureError("The timestamp of the call is missing or is no time.")
    apart = now - moment
    if abs(apart) > stamp.tolerance:
        way = "old" if apart > timedelta() else "in the future"
        limit = f"{stamp.tolerance.total_seconds() / 60:g} minutes"
        raise SignatureError(f"The call is more than {limit} {way}; it may be an earlier one, sent again.")


def _header(headers: Pairs, name: str) -> str:
    """The one value of a header that must be there."""
    values = [value for key, value in headers if key == name.lower()]
    if len(values) != 1 or not values[0]:
        why = "missing" if not values else "empty" if len(values) == 1 else "there twice"
        raise SignatureError(f"The header {name} is {why}, so nobody knows who sent this.")
    return values[0]


def _parts(spec: Verify, value: str) -> list[str]:
    return [part.strip() for part in value.split(spec.split)] if spec.split else [value]


def _timestamp(spec: Verify, stamp: Timestamp, headers: Pairs) -> str:
    assert stamp.header is not None
    found = [it for it in _parts(spec, _header(headers, stamp.header)) if it.startswith(stamp.prefix)]
    if len(found) != 1:
        raise SignatureError(f"There must be one timestamp in {stamp.header}, and there are {len(found)}.")
    return found[0].removeprefix(stamp.prefix)


def _signed(template: str, headers: Pairs, time: str, body: bytes) -> bytes:
    if template == "body":
        return body
    made = b""
    for number, piece in enumerate(re.split(r"\{([^}]+)\}", template)):
        if number % 2 == 0:
            made += piece.encode()
        elif piece == "body":
            made += body
        else:
            made += (time if piece == "timestamp" else _header(headers, piece)).encode("latin-1", "backslashreplace")
    return made


def _signatures(spec: Verify, value: str, size: int) -> Iterator[bytes]:
    """The bytes of each signature of that size in a header, in each way of reading it that is allowed."""
    for part in _parts(spec, value):
        for prefix in spec.prefix:
            if part.startswith(prefix):
                text = part.removeprefix(prefix)
                if "hex" in spec.encodings and len(text) == 2 * size and _HEX.fullmatch(text):
                    yield bytes.fromhex(text)
                elif "base64" in spec.encodings and (decoded := _from_base64(text)) and len(decoded) == size:
                    yield decoded


def _kind(spec: Verify) -> str:
    prefixes = " or ".join(f"'{prefix}'" for prefix in spec.prefix if prefix)
    return f"{spec.algorithm} as {' or '.join(spec.encodings)}{f' behind {prefixes}' if prefixes else ''}"


def _key(spec: Verify, secret: str, settings: Mapping[str, Any]) -> bytes:
    """The key that a secret spells."""
    prefix = spec.key.prefix
    if not isinstance(secret, str):
        raise InputError([InputProblem("secret", "must be a text, or several.")])
    try:
        form = spec.key.form.evaluate({"connection": settings})
        text = secret.strip().removeprefix(prefix)
        key = KEY_FORMS[form](text)
    except (ExpressionError, KeyError, TypeError):
        raise InputError([InputProblem("secret", "its form must be text, hex or base64.")]) from None
    except UnicodeEncodeError:
        key = None
    if not key:
        raise InputError([InputProblem("secret", f"is empty, or is not written as {form}.")])
    return key


def _from_hex(text: str) -> bytes | None:
    return bytes.fromhex(text) if _HEX.fullmatch(text) and len(text) % 2 == 0 else None


def _from_base64(text: str) -> bytes | None:
    """The bytes of base64 with or without padding; None where it is none."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return None


KEY_FORMS: Final[Mapping[str, Callable[[str], bytes | None]]] = {
    "text": str.encode,
    "hex": _from_hex,
    "base64": _from_base64,
}
"""The ways a secret may be written → what reads it."""
