"""`check`: each mistake is found, at its place, by its rule; a clean connector stays clean."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from connector_runtime import load
from connector_runtime.check import RULES, check

ROOT = Path(__file__).parent.parent
DELETE = "operations/actions/delete_message.yaml"
SCHEDULE = "operations/actions/schedule_message.yaml"
PROFILES = "operations/queries/list_social_profiles.yaml"


def test_the_connector_is_clean_and_the_count_is_of_everything() -> None:
    checked = check(ROOT)
    files = [ROOT / "connector.yaml", *ROOT.glob("operations/*/*.yaml"), *ROOT.glob("schemas/*.yaml")]
    assert (checked.problems, checked.files, checked.operations) == ((), len(files), len(load(ROOT).operations))
    assert checked.rules == len(RULES)


MISTAKES = {
    "a misspelled key": (DELETE, "effect: delete", "efect: delete", "unknown-key", "did you mean 'effect'?"),
    "a misspelled value": (DELETE, "effect: delete", "effect: delet", "wrong-value", "did you mean 'delete'?"),
    "a missing key": (DELETE, "resource: messages\n", "", "missing-key", "'resource' is missing here"),
    "a key twice": (DELETE, "resource: messages", "resource: messages\nresource: media", "yaml-duplicate", "line 4"),
    "a number that may be text": (
        DELETE,
        'examples: ["4138476039"]',
        "examples: [0x41]",
        "yaml-look-alike",
        'write "0x41" if it is a text',
    ),
    "no YAML": (
        DELETE,
        "effect: delete",
        "effect: 'delete",
        "yaml-syntax",
        "the quote ' in front of 'delete' is never closed; put ' behind the text, too",
    ),
    "another editor line": (DELETE, "format/action.json", "format/query.json", "schema-line", "format/action.json"),
    "a path without its input": (DELETE, '{messageId}"}', '{id}"}', "path-input", "there is no input 'id'"),
    "a missing schema": (SCHEDULE, "schemas/privacy.yaml", "schemas/private.yaml", "schema-ref", "does not exist"),
    "a broken pattern": (DELETE, "pattern: '^\\S+$'", "pattern: '('", "schema-pattern", "not a regular expression"),
    "an unknown query": (
        SCHEDULE,
        "{query: get_me}",
        "{query: get_mee}",
        "unknown-operation",
        "did you mean 'get_me'?",
    ),
    "a look-up that writes": (
        SCHEDULE,
        "{query: get_me}",
        "{query: upload_media}",
        "reference-effect",
        "more than read",
    ),
    "no expression": (DELETE, "{{ input.messageId }}.", "{{ input. }}.", "expression", "is not an expression"),
    "an unknown name": (DELETE, '"{{ input.messageId }}"', '"{{ inputs.messageId }}"', "expression-name", "'input'?"),
    "an unknown input": (
        DELETE,
        '"{{ input.messageId }}"',
        '"{{ input.mesageId }}"',
        "unknown-path",
        "'messageId'?",
    ),
    "an output that differs": (
        DELETE,
        "deleted: true}",
        "deleted: false}",
        "example",
        "output.deleted is true; the example says false",
    ),
    "a request that differs": (
        DELETE,
        "messages/4138476039}",
        "messages/4138476038}",
        "example",
        "messages/4138476039",
    ),
    "a sentence that differs": (DELETE, "Most likely it is deleted already.", "It is gone.", "example", "It is gone."),
    "a label that is gone": (
        PROFILES,
        "label:",
        "labels:",
        "unknown-output",
        "the output has no 'labels'; did you mean 'label'?",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_at_its_line_by_its_rule(folder: Path, name: str) -> None:
    file, right, wrong, rule, said = MISTAKES[name]
    text = (folder / file).read_text("utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), "utf-8")
    checked = check(folder)
    found = [problem for problem in checked.problems if problem.rule == rule and problem.file == file]
    assert found, checked.problems
    assert any(said in problem.text for problem in found), found
    if rule not in ("example", "missing-key", "yaml-syntax"):
        damaged = text[: text.index(right)].count("\n") + 1
        assert {problem.line - damaged for problem in found} <= {0, 1}


CONNECTOR = "connector.yaml"
PUBLISHED, SCHEDULED, FAILED, UPLOADED, REFUSED, SUGGESTED = (
    f"operations/triggers/{id_}.yaml"
    for id_ in (
        "message_published",
        "message_scheduled",
        "message_failed",
        "media_upload_success",
        "media_upload_error",
        "suggestion_created",
    )
)
SENT = "data: {state: SENT, organization: {id"
MADE_ID = 'message: {id: "4138476039"}, timestamp'
UNREAD = 'message: {id: "4138476040"}, timestamp: "2026-05-02T07:00:04.000Z"}}\n'
FIRST = "'A post on a Facebook page'"

# What is replaced by what, the rule that says so, the start of its sentence, and what the problem points at.
OF_TRIGGERS: dict[str, tuple[str, str, str, str, str, str]] = {
    # topic
    "a topic of another connector": (
        PUBLISHED,
        "topic: hootsuite/messages/",
        "topic: hootsweet/messages/",
        "topic",
        "the topic must start with hootsuite/messages/ (connector and resource), and 'hootsweet' is not 'hootsuite'; did",
        "hootsweet/messages/messages.published",
    ),
    "a topic of another resource": (
        PUBLISHED,
        "topic: hootsuite/messages/",
        "topic: hootsuite/messages_too/",
        "topic",
        "the topic must start with hootsuite/messages/ (connector and resource), and 'messages_too' is not 'messages'; did",
        "messages_too/",
    ),
    "an event twice": (
        SCHEDULED,
        "messages.scheduled",
        "messages.published",
        "topic",
        f"{PUBLISHED} has the event 'messages.published' too",
        "hootsuite/messages/messages.published",
    ),
    "an event twice, of two resources": (
        FAILED,
        "messages.failed",
        "media.upload.error",
        "topic",
        f"{REFUSED} has the event 'media.upload.error' too",
        "hootsuite/messages/media.upload.error",
    ),
    # unknown-source
    "a misspelled source": (
        PUBLISHED,
        "  platform:",
        "  platfrom:",
        "unknown-source",
        "there is no source 'platfrom'; did you mean 'platform'?",
        "platfrom:",
    ),
    "a source that nobody declared": (
        PUBLISHED,
        "  platform:",
        "  hooks:",
        "unknown-source",
        "there is no source 'hooks'; sources are declared in connector.yaml",
        "hooks:",
    ),
    "a source that is like another": (
        PUBLISHED,
        "  platform:",
        "  message_hooks:",
        "unknown-source",
        "'message_hooks' is like 'platform', and hears all that is said of that one",
        "message_hooks:",
    ),
    "like a misspelled source": (
        CONNECTOR,
        "like: platform",
        "like: platfrom",
        "unknown-source",
        "there is no source 'platfrom'; did you mean 'platform'?",
        "platfrom",
    ),
    "like a source that nobody declared": (
        CONNECTOR,
        "like: platform",
        "like: nobody",
        "unknown-source",
        "there is no source 'nobody'",
        "nobody",
    ),
    "like itself": (
        CONNECTOR,
        "like: platform",
        "like: message_hooks",
        "unknown-source",
        "a source cannot be like itself",
        "message_hooks",
    ),
    "like one that is like another": (
        CONNECTOR,
        "  inbox:\n",
        "  more: {webhook: {like: message_hooks, signature: none}}\n  inbox:\n",
        "unknown-source",
        "'message_hooks'",
        "message_hooks, signature",
    ),
    "like a watch": (
        CONNECTOR,
        "like: platform",
        "like: suggestions",
        "unknown-source",
        "'suggestions'",
        "suggestions",
    ),
    # unknown-fact
    "a misspelled fact": (
        PUBLISHED,
        "same_event: [messageId,",
        "same_event: [mesageId,",
        "unknown-fact",
        "the source 'platform' has no fact 'mesageId'; did you mean 'messageId'?",
        "mesageId",
    ),
    "a fact that is none": (
        PUBLISHED,
        "same_event: [messageId, state]",
        "same_event: [messageId, number]",
        "unknown-fact",
        "the source 'platform' has no fact 'number'",
        "number]",
    ),
    "a fact that one of two sources lacks": (
        PUBLISHED,
        "# Hootsuite's calls hold ids only.\n",
        "  inbox: {when: {type: SENT}, facts: {messageId: id}}\n",
        "unknown-fact",
        "the source 'inbox' has no fact 'state'",
        "state]",
    ),
    "a fact that is no longer fetched": (
        FAILED,
        "facts: {scheduledSendTime: scheduledSendTime}",
        "facts: {sendTime: scheduledSendTime}",
        "unknown-fact",
        "the source 'platform' has no fact 'scheduledSendTime'",
        "scheduledSendTime]",
    ),
    # signature
    "a signed timestamp that stands nowhere": (
        CONNECTOR,
        "signed: body",
        'signed: "{timestamp}.{body}"',
        "signature",
        "{timestamp} is signed, and nothing says which header it stands in",
        'timestamp}.{body}"',
    ),
    "a signed timestamp that stands in the items": (
        CONNECTOR,
        "signed: body\n        encodings: [hex]\n",
        'signed: "{timestamp}{body}"\n        encodings: [hex]\n',
        "signature",
        "{timestamp} is signed, and nothing says which header it stands in",
        'timestamp}{body}"',
    ),
    "a timestamp that is not signed": (
        CONNECTOR,
        'prefix: ["", "sha512="]',
        "timestamp: {header: X-Time, tolerance: 5m}",
        "signature",
        "the timestamp is not signed, so anybody could change it; put {timestamp} into signed",
        "timestamp: {header: X-Time",
    ),
    "a key of no known form": (
        CONNECTOR,
        "form: hex}",
        "form: hexa}",
        "signature",
        "'hexa' is none of text, hex, base64; did you mean 'hex'?",
        "hexa}",
    ),
    # expression-name and expression
    "a filter by an input that is not there": (
        REFUSED,
        "not input.outcomes or",
        "not input.outcome or",
        "unknown-path",
        "'input.outcome': there is no input 'outcome'; did you mean 'outcomes'?",
        "outcome or",
    ),
    "a filter by a misspelled fact": (
        REFUSED,
        "facts.outcome in input",
        "facts.outcom in input",
        "unknown-path",
        "'facts.outcom': there is no fact 'outcom'; did you mean 'outcome'?",
        "outcom in",
    ),
    "a filter by a fact that is none": (
        REFUSED,
        "facts.outcome in input",
        "facts.number in input",
        "unknown-path",
        "'facts.number': there is no fact 'number'; facts are declared in each source, and beside a query of `fetch`",
        "number in",
    ),
    "a filter by what is never fetched": (
        REFUSED,
        "facts.outcome in input",
        "fetched.media.state in input",
        "unknown-path",
        "'fetched.media.state': there is no read 'media'; reads are declared under `fetch`",
        "media.state in",
    ),
    "a filter by a misspelled name": (
        REFUSED,
        "facts.outcome in input",
        "fact.outcome in input",
        "expression-name",
        "there is no 'fact' here; did you mean 'facts'?",
        "fact.outcome in",
    ),
    "data from a misspelled fact": (
        PUBLISHED,
        '"{{ facts.state }}"',
        '"{{ facts.stat }}"',
        "unknown-path",
        "'facts.stat': there is no fact 'stat'; did you mean 'state'?",
        'stat }}"',
    ),
    "data from a misspelled read": (
        PUBLISHED,
        '"{{ fetched.message.text }}"',
        '"{{ fetched.mesage.text }}"',
        "unknown-path",
        "'fetched.mesage.text': there is no read 'mesage'; did you mean 'message'?",
        "mesage.text",
    ),
    "data from what an automation asked for": (
        PUBLISHED,
        '"{{ fetched.message.text }}"',
        '"{{ input.text }}"',
        "expression-name",
        "there is no 'input' here; there are facts, fetched",
        "input.text",
    ),
    "a read by a misspelled fact": (
        PUBLISHED,
        'messageId: "{{ facts.messageId }}"}, confirm',
        'messageId: "{{ facts.mesageId }}"}, confirm',
        "unknown-path",
        "'facts.mesageId': there is no fact 'mesageId'; did you mean 'messageId'?",
        'mesageId }}"}',
    ),
    "a read by what an automation asked for": (
        PUBLISHED,
        'messageId: "{{ facts.messageId }}"}, confirm',
        'messageId: "{{ input.messageId }}"}, confirm',
        "expression-name",
        "there is no 'input' here; there are facts, fetched",
        "input.messageId }}",
    ),
    "a read by a misspelled read": (
        FAILED,
        '"{{ fetched.message.socialProfileId }}"}, optional',
        '"{{ fetched.mesage.socialProfileId }}"}, optional',
        "unknown-path",
        "'fetched.mesage.socialProfileId': there is no read 'mesage'; did you mean 'message'?",
        "mesage.socialProfileId",
    ),
    "a look by a misspelled name": (
        CONNECTOR,
        "{{ output.mediaId }}",
        "{{ outputs.mediaId }}",
        "expression-name",
        "there is no 'outputs' here; did you mean 'output'?",
        "outputs.mediaId",
    ),
    "a look by a fact": (
        CONNECTOR,
        "{{ output.mediaId }}",
        "{{ facts.mediaId }}",
        "expression-name",
        "there is no 'facts' here; there are input, output",
        "facts.mediaId",
    ),
    "a key's form from a setting that there is not": (
        CONNECTOR,
        "{{ connection.webhookKeyForm }}",
        "{{ connection.webhookKeyFrom }}",
        "unknown-path",
        "'connection.webhookKeyFrom': there is no setting 'webhookKeyFrom'; did you mean 'webhookKeyForm'?",
        'webhookKeyFrom }}"',
    ),
    "a key's form from a setting that may be anything": (
        CONNECTOR,
        "{{ connection.webhookKeyForm }}",
        "{{ connection.timeZone }}",
        "signature",
        "'{{ connection.timeZone }}' is not one setting whose values are among",
        '"{{ connection.timeZone }}"',
    ),
    "a query that is watched": (
        CONNECTOR,
        "after: suggest_content_to_amplify",
        "after: get_me",
        "reference-effect",
        "'get_me' is a query, and an action has to stand here",
        "get_me",
    ),
    "a read with an input that its query has not": (
        PUBLISHED,
        'input: {messageId: "{{ facts.messageId }}"}, confirm',
        'input: {messageID: "{{ facts.messageId }}"}, confirm',
        "call-input",
        "get_message has no input 'messageID'; did you mean 'messageId'?",
        "messageID",
    ),
    "a read without the input that its query needs": (
        PUBLISHED,
        '{query: get_message, input: {messageId: "{{ facts.messageId }}"}, ',
        "{query: get_message, ",
        "call-input",
        "get_message needs the input 'messageId'; put it under `input`",
        "message: {query",
    ),
    "a look with an input that its query has not": (
        CONNECTOR,
        "input: {mediaId: ",
        "input: {media_id: ",
        "call-input",
        "get_media_upload_status has no input 'media_id'; did you mean 'mediaId'?",
        "media_id",
    ),
    "an outcome that the watch has no word for": (
        UPLOADED,
        "when: {outcome: ready}",
        "when: {outcome: [ready, redy]}",
        "unknown-value",
        "it is never 'redy'; did you mean 'ready'?",
        "redy]",
    ),
    "a fact out of what no item of a watch has": (
        UPLOADED,
        "      mediaId: output.mediaId",
        "      mediaId: outputs.mediaId",
        "unknown-path",
        "'outputs.mediaId': an item of media_uploads has no 'outputs'; did you mean 'output'?",
        "outputs.mediaId",
    ),
    "an outcome by what no item of a watch has": (
        CONNECTOR,
        "accepted: {done: true}",
        "accepted: {don: true}",
        "unknown-path",
        "an item of suggestions has no 'don'; did you mean 'done'?",
        "don: true",
    ),
    "data that the output does not declare": (
        REFUSED,
        '  file: "{{ facts.file }}"',
        '  fil: "{{ facts.file }}"',
        "unknown-output",
        "the output has no 'fil'; did you mean 'file'?",
        "fil:",
    ),
    "what the answer of a read does not have": (
        PUBLISHED,
        "{{ fetched.message.postUrl }}",
        "{{ fetched.message.postURL }}",
        "unknown-path",
        "'fetched.message.postURL': 'fetched.message' has no 'postURL'; did you mean 'postUrl'?",
        "postURL",
    ),
    "a fact out of what a read does not have": (
        SCHEDULED,
        "facts: {scheduledSendTime: scheduledSendTime}",
        "facts: {scheduledSendTime: scheduledSendTme}",
        "unknown-path",
        "the output of get_message has no 'scheduledSendTme'; did you mean 'scheduledSendTime'?",
        "scheduledSendTme",
    ),
    "a title that another trigger has": (
        SCHEDULED,
        "trigger: Message Scheduled",
        "trigger: Message Published",
        "topic",
        f"{PUBLISHED} has the title 'Message Published' too",
        "Message Published",
    ),
    "a header that was meant as the timestamp": (
        CONNECTOR,
        "signed: body\n        encodings: [hex, base64]",
        'signed: "{time}.{body}"\n        encodings: [hex, base64]',
        "signature",
        "{time} would be a header of that name; did you mean '{timestamp}'?",
        "time}",
    ),
    "a source that no example shows": (
        PUBLISHED,
        "sources:\n",
        "sources:\n  inbox: {when: {type: MESSAGE_SENT}, facts: {messageId: id, state: state}}\n",
        "not-shown",
        "no example shows the source 'inbox'",
        "inbox: {when",
    ),
    "a fact that every event has": (
        SUGGESTED,
        "    suggestionId:\n      type: string\n      title: Suggestion Id",
        "    eventId: {type: string}\n    suggestionId:\n      type: string\n      title: Suggestion Id",
        "unknown-output",
        "every event has 'eventId' of its own",
        "eventId: {type",
    ),
    "a read of what is read later": (
        FAILED,
        'message:\n    query: get_message\n    input: {messageId: "{{ facts.messageId }}"}',
        'message:\n    query: get_message\n    input: {messageId: "{{ fetched.history.messageId or facts.messageId }}"}',
        "fetch-order",
        "'history' is read later than 'message', so there is nothing in it yet; put 'history' above 'message'",
        "fetched.history",
    ),
    "a name that is for requests only": (
        PUBLISHED,
        'at: "{{ facts.at }}"',
        'at: "{{ now }}"',
        "expression-name",
        "there is no 'now' here; there are facts, fetched",
        'now }}"',
    ),
    "an input that another file does not declare": (
        PUBLISHED,
        "and (not input.tags or input.tags",
        "and (not input.tag or input.tags",
        "unknown-path",
        "'input.tag': there is no input 'tag'; did you mean 'tags'?",
        "tag or input.tags",
    ),
    "a key's form from nowhere": (
        CONNECTOR,
        "{{ connection.webhookKeyForm }}",
        "{{ conection.webhookKeyForm }}",
        "expression-name",
        "there is no 'conection' here; did you mean 'connection'?",
        "conection.webhookKeyForm",
    ),
    "a filter of two expressions": (
        REFUSED,
        'outcomes }}"\n',
        'outcomes }} {{ facts.code }}"\n',
        "expression",
        "a condition is one expression in one pair of {{ }}",
        '"{{ not input.outcomes',
    ),
    # unknown-operation and reference-effect
    "a misspelled read": (
        PUBLISHED,
        "query: get_message,",
        "query: get_mesage,",
        "unknown-operation",
        "there is no operation 'get_mesage'; did you mean 'get_message'?",
        "get_mesage",
    ),
    "a read that is a trigger": (
        PUBLISHED,
        "query: get_message,",
        "query: message_scheduled,",
        "unknown-operation",
        "'message_scheduled' is a trigger, which cannot be called",
        "message_scheduled",
    ),
    "a read that deletes": (
        PUBLISHED,
        "query: get_message,",
        "query: delete_message,",
        "reference-effect",
        "'delete_message' does more than read, so it cannot stand here",
        "delete_message",
    ),
    "a watch on a misspelled action": (
        CONNECTOR,
        "after: suggest_content_to_amplify",
        "after: suggest_content_to_amplfy",
        "unknown-operation",
        "there is no operation 'suggest_content_to_amplfy'; did you mean 'suggest_content_to_amplify'?",
        "suggest_content_to_amplfy",
    ),
    "a watch on two actions, one of them misspelled": (
        CONNECTOR,
        "create_media_upload_job]",
        "create_media_uplod_job]",
        "unknown-operation",
        "there is no operation 'create_media_uplod_job'; did you mean 'create_media_upload_job'?",
        "create_media_uplod_job]",
    ),
    "a watch on a trigger": (
        CONNECTOR,
        "after: suggest_content_to_amplify",
        "after: suggestion_created",
        "unknown-operation",
        "'suggestion_created' is a trigger, which cannot be called",
        "suggestion_created",
    ),
    "a look that is no operation": (
        CONNECTOR,
        "query: get_media_upload_status",
        "query: get_media_uplod_status",
        "unknown-operation",
        "there is no operation 'get_media_uplod_status'; did you mean 'get_media_upload_status'?",
        "get_media_uplod_status",
    ),
    "a look that is a trigger": (
        CONNECTOR,
        "query: get_media_upload_status",
        "query: media_upload_success",
        "unknown-operation",
        "'media_upload_success' is a trigger, which cannot be called",
        "media_upload_success",
    ),
    "a look that writes": (
        CONNECTOR,
        "query: get_media_upload_status",
        "query: upload_media",
        "reference-effect",
        "'upload_media' does more than read, so it cannot stand here",
        "upload_media",
    ),
    "a probe that is a trigger": (
        CONNECTOR,
        "probe: get_me",
        "probe: message_failed",
        "unknown-operation",
        "'message_failed' is a trigger, which cannot be called",
        "message_failed",
    ),
    "choices from no operation": (
        SUGGESTED,
        "query: list_topics",
        "query: list_topic",
        "unknown-operation",
        "there is no operation 'list_topic'; did you mean 'list_topics'?",
        "list_topic,",
    ),
    # the file itself
    "a misspelled key of a trigger": (
        PUBLISHED,
        "same_event:",
        "same_events:",
        "unknown-key",
        "'same_events' is not known here; did you mean 'same_event'?",
        "same_events:",
    ),
    "a key that only actions have": (
        PUBLISHED,
        "same_event:",
        "effect: read\nsame_event:",
        "unknown-key",
        "'effect' is not known here; known: trigger, topic, ",
        "effect: read",
    ),
    "the editor line of an action": (
        PUBLISHED,
        "format/trigger.json",
        "format/action.json",
        "schema-line",
        "the first line names 'action.json', and this is a file for format/trigger.json; write format/trigger.json",
        "action.json",
    ),
    "data of a schema that is not there": (
        PUBLISHED,
        "message_event.yaml#/$defs/state",
        "message_event.yaml#/$defs/stat",
        "schema-ref",
        "'../../schemas/message_event.yaml#/$defs/stat' names a place that does not exist there; did you mean 'state'?",
        'stat"}',
    ),
    # example
    "an example of a source that the trigger does not name": (
        PUBLISHED,
        "    source: platform",
        "    source: inbox",
        "example",
        f"{FIRST}: the trigger does not name the source 'inbox'",
        "inbox",
    ),
    "an outcome that the watch names otherwise": (
        REFUSED,
        "outcome: refused\n    data",
        "outcome: gone\n    data",
        "example",
        "'A file that Hootsuite does not take': the outcome is refused; the example says gone",
        "outcome: gone",
    ),
    "an outcome that the example leaves out": (
        REFUSED,
        "      outcome: refused\n    data",
        "    data",
        "example",
        "'A file that Hootsuite does not take': the outcome is refused; the example says nothing",
        "done: false",
    ),
    "an outcome that the watch does not come to": (
        REFUSED,
        ", step: job}",
        "}",
        "example",
        "'A file that Hootsuite does not take': the outcome is none; the example says refused",
        "outcome: refused",
    ),
    "an item that is another trigger's": (
        PUBLISHED,
        SENT,
        SENT.replace("SENT", "SCHEDULED"),
        "example",
        f"{FIRST}: the item does not fit the `when` of the source 'platform'",
        "item: {seq_no",
    ),
    "a read that the trigger does not make": (
        PUBLISHED,
        "    fetched:\n      message:",
        "    fetched:\n      profile:",
        "example",
        f"{FIRST}: the trigger fetches nothing that is called 'profile'",
        "profile:",
    ),
    "an item without what makes it the same": (
        PUBLISHED,
        MADE_ID,
        "message: {}, timestamp",
        "example",
        f"{FIRST}: no event can be made of it: messageId is missing",
        "item: {seq_no",
    ),
    "an item with a list where an id has to be": (
        PUBLISHED,
        MADE_ID,
        "message: {id: [1]}, timestamp",
        "example",
        f"{FIRST}: no event can be made of it: messageId is no usable text or number",
        "item: {seq_no",
    ),
    "an item with a number where text has to be": (
        PUBLISHED,
        MADE_ID,
        "message: {id: 4138476039}, timestamp",
        "example",
        f"{FIRST}: no event can be made of it: messageId: 4138476039 is a whole number; text was expected",
        "item: {seq_no",
    ),
    "data that differs": (
        PUBLISHED,
        '    data:\n      messageId: "4138476039"',
        '    data:\n      messageId: "4138476038"',
        "example",
        f'{FIRST}: data.messageId is "4138476039"; the example says "4138476038"',
        '"4138476038"',
    ),
    "data with too little": (
        PUBLISHED,
        "      tags: [spring]\n",
        "",
        "example",
        f'{FIRST}: data.tags is missing here; it is ["spring"]',
        "data:",
    ),
    "data with too much": (
        PUBLISHED,
        "      tags: [spring]\n",
        "      tags: [spring]\n      label: a\n",
        "example-value",
        "'label' is not declared; declare it first, or take it out (known: messageId, state, at, ",
        "label: a",
    ),
    "an event that is wanted after all": (
        PUBLISHED,
        "    data:\n",
        "    wanted: false\n    data:\n",
        "example",
        f"{FIRST}: an automation with this input wants the event",
        "wanted: false",
    ),
    "an event that is not wanted after all": (
        REFUSED,
        "    wanted: false\n",
        "",
        "example",
        "'Hootsuite no longer knows the file': an automation with this input does not want the event",
        "title: Hootsuite no longer",
    ),
    "an automation that asks for what does not exist": (
        REFUSED,
        "input: {outcomes: [upload_failed]}",
        "input: {outcomes: [uploadfailed]}",
        "example-value",
        "'uploadfailed' is not one of the known values; did you mean 'upload_failed'?",
        "uploadfailed]",
    ),
    "an automation that asks before anything was read": (
        PUBLISHED,
        UNREAD,
        f"{UNREAD}    input: {{tags: [a]}}\n",
        "example",
        "'A post that no organization owns, before the message was read'",
        "",
    ),
}


@pytest.mark.parametrize("name", OF_TRIGGERS)
def test_a_mistake_about_triggers_is_one_problem_that_points_at_it(folder: Path, name: str) -> None:
    """One sentence, by its rule, at the very place; nothing else is said."""
    file, right, wrong, rule, said, at = OF_TRIGGERS[name]
    text = (folder / file).read_text("utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), "utf-8")
    problems = check(folder).problems
    assert [(it.rule, it.file) for it in problems] == [(rule, file)], problems
    line = (folder / file).read_text("utf-8").splitlines()[problems[0].line - 1]
    assert problems[0].text.startswith(said), problems
    assert line[problems[0].column - 1 :].startswith(at), problems


@pytest.mark.parametrize("signed", ["{timestamp}.{body}", "{X-Time}{body}", "{x-time}.{body}"])
def test_a_timestamp_is_signed_by_its_word_or_by_the_name_of_its_header(folder: Path, signed: str) -> None:
    text = (folder / CONNECTOR).read_text("utf-8")
    stamped = f'signed: "{signed}"\n        timestamp: {{header: X-Time, tolerance: 5m}}'
    (folder / CONNECTOR).write_text(text.replace("signed: body", stamped, 1), "utf-8")
    assert check(folder).problems == ()


def test_every_rule_that_triggers_brought_has_a_mistake_above() -> None:
    assert {"topic", "unknown-source", "unknown-fact", "signature"} <= {it[3] for it in OF_TRIGGERS.values()}


def test_an_id_is_that_of_a_trigger_or_of_an_action_not_of_both(folder: Path) -> None:
    """The trigger is read first, so that the action is the one that has to go."""
    text = (folder / SUGGESTED).read_text("utf-8")
    (folder / SUGGESTED).unlink()
    (folder / "operations/triggers/delete_message.yaml").write_text(text, "utf-8")
    assert [str(problem) for problem in check(folder).problems] == [
        f"{DELETE}:2:1: 'delete_message' is the id of operations/triggers/delete_message.yaml already [file-name]"
    ]


@pytest.mark.parametrize("id_", ["Suggestion_created", "suggestion-created", "2nd_suggestion", "suggestion.created"])
def test_a_trigger_s_file_is_named_as_its_id(folder: Path, id_: str) -> None:
    (folder / SUGGESTED).rename(folder / f"operations/triggers/{id_}.yaml")
    assert [str(problem) for problem in check(folder).problems] == [
        f"operations/triggers/{id_}.yaml:2:1: '{id_}' cannot be the id of an operation; "
        "use small letters, digits and _ [file-name]"
    ]


def test_one_broken_file_does_not_hide_the_mistakes_of_another(folder: Path) -> None:
    (folder / DELETE).write_text("not: [closed", "utf-8")
    (folder / SCHEDULE).write_text(
        (folder / SCHEDULE).read_text("utf-8").replace("effect: send", "effect: sends"), "utf-8"
    )
    checked = check(folder)
    assert {problem.file for problem in checked.problems} == {DELETE, SCHEDULE}
    assert checked.files == check(ROOT).files
    assert checked.operations == check(ROOT).operations - 2


@pytest.mark.parametrize(
    "stray",
    [
        "operations/actions/delete.yml",
        "operations/triggers/sent.yml",
        "operations/trigger/sent.yaml",
        "operations/lists/list.yaml",
        "schemas/old.json",
    ],
)
def test_a_file_that_is_never_read_is_no_secret(folder: Path, stray: str) -> None:
    (folder / stray).parent.mkdir(exist_ok=True)
    (folder / stray).write_text("x: 1", "utf-8")
    assert [(problem.rule, problem.file) for problem in check(folder).problems] == [("file-name", stray)]


def test_a_schema_that_nobody_refers_to_is_checked_all_the_same(folder: Path) -> None:
    (folder / "schemas/alone.yaml").write_text("tipe: string", "utf-8")
    assert [(problem.rule, problem.file) for problem in check(folder).problems] == [
        ("unknown-key", "schemas/alone.yaml")
    ]


def _calls(path: Path) -> list[tuple[str, str]]:
    """The name of whatever is called with a text first, and that text."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call) and node.args]
    named = [(getattr(it.func, "attr", getattr(it.func, "id", "")), it.args[0]) for it in calls]
    return [(name, str(first.value)) for name, first in named if isinstance(first, ast.Constant)]


