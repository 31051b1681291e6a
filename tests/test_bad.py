"""The checker proves itself: for each rule a connector with one mistake, and exactly what the check prints for it.

`bad/_base` is a whole connector without a mistake. `bad/<rule>` (further cases: `bad/<rule>.2`) holds the files that
replace some of its, or that are added, and `expected.txt`: the lines that `connector check` prints above its summary.
`pytest --update-golden tests/test_bad.py` writes these anew, where no other rule fires.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from connector_runtime import check as checker
from connector_runtime import rules
from connector_runtime.check import RULES, Checked, check
from connector_runtime.cli import main
from connector_runtime.edits import mended, write
from connector_runtime.errors import Problem
from connector_runtime.manifest import Known
from connector_runtime.rendering import mending, summary
from connector_runtime.rules import Rule

BAD = Path(__file__).parent / "bad"
BASE = BAD / "_base"
KNOWN: Known = {}
"""What was read before: nearly all files of nearly all cases are those of the base."""
SEND, PARCEL = "operations/actions/send_parcel.yaml", "schemas/parcel.yaml"


def outside(folder: Path) -> None:
    """A schema that is a link to a file that several connectors share, and that is not in this one's folder."""
    shared = folder.parent / "shared"
    shared.mkdir()
    shutil.move(folder / PARCEL, shared / "parcel.yaml")
    (folder / PARCEL).symlink_to(shared / "parcel.yaml")


def dangling(folder: Path) -> None:
    """An operation that is a link to a file that has another name by now."""
    (folder / "operations/queries/list_sent.yaml").symlink_to("list_parcel.yaml")


def large(folder: Path) -> None:
    """A schema with all places of the world for a town."""
    text = (folder / PARCEL).read_text("utf-8")
    towns = "".join(f"      - Town Number {number}\n" for number in range(40_000))
    (folder / PARCEL).write_text(text.replace("    examples: [Berlin]\n", f"    examples:\n{towns}"), "utf-8")


def many(folder: Path) -> None:
    """A schema with every number that a postal code can be."""
    text = (folder / PARCEL).read_text("utf-8")
    codes = "\n".join("      " + ", ".join(map(str, range(n, n + 20))) + "," for n in range(10_000, 112_000, 20))
    shown = f"    examples: [\n{codes}\n    ]\n"
    (folder / PARCEL).write_text(text.replace("    examples: [Berlin]\n", shown), "utf-8")


def latin(folder: Path) -> None:
    """An action that an editor saved as it did thirty years ago."""
    text = (folder / SEND).read_text("utf-8")
    (folder / SEND).write_text(text.replace("examples: [Berlin]", "examples: [Köln]"), "latin-1")


MADE: dict[str, Callable[[Path], None]] = {
    "yaml-read": outside,
    "yaml-read.2": dangling,
    "yaml-size": large,
    "yaml-size.2": many,
    "yaml-encoding": latin,
}
"""Cases whose files cannot be kept as text, and what makes them."""


