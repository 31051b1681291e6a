"""`connector check`: the command."""

from __future__ import annotations

import argparse
import sys

from .cli import DONE, FAILED, INPUT
from .commands import folder_of, say, show_json
from .errors import ManifestError


def command_check(options: argparse.Namespace) -> int:
    """connector check"""
    from .check import check

    try:
        folder = folder_of(options.dir or options.folder)
    except ManifestError as error:
        say(error.message)
        return INPUT
    checked = check(folder)
    if options.format == "json":
        show_json(checked.as_json())
    for problem in checked.problems if options.format != "json" else ():
        if options.format == "github":
            place = f"file={problem.file},line={problem.line},col={problem.column},title={problem.rule}"
            print(f"::{problem.severity} {place}::{_escaped(problem.text)}")
        else:
            print(problem)
    count = len(checked.problems)
    found = "no problems" if not count else f"{count} problem{'s' if count != 1 else ''}"
    summary = f"checked {checked.files} files, {checked.operations} operations, {checked.rules} rules: {found}"
    print(summary, file=sys.stdout if options.format == "text" else sys.stderr)
    return FAILED if count else DONE


def _escaped(text: str) -> str:
    """The data of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
