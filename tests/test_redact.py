"""Secrets never survive in a text, whichever way they were written into it."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from connector_runtime.redact import MASK, forms_of, redact
from hypothesis import assume, given, settings
from hypothesis import strategies as st

SECRET = 'pä/ss "w+ord"\\=?'

WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded as a path": quote,
    "in a query string": quote_plus,
    "in a form": lambda secret: urlencode({"token": secret}),
    "in JSON": json.dumps,
    "in JSON as UTF-8": lambda secret: json.dumps({"token": secret}, ensure_ascii=False),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 without the end": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("secret", [SECRET, "sk-123", "??>>ä", "??>>?ä!", "a b", "x/y"])
def test_a_secret_is_masked_in_every_form(way: Callable[[str], str], secret: str) -> None:
    written = way(secret)
    masked = redact(f"before {written} after", forms_of([secret]))
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")):
        assert form not in masked


def test_text_without_secrets_stays_as_it_is() -> None:
    assert redact("nothing here", forms_of(["sk-123"])) == "nothing here"
    assert redact("nothing here", forms_of([])) == "nothing here"


def test_an_empty_secret_masks_nothing() -> None:
    assert redact("abc", forms_of(["", ""])) == "abc"


def test_of_two_secrets_the_longer_goes_first_so_that_no_rest_is_left() -> None:
    assert redact("token-long token", forms_of(["token", "token-long"])) == f"{MASK} {MASK}"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(min_size=4, max_size=40), min_size=1, max_size=3),
    st.sampled_from(sorted(WAYS)),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_form_of_a_secret_is_ever_left(secrets: list[str], way: str, before: str, after: str) -> None:
    assume(not any("•" in secret for secret in secrets))
    forms = forms_of(secrets)
    masked = redact(before + "".join(WAYS[way](secret) for secret in secrets) + after, forms)
    assert not any(form in masked for form in forms)
