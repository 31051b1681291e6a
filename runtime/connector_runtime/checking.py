"""`connector check`: the command.

In: the parsed arguments. Out: problems and a summary on standard output (with `--format json` or `github` the summary
goes to standard error), and an exit status: a warning alone does not make it fail. Refused: options that do not go
together, and a rule that is not known.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from .check import FIRST, RULES, Checked, check
from .cli import DONE, FAILED, INPUT
from .commands import folder_of, say, show_json
from .document import lines_of, read_text
from .errors import ManifestError, Problem
from .manifest import Known
from .rendering import (
    annotation,
    coloured,
    explained,
    mending,
    problem_text,
    rules_list,
    summary,
)
from .terminal import agreed, output_screen
from .words import meant_or_all

POLL = 0.3
"""Seconds between two looks at the files, with `--watch`."""
_MOST_FILES = 5_000
_CLEAR = "\x1b[2J\x1b[H"


def command_check(options: argparse.Namespace) -> int:
    """connector check"""
    if options.list_rules:
        print(rules_list())
        return DONE
    if options.explain is not None:
        return _explain(options.explain)
    if options.watch and options.fix:
        say("--watch and --fix do not go together: --watch changes no files.")
        return INPUT
    if (options.watch or options.fix) and options.format != "text":
        say(f"--{'watch' if options.watch else 'fix'} writes text; it does not go together with --format.")
        return INPUT
    folder = folder_of(options.dir or options.folder)
    if options.watch:
        return _watch(folder.resolve())
    if options.fix:
        return _fix(folder, options)
    return _show(folder, check(folder), options)


def _explain(id_: str) -> int:
    rule = RULES.get(id_)
    if rule is None:
        hint = f"There is no rule '{id_}'. {meant_or_all(id_, RULES)}"
        say(textwrap.fill(hint, 79, break_long_words=False, break_on_hyphens=False))
        return INPUT
    print(explained(rule))
    return DONE


def _status(checked: Checked) -> int:
    return FAILED if any(problem.severity != "warning" for problem in checked.problems) else DONE


def _show(folder: Path, checked: Checked, options: argparse.Namespace) -> int:
    """Prints what was found, in the form that was asked for."""
    if options.format == "json":
        show_json(checked.as_json())
    elif options.format == "github":
        for problem in checked.problems:
            print(annotation(problem, _in_repository(folder, problem.file)))
    else:
        _show_problems(folder, checked.problems)
    print(summary(checked), file=sys.stdout if options.format == "text" else sys.stderr)
    if options.format == "text" and any(problem.rule in FIRST for problem in checked.problems):
        say("More may come to light once these are mended.")
    if options.format == "text" and not options.fix and (hint := mending(checked.problems, _fixing(options))):
        print(hint)
    return _status(checked)


def _show_problems(folder: Path, problems: Iterable[Problem]) -> None:
    screen = output_screen()
    texts: dict[str, Sequence[str]] = {}
    for problem in problems:
        if problem.file not in texts:
            texts[problem.file] = _lines(folder, problem.file)
        print(problem_text(problem, texts[problem.file], screen))
        if screen.terminal:
            print()


def _lines(folder: Path, file: str) -> Sequence[str]:
    """The lines of a file of the connector; none where it cannot be read, or is outside."""
    try:
        path = (folder / file).resolve()
        return lines_of(read_text(path, file)) if path.is_relative_to(folder.resolve()) else ()
    except (ManifestError, OSError, ValueError, RuntimeError):  # the last two: a strange name, a link to itself
        return ()


def _fixing(options: argparse.Namespace) -> str:
    """The command line that mends what can be mended here."""
    named = [options.dir] if options.dir else ["-C", options.folder] if options.folder else []
    return shlex.join(["connector", "check", *named, "--fix"])


def _in_repository(folder: Path, file: str) -> str:
    """A file relative to the repository, where GitHub wants it: on its machines that is the workspace, elsewhere where
    we are. A connector outside of both keeps its own paths."""
    for root in (os.environ.get("GITHUB_WORKSPACE"), Path.cwd()):
        if root and folder.resolve().is_relative_to(Path(root).resolve()):
            return (folder.resolve() / file).relative_to(Path(root).resolve()).as_posix()
    return file


def _fix(folder: Path, options: argparse.Namespace) -> int:
    """Mends what can be mended, after showing it, and shows what remains."""
    from .edits import difference, mended, write

    checked = check(folder)
    changes = mended(folder, checked.problems)
    if not changes:
        status = _show(folder, checked, options)
        say("There is nothing that can be mended without thinking.")
        return status
    screen = output_screen()
    print(coloured(difference(changes), screen).rstrip("\n") + ("\n" if screen.terminal else ""), flush=True)
    if not options.yes and not agreed("Change these files?"):
        say("Nothing was changed.")
        return _status(checked)
    try:
        write(folder, changes)
    except ManifestError as error:  # what was written is said in it
        say(error.message)
        return FAILED
    say(f"Changed {len(changes)} file{'s' if len(changes) != 1 else ''}: {', '.join(sorted(changes))}.")
    return _show(folder, check(folder), options)


def _watch(folder: Path) -> int:
    """Checks again whenever something was saved, until Ctrl-C."""
    try:
        for checked in rounds(folder, lambda: time.sleep(POLL)):
            screen = output_screen()  # anew each time: a window may have another size by now
            if screen.terminal and os.environ.get("TERM") != "dumb":
                print(_CLEAR, end="")
            now = f"{datetime.now():%H:%M:%S}"
            if checked is None:
                print(f"{now} {folder} is gone; waiting for it to come back")
            else:
                _show_problems(folder, checked.problems)
                print(f"{now} {summary(checked)}")
            if screen.terminal:
                print(screen.paint("Waiting for changes; Ctrl-C ends it.", "2"))
            sys.stdout.flush()
    except KeyboardInterrupt:
        if sys.stdout.isatty():
            print()  # the terminal has shown ^C
    return DONE


_Stamps = dict[str, tuple[int, int, int]] | None


def rounds(folder: Path, pause: Callable[[], None]) -> Iterator[Checked | None]:
    """What a check finds: at once, and again after each change of the files; None when the folder has vanished.

    Editors save by emptying a file and writing it, or by putting another in its place: only what was the same before
    and after a pause, and is still the same after the check, counts.
    """
    known: Known = {}
    shown: object = pause  # no state of the files: the first is shown whatever it is
    before = _stamps(folder, known)
    while True:
        now = _stamps(folder, known)
        if now == before and now != shown:
            try:
                checked = None if now is None else check(folder, known)
            except OSError:  # a folder went while it was read
                now = None
            else:
                if _stamps(folder, known) == now:
                    shown = now
                    yield checked
        before = now
        pause()


def _stamps(folder: Path, known: Known) -> _Stamps:
    """What changes when one of the connector's files does: its time, size and number. None: the folder is gone.

    Looked at are the first few thousand files, also those a $ref led to, and not the ones that editors keep for
    themselves.
    """
    if not folder.is_dir():
        return None
    stamps = {}
    for path in islice(_files(folder, known), _MOST_FILES):
        try:
            stat = os.stat(path)
        except OSError:
            continue
        stamps[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return stamps


def _files(folder: Path, known: Known) -> Iterator[str]:
    yield str(folder / "connector.yaml")
    yield from (str(folder / file) for file in {file for file, _ in known})
    for top in ("operations", "schemas"):
        for path, _, names in os.walk(folder / top):
            yield from (os.path.join(path, name) for name in names if name[0] != "." and name[-1] != "~")
