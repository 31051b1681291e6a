"""Secrets taken out of texts.

In: a text and the secrets of a connection. Out: the text with every form of every secret replaced by bullets: as it is,
percent-encoded, JSON-escaped and base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from .errors import InputProblem

MASK = "••••"


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every form in which a secret may turn up, the longest first."""
    forms = set()
    for secret in secrets:
        if secret:
            raw = secret.encode("utf-8", "surrogatepass")
            encoded = base64.b64encode(raw).decode()
            for_urls = base64.urlsafe_b64encode(raw).decode()
            forms |= {
                secret,
                quote(raw, safe=""),
                quote(raw),
                quote_plus(raw),
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                encoded.rstrip("="),
                for_urls.rstrip("="),
            }
    return tuple(sorted(forms, key=len, reverse=True))


def texts_in(data: Any) -> Iterator[str]:
    """Every text in data, and numbers as text."""
    if isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from texts_in(item)
    elif isinstance(data, str | int | float) and not isinstance(data, bool):
        yield str(data)


def redact(text: str, forms: Iterable[str]) -> str:
    """The text without the secrets."""
    for form in forms:
        text = text.replace(form, MASK)
    return text


def redact_data(data: Any, forms: tuple[str, ...]) -> Any:
    """Data (texts, lists, objects, and dataclasses of such) without the secrets; the rest as it is."""
    if isinstance(data, str):
        return redact(data, forms)
    if isinstance(data, dict):
        return {redact_data(key, forms): redact_data(value, forms) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(redact_data(item, forms) for item in data)
    if isinstance(data, InputProblem):
        return InputProblem(redact(data.path, forms), redact(data.message, forms))
    return data
