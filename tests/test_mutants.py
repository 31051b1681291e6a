"""Mutation test: small mistakes in the real manifests are found, in their line, with a hint that has the right word.

2,000 mutants of a fixed seed and 300 of a random one, which is printed; MUTANTS_SEED=N gives that one again. The other
tests here show that the mutants are what they say, and that the judge notices a check that has become worse.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from connector_runtime.errors import ManifestError, Problem
from connector_runtime.paths import walk

from tests import mutants
from tests.mutants import ROOT, SEED, SHAPES, SLIPS, WORDS, Figures, Loose, Mutant, Verdict, lay, texts_of

FIXED, RANDOM = 2000, 300
ALLOWED: dict[str, str] = {}
"""The start of a mutant's line → why the check says nothing about it. Short, or it is the check that has to be changed."""

TEXTS = texts_of(ROOT)
DELETE = "operations/actions/delete_message.yaml"


# ---------------------------------------------------------------------------------------------------- the real thing


@pytest.fixture(scope="module")
def figures() -> Figures:
    seed = int(os.environ.get("MUTANTS_SEED") or random.SystemRandom().randrange(1_000_000))
    some = [*mutants.mutants(TEXTS, SEED, FIXED), *mutants.mutants(TEXTS, seed, RANDOM)]
    assert len(some) == FIXED + RANDOM
    made = Figures(tuple(mutants.try_all(some)))
    print(f"\nseed {SEED}, and random seed {seed} (MUTANTS_SEED={seed} gives it again)\n{made.summary()}")
    return made


def listed(some: Sequence[Verdict]) -> str:
    return "\n".join(map(str, some))


def test_whatever_breaks_something_is_reported(figures: Figures) -> None:
    """All of the fixed seed. Of the random ones a few may be new to us: they are listed, to be looked at."""
    missed = [it for it in figures.survivors if not any(str(it).startswith(start) for start in ALLOWED)]
    known = [it for it in missed if it in figures.verdicts[:FIXED]]
    assert not known, f"{len(known)} mutants that nobody reported:\n{listed(known)}"
    assert len(missed) <= RANDOM // 100, f"{len(missed)} random mutants that nobody reported:\n{listed(missed)}"


def test_it_is_reported_in_its_line(figures: Figures) -> None:
    assert figures.right_line >= 0.99, (
        f"{figures.right_line:.2%} in the right line; elsewhere:\n{listed(figures.astray)}"
    )


def test_the_hint_has_the_original(figures: Figures) -> None:
    assert figures.with_hint >= 0.95, f"{figures.with_hint:.2%} with a hint; without:\n{listed(figures.hintless)}"


def test_every_kind_is_tried_and_what_is_legal_says_why(figures: Figures) -> None:
    tried = {it.mutant.kind for it in figures.verdicts}
    assert tried == {*WORDS, *SHAPES}
    assert {it.legal for it in figures.legal} <= set(mutants.LEGAL)
    in_data = [it for it in figures.verdicts if it.mutant.kind == "data"]
    assert 0.05 < len(in_data) / len(figures.verdicts) < 0.15


# --------------------------------------------------------------------------------------------------- the mutations


@cache
def some_of(kind: str, count: int = 100) -> list[Mutant]:
    return mutants.mutants(TEXTS, 7, count, kind)


@pytest.mark.parametrize("kind", [*WORDS, *SHAPES])
def test_a_mutant_differs_only_in_its_span(kind: str) -> None:
    found = some_of(kind)
    assert found
    for mutant in found:
        text = TEXTS[mutant.file]
        new = mutant.apply(text)
        assert new != text
        assert new[: mutant.start] == text[: mutant.start]
        assert new[mutant.start + len(mutant.new) :] == text[mutant.end :]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_letter(slip: str) -> None:
    rng = random.Random(3)
    for word in ("messageId", "id", "list_social_profiles", "Content-Type"):
        for new in {mutants.slipped(word, slip, rng) for _ in range(50)} - {word}:
            assert len(new) - len(word) == {"drop": -1, "add": 1, "swap": 0, "change": 0}[slip]
            if slip == "swap":
                assert sorted(new) == sorted(word)
            if slip in ("swap", "change"):
                assert sum(one != other for one, other in zip(word, new, strict=True)) == (2 if slip == "swap" else 1)
            if slip in ("drop", "add"):
                short, long = sorted((word, new), key=len)
                assert short in {long[:at] + long[at + 1 :] for at in range(len(long))}


