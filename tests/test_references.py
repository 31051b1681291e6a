"""`$ref`: schemas put in the place where they are named, with every value still knowing its file and line."""

from pathlib import Path
from typing import Any

import pytest
from connector_runtime.document import Document, Place, parse_document
from connector_runtime.errors import ManifestError, Problem
from connector_runtime.manifest import read_manifest
from connector_runtime.model import Resolved
from connector_runtime.references import NotWhole, resolve

START = "operations/actions/act.yaml"


def follow(files: dict[str, str], place: Place = ("input",)) -> tuple[Resolved, list[Problem], bool]:
    """What stands at a place of the first file, where the others are the connector's; one that is empty is not whole."""
    documents = {file: parse_document(text, file) for file, text in files.items()}

    def library(file: str) -> Document:
        if file not in documents:
            raise ManifestError("names a file that does not exist")
        if not documents[file].data:
            raise NotWhole("is not whole")
        return documents[file]

    known = [file for file in files if file.startswith("schemas/")]
    return resolve(documents[next(iter(files))], place, library, known)


def origin(resolved: Resolved, *place: Any) -> tuple[str, int, int]:
    document, inner = resolved.origin(place)
    return (document.file, *document.mark(inner)[:2])


FILES = {
    START: """\
input:
  required: [media]
  properties:
    media:
      $ref: ../../schemas/media.yaml
      title: Pictures
    place: {$ref: "../../schemas/shared.yaml#/$defs/place"}
    again: {$ref: "#/input/$defs/own"}
    own: {type: string, minLength: 1}
  $defs: {own: {type: string, minLength: 1}}
""",
    "schemas/media.yaml": """\
type: array
title: Media
items:
  $ref: shared.yaml#/$defs/picture
""",
    "schemas/shared.yaml": """\
$defs:
  picture:
    type: object
    properties:
      url: {type: string}
      at: {anyOf: [{type: string}, {$ref: "#/$defs/place"}]}
  place:
    type: object
    additionalProperties:
      type: number
""",
}


def test_a_reference_is_replaced_by_what_it_names() -> None:
    resolved, problems, _ = follow(FILES)
    place = {"type": "object", "additionalProperties": {"type": "number"}}
    picture = {
        "type": "object",
        "properties": {"url": {"type": "string"}, "at": {"anyOf": [{"type": "string"}, place]}},
    }
    assert problems == []
    assert resolved.schema == {
        "required": ["media"],
        "properties": {
            "media": {"type": "array", "title": "Pictures", "items": picture},
            "place": place,
            "again": {"type": "string", "minLength": 1},
            "own": {"type": "string", "minLength": 1},
        },
    }


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((), (START, 2, 3)),
        (("properties", "own", "minLength"), (START, 9, 36)),
        (("properties", "media"), ("schemas/media.yaml", 1, 1)),
        (("properties", "media", "type"), ("schemas/media.yaml", 1, 7)),
        (("properties", "media", "title"), (START, 6, 14)),
        (("properties", "media", "items", "properties", "url", "type"), ("schemas/shared.yaml", 5, 19)),
        (("properties", "media", "items", "properties", "at", "anyOf", 0), ("schemas/shared.yaml", 6, 20)),
        (("properties", "media", "items", "properties", "at", "anyOf", 1, "type"), ("schemas/shared.yaml", 8, 11)),
        (("properties", "place", "additionalProperties", "type"), ("schemas/shared.yaml", 10, 13)),
        (("properties", "again", "minLength"), (START, 10, 42)),
    ],
)
def test_every_value_knows_the_file_and_the_line_it_came_from(place: Place, expected: tuple[str, int, int]) -> None:
    assert origin(follow(FILES)[0], *place) == expected


def test_what_stands_beside_a_reference_wins_and_does_not_change_the_schema_it_names() -> None:
    resolved, problems, _ = follow(
        {
            START: "input:\n  properties:\n    a: {$ref: '#/output', title: Mine, default: 1, x-secret: true}\n"
            "    b: {$ref: '#/output'}\noutput: {title: Theirs, type: integer}\n"
        }
    )
    assert problems == []
    assert resolved.schema["properties"] == {
        "a": {"title": "Mine", "type": "integer", "default": 1, "x-secret": True},
        "b": {"title": "Theirs", "type": "integer"},
    }


