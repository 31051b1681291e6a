"""Every connector keeps its own word: it loads, it is clean, and its worked examples are what really happens.

The same tests run over the connector at the top and over each folder in tests/connectors/, which holds no Python: that
is what makes the runtime generic.
"""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from connector_runtime import Connector, ConnectorError, InputError, Operation, Request, Response, Trigger, load
from connector_runtime.check import check
from connector_runtime.examples import try_example
from connector_runtime.paths import EVERY, Part, parse_path, walk

REPOSITORY = Path(__file__).resolve().parents[1]
OTHERS = REPOSITORY / "tests" / "connectors"
GITLAB = OTHERS / "gitlab"
FOLDERS = (REPOSITORY, *sorted(path.parent for path in OTHERS.glob("*/connector.yaml")))
Example = dict[str, Any]
Place = tuple[Any, ...]


@cache
def connector_at(folder: Path) -> Connector:
    return load(folder)


def _named(folder: Path) -> str:
    return "top" if folder == REPOSITORY else folder.name


def _operations(*kinds: str) -> Iterator[tuple[Path, Operation | Trigger]]:
    for folder in FOLDERS:
        try:
            operations = connector_at(folder).operations
        except ConnectorError:  # a test of its own says so
            continue
        yield from ((folder, operation) for operation in operations.values() if operation.kind in kinds)


def _ids(*kinds: str) -> list[Any]:
    return [pytest.param(folder, one.id, id=f"{_named(folder)}/{one.id}") for folder, one in _operations(*kinds)]


def _examples(*kinds: str) -> list[Any]:
    return [
        pytest.param(folder, one.id, example, id=f"{_named(folder)}/{one.id}/{example['title']}")
        for folder, one in _operations(*kinds)
        for example in one.examples
    ]


CALLED = ("action", "query")
every_connector = pytest.mark.parametrize("folder", FOLDERS, ids=_named)
every_called = pytest.mark.parametrize(("folder", "id_"), _ids(*CALLED))
every_trigger = pytest.mark.parametrize(("folder", "id_"), _ids("trigger"))
every_example = pytest.mark.parametrize(("folder", "id_", "example"), _examples(*CALLED, "trigger"))
every_example_of_a_call = pytest.mark.parametrize(("folder", "id_", "example"), _examples(*CALLED))
every_example_of_a_trigger = pytest.mark.parametrize(("folder", "id_", "example"), _examples("trigger"))


def _trigger(folder: Path, id_: str) -> Trigger:
    return connector_at(folder).manifest.triggers[id_]


# -- every connector -------------------------------------------------------------------------------------


@every_connector
def test_a_connector_loads_and_has_operations(folder: Path) -> None:
    assert connector_at(folder).operations


@every_connector
def test_check_finds_nothing(folder: Path) -> None:
    checked = check(folder)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.operations == len(connector_at(folder).operations)


@every_connector
def test_the_first_line_leads_to_the_schema_that_editors_use(folder: Path) -> None:
    for path in (folder / "connector.yaml", *folder.glob("schemas/*.yaml"), *folder.glob("operations/*/*.yaml")):
        schema = path.read_text("utf-8").partition("\n")[0].partition("$schema=")[2].strip()
        assert (path.parent / schema).is_file(), f"{path} names {schema or 'no schema'}"


def test_other_connectors_are_yaml_and_nothing_else() -> None:
    files = {path for path in OTHERS.rglob("*") if path.is_file()}
    assert files
    assert {path.suffix for path in files} == {".yaml"}


@every_called
def test_an_operation_has_at_least_two_examples_and_one_that_works(folder: Path, id_: str) -> None:
    examples = connector_at(folder).operations[id_].examples
    assert len(examples) >= 2
    assert any("output" in example for example in examples)
    assert len({example["title"] for example in examples}) == len(examples)


@every_trigger
def test_a_trigger_has_at_least_two_examples_of_each_source_and_one_that_is_wanted(folder: Path, id_: str) -> None:
    trigger = _trigger(folder, id_)
    shown = [example["source"] for example in trigger.examples]
    assert {source: shown.count(source) for source in trigger.sources if shown.count(source) < 2} == {}
    assert any(example.get("wanted", True) for example in trigger.examples)
    assert len({example["title"] for example in trigger.examples}) == len(trigger.examples)


@every_trigger
def test_a_trigger_that_fetches_has_an_example_before_and_one_after_it_was_read(folder: Path, id_: str) -> None:
    trigger = _trigger(folder, id_)
    both = {True, False} if trigger.fetch else {False}
    assert {"fetched" in example for example in trigger.examples} == both


@every_example
def test_an_example_gives_exactly_its_requests_and_its_output(folder: Path, id_: str, example: Example) -> None:
    connector = connector_at(folder)
    assert try_example(connector, connector.operations[id_], example) is None


# -- these tests can fail --------------------------------------------------------------------------------


def _places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all scalars in data, and of what is empty."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    if not items or not data:
        yield place
    for key, value in items:
        yield from _places(value, (*place, key))


