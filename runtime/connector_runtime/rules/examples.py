"""Rules for worked examples: each gives exactly its requests and its output, and they show what there is.

In: a `Connector` and an operation that is whole. Out: findings, at the first difference of each example.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..connector import Connector
from ..document import Place
from ..errors import ConnectorError
from ..examples import try_example
from ..model import Operation, Trigger
from . import Finding, rule

Subject = tuple[Connector, Operation | Trigger]


@rule(
    "example",
    "Every example gives exactly its requests and its output.",
    why="Examples are tests, documentation and samples at once; a wrong one misleads everybody.",
    bad="output: {deleted: false}",
    good="output: {deleted: true}",
)
def example(subject: Subject) -> Iterator[Finding]:
    """Examples that end in another way than they say."""
    connector, operation = subject
    document = operation.source.document
    for number, it in enumerate(operation.examples):
        start: Place = ("examples", number)
        try:
            difference = try_example(connector, operation, it)
        except (ConnectorError, ValueError, OSError, TypeError) as error:  # what its own parts are made of is wrong
            yield Finding(document, start, f"'{it['title']}' cannot be carried out: {error}", key=True)
            continue
        if difference:
            yield Finding(document, (*start, *difference.place), f"'{it['title']}': {difference.message}", key=True)


@rule(
    "not-shown",
    "Whatever an operation can do is shown by an example.",
    why="What no example shows is not tested, and nobody can read what it does.",
    bad="sources:\n  platform: {when: {type: sent}}\n  uploads: {when: {outcome: ready}}\n"
    "examples:\n  - {title: One, source: platform}",
    good="sources:\n  platform: {when: {type: sent}}\n  uploads: {when: {outcome: ready}}\n"
    "examples:\n  - {title: One, source: platform}\n  - {title: Another, source: uploads}",
)
def not_shown(subject: Subject) -> Iterator[Finding]:
    """Sources of a trigger without an example."""
    _, operation = subject
    shown = {it.get("source") for it in operation.examples}
    for source in operation.sources if isinstance(operation, Trigger) else ():
        if source not in shown:
            message = f"no example shows the source '{source}'"
            yield Finding(operation.source.document, ("sources", source), message, key=True)


RULES = (example, not_shown)
