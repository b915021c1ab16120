"""A release of 300 MB on three nodes that never had it: beside `docker service update`, in the same run."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rollout.clock import SystemClock
from rollout.lab import Lab, LabSpec, images
from rollout.swarm import EngineSwarm, Patience, connect

PAGE = Path(__file__).parents[2] / "docs" / "prepull.md"
MEGABYTES = 300
REPLICAS = 3
SERVICE = "app"
PROGRAM = str(Path(sys.executable).with_name("rollout"))
HEALTH = 'HEALTHCHECK --interval=1s --start-period=1s CMD ["true"]'
COMMAND = 'CMD ["sh", "-c", "trap exit TERM; while :; do sleep 0.1; done"]'


_PAGE = """# What the pre-pull is worth

A release of {megabytes} MB on three nodes that never had it, {replicas} replicas, one at a time, on the lab
of [lab.md](lab.md); engine {engine}. Made by `make bench`. *Missing* counts a replica that is not there for a
second as one second; *longest* is the longest time in a row with fewer replicas than wanted.

| order | tool | took | missing | longest |
|---|---|---|---|---|
{rows}

With the pre-pull, what is missing with stop-first is the stop and the start of each replica, and no pull.
"""


@dataclass
class Figures:
    """What one run has shown: seconds, and of the replicas how many were missing for how long."""

    tool: str
    order: str
    seconds: float
    missing: float
    longest: float


@dataclass
class Eye:
    """Looks ten times a second at how many replicas run."""

    swarm: EngineSwarm
    looks: list[tuple[float, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def open(self) -> Iterator[Eye]:
        watcher = threading.Thread(target=self._look, daemon=True)
        watcher.start()
        try:
            yield self
        finally:
            self.over.set()
            watcher.join()

    def _look(self) -> None:
        service = self.swarm.service(SERVICE).id
        while not self.over.wait(0.1):
            running = sum(task.running for task in self.swarm.tasks(service))
            self.looks.append((time.monotonic(), running))

    @property
    def missing(self) -> float:
        """Replica-seconds without a replica."""
        pairs = zip(self.looks, self.looks[1:], strict=False)
        return sum(max(0, REPLICAS - running) * (after - at) for (at, running), (after, _) in pairs)

    @property
    def longest(self) -> float:
        """The longest time in seconds for which at least one was missing."""
        longest, since = 0.0, None
        for at, running in self.looks:
            since = (since or at) if running < REPLICAS else None
            longest = max(longest, at - since if since else 0.0)
        return longest


def fat_image(lab: Lab, tag: str) -> str:
    """An image with so much in it that nothing makes smaller, in the registry and on no node."""
    content = os.urandom(MEGABYTES * 1_000_000)
    packed = io.BytesIO(images.busybox_tar())
    with tarfile.open(fileobj=packed, mode="a") as tar:
        ballast = tarfile.TarInfo("ballast")
        ballast.size = len(content)
        tar.addfile(ballast, io.BytesIO(content))
    node, reference = lab.node(1), f"{lab.registry}/fat:{tag}"
    images.import_tar(node, packed.getvalue(), reference, (COMMAND, HEALTH))
    images.push(node, reference)
    docker(lab, "rmi", "-f", reference)
    return reference


def docker(lab: Lab, *arguments: str) -> None:
    node = lab.node(1)
    node.run(["docker", "--host", node.host, *arguments], timeout=300)


def by_swarm(lab: Lab, image: str, order: str) -> None:
    docker(lab, "service", "update", "--detach=false", "--update-order", order, "--image", image, SERVICE)


def by_rollout(*more: str) -> Callable[[Lab, str, str], None]:
    def update(lab: Lab, image: str, order: str) -> None:
        careful = ("--order", order, "--min-ready", "0", "--bake", "0", "--ignore-checks", "all", *more)
        node = lab.node(1)
        environment = {"DOCKER_HOST": node.host, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
        command = [PROGRAM, "deploy", SERVICE, "--image", image, *careful]
        run = node.run(command, env=environment, check=False, timeout=300)
        if run.returncode:
            raise SystemExit(f"{run.stdout}\n{run.stderr}")

    return update


TOOLS = {
    "docker service update": by_swarm,
    "rollout deploy": by_rollout(),
    "rollout deploy --no-prepull": by_rollout("--no-prepull"),
}


def measured(lab: Lab, tool: str, order: str) -> Figures:
    """One release by one tool, on nodes that never had it."""
    image = fat_image(lab, f"{tool.replace(' ', '-').strip('-')}-{order}".replace("--", "-"))
    swarm = EngineSwarm(connect(lab.node(1).host), Patience(SystemClock()))
    with Eye(swarm).open() as eye:
        began = time.monotonic()
        TOOLS[tool](lab, image, order)
        took = time.monotonic() - began
        time.sleep(1.0)
    return Figures(tool, order, took, eye.missing, eye.longest)


def page(engine: str, all_figures: list[Figures]) -> str:
    rows = [
        f"| {one.order} | `{one.tool}` | {one.seconds:.1f} s | {one.missing:.1f} s | {one.longest:.1f} s |"
        for one in all_figures
    ]
    return _PAGE.format(engine=engine, megabytes=MEGABYTES, replicas=REPLICAS, rows="\n".join(rows))


def engine_version(lab: Lab) -> str:
    node = lab.node(1)
    command = ["docker", "--host", node.host, "version", "--format", "{{.Server.Version}}"]
    return node.run(command).stdout.strip()


def main() -> None:
    lab = Lab.up(LabSpec(name=f"bench-{os.getpid()}", nodes=3))
    try:
        engine = engine_version(lab)
        first = fat_image(lab, "first")
        docker(lab, "service", "create", "--name", SERVICE, "--replicas", str(REPLICAS), "--detach=false",
               "--stop-grace-period", "5s", first)  # fmt: skip
        figures = [measured(lab, tool, order) for order in ("stop-first", "start-first") for tool in TOOLS]
    finally:
        lab.down()
    text = page(engine, figures)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error}\n{error.stdout}\n{error.stderr}") from error
