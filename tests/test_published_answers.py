"""Whatever Hootsuite's published specification allows as an answer, every operation takes.

Answers are made at random from the specification (`../shared/openapi`) with what it is known to leave out: null in any
optional field, missing fields, fields and values nobody has heard of, empty lists, numbers of any size. An operation
returns them, or fails with a sentence of its own where that is its purpose (`FAILS_ON_PURPOSE`). It never finds an
answer odd (OutputError), and nothing but a ConnectorError ever comes out. The same answers complete the events of every
trigger that fetches.

Each answer is made from its seed alone, so that a failure can be repeated.
"""

import hmac
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from connector_runtime import (
    Account,
    Connector,
    ConnectorError,
    Event,
    InputError,
    RemoteError,
    Request,
    Response,
    SignInError,
    UnknownOutcome,
    load,
)
from connector_runtime.examples import NOW
from connector_runtime.schemas import Validator
from connector_runtime.times import parse_time

from tests.sandbox.contract import DEVIATIONS, SPECIFICATIONS, Contract, Operation

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 250
STATUSES = (400, 401, 403, 404, 429, 500, 503)
ERROR_ROUNDS = 10
# No message was made, or the profile's time zone is none (then nothing was sent); a step of several failed.
FAILS_ON_PURPOSE = {"schedule_message": (RemoteError, InputError), "upload_media": (RemoteError,)} | dict.fromkeys(
    ("create_media_upload_job", "get_me", "get_message"),
    (RemoteError,),  # without an id, a member or a message nobody can go on
)
UPLOAD_HOST = "hootsuite-video.s3.amazonaws.com"
PICTURE = b"\x89PNG stands for a picture"

pytestmark = pytest.mark.skipif(
    not SPECIFICATIONS.is_dir(), reason="the published specifications are not at hand in ../shared/openapi"
)


# -- answers at random -----------------------------------------------------------------------------------


