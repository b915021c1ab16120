"""The lab's wires: a bridge in a namespace of its own, and one veth to each node.

Nothing is ever made in the host's network namespace. Both ends of a veth are born where they belong, so the
host's interfaces, its firewall, its sysctls and its own Docker see nothing of the lab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from rollout.lab import system
from rollout.lab.spec import (
    mac_address,
    netns_pattern,
    node_address,
    node_netns,
    switch_address,
    switch_netns,
)

NETNS = Path("/run/netns")
"""Where iproute2 keeps named network namespaces."""


def build(lab: str, subnet: str, nodes: int) -> None:
    """Make the switch and plug every node into it."""
    _ip(lab, [f"netns add {switch_netns(lab)}"])
    _ip(lab, _switch_commands(subnet), netns=switch_netns(lab))
    for index in range(1, nodes + 1):
        plug(lab, subnet, index)


def plug(lab: str, subnet: str, index: int) -> None:
    """Give a node a new network namespace, as empty as that of a machine that just booted."""
    netns = node_netns(lab, index)
    address = node_address(subnet, index)
    _ip(lab, [f"netns add {netns}"])
    _ip(lab, veth_commands(index, netns, address), netns=switch_netns(lab))
    _ip(lab, [f"address add {address}/24 dev eth0", "link set lo up", "link set eth0 up"], netns=netns)


def unplug(lab: str, index: int) -> None:
    """Throw a node's network namespace away, with all that an engine left in it."""
    if port_exists(lab, index):
        _ip(lab, [f"link delete n{index}"], netns=switch_netns(lab))
    delete(lab, [node_netns(lab, index)])


def set_link(lab: str, index: int, up: bool) -> None:
    """Plug or unplug a node's cable, at the switch: the node sees that the carrier is gone."""
    _ip(lab, [f"link set n{index} {'up' if up else 'down'}"], netns=switch_netns(lab))


def link_up(lab: str, index: int) -> bool:
    """Tell whether a node's cable is plugged in."""
    shown = system.run(lab, ["ip", "-n", switch_netns(lab), "-o", "link", "show"])
    return re.search(rf"^\d+: n{index}@.*[<,]UP[,>]", shown, re.MULTILINE) is not None


def port_exists(lab: str, index: int) -> bool:
    """Tell whether the switch has a port for this node."""
    shown = system.run(lab, ["ip", "-n", switch_netns(lab), "-o", "link", "show"])
    return f" n{index}@" in shown


def redirect(lab: str, netns: str, address: str, port: int, to: int) -> None:
    """Let a port of the switch answer as another does."""
    match = ["-d", address, "-p", "tcp", "--dport", str(port)]
    rule = ["-t", "nat", "-A", "PREROUTING", *match, "-j", "REDIRECT", "--to-ports", str(to)]
    system.run(lab, ["nsenter", f"--net={NETNS / netns}", "iptables", "-w", *rule])


def existing(lab: str) -> tuple[str, ...]:
    """List the lab's network namespaces that are there."""
    if not NETNS.is_dir():
        return ()
    pattern = netns_pattern(lab)
    return tuple(sorted(path.name for path in NETNS.iterdir() if pattern.fullmatch(path.name)))


def delete(lab: str, netns: Iterable[str]) -> None:
    """Delete network namespaces, and with them every interface and rule inside."""
    for name in netns:
        system.run(lab, ["ip", "netns", "delete", name])


def veth_commands(index: int, netns: str, address: str) -> list[str]:
    """Say how a node is wired, as seen from the switch's namespace."""
    return [
        f"link add n{index} type veth peer name eth0 address {mac_address(address)} netns {netns}",
        f"link set n{index} master br0",
        f"link set n{index} up",
    ]


def _switch_commands(subnet: str) -> list[str]:
    return [
        "link set lo up",
        "link add br0 type bridge forward_delay 0",
        f"address add {switch_address(subnet)}/24 dev br0",
        "link set br0 up",
    ]


def _ip(lab: str, commands: list[str], netns: str | None = None) -> None:
    where = ["-n", netns] if netns else []
    system.run(lab, ["ip", *where, "-batch", "-"], text="\n".join(commands) + "\n")
