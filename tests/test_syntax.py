"""A YAML syntax error in words for people: the sentence, the line that caused it, and the edit that mends it."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from connector_runtime.document import parse_document
from connector_runtime.errors import Fix, ManifestError, Problem
from connector_runtime.syntax import explained, without_guess
from hypothesis import example, given, settings
from hypothesis import strategies as st

REPOSITORY = Path(__file__).resolve().parents[1]
ACTION = "operations/actions/schedule_message.yaml"
TRIGGER = "operations/triggers/message_published.yaml"
TOP = "connector.yaml"
MANIFESTS = sorted(path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("operations/*/*.yaml"))
REAL = {name: (REPOSITORY / name).read_text("utf-8") for name in [TOP, *MANIFESTS]}


def refused(text: str) -> Problem | None:
    try:
        parse_document(text, "some.yaml")
    except ManifestError as error:
        return error.problems[0]
    return None


def mended(text: str, fix: Fix) -> str:
    lines = re.split(r"(?<=\n)", text)
    start, end = (
        sum(map(len, lines[: line - 1])) + column - 1
        for line, column in ((fix.line, fix.column), (fix.end_line, fix.end_column))
    )
    return text[:start] + fix.text + text[end:]


def line_of_damage(before: str, after: str) -> int:
    same = next(n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    return before.count("\n", 0, same) + 1


BACK = "the text before the damage"
NONE = "no fix"

DAMAGED = [
    # tabs and special spaces
    (ACTION, "      title: Text", "\t\t\ttitle: Text", "a tab stands in front of 'title: Text'", BACK),
    (ACTION, "      title: Text", "      \ttitle: Text", "a tab stands in front of 'title: Text'", BACK),
    (ACTION, "resource: messages", "\tresource: messages", "a tab stands in front of", BACK),
    (TRIGGER, "    when: {type", "\t\twhen: {type", "a tab stands in front of 'when: {type", BACK),
    (
        TOP,
        "      - when: {status: 429}",
        "      -\twhen: {status: 429}",
        "a tab stands in '- when: {status: 429}'",
        BACK,
    ),
    (ACTION, "  required: [text", "\xa0\xa0required: [text", "a special space (as word processors make", BACK),
    (TOP, "    path: /v1", "  \xa0\xa0path: /v1", "a special space (as word processors make", BACK),
    (TOP, "    path: /v1", "\ufeff    path: /v1", "a special space (as word processors make", BACK),
    # quotes
    (
        ACTION,
        "pattern: '\\S'\n      title: Text",
        "pattern: '\\S\n      title: Text",
        "the quote ' in front of '\\S'",
        BACK,
    ),
    (
        TRIGGER,
        'at: "{{ facts.at }}"',
        'at: "{{ facts.at }}',
        "the quote \" in front of '{{ facts.at }}' is never",
        BACK,
    ),
    (TOP, 'trace_id: "errors[0].id"', 'trace_id: "errors[0].id', "the quote \" in front of 'errors[0].id' is", BACK),
    (TOP, '["*.amazonaws.com"] ', '["*.amazonaws.com] ', "the quote \" in front of '*.amazonaws.com]", BACK),
    (ACTION, "{type: string, pattern: '\\S'}", "{type: string, pattern: '\\S}", "the quote ' in front of '\\S}'", BACK),
    (ACTION, '["115185509", "115185510"]', '["115185509, "115185510"]', "the quote \" in front of '115185509", BACK),
    (ACTION, "title: Text", "title: 'Text", "the quote ' in front of 'Text' is never closed", "title: 'Text'"),
    (ACTION, "title: Text", "title: 'It's a text'", "the ' inside 'It's a text' ends", 'title: "It\'s a text"'),
    (ACTION, "title: Text", 'title: "A "nice" text"', 'the " inside "A "nice" text" ends', "title: 'A \"nice\" text'"),
    (ACTION, "title: Text", "title: 'a' b", "'b' stands behind the quote that closes 'a'", "title: \"'a' b\""),
    (
        ACTION,
        "title: Text",
        'title: "Text" here',
        "'here' stands behind the quote that closes",
        "title: '\"Text\" here'",
    ),
    (TOP, "[hex, base64]", "['it's', base64]", "the ' inside 'it's' ends the text too early", '["it\'s", base64]'),
    # brackets and commas
    (
        ACTION,
        "required: [text, socialProfileIds]",
        "required: [text, socialProfileIds",
        "the bracket [ of '[text, ",
        BACK,
    ),
    (ACTION, "items: {type: string, pattern: '\\S'}", "items: {type: string, pattern: '\\S'", "the bracket { of", BACK),
    (ACTION, "[[{id: aHR0cDovL2V4YW1wbGUub3Jn}]]", "[[{id: aHR0cDovL2V4YW1wbGUub3Jn}]", "the bracket [ of", BACK),
    (TOP, "code: [1003, 1004]}", "code: [1003, 1004}", "the bracket [ of '[1003, 1004}' is closed by }", BACK),
    (TOP, "[hex, base64]", "[hex, base64}", "the bracket [ of '[hex, base64}' is closed by }", BACK),
    (TOP, "[hex, base64]", "[hex, base64]]", "the ] at the end of '[hex, base64]]' closes nothing", BACK),
    (
        TRIGGER,
        "input: {$ref: ../../schemas/message_choice.yaml}",
        "input: {$ref: ../../schemas/message_choice.yaml}}",
        "the }",
        BACK,
    ),
    (
        TRIGGER,
        "input: {$ref: ../../schemas/message_choice.yaml}",
        "input: $ref: ../../schemas/message_choice.yaml}",
        "'$ref:",
        BACK,
    ),
    (ACTION, '["115185509", "115185510"]', '["115185509" "115185510"]', "a comma is missing in front of '\"115", BACK),
    (
        ACTION,
        "{type: string, pattern: '\\S'}",
        "{type: string pattern: '\\S'}",
        "a comma is missing in front of 'pa",
        BACK,
    ),
    (ACTION, "{latitude: 52.52, longitude: 13.405}", "{latitude: 52.52 longitude: 13.405}", "a comma is missing", BACK),
    (
        ACTION,
        "[[spring, menu]]",
        "[[spring, , menu]]",
        "a comma in '[spring, , menu]]' has nothing",
        "[[spring,  menu]]",
    ),
    (
        ACTION,
        "{type: string, format: uri,",
        "{type: string, format:[uri],",
        "there is no space behind the colon",
        "{type: string, format: [uri],",
    ),
    # expressions without quotes
    (
        TRIGGER,
        'text: "{{ fetched.message.text }}"',
        "text: {{ fetched.message.text }}",
        "the expression '{{ fetched",
        BACK,
    ),
    (ACTION, 'value: "{{ item.id }}"', "value: {{ item.id }}", "the expression '{{ item.id }}' has no quotes", BACK),
    (
        TRIGGER,
        '{messageId: "{{ facts.messageId }}"}',
        "{messageId: {{ facts.messageId }}}",
        "the expression '{{ facts",
        BACK,
    ),
    (
        TRIGGER,
        'at: "{{ facts.at }}"',
        "at: {{ facts.at or 'now' }} ",
        "the expression",
        "at: \"{{ facts.at or 'now' }}\" ",
    ),
    (
        TRIGGER,
        'at: "{{ facts.at }}"',
        'at: {{ facts.at or "now" }}',
        "the expression",
        "at: '{{ facts.at or \"now\" }}'",
    ),
    (
        TRIGGER,
        'at: "{{ facts.at }}"',
        "{{ facts.at }}: x",
        "the expression '{{ facts.at }}' has",
        '"{{ facts.at }}": x',
    ),
    (TOP, "[hex, base64]", "[hex, Hi {{ name }}]", "the expression 'Hi {{ name }}' has", '[hex, "Hi {{ name }}"]'),
    # signs that mean something else
    (TOP, 'items: "[*]"', "items: [*]", "the text '*' begins with *", 'items: ["*"]'),
    (TOP, "path: /v1", "path: *foo", "the text '*foo' begins with *", 'path: "*foo"'),
    (TOP, "path: /v1", "path: * foo", "the text '* foo' begins with *", 'path: "* foo"'),
    (TOP, "path: /v1", "path: !important", "the text '!important' begins with !", 'path: "!important"'),
    (TOP, "path: /v1", "path: @foo", "the text '@foo' begins with @", 'path: "@foo"'),
    (TOP, "path: /v1", "path: `foo`", "the text '`foo`' begins with `", 'path: "`foo`"'),
    (TOP, "path: /v1", "path: %foo", "the text '%foo' begins with %", 'path: "%foo"'),
    (TOP, "path: /v1", "path: & foo", "the text '& foo' begins with &", 'path: "& foo"'),
    (TOP, "path: /v1", "path: || foo", "the text '|| foo' begins with |", 'path: "|| foo"'),
    (TOP, "path: /v1", "path: > 5", "the text '> 5' begins with >", 'path: "> 5"'),
    (TOP, "path: /v1", "path: ]foo", "the text ']foo' begins with ]", 'path: "]foo"'),
    (TOP, "path: /v1", "path: , foo", "the text ', foo' begins with ,", 'path: ", foo"'),
    (TOP, "path: /v1", "path: [draft] foo", "the text '[draft] foo' begins with [", 'path: "[draft] foo"'),
    (TOP, "path: /v1", "path: - foo", "the text '- foo' begins with -", 'path: "- foo"'),
    (TOP, "path: /v1", "@path: /v1", "'@path' begins with @", '"@path": /v1'),
    (TOP, "[hex, base64]", "[@hex, base64]", "the text '@hex' begins with @", '["@hex", base64]'),
    (TOP, "[hex, base64]", "[hex[*].a, base64]", "the text 'hex[*].a' has brackets", '["hex[*].a", base64]'),
    # colons
    (ACTION, "description: What the", "description: Note: what the", "the text 'Note: what the post says.", NONE),
    (ACTION, "title: Text", "title: Text: long", "the text 'Text: long' has a colon", 'title: "Text: long"'),
    (ACTION, "title: Text", "title: Text:", "the text 'Text:' ends with a colon", 'title: "Text:"'),
    (ACTION, "{latitude: 52.52,", "{latitude: Note: x,", "the text 'Note: x' has a colon", '{latitude: "Note: x",'),
    (ACTION, "title: Text", "title:Text", "there is no space behind the colon of 'title:Text'", BACK),
    (ACTION, "effect: send", "effect:send", "there is no space behind the colon of 'effect:send'", BACK),
    (ACTION, "required: [text,", "required:[text,", "there is no space behind the colon of 'required:[text,", BACK),
    (ACTION, "title: Text", "title Text", "there is no colon behind 'title'", BACK),
    (ACTION, "  properties:\n    text:", "  properties\n    text:", "there is no colon behind 'properties'", BACK),
    (TOP, "sign_in:", "sign_in", "there is no colon behind 'sign_in'", BACK),
    (ACTION, "title: Text", "title=Text", "'title=Text' has = where a colon belongs", BACK),
    (ACTION, "title: Text", "title = Text", "'title = Text' has = where a colon belongs", BACK),
    (ACTION, "items: {type: string, pattern: '\\S'}", "items = {type: string, pattern: '\\S'}", "'items = {type", BACK),
    (
        ACTION,
        "items: {type: string, pattern: '\\S'}",
        "items {type: string, pattern: '\\S'}",
        "there is no colon",
        BACK,
    ),
    # indentation
    (ACTION, "      title: Text", "       title: Text", "'title: Text' stands too far to the right", BACK),
    (ACTION, "      title: Text", "     title: Text", "'title: Text' stands too far to the left (5 spaces", BACK),
    (ACTION, "      title: Text", "        title: Text", "'title: Text' stands too far to the right", BACK),
    (ACTION, "      title: Text", "    title: Text", "'title: Text' stands too far to the left", BACK),
    (ACTION, "effect: send", " effect: send", "'effect: send' stands too far to the right (1 space", BACK),
    (ACTION, "    text:\n", "     text:\n", "'text:' stands too far to the right (5 spaces", BACK),
    (
        TOP,
        "      - when: {status: 429}\n",
        "       - when: {status: 429}\n",
        "'- when: {status: 429}' stands too far",
        BACK,
    ),
    (
        TOP,
        "      - when: {status: 429}\n",
        "     - when: {status: 429}\n",
        "'- when: {status: 429}' stands too far",
        BACK,
    ),
    (TRIGGER, "  and (not", "and (not", "'and (not input.tags", None),
    # the rest
    (
        TOP,
        "      - when: {status: 429}",
        "      -when: {status: 429}",
        "there is no space behind the - of '-when",
        BACK,
    ),
    (TRIGGER, "filter: >-\n  {{", "filter: >- {{", "behind >- stands '{{ (not", BACK),
    (ACTION, "pattern: '\\S'\n", 'pattern: "\\S"\n', '\\S in "\\S" means nothing to YAML in double quotes', BACK),
    (ACTION, "pattern: '\\S'\n", 'pattern: "it\'s \\d"\n', "\\d in", 'pattern: "it\'s \\\\d"\n'),
    (ACTION, "effect: send", "...\neffect: send", "'...' stands alone in a line", "\neffect: send"),
    (ACTION, "action: Sch", "%YAML 1.2\naction: Sch", "'%YAML 1.2' stands alone in a line", "\naction: Sch"),
    (ACTION, "title: Text", "title: Te\x00xt", "an invisible character (U+0000) stands in 'title: Text'", BACK),
    (ACTION, "title: Text", "title: Te\x9fxt", "an invisible character (U+009F) stands in 'title: Text'", BACK),
    (ACTION, "title: Text", "title: Te\x1bxt\x07", "an invisible character (U+001B) stands in 'title: Text'", BACK),
    (
        ACTION,
        "title: Text",
        "title: “Text: long”",
        "the curly quotes of “Text: long” are no quotes",
        'title: "Text: long"',
    ),
]


@pytest.mark.parametrize(
    ("file", "before", "after", "message", "repaired"), DAMAGED, ids=[f"{n} {row[3]}" for n, row in enumerate(DAMAGED)]
)
def test_the_sentence_the_line_and_the_fix(file: str, before: str, after: str, message: str, repaired: str) -> None:
    real = REAL[file]
    assert before in real
    text = real.replace(before, after, 1)
    given_ = refused(text)
    assert given_, "this is no damage"
    problem = explained(given_, text)
    assert (problem.message[: len(message)], problem.line) == (message, line_of_damage(real, text))
    assert problem.hint and "\n" not in problem.text
    assert (problem.rule, problem.file, problem.severity) == (given_.rule, given_.file, given_.severity)
    assert (problem.line, problem.column) <= (problem.end_line, problem.end_column)
    if repaired is None:  # a person has to say what was meant
        assert problem.fix is None
        return
    assert problem.fix
    result = mended(text, problem.fix)
    assert refused(result) is None
    if repaired == BACK:
        assert parse_document(result, "x").data == parse_document(real, "x").data
    elif repaired != NONE:
        assert result == real.replace(before, repaired, 1)


def test_there_are_enough_examples() -> None:
    assert len(DAMAGED) >= 60


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: 1\n---\nb: 2\n",
        "a: &x [*x]\n",
        "a: !!set [x]\n",
        "a: !mine {b: 1}\n",
        "? [a]\n: b\n",
        "{a: b}: c\n",
    ],
)
def test_what_is_no_unquoted_text_passes_unchanged(text: str) -> None:
    problem = refused(text)
    assert problem and explained(problem, text) is problem


def test_several_mistakes_are_explained_one_after_the_other() -> None:
    text = "a: 'x\nb: @y\nc: [1, 2\nd: 1\n\te: {{ x }}\nf: it: is\ng:h\ni: j\n"
    said = []
    while problem := refused(text):
        better = explained(problem, text)
        assert better.fix, better
        said.append((better.line, better.message))
        text = mended(text, better.fix)
        assert len(said) < 12
    assert {line for line, _ in said} == {1, 2, 3, 5, 6, 7}


def test_no_jargon() -> None:
    package = REPOSITORY / "runtime/connector_runtime"
    source = "\n".join((package / name).read_text("utf-8") for name in ("syntax.py", "brackets.py"))
    sentences = "\n".join(line for line in source.splitlines() if re.search(r"message|hint", line)).lower()
    for word in ("mapping", "scalar", "token", "sequence", "indicator", "alias", "parse"):
        assert word not in re.sub(r"problem\.message.*|\w+\.message\)", "", sentences), word


# -- never raises ------------------------------------------------------------------------------------------


def survives(text: str) -> None:
    problem = refused(text)
    if problem is None:
        return
    better = explained(problem, text)
    assert (better.rule, better.file) == (problem.rule, problem.file)
    assert better is problem or 1 <= better.line <= len(re.split("\r\n|[\r\n\x85\u2028\u2029]", text))
    assert better.column >= 1
    assert better.text.isprintable() or better is problem


PIECES = [
    "a: ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "\n",
    "\n  ",
    "{{ x }}",
    "#",
    ",",
    ":",
    "\\d",
    "|",
    ">-",
    "b",
    "\t",
    "*",
    "---",
    "\r",
    "\u2028",
    "%",
    "=",
    "&x",
    "!y",
]


@settings(max_examples=500, deadline=None)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
@example("[" * 50)
@example("\ufeff\x00")
@example("a: [\n" * 3)
def test_any_text(text: str) -> None:
    survives(text)
    for rule in ("yaml-syntax", "yaml-alias", "yaml-tag", "yaml-key", "yaml-duplicate"):
        for message in (
            "this is not YAML: a character that it does not allow",
            "'*x' names nothing that starts in line 9",
        ):
            explained(Problem(rule, "error", "f", 7, 3, message), text)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(sorted(REAL)),
    st.integers(0, 10**6),
    st.sampled_from(["delete", "insert", "double", "delete line", "double line", "swap"]),
    st.sampled_from(list("'\"[]{}:,-#&*!|>%@` \t\n\x00\xa0“a")),
)
def test_any_damage(file: str, where: int, how: str, char: str) -> None:
    text = REAL[file]
    at = where % len(text)
    lines = text.splitlines(keepends=True)
    row = where % len(lines)
    survives(
        {
            "delete": text[:at] + text[at + 1 :],
            "insert": text[:at] + char + text[at:],
            "double": text[:at] + text[at] + text[at:],
            "swap": text[:at] + char + text[at + 1 :],
            "delete line": "".join(lines[:row] + lines[row + 1 :]),
            "double line": "".join(lines[: row + 1] + lines[row:]),
        }[how]
    )


def test_a_very_large_text_takes_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(text: str, file: str) -> object:
        read.append(len(text))
        return parse_document(text, file)

    monkeypatch.setattr("connector_runtime.syntax.parse_document", counted)
    text = "a:\n" + "".join(f"  k{n}: 'x'\n" for n in range(40_000)) + "  - b\n" + "c: d\n" * 10
    problem = refused(text)
    assert problem
    explained(problem, text)
    assert len(read) <= 30 and sum(read) < 4_000_000


def test_half_a_character_is_no_problem() -> None:
    problem = Problem("yaml-syntax", "error", "f", 1, 1, "this is not YAML: x")
    assert explained(problem, "a: [\ud800\n") is problem


# -- how often the line is right ---------------------------------------------------------------------------


def drop(pattern: str, replacement: str = "") -> Callable[[str], str]:
    return lambda line: re.sub(pattern, replacement, line, count=1)


DAMAGES: dict[str, Callable[[str], str]] = {
    "a tab in front": drop(r"^  ", "\t"),
    "a special space in front": drop(r"^  ", "\xa0 "),
    "a closing quote is gone": drop(r"['\"](?=[\]},]*$)"),
    "an apostrophe": drop(r"'(\S)", r"'it's \1"),
    "a closing bracket is gone": drop(r"[\]}]$"),
    "a bracket is closed by another": drop(r"\]$", "}"),
    "a closing bracket too many": drop(r"([\]}])$", r"\1\1"),
    "an opening bracket is gone": drop(r"(?<=: )\{(?=\w+: )"),
    "a comma is gone": drop(r"(?<=[\w\"']), (?=[\w\"]+(: |\"))", " "),
    "an expression without quotes": drop(r'"(\{\{[^"]*\}\})"', r"\1"),
    "a star": drop(r": (?=\w)", ": * "),
    "an at": drop(r": (?=\w)", ": @"),
    "a percent": drop(r"\[(?=\w)", "[%"),
    "a colon in a text": drop(r"(description|title|message): (?=\w)", r"\1: Note: "),
    "no space behind the colon": drop(r"^( *[\w$]+): ", r"\1:"),
    "no colon": drop(r"^( *\w+):", r"\1"),
    "an equals sign": drop(r"^( *\w+): ", r"\1 = "),
    "one space more": drop(r"^(?= )", " "),
    "one space less": drop(r"^ "),
    "two spaces more": drop(r"^(?= )", "  "),
    "two spaces less": drop(r"^  "),
    "no space behind the dash": drop(r"^( *)- ", r"\1-"),
    "text behind >-": drop(r">-$", ">- some text"),
    "an escape": drop(r"'(\\\w|\^)[^']*'", r'"\\d"'),
    "curly quotes": drop(r"(title|description): (.*)$", r"\1: “Note: \2”"),
}


def test_the_line_is_right_in_19_of_20_cases() -> None:
    chance = random.Random(20260501)
    wrong: list[str] = []
    unexplained = cases = 0
    while cases < 300:
        how = chance.choice(sorted(DAMAGES))
        file = chance.choice(sorted(REAL))
        lines = REAL[file].split("\n")
        number = chance.randrange(len(lines))
        damaged = DAMAGES[how](lines[number])
        if damaged == lines[number] or lines[number].lstrip().startswith("#"):
            continue
        text = "\n".join([*lines[:number], damaged, *lines[number + 1 :]])
        problem = refused(text)
        if problem is None or problem.rule not in ("yaml-syntax", "yaml-alias", "yaml-key", "yaml-tag"):
            continue
        cases += 1
        better = explained(problem, text)
        unexplained += better is problem
        if better.line != number + 1:
            wrong.append(f"{how} {file}:{number + 1} '{damaged}' -> {better}")
        if better.fix:
            then = refused(mended(text, better.fix))
            assert then is None or then.line > better.line, (how, damaged, better)
    print(f"{cases - len(wrong)} of {cases} lines right, {unexplained} unexplained")
    print("\n".join(wrong))
    assert len(wrong) <= cases // 20


@pytest.mark.parametrize(
    ("text", "mended_"),
    [
        ("a: {{ input.x }}\n", True),
        ("a: @home\n", True),
        ("a: Note: this\n", True),
        ("a:\n\tb: 1\n", True),
        ("a: *b\n", False),
        ("a: {b: 1\nc: 2\n", False),
        ("a: {b: 1}}\n", False),
        ("a:\n  b: 1\n c: 2\nd: 3\n", False),
        ("a: 'b\nc: d\n", False),
    ],
)
def test_only_what_can_mean_nothing_else_is_mended(text: str, mended_: bool) -> None:
    problem = refused(text)
    assert problem
    assert bool(without_guess(explained(problem, text)).fix) == mended_
