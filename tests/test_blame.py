"""Where two words do not match, the one that stands nowhere else is told; where nobody can know, nothing is moved."""

from __future__ import annotations

from pathlib import Path

from connector_runtime.check import check
from connector_runtime.errors import Problem

DELETE = "operations/actions/delete_message.yaml"


def problems_after(folder: Path, file: str, *changes: tuple[str, str]) -> list[Problem]:
    path = folder / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    return list(check(folder).problems)


def test_a_declaration_that_is_one_letter_off_is_told_once_and_not_its_uses(folder: Path) -> None:
    (problem,) = problems_after(folder, "schemas/message_choice.yaml", ("  tags:\n", "  tagz:\n"))
    assert (problem.file, problem.message[:22]) == ("schemas/message_choice.yaml", "'tagz' stands only her")
    assert problem.hint == "did you mean 'tags'?" and problem.fix is None  # a vote mends nothing


def test_the_odd_key_of_an_example_is_told_with_what_fails(folder: Path) -> None:
    (problem,) = problems_after(folder, DELETE, ("body: {errors: [{code: 4001", "body: {errros: [{code: 4001"))
    assert "'errros' stands only here, and 'errors' in " in problem.message and "raises.code is null" in problem.message


def test_the_name_of_a_file_is_never_voted_down(folder: Path) -> None:
    """Its text may stand once only, and be right."""
    path = "operations/actions/schedule_message.yaml"
    found = problems_after(
        folder, path, ("me: {query: get_me}", "me: {query: get_mee}\n  you: {query: get_mee}\n  they: {query: get_mee}")
    )
    assert {problem.file for problem in found} == {path}
    assert {problem.hint for problem in found if problem.rule == "unknown-operation"} == {"did you mean 'get_me'?"}


def test_a_slip_in_wording_hides_no_example_that_fails(folder: Path) -> None:
    found = problems_after(
        folder, DELETE, ("resource: messages", "resource: messages"), ("deleted: true}", "deleted: false}")
    )
    worded = problems_after(folder, "connector.yaml", ("hear what becomes of it all.", "hear what becomes of it all"))
    assert {problem.rule for problem in found} == {"example"}
    assert {problem.rule for problem in worded} == {"example", "description"}
