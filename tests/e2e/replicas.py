"""Counts the replicas that serve, beside whatever happens to them."""

from __future__ import annotations

import threading
import time

from e2e.conftest import Site


class Replicas:
    """The fewest slots of the site's php that had a running task, as often as the engine answers."""

    def __init__(self, site: Site) -> None:
        self._swarm = site.swarm
        self._service = site.php.id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.fewest = 1000

    def __enter__(self) -> Replicas:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _look(self) -> None:
        while not self._stop.is_set():
            serving = {task.slot for task in self._swarm.tasks(self._service) if task.running}
            self.fewest = min(self.fewest, len(serving))
            time.sleep(0.15)
