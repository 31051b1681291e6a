"""Rules for one action or query: what it says of its own inputs and of its request must fit together.

In: an `Operation`. Out: findings. `load` holds to these too: without them a request cannot be made.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..document import Place
from ..enforced import LIST_INPUTS
from ..expressions import Computed, ExpressionError
from ..model import Operation
from . import Finding, rule, unknown

TAKEN = ("input", "connection", "now", "response", "record", "item", "file", "job", "waited", "code", "message")
"""Names that expressions have for something else than look-ups."""


@rule(
    "path-input",
    "Every name in {braces} in a path is a required input.",
    why="Where the input is missing, the address would have a hole in it.",
    bad="input:\n  properties:\n    messageId: {type: string}\nrequest: {method: GET, path: '/messages/{messageId}'}",
    good="input:\n  required: [messageId]\n  properties:\n    messageId: {type: string}\n"
    "request: {method: GET, path: '/messages/{messageId}'}",
)
def path_input(operation: Operation) -> Iterator[Finding]:
    """Names in the path that are no required input."""
    document, inputs = operation.source.document, operation.input["properties"]
    place: Place = ("request", "path")
    for name in operation.request.placeholders if operation.request else ():
        if name not in inputs:
            message = f"the path names {{{name}}}, and there is no input '{name}'"
            yield unknown(document, place, name, inputs, message, "declare it under `input`")
        elif name not in operation.input.get("required", ()):
            message = f"the path needs {{{name}}}, so the input '{name}' must be required"
            yield Finding(document, place, message, f"put {name} into `required`", word=name)


@rule(
    "unknown-input",
    "Every input that is named anywhere exists.",
    why="A misspelled name would leave nothing out, and the input would be sent.",
    bad="input:\n  properties:\n    sendNow: {type: boolean}\nrequest:\n  leave_out: [sendnow]",
    good="input:\n  properties:\n    sendNow: {type: boolean}\nrequest:\n  leave_out: [sendNow]",
)
def unknown_input(operation: Operation) -> Iterator[Finding]:
    """Names that are left out, or that a rule's sentence is about, and that no input has."""
    document, inputs = operation.source.document, operation.input["properties"]
    for number, name in enumerate(operation.request.leave_out if operation.request else ()):
        if name not in inputs:
            place: Place = ("request", "leave_out", number)
            yield unknown(document, place, name, inputs, f"there is no input '{name}' to leave out")
    for number, it in enumerate(operation.rules):
        if it.at and it.at not in inputs:
            yield unknown(document, ("rules", number, "at"), it.at, inputs, f"there is no input '{it.at}'")


@rule(
    "request-body",
    "A request has one body, and only where it may have one.",
    why="Servers and proxies drop the body of a GET or DELETE, so what it says would be lost.",
    bad="request: {method: GET, path: /v1/messages, inputs: json}",
    good="request: {method: GET, path: /v1/messages, inputs: params}",
)
def request_body(operation: Operation) -> Iterator[Finding]:
    """Two bodies, or one too many."""
    request, document = operation.request, operation.source.document
    bodies = [key for key in ("json", "form") if request and (getattr(request, key) or request.inputs == key)]
    if request and len(bodies) == 2:
        second: Place = ("request", "form" if "form" in document.data["request"] else "json")
        yield Finding(
            document, second, "a request has a JSON body or a form body, not both", "take one of them out", key=True
        )
    elif request and bodies and request.method in ("GET", "DELETE"):
        message = f"a {request.method} request has no body"
        place: Place = ("request", "inputs") if request.inputs == bodies[0] else ("request", bodies[0])
        hint = "use params instead, or another method"
        yield Finding(document, place, message, hint, key=place[-1] != "inputs")


