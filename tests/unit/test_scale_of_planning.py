"""A thousand services of fifty replicas are planned in well under a second (0.5 s where this was written)."""

from __future__ import annotations

import time

from builders import NEW, OLD, snapshot_of, spec_of, task_of

from rollout import planning, spec
from rollout.model import Options, PlanKind
from rollout.planning import Wish
from strategies import rolling

SERVICES, REPLICAS = 1000, 50
BOUND = 5.0
"""Seconds; generous, for machines that do other things as well."""


def test_a_thousand_services_of_fifty_replicas_are_planned_in_well_under_a_second():
    environment = {"Env": [f"SETTING_{number}=value" for number in range(40)], "Image": str(OLD)}
    baseline = spec_of(OLD, REPLICAS) | {"TaskTemplate": {"ContainerSpec": environment}}
    snapshot = snapshot_of(baseline, *(task_of(slot, start_seconds=2.0) for slot in range(1, REPLICAS + 1)))
    began = time.process_time()
    plans = [
        planning.make(snapshot, Wish(baseline, spec.with_image(baseline, NEW), Options()), (), rolling.plan)
        for _ in range(SERVICES)
    ]
    took = time.process_time() - began
    assert {(plan.kind, len(plan.steps)) for plan in plans} == {(PlanKind.RELEASE, REPLICAS)}
    assert took < BOUND
