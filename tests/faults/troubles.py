"""What goes wrong around a release: the registry, a node, the room on the nodes, a name."""

from __future__ import annotations

import copy
from collections.abc import Callable

from faults.case import PHP, Blow, Trouble
from faults.stage import SERVICES, Stage
from rollout.lab import system

SITE_NAME = "shop.test"
REGISTRY_AWAY = 20.0
"""In seconds."""
_FIFTH = 0.4
"""Share of a node's memory: two replicas fit on a node, so four on two nodes, and no fifth."""
_LOST_SECONDS = 60.0


def registry_stop(stage: Stage) -> None:
    """Take the registry away."""
    stage.lab.registry_stop()


def registry_start(stage: Stage) -> None:
    """Bring the registry back."""
    stage.lab.registry_start()


def kill_worker(stage: Stage) -> None:
    """Cut the power of a node that serves, and on which neither HAProxy nor Redis runs."""
    stage.lab.node(3).kill()


def revive_worker(stage: Stage) -> None:
    """Start the node again, once Swarm has noticed that it was away, and let it serve as before."""
    node = stage.lab.node(3)
    if node.state == "running":
        return
    system.wait_for(lambda: _ready(stage) < len(stage.lab.nodes), _LOST_SECONDS)
    node.start()
    stage.refresh_nodes()


def fill_nodes(stage: Stage) -> None:
    """Let four replicas reserve all the memory there is for them."""
    spec = copy.deepcopy(stage.baselines[SERVICES[PHP]])
    template = spec["TaskTemplate"]
    reserved = int(stage.api.get("/info")["MemTotal"] * _FIFTH)
    template["Resources"] = {"Reservations": {"MemoryBytes": reserved}}
    template["Placement"] = {**template.get("Placement", {}), "Constraints": ["node.role==worker"]}
    stage.impose(SERVICES[PHP], spec)


def name_site(stage: Stage) -> None:
    """Give the site a name, on the node from which it is asked."""
    _hosts(stage, lambda text: f"{text}127.0.0.1\t{SITE_NAME}\n")


def forget_site(stage: Stage) -> None:
    """Let the site's name resolve no more."""
    _hosts(stage, lambda text: "".join(line for line in text.splitlines(True) if SITE_NAME not in line))


def _hosts(stage: Stage, change: Callable[[str], str]) -> None:
    """Write into the very file that running programs have as their /etc/hosts."""
    file = stage.lab.node(1).folder / "hosts"
    text = change(file.read_text())
    with file.open("r+") as open_file:
        open_file.write(text)
        open_file.truncate()


def _ready(stage: Stage) -> int:
    return sum(node["Status"]["State"] == "ready" for node in stage.api.get("/nodes"))


AWAY_BEFORE = Trouble(arrange=registry_stop, clear=registry_start)
AWAY_MIDWAY = Trouble(
    blows=(Blow(0, registry_stop), Blow(REGISTRY_AWAY, registry_start)), clear=registry_start
)
WORKER_KILLED = Trouble(blows=(Blow(0, kill_worker),), clear=revive_worker)
NODES_FULL = Trouble(arrange=fill_nodes)
NAME_GONE = Trouble(arrange=name_site, blows=(Blow(0, forget_site),), clear=forget_site)
