"""Watches: what became of an action of our own, for what the service never tells by itself.

In: a watch, and how an action ended: its output, or the error. Out: an item with the word of the first outcome that
fits; None where time was up before there was one. As long as none fits, the declared read is asked again and again. A
read that is refused, and that no outcome has a word for, is raised as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from .connection import Ask, Connection, rounds
from .errors import ConnectorError, InputError, ManifestError
from .expressions import ExpressionError
from .model import Watch
from .times import utc_text

Item = dict[str, Any]
Ended = Mapping[str, Any] | ConnectorError
"""How an action ended: what `run` gave, or raised."""


def first_item(input_: Mapping[str, Any], outcome: Ended, call: str | None = None) -> Item:
    """How an action ended, as an item: `call` names this one call and is made up where nobody names it."""
    item: Item = {"done": True, "late": False, "call": call or uuid4().hex, "input": dict(input_)}
    output: Any = outcome
    if isinstance(outcome, ConnectorError):
        item |= {"done": bool(getattr(outcome, "happened", False)), "error": _described(outcome)}
        output = outcome.data
    return {**item, "output": dict(output)} if isinstance(output, Mapping) else item


def watch(connection: Connection, spec: Watch, item: Item, ask: Ask, timeout: float | None) -> Item | None:
    """The item once it has an outcome. `timeout` in seconds ends the watch earlier than it is declared to."""
    named = _named(connection, spec, item)
    if named or spec.look is None:
        return named
    look = spec.look
    limit = look.at_most.total_seconds()
    try:
        input_ = look.input.evaluate({"input": item["input"], "output": item.get("output", {})})
    except ExpressionError as error:
        raise ManifestError(f"connector.yaml: the look of a watch: {error}") from None
    unseen: ConnectorError | None = None
    for _ in rounds(connection, look.every.total_seconds(), limit if timeout is None else min(limit, timeout)):
        try:
            item, unseen = {**item, "found": ask(look.query, input_)}, None
        except InputError:  # it ended before there was anything to look at
            return None
        except ConnectorError as error:
            if error.retryable:  # the next look may be better
                unseen = error
                continue
            item = {**item, "error": {**_described(error), "step": "look"}}
            if outcome_of(spec, item) is None:
                raise
        if named := _named(connection, spec, item):
            return named
    if unseen:  # nobody could look, so nobody knows
        raise unseen
    return _named(connection, spec, {**item, "late": True}) if timeout is None or timeout >= limit else None


def _named(connection: Connection, spec: Watch, item: Item) -> Item | None:
    outcome = outcome_of(spec, item)
    return {**item, "outcome": outcome, "time": utc_text(connection.now(), "milliseconds")} if outcome else None


def outcome_of(spec: Watch, item: Item) -> str | None:
    """The word for an item, where there is one."""
    return next((word for word, whens in spec.outcomes.items() if any(when.fits(item) for when in whens)), None)


def _described(error: ConnectorError) -> Item:
    fields = {"status": error.status, "code": error.code}
    known = {name: value for name, value in fields.items() if value is not None}
    return {"type": type(error).__name__, "message": error.message, "step": error.step or "request", **known}
