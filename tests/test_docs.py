"""What the documentation says about expressions and events is what they do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from connector_runtime.dialect import format_schema
from connector_runtime.expressions import FILTERS, parse_expression
from connector_runtime.messages import MAX_DEPTH
from connector_runtime.paths import ABSENT
from connector_runtime.webhooks import LARGEST

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "expressions.md").read_text("utf-8")
TABLES = TEXT.partition("## Which names there are")[0]
ROWS = re.findall(r"^\| `(.+?)` \| (?:`(.+?)`|(absent)) \|", TABLES, re.MULTILINE)
INPUT, ANSWER = (json.loads(text) for text in re.findall(r"`(\{\"(?:text|data)\".*?\})`(?: and|:)", TEXT, re.DOTALL))
KINDS = ("connector", "trigger", "action", "query")
NAMES: dict[str, Any] = {"input": INPUT, "response": {"body": ANSWER}, "now": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(("expression", "value", "absent"), ROWS)
def test_every_row_of_the_tables_gives_its_value(expression: str, value: str, absent: str) -> None:
    found = parse_expression(expression.replace(r"\|", "|")).evaluate(NAMES)
    assert found is ABSENT if absent else (type(found), found) == (type(json.loads(value)), json.loads(value))


def test_the_tables_were_read() -> None:
    assert len(ROWS) == 23


def test_every_filter_is_documented() -> None:
    shown = {match for row in ROWS for match in re.findall(r"\\\| (\w+)", row[0])}
    assert shown == set(FILTERS)


def test_the_names_by_place_are_those_of_the_format() -> None:
    documented = set(re.findall(r"`(\w+)`", TEXT.partition("## Which names there are")[2].partition("`now` is")[0]))
    used = {name for kind in KINDS for name in _names(format_schema(kind))}
    assert used - {"look_up"} <= documented


def _names(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = schema.get("x-names", [])
        return [*own, *(name for value in schema.values() for name in _names(value))]
    return [name for item in schema for name in _names(item)] if isinstance(schema, list) else []


def test_what_the_page_on_events_shows_stands_in_a_connector() -> None:
    page = (ROOT / "docs/events.md").read_text("utf-8")
    files = [ROOT / "connector.yaml", ROOT / "tests/connectors/signed_calls/connector.yaml"]
    there = "".join(file.read_text("utf-8") for file in files)
    shown = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(shown) == 3
    assert [block for block in shown if block not in there] == []


def test_the_page_on_events_knows_every_key_of_a_source() -> None:
    page = (ROOT / "docs/events.md").read_text("utf-8")
    source = format_schema("connector")["properties"]["sources"]["additionalProperties"]["properties"]
    verify = format_schema("connector")["$defs"]["verify"]["properties"]
    keys = {*source["webhook"]["properties"], *verify, *source["watch"]["properties"]}
    assert {key for key in keys if f"`{key}" not in page and f"{key}:" not in page} == set()
    for limit in (f"{LARGEST // 1_000_000} MB", f"deeper than {MAX_DEPTH}"):
        assert limit in page
