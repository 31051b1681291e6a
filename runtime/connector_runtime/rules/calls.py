"""Rules for whatever names an operation: it exists, it may stand there, and it gets the inputs that it has and needs.

In: a `Manifest`. Out: findings. `load` holds to these too: without them a call goes nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..document import Document, Place
from ..enforced import schemas_in
from ..expressions import Computed
from ..model import Manifest, Operation, Trigger
from ..paths import walk
from ..words import close_like
from . import Finding, rule, unknown


@dataclass(frozen=True)
class Named:
    """One operation named somewhere. `place`: of the name; `call`: of what it stands in. `given`: the inputs it gets,
    None where nobody gives it any. `wants`: what it has to be, read, action or list."""

    document: Document
    place: Place
    id: str
    wants: str
    call: Place = ()
    given: Computed | None = None


def named_in(manifest: Manifest) -> Iterator[Named]:
    """Every operation that is named anywhere in a connector."""
    document = manifest.document
    yield Named(document, ("service", "probe"), manifest.service.probe, "read")
    for id_, source in manifest.sources.items():
        place: Place = ("sources", id_, "watch")
        if source.watch:
            several = isinstance(walk((*place, "after"), document.data), list)
            for number, action in enumerate(source.watch.after):
                yield Named(document, (*place, "after", *((number,) if several else ())), action, "action")
        if source.watch and (look := source.watch.look):
            at = (*place, "look")
            yield Named(document, (*at, "query"), look.query, "read", at, look.input)
    everything: list[Operation | Trigger] = [*manifest.operations.values(), *manifest.triggers.values()]
    for each in everything:
        document = each.source.document
        for inner, schema in schemas_in(each.input, ("input",)):
            if "x-options" in schema:
                file, place = each.source.origin((*inner, "x-options", "query"))
                yield Named(file, place, schema["x-options"]["query"], "list")
        calls: list[tuple[Place, Any]] = [(("fetch", name), it) for name, it in getattr(each, "fetch", {}).items()]
        calls += [(("look_up", name), it) for name, it in getattr(each, "look_up", {}).items()]
        if upload := getattr(each, "upload", None):
            calls.append((("upload", "wait"), upload.wait))
            at = ("upload", "job")
            yield Named(document, (*at, "action"), upload.job.action, "action", at, upload.job.input)
        for at, call in calls:
            yield Named(document, (*at, "query"), call.query, "read", at, call.input)


def files_needed(manifest: Manifest) -> dict[str, set[str]]:
    """The files that an operation is made of, and those of all that it calls, by its id. What is broken counts as a
    file that is called like it."""
    everything: list[Operation | Trigger] = [*manifest.operations.values(), *manifest.triggers.values()]
    files = {it.id: it.source.files for it in everything}
    owners = {it.source.document.file: it.id for it in everything}
    calls = [(owners[it.document.file], it.id) for it in named_in(manifest) if it.call and it.document.file in owners]
    for _ in calls:  # as often as there may be calls in a row
        before = sum(map(len, files.values()))
        for caller, called in calls:
            files[caller] = files[caller] | files.get(called, set()) | ({called} & {*manifest.broken})
        if sum(map(len, files.values())) == before:
            break
    return files


@rule(
    "unknown-operation",
    "Whatever is named as an operation exists.",
    why="The call would go nowhere.",
    bad="look_up:\n  me: {query: get_mee}",
    good="look_up:\n  me: {query: get_me}",
)
def unknown_operation(manifest: Manifest) -> Iterator[Finding]:
    """Names of operations that are none, or that are triggers."""
    for it in named_in(manifest):
        if it.id in manifest.triggers:
            yield Finding(
                it.document, it.place, f"'{it.id}' is a trigger, which cannot be called", "name a query or an action"
            )
        elif it.id not in manifest.operations and it.id not in manifest.broken:  # its own problems say what is wrong
            fitting = [id_ for id_, known in manifest.operations.items() if _fits(known, it.wants)]
            known = fitting if close_like(it.id, fitting) else manifest.operations
            yield unknown(
                it.document, it.place, it.id, known, f"there is no operation '{it.id}'", f"there are {_some(fitting)}"
            )


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "") if names else "none"


def _fits(operation: Operation, wants: str) -> bool:
    reads = operation.effect == "read"
    return {"read": reads, "list": reads and operation.records is not None, "action": operation.kind == "action"}[wants]


@rule(
    "reference-effect",
    "What is called on the way only reads, and what is watched is an action.",
    why="Looking something up must never post, change or delete anything.",
    bad="look_up:\n  gone: {query: delete_message}",
    good="look_up:\n  message: {query: get_message}",
)
def reference_effect(manifest: Manifest) -> Iterator[Finding]:
    """Operations that cannot stand where they are named."""
    for it in named_in(manifest):
        operation = manifest.operations.get(it.id)
        if operation is None or it.id in manifest.broken or _fits(operation, it.wants):
            continue
        words = {
            "read": (f"'{it.id}' does more than read, so it cannot stand here", "name an operation with effect: read"),
            "list": (f"'{it.id}' gives no list to choose from", "name a query with `records`"),
            "action": (f"'{it.id}' is a query, and an action has to stand here", "name an action"),
        }
        yield Finding(it.document, it.place, *words[it.wants])


@rule(
    "call-input",
    "Whatever is called on the way gets the inputs that it has and needs.",
    why="The call would be refused before it is sent.",
    bad="look_up:\n  message: {query: get_message, input: {id: '{{ input.messageId }}'}}",
    good="look_up:\n  message: {query: get_message, input: {messageId: '{{ input.messageId }}'}}",
)
def call_input(manifest: Manifest) -> Iterator[Finding]:
    """Inputs that a called operation does not have, and those that it needs and does not get."""
    for it in named_in(manifest):
        operation = manifest.operations.get(it.id)
        if operation is None or not _fits(operation, it.wants):
            continue
        inputs, required = operation.input["properties"], operation.input.get("required", ())
        if it.given is None:
            for name in required if it.wants == "list" or it.place == ("service", "probe") else ():
                message = f"{it.id} needs the input '{name}', and nobody gives it one here"
                yield Finding(it.document, it.place, message, "name one that needs no input")
            continue
        wrong = [name for name in it.given.data if name not in inputs]
        free = [known for known in inputs if known not in it.given.data]
        lacking = [name for name in required if name in free and not any(close_like(each, [name]) for each in wrong)]
        strange = [name for name in wrong if not close_like(name, free)]
        one_slip = len(strange) == len(lacking) == 1  # then it is the same that stands there under another name
        for name in wrong:
            hint = (
                f"it needs '{lacking[0]}'" if one_slip else f"it has {', '.join(inputs)}" if inputs else "take it out"
            )
            at = (*it.call, "input", name)
            yield unknown(it.document, at, name, free, f"{it.id} has no input '{name}'", hint, key=True)
        for name in () if one_slip else lacking:
            message = f"{it.id} needs the input '{name}'"
            yield Finding(it.document, it.call, message, "put it under `input`", key=True)


@rule(
    "host",
    "The host of the base address is among the hosts.",
    why="Credentials go to the listed hosts and to no others, so nothing could be signed in.",
    bad="service:\n  base_url: https://api.example.com\n  hosts: [www.example.com]",
    good="service:\n  base_url: https://api.example.com\n  hosts: [api.example.com]",
)
def host(manifest: Manifest) -> Iterator[Finding]:
    """A base address whose host gets no credentials."""
    address = urlsplit(manifest.service.base_url).netloc.lower()
    if not {address, address.removesuffix(":443")} & set(manifest.service.hosts):
        message = f"the host {address} is not among hosts, so it would get no credentials"
        yield Finding(manifest.document, ("service", "base_url"), message, "correct the one or the other")


RULES = (unknown_operation, reference_effect, call_input, host)
