"""Everything that can go wrong, as a tree: one sentence for people, fields for programs, never a secret.

ConnectorError
├── ManifestError      the connector's files are wrong            problems
├── InputError         what was given is wrong; nothing was sent  problems
├── SignInError        the sign-in is missing or no longer good
├── RemoteError        the service refused, or could not be used  status, code, trace_id, retryable, data
│   └── RateLimited    too many calls; nothing happened
├── UnknownOutcome     nobody knows whether it happened           found, missing
├── SignatureError     a webhook is not from who it says
└── OutputError        the answer has an odd shape                happened, data
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fix:
    """What mends a problem: `text` instead of what stands between two places (from 1, the end exclusive)."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a manifest: `file` relative to the connector, lines and columns from 1, the end
    exclusive (0: not known). `severity` is error or warning; `fix` is there where it can be mended without thinking."""

    rule: str
    severity: str
    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    end_line: int = 0
    end_column: int = 0
    fix: Fix | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text} [{self.rule}]"

    @property
    def text(self) -> str:
        """Message and hint."""
        return f"{self.message}; {self.hint}" if self.hint else self.message


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file and place, each once."""
    return tuple(sorted(set(problems), key=lambda it: (it.file, it.line, it.column, it.message, it.rule, it.hint)))


@dataclass(frozen=True)
class InputProblem:
    """One thing that is wrong with an input: where (`media[0].id`, or empty for the whole) and a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def one_line(text: str) -> str:
    """A text in one line and printable, wherever it came from."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class ConnectorError(Exception):
    """The root of the tree.

    `operation` is the id of the operation it happened in, `status` the HTTP status (None: there was no answer), `code`
    the provider's own code, `trace_id` what its support asks for, `step` the part of an upload (`job`, `put`, `wait`);
    each where there is one. `retryable`: nothing was done, and trying again later makes sense.
    """

    retryable = False
    data: Any = None

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        status: int | None = None,
        code: Any = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.code = code
        self.trace_id = trace_id
        self.step: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), vars(self))


def _restored(kind: type[ConnectorError], fields: dict[str, Any]) -> ConnectorError:
    """A copy of an error, as pickle and copy make one: its classes do not all take the same arguments."""
    error = kind.__new__(kind, fields["message"])
    vars(error).update(fields)
    return error


class ManifestError(ConnectorError):
    """The connector's own files are wrong; `problems` says where."""

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.problems = tuple(problems)


class InputError(ConnectorError):
    """What the caller gave is wrong. Nothing was sent. `problems` has all of them at once."""

    def __init__(self, problems: Sequence[InputProblem], *, operation: str | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), operation=operation)
        self.problems = tuple(problems)


class SignInError(ConnectorError):
    """There is no sign-in, or the service no longer takes it: connect again."""


class RemoteError(ConnectorError):
    """The service refused, or no answer could be had and nothing was done.

    `data`: the output so far, where a part of the work was done.
    """

    def __init__(self, message: str, *, retryable: bool = False, data: Any = None, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.retryable = retryable
        self.data = data


class RateLimited(RemoteError):
    """Too many calls; nothing happened, and it may be tried again later."""


class UnknownOutcome(ConnectorError):
    """A call that changes something may or may not have happened. It must not simply be repeated.

    `found` and `missing` say what is known by looking; both are None as long as nobody has looked.
    """

    def __init__(self, message: str, *, found: Any = None, missing: Any = None, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.found = found
        self.missing = missing


class SignatureError(ConnectorError):
    """The signature of a webhook is missing or wrong."""


class OutputError(ConnectorError):
    """The answer has an odd shape. `happened`: the call was carried out all the same. `data`: the answer."""

    def __init__(self, message: str, *, operation: str | None = None, happened: bool = False, data: Any = None) -> None:
        super().__init__(message, operation=operation)
        self.happened = happened
        self.data = data
