"""The adapters on real engines: what the design relies on, as the engine of the lab does it."""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rollout import pacing, spec
from rollout.clock import SystemClock
from rollout.errors import AlreadyExists, Conflict, ImageNotFound, NotFound, RegistryUnavailable
from rollout.lab import Lab
from rollout.lab.images import import_busybox
from rollout.model import Healthcheck, Image, ImageConfig, Order, Service, Task, TaskState
from rollout.registry import EngineRegistry
from rollout.swarm import EngineClient, EngineStore, EngineSwarm, Patience, connect

pytestmark = pytest.mark.lab
IMPATIENT = Patience(SystemClock(), 0)
LOGIN = base64.urlsafe_b64encode(json.dumps({"username": "ci", "password": "x"}).encode()).decode()


def wait_for(done: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[EngineClient]:
    with connect(lab.node(1).host, {}) as client:
        yield client


@pytest.fixture(scope="module")
def swarm(client: EngineClient) -> EngineSwarm:
    return EngineSwarm(client)


@pytest.fixture(scope="module")
def image(lab: Lab) -> Image:
    return Image.parse(import_busybox(lab.node(1), lab, "adapters", ("HEALTHCHECK NONE",)))


@pytest.fixture
def service(client: EngineClient, swarm: EngineSwarm, image: Image) -> Iterator[Service]:
    """Two replicas that say a word and then stay."""
    words = "echo hello; printf '\\033[31mred\\033[0m\\n' >&2; sleep 1000"
    template = {
        "ContainerSpec": {"Image": str(image), "Command": ["sh", "-c", words], "StopGracePeriod": 10**9},
        "Placement": {"Constraints": ["node.role==manager"]},
    }
    wanted = {"Name": "adapters", "TaskTemplate": template, "Mode": {"Replicated": {"Replicas": 2}}}
    made = client.write("create a service", "post", "/services/create", wanted)["ID"]
    try:
        wait_for(lambda: sum(task.running for task in swarm.tasks(made)) == 2)
        yield swarm.service(made)
    finally:
        client.write("remove a service", "delete", f"/services/{made}")


def edited(service: Service, *, command: str) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(dict(service.spec))
    changed["TaskTemplate"]["ContainerSpec"]["Command"] = ["sh", "-c", command]
    return changed


class TestSwarm:
    def test_by_name_and_by_id_but_not_by_a_part(self, swarm: EngineSwarm, service: Service) -> None:
        assert swarm.service("adapters") == swarm.service(service.id) == service
        assert service in swarm.services()
        for part in ("adapter", service.id[:12]):
            with pytest.raises(NotFound):
                swarm.service(part)

    def test_pacing_is_no_reason_to_replace(self, swarm: EngineSwarm, service: Service) -> None:
        before = swarm.tasks(service.id)
        swarm.update(service, pacing.released(service.spec, 1, Order.START_FIRST, 1), None)
        after = swarm.tasks(service.id)
        assert {task.id for task in after} == {task.id for task in before}
        assert all(task.up_to_date for task in after)
        assert swarm.service(service.id).version > service.version

    def test_stale_version_is_a_conflict(self, swarm: EngineSwarm, service: Service) -> None:
        swarm.update(service, pacing.released(service.spec, 1, Order.START_FIRST, 1), None)
        with pytest.raises(Conflict):
            swarm.update(service, service.spec, None)

    def test_crashed_tasks_of_the_target_stay_up_to_date(self, swarm: EngineSwarm, service: Service) -> None:
        """Until other credentials come: then the dead ones count as old, for their login is compared."""
        target = pacing.released(edited(service, command="exit 3"), 1, Order.START_FIRST, 1)
        swarm.update(service, target, None)

        def crashed() -> list[Task]:
            return [task for task in swarm.tasks(service.id) if task.died]

        wait_for(lambda: bool(crashed()))
        first = crashed()[-1]
        assert (first.state, first.exit_code, first.up_to_date) == (TaskState.FAILED, 3, True)
        assert first.error == "task: non-zero exit (3)"
        old = [task for task in swarm.tasks(service.id) if task.running]
        assert [task.up_to_date for task in old] == [False] * len(old)
        now = swarm.service(service.id)
        swarm.update(now, pacing.released(target, 1, Order.START_FIRST, 2), LOGIN)
        assert not next(task for task in swarm.tasks(service.id) if task.id == first.id).up_to_date

    def test_taking_the_placement_away_is_survived(self, swarm: EngineSwarm, service: Service) -> None:
        """As it stands that write kills a manager of 20.10."""
        before = {task.id for task in swarm.tasks(service.id)}
        without = copy.deepcopy(dict(service.spec))
        del without["TaskTemplate"]["Placement"]
        swarm.update(service, without, None)
        time.sleep(1)
        assert {task.id for task in swarm.tasks(service.id) if task.running and task.up_to_date} == before
        assert spec.same(swarm.service(service.id).spec, without)

    def test_logs(self, swarm: EngineSwarm, service: Service) -> None:
        task = swarm.tasks(service.id)[0]
        wait_for(lambda: set(swarm.logs(task.id, 5)) == {"hello", "red"})
        assert len(swarm.logs(task.id, 1)) == 1
        assert swarm.logs("nope", 5) == ()

    def test_times(self, swarm: EngineSwarm, service: Service) -> None:
        assert abs((swarm.now() - SystemClock().wall()).total_seconds()) < 5
        assert all(0 < (task.start_seconds or 0) < 30 for task in swarm.tasks(service.id))

    def test_nodes(self, lab: Lab, swarm: EngineSwarm) -> None:
        assert {node.hostname for node in swarm.nodes()} == {node.name for node in lab.nodes}
        assert [node.hostname for node in swarm.nodes() if node.manager] == [lab.node(1).name]


UNKNOWN = ImageConfig(Healthcheck(("CMD", "an image that the engine does not know")))


class TestImages:
    def test_tag_becomes_digest(self, client: EngineClient, swarm: EngineSwarm, image: Image) -> None:
        resolved = EngineRegistry(client).resolve(image)
        assert resolved.digest
        assert EngineRegistry(client).resolve(resolved) == resolved
        assert not (swarm.image_config(resolved) or UNKNOWN).healthcheck.checks
        assert swarm.image_config(Image("nowhere.invalid/x", "1")) is None

    @pytest.mark.parametrize(
        ("name", "tag", "digest"),
        [("adapters", "nope", None), ("nope", "latest", None), ("adapters", None, "sha256:" + "0" * 64)],
    )
    def test_missing(
        self, lab: Lab, client: EngineClient, image: Image, name: str, tag: str | None, digest: str | None
    ) -> None:
        with pytest.raises(ImageNotFound, match="manifest unknown"):
            EngineRegistry(client, IMPATIENT).resolve(Image(f"{lab.registry}/{name}", tag, digest))

    def test_registry_that_is_down(self, lab: Lab, client: EngineClient, image: Image) -> None:
        lab.registry_stop()
        try:
            with pytest.raises(RegistryUnavailable, match="connection refused"):
                EngineRegistry(client, IMPATIENT).resolve(image)
        finally:
            lab.registry_start()
        assert EngineRegistry(client).resolve(image).digest


class TestStore:
    @pytest.fixture
    def store(self, client: EngineClient) -> Iterator[EngineStore]:
        store = EngineStore(client)
        yield store
        for entry in store.find({"adapters": "1"}):
            store.remove(entry)

    def test_a_value_and_its_labels(self, store: EngineStore) -> None:
        made = store.create("adapters-a", bytes(range(256)), {"adapters": "1", "step": "0"})
        assert store.find({"adapters": "1"}) == (made,)
        moved = store.relabel(made, {"adapters": "1", "step": "1"})
        assert moved.version > made.version
        assert moved.updated > made.updated
        assert moved.data == made.data
        with pytest.raises(Conflict):
            store.relabel(made, {"adapters": "1"})
        store.remove(moved)
        store.remove(moved)
        assert store.find({"adapters": "1"}) == ()
        with pytest.raises(NotFound):
            store.relabel(moved, {})

    def test_of_two_one_wins(self, store: EngineStore) -> None:
        store.create("adapters-a", b"1", {"adapters": "1"})
        with pytest.raises(AlreadyExists):
            store.create("adapters-a", b"2", {"adapters": "1"})

    def test_oldest_first(self, store: EngineStore) -> None:
        for name in ("adapters-b", "adapters-a", "adapters-c"):
            store.create(name, b"x", {"adapters": "1"})
        assert [entry.name[-1] for entry in store.find({"adapters": "1"})] == ["b", "a", "c"]
