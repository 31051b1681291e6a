"""What a person typed, made into what the runtime takes: inputs, files, and the account of the environment.

In: parsed arguments, files, standard input, environment variables. Out: an operation's input, headers and bytes, an
`Account`. Refused, named as the person knows it (InputError): what cannot be read, is no JSON, or is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .account import Account
from .connector import Connector, connection_fields
from .enforced import kinds_of
from .errors import InputError, InputProblem
from .messages import Timeouts
from .model import Operation
from .webhooks import LARGEST


def environment_name(connector: str, field: str) -> str:
    """The environment variable of a field: HOOK_ACCESS_TOKEN for `access_token` of `hook`."""
    return f"{connector}_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', field)}".upper()


def account_of(connector: Connector, options: argparse.Namespace, *, needed: bool) -> Account:
    """The account of the environment. Where none is `needed` (nothing is sent), made-up secrets fill its place."""
    if options.connection not in (None, "env"):
        text = f"there is no connection '{options.connection}'; the connection of the environment is called env."
        raise InputError([InputProblem("--connection", text)])
    schema, names = connection_fields(connector.manifest), variables_of(connector)
    values = environment_of(connector, schema)
    missing = [field for field in schema.get("required", ()) if field not in values]
    if missing and needed:
        wanted = " and ".join(names[field] for field in missing)
        way = next(iter(connector.manifest.sign_in.values())).title
        text = f"{connector.title} needs a sign-in ({way}). Put it into the environment variable {wanted}."
        raise InputError([InputProblem("", text)])
    values.update(dict.fromkeys(missing, "not-given"))
    base_url = os.environ.get(environment_name(connector.id, "base_url"), "").strip() or None
    total = getattr(options, "timeout", None) or Timeouts.total
    timeouts = Timeouts(min(Timeouts.connect, total), min(Timeouts.read, total), total)
    try:
        return connector.connect(name="env", base_url=base_url, timeouts=timeouts, **values)
    except InputError as error:  # named as the person knows them
        names["base_url"] = environment_name(connector.id, "base_url")
        problems = [InputProblem(names.get(it.path, it.path), it.message) for it in error.problems]
        raise InputError(problems) from None


def environment_of(connector: Connector, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment says of the fields of a schema."""
    given = {name: os.environ.get(environment_name(connector.id, name), "").strip() for name in schema["properties"]}
    return {name: typed(text, schema["properties"][name]) for name, text in given.items() if text}


def variables_of(connector: Connector) -> dict[str, str]:
    """The environment variable of each field of a connection."""
    return {name: environment_name(connector.id, name) for name in connection_fields(connector.manifest)["properties"]}


def input_of(operation: Operation, options: argparse.Namespace) -> dict[str, Any]:
    """The input of an operation: `--input`, and each `--set` over it."""
    given = _read_input(options.input) if options.input is not None else {}
    seen: set[str] = set()
    for text in options.sets:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError([InputProblem("--set", f"'{text}' is not NAME=VALUE.")])
        _set(given, operation.input, name, value, again=name in seen)
        seen.add(name)
    return given


def _read_input(text: str) -> dict[str, Any]:
    try:
        source = "it"
        if text == "-":
            source, text = "standard input", sys.stdin.read()
        elif text.startswith("@"):
            source, text = f"the file {text[1:]}", Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError([InputProblem("--input", f"{text[1:] or 'standard input'} cannot be read: {why}.")]) from None
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        hint = f"; did you mean @{text}?" if Path(text[:200]).is_file() else ""
        hint = hint or ("; names and texts need double quotes" if "'" in text and '"' not in text else "")
        raise InputError([InputProblem("--input", f"{source} is not JSON ({error}){hint}.")]) from None
    if not isinstance(data, dict):
        raise InputError([InputProblem("--input", f'{source} must be one JSON object, such as {{"text": "Hello"}}.')])
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. ValueError: a key stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _set(data: dict[str, Any], schema: Mapping[str, Any], name: str, value: str, *, again: bool) -> None:
    """Puts one `--set` into the input, as the schema of its place wants it. It wins over `--input`; `again` adds."""
    *outer, last = name.split(".")
    for key in outer:
        schema = schema.get("properties", {}).get(key, {})
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            raise InputError([InputProblem(name, f"'{key}' already has a value that has no parts.")])
        data = inner
    schema = schema.get("properties", {}).get(last, {})
    if schema.get("type") == "array" and not value.startswith("["):
        data[last] = [*(data[last] if again else []), typed(value, schema.get("items", {}))]
    elif again:
        earlier = data[last] if isinstance(data[last], list) else [data[last]]
        data[last] = [*earlier, typed(value, schema)]
    else:
        data[last] = typed(value, schema)


def typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A text from a command line or an environment as the value that the schema wants; else the text itself."""
    kinds = kinds_of(schema)
    if "string" in kinds or not kinds:
        return text
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?\d{1,18}", text) and ("integer" in kinds or "number" in kinds):
        return int(text)
    if "number" in kinds and re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    if text[:1] in "[{" and ("array" in kinds or "object" in kinds):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def read_file(option: str, name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; of one that is larger than any call, as many as show that."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(LARGEST + 1) if sys.stdin else b""
        with Path(name).open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError([InputProblem(option, f"{name} cannot be read: {error.strerror}.")]) from None


def headers_in(content: bytes) -> list[tuple[str, str]]:
    """The headers of a file with `Name: value` lines, up to an empty one; a first line as HTTP has it is passed over."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(re.split(r"\r?\n", content.removeprefix(b"\xef\xbb\xbf").decode("latin-1"))):
        if number == 0 and _FIRST.fullmatch(line):
            continue
        if not line.strip():
            if found:
                break
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or line[0].isspace():
            raise InputError([InputProblem("--headers", f"line {number + 1} is not Name: value.")])
        found.append((name.strip(), value.strip()))
    return found


_FIRST = re.compile(r"HTTP/\S+ .*|\S+ \S+ HTTP/\S+")
