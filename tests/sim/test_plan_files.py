"""A plan in a file is carried out exactly, or not at all; and no secret is in it."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from rollout import spec
from rollout.errors import ExitCode, Refused, UsageError
from rollout.model import Batch, ExecGate, HttpProbe, OutcomeKind
from rollout.planfile import Agreement, Wanted, agreed, load, save
from rollout.sim import Behaviour, Killed
from rollout.targeting import Release

SALT = bytes(16)
SECRETS = {"Env": ["DB_PASSWORD=hunter2", "APP_ENV=prod"]}


@pytest.fixture
def site(stage):
    stage.serve(TaskTemplate={"ContainerSpec": SECRETS}, Labels={"team": "shop"})
    return stage


def planned(stage, path: Path, **options: object) -> Path:
    wanted = Wanted("site", "app:2", flags={"batch": "2", "probe": ["http://u:pw@site/"]})
    save(agreed(stage.plan(**options), wanted, "2026-01-05T09:00:00+00:00", SALT), path)
    return path


def carry_out(stage, path: Path, **options: object):
    agreement = Agreement(load(path), path.name)
    return stage.carry_out(replace(stage.request(**options), approve=agreement.hold))


def test_what_was_planned_is_carried_out(site, tmp_path):
    file = planned(site, tmp_path / "plan.json", batch=Batch(2))
    assert carry_out(site, file, batch=Batch(2)).kind == OutcomeKind.DEPLOYED


def test_a_plan_is_good_for_one_deployment(site, tmp_path):
    file = planned(site, tmp_path / "plan.json")
    carry_out(site, file)
    with pytest.raises(Refused, match=r"what is to be done: planned release, now unchanged"):
        carry_out(site, file)


def changed_environment(stage) -> None:
    edited = spec.raw(stage.now.spec)
    edited["TaskTemplate"]["ContainerSpec"]["Env"][0] = "DB_PASSWORD=hunter3"
    stage.swarm.update(stage.now, edited, None)
    stage.swarm.settle(stage.now)


def changed_label(stage) -> None:
    stage.swarm.update(stage.now, {**stage.now.spec, "Labels": {"team": "blog"}}, None)


def scaled(stage) -> None:
    stage.swarm.update(stage.now, {**stage.now.spec, "Mode": {"Replicated": {"Replicas": 6}}}, None)
    stage.swarm.settle(stage.now)


def pushed(stage) -> None:
    stage.swarm.images["app:2"] = Behaviour()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed_environment, r"the service's environment: changed"),
        (changed_label, r"the service's labels: changed"),
        (scaled, r"the number of replicas: planned 4, now 6"),
        (pushed, r"the new image: planned app:2@sha256:\w+, now app:2@sha256:\w+"),
    ],
)
def test_a_service_that_has_changed_since_is_not_touched(site, tmp_path, change, told: str):
    file = planned(site, tmp_path / "plan.json")
    change(site)
    before = site.now
    with pytest.raises(Refused, match=told) as refused:
        carry_out(site, file)
    assert refused.value.exit_code == ExitCode.REFUSED
    assert "rollout plan site --out FILE" in refused.value.hint
    assert site.now == before
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"batch": Batch(50, True)}, "the setting batch: planned 1, now 50%"),
        ({"min_ready": 9.0}, r"the setting min_ready: planned 1.0, now 9.0"),
        ({"probes": (HttpProbe("http://site/other"),)}, "the setting probes: changed"),
        ({"gates": (ExecGate(("./check",)),)}, "the setting gates: changed"),
    ],
)
def test_other_settings_make_it_another_plan(site, tmp_path, options, told: str):
    file = planned(site, tmp_path / "plan.json")
    with pytest.raises(Refused, match=told):
        carry_out(site, file, **options)


def test_a_half_way_deployment_is_no_longer_what_was_planned(site, tmp_path):
    file = planned(site, tmp_path / "plan.json")
    site.swarm.faults.services.after(2, site.swarm.faults.die)
    with pytest.raises(Killed):
        carry_out(site, file)
    site.swarm.faults.be_called_anew()
    site.swarm.clock.sleep(60)
    with pytest.raises(Refused, match="the replicas on the target already: planned 0, now 2"):
        carry_out(site, file)


def test_no_secret_is_in_the_file_and_nobody_else_may_read_it(site, tmp_path):
    gates = (ExecGate(("./check", "--token=s3cr3t")),)
    file = planned(site, tmp_path / "plan.json", gates=gates)
    text = file.read_text()
    assert all(secret not in text for secret in ("hunter2", "s3cr3t", "u:pw"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["plan.json"]
    assert json.loads(text)["wanted"]["withheld"] == ["probe"]


def test_the_words_that_were_typed_come_back(site, tmp_path):
    wanted = load(planned(site, tmp_path / "plan.json")).wanted
    assert (wanted.service, wanted.image, dict(wanted.flags)) == ("site", "app:2", {"batch": "2"})


def spoilt(path: Path, **fields: object) -> Path:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    return path


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"schema": "rollout/plan-file/v9"}, "another version of rollout"),
        ({"facts": []}, "facts is missing or of another kind"),
        ({"salt": "zz"}, "salt is not hexadecimal"),
        ({"wanted": {"service": "site", "force": "yes", "flags": {}, "withheld": []}}, "wanted.force"),
        (
            {"wanted": {"service": "s", "force": False, "flags": {}, "withheld": [{"a": 1}]}},
            "no name of a flag",
        ),
        ({"wanted": {"service": "s", "force": False, "flags": {}, "withheld": [["probe"]]}}, "no name of a"),
        ({"seals": {"\x1b\x07": "00"}}, "seals has a name that cannot be shown"),
        ({"wanted": {"service": "s", "force": False, "flags": {"a\x1b[2J": 1}, "withheld": []}}, "not known"),
    ],
)
def test_a_file_that_is_no_plan_of_this_version_is_a_mistake(site, tmp_path, fields, told: str):
    with pytest.raises(UsageError, match=told) as broken:
        load(spoilt(planned(site, tmp_path / "plan.json"), **fields))
    assert "\x1b" not in broken.value.message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"3", b" " * 2_000_000])
def test_anything_else_is_a_mistake_too(tmp_path, content: bytes):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not a plan that can be carried out"):
        load(path)


def test_a_file_that_is_not_there_or_cannot_be_written_is_a_mistake(site, tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load(tmp_path / "nothing")
    with pytest.raises(UsageError, match="cannot be written"):
        planned(site, tmp_path / "no" / "folder")


def test_a_plan_file_knows_nothing_of_how_the_image_was_named(site, tmp_path):
    """By tag or by digest: what counts is what it comes to."""
    file = planned(site, tmp_path / "plan.json")
    digest = site.plan().new_image.digest
    agreement = Agreement(load(file), file.name)
    request = site.aiming(Release(f"app:2@{digest}"))
    assert site.carry_out(replace(request, approve=agreement.hold)).kind == OutcomeKind.DEPLOYED
