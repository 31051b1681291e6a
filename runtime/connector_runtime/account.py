"""One account of a connector: try its operations, carry them out.

In: the id of an operation and an input, as anybody gives them. Out: an output that fits the operation's schema, or the
request it would send. All that is wrong with an input is said at once and before anything is sent; an answer of an odd
shape to a call that changes something never looks as if the call had not happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike, fspath
from time import monotonic
from typing import Any

from . import calls, uploads
from .answers import odd_answer
from .connection import Ask, Connection
from .errors import (
    ConnectorError,
    InputError,
    InputProblem,
    ManifestError,
    OutputError,
    RateLimited,
    RemoteError,
    SignatureError,
)
from .events import Dispatch, Event, Listener, facts_fetched
from .explain import explain
from .expressions import Names
from .messages import Request
from .model import Manifest, Operation, Watch
from .paths import ABSENT, spell
from .redact import redact, redact_data
from .request import evaluate
from .schemas import Validator, Violation, with_defaults
from .signin import authorize
from .watches import Ended, Item, first_item, watch
from .words import meant_or_all

GONE = (404, 410)
"""The statuses that say that there is no such thing (RFC 9110, 15.5.5 and 15.5.11)."""
Validators = Callable[[dict[str, Any]], Validator]


@dataclass(frozen=True)
class Account:
    """One account of a connector. Safe to use from several threads."""

    connection: Connection
    validator: Validators
    dispatch: Callable[[str], Dispatch]
    listener: Listener

    def __repr__(self) -> str:
        return f"Account({self.name!r} of {self.manifest.connector} at {self.connection.hosts.base_url})"

    @property
    def manifest(self) -> Manifest:
        """What the connector's files say."""
        return self.connection.manifest

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self.connection.name

    def try_(self, operation: str, input: Mapping[str, Any] | None = None) -> Request:
        """The request that `run` would send (first), without credentials, each part explained. Nothing leaves."""
        named = find_operation(self.manifest, operation)
        names = calls.names_of(self.connection, named, self.accept(named, input), _nobody_asked(self.manifest, named))
        with _redacted(self.connection):
            calls.check_rules(named, names)
            if named.upload:
                with uploads.about_the_file(named, named.upload, names):
                    return self.try_(*uploads.first_step(self.connection, named, named.upload, names))
            request = calls.first_request(self.connection, named, names)
            authorize(request, self.connection.hosts, self.connection.credentials)  # refuses what run would refuse
            return replace(request, parts=tuple(explain(named, names, request)))

    def run(self, operation: str, input: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Carries an operation out. The output is valid against its schema. Raises what `errors` lists."""
        named = find_operation(self.manifest, operation)
        names = calls.names_of(self.connection, named, self.accept(named, input), self.run)
        with _redacted(self.connection):
            output, answer = calls.carry_out(self.connection, named, names, self.run)
            done: dict[str, Any] = self._ensure(named, named.output, output, answer)
            return done

    def records(self, operation: str, input: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All records of a list (up to `maxRecords`, if the input has it), one at a time, in constant memory."""
        named = find_operation(self.manifest, operation)
        if not named.records:
            raise InputError(
                [InputProblem("", f"{named.title} is no list, so it has no records to give one by one.")],
                operation=named.id,
            )
        names = calls.names_of(self.connection, named, self.accept(named, input), self.run)
        return self._stream(named, named.records.as_, names, (input or {}).get("maxRecords"))

    def _stream(self, operation: Operation, name: str, names: Names, most: int | None) -> Iterator[dict[str, Any]]:
        with _redacted(self.connection):
            for page in calls.stream(self.connection, operation, names, most):
                yield from self._ensure(operation, operation.output["properties"][name], page, page)

    def probe(self) -> dict[str, Any]:
        """Carries out the query that shows whether the connection works, and gives its output."""
        return self.run(self.manifest.service.probe)

    def accept(self, operation: Operation, given: Any) -> dict[str, Any]:
        """An input with its defaults. InputError: all that does not fit."""
        if operation.upload and isinstance(given, Mapping) and isinstance(given.get(operation.upload.file), PathLike):
            given = {**given, operation.upload.file: fspath(given[operation.upload.file])}
        value: dict[str, Any] = ensure_fits(operation.input, given, self.validator, operation.id)
        return value

    def complete(self, event: Event) -> Event:
        """The event with what its trigger fetches, and the id that it has then. What the service refuses to show stays
        absent, if there is no such thing or if the event is whole without it. RemoteError: it could not be asked, or
        would not say; SignInError: the sign-in is no longer good; OutputError: what it shows does not fit. Whichever, the
        event itself is still good. SignatureError: nobody signed it, and it is not confirmed: it was probably made up.
        InputError: it belongs to another account."""
        if event.source != f"{self.manifest.connector}/{self.name}":
            text = f"is of {event.source}, and this account is {self.manifest.connector}/{self.name}."
            raise InputError([InputProblem("event", text)])
        trigger = self.manifest.triggers[event.trigger]
        fetched: dict[str, Any] = {}
        for name, it in trigger.fetch.items():
            names = {"facts": {**event.facts, **facts_fetched(trigger, fetched)}, "fetched": fetched}
            try:
                fetched[name] = self.run(it.query, evaluate(it.input, names, trigger))
            except InputError:  # it depends on what is not there
                continue
            except (RemoteError, OutputError) as error:
                passing = error.retryable or isinstance(error, RateLimited)
                if passing or not (it.optional or error.status in GONE):
                    raise
        for name, it in trigger.fetch.items() if not event.signed else ():
            if it.confirm and not it.confirm.fits(fetched.get(name)):
                text = f"{trigger.title}: the call was not signed, and what {self.manifest.title} shows does not confirm it."
                raise SignatureError(text, operation=trigger.id)
        made = self.listener.complete(trigger, event, fetched)
        if isinstance(made, str):
            text = f"{trigger.title}: what was fetched does not fit ({made}). The event is kept with this error."
            raise OutputError(redact(text, self.connection.forms), operation=trigger.id, data=event)
        return made

    def follow(
        self,
        action: str,
        outcome: Ended,
        timeout: float | None = 60,
        *,
        input: Mapping[str, Any] | None = None,
        call: str | None = None,
    ) -> Iterator[Event]:
        """The events that come of an action, as they come: `outcome` is what `run` gave or raised.

        Carries out the watches on that action, for `timeout` seconds at most (None: as long as they are declared to
        last). `input` is what the action was given, `call` what names this one call of it. An event that cannot be
        completed now comes as it is (`fetched` is None). RemoteError, SignInError: nobody could look how it ended;
        OutputError, at the end: no event could be made of an outcome, which is in `data`.
        """
        named = find_operation(self.manifest, action)
        if not isinstance(outcome, Mapping | ConnectorError):
            raise InputError([InputProblem("outcome", "must be what run gave, or the error that it raised.")])
        watches = {
            id_: it.watch for id_, it in self.manifest.sources.items() if it.watch and named.id in it.watch.after
        }
        return self._follow(watches, first_item(input or {}, outcome, call), timeout)

    def _follow(self, watches: Mapping[str, Watch], item: Item, timeout: float | None) -> Iterator[Event]:
        start, left = monotonic(), timeout
        unmade: list[OutputError] = []
        for source, spec in watches.items():
            with _redacted(self.connection):
                known = watch(self.connection, spec, item, self.run, left)
            for made in self.listener.hear(self.dispatch(source), known, (known["time"], None, True)) if known else ():
                if isinstance(made, str):
                    text = redact(f"{source}: no event can be made of the outcome ({made}).", self.connection.forms)
                    unmade.append(OutputError(text, data=redact_data(known, self.connection.forms)))
                else:
                    yield self._completed(made)
            left = None if timeout is None else max(0.0, timeout - (monotonic() - start))
        if unmade:
            raise unmade[0]

    def _completed(self, event: Event) -> Event:
        """The event, complete if that can be had now: it must not be lost."""
        try:
            return self.complete(event)
        except ConnectorError:
            return event

    def _ensure(self, operation: Operation, schema: dict[str, Any], value: Any, answer: Any) -> Any:
        """The value, if it fits. OutputError: it does not; it carries the answer."""
        value = None if value is ABSENT else value
        wrong = self.validator(schema).misfit(value)
        if wrong:
            raise odd_answer(operation, wrong, answer)
        return value


def find_operation(manifest: Manifest, id_: str) -> Operation:
    """An action or a query by its id or its handle. InputError: there is none."""
    for name in (id_, id_.replace("-", "_")):
        if name in manifest.operations:
            return manifest.operations[name]
        if name in manifest.triggers:
            text = f"{manifest.triggers[name].title} is a trigger: it happens by itself and cannot be run."
            raise InputError([InputProblem("", text)], operation=name)
        if name in manifest.broken:
            text = f"'{name}' is left out, since its file is wrong: `connector check` says why."
            raise ManifestError(text, operation=name)
    hint = meant_or_all(id_, manifest.operations)
    raise InputError([InputProblem("", f"{manifest.title} has no operation '{id_}'. {hint}")])


def ensure_fits(schema: dict[str, Any], given: Any, validators: Validators, operation: str | None = None) -> Any:
    """An input with its defaults. InputError: all that does not fit."""
    given = {} if given is None else dict(given) if isinstance(given, Mapping) else given
    value = with_defaults(schema, given)
    validator = validators(schema)
    if not validator.is_valid(value):
        raise InputError(in_words(validator.violations(value)), operation=operation)
    return value


def in_words(violations: list[Violation]) -> list[InputProblem]:
    """What is wrong with an input, each with its place and a sentence."""
    return [InputProblem(spell(it.place[:-1] if it.key else it.place), it.sentence) for it in violations]


def _nobody_asked(manifest: Manifest, operation: Operation) -> Ask:
    """Stands in for look-ups where nothing may be sent."""

    def refuse(id_: str, input_: Mapping[str, Any]) -> dict[str, Any]:
        title = find_operation(manifest, id_).title
        computed = [rule.must for rule in operation.rules] + (operation.request.computed() if operation.request else [])
        names = {name for name, it in operation.look_up.items() if it.query == id_}
        reads = {spell(path[1:]) for each in computed for path in each.reads if path[0] in names and len(path) > 1}
        wanted = " and ".join(sorted(reads)) or "more"
        text = f"{title} ({id_}) would be asked for {wanted} first, and nothing is sent here. Give {wanted} yourself."
        raise InputError([InputProblem("", text)], operation=operation.id)

    return refuse


@contextmanager
def _redacted(connection: Connection) -> Iterator[None]:
    """Takes the secrets out of whatever error passes."""
    try:
        yield
    except ConnectorError as error:
        for name in ("message", "problems", "code", "trace_id", "data"):
            if hasattr(error, name):
                setattr(error, name, redact_data(getattr(error, name), connection.forms))
        error.args = (error.message,)
        raise
