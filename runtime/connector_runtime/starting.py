"""`connector new`: a file to start from, for an action, a query, a trigger or a whole connector.

In: a kind, a name, and the folder of a connector. Out: the file (for a connector its folder), filled in from the
templates in `format/start`, and its path on standard output. Refused, with nothing written: a name that cannot be an
id or is taken, a connector that cannot be read or is an installed one, a trigger where there is no webhook to hear.

Nothing is ever half there, or overwritten: it is written under another name beside its place, and put there whole.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shlex
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from posixpath import normpath

from .arguments import environment_name
from .cli import DONE, FAILED
from .commands import folder_of, say
from .errors import InputError, InputProblem, ManifestError, one_line
from .manifest import FOLDERS, Reading, read_manifest
from .model import Manifest, Operation, Trigger
from .rules.files import FIRST_LINE, ID
from .titles import ARTICLES, MOST_OF_A_TOOL, SMALL, alike, titled

_LONGEST = 50
_PARTICLES = ("off", "up")
"""Small words that are nearly always a part of the verb in front, in what an operation does."""
_MAKES = {
    **dict.fromkeys(("add", "create", "make", "new", "open", "start"), "create"),
    **dict.fromkeys(("post", "publish", "schedule", "send", "share"), "send"),
}
"""First words of actions that make something, with their effect: what they work on is not there before."""
_LISTS = ("find", "list", "search")
_WEBHOOK = """
sources:
  webhook:
    webhook:
      verify: {header: X-Signature, algorithm: hmac-sha256, encodings: [hex]}
"""


def command_new(options: argparse.Namespace) -> int:
    """connector new"""
    name = _checked(options.name)
    try:
        if options.kind == "connector":
            written, next_ = _start_connector(Path(options.folder or "."), name)
        else:
            written, next_ = _start_operation(options.folder, options.kind, name)
    except OSError as error:
        say(f"It could not be written: {error.strerror or error} ({error.filename}).")
        return FAILED
    for path in written:
        print(_shown(path))
    say(next_)
    return DONE


def _checked(name: str) -> str:
    if not ID.fullmatch(name):
        near = _suggested(name)
        hint = f"did you mean {near}?" if near else "write it such as archive_message."
        raise _refusal(f"'{one_line(name)}' cannot be a name:\nsmall letters, digits and _, a letter first; {hint}")
    if len(name) > _LONGEST:
        raise _refusal(f"A name has at most {_LONGEST} characters, and this one has {len(name)}.")
    return name


def _suggested(name: str) -> str:
    """The name that was probably meant: of ArchiveMessage, archive-message and archive_message.yaml."""
    last = re.sub(r"\.ya?ml$", "", re.split(r"[/\\]", name.rstrip("/\\"))[-1])
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_").lstrip("0123456789_")[:_LONGEST]


def _refusal(sentence: str) -> InputError:
    return InputError([InputProblem("", sentence)])


# -- an operation ----------------------------------------------------------------------------------------


def _start_operation(given: str | None, kind: str, name: str) -> tuple[list[Path], str]:
    folder = folder_of(given)
    if {"site-packages", "dist-packages"} & set(folder.resolve().parts):
        raise _refusal(
            f"{folder} is an installed connector, and what is written there would be\n"
            "lost when it is installed anew. Say where its own folder is with -C DIR."
        )
    reading = read_manifest(folder)
    manifest = reading.manifest
    if manifest is None:
        raise ManifestError(str(reading.problems[0]), problems=reading.problems)
    if kind != "trigger" and (most := MOST_OF_A_TOOL - len(manifest.connector) - 1) < len(name):
        raise _refusal(f"Beside '{manifest.connector}', a name has at most {most} characters:\nagents take no more.")
    for place in FOLDERS.values():
        if os.path.lexists(folder / place / f"{name}.yaml"):
            raise _refusal(f"{place}/{name}.yaml is there already; nothing was written.")
    place = FOLDERS[kind]
    values = {**_words(kind, name, manifest), "format": _format_for(folder / place, kind, reading)}
    operations: list[Operation | Trigger] = [*manifest.operations.values(), *manifest.triggers.values()]
    for it in operations:
        if it.kind == kind and alike(it.title) == alike(values["title"]):
            raise _refusal(f"{it.source.document.file} is called '{it.title}' already;\nnothing was written.")
    if kind == "trigger":
        values |= _hearing(manifest, name, values["resource"])
    first = name.partition("_")[0]
    template = {"action": "create" if first in _MAKES else "action", "query": "list" if first in _LISTS else "query"}
    text = _filled(_start() / f"{template.get(kind, kind)}.yaml", {**values, "effect": _MAKES.get(first, "")})
    _put(folder / place / f"{name}.yaml", text)
    here = f"connector -C {shlex.quote(given)}" if given else "connector"
    then = "" if kind == "trigger" else f",\n`{here} try {name}` the request it would send"
    next_ = f"Fill it in from the top; `{here} check` says what is wrong{then}."
    return [folder / place / f"{name}.yaml"], next_


def _words(kind: str, name: str, manifest: Manifest) -> dict[str, str]:
    """What the templates say of an operation: its title, its resource, and the connector's address."""
    words = [word for word in name.split("_") if word]
    resource, noun = _resource(words[:-1] if kind == "trigger" else words[1:], manifest)
    camel, used = _camel(noun), [it.api for it in manifest.operations.values()]
    api = next((it for it in manifest.apis.values() if it in used), next(iter(manifest.apis.values())))
    return {
        "name": name,
        "title": _title(words) or kind.title(),
        "connector": manifest.connector,
        "resource": resource,
        "noun": " ".join(noun),
        "noun_title": _title(noun),
        "id": f"{camel}Id",
        "list": _camel(resource.split("_")),
        "base_url": manifest.service.base_url.rstrip("/"),
        "prefix": api.path.rstrip("/"),
    }