def test_the_definitions_themselves_are_not_part_of_the_schema() -> None:
    resolved, _, _ = follow(
        {START: "input:\n  $defs: {a: {type: string}}\n  properties: {b: {$ref: '#/input/$defs/a'}}\n"}
    )
    assert resolved.schema == {"properties": {"b": {"type": "string"}}}


def test_the_same_schema_twice_is_no_circle() -> None:
    files = {
        START: "input: {properties: {a: {$ref: ../../schemas/s.yaml}, b: {$ref: ../../schemas/s.yaml}}}",
        "schemas/s.yaml": "type: string",
    }
    assert follow(files)[1] == []


DOUBLED = "".join(
    f"  d{n}: {{properties: {{{', '.join(f'''p{i}: {{$ref: '#/input/$defs/d{n + 1}'}}''' for i in range(10))}}}}}\n"
    for n in range(8)
)
CHAIN = "".join(f"  d{n}: {{$ref: '#/input/$defs/d{n + 1}'}}\n" for n in range(2000))

REFUSED: dict[str, tuple[dict[str, str], str, int, str]] = {
    "a missing file": ({START: "input: {$ref: ../../schemas/no.yaml}"}, START, 1, "'../../schemas/no.yaml' names a file that does not exist"),
    "a missing place": ({START: "input: {$ref: '#/$defs/no'}"}, START, 1, "'#/$defs/no' names a place that does not exist there"),
    "a place that is text": ({START: "input: {$ref: '#/action'}\naction: x"}, START, 1, "'#/action' names a place that holds no schema"),
    "a fragment without a slash": ({START: "input: {$ref: '#place'}"}, START, 1, "'#place' names a place that does not exist there"),
    "a place that holds no schema": ({START: "input: {$ref: '#/request'}\nrequest: {method: GET}"}, START, 1, "'#/request' names a place that holds no schema"),
    "properties are no schema": ({START: "input: {$ref: '#/output/properties'}\noutput: {properties: {text: {type: string}}}"}, START, 1, "holds no schema"),
    "itself": ({START: "input: {$ref: '#/input'}"}, START, 1, "'#/input' leads back to itself"),
    "itself from inside": ({START: "input:\n  properties:\n    a: {items: {$ref: '#/input'}}"}, START, 3, "'#/input' leads back to itself"),
    "a circle through two files": (
        {
            START: "input: {$ref: ../../schemas/a.yaml}",
            "schemas/a.yaml": "properties:\n  b: {$ref: b.yaml}",
            "schemas/b.yaml": "properties:\n\n  a: {$ref: a.yaml}",
        },
        "schemas/b.yaml", 3, "'a.yaml' leads back to itself",
    ),
    "up and out": ({START: "input: {$ref: ../../../other.yaml}"}, START, 1, "'../../../other.yaml' leads out of the connector's folder"),
    "up and out and back": ({START: "input: {$ref: ../../../x/schemas/a.yaml}"}, START, 1, "leads out of the connector's folder"),
    "an absolute path": ({START: "input: {$ref: /etc/passwd}"}, START, 1, "'/etc/passwd' leads out of the connector's folder"),
    "an address": ({START: "input: {$ref: 'https://example.com/a.yaml'}"}, START, 1, "leads out of the connector's folder"),
    "a file address": ({START: "input: {$ref: 'file:///etc/passwd'}"}, START, 1, "leads out of the connector's folder"),
    "a file that holds no schemas": ({START: "input: {$ref: other.yaml}", "operations/actions/other.yaml": "type: string"}, START, 1, "'other.yaml' leads to no file in the folder schemas"),
    "something beside it": ({START: "input:\n  properties:\n    a:\n      $ref: '#/output'\n      minLength: 3\noutput: {type: string}"}, START, 5, "'minLength' may not stand beside a $ref"),
    "references that double and double": ({START: f"input:\n {'$defs'}:\n{DOUBLED}  d8: {{type: string}}\n $ref: '#/input/$defs/d0'\n"}, START, 10, "makes the schema too large or too deep"),
    "a long chain": ({START: f"input:\n {'$defs'}:\n{CHAIN}  d2000: {{type: string}}\n $ref: '#/input/$defs/d0'\n"}, START, 42, "makes the schema too large or too deep"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "file", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_at_the_reference(files: dict[str, str], file: str, line: int, message: str) -> None:
    _, [problem], _ = follow(files)
    assert (problem.rule, problem.file, problem.line) == ("schema-ref", file, line)
    assert message in problem.message


def test_what_is_not_whole_is_no_problem_here_and_all_is_not_whole() -> None:
    """Its own problems say enough; the place stays empty, and the caller knows."""
    files = {START: "input: {properties: {a: {$ref: ../../schemas/s.yaml}, b: {type: string}}}", "schemas/s.yaml": "{}"}
    resolved, problems, whole = follow(files)
    assert (problems, whole) == ([], False)
    assert resolved.schema == {"properties": {"a": {}, "b": {"type": "string"}}}


def test_what_is_whole_is_said_to_be_also_where_a_reference_is_refused() -> None:
    """A refusal is a problem, which is told; only what is broken elsewhere makes it not whole."""
    assert follow(FILES)[1:] == ([], True)
    _, problems, whole = follow({START: "input: {$ref: ../../schemas/no.yaml}"})
    assert (len(problems), whole) == (1, True)


PLACES = "$defs:\n  place: {type: string}\n  picture: {type: object}\n"


@pytest.mark.parametrize(
    ("reference", "meant", "word"),
    [
        ("../../schemas/shard.yaml#/$defs/place", "../../schemas/shared.yaml", "../../schemas/shard.yaml"),
        ("../../schema/shared.yaml", "../../schemas/shared.yaml", "../../schema/shared.yaml"),
        ("../../schemas/shared.yaml#/$defs/plce", "place", "plce"),
        ("../../schemas/shared.yaml#/$def/place", "$defs", "$defs"),
    ],
)
def test_a_misspelled_reference_is_pointed_at_and_what_was_meant_is_said(reference: str, meant: str, word: str) -> None:
    _, [problem], _ = follow({START: f"input: {{$ref: '{reference}'}}", "schemas/shared.yaml": PLACES})
    assert problem.hint == f"did you mean '{meant}'?"
    line = f"input: {{$ref: '{reference}'}}"
    pointed = line[problem.column - 1 : problem.end_column - 1]
    assert problem.end_line == 1
    if word in line:
        assert pointed == word
        assert problem.fix is not None
        assert problem.fix.text == meant
    else:
        assert pointed == f"'{reference}'"


def test_nothing_is_guessed_where_nothing_is_near() -> None:
    _, [problem], _ = follow({START: "input: {$ref: ../../schemas/zzzzzzzz.yaml}", "schemas/shared.yaml": PLACES})
    assert (problem.hint, problem.fix) == ("", None)
    _, [problem], _ = follow({START: "input: {$ref: '#/$defs/zzzzzzzz'}\n$defs: {place: {type: string}}"})
    assert (problem.hint, problem.fix) == ("", None)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("type: string\ntitle: SECRET\n")
    folder = tmp_path / "shop"
    (folder / "operations/queries").mkdir(parents=True)
    (folder / "schemas").mkdir()
    (folder / "schemas/linked.yaml").symlink_to(outside)
    (folder / "operations/queries/linked.yaml").symlink_to(outside)
    (folder / "operations/queries/get_me.yaml").write_text(
        "query: Get Me\ndescription: Shows me.\nresource: members\neffect: read\n"
        "request: {method: GET, path: /v1/me}\noutput: {$ref: ../../schemas/linked.yaml}\n"
        "examples: [{title: Me, input: {}}]\n"
    )
    (folder / "connector.yaml").write_text(
        "format: 1\nconnector: shop\ntitle: Shop\nversion: 1.0.0\nmaturity: beta\nsummary: Sells.\n"
        "service: {base_url: https://a.example, hosts: [a.example], probe: get_me}\n"
        "apis: {rest: {path: /v1, error: {message: message}}}\n"
        "sign_in: {key: {title: Key, send: {bearer: '{{ connection.key }}'}, fields: {}}}\n"
    )
    reading = read_manifest(folder)
    assert reading.manifest is not None
    assert reading.manifest.operations == {}
    told = {f"{it.file}: {it.message}" for it in reading.problems}
    assert "operations/queries/linked.yaml: the file leads out of the connector's folder" in told
    assert "schemas/linked.yaml: the file leads out of the connector's folder" in told
    assert "SECRET" not in str(reading.problems)
