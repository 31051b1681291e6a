"""What keeps the runtime small, generic and in floors, and the repository fit for any machine."""

import ast
import inspect
import io
import re
import shutil
import subprocess
import tokenize
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import connector_runtime
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
RUNTIME = REPOSITORY / "runtime"
PACKAGE = RUNTIME / "connector_runtime"

FLOORS = (
    "",
    "errors paths times document expressions enforced model messages",
    "request answers redact signin transport connection pages uploads calls topics signatures events",
    "formats references schemas words titles blame shapes inference scopes patterns brackets syntax dialect manifest explain rules.__init__ rules.files rules.operations rules.calls rules.triggers rules.views rules.expressions rules.schemas rules.outputs rules.reading rules.safety rules.examples rendering values edits account connector examples check watches webhooks subscriptions",
    "arguments terminal commands checking starting renewing cli __init__ __main__",
)
"""The modules of each floor, from the ground up. A module may use its own floor and those below it."""

FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names.split()}
MOST_LINES = 2_500  # of code, on the two floors at the bottom
MOST_LINES_OF_A_FILE = 400


def modules() -> dict[str, Path]:
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}


def floor_of(module: str) -> int | None:
    """The command line is one floor, in one module or several: cli, cli_run, cli.run."""
    return FLOOR.get("cli" if re.match(r"cli\b|cli_", module) else module)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def repository_files() -> list[Path]:
    """The files that are in the repository or would be added to it. Skips where there is no git."""
    if not (REPOSITORY / ".git").exists() or not shutil.which("git"):
        pytest.skip("only a git checkout knows which files belong to it")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=30).stdout
    return [path for name in names.split("\0") if name and (path := REPOSITORY / name).is_file()]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """`file:line: text` wherever a file, or its name, has it."""
    found = [str(path.relative_to(REPOSITORY)) for path in paths if pattern.search(str(path.relative_to(REPOSITORY)))]
    for path in paths:
        lines = path.read_text("utf-8", "replace").splitlines()
        found += [
            f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:200]}"
            for number, line in enumerate(lines, 1)
            if pattern.search(line)
        ]
    return found


# -- generic ---------------------------------------------------------------------------------------------


def test_the_runtime_does_not_know_any_connector() -> None:
    """Neither the one at the top nor those of the tests are named in any file of the runtime."""
    names = [path.parent.name for path in REPOSITORY.glob("tests/connectors/*/connector.yaml")]
    pattern = re.compile("|".join(["hootsuite", *names]), re.IGNORECASE)
    made = ("__pycache__", ".egg-info", "build", "dist")
    paths = [path for path in RUNTIME.rglob("*") if path.is_file() and not str(path.parent).endswith(made)]
    assert len(paths) > 20
    assert lines_with(pattern, paths) == []


# -- floors ----------------------------------------------------------------------------------------------


