"""The site that every case begins with: release v1 in all slots, calm, and nothing left of the last case."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from faults import ported
from faults.case import PHP, PORTED, Case
from faults.watch import is_running, is_wanted
from rollout.lab import Lab, LabError, swarm, system
from rollout.lab.api import EngineApi
from rollout.lab.stack import IMAGES, build_php, deploy_stack, wait_ready

SERVICES = {PHP: "site_php", PORTED: ported.NAME}
_SETTLE_SECONDS = 120.0


@dataclass
class Stage:
    """The lab with the example stack and a service with a port of its own, and their specs as they began."""

    lab: Lab
    baselines: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def build(cls, lab: Lab) -> Stage:
        """Bring everything up."""
        deploy_stack(lab, tag="v1")
        ported.create(lab)
        stage = cls(lab)
        stage.baselines = {name: stage.service(name)["Spec"] for name in [*SERVICES.values(), "site_nginx"]}
        stage.reset()
        return stage

    @property
    def api(self) -> EngineApi:
        """The manager."""
        return self.lab.node(1).api

    def service(self, name: str) -> dict[str, Any]:
        """A service as the engine shows it."""
        found: dict[str, Any] = self.api.get(f"/services/{name}")
        return found

    def slots(self, name: str) -> int:
        """How many replicas a service has."""
        count: int = self.baselines[name]["Mode"]["Replicated"]["Replicas"]
        return count

    def release(self, case: Case, tool: str) -> str:
        """Build a case's release for one tool, in the registry only: every node has to pull it."""
        tag = version(case, tool)
        if case.service == PORTED:
            return ported.release(self.lab, tag)
        if not case.release:
            return f"{self.lab.registry}/{IMAGES['php']}:{tag}"
        reference = build_php(self.lab, tag, case.release)
        self.api.call("DELETE", f"/images/{quote(reference)}?force=1")
        return reference

    def reset(self) -> None:
        """Go back to the beginning."""
        for name in SERVICES.values():
            self._back(name)
        self._forget("configs")
        self._forget("services")
        wait_ready(self.lab)

    def impose(self, name: str, spec: dict[str, Any]) -> None:
        """Write a spec and wait until all replicas run it: at once, then with its own way of updating."""
        self._write(name, at_once(spec))
        if not system.wait_for(lambda: self._calm(name), _SETTLE_SECONDS):
            raise LabError(
                f"{name} does not settle", f"docker --host {self.lab.node(1).host} service ps {name}"
            )
        self._write(name, spec)

    def refresh_nodes(self) -> None:
        """Spread the site over all nodes again, after one was away."""
        swarm.wait_ready(self.lab.node(1), len(self.lab.nodes))
        for name in ("site_nginx", SERVICES[PHP]):
            spec = self.baselines[name]
            spec["TaskTemplate"]["ForceUpdate"] = spec["TaskTemplate"].get("ForceUpdate", 0) + 1
            self.impose(name, spec)

    def _back(self, name: str) -> None:
        same = self.service(name)["Spec"] == self.baselines[name]
        if not same or not self._calm(name):
            self.impose(name, self.baselines[name])

    def _write(self, name: str, spec: dict[str, Any]) -> None:
        seen = self.service(name)
        self.api.post(f"/services/{seen['ID']}/update?version={seen['Version']['Index']}", spec)

    def _calm(self, name: str) -> bool:
        """All slots run what the spec says, and nothing else runs, not even something that is stopping."""
        running = [task for task in self._tasks(name) if is_running(task) or is_wanted(task)]
        ids = {task["ID"] for task in self._tasks(name, {"_up-to-date": ["true"]})}
        right = [task for task in running if is_running(task) and is_wanted(task) and task["ID"] in ids]
        return len(right) == len(running) == self.slots(name)

    def _tasks(self, name: str, more: dict[str, list[str]] | None = None) -> list[dict[str, Any]]:
        filters = json.dumps({"service": [name], **(more or {})})
        found: list[dict[str, Any]] = self.api.get(f"/tasks?{urlencode({'filters': filters})}")
        return found

    def _forget(self, what: str) -> None:
        """Remove what rollout keeps in the Swarm: no case shall profit or suffer from the one before."""
        filters = urlencode({"filters": json.dumps({"label": ["rollout.kind"]})})
        for found in self.api.get(f"/{what}?{filters}"):
            self.api.call("DELETE", f"/{what}/{found['ID']}")


def at_once(spec: dict[str, Any]) -> dict[str, Any]:
    """Let a spec replace all replicas at the same time; beside a port of the node's, none can start first."""
    ports = spec.get("EndpointSpec", {}).get("Ports")
    order = "stop-first" if ports else "start-first"
    quick = {"Parallelism": 0, "FailureAction": "continue", "Order": order}
    return {**spec, "UpdateConfig": {**spec["UpdateConfig"], **quick}}


def version(case: Case, tool: str) -> str:
    """The tag of a release, which is also what its pages say."""
    return f"{case.name}-{tool}"
