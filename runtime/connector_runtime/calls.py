"""One call of an operation, from accepted input to output.

In: a `Connection` (one account), an operation, input that fits it, and a function that carries out the other operations
it names. Out: its output and the answer it was made from, both as they came (who calls judges them). A call that
changes something and gets no answer raises `UnknownOutcome` and is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import pages, uploads
from .answers import as_names, odd_answer, output_of, sentence, verdict_of
from .connection import Connection, call
from .errors import InputError, InputProblem, ManifestError, RemoteError
from .expressions import LazyValue, Names
from .messages import Request, Response
from .model import Operation, Partial
from .request import build_request, evaluate
from .times import utc_text

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Carries out another operation: its id and input → its output."""


def names_of(connection: Connection, operation: Operation, input_: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """What the expressions of a request may read. A look-up is made when one of them really needs it, and once."""
    names: dict[str, Any] = {"input": input_, "connection": connection.values, "now": utc_text(connection.now())}
    for name, it in operation.look_up.items():
        names[name] = LazyValue(lambda it=it: ask(it.query, evaluate(it.input, names, operation)))  # type: ignore[misc]
    return names


def carry_out(connection: Connection, operation: Operation, names: Names, ask: Ask) -> tuple[Any, Any]:
    """The output of an operation, and the answer it was made from. Raises what `errors` lists."""
    check_rules(operation, names)
    if operation.upload:
        return uploads.upload(connection, operation, operation.upload, names, ask)
    if operation.records:
        output = pages.gather(connection, operation, names)
        return output, output
    response = call(connection, operation, first_request(connection, operation, names), names)
    try:
        output = output_of(operation, response, names)
        if operation.partial:
            readable = {**names, "response": as_names(response)}
            _report_partial(connection, operation, operation.partial, response, readable, output)
    except (InputError, ManifestError) as error:  # neither may hide that the call was carried out
        raise odd_answer(operation, error.message.rstrip("."), response.data) from None
    return output, response.data


def stream(connection: Connection, operation: Operation, names: Names, most: int | None) -> Iterator[list[Any]]:
    """The records of a list, a page at a time; `most` is where to stop, None for the end."""
    check_rules(operation, names)
    return pages.stream(connection, operation, names, most)


def first_request(connection: Connection, operation: Operation, names: Names) -> Request:
    """The request that an operation sends (first)."""
    if operation.records:
        return pages.first_request(connection, operation, names)
    return build_request(operation, names, connection.hosts.base_url, connection.headers)


def check_rules(operation: Operation, names: Names) -> None:
    """The declared rules. InputError: all that are broken."""
    broken = [rule for rule in operation.rules if not evaluate(rule.must, names, operation)]
    if broken:
        raise InputError([InputProblem(rule.at, rule.message) for rule in broken], operation=operation.id)


def _report_partial(
    connection: Connection, operation: Operation, partial: Partial, response: Response, names: Names, output: Any
) -> None:
    """Raises where the manifest or the caller wants a part to count as a failure; the error carries the output."""
    if not evaluate(partial.if_, names, operation):
        return
    if partial.fail_if is None or not evaluate(partial.fail_if, names, operation):
        return
    verdict = verdict_of(operation, response, names, connection.manifest.title)
    message = sentence(partial.message, names) or f"{operation.title} was only partly done."
    raise RemoteError(
        f"{message} {verdict.message}".strip(),
        operation=operation.id,
        status=response.status,
        code=verdict.code,
        trace_id=verdict.trace_id,
        data=output,
    )
