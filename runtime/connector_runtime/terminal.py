"""What the person at the terminal can be shown, and asked.

In: nothing but the standard streams and the environment, or a question. Out: a `Screen`, or whether the person agrees.
"""

from __future__ import annotations

import os
import shutil
import sys

from .rendering import Screen

_NARROWEST = 40


def output_screen() -> Screen:
    """What standard output can show. Piped, it is plain, and always the same."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not sys.stdout.isatty():
        return Screen(encoding=encoding)
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(width, True, colour, encoding)


def can_ask() -> bool:
    """Whether there is somebody who can be asked: to read the question, and to answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str) -> bool:
    """Whether the person at the terminal agrees. Where there is nobody to ask, the command line was the decision."""
    if not can_ask():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
