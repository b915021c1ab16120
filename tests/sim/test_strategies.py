"""Strategies at work on the simulated Swarm: pauses, promotions, holds, previews at full size."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from rollout import aborting, deploy, halting
from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode, Locked, Refused
from rollout.events import HoldEnded, HoldStarted, StepStarted
from rollout.model import (
    Batch,
    CauseKind,
    Hold,
    ManualGate,
    OneShot,
    Operator,
    Order,
    OutcomeKind,
    PrometheusGate,
    Queried,
    Rest,
)
from rollout.oneshot import names
from rollout.sim import Behaviour, command
from rollout.state.halt import Halts
from rollout.state.holder import Holder
from rollout.state.promotion import Promotions, Word
from tests.sim.together import Together

NETWORK = {"TaskTemplate": {"Networks": [{"Target": "net", "Aliases": ["php"]}]}}
CANARY = {"strategy": "canary", "stages": (Batch(1),), "pause": Hold(60.0)}
UNTIL_PROMOTED = CANARY | {"pause": Hold()}


@pytest.fixture
def connected(stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wiring, "open_stores", lambda _host: (stage.swarm, stage.swarm.store))
    return stage


def releases(stage) -> list[int]:
    return [step.release for step in stage.log.of(StepStarted)]


def promoted(stage, seconds: float, word: Word = Word.ONCE) -> None:
    """Somebody promotes so long from now."""
    words = Promotions(stage.swarm.store, stage.now.id)
    stage.swarm.clock.call_later(seconds, lambda: words.give("ann@desk", word))


def on_target(stage) -> int:
    return sum(task.image.tag == "2" for task in stage.swarm.tasks(stage.now.id) if task.running)


def test_a_ramp_doubles_its_steps_and_no_user_notices(stage):
    load = stage.swarm.load(stage.serve(12), rate=60)
    assert stage.deploy(strategy="ramp").kind == OutcomeKind.DEPLOYED
    assert releases(stage) == [1, 2, 4, 5]
    assert load.failed == 0


def test_a_canary_stands_still_for_its_pause_and_then_goes_on(stage):
    stage.serve(4)
    outcome = stage.deploy(**CANARY)
    assert outcome.kind == OutcomeKind.DEPLOYED
    (begun,), (ended,) = stage.log.of(HoldStarted), stage.log.of(HoldEnded)
    assert begun.seconds == 60
    assert ended.at - begun.at == pytest.approx(60, abs=1)
    assert not ended.promoted
    assert outcome.paused == pytest.approx(60, abs=1)
    assert releases(stage) == [1, 1, 1, 1]


def test_a_promotion_ends_the_pause_within_a_second(stage):
    stage.serve(4)
    promoted(stage, 50.0)
    began = stage.swarm.clock.now()
    stage.deploy(**UNTIL_PROMOTED)
    (ended,) = stage.log.of(HoldEnded)
    assert ended.promoted
    assert ended.at + began == pytest.approx(began + 50, abs=1.2)


def test_a_person_may_take_longer_than_the_deadline(stage):
    stage.serve(4)
    promoted(stage, 400.0)
    assert stage.deploy(**UNTIL_PROMOTED, deadline=120.0).kind == OutcomeKind.DEPLOYED


def test_stages_follow_one_another_each_with_its_pause(stage):
    stage.serve(20)
    stages = (Batch(5, percent=True), Batch(25, percent=True), Batch(100, percent=True))
    stage.deploy(**CANARY | {"stages": stages, "rest": Rest.RAMP})
    assert releases(stage) == [1, 2, 2, 6, 9]
    assert len(stage.log.of(HoldStarted)) == 2


def test_one_word_is_enough_to_go_past_all_pauses_and_manual_gates(stage):
    stage.serve(6)
    promoted(stage, 40.0, Word.FULLY)
    stages = (Batch(1), Batch(3))
    outcome = stage.deploy(**UNTIL_PROMOTED | {"stages": stages}, gates=(ManualGate(every_step=True),))
    assert outcome.kind == OutcomeKind.DEPLOYED


def test_a_canary_that_gets_sick_in_its_pause_is_taken_back_and_most_users_never_met_it(stage):
    stage.swarm.images["app:2"] = Behaviour(sick_after=30.0)
    stage.serve(4)
    outcome = stage.deploy(**CANARY)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert releases(stage) == [1]
    assert stage.images_running() == {"app:1"}


def test_a_canary_whose_errors_grow_in_its_pause_is_taken_back(stage):
    stage.serve(4)
    errors = PrometheusGate("http://prometheus/", "errors", Operator.LESS, 1.0)
    stage.swarm.instruments.queries["errors"] = Queried((0.0,))
    grow = partial(stage.swarm.instruments.queries.update, errors=Queried((5.0,)))
    stage.swarm.clock.call_later(40.0, grow)
    outcome = stage.deploy(**CANARY, gates=(errors,))
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert releases(stage) == [1]


def test_whoever_was_interrupted_in_the_pause_pauses_again_and_then_goes_on(stage):
    stage.serve(4)
    stage.swarm.clock.call_later(30.0, lambda: Halts(stage.swarm.store, stage.now.id).ask("bob@desk"))
    held = stage.deploy(**CANARY)
    assert (held.kind, held.cause.kind) == (OutcomeKind.HELD, CauseKind.HALTED)
    assert on_target(stage) == 1
    stage.log.events.clear()
    assert stage.resume(**CANARY).kind == OutcomeKind.DEPLOYED
    assert len(stage.log.of(HoldStarted)) == 1
    assert releases(stage) == [0, 1, 1, 1]


def test_a_hold_from_elsewhere_is_heard_within_a_second(stage):
    stage.serve(4)
    stage.swarm.clock.call_later(20.0, lambda: Halts(stage.swarm.store, stage.now.id).ask("bob@desk"))
    began = stage.swarm.clock.now()
    outcome = stage.deploy(**CANARY)
    assert outcome.kind == OutcomeKind.HELD
    assert "bob@desk asked it to hold" in outcome.cause.sentence
    assert stage.swarm.clock.now() - began < 21.5
    assert stage.swarm.store.find({"rollout.kind": "halt"}) == ()


def test_what_was_said_to_an_earlier_deployment_is_not_heard_by_the_next(stage):
    stage.serve(4)
    Halts(stage.swarm.store, stage.now.id).ask("bob@desk")
    Promotions(stage.swarm.store, stage.now.id).give("bob@desk", Word.FULLY)
    assert stage.deploy(**CANARY).kind == OutcomeKind.DEPLOYED
    assert len(stage.log.of(HoldStarted)) == 1


def test_a_rollback_is_not_held(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve(4)
    halts = Halts(stage.swarm.store, stage.now.id)
    stage.swarm.faults.services.after(2, lambda: halts.ask("bob@desk"))
    assert stage.deploy().kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}


def test_hold_waits_until_the_deployment_has_let_go_and_abort_takes_it_back(stage):
    service = stage.serve(4)
    ends: list[object] = []
    clock = Together(stage.swarm.clock)
    world = replace(stage.world, clock=clock)

    def deploys() -> None:
        request = stage.request(**UNTIL_PROMOTED)
        ends.append(deploy.deploy(request, world, Holder("ann@desk"), lambda: None).kind)

    def holds() -> None:
        clock.sleep(30.0)
        ends.append(halting.halt(service, stage.swarm, stage.swarm.store, clock, Holder("bob@desk")))

    clock.run(deploys, holds)
    assert any("ann@desk has let go" in str(end) for end in ends)
    assert OutcomeKind.HELD in ends
    assert stage.abort().kind == OutcomeKind.ABORTED
    assert stage.images_running() == {"app:1"}


def test_abort_makes_a_deployment_under_way_let_go_and_takes_it_back(stage):
    stage.serve(4)
    ends: list[object] = []
    clock = Together(stage.swarm.clock)
    world = replace(stage.world, clock=clock)

    def deploys() -> None:
        request = stage.request(**UNTIL_PROMOTED)
        ends.append(deploy.deploy(request, world, Holder("ann@desk"), lambda: None).kind)

    def aborts() -> None:
        clock.sleep(30.0)
        request = stage.request(None)
        ends.append(aborting.abort(request, world, Holder("bob@desk"), lambda: None).kind)

    clock.run(deploys, aborts)
    assert ends == [OutcomeKind.HELD, OutcomeKind.ABORTED]
    assert stage.images_running() == {"app:1"}
    assert stage.swarm.store.find({"rollout.kind": "halt"}) == ()


def test_there_is_nothing_to_hold_where_nobody_is_at_work(stage):
    service = stage.serve(4)
    with pytest.raises(Refused):
        halting.halt(service, stage.swarm, stage.swarm.store, stage.swarm.clock, Holder("bob@desk"))


def test_one_who_does_not_let_go_is_named(stage):
    service = stage.serve(4)
    told: list[Locked] = []

    def hold() -> None:
        try:
            halting.halt(service, stage.swarm, stage.swarm.store, stage.swarm.clock, Holder("bob@desk"))
        except Locked as locked:
            told.append(locked)

    stage.swarm.faults.services.before(1, hold)
    stage.deploy()
    assert "ann@desk" in told[0].message


def test_promote_full_says_so(connected, capsys):
    connected.serve(4)
    connected.swarm.clock.call_later(40.0, lambda: run(["promote", "site", "--full"]))
    assert connected.deploy(**UNTIL_PROMOTED | {"stages": (Batch(1), Batch(2))}).kind == OutcomeKind.DEPLOYED
    assert "promoted to the end" in capsys.readouterr().out


def test_hold_without_a_deployment_is_refused(connected, capsys):
    connected.serve(4)
    assert run(["hold", "site"]) == ExitCode.REFUSED
    assert "no deployment of site is under way" in capsys.readouterr().err


class Blue:
    """How many replicas stand beside the service, at most."""

    def __init__(self, stage) -> None:
        self.stage, self.most = stage, 0
        self._look()

    def _look(self) -> None:
        beside = [one for one in self.stage.swarm.services() if names.is_side_service(one.spec)]
        running = [task for one in beside for task in self.stage.swarm.tasks(one.id) if task.running]
        self.most = max(self.most, len(running))
        self.stage.swarm.clock.call_later(0.02, self._look)


def test_blue_green_proves_the_whole_release_beside_the_old_one_and_then_switches_at_once(stage):
    load = stage.swarm.load(stage.serve(4, **NETWORK), rate=60)
    beside = Blue(stage)
    assert stage.deploy(strategy="blue_green", prepull=False).kind == OutcomeKind.DEPLOYED
    assert beside.most == 4
    assert releases(stage) == [4]
    assert load.failed == 0
    assert [one.name for one in stage.swarm.services()] == ["site"]


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(commands={"smoke": command(1)}), Behaviour(crash_after=1.0), Behaviour(start_seconds=900.0)],
    ids=["fails its smoke test", "crashes", "never gets healthy"],
)
def test_a_bad_release_stays_beside_and_no_user_meets_it(stage, behaviour):
    stage.swarm.images["app:2"] = behaviour
    load = stage.swarm.load(stage.serve(4, **NETWORK), rate=60)
    outcome = stage.deploy(strategy="blue_green", smoke=OneShot(("smoke",)))
    assert outcome.kind == OutcomeKind.REFUSED
    assert load.failed == 0
    assert stage.swarm.faults.services.count == 0
    assert [one.name for one in stage.swarm.services()] == ["site"]


def test_blue_green_is_refused_where_the_service_stops_first(stage):
    stage.serve(4)
    with pytest.raises(Refused) as refused:
        stage.deploy(strategy="blue_green", order=Order.STOP_FIRST)
    assert "preview-impossible" in str(refused.value.message + refused.value.hint)
    assert "--strategy rolling" in refused.value.hint
    assert "--ignore-checks" not in refused.value.hint


@pytest.mark.parametrize("accepted", ["preview-impossible", "all"])
def test_nobody_can_accept_that_blue_green_stops_everything_first(stage, accepted):
    load = stage.swarm.load(stage.serve(4), rate=60)
    with pytest.raises(Refused):
        stage.deploy(strategy="blue_green", order=Order.STOP_FIRST, ignore_checks=(accepted,))
    stage.swarm.clock.sleep(10)
    assert (load.failed, stage.swarm.faults.services.count) == (0, 0)
    assert stage.swarm.faults.services.count == 0


@pytest.mark.parametrize("strategy", ["rolling", "ramp", "canary"])
def test_a_service_that_stops_first_dips_no_deeper_than_its_plan_says(stage, strategy):
    service = stage.serve(8)
    fewest = []

    def look() -> None:
        fewest.append(sum(task.running for task in stage.swarm.tasks(service.id)))
        stage.swarm.clock.call_later(0.1, look)

    stage.swarm.clock.call_later(0.1, look)
    careful = {"strategy": strategy, "order": Order.STOP_FIRST, "pause": Hold(5.0), "probes": ()}
    plan = stage.plan(**careful)
    largest = max(plan.sizes)
    assert stage.deploy(**careful).kind == OutcomeKind.DEPLOYED
    assert min(fewest) == 8 - largest