def imported_modules(module: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The modules of the package that one imports, anywhere in it, each with its line."""
    here = [] if module == "__init__" else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package, _, name = alias.name.partition(".")
                if package == PACKAGE.name:
                    yield name or "__init__", node.lineno
        elif isinstance(node, ast.ImportFrom):
            full = (node.module or "").split(".") if node.module else []
            if node.level:
                full = [*here[: len(here) - node.level + 1], *full]
            elif full[:1] == [PACKAGE.name]:
                full = full[1:]
            else:
                continue
            for alias in node.names:
                inner = ".".join([*full, alias.name])
                yield (inner if inner in modules() else ".".join(full) or "__init__"), node.lineno


def imports_going_up(module: str, tree: ast.Module) -> list[str]:
    own = floor_of(module)
    assert own is not None
    return [
        f"{module}:{line} (floor {own}) imports {name} (floor {floor_of(name)})"
        for name, line in imported_modules(module, tree)
        if (floor_of(name) or 0) > own
    ]


def test_every_module_has_a_floor() -> None:
    assert [name for name in modules() if floor_of(name) is None] == []
    gone = set(FLOOR) - {"cli"} - set(modules())
    assert gone == set()


@pytest.mark.parametrize("module", modules())
def test_no_import_goes_back_up(module: str) -> None:
    """Also not one inside a function."""
    assert imports_going_up(module, tree_of(modules()[module])) == []


@pytest.mark.parametrize(
    "code",
    [
        "from .calls import run",
        "from . import calls",
        "import connector_runtime.calls",
        "from connector_runtime import calls",
        "from connector_runtime.calls import run",
        "from connector_runtime import load",
        "def later():\n    from .check import check",
        "if TYPE_CHECKING:\n    from .connector import Connector",
    ],
)
def test_an_import_that_goes_up_is_seen(code: str) -> None:
    assert len(imports_going_up("paths", ast.parse(code))) == 1
    assert imports_going_up("cli", ast.parse(code)) == []


# -- size ------------------------------------------------------------------------------------------------


SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def lines_of_code(source: str) -> int:
    """Lines with code on them: no comments, no docstrings (also those below a name), no blank lines."""
    docstrings = {
        (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT and token.start not in docstrings:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines)


COUNTED = '''"""Top."""

import io  # one

# A comment.
def f(text: str) -> str:  # two
    """Says what it does,
    in two lines."""
    return text + """three

    five"""


def g(): """Says."""; return 1  # six

X = [  # seven
    1,  # eight
]  # nine
"""About X."""
'''


def test_only_code_is_counted() -> None:
    assert lines_of_code(COUNTED) == 9
    assert lines_of_code("# Nothing.\n") == 0


@pytest.mark.parametrize("module", modules())
def test_a_file_stays_small(module: str) -> None:
    count = lines_of_code(modules()[module].read_text("utf-8"))
    assert count < MOST_LINES_OF_A_FILE, f"{module} has {count} lines of code"


def test_the_two_floors_at_the_bottom_stay_small() -> None:
    counts = {
        name: lines_of_code(path.read_text("utf-8")) for name, path in modules().items() if floor_of(name) in (1, 2)
    }
    total = sum(counts.values())
    assert total < MOST_LINES, f"{total} lines of code: {dict(sorted(counts.items(), key=lambda it: -it[1]))}"


# -- the interface ---------------------------------------------------------------------------------------


def test_the_public_names_are_sorted_and_there() -> None:
    names = connector_runtime.__all__
    assert names == sorted(names)
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(connector_runtime, name).__name__ == name


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="gather"):
        connector_runtime.gather  # noqa: B018


def test_everything_public_says_what_it_is() -> None:
    """Every module, and every class, function and method without an underscore in front, has a docstring."""
    silent = []
    for module, path in modules().items():
        tree = tree_of(path)
        if not ast.get_docstring(tree):
            silent.append(module)
        for node in tree.body:
            inner = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else []
            for each in (node, *inner):
                kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
                if isinstance(each, kinds) and not each.name.startswith("_") and not ast.get_docstring(each):
                    silent.append(f"{module}:{each.lineno} {each.name}")
    assert silent == []


def test_every_public_class_and_function_is_documented_where_people_ask_for_help() -> None:
    assert [name for name in connector_runtime.__all__ if not inspect.getdoc(getattr(connector_runtime, name))] == []


def test_the_package_is_what_is_tested() -> None:
    """Not another version that happens to be installed."""
    assert Path(import_module("connector_runtime").__file__ or "").resolve().parent == PACKAGE


# -- any machine -----------------------------------------------------------------------------------------

# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = ("/" + "work/", "/" + "tmp/v", "/" + "root/", "/" + "Users/", "/" + "home/runner")
REGISTRIES = ("pypi" + ".org", "files." + "pythonhosted", "registry." + "npmjs")


@pytest.mark.parametrize("text", [*MACHINE_PATHS, *REGISTRIES])
def test_no_file_depends_on_one_machine_or_registry(text: str) -> None:
    """No path of the machine it was written on and no address of a package registry; each machine has its own."""
    pattern = re.compile(r"(?<![\w.~-])" + re.escape(text) if text in MACHINE_PATHS else re.escape(text))
    assert lines_with(pattern, repository_files()) == []


def test_the_search_finds_what_it_looks_for() -> None:
    file = REPOSITORY / "pyproject.toml"
    assert lines_with(re.compile("hatchling"), [file])[0].startswith("pyproject.toml:")
    assert lines_with(re.compile(r"pyproject\.toml"), [file])[0] == "pyproject.toml"
