"""The runtime knows none of the provider's generic words: renamed at random in manifests and service, all works as before.

The words are renamed throughout the connectors, whose worked examples (calls, pages, uploads, error rules, events) must
then hold as they are, and on the wire between the runtime and the stand-in, over which the main job must still be done.
"""

from __future__ import annotations

import ast
import hmac
import json
import random
import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import connector_runtime
import pytest
from connector_runtime import Account, ConnectorError, SignatureError, load
from connector_runtime.check import check
from connector_runtime.dialect import computed_places
from connector_runtime.expressions import Computed
from connector_runtime.paths import walk

from tests.demo import SECRET, Events, picture, receiver, run
from tests.renamed import Renaming, names_in, read_file, relay, rename_folder, write_file
from tests.sandbox import Sandbox
from tests.sandbox import state as ids

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = [REPOSITORY, *sorted(path.parent for path in (REPOSITORY / "tests/connectors").glob("*/connector.yaml"))]
WORDS = ("data", "state", "seq_no", "type", "items")
Words = dict[str, str]


def _made_up(seed: int) -> Words:
    """Another word, of eight letters, for each of the words."""
    letters = random.Random(seed)
    return {word: "".join(letters.choices(string.ascii_lowercase, k=8)) for word in WORDS}


RANDOM = {f"seed {seed}": _made_up(seed) for seed in (1, 2, 3)}
SWAPPED = dict(zip(WORDS, (*WORDS[1:], WORDS[0]), strict=True))  # each is called as another was: `data` is now `state`
any_words = pytest.mark.parametrize("words", [*RANDOM.values(), SWAPPED], ids=[*RANDOM, "swapped"])
random_words = pytest.mark.parametrize("words", RANDOM.values(), ids=RANDOM)
every_connector = pytest.mark.parametrize(
    "folder", FOLDERS, ids=["hootsuite", *(folder.name for folder in FOLDERS[1:])]
)


# -- the connectors ------------------------------------------------------------------------------------------


@any_words
@every_connector
def test_a_renamed_connector_is_as_clean_as_before(folder: Path, words: Words, tmp_path: Path) -> None:
    """`check` carries out every worked example."""
    checked = check(rename_folder(folder, tmp_path, words))
    assert [str(problem) for problem in checked.problems] == []
    assert checked.operations == len(load(folder).operations) > 0


def _data_of(example: Any) -> Any:
    """The data in an example, without how a watched action failed: that is told in the runtime's own words."""
    given = [example.get(key) for key in ("input", "output", "data", "fetched", "connection")]
    item = {key: it for key, it in example.get("item", {}).items() if key != "error" or "call" not in example["item"]}
    exchanges = [it for it in (example, *example.get("exchanges", ())) if "request" in it]
    sent = [it["request"].get(key) for it in exchanges for key in ("json", "form", "params")]
    return [*given, item, *sent, *(it["response"].get("body") for it in exchanges)]


def _named_in(schema: Any) -> set[str]:
    """The names of data in a schema (without references), at any depth."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    named = {*schema.get("properties", ()), *schema.get("required", ()), *names_in(schema.get("examples"))}
    return named.union(*map(_named_in, inner))


def _read_in(document: Any, kind: str) -> set[str]:
    """The names of data in the expressions of a file; what they read of a `file` is the runtime's."""
    places = [place for place, _, _ in computed_places(kind, document.data)]
    paths = [path for place in places for path in Computed(walk(place, document.data)).reads if path[0] != "file"]
    return {str(part) for path in paths for part in path[1:]}


@random_words
@every_connector
def test_no_old_word_is_left_in_a_renamed_connector(folder: Path, words: Words, tmp_path: Path) -> None:
    """Neither in examples nor in schemas nor in expressions, as the runtime itself reads them."""
    for id_, operation in load(rename_folder(folder, tmp_path, words)).operations.items():
        names = names_in([_data_of(example) for example in operation.examples])
        names |= _named_in(operation.input) | _named_in(operation.output)
        names |= _read_in(operation.source.document, operation.kind)
        assert (id_, names & set(WORDS)) == (id_, set())


