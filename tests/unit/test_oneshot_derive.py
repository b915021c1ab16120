"""What a side service takes over from the target, and what it must never have."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NEW, spec_of
from hypothesis import given
from hypothesis import strategies as st

from rollout import spec
from rollout.model import Image, Mode
from rollout.oneshot import derive
from rollout.oneshot.derive import Side

SIDE = Side("rollout-smoke-site_app-0123abcd", {"rollout.kind": "oneshot"}, {"ROLLOUT_IMAGE": "app:2"})
WORDS = ("php", "artisan", "migrate")

texts = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
pairs = st.dictionaries(texts, texts, max_size=3)
networks = st.lists(
    st.fixed_dictionaries({"Target": texts}, optional={"Aliases": st.lists(texts), "DriverOpts": pairs}),
    max_size=3,
)
ports = st.lists(st.fixed_dictionaries({"TargetPort": st.integers(1, 65535), "PublishMode": st.just("host")}))
containers = st.fixed_dictionaries(
    {"Image": st.just(str(NEW))},
    optional={
        "Labels": pairs,
        "Hostname": texts,
        "Env": st.lists(texts.map("{0}={0}".format)),
        "Args": st.lists(texts),
        "Command": st.lists(texts),
        "Secrets": st.lists(pairs),
        "Configs": st.lists(pairs),
        "Mounts": st.lists(pairs),
        "User": texts,
        "Dir": texts,
        "Healthcheck": st.just({"Test": ["CMD", "healthcheck"]}),
    },
)
templates = st.fixed_dictionaries(
    {"ContainerSpec": containers},
    optional={
        "Networks": networks,
        "Resources": st.just({"Limits": {"MemoryBytes": 1}, "Reservations": {"MemoryBytes": 1}}),
        "RestartPolicy": st.just({"Condition": "any"}),
        "Placement": st.just({"Constraints": ["node.role == worker"], "MaxReplicas": 1}),
        "LogDriver": st.just({"Name": "json-file"}),
    },
)
targets = st.fixed_dictionaries(
    {"Name": st.just("site_app"), "Labels": pairs, "TaskTemplate": templates},
    optional={
        "Mode": st.sampled_from([{"Global": {}}, {"Replicated": {"Replicas": 4}}]),
        "UpdateConfig": st.just({"Parallelism": 1}),
        "RollbackConfig": st.just({"Parallelism": 1}),
        "EndpointSpec": st.fixed_dictionaries({"Mode": st.just("vip")}, optional={"Ports": ports}),
    },
)


def derived(target: dict[str, Any]) -> list[Any]:
    return [derive.preview(target, SIDE), derive.command(target, SIDE, WORDS)]


@given(targets)
def test_no_request_of_a_user_can_find_its_way_to_a_side_service(target: dict[str, Any]):
    for made in derived(target):
        assert made["Name"] == SIDE.name
        assert made["Labels"] == SIDE.labels
        assert made["EndpointSpec"] == {"Mode": "dnsrr"}
        assert {"Labels", "Hostname"}.isdisjoint(spec.container(made))
        assert all("Aliases" not in network for network in made["TaskTemplate"]["Networks"])


@given(targets)
def test_it_is_one_replica_that_is_started_once(target: dict[str, Any]):
    for made in derived(target):
        assert (spec.mode(made), spec.replicas(made)) == (Mode.REPLICATED, 1)
        assert made["TaskTemplate"]["RestartPolicy"] == {"Condition": "none"}
        assert {"UpdateConfig", "RollbackConfig"}.isdisjoint(made)


@given(targets)
def test_it_works_with_what_the_targets_tasks_work_with(target: dict[str, Any]):
    template = target["TaskTemplate"]
    for made in derived(target):
        kept = made["TaskTemplate"]
        attached = [network["Target"] for network in kept["Networks"]]
        assert attached == [network["Target"] for network in template.get("Networks", [])]
        for key in ("Resources", "LogDriver"):
            assert kept.get(key) == template.get(key)
        for key in ("Image", "Secrets", "Configs", "Mounts", "User", "Dir"):
            assert kept["ContainerSpec"].get(key) == template["ContainerSpec"].get(key)
        assert set(template["ContainerSpec"].get("Env", [])) <= set(kept["ContainerSpec"]["Env"])


@given(targets)
def test_deriving_leaves_the_target_as_it_is(target: dict[str, Any]):
    before = spec.raw(target)
    derived(target)
    assert target == before


@given(targets)
def test_a_preview_starts_and_is_checked_as_the_target_is(target: dict[str, Any]):
    made, wanted = derive.preview(target, SIDE)["TaskTemplate"], target["TaskTemplate"]
    for key in ("Command", "Args", "Healthcheck"):
        assert made["ContainerSpec"].get(key) == wanted["ContainerSpec"].get(key)


@given(targets)
def test_a_command_runs_exactly_its_words_and_nothing_checks_its_health(target: dict[str, Any]):
    container = derive.command(target, SIDE, WORDS)["TaskTemplate"]["ContainerSpec"]
    assert container["Command"] == ["php", "artisan", "migrate"]
    assert "Args" not in container
    assert container["Healthcheck"] == {"Test": ["NONE"]}


def placed(**placement: Any) -> dict[str, Any]:
    target = spec_of(NEW)
    target["TaskTemplate"]["Placement"] = placement
    return target


def test_a_limit_of_replicas_a_node_does_not_count_for_it_but_the_constraints_do():
    target = placed(Constraints=["node.labels.edge == yes"], MaxReplicas=1)
    for made in derived(target):
        assert made["TaskTemplate"]["Placement"] == {"Constraints": ["node.labels.edge == yes"]}


def test_our_variables_take_the_place_of_the_targets_own():
    target = spec_of(NEW)
    target["TaskTemplate"]["ContainerSpec"]["Env"] = ["ROLLOUT_IMAGE=mine", "A=1", "B"]
    for made in derived(target):
        assert made["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=1", "B", "ROLLOUT_IMAGE=app:2"]


def test_networks_that_an_old_spec_keeps_beside_the_task_count_too():
    target = spec_of(NEW, Networks=[{"Target": "net", "Aliases": ["php"]}])
    for made in derived(target):
        assert made["TaskTemplate"]["Networks"] == [{"Target": "net"}]
        assert "Networks" not in made


def test_another_image_gets_neither_user_nor_folder_of_the_targets():
    target = spec_of(NEW)
    target["TaskTemplate"]["ContainerSpec"] |= {"User": "www-data", "Dir": "/srv", "Secrets": [{"a": "b"}]}
    made = derive.command(target, SIDE, ("curl", "x"), Image("curl", "8"))["TaskTemplate"]["ContainerSpec"]
    assert made["Image"] == "curl:8"
    assert {"User", "Dir"}.isdisjoint(made)
    assert made["Secrets"] == [{"a": "b"}]


@pytest.mark.parametrize("field", [{}, {"Networks": []}, {"Networks": None}])
def test_a_service_without_networks_has_none(field: dict[str, Any]):
    target = spec_of(NEW)
    target["TaskTemplate"] |= field
    assert derive.networks(target) == []
