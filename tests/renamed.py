"""The same connector and the same service with some of the provider's words called otherwise.

In: a connector's folder, and word → other word. Out: the folder with these words renamed wherever they name data (fields,
inputs, outputs, facts) and nowhere where they belong to the format or to JSON Schema; and a relay that renames what goes
over the wire in between. Places are found as the runtime finds them: along the format's own JSON Schemas.
"""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from connector_runtime.dialect import branches, fit, format_schema, inner_schemas
from connector_runtime.document import Place, parse_document, read_text
from connector_runtime.paths import Part, parse_path, spell

EXPRESSIONS = {"computed", "template", "condition"}
NOT_DATA = {"headers", "files", "$defs"}  # keys with any names in them, but names of something else
NAMES = (("pages", "send"), ("pages", "size", "send"))  # texts that name a parameter

_IN_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_IN_EXPRESSION = re.compile(
    r"""(?P<own>(?<![\w.])file\.\w+)|(?<=[\w\]])\['(?P<quoted>[^']*)'\]|(?P<text>'[^']*'|"[^"]*")|\.(?P<name>[A-Za-z_]\w*)"""
)


@dataclass(frozen=True)
class Renaming:
    """Word → other word, for every form in which data is named."""

    words: Mapping[str, str]

    def name(self, text: str) -> str:
        """A single name."""
        return self.words.get(text, text)

    def path(self, text: str) -> str:
        """A path without braces, `data.message.id`."""
        return spell(tuple(self.name(part) if type(part) is str else part for part in parse_path(text)))

    def data(self, value: Any) -> Any:
        """JSON data: the keys of all objects, and the expressions in its texts (data from outside has none)."""
        if isinstance(value, dict):
            return {self.name(key): self.data(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.data(each) for each in value]
        return _IN_BRACES.sub(lambda it: self.expression(it[0]), value) if isinstance(value, str) else value

    def expression(self, text: str) -> str:
        """An expression: what stands after a dot or in ['quotes']. Texts stay, and so does what the runtime says of a file."""

        def renamed(match: re.Match[str]) -> str:
            if match["quoted"] is not None:
                return f"['{self.name(match['quoted'])}']"
            return f".{self.name(match['name'])}" if match["name"] else match[0]

        return _IN_EXPRESSION.sub(renamed, text)

    def manifest(self, kind: str, data: Any) -> Any:
        """A file of a connector; `kind` is the name of the format's schema for it."""
        return self._along(format_schema(kind), [format_schema(kind)], (), data)

    def _along(self, root: Mapping[str, Any], schemas: list[Mapping[str, Any]], place: Place, value: Any) -> Any:
        found = [branch for schema in schemas for branch in branches(root, schema)]
        kinds = {kind for kind, schema in root["$defs"].items() if any(schema is each for each in found)}
        if "json" in kinds or kinds & EXPRESSIONS:
            return self.data(value)
        if isinstance(value, str):
            return self._text(kinds, place, value)
        if isinstance(value, dict):
            own = {"error": value["error"]} if place[-1:] == ("item",) and "call" in value and "error" in value else {}
            made = {self._key(found, place, key): self._inner(root, found, place, key, it) for key, it in value.items()}
            return made | own  # how a watched action failed is told in the runtime's words
        if isinstance(value, list):
            return [self._inner(root, found, place, number, each) for number, each in enumerate(value)]
        return value

    def _inner(self, root: Mapping[str, Any], found: list[Any], place: Place, part: Part, value: Any) -> Any:
        return self._along(
            root, [it for each in found for it in inner_schemas(root, each, part)], (*place, part), value
        )

    def _key(self, found: list[Mapping[str, Any]], place: Place, key: str) -> str:
        """A key of an object: one of the format's own stays; else what the format says of the names there decides."""
        if (place[-1:] and place[-1] in NOT_DATA) or any(key in schema.get("properties", ()) for schema in found):
            return key
        rule = next((schema["propertyNames"] for schema in found if "propertyNames" in schema), None)
        kind = rule.get("$ref", "").rpartition("/")[2] if rule else "name"
        if kind in ("id", "header"):
            return key
        return self.name(key) if kind == "name" else self._path(place, key)

    def _text(self, kinds: set[str], place: Place, text: str) -> str:
        if "path" in kinds:
            return self._path(place, text)
        if place == ("request", "path"):
            return re.sub(r"(?<=\{)\w+(?=\})", lambda it: self.name(it[0]), text)
        return self.name(text) if "name" in kinds or place[-2:-1] == ("required",) or place in NAMES else text

    def _path(self, place: Place, text: str) -> str:
        return text if place[:1] == ("sources",) and text.startswith("error.") else self.path(text)


def rename_folder(source: Path, target: Path, words: Mapping[str, str]) -> Path:
    """Copies a connector with its words renamed; the files are JSON (which is YAML) below their first line."""
    for path in (source / "connector.yaml", *source.glob("operations/*/*.yaml"), *source.glob("schemas/*.yaml")):
        file = path.relative_to(source).as_posix()
        document = parse_document(read_text(path, file), file)
        kind = document.lines[0].rpartition("/")[2].removesuffix(".json")
        assert fit(document, kind) == []
        copy = target / document.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_file(copy, document.lines[0], Renaming(words).manifest(kind, document.data))
    return target


def read_file(path: Path) -> tuple[str, Any]:
    """The first line of a renamed file, and its data."""
    line, _, rest = path.read_text("utf-8").partition("\n")
    return line, json.loads(rest)


def write_file(path: Path, line: str, data: Any) -> None:
    """The other way round."""
    path.write_text(f"{line}\n{json.dumps(data, indent=2, ensure_ascii=False)}\n", "utf-8")


def names_in(value: Any) -> set[str]:
    """The keys of all objects in JSON data."""
    if isinstance(value, dict):
        return {*value, *(name for each in value.values() for name in names_in(each))}
    return {name for each in value for name in names_in(each)} if isinstance(value, list) else set()


@dataclass
class Relay:
    """A server that hands requests on, renamed. `near`, `far`: all names of data that were seen on its two sides."""

    url: str
    near: set[str] = field(default_factory=set)
    far: set[str] = field(default_factory=set)


def _renamed(body: bytes, words: Renaming, seen: set[str], made: set[str]) -> bytes:
    """A body of JSON, if it is one, with its keys renamed."""
    try:
        data = json.loads(body)
    except ValueError:
        return body
    renamed = words.data(data)
    seen |= names_in(data)
    made |= names_in(renamed)
    return json.dumps(renamed).encode()


@contextmanager
def relay(onward: str, there: Mapping[str, str], secret: str = "") -> Iterator[Relay]:
    """Runs a relay to a server on this machine: requests are renamed by `there`, their answers the other way round. With
    a secret, requests are signed anew, as Hootsuite signs its webhooks."""
    forth, back = Renaming(there), Renaming({new: old for old, new in there.items()})
    parts = urlsplit(onward)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            target, _, query = self.path.partition("?")
            pairs = parse_qsl(query, keep_blank_values=True)
            seen.near |= {name for name, _ in pairs}
            seen.far |= {forth.name(name) for name, _ in pairs}
            if pairs:
                target += "?" + urlencode([(forth.name(name), value) for name, value in pairs])
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = _renamed(body, forth, seen.near, seen.far)
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
            if secret:
                headers["X-Hootsuite-Signature"] = hmac.digest(secret.encode(), body, "sha512").hex()
            connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            try:
                connection.request(self.command, target, body or None, headers)
                answer = connection.getresponse()
                body = _renamed(answer.read(), back, seen.far, seen.near)
            finally:
                connection.close()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.getheader("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = Relay(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
