"""Rules for what people and agents read: titles, descriptions, the words of inputs, and names that are not too long.

In: a `View` of one document. Out: findings, each at the place where the words are declared; words that are missing in a
schema that several inputs refer to are missed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..document import Document, Place
from ..enforced import kinds_of
from ..model import Operation
from ..paths import walk
from ..titles import MOST_OF_A_DESCRIPTION, MOST_OF_A_TITLE, MOST_OF_A_TOOL, alike, capital, is_code, titled
from . import Finding, rule
from .views import View

_INPUT_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_OPERATIONS = ("trigger", "action", "query")
_ENDED = re.compile(r"[.?!…。！？][\])}\"'”’»`*]*\Z")
_UNSEEN = re.compile("[\0-\x09\x0b-\x1f\x7f-\xa0\u00ad\u061c\u200b\u200e\u200f\u2028-\u202f\u2060-\u2069\ufeff]")
_MARKUP = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|code|pre|ul|ol|li|div|span|h[1-6]|img|table|tr|td|script|style)\b[^<>]*>"
    r"|\[[^\[\]]+\]\([^()\s]+\)|\*\*[^*]+\*\*",
    re.IGNORECASE,
)


Words = Iterator[tuple[Place, str, str, str]]


def _words(view: View) -> Words:
    """Every title and description: the place that holds both, the key and the text of each; empty where it is not."""
    data = view.document.data
    pairs: list[tuple[Place, Mapping[str, Any], str, str]] = []
    if view.kind in _OPERATIONS:
        pairs.append(((), data, view.kind, "description"))
    elif view.kind == "connector":
        pairs.append(((), data, "title", "summary"))
        pairs += [(("sign_in", id_), it, "title", "description") for id_, it in data["sign_in"].items()]
        pairs += [(("sources", id_), it, "title", "description") for id_, it in data.get("sources", {}).items()]
    pairs += [(place, schema, "title", "description") for place, schema in view.schemas]
    for place, it, title, description in pairs:
        if title in it or description in it:
            yield place, title, str(it.get(title, "")), description
            yield place, description, str(it.get(description, "")), title


def titles(view: View) -> Iterator[tuple[Place, str]]:
    """Every title, with its place."""
    for place, key, text, _ in _words(view):
        if text and key not in ("description", "summary"):
            yield (*place, key), text


def descriptions(view: View) -> Iterator[tuple[Place, str, str]]:
    """Every description (of a connector: its summary), with its place and the title beside it, empty where none is."""
    for place, key, text, other in _words(view):
        if text and key in ("description", "summary"):
            yield (*place, key), text, str(walk((*place, other), view.document.data) or "")


@rule(
    "title-case",
    "Titles are In Title Case, do not start with an article and do not end with a full stop.",
    why="Titles stand beside each other in lists and menus; written in several ways they look like a mistake.",
    bad="trigger: A message was sent.",
    good="trigger: Message Was Sent",
)
def title_case(view: View) -> Iterator[Finding]:
    """Titles that are written in another way. The connector's own is the name of the service, as that is spelled."""
    known = _names(view)
    for place, text in titles(view):
        if place == ("title",) and view.kind == "connector":
            capital = text[:1].upper() + text[1:]
            spelled = any(capital in line for line in view.document.lines)
            wanted = capital if spelled else text
        else:
            wanted = titled(text.strip(), known)
        if wanted != text:
            safe = wanted[:1].isalnum() and (wanted[-1:].isalnum() or wanted[-1:] in ")]")
            yield Finding(
                view.document,
                place,
                f"'{text}' is not written as a title",
                f"write '{wanted}'" if wanted else "give it a name",
                word=text,
                instead=wanted if safe else None,
            )


def _names(view: View) -> frozenset[str]:
    """Words that the connector's own name has, which are written as they are there."""
    title = view.manifest.title if view.manifest else ""
    return frozenset(title.split())


