"""What a lab shall be, and the names and addresses that follow from it.

Everything that a lab owns on the host is named by its own name alone. So whatever is left of a lab can be
found and removed without its state file, which may be broken or never have been written.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rollout.lab.errors import LabError

RUN = Path("/run/rollout/labs")
"""One small folder a lab: its state, its sockets, its hosts file."""
DATA = Path("/var/lib/rollout/labs")
"""One big folder a lab: the engines' data and logs, the registry's images."""
NETWORK = ipaddress.ip_network("198.18.0.0/15")
"""RFC 2544 gives this range to test set-ups: no real network is there to be shadowed."""
REGISTRY = "registry"
"""The value in `LabSpec.hosts` that stands for the lab's own registry."""
REGISTRY_PORT = 5000
MAX_NODES = 50

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class LabSpec:
    """A wish: how many nodes, which engine, and the names that the nodes shall know."""

    name: str = "lab"
    nodes: int = 3
    managers: int = 1
    engine_root: Path | None = None
    registry: bool = True
    hosts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 1 <= self.nodes <= MAX_NODES:
            raise LabError(f"a lab has 1 to {MAX_NODES} nodes, not {self.nodes}")
        if not 1 <= self.managers <= self.nodes:
            raise LabError(f"a lab of {self.nodes} nodes has 1 to {self.nodes} managers, not {self.managers}")
        for host, target in self.hosts.items():
            self._check_host(host, target)

    def _check_host(self, host: str, target: str) -> None:
        if not _HOST.fullmatch(host):
            raise LabError(f"'{host}' is no host name")
        if target == REGISTRY:
            if not self.registry:
                raise LabError(f"'{host}' cannot point to the lab's registry: this lab has none")
            return
        try:
            ipaddress.ip_address(target)
        except ValueError:
            raise LabError(f"'{host}' points to '{target}': neither 'registry' nor an address") from None


def is_name(name: str) -> bool:
    """Tell whether a lab can have this name."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Give the name back, or refuse it: names become folders, host names and network namespaces."""
    if not is_name(name):
        raise LabError(
            f"'{name}' cannot be the name of a lab",
            "use at most 20 lower-case letters, digits and hyphens, a letter first",
        )
    return name


def run_dir(lab: str) -> Path:
    """Where the lab keeps its state and sockets."""
    return RUN / check_name(lab)


def data_dir(lab: str) -> Path:
    """Where the lab keeps everything big."""
    return DATA / check_name(lab)


def hostname(lab: str, index: int) -> str:
    """Name a node, for people and for itself."""
    return f"{lab}-n{index}"


def node_netns(lab: str, index: int) -> str:
    """Name a node's network namespace."""
    return f"rollout-{lab}-n{index}"


def switch_netns(lab: str) -> str:
    """Name the namespace of the bridge that joins the nodes; the registry lives there too."""
    return f"rollout-{lab}-switch"


def netns_pattern(lab: str) -> re.Pattern[str]:
    """Match the network namespaces of this lab, and of no other, however similar its name."""
    return re.compile(rf"rollout-{re.escape(lab)}-(switch|n\d+)")


def choose_subnet(taken: Iterable[str]) -> str:
    """Take the first /24 that no other lab uses, so that addresses tell labs apart."""
    used = set(taken)
    for subnet in NETWORK.subnets(new_prefix=24):
        if str(subnet) not in used:
            return str(subnet)
    raise LabError("every subnet of 198.18.0.0/15 is taken by a lab", "end some: rollout lab down --all")


def switch_address(subnet: str) -> str:
    """Give the bridge, and so the registry, the first address."""
    return str(ipaddress.ip_network(subnet)[1])


def node_address(subnet: str, index: int) -> str:
    """Give node 1 the address .11, node 2 .12, and so on."""
    return str(ipaddress.ip_network(subnet)[10 + index])


def mac_address(address: str) -> str:
    """Derive a node's MAC from its address: a node that was rebuilt is at once found by its peers' caches."""
    return ":".join(["02", "00", *(f"{int(octet):02x}" for octet in address.split("."))])
