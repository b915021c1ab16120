from __future__ import annotations

import copy

import pytest
from builders import NEW, OLD, spec_of

from rollout import diff, pacing, spec
from rollout.model import Image, Mode, Order

OWN = {"Parallelism": 2, "Order": "stop-first", "Delay": 5}


def test_a_new_image_changes_nothing_else_and_leaves_the_original_alone():
    before = spec_of(UpdateConfig=OWN)
    untouched = copy.deepcopy(before)
    after = spec.with_image(before, NEW)
    assert before == untouched
    assert [change.path for change in diff.changes(before, after)] == ["TaskTemplate.ContainerSpec.Image"]


def test_a_release_names_its_slots_and_then_sleeps_for_a_month():
    paced = pacing.released(spec_of(), 2, Order.START_FIRST, 7)["UpdateConfig"]
    assert paced["Parallelism"] == 2
    assert paced["Delay"] == 30 * 24 * 3600 * 10**9 + 7
    assert paced["FailureAction"] == "pause"


def test_two_releases_of_the_same_size_differ_or_the_second_would_change_nothing():
    first, second = (pacing.released(spec_of(), 1, Order.START_FIRST, number) for number in (1, 2))
    assert not spec.same(first, second)
    assert spec.same_work(first, second)


def test_a_mark_is_no_work_and_no_difference_to_tell_of():
    released = pacing.released(spec_of(), 1, Order.START_FIRST, 1)
    marked = pacing.marked(released, "41")
    assert spec.labels(marked) == {**spec.labels(released), spec.MARK: "41"}
    assert spec.same_work(marked, spec_of())
    assert not spec.same(marked, released)
    assert diff.changes(spec_of(), marked) == ()


def test_a_release_is_recognised_by_its_number_and_other_specs_are_not():
    assert pacing.release_number(pacing.released(spec_of(), 1, Order.START_FIRST, 3)) == 3
    assert pacing.release_number(spec_of(UpdateConfig=OWN)) is None
    assert pacing.release_number(spec_of()) is None


def test_parallelism_0_would_mean_all_and_is_never_written():
    with pytest.raises(ValueError, match="0 would mean all"):
        pacing.released(spec_of(), 0, Order.START_FIRST, 1)
    assert pacing.rolled_back(spec_of(), 0, Order.START_FIRST)["UpdateConfig"]["Parallelism"] == 1


def test_absent_null_and_zero_mean_the_same_to_an_engine():
    assert spec.same(spec_of(Labels={}), {**spec_of(), "Labels": None, "EndpointSpec": {}})
    assert not spec.same(spec_of(OLD), spec_of(NEW))


def test_modes_are_told_apart():
    assert spec.mode(spec_of(replicas=3)) == Mode.REPLICATED
    assert spec.mode(spec_of(replicas=None)) == Mode.GLOBAL
    assert spec.mode(spec_of() | {"Mode": {"ReplicatedJob": {}}}) == Mode.JOB


def test_environment_values_never_show_in_a_difference():
    before, after = spec_of(), spec_of()
    before["TaskTemplate"]["ContainerSpec"]["Env"] = ["PASSWORD=old-secret"]
    after["TaskTemplate"]["ContainerSpec"]["Env"] = ["PASSWORD=new-secret"]
    (change,) = diff.changes(before, after)
    assert change.path == "TaskTemplate.ContainerSpec.Env.PASSWORD"
    assert "secret" not in repr(change)


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("nginx", Image("nginx")),
        ("nginx:1.27", Image("nginx", "1.27")),
        ("host:5000/a/b", Image("host:5000/a/b")),
        ("host:5000/a/b:t", Image("host:5000/a/b", "t")),
        ("a/b:t@sha256:ff", Image("a/b", "t", "sha256:ff")),
        ("a/b@sha256:ff", Image("a/b", None, "sha256:ff")),
    ],
)
def test_image_references_are_taken_apart_and_put_together_again(text: str, image: Image):
    assert Image.parse(text) == image
    assert str(image) == text
