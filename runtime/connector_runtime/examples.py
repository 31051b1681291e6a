"""Worked examples carried out: the exact requests, the exact output.

In: a connector, an operation, one of its examples. Out: the first difference between what the example says and what
happens, or None (`try_example`); or all that happens, in the words of the example (`actual_of`). The answers come from
the example; nothing leaves the machine.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .connector import Connector, connection_fields
from .document import Place
from .errors import ConnectorError, InputError, ManifestError
from .events import Event, facts_of
from .messages import FileBody, Request, Response
from .model import Operation, Trigger
from .paths import spell
from .schemas import show
from .times import parse_time
from .watches import outcome_of
from .words import close_like, meant

NOW = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Difference:
    """Where in the example (relative to it), and what is different there."""

    place: Place
    message: str
    hint: str = ""
    word: str = ""
    near: str | None = None


class _Different(Exception):
    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.message)
        self.difference = difference


class _OtherRequests(_Different):
    """Not as many requests are sent as the example has."""


Look = Callable[[Any, Any, Place], None]
"""Sees what an example says, what happens, and where in the example that stands."""


def try_example(connector: Connector, operation: Operation | Trigger, example: Mapping[str, Any]) -> Difference | None:
    """Carries one example out; see the top of this module."""
    try:
        _carry_out(connector, operation, example, _compare)
    except _Different as error:
        return error.difference
    return None


def actual_of(
    connector: Connector, operation: Operation | Trigger, example: Mapping[str, Any]
) -> tuple[dict[Place, Any], Difference | None]:
    """What happens now, by its place in the example: requests, output, error or data. The difference is one that no
    other value at these places would mend; of other requests than it has, those that both have are given all the same.
    """
    found: dict[Place, Any] = {}

    def look(expected: Any, actual: Any, place: Place) -> None:
        found[place] = actual

    try:
        _carry_out(connector, operation, example, look)
    except _OtherRequests as error:
        return {place: it for place, it in found.items() if place[-1] == "request"}, error.difference
    except _Different as error:
        return {}, error.difference
    return found, None


def _carry_out(connector: Connector, operation: Operation | Trigger, example: Mapping[str, Any], look: Look) -> None:
    if isinstance(operation, Trigger):
        _happen(connector, operation, example, look)
    else:
        _call(connector, operation, example, list(_exchanges(example)), look)


def _happen(connector: Connector, trigger: Trigger, example: Mapping[str, Any], look: Look) -> None:
    """Lets an example's item be seen by its source, and completes its event with what the example says was fetched."""
    source, item = example["source"], example["item"]
    if source not in trigger.sources:
        raise _unknown(("source",), source, trigger.sources, f"the trigger does not name the source '{source}'")
    watch = connector.manifest.sources[source].watch
    if watch and (outcome := outcome_of(watch, item)) != item.get("outcome"):
        message = f"the outcome is {outcome or 'none'}; the example says {item.get('outcome', 'nothing')}"
        raise _Different(Difference(("item", "outcome"), message))
    webhook, dispatch = connector.manifest.sources[source].webhook, connector.dispatch(source)
    listener = connector.listener("example")
    if webhook and webhook.ignore and webhook.ignore.fits(item):
        raise _Different(Difference(("item",), f"the source '{source}' ignores this item"))
    if trigger not in dispatch.find(item):
        message = f"the item does not fit the `when` of the source '{source}': it has {dispatch.describe(item)}"
        raise _Different(Difference(("item",), message))
    facts = facts_of(trigger.sources[source].facts, item)
    made = listener.event(trigger, facts, None, (NOW, None, True))
    if "fetched" in example and isinstance(made, Event):
        for name in example["fetched"]:
            if name not in trigger.fetch:
                message = f"the trigger fetches nothing that is called '{name}'"
                raise _unknown(("fetched", name), name, trigger.fetch, message)
        made = listener.complete(trigger, made, example["fetched"])
    if isinstance(made, str):
        raise _Different(Difference(("item",), f"no event can be made of it: {made}"))
    if "eventId" in example["data"]:
        raise _Different(Difference(("data", "eventId"), "eventId is left out of examples: every event has it"))
    look(example["data"], {key: it for key, it in made.data.items() if key != "eventId"}, ("data",))
    try:
        wanted = connector.wants(made, example.get("input"))
    except InputError as error:
        raise _Different(Difference(("input",), error.message)) from None
    if wanted != example.get("wanted", True):
        told = "wants" if wanted else "does not want"
        raise _Different(Difference(("wanted",), f"an automation with this input {told} the event"))


def _exchanges(example: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any], Mapping[str, Any]]]:
    """Each exchange: its place in the example, the request, the answer."""
    if ("output" in example) == ("raises" in example):
        raise _Different(Difference((), "an example has either an output or raises"))
    if "exchanges" in example:
        if "request" in example or "response" in example:
            raise _Different(Difference(("exchanges",), "either exchanges, or one request and one response"))
        for number, exchange in enumerate(example["exchanges"]):
            yield ("exchanges", number, "request"), exchange["request"], exchange["response"]
    elif ("request" in example) != ("response" in example):
        raise _Different(Difference((), "request and response go together"))
    elif "request" in example:
        yield ("request",), example["request"], example["response"]


