"""`$ref`: schemas in other files put in the place where they are named, every value still knowing its file and line.

In: a document, a place in it that holds a schema, and a function that gives other documents. Out: a `Resolved`: the
schema without references, and where its parts came from. Refused, as problems: files outside the connector, files and
places that do not exist, references that lead back to themselves.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .document import MAX_DEPTH, Document, Place
from .enforced import ANNOTATIONS
from .errors import ManifestError, Problem
from .model import Resolved
from .paths import ABSENT, walk
from .words import close_like

Library = Callable[[str], Document]
"""File (relative to the connector, `/` between folders) → its document. ManifestError: there is none of that name."""


class NotWhole(Exception):
    """What is referred to has problems of its own, which say enough."""


MAX_SCHEMAS = 10_000

_MAPS = ("properties",)
_SCHEMAS = ("items", "additionalProperties")


def resolve(
    document: Document, place: Place, library: Library, files: Sequence[str] = ()
) -> tuple[Resolved, list[Problem], bool]:
    """The schema at a place of a document, without references, the problems met, and whether all of it could be had;
    see the top of this module. `files` are those that could be named, for hints."""
    work = _Work(library, files)
    schema = work.schema(document, place, (), ())
    return Resolved(schema, {(): (document, place), **work.origins}), work.problems, work.whole


@dataclass
class _Work:
    library: Library
    files: Sequence[str]
    origins: dict[Place, tuple[Document, Place]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    large: bool = False
    whole: bool = True

    def schema(self, document: Document, source: Place, target: Place, stack: tuple[Any, ...]) -> dict[str, Any]:
        schema = walk(source, document.data)
        if not isinstance(schema, dict):
            return {}
        self.count += 1
        if "$ref" in schema:
            return self.follow(document, source, schema, target, stack)
        result: dict[str, Any] = {}
        for key, value in schema.items():
            if key in _MAPS and isinstance(value, dict):
                result[key] = {
                    name: self.schema(document, (*source, key, name), (*target, key, name), stack) for name in value
                }
            elif key in _SCHEMAS and isinstance(value, dict):
                result[key] = self.schema(document, (*source, key), (*target, key), stack)
            elif key == "anyOf" and isinstance(value, list):
                result[key] = [
                    self.schema(document, (*source, key, n), (*target, key, n), stack) for n in range(len(value))
                ]
            elif key != "$defs":
                result[key] = value
        return result

    def follow(
        self, document: Document, source: Place, schema: dict[str, Any], target: Place, stack: tuple[Any, ...]
    ) -> dict[str, Any]:
        at, reference = (*source, "$ref"), schema["$ref"]
        beside = [key for key in schema if key not in (*ANNOTATIONS, "$ref", "$defs")]
        if beside:
            hint = "only title, description, examples, default and x- keys may"
            self.refuse(document, (*source, beside[0]), f"'{beside[0]}' may not stand beside a $ref", hint)
        try:
            there, place = self.find(document, reference)
        except NotWhole:
            self.whole = False
            return {}
        except ManifestError as error:
            self.refuse(document, at, f"'{reference}' {error.message}", self.near(document, reference))
            return {}
        if (there.file, place) in stack:
            self.refuse(document, at, f"'{reference}' leads back to itself")
            return {}
        if self.count > MAX_SCHEMAS or len(stack) >= MAX_DEPTH:
            if not self.large:  # said once: every further reference would say it again
                self.refuse(document, at, f"'{reference}' makes the schema too large or too deep")
            self.large = True
            return {}
        self.origins[target] = (there, place)
        result = self.schema(there, place, target, (*stack, (there.file, place)))
        for key in ANNOTATIONS:
            if key in schema:
                result[key] = schema[key]
                self.origins[(*target, key)] = (document, (*source, key))
        return result

    def find(self, document: Document, reference: str) -> tuple[Document, Place]:
        """The document and the place that a reference names. ManifestError: there is none; the message says why."""
        file, _, fragment = reference.partition("#")
        there = document
        if file:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(document.file), file))
            if ":" in file or path.startswith(("/", "..")):
                raise ManifestError("leads out of the connector's folder")
            if not path.startswith("schemas/"):
                raise ManifestError("leads to no file in the folder schemas")
            there = self.library(path)
        place = tuple(fragment.split("/")[1:])
        if (fragment and not place) or walk(place, there.data) in (ABSENT, None):
            raise ManifestError("names a place that does not exist there")
        if place and place[-2:-1] != ("$defs",) and place not in (("input",), ("output",)):
            raise ManifestError("names a place that holds no schema to refer to; put it into $defs")
        return there, place

    def near(self, document: Document, reference: str) -> tuple[str, str] | None:
        """The word of a reference that is probably misspelled, and what was probably meant."""
        file, _, fragment = reference.partition("#")
        folder = posixpath.dirname(document.file) or "."
        known = {posixpath.relpath(each, folder): each for each in self.files}
        if file and file not in known:
            near = close_like(file, known)
            name = posixpath.basename(near or "")
            return (file, near) if near and close_like(posixpath.basename(file), [name]) else None
        there = self.library(known[file]) if file else document
        name, inner = fragment.rpartition("/")[2], walk(("$defs",), there.data)
        near = close_like(name, inner) if isinstance(inner, dict) else None
        return (name, near) if near and near != name else ("$defs", "$defs") if near else None

    def refuse(self, document: Document, place: Place, message: str, hint: str | tuple[str, str] | None = "") -> None:
        word, near = hint if isinstance(hint, tuple) else ("", None)
        text = f"did you mean '{near}'?" if near else hint if isinstance(hint, str) else ""
        self.problems.append(document.problem("schema-ref", place, message, text, word=word, instead=near))
