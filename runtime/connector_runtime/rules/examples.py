"""Rules for worked examples: each gives exactly its requests and its output, and they show what there is.

In: a `Connector` and an operation that is whole, or (`OF_CONNECTORS`) a connector of which every operation is. Out:
findings, at the first difference of each example, or at what no example shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..answers import as_names, sentence
from ..connector import Connector
from ..dialect import plainly, sentence_of
from ..document import Document, Place
from ..enforced import listed
from ..errors import ConnectorError
from ..examples import response_of, try_example
from ..expressions import Computed
from ..messages import Response
from ..model import Operation, Schema, Trigger
from ..paths import ABSENT, walk
from ..request import evaluate
from ..schemas import Validator, with_defaults
from ..scopes import exchanges_of, operations_of
from . import Finding, rule

Subject = tuple[Connector, Operation | Trigger]
NOT_CARRIED_OUT = (ConnectorError, ValueError, OSError, TypeError)
"""What comes of trying an example where what its own parts are made of is wrong."""


@rule(
    "example-value",
    "What an example shows is declared, and fits.",
    why="People map the fields that are declared; what is only in an example cannot be chosen.",
    bad="output:\n  properties:\n    text: {type: string}\nexamples:\n  - output: {txet: Hello}",
    good="output:\n  properties:\n    text: {type: string}\nexamples:\n  - output: {text: Hello}",
)
def example_value(subject: Subject) -> Iterator[Finding]:
    """Inputs, outputs and what was fetched, in examples, that do not fit what is declared."""
    connector, operation = subject
    document, operations = operation.source.document, connector.manifest.operations
    parts: list[tuple[Place, Schema]] = [(("input",), operation.input)]
    parts.append((("data" if isinstance(operation, Trigger) else "output",), operation.output))
    for name, read in operation.fetch.items() if isinstance(operation, Trigger) else ():
        if read.query in operations:
            parts.append((("fetched", name), operations[read.query].output))
    for part, schema in parts:
        # All keys have to be known here, and none has to be there: an example of an event leaves eventId out.
        validator = Validator(listed(schema) if part != ("input",) else schema)
        for number, example in enumerate(operation.examples):
            value = walk(part, example)
            refused = part == ("input",) and (example.get("raises") or {}).get("error") == "InputError"
            if value is ABSENT or refused:
                continue
            given = with_defaults(schema, value) if part == ("input",) else value
            for it in () if validator.is_valid(given) else validator.violations(given):
                place = ("examples", number, *part, *it.place)
                place = place[:-1] if it.keyword == "required" and not it.key else place
                word = "" if it.meant is None else str(it.place[-1] if it.key else walk(it.place, value))
                message = sentence_of(it, str(part[-1]))
                if it.keyword == "unknown":
                    message = f"'{place[-1]}' is not declared"
                elif it.keyword == "required" and not it.key:
                    message = f"the example gives no '{it.place[-1]}', which is required"
                hint = it.hint if it.meant else f"declare it first, or take it out ({it.hint})" if it.key else it.hint
                yield Finding(document, place, message, hint, it.key, word, it.meant)


_WRITTEN_ANEW: tuple[Place, ...] = (("request",), ("exchanges",), ("output",), ("raises",), ("data",))


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
        except NOT_CARRIED_OUT as error:
            yield Finding(document, start, f"'{it['title']}' cannot be carried out: {error}", key=True)
            continue
        if difference:
            message = f"'{it['title']}': {difference.message}"
            place = (*start, *difference.place)
            anew = difference.place[:1] in _WRITTEN_ANEW and not difference.word
            whole = isinstance(walk(difference.place, it), dict | list)
            key, hint = (not anew or whole) and difference.place != ("source",), difference.hint
            if anew:
                hint = "if what happens now is meant, `connector examples --update` brings the example in line"
            yield Finding(document, place, message, hint, key, difference.word, difference.near)


@rule(
    "not-shown",
    "Whatever an operation can do is shown by an example.",
    why="What no example shows is not tested, and nobody can read what it does.",
    bad="errors:\n  - {when: {code: 404}, then: fail, message: There is no such message.}\n"
    "examples:\n  - {title: One message, response: {status: 200}}",
    good="errors:\n  - {when: {code: 404}, then: fail, message: There is no such message.}\n"
    "examples:\n  - {title: One message, response: {status: 200}}\n"
    "  - {title: No such message, response: {status: 404, body: {code: 404}}}",
    severity="warning",
)
def not_shown(subject: Subject) -> Iterator[Finding]:
    """What no example of an operation shows: an error, a rule, a part that fails, a source, an unwanted event."""
    connector, operation = subject
    document = operation.source.document
    if isinstance(operation, Trigger):
        shown = {it["source"] for it in operation.examples}
        for source in operation.sources:
            if source not in shown:
                yield Finding(document, ("sources", source), f"no example shows the source '{source}'", key=True)
        if operation.filter and all(it.get("wanted", True) for it in operation.examples):
            message = "no example shows an event that an automation does not want"
            yield Finding(document, ("filter",), message, "add one with `wanted: false`", key=True)
        return
    answers = list(_answers(connector, operation))
    taken = {_rule_of(operation, it) for _, it, judged in answers if judged}
    for number in range(len(operation.errors)):
        if number not in taken:
            yield _no_answer(document, ("errors", number))
    for number, it in enumerate(operation.rules):
        if not any(_breaks(operation, it.message, ex) for ex in operation.examples):
            message = "no example has an input that breaks this rule, so its sentence is never shown"
            yield Finding(document, ("rules", number), message, "add one that ends with it (under `raises`)", key=True)
    for key, spec in (("failed", operation.failed), ("partial", operation.partial)):
        if spec and not any(_holds(operation, spec.if_, names) for names, it, _ in answers if it.status < 300):
            yield _unseen(document, (key,), f"no example has an answer that '{key}' is for")


@rule(
    "not-shown-anywhere",
    "Whatever is declared for several operations is shown by an example of one of them.",
    why="What no example shows is not tested, and nobody can read what it does.",
    bad="errors:\n  - {when: {status: 429}, then: retry}",
    good="errors:\n  - {when: {status: 429}, then: retry}\n"
    "# in an operation:\nexamples:\n  - {title: Too many calls, response: {status: 429}, raises: {error: RateLimited}}",
    severity="warning",
)
def not_shown_anywhere(connector: Connector) -> Iterator[Finding]:
    """What no example of any operation shows: an error of a family, an outcome of a watch, a kind of pages."""
    manifest = connector.manifest
    for id_, api in manifest.apis.items():
        family = operations_of(manifest, id_)
        taken = {
            _rule_of(each, it) - len(each.errors)
            for each in family
            for _, it, judged in _answers(connector, each)
            if judged
        }
        for number in range(len(api.errors) if family else 0):
            if number not in taken:
                yield _no_answer(manifest.document, ("apis", id_, "errors", number))
    for id_, source in manifest.sources.items():
        hearing = [it for it in manifest.triggers.values() if id_ in it.sources]
        for word in source.watch.outcomes if source.watch and hearing else ():
            meant = any(_may_be(it, id_, word) for it in hearing)
            seen = {ex["item"].get("outcome") for it in hearing for ex in it.examples if ex["source"] == id_}
            if meant and word not in seen:
                message = f"no trigger's example has the outcome '{word}'"
                yield _unseen(manifest.document, ("sources", id_, "watch", "outcomes", word), message)
    paged = [it for it in manifest.operations.values() if it.pages]
    for kind in sorted({it.pages.by for it in paged if it.pages}):
        lists = [it for it in paged if it.pages and it.pages.by == kind]
        if not any(len(list(_own(connector, it, ex))) > 1 for it in lists for ex in range(len(it.examples))):
            yield _unseen(lists[0].source.document, ("pages",), f"no example has a second page (by {kind})")


def _unseen(document: Document, place: Place, message: str) -> Finding:
    return Finding(document, place, message, "add one, true to what the service does", key=True)


def _no_answer(document: Document, place: Place) -> Finding:
    """An error rule for answers that no example has."""
    tests = walk((*place, "when"), document.data).items()
    values = [(name, value if isinstance(value, list) else [value]) for name, value in tests]
    words = [f"{name} {' or '.join(plainly(value) for value in several)}" for name, several in values]
    message = f"no example has an answer with {' and '.join(words)}, so this error rule is never shown"
    return _unseen(document, place, message)


Answer = tuple[Mapping[str, Any], Response, bool]


def _own(connector: Connector, operation: Operation, number: int) -> Iterator[Mapping[str, Any]]:
    """The exchanges of one example that are the operation's own."""
    for place, exchange in exchanges_of(connector.manifest, operation):
        if place[1] == number:
            yield exchange


