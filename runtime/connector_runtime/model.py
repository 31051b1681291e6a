"""A connector in memory: frozen dataclasses that have the shape of the format, and how they are made from its data.

In: data that fits the format (`format/*.json`; nothing is checked again here). Out: the dataclass, each field made what
its type says: a path, a duration, a condition, computed data (parsed on first use). A field is named as its key; one
that Python keeps for itself has a _ after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path as Folder
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .document import Document, Mark, Place
from .enforced import LIST_INPUTS
from .expressions import Computed, Evaluate
from .paths import Part, Read, nowhere, parse_path, reader_of
from .times import parse_duration

Schema = dict[str, Any]
_NOTHING = Computed({})
_FACTS = Computed("{{ facts }}")
_SCALARS = (int, bool, float, NoneType)
Made = TypeVar("Made")
Path = Annotated[tuple[Part, ...], parse_path]
Reader = Annotated[Read, reader_of]
Duration = Annotated[timedelta, parse_duration]


def fixed(value: Any) -> Any:
    """A scalar in a form that is equal only to the same value of the same type; None for whatever is no scalar."""
    kind = type(value)
    return value if kind is str else (kind, value) if kind in _SCALARS else None


@dataclass(frozen=True)
class Condition:
    """Paths, each with what reads it and the values (as `fixed`) of which one must stand there; a missing path does not
    fit."""

    tests: tuple[tuple[tuple[Part, ...], Read, frozenset[Any]], ...]

    def fits(self, data: Any) -> bool:
        """Whether all of it holds for the data."""
        for _, read, values in self.tests:  # noqa: SIM110 (quicker than all())
            if fixed(read(data)) not in values:
                return False
        return True


def _condition(data: Mapping[str, Any]) -> Condition:
    values = {path: it if isinstance(it, list) else [it] for path, it in data.items()}
    return Condition(
        tuple((parse_path(path), reader_of(path), frozenset(map(fixed, them))) for path, them in values.items())
    )


When = Annotated[Condition, _condition]


@dataclass(frozen=True)
class ErrorRule:
    """If an answer fits `when`, then: fail, retry, broken, renew or done; `message` is the sentence for people."""

    when: When
    then: str
    message: Computed | None = None


@dataclass(frozen=True)
class ErrorPaths:
    """Where a failed answer has its parts; of several places the first that is there."""

    message: Reader
    code: Reader = nowhere
    trace_id: Reader = nowhere


@dataclass(frozen=True)
class Api:
    """A family of operations: the paths it has, and what its errors mean."""

    path: str
    error: ErrorPaths
    errors: tuple[ErrorRule, ...] = ()


@dataclass(frozen=True)
class Sending:
    """How a secret is sent: as a `bearer` token, or as the `value` of a `header` of its own."""

    bearer: Computed | None = None
    header: str = "Authorization"
    value: Computed | None = None


@dataclass(frozen=True)
class SignIn:
    """A way to sign in: `fields` is the schema of what a person fills in, `send` where the secret goes."""

    title: str
    fields: Schema
    send: Sending
    description: str = ""


@dataclass(frozen=True)
class Service:
    """Where the service lives, and which hosts may get what."""

    base_url: str
    hosts: tuple[str, ...]
    probe: str
    headers: dict[str, str] = field(default_factory=dict)
    upload_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What must hold before anything is sent, and the sentence where it does not."""

    must: Computed
    message: Computed
    at: str = ""


@dataclass(frozen=True)
class Call:
    """A call of another operation."""

    query: str
    input: Computed = _NOTHING


@dataclass(frozen=True)
class RequestSpec:
    """What to send: `inputs` says where inputs go under their own names."""

    method: str
    path: str
    inputs: str | None = None
    leave_out: tuple[str, ...] = ()
    params: dict[str, Computed] = field(default_factory=dict)
    headers: dict[str, Computed] = field(default_factory=dict)
    json: dict[str, Computed] = field(default_factory=dict)
    form: dict[str, Computed] = field(default_factory=dict)

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The names in {braces} in the path."""
        return tuple(piece.partition("}")[0] for piece in self.path.split("{")[1:])

    def computed(self) -> list[Computed]:
        """Everything in it that is computed."""
        return [each for part in (self.params, self.headers, self.json, self.form) for each in part.values()]


@dataclass(frozen=True)
class Records:
    """Where the records of a list are, the key they are given under, and the fields computed for each."""

    from_: Path
    as_: str
    each: Schema
    optional: bool = False
    add: dict[str, Computed] = field(default_factory=dict)


@dataclass(frozen=True)
class Size:
    """The query parameter that asks for a page's size, and the most it may be."""

    send: str
    max: int


