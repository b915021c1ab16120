"""Design, section 4, rules 2 to 4: every write to a service is a control action."""

from __future__ import annotations

import pytest
from contract.world import SECOND, Kind, Stage

from rollout import pacing, spec
from rollout.errors import Conflict, EngineRefused, NotFound
from rollout.model import Order
from rollout.pacing import HOLD_DELAY
from rollout.registry.account import Account


def test_a_label_alone_releases_a_batch_and_overwrites_status_and_previous_spec(stage: Stage) -> None:
    stage.start(2)
    target = pacing.released(stage.target(), 1, Order.START_FIRST, 1)
    stage.write(target)
    stage.reach(1)
    begun = stage.world.inspect(stage.service)["UpdateStatus"]["StartedAt"]
    labelled = spec.raw(stage.service.spec)
    labelled["Labels"] = {"touched": "by somebody"}
    stage.write(labelled)
    stage.reach(2)
    shown = stage.world.inspect(stage.service)
    assert shown["UpdateStatus"]["StartedAt"] > begun
    assert spec.same(shown["PreviousSpec"], target)


def test_the_same_spec_again_resets_the_status_and_makes_the_target_the_previous_spec(stage: Stage) -> None:
    """So Swarm's own rollback would bring back the bad release: nothing may be written twice."""
    stage.start(2)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)
    target = stage.service.spec
    stage.write(target)
    assert stage.status == ""
    assert spec.same(stage.world.inspect(stage.service)["PreviousSpec"], target)


def test_labels_and_pacing_make_no_task_outdated(stage: Stage) -> None:
    stage.start(1)
    changed = spec.raw(stage.service.spec)
    changed["Labels"] = {"a": "b"}
    changed["UpdateConfig"] = {"Parallelism": 1, "Delay": SECOND, "Order": "start-first"}
    stage.write(changed)
    stage.stands_still(1.5)
    assert stage.done == 1


def test_a_stale_version_is_refused(stage: Stage) -> None:
    stage.start(1)
    seen = stage.service
    stage.write(spec.forced(seen.spec))
    with pytest.raises(Conflict):
        stage.world.swarm.update(seen, spec.forced(seen.spec), None)


def test_the_updaters_own_status_writes_move_the_version(stage: Stage) -> None:
    stage.start(1)
    stage.release(stage.target(), 1, 1)
    stage.wait(lambda: stage.status == "updating", "the updater says so")
    stage.reach(1)
    brief = spec.raw(stage.target(version=1))
    brief["UpdateConfig"] = {"Parallelism": 1, "Delay": 0, "Monitor": SECOND, "Order": "start-first"}
    stage.write(brief)
    stage.wait(lambda: stage.status == "updating", "the updater says so")
    seen = stage.service
    stage.wait(lambda: stage.status == "completed", "the update is complete")
    assert stage.service.version > seen.version
    assert stage.service.spec == seen.spec
    with pytest.raises(Conflict):
        stage.world.swarm.update(seen, seen.spec, None)


def test_what_is_read_back_is_what_was_written(stage: Stage) -> None:
    wanted = spec.raw(stage.spec(2))
    wanted["Labels"] = {"com.docker.stack.namespace": "site", "empty": ""}
    wanted["TaskTemplate"]["ContainerSpec"] |= {
        "Env": ["A=1", "B=x=y"],
        "Labels": {"inner": "1"},
        "StopSignal": "SIGQUIT",
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": SECOND, "Retries": 2, "Timeout": 10 * SECOND},
        "Mounts": [{"Type": "tmpfs", "Target": "/tmp"}],
    }
    wanted["TaskTemplate"]["Resources"] = {"Limits": {"MemoryBytes": 64 << 20}, "Reservations": {}}
    wanted["TaskTemplate"]["Placement"] = {"Constraints": ["node.role!=nobody"], "MaxReplicas": 2}
    wanted["UpdateConfig"] = {"Parallelism": 2, "Delay": HOLD_DELAY + 7, "Monitor": 0, "Order": "start-first"}
    wanted["EndpointSpec"] = {"Mode": "dnsrr"}
    stage.create(wanted)
    stage.reach(2)
    before = stage.service
    stage.write(before.spec)
    after = stage.service
    assert spec.same(after.spec, before.spec)
    assert after.version > before.version
    assert pacing.release_number(after.spec) == 7
    stage.stands_still(1.5)
    assert stage.done == 2


