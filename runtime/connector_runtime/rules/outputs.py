"""Rules for what an operation gives: what is declared is given, what is given or shown is declared.

In: a `View` of one document. Out: findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..document import Place
from ..model import Operation, Trigger
from ..paths import walk
from . import Finding, rule, unknown
from .views import View


@rule(
    "unknown-output",
    "What is given is declared as output, and what is declared is given.",
    why="Automations only see the fields that are declared, and wait in vain for one that never comes.",
    bad="returns: {orderid: '{{ response.body.id }}'}\noutput:\n  properties:\n    orderId: {type: string}",
    good="returns: {orderId: '{{ response.body.id }}'}\noutput:\n  properties:\n    orderId: {type: string}",
)
def unknown_output(view: View) -> Iterator[Finding]:
    """Fields that are given and not declared, or declared and not given."""
    operation = view.operation
    if isinstance(operation, Operation) and operation.records:
        place: Place = ("records", "add")
        yield from _undeclared(view, place, [*operation.records.add], operation.records.each["properties"])
    if operation is None or (given := _given(operation)) is None:
        return
    place, names = given
    own = {"eventId"} if isinstance(operation, Trigger) else {"complete"} if operation.partial else set()
    declared = {name: it for name, it in operation.output["properties"].items() if name not in own}
    if isinstance(operation, Trigger) and "eventId" in view.document.data["output"].get("properties", {}):
        taken = ("output", "properties", "eventId")
        yield Finding(view.document, taken, "every event has 'eventId' of its own", "take it out", key=True)
    found = list(_undeclared(view, place, names, declared))
    yield from found
    meant = {it.instead for it in found}
    for name in (name for name in declared if name not in names and name not in meant):
        where, at = operation.source.origin(("output", "properties", name))
        hint = "give it under `returns`, or take it out" if place == ("returns",) else "add the fact, or take it out"
        yield Finding(where, at, f"the output '{name}' is declared, and nothing gives it", hint, key=True)


def _given(operation: Operation | Trigger) -> tuple[Place, list[str]] | None:
    """The place where the fields of an output are given, and their names; None where they are not listed."""
    if operation.returns is not None and isinstance(operation.returns.data, Mapping):
        return ("returns",), [*operation.returns.data]
    if isinstance(operation, Trigger) and "returns" not in operation.source.document.data:
        parts = [it.facts for it in operation.sources.values()] + [it.facts for it in operation.fetch.values()]
        facts = [name for each in parts for name in each]
        return (), list(dict.fromkeys(facts))
    return None


def _undeclared(view: View, place: Place, names: list[str], declared: Mapping[str, Any]) -> Iterator[Finding]:
    free = [name for name in declared if name not in names]
    if not declared and len(names) > 1:
        message, hint = f"none of {', '.join(names)} is declared as output", "declare them under `output`"
        yield Finding(view.document, place, message, hint, key=True)
    for name in names if declared or len(names) == 1 else ():
        if name not in declared:
            at = (*place, name) if place else _fact(view, name)
            message = f"the output has no '{name}'"
            yield unknown(view.document, at, name, free, message, "declare it under `output`", key=True)


def _fact(view: View, name: str) -> Place:
    """Where a fact stands first."""
    data = view.document.data
    return next(
        (where, id_, "facts", name)
        for where in ("sources", "fetch")
        for id_ in data.get(where, {})
        if name in (walk((where, id_, "facts"), data) or {})
    )


RULES = (unknown_output,)
