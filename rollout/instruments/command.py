"""Runs a command of the user's, without a shell, and sees to it that it ends."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from threading import Thread
from typing import IO

from rollout.model import ExecGate, Ran
from rollout.untrusted import plain

LINES = 10
"""So many of the last lines are kept."""
_LONGEST_LINE = 4096
_LAST_WORDS = 0.5
"""Seconds for the last lines to arrive: a child that went on in the background may keep the pipe open."""


_running: set[subprocess.Popen[bytes]] = set()
"""Commands under way. The thread that waits for one is stopped without a word when rollout ends."""


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        _end(process)


def run(gate: ExecGate, environment: Mapping[str, str]) -> Ran:
    """How it ended, and the last lines of its output and its errors together.

    One that is not done after ``gate.timeout`` seconds is killed with all its children; as with
    ``subprocess``, a signal counts as a negative exit code.
    """
    try:
        process = _started(gate, environment)
    except (OSError, ValueError, IndexError) as problem:  # IndexError: there is no command
        return Ran(None, error=_not_started(gate.command, problem))
    lines, reader = _listen(process)
    _running.add(process)
    try:
        error = _awaited(process, gate.timeout)
    finally:
        _running.discard(process)
        _end(process)
    reader.join(_LAST_WORDS)
    return Ran(process.returncode, tuple(lines.copy()), error)


def _started(gate: ExecGate, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In a session of its own: all of it can be killed, and none of it can ask on the terminal."""
    return subprocess.Popen(
        gate.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def _listen(process: subprocess.Popen[bytes]) -> tuple[deque[str], Thread]:
    """The last lines, filled while the command speaks: a full pipe would stop it."""
    lines: deque[str] = deque(maxlen=LINES)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    reader = Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    return lines, reader


def _read(stream: IO[bytes], lines: deque[str]) -> None:
    with stream:
        while said := stream.readline(_LONGEST_LINE):
            lines.append(plain(said.decode("utf-8", "replace")))


def _awaited(process: subprocess.Popen[bytes], timeout: float) -> str:
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        return f"not done within {timeout:g}s"
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command that still runs; its session's ID is its process's."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _not_started(command: tuple[str, ...], problem: Exception) -> str:
    name = plain(command[0]) if command else "the command"
    if isinstance(problem, FileNotFoundError):
        return f"{name} was not found"
    reason = (problem.strerror or "").lower() if isinstance(problem, OSError) else ""
    return f"{name} could not be started" + (f": {reason}" if reason else "")