def _call(
    connector: Connector, operation: Operation, example: Mapping[str, Any], exchanges: list[Any], look: Look
) -> None:
    waiting = list(exchanges)

    def send(request: Request) -> Response:
        if not waiting:
            message = f"a request is sent that the example does not have: {request.method} {request.url}"
            raise _OtherRequests(Difference((), message))
        place, expected, answer = waiting.pop(0)
        look(expected, _as_example(request, expected), place)
        return response_of(answer)

    account = connector.connect(
        send=send, now=lambda: parse_time(example.get("now", NOW)), **_values(connector, example)
    )
    with _files(example.get("files", {})) as folder:
        quick = replace(account, connection=replace(account.connection, folder=folder, pause=lambda seconds: None))
        try:
            output, error = quick.run(operation.id, example["input"]), None
        except ManifestError:
            raise
        except ConnectorError as raised:
            output, error = {}, raised
    if "raises" in example:
        look(example["raises"], _error_as_example(error, example["raises"]), ("raises",))
    elif error:
        raise _Different(Difference(("input",), f"it ends with {type(error).__name__}: {error.message}"))
    else:
        look(example["output"], output, ("output",))
    if waiting:
        raise _OtherRequests(Difference(waiting[0][0], "this request is never sent"))


def _values(connector: Connector, example: Mapping[str, Any]) -> dict[str, Any]:
    fields = connection_fields(connector.manifest)
    made_up = {name: fields["properties"][name].get("examples", ["example"])[0] for name in fields.get("required", ())}
    return {**made_up, **example.get("connection", {})}


@contextmanager
def _files(files: Mapping[str, str]) -> Iterator[Path]:
    if not files:
        yield Path()
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / Path(name).name).write_bytes(base64.b64decode(content))
        yield Path(folder)


def response_of(answer: Mapping[str, Any]) -> Response:
    """The answer that an example has."""
    body = (
        answer["text"].encode()
        if "text" in answer
        else json.dumps(answer["body"]).encode()
        if "body" in answer
        else b""
    )
    return Response(answer.get("status", 200), {k.lower(): v for k, v in answer.get("headers", {}).items()}, body)


def _as_example(request: Request, expected: Mapping[str, Any]) -> dict[str, Any]:
    """A request in the words of an example."""
    parts = urlsplit(request.url)
    made: dict[str, Any] = {"method": request.method, "url": f"{parts.scheme}://{parts.netloc}{parts.path}"}
    if parts.query:
        made["params"] = _grouped(parse_qsl(parts.query, keep_blank_values=True))
    if isinstance(request.body, FileBody):
        made["file"] = request.body.name
    elif request.form is not None:
        made["form"] = _grouped(parse_qsl((request.body or b"").decode(), keep_blank_values=True))
    elif request.body is not None:
        made["json"] = json.loads(request.body)
    if "headers" in expected:
        sent = {name.lower(): value for name, value in request.headers.items()}
        made["headers"] = {name: sent[name.lower()] for name in expected["headers"] if name.lower() in sent}
    return made


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _error_as_example(error: ConnectorError | None, expected: Mapping[str, Any]) -> dict[str, Any]:
    """An error in the words of an example."""
    if error is None:
        raise _Different(Difference(("raises",), f"it does not end with {expected['error']}"))
    if type(error).__name__ != expected["error"]:
        told = f"it ends with {type(error).__name__}: {error.message}; the example says {expected['error']}"
        raise _Different(Difference(("raises", "error"), told))
    actual: dict[str, Any] = {"error": type(error).__name__, "message": error.message}
    if "code" in expected:
        actual["code"] = getattr(error, "code", None)
    return actual


def _compare(expected: Any, actual: Any, place: Place) -> None:
    """Raises at the first place where two values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in expected:
            if key not in actual:
                others = [it for it in actual if it not in expected]
                raise _unknown((*place, key), key, others, f"{_spell(place, key)} is not there")
            _compare(expected[key], actual[key], (*place, key))
        for key in actual:
            if key not in expected:
                raise _Different(
                    Difference(place, f"{_spell(place, key)} is missing here; it is {_shown(actual[key])}")
                )
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
            _compare(one, other, (*place, number))
    elif expected != actual or type(expected) is not type(actual):
        raise _Different(Difference(place, f"{spell(place)} is {_shown(actual)}; the example says {_shown(expected)}"))


def _unknown(place: Place, name: str, known: Iterable[str], message: str) -> _Different:
    """A name that is not there, with the one that was probably meant."""
    near = close_like(name, known := list(known))
    return _Different(Difference(place, message, meant(name, known), name, near))


def _spell(place: Place, key: str) -> str:
    return spell((*place, key))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:500] if isinstance(value, dict | list | str) else show(value)
