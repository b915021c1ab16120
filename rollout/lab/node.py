"""One node: a real engine that believes to have a machine of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollout.lab import cgroups, furnish, network, processes, system
from rollout.lab.api import EngineApi
from rollout.lab.errors import LabError
from rollout.lab.spec import data_dir, hostname, node_address, node_netns, run_dir
from rollout.lab.state import LabState

START_SECONDS = 60.0
STOP_SECONDS = 60.0
_LOOK_SECONDS = 0.5
"""How often to look whether a node that does not answer yet is still alive: that costs more than a call."""
_ENTER = Path(__file__).with_name("enter.sh")
_NODE = Path(__file__).with_name("node.sh")


@dataclass(frozen=True)
class Node:
    """A node of a lab. It holds no handle on anything that runs, so any process can act on it."""

    lab: LabState
    index: int

    @property
    def name(self) -> str:
        """The node's host name, which is also its name in the Swarm."""
        return hostname(self.lab.spec.name, self.index)

    @property
    def address(self) -> str:
        """The node's address in the lab's network."""
        return node_address(self.lab.subnet, self.index)

    @property
    def host(self) -> str:
        """What DOCKER_HOST must be, on this machine, to talk to the node's engine."""
        return f"unix://{self.socket}"

    @property
    def socket(self) -> Path:
        """The engine's socket, as seen from this machine."""
        return self.folder / "docker.sock"

    @property
    def netns(self) -> str:
        """The name of the node's network namespace."""
        return node_netns(self.lab.spec.name, self.index)

    @property
    def manager(self) -> bool:
        """Whether the node was started as a manager."""
        return self.index <= self.lab.spec.managers

    @property
    def folder(self) -> Path:
        """The node's small folder."""
        return run_dir(self.lab.spec.name) / f"n{self.index}"

    @property
    def data(self) -> Path:
        """The node's big folder: what a power cut does not take."""
        return data_dir(self.lab.spec.name) / f"n{self.index}"

    @property
    def log(self) -> Path:
        """The engine's log."""
        return self.data / "dockerd.log"

    @property
    def api(self) -> EngineApi:
        """The engine's HTTP interface."""
        return EngineApi(self.socket)

    @property
    def state(self) -> str:
        """Tell how the node is: running, frozen, cut (no network), stopped (no engine) or off (no power)."""
        lab = self.lab.spec.name
        if self.netns not in network.existing(lab):
            return "off"
        if processes.init_of(self.netns) is None:
            return "stopped"
        if cgroups.frozen(lab, self.name):
            return "frozen"
        return "running" if network.link_up(lab, self.index) else "cut"

    def enter(self) -> list[str]:
        """Give the words to put before a command, to run this machine's program in the node's network.

        The program sees this machine's files, but the node's host name and /etc/hosts.
        """
        space = f"--net={network.NETNS / self.netns}"
        aside = ["unshare", "--mount", "--uts", "--propagation", "slave"]
        return ["nsenter", space, *aside, "sh", str(_ENTER), self.name, str(self.folder)]

    def enter_engine(self) -> list[str]:
        """Give the words to put before a command, to run it wholly inside the node, beside its engine.

        With another engine's root these are that system's programs: its docker client, say.
        """
        return ["nsenter", f"--target={self._running()}", "--mount", "--uts", "--net", "--pid"]

    def run(
        self, argv: Sequence[str], *, check: bool = True, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the node's network to its end; `options` go to subprocess.run."""
        if "stdout" not in options and "stderr" not in options:
            options.setdefault("capture_output", True)
        options = {"text": True, "env": inside(os.environ), **options}
        return subprocess.run([*self.enter(), *argv], check=check, **options)

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a program in the node's network; the process is the program itself, so signals reach it."""
        options = {"text": True, "env": inside(os.environ), **options}
        return subprocess.Popen([*self.enter(), *argv], **options)

    def start(self) -> None:
        """Start the node, or start it again with its data, and wait until its engine answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the node and don't wait. One whose power was cut gets a network namespace as after a boot."""
        lab = self.lab.spec.name
        if processes.init_of(self.netns) is not None:
            raise LabError(f"{self.name} is already running")
        if self.netns not in network.existing(lab):
            network.plug(lab, self.lab.subnet, self.index)
        furnish.write_folder(self.lab, self.index)
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        system.spawn(lab, f"n{self.index}", self._argv(), self.log, self._environment())

    def wait_ready(self) -> None:
        """Wait until the engine answers; say what it logged when it does not."""
        for _ in range(int(START_SECONDS / _LOOK_SECONDS)):
            if system.wait_for(self.api.answers, _LOOK_SECONDS):
                return
            if not processes.marked(self.lab.spec.name, f"n{self.index}"):
                break
        raise self._failure("does not start")

    def stop(self) -> None:
        """Stop the engine as a shutdown does: its containers get their stop signal and their time."""
        init = self._running()
        processes.kill([init], signal.SIGTERM)
        if not system.wait_for(lambda: not processes.alive(init), STOP_SECONDS):
            raise self._failure("does not stop")

    def kill(self) -> None:
        """Cut the power: everything in the node dies at once, and the network hears nothing of it.

        Programs that were started with `run` or `popen` ran on the node, so they die too.
        """
        lab = self.lab.spec.name
        network.set_link(lab, self.index, up=False)
        cgroups.thaw(lab, self.name)
        processes.kill(processes.in_netns(self.netns))
        if not system.wait_for(lambda: not processes.in_netns(self.netns), STOP_SECONDS):
            raise self._failure("cannot be killed")
        network.unplug(lab, self.index)

    def freeze(self) -> None:
        """Stop all processes of the node where they stand; its network connections stay open and silent."""
        self._running()
        if not cgroups.freeze(self.lab.spec.name, self.name):
            raise LabError(f"{self.name} cannot be frozen: this kernel has no freezer")

    def thaw(self) -> None:
        """Let a frozen node go on."""
        cgroups.thaw(self.lab.spec.name, self.name)

    def cut(self) -> None:
        """Pull the network cable."""
        network.set_link(self.lab.spec.name, self.index, up=False)

    def heal(self) -> None:
        """Plug the network cable in again."""
        network.set_link(self.lab.spec.name, self.index, up=True)

    def _running(self) -> int:
        init = processes.init_of(self.netns)
        if init is None:
            raise LabError(f"{self.name} is not running", f"start it, or see its log: {self.log}")
        return init

    def _failure(self, what: str) -> LabError:
        return LabError(f"the engine of {self.name} {what}; its log ends:\n{system.tail(self.log)}")

    def _argv(self) -> list[str]:
        spaces = ["--mount", "--uts", "--pid", "--fork", "--kill-child=KILL", "--propagation", "slave"]
        enter = ["nsenter", f"--net={network.NETNS / self.netns}", "unshare", *spaces]
        return [*enter, "sh", str(_NODE), "dockerd", "--config-file", str(self.folder / "daemon.json")]

    def _environment(self) -> dict[str, str]:
        lab = self.lab.spec.name
        groups = cgroups.create(lab, self.name)
        return {
            "NODE_NAME": self.name,
            "NODE_RUN": str(self.folder),
            "LAB_RUN": str(run_dir(lab)),
            "LAB_DATA": str(data_dir(lab)),
            "NODE_CGROUPS": " ".join(str(group) for group in groups),
            "ENGINE_ROOT": str(self.lab.spec.engine_root or ""),
        }


def inside(environment: Mapping[str, str]) -> dict[str, str]:
    """Make the caller's environment right for a node: no proxy is there, and the sbin folders are of use."""
    kept = {key: value for key, value in environment.items() if not key.lower().endswith("_proxy")}
    return {**kept, "PATH": f"{kept.get('PATH', '')}:{system.PATH}".lstrip(":")}
