"""One call of an operation, from input to output.

In: a `Connection` (one account), the id of an operation, an input. Out: its output, or the request it would send. All
that is wrong with an input is said at once and before anything is sent. A call that changes something and gets no
answer raises `UnknownOutcome` and is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from . import pages, uploads
from .answers import as_names, output_of, sentence, verdict_of
from .connection import Connection, call
from .errors import ConnectorError, InputError, InputProblem, RemoteError
from .expressions import LazyValue, Names
from .messages import Request, Response
from .model import Manifest, Operation
from .paths import spell
from .redact import redact
from .request import build_request, evaluate
from .schemas import close_like, with_defaults
from .times import utc_text


def find_operation(manifest: Manifest, id_: str) -> Operation:
    """An operation by its id or its handle. InputError: there is none."""
    operation = manifest.operations.get(id_) or manifest.operations.get(id_.replace("-", "_"))
    if operation is None:
        near = close_like(id_, manifest.operations)
        hint = f"Did you mean '{near}'?" if near else f"There are: {', '.join(manifest.operations)}."
        raise InputError([InputProblem("", f"{manifest.title} has no operation '{id_}'. {hint}")])
    return operation


def accept_input(operation: Operation, given: Any) -> dict[str, Any]:
    """The input with its defaults. InputError: all that does not fit."""
    value = with_defaults(operation.input, given) if operation.defaults else given
    if not operation.input_validator.is_valid(value):
        found = operation.input_validator.violations(value)
        problems = [InputProblem(spell(it.place[:-1] if it.key else it.place), it.sentence) for it in found]
        raise InputError(problems, operation=operation.id)
    accepted: dict[str, Any] = value
    return accepted


def run(connection: Connection, id_: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Carries an operation out and gives its output. Raises what `errors` lists."""
    operation = find_operation(connection.manifest, id_)
    names = _names(connection, operation, given)
    with _redacted(connection):
        if operation.upload:
            return uploads.upload(connection, operation, operation.upload, names, run)
        _check_rules(operation, names)
        if operation.records:
            return pages.gather(connection, operation, names)
        response = call(connection, operation, _build(connection, operation, names), names)
        output = output_of(operation, response, names)
        if operation.partial and evaluate(operation.partial.condition, _with(names, response), operation):
            _report_partial(connection, operation, response, names, output)
        return output


def records(connection: Connection, id_: str, given: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The records of a list, one at a time, page after page; all of them unless the input has `maxRecords`."""
    operation = find_operation(connection.manifest, id_)
    if not operation.records:
        raise InputError([InputProblem("", f"{operation.title} gives no records; use run.")], operation=operation.id)
    names = _names(connection, operation, given)
    most = (given or {}).get("maxRecords")
    with _redacted(connection):
        _check_rules(operation, names)
        yield from pages.stream(connection, operation, names, most)


def prepare(connection: Connection, id_: str, given: Mapping[str, Any] | None = None) -> Request:
    """The request that `run` would send first, each part explained. Nothing is sent."""
    operation = find_operation(connection.manifest, id_)
    names = _names(connection, operation, given, offline=True)
    with _redacted(connection):
        if operation.upload:
            job, input_ = uploads.first_step(connection, operation, operation.upload, names)
            return prepare(connection, job, input_)
        _check_rules(operation, names)
        return _build(connection, operation, names, explain=True)


def _build(connection: Connection, operation: Operation, names: Names, *, explain: bool = False) -> Request:
    extra = pages.first_page(operation, names) if operation.records else {}
    return build_request(operation, names, connection.hosts.base_url, connection.headers, extra, explain=explain)


def _names(
    connection: Connection, operation: Operation, given: Mapping[str, Any] | None, *, offline: bool = False
) -> dict[str, Any]:
    names: dict[str, Any] = {
        "input": accept_input(operation, {} if given is None else given),
        "connection": connection.values,
        "now": utc_text(connection.now()),
    }
    for name in operation.look_up:
        names[name] = LazyValue(lambda it=name: _look_up(connection, operation, it, names, offline))  # type: ignore[misc]
    return names


def _look_up(connection: Connection, operation: Operation, name: str, names: Names, offline: bool) -> Any:
    look_up = operation.look_up[name]
    title = find_operation(connection.manifest, look_up.operation).title
    if offline:
        computed = [rule.must for rule in operation.rules]
        if operation.request:
            spec = operation.request
            computed += [*spec.params.values(), *spec.headers.values(), *spec.json.values(), *spec.form.values()]
        reads = {spell(path[1:]) for each in computed for path in each.reads if path[0] == name and len(path) > 1}
        text = (
            f"{title} would be asked for {' and '.join(sorted(reads))} first, and nothing is sent here. "
            "Give it in the input or with the connection."
        )
        raise InputError([InputProblem("", text)], operation=operation.id)
    return run(connection, look_up.operation, evaluate(look_up.input, names, operation))


def _check_rules(operation: Operation, names: Names) -> None:
    broken = [rule for rule in operation.rules if not evaluate(rule.must, names, operation)]
    if broken:
        raise InputError([InputProblem(rule.at, rule.message) for rule in broken], operation=operation.id)


def _with(names: Names, response: Response) -> dict[str, Any]:
    return {**names, "response": as_names(response)}


def _report_partial(
    connection: Connection, operation: Operation, response: Response, names: Names, output: dict[str, Any]
) -> None:
    """Raises where the manifest or the caller wants a part to count as a failure; the error carries the output."""
    partial = operation.partial
    assert partial is not None
    readable = _with(names, response)
    if partial.fail_if is None or not evaluate(partial.fail_if, readable, operation):
        return
    verdict = verdict_of(operation, response, names, connection.manifest.title)
    message = sentence(partial.message, readable) or f"{operation.title} was only partly done."
    raise RemoteError(
        f"{message} {verdict.message}",
        operation=operation.id,
        status=response.status,
        code=verdict.code,
        trace_id=verdict.trace_id,
        data=output,
    )


@contextmanager
def _redacted(connection: Connection) -> Iterator[None]:
    """Takes the secrets out of whatever error passes."""
    try:
        yield
    except ConnectorError as error:
        error.message = redact(error.message, connection.forms)
        error.args = (error.message,)
        raise
