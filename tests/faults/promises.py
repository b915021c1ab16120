"""What rollout promises about faults, checked against the figures: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from faults.figures import NEW, OLD, Figures
from faults.table import Row

ROLLOUT, DOCKER = "rollout", "docker"
HARM, VERDICT, RESTORED = 1.0, 2.0, 3.0
"""For a release that answers every page with an error, one http gate and four replicas; in seconds.

Restored is the site when users get right answers only. That all replicas are there again takes longer: the
bad one goes first, and Swarm waits two seconds before it stops a task that gets no more requests.
"""
NO_HARM = ("good", "smoke", "before-hook", "missing-image", "registry-away-before")


def shortfalls(rows: Iterable[Row]) -> list[str]:
    """Say which promises the figures break; none, as a rule."""
    return [
        f"{row.name}: {sentence}"
        for row in rows
        if row.tool == ROLLOUT and row.figures
        for sentence in _broken(row, row.figures)
    ]


def _broken(row: Row, found: Figures) -> Iterator[str]:
    if found.exit_code not in row.right:
        wanted = " or ".join(map(str, row.right))
        yield f"exit code {found.exit_code} instead of {wanted}"
    if found.exit_code == 0 and found.serves != NEW:
        yield f"exit code 0, but in the end the {found.serves} release runs"
    if row.blame and found.serves != OLD:
        yield "the old release does not run again"
    if row.name in NO_HARM and found.failed:
        yield f"{found.failed} requests failed instead of none"
    if row.name == "error500":
        yield from _slow_or_harmful(found)


def _slow_or_harmful(found: Figures) -> Iterator[str]:
    limits = (
        ("harm", found.harm, HARM),
        ("verdict after the first bad replica served", found.noticed, VERDICT),
        ("users well after the verdict", found.users_back, RESTORED),
    )
    for what, seconds, limit in limits:
        if seconds is None or seconds > limit:
            yield f"{what}: {seconds} s, more than {limit:g} s"