@rule(
    "description",
    "Descriptions are sentences, and say more than the title.",
    why="People and agents decide by them what to use; a title said twice does not help them.",
    bad="action: Delete Message\ndescription: delete message",
    good="action: Delete Message\ndescription: Deletes a message that was scheduled, so that it is not sent.",
)
def description(view: View) -> Iterator[Finding]:
    """Descriptions that are no sentences, that stand in spaces, or that repeat the title."""
    document, known = view.document, _names(view)
    for place, text, title in descriptions(view):
        bare = text.strip()
        if title and alike(text) == alike(title):
            yield Finding(
                document, place, "this description only says the title again", "say what it is, or what it is for"
            )
            continue
        if bare != text.rstrip("\n"):
            yield Finding(document, place, "there are spaces in front of this text or behind it", "take them out")
        first = bare.split(None, 1)[0] if bare else ""
        if first and not (capital(first) == first or is_code(first) or first in known):
            message, instead = "this description does not start with a capital letter", capital(first)
            yield Finding(document, place, message, f"write '{instead}'", word=first, instead=instead)
        if bare and not _ENDED.search(bare):
            message, last = "this description does not end with a full stop", _last(document, place, bare)
            mended = f"{last}." if last else None
            yield Finding(document, place, message, "write a whole sentence", word=last, instead=mended)


def _last(document: Document, place: Place, text: str) -> str:
    """The end of a text, long enough to be found in the file; empty where it cannot be."""
    mark, parts = document.mark(place), text.split()
    for count in range(1, min(len(parts), 12) + 1):
        tail = " ".join(parts[-count:])
        if tail[-1].isalnum() and (found := document.find(tail, mark)):
            until = mark.end_column - 1 if found.line == mark.end_line else None
            rest = [document.lines[found.line - 1][found.end_column - 1 : until]]
            rest += document.lines[found.line : mark.end_line - 1]
            if not "".join(rest).strip("\"' "):
                return tail
    return ""


@rule(
    "plain-text",
    "Titles and descriptions are plain text.",
    why="Nobody sees these characters, and tags are shown as they are: most forms and agents know plain text only.",
    bad="description: Deletes a <b>message</b>.",
    good="description: Deletes a message.",
)
def plain_text(view: View) -> Iterator[Finding]:
    """Characters that nobody sees, HTML, and Markdown."""
    for around, key, text, _ in _words(view):
        place = (*around, key)
        if found := _UNSEEN.search(text):
            message = f"there is a character that nobody sees here (U+{ord(found[0]):04X}), behind '{text[: found.start()][-20:]}'"
            yield Finding(view.document, place, message, "take it out, or write a plain space")
        if found := _MARKUP.search(text):
            message = f"'{found[0]}' would be shown as it is"
            yield Finding(view.document, place, message, "write plain text", word=found[0])


@rule(
    "input-words",
    "Every input has a title, a description and an example.",
    why="They are all that people see in a form, and all that an agent knows.",
    bad="text: {type: string}",
    good="text: {type: string, title: Text, description: What the post says., examples: [Our spring menu is here.]}",
)
def input_words(view: View) -> Iterator[Finding]:
    """Inputs, settings and fields of a sign-in of which something is not said."""
    operation = view.operation
    if operation:
        for place, schema in _inputs(operation.input, ("input",)):
            if lacking := _lacking(schema):
                document, inner = operation.source.origin(place)
                yield _silent(document, inner, str(place[-1]), lacking)
    elif view.kind == "connector" and view.manifest:
        places: dict[Place, Any] = {("settings",): view.manifest.settings}
        places |= {("sign_in", id_, "fields"): it.fields for id_, it in view.manifest.sign_in.items()}
        for root, fields in places.items():
            for place, schema in _inputs(fields, root):
                if lacking := _lacking(schema):
                    yield _silent(view.document, place, str(place[-1]), lacking)


def _silent(document: Document, place: Place, name: str, lacking: list[str]) -> Finding:
    said = " and ".join([", ".join(lacking[:-1]), lacking[-1]] if len(lacking) > 1 else lacking)
    keys = [{"no title": "title", "no description": "description", "no example": "examples"}[it] for it in lacking]
    hint = f"add {' and '.join([', '.join(keys[:-1]), keys[-1]] if len(keys) > 1 else keys)}"
    return Finding(document, place, f"the input '{name}' has {said}", hint, key=True)