@dataclass(frozen=True)
class Pages:
    """How one page leads to the next: by `cursor` (at `next` in the body, sent as `send`) or by `link`."""

    by: str
    next: Path = ()
    send: str = ""
    size: Size | None = None


@dataclass(frozen=True)
class Partial:
    """How an answer says that only a part was done, and when that is an error."""

    if_: Computed
    fail_if: Computed
    message: Computed


@dataclass(frozen=True)
class Failed:
    """How an answer with a good status says that it is a failure all the same."""

    if_: Computed
    message: Computed


@dataclass(frozen=True)
class Job:
    """The action that announces an upload."""

    action: str
    input: Computed = _NOTHING


@dataclass(frozen=True)
class Put:
    """The request that carries the bytes."""

    url: Computed
    at_most: Duration
    headers: dict[str, Computed] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """The read that is repeated until its output fits."""

    query: str
    until: When
    every: Duration
    at_most: Duration
    input: Computed = _NOTHING


@dataclass(frozen=True)
class Upload:
    """A job, the bytes of a file, and a wait until they are ready. `file` is the input with the file's path."""

    file: str
    job: Job
    put: Put
    wait: Wait


@dataclass(frozen=True)
class Timestamp:
    """When a call was made: in a `header` behind `prefix`, or at a `path` of the items that fit `when`."""

    tolerance: Duration
    header: str | None = None
    prefix: str = ""
    path: Reader = nowhere
    when: When | None = None


@dataclass(frozen=True)
class Key:
    """How a secret becomes a key: what stands before it, and text, hex or base64."""

    form: Computed = field(default_factory=lambda: Computed("text"))
    prefix: str = ""


@dataclass(frozen=True)
class Verify:
    """How a webhook is signed; `split` parts the header, `signed` says which bytes."""

    header: str
    algorithm: str
    encodings: tuple[str, ...]
    split: str = ""
    prefix: tuple[str, ...] = ("",)
    signed: str = "body"
    timestamp: Timestamp | None = None
    key: Key = field(default_factory=Key)


@dataclass(frozen=True)
class Webhook:
    """What the calls of a service look like. `verify` is None only where `signature: none` is declared."""

    verify: Verify | None = None
    like: str | None = None
    items: Path = ()
    delivery: Reader = nowhere
    time: Reader = nowhere
    ignore: When | None = None


@dataclass(frozen=True)
class Look:
    """The read that shows what became of an action, repeated until an outcome fits."""

    query: str
    every: Duration
    at_most: Duration
    input: Computed = _NOTHING


@dataclass(frozen=True)
class Watch:
    """What became of our own actions: which, and the word for each outcome with the items it fits."""

    after: tuple[str, ...]
    outcomes: dict[str, tuple[When, ...]]
    look: Look | None = None


@dataclass(frozen=True)
class EventSource:
    """Where events come from: a webhook or a watch."""

    description: str = ""
    webhook: Webhook | None = None
    watch: Watch | None = None


@dataclass(frozen=True)
class Detection:
    """Which items of a source a trigger is for, and where its facts are in them (the first place that is there)."""

    when: When
    facts: dict[str, Reader]


@dataclass(frozen=True)
class Fetch:
    """A read that completes an event, and the facts out of its output."""

    query: str
    input: Computed = _NOTHING
    facts: dict[str, Reader] = field(default_factory=dict)
    optional: bool = False
    confirm: When | None = None


