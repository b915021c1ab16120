"""What holds for every strategy, order, fault and moment: two thousand generated deployments each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rollout import spec, watching
from rollout.events import HoldStarted, Observed, StepStarted
from rollout.model import Batch, Hold, HttpProbe, Order, OutcomeKind, Plan, Rest
from rollout.render.facts import capacity
from rollout.sim import Behaviour, Health, kill
from rollout.sim.faults import Killed
from rollout.snapshot import slots_of
from rollout.state.promotion import Promotions
from tests.sim.conftest import STRATEGIES, Stage

CASES = 2000
NETWORK = {"TaskTemplate": {"Networks": [{"Target": "net"}]}}
HASTE = {
    "min_ready": 0.5,
    "bake": 0.5,
    "start_timeout": 12.0,
    "gate_timeout": 5.0,
    "progress_timeout": 8.0,
    "rollback_timeout": 30.0,
    "deadline": 120.0,
    "impact_rate": 0.0,
    "prepull": False,
}
PROBES = (HttpProbe("http://site/"),)
BAD = {
    "crashes at once": Behaviour(crash_after=0.3),
    "crashes later": Behaviour(crash_after=3.0),
    "never healthy": Behaviour(health=Health.SILENT),
    "unhealthy": Behaviour(health=Health.BAD),
    "sick later": Behaviour(sick_after=4.0),
    "answers 500": Behaviour(status=500),
    "cannot start": Behaviour(cannot_start="no such command"),
}

profile = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

batches = some.builds(Batch, some.integers(1, 3)) | some.builds(
    Batch, some.integers(1, 100), percent=some.just(True)
)
cares = some.fixed_dictionaries(
    {
        "strategy": some.sampled_from(sorted(STRATEGIES)),
        "batch": batches,
        "stages": some.lists(batches, min_size=1, max_size=3).map(tuple),
        "pause": some.sampled_from([Hold(0.0), Hold(2.0), Hold()]),
        "rest": some.sampled_from(Rest),
        "order": some.sampled_from(Order),
        "probes": some.sampled_from([(), PROBES]),
    }
).filter(lambda care: care["strategy"] != "blue_green" or care["order"] == Order.START_FIRST)
replicas = some.integers(1, 4)
moments = some.floats(0.0, 25.0)


@pytest.fixture(autouse=True)
def looks_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL", 0.5)


class Ruled(Stage):
    """A stage on which everything that is seen is held against the rules, and somebody promotes."""

    def __init__(self, replicas: int, release: Behaviour | None = None) -> None:
        super().__init__()
        self.swarm.images["app:2"] = release or Behaviour()
        self.service = self.serve(replicas, **NETWORK)
        self.before = self.service.spec
        self.fewest = replicas
        self.most_idle = 0
        self._look()
        self._promote()

    def _look(self) -> None:
        """Four times a second: how many serve, and how many slots do not that were never released."""
        slots = slots_of(self.swarm.tasks(self.service.id))
        serving = [slot for slot in slots if any(task.running for task in slot.tasks)]
        self.fewest = min(self.fewest, len(serving))
        untouched = [slot for slot in slots if not slot.touched and slot not in serving]
        self.most_idle = max(self.most_idle, len(untouched))
        self.swarm.clock.call_later(0.25, self._look)

    def _promote(self) -> None:
        Promotions(self.swarm.store, self.service.id).give("ann@desk")
        self.swarm.clock.call_later(3.0, self._promote)

    def deploy_until(self, moment: float, care: dict) -> bool:
        """Whether a deployment was killed at the moment, before it was over; its lock is released then."""
        under_way = [True]
        self.swarm.clock.call_later(moment, lambda: kill() if under_way else None)
        try:
            self.deploy(**care)
        except Killed:
            for lock in self.swarm.store.find({"rollout.kind": "lock"}):
                self.swarm.store.remove(lock)
            return True
        finally:
            under_way.clear()
        return False

    def begin(self, care: dict) -> Plan:
        plan = self.plan(**HASTE | care)
        self.log.events.clear()
        return plan

    def settle(self) -> None:
        self.swarm.clock.sleep(10.0)

    @property
    def is_whole(self) -> bool:
        tasks = [task for task in self.swarm.tasks(self.now.id) if task.wanted]
        return all(task.running for task in tasks) and len(slots_of(tuple(tasks))) == spec.replicas(
            self.before
        )


def befall(stage: Stage, trouble: str) -> None:
    """What is not the release's fault."""
    faults = stage.swarm.faults
    match trouble:
        case "election":
            stage.swarm.elect_leader()
        case "lost request":
            faults.all.lose_request(faults.all.count + 1)
        case "lost reply":
            faults.all.lose_reply(faults.all.count + 1)


