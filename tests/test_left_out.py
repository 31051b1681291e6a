"""`load(…, leave_out_broken=True)`: a broken file breaks only itself, and the rest stays usable."""

from __future__ import annotations

from pathlib import Path

import pytest
from connector_runtime import InputError, ManifestError, load

ROOT = Path(__file__).parent.parent
DELETE = "operations/actions/delete_message.yaml"


def damage(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        (DELETE, "effect: delete", "effect: 'delete", "yaml-syntax"),
        (DELETE, "effect: delete", "efect: delete", "unknown-key"),
        (DELETE, '{messageId}"}', '{mesageId}"}', "path-input"),
        ("operations/triggers/message_failed.yaml", "topic: hootsuite/messages", "topic: hootsuite/media", "topic"),
    ],
)
def test_a_broken_operation_is_left_out_with_its_problems(
    folder: Path, file: str, old: str, new: str, rule: str
) -> None:
    whole = {*load(folder).operations}
    damage(folder, file, old, new)
    with pytest.raises(ManifestError):
        load(folder)
    connector = load(folder, leave_out_broken=True)
    id_ = Path(file).stem
    assert whole - {*connector.operations} == {id_} == {*connector.left_out}
    assert {(problem.rule, problem.file) for problem in connector.left_out[id_]} == {(rule, file)}


def test_the_rest_can_be_used(folder: Path) -> None:
    damage(folder, DELETE, "effect: delete", "efect: delete")
    account = load(folder, leave_out_broken=True).connect(access_token="example-token")
    assert account.try_("get_message", {"messageId": "1"}).url.endswith("/v1/messages/1")
    with pytest.raises(ManifestError, match=r"'delete_message' is left out, since its file is wrong"):
        account.try_("delete_message", {"messageId": "1"})
    with pytest.raises(InputError, match="has no operation 'delete_massage'"):
        account.try_("delete_massage", {"messageId": "1"})


def test_a_broken_schema_takes_with_it_only_what_is_made_of_it(folder: Path) -> None:
    damage(folder, "schemas/topic.yaml", "type: object", "tipe: object")
    connector = load(folder, leave_out_broken=True)
    assert {id_: [it.file for it in problems] for id_, problems in connector.left_out.items()} == {
        "list_topics": ["schemas/topic.yaml"]
    }
    assert "schedule_message" in connector.operations


def test_what_is_wrong_in_the_connectors_own_file_is_still_raised(folder: Path) -> None:
    damage(folder, "connector.yaml", "probe: get_me", "probe: get_mee")
    with pytest.raises(ManifestError, match="there is no operation 'get_mee'; did you mean 'get_me'"):
        load(folder, leave_out_broken=True)


def test_nothing_is_left_out_of_a_whole_connector() -> None:
    assert load(ROOT, leave_out_broken=True).left_out == {}


def test_even_everything_may_be_broken(folder: Path) -> None:
    """What is left is a connector without operations: nothing names the missing ones as unknown."""
    for path in folder.glob("operations/*/*.yaml"):
        path.write_text("broken: true\n")
    connector = load(folder, leave_out_broken=True)
    assert not connector.operations
    assert len(connector.left_out) == len([*folder.glob("operations/*/*.yaml")])