@dataclass(frozen=True)
class Resolved:
    """A schema without references. `origins`: place in it → the document and the place there that it came from."""

    schema: dict[str, Any]
    origins: dict[Place, tuple[Document, Place]]

    def origin(self, place: Place) -> tuple[Document, Place]:
        """The document, and the place in it, that a place in the schema came from."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.origins:
                document, start = self.origins[place[:length]]
                return document, (*start, *place[length:])
        raise KeyError(place)


@dataclass(frozen=True)
class Source:
    """The file an operation was read from, and the files that its schemas came from."""

    document: Document = field(repr=False)
    schemas: dict[Place, Resolved] = field(repr=False)

    @property
    def files(self) -> set[str]:
        """The files that the operation is made of."""
        origins = [document for each in self.schemas.values() for document, _ in each.origins.values()]
        return {document.file for document in (self.document, *origins)}

    def origin(self, place: Place) -> tuple[Document, Place]:
        """The document, and the place in it, of a place in the operation, through `$ref`s."""
        for root, resolved in self.schemas.items():
            if place[: len(root)] == root:
                return resolved.origin(place[len(root) :])
        return self.document, place

    def find(self, place: Place) -> tuple[str, Mark]:
        """The file and the mark of a place in the operation, through `$ref`s."""
        document, inner = self.origin(place)
        return document.file, document.mark(inner)


@dataclass(frozen=True, eq=False)
class Operation:
    """An action or a query. `input` and `output` are the schemas as they are enforced."""

    id: str
    kind: str
    title: str
    description: str
    resource: str
    effect: str
    input: Schema
    output: Schema
    source: Source = field(repr=False)
    api: Api | None = None
    rules: tuple[Rule, ...] = ()
    look_up: dict[str, Call] = field(default_factory=dict)
    request: RequestSpec | None = None
    upload: Upload | None = None
    records: Records | None = None
    pages: Pages | None = None
    returns: Computed | None = None
    partial: Partial | None = None
    failed: Failed | None = None
    repeatable: bool = False
    errors: tuple[ErrorRule, ...] = ()
    examples: tuple[Any, ...] = ()
    topic: None = None

    @property
    def unknown_matters(self) -> bool:
        """Whether it must not be done again as long as nobody knows whether it was done."""
        return self.effect != "read" and not self.repeatable

    @property
    def handle(self) -> str:
        """The id as the engine writes it: `schedule-message`."""
        return self.id.replace("_", "-")

    @cached_property
    def sent(self) -> tuple[str, ...]:
        """The inputs that are sent under their own names: those that nothing else in the request uses."""
        spec = self.request
        if spec is None or spec.inputs is None:
            return ()
        used = {*spec.placeholders, *spec.leave_out, *getattr(spec, spec.inputs)}
        if self.records:
            used.update(LIST_INPUTS)
        elsewhere = {"params": spec.params, "headers": spec.headers, "json": spec.json, "form": spec.form}
        del elsewhere[spec.inputs]
        for computed in (each for part in elsewhere.values() for each in part.values()):
            used.update(path[1] for path in computed.reads if path[0] == "input" and len(path) > 1)
        return tuple(name for name in self.input["properties"] if name not in used)


@dataclass(frozen=True, eq=False)
class Trigger:
    """Something that happens. `input` and `output` are the schemas as they are enforced, `output` with `eventId`."""

    id: str
    title: str
    topic: str
    description: str
    resource: str
    input: Schema
    output: Schema
    source: Source = field(repr=False)
    sources: dict[str, Detection]
    same_event: tuple[str, ...]
    fetch: dict[str, Fetch] = field(default_factory=dict)
    filter: Computed | None = None
    returns: Computed = _FACTS
    examples: tuple[Any, ...] = ()
    kind: str = "trigger"
    effect: str = "read"

    @cached_property
    def unfetched(self) -> Evaluate:
        """`returns.evaluate` for an event that nothing is fetched for."""
        return self.returns.given({"fetched": {}}, "facts")

    @property
    def handle(self) -> str:
        """The id as the engine writes it: `message-published`."""
        return self.id.replace("_", "-")


@dataclass(frozen=True)
class Manifest:
    """A connector: what `connector.yaml` says, its actions and queries (`operations`) and its triggers, by id.
    `broken`: the ids of those that are not whole."""

    connector: str
    title: str
    version: str
    maturity: str
    summary: str
    service: Service
    apis: dict[str, Api]
    sign_in: dict[str, SignIn]
    settings: Schema
    folder: Folder
    document: Document = field(repr=False)
    operations: dict[str, Operation] = field(default_factory=dict)
    sources: dict[str, EventSource] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


def make(kind: type[Made], data: Mapping[str, Any], place: Place = ()) -> Made:
    """The dataclass of that kind out of data of the format. `place`: where the data stands in its file."""
    made: Made = _make(kind, data, place)
    return made


_hints = cache(lambda kind: get_type_hints(kind, include_extras=True))


def _make(kind: Any, data: Any, place: Place) -> Any:
    if kind is Computed:
        return Computed(data, place)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(data, Mapping):
        keys = {it.name: it.name.removesuffix("_") for it in fields(kind)}
        hints = _hints(kind)
        return kind(**{name: _make(hints[name], data[key], (*place, key)) for name, key in keys.items() if key in data})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return kind.__metadata__[0](data)
    if origin in (UnionType, Union):
        return _make(arguments[0], data, place)
    if origin is dict:
        return {name: _make(arguments[1], value, (*place, name)) for name, value in data.items()}
    if origin is tuple:
        items = data if isinstance(data, list) else [data]
        return tuple(_make(arguments[0], item, (*place, number)) for number, item in enumerate(items))
    return data
