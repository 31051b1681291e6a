"""A connector in memory: frozen dataclasses, as `manifest` makes them from the files.

Expressions stay as written (`Computed`) until they are first used. Nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from .document import Document, Mark, Place
from .expressions import Computed
from .paths import Part, walk
from .references import Resolved
from .schemas import Validator


@dataclass(frozen=True)
class Condition:
    """Paths and the values of which one must stand there; types are strict, a missing path does not fit."""

    tests: tuple[tuple[tuple[Part, ...], tuple[Any, ...]], ...]

    def fits(self, data: Any) -> bool:
        """Whether all of it holds for the data."""
        for parts, values in self.tests:
            found = walk(parts, data)
            if not any(found == value and type(found) is type(value) for value in values):
                return False
        return True


@dataclass(frozen=True)
class ErrorRule:
    """If an answer fits `when`, then: fail, retry, renew or done; `message` is the sentence for people."""

    when: Condition
    then: str
    message: Computed | None


@dataclass(frozen=True)
class Api:
    """A family of operations: where an error has its parts, and what its errors mean."""

    id: str
    path: str
    code: tuple[tuple[Part, ...], ...]
    message: tuple[tuple[Part, ...], ...]
    trace_id: tuple[tuple[Part, ...], ...]
    errors: tuple[ErrorRule, ...]


@dataclass(frozen=True)
class SignIn:
    """A way to sign in: `fields` is the schema of what a person fills in, `header` where the token goes."""

    id: str
    title: str
    description: str
    fields: dict[str, Any]
    header: str
    prefix: str
    token: Computed


@dataclass(frozen=True)
class Service:
    """Where the service lives, and which hosts may get what."""

    base_url: str
    headers: dict[str, str]
    hosts: tuple[str, ...]
    upload_hosts: tuple[str, ...]
    probe: str


@dataclass(frozen=True)
class Rule:
    """What must hold before anything is sent, and the sentence where it does not."""

    must: Computed
    message: str
    at: str


@dataclass(frozen=True)
class Call:
    """A call of another operation."""

    operation: str
    input: Computed


@dataclass(frozen=True)
class RequestSpec:
    """What to send: `inputs` says where the inputs that `sent` names go under their own names."""

    method: str
    path: str
    inputs: str | None
    sent: tuple[str, ...]
    params: dict[str, Computed]
    headers: dict[str, Computed]
    json: dict[str, Computed]
    form: dict[str, Computed]


@dataclass(frozen=True)
class Records:
    """Where the records of a list are, the key they are given under, and the fields computed for each."""

    path: tuple[Part, ...]
    name: str
    each: Validator
    add: dict[str, Computed]


@dataclass(frozen=True)
class Pages:
    """How one page leads to the next: by `cursor` (at `next` in the body, sent as `send`) or by `link`."""

    by: str
    next: tuple[Part, ...]
    send: str
    size_send: str | None
    size_max: int


@dataclass(frozen=True)
class Partial:
    """How an answer says that only a part was done, and when that is an error."""

    condition: Computed
    fail_if: Computed | None
    message: Computed


@dataclass(frozen=True)
class Upload:
    """A job, the bytes of a file, and a wait until they are ready."""

    file: str
    job: Call
    put_url: Computed
    put_headers: dict[str, Computed]
    put_at_most: timedelta
    wait: Call
    until: Condition
    every: timedelta
    wait_at_most: timedelta


@dataclass(frozen=True)
class Source:
    """The file an operation was read from, and the files that its schemas came from."""

    document: Document = field(repr=False)
    schemas: dict[Place, Resolved] = field(repr=False)

    def find(self, place: Place) -> tuple[str, Mark]:
        """The file and the mark of a place in the operation, through `$ref`s."""
        for root, resolved in self.schemas.items():
            if place[: len(root)] == root:
                document, inner = resolved.origin(place[len(root) :])
                return document.file, document.mark(inner)
        return self.document.file, self.document.mark(place)


@dataclass(frozen=True)
class Operation:
    """A trigger, an action or a query. `input` and `output` are the schemas as they are enforced."""

    id: str
    kind: str
    title: str
    description: str
    resource: str
    effect: str
    input: dict[str, Any]
    output: dict[str, Any]
    api: Api | None
    rules: tuple[Rule, ...]
    look_up: dict[str, Call]
    request: RequestSpec | None
    upload: Upload | None
    records: Records | None
    pages: Pages | None
    returns: Computed | None
    partial: Partial | None
    errors: tuple[ErrorRule, ...]
    examples: tuple[dict[str, Any], ...]
    source: Source = field(repr=False)
    input_validator: Validator = field(repr=False)
    output_validator: Validator = field(repr=False)
    defaults: bool = False
    topic: str | None = None

    @property
    def handle(self) -> str:
        """The id as the engine writes it: `schedule-message`."""
        return self.id.replace("_", "-")


@dataclass(frozen=True)
class Manifest:
    """A connector: what `connector.yaml` says, and its operations by id."""

    folder: Path
    id: str
    title: str
    version: str
    maturity: str
    summary: str
    service: Service
    apis: tuple[Api, ...]
    sign_in: dict[str, SignIn]
    settings: dict[str, Any]
    operations: dict[str, Operation]
    document: Document = field(repr=False)
