"""`connector new`: the command."""

from __future__ import annotations

import argparse


def command_new(options: argparse.Namespace) -> int:
    """connector new"""
    raise NotImplementedError
