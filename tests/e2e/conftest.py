"""The example site on the shared lab, users on it, and `rollout` as its operator types it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rollout.clock import SystemClock
from rollout.lab import Lab
from rollout.lab.load import Load
from rollout.lab.stack import URL, build_php, deploy_stack
from rollout.model import Image, Service, Task
from rollout.swarm import EngineSwarm, Patience, connect

PROGRAM = str(Path(sys.executable).with_name("rollout"))
PHP = "site_php"


@dataclass
class Site:
    """The stack of the example, as users and operators meet it."""

    lab: Lab
    images: dict[str, str] = field(default_factory=dict)

    @property
    def swarm(self) -> EngineSwarm:
        return EngineSwarm(connect(self.lab.node(1).host), Patience(SystemClock()))

    @property
    def php(self) -> Service:
        return self.swarm.service(PHP)

    def image(self, tag: str, behaviour: str = "good") -> str:
        """A release of php in the lab's registry, built once a session."""
        if tag not in self.images:
            self.images[tag] = build_php(self.lab, tag, behaviour)
        return self.images[tag]

    def back_to(self, tag: str) -> None:
        """Bring the service to a known release by Swarm's own means."""
        deploy_stack(self.lab, tag=tag)

    def command(self, *arguments: str) -> list[str]:
        return [PROGRAM, *arguments]

    def environment(self) -> dict[str, str]:
        return {
            "DOCKER_HOST": self.lab.node(1).host,
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/nonexistent",
        }

    def rollout(
        self, *arguments: str, timeout: float = 180, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in node 1's network, from where the site answers; never checked."""
        environment = self.environment() | variables
        return self.lab.node(1).run(self.command(*arguments), check=False, env=environment, timeout=timeout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command whose JSON lines are read while it runs."""
        return self.lab.node(1).popen(
            self.command(*arguments), env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def users(self) -> Load:
        """Sixty requests a second by twenty visitors with sessions."""
        return Load.start(self.lab.node(1), URL, rate=60, sessions=20)

    def running(self) -> list[Task]:
        return [task for task in self.swarm.tasks(self.php.id) if task.running]

    def tags_running(self) -> list[str | None]:
        return [task.image.tag for task in self.running()]


@pytest.fixture(scope="session")
def _site(lab: Lab) -> Site:
    site = Site(lab)
    deploy_stack(lab, tag="v1")
    site.images["v1"] = f"{lab.registry}/patch-php-fpm:v1"
    return site


@pytest.fixture
def site(_site: Site) -> Site:
    """The site on release v1, whatever the test before did to it."""
    tags = set(_site.tags_running())
    if tags != {"v1"} or len(_site.running()) != 4:
        _site.back_to("v1")
    return _site


class Observer:
    """Looks at the tasks beside the deployment, as fast as the engine answers."""

    def __init__(self, site: Site) -> None:
        self._swarm = site.swarm
        self._service = site.php.id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.most_in_motion = 0
        self.tags_seen: dict[str, set[str]] = {}

    def __enter__(self) -> Observer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def replicas_that_ran(self, tag: str) -> int:
        """How many tasks of a release were ever seen running."""
        return len(self.tags_seen.get(tag, set()))

    def _look(self) -> None:
        while not self._stop.is_set():
            tasks = [task for task in self._swarm.tasks(self._service) if task.wanted]
            slots = [task.slot for task in tasks]
            self.most_in_motion = max(
                self.most_in_motion, len({slot for slot in slots if slots.count(slot) > 1})
            )
            for task in tasks:
                if task.running:
                    self.tags_seen.setdefault(str(task.image.tag), set()).add(task.id)
            time.sleep(0.1)


@pytest.fixture
def observer(site: Site) -> Iterator[Observer]:
    with Observer(site) as watching:
        yield watching


def events_of(text: str) -> list[dict[str, Any]]:
    """The JSON lines of `-o json`."""
    return [json.loads(line) for line in text.splitlines()]


def tag_of(reference: str) -> str | None:
    return Image.parse(reference).tag
