"""One call of an operation, from accepted input to output.

In: a `Connection` (one account), an operation, input that fits it, and a function that carries out the other operations
it names. Out: its output and the answer it was made from, both as they came (who calls judges them). A call that
changes something and gets no answer raises `UnknownOutcome` and is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import pages, uploads
from .answers import Verdict, as_names, ensure_answer, odd_answer, output_of, sentence, verdict_of
from .connection import Ask, Connection, call
from .errors import InputError, InputProblem, ManifestError, RemoteError
from .expressions import LazyValue, Names
from .messages import Request, Response
from .model import Operation, Partial
from .request import build_request, evaluate
from .times import utc_text


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
    ensure_answer(operation, response)
    try:
        readable = {**names, "response": as_names(response)}
        if operation.failed and evaluate(operation.failed.if_, readable, operation):
            raise _failure(operation, response, sentence(operation.failed.message, readable), response.data)
        output = output_of(operation, response, readable)
        if operation.partial:
            output = _partly(connection, operation, operation.partial, response, readable, output)
    except (InputError, ManifestError) as error:  # neither may hide that the call was carried out
        raise odd_answer(operation, error.message.rstrip("."), response.data) from None
    return output, response.data


def stream(connection: Connection, operation: Operation, names: Names, most: int | None) -> Iterator[list[Any]]:
    """The records of a list, a page at a time; `most` is where to stop, None for the end."""
    check_rules(operation, names)
    return pages.stream(connection, operation, names, None if most is None else int(most))  # 2.0 is a whole number


def first_request(connection: Connection, operation: Operation, names: Names) -> Request:
    """The request that an operation sends (first)."""
    if operation.records:
        return pages.first_request(connection, operation, names)
    return build_request(operation, names, connection.hosts.base_url, connection.headers)


def check_rules(operation: Operation, names: Names) -> None:
    """The declared rules. InputError: all that are broken."""
    broken = [rule for rule in operation.rules if not evaluate(rule.must, names, operation)]
    if broken:
        problems = [InputProblem(rule.at, sentence(rule.message, names) or "is not allowed.") for rule in broken]
        raise InputError(problems, operation=operation.id)


def _partly(
    connection: Connection, operation: Operation, partial: Partial, response: Response, names: Names, output: Any
) -> Any:
    """The output with `complete`. Raises where a part counts as a failure; the error carries the output."""
    complete = not evaluate(partial.if_, names, operation)
    output = {**output, "complete": complete} if isinstance(output, dict) else output
    if complete or not evaluate(partial.fail_if, names, operation):
        return output
    verdict = verdict_of(operation, response, names, connection.manifest.title)
    message = sentence(partial.message, names) or f"{operation.title} was only partly done."
    raise _failure(operation, response, f"{message} {verdict.message}".strip(), output, verdict)


def _failure(
    operation: Operation, response: Response, message: str, data: Any, verdict: Verdict | None = None
) -> RemoteError:
    """The error for an answer with a good status."""
    return RemoteError(
        message or f"{operation.title} failed.",
        operation=operation.id,
        status=response.status,
        code=verdict.code if verdict else None,
        trace_id=verdict.trace_id if verdict else None,
        data=data,
    )
