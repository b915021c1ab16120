"""Sampling and instruments in the simulation: they measure what happens, and hold nothing up."""

from __future__ import annotations

import pytest

from rollout.impact import summarize
from rollout.model import ExecGate, HttpProbe, Operator, PrometheusGate, Queried, Ran, TcpGate
from rollout.sim import Behaviour, SimSwarm

PROBE = HttpProbe("http://web/", version_header="X-Version")


@pytest.fixture
def swarm() -> SimSwarm:
    made = SimSwarm(seed=9)
    made.images["app:1"] = Behaviour(latency=0.05)
    made.images["sad:1"] = Behaviour(status=500)
    made.create_service("web", "app:1", replicas=2)
    return made


def test_samples_come_at_the_rate_and_take_nobodys_time(swarm):
    began = swarm.clock.now()
    sampling = swarm.sampler.start([PROBE], 5.0, began)
    swarm.clock.sleep(10)
    assert swarm.clock.now() - began == 10
    assert 50 <= len(sampling.samples()) <= 51
    assert sampling.samples()[1].at == pytest.approx(0.2)
    assert {sample.seconds for sample in sampling.samples()} == {0.05}
    assert {sample.version for sample in sampling.samples()} == {"1"}


def test_after_it_is_stopped_nothing_more_is_asked(swarm):
    sampling = swarm.sampler.start([PROBE], 5.0, 0.0)
    swarm.clock.sleep(1)
    sampling.stop()
    asked = len(sampling.samples())
    swarm.clock.sleep(5)
    assert len(sampling.samples()) == asked


@pytest.mark.parametrize(("probes", "rate"), [([], 5.0), ([PROBE], 0.0)])
def test_without_a_probe_or_a_rate_nothing_is_asked(swarm, probes, rate):
    sampling = swarm.sampler.start(probes, rate, 0.0)
    swarm.clock.sleep(5)
    sampling.stop()
    assert sampling.samples() == ()


def test_samples_take_turns_between_the_replicas_and_between_the_probes(swarm):
    swarm.create_service("other", "sad:1", replicas=1)
    sampling = swarm.sampler.start([PROBE, HttpProbe("http://other/")], 4.0, 0.0)
    swarm.clock.sleep(10)
    samples = sampling.samples()
    assert abs(2 * sum(sample.ok for sample in samples) - len(samples)) <= 1


def test_samples_do_not_change_whom_the_prober_asks(swarm):
    """Else a rehearsal with a sampler would differ from one without."""
    quiet = SimSwarm(seed=9)
    quiet.images["app:1"] = Behaviour(latency=0.05)
    quiet.create_service("web", "app:1", replicas=2)
    swarm.sampler.start([PROBE], 50.0, 0.0)
    assert [swarm.prober.ask(PROBE) for _ in range(5)] == [quiet.prober.ask(PROBE) for _ in range(5)]


def test_a_name_that_is_lost_does_not_resolve_and_is_nobodys_failed_request(swarm):
    sampling = swarm.sampler.start([PROBE], 5.0, swarm.clock.now())
    swarm.clock.sleep(2.1)
    swarm.prober.lost_names.add("web")
    swarm.clock.sleep(2)
    result = swarm.prober.ask(PROBE)
    assert (result.error, result.reached, result.resolved) == ("name does not resolve", False, False)
    impact = summarize(sampling.samples(), None, None)
    assert (impact.asked, impact.failed) == (11, 0)


def test_where_nobody_serves_nobody_is_reached(swarm):
    swarm.remove_service("web")
    swarm.clock.sleep(5)
    assert not swarm.prober.ask(PROBE).reached


def test_a_port_is_open_while_it_is_in_the_script(swarm):
    gate = TcpGate("redis:6379")
    swarm.instruments.ports.add("redis:6379")
    assert swarm.instruments.connect(gate).ok
    swarm.instruments.ports.clear()
    assert not swarm.instruments.connect(gate).reached


def test_a_command_gives_what_the_script_says_and_is_remembered(swarm):
    swarm.instruments.commands["./check.sh"] = Ran(1, ("no orders",))
    gate = ExecGate(("./check.sh", "--all"))
    assert swarm.instruments.run(gate, {"ROLLOUT_SERVICE": "web"}) == Ran(1, ("no orders",))
    assert swarm.instruments.runs == [(("./check.sh", "--all"), {"ROLLOUT_SERVICE": "web"})]
    assert swarm.instruments.run(ExecGate(("./other",)), {}).exit_code is None


def test_a_query_gives_what_the_script_says_at_that_time(swarm):
    gate = PrometheusGate("http://p", "up", Operator.LESS, 1.0)
    assert swarm.instruments.query(gate) == Queried()
    swarm.instruments.queries["up"] = lambda: Queried((swarm.clock.now(),))
    assert swarm.instruments.query(gate).values[0] == pytest.approx(swarm.clock.now())