@pytest.mark.parametrize("kind", WORDS)
def test_a_slip_is_in_the_word_it_names(kind: str) -> None:
    for mutant in some_of(kind):
        text = TEXTS[mutant.file]
        assert text[mutant.start : mutant.end] == mutant.original
        assert mutant.new == mutant.mutated
        assert text.count("\n", 0, mutant.start) + 1 in mutant.lines


def data_of(mutant: Mutant) -> object:
    return lay(mutant.file, mutant.apply(TEXTS[mutant.file])).document.data


def without(data: object, place: tuple[object, ...]) -> object:
    """The data with the key at a place gone."""
    if not place:
        return data
    if isinstance(data, list):
        return [without(it, place[1:]) if number == place[0] else it for number, it in enumerate(data)]
    assert isinstance(data, dict)
    if len(place) == 1:
        return {key: it for key, it in data.items() if key != place[0]}
    return {key: without(it, place[1:]) if key == place[0] else it for key, it in data.items()}


def test_a_deleted_key_is_gone_and_nothing_else() -> None:
    for mutant in some_of("delete"):
        assert data_of(mutant) == without(lay(mutant.file, TEXTS[mutant.file]).document.data, mutant.place), mutant


def test_a_key_twice_is_refused_at_the_second() -> None:
    for mutant in some_of("duplicate"):
        with pytest.raises(ManifestError) as raised:
            data_of(mutant)
        problem = raised.value.problems[0]
        assert (problem.rule, problem.line) == ("yaml-duplicate", mutant.lines[0]), mutant


def test_another_type_is_in_its_place_and_nowhere_else() -> None:
    for mutant in some_of("type"):
        data, before = data_of(mutant), lay(mutant.file, TEXTS[mutant.file]).document.data
        assert without(data, mutant.place) == without(before, mutant.place), mutant
        assert walk(mutant.place, data) != walk(mutant.place, before) or mutant.new in ("true", "null"), mutant


def test_a_wrong_indentation_is_spaces_before_one_line() -> None:
    for mutant in some_of("indent"):
        old, new = (text.splitlines() for text in (TEXTS[mutant.file], mutant.apply(TEXTS[mutant.file])))
        differing = [number for number, pair in enumerate(zip(old, new, strict=True), 1) if pair[0] != pair[1]]
        assert differing == [mutant.lines[0]]
        assert old[differing[0] - 1].lstrip() == new[differing[0] - 1].lstrip()


def test_the_same_seed_gives_the_same_and_no_mutant_comes_twice() -> None:
    first, second = (mutants.mutants(TEXTS, 5, 400) for _ in range(2))
    assert first == second != mutants.mutants(TEXTS, 6, 400)
    assert len({(it.file, it.apply(TEXTS[it.file])) for it in first}) == 400


# -------------------------------------------------------------------------------------------------------- the judge

SLIP = next(it for it in some_of("key") if it.file == DELETE)


