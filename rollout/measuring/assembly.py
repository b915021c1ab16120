"""From the gates that are configured to gates at work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rollout.gates import exec as exec_gate
from rollout.gates import prometheus, tcp
from rollout.gates.exposure import FEWEST, requests_needed
from rollout.gates.http import Baseline, budget_of
from rollout.gates.names import named
from rollout.listening import Ear
from rollout.measuring.baseline import Baselines
from rollout.measuring.http_run import HttpRun
from rollout.measuring.paced_run import PacedRun, Reading
from rollout.measuring.run import Run
from rollout.measuring.standing_run import ManualRun, StableRun
from rollout.model import ExecGate, Gate, HttpProbe, ManualGate, Plan, PrometheusGate, StableGate, TcpGate
from rollout.ports import World
from rollout.watching import Watch


@dataclass
class Assembly:
    """Makes a fresh set of gates for each step. ``baselines`` come from before the first write."""

    world: World
    plan: Plan
    watch: Watch
    baselines: Baselines
    ear: Ear
    paced: dict[str, Run] = field(default_factory=dict)

    def for_step(self, number: int, exposed: int, slots: int) -> list[Run]:
        """The gates of step ``number``, that puts ``exposed`` of ``slots`` replicas on trial."""
        probes = self._http()
        for run in probes:
            budget = budget_of(run.probe, run.baseline)
            run.wanted = requests_needed(exposed, slots, budget, run.probe.confidence)
        return [*probes, *self._others(lambda gate: number == 1 or not _only_once(gate))]

    def for_baking(self) -> list[Run]:
        """The gates that go on watching when every replica runs the target."""
        return [*self._http(), *self._others(lambda gate: not isinstance(gate, ManualGate))]

    def _http(self) -> list[HttpRun]:
        """After an interruption there are no baselines: nothing was measured before the release."""
        probes = self.plan.options.probes
        each = self.baselines.each or (None,) * len(probes)
        return [self._http_run(probe, baseline) for probe, baseline in zip(probes, each, strict=True)]

    def _http_run(self, probe: HttpProbe, baseline: Baseline | None) -> HttpRun:
        reached = baseline is not None
        return HttpRun(self.world.prober, self.world.clock, probe, baseline, FEWEST, reached)

    def _others(self, wanted: Callable[[Gate], bool]) -> list[Run]:
        return [self._run(name, gate) for name, gate in named(self.plan.options.gates) if wanted(gate)]

    def _run(self, name: str, gate: Gate) -> Run:
        match gate:
            case StableGate():
                return StableRun(name, gate, self.watch)
            case ManualGate():
                return ManualRun(name, self.plan.service.name, self.ear, self.watch)
            case _:
                return self._paced_run(name, gate)

    def _paced_run(self, name: str, gate: TcpGate | ExecGate | PrometheusGate) -> Run:
        """The same one in every step: whether a port was ever reached is to be remembered."""
        reading = self._reading(gate)
        fresh = PacedRun(name, gate, reading, self.world.background, self.world.clock)
        run = self.paced.setdefault(name, fresh)
        run.forget()
        return run

    def _reading(self, gate: TcpGate | ExecGate | PrometheusGate) -> Reading[Any]:
        """How to read such a gate once: measure, and later tell what it means."""
        tools = self.world.instruments
        match gate:
            case TcpGate():
                return Reading(lambda: tools.connect(gate), tcp.read)
            case ExecGate():
                told = self._told()
                return Reading(lambda: tools.run(gate, told), lambda ran, _: exec_gate.read(ran))
            case PrometheusGate():
                return Reading(lambda: tools.query(gate), lambda found, _: prometheus.read(found, gate))

    def _told(self) -> dict[str, str]:
        """What a command may want to know, as environment variables."""
        return {
            "ROLLOUT_SERVICE": self.plan.service.name,
            "ROLLOUT_IMAGE": str(self.plan.new_image),
            "ROLLOUT_OLD_IMAGE": str(self.plan.old_image),
        }


def _only_once(gate: Gate) -> bool:
    return isinstance(gate, ManualGate) and not gate.every_step