def _changed_back(value: Any, back: Renaming) -> Any:
    """Examples with the service's part of them (bodies of answers, items of webhooks) renamed once more."""
    if isinstance(value, list):
        return [_changed_back(each, back) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: back.data(it) if key in ("body", "item") else _changed_back(it, back) for key, it in value.items()}


SAID = {
    "queries/get_message": ("data", "state"),
    "queries/list_social_profiles": ("data", "type"),
    "actions/upload_media": ("data", "state"),
    "triggers/message_published": ("data", "state", "type"),
}


@pytest.mark.parametrize(("operation", "word"), [(id_, word) for id_, words in SAID.items() for word in words])
def test_a_service_that_still_says_one_old_word_is_noticed(operation: str, word: str, tmp_path: Path) -> None:
    words = _made_up(4)
    file = f"operations/{operation}.yaml"
    line, data = read_file(rename_folder(REPOSITORY, tmp_path, words) / file)
    data["examples"] = _changed_back(data["examples"], Renaming({words[word]: word}))
    write_file(tmp_path / file, line, data)
    found = {(problem.rule, problem.file) for problem in check(tmp_path).problems}
    assert found and found <= {("example", file), ("unknown-path", file)}  # the path, or what comes of it, is not there


# -- the wire ------------------------------------------------------------------------------------------------


@any_words
def test_a_call_in_other_words_is_sorted_as_before(words: Words, tmp_path: Path) -> None:
    """What webhooks are declared to ignore, what no trigger is for, and what is refused because it is old."""
    connector = load(rename_folder(REPOSITORY, tmp_path, words))

    def receive(source: str, algorithm: str, key: bytes, call: Any) -> Any:
        body = json.dumps(Renaming(words).data(call)).encode()
        headers = {"X-Hootsuite-Signature": hmac.digest(key, body, algorithm).hex()}
        return connector.receive(source, headers=headers, body=body, secret="ab")

    batch = [{"type": "com.hootsuite.ping.event.v1"}, {"type": "of another kind"}]
    received = receive("platform", "sha512", b"ab", batch)
    assert (received.ignored, received.malformed, list(received)) == (1, [], [])
    assert [str(left) for left in received.unknown] == [f'item 1: {words["type"]} "of another kind"']
    old = {"timestamp": "2020-01-01T00:00:00Z"}
    assert len(receive("inbox", "sha256", b"\xab", {"type": "SENT_TO_A_CRM", **old}).unknown) == 1
    with pytest.raises(SignatureError):
        receive("inbox", "sha256", b"\xab", {"type": "CONVERSATION_STARTED", **old})


def _job(account: Account, events: Events, folder: Path, words: Words) -> None:
    """An image on two profiles of which one fails, a text file that is refused, a pin, a suggestion, all events."""
    state, data, kind = words["state"], words["data"], words["type"]
    profiles = account.run("list_social_profiles")["socialProfiles"]
    assert {"FACEBOOKPAGE", "PINTEREST"} <= {profile[kind] for profile in profiles}
    image, notes = folder / "sunrise.png", folder / "notes.txt"
    image.write_bytes(picture())
    notes.write_text("Not a picture.")
    media = run(account, events, "upload_media", {"file": str(image)})
    assert media[state] == "READY"
    with pytest.raises(ConnectorError):
        run(account, events, "upload_media", {"file": str(notes)})
    soon = datetime.now(UTC) + timedelta(seconds=2)
    at, *days = [f"{soon + timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}" for number in (0, 1, 2)]
    post = {"text": "The sun is up.", "media": [{"id": media["mediaId"]}]}
    two = {"socialProfileIds": [ids.FACEBOOK_PAGE, ids.FAILING], "scheduledSendTime": at}
    made = run(account, events, "schedule_message", {**post, **two})
    assert made["complete"] and [message[state] for message in made["messages"]] == ["SCHEDULED"] * 2
    details = {"socialProfileType": "PINTEREST", "socialProfileId": ids.PINTEREST, data: {"boardId": "7"}}
    pin = {"socialProfileIds": [ids.PINTEREST], "scheduledSendTime": days[0], "extendedInfo": [details]}
    run(account, events, "schedule_message", {**post, **pin})
    planned = account.run("list_messages", {"startTime": days[0], "endTime": days[1], state: "SCHEDULED"})
    assert [message[state] for message in planned["messages"]] == ["SCHEDULED"]
    run(account, events, "suggest_content_to_amplify", {"text": "Our spring menu is here.", "topics": ["Menus"]})
    events.wait(len(events.seen) + 5)  # three are scheduled; then one is published, and one fails


