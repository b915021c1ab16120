"""A private Docker Swarm of real engines on this machine, up in seconds and gone without a trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rollout.lab import cleanup, lock, network, state, storage, swarm, switch, system
from rollout.lab.errors import LabError
from rollout.lab.node import Node
from rollout.lab.spec import LabSpec, check_name, choose_subnet, data_dir
from rollout.lab.state import LabState

_UP_SECONDS = 5.0
_DOWN_SECONDS = 30.0


@dataclass(frozen=True)
class Lab:
    """A lab that is up. It goes on when the process that started it ends."""

    state: LabState

    @classmethod
    def up(cls, spec: LabSpec) -> Lab:
        """Start a lab; if that fails, or is interrupted, nothing of it stays."""
        system.check_host(programs(spec), spec.engine_root)
        with lock.held(f"lab '{spec.name}'", _UP_SECONDS):
            _refuse_second(spec.name)
            cleanup.sweep(spec.name)
            try:
                return cls(_build(_claim(spec)))
            except BaseException:
                cleanup.sweep(spec.name)
                raise

    @classmethod
    def load(cls, name: str) -> Lab:
        """Find a lab that is up."""
        system.check_host(("ip",))
        return cls(state.load(check_name(name)))

    @staticmethod
    def names() -> tuple[str, ...]:
        """List every lab of which there is anything, also one that is incomplete."""
        return state.names()

    @staticmethod
    def destroy(name: str) -> None:
        """Remove all that is left of a lab, whatever its condition; one that is not there is no error."""
        check_name(name)
        system.check_host(("ip",))
        with lock.held(f"lab '{name}'", _DOWN_SECONDS):
            cleanup.sweep(name)

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.state.spec.name

    @property
    def registry(self) -> str:
        """Host and port of the lab's registry, as its nodes write them in image names."""
        if not self.state.spec.registry:
            raise LabError(f"lab '{self.name}' has no registry", "start it without --no-registry")
        return switch.registry_address(self.state)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, managers first."""
        return _nodes(self.state)

    @property
    def managers(self) -> tuple[Node, ...]:
        """The nodes that were started as managers."""
        return tuple(node for node in self.nodes if node.manager)

    @property
    def folder(self) -> Path:
        """Where the engines' data and logs are."""
        return data_dir(self.name)

    def node(self, index: int) -> Node:
        """Give one node; they are counted from 1."""
        if not 1 <= index <= len(self.nodes):
            raise LabError(f"lab '{self.name}' has nodes 1 to {len(self.nodes)}, no node {index}")
        return self.nodes[index - 1]

    def registry_stop(self) -> None:
        """Take the registry away, as an outage does."""
        switch.stop_registry(self.state)

    def registry_start(self) -> None:
        """Bring the registry back, with its images."""
        switch.launch_registry(self.state)
        switch.wait_for_registry(self.state)

    def down(self) -> None:
        """End the lab and remove all of it."""
        self.destroy(self.name)


def programs(spec: LabSpec) -> tuple[str, ...]:
    """List the programs that a lab needs on this machine; an engine root brings its own engine."""
    needed = ["ip", "iptables", "nsenter", "unshare", "setsid"]
    needed += ["docker-registry"] if spec.registry else []
    needed += [] if spec.engine_root else ["dockerd"]
    return tuple(needed)


def _refuse_second(name: str) -> None:
    """A lab that was never finished is in nobody's way: its maker held the lock that we hold now."""
    found = state.peek(name)
    if found and found.ready:
        raise LabError(f"lab '{name}' is already up", f"end it first: rollout lab down --name {name}")


def _claim(spec: LabSpec) -> LabState:
    with lock.held("subnets", _UP_SECONDS):
        claimed = LabState(spec, choose_subnet(state.subnets()))
        state.save(claimed)
    return claimed


def _build(claimed: LabState) -> LabState:
    spec, nodes = claimed.spec, _nodes(claimed)
    storage.prepare(spec.name)
    network.build(spec.name, claimed.subnet, spec.nodes)
    switch.launch(claimed)
    _start(nodes)
    swarm.form(nodes)
    if spec.registry:
        switch.wait_for_registry(claimed)
    finished = claimed.finished(engine=nodes[0].api.get("/version")["Version"])
    state.save(finished)
    return finished


def _start(nodes: tuple[Node, ...]) -> None:
    with ThreadPoolExecutor(max_workers=len(nodes)) as pool:
        list(pool.map(Node.start, nodes))


def _nodes(lab: LabState) -> tuple[Node, ...]:
    return tuple(Node(lab, index) for index in range(1, lab.spec.nodes + 1))