def _resource(words: list[str], manifest: Manifest) -> tuple[str, list[str]]:
    """What an operation works on, in the plural and in the singular: what its name says, up to `to` or the like, or
    else something that the connector has."""
    end = next((number for number, word in enumerate(words) if number and word in SMALL), len(words))
    words = [word for word in words[:end] if word not in ARTICLES]
    if not words or not words[0][0].isalpha():
        known = [it.resource for it in manifest.operations.values()]
        words = [word for word in (known or ["things"])[0].split("_") if word]
    one, many = _singular(words[-1]), _plural(words[-1])
    return "_".join([*words[:-1], many]), [*words[:-1], one]


def _plural(word: str) -> str:
    if word.endswith("s") and not word.endswith("ss"):
        return word
    if re.search(r"(ss|x|ch|sh)$", word):
        return f"{word}es"
    return re.sub(r"(?<=[^aeiou])y$", "ie", word) + "s"


def _singular(word: str) -> str:
    for end, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(end) and len(word) > len(end) + 1:
            return word[: -len(end)] + instead
    return word[:-1] if re.search(r"[^su]s$", word) else word


def _camel(words: list[str]) -> str:
    words = [word for word in words if word]
    return words[0] + "".join(word.capitalize() for word in words[1:])


def _title(words: list[str]) -> str:
    """Words as a title; no article in front."""
    start = next((number for number, word in enumerate(words) if word not in ARTICLES), len(words))
    small = SMALL.difference(_PARTICLES)
    return titled(" ".join(word if word in small else word.capitalize() for word in words[start:] if word))


def _hearing(manifest: Manifest, name: str, resource: str) -> dict[str, str]:
    """The source that a new trigger hears, and the name of its event. InputError: there is no webhook."""
    heard = (id_ for id_, it in manifest.sources.items() if it.webhook and not it.webhook.like)
    source = next(heard, None)
    if source is None:
        raise _refusal(
            f"{manifest.title} has no webhook that a trigger could hear.\n"
            f"Declare one in connector.yaml first, such as:\n{_WEBHOOK.rstrip()}"
        )
    taken = {trigger.topic.rpartition("/")[2] for trigger in manifest.triggers.values()}
    event = f"{resource}.{name.rstrip('_').rpartition('_')[2]}"
    return {"source": source, "event": f"{resource}.{name}" if event in taken else event}