TROUBLES = some.sampled_from(["none", "election", "lost request", "lost reply"])


@profile
@given(replicas, cares, TROUBLES, moments)
def test_a_good_release_keeps_what_its_plan_has_promised_and_gets_there(replicas, care, trouble, moment):
    stage = Ruled(replicas)
    plan = stage.begin(care)
    stage.swarm.clock.call_later(moment, lambda: befall(stage, trouble))
    outcome = stage.deploy(**HASTE | care)
    stage.settle()
    assert trouble == "election" or stage.fewest >= capacity(plan)[0]
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert stage.images_running() == {"app:2"}
    assert stage.is_whole


@profile
@given(replicas, cares, some.sampled_from(sorted(BAD)), TROUBLES, moments)
def test_a_bad_release_reaches_its_batch_only_and_ends_at_the_baseline(replicas, care, bad, trouble, moment):
    stage = Ruled(replicas, BAD[bad])
    care = care | {"probes": PROBES, "bake": 6.0}
    plan = stage.begin(care)
    stage.swarm.clock.call_later(moment, lambda: befall(stage, trouble))
    outcome = stage.deploy(**HASTE | care)
    stage.settle()
    assert outcome.kind in {OutcomeKind.ROLLED_BACK, OutcomeKind.REFUSED}, outcome.cause
    assert spec.same(stage.now.spec, stage.before)
    assert stage.images_running() == {"app:1"}
    assert stage.is_whole
    assert_never_beyond_its_step(stage, plan, more=max(plan.sizes) if trouble == "election" else 0)
    if plan.order == Order.START_FIRST:
        assert stage.most_idle == 0


def assert_never_beyond_its_step(stage: Ruled, plan: Plan, more: int) -> None:
    """At no moment more slots have the target than the step under way may release.

    A new leader begins the update anew, and so releases one batch ``more``: Swarm keeps no count of its own.
    """
    allowed = plan.done
    for event in stage.log.events:
        if isinstance(event, StepStarted):
            allowed = event.upto
        if isinstance(event, Observed):
            mine = [slot for slot in event.slots if any(task.image.tag == "2" for task in slot.wanted)]
            assert len(mine) <= allowed + more


@profile
@given(replicas, cares, some.sampled_from(["good", *sorted(BAD)]), moments, some.booleans())
def test_killed_at_any_moment_it_is_finished_or_taken_back(replicas, care, release, moment, finish):
    stage = Ruled(replicas, BAD.get(release))
    care = HASTE | care | {"probes": PROBES, "bake": 6.0}
    killed = stage.deploy_until(moment, care)
    half_way = killed and spec.release_number(stage.now.spec) is not None
    if half_way and not finish:
        assert stage.abort(**care).kind == OutcomeKind.ABORTED
        assert spec.same(stage.now.spec, stage.before)
    elif half_way or (killed and spec.same(stage.now.spec, stage.before)):
        stage.deploy(**care)
    stage.settle()
    back = release != "good" or (half_way and not finish)
    assert stage.images_running() == ({"app:1"} if back else {"app:2"})
    assert stage.is_whole
    assert release != "good" or stage.fewest == replicas or care["order"] == Order.STOP_FIRST


def test_the_cases_have_pauses_in_them():
    """Else the properties would say nothing of holds."""
    stage = Ruled(4)
    stage.deploy(**HASTE, strategy="canary", pause=Hold())
    assert stage.log.of(HoldStarted)
