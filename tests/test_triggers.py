"""The triggers of the Hootsuite connector: those that its published documentation names, word for word, and no others.

What that page does not say (where the events come from, what Hootsuite leaves out) is said in the descriptions, so that
nobody expects more than there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import Trigger, load, match_topic

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT.parent / "shared" / "reference" / "seed-hootsuite-connection.txt"
CONNECTOR = load(ROOT)
TRIGGERS = CONNECTOR.manifest.triggers
WATCHED = {"media_upload_success", "media_upload_error", "suggestion_created"}

every_trigger = pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)


# -- the published page ----------------------------------------------------------------------------------


def published() -> set[tuple[str, str, str]]:
    """Title, topic and sentence of each trigger of the page."""
    text = PAGE.read_text("utf-8").partition("Trigger Operations\n")[2].partition("Action Operations\n")[0]
    return set(re.findall(r"(\S[^\n]*)\n\s*Triggers on: (\S+)\n\s*(Triggered when [^\n]+\.)\n", text))


@pytest.mark.skipif(
    not PAGE.is_file(), reason=f"the published page is not at hand in ../{PAGE.relative_to(ROOT.parent)}"
)
def test_the_triggers_are_those_of_the_published_page_word_for_word() -> None:
    page = published()
    assert len(page) == PAGE.read_text("utf-8").count("Triggers on:") == 6
    assert {(it.title, it.topic, sentence(it)) for it in TRIGGERS.values()} == page


def sentence(trigger: Trigger) -> str:
    """The first sentence of its description."""
    return trigger.description.partition(". ")[0].rstrip(".") + "."


# -- what each of them is --------------------------------------------------------------------------------


def test_there_are_six_each_with_its_handle_and_its_topic() -> None:
    assert {it.handle: it.topic for it in TRIGGERS.values()} == {
        "message-scheduled": "hootsuite/messages/messages.scheduled",
        "message-published": "hootsuite/messages/messages.published",
        "message-failed": "hootsuite/messages/messages.failed",
        "media-upload-success": "hootsuite/media/media.upload.success",
        "media-upload-error": "hootsuite/media/media.upload.error",
        "suggestion-created": "hootsuite/suggestions/suggestions.created",
    }


@every_trigger
def test_a_trigger_is_among_the_operations_and_only_reads(trigger: Trigger) -> None:
    assert CONNECTOR.operations[trigger.id] is trigger
    assert (trigger.kind, trigger.effect) == ("trigger", "read")
    assert trigger.id not in CONNECTOR.manifest.operations


@every_trigger
def test_a_title_an_id_and_a_topic_belong_together(trigger: Trigger) -> None:
    """`Message Published` is message_published, on connector/resource/event."""
    assert trigger.title.lower().replace(" ", "_") == trigger.id
    assert match_topic(f"{CONNECTOR.id}/{trigger.resource}/+", trigger.topic)
    assert trigger.topic.rpartition("/")[2].startswith(f"{trigger.resource}.")


@every_trigger
def test_events_of_our_own_actions_alone_are_said_to_be_that(trigger: Trigger) -> None:
    """Hootsuite has no webhook for them: whoever reads the description must not wait for what is done elsewhere."""
    sources = [CONNECTOR.manifest.sources[name] for name in trigger.sources]
    assert all(bool(it.watch) == (trigger.id in WATCHED) for it in sources)
    words = ("Hootsuite itself tells nobody", "comes from watching the", "that this connector makes", "are not seen.")
    assert [word in " ".join(trigger.description.split()) for word in words] == [trigger.id in WATCHED] * len(words)


def test_a_failure_is_said_to_come_without_a_reason() -> None:
    trigger = TRIGGERS["message_failed"]
    assert "Hootsuite gives no reason for it" in trigger.description
    reason = trigger.output["properties"]["likelyReason"]
    assert "likelyReason" not in trigger.output["required"]
    assert "Hootsuite itself gives no reason." in reason["description"]
    assert not any(name in trigger.output["properties"] for name in ("reason", "error", "cause"))


# -- inputs and outputs ----------------------------------------------------------------------------------


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object in a schema."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)


@every_trigger
def test_inputs_are_closed_and_none_is_required(trigger: Trigger) -> None:
    """Who narrows nothing down gets every event, and who misspells a name is told."""
    found = list(objects(trigger.input))
    assert found
    assert all(it["additionalProperties"] is False for it in found)
    assert not any(it.get("required") for it in found)


@every_trigger
def test_every_input_is_asked_for_by_the_filter_and_explained(trigger: Trigger) -> None:
    assert trigger.filter is not None
    read = {path[1] for path in trigger.filter.reads if path[0] == "input"}
    assert read == set(trigger.input["properties"])
    for schema in trigger.input["properties"].values():
        assert schema["title"]
        assert schema["description"].startswith("Only ")
        assert schema["examples"]


@every_trigger
def test_the_data_is_one_flat_object_with_the_event_s_id(trigger: Trigger) -> None:
    properties = trigger.output["properties"]
    assert {"eventId"} <= set(trigger.output["required"]) <= set(properties)
    kinds = {
        kind for it in properties.values() for kind in ([it["type"]] if isinstance(it["type"], str) else it["type"])
    }
    assert "object" not in kinds
    assert all(it["title"] and it["description"] and it["examples"] for it in properties.values())
    assert "at" in properties


@every_trigger
def test_every_fact_is_of_use_and_every_field_comes_from_somewhere(trigger: Trigger) -> None:
    """A fact that neither the data, the event's id, the filter nor a read needs would be one that nobody maintains."""
    written = trigger.source.document.data
    shown = set(written["returns"]) if "returns" in written else set()
    reads = [*trigger.returns.reads, *(trigger.filter.reads if trigger.filter else ())]
    reads += [path for it in trigger.fetch.values() for path in it.input.reads]
    used = {path[1] for path in reads if path[0] == "facts" and len(path) > 1} | set(trigger.same_event)
    facts = {name for it in trigger.sources.values() for name in it.facts}
    facts |= {name for it in trigger.fetch.values() for name in it.facts}
    fields = set(trigger.output["properties"]) - {"eventId"}
    if "returns" in written:
        assert (shown, facts) == (fields, used)
    else:
        assert facts == fields


# -- the sources -----------------------------------------------------------------------------------------


def test_what_hootsuite_sends_to_an_app_is_signed_and_split() -> None:
    source = CONNECTOR.manifest.sources["platform"].webhook
    assert source is not None
    assert source.verify is not None
    assert (source.verify.header, source.verify.algorithm) == ("X-Hootsuite-Signature", "hmac-sha512")
    assert set(source.verify.encodings) == {"hex", "base64"}
    assert set(source.verify.prefix) == {"", "sha512="}
    assert source.verify.signed == "body"
    assert source.verify.key.form.evaluate({"connection": {"webhookKeyForm": "base64"}}) == "base64"
    assert CONNECTOR.manifest.settings["properties"]["webhookKeyForm"]["enum"] == ["text", "hex", "base64"]
    assert CONNECTOR.manifest.settings["properties"]["webhookKeyForm"]["default"] == "text"
    assert source.items == ("[*]",)
    item = {"seq_no": "7", "type": "com.hootsuite.ping.event.v1", "data": {"timestamp": "2026-05-01T16:42:23.141Z"}}
    assert (source.delivery(item), source.time(item)) == ("7", "2026-05-01T16:42:23.141Z")
    assert source.ignore is not None
    assert source.ignore.fits(item)
    assert not source.ignore.fits({**item, "type": "com.hootsuite.messages.event.v1"})


def test_the_addresses_of_a_message_get_the_same_and_nobody_signs_it() -> None:
    platform, hooks = (CONNECTOR.manifest.sources[name].webhook for name in ("platform", "message_hooks"))
    assert platform is not None
    assert hooks is not None
    assert (hooks.like, hooks.verify) == ("platform", None)
    assert hooks.items == platform.items
    assert hooks.ignore is not None
    assert hooks.ignore.fits({"type": "com.hootsuite.ping.event.v1"})
    item = {"seq_no": "7", "data": {"timestamp": "2026-05-01T16:42:23.141Z"}}
    assert (hooks.delivery(item), hooks.time(item)) == (platform.delivery(item), platform.time(item))
    assert "does not sign" in CONNECTOR.manifest.sources["message_hooks"].description
    assert not any("message_hooks" in it.sources for it in TRIGGERS.values())


def test_the_inbox_signs_with_a_hexadecimal_key_and_says_when_to_an_agent_only() -> None:
    inbox = CONNECTOR.manifest.sources["inbox"].webhook
    assert inbox is not None
    assert inbox.verify is not None
    assert (inbox.verify.header, inbox.verify.algorithm) == ("X-Hootsuite-Signature", "hmac-sha256")
    assert (inbox.verify.encodings, inbox.verify.signed) == (("hex",), "body")
    assert inbox.verify.key.form.evaluate({}) == "hex"
    stamp = inbox.verify.timestamp
    assert stamp is not None
    assert stamp.when is not None
    assert (stamp.header, stamp.tolerance.total_seconds()) == (None, 300)
    kinds = ("CONVERSATION_STARTED", "CONVERSATION_DELEGATED", "INBOUND_MESSAGE_RECEIVED", "CONTACT_UPDATED")
    assert [stamp.when.fits({"type": kind}) for kind in kinds] == [True, True, True, False]
    item = {"idempotencyKey": "a-b", "timestamp": 1777655543141}
    assert inbox.delivery(item) == "a-b"
    assert inbox.time(item) == 1777655543141


@pytest.mark.parametrize(
    ("name", "after", "outcomes"),
    [
        (
            "media_uploads",
            ("upload_media", "create_media_upload_job"),
            ["ready", "gone", "upload_failed", "refused", "expired"],
        ),
        ("suggestions", ("suggest_content_to_amplify",), ["accepted"]),
    ],
)
def test_a_watch_names_its_actions_and_a_word_for_each_outcome(
    name: str, after: tuple[str, ...], outcomes: list[str]
) -> None:
    spec = CONNECTOR.manifest.sources[name].watch
    assert spec is not None
    assert (spec.after, list(spec.outcomes)) == (after, outcomes)
    assert all(CONNECTOR.manifest.operations[action].kind == "action" for action in spec.after)


def test_every_outcome_of_a_watch_is_heard_by_exactly_one_trigger() -> None:
    """And no trigger waits for a word that its watch never says."""
    for name, source in CONNECTOR.manifest.sources.items():
        if source.watch is None:
            continue
        heard = [
            word
            for trigger in TRIGGERS.values()
            if name in trigger.sources
            for path, _, values in trigger.sources[name].when.tests
            if path == ("outcome",)
            for word in values
        ]
        assert sorted(heard) == sorted(source.watch.outcomes)


@pytest.mark.parametrize(
    ("state", "heard"),
    [
        ("SCHEDULED", ["message_scheduled"]),
        ("SENT", ["message_published"]),
        ("SEND_FAILED_PERMANENTLY", ["message_failed"]),
        ("PENDING_APPROVAL", []),
        ("REJECTED", []),
        ("sent", []),
        (None, []),
    ],
)
def test_a_state_of_a_message_is_one_trigger_s_or_nobody_s(state: str | None, heard: list[str]) -> None:
    item = {"type": "com.hootsuite.messages.event.v1", "data": {"state": state}}
    assert [
        id_ for id_, it in TRIGGERS.items() if "platform" in it.sources and it.sources["platform"].when.fits(item)
    ] == heard