def cases_in(folder: Path) -> list[str]:
    """The cases that a folder holds."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != BASE.name)


def rule_of(case: str) -> str:
    """The rule that a case is for."""
    return case.partition(".")[0]


def planned() -> set[str]:
    """Rules that are written, whether or not the check has them yet."""
    found = set(RULES)
    for module in pkgutil.iter_modules(rules.__path__):
        inside = vars(importlib.import_module(f"{rules.__name__}.{module.name}")).values()
        found |= {it.id for it in inside if isinstance(it, Rule)}
    return found


CASES = cases_in(BAD)


def complaints(cases: Sequence[str], known: Sequence[str]) -> list[str]:
    """What is wrong with the cases as a whole."""
    found = [f"the rule {rule} has no case" for rule in known if rule not in set(map(rule_of, cases))]
    found += [f"bad/{case} is for no rule" for case in cases if rule_of(case) not in planned()]
    found += [f"bad/{case} has no mistake in it" for case in MADE if case not in cases]
    for case in cases:
        changed = [path for path in (BAD / case).rglob("*") if path.is_file() and path.name != "expected.txt"]
        if case not in MADE and not changed:
            found.append(f"bad/{case} has no mistake in it")
        if any(_same(path, BASE / path.relative_to(BAD / case)) for path in changed):
            found.append(f"bad/{case} has a file that is as in {BASE.name}")
    return found


def _same(path: Path, other: Path) -> bool:
    return other.is_file() and path.read_bytes() == other.read_bytes()


def made(case: str, folder: Path) -> Path:
    """The connector of a case, in a folder that may be changed."""
    whole = folder / "connector"
    shutil.copytree(BASE, whole)
    shutil.copytree(BAD / case, whole, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    if case in MADE:
        MADE[case](whole)
    return whole


@pytest.fixture
def printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], tuple[Checked, str]]:
    """What the command finds in a folder, and what it prints."""

    def run(folder: Path) -> tuple[Checked, str]:
        found: list[Checked] = []

        def kept(given: Path) -> Checked:
            found.append(check(given, KNOWN))
            return found[-1]

        monkeypatch.chdir(folder)
        monkeypatch.setattr("connector_runtime.checking.check", kept)
        capsys.readouterr()
        status = main(["check"])
        (checked,) = found
        errors = any(problem.severity == "error" for problem in checked.problems)
        assert status == (1 if errors else 0)
        return checked, capsys.readouterr().out

    return run


def left_after_mending(folder: Path, checked: Checked) -> list[str]:
    """What is still wrong once all that is offered was done."""
    changes = mended(folder, checked.problems)
    assert set(changes) == {problem.file for problem in checked.problems}
    write(folder, changes)
    return [str(problem) for problem in check(folder, KNOWN).problems]


def judge(case: str, checked: Checked) -> None:
    """Exactly the rule of the case fires, and it looked at something."""
    assert (checked.files > 0, checked.rules) == (True, len(RULES)), "the check found nothing to look at"
    fired = [f"{problem}" for problem in checked.problems if problem.rule != rule_of(case)]
    assert not fired, f"bad/{case} fires another rule:\n" + "\n".join(fired)
    assert checked.problems, f"bad/{case} fires nothing"


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_by_its_rule_alone_in_exactly_these_words(
    case: str, tmp_path: Path, printed: Callable[[Path], tuple[Checked, str]], update_golden: bool
) -> None:
    folder = made(case, tmp_path)
    checked, text = printed(folder)
    judge(case, checked)
    hint = mending(checked.problems, "connector check --fix")
    tail = f"{summary(checked)}\n" + (f"{hint}\n" if hint else "")
    assert text.endswith(f"\n{tail}"), "the summary stands last"
    said, expected = text.removesuffix(tail).encode(), BAD / case / "expected.txt"
    if update_golden and not (expected.is_file() and expected.read_bytes() == said):
        expected.parent.mkdir(exist_ok=True)
        expected.write_bytes(said)
        pytest.skip(f"tests/bad/{case}/expected.txt was written anew: read it")
    assert expected.read_bytes().decode() == said.decode(), "`pytest --update-golden tests/test_bad.py` writes it anew"
    assert expected.read_bytes() == said
    if all(problem.fix for problem in checked.problems):
        left = left_after_mending(folder, checked)
        assert left == [], f"bad/{case} is not mended by what is offered:\n" + "\n".join(left)


def test_the_base_is_clean_and_the_numbers_are_real(
    tmp_path: Path, printed: Callable[[Path], tuple[Checked, str]]
) -> None:
    whole = tmp_path / "connector"
    shutil.copytree(BASE, whole)
    files = [path for path in whole.rglob("*") if path.is_file()]
    operations = [path for path in files if path.parent.parent.name == "operations"]
    assert (len(files), len(operations)) > (5, 5)
    checked, text = printed(whole)
    assert (checked.files, checked.operations, checked.rules) == (len(files), len(operations), len(RULES))
    assert text == f"checked {len(files)} files, {len(operations)} operations, {len(RULES)} rules: no problems\n"


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert complaints(CASES, [*RULES]) == []


def test_cases_of_rules_that_the_check_has_all_run() -> None:
    assert {rule_of(case) for case in CASES} == {*RULES} == planned()
    assert len(CASES) >= len(RULES) > 40


# -- the tests above see what they are for -------------------------------------------------------------------


def test_a_rule_without_a_case_is_seen() -> None:
    known = [*RULES, "title-rhymes"]
    assert "the rule title-rhymes has no case" in complaints(CASES, known)
    fewer = [case for case in CASES if rule_of(case) != "unknown-key"]
    assert "the rule unknown-key has no case" in complaints(fewer, [*RULES])


def test_a_case_without_a_rule_or_without_a_mistake_is_seen() -> None:
    found = complaints([*CASES, "unknwon-key", "unknown-key.99"], [*RULES])
    assert {"bad/unknwon-key is for no rule", "bad/unknown-key.99 has no mistake in it"} <= {*found}


def test_another_rule_is_seen() -> None:
    one, other = (Problem(rule, "error", "connector.yaml", 1, 1, "it is wrong") for rule in ("host", "topic"))
    judge("host.2", Checked(1, 1, len(RULES), (one,)))
    for case, problems in (("host", (one, other)), ("topic", (one,)), ("host", ())):
        with pytest.raises(AssertionError, match="fires"):
            judge(case, Checked(1, 1, len(RULES), problems))


def test_a_check_that_looks_at_nothing_is_seen() -> None:
    problem = Problem("host", "error", "connector.yaml", 1, 1, "it is wrong")
    for files, count in ((0, len(RULES)), (1, 0)):
        with pytest.raises(AssertionError, match="nothing to look at"):
            judge("host", Checked(files, 1, count, (problem,)))


@pytest.mark.parametrize("rule", ["unknown-path", "schema-line"])
def test_a_rule_that_is_broken_is_seen(rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(rule, tmp_path)
    judge(rule, check(folder))
    monkeypatch.setattr(checker, "OF_VIEWS", tuple(it for it in checker.OF_VIEWS if it.id != rule))
    with pytest.raises(AssertionError, match="fires"):
        judge(rule, check(folder))
