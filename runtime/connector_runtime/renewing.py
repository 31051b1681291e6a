"""`connector examples`: the command."""

from __future__ import annotations

import argparse


def command_examples(options: argparse.Namespace) -> int:
    """connector examples"""
    raise NotImplementedError
