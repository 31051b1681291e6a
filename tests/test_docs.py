"""What the documentation says about expressions is what they do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from connector_runtime.dialect import format_schema
from connector_runtime.expressions import FILTERS, parse_expression
from connector_runtime.paths import ABSENT

TEXT = (Path(__file__).parent.parent / "docs" / "expressions.md").read_text("utf-8")
TABLES = TEXT.partition("## Which names there are")[0]
ROWS = re.findall(r"^\| `(.+?)` \| (?:`(.+?)`|(absent)) \|", TABLES, re.MULTILINE)
INPUT, ANSWER = (json.loads(text) for text in re.findall(r"`(\{\"(?:text|data)\".*?\})`(?: and|:)", TEXT, re.DOTALL))
NAMES: dict[str, Any] = {"input": INPUT, "response": {"body": ANSWER}, "now": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(("expression", "value", "absent"), ROWS)
def test_every_row_of_the_tables_gives_its_value(expression: str, value: str, absent: str) -> None:
    found = parse_expression(expression.replace(r"\|", "|")).evaluate(NAMES)
    assert found is ABSENT if absent else (type(found), found) == (type(json.loads(value)), json.loads(value))


def test_the_tables_were_read() -> None:
    assert len(ROWS) == 22


def test_every_filter_is_documented() -> None:
    shown = {match for row in ROWS for match in re.findall(r"\\\| (\w+)", row[0])}
    assert shown == set(FILTERS)


def test_the_names_by_place_are_those_of_the_format() -> None:
    documented = set(re.findall(r"`(\w+)`", TEXT.partition("## Which names there are")[2].partition("`now` is")[0]))
    used = {name for kind in ("connector", "action", "query") for name in _names(format_schema(kind))}
    assert used - {"look_up"} <= documented


def _names(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = schema.get("x-names", [])
        return [*own, *(name for value in schema.values() for name in _names(value))]
    return [name for item in schema for name in _names(item)] if isinstance(schema, list) else []
