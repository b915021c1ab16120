"""`rollout history` and `rollout show`: what the records in the Swarm tell of past deployments."""

from __future__ import annotations

import json

import pytest

from rollout import deploy, revisions, spec
from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.model import ExecGate, Healthcheck, HttpProbe, ImageConfig, OneShot, OutcomeKind
from rollout.render.show import show_lines
from rollout.render.text import text_of
from rollout.sim import Behaviour, command, kill
from rollout.sim.faults import Killed
from rollout.state.holder import Holder


@pytest.fixture
def connected(stage, monkeypatch: pytest.MonkeyPatch, tmp_path):
    """The stage, with the command line connected to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring, "open_stores", lambda _host, **_more: (stage.swarm, stage.swarm.store))
    monkeypatch.setattr(wiring, "open_world", lambda _host, _sink: stage.world)
    return stage


def told(stage) -> tuple[revisions.Revision, ...]:
    return revisions.of_service(stage.swarm, stage.swarm.store, stage.now)


def in_json(capsys, *arguments: str) -> dict:
    assert run([*arguments, "-o", "json"]) == ExitCode.OK
    return json.loads(capsys.readouterr().out)


def from_source(stage, tag: str, commit: str) -> None:
    labels = {"org.opencontainers.image.revision": commit}
    stage.swarm.registry.configs[tag] = ImageConfig(Healthcheck(("CMD", "x"), interval=1.0), labels=labels)


def test_from_which_source_a_release_came_is_on_record_where_its_image_says_so(stage):
    stage.serve()
    from_source(stage, "app:2", "c4d9e17f00aa")
    assert stage.plan().sources == ("", "c4d9e17f00aa")
    stage.deploy()
    (revision,) = told(stage)
    assert (revision.old_source, revision.new_source) == ("", "c4d9e17f00aa")
    assert "unknown → c4d9e17f00aa" in "".join(map(text_of, show_lines(revision)))


def test_the_newest_deployment_comes_first_each_with_its_outcome(stage):
    stage.serve()
    stage.deploy()
    stage.swarm.images["app:3"] = Behaviour(status=500)
    stage.deploy("app:3", who="bob@desk")
    found = told(stage)
    assert [(one.number, one.outcome, one.who) for one in found] == [
        (2, "rolled back", "bob@desk"),
        (1, "deployed", "ann@desk"),
    ]
    assert "500" in found[0].cause
    assert (found[0].replaced, found[1].replaced, found[1].slots) == (0, 4, 4)


def test_the_duration_is_that_of_the_outcome(stage):
    stage.serve()
    outcome = stage.deploy()
    assert told(stage)[0].seconds == pytest.approx(outcome.seconds, abs=0.1)


def test_a_release_in_place_whose_after_hook_failed_is_on_record_as_failed(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(commands={"warm-up": command(1)})
    outcome = stage.deploy(after=(OneShot(("warm-up",)),))
    assert (outcome.kind, told(stage)[0].outcome) == (OutcomeKind.FAILED, "failed")


def test_a_deployment_under_way_says_who_is_at_work(stage):
    stage.serve()
    seen = []
    stage.swarm.faults.services.before(3, lambda: seen.append(told(stage)[0]))
    stage.deploy()
    assert (seen[0].holder, seen[0].unfinished) == ("ann@desk", True)
    assert (told(stage)[0].holder, told(stage)[0].unfinished) == ("", False)


def test_an_interrupted_deployment_is_marked_until_another_takes_over(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    assert (told(stage)[0].unfinished, told(stage)[0].holder, told(stage)[0].outcome) == (True, "", "")
    stage.deploy()
    assert [one.outcome for one in told(stage)] == ["deployed", "abandoned"]
    assert not any(one.unfinished for one in told(stage))


def test_a_finished_deployment_whose_end_could_not_be_written_counts_as_deployed(stage):
    stage.serve()
    stage.swarm.faults.services.after(5, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    assert (told(stage)[0].unfinished, told(stage)[0].outcome) == (False, "deployed")


def test_gates_are_recorded_without_logins_queries_and_arguments(stage):
    stage.serve()
    stage.swarm.prober.routes["ann:pw@site"] = "site"
    probe, gate = HttpProbe("http://ann:pw@site/?token=tok"), ExecGate(("check", "--token", "tok"))
    stage.deploy(probes=(probe,), gates=(gate,))
    assert told(stage)[0].gates == ("http http://site/", "exec check")
    kept = b"".join(entry.data for entry in stage.swarm.store.find({}))
    assert b"tok" not in kept
    assert b"pw@" not in kept


def test_who_pipeline_and_commit_are_on_record(stage):
    stage.serve()
    holder = Holder("ci@runner", "https://ci.example/7", "abc123")
    deploy.deploy(stage.request(), stage.world, holder, lambda: None)
    found = told(stage)[0]
    assert (found.who, found.pipeline, found.commit) == ("ci@runner", "https://ci.example/7", "abc123")
    assert (found.strategy, found.order, found.steps) == ("rolling", "start-first", (1, 2, 3, 4))


def test_a_record_by_another_hand_breaks_nothing(stage):
    service = stage.serve()
    labels = {"rollout.kind": "record", "rollout.service": service.id, "rollout.revision": "7"}
    odd = {
        "baseline": dict(service.spec),
        "target": dict(service.spec),
        "started": 5,
        "gates": "x",
        "who": [],
    }
    stage.swarm.store.create("a", json.dumps(odd).encode(), {**labels, "rollout.state": "deployed"})
    stage.swarm.store.create("b", b"no json", {**labels, "rollout.state": "deployed"})
    found = told(stage)
    assert [(one.number, one.who, one.gates, one.started) for one in found] == [(7, "", (), None)]


def test_the_command_lists_them_newest_first(connected, capsys):
    connected.serve()
    connected.deploy()
    connected.deploy("app:1")
    assert run(["history", "site"]) == ExitCode.OK
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["REVISION", "WHEN", "IMAGE", "WHO", "OUTCOME", "DURATION"]
    assert [row.split()[0] for row in rows] == ["2", "1"]
    assert all("ann@desk" in row and "deployed" in row for row in rows)


def test_without_a_service_all_are_listed_those_that_are_gone_too(connected, capsys):
    service = connected.serve()
    connected.deploy()
    connected.swarm.remove(service.id)
    fields = in_json(capsys, "history")
    assert [(one["service"], one["outcome"]) for one in fields["revisions"]] == [("site", "deployed")]
    run(["history"])
    assert capsys.readouterr().out.startswith("SERVICE")


def with_secret(stage) -> None:
    edited = spec.raw(stage.now.spec)
    edited["TaskTemplate"]["ContainerSpec"]["Env"] = ["DB_PASSWORD=hunter2", "MODE=fast"]
    edited["Labels"] = {"api_token": "tok-1", "team": "red"}
    stage.swarm.update(stage.now, edited, None)
    stage.swarm.clock.sleep(120)


def test_show_tells_what_was_changed_and_hides_secrets(connected, capsys):
    connected.serve()
    connected.deploy()
    with_secret(connected)
    connected.undo()
    for form in ("text", "json"):
        assert run(["show", "site", "2", "-o", form]) == ExitCode.OK
        shown = capsys.readouterr().out
        assert "TaskTemplate.ContainerSpec.Env.DB_PASSWORD" in shown
        assert "(hidden)" in shown
        assert "red" in shown
        assert not any(secret in shown for secret in ("hunter2", "tok-1", "fast"))


def test_show_secrets_shows_them(connected, capsys):
    connected.serve()
    connected.deploy()
    with_secret(connected)
    connected.undo()
    for form in ("text", "json"):
        run(["show", "site", "2", "--show-secrets", "-o", form])
        shown = capsys.readouterr().out
        assert all(secret in shown for secret in ("hunter2", "tok-1", "fast"))


def test_show_of_a_revision_that_is_not_on_record_says_where_to_look(connected, capsys):
    connected.serve()
    assert run(["show", "site", "3"]) == ExitCode.USAGE
    assert "`rollout history site` shows those that are" in capsys.readouterr().err


def test_undo_is_a_command_with_its_plan_and_its_settings(connected, capsys):
    connected.serve()
    connected.deploy()
    careful = ["--min-ready", "0s", "--bake", "0s"]
    assert run(["undo", "site", "--to", "1", "--dry-run"]) == ExitCode.OK
    assert "nothing to do" in capsys.readouterr().out
    assert run(["undo", "site", "--dry-run", *careful]) == ExitCode.OK
    assert "run `rollout undo site`" in capsys.readouterr().out
    assert connected.images_running() == {"app:2"}
    assert run(["undo", "site", *careful]) == ExitCode.OK
    assert connected.images_running() == {"app:1"}


def test_undo_with_nothing_to_go_back_to_exits_5_with_a_hint(connected, capsys):
    connected.serve()
    assert run(["undo", "site"]) == ExitCode.REFUSED
    assert "hint: name the release" in capsys.readouterr().err


def test_restart_is_a_command(connected, capsys):
    connected.serve()
    assert run(["restart", "site", "--dry-run"]) == ExitCode.OK
    assert "run `rollout restart site`" in capsys.readouterr().out
    assert run(["restart", "site", "--min-ready", "0s", "--bake", "0s"]) == ExitCode.OK
    assert connected.now.spec["TaskTemplate"]["ForceUpdate"] == 1


def test_the_shell_completes_revisions_newest_first(connected, monkeypatch, capsys):
    connected.serve()
    connected.deploy()
    connected.deploy("app:1")
    monkeypatch.setenv("_ROLLOUT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "rollout show site ")
    monkeypatch.setenv("COMP_CWORD", "3")
    run([])
    assert capsys.readouterr().out.split() == ["2", "1"]
