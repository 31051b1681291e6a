"""The rules for what people and agents read: each finds what breaks it, at its place, and passes over what is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_runtime.errors import Problem
from connector_runtime.manifest import FOLDERS, read_manifest
from connector_runtime.rules import Rule, reading
from connector_runtime.rules.views import View

ROOT = Path(__file__).parent.parent
FOLDERS_OF_CONNECTORS = (ROOT, *sorted(path.parent for path in ROOT.glob("tests/connectors/*/connector.yaml")))
CONNECTOR, SEND, FIND, PART = (
    "connector.yaml",
    "operations/actions/send_message.yaml",
    "operations/queries/find_message.yaml",
    "schemas/part.yaml",
)

SHOP = {
    CONNECTOR: """\
# yaml-language-server: $schema=format/connector.json
format: 1
connector: shop
title: Shop
version: 0.1.0
maturity: development
summary: Sends and finds messages of a Shop.
service:
  base_url: https://api.example.com
  hosts: [api.example.com]
  probe: find_message
apis:
  rest: {path: /, error: {message: message}}
sign_in:
  key:
    title: Key of the Shop
    description: It stands in the settings.
    send: {header: X-Key, value: "{{ connection.key }}"}
    fields:
      required: [key]
      properties:
        key: {type: string, title: Key, description: The key., writeOnly: true}
settings:
  properties:
    mode: {type: string, title: Mode, description: How it works., examples: [slow]}
""",
    SEND: """\
# yaml-language-server: $schema=format/action.json
action: Send Message
description: Sends a message to one person.
resource: messages
effect: send
input:
  required: [text]
  properties:
    text: {type: string, title: Text, description: What to say., examples: [Hello]}
    part: {$ref: ../../schemas/part.yaml}
request: {method: POST, path: /messages, inputs: json}
output:
  properties:
    id: {type: string, title: Message Id, description: "Names the message (and nothing else)."}
