"""The files that a node finds: its engine's settings, its hosts file, its resolv.conf."""

from __future__ import annotations

import json
from typing import Any

from rollout.lab import cgroups
from rollout.lab.spec import (
    REGISTRY,
    REGISTRY_PORT,
    data_dir,
    hostname,
    node_address,
    run_dir,
    switch_address,
)
from rollout.lab.state import LabState

POOL = "172.28.0.0/14"
"""For the engines' local networks: neither in the lab's 198.18.0.0/15 nor in Swarm's 10.0.0.0/8."""


def write_folder(lab: LabState, index: int) -> None:
    """Write all of a node's files."""
    folder = run_dir(lab.spec.name) / f"n{index}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "daemon.json").write_text(json.dumps(engine_config(lab, index), indent=2))
    (folder / "hosts").write_text(hosts(lab))
    (folder / "resolv.conf").write_text(resolv_conf())


def engine_config(lab: LabState, index: int) -> dict[str, Any]:
    """Say how a node's engine is set up.

    The engine is given this file alone, so that the machine's own daemon.json has no say. The cgroup driver
    is named because engines on a machine with systemd would ask systemd for groups, outside of the lab's.
    """
    name = lab.spec.name
    socket = run_dir(name) / f"n{index}" / "docker.sock"
    return {
        "hosts": [f"unix://{socket}", "unix:///run/docker.sock"],
        "data-root": str(data_dir(name) / f"n{index}" / "docker"),
        "exec-root": "/run/docker",
        "pidfile": "/run/docker.pid",
        "cgroup-parent": cgroups.parent(name, hostname(name, index)),
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "insecure-registries": insecure_registries(lab),
        "default-address-pools": [{"base": POOL, "size": 24}],
        "dns": [switch_address(lab.subnet)],
        "live-restore": False,
    }


def insecure_registries(lab: LabState) -> list[str]:
    """List the names by which the lab's registry may be reached over plain HTTP."""
    if not lab.spec.registry:
        return []
    address = switch_address(lab.subnet)
    names = [host for host, target in lab.spec.hosts.items() if target == REGISTRY]
    return [f"{address}:{REGISTRY_PORT}", address, *names]


def hosts(lab: LabState) -> str:
    """Write the nodes' /etc/hosts: each other, and the names that the spec asks for."""
    name, subnet = lab.spec.name, lab.subnet
    nodes = [(node_address(subnet, index), hostname(name, index)) for index in range(1, lab.spec.nodes + 1)]
    extra = [(_target(target, subnet), host) for host, target in lab.spec.hosts.items()]
    local = [("127.0.0.1", "localhost"), ("::1", "localhost ip6-localhost")]
    return "".join(f"{address}\t{names}\n" for address, names in [*local, *nodes, *extra])


def resolv_conf() -> str:
    """Name a name server that refuses at once.

    The engine needs none beside its hosts file, and with one that cannot be reached, as when the node's
    cable is pulled, each look-up would wait for seconds. Containers are given the lab's name server (`dns`).
    """
    return "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"


def _target(target: str, subnet: str) -> str:
    return switch_address(subnet) if target == REGISTRY else target
