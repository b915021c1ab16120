"""What holds whatever the seed, the numbers and the accidents."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from rollout import pacing, spec
from rollout.model import Image, Order
from rollout.sim import Behaviour, SimSwarm
from rollout.snapshot import slots_of

NEW = Image.parse("app:2")


def swarm_of(seed: int) -> SimSwarm:
    swarm = SimSwarm(nodes=3, seed=seed)
    swarm.images["app:1"] = Behaviour()
    swarm.images["app:2"] = Behaviour()
    return swarm


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    replicas=st.integers(1, 6),
    batches=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    order=st.sampled_from(Order),
)
def test_paced_releases_replace_what_they_name(seed: int, replicas: int, batches: list[int], order: Order):
    swarm = swarm_of(seed)
    service = swarm.create_service("web", "app:1", replicas)
    load = swarm.load(service, rate=50)
    target = spec.with_image(service.spec, NEW)
    for number, batch in enumerate(batches, 1):
        swarm.update(swarm.service(service.id), pacing.released(target, batch, order, number), None)
        swarm.clock.sleep(15)
        done = sum(slot.done for slot in slots_of(swarm.tasks(service.id)))
        assert done == min(replicas, sum(batches[:number]))
    assert order == Order.STOP_FIRST or load.failed == 0


def crash_one(swarm: SimSwarm, number: int) -> None:
    running = [task for task in swarm.tasks(swarm.services()[0].id) if task.running]
    if running:
        swarm.crash(running[number % len(running)].id)


def write_one(swarm: SimSwarm, number: int) -> None:
    service = swarm.services()[0]
    image = Image.parse(f"app:{number % 2 + 1}")
    order = list(Order)[number % 3 % 2]
    swarm.update(
        service,
        pacing.released(spec.with_image(service.spec, image), number % 3 + 1, order, number + 1),
        None,
    )


def scale_one(swarm: SimSwarm, number: int) -> None:
    service = swarm.services()[0]
    swarm.update(service, {**service.spec, "Mode": {"Replicated": {"Replicas": number % 6}}}, None)


ACCIDENTS: list[Callable[[SimSwarm, int], None]] = [
    crash_one,
    write_one,
    scale_one,
    lambda swarm, _: swarm.elect_leader(),
    lambda swarm, number: swarm.machines.lose(f"node-{number % 3 + 1}"),
    lambda swarm, number: swarm.machines.find_again(f"node-{number % 3 + 1}"),
    lambda swarm, number: swarm.machines.drain(f"node-{number % 3 + 1}"),
    lambda swarm, number: swarm.machines.activate(f"node-{number % 3 + 1}"),
]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    accidents=st.lists(
        st.tuples(st.sampled_from(ACCIDENTS), st.integers(0, 11), st.floats(0, 20)), min_size=1, max_size=12
    ),
)
def test_after_any_accidents_a_good_spec_settles(seed: int, accidents: list) -> None:
    swarm = swarm_of(seed)
    service = swarm.create_service("web", "app:1", 3)
    for accident, number, pause in accidents:
        accident(swarm, number)
        swarm.clock.sleep(pause)
    for number in (1, 2, 3):
        swarm.machines.find_again(f"node-{number}")
        swarm.machines.activate(f"node-{number}")
    good = {**service.spec, "UpdateConfig": {"Parallelism": 0}}
    swarm.update(swarm.service(service.id), good, None)
    swarm.settle(swarm.service(service.id), timeout=200)
    swarm.clock.sleep(100)
    slots = slots_of(swarm.tasks(service.id))
    assert len(slots) == 3
    assert all(slot.done for slot in slots)
