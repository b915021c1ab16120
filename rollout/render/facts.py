"""What a plan amounts to, as labels with texts: what happens in turn, and what may stop it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rollout.gates.names import named
from rollout.model import Hold, OneShot, OnFailure, OnInterrupt, OnStuck, Options, Order, Plan
from rollout.render.gate_words import gate_words, one_shot_words, probe_words
from rollout.render.names import short, steps
from rollout.render.text import counted, duration
from rollout.returning import fewest_serving
from rollout.secrets import without_secrets

Fact: TypeAlias = tuple[str, str]

_SOURCE = 12
"""Letters of a source revision that are shown."""
_NOBODY = "default"
_START_INTERVAL = "TaskTemplate.ContainerSpec.Healthcheck.StartInterval"

_ON_FAILURE = {
    OnFailure.ROLLBACK: "roll back: the baseline is written, and verified in every slot",
    OnFailure.HOLD: "hold: it stays where it is, serving, until someone finishes or aborts it",
}
_MISSING = "if capacity, a node, the registry or time is missing"
_ON_STUCK = {
    OnStuck.HOLD: f"hold, {_MISSING}, or if a gate finds nothing out",
    OnStuck.ROLLBACK: f"roll back, {_MISSING}; hold if a gate finds nothing out",
}
_ON_INTERRUPT = {
    OnInterrupt.HOLD: "hold: `rollout resume` goes on, `rollout abort` goes back",
    OnInterrupt.ROLLBACK: "roll back to the baseline",
}


def facts(plan: Plan) -> list[Fact]:
    """All of them, in the order in which things happen; a fact without a label belongs to the one above."""
    options = plan.options
    return [
        *_sources(plan),
        *_back(plan),
        *_under("before", map(one_shot_words, options.before)),
        *_preview(plan),
        *_smoke(options.smoke),
        *_way(plan),
        *_gates(plan),
        *_impact(plan),
        *_fast_health(plan),
        *_limits(plan),
        *_under("after", map(one_shot_words, options.after)),
        *_trouble(plan),
        *_origins(plan),
    ]


def _sources(plan: Plan) -> list[Fact]:
    """From which source revision to which, as far as the images say."""
    old, new = (source[:_SOURCE] for source in plan.sources)
    return [("source", f"{old or 'unknown'} → {new or 'unknown'}")] if (old or new) and old != new else []


def capacity(plan: Plan) -> tuple[int, int]:
    """The fewest replicas that serve and the most that run at once, if all goes well.

    A smoke test has one replica beside the others, where the plan has no preview of its own.
    """
    largest = max(plan.sizes, default=0)
    beside = plan.preview or int(plan.options.smoke is not None and not plan.done)
    if plan.order is Order.START_FIRST:
        return plan.slots, plan.slots + max(largest, beside)
    return plan.slots - largest, plan.slots + beside


def _under(label: str, texts: Iterable[str]) -> list[Fact]:
    """The label beside the first of them."""
    return [(label if number == 0 else "", text) for number, text in enumerate(texts)]


def _back(plan: Plan) -> list[Fact]:
    if plan.back is None:
        return []
    what = counted(plan.back, "replica")
    return [("first", f"{what} of a deployment that was left unfinished, back to {short(plan.old_image)}")]


def _preview(plan: Plan) -> list[Fact]:
    if not plan.preview:
        return []
    beside = f"{counted(plan.preview, 'replica')} of the release beside the old ones, which no user meets"
    return [("preview", f"{beside}; gone before the first step")]


def _smoke(shot: OneShot | None) -> list[Fact]:
    if shot is None:
        return []
    return [("smoke test", f"{one_shot_words(shot)}, beside a preview of the release that no user meets")]


def _way(plan: Plan) -> list[Fact]:
    return [
        ("strategy", _strategy(plan.options)),
        ("order", f"{plan.order}: {plan.order_reason}" if plan.order_reason else plan.order),
        ("steps", steps(plan)),
        ("", _steps_list(plan)),
        *_holds(plan),
        ("capacity", _capacity(plan)),
        *_way_back(plan),
    ]


def _strategy(options: Options) -> str:
    """Its name, and what was wished of it; of somebody else's only the name is known."""
    stages = ", ".join(map(str, options.stages))
    known = {
        "rolling": f"batches of {options.batch}",
        "ramp": f"each step twice as large, from {options.batch} on",
        "canary": f"{stages} first, then {options.rest}",
        "blue_green": "all at once, after the whole release has stood beside the old one",
    }
    words = known.get(options.strategy)
    return f"{options.strategy}: {words}" if words else options.strategy


