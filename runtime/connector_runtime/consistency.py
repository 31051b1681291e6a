"""Whether the parts of a connector fit together, which no schema of one file can say.

In: an operation, a trigger, a whole manifest. Out: the problems, each at its place. Nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from .document import Document, Place
from .enforced import LIST_INPUTS
from .errors import Problem
from .expressions import Computed
from .model import Call, Fetch, Look, Manifest, Operation, Trigger, Verify, Wait, Watch
from .paths import Part, parse_path, walk
from .schemas import close_like, meant
from .signatures import KEY_FORMS

_TAKEN = ("input", "connection", "now", "response", "record", "item", "file", "job", "waited", "code", "message")
ITEM = ("done", "late", "input", "output", "error", "found", "outcome", "call", "time")
"""What an item of a watch may have."""
FOLDERS = {"trigger": "operations/triggers", "action": "operations/actions", "query": "operations/queries"}


def operation_problems(operation: Operation) -> Iterator[Problem]:
    """What an operation says of its own inputs and of its request must fit together."""
    document, request, inputs = operation.source.document, operation.request, operation.input["properties"]
    required = operation.input.get("required", ())
    place: Place = ("request", "path")
    for name in request.placeholders if request else ():
        if name not in inputs:
            yield document.problem("path-input", place, f"the path names {{{name}}}, and there is no input '{name}'")
        elif name not in required:
            message = f"the path needs {{{name}}}, so the input '{name}' must be required"
            yield document.problem("path-input", place, message)
    for number, name in enumerate(request.leave_out if request else ()):
        if name not in inputs:
            hint = meant(name, inputs)
            at: Place = ("request", "leave_out", number)
            yield document.problem("unknown-input", at, f"there is no input '{name}' to leave out", hint)
    bodies = [key for key in ("json", "form") if request and (getattr(request, key) or request.inputs == key)]
    if request and len(bodies) == 2:
        yield document.problem("request-body", ("request",), "a request has a JSON body or a form body, not both")
    elif request and bodies and request.method in ("GET", "DELETE"):
        message = f"a {request.method} request has no body; use params"
        yield document.problem("request-body", ("request", "method"), message)
    if request and not request.inputs:
        used = {*request.placeholders, *request.leave_out, *LIST_INPUTS, *_read(operation)}
        for name in (name for name in inputs if name not in used):
            at = ("input", "properties", name)
            message = f"the input '{name}' goes nowhere"
            hint = "say where the inputs go (request: inputs), or use it in an expression"
            yield document.problem("unused-input", at, message, hint, key=True)
    if operation.upload:
        name = operation.upload.file
        if name not in required or inputs.get(name, {}).get("format") != "file":
            message = f"'{name}' must be a required input with format: file"
            yield document.problem("upload-input", ("upload", "file"), message)
    for name in operation.look_up:
        if name in _TAKEN:
            yield document.problem("taken-name", ("look_up", name), f"'{name}' already means something here", key=True)
    for name in LIST_INPUTS if operation.records else ():
        if name in document.data.get("input", {}).get("properties", {}):
            at = ("input", "properties", name)
            yield document.problem("taken-name", at, f"every list has '{name}' of its own", key=True)


def trigger_problems(trigger: Trigger) -> Iterator[Problem]:
    """What makes it the same event must be known, whichever source saw it."""
    document = trigger.source.document
    fetched = {name for it in trigger.fetch.values() for name in it.facts}
    for number, name in enumerate(trigger.same_event):
        for source, it in trigger.sources.items():
            if name not in it.facts and name not in fetched:
                hint = meant(name, {*it.facts, *fetched})
                message = f"the source '{source}' has no fact '{name}'"
                yield document.problem("unknown-fact", ("same_event", number), message, hint)
    if "eventId" in document.data["output"].get("properties", {}):
        place: Place = ("output", "properties", "eventId")
        yield document.problem("taken-name", place, "every event has 'eventId' of its own", key=True)
    for number, (name, read) in enumerate(trigger.fetch.items()):
        later = [*trigger.fetch][number:]
        for path in _reads(read.input):
            if path[0] == "fetched" and len(path) > 1 and path[1] in later:
                message = f"'{path[1]}' is read later than '{name}', so there is nothing in it yet"
                yield document.problem("expression-name", ("fetch", name, "input"), message, "put it before", key=True)


def _reads(computed: Computed) -> tuple[tuple[Part, ...], ...]:
    """The paths that its expressions read; none where one of them is wrong: the check says that."""
    with suppress(ValueError):
        return computed.reads
    return ()


def _read(operation: Operation) -> set[str]:
    """The inputs that any expression of an operation reads."""
    assert operation.request is not None
    partial, failed, records = operation.partial, operation.failed, operation.records
    computed: list[Computed | None] = [*operation.request.computed(), operation.returns]
    computed += [each for rule in operation.rules for each in (rule.must, rule.message)]
    computed += [call.input for call in operation.look_up.values()]
    computed += [rule.message for rule in (*operation.errors, *(operation.api.errors if operation.api else ()))]
    computed += [partial.if_, partial.fail_if, partial.message] if partial else []
    computed += [failed.if_, failed.message] if failed else []
    computed += [*records.add.values()] if records else []
    reads = [path for each in computed if each for path in _reads(each)]
    return {str(path[1]) for path in reads if path[0] == "input" and len(path) > 1}


def manifest_problems(manifest: Manifest) -> Iterator[Problem]:
    """Everything that names an operation must name one that exists and fits."""
    yield from _reference(manifest, manifest.document, ("service", "probe"), manifest.service.probe, reads=True)
    host = urlsplit(manifest.service.base_url).netloc.lower()
    if not {host, host.removesuffix(":443")} & set(manifest.service.hosts):
        message = "the host of base_url is not among hosts, so it would get no credentials"
        yield manifest.document.problem("host", ("service", "base_url"), message)
    yield from _sources(manifest)
    everything: list[Operation | Trigger] = [*manifest.operations.values(), *manifest.triggers.values()]
    for each in everything:
        document = each.source.document
        for place, schema in _inputs(each.input, ("input",)):
            if options := schema.get("x-options"):
                yield from _reference(manifest, document, (*place, "x-options", "query"), options["query"], reads=True)
    for operation in manifest.operations.values():
        document = operation.source.document
        for name, call in operation.look_up.items():
            yield from _call(manifest, document, ("look_up", name), call)
        if operation.upload:
            job = operation.upload.job
            yield from _reference(manifest, document, ("upload", "job", "action"), job.action, reads=False)
            yield from _given(manifest, document, ("upload", "job"), job.action, job.input)
            yield from _call(manifest, document, ("upload", "wait"), operation.upload.wait)
    yield from _triggers(manifest)


def _sources(manifest: Manifest) -> Iterator[Problem]:
    """What the sources name must exist, and signatures must hold what they promise."""
    document = manifest.document
    for id_, source in manifest.sources.items():
        place: Place = ("sources", id_)
        watch, webhook = source.watch, source.webhook
        for number, action in enumerate(watch.after if watch else ()):
            after: Place = (*place, "watch", "after")
            several = isinstance(walk(after, document.data), list)
            at = (*after, number) if several else after
            yield from _reference(manifest, document, at, action, reads=False)
            if (named := manifest.operations.get(action)) and named.kind != "action":
                yield document.problem("unknown-operation", at, f"'{action}' is a query; only actions are watched")
        if watch and watch.look:
            yield from _call(manifest, document, (*place, "watch", "look"), watch.look)
        for word, whens in (watch.outcomes if watch else {}).items():
            for when in whens:
                paths = [path for path, _, _ in when.tests]
                yield from _item_paths(document, (*place, "watch", "outcomes", word), paths)
        if webhook and webhook.like:
            yield from _like(manifest, document, (*place, "webhook", "like"), id_, webhook.like)
        if webhook and webhook.verify:
            yield from _signature(manifest, document, (*place, "webhook", "verify"), webhook.verify)


def _like(manifest: Manifest, document: Document, place: Place, id_: str, model: str) -> Iterator[Problem]:
    named = manifest.sources.get(model)
    if named is None:
        yield _unknown_source(manifest, document, place, model)
    elif model == id_:
        yield document.problem("unknown-source", place, "a source cannot be like itself")
    elif named.webhook is None:
        yield document.problem("unknown-source", place, f"'{model}' is a watch, and only a webhook can be a model")
    elif named.webhook.like:
        hint = f"name '{named.webhook.like}'"
        yield document.problem("unknown-source", place, f"'{model}' is itself like '{named.webhook.like}'", hint)


def _signature(manifest: Manifest, document: Document, place: Place, verify: Verify) -> Iterator[Problem]:
    names = {name.lower() for name in re.findall(r"\{([^}]+)\}", verify.signed)}
    header = verify.timestamp.header if verify.timestamp else None
    if "timestamp" in names and not header:
        message = "{timestamp} is signed, and nothing says which header it stands in"
        yield document.problem("signature", (*place, "signed"), message)
    elif header and not {"timestamp", header.lower()} & names:
        message = "the timestamp is not signed, so anybody could change it"
        hint = "put {timestamp} into signed, where the service signs it"
        yield document.problem("signature", (*place, "timestamp"), message, hint)
    for name in sorted(names - {"body", "timestamp"}):
        near = "timestamp" if "timestamp".startswith(name) else close_like(name, ["body", "timestamp"])
        if "-" not in name and near:
            message = f"{{{name}}} would be a header of that name"
            yield document.problem("signature", (*place, "signed"), message, f"did you mean '{{{near}}}'?")
    yield from _key_form(manifest, document, (*place, "key", "form"), verify.key.form)


def _key_form(manifest: Manifest, document: Document, place: Place, form: Computed) -> Iterator[Problem]:
    """The form of a key is one of three words, or a setting that can be nothing else."""
    written = str(form.data).strip()
    if "{{" not in written:
        if written not in KEY_FORMS:
            hint = meant(written, KEY_FORMS)
            yield document.problem("signature", place, f"'{written}' is none of {', '.join(KEY_FORMS)}", hint)
        return
    setting = re.fullmatch(r"\{\{\s*connection\.(\w+)\s*\}\}", written)
    schema = manifest.settings["properties"].get(setting[1]) if setting else None
    elsewhere = {path[0] for path in _reads(form)} != {"connection"}  # the check says so
    if not elsewhere and not (schema and "default" in schema and {*schema.get("enum", [""])} <= {*KEY_FORMS}):
        message = f"'{written}' is not one setting whose values are among {', '.join(KEY_FORMS)}"
        yield document.problem("signature", place, message, "declare it under `settings`, with enum and default")


def _triggers(manifest: Manifest) -> Iterator[Problem]:
    """Topics belong to the connector and are told apart; sources and reads exist."""
    first: dict[str, str] = {}
    titles: dict[str, str] = {}
    for trigger in manifest.triggers.values():
        document = trigger.source.document
        start = f"{manifest.connector}/{trigger.resource}/"
        if not trigger.topic.startswith(start):
            message = f"the topic must start with {start} (connector and resource)"
            yield document.problem("topic", ("topic",), message, "correct the one or the other")
        event = trigger.topic.rpartition("/")[2]
        if (other := first.setdefault(event, document.file)) != document.file:
            yield document.problem("topic", ("topic",), f"{other} has the event '{event}' too")
        if (other := titles.setdefault(trigger.title, document.file)) != document.file:
            yield document.problem("topic", ("trigger",), f"{other} has the title '{trigger.title}' too")
        for name in trigger.sources:
            known = manifest.sources.get(name)
            if known is None:
                yield _unknown_source(manifest, document, ("sources", name), name, key=True)
            elif known.webhook and known.webhook.like:
                message = f"'{name}' is like '{known.webhook.like}', and hears all that is said of that one"
                hint = f"name '{known.webhook.like}' instead"
                yield document.problem("unknown-source", ("sources", name), message, hint, key=True)
            elif known.watch:
                yield from _of_a_watch(document, name, trigger, known.watch)
        for name, fetch in trigger.fetch.items():
            yield from _call(manifest, document, ("fetch", name), fetch)
        yield from _fetched(manifest, trigger)


def _of_a_watch(document: Document, name: str, trigger: Trigger, watch: Watch) -> Iterator[Problem]:
    """A trigger can only be for what an item of a watch has, and for the outcomes that it names."""
    place: Place = ("sources", name)
    for path, _, values in trigger.sources[name].when.tests:
        yield from _item_paths(document, (*place, "when"), [path])
        words = [word for word in values if isinstance(word, str)] if path == ("outcome",) else []
        for word in (it for it in words if it not in watch.outcomes):
            hint = meant(word, watch.outcomes, f"there are {', '.join(watch.outcomes)}")
            yield document.problem("unknown-source", (*place, "when", "outcome"), f"there is no outcome '{word}'", hint)
    for fact, texts in document.data["sources"][name]["facts"].items():
        paths = [parse_path(text) for text in ([texts] if isinstance(texts, str) else texts)]
        yield from _item_paths(document, (*place, "facts", fact), paths)


def _item_paths(document: Document, place: Place, paths: list[tuple[Part, ...]]) -> Iterator[Problem]:
    for path in paths:
        if path[0] not in ITEM:
            hint = meant(str(path[0]), ITEM, f"there are {', '.join(ITEM)}")
            yield document.problem("unknown-fact", place, f"an item of a watch has no '{path[0]}'", hint)


def _fetched(manifest: Manifest, trigger: Trigger) -> Iterator[Problem]:
    """What is read of a read must be in the output of its query."""
    document = trigger.source.document
    outputs = {
        name: manifest.operations[it.query].output["properties"]
        for name, it in trigger.fetch.items()
        if it.query in manifest.operations and manifest.operations[it.query].effect == "read"
    }
    texts: list[tuple[Place, Computed]] = [(("filter",), trigger.filter)] if trigger.filter else []
    if isinstance(trigger.returns.data, dict):
        texts += [(("returns", key), Computed(value)) for key, value in trigger.returns.data.items()]
        for key in (key for key in trigger.returns.data if key not in trigger.output["properties"]):
            hint = meant(key, trigger.output["properties"], "declare it under `output`")
            yield document.problem("unknown-output", ("returns", key), f"the output has no '{key}'", hint, key=True)
    texts += [(("fetch", name, "input"), it.input) for name, it in trigger.fetch.items()]
    reads = [(place, path) for place, it in texts for path in _reads(it) if path[0] == "fetched"]
    for name in trigger.fetch:
        facts = document.data["fetch"][name].get("facts", {})
        reads += [(("fetch", name, "facts", fact), ("fetched", name, *parse_path(it))) for fact, it in facts.items()]
    for place, path in reads:
        if len(path) > 2 and path[1] in outputs and path[2] not in outputs[str(path[1])]:
            hint = meant(str(path[2]), outputs[str(path[1])])
            query = trigger.fetch[str(path[1])].query
            yield document.problem("expression-name", place, f"the output of {query} has no '{path[2]}'", hint)


def _call(manifest: Manifest, document: Document, place: Place, call: Call | Wait | Look | Fetch) -> Iterator[Problem]:
    """A call of an operation that reads: it exists, and gets the inputs that it has."""
    wrong = list(_reference(manifest, document, (*place, "query"), call.query, reads=True))
    yield from wrong or _given(manifest, document, place, call.query, call.input)


def _given(manifest: Manifest, document: Document, place: Place, id_: str, given: Computed) -> Iterator[Problem]:
    named = manifest.operations.get(id_)
    inputs = named.input["properties"] if named else {}
    for name in given.data if named else ():
        if name not in inputs:
            hint = meant(name, inputs, f"it has {', '.join(inputs) or 'none'}")
            message = f"{id_} has no input '{name}'"
            yield document.problem("call-input", (*place, "input", name), message, hint, key=True)
    for name in named.input.get("required", ()) if named else ():
        misspelled = any(it not in inputs and close_like(it, [name]) for it in given.data)
        if name not in given.data and not misspelled:
            yield document.problem("call-input", place, f"{id_} needs the input '{name}'")


def _unknown_source(manifest: Manifest, document: Document, place: Place, id_: str, *, key: bool = False) -> Problem:
    hint = meant(id_, manifest.sources, "sources are declared in connector.yaml")
    return document.problem("unknown-source", place, f"there is no source '{id_}'", hint, key=key)


def _inputs(schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """A schema and all below it, each with its place."""
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _inputs(inner, (*place, "properties", name))
    if "items" in schema:
        yield from _inputs(schema["items"], (*place, "items"))


def _reference(manifest: Manifest, document: Document, place: Place, id_: str, *, reads: bool) -> Iterator[Problem]:
    named = manifest.operations.get(id_)
    if id_ in manifest.triggers:
        yield document.problem("unknown-operation", place, f"'{id_}' is a trigger, which cannot be called")
        return
    if named is None and any((manifest.folder / folder / f"{id_}.yaml").is_file() for folder in FOLDERS.values()):
        return  # it is broken, and its own problems say so
    if named is None:
        hint = meant(id_, manifest.operations)
        yield document.problem("unknown-operation", place, f"there is no operation '{id_}'", hint)
    elif reads and named.effect != "read":
        yield document.problem("reference-effect", place, f"'{id_}' does more than read, so it cannot stand here")
