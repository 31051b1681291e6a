"""Rules for triggers and for the sources that they hear: topics, facts, signatures.

In: a `Manifest`. Out: findings. `load` holds to these too: without them an event would be lost, or told twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import Document, Place
from ..expressions import Computed
from ..model import Manifest, Verify
from ..signatures import KEY_FORMS
from ..words import close_like, meant
from . import Finding, paths_read, rule, unknown


@rule(
    "topic",
    "A topic is the connector's, names its resource, and no two triggers are called the same.",
    why="Automations subscribe by topic; two triggers of one name could not be told apart.",
    bad="resource: messages\ntopic: example/media/messages.sent",
    good="resource: messages\ntopic: example/messages/messages.sent",
)
def topic(manifest: Manifest) -> Iterator[Finding]:
    """Topics of another connector or resource, and names given twice."""
    first: dict[str, str] = {}
    titles: dict[str, str] = {}
    for trigger in manifest.triggers.values():
        document = trigger.source.document
        start = f"{manifest.connector}/{trigger.resource}/"
        if not trigger.topic.startswith(start):
            connector, resource, _ = trigger.topic.split("/", 2)
            wrong, right = (connector, manifest.connector)
            if connector == manifest.connector:
                wrong, right = (resource, trigger.resource)
            message = f"the topic must start with {start} (connector and resource), and '{wrong}' is not '{right}'"
            near = right if close_like(wrong, [right]) else None
            hint = f"did you mean '{near}'?" if near else "correct the topic, or `resource`"
            yield Finding(document, ("topic",), message, hint, word=wrong, instead=near)
        event = trigger.topic.rpartition("/")[2]
        if (other := first.setdefault(event, document.file)) != document.file:
            yield Finding(
                document, ("topic",), f"{other} has the event '{event}' too", "give one of the two another event"
            )
        if (other := titles.setdefault(trigger.title, document.file)) != document.file:
            yield Finding(
                document,
                ("trigger",),
                f"{other} has the title '{trigger.title}' too",
                "give one of the two another title",
            )


@rule(
    "unknown-source",
    "Every source that is named is declared, and can be named there.",
    why="A trigger that listens to nothing never fires.",
    bad="sources:\n  platfrom:\n    when: {type: sent}",
    good="sources:\n  platform:\n    when: {type: sent}",
)
def unknown_source(manifest: Manifest) -> Iterator[Finding]:
    """Sources that do not exist, or that are only like another one."""
    for id_, source in manifest.sources.items():
        if source.webhook and source.webhook.like:
            yield from _like(manifest, ("sources", id_, "webhook", "like"), id_, source.webhook.like)
    for trigger in manifest.triggers.values():
        document = trigger.source.document
        for name in trigger.sources:
            place: Place = ("sources", name)
            known = manifest.sources.get(name)
            if known is None:
                yield _unknown(manifest, document, place, name, key=True)
            elif known.webhook and known.webhook.like:
                model = known.webhook.like
                message = f"'{name}' is like '{model}', and hears all that is said of that one"
                yield Finding(document, place, message, f"name '{model}' instead", True, name, model)


def _like(manifest: Manifest, place: Place, id_: str, model: str) -> Iterator[Finding]:
    document, named = manifest.document, manifest.sources.get(model)
    if named is None:
        yield _unknown(manifest, document, place, model)
    elif model == id_:
        yield Finding(document, place, "a source cannot be like itself", "name another source")
    elif named.webhook is None:
        yield Finding(document, place, f"'{model}' is a watch, and only a webhook can be a model", "name a webhook")
    elif named.webhook.like:
        yield Finding(
            document, place, f"'{model}' is itself like '{named.webhook.like}'", f"name '{named.webhook.like}'"
        )


def _unknown(manifest: Manifest, document: Document, place: Place, id_: str, *, key: bool = False) -> Finding:
    hint = "sources are declared in connector.yaml"
    return unknown(document, place, id_, manifest.sources, f"there is no source '{id_}'", hint, key=key)


@rule(
    "unknown-fact",
    "What makes it the same event is a fact of every source.",
    why="Without it, the same event would be told twice, or two events would be taken for one.",
    bad="sources:\n  platform:\n    facts: {messageId: data.id}\nsame_event: [messageId, state]",
    good="sources:\n  platform:\n    facts: {messageId: data.id, state: data.state}\nsame_event: [messageId, state]",
)
def unknown_fact(manifest: Manifest) -> Iterator[Finding]:
    """Facts that a source does not have."""
    for trigger in manifest.triggers.values():
        document = trigger.source.document
        fetched = {name for it in trigger.fetch.values() for name in it.facts}
        for number, name in enumerate(trigger.same_event):
            lacking = [source for source, it in trigger.sources.items() if name not in {*it.facts, *fetched}]
            for source in lacking[:1]:
                known = {*trigger.sources[source].facts, *fetched}
                message = f"the source '{source}' has no fact '{name}'"
                hint = "add it to the facts of each source, or take it out of same_event"
                yield unknown(document, ("same_event", number), name, sorted(known), message, hint)


@rule(
    "fetch-order",
    "A read only uses what was read before it.",
    why="Reads are made in the order in which they stand.",
    bad="fetch:\n  shop: {query: get_shop, input: {shopId: '{{ fetched.order.shopId }}'}}\n  order: {query: get_order}",
    good="fetch:\n  order: {query: get_order}\n  shop: {query: get_shop, input: {shopId: '{{ fetched.order.shopId }}'}}",
)
def fetch_order(manifest: Manifest) -> Iterator[Finding]:
    """Reads that need a later one."""
    for trigger in manifest.triggers.values():
        for number, (name, read) in enumerate(trigger.fetch.items()):
            later = [*trigger.fetch][number:]
            reads = [(given, path) for given, it in read.input.data.items() for path in paths_read(Computed(it))]
            for given, path in reads:
                if path[0] == "fetched" and len(path) > 1 and path[1] in later:
                    message = f"'{path[1]}' is read later than '{name}', so there is nothing in it yet"
                    place: Place = ("fetch", name, "input", given)
                    word = f"fetched.{path[1]}"
                    hint = f"put '{path[1]}' above '{name}'" if path[1] != name else "take it out"
                    yield Finding(trigger.source.document, place, message, hint, word=word)


@rule(
    "signature",
    "What a signature is made of is declared, and its timestamp is signed.",
    why="A timestamp that is not signed can be changed by anybody, and an old call be sent again.",
    bad="signed: '{timestamp}.{body}'",
    good="signed: '{timestamp}.{body}'\ntimestamp: {header: X-Timestamp, tolerance: 5m}",
)
def signature(manifest: Manifest) -> Iterator[Finding]:
    """Signatures that do not hold what they promise."""
    for id_, source in manifest.sources.items():
        if source.webhook and source.webhook.verify:
            place: Place = ("sources", id_, "webhook", "verify")
            yield from _signed(manifest.document, place, source.webhook.verify)
            yield from _key_form(manifest, (*place, "key", "form"), source.webhook.verify.key.form)


def _signed(document: Document, place: Place, verify: Verify) -> Iterator[Finding]:
    names = {name.lower() for name in re.findall(r"\{([^}]+)\}", verify.signed)}
    header = verify.timestamp.header if verify.timestamp else None
    strange = [
        (name, near)
        for name in sorted(names - {"body", "timestamp"})
        if "-" not in name
        and (near := "timestamp" if "timestamp".startswith(name) else close_like(name, ["body", "timestamp"]))
    ]
    for name, near in strange:
        message = f"{{{name}}} would be a header of that name"
        yield Finding(document, (*place, "signed"), message, f"did you mean '{{{near}}}'?", word=name, instead=near)
    if strange:
        return
    if "timestamp" in names and not header:
        message = "{timestamp} is signed, and nothing says which header it stands in"
        hint = "write `timestamp: {header: …, tolerance: 5m}` beside it"
        yield Finding(document, (*place, "signed"), message, hint, word="timestamp")
    elif header and not {"timestamp", header.lower()} & names:
        message = "the timestamp is not signed, so anybody could change it"
        hint = "put {timestamp} into signed, where the service signs it"
        yield Finding(document, (*place, "timestamp"), message, hint, key=True)


def _key_form(manifest: Manifest, place: Place, form: Computed) -> Iterator[Finding]:
    """The form of a key is one of three words, or a setting that can be nothing else."""
    document, written = manifest.document, str(form.data).strip()
    if "{{" not in written:
        if written not in KEY_FORMS:
            yield unknown(document, place, written, KEY_FORMS, f"'{written}' is none of {', '.join(KEY_FORMS)}")
        return
    setting = re.fullmatch(r"\{\{\s*connection\.(\w+)\s*\}\}", written)
    if (
        setting
        and setting[1] not in manifest.settings["properties"]
        and meant(setting[1], manifest.settings["properties"])
    ):
        return  # a misspelled setting, which is said where expressions are looked at
    schema = manifest.settings["properties"].get(setting[1]) if setting else None
    values = enumerate(schema.get("enum", ()) if setting and schema else ())
    wrong = [(number, value) for number, value in values if meant(str(value), KEY_FORMS) and value not in KEY_FORMS]
    for number, value in wrong:
        at: Place = ("settings", "properties", setting[1] if setting else "", "enum", number)
        yield unknown(document, at, str(value), KEY_FORMS, f"'{value}' is none of {', '.join(KEY_FORMS)}")
    if wrong:
        return
    elsewhere = {path[0] for path in paths_read(form)} != {"connection"}  # so is this
    if not elsewhere and not (
        schema and "default" in schema and all(it in KEY_FORMS for it in schema.get("enum", [""]))
    ):
        message = f"'{written}' is not one setting whose values are among {', '.join(KEY_FORMS)}"
        yield Finding(document, place, message, "declare it under `settings`, with enum and default")


RULES = (topic, unknown_source, unknown_fact, fetch_order, signature)