def _inputs(schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every named input below a schema, with its place."""
    for name, inner in schema.get("properties", {}).items():
        yield (*place, "properties", name), inner
        yield from _inputs(inner, (*place, "properties", name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _inputs(schema[key], (*place, key))
    for number, inner in enumerate(schema.get("anyOf", ())):
        yield from _inputs(inner, (*place, "anyOf", number))


def _lacking(schema: Mapping[str, Any]) -> list[str]:
    lacking = [f"no {key}" for key in ("title", "description") if not schema.get(key)]
    return lacking if _shows(schema) else [*lacking, "no example"]


def _shows(schema: Mapping[str, Any]) -> bool:
    """Whether one can see what a value looks like. A secret is better not shown."""
    if any(key in schema for key in ("examples", "enum", "const", "default", "properties")) or schema.get("writeOnly"):
        return True
    inner = [*schema.get("anyOf", ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), Mapping)]
    return {*kinds_of(schema)} - {"null"} == {"boolean"} or any(_shows(each) for each in inner)


@rule(
    "name-length",
    "Names are not longer than people and agents can take.",
    why="Agents' clients refuse all tools of a connector if one name or description is too long for them.",
    bad="operations/actions/schedule_a_message_on_one_or_more_social_profiles_or_publish_it.yaml",
    good="operations/actions/schedule_message.yaml",
)
def name_length(view: View) -> Iterator[Finding]:
    """Titles, ids, descriptions and names of inputs that are too long, or that agents cannot take."""
    document, operation = view.document, view.operation
    for place, text in titles(view):
        if len(text) > MOST_OF_A_TITLE:
            message = f"this title has {len(text)} characters, and lists and menus show {MOST_OF_A_TITLE} at most"
            yield Finding(document, place, message, "make it shorter, and say the rest in the description")
    if view.kind not in _OPERATIONS:
        return
    size = len(document.data["description"])
    if size > MOST_OF_A_DESCRIPTION:
        message = f"this description has {size:,} characters, and agents take {MOST_OF_A_DESCRIPTION:,} at most"
        yield Finding(
            document, ("description",), message, "make it shorter, and say the rest where the inputs are described"
        )
    if operation and view.manifest and view.kind != "trigger":
        tool = f"{view.manifest.connector}_{operation.id}"
        if len(tool) > MOST_OF_A_TOOL:
            message = (
                f"agents would call it {tool}, which has {len(tool)} characters, and they take {MOST_OF_A_TOOL} at most"
            )
            yield Finding(document, (view.kind,), message, "give the file a shorter name", key=True)
    for place, _ in _inputs(operation.input, ("input",)) if operation else ():
        name = str(place[-1])
        if not _INPUT_NAME.fullmatch(name):
            there, inner = operation.source.origin(place)  # type: ignore[union-attr]
            message = f"'{name}' cannot be the name of an input: agents take letters without accents, digits, _, . and -, {MOST_OF_A_TOOL} at most"
            yield Finding(
                there, inner, message, "give it another name, and send it under its own one in the request", key=True
            )


@rule(
    "agent-schema",
    "The input of an operation is one object, not a choice of several.",
    why="Agents' clients leave a tool out if its input has anyOf at the top, and nobody is told.",
    bad="input:\n  anyOf:\n    - {required: [text]}\n    - {required: [media]}",
    good="input:\n  properties:\n    text: {type: string}\n    media: {type: string}\nrules:\n"
    "  - {must: '{{ input.text or input.media }}', message: Give a text or a picture.}",
)
def agent_schema(view: View) -> Iterator[Finding]:
    """Inputs that agents cannot be offered."""
    operation = view.operation
    if operation and "anyOf" in operation.input:
        document, place = operation.source.origin(("input", "anyOf"))
        hint = "list all inputs under `properties`, and say under `rules` which go together"
        yield Finding(document, place, "the input cannot be a choice of several objects", hint, key=True)
    if operation and kinds_of(operation.input) != ["object"]:
        document, place = operation.source.origin(("input", "type"))
        yield Finding(document, place, "the input is always an object", "take `type` out")


@rule(
    "similar-titles",
    "No two actions and no two queries have the same title.",
    why="People choose an operation by its title, and could not tell the two apart.",
    bad="query: Get Message\n---\nquery: Get message",
    good="query: Get Message\n---\nquery: Get Message History",
)
def similar_titles(view: View) -> Iterator[Finding]:
    """Titles that an operation before this one has already, capitals and punctuation aside."""
    operation = view.operation
    if view.manifest and isinstance(operation, Operation):
        same = (it for it in view.manifest.operations.values() if it.kind == operation.kind)
        first = next(it for it in same if it is operation or alike(it.title) == alike(operation.title))
        if first is not operation:
            message = f"{first.source.document.file} has the title '{first.title}' too"
            yield Finding(view.document, (view.kind,), message, "give one of the two another title")


RULES = (title_case, description, plain_text, input_words, name_length, agent_schema, similar_titles)
