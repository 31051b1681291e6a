"""Whatever Hootsuite's published specification lets a caller send, the connector lets a person say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from connector_runtime import load

ROOT = Path(__file__).parent.parent
SPECIFICATION = ROOT.parent / "shared" / "openapi" / "hootsuite-rest.swagger.yaml"

pytestmark = pytest.mark.skipif(
    not SPECIFICATION.is_file(), reason="the published specifications are not at hand in ../shared/openapi"
)


def fields(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[str]:
    """Every field of a schema, as `media[].id`."""
    schema = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "items" in schema:
        yield from fields(schema["items"], definitions, f"{path}[]")
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here
        yield from fields(inner, definitions, here)


def test_schedule_message_has_every_field_of_the_specification_and_no_other() -> None:
    """Beside them stand the inputs that are ours, which are never sent, and two that it has in an example only."""
    definitions = yaml.safe_load(SPECIFICATION.read_text("utf-8"))["definitions"]
    published = set(fields(definitions["Message"], definitions))
    operation = load(ROOT).operations["schedule_message"]
    ours = set(fields(operation.input, {}))
    assert published - ours == set()
    locales = "targeting.linkedInV2Company.interfaceLocales[]"
    assert ours - published == {"sendNow", "timeZone", "onPartialFailure", f"{locales}.country", f"{locales}.language"}
    assert not {"sendNow", "timeZone", "onPartialFailure"} & set(operation.sent)


def test_the_few_fields_that_matter_come_first() -> None:
    properties = load(ROOT).operations["schedule_message"].input["properties"]
    visibilities = [schema["x-visibility"] for schema in properties.values()]
    assert visibilities == sorted(visibilities, key=["important", "advanced"].index)
    assert visibilities.count("important") <= 6
