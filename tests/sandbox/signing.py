"""The signature of a webhook request: HMAC-SHA512 over the body, byte for byte.

In: a secret as people type it, how it becomes a key, how the signature is written. Out: the header's value.
Refused: an empty secret, one that is not of its form, other encodings and forms (ValueError).
"""

import base64
import hmac
from dataclasses import dataclass
from typing import Literal, get_args

Encoding = Literal["hex", "HEX", "base64"]
KeyForm = Literal["text", "hex", "base64"]


@dataclass(frozen=True)
class Signing:
    secret: str
    encoding: Encoding = "hex"
    prefix: str = ""  # such as "sha512="
    key_form: KeyForm = "text"

    def __post_init__(self) -> None:
        if self.encoding not in get_args(Encoding) or self.key_form not in get_args(KeyForm):
            raise ValueError(f"encoding is one of {get_args(Encoding)}, key_form one of {get_args(KeyForm)}")
        if not self._key():
            raise ValueError("a secret is needed to sign with")

    def header(self, body: bytes) -> str:
        digest = hmac.digest(self._key(), body, "sha512")
        if self.encoding == "base64":
            return self.prefix + base64.b64encode(digest).decode()
        return self.prefix + (digest.hex().upper() if self.encoding == "HEX" else digest.hex())

    def _key(self) -> bytes:
        if self.key_form == "hex":
            return bytes.fromhex(self.secret)
        if self.key_form == "base64":
            return base64.b64decode(self.secret, validate=True)
        return self.secret.encode()
