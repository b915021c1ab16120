"""Carries one case out with one tool: trouble, users, a command, and eyes on all of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from faults.case import Blow, Case
from faults.figures import Figures, Run, figures
from faults.stage import SERVICES, Stage, version
from faults.table import Row
from faults.tools import Command, Tool
from faults.watch import Watch
from rollout.lab.load import Load
from rollout.lab.tally import Summary

RATE = 60.0
SESSIONS = 20
_CALM = 2.0
_PAUSE = 0.1
KEEP = os.environ.get("ROLLOUT_FAULTS_LOGS", "")
"""A folder for what the tools said, for whoever works on a case."""


@dataclass
class Blows:
    """What is still to be done to the site, in order; it begins when the first new replica runs."""

    stage: Stage
    left: list[Blow] = field(default_factory=list)

    def strike(self, first_new: float | None, now: float) -> None:
        """Do what is due."""
        while first_new and self.left and now >= first_new + self.left[0].after:
            self.left.pop(0).act(self.stage)


def measure(stage: Stage, case: Case, tool: Tool) -> Row:
    """Give one row of the table."""
    stage.reset()
    image = stage.release(case, tool.name)
    with _trouble(stage, case), TemporaryDirectory(prefix="rollout-faults-") as folder:
        run, users, command = _run(stage, case, tool, image, Path(folder))
    _keep(command, f"{case.name}-{tool.name}")
    found: Figures = figures(run, users, RATE, version(case, tool.name))
    errors = tuple(sorted({failure["error"] for failure in users.failures}))
    return Row(case.name, case.title, tool.name, case.blame, case.right, found, errors=errors)


def without(case: Case, tool: Tool) -> Row:
    """Give the row of a tool that has no such thing."""
    return Row(case.name, case.title, tool.name, case.blame, case.right, None, note=case.docker)


@contextmanager
def _trouble(stage: Stage, case: Case) -> Iterator[None]:
    try:
        case.trouble.arrange(stage)
        yield
    finally:
        case.trouble.clear(stage)


def _run(stage: Stage, case: Case, tool: Tool, image: str, folder: Path) -> tuple[Run, Summary, Command]:
    service = stage.service(SERVICES[case.service])
    blows = Blows(stage, list(case.trouble.blows))
    with (
        Watch(stage.api, service["ID"], image) as watch,
        Load.start(stage.lab.node(1), case.url, RATE, SESSIONS) as users,
    ):
        time.sleep(_CALM)
        started = time.time()
        command = tool.start(stage, case, image, folder)
        in_time = _wait(command, blows, watch, started + tool.limit)
        ended = time.time()
        _linger(blows, watch, ended + case.linger)
    run = Run(
        started=started,
        ended=ended,
        exit_code=command.process.returncode if in_time else None,
        verdict=tool.verdict(command, watch, started),
        first_new=watch.first_new,
        looks=tuple(watch.looks),
        slots=stage.slots(SERVICES[case.service]),
    )
    return run, users.summary, command


def _wait(command: Command, blows: Blows, watch: Watch, until: float) -> bool:
    """Wait for a command's end; one that takes too long is stopped, and False is given."""
    while command.running():
        if time.time() > until:
            command.stop()
            return False
        blows.strike(watch.first_new, time.time())
        time.sleep(_PAUSE)
    return True


def _linger(blows: Blows, watch: Watch, until: float) -> None:
    while time.time() < until:
        blows.strike(watch.first_new, time.time())
        time.sleep(_PAUSE)


def _keep(command: Command, name: str) -> None:
    if KEEP:
        text = "".join(f"{at:.3f} {line}\n" for at, line in command.lines())
        Path(KEEP, f"{name}.log").write_text(text)
