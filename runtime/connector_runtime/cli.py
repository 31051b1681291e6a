"""The command `connector`: the words a person types made into calls, and what comes of them made into text.

In: arguments, environment, standard input. Out: results on standard output, everything else on standard error, and an
exit status: 0 done, 1 failed, 2 wrong input or usage, 3 partly done, 4 nobody knows. No traceback reaches a person.

What a command needs is imported when it runs, so that `--help` comes at once.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

DONE, FAILED, INPUT, PARTLY, UNKNOWN = 0, 1, 2, 3, 4

_NEXT = """\
connector carries out connectors that are written as YAML files.

Start with one of these:
  connector list                      what the connector here can do
  connector check                     whether its files are right
  connector new KIND NAME             start a new file
  connector try OPERATION --set a=b   the request it would send; nothing is sent
  connector run OPERATION --set a=b   send it
  connector receive --source NAME …   the events of a webhook call
  connector --help                    all of it
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="connector",
        description="Carries out connectors that are written as YAML files.",
        epilog="example:\n  connector -C ./my-connector list",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_folder(parser, default=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    check = _command(
        commands,
        "check",
        "say what is wrong in a connector's files",
        "Reads every file, checks it against the format, follows every reference,\n"
        "reads every expression and carries out every worked example.\n"
        "Exit status: 0 clean, 1 problems, 2 wrong usage.",
        "connector check\n  connector check --fix\n  connector check --explain unknown-key",
    )
    check.add_argument("dir", nargs="?", metavar="DIR", help="the connector's folder")
    check.add_argument("--format", choices=("text", "json", "github"), default="text", help="how problems are written")
    check.add_argument("--fix", action="store_true", help="mend what can be mended safely; shows the changes first")
    check.add_argument("--yes", action="store_true", help="do not ask before changing files")
    check.add_argument("--watch", action="store_true", help="check again whenever a file is saved, until Ctrl-C")
    check.add_argument("--list-rules", action="store_true", help="list what is looked at")
    check.add_argument("--explain", metavar="RULE", help="why there is a rule, with an example")

    starting = _command(
        commands,
        "new",
        "start an action, a query, a trigger or a connector",
        "Writes a file to start from: valid, with comments, and with the fields that\npeople fill in first. Nothing is overwritten.",
        "connector new action archive_message\n  connector new connector my_shop",
    )
    starting.add_argument("kind", choices=("action", "query", "trigger", "connector"), help="what to start")
    starting.add_argument("name", metavar="NAME", help="its id: small letters, digits and _")

    examples = _command(
        commands,
        "examples",
        "bring worked examples in line after an edit",
        "Carries out every worked example and says which of them no longer give what\n"
        "they say. With --update, writes what they give now; shows the changes first.\n"
        "Exit status: 0 in line, 1 not, 2 wrong usage.",
        "connector examples --update schedule_message",
    )
    examples.add_argument("operation", nargs="?", metavar="OPERATION", help="only this one")
    examples.add_argument("--update", action="store_true", help="write the requests and outputs anew")
    examples.add_argument("--yes", action="store_true", help="do not ask before changing files")

    listing = _command(
        commands,
        "list",
        "list the operations, or the inputs of one",
        "Lists the operations of the connector, or what one of them is given.",
        "connector list schedule_message",
    )
    listing.add_argument("operation", nargs="?", metavar="OPERATION", help="show the inputs of this one")
    listing.add_argument("--json", action="store_true", help="as JSON, with the schemas")

    trying = _command(
        commands,
        "try",
        "show the request an operation would send",
        "Shows the exact request, each part with the line of the manifest it comes\nfrom. Nothing is sent.",
        "connector try get_message --set messageId=4138476039",
    )
    _add_operation(trying)
    trying.add_argument("--json", action="store_true", help="the request as JSON")

    running = _command(
        commands,
        "run",
        "carry an operation out",
        "Carries an operation out and prints its output as JSON. What others would\n"
        "see, or what deletes, asks first on a terminal.\n"
        "Exit status: 0 done, 1 failed, 2 wrong input, 3 partly done, 4 unknown.",
        "connector run list_messages --input @range.json --jsonl",
    )
    _add_operation(running)
    running.add_argument("--jsonl", action="store_true", help="all records of a list, one line of JSON each")
    running.add_argument("--yes", action="store_true", help="do not ask")
    running.add_argument("--follow", action="store_true", help="then print the events that come of it, a line each")
    running.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="the limit for each request (60 where it is not said)"
    )

    receiving = _command(
        commands,
        "receive",
        "make a webhook call into events",
        "Verifies a webhook call that was saved to files and prints its events, a line\n"
        "of JSON each. Nothing is sent, and no account is needed.\n"
        "Exit status: 0 done, 1 not from who it says, 2 wrong input, 3 some malformed.",
        "connector receive --source platform --headers call.txt --body call.json \\\n      --secret-env WEBHOOK_SECRET",
    )
    receiving.add_argument("--source", required=True, metavar="NAME", help="the webhook source in connector.yaml")
    receiving.add_argument("--headers", required=True, metavar="FILE", help="a file of `Name: value` lines, or -")
    receiving.add_argument("--body", required=True, metavar="FILE", help="the body as it came, or -")
    receiving.add_argument(
        "--secret-env",
        action="append",
        default=[],
        metavar="NAME",
        help="the environment variable with the secret; again for several",
    )
    receiving.add_argument(
        "--connection", metavar="NAME", help="the account that the events are for (env where it is not said)"
    )
    receiving.add_argument(
        "--now", type=_moment, metavar="TIME", help="when the call came, such as 2031-05-01T09:00:00Z"
    )
    return parser


