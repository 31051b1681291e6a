"""The checker says what is wrong with any input; it never raises, and what it says can always be shown."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from connector_runtime.check import RULES, Checked, check
from connector_runtime.manifest import FOLDERS, Known
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "connectors" / "signed_calls"
MANY = settings(
    max_examples=2_500,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def manifests() -> Iterator[tuple[str, Any]]:
    """The kind and the data of every manifest of every connector here."""
    for top in (ROOT, *(path.parent for path in ROOT.glob("tests/connectors/*/connector.yaml"))):
        yield "connector", yaml.safe_load((top / "connector.yaml").read_text("utf-8"))
        for kind, folder in (*FOLDERS.items(), ("schema", "schemas")):
            for path in sorted((top / folder).glob("*.yaml")):
                yield kind, yaml.safe_load(path.read_text("utf-8"))


MANIFESTS = list(manifests())
FILES = {kind: f"{folder}/any.yaml" for kind, folder in FOLDERS.items()}
FILES |= {"connector": "connector.yaml", "schema": "schemas/any.yaml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small whole connector, to which a file is added or one of which is replaced."""
    for file in FILES.values():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    for file in ("connector.yaml", "operations/queries/get_gateway.yaml"):
        shutil.copy(SMALL / file, tmp_path / file)
    return tmp_path


KNOWN: Known = {}
WHOLE = (SMALL / "connector.yaml").read_bytes()


def checked(folder: Path, file: str, content: bytes) -> Checked:
    """The check of the connector with one file replaced, which is put back."""
    path = folder / file
    path.write_bytes(content)
    try:
        found = check(folder, KNOWN)
    finally:
        path.unlink() if file != "connector.yaml" else path.write_bytes(WHOLE)
        KNOWN.pop((file, next(kind for kind, it in FILES.items() if it == file)), None)
    for problem in found.problems:
        assert problem.rule in RULES
        assert problem.message and problem.line >= 1 and problem.column >= 1, problem
        assert "\n" not in problem.text and "Traceback" not in problem.text
        assert problem.end_line == 0 or (problem.line, problem.column) <= (problem.end_line, problem.end_column)
    json.dumps(found.as_json())
    return found


kinds = st.sampled_from(sorted(FILES))


@seed(1)
@MANY
@given(kind=kinds, content=st.binary(max_size=300))
def test_any_bytes(folder: Path, kind: str, content: bytes) -> None:
    checked(folder, FILES[kind], content)


SIGNS = "\n\n\n  -:{}[]'\"|>&*!%@`#,?=~\t\r\x00\x85\u2028\ufeff"
WORDS = [": ", "- ", "{{ input.x }}", "$ref: ", "examples", "when", "effect: read", "&a ", "*a", "<<: ", "!!str "]
LOOKS = ["---", "...", "0x1f", "1e999", "2026-01-01", "input:", "type", "anyOf"]
PIECES = st.sampled_from([*SIGNS, *WORDS, *LOOKS])


@seed(2)
@MANY
@given(kind=kinds, pieces=st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=60))
def test_any_text_that_looks_like_yaml(folder: Path, kind: str, pieces: list[str]) -> None:
    checked(folder, FILES[kind], "".join(pieces).encode("utf-8", "surrogatepass"))


TEXTS = [
    "{{ input.text }}",
    "{{ response.body[*].id | first }}",
    "[*]",
    "a.b[0]",
    "../../schemas/any.yaml",
    "5m",
    "GET",
]
TEXTS += ["read", "send", "get_gateway", "string", "array", "/v1/{id}", "https://x.example", "#/$defs/a"]
PATTERNS = ["^(a+)+$", "a{99999999999}", "(", "[z-a]", r"\p{L}", "(" * 300, "(?i)a", "["]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from([*TEXTS, *PATTERNS]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*place, key))


PLACES = [list(places(data)) for _, data in MANIFESTS]


def replaced(data: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy of the data in which something else stands at a place."""
    if not place:
        return new
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[place[0]] = replaced(data[place[0]], place[1:], new)
    return copy


def moved(data: Any, place: tuple[Any, ...], name: str) -> Any:
    """A copy of the data in which a key is called otherwise."""
    if len(place) == 1:
        return (
            {name if key == place[0] else key: value for key, value in data.items()} if isinstance(data, dict) else data
        )
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[place[0]] = moved(data[place[0]], place[1:], name)
    return copy


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Any]:
    """A real manifest in which a few places hold something else."""
    number = draw(st.integers(0, len(MANIFESTS) - 1))
    kind, data = MANIFESTS[number]
    for _ in range(draw(st.integers(1, 3))):
        known = PLACES[number] if data is MANIFESTS[number][1] else list(places(data))
        place = draw(st.sampled_from(known))
        if place and draw(st.booleans()):
            other = draw(st.sampled_from(known))
            name = draw(st.one_of(st.just(str((other or place)[-1])), st.text(max_size=6)))
            data = moved(data, place, name)
        else:
            data = replaced(data, place, draw(anything))
    return kind, data


@seed(3)
@settings(MANY, max_examples=5_000)
@given(manifest=damaged())
def test_any_damage_to_a_real_manifest(folder: Path, manifest: tuple[str, Any]) -> None:
    """Written as JSON, which is YAML too, so that what arrives is exactly this."""
    kind, data = manifest
    checked(folder, FILES[kind], json.dumps(data).encode())


def test_what_is_damaged_is_really_checked(folder: Path) -> None:
    """The tests above would be worthless if the file were not read, or if the rest were broken."""
    assert check(folder).problems == ()
    good = json.dumps(next(data for kind, data in MANIFESTS if kind == "query")).encode()
    for kind in sorted(FILES):
        assert any(problem.file == FILES[kind] for problem in checked(folder, FILES[kind], b"\xff").problems)
    assert any(problem.rule == "schema-line" for problem in checked(folder, FILES["query"], good).problems)


@pytest.mark.parametrize("place", ["schemas/self.yaml", "operations/queries/self.yaml"])
def test_a_link_to_itself_and_what_is_no_file_are_said(folder: Path, place: str) -> None:
    (folder / place).symlink_to(Path(place).name)
    os.mkfifo(folder / "schemas" / "pipe.yaml")
    found = {(problem.file, problem.rule) for problem in check(folder).problems}
    assert found >= {("schemas/pipe.yaml", "yaml-read")}
    assert {file for file, _ in found} <= {"schemas/pipe.yaml", place}


def test_a_source_that_is_empty_is_said(folder: Path) -> None:
    text = (folder / "connector.yaml").read_text("utf-8")
    (folder / "connector.yaml").write_text(text.partition("sources:")[0] + "sources:\n  hooks:\n", "utf-8")
    assert {problem.rule for problem in check(folder).problems} == {"wrong-value"}
