"""How long the Swarm itself takes, in seconds, as measured on a lab of three 20.10.24 engines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Delays between a cause and what the Swarm makes of it; what an image adds is its ``Behaviour``'s."""

    react: float = 0.01
    """From a write to the orchestrator's answer: until then everything looks as before."""

    allocate: float = 0.02
    schedule: float = 0.06
    report: float = 0.1
    """One state of a task, from the agent to the store."""

    create: float = 0.2
    """Asking the registry for an image that is there already, and creating the container."""

    start: float = 0.5
    """From starting to a process."""

    gossip: float = 2.0
    """What a task on an overlay network sleeps before it is told to stop
    (moby/moby daemon/cluster/executor/container/controller.go)."""

    restart: float = 5.0
    """The restart policy's default delay (moby/swarmkit api/defaults/service.go)."""

    old_task: float = 60.0
    """How long a replacement waits for the old task to stop (manager/orchestrator/restart/restart.go)."""

    node_down: float = 15.0
    """Three heartbeats of 5 s (manager/dispatcher/dispatcher.go)."""

    orphan: float = 24 * 3600.0
    """What a lost node's tasks are still believed to run (defaultNodeDownPeriod, the same file)."""

    reap: float = 0.25
    """From a new task to the clearing of its slot's history (manager/orchestrator/taskreaper)."""

    history: int = 5
    """The tasks kept for each slot (``docker swarm update --task-history-limit``)."""