examples:
  - title: one message.
    input: {text: Hello}
    request: {method: POST, url: https://api.example.com/messages, json: {text: Hello}}
    response: {body: {id: "1"}}
    output: {id: "1"}
""",
    FIND: """\
# yaml-language-server: $schema=format/query.json
query: Find Message
description: >-
  Finds a message by its words, wherever
  it stands.
resource: messages
effect: read
request: {method: GET, path: /messages}
output:
  properties:
    id: {type: string}
examples:
  - title: One message
    input: {}
    request: {method: GET, url: https://api.example.com/messages}
    response: {body: {id: "1"}}
    output: {id: "1"}
""",
    PART: """\
# yaml-language-server: $schema=format/schema.json
type: object
title: Part
description: One part of a message.
properties:
  color: {type: string, title: Color, description: Its color., enum: [red, blue]}
  wide: {type: boolean, title: Wide, description: Whether it is wide.}
  lines:
    type: array
    title: Lines
    description: What stands in it.
    items:
      type: object
      properties:
        font: {type: string, title: Font, description: The font., default: plain}
""",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def views(folder: Path) -> Iterator[View]:
    reading_ = read_manifest(folder)
    manifest = reading_.manifest
    for document, kind in reading_.documents:
        known = {**manifest.operations, **manifest.triggers} if manifest else {}
        yield View(document, kind, manifest, known.get(Path(document.file).stem) if kind in FOLDERS else None)


def problems(rules: tuple[Rule, ...], folder: Path) -> list[Problem]:
    found = [problem for view in views(folder) for rule in rules for problem in rule.problems(view)]
    return list(dict.fromkeys(found))


LONG = "Send a Message to One Person and to Nobody Else, Whoever It Is Today"

# What is replaced by what (in a file), the rule, the start of its sentence, what it points at, what it writes instead.
BAD: dict[str, tuple[str, str, str, str, str, str, str | None]] = {
    # title-case
    "small letters": (SEND, "Send Message", "Send message", "title-case", "'Send message' is not written", "Send message", "Send Message"),
    "an article": (SEND, "Send Message", "A Message", "title-case", "'A Message' is not", "A Message", "Message"),
    "a full stop": (SEND, "Send Message", "Send Message.", "title-case", "'Send Message.'", "Send Message.", "Send Message"),
    "a large small word": (SEND, "Send Message", "Send To The End", "title-case", "'Send To The", "Send To", "Send to the End"),
    "a small word at the end": (SEND, "Send Message", "Continue at", "title-case", "'Continue at'", "Continue at", "Continue At"),
    "in quotes and brackets": (SEND, "Send Message", '"Send (old) Message"', "title-case", "'Send (old)", "Send (old)", "Send (Old) Message"),
    "an input": (SEND, "title: Text", "title: the text", "title-case", "'the text'", "the text", "Text"),
    "an output": (SEND, "Message Id", "message id", "title-case", "'message id'", "message id", "Message Id"),
    "a schema": (PART, "title: Lines", "title: many lines", "title-case", "'many lines'", "many lines", "Many Lines"),
    "a way to sign in": (CONNECTOR, "Key of the Shop", "Key Of The Shop", "title-case", "'Key Of The", "Key Of", "Key of the Shop"),
    "a setting": (CONNECTOR, "title: Mode", "title: mode", "title-case", "'mode' is not", "title: |mode,", "Mode"),
    "the connector, spelled otherwise elsewhere": (CONNECTOR, "title: Shop", "title: shop", "title-case", "'shop' is", "title: |shop\n", "Shop"),
    # description
    "no full stop": (SEND, "one person.", "one person", "description", "this description does not end with", "one |person", "person."),
    "no full stop, folded": (FIND, "it stands.", "it stands", "description", "this description does not end with", "stands", "stands."),
    "no full stop, the last word twice": (SEND, "to one person.", "to a message", "description", "this description does not end", "Sends a message |to a message", "to a message."),
    "no full stop, in quotes": (SEND, "(and nothing else).", "of all", "description", "this description does not end", "of |all", "all."),
    "no full stop, a summary": (CONNECTOR, "of a Shop.", "of a Shop", "description", "this description does not end", "messages of a |Shop", "Shop."),
    "no capital letter": (SEND, "Sends a message", "sends a message", "description", "this description does not start with", "sends", "Sends"),
    "spaces around it": (PART, "Its color.", '" Its color."', "description", "there are spaces", '" Its', None),
    "the title again": (PART, "The font.", "font.", "description", "this description only says the title again", "description: |font.", None),
    # plain-text
    "a space that does not break": (SEND, "one person", "one\u00a0person", "plain-text", "there is a character that nobody sees here (U+00A0)", "Sends", None),
    "no width at all": (SEND, "one person", "one\u200bperson", "plain-text", "there is a character that nobody sees here (U+200B)", "Sends", None),
    "a tab": (SEND, "Sends a message to one person.", '"Sends\\ta message."', "plain-text", "there is a character", '"Sends', None),
    "HTML": (SEND, "one person", "<b>one</b> person", "plain-text", "'<b>' would be shown", "a message to |<b>", None),
    "Markdown": (SEND, "one person", "**one** person", "plain-text", "'**one**' would be shown", "**one**", None),
    "a link": (SEND, "one person", "[one](https://example.com) person", "plain-text", "'[one](https://example.com)'", "[one]", None),
    # input-words
    "no title": (SEND, "title: Text, ", "", "input-words", "the input 'text' has no title", "text: {type", None),
    "no description": (SEND, "description: What to say., ", "", "input-words", "the input 'text' has no description", "text: {type", None),
    "no example": (SEND, ", examples: [Hello]", "", "input-words", "the input 'text' has no example", "text: {type", None),
    "nothing": (SEND, "text: {type: string, title: Text, description: What to say., examples: [Hello]}", "text: {type: string}", "input-words", "the input 'text' has no title, no description and no example", "text: {type", None),
    "behind a $ref": (PART, ", enum: [red, blue]", "", "input-words", "the input 'color' has no example", "  |color: {", None),
    "in a list of objects": (PART, "title: Font, ", "", "input-words", "the input 'font' has no title", "|font: {", None),
    "a setting without an example": (CONNECTOR, ", examples: [slow]", "", "input-words", "the input 'mode' has no example", "|mode: {", None),
    "a field of a sign-in": (CONNECTOR, "title: Key, description: The key., ", "", "input-words", "the input 'key' has no title and no description", "key: {type", None),
    # name-length
    "a long title": (SEND, "Send Message", LONG, "name-length", "this title has 68 characters", "action: |Send a", None),
    "a long title of an input": (SEND, "title: Text", f'title: "{LONG}"', "name-length", "this title has 68 characters", 'title: |"Send a', None),
    "a long description": (SEND, "one person.", "one " + "person " * 150 + "at last.", "name-length", "this description has 1,081 characters", "Sends a", None),
    "a long name together": (CONNECTOR, "connector: shop", f"connector: {'shop' * 14}", "name-length", "agents would call it shopshop", "", None),
    "the name of an input": (SEND, "    text: {", '    "text[]": {type: string, title: Text, description: All., examples: [Hi]}\n    text: {', "name-length", "'text[]' cannot be the name of an input", '"text[]"', None),
    # agent-schema
    "a choice at the top": (SEND, "  required: [text]\n", "  anyOf: [{required: [text]}]\n", "agent-schema", "the input cannot be a choice", "anyOf", None),
    "a list at the top": (SEND, "  required: [text]\n", "  type: array\n", "agent-schema", "the input is always an object", "type: |array\n", None),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_breaks_a_rule_is_found_at_its_place(tmp_path: Path, name: str) -> None:
    """One problem, of that rule and no other of these."""
    file, right, wrong, rule, said, at, instead = BAD[name]
    text = SHOP[file]
    assert text.count(right) >= 1
    damaged = text.replace(right, wrong, 1)
    write(tmp_path, {**SHOP, file: damaged})
    found = problems(reading.RULES, tmp_path)
    assert [problem.rule for problem in found] == [rule] * len(found) and found, found
    first = next(problem for problem in found if problem.message.startswith(said))
    before, _, after = at.rpartition("|")
    where = damaged.index(before + after) + len(before)
    line, column = damaged.count("\n", 0, where) + 1, where - damaged.rfind("\n", 0, where)
    if first.file == SEND and file == CONNECTOR:
        line, column = 2, 1
    assert (first.line, first.column) == (line, column), first
    assert (first.fix.text if first.fix else None) == instead
    if first.fix:
        lines = damaged.splitlines(keepends=True)
        mended = lines[first.fix.line - 1]
        mended = mended[: first.fix.column - 1] + first.fix.text + mended[first.fix.end_column - 1 :]
        write(tmp_path, {file: "".join([*lines[: first.fix.line - 1], mended, *lines[first.fix.line :]])})
        assert problems(reading.RULES, tmp_path) == []


GOOD = {
    "words that are written as they are": (SEND, "Send Message", "Send iPhone mediaId ow.ly x86 to /me"),
    "verbs with a small word": (SEND, "Send Message", "Sign In on Behalf of the Shop"),
    "the same verb small": (SEND, "Send Message", "Sign in on Behalf of the Shop"),
    "a letter that is no article": (SEND, "Send Message", "A/B Test"),
    "a small word behind a colon": (SEND, "Send Message", '"Send: The Message"'),
    "letters without cases": (SEND, "Send Message", "メッセージを送る"),
    "the service's own spelling": (CONNECTOR, "title: Shop", "title: npm"),
    "a question": (SEND, "one person.", "one person?"),
    "a quote at the end": (SEND, "one person.", "one person “at once.”"),
    "an ellipsis": (SEND, "one person.", "one person, and so on…"),
    "a description that starts with a digit": (SEND, "Sends a message", "1 or 0: sends a message"),
    "a description that starts with a name": (SEND, "Sends a message", "mediaId names the message. It goes"),
    "a description that starts with a quote": (SEND, "Sends a message", "“Hello” goes"),
    "two paragraphs": (FIND, "description: >-\n  Finds", "description: |\n  Two.\n\n  Finds"),
    "less than": (SEND, "one person.", "one person, if a < b and c > d."),
    "an example of the items": (SEND, ", examples: [Hello]}", "}\n    more: {type: array, title: More, description: More of it., items: {type: string, enum: [a]}}"),
    "words beside a $ref": (SEND, "part.yaml}", "part.yaml, title: Side, description: The side of it.}"),
    "another kind of operation with the same title": (FIND, "Find Message", "Send Message"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_passed_over(tmp_path: Path, name: str) -> None:
    file, old, new = GOOD[name]
    assert old in SHOP[file]
    text = SHOP[file].replace(old, new, 1)
    text = text.replace(
        "{type: string, title: Text, description: What to say.}",
        "{type: string, title: Text, description: What to say., enum: [a]}",
    )
    write(tmp_path, {**SHOP, file: text})
    assert problems(reading.RULES, tmp_path) == []


def test_the_whole_is_right(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    assert read_manifest(tmp_path).problems == ()
    assert problems(reading.RULES, tmp_path) == []


def test_two_operations_of_a_kind_have_different_titles(tmp_path: Path) -> None:
    other = "operations/actions/tell_message.yaml"
    write(tmp_path, {**SHOP, other: SHOP[SEND].replace("Send Message", "Send-Message")})
    [found] = problems((reading.similar_titles,), tmp_path)
    assert (found.file, found.line, found.column) == (other, 2, 9)
    assert found.text == f"{SEND} has the title 'Send Message' too; give one of the two another title"


def test_a_schema_that_many_refer_to_is_reported_once(tmp_path: Path) -> None:
    other = "operations/actions/tell_message.yaml"
    part = SHOP[PART].replace("title: Wide, ", "")
    write(tmp_path, {**SHOP, PART: part, other: SHOP[SEND].replace("Send Message", "Tell Message")})
    [found] = problems((reading.input_words,), tmp_path)
    assert (found.file, found.line, found.column) == (PART, 7, 3)


@pytest.mark.parametrize("folder", FOLDERS_OF_CONNECTORS, ids=lambda path: path.name)
def test_the_connectors_of_the_repository_are_clean(folder: Path) -> None:
    assert problems(reading.RULES, folder) == []


@pytest.mark.parametrize("rule", reading.RULES, ids=lambda rule: rule.id)
def test_every_rule_is_tried_here(rule: Rule) -> None:
    assert rule.id in {case[3] for case in BAD.values()} | {"similar-titles"}
    assert rule.title.endswith(".") and rule.why.endswith(".") and rule.bad != rule.good
