"""The command line: parse, wire, exit code. Nothing is decided here."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """The program ``rollout``. Pipelines ask for the version now and then: nothing is imported for it."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from rollout import __version__

        sys.stdout.write(f"rollout {__version__}\n")
        sys.exit(0)
    from rollout.cli.run import run

    sys.exit(run(arguments))