def _command(commands: Any, name: str, short: str, long: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=long,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_folder(parser, default=argparse.SUPPRESS)
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds")
    return seconds


def _moment(text: str) -> datetime:
    from .times import moment_of

    moment = moment_of(text)
    if moment is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as 2031-05-01T09:00:00Z")
    return moment


def _add_folder(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "-C",
        dest="folder",
        metavar="DIR",
        default=default,
        help="the connector: its folder, or the name of an installed one",
    )


def _add_operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="its id, as `connector list` shows it")
    parser.add_argument("--input", metavar="JSON", help="the input: JSON, @FILE, or - for standard input")
    parser.add_argument(
        "--set",
        dest="sets",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one input (a.b=value for an inner one); a name again makes a list",
    )
    parser.add_argument("--connection", metavar="NAME", help="the account; `env` is the environment's")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit status."""
    sys.stdout, sys.stderr = sys.stdout or _Closed(), sys.stderr or _Closed()
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a character gets it spelled out
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    if options.command is None:
        print(_NEXT, end="")
        return DONE
    try:
        return _guarded(options)
    except BrokenPipeError:  # the reader has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


class _Closed(io.TextIOBase):
    """Stands in for an output that was closed before we began, so that what cannot be written is noticed."""

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _guarded(options: argparse.Namespace) -> int:
    from . import commands
    from .errors import ConnectorError, InputError, ManifestError, UnknownOutcome

    own = {"check": "checking", "new": "starting", "examples": "renewing"}.get(options.command, "commands")
    module = import_module(f".{own}", __package__)
    command: Callable[[argparse.Namespace], int] = getattr(module, f"command_{options.command}")
    try:
        return command(options)
    except ConnectorError as error:
        commands.say(error.message)
        if isinstance(error, InputError) or (isinstance(error, ManifestError) and not error.problems):
            return INPUT
        return UNKNOWN if isinstance(error, UnknownOutcome) else FAILED
    except RecursionError:
        commands.say("The input is nested too deep.")
        return INPUT


if __name__ == "__main__":
    sys.exit(main())
