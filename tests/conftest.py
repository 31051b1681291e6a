"""What all tests may ask for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the files that tests compare with, instead of comparing"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether the files that tests compare with are to be written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the connector that may be damaged."""
    shutil.copy(ROOT / "connector.yaml", tmp_path)
    for name in ("operations", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path
