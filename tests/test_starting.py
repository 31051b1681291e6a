"""`connector new`: what it writes is clean at once, and what it refuses leaves everything as it was."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from connector_runtime import load, starting
from connector_runtime.check import check
from connector_runtime.cli import main
from connector_runtime.errors import Problem
from connector_runtime.manifest import FOLDERS
from connector_runtime.titles import titled

from tests.test_install import BARE, bare

ROOT = Path(__file__).resolve().parents[1]
CONNECTOR = str(Path(sys.executable).parent / "connector")
CONNECTORS = {"top": ROOT, **{path.parent.name: path.parent for path in ROOT.glob("tests/connectors/*/connector.yaml")}}
STARTS = ROOT / "runtime" / "connector_runtime" / "format" / "start"
MADE = "made"
"""A connector that `connector new connector` makes."""


def copied(name: str, to: Path) -> Path:
    """A connector of its own, that a test may write to."""
    folder = to / ("my_shop" if name == MADE else name)
    if name == MADE:
        assert main(["-C", str(to), "new", "connector", "my_shop"]) == 0
        return folder
    folder.mkdir()
    shutil.copy(CONNECTORS[name] / "connector.yaml", folder)
    for part in ("operations", "schemas"):
        if (CONNECTORS[name] / part).is_dir():
            shutil.copytree(CONNECTORS[name] / part, folder / part)
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder, byte for byte; None for a folder."""
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in found}


def hears(folder: Path) -> bool:
    return any(source.webhook for source in load(folder).manifest.sources.values())


def added(folder: Path, *new: tuple[str, str]) -> list[Problem]:
    """The problems that a connector has more with new files, each with its kind and name."""
    before = check(folder)
    for kind, name in new:
        assert main(["-C", str(folder), "new", kind, name]) == 0
    after = check(folder)
    assert after.operations == before.operations + len(new)
    return [problem for problem in after.problems if problem not in before.problems]


# -- what is written -------------------------------------------------------------------------------------


STARTED = {
    "action": ("archive_message", "create_issue_label", "send_copy_of_the_invoice", "archive", "a", "get_2fa"),
    "query": ("get_shipping_address", "list_categories", "find_a_box", "true"),
    "trigger": ("message_archived", "null", "messages_published"),
}


@pytest.mark.parametrize("name", [*CONNECTORS, MADE])
def test_every_operation_is_clean_at_once(name: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path)
    kinds = [kind for kind in STARTED if kind != "trigger" or hears(folder)]  # what is said without is tested below
    new = [(kind, each) for kind in kinds for each in STARTED[kind]]
    assert added(folder, *new) == []
    for kind, each in new:
        text = (folder / FOLDERS[kind] / f"{each}.yaml").read_text("utf-8")
        assert max(map(len, text.splitlines()[1:])) <= 80, each


def test_a_connector_is_clean_at_once_and_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "connector", "my_shop"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "my_shop/README.md",
        "my_shop/connector.yaml",
        "my_shop/operations/actions/create_order.yaml",
        "my_shop/operations/queries/get_me.yaml",
        "my_shop/operations/triggers/order_created.yaml",
        "my_shop/schemas/order.yaml",
    ]
    assert said.err.splitlines()[1:] == ["  connector -C my_shop check", "  connector -C my_shop try get_me"]
    assert set(contents(tmp_path)) >= {*said.out.splitlines(), "my_shop"}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 6
    checked = check(tmp_path / "my_shop")
    assert (checked.problems, checked.operations) == ((), 3)
    connector = load("./my_shop")
    assert (connector.id, connector.title, connector.manifest.service.probe) == ("my_shop", "My Shop", "get_me")
    assert "MY_SHOP_ACCESS_TOKEN" in (tmp_path / "my_shop" / "README.md").read_text("utf-8")
    for arguments in (["list"], ["try", "get_me"], ["try", "create_order", "--set", "article=A lamp"]):
        assert main(["-C", "my_shop", *arguments]) == 0
    assert '"article": "A lamp"' in capsys.readouterr().out


@pytest.mark.parametrize("name", ["true", "null", "e1", "a", "the_a", "x_", "s" * 50])
def test_a_connector_may_have_any_id(name: str, tmp_path: Path) -> None:
    assert main(["-C", str(tmp_path), "new", "connector", name]) == 0
    assert check(tmp_path / name).problems == ()
    assert load(tmp_path / name).id == name


