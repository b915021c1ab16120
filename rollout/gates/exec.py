"""Exec: a command on this machine exits with 0."""

from __future__ import annotations

from rollout.model import CauseKind, Judgement, Ran, Verdict


def read(ran: Ran) -> Judgement:
    """One reading. A command that could not be started says nothing about the release."""
    if ran.exit_code is None:
        return Judgement(Verdict.INCONCLUSIVE, ran.error)
    if ran.exit_code == 0:
        return Judgement(Verdict.PASS, "exit code 0")
    said = f": {ran.output[-1]}" if ran.output else ""
    return Judgement(Verdict.FAIL, f"{_ended(ran.exit_code, ran.error)}{said}", CauseKind.GATE)


def _ended(exit_code: int, error: str) -> str:
    """How it ended; a time-out is said instead of the signal that it brought."""
    if error:
        return error
    return f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
