"""Looks at a service's tasks beside a tool, four times a second, whatever the tool says of them."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from faults.figures import Look
from rollout.lab.api import EngineApi
from rollout.lab.errors import LabError

_PAUSE = 0.25


class Watch:
    """Watches from its `with` to its end; `image` is the new release, without a digest."""

    def __init__(self, api: EngineApi, service: str, image: str) -> None:
        self._api, self._service, self._image = api, service, image
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.looks: list[Look] = []
        self.first_new: float | None = None

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=60)

    def verdict(self, since: float) -> float | None:
        """Say when Swarm itself gave the update up: paused it, or began to roll it back."""
        return next((look.at for look in self.looks if look.at >= since and gave_up(look)), None)

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            try:
                self._look()
            except LabError:
                continue

    def _look(self) -> None:
        at, tasks, service = time.time(), self._tasks(), self._api.get(f"/services/{self._service}")
        new = [task for task in tasks if is_of(task, self._image)]
        ran = [moment(task) for task in new if is_running(task)]
        self.first_new = min([*ran, self.first_new] if self.first_new else ran, default=None)
        old = [task for task in tasks if is_wanted(task) and is_running(task) and task not in new]
        state = (service.get("UpdateStatus") or {}).get("State", "")
        self.looks.append(Look(at, len(old), sum(map(is_wanted, new)), state))

    def _tasks(self) -> list[dict[str, Any]]:
        filters = urlencode({"filters": json.dumps({"service": [self._service]})})
        tasks: list[dict[str, Any]] = self._api.get(f"/tasks?{filters}")
        return tasks


def gave_up(look: Look) -> bool:
    """Tell whether Swarm's own updater has found the update bad."""
    return look.update == "paused" or look.update.startswith("rollback")


def is_of(task: dict[str, Any], image: str) -> bool:
    """Tell whether a task runs an image, by whatever digest."""
    named: str = task["Spec"]["ContainerSpec"]["Image"]
    return named.partition("@")[0] == image


def is_wanted(task: dict[str, Any]) -> bool:
    """Tell whether Swarm wants a task to run."""
    return bool(task["DesiredState"] in ("running", "ready"))


def is_running(task: dict[str, Any]) -> bool:
    """Tell whether a task's container runs and is healthy."""
    return bool(task["Status"]["State"] == "running")


def moment(task: dict[str, Any]) -> float:
    """Say since when a task is in its state, by its node's clock: here every node has the machine's."""
    return datetime.fromisoformat(task["Status"]["Timestamp"]).timestamp()