def test_an_empty_folder_may_be_there(tmp_path: Path) -> None:
    (tmp_path / "my_shop").mkdir()
    assert main(["-C", str(tmp_path), "new", "connector", "my_shop"]) == 0
    assert check(tmp_path / "my_shop").problems == ()


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    folder = copied("signed_calls", tmp_path)
    assert not (folder / "operations" / "actions").exists()
    assert added(folder, ("action", "archive_message")) == []


def test_it_says_what_it_wrote_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("top", tmp_path)
    monkeypatch.chdir(folder / "operations")
    assert main(["new", "action", "archive_message"]) == 0
    said = capsys.readouterr()
    assert Path(said.out.strip()).resolve() == (folder / "operations" / "actions" / "archive_message.yaml").resolve()
    assert said.err == (
        "Fill it in from the top; `connector check` says what is wrong,\n"
        "`connector try archive_message` the request it would send.\n"
    )
    monkeypatch.chdir(folder)
    assert main(["new", "action", "archive_post"]) == 0
    assert capsys.readouterr().out == "operations/actions/archive_post.yaml\n"
    monkeypatch.chdir(tmp_path)
    assert main(["-C", "./top", "new", "trigger", "post_archived"]) == 0
    said = capsys.readouterr()
    assert said.out == "top/operations/triggers/post_archived.yaml\n"
    assert said.err == "Fill it in from the top; `connector -C ./top check` says what is wrong.\n"


@pytest.mark.parametrize(
    ("kind", "name", "title", "resource", "effect"),
    [
        ("action", "archive_message", "Archive Message", "messages", "update"),
        ("action", "create_order", "Create Order", "orders", "create"),
        ("action", "send_reply_to_message", "Send Reply to Message", "replies", "send"),
        ("action", "archive", "Archive", "members", "update"),
        ("query", "the_address", "Address", "addresses", "read"),
        ("query", "list_shipping_boxes", "List Shipping Boxes", "shipping_boxes", "read"),
        ("trigger", "order_paid", "Order Paid", "orders", "read"),
        ("trigger", "paid", "Paid", "members", "read"),
    ],
)
def test_title_and_resource_come_from_the_name(
    kind: str, name: str, title: str, resource: str, effect: str, tmp_path: Path
) -> None:
    folder = copied(MADE, tmp_path)
    (folder / "operations" / "actions" / "create_order.yaml").unlink()
    assert main(["-C", str(folder), "new", kind, name]) == 0
    made = load(folder).operations[name]
    assert (made.title, made.resource, made.effect) == (title, resource, effect)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("sign_up_for_news", "Sign Up for News"),
        ("list_messages_in_inbox", "List Messages in Inbox"),
        ("get_page2_of_a_list", "Get Page2 of a List"),
        ("a_the_list", "List"),
        ("log_in", "Log In"),
    ],
)
def test_a_name_becomes_a_title_as_the_rule_wants_it(name: str, title: str) -> None:
    assert starting._title(name.split("_")) == title == titled(title)


def test_the_event_of_a_trigger_is_its_own(tmp_path: Path) -> None:
    folder = copied(MADE, tmp_path)
    assert added(folder, ("trigger", "order_paid")) == []
    assert added(folder, ("trigger", "orders_paid")) == []
    topics = {id_: it.topic for id_, it in load(folder).operations.items() if it.topic}
    assert topics["order_paid"] == "my_shop/orders/orders.paid"
    assert topics["orders_paid"] == "my_shop/orders/orders.orders_paid"


def test_a_trigger_hears_the_first_webhook_that_is_no_copy(tmp_path: Path) -> None:
    folder = copied(MADE, tmp_path)
    file = folder / "connector.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("sources:\n", "sources:\n  other: {webhook: {like: webhook, signature: none}}\n"), "utf-8"
    )
    assert added(folder, ("trigger", "order_paid")) == []
    assert list(load(folder).manifest.triggers["order_paid"].sources) == ["webhook"]


# -- the first line --------------------------------------------------------------------------------------


def first_line(path: Path) -> str:
    return path.read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("name", [*CONNECTORS])
def test_the_first_line_is_that_of_the_neighbours(name: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path)
    neighbour = next((folder / "operations" / "queries").glob("*.yaml"))
    added(folder, ("action", "archive_message"))
    new = folder / "operations" / "actions" / "archive_message.yaml"
    assert first_line(new) == first_line(neighbour).replace("query.json", "action.json")