class Dice:
    """Values at random that fit a JSON Schema; `chance` decides, made from a seed alone."""

    TEXTS = ("", " ", "x", "BRAND_NEW", "2026-01-01T00:00:00Z", 'é"<\u2028\n', "{{ 7 }}", "a" * 500)
    INTEGERS = (0, 1, -1, 4000, 4001, 2**31, 2**63, 10**30)
    UNKNOWN: tuple[Any, ...] = (1, "x", None, [], {"inner": [1, None]})

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.fresh = count()

    def odds(self, share: float) -> bool:
        return self.chance.random() < share

    def value(self, schema: Mapping[str, Any], name: str = "") -> Any:
        if "anyOf" in schema:
            return self.value(self.chance.choice(schema["anyOf"]), name)
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else self.chance.choice(kinds)
        if kind == "object":
            return self.object(schema, name)
        if kind == "array":
            fewest = schema.get("minItems", 0)
            most = schema.get("maxItems", 3)
            return [self.value(schema["items"]) for _ in range(self.chance.randint(fewest, most))]
        if kind == "string":
            return self.text(schema, name)
        return {
            "integer": self.chance.choice(self.INTEGERS),
            "number": self.chance.choice((*self.INTEGERS, 2.5, -0.0, 1e300)),
            "boolean": self.odds(0.5),
            "null": None,
        }[kind]

    def object(self, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, inner in schema.get("properties", {}).items():
            optional = key not in schema.get("required", ())
            if optional and self.odds(0.2):
                continue
            made[key] = None if optional and self.odds(0.2) else self.value(inner, f"{name}.{key}")
        if self.odds(0.3):
            made["neverHeardOf"] = self.chance.choice(self.UNKNOWN)
        return made

    def text(self, schema: Mapping[str, Any], name: str) -> str:
        if name.endswith(".cursor.next"):  # another one each time, and no more after a few: lists end
            number = next(self.fresh)
            return f"cursor {number}" if number < 3 and self.odds(0.7) else ""
        if name.endswith(".uploadUrl") and self.odds(0.8):
            return f"https://{UPLOAD_HOST}/production/a.png?Signature=example"
        if "enum" in schema and self.odds(0.8):
            return str(self.chance.choice([each for each in schema["enum"] if each is not None]))
        return self.chance.choice(self.TEXTS)


@cache
def specified() -> dict[str, tuple[Operation, dict[str, Any] | None]]:
    """The operations of the specification by id, each with the schema of its answers."""
    contract = Contract.find()
    assert contract is not None
    return {operation.id: (operation, answer_schema(operation)) for operation in contract.operations}


def answer_schema(operation: Operation) -> dict[str, Any] | None:
    """What the specification says, made wider by what is known to be different from it; None: the body is empty."""
    schema = operation.answer_schema(200)
    for deviation in DEVIATIONS:
        if schema and deviation.widen and deviation.applies(operation):
            schema = deviation.widen(schema)
    if schema and "errors" in schema.get("properties", {}):
        errors = operation.error_schema()["properties"]["errors"]
        schema = {**schema, "properties": {**schema["properties"], "errors": errors}}
    return schema


def schema_behind(id_: str) -> dict[str, Any]:
    schema = specified()[id_][1]
    assert schema is not None
    return schema


class Hootsuite:
    """Answers whatever is asked with dice, and keeps it all so that a failure can show it."""

    def __init__(self, seed: str, status: int = 200) -> None:
        self.dice = Dice(f"{seed} {status}")
        self.status = status
        self.log = f"seed {seed}, status {status}"

    def __call__(self, request: Request) -> Response:
        status, body = self.answer(request)
        self.log += f"\n{request.method} {request.url} -> {status} {body.decode()[:2000]}"
        return Response(status, {"content-type": "application/json"}, body)

    def answer(self, request: Request) -> tuple[int, bytes]:
        address = urlsplit(request.url)
        if address.hostname == UPLOAD_HOST:
            return 200, b""
        for operation, schema in specified().values():
            if operation.method == request.method and operation.path.fullmatch(address.path):
                if self.status != 200:
                    return self.status, self.json(operation.error_schema())
                return 200, self.json(schema) if schema else self.dice.chance.choice((b"", b'{"data":{}}'))
        raise LookupError(f"the specification has no {request.method} {address.path}")

    def json(self, schema: Mapping[str, Any]) -> bytes:
        return json.dumps(self.dice.value(schema)).encode()


# -- calls -----------------------------------------------------------------------------------------------


@cache
def connector() -> Connector:
    return load(ROOT)


def operation_ids() -> list[str]:
    """What can be called."""
    return sorted(path.stem for kind in ("actions", "queries") for path in ROOT.glob(f"operations/{kind}/*.yaml"))


def fetching_ids() -> list[str]:
    """The triggers whose events are completed with answers."""
    return sorted(id_ for id_, trigger in connector().manifest.triggers.items() if trigger.fetch)


def calls_of(id_: str) -> list[dict[str, Any]]:
    """The examples that end well, whose inputs are therefore good."""
    return [example for example in connector().operations[id_].examples if "output" in example]


def account_for(example: Mapping[str, Any], send: Hootsuite, folder: Path) -> Account:
    now = parse_time(example.get("now", NOW))
    values = example.get("connection", {})
    account = connector().connect(access_token="no-secret", send=send, now=lambda: now, folder=folder, **values)
    return replace(account, connection=replace(account.connection, pause=lambda seconds: None))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with the files that examples upload."""
    for example in calls_of("upload_media"):
        for name in example["files"]:
            (tmp_path / name).write_bytes(PICTURE)
    return tmp_path


def outcomes(id_: str, number: int, status: int, folder: Path) -> Iterator[tuple[dict[str, Any] | Exception, str]]:
    """What comes of calls of an operation, each answered in another way: an output or an error, and what was said."""
    examples = calls_of(id_)
    for n in range(number):
        example = examples[n % len(examples)]
        hootsuite = Hootsuite(f"{id_} {n}", status)
        try:
            outcome: dict[str, Any] | Exception = account_for(example, hootsuite, folder).run(id_, example["input"])
        except Exception as error:  # also those that nobody may ever see: they are what this looks for
            outcome = error
        yield outcome, f"{type(outcome).__name__}: {outcome}\n{hootsuite.log}"


def event_of(id_: str) -> Event:
    """An event of a trigger, as a call of Hootsuite makes it; nothing is fetched yet."""
    (example, *_) = connector().manifest.triggers[id_].examples
    body = json.dumps([example["item"]]).encode()
    headers = {"X-Hootsuite-Signature": hmac.digest(b"bakery", body, "sha512").hex()}
    (event,) = connector().receive("platform", headers=headers, body=body, secret="bakery")
    return event


def is_sentence(outcome: object) -> bool:
    """Whether it is an error of ours with something to say, in one line that can be shown."""
    if not isinstance(outcome, ConnectorError):
        return False
    return bool(outcome.message.strip()) and outcome.message.isprintable() and len(outcome.message) < 1000


# -- the rules -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", operation_ids())
def test_every_answer_that_the_specification_allows_is_taken(id_: str, pictures: Path) -> None:
    operation = connector().operations[id_]
    taken = refused = 0
    for outcome, story in outcomes(id_, ROUNDS, 200, pictures):
        if isinstance(outcome, dict):
            taken += 1
            assert Validator(operation.output).violations(outcome) == [], story
        else:
            refused += 1
            assert id_ in FAILS_ON_PURPOSE, story
            assert isinstance(outcome, FAILS_ON_PURPOSE[id_]), story
            assert is_sentence(outcome), story
    assert taken, "not one answer was taken"
    assert bool(refused) == (id_ in FAILS_ON_PURPOSE)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("id_", operation_ids())
def test_every_refusal_becomes_one_sentence(id_: str, status: int, pictures: Path) -> None:
    """Also one without a code or a message, or with text in it that nobody should be shown as it is."""
    declared = {rule.then for rule in connector().manifest.operations[id_].errors}
    for outcome, story in outcomes(id_, ERROR_ROUNDS, status, pictures):
        if not ("done" in declared and isinstance(outcome, dict)):
            assert isinstance(outcome, RemoteError | SignInError | UnknownOutcome), story
            assert is_sentence(outcome), story


def completions(id_: str, number: int, status: int, folder: Path) -> Iterator[tuple[Event | Exception, str]]:
    """What comes of completing an event, each time with other answers, and what was said."""
    event = event_of(id_)
    for n in range(number):
        hootsuite = Hootsuite(f"{id_} {n}", status)
        try:
            outcome: Event | Exception = account_for({}, hootsuite, folder).complete(event)
        except Exception as error:  # also those that nobody may ever see: they are what this looks for
            outcome = error
        yield outcome, f"{type(outcome).__name__}: {outcome}\n{hootsuite.log}"
    assert event == event_of(id_) | {"time": event.time}


@pytest.mark.parametrize("id_", fetching_ids())
def test_every_answer_that_the_specification_allows_completes_an_event(id_: str, tmp_path: Path) -> None:
    """With whatever of it can be had: what was refused, or cannot be asked for, stays out."""
    trigger, first, seen = connector().manifest.triggers[id_], event_of(id_), set()
    for outcome, story in completions(id_, ROUNDS, 200, tmp_path):
        if isinstance(outcome, RemoteError):  # get_message says so of an answer without a message
            assert "answered without a message" in outcome.message, story
            continue
        assert isinstance(outcome, Event), story
        assert Validator(trigger.output).violations(outcome.data) == [], story
        assert [outcome.data[name] for name in ("messageId", "state")] == [first.data["messageId"], first.data["state"]]
        seen |= set(outcome.fetched or ())
    assert seen == set(trigger.fetch)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("id_", fetching_ids())
def test_a_refusal_completes_an_event_without_it_or_is_one_sentence(id_: str, status: int, tmp_path: Path) -> None:
    """Without it only where there is no such thing. The event itself stays as it was."""
    trigger = connector().manifest.triggers[id_]
    for outcome, story in completions(id_, ERROR_ROUNDS, status, tmp_path):
        if isinstance(outcome, Event):
            assert (outcome.fetched, status) == ({}, 404), story
            assert Validator(trigger.output).violations(outcome.data) == [], story
        else:
            assert is_sentence(outcome), story
            assert isinstance(outcome, SignInError | RemoteError), story


def test_the_same_seed_makes_the_same_answer_again() -> None:
    schema = schema_behind("retrieveMessages")
    assert json.dumps(Dice("7").value(schema)) == json.dumps(Dice("7").value(schema))
    assert Dice("7").value(schema) != Dice("8").value(schema)


@pytest.mark.parametrize(
    "pattern",
    [
        '"type": null',
        '"type": "BRAND_NEW"',
        "neverHeardOf",
        r"^\{\}$",
        '"data": null',
        r'"data": \[\]',
        r'"data": \[\{',
    ],
)
def test_the_dice_show_what_they_promise(pattern: str) -> None:
    """Nulls, missing and unknown fields, unknown values, empty and missing lists all come up."""
    schema = schema_behind("getSocialProfiles")
    shown = "\n".join(json.dumps(Dice(str(n)).value(schema)) for n in range(ROUNDS * 5))
    assert re.search(pattern, shown, re.MULTILINE)
