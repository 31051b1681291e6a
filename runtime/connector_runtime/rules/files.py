"""Rules for single files: YAML, the shape of the format, names of files, patterns.

In: a `View` of one document, or nothing: most of these are found while a file is read, where there is no document yet.
Out: findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..document import Document
from . import Finding, Rule, rule

FIRST_LINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)\s*$")
ID = re.compile(r"[a-z][a-z0-9_]*")
_OPERATIONS = ("trigger", "action", "query")

READ = (
    Rule("yaml-read", "Every file can be read.", "What cannot be read cannot be carried out.", "", ""),
    Rule(
        "yaml-size",
        "A file is not larger than a person could have written.",
        "A file of a million bytes is not a manifest, and reading it would take all memory.",
        "",
        "",
    ),
    Rule(
        "yaml-encoding",
        "Files are UTF-8.",
        "Other encodings turn letters with accents into something else.",
        "",
        "",
    ),
    Rule(
        "yaml-syntax",
        "Files are YAML.",
        "Nothing behind the mistake can be understood.",
        "title: 'It's here'",
        'title: "It\'s here"',
    ),
    Rule(
        "yaml-empty", "A file is not empty.", "An empty file is most likely one that was not saved.", "", "action: Send"
    ),
    Rule(
        "yaml-documents",
        "A file holds one document.",
        "The second one would not be read.",
        "action: Send\n---\naction: Delete",
        "action: Send",
    ),
    Rule(
        "yaml-depth",
        "Nothing is nested deeper than a person can read.",
        "Very deep nesting makes YAML readers crash.",
        "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "a: [1]",
    ),
    Rule(
        "yaml-alias",
        "Aliases name something and do not explode.",
        "A few lines of aliases can stand for millions of values.",
        "resource: *messages",
        "resource: messages",
    ),
    Rule(
        "yaml-tag",
        "There are no tags.",
        "A tag can make YAML readers run code.",
        "at: !!timestamp 2026-01-01",
        'at: "2026-01-01"',
    ),
    Rule("yaml-key", "Keys are texts.", "A list or an object cannot be a name.", "? [a, b]\n: 1", "a: 1\nb: 1"),
    Rule(
        "yaml-duplicate",
        "No key stands twice.",
        "YAML readers keep the last one and say nothing.",
        "effect: read\neffect: send",
        "effect: send",
    ),
    Rule(
        "yaml-look-alike",
        "What may be read in two ways is written in quotes.",
        "012 is ten in some readers, NO is false in others.",
        "examples: [012]",
        'examples: ["012"]',
    ),
    Rule(
        "unknown-key",
        "Every key is one of the format.",
        "A misspelled key would be passed over in silence.",
        "descripton: Sends a message.",
        "description: Sends a message.",
    ),
    Rule(
        "missing-key",
        "What the format requires is there.",
        "Without it nobody knows what is meant.",
        "action: Send Message",
        "action: Send Message\ndescription: Sends a message.",
    ),
    Rule(
        "wrong-value",
        "Every value is what the format wants.",
        "Whatever else stands there cannot be carried out.",
        "effect: sends",
        "effect: send",
    ),
    Rule(
        "schema-ref",
        "Every $ref names a schema inside the connector.",
        "What it stands for would be missing.",
        "output: {$ref: ../../schemas/mesage.yaml}",
        "output: {$ref: ../../schemas/message.yaml}",
    ),
)
"""Rules that are found while the files are read."""


@rule(
    "schema-line",
    "The first line names the JSON Schema, so that editors help.",
    why="With it, editors complete keys, show what they mean and mark mistakes while you type.",
    bad="action: Send Message",
    good="# yaml-language-server: $schema=../../format/action.json\naction: Send Message",
)
def schema_line(view: Any) -> Iterator[Finding]:
    """A first line that names another schema, or none."""
    document: Document = view.document
    match = FIRST_LINE.match(document.lines[0]) if document.lines else None
    wanted = f"format/{view.kind}.json"
    if match is None:
        hint = f"write above it: # yaml-language-server: $schema=…/connector_runtime/{wanted}"
        yield Finding(document, (), "the first line must name the JSON Schema", hint, line=1)
    elif not match[1].endswith(wanted):
        word = Path(match[1]).name
        message = f"the first line names '{word}', and this is a file for {wanted}"
        yield Finding(document, (), message, f"write {wanted}", word=word, instead=f"{view.kind}.json", line=1)


@rule(
    "file-name",
    "The name of an operation's file is its id, and no file is there in vain.",
    why="People look for an operation by its id, and a file that is never read helps nobody.",
    bad="operations/actions/Send Message.yml",
    good="operations/actions/send_message.yaml",
)
def file_name(view: Any) -> Iterator[Finding]:
    """Files whose name cannot be an id."""
    stem = Path(view.document.file).stem
    if view.kind in _OPERATIONS and not ID.fullmatch(stem):
        yield Finding(
            view.document, (), f"'{stem}' cannot be the id of an operation", "use small letters, digits and _"
        )


RULES = (schema_line, file_name)