def test_the_table_of_rules_has_every_rule_that_the_code_names() -> None:
    """A rule that was written but is not in the table would never be looked at, and nothing would say so."""
    calls = [it for path in (ROOT / "runtime/connector_runtime/rules").glob("*.py") for it in _calls(path)]
    written = [id_ for name, id_ in calls if name in ("rule", "Rule")]
    assert sorted(written) == sorted(RULES)
    assert [it.id for it in RULES.values()] == list(RULES)


def test_a_rule_without_a_function_is_one_that_reading_names() -> None:
    """A rule is found by its function, or named with a problem while the files are read: each is one or the other."""
    texts: dict[str, set[str]] = {}
    for path in (ROOT / "runtime/connector_runtime").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.setdefault(node.value, set()).add(path.name)
        for name, first in _calls(path):
            if name in ("problem", "Problem"):
                assert first in RULES, (path.name, first)
    without = {id_ for id_, rule in RULES.items() if rule.look is None}
    assert without <= set(texts), without - set(texts)


def test_load_says_the_first_problem_and_how_many_more(folder: Path) -> None:
    (folder / DELETE).write_text("# nothing\nefect: delete\n", "utf-8")
    with pytest.raises(Exception, match=r"delete_message.yaml:2:1: .* \(and \d+ more; `connector check` lists them\)"):
        load(folder)


def test_an_example_that_its_source_ignores_is_told_of(folder: Path) -> None:
    """Else all events would be lost, and every example would still be right."""
    text = (folder / CONNECTOR).read_text("utf-8")
    ignored = text.replace(
        "ignore: {type: com.hootsuite.ping.event.v1}", "ignore: {type: com.hootsuite.messages.event.v1}"
    )
    (folder / CONNECTOR).write_text(ignored, "utf-8")
    problems = check(folder).problems
    assert len(problems) == sum(len(load(ROOT).operations[id_].examples) for id_ in MESSAGES)
    assert {problem.text.partition(": ")[2] for problem in problems} == {"the source 'platform' ignores this item"}


MESSAGES = ("message_scheduled", "message_published", "message_failed")
