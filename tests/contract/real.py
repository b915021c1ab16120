"""The contract's world on real engines: the images are made of busybox, the behaviours of shell."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import Any

from contract.world import Kind

from rollout.errors import NotFound
from rollout.lab import Lab
from rollout.lab.images import import_busybox
from rollout.lab.node import Node
from rollout.model import Image, Service, Spec, Task
from rollout.swarm.client import connect
from rollout.swarm.configs import EngineStore
from rollout.swarm.engine import EngineSwarm
from rollout.swarm.surroundings import EngineSurroundings

WAITING = "sleep 86400 & wait"
CHECK = "HEALTHCHECK --interval=200ms --timeout=10s"

CHANGES: dict[Kind, tuple[str, ...]] = {
    Kind.GOOD: (f"""CMD ["sh", "-c", "trap 'exit 0' TERM; {WAITING}"]""",),
    Kind.CRASHING: ("""CMD ["sh", "-c", "echo dying; sleep 1; exit 3"]""",),
    Kind.UNHEALTHY: (
        f"""CMD ["sh", "-c", "trap 'exit 7' TERM; {WAITING}"]""",
        f"{CHECK} --retries=2 CMD false",
    ),
    Kind.POLITE: (
        f"""CMD ["sh", "-c", "trap 'exit 0' TERM; {WAITING}"]""",
        f"{CHECK} --retries=2 CMD false",
    ),
    Kind.SLOW: (
        f"""CMD ["sh", "-c", "trap 'exit 0' TERM; sleep 2; touch /tmp/up; {WAITING}"]""",
        f"{CHECK} --retries=100000 CMD test -e /tmp/up",
    ),
    Kind.SILENT: (
        f"""CMD ["sh", "-c", "trap 'exit 0' TERM; {WAITING}"]""",
        f"{CHECK} --retries=100000 CMD false",
    ),
}


class LabWorld:
    """Three engines; a second is a second."""

    def __init__(self, lab: Lab) -> None:
        client = connect(lab.node(1).host, {})
        self.swarm = EngineSwarm(client)
        self.surroundings = EngineSurroundings(client)
        self.store = EngineStore(client)
        self._lab = lab
        self._api = lab.node(1).api
        self._made: list[str] = []
        self._numbers = itertools.count(1)
        for name, changes in _images().items():
            import_busybox(lab.node(1), lab, name, changes)

    def image(self, kind: Kind, version: int = 1) -> Image:
        return Image(f"{self._lab.registry}/{_name(kind, version)}", "latest")

    def create(self, wanted: Spec) -> Service:
        made = self._api.post("/services/create", dict(wanted))["ID"]
        self._made.append(made)
        return self.swarm.service(made)

    def inspect(self, service: Service) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self._api.get(f"/services/{service.id}")
        return shown

    def crash(self, task: Task) -> None:
        node = self._node_of(task)
        filters = f'{{"label":["com.docker.swarm.task.id={task.id}"]}}'
        (container,) = node.api.get(f"/containers/json?filters={filters}")
        node.api.call("POST", f"/containers/{container['Id']}/kill")

    def touch_nodes(self) -> None:
        for node in self._api.get("/nodes"):
            node["Spec"]["Labels"]["touched"] = str(next(self._numbers))
            self._api.post(f"/nodes/{node['ID']}/update?version={node['Version']['Index']}", node["Spec"])

    def cut_off(self, task: Task) -> None:
        self._node_of(task).cut()

    def reconnect(self, task: Task) -> None:
        self._node_of(task).heal()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def unique(self, name: str) -> str:
        return f"contract-{name}-{time.time_ns():x}"

    def clear(self) -> None:
        """Remove the services that a test has made."""
        while self._made:
            self._api.call("DELETE", f"/services/{self._made.pop()}")

    def _node_of(self, task: Task) -> Node:
        hosts = {node.id: node.hostname for node in self.swarm.nodes()}
        if task.node_id not in hosts:
            raise NotFound(f"no node runs {task}")
        return next(node for node in self._lab.nodes if node.name == hosts[task.node_id])


def _name(kind: Kind, version: int) -> str:
    return f"contract-{kind}-{version}" if kind == Kind.GOOD else f"contract-{kind}"


def _images() -> dict[str, tuple[str, ...]]:
    """Only of the good image there are two."""
    images = {_name(kind, 1): changes for kind, changes in CHANGES.items()}
    return images | {_name(Kind.GOOD, 2): ("LABEL version=2", *CHANGES[Kind.GOOD])}