def _answers(connector: Connector, operation: Operation) -> Iterator[Answer]:
    """Every answer that its examples give it: what expressions read with it, the answer, and whether the error rules
    judge it, as they do failures and what was only partly done."""
    for place, exchange in exchanges_of(connector.manifest, operation):
        example = operation.examples[int(place[1])]
        answer = response_of(exchange.get("response", {}))
        names = {"input": with_defaults(operation.input, example["input"]), "response": as_names(answer)}
        yield names, answer, not 200 <= answer.status < 300 or (bool(operation.partial) and "raises" in example)


def _rule_of(operation: Operation, answer: Response) -> int:
    """The number of the error rule that decides about an answer: the operation's own, then those of its family."""
    api, body = operation.api, answer.data
    code, said = (api.error.code(body), api.error.message(body)) if api else (ABSENT, ABSENT)
    view = {"status": answer.status, "body": body}
    view |= {"code": None if code is ABSENT else code, "message": None if said is ABSENT else said}
    rules = (*operation.errors, *(api.errors if api else ()))
    return next((number for number, it in enumerate(rules) if it.when.fits(view)), len(rules))


def _breaks(operation: Operation, message: Computed, example: Mapping[str, Any]) -> bool:
    """Whether an example ends with the sentence of a rule."""
    raises = example.get("raises", {})
    names = {"input": with_defaults(operation.input, example["input"]), "connection": example.get("connection", {})}
    names |= {name: {} for name in operation.look_up}
    said = sentence(message, names) if raises.get("error") == "InputError" else ""
    return bool(said) and said in raises["message"]


def _holds(operation: Operation, condition: Computed, names: Mapping[str, Any]) -> bool:
    with suppress(ConnectorError):
        return bool(evaluate(condition, names, operation))
    return False


def _may_be(trigger: Trigger, source: str, word: str) -> bool:
    """Whether a trigger hears of items with an outcome."""
    tests = [values for path, _, values in trigger.sources[source].when.tests if path == ("outcome",)]
    return all(word in values for values in tests)


RULES = (example_value, example, not_shown)
"""Each is only held to where the ones before it are."""
OF_CONNECTORS = (not_shown_anywhere,)
"""Rules for a connector of which every operation is whole."""
