"""Where each part of a request comes from: the line of the manifest behind it, and what its expression read.

In: an operation, the names its expressions read, and the request made of them. Out: a `Part` for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .document import Mark, Place
from .expressions import Computed, LazyValue, Names
from .messages import Request
from .model import Operation
from .paths import ABSENT, spell, walk
from .request import evaluate


@dataclass(frozen=True)
class Part:
    """Where one part of a request comes from: `json.text`, its value, and the line of the manifest behind it.

    `reads` are the values that an expression there used: `input.timeZone` → Europe/Berlin.
    """

    name: str
    value: Any
    file: str
    mark: Mark
    reads: Mapping[str, Any] = field(default_factory=dict)


def explain(operation: Operation, names: Names, request: Request) -> Iterator[Part]:
    """The parts of a request, in the order of the wire."""
    spec = operation.request
    assert spec is not None
    used = {name: names["input"][name] for name in spec.placeholders}
    yield _part(operation, "path", spec.path, ("request", "path"), used)
    for where, fields, sent in (
        ("params", spec.params, request.params),
        ("headers", spec.headers, {}),
        ("json", spec.json, request.json or {}),
        ("form", spec.form, request.form or {}),
    ):
        for name in sent:
            if name not in fields:
                place: Place = ("input", "properties", name) if name in operation.sent else ("pages",)
                yield _part(operation, f"{where}.{name}", sent[name], place)
        for name, computed in fields.items():
            value = sent[name] if name in sent else evaluate(computed, names, operation)
            if value is not ABSENT:
                yield _part(operation, f"{where}.{name}", value, computed.place, _read(computed, names))


def _part(operation: Operation, name: str, value: Any, place: Place, reads: Mapping[str, Any] | None = None) -> Part:
    file, mark = operation.source.find(place)
    return Part(name, value, file, mark, reads or {})


def _read(computed: Computed, names: Names) -> dict[str, Any]:
    """What the expressions read; a look-up is named only if it has been made."""
    found = {}
    for path in computed.reads:
        value = names.get(str(path[0]), ABSENT)
        if not isinstance(value, LazyValue) and (read := walk(path[1:], value)) is not ABSENT:
            found[spell(path)] = read
    return found