def test_a_few_defaults_are_filled_in_and_the_rest_is_shown_as_it_was_written(stage: Stage) -> None:
    container = {"Image": str(stage.world.image(Kind.GOOD)), "Healthcheck": {"Test": ["NONE"]}}
    template = {"ContainerSpec": container, "RestartPolicy": {}, "Placement": {}, "Resources": {}}
    mode = {"Replicated": {"Replicas": 0}}
    port = {"TargetPort": 80, "PublishedPort": 18444}
    asked = {"Name": stage.name, "TaskTemplate": template, "Mode": mode}
    stage.create(asked | {"UpdateConfig": {}, "EndpointSpec": {"Ports": [port]}})
    shown = {
        "ContainerSpec": container | {"Isolation": "default"},
        "RestartPolicy": {"Condition": "any", "MaxAttempts": 0},
        "Placement": {},
        "Resources": {},
        "ForceUpdate": 0,
        "Runtime": "container",
    }
    assert stage.service.spec == {
        "Name": stage.name,
        "Labels": {},
        "TaskTemplate": shown,
        "Mode": mode,
        "UpdateConfig": {
            "Parallelism": 0,
            "FailureAction": "pause",
            "MaxFailureRatio": 0,
            "Order": "stop-first",
        },
        "EndpointSpec": {"Mode": "vip", "Ports": [port | {"Protocol": "tcp", "PublishMode": "ingress"}]},
    }


def test_a_spec_without_a_mode_means_one_replica(stage: Stage) -> None:
    stage.start(2)
    without = spec.raw(stage.service.spec)
    del without["Mode"]
    stage.write(without)
    assert spec.replicas(stage.service.spec) == 1
    stage.wait(lambda: len(stage.slots) == 1, "the service shrinks")


def test_what_the_engine_cannot_do_is_refused(stage: Stage) -> None:
    stage.start(1)
    as_global = spec.raw(stage.service.spec)
    as_global["Mode"] = {"Global": {}}
    with pytest.raises(EngineRefused):
        stage.write(as_global)
    negative = spec.raw(stage.service.spec)
    negative["UpdateConfig"] = {"Parallelism": 1, "Delay": -1}
    with pytest.raises(EngineRefused):
        stage.write(negative)


def test_a_service_is_found_by_its_id_and_by_its_full_name(stage: Stage) -> None:
    stage.start(1)
    swarm = stage.world.swarm
    assert swarm.service(stage.name).id == stage.service_id
    assert stage.service_id in {service.id for service in swarm.services()}
    with pytest.raises(NotFound):
        swarm.service(stage.name + "-and-more")
    with pytest.raises(NotFound):
        swarm.service(stage.name[:-1])


def test_new_credentials_with_the_spec_as_it_is_replace_no_running_task(stage: Stage) -> None:
    spec_before = stage.start(3)
    before = stage.wanted
    header = Account("ci", "new").login("registry.example").header
    stage.world.swarm.update(stage.service, stage.service.spec, header)
    stage.stands_still(3.0)
    assert stage.wanted == before
    assert stage.done == 3
    assert spec.same(stage.service.spec, spec_before)


def test_no_credentials_are_ever_shown(stage: Stage) -> None:
    stage.start(1)
    header = Account("ci", "geheim").login("registry.example").header
    stage.world.swarm.update(stage.service, stage.service.spec, header)
    assert "geheim" not in str(stage.world.inspect(stage.service))
    assert header not in str(stage.world.inspect(stage.service))
