"""A thousand services of fifty replicas are planned in well under a second (0.3 s where this was written)."""

from __future__ import annotations

import time
from types import ModuleType

import pytest
from builders import NEW, OLD, snapshot_of, spec_of, task_of

from rollout import planning, spec
from rollout.model import Options, PlanKind
from rollout.planning import Wish
from strategies import canary, ramp, rolling

SERVICES, REPLICAS = 1000, 50
BOUND = 1.0
"""Seconds of this process: what else the machine does is not counted."""


@pytest.mark.parametrize("strategy", [rolling, ramp, canary])
def test_a_thousand_services_of_fifty_replicas_are_planned_in_a_second(strategy: ModuleType):
    environment = {"Env": [f"SETTING_{number}=value" for number in range(40)], "Image": str(OLD)}
    baseline = spec_of(OLD, REPLICAS) | {"TaskTemplate": {"ContainerSpec": environment}}
    snapshot = snapshot_of(baseline, *(task_of(slot, start_seconds=2.0) for slot in range(1, REPLICAS + 1)))
    times = []
    for _ in range(3):  # the best of three: a processor that is shared is slower at times
        began = time.process_time()
        plans = [
            planning.make(
                snapshot, Wish(baseline, spec.with_image(baseline, NEW), Options()), (), strategy.plan
            )
            for _ in range(SERVICES)
        ]
        times.append(time.process_time() - began)
    assert {(plan.kind, plan.steps[-1].upto) for plan in plans} == {(PlanKind.RELEASE, REPLICAS)}
    assert min(times) < BOUND
