"""The commands behind `cli`: each takes the parsed arguments and gives an exit status."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .account import Account, find_operation
from .arguments import account_of, environment_of, headers_in, input_of, read_file, variables_of
from .cli import DONE, FAILED, PARTLY, UNKNOWN
from .connector import Connector, connection_fields, find_folder, installed_connectors, load
from .enforced import kinds_of
from .errors import (
    ConnectorError,
    InputError,
    InputProblem,
    ManifestError,
    OutputError,
    RemoteError,
    SignInError,
    UnknownOutcome,
)
from .explain import Part
from .messages import FileBody, Request
from .model import Operation, Trigger
from .schemas import TYPES
from .terminal import agreed, can_ask
from .watches import Ended

_CONFIRM = ("send", "delete")


def say(text: str) -> None:
    """A sentence for the person, on standard error."""
    print(text, file=sys.stderr)


def _json(data: Any, indent: int | None = None) -> str:
    """JSON that can be read back, whatever characters standard output can hold."""
    whole = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    return json.dumps(data, ensure_ascii=not whole, indent=indent)


def show_json(data: Any) -> None:
    """Data as JSON, on standard output."""
    print(_json(data, 2))


def folder_of(given: str | None) -> Path:
    """The connector that is meant: the one named, the nearest above where we are, or the only one installed."""
    if given is not None:
        is_folder = Path(given).is_dir() and given not in installed_connectors()
        return find_folder(Path(given) if is_folder else given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "connector.yaml").is_file():
            return folder
    installed = installed_connectors()
    if len(installed) == 1:
        return next(iter(installed.values()))
    names = f" Installed are {', '.join(sorted(installed))}; say which with -C." if installed else ""
    raise ManifestError(f"There is no connector.yaml here or above.{names or ' Say where it is with -C DIR.'}")


def _load(options: argparse.Namespace) -> Connector:
    return load(folder_of(options.folder))


def command_list(options: argparse.Namespace) -> int:
    """connector list"""
    connector = _load(options)
    operations = list(connector.operations.values())
    if options.operation:
        operations = [find_any(connector, options.operation)]
    if options.operation and not options.json:
        _list_inputs(operations[0])
        return DONE
    if options.json:
        show_json([_described(operation) for operation in operations])
        return DONE
    print(textwrap.fill(f"{connector.title} {connector.version} · {connector.manifest.summary}", 79) + "\n")
    width = max((len(operation.id) for operation in operations), default=0)
    for kind, heading in (("trigger", "Triggers"), ("action", "Actions"), ("query", "Queries")):
        ours = [operation for operation in operations if operation.kind == kind]
        if ours:
            print(heading)
        for operation in ours:
            effect = "" if operation.effect == "read" else f" [{operation.effect}]"
            text = operation.description.partition(". ")[0].rstrip(".") + "." + effect
            print(_hanging(f"  {operation.id:<{width}}  ", text))
    print("\nconnector list OPERATION shows what an operation is given,")
    print("connector try OPERATION what it would send.")
    return DONE


def _list_inputs(operation: Operation | Trigger) -> None:
    """What an operation is given: each input with its kind, its description and an example."""
    print(operation.title)
    print(textwrap.fill(operation.description, 79) + "\n")
    if operation.topic:
        print(f"topic: {operation.topic}")
        print(
            textwrap.fill(f"data:  {', '.join(operation.output['properties'])}", 79, subsequent_indent=" " * 7) + "\n"
        )
        print("An automation may narrow it down by:\n" if operation.input["properties"] else "")
    required = operation.input.get("required", ())
    example = f"connector try {operation.id}"
    for name, schema in operation.input["properties"].items():
        kind = " or ".join(TYPES[kind] for kind in kinds_of(schema)) or "anything"
        must = ", required" if name in required else ""
        print(f"  {name} ({kind}{must})")
        text = schema.get("description", "")
        if known := schema.get("enum") or schema.get("items", {}).get("enum"):
            text += f" One of: {', '.join(map(str, known))}."
        if schema.get("examples"):
            text += f" Example: {json.dumps(schema['examples'][0], ensure_ascii=False)}"
        print(textwrap.fill(text, 79, initial_indent="      ", subsequent_indent="      "))
        if name in required and schema.get("examples"):
            given = schema["examples"][0]
            value = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
            example += f" --set {name}={shlex.quote(value)}"
    if not operation.topic:
        print(f"\nexample:\n  {example}")


def _hanging(start: str, text: str) -> str:
    return textwrap.fill(text, 79, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False)


def _described(operation: Operation | Trigger) -> dict[str, Any]:
    names = ("id", "handle", "kind", "title", "topic", "description", "resource", "effect", "input", "output")
    return {name: it for name in names if (it := getattr(operation, name)) is not None}


def command_try(options: argparse.Namespace) -> int:
    """connector try"""
    connector = _load(options)
    operation = find_operation(connector.manifest, options.operation)
    account = account_of(connector, options, needed=False)
    request = account.try_(operation.id, input_of(operation, options))
    headers = {**request.headers, **account.connection.credentials.masked()}
    if options.json:
        show_json(_as_json(request, headers))
    else:
        _print_request(request, headers, operation)
    return DONE


def command_run(options: argparse.Namespace) -> int:
    """connector run"""
    connector = _load(options)
    operation = find_operation(connector.manifest, options.operation)
    input_ = input_of(operation, options)
    account = account_of(connector, options, needed=True)
    if operation.effect in _CONFIRM and not options.yes and not _is_meant(account, operation, input_):
        say("Nothing was done.")
        return FAILED
    outcome: Ended
    try:
        if options.jsonl:
            for record in account.records(operation.id, input_):
                print(_json(record))
            return DONE
        outcome = account.run(operation.id, input_)
    except ConnectorError as error:
        outcome = error
    except KeyboardInterrupt:
        if operation.effect == "read":
            raise
        say(f"Stopped. Nobody knows whether {operation.title} happened: look before you do it again.")
        return UNKNOWN
    followed = DONE
    try:
        status = _tell(connector, operation, outcome, one_line=options.follow)
    finally:
        if options.follow:
            followed = _follow(account, operation, input_, outcome)
    return status or followed


def _tell(connector: Connector, operation: Operation, outcome: Ended, *, one_line: bool) -> int:
    """Shows what came of an operation: the output, or what went wrong."""
    if isinstance(outcome, SignInError):
        wanted = [variables_of(connector)[name] for name in connection_fields(connector.manifest)["required"]]
        say(f"{outcome.message} Put {'new ones' if len(wanted) > 1 else 'a new one'} into {' and '.join(wanted)}.")
        return FAILED
    if isinstance(outcome, OutputError | UnknownOutcome | RemoteError):
        return _report(outcome)
    if isinstance(outcome, ConnectorError):
        raise outcome
    try:
        print(_json(outcome, None if one_line else 2))
        sys.stdout.flush()
    except OSError as error:
        done = "" if operation.effect == "read" else f"{operation.title} was done; do not repeat it. "
        say(f"{done}The output could not be written ({error.strerror}).")
        return FAILED if operation.effect == "read" else PARTLY
    if outcome.get("complete") is False:
        say(f"{operation.title}: only a part of it was done; see the output.")
        return PARTLY
    return DONE


def _follow(account: Account, operation: Operation, input_: Mapping[str, Any], outcome: Ended) -> int:
    """Prints the events that come of an action, a line of JSON each."""
    watched = [it.watch for it in account.manifest.sources.values() if it.watch and operation.id in it.watch.after]
    if not watched:
        say(f"Nothing watches {operation.title}; what it brings about may come by webhook.")
        return DONE
    count = 0
    try:
        for event in account.follow(operation.id, outcome, None, input=input_):
            print(_json(event), flush=True)
            count += 1
    except ConnectorError as error:
        say(f"It could not be followed to its end: {error.message}")
        return PARTLY
    except OSError as error:
        say(f"The events could not be written ({error.strerror}).")
        return PARTLY
    except KeyboardInterrupt:
        say(f"Stopped following; what became of {operation.title} itself is said above.")
        return PARTLY
    if not count:
        say("No event came of it.")
    return DONE


def _report(error: ConnectorError) -> int:
    """Says what went wrong; what was done or received all the same goes to standard output, so that nothing is lost."""
    data = error.data
    if data is not None:
        show_json(data)
    say(error.message + (f" (trace id {error.trace_id})" if error.trace_id else ""))
    if isinstance(error, UnknownOutcome):
        return UNKNOWN
    partly = isinstance(data, dict) and data.get("complete") is False and any(data.values())
    return PARTLY if partly or (isinstance(error, OutputError) and error.happened) else FAILED


def _is_meant(account: Account, operation: Operation, input_: Mapping[str, Any]) -> bool:
    """Whether the person at the terminal, if there is one, agrees to what cannot be undone."""
    if not can_ask():
        return True
    account.accept(operation, dict(input_))  # nobody is asked about what would be refused anyway
    what = "others will see it" if operation.effect == "send" else "it cannot be brought back"
    say(json.dumps(input_, ensure_ascii=False, indent=2))
    return agreed(f"{operation.title} at {account.manifest.title}: {what}. Go on?")


def command_receive(options: argparse.Namespace) -> int:
    """connector receive"""
    connector = _load(options)
    secrets = []
    if options.headers == options.body == "-":
        raise InputError([InputProblem("--body", "only one of headers and body can come from standard input.")])
    for name in options.secret_env:
        if not os.environ.get(name):
            raise InputError([InputProblem("--secret-env", f"the environment variable {name} is not set.")])
        secrets.append(os.environ[name])
    received = connector.receive(
        options.source,
        headers=headers_in(read_file("--headers", options.headers)),
        body=read_file("--body", options.body),
        secret=secrets,
        connection=options.connection or "env",
        now=options.now,
        settings=environment_of(connector, connector.manifest.settings),
    )
    try:
        for event in received:
            print(_json(event))
        sys.stdout.flush()
    except OSError as error:
        say(f"The events could not be written ({error.strerror}).")
        return PARTLY
    for kind, left in (("no trigger is for it", received.unknown), ("malformed", received.malformed)):
        for each in left:
            say(f"item {each.item}: {kind} ({each.reason})")
    say(
        f"{len(received)} event{'s' if len(received) != 1 else ''}; {received.repeated} repeated, {received.ignored} ignored, "
        f"{len(received.unknown)} of unknown kinds, {len(received.malformed)} malformed"
    )
    return PARTLY if received.malformed else DONE


def find_any(connector: Connector, id_: str) -> Operation | Trigger:
    """A trigger, an action or a query by its id or its handle. InputError: there is none."""
    trigger = connector.manifest.triggers.get(id_.replace("-", "_"))
    return trigger or find_operation(connector.manifest, id_)


def _as_json(request: Request, headers: Mapping[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": headers,
    }
    if request.json is not None:
        shown["json"] = request.json
    if request.form is not None:
        shown["form"] = dict(request.form)
    shown["parts"] = [
        {"name": part.name, "value": part.value, "file": part.file, "line": part.mark.line, "reads": dict(part.reads)}
        for part in request.parts
    ]
    return shown


def _print_request(request: Request, headers: Mapping[str, str], operation: Operation) -> None:
    print(f"{operation.title} would send (nothing was sent):\n")
    print(f"{request.method} {request.url}")
    for name, value in headers.items():
        print(f"{name}: {value}")
    if request.json is not None:
        print(f"\n{json.dumps(request.json, ensure_ascii=False, indent=2)}")
    elif isinstance(request.body, bytes):
        print(f"\n{request.body.decode()}")
    elif isinstance(request.body, FileBody):
        print(f"\n(the {request.body.size:,} bytes of {request.body.name})")
    if request.parts:
        print("\nwhere each part comes from:")
    for part in request.parts:
        print(_explained(part))
    if operation.upload:
        print(f"\nThen it sends the bytes of the file and waits ({operation.source.document.file}).")


def _explained(part: Part) -> str:
    value = json.dumps(part.value, ensure_ascii=False)
    value = value if len(value) <= 40 else f"{value[:39]}…"
    lines = [f"  {part.name} = {value}", f"      {part.file}:{part.mark.line}"]
    read = ", ".join(f"{name} = {json.dumps(it, ensure_ascii=False)[:40]}" for name, it in part.reads.items())
    return "\n".join([*lines, *([f"      from {read}"] if read else [])])
