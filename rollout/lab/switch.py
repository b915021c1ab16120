"""What the lab offers its nodes beside a wire: a registry and a name server, in the switch's namespace."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rollout.lab import furnish, network, processes, system
from rollout.lab.errors import LabError
from rollout.lab.spec import REGISTRY_PORT, data_dir, run_dir, switch_address, switch_netns
from rollout.lab.state import LabState

_NAMES = "names"
_NAMES_PROGRAM = Path(__file__).with_name("names.py")
_REGISTRY = "registry"
_WAIT = 20.0


def launch(lab: LabState) -> None:
    """Start all of it."""
    launch_names(lab)
    if lab.spec.registry:
        open_port_80(lab)
        launch_registry(lab)


def launch_names(lab: LabState) -> None:
    """Start the name server."""
    hosts = run_dir(lab.spec.name) / "hosts"
    hosts.write_text(furnish.hosts(lab))
    _spawn(lab, _NAMES, [sys.executable, "-IS", str(_NAMES_PROGRAM), switch_address(lab.subnet), str(hosts)])


def launch_registry(lab: LabState) -> None:
    """Start the registry, with the images it had; a second start changes nothing."""
    if processes.marked(lab.spec.name, _REGISTRY):
        return
    config = run_dir(lab.spec.name) / "registry.json"
    config.write_text(json.dumps(registry_settings(lab), indent=2))
    _spawn(lab, _REGISTRY, ["docker-registry", "serve", str(config)])


def registry_settings(lab: LabState) -> dict[str, Any]:
    """Say how the registry is set up (its YAML is JSON here)."""
    return {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(data_dir(lab.spec.name) / "registry")},
            "delete": {"enabled": True},
        },
        "http": {"addr": registry_address(lab)},
    }


def registry_address(lab: LabState) -> str:
    """Give the registry's host and port, as the nodes write them in image names."""
    return f"{switch_address(lab.subnet)}:{REGISTRY_PORT}"


def open_port_80(lab: LabState) -> None:
    """Let the registry answer on port 80 too, for image names without a port, such as ECR's.

    An engine tries port 443 of an insecure registry first; nothing listens there, so it goes on at once.
    """
    netns = switch_netns(lab.spec.name)
    network.redirect(lab.spec.name, netns, switch_address(lab.subnet), 80, REGISTRY_PORT)


def wait_for_registry(lab: LabState) -> None:
    """Wait until the registry listens."""
    if not system.wait_for(lambda: registry_runs(lab), _WAIT):
        log = system.tail(_log(lab, _REGISTRY))
        raise LabError(f"the lab's registry does not start; its log ends:\n{log}")


def stop_registry(lab: LabState) -> None:
    """End the registry; its images stay."""
    processes.kill(processes.marked(lab.spec.name, _REGISTRY))
    if not system.wait_for(lambda: not processes.marked(lab.spec.name, _REGISTRY), _WAIT):
        raise LabError("the lab's registry does not end")


def registry_runs(lab: LabState) -> bool:
    """Tell whether the registry takes connections."""
    return any(processes.listens(pid, REGISTRY_PORT) for pid in processes.marked(lab.spec.name, _REGISTRY))


def _spawn(lab: LabState, part: str, argv: list[str]) -> None:
    name = lab.spec.name
    enter = ["nsenter", f"--net={network.NETNS / switch_netns(name)}"]
    system.spawn(name, part, [*enter, *argv], _log(lab, part))


def _log(lab: LabState, part: str) -> Path:
    return data_dir(lab.spec.name) / f"{part}.log"
