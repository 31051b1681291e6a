"""One version number each, wherever it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

from connector_runtime import load

ROOT = Path(__file__).parent.parent


def test_the_wheel_of_the_connector_has_the_version_of_its_manifest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == load(ROOT).version
    assert project["entry-points"]["human.connectors"] == {load(ROOT).id: "hootsuite_connector"}


def test_the_connector_asks_for_the_runtime_that_it_is_tested_with() -> None:
    runtime = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert wanted == [f"connector-runtime>={runtime['version'].rpartition('.')[0]}"]
