"""The port ``Swarm`` over one engine's API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime

from rollout.deadline import within
from rollout.errors import EngineUnavailable, NotFound, OutcomeUnknown, RolloutError
from rollout.model import Image, ImageConfig, Node, Service, Spec, Task
from rollout.spec import MARK
from rollout.swarm import parse, parse_image
from rollout.swarm.client import Engine, segment
from rollout.swarm.logs import gather, lines_of
from rollout.swarm.patience import USUAL, Patience
from rollout.swarm.reader import Reader
from rollout.swarm.reply import Reply
from rollout.untrusted import plain

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LOG_SECONDS = 3.0
"""For a log: evidence is welcome, but nobody waits for it."""
ANSWER_SECONDS = 1.5
"""For a node that has to show that it is there: well over what any has ever needed (seen)."""


@dataclass(frozen=True)
class Facts:
    """What an engine is, for the head of a report."""

    engine: str
    api: str
    node_id: str
    hostname: str
    cluster_id: str


class EngineSwarm:
    """The Swarm, seen from one of its managers."""

    def __init__(self, client: Engine, patience: Patience = USUAL) -> None:
        self._client = client
        self._reader = Reader(client, patience)

    def services(self) -> tuple[Service, ...]:
        """All services."""
        return parse.many(self._reader.listed("list the services", "/services"), "services", parse.service)

    def service(self, service_id: str) -> Service:
        """One service by ID or full name.

        A manager hands reads on to the leader (moby/swarmkit manager, raft proxy). It would also take the
        beginning of an ID (moby/moby daemon/cluster/helpers.go, getService); that is refused here.
        """
        if not _NAME.fullmatch(service_id):
            raise NotFound(f"there is no service {plain(service_id)!r}: no service can be named so")
        raw = self._reader.get(f"read service {service_id}", f"/services/{segment(service_id)}")
        found = parse.service(raw)
        if service_id not in (found.id, found.name):
            raise NotFound(f"there is no service {service_id} on {self._client.endpoint}")
        return found

    def tasks(self, service_id: str) -> tuple[Task, ...]:
        """A service's tasks, newest first.

        ``_up-to-date`` asks swarmkit's own IsTaskDirty (moby/swarmkit manager/controlapi/task.go); the docker
        CLI's progress display uses it too. All tasks are read first: the younger answer knows what is new.
        """
        act = f"read the tasks of service {service_id}"
        everything = self._reader.listed(act, "/tasks", {"service": [service_id]})
        fresh = self._reader.listed(act, "/tasks", {"service": [service_id], "_up-to-date": ["true"]})
        return parse.tasks(everything, fresh)

    def released_tasks(self, service_id: str, mark: str) -> tuple[Task, ...]:
        """Tasks are filtered by the labels that their service had when they were made.

        moby/swarmkit manager/controlapi/task.go, ListTasks; seen on 20.10.
        """
        label = [f"{MARK}={mark}"]
        return self._up_to_date({"service": [service_id], "label": label})

    def ended_tasks(self, service_id: str) -> tuple[Task, ...]:
        """The restart supervisor wants every task that has ended shut down, before it starts another."""
        return self._up_to_date({"service": [service_id], "desired-state": ["shutdown"]})

    def tasks_by_id(self, task_ids: Sequence[str]) -> tuple[Task, ...]:
        """Tasks by their whole IDs."""
        found = self._reader.listed("read tasks", "/tasks", {"id": list(task_ids)})
        return parse.tasks(found, [])

    def standing_tasks(self) -> Mapping[str, tuple[Task, ...]]:
        """Swarm wants a task ready before it wants it running (moby/swarmkit manager/orchestrator)."""
        filters = {"desired-state": ["running", "ready"]}
        return parse.tasks_by_service(self._reader.listed("list the tasks", "/tasks", filters))

    def past_tasks(self, service_ids: Sequence[str]) -> Mapping[str, tuple[Task, ...]]:
        """Of several services at once: a task has to be of one of them."""
        if not service_ids:
            return {}
        filters = {"service": list(service_ids), "desired-state": ["shutdown"]}
        return parse.tasks_by_service(self._reader.listed("list past tasks", "/tasks", filters))

    def _up_to_date(self, filters: Mapping[str, Sequence[str]]) -> tuple[Task, ...]:
        found = self._reader.listed("read tasks", "/tasks", {**filters, "_up-to-date": ["true"]})
        return parse.tasks(found, found)

    def nodes(self) -> tuple[Node, ...]:
        """The nodes."""
        return parse.many(self._reader.listed("list the nodes", "/nodes"), "nodes", parse.node)

    def update(self, service: Service, spec: Spec, credentials: str | None) -> None:
        """Write a spec, once, over the version that was read."""
        safe = _keeping_placement(spec, service.spec)
        self._client.update_service_raw(service.id, service.version, safe, credentials)

    def create(self, spec: Spec, credentials: str | None) -> Service:
        """Create a service, once. What was created and cannot be read now raises OutcomeUnknown.

        A manager that loses its leader in between repeats the call by itself (moby/swarmkit, raft proxy), so
        that AlreadyExists may mean one's own.
        """
        name = plain(str(spec.get("Name")))
        headers = {"X-Registry-Auth": credentials} if credentials else {}
        answer = self._client.write(
            f"create service {name}", "post", "/services/create", spec, headers=headers
        )
        made = Reply(answer, f"new service {name}").text("ID")
        try:
            return self.service(made)
        except EngineUnavailable as error:
            raise OutcomeUnknown(f"service {name} is created, but: {error.message}", error.hint) from error

    def remove(self, service_id: str) -> None:
        """Remove exactly this one, by its ID."""
        with suppress(NotFound):
            self._client.write(f"remove service {service_id}", "delete", f"/services/{segment(service_id)}")

    def logs(self, task_id: str, lines: int) -> tuple[str, ...]:
        """A task's last lines, or what of them came in time; never an error.

        The engine asks the task's node, and waits for one that is down (seen: no end within 45 s on 20.10).
        """
        came: list[bytes] = []
        within(LOG_SECONDS, lambda: self._receive(task_id, lines, came))
        return lines_of(b"".join(came), lines)

    def _receive(self, task_id: str, lines: int, came: list[bytes]) -> bool:
        """Gather a log in ``came``; True when it has ended, or broken off."""
        params = {"stdout": 1, "stderr": 1, "tail": lines}
        path = f"/tasks/{segment(task_id)}/logs"
        with suppress(RolloutError, OSError):  # requests' own errors are OSErrors
            answer = self._client.ask_elsewhere(
                "read a log", path, params=params, timeout=LOG_SECONDS, stream=True
            )
            with closing(answer):
                gather(answer.iter_content(8192), came)
        return True

    def node_answers(self, task: Task) -> bool:
        """Whether a task's node answers now: it is asked for the task's log, and not for a line of it.

        A node that is up has answered within 0.4 s. One that lost its power or its network did not, from the
        first second on, while it was "ready" for 12 to 16 s more (seen on 20.10, 26.1 and 28.5). Only silence
        counts: that a node "is not available" is said where its engine has just died, but also of one that is
        well again after a cut, for good (seen on 26.1; moby/moby issue 35011).
        """
        return within(ANSWER_SECONDS, lambda: self._receive(task.id, 0, [])) is True

    def image_config(self, image: Image) -> ImageConfig | None:
        """What an image that this engine has pulled brings along."""
        exact = f"{image.repository}@{image.digest}" if image.digest else ""
        for reference in filter(None, (exact, str(image))):
            try:
                raw = self._reader.get(f"read image {reference}", f"/images/{segment(reference)}/json")
            except NotFound:
                continue
            return parse_image.inspected(raw, f"image {reference}")
        return None

    def api_version(self) -> tuple[int, int]:
        """The newest version that the engine speaks: the connection uses no other."""
        major, minor = self._client.api_version.split(".")
        return int(major), int(minor)

    def now(self) -> datetime:
        """The manager's time of day. What nodes and leader stamp comes from their own clocks."""
        return self._info().time("SystemTime")

    def facts(self) -> Facts:
        """What the engine is."""
        info = self._info()
        return Facts(
            engine=plain(info.text("ServerVersion")),
            api=self._client.api_version,
            node_id=plain(info.maybe("Swarm.NodeID", "")),
            hostname=plain(info.maybe("Name", "")),
            cluster_id=plain(info.maybe("Swarm.Cluster.ID", "")),
        )

    def _info(self) -> Reply:
        return Reply(self._reader.get("ask about the engine", "/info"), "itself")


def _keeping_placement(spec: Spec, in_force: Spec) -> Spec:
    """The spec, with an empty Placement where it would take the whole Placement away.

    Where nothing else differs, that write kills the managers of 20.10, and again at every start (seen on
    20.10.24: moby/swarmkit manager/orchestrator/task.go, nodeMatches, reads a nil Placement). Empty and
    none mean the same, to IsTaskDirty too: no task restarts (seen).
    """
    template = spec.get("TaskTemplate") or {}
    if template.get("Placement") is not None or not (in_force.get("TaskTemplate") or {}).get("Placement"):
        return spec
    return {**spec, "TaskTemplate": {**template, "Placement": {}}}
