"""Runs the app and turns whatever it raises into words and an exit code."""

from __future__ import annotations

import os
import sys
from itertools import pairwise, takewhile

from rollout.cli.interrupts import Interrupted
from rollout.errors import ExitCode, RolloutError, Stopped, UsageError


def run(arguments: list[str]) -> int | str | None:
    """Run one command; what it exits with."""
    try:
        _invoke(_without_debug(arguments))
    except SystemExit as ended:
        if ended.code == ExitCode.USAGE:
            _say_in_json(UsageError("the command line cannot be understood", "rollout --help"), arguments)
        return ended.code
    except RolloutError as error:
        _raise_if_debugging(arguments)
        _say_error(error, arguments)
        return error.exit_code
    except Interrupted as signal:
        sys.stderr.write(f"{signal}\n")
        _say_in_json(Stopped(str(signal), signal.exit_code), arguments)
        return signal.exit_code
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        _raise_if_debugging(arguments)
        _say_error(unforeseen(error), arguments)
        return ExitCode.FAILED
    return ExitCode.OK


def _invoke(arguments: list[str]) -> None:
    from rollout.cli.app import app

    app(arguments, prog_name="rollout")


def _ours(arguments: list[str]) -> list[str]:
    """The words before ``--``: what comes after it is not for us (``rollout lab exec NODE -- CMD``)."""
    return list(takewhile(lambda argument: argument != "--", arguments))


def _without_debug(arguments: list[str]) -> list[str]:
    """``--debug`` may stand anywhere, also before the command and where a command knows nothing of it."""
    ours = _ours(arguments)
    return [*(argument for argument in ours if argument != "--debug"), *arguments[len(ours) :]]


def wants_json(arguments: list[str]) -> bool:
    """Whether ``-o json`` was asked for, also where the rest could not be understood."""
    return any(
        flag in {"-ojson", "--output=json"} or (flag in {"-o", "--output"} and value == "json")
        for flag, value in pairwise([*_ours(arguments), ""])
    )


def _raise_if_debugging(arguments: list[str]) -> None:
    if "--debug" in _ours(arguments) or os.environ.get("ROLLOUT_DEBUG"):
        raise  # noqa: PLE0704 - the exception being handled, with its traceback


def _say_error(error: RolloutError, arguments: list[str]) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.outcome import error_lines

    say(sys.stderr, error_lines(error, width_of(sys.stderr)))
    _say_in_json(error, arguments)


def _say_in_json(error: RolloutError, arguments: list[str]) -> None:
    """The last line of ``-o json`` is an outcome or an error, whatever happens."""
    if wants_json(arguments):
        from rollout.render.fields import error_fields, write_json

        write_json(sys.stdout, error_fields(error))


def unforeseen(error: Exception) -> RolloutError:
    """A mistake of ours as an error that a user may see."""
    return RolloutError(
        f"something unforeseen happened: {type(error).__name__}: {error}",
        "this is a mistake in rollout; run it again with --debug for the traceback, and report it",
    )


def _reader_gone() -> int:
    """The reader of a pipe has left (``rollout status | head``); Python would complain once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK
