"""Runs the app and turns whatever it raises into words and an exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from rollout.errors import ExitCode, RolloutError


def main() -> NoReturn:
    """The program ``rollout``."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    try:
        return _invoke([argument for argument in arguments if argument != "--debug"])
    except RolloutError as error:
        _raise_if_debugging(arguments)
        _say_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.SIGINT
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        _raise_if_debugging(arguments)
        _say_bug(error)
        return ExitCode.FAILED


def _invoke(arguments: list[str]) -> int:
    from rollout.cli.app import app

    code = app(arguments, prog_name="rollout", standalone_mode=False)
    return code if isinstance(code, int) else ExitCode.OK


def _raise_if_debugging(arguments: list[str]) -> None:
    if "--debug" in arguments or os.environ.get("ROLLOUT_DEBUG"):
        raise  # noqa: PLE0704 - the exception being handled, with its traceback


def _say_error(error: RolloutError) -> None:
    from rollout.cli.screen import say
    from rollout.render.outcome import error_lines

    say(sys.stderr, error_lines(error, None))


def _say_bug(error: Exception) -> None:
    _say_error(
        RolloutError(
            f"something unforeseen happened: {type(error).__name__}: {error}",
            "this is a mistake in rollout; run it again with --debug for the traceback and report it",
        )
    )


def _reader_gone() -> int:
    """The reader of a pipe has left (``rollout status | head``); Python would complain once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK
