"""A simulated Swarm that stands as the real one does, with everything that the plan asks for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from rollout import pacing
from rollout.errors import Refused, RolloutError
from rollout.model import (
    ExecGate,
    Gate,
    Image,
    ManualGate,
    OneShot,
    Operator,
    Options,
    Plan,
    PlanKind,
    PrometheusGate,
    Queried,
    Ran,
    Service,
    TcpGate,
)
from rollout.rehearsal.faults import MISHAPS, SPOILT, Fault
from rollout.rehearsal.script import Script
from rollout.sim import Behaviour, SimSwarm, command
from rollout.state import ledger
from rollout.state.holder import Holder
from rollout.state.promotion import Promotions

WHO = Holder("the rehearsal")
PROMOTED_EVERY = 5.0
"""Seconds between two words of the person who promotes: nobody waits for a real one."""
_COMMAND_SECONDS = 1.0


class Stage:
    """The service on its nodes at the moment that the plan was made for, and the images that it needs."""

    def __init__(self, script: Script, seed: int = 1) -> None:
        self.swarm = SimSwarm(nodes=0, seed=seed)
        for name in script.machines:
            self.swarm.machines.join(name)
        self._good = _behaviour(script)
        self.service = self._serve(script.plan)
        self.plan = replace(script.plan, service=self.service)
        self.swarm.images.keep(self.plan.new_image, self._good)
        self._let_the_registry_tell(self.plan)
        _furnish(self.swarm, self.plan)
        if self.plan.kind == PlanKind.RELEASE and self.plan.done:
            self._go_half_way()

    def spoil(self, faults: Iterable[Fault]) -> None:
        """Let these faults happen."""
        for fault in faults:
            if fault.name in SPOILT:
                self._spoil_replicas(fault)
            else:
                self._plan_mishap(fault)

    def _spoil_replicas(self, fault: Fault) -> None:
        act, image = SPOILT[fault.name].act, self.plan.new_image
        if fault.number is None:
            self._good = act(self._good, fault.seconds)
            self.swarm.images.keep(image, self._good)
            if SPOILT[fault.name].spoils_pages:
                self._fail_smoke()
        else:
            bad = act(self._good, fault.seconds)
            self.swarm.casting.give(self.service.id, image, fault.number, bad)

    def _let_the_registry_tell(self, plan: Plan) -> None:
        """Here the new image is known: it is what the script says."""
        known = self.swarm.image_config(plan.old_image)
        if known is not None:
            self.swarm.registry.configs[plan.new_image.tagged] = known

    def _fail_smoke(self) -> None:
        """A smoke test asks the preview for a page."""
        smoke = self.plan.options.smoke
        if smoke is None:
            return
        image = Image.parse(smoke.image) if smoke.image else self.plan.new_image
        kept = self.swarm.images.find(image) or self._good
        failing = replace(_work(smoke), exit_code=1, log=("the page is wrong",))
        commands = {**kept.commands, " ".join(smoke.command): failing}
        self.swarm.images.keep(image, replace(kept, commands=commands))

    def _plan_mishap(self, fault: Fault) -> None:
        mishap = MISHAPS[fault.name]

        def happen() -> None:
            mishap.act(self.swarm, fault.seconds)

        def begin() -> None:
            if mishap.after:
                self.swarm.clock.call_later(mishap.after, happen)
            else:
                happen()

        writes = self.swarm.faults.services
        if mishap.before_the_pull and fault.number is None and self.plan.options.prepull:
            writes = self.swarm.faults.births
        writes.before(writes.count + (fault.number or 1), begin)

    def _serve(self, plan: Plan) -> Service:
        """The service as it was before anything of the plan was carried out."""
        self.swarm.images.keep(plan.old_image, self._good)
        service = self.swarm.create(plan.baseline)
        try:
            self.swarm.settle(service)
        except TimeoutError as error:
            raise Refused(
                f"{plan.service.name} cannot be rehearsed: it does not come to rest on the simulated Swarm",
                "look at `rollout status` first: more replicas than places, or none to place them on",
            ) from error
        self.swarm.clock.sleep(self._good.start_seconds)  # without a health check it runs before it answers
        return self.swarm.service(service.id)

    def _go_half_way(self) -> None:
        """An interrupted deployment: its record is open, and some slots run the target."""
        ledger.open_record(self.swarm.store, self.plan, (), WHO, self.swarm.clock.wall(), 0)
        released = pacing.released(self.plan.target, self.plan.done, self.plan.order, 1)
        self.swarm.update(self.service, released, None)
        self.swarm.clock.sleep(self._good.start_seconds + 30.0)
        self.service = self.swarm.service(self.service.id)
        self.plan = replace(self.plan, service=self.service)


def _behaviour(script: Script) -> Behaviour:
    return Behaviour(
        healthcheck=script.has_healthcheck,
        start_seconds=script.start_seconds,
        stop_signal=script.stop_signal,
        commands={shot.command[0]: _work(shot) for shot in one_shots(script.plan.options)},
    )


def _work(shot: OneShot) -> Behaviour:
    """A command that works, well within its time."""
    return command(seconds=min(_COMMAND_SECONDS, shot.timeout / 2))


def one_shots(options: Options) -> tuple[OneShot, ...]:
    """All commands of a deployment."""
    smoke = (options.smoke,) if options.smoke else ()
    return (*options.before, *smoke, *options.after, *options.on_rollback)


def _furnish(swarm: SimSwarm, plan: Plan) -> None:
    """What the plan's gates and commands look for."""
    for probe in plan.options.probes:
        swarm.prober.routes[urlsplit(probe.url).hostname or ""] = plan.service.name
    for shot in one_shots(plan.options):
        if shot.image:
            swarm.images.keep(Image.parse(shot.image), Behaviour(commands={shot.command[0]: _work(shot)}))
    if any(step.hold and step.hold.seconds is None for step in plan.steps):
        _promote_on(swarm, plan.service)
    for gate in plan.options.gates:
        _satisfy(swarm, gate, plan.service)


def _satisfy(swarm: SimSwarm, gate: Gate, service: Service) -> None:
    """Let a gate pass: what it measures is not simulated."""
    match gate:
        case TcpGate():
            swarm.instruments.ports.add(gate.address)
        case ExecGate():
            swarm.instruments.commands[gate.command[0]] = Ran(0)
        case PrometheusGate():
            swarm.instruments.queries[gate.query] = Queried((_passing(gate),))
        case ManualGate():
            _promote_on(swarm, service)
        case _:
            pass


def _passing(gate: PrometheusGate) -> float:
    step = {Operator.LESS: -1.0, Operator.MORE: 1.0, Operator.OTHER: 1.0}
    return gate.threshold + step.get(gate.operator, 0.0)


def _promote_on(swarm: SimSwarm, service: Service) -> None:
    """Somebody says "go on" now and then."""

    def promote() -> None:
        with suppress(RolloutError):
            Promotions(swarm.store, service.id).give(WHO.who)
        swarm.clock.call_later(PROMOTED_EVERY, promote)

    swarm.clock.call_later(PROMOTED_EVERY, promote)