# -- a connector -----------------------------------------------------------------------------------------


def _start_connector(parent: Path, name: str) -> tuple[list[Path], str]:
    if not parent.is_dir():
        raise _refusal(f"There is no folder {parent} to write it into.")
    target = parent / name
    if os.path.lexists(target) and not (target.is_dir() and not target.is_symlink() and not any(target.iterdir())):
        raise _refusal(f"{_shown(target)} is there already; nothing was written.")
    variable = environment_name(name, "access_token")
    values = {"name": name, "title": _title(name.split("_")) or "Connector", "variable": variable}
    files = {
        file: _filled(template, {**values, "format": _installed_format((target / file).parent)})
        for file, template in _files(_start() / "connector", "")
    }
    _put_folder(target, files)
    where = shlex.quote(str(_shown(target)))
    next_ = (
        "Everything in it is made up. Put the real service into connector.yaml, then:\n"
        f"  connector -C {where} check\n"
        f"  connector -C {where} try get_me"
    )
    return [target / file for file in files], next_


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    """The files in a folder of templates, each with its path."""
    for each in sorted(folder.iterdir(), key=lambda it: (it.is_dir(), it.name)):
        if each.is_dir():
            yield from _files(each, f"{above}{each.name}/")
        else:
            yield f"{above}{each.name}", each


# -- templates -------------------------------------------------------------------------------------------


def _start() -> Traversable:
    return resources.files(__package__) / "format" / "start"


def _filled(template: Traversable, values: Mapping[str, str]) -> str:
    """The text of a template with its `<names>` filled in."""
    return re.sub(r"<([a-z_]+)>", lambda found: values[found[1]], template.read_text("utf-8"))


def _format_for(folder: Path, kind: str, reading: Reading) -> str:
    """Where the format is for a new file: where the connector's other files say it is, or as it is installed."""
    for document, other in sorted(reading.documents, key=lambda it: it[1] != kind):
        line = FIRST_LINE.match(document.lines[0]) if document.lines else None
        if line is None or not line[1].endswith(f"format/{other}.json"):
            continue
        base = line[1].rpartition("/")[0]
        if other in FOLDERS or "://" in base or base.startswith("/"):
            return base
        if other == "connector":
            return normpath(f"../../{base}")
    return _installed_format(folder)


def _installed_format(folder: Path) -> str:
    """Where the format of this runtime is, seen from a folder. Editors take a relative path or an address, neither with
    a blank in it."""
    here = Path(str(resources.files(__package__) / "format")).resolve()
    try:
        path = Path(os.path.relpath(here, folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return here.as_uri()
    return here.as_uri() if re.search(r"[\s#%]", path) else path


# -- files -----------------------------------------------------------------------------------------------


def _put(path: Path, text: str) -> None:
    """Puts a file in its place, whole, and never over another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    try:
        beside.write_bytes(text.encode())
        try:
            os.link(beside, path)
        except FileExistsError:
            raise _refusal(f"{_shown(path)} is there already; nothing was written.") from None
        except OSError:  # a disk without links
            beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def _put_folder(target: Path, files: Mapping[str, str]) -> None:
    """Puts a folder in its place, whole; an empty one may be there."""
    beside = _beside(target)
    try:
        for file, text in files.items():
            (beside / file).parent.mkdir(parents=True, exist_ok=True)
            (beside / file).write_bytes(text.encode())
        if target.exists():
            target.rmdir()
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(path: Path) -> Path:
    """A name beside a path that nobody reads and nobody else has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _shown(path: Path) -> Path:
    """A path as seen from here, where it is below."""
    here = Path.cwd()
    return path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path