def problem(mutant: Mutant = SLIP, **changes: object) -> Problem:
    good = Problem(
        "unknown-key", "error", mutant.file, mutant.lines[0], 1, "wrong", f"did you mean '{mutant.original}'?"
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def test_the_judge_knows_line_and_hint() -> None:
    def said(*problems: Problem) -> tuple[bool, str, bool]:
        verdict = mutants.judge(SLIP, TEXTS, problems)
        return verdict.reported, verdict.line, verdict.hint

    assert said(problem()) == (True, "right", True)
    assert said(problem(hint="")) == (True, "right", False)
    assert said(problem(hint=f"x{SLIP.original}")) == (True, "right", False)
    assert said(problem(line=SLIP.lines[0] + 40)) == (True, "wrong", False)
    assert said(problem(file="connector.yaml")) == (True, "wrong", False)
    assert said(problem(line=SLIP.lines[0] + 40), problem()) == (True, "right", True)
    assert said(problem(severity="warning")) == (False, "", False)
    assert said() == (False, "", False)


Check = Callable[[Path], Sequence[Problem]]


def in_this_process(tmp_path: Path, some: Sequence[Mutant], check: Check = mutants.problems_of) -> Figures:
    """The verdicts where that is the check."""
    mutants.start_worker(ROOT, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mutants, "problems_of", check)
        return Figures(tuple(mutants.try_mutants(some)))


def test_a_check_without_a_rule_is_noticed(tmp_path: Path) -> None:
    some = mutants.mutants(TEXTS, 1, 8, "key") + mutants.mutants(TEXTS, 1, 8, "operation")
    assert not in_this_process(tmp_path, some).survivors
    for rule, kind in (("unknown-key", "key"), ("unknown-operation", "operation")):
        left = in_this_process(tmp_path, some, without_rule(rule)).survivors
        assert left
        assert {it.mutant.kind for it in left} == {kind}
        assert all(it.broken for it in left)


def without_rule(rule: str) -> Check:
    """A check that says nothing at all where that rule is concerned."""

    def check(folder: Path) -> Sequence[Problem]:
        problems = WHOLE(folder)
        return () if any(it.rule == rule for it in problems) else problems

    return check


WHOLE = mutants.problems_of


def test_a_check_that_points_elsewhere_or_breaks_off_is_noticed(tmp_path: Path) -> None:
    some = [it for it in some_of("key") if it.lines[0] > 1][:5]
    elsewhere = (Problem("example", "error", "connector.yaml", 1, 1, "?"),)
    figures = in_this_process(tmp_path, some, lambda folder: elsewhere)
    assert (figures.right_line, figures.with_hint, len(figures.astray)) == (0, 0, 5)
    broken = in_this_process(tmp_path, some, lambda folder: {}["nothing"])
    assert "breaks off" in broken.survivors[0].said


def renamed(file: str, original: str, mutated: str) -> Mutant:
    """A declared name with another in its place."""
    laid = lay(file, TEXTS[file])
    place = next(place for place in laid.document.keys if place[-1] == original and place[-2] == "properties")
    start, end = laid.key(place)
    return Mutant("name", "change", file, place, True, start, end, mutated, (laid.line(start),), original, mutated)


def test_what_is_legal_is_told_from_what_is_broken(tmp_path: Path) -> None:
    unused = renamed("schemas/amplify_message.yaml", "isReshareable", "isReshareabel")
    used = renamed("operations/queries/get_message.yaml", "postId", "potsId")
    read = renamed("connector.yaml", "timeZone", "timezone")
    first, second, third = in_this_process(tmp_path, [unused, used, read], lambda folder: ()).verdicts
    assert (first.legal, first.broken) == ("a declared field that nothing uses", "")
    assert second.broken and third.broken
    assert not second.legal and not third.legal


def test_a_name_is_also_reported_where_it_is_used() -> None:
    mutant = renamed(DELETE, "messageId", "mesageId")
    path = next(number for number, line in enumerate(TEXTS[DELETE].splitlines(), 1) if "{messageId}" in line)
    naming = problem(mutant, line=path, message="there is no input 'messageId'", hint="did you mean 'mesageId'?")
    assert mutants.judge(mutant, TEXTS, [naming]).line == "use"
    assert mutants.judge(mutant, TEXTS, [replace(naming, hint="")]).line == "wrong"
    assert mutants.judge(mutant, TEXTS, [replace(naming, line=1)]).line == "wrong"


def test_the_connector_itself_has_few_loose_ends() -> None:
    """What no example shows is forgiven its mutants, so it must not become much."""
    assert len(Loose.of(TEXTS).ends) <= 8
