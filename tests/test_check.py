"""`check`: each mistake is found, at its place, by its rule; a clean connector stays clean."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from connector_runtime import load
from connector_runtime.check import RULES, check

ROOT = Path(__file__).parent.parent
DELETE = "operations/actions/delete_message.yaml"
SCHEDULE = "operations/actions/schedule_message.yaml"
PROFILES = "operations/queries/list_social_profiles.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the connector that may be damaged."""
    shutil.copy(ROOT / "connector.yaml", tmp_path)
    for name in ("operations", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_connector_is_clean_and_the_count_is_of_everything() -> None:
    checked = check(ROOT)
    files = [ROOT / "connector.yaml", *ROOT.glob("operations/*/*.yaml"), *ROOT.glob("schemas/*.yaml")]
    assert (checked.problems, checked.files, checked.operations) == ((), len(files), len(load(ROOT).operations))
    assert checked.rules == len(RULES)


MISTAKES = {
    "a misspelled key": (DELETE, "effect: delete", "efect: delete", "unknown-key", "did you mean 'effect'?"),
    "a misspelled value": (DELETE, "effect: delete", "effect: delet", "wrong-value", "did you mean 'delete'?"),
    "a missing key": (DELETE, "resource: messages\n", "", "missing-key", "'resource' is missing here"),
    "a key twice": (DELETE, "resource: messages", "resource: messages\nresource: media", "yaml-duplicate", "line 4"),
    "a number that may be text": (DELETE, 'examples: ["4138476039"]', "examples: [0x41]", "yaml-look-alike", "quotes"),
    "no YAML": (DELETE, "effect: delete", "effect: 'delete", "yaml-syntax", "this is not YAML"),
    "another editor line": (DELETE, "format/action.json", "format/query.json", "schema-line", "format/action.json"),
    "a path without its input": (DELETE, '{messageId}"}', '{id}"}', "path-input", "there is no input 'id'"),
    "a missing schema": (SCHEDULE, "schemas/privacy.yaml", "schemas/private.yaml", "schema-ref", "does not exist"),
    "a broken pattern": (DELETE, "pattern: '^\\S+$'", "pattern: '('", "schema-pattern", "not a regular expression"),
    "an unknown query": (
        SCHEDULE,
        "{query: get_me}",
        "{query: get_mee}",
        "unknown-operation",
        "did you mean 'get_me'?",
    ),
    "a look-up that writes": (
        SCHEDULE,
        "{query: get_me}",
        "{query: upload_media}",
        "reference-effect",
        "more than read",
    ),
    "no expression": (DELETE, "{{ input.messageId }}.", "{{ input. }}.", "expression", "is not an expression"),
    "an unknown name": (DELETE, '"{{ input.messageId }}"', '"{{ inputs.messageId }}"', "expression-name", "'input'?"),
    "an unknown input": (
        DELETE,
        '"{{ input.messageId }}"',
        '"{{ input.mesageId }}"',
        "expression-name",
        "'messageId'?",
    ),
    "an output that differs": (
        DELETE,
        "deleted: true}",
        "deleted: false}",
        "example",
        "output.deleted is true; the example says false",
    ),
    "a request that differs": (
        DELETE,
        "messages/4138476039}",
        "messages/4138476038}",
        "example",
        "messages/4138476039",
    ),
    "a sentence that differs": (DELETE, "Most likely it is deleted already.", "It is gone.", "example", "It is gone."),
    "a label that is gone": (PROFILES, "label:", "labels:", "example", "label is not there"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_at_its_line_by_its_rule(folder: Path, name: str) -> None:
    file, right, wrong, rule, said = MISTAKES[name]
    text = (folder / file).read_text("utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), "utf-8")
    checked = check(folder)
    found = [problem for problem in checked.problems if problem.rule == rule and problem.file == file]
    assert found, checked.problems
    assert any(said in problem.text for problem in found), found
    if rule not in ("example", "missing-key", "yaml-syntax"):
        damaged = text[: text.index(right)].count("\n") + 1
        assert {problem.line - damaged for problem in found} <= {0, 1}


def test_one_broken_file_does_not_hide_the_mistakes_of_another(folder: Path) -> None:
    (folder / DELETE).write_text("not: [closed", "utf-8")
    (folder / SCHEDULE).write_text(
        (folder / SCHEDULE).read_text("utf-8").replace("effect: send", "effect: sends"), "utf-8"
    )
    checked = check(folder)
    assert {problem.file for problem in checked.problems} == {DELETE, SCHEDULE}
    assert checked.files == check(ROOT).files
    assert checked.operations == check(ROOT).operations - 2


@pytest.mark.parametrize("stray", ["operations/actions/delete.yml", "operations/lists/list.yaml", "schemas/old.json"])
def test_a_file_that_is_never_read_is_no_secret(folder: Path, stray: str) -> None:
    (folder / stray).parent.mkdir(exist_ok=True)
    (folder / stray).write_text("x: 1", "utf-8")
    assert [(problem.rule, problem.file) for problem in check(folder).problems] == [("file-name", stray)]


def test_a_schema_that_nobody_refers_to_is_checked_all_the_same(folder: Path) -> None:
    (folder / "schemas/alone.yaml").write_text("tipe: string", "utf-8")
    assert [(problem.rule, problem.file) for problem in check(folder).problems] == [
        ("unknown-key", "schemas/alone.yaml")
    ]


def test_the_table_of_rules_has_every_rule_that_the_code_names() -> None:
    """A rule id is a text with a hyphen that is handed to a problem; each must be in the table, and each be used."""
    named: set[str] = set()
    for path in (ROOT / "runtime/connector_runtime").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in RULES:
                named.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "problem",
                "Problem",
            ):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    assert first.value in RULES, first.value
    assert named == set(RULES)


def test_load_says_the_first_problem_and_how_many_more(folder: Path) -> None:
    (folder / DELETE).write_text("# nothing\nefect: delete\n", "utf-8")
    with pytest.raises(Exception, match=r"delete_message.yaml:2:1: .* \(and \d+ more; `connector check` lists them\)"):
        load(folder)
