"""The command line: parse, wire, exit code. Nothing is decided here."""

from __future__ import annotations

from rollout.cli.run import main

__all__ = ["main"]