def _claims(example: Example) -> Iterator[tuple[Any, ...]]:
    """The places of all that an example says will happen."""
    for key in ("request", "output", "raises"):
        if key in example:
            yield from _places(example[key], (key,))
    for number, exchange in enumerate(example.get("exchanges", ())):
        yield from _places(exchange["request"], ("exchanges", number, "request"))


def _changed(example: Example, place: tuple[Any, ...]) -> Example:
    mutant = copy.deepcopy(example)
    inner: Any = mutant
    for part in place[:-1]:
        inner = inner[part]
    value = inner[place[-1]]
    inner[place[-1]] = (
        not value if isinstance(value, bool) else f"{value} and more" if isinstance(value, str) else "other"
    )
    return mutant


@every_example_of_a_call
def test_an_example_with_one_wrong_value_is_noticed(folder: Path, id_: str, example: Example) -> None:
    """Whichever value of a request, an output or an error is changed."""
    connector = connector_at(folder)
    places = [place for place in _claims(example) if place != ("output",)]
    unnoticed = [
        place for place in places if try_example(connector, connector.operations[id_], _changed(example, place)) is None
    ]
    assert places
    assert unnoticed == []


@every_example_of_a_call
def test_an_example_with_one_more_or_one_less_output_is_noticed(folder: Path, id_: str, example: Example) -> None:
    connector = connector_at(folder)
    operation = connector.operations[id_]
    if "output" not in example:
        assert try_example(connector, operation, {**example, "raises": {"error": "X", "message": "x"}}) is not None
        return
    output = example["output"]
    mutants = [{**output, "oneMore": 1}, *({k: v for k, v in output.items() if k != left} for left in output)]
    for mutant in mutants:
        assert try_example(connector, operation, {**example, "output": mutant}) is not None


def _inside(place: Place, data: Any) -> Any:
    for part in place:
        data = data[part]
    return data


def _without(example: Example, place: Place) -> Example:
    mutant = copy.deepcopy(example)
    del _inside(place[:-1], mutant)[place[-1]]
    return mutant


def _read_at(path: tuple[Part, ...], data: Any, place: Place = ()) -> Iterator[Place]:
    """The places of what a path reads; none where nothing is there."""
    if not path:
        yield place
    elif path[0] == EVERY:
        for number, item in enumerate(data if isinstance(data, list) else ()):
            yield from _read_at(path[1:], item, (*place, number))
    elif (isinstance(data, dict) and path[0] in data) or (isinstance(data, list) and path[0] in range(len(data))):
        yield from _read_at(path[1:], _inside(path[:1], data), (*place, path[0]))


def _first_read(paths: str | list[str], data: Any) -> list[Place]:
    """The place that a fact comes from: the first of its paths at which there is something."""
    for text in [paths] if isinstance(paths, str) else paths:
        found = list(_read_at(parse_path(text), data))
        if found and walk(parse_path(text), data) is not None:
            return found
    return []


def _decisive(connector: Connector, trigger: Trigger, example: Example) -> tuple[set[Place], set[Place]]:
    """The places that an example's claims are made from. In its item: what `when` wants, the condition by which a watch
    names its outcome, and the facts that the data shows. Of what was fetched: what `returns` reads, but for a read as a
    whole (whether there was any)."""
    item, fetched = example["item"], example.get("fetched", {})
    written = trigger.source.document.data
    detection = written["sources"][example["source"]]
    seen = [at for path in detection["when"] for at in _read_at(parse_path(path), item)]
    watch = connector.manifest.sources[example["source"]].watch
    if watch:
        fits = next(when for when in watch.outcomes[item["outcome"]] if when.fits(item))
        seen += [("outcome",), *(at for path, *_ in fits.tests for at in _read_at(path, item))]
    shown = {path[1] for path in trigger.returns.reads if path[0] == "facts" and len(path) > 1}
    for name, paths in detection["facts"].items():
        if name in shown or "returns" not in written:
            seen += [scalar for at in _first_read(paths, item) for scalar in _places(_inside(at, item), at)]
    reads = [path[1:] for path in trigger.returns.reads if path[0] == "fetched" and len(path) > 2]
    read = {at for path in reads for at in _read_at(path, fetched)}
    return {("item", *at) for at in seen}, {("fetched", *at) for at in read}


@every_example_of_a_trigger
def test_an_example_of_a_trigger_with_one_wrong_value_is_noticed(folder: Path, id_: str, example: Example) -> None:
    """Whichever value of the data is changed, and whichever that the data, the trigger or the outcome depends on."""
    connector, trigger = connector_at(folder), _trigger(folder, id_)
    seen, read = _decisive(connector, trigger, example)
    scalars = [place for place in read if not isinstance(_inside(place, example), dict | list)]
    changed = [("source",), *_places(example["data"], ("data",)), *seen, *scalars]
    mutants = [(place, _changed(example, place)) for place in changed]
    mutants += [(place, _without(example, place)) for place in read]
    unnoticed = [place for place, mutant in mutants if try_example(connector, trigger, mutant) is None]
    assert seen
    assert unnoticed == []


@every_example_of_a_trigger
def test_an_example_with_one_more_or_one_less_field_of_the_data_is_noticed(
    folder: Path, id_: str, example: Example
) -> None:
    connector, trigger, data = connector_at(folder), _trigger(folder, id_), example["data"]
    mutants = [{**data, "oneMore": 1}, *({k: v for k, v in data.items() if k != left} for left in data)]
    for mutant in mutants:
        assert try_example(connector, trigger, {**example, "data": mutant}) is not None


def _another(schema: Any, value: Any) -> Any:
    """A value that fits a schema, but holds nothing that the value holds."""
    if isinstance(value, list):
        return [_another(schema["items"], each) for each in value[:1]]
    return next((each for each in schema.get("enum", ()) if each != value), "something-else")


@every_example_of_a_trigger
def test_an_example_that_is_wrong_about_who_wants_the_event_is_noticed(
    folder: Path, id_: str, example: Example
) -> None:
    """The word itself turned round; for an automation that wants it each input changed, for one that does not, none."""
    connector, trigger = connector_at(folder), _trigger(folder, id_)
    wanted, given = example.get("wanted", True), example.get("input", {})
    mutants = [{**example, "wanted": not wanted}]
    for name, value in given.items() if wanted else ():
        mutants.append({**example, "input": {**given, name: _another(trigger.input["properties"][name], value)}})
    if not wanted:
        mutants.append({**example, "input": {}})
    for mutant in mutants:
        assert try_example(connector, trigger, mutant) is not None


def test_the_values_that_decide_are_found_where_they_stand() -> None:
    """So that an empty search cannot make the tests above green."""
    connector, trigger = connector_at(REPOSITORY), _trigger(REPOSITORY, "message_failed")
    seen, read = _decisive(connector, trigger, trigger.examples[0])
    assert {("item", "type"), ("item", "data", "state"), ("item", "data", "message", "id")} <= seen
    assert {("fetched", "profile", "needsReconnect"), ("fetched", "message", "message", "tags")} <= read
    assert ("item", "seq_no") not in seen
    actions = ("fetched", "history", "actions")
    assert (*actions, 1, "actionType") in _decisive(connector, trigger, trigger.examples[2])[1]
    watched = _trigger(REPOSITORY, "media_upload_error")
    seen, read = _decisive(connector, watched, watched.examples[1])
    assert {("item", "outcome"), ("item", "error", "step"), ("item", "output", "mediaId")} <= seen
    assert (("item", "call") in seen, read) == (False, set())


# -- what the other connector shows that the top one cannot ----------------------------------------------


class Wire:
    """Answers every request with the next of its answers, and keeps the requests."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers.pop(0)


def _answer(body: bytes, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, body)


def test_a_key_goes_into_the_header_that_the_connector_names_on_every_page() -> None:
    following = '<https://gitlab.com/api/v4/projects?page=2>; rel="next"'
    wire = Wire(_answer(b'[{"id": 1}]', link=following), _answer(b'[{"id": 2}]'))
    account = connector_at(GITLAB).connect(access_token="made-up", send=wire)
    assert [record["id"] for record in account.records("list_projects")] == [1, 2]
    assert [dict(request.credentials) for request in wire.requests] == [{"PRIVATE-TOKEN": "made-up"}] * 2


def test_a_key_never_follows_a_page_to_another_host() -> None:
    wire = Wire(_answer(b'[{"id": 1}]', link='<https://gitlab.com.example.com/api?page=2>; rel="next"'))
    account = connector_at(GITLAB).connect(access_token="made-up", send=wire)
    records = account.records("list_projects")
    assert next(records) == {"id": 1}
    with pytest.raises(ConnectorError, match=r"gitlab\.com\.example\.com"):
        next(records)
    assert len(wire.requests) == 1


def test_an_own_server_is_a_base_address_and_nothing_else() -> None:
    wire = Wire(_answer(b'{"id": 1}'))
    account = connector_at(GITLAB).connect(access_token="x", base_url="https://git.example.com/sub/api/v4", send=wire)
    assert account.probe() == {"id": 1}
    assert wire.requests[0].url == "https://git.example.com/sub/api/v4/user"


@pytest.mark.parametrize(
    ("project", "part"),
    [
        (278964, "278964"),
        ("278964", "278964"),
        ("group/project", "group%2Fproject"),
        ("a/../b", "a%2F..%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("bäckerei/x", "b%C3%A4ckerei%2Fx"),
        ("a%2Fb", "a%252Fb"),
    ],
)
def test_a_path_stays_one_part_of_the_address(project: str | int, part: str) -> None:
    account = connector_at(GITLAB).connect(access_token="x")
    request = account.try_("get_issue", {"project": project, "issue": 1})
    assert request.url == f"https://gitlab.com/api/v4/projects/{part}/issues/1"


@pytest.mark.parametrize("project", ["", ".", "..", "/", "/etc", "a b", None, True, 1.5, ["a"]])
def test_what_cannot_be_a_part_of_an_address_is_refused(project: Any) -> None:
    account = connector_at(GITLAB).connect(access_token="x")
    with pytest.raises(InputError):
        account.try_("get_issue", {"project": project, "issue": 1})
