"""From what was seen of one run to the figures of one row: pure. Times are in seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rollout.lab.tally import Summary

OLD, NEW, BOTH = "old", "new", "both"


@dataclass(frozen=True)
class Look:
    """The service at one moment: tasks that run the old release, and those of the new one.

    ``new`` counts the new tasks that Swarm wants to run, whatever became of them; ``update`` is Swarm's word
    for how its own update stands.
    """

    at: float
    old_running: int
    new: int
    update: str = ""

    def restored(self, slots: int) -> bool:
        """Whether the old release has all slots for itself again."""
        return self.new == 0 and self.old_running == slots


@dataclass(frozen=True)
class Run:
    """One command, from its start to its end; ``exit_code`` is None if it had to be stopped.

    ``verdict`` is when the tool said that something is wrong, ``first_new`` when the first replica of the
    new release ran, as its node says.
    """

    started: float
    ended: float
    exit_code: int | None
    verdict: float | None
    first_new: float | None
    looks: tuple[Look, ...]
    slots: int


@dataclass(frozen=True)
class Figures:
    """One row. ``harm`` is failed requests in seconds of traffic, ``met`` counts answers of the new release.

    ``verdict`` counts from the command's start, ``noticed`` from the first new replica that served;
    ``users_back`` and ``service_back`` count from the verdict. None stands for what did not happen.
    """

    exit_code: int | None
    seconds: float
    serves: str
    sent: int
    failed: int
    harm: float
    met: int
    verdict: float | None
    noticed: float | None
    users_back: float | None
    service_back: float | None


def figures(run: Run, users: Summary, rate: float, version: str) -> Figures:
    """Add up a run and what users met, at ``rate`` requests a second; ``version`` is the new release's."""
    return Figures(
        exit_code=run.exit_code,
        seconds=round(run.ended - run.started, 1),
        serves=serves(run.looks),
        sent=users.sent,
        failed=users.failed,
        harm=round(users.failed / rate, 2),
        met=users.versions.get(version, 0),
        verdict=_since(run.started, run.verdict),
        noticed=noticed(first_bad(run, users, version), run.verdict),
        users_back=_since(run.verdict, last_failure(run.verdict, users)),
        service_back=_since(run.verdict, restored(run)),
    )


def serves(looks: Sequence[Look]) -> str:
    """Say which release is meant to run in the end."""
    last = looks[-1]
    if last.new == 0:
        return OLD
    return NEW if last.old_running == 0 else BOTH


def first_bad(run: Run, users: Summary, version: str) -> float | None:
    """Say when the new release began to serve: it ran, or it answered, or a request failed."""
    answered = users.first_answers.get(version)
    failed = [at for at in users.failed_at if users.started + at >= run.started]
    seen = [run.first_new, *(users.started + at for at in [answered, *failed[:1]] if at is not None)]
    return min((at for at in seen if at is not None), default=None)


def noticed(bad: float | None, verdict: float | None) -> float | None:
    """Say for how long the new release had served; None if it had not when the verdict came."""
    served_before = bad is not None and verdict is not None and bad <= verdict
    return _since(bad, verdict) if served_before else None


def last_failure(verdict: float | None, users: Summary) -> float | None:
    """Say when the last request failed after the verdict; the verdict itself if none did."""
    if verdict is None:
        return None
    return max([verdict, *(users.started + at for at in users.failed_at)])


def restored(run: Run) -> float | None:
    """Say when all slots ran the old release again, for good."""
    if run.verdict is None or not run.looks[-1].restored(run.slots):
        return None
    missing = [look.at for look in run.looks if not look.restored(run.slots)]
    after = [look.at for look in run.looks if look.at > max(missing, default=0.0)]
    return max(run.verdict, after[0])


def _since(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else round(end - begin, 1)