def test_without_neighbours_it_is_that_of_the_connector(tmp_path: Path) -> None:
    folder = copied(MADE, tmp_path)
    shutil.rmtree(folder / "operations")
    file = folder / "connector.yaml"
    text = file.read_text("utf-8")
    for base, wanted in (
        ("format", "../../format"),
        ("../up/format", "../../../up/format"),
        ("https://example.com/1/format", "https://example.com/1/format"),
        ("/opt/format", "/opt/format"),
    ):
        changed = re.sub(r"\$schema=\S+", f"$schema={base}/connector.json", text)
        file.write_text(changed.replace("probe: get_me", "probe: get_it"), "utf-8")
        assert main(["-C", str(folder), "new", "query", "get_it"]) == 0
        new = folder / "operations" / "queries" / "get_it.yaml"
        assert first_line(new) == f"# yaml-language-server: $schema={wanted}/query.json"
        new.unlink()


def test_a_new_connector_names_the_format_of_this_runtime(tmp_path: Path) -> None:
    for above in (tmp_path, tmp_path / "with a blank"):
        above.mkdir(exist_ok=True)
        assert main(["-C", str(above), "new", "connector", "my_shop"]) == 0
        for path in (above / "my_shop").rglob("*.yaml"):
            (where,) = re.findall(r"\$schema=(\S+)$", first_line(path))
            named = Path(where.removeprefix("file://")) if where.startswith("file:") else path.parent / where
            assert named.resolve().is_file(), where


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ArchiveMessage", "did you mean archive_message?"),
        ("archive-message", "did you mean archive_message?"),
        ("archive message", "did you mean archive_message?"),
        ("HTTPCall2", "did you mean http_call2?"),
        ("operations/actions/archive_message.yaml", "did you mean archive_message?"),
        ("../archive_message/", "did you mean archive_message?"),
        ("Über", "did you mean uber?"),
        ("_x", "did you mean x?"),
        ("2fa", "did you mean fa?"),
        ("123", "write it such as archive_message."),
        ("", "write it such as archive_message."),
        ("日本", "write it such as archive_message."),
    ],
)
@pytest.mark.parametrize("kind", ["action", "connector"])
def test_a_name_that_cannot_be_an_id(
    kind: str, name: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(MADE, tmp_path)
    capsys.readouterr()
    before = contents(tmp_path)
    assert main(["-C", str(folder), "new", kind, name]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.endswith(f"{hint}\n")) == ("", True), said.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        (MADE, ["action", "get_me"], "operations/queries/get_me.yaml is there already; nothing was written."),
        (MADE, ["trigger", "get_me"], "operations/queries/get_me.yaml is there already; nothing was written."),
        (MADE, ["query", "order_created"], "operations/triggers/order_created.yaml is there already"),
        (MADE, ["trigger", "order__created"], "order_created.yaml is called 'Order Created' already"),
        (MADE, ["action", "x" * 51], "A name has at most 50 characters, and this one has 51."),
        ("top", ["query", "get_my__account"], "get_me.yaml is called 'Get My Account' already;\nnothing was written."),
        ("gitlab", ["trigger", "issue_closed"], "GitLab has no webhook that a trigger could hear.\nDeclare one in"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(
    name: str, arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(name, tmp_path)
    capsys.readouterr()
    before = contents(tmp_path)
    assert main(["-C", str(folder), "new", *arguments]) == 2
    said = capsys.readouterr()
    assert (said.out, sentence in said.err) == ("", True), said.err
    assert max(map(len, said.err.splitlines())) <= 80
    assert contents(tmp_path) == before


def test_a_file_that_is_broken_is_there_too(tmp_path: Path) -> None:
    folder = copied(MADE, tmp_path)
    (folder / "operations" / "queries" / "get_me.yaml").write_text("query: [", "utf-8")
    before = contents(folder)
    assert main(["-C", str(folder), "new", "action", "get_me"]) == 2
    assert contents(folder) == before


def test_a_name_that_is_too_long_beside_that_of_its_connector(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-C", str(tmp_path), "new", "connector", "s" * 50]) == 0
    folder = tmp_path / ("s" * 50)
    assert added(folder, ("action", "x" * 13), ("trigger", f"order_{'x' * 44}")) == []
    assert main(["-C", str(folder), "new", "action", "x" * 14]) == 2
    assert "a name has at most 13 characters:\nagents take no more." in capsys.readouterr().err


@pytest.mark.parametrize("there", ["a file in it", "a file", "a link to nowhere", "a link to an empty folder"])
def test_a_connector_is_not_written_over_something(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "my_shop"
    if there == "a file in it":
        target.mkdir()
        (target / "notes.txt").write_text("mine", "utf-8")
    elif there == "a file":
        target.write_text("mine", "utf-8")
    else:
        target.symlink_to(tmp_path / "elsewhere")
        if there == "a link to an empty folder":
            (tmp_path / "elsewhere").mkdir()
    before = contents(tmp_path)
    assert main(["-C", str(tmp_path), "new", "connector", "my_shop"]) == 2
    assert "is there already; nothing was written." in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_a_broken_connector_is_refused_with_its_first_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(MADE, tmp_path)
    file = folder / "connector.yaml"
    file.write_text(file.read_text("utf-8").replace("format: 1\n", "fromat: 1\n"), "utf-8")
    capsys.readouterr()
    before, first = contents(folder), check(folder).problems[0]
    assert main(["-C", str(folder), "new", "action", "archive_order"]) == 1
    assert capsys.readouterr().err == f"{first}\n"
    assert contents(folder) == before


def test_an_installed_connector_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site-packages").mkdir()
    folder = copied(MADE, tmp_path / "site-packages")
    capsys.readouterr()
    before = contents(folder)
    assert main(["-C", str(folder), "new", "action", "archive_order"]) == 2
    assert "is an installed connector" in capsys.readouterr().err
    assert contents(folder) == before


def test_where_there_is_no_connector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["-C", "./nowhere", "new", "action", "archive_order"]) == 2
    assert main(["-C", "nowhere", "new", "connector", "my_shop"]) == 2
    assert "There is no folder nowhere to write it into." in capsys.readouterr().err
    assert contents(tmp_path) == {}


# -- never half ------------------------------------------------------------------------------------------


def test_what_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(MADE, tmp_path)
    capsys.readouterr()
    before = contents(tmp_path)

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["-C", str(folder), "new", "action", "archive_order"]) == 1
    assert main(["-C", str(tmp_path), "new", "connector", "my_bakery"]) == 1
    assert capsys.readouterr().err.count("It could not be written: No space left on device") == 2
    assert contents(tmp_path) == before


def test_one_that_comes_at_the_same_moment_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between the look whether it is there and the writing, somebody else writes it."""
    folder = copied(MADE, tmp_path)
    new = folder / "operations" / "actions" / "archive_order.yaml"
    other = tmp_path / "my_bakery"
    beside = starting._beside

    def meanwhile(path: Path) -> Path:
        theirs = path / "theirs.txt" if path == other else path
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_text("theirs", "utf-8")
        return beside(path)

    monkeypatch.setattr(starting, "_beside", meanwhile)
    assert main(["-C", str(folder), "new", "action", "archive_order"]) == 2
    assert main(["-C", str(tmp_path), "new", "connector", "my_bakery"]) == 1
    assert new.read_text("utf-8") == "theirs"
    assert contents(other) == {"theirs.txt": b"theirs"}
    assert list(tmp_path.rglob(".*")) == []


def test_a_disk_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(MADE, tmp_path)

    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    assert added(folder, ("action", "archive_order")) == []
    assert list(tmp_path.rglob(".*")) == []


def test_what_is_written_in_part_is_read_by_nobody(tmp_path: Path) -> None:
    """Where the power fails in between, a file with another ending stays."""
    name = starting._beside(tmp_path / "archive_order.yaml").name
    assert re.fullmatch(r"\.archive_order\.yaml\.[0-9a-f]{8}", name)


# -- as a command ----------------------------------------------------------------------------------------


def test_the_templates_fit_a_terminal() -> None:
    templates = [path for path in STARTS.rglob("*") if path.is_file()]
    assert len(templates) == 11
    for path in templates:
        assert max(map(len, path.read_text("utf-8").splitlines())) <= 80, path


def test_it_works_as_a_command(tmp_path: Path) -> None:
    for arguments in (["new", "connector", "my_shop"], ["-C", "my_shop", "new", "trigger", "order_paid"]):
        done = subprocess.run(
            [CONNECTOR, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert max(map(len, done.stderr.splitlines())) <= 80
    assert check(tmp_path / "my_shop").problems == ()


def _is_fresh() -> bool:
    """Whether the bare install was made of what is here now."""
    here = (STARTS.parents[1] / "starting.py").read_bytes()
    installed = BARE.parent.glob("lib/python3.*/site-packages/connector_runtime/starting.py")
    return any(path.read_bytes() == here for path in installed)


@pytest.mark.skipif(not _is_fresh(), reason="there is no bare install of this; `make test` makes one")
def test_it_works_from_a_bare_install(tmp_path: Path) -> None:
    for arguments in (
        ["new", "connector", "my_shop"],
        ["-C", "my_shop", "new", "action", "archive_order"],
        ["-C", "my_shop", "check"],
    ):
        done = bare("connector", *arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    refused = bare("connector", "new", "action", "archive_message", cwd=tmp_path)
    assert (refused.returncode, "is an installed connector" in refused.stderr) == (2, True)