@rule(
    "unused-input",
    "Every input is sent or read somewhere.",
    why="People fill it in and nothing comes of it.",
    bad="input:\n  properties:\n    color: {type: string}\nrequest: {method: GET, path: /shirts}",
    good="input:\n  properties:\n    color: {type: string}\nrequest: {method: GET, path: /shirts, inputs: params}",
)
def unused_input(operation: Operation) -> Iterator[Finding]:
    """Inputs that go nowhere."""
    request, inputs = operation.request, operation.input["properties"]
    if request and not request.inputs:
        used = {*request.placeholders, *LIST_INPUTS, *_read(operation)}
        idle = [name for name in inputs if name not in used]
        if len(idle) > 1:
            message = f"nothing says where the inputs {', '.join(idle)} go"
            hint = "write `inputs: json`, `inputs: params` or `inputs: form`"
            yield Finding(operation.source.document, ("request",), message, hint, key=True)
        for name in idle if len(idle) == 1 else ():
            message = f"the input '{name}' goes nowhere"
            hint = "say where the inputs go (request: inputs), or use it in an expression"
            yield Finding(operation.source.document, ("input", "properties", name), message, hint, key=True)
    elif request:
        read = _read(operation)
        for number, name in enumerate(request.leave_out):
            if name in inputs and name not in read:
                message = f"the input '{name}' is left out and read nowhere, so it does nothing"
                hint = "take it out of leave_out, or use it in an expression"
                yield Finding(operation.source.document, ("request", "leave_out", number), message, hint)


@rule(
    "upload-input",
    "The input of an upload is a required file.",
    why="There is nothing to upload without it.",
    bad="input:\n  properties:\n    picture: {type: string}\nupload: {file: picture}",
    good="input:\n  required: [picture]\n  properties:\n    picture: {type: string, format: file}\nupload: {file: picture}",
)
def upload_input(operation: Operation) -> Iterator[Finding]:
    """An upload whose input is something else."""
    if operation.upload:
        name, inputs, place = operation.upload.file, operation.input["properties"], ("upload", "file")
        if name not in inputs:
            yield unknown(operation.source.document, place, name, inputs, f"there is no input '{name}'")
        if name in inputs and name not in operation.input.get("required", ()):
            message = f"the input '{name}' must be required"
            yield Finding(operation.source.document, place, message, f"put {name} into `required` of the input")
        if name in inputs and inputs[name].get("format") != "file":
            message, hint = f"the input '{name}' needs format: file", "write that beside its type"
            yield Finding(operation.source.document, place, message, hint)


@rule(
    "taken-name",
    "Names that already mean something are not given again.",
    why="Nobody could tell which of the two is meant.",
    bad="look_up:\n  input: {query: get_me}",
    good="look_up:\n  me: {query: get_me}",
)
def taken_name(operation: Operation) -> Iterator[Finding]:
    """Look-ups and inputs of a list that are called like something else."""
    document = operation.source.document
    for name in operation.look_up:
        if name in TAKEN:
            message = f"'{name}' already means something else in expressions"
            yield Finding(document, ("look_up", name), message, "give the look-up another name", key=True)
    for name in LIST_INPUTS if operation.records else ():
        if name in document.data.get("input", {}).get("properties", {}):
            place: Place = ("input", "properties", name)
            yield Finding(document, place, f"every list has '{name}' of its own", "take it out", key=True)


def _read(operation: Operation) -> set[str]:
    """The inputs that any expression of an operation reads."""
    assert operation.request is not None
    partial, failed, records = operation.partial, operation.failed, operation.records
    computed: list[Computed | None] = [*operation.request.computed(), operation.returns]
    computed += [each for it in operation.rules for each in (it.must, it.message)]
    computed += [call.input for call in operation.look_up.values()]
    computed += [it.message for it in (*operation.errors, *(operation.api.errors if operation.api else ()))]
    computed += [partial.if_, partial.fail_if, partial.message] if partial else []
    computed += [failed.if_, failed.message] if failed else []
    computed += [*records.add.values()] if records else []
    try:
        reads = [path for each in computed if each for path in each.reads]
    except ExpressionError:  # which is said, and whose inputs nobody knows
        return {*operation.input["properties"]}
    return {str(path[1]) for path in reads if path[0] == "input" and len(path) > 1}


RULES = (path_input, unknown_input, request_body, unused_input, upload_input, taken_name)
