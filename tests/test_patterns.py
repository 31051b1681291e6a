"""Slow patterns are proved slow by Python's `re` itself, quick ones quick; wrong ones are named in words."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from connector_runtime import patterns
from connector_runtime.formats import compiled, fits_pattern
from connector_runtime.patterns import slow_part, wrong_pattern
from hypothesis import example, given, settings
from hypothesis import strategies as st

REPOSITORY = Path(__file__).parent.parent

# A pattern, the part that is slow, and what an attack repeats between "start" and "end".
SLOW = [
    (r"^(a+)+$", "(a+)+", "", "a", "!"),
    (r"^(a*)*$", "(a*)*", "", "a", "!"),
    (r"^(a|a)*$", "(a|a)*", "", "a", "!"),
    (r"^(a|ab|b)*$", "(a|ab|b)*", "", "ab", "!"),
    (r"^(\w+\s?)*$", r"(\w+\s?)*", "", "a", "!"),
    (r"^([^,]+,?)*;$", "([^,]+,?)*", "", "a", ""),
    (r"^(a?b?)*$", "(a?b?)*", "", "ab", "!"),
    (r"^(a(b?)?)*$", "(a(b?)?)*", "", "a", "!"),
    (r"^(a(b*)*)*$", "(b*)*", "", "a", "!"),
    (r"^(a(?:b?)+)*$", "(a(?:b?)+)*", "", "a", "!"),
    (r"^(?:a(|))*$", "(?:a(|))*", "", "a", "!"),
    (r"^(?:a?){22}a{22}$", "(?:a?){22}", "", "a", "!"),
    (r"^(a{1,6})*$", "(a{1,6})*", "", "a", "!"),
    (r"^(a{1,30}){1,30}$", "(a{1,30}){1,30}", "", "a", "!"),
    (r"^(a{1,1000})*$", "(a{1,1000})*", "", "a", "!"),
    (r"^(a{2}|a{3})*$", "(a{2}|a{3})*", "", "a", "!"),
    (r"^([a-z]+)*\d$", "([a-z]+)*", "", "a", "!"),
    (r"^(\d+\.?)+$", r"(\d+\.?)+", "", "1", "!"),
    (r"^(.|\s)*x$", r"(.|\s)*", "", " ", "!"),
    (r"^(\r\n|\r|\n)*x$", r"(\r\n|\r|\n)*", "", "\r\n", "!"),
    (r"^(\d+|\w)+;$", r"(\d+|\w)+", "", "1", "!"),
    (r'^"(\\.|[^"])*"$', r'(\\.|[^"])*', '"', r"\a", ""),
    (r"^x((a+)+|b)$", "(a+)+", "x", "a", "!"),
    (r"^(?=(a+)+$)", "(a+)+", "", "a", "!"),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "(([a-z])+.)+", "", "a", ""),
    (r"^(a+?)+?$", "(a+?)+?", "", "a", "!"),
    (r"^([A-Za-z0-9]+[-_.]?)+@example$", "([A-Za-z0-9]+[-_.]?)+", "", "a", "!"),
    (r"^([a-zA-Z0-9]+\s*,?\s*)+$", r"([a-zA-Z0-9]+\s*,?\s*)+", "", "a", "!"),
    (r"^(/?[^/]+)*/$", "(/?[^/]+)*", "", "a", ""),
    (r"^([^\s@]+\.?)+@", r"([^\s@]+\.?)+", "", "a", ""),
    (r"(x+x+)+y", "(x+x+)+", "", "x", ""),
]
CUBIC = [
    (r"^\s*\s*\s*$", r"\s*\s*\s*", "", " ", "!"),
    (r"^a*a*a*b", "a*a*a*", "", "a", ""),
    (r"^\w*\d+[0-9a-f]*$", r"\w*\d+[0-9a-f]*", "", "1", "!"),
    (r"\s*\s+$", r"\s*\s+", "", " ", "!"),  # not anchored: a search begins anew at each character
    (r"\S+@\S+\.\S+", r"\S+@\S+", "", "@", ""),
    (r"^.*,.*,.*;$", r".*,.*,.*", "", ",", ""),
    (r"^\s*(a+)?\s*(b+)?\s*$", r"\s*(a+)?\s*(b+)?\s*", "", " ", "!"),
]
# A pattern, and a text of which many in a row fit as far as possible.
QUICK = [
    (r"^([A-Za-z_]\w*\.)*\w+$", "ab."),
    (r"^\d+(\.\d+)*$", "1.2"),
    (r"^[^\s@]+@([a-z]+\.)+[a-z]+$", "a@a."),
    (r"^https?://(static\.ow\.ly/|ow\.ly/i/)", "http://ow.ly/"),
    (
        r"^(\[(\*|[0-9]{1,6}|'[^']+')\]|[A-Za-z_][A-Za-z0-9_]*)(\.[A-Za-z_][A-Za-z0-9_]*|\[(\*|[0-9]{1,6}|'[^']+')\])*$",
        "a[1]",
    ),
    (r"^a+$", "a"),
    (r"a+b", "a"),
    (r"\s+$", " "),
    (r"^\s*\s*$", " "),
    (r"a*a*a*", "a"),
    (r",.*,.*,", ",,"),  # three commas are a match, fewer are quick
    (r"^a*b*c*d*$", "ab"),
    (r"^(a|b)*$", "ab"),
    (r"^(a|ab)*$", "ab"),  # after an a, a b can only belong to it
    (r"^(ab|cd)*$", "abcd"),
    (r"^(.|\s)*$", " "),  # any text fits
    (r"^(a|b|)*$", "ab"),
    (r"^(ab+)+$", "ab"),
    (r"^(a+b)+$", "aab"),
    (r"^(a+,)*a+$", "a,"),
    (r"^(\w+\s)*\w+$", "a "),
    (r"^(\w+\s+)*\w+$", "a  "),
    (r"^([^,]+,)*[^,]*$", "a,"),
    (r"^[^,]*(,[^,]*)*$", "a,"),
    (r'^"(\\.|[^\\"])*"$', r"\a"),
    (r"^((?!foo).)*$", "fo"),
    (r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}$", "aB"),
    (r"^(\b\w+\b\s*)*$", "ab "),
    (r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?$", "2026-"),
    (r"^([0-9a-f]{4}:){7}[0-9a-f]{4}$", "abcd:"),
    (r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "abcd-"),
    (r"^(\d{3})*$", "123"),
    (r"^(a{500})*$", "a"),
    (r"^(\d{1,3}\.){3}\d{1,3}$", "123."),
    (r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$", "ab-a."),
    (r"^[A-Za-z]{1,30}[a-z]{0,50}[a-z0-9]{0,50}$", "a"),
    (r"^(a{1,3}){1,5}$", "a"),
    (r"^#([0-9a-f]{3}|[0-9a-f]{6})$", "abc"),
    (r"^(\+\d{1,3}[ -]?)?(\(\d+\)[ -]?)?\d+([ -]\d+)*$", "12 "),
    (r"^\{\{[^{}]*\}\}$", "{{"),
    (r"^/([^/]+/)*[^/]*$", "/a"),
    (r"^[a-z]+(-[a-z]+)*$", "a-"),
    (r"^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$", "1.2"),
    (r"^(\r\n|\n)+x$", "\r\n"),
    (r"^(\w|\d)+;$", "1"),  # Python makes one class of the two
    (r"^\S+(\s+\S+)*$", "a "),
    (r"^(mon|tue|wed)(,(mon|tue|wed))*$", "mon,"),
    (r"", "a"),
]
WRONG = {
    "(a": "'(' is never closed",
    "((a)": "'(' is never closed",
    "a)": "')' closes nothing",
    "*a": "nothing stands before '*' that could be repeated",
    "a|+": "nothing stands before '+' that could be repeated",
    "^*": "nothing stands before '*' that could be repeated",
    "(?=a)*": "nothing stands before '*' that could be repeated",
    "a**": "'*' stands directly behind another repeat",
    "a++": "'+' stands directly behind another repeat",
    "a{2}{3}": "'{3}' stands directly behind another repeat",
    "a*??": "nothing stands before '?' that could be repeated",
    "[a": "'[' is never closed",
    "[]a]": "'[]' holds no character",
    "a]": "']' stands for itself only as",
    "{{a}}": "'{' stands for itself only as",
    "a{,3}": "'{,3}' needs its first number: '{0,3}'",
    "a{3,2}": "larger number first",
    "[z-a]": "runs backwards",
    r"[\s-x]": "runs backwards or has a class",
    "a\\": "nothing stands behind the '\\' at its end",
    r"\A": "'\\A' is not read alike everywhere; write '^'",
    r"a\Z": "'\\Z' is not read alike everywhere; write '$'",
    r"\p{L}": "'\\p' is not read alike",
    r"[\b]": "'\\b' is not read alike",
    r"\x4": "'\\x' is not read alike",
    "(?P<name>a)": "'(?P<' is not read alike everywhere",
    "(?<name>a)": "'(?<' is not read alike everywhere",
    "(?i)a": "'(?i' is not read alike everywhere",
    "(?>a)": "'(?>' is not read alike everywhere",
    "(?#a)": "'(?#' is not read alike everywhere",
    "(?(1)a)": "'(?(' is not read alike everywhere",
    "[[a]": "'[' inside of [...] must be written",
    "[a&&b]": "'&&' inside of [...]",
    r"(?<=a+)b": "must have a fixed length",
    r"\1": "refers to a group that does not exist",
    r"(a\1)": "refers to the group that it stands in",
    "(" * 31 + ")" * 31: "nested more than 30 deep",
    "a" * 1_001: "longer than 1,000 characters",
    "a{99999999999}": "repeats something too often",
}


def patterns_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key == "pattern" and isinstance(each, str))
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from patterns_of(each)


def our_patterns() -> list[str]:
    files = [REPOSITORY / "connector.yaml"]
    files += [file for folder in ("operations", "schemas") for file in (REPOSITORY / folder).rglob("*.yaml")]
    found = [each for file in files for each in patterns_of(yaml.safe_load(file.read_text("utf-8")))]
    for file in Path(patterns.__file__).parent.joinpath("format").glob("*.json"):
        found += patterns_of(json.loads(file.read_text("utf-8")))
    return sorted(set(found))


def seconds(pattern: str, text: str) -> float:
    start = time.perf_counter()
    assert not fits_pattern(pattern, text)
    return time.perf_counter() - start


@pytest.mark.parametrize(("pattern", "part", "start", "pump", "end"), SLOW, ids=[row[0] for row in SLOW])
def test_an_exponential_pattern_is_found(pattern: str, part: str, start: str, pump: str, end: str) -> None:
    assert wrong_pattern(pattern) is None
    assert slow_part(pattern) == part
    # The proof: a fiftieth of a second over less than 70 characters, for which a quick pattern needs a millionth.
    assert any(seconds(pattern, start + pump * count + end) > 0.02 for count in range(8, 60 // len(pump)))


@pytest.mark.parametrize(("pattern", "part", "start", "pump", "end"), CUBIC, ids=[row[0] for row in CUBIC])
def test_a_cubic_pattern_is_found(pattern: str, part: str, start: str, pump: str, end: str) -> None:
    assert slow_part(pattern) == part
    # Six times the text takes 216 times as long; with a quadratic pattern it would be 36 times.
    times = [min(seconds(pattern, start + pump * count + end) for _ in range(3)) for count in (60, 360)]
    assert times[1] > 80 * times[0], times


@pytest.mark.parametrize("row", [SLOW[0], SLOW[4], SLOW[13]], ids=lambda row: row[0])
def test_an_exponential_pattern_does_not_finish(row: tuple[str, ...]) -> None:
    code = "import re, sys; re.search(sys.argv[1], sys.argv[2])"
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", code, row[0], row[2] + row[3] * 40 + row[4]], timeout=0.6, check=False)


@pytest.mark.parametrize("part", ["(a+)+", "(a*)*", "(a|a)*", r"(\w+\s?)*", "([^,]+,?)*"])
def test_an_exponential_part_is_found_before_anything_that_can_fail_follows(part: str) -> None:
    assert slow_part(part) == part


@pytest.mark.parametrize("pattern", [*(row[0] for row in QUICK), *our_patterns()])
def test_a_quick_pattern_is_not_reported(pattern: str) -> None:
    assert wrong_pattern(pattern) is None
    assert slow_part(pattern) is None


def test_quick_patterns_are_quick() -> None:
    """Over 5,000 characters: one in a row, what fits in a row, all mixed, and each with an end that does not fit."""
    rows = [*QUICK, *((pattern, "{a}") for pattern in our_patterns())]
    work = []
    for pattern, text in rows:
        texts = {*text, *"a1 ", text, *re.findall(r"[^\\\s]", pattern)[:4], pattern or "a"}
        work.append((compiled(pattern).pattern, [(each * 5_000)[:5_000] + end for each in texts for end in "\n!"]))
    code = "import json, re, sys\nfor p, ts in json.load(sys.stdin):\n    for t in ts: re.search(p, t, re.ASCII)"
    subprocess.run([sys.executable, "-c", code], input=json.dumps(work), text=True, timeout=20, check=True)


@pytest.mark.parametrize("pattern", WRONG)
def test_a_wrong_pattern_is_explained(pattern: str) -> None:
    assert WRONG[pattern] in (wrong_pattern(pattern) or "")
    assert slow_part(pattern) is None


@pytest.mark.parametrize("pattern", ["a*?", r"\/\.\-", "[^a]", r"[\]\[]", r"(a)\1", "(?:a)", r"(?<!a)b", r"\x41\u0041"])
def test_a_right_pattern_passes(pattern: str) -> None:
    assert wrong_pattern(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(" * 30 + "a" + ")*" * 30,
        "(" * 30 + "(a|b|c|d)" + "){12}" * 30,
        "(" * 30 + ")" + "{12}" + "){12}" * 29,
        "(" + "|".join(f"{number}x" for number in range(230)) + ")*",
        "(" + "|".join(["a?b?c?"] * 140) + ")*",
        "(" + "a?" * 490 + ")*",
        "a*" * 500,
        "a" * 1_000,
        "(a{0,1000}){0,1000}" * 50,
        "(" + "[a-c]{12}" * 100 + ")*",
        "(" + "".join(f"[^{chr(200 + number)}]?" for number in range(190)) + "x)*y",
        "(" + "|".join(f"a{{{number}}}" for number in range(1, 150)) + ")*y",
    ],
)
def test_looking_at_a_pattern_takes_no_time_itself(pattern: str) -> None:
    start = time.perf_counter()
    slow_part(pattern)
    assert time.perf_counter() - start < 4


ALPHABET = r"ab\\()[]{}*+?|.^$-,:=!<>P123dwsSbAZ "


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text(ALPHABET, max_size=25)))
@example("(?")
@example("[")
@example("\ud800[\udfff-\U0010ffff]*")
def test_no_text_makes_them_fail(pattern: str) -> None:
    part, wrong = slow_part(pattern), wrong_pattern(pattern)
    assert part is None or part in pattern
    assert wrong is None or (wrong and part is None)
    if wrong is None:
        compiled(pattern)
        assert isinstance(fits_pattern(pattern, "a"), bool)


def test_what_counts_as_a_space_is_what_patterns_match_as_one() -> None:
    ranges = patterns._CATEGORIES["SPACE"]
    spaces = {code for low, high in ranges for code in range(low, high + 1)}
    assert spaces == {code for code in range(0x10000) if fits_pattern(r"^\s$", chr(code))}
