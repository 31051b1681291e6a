"""The forms things take on the wire: times, JSON bodies, refusals and the two families' error envelopes.

In: a Flask request, a Python value. Out: parsed values, JSON answers.
Refused: bodies that are not JSON of the right shape (400, code 1100), times that are not ISO 8601 (4000).
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import Request, Response

JSON_TYPE = "application/json;charset=utf-8"
AMPLIFY = "/amplify/"


@dataclass(frozen=True)
class Problem:
    """One entry of an error answer; `profile` names the social profile it is about."""

    code: int
    message: str
    profile: str | None = None


class Refused(Exception):
    """The request is answered with these problems and this status."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(status, problems)
        self.status = status
        self.problems = problems


def refuse(status: int, code: int, message: str) -> NoReturn:
    raise Refused(status, Problem(code, message))


def json_answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=JSON_TYPE)


def rest_errors(problems: Sequence[Problem], new_id: Callable[[], str]) -> list[dict[str, Any]]:
    """The entries of `errors` in a REST answer; `new_id` makes the trace ids."""
    return [
        {"code": problem.code, "message": problem.message, "id": new_id()}
        | ({"resource": {"type": "socialProfile", "id": problem.profile}} if problem.profile else {})
        for problem in problems
    ]


def error_answer(path: str, status: int, problems: Sequence[Problem], new_id: Callable[[], str]) -> Response:
    """The error envelope of the API family that the path belongs to."""
    if not path.startswith(AMPLIFY):
        return json_answer({"errors": rest_errors(problems, new_id)}, status)
    errors = [{"uuid": new_id(), "code": problem.code, "message": problem.message} for problem in problems]
    return json_answer({"message": "The request could not be processed.", "errors": errors}, status)


def json_body(request: Request, shape: dict[str, Any]) -> dict[str, Any]:
    """The request's JSON object, once its Content-Type and the types of its fields are right."""
    charset = request.mimetype_params.get("charset", "").lower()
    wanted = ("utf-8",) if not request.path.startswith(AMPLIFY) else ("utf-8", "")
    if request.mimetype != "application/json" or charset not in wanted:
        refuse(400, 1100, f"Content-Type must be {JSON_TYPE}")
    try:
        body: dict[str, Any] = json.loads(request.get_data(), parse_constant=_not_json)
    except ValueError:
        refuse(400, 1100, "Invalid JSON schema: the body is not JSON")
    wrong = _misfit(body, shape, "body")
    if wrong:
        refuse(400, 1100, f"Invalid JSON schema: {wrong}")
    return body


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")  # Python would read NaN and Infinity


def _misfit(value: Any, shape: Any, place: str) -> str | None:
    """Where a value leaves its shape: a type, a list [of one shape] or a dict of shapes (other keys pass)."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place} must be a list"
        found = (_misfit(item, shape[0], f"{place}[{n}]") for n, item in enumerate(value))
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{place} must be an object"
        found = (_misfit(value[key], inner, f"{place}.{key}") for key, inner in shape.items() if key in value)
    else:
        allowed = (int, float) if shape is float else shape
        right = isinstance(value, allowed) and (shape is bool or not isinstance(value, bool))
        return None if right else f"{place} has the wrong type"
    return next((problem for problem in found if problem), None)


def parse_time(name: str, text: str) -> datetime:
    """An ISO 8601 time with a zone; anything else is a 400 with code 4000."""
    with suppress(ValueError, OverflowError):  # the latter: a zone that leads out of the calendar
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None and "T" in text:
            return time.astimezone(UTC)
    refuse(400, 4000, f"Schema validation failed: {name} is not an ISO-8601 time with a zone")


def show_time(time: datetime) -> str:
    """To the second and with a Z, as Hootsuite shows times, whatever it was sent."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_time_with_milliseconds(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
