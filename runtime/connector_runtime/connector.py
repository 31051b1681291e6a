"""The connector as a whole: `load` it, `connect` an account, `run` its operations.

In: the name of an installed connector or the folder of one. Out: a `Connector` and its `Account`s, which is what people
program against. Raises what `errors` lists.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from .account import Account, ensure_fits, in_words
from .connection import Connection, Send, utc_now
from .errors import InputError, InputProblem, ManifestError, Problem
from .events import Dispatch, Event, Listener, dispatch_of
from .expressions import LazyValue
from .manifest import Known, Reading, read_manifest
from .messages import Timeouts, split_address
from .model import Manifest, Operation, SignIn, Trigger
from .redact import forms_of, texts_in
from .request import evaluate
from .schemas import Validator, secrets_of, with_defaults
from .signin import Credentials, hosts_of, is_loopback
from .webhooks import Headers, Received, receive
from .words import meant_or_all

ENTRY_POINTS = "human.connectors"


@dataclass(frozen=True)
class Connector:
    """A connector that was read and is whole."""

    manifest: Manifest
    left_out: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    _validators: dict[int, Validator] = field(default_factory=dict, repr=False, compare=False)
    _dispatches: dict[str, Dispatch] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Connector({self.id!r}, {self.version}, {len(self.operations)} operations)"

    @property
    def id(self) -> str:
        """Its short name."""
        return self.manifest.connector

    @property
    def title(self) -> str:
        """The name people see."""
        return self.manifest.title

    @property
    def version(self) -> str:
        """Its version."""
        return self.manifest.version

    @property
    def operations(self) -> Mapping[str, Operation | Trigger]:
        """The triggers, actions and queries by id."""
        return {**self.manifest.triggers, **self.manifest.operations}

    def validator(self, schema: dict[str, Any]) -> Validator:
        """The validator of one of its schemas, made once."""
        found = self._validators.get(id(schema))
        if found is None:
            found = self._validators[id(schema)] = Validator(schema)
        return found

    def receive(
        self,
        source: str,
        *,
        headers: Headers,
        body: bytes,
        secret: str | Sequence[str] | None = None,
        connection: str = "default",
        now: datetime | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Received:
        """The events of a webhook call, not yet completed (`Account.complete` does that). No account is needed.

        `source` is one of connector.yaml's webhooks. `headers` and `body` are the call as it came, not a byte changed.
        `secret` is the text as pasted, or several that are good at present; None only where the source is declared as
        `signature: none`. `connection` names the account it is for, `settings` are that connection's, `now` has to have
        its offset. SignatureError: the call is not from who it says. InputError: its body is no JSON, or what was given
        besides is wrong.
        """
        spec = self.manifest.sources.get(source)
        if spec is None or spec.webhook is None:
            webhooks = [id_ for id_, it in self.manifest.sources.items() if it.webhook]
            hint = meant_or_all(source, webhooks)
            raise InputError([InputProblem("source", f"{self.title} has no webhook '{source}'. {hint}")])
        dispatch, listener = self.dispatch(spec.webhook.like or source), self.listener(connection)
        secrets = [secret] if isinstance(secret, str) else list(secret or ())
        if secrets and not spec.webhook.verify:
            text = f"the source {source} is declared as not signed, so no secret can be checked."
            raise InputError([InputProblem("secret", text)])
        known = ensure_fits(self.manifest.settings, settings, self.validator)
        if not isinstance(body, bytes | bytearray | memoryview):
            raise InputError([InputProblem("body", "must be the bytes as they came: a text may be other bytes again.")])
        moment = now or utc_now()
        if moment.tzinfo is None:
            raise InputError([InputProblem("now", "must have its offset from UTC.")])
        return receive(spec.webhook, dispatch, listener, headers, bytes(body), secrets, known, moment)

    def wants(self, event: Event, input: Mapping[str, Any] | None = None) -> bool:
        """Whether an automation that gave its trigger this input wants an event. InputError: the input does not fit, or
        the answer depends on what is only known of a completed event."""
        trigger = self.manifest.triggers[event.trigger]
        value = ensure_fits(trigger.input, input, self.validator, trigger.id)
        if trigger.filter is None:
            return True
        fetched = LazyValue(lambda: _not_fetched(trigger)) if event.fetched is None and trigger.fetch else event.fetched
        return bool(evaluate(trigger.filter, {"input": value, "facts": event.facts, "fetched": fetched or {}}, trigger))

    def listener(self, connection: str) -> Listener:
        """What makes the events of a connection."""
        return Listener(self.id, connection, self._misfits)

    @cached_property
    def _misfits(self) -> dict[str, Callable[[Any], str]]:
        return {id_: self.validator(it.output).misfit for id_, it in self.manifest.triggers.items()}

    def dispatch(self, source: str) -> Dispatch:
        """The triggers of a source, ready to be found."""
        found = self._dispatches.get(source)
        if found is None:
            found = self._dispatches[source] = dispatch_of(self.manifest.triggers.values(), source)
        return found

    def check(self) -> list[Problem]:
        """All problems of its files, read anew."""
        from .check import check

        return list(check(self.manifest.folder).problems)

    def connect(
        self,
        *,
        base_url: str | None = None,
        method: str | None = None,
        name: str = "default",
        send: Send | None = None,
        timeouts: Timeouts | None = None,
        now: Callable[[], datetime] = utc_now,
        folder: str | Path = ".",
        **values: Any,
    ) -> Account:
        """An account of the service.

        `values` are the fields of the way to sign in (`method`; the first one by default) and the connection's
        settings. `base_url` is another address of the service (a test server, a proxy). `send` carries requests out
        instead of the network, `timeouts` are in seconds, `now` gives the time, `folder` is where relative file names
        start. Nothing is sent. InputError: a value is missing, unknown or wrong.
        """
        manifest = self.manifest
        way = _way(manifest, method)
        schema = _values_schema(manifest, way)
        filled = with_defaults(schema, values)
        validator = Validator(schema)
        problems = [] if validator.is_valid(filled) else in_words(validator.violations(filled))
        if base_url is not None and not _is_base(base_url):
            problems.append(InputProblem("base_url", "must be an address such as https://api.example.com."))
        elif base_url is not None and base_url.startswith("http:") and not is_loopback(base_url):
            problems.append(
                InputProblem("base_url", "must start with https://, or the secret could be read on the way.")
            )
        if problems:
            raise InputError(problems)
        secrets = secrets_of(schema)
        if send is None:
            from .transport import Transport

            send = Transport(timeouts or Timeouts()).send
        connection = Connection(
            manifest=manifest,
            name=name,
            hosts=hosts_of(manifest.service, base_url),
            credentials=Credentials(way, filled),
            values={key: value for key, value in filled.items() if key not in secrets},
            forms=forms_of(text for key in secrets if key in filled for text in texts_in(filled[key])),
            send=send,
            now=now,
            folder=Path(folder),
        )
        return Account(connection, self.validator, self.dispatch, self.listener(name))


def _not_fetched(trigger: Trigger) -> Any:
    text = f"whether {trigger.title} is wanted depends on what is fetched: complete the event first."
    raise InputError([InputProblem("", text)], operation=trigger.id)


def _is_base(address: str) -> bool:
    try:
        return "?" not in split_address(address)[1]
    except ValueError:
        return False


def _way(manifest: Manifest, method: str | None) -> SignIn:
    if method is None:
        return next(iter(manifest.sign_in.values()))
    if method in manifest.sign_in:
        return manifest.sign_in[method]
    hint = meant_or_all(method, manifest.sign_in)
    raise InputError([InputProblem("method", f"'{method}' is no way to sign in to {manifest.title}. {hint}")])


def _values_schema(manifest: Manifest, way: SignIn) -> dict[str, Any]:
    required = [*way.fields.get("required", ()), *manifest.settings.get("required", ())]
    properties = {**manifest.settings["properties"], **way.fields["properties"]}
    return {**way.fields, "properties": properties, "required": required}


def connection_fields(manifest: Manifest, method: str | None = None) -> dict[str, Any]:
    """The schema of everything that `connect` takes as a value: the fields of a way to sign in, and the settings."""
    return _values_schema(manifest, _way(manifest, method))


def load(name: str | Path, *, leave_out_broken: bool = False) -> Connector:
    """The connector of that name (an installed one) or in that folder (anything with a slash or a suffix).

    ManifestError: there is none, or its files are wrong; `problems` has all that is. With `leave_out_broken`, operations
    that are wrong are left out, the rest stays usable, and `Connector.left_out` says which and why; only what is wrong
    in connector.yaml itself is still raised.
    """
    folder = find_folder(name)
    known: Known = {}
    reading, left_out = read_manifest(folder, known), dict[str, tuple[Problem, ...]]()
    while leave_out_broken and (more := _to_leave_out(reading, left_out)):
        left_out |= more
        reading = read_manifest(folder, known, without=left_out.keys())
    wrong = [it for it in reading.problems if not (leave_out_broken and it.file.startswith("schemas/"))]
    if reading.manifest is None or wrong:
        count = len(wrong)
        first = str(wrong[0]) if count else f"{folder} holds no connector."
        others = f" (and {count - 1} more; `connector check` lists them)" if count > 1 else ""
        raise ManifestError(f"{first}{others}", problems=reading.problems)
    return Connector(reading.manifest, left_out)


def _to_leave_out(reading: Reading, done: Collection[str]) -> dict[str, tuple[Problem, ...]]:
    """The operations that are wrong and not left out yet, each with its problems, or with those of the schemas that it
    may be made of."""
    own: dict[str, list[Problem]] = {}
    for problem in reading.problems:
        if problem.file.startswith("operations/"):
            own.setdefault(Path(problem.file).stem, []).append(problem)
    shared = tuple(problem for problem in reading.problems if problem.file.startswith("schemas/"))
    left = [it for it in (reading.manifest.broken if reading.manifest else ()) if it not in {*own, *done}]
    return {id_: tuple(problems) for id_, problems in own.items()} | dict.fromkeys(left, shared)


def find_folder(name: str | Path) -> Path:
    """The folder that a name or a path means. ManifestError: there is none."""
    path = Path(name)
    if isinstance(name, Path) or "/" in name or "\\" in name or path.suffix or name in (".", ".."):
        if (path / "connector.yaml").is_file():
            return path
        raise ManifestError(f"There is no connector.yaml in {path}.")
    installed = installed_connectors()
    if name in installed:
        return installed[name]
    there = f"Installed are: {', '.join(sorted(installed))}." if installed else "None is installed."
    raise ManifestError(f"There is no installed connector '{name}'. {there} A folder is written with a slash: ./{name}")


def installed_connectors() -> dict[str, Path]:
    """The installed connectors: id → folder. Each is data in a package that an entry point names; no code runs."""
    found = {}
    for entry in entry_points(group=ENTRY_POINTS):
        if "." in entry.value:  # to find what is inside a package, Python would run the package
            continue
        spec = importlib.util.find_spec(entry.value)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(place) / "connector.yaml").is_file():
                found[entry.name] = Path(place)
    return found
