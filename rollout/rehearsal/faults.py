"""The faults that can be rehearsed, by name: ``crash@3``, ``slow-start=20s``, ``node-loss=30s@2``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from rollout import durations
from rollout.durations import DurationError
from rollout.errors import UsageError
from rollout.sim import Behaviour, Health, SimSwarm
from rollout.untrusted import plain

MOMENT = 1.0
"""Seconds from a release to a mishap in the middle of it."""
_WRITTEN = re.compile(r"([a-z0-9-]+)(?:=([^@]+))?(?:@([1-9][0-9]{0,5}))?")


@dataclass(frozen=True)
class Spoilt:
    """New replicas do something else than they should; ``seconds`` is the time that ``act`` is given.

    ``spoils_pages``: a smoke test, which asks for a page, notices it.
    """

    meaning: str
    act: Callable[[Behaviour, float], Behaviour]
    seconds: float | None = None
    spoils_pages: bool = False


@dataclass(frozen=True)
class Mishap:
    """Something happens to the Swarm ``after`` so many seconds of a step, for ``seconds`` (0: for good).

    ``before_the_pull``: where no step is named, it begins when the nodes are about to pull the image.
    """

    meaning: str
    act: Callable[[SimSwarm, float], None]
    seconds: float | None = None
    after: float = MOMENT
    before_the_pull: bool = False


def _lose_node(swarm: SimSwarm, seconds: float) -> None:
    """The last one that runs a replica; no manager, if there is a choice."""
    tasks = (task for service in swarm.services() for task in swarm.tasks(service.id))
    used = {task.node_id for task in tasks if task.running}
    last = max(swarm.nodes(), key=lambda node: (not node.manager, node.id in used, node.hostname))
    name = last.hostname
    swarm.machines.lose(name)
    if seconds:
        swarm.clock.call_later(seconds, partial(swarm.machines.find_again, name))


def _fill_nodes(swarm: SimSwarm, seconds: float) -> None:
    """A node that takes no tasks keeps those that it has: it is as good as full."""
    names = [node.hostname for node in swarm.nodes()]
    for name in names:
        swarm.machines.pause(name)
        if seconds:
            swarm.clock.call_later(seconds, partial(swarm.machines.activate, name))


def _fail_commands(good: Behaviour, _seconds: float) -> Behaviour:
    failing = {word: replace(one, exit_code=1) for word, one in good.commands.items()}
    return replace(good, commands=failing)


SPOILT: Mapping[str, Spoilt] = {
    "crash": Spoilt(
        "crashes {time} after it has started",
        lambda good, seconds: replace(good, crash_after=seconds, exit_code=1, log=("fatal: as was wished",)),
        2.0,
    ),
    "cannot-start": Spoilt(
        "cannot be started",
        lambda good, _: replace(good, cannot_start='exec: "app": executable file not found in $PATH'),
    ),
    "unhealthy": Spoilt(
        "fails its health check", lambda good, _: replace(good, health=Health.BAD, stop_code=1)
    ),
    "hang": Spoilt("starts and never gets healthy", lambda good, _: replace(good, health=Health.SILENT)),
    "error500": Spoilt(
        "is healthy and answers with status 500",
        lambda good, _: replace(good, status=500),
        spoils_pages=True,
    ),
    "slow-start": Spoilt(
        "takes {time} to start", lambda good, seconds: replace(good, start_seconds=seconds), 20.0
    ),
    "slow-pages": Spoilt("takes {time} a page", lambda good, seconds: replace(good, latency=seconds), 2.0),
    "commands": Spoilt("fails at every command: hooks and smoke test", _fail_commands),
}
MISHAPS: Mapping[str, Mishap] = {
    "node-loss": Mishap("a node is lost", _lose_node, 0.0),
    "no-room": Mishap("no node has room for another replica", _fill_nodes, 0.0, after=0.0),
    "registry-loss": Mishap(
        "the registry does not answer",
        lambda swarm, seconds: swarm.registry.go_away(seconds),
        60.0,
        after=0.0,
        before_the_pull=True,
    ),
    "election": Mishap("another manager becomes the leader", lambda swarm, _: swarm.elect_leader()),
}
NAMES = (*SPOILT, *MISHAPS)
COMMANDS = "commands"
"""The fault that befalls hooks and smoke tests, not replicas."""


@dataclass(frozen=True)
class Fault:
    """``number`` is the new replica or the step that it befalls; None: all replicas, or the first step."""

    name: str
    seconds: float
    number: int | None = None

    @property
    def sentence(self) -> str:
        """What will happen."""
        meaning = SPOILT[self.name].meaning if self.name in SPOILT else MISHAPS[self.name].meaning
        told = meaning.format(time=durations.format(self.seconds))
        if self.name in SPOILT:
            return f"{f'new replica {self.number}' if self.number else 'every new replica'} {told}"
        lasting = f" for {durations.format(self.seconds)}" if self.seconds else ""
        return f"in step {self.number or 1} {told}{lasting}"


def parse(text: str) -> Fault:
    """``NAME[=TIME][@NUMBER]``. Raises UsageError with what there is."""
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] not in NAMES:
        raise UsageError(f"there is no fault {plain(text)!r}", f"NAME[=TIME][@NUMBER] of {', '.join(NAMES)}")
    name, time, number = match.groups()
    return Fault(name, _seconds(name, time), int(number) if number else None)


def _seconds(name: str, time: str | None) -> float:
    usual = SPOILT[name].seconds if name in SPOILT else MISHAPS[name].seconds
    if time is None:
        return usual or 0.0
    if usual is None:
        raise UsageError(f"the fault {name} has no time", f"--fault {name}")
    try:
        seconds = durations.parse(time)
    except DurationError as error:
        raise UsageError(f"the time of the fault {name} is {error.reason}", f"--fault {name}=20s") from error
    if seconds < 0:
        raise UsageError(f"the time of the fault {name} is less than nothing", f"--fault {name}=20s")
    return seconds
