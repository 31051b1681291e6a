"""What an answer means: done, or which error, in whose words; and the output made from it.

In: an operation, its input, and a `Response`. Out: None where it succeeded, or the error to raise; the output. The
order of the declared rules decides, the operation's own first. An odd answer to a call that changes something never
looks as if the call had not happened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import ConnectorError, OutputError, RateLimited, RemoteError, SignInError, UnknownOutcome, one_line
from .expressions import Computed, ExpressionError, Names
from .messages import Response
from .model import Api, ErrorPaths, Operation
from .paths import ABSENT, nowhere
from .request import evaluate

LONGEST = 300
_NO_API = Api("", ErrorPaths(nowhere))


@dataclass(frozen=True)
class Verdict:
    """What a failed answer says: what to do (`then`), our sentence or the provider's, its code and trace id."""

    then: str
    message: str
    code: Any
    trace_id: str | None


def verdict_of(operation: Operation, response: Response, names: Names, title: str) -> Verdict:
    """What the declared rules say about an answer, whatever its status."""
    api, body = operation.api or _NO_API, response.data
    readers = (api.error.code, api.error.message, api.error.trace_id)
    code, said, trace_id = (None if (it := read(body)) is ABSENT else it for read in readers)
    words = shortened(_flat(said))
    view = {"status": response.status, "code": code, "message": said, "body": body}
    readable = {**names, "response": as_names(response), "code": code, "message": words or ABSENT}
    rules = (*operation.errors, *api.errors)
    rule = next((rule for rule in rules if rule.when.fits(view)), None)
    own = sentence(rule.message, readable) if rule else ""
    unmatched = "broken" if response.status >= 500 or response.status < 400 else "fail"  # 3xx: it may have been done
    message = own or _default(operation, response, code, words, title)
    return Verdict(rule.then if rule else unmatched, message, code, trace_id if isinstance(trace_id, str) else None)


def _flat(said: Any) -> str:
    """What a provider says, as text: some say it as lists by field."""
    if isinstance(said, dict):
        return "; ".join(f"{key}: {_flat(value)}" for key, value in said.items())
    if isinstance(said, list):
        return ", ".join(_flat(item) for item in said)
    return said if isinstance(said, str) else str(said) if isinstance(said, int | float) else ""


def sentence(message: Computed | None, names: Names) -> str:
    """A declared sentence; empty where there is none, or where it cannot be made: it must not hide what it is about."""
    try:
        text = message.evaluate(names) if message else ""
    except ExpressionError:
        return ""
    return one_line(text) if isinstance(text, str) else ""


def as_names(response: Response) -> dict[str, Any]:
    """A response as expressions read it."""
    return {"status": response.status, "headers": response.headers, "body": response.data}


def _default(operation: Operation, response: Response, code: Any, words: str, title: str) -> str:
    part = response.status < 300  # an answer that reports what was refused beside what was done
    if part and code is None and not words:
        return ""
    what = f"{title} says" if part else f"{operation.title}: {title} answered {response.status}"
    if 300 <= response.status < 400:
        host = _host(response.headers.get("location", "")) or "another place"
        return f"{what}, a redirect to {host}. Redirects are not followed; check the base address."
    if code is not None:
        what += f" (code {shortened(str(code))})"
    if words:
        return stopped(f"{what}: {words}")
    return stopped(f"{what} {describe_body(response)}")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def stopped(text: str) -> str:
    """A sentence with a full stop, if it has no end of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def describe_body(response: Response) -> str:
    """What a body is, in words, where it is not the JSON that was expected."""
    if not response.body.strip():
        return "with an empty body"
    if response.is_json:
        return "without saying why"
    if is_web_page(response):
        return "with a web page instead of JSON"
    text = shortened(re.sub(r"<[^>]*>", " ", response.body[:2000].decode("utf-8", "replace")))
    return f"with text instead of JSON: {text}"


def is_web_page(response: Response) -> bool:
    """Whether the body is HTML, which no service answers with by itself."""
    return response.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def shortened(text: str) -> str:
    """A text of somebody else's in one line, printable and not too long."""
    line = one_line(text)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def error_of(operation: Operation, response: Response, verdict: Verdict) -> ConnectorError:
    """The error to raise for a verdict."""
    fields: dict[str, Any] = {
        "operation": operation.id,
        "status": response.status,
        "code": verdict.code,
        "trace_id": verdict.trace_id,
    }
    if verdict.then == "renew":
        text = "The sign-in has ended, was taken back or is incomplete: connect again."
        return SignInError(f"{verdict.message} {text}", **fields)
    if operation.unknown_matters and verdict.then == "broken":
        text = "Nobody knows whether it happened: look before you do it again."
        return UnknownOutcome(f"{verdict.message} {text}", **fields)
    kind = RateLimited if response.status == 429 else RemoteError
    return kind(verdict.message, retryable=verdict.then in ("retry", "broken") and response.status >= 400, **fields)


def ensure_answer(operation: Operation, response: Response) -> None:
    """Refuses a body that cannot be the service's answer: a web page, or no JSON where the output is made of it."""
    if operation.unknown_matters and is_web_page(response):
        text = (
            f"{operation.title}: a web page came instead of an answer; perhaps a proxy or a sign-in page sent it. "
            "Nobody knows whether it happened: look before you do it again."
        )
        raise UnknownOutcome(text, operation=operation.id, status=response.status)
    returns = operation.returns
    unread = returns is not None and not any(path[:2] == ("response", "body") for path in returns.reads)
    if not response.is_json and not unread:
        text = response.body.decode("utf-8", "replace")
        raise odd_answer(operation, f"it came {describe_body(response)}", text)


def output_of(operation: Operation, response: Response, names: Names) -> Any:
    """The output that an answer makes, not yet checked."""
    return response.data if operation.returns is None else evaluate(operation.returns, names, operation)


def odd_answer(operation: Operation, why: str, answer: Any) -> OutputError:
    """The error for an answer of an unexpected shape, which says whether the call has happened."""
    happened = operation.effect != "read"
    what = f"{operation.title} was done, but its" if happened else f"{operation.title}: the"
    advice = " Do not repeat it." if operation.unknown_matters else ""
    message = f"{what} answer was not as expected ({why}).{advice} The answer is kept with this error."
    return OutputError(message, operation=operation.id, happened=happened, data=answer)
