"""The two tools, as an operator starts them: what they are told, and when they say that all is not well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from faults.case import Case, settings
from faults.promises import DOCKER, ROLLOUT
from faults.stage import SERVICES, Stage
from faults.watch import Watch
from rollout.lab import system
from rollout.lab.node import inside

_STOP_SECONDS = 20.0
_PACKAGE = Path(__file__).parents[2]


@dataclass
class Command:
    """A program that runs, with what it says and when, in seconds since 1970."""

    process: subprocess.Popen[str]
    said: list[tuple[float, str]] = field(default_factory=list)
    stopped: bool = False
    """Whether it had to be: what it says from then on is no verdict of its own."""
    _reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it, at first politely."""
        self.stopped = True
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def lines(self) -> list[tuple[float, str]]:
        """All that it said, once it has ended."""
        self._reader.join(_STOP_SECONDS)
        return self.said

    def _read(self, stream: IO[str] | None) -> None:
        for line in stream or ():
            if not self.stopped:
                self.said.append((time.time(), line.rstrip()))


class Tool(ABC):
    """A way to bring a release out."""

    name: str
    limit: float
    """How long its command may take, in seconds; then it is stopped."""

    @abstractmethod
    def start(self, stage: Stage, case: Case, image: str, folder: Path) -> Command:
        """Start its command; `folder` is for files of the run."""

    @abstractmethod
    def verdict(self, command: Command, watch: Watch, since: float) -> float | None:
        """Say when it found that something is wrong; None if it never did. The command has ended."""


class Rollout(Tool):
    """``rollout deploy``, in node 1's network, from where the site answers."""

    name = ROLLOUT
    limit = 120.0

    def start(self, stage: Stage, case: Case, image: str, folder: Path) -> Command:
        """Write the case's rollout.toml and deploy by it."""
        file = folder / "rollout.toml"
        file.write_text(settings(case, SERVICES[case.service]))
        words = ["deploy", case.service, "--image", image, "--config", str(file), "-o", "json"]
        node = stage.lab.node(1)
        environment = {**inside(os.environ), "DOCKER_HOST": node.host, "PYTHONPATH": str(_PACKAGE)}
        program = [sys.executable, "-m", "rollout", *words, *case.arguments]
        return Command(
            node.popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder)
        )

    def verdict(self, command: Command, watch: Watch, since: float) -> float | None:
        """Take the first event that calls the release bad, or the end that was no success."""
        return next((at for at, line in command.lines() if is_verdict(event(line))), None)


class Docker(Tool):
    """``docker service update`` with the compose file's update_config."""

    name = DOCKER
    limit = 60.0

    def start(self, stage: Stage, case: Case, image: str, folder: Path) -> Command:
        """Update the image and nothing else."""
        words = ["service", "update", "--detach=false", "--quiet", "--image", image, SERVICES[case.service]]
        argv = ["docker", "--host", stage.lab.node(1).host, *words]
        environment = system.environment(stage.lab.name)
        return Command(
            subprocess.Popen(
                argv,
                env=environment,
                cwd=folder,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )

    def verdict(self, command: Command, watch: Watch, since: float) -> float | None:
        """Take the moment at which Swarm gave the update up, or the end of a command that failed."""
        failed = [at for at, _ in command.lines()[-1:] if not command.stopped and command.process.returncode]
        return watch.verdict(since) or next(iter(failed), None)


def event(line: str) -> dict[str, Any]:
    """Read a line of ``-o json``; what is none of them is empty."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_verdict(found: dict[str, Any]) -> bool:
    """Tell whether an event says that the release is bad or does not go on."""
    if found.get("event") == "outcome":
        return found.get("kind") not in ("deployed", "unchanged")
    return found.get("event") in ("release_failed", "error")