@any_words
def test_the_main_job_is_done_in_other_words(words: Words, tmp_path: Path) -> None:
    connector = load(rename_folder(REPOSITORY, tmp_path / "connector", words))
    knobs: dict[str, Any] = {"processing_seconds": 0, "null_rate": 0, "requests_per_second": None}
    old = {new: word for word, new in words.items()}
    with Sandbox(webhook_seconds=0.2, **knobs) as sandbox, relay(sandbox.base_url, old) as api:
        events = Events(connector.connect(access_token=sandbox.token, base_url=api.url))
        with receiver(connector, events) as address, relay(address, words, SECRET) as calls:
            sandbox.register_webhook(f"{calls.url}/", secret=SECRET)
            _job(events.account, events, tmp_path, words)
        assert sandbox.violations == []
    assert events.topics == {it.topic for it in connector.operations.values() if it.topic}
    assert len(events.topics) == 6
    heard = [event for event in events.seen.values() if "/messages/" in event.type]
    ended = {(event.data["socialProfileId"], event.data[words["state"]]) for event in heard}
    assert {(ids.FACEBOOK_PAGE, "SENT"), (ids.FAILING, "SEND_FAILED_PERMANENTLY")} <= ended
    assert len({event.delivery for event in heard}) == len(heard) == 5
    assert [event.time for event in heard] == [event.data["at"] for event in heard]
    for seen, said in ((api.near, ("data", "state", "type")), (calls.far, ("data", "state", "type", "seq_no"))):
        assert {words[word] for word in said} <= seen
        assert seen & set(WORDS) <= set(words.values())


# -- the source ----------------------------------------------------------------------------------------------

PASSED_ON = (
    "answers calls connection events expressions pages paths request signatures subscriptions uploads watches webhooks"
)
"""The modules that the provider's data go through. In the others `type` and `items` are words of JSON Schema."""
OWN = {
    "account": {"data"},  # an attribute of errors
    "commands": {"data"},  # the same
    "events": {"data", "type"},  # CloudEvents
    "examples": {"data"},  # a key of the format's
    "signatures": {"items"},  # a method of mappings
    "uploads": {"type"},  # file.type in expressions
    "watches": {"data", "type"},  # an attribute of errors; error.type of a watched action
}
"""Module → the words in it that are not the provider's."""


def _allowed(module: str) -> set[str]:
    return OWN.get(module, set()) | (set() if module in PASSED_ON.split() else {"type", "items"})


def _names_in_texts(path: Path) -> set[str]:
    """The names in all texts of a Python file but those with blanks, which are for people."""
    texts = {it.value for it in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(it, ast.Constant)}
    return {name for text in texts if isinstance(text, str) and " " not in text for name in re.split(r"\W+", text)}


def test_the_source_of_the_runtime_names_no_word_of_the_provider() -> None:
    modules = {path.stem: path for path in Path(connector_runtime.__file__).parent.glob("*.py")}
    found = {module: _names_in_texts(path) & set(WORDS) - _allowed(module) for module, path in modules.items()}
    assert {module: words for module, words in found.items() if words} == {}
    assert set(PASSED_ON.split()) <= set(modules)