def _steps_list(plan: Plan) -> str:
    """Up to how many slots each step goes."""
    upto = [str(step.upto) for step in plan.steps]
    if len(upto) > 12:
        upto = [*upto[:6], "...", *upto[-3:]]
    return f"on the target after each: {', '.join(upto)} of {plan.slots}"


def _holds(plan: Plan) -> list[Fact]:
    """After which steps it stands still, and for how long."""
    told = [(step.upto, step.hold) for step in plan.steps if step.hold is not None]
    return _under("holds", (f"at {upto} of {plan.slots} {_until(hold)}" for upto, hold in told))


def _until(hold: Hold) -> str:
    if hold.seconds is None:
        return "until somebody runs `rollout promote`, with all gates watching"
    return f"for {duration(hold.seconds)}, with all gates watching; `rollout promote` ends it sooner"


def _capacity(plan: Plan) -> str:
    fewest, most = capacity(plan)
    serving = f"at least {fewest} of {counted(plan.slots, 'replica')} serve"
    dip = plan.slots - fewest
    fewer = f" ({counted(dip, 'replica')} fewer while a batch is replaced)" if dip else ""
    return (
        f"{serving}{fewer}, at most {most} run at once (but for those that drain, commands, and a way back)"
    )


def _way_back(plan: Plan) -> list[Fact]:
    """What going back costs, if anything; replicas that the release itself has cost come on top."""
    fewest = fewest_serving(plan)
    if fewest == plan.slots:
        return []
    serving = f"going back, at least {fewest} of {counted(plan.slots, 'replica')} serve"
    if plan.order is Order.STOP_FIRST:
        return [("", f"{serving}, but for those that the release has brought down")]
    return [("", f"{serving}: where pages are wrong, those that show them stop first")]


def _gates(plan: Plan) -> Sequence[Fact]:
    health = "health: every task of the batch runs (with a HEALTHCHECK: is healthy), and none dies"
    ready = f"ready: they stay up for {duration(plan.options.min_ready)}"
    probes = map(probe_words, plan.options.probes)
    others = (f"{without_secrets(name)}: {gate_words(gate)}" for name, gate in named(plan.options.gates))
    return _under("gates", (health, ready, *probes, *others))


def _impact(plan: Plan) -> list[Fact]:
    """What users meet is measured at the URLs of the HTTP gates."""
    rate = plan.options.impact_rate
    if not plan.options.probes or not rate:
        return []
    return [("impact", f"{rate:g} requests a second to the URLs above measure what users meet meanwhile")]


def _fast_health(plan: Plan) -> list[Fact]:
    """Whether the target asks a starting replica for its health more often than the baseline does."""
    added = [change.after for change in plan.changes if change.path == _START_INTERVAL and change.after]
    if not plan.options.fast_health or not added:
        return []
    return [("fast health", f"a starting replica is asked for its health every {added[0]}")]


def _limits(plan: Plan) -> list[Fact]:
    options = plan.options
    limits = {
        "for a batch to start": options.start_timeout,
        "for a gate to find out anything": options.gate_timeout,
        "to wait for the Swarm": options.progress_timeout,
        "for a rollback": options.rollback_timeout,
        "for the deployment": options.deadline,
    }
    return [
        ("limits", ", ".join(f"{duration(seconds)} {what}" for what, seconds in limits.items())),
        ("bake", f"watched for {duration(options.bake)} more after the last step"),
    ]


def _trouble(plan: Plan) -> list[Fact]:
    options = plan.options
    return [
        ("on failure", _ON_FAILURE[options.on_failure]),
        *_under("on rollback", map(one_shot_words, options.on_rollback)),
        ("when stuck", _ON_STUCK[options.on_stuck]),
        ("on Ctrl-C", _ON_INTERRUPT[options.on_interrupt]),
        ("takes", _takes(plan)),
    ]


def _takes(plan: Plan) -> str:
    """How long, and how that is known: a guess goes by how the present replicas started."""
    if plan.seconds is None:
        return "not known beforehand"
    by = f", judging by {counted(plan.precedents, 'earlier deployment')}" if plan.precedents else ""
    waits = any(step.hold and step.hold.seconds is None for step in plan.steps)
    waits_too = ", and as long as it waits to be promoted" if waits else ""
    return f"about {duration(plan.seconds)}{waits_too}{by}"


def _origins(plan: Plan) -> list[Fact]:
    """Who set what: only what somebody has set."""
    by_hand = [f"{option} by {origin}" for option, origin in plan.origin.items() if origin != _NOBODY]
    return [("set", ", ".join(by_hand))] if by_hand else []
