"""Uploads: a job, the bytes of a file, a wait until the service has them ready.

In: an operation with `upload`, and its names. Out: its output. The bytes are streamed with their exact length and go
without credentials to a host that the connector declares. Refused before anything is sent: a file that is not there, is
empty, or whose name does not say what it is (InputError). What fails later says in which `step` it was (job, put, wait),
and has the job in `data` (RemoteError).
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .answers import describe_body
from .connection import Ask, Connection, rounds
from .errors import ConnectorError, InputError, InputProblem, ManifestError, RemoteError, SignInError
from .expressions import Names
from .messages import FileBody, NoAnswer, Request
from .model import Operation, Upload, Wait
from .request import evaluate, header_values
from .signin import authorize


def first_step(
    connection: Connection, operation: Operation, upload: Upload, names: Names
) -> tuple[str, dict[str, Any]]:
    """The id of the job's action and the input it gets."""
    body = _file(connection, operation, upload, names)
    return upload.job.action, evaluate(upload.job.input, _with_file(names, body), operation)


@contextmanager
def about_the_file(operation: Operation, upload: Upload, names: Names) -> Iterator[None]:
    """What the job says of inputs that the person never gave is about the file, which is what they gave."""
    try:
        yield
    except InputError as error:
        said = " ".join(problem.message for problem in error.problems)
        name = Path(names["input"][upload.file]).name
        problem = InputProblem(upload.file, f"'{name}' cannot be uploaded: {said}")
        raise InputError([problem], operation=operation.id) from None


def upload(connection: Connection, operation: Operation, spec: Upload, names: Names, ask: Ask) -> tuple[Any, Any]:
    """The output of an upload, and the last answer; `ask` carries out the operations it is made of."""
    body = _file(connection, operation, spec, names)
    readable = _with_file(names, body)
    input_ = evaluate(spec.job.input, readable, operation)
    with _step("job", readable), about_the_file(operation, spec, names):
        readable["job"] = ask(spec.job.action, input_)
    try:
        with _step("put", readable):
            _put(connection, operation, spec, readable, body)
        with _step("wait", readable):
            waited = _wait(connection, operation, spec.wait, readable, ask)
        readable["waited"] = waited
        return evaluate(operation.returns, readable, operation) if operation.returns else waited, waited
    except (InputError, ManifestError) as error:  # what was done until here must not be lost
        failed = _failed(operation, error.message, readable)
        failed.step = error.step
        raise failed from error


@contextmanager
def _step(name: str, names: Names) -> Iterator[None]:
    """An error that passes says in which step it happened, and has the job."""
    try:
        yield
    except ConnectorError as error:
        error.step, error.data = name, error.data or names.get("job")
        raise


def _file(connection: Connection, operation: Operation, spec: Upload, names: Names) -> FileBody:
    given = names["input"][spec.file]
    shown = given if len(given) <= 60 else f"…{given[-57:]}"
    path = connection.folder / given
    kind, _ = mimetypes.guess_type(path.name, strict=False)
    try:
        size = path.stat().st_size
        wrong = "" if path.is_file() else f"'{shown}' is not a file."
        if not wrong:
            with path.open("rb"):
                pass
    except (OSError, ValueError) as error:
        size, wrong = 0, f"the file '{shown}' cannot be read ({getattr(error, 'strerror', None) or error})."
    if not wrong and not size:
        wrong = f"the file '{shown}' is empty."
    if not wrong and not kind:
        wrong = f"the name '{shown}' does not say what kind of file it is; it needs an ending such as .png."
    if wrong:
        raise InputError([InputProblem(spec.file, wrong)], operation=operation.id)
    return FileBody(path, path.name, size, kind or "")


def _with_file(names: Names, body: FileBody) -> dict[str, Any]:
    return {**names, "file": {"name": body.name, "size": body.size, "type": body.type}}


def _put(connection: Connection, operation: Operation, spec: Upload, names: Names, body: FileBody) -> None:
    headers = header_values(spec.put.headers, names, operation)
    url = evaluate(spec.put.url, names, operation)
    if not isinstance(url, str):
        raise _failed(operation, "the answer gives no address to send the bytes to", names)
    limit = spec.put.at_most.total_seconds()
    request = Request("PUT", url, headers, body, operation=operation.id, timeout=limit, signed=False)
    try:
        response = connection.send(authorize(request, connection.hosts, connection.credentials))
    except NoAnswer as error:
        raise _failed(operation, f"the bytes did not get there: {error}; start again", names, retryable=True) from None
    if not 200 <= response.status < 300:
        found = re.findall(r"<(?:Code|Message)>([^<]{1,200})", response.body[:2000].decode("utf-8", "replace"))
        said = f"({', '.join(found)})" if found else describe_body(response).rstrip(".")  # the rest may hold secrets
        why = f"the bytes were refused with {response.status} {said}; start again"
        raise _failed(operation, why, names, status=response.status, retryable=response.status >= 500)


def _wait(connection: Connection, operation: Operation, wait: Wait, names: Names, ask: Ask) -> dict[str, Any]:
    input_ = evaluate(wait.input, names, operation)
    limit = wait.at_most.total_seconds()
    for _ in rounds(connection, wait.every.total_seconds(), limit):
        try:
            output = ask(wait.query, input_)
            if wait.until.fits(output):
                return output
        except SignInError:
            raise
        except ConnectorError as error:
            if not error.retryable:  # else the next look may be better
                why = f"the bytes are there, but whether they are ready is not known: {error.message}"
                fields = {"status": error.status, "code": error.code, "trace_id": error.trace_id}
                raise _failed(operation, why, names, **fields) from error
    title = connection.manifest.operations[wait.query].title
    spoken = f"{limit / 60:g} minutes" if limit >= 120 else f"{limit:g} s"
    why = f"the bytes are there, but not ready after {spoken}; {title} shows when they are"
    raise _failed(operation, why, names, retryable=True)


def _failed(operation: Operation, why: str, names: Names, **fields: Any) -> RemoteError:
    sentence = f"{operation.title}: {why}"
    return RemoteError(
        sentence if sentence.endswith(".") else f"{sentence}.", operation=operation.id, data=names["job"], **fields
    )
