"""Whatever Hootsuite's published specification lets a caller send, the connector lets a person say; and whatever a
trigger waits for is among what Hootsuite publishes that it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from connector_runtime import load

ROOT = Path(__file__).parent.parent
SPECIFICATION = ROOT.parent / "shared" / "openapi" / "hootsuite-rest.swagger.yaml"
INBOX = SPECIFICATION.with_name("hootsuite-inbox.openapi.yaml")

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
    operation = load(ROOT).manifest.operations["schedule_message"]
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


def _definition(*names: str) -> dict[str, Any]:
    """The one definition that has all of these fields."""
    definitions = yaml.safe_load(SPECIFICATION.read_text("utf-8"))["definitions"]
    (found,) = [it["properties"] for it in definitions.values() if set(names) <= set(it.get("properties", {}))]
    return dict(found)


def test_the_media_types_to_choose_from_are_those_that_hootsuite_takes() -> None:
    published = re.findall(r"\w+/\w+", _definition("sizeBytes", "mimeType")["mimeType"]["description"])
    chosen = load(ROOT).operations["media_upload_success"].input["properties"]["mimeTypes"]["items"]["enum"]
    assert len(published) == 5
    assert sorted(chosen) == sorted(published)


def test_the_states_that_triggers_wait_for_are_states_of_a_message() -> None:
    """A state with a misspelled name would be waited for, for ever."""
    definitions = yaml.safe_load(SPECIFICATION.read_text("utf-8"))["definitions"]
    published = next(it["properties"]["state"] for it in definitions.values() if "postUrl" in it.get("properties", {}))
    waited = {
        state
        for trigger in load(ROOT).manifest.triggers.values()
        for detection in trigger.sources.values()
        for path, _, states in detection.when.tests
        if path == ("data", "state")
        for state in states
    }
    assert waited == {"SCHEDULED", "SENT", "SEND_FAILED_PERMANENTLY"}
    assert waited <= set(published["enum"])


def test_the_actions_of_a_review_that_explain_a_failure_are_actions_of_a_review() -> None:
    published = _definition("actionType", "actorId")["actionType"]["enum"]
    reason = load(ROOT).manifest.triggers["message_failed"].source.document.data["returns"]["likelyReason"]
    named = re.findall(r"'([A-Z]+)'", reason)
    assert len(named) == 3
    assert set(named) <= set(published)


@pytest.mark.skipif(not INBOX.is_file(), reason=f"the published specification is not at hand in ../shared/{INBOX.name}")
def test_the_inbox_s_events_that_say_when_they_were_sent_are_all_that_go_to_an_agent() -> None:
    """One that were missing here could be sent again by anybody who has seen it."""
    schemas = yaml.safe_load(INBOX.read_text("utf-8"))["components"]["schemas"].values()
    events = [it["allOf"] for it in schemas if {"$ref": "#/components/schemas/VaiWebhookEvent"} in it.get("allOf", ())]
    published = {kind for (_, own) in events for kind in own["properties"]["type"]["enum"]}
    spec = load(ROOT).manifest.sources["inbox"].webhook
    assert spec is not None
    assert spec.verify is not None
    assert spec.verify.timestamp is not None
    assert spec.verify.timestamp.when is not None
    ((path, _, kinds),) = spec.verify.timestamp.when.tests
    assert path == ("type",)
    assert kinds == published
