"""What has to be remembered from look to look: deaths, what was quiet, what ran where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rollout import pacing, spec
from rollout.model import Service, Task, TaskState, Vigil
from rollout.state.holder import is_dead
from rollout.state.lease import TTL
from rollout.state.tenure import Glimpse
from rollout.vigil.survey import Standing, Survey, restart_condition

_UPDATING = frozenset({"updating", "rollback_started"})
_MOMENT = 3.0
"""Seconds within which deaths are one event."""
_SLACK = 2.0
"""Seconds after a deployment in which a task may still die of it: clocks of nodes differ a little."""


@dataclass(frozen=True)
class Death:
    """A task that ended by itself, ``at`` on the watcher's clock. One that is ``excused`` blames nobody."""

    task: Task
    at: float
    excused: bool = False


@dataclass(frozen=True)
class History:
    """By service: ``deaths`` within the window, all ``restarts`` since the watcher began, ``settling`` since
    when Swarm itself is changing it or it is new, ``locks`` as they were seen to change, ``busy`` since when
    somebody deploys it and gives signs of life, ``quieted`` when it was last quiet for one of these reasons.

    ``known`` are the services of the look before (None before the first), ``young`` those among them that
    are new and have not been whole yet. ``silenced`` are those whose troubles a deployment explains now.
    ``outages`` is when a node was last seen down. ``places`` has for each node the
    services that ran there when it was last seen up.
    """

    deaths: Mapping[str, tuple[Death, ...]] = field(default_factory=dict)
    restarts: Mapping[str, int] = field(default_factory=dict)
    settling: Mapping[str, float] = field(default_factory=dict)
    locks: Mapping[str, Glimpse] = field(default_factory=dict)
    busy: Mapping[str, float] = field(default_factory=dict)
    quieted: Mapping[str, float] = field(default_factory=dict)
    known: frozenset[str] | None = None
    young: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    outages: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def recent(self, service_id: str) -> tuple[Death, ...]:
        """The deaths that count: of those at the same moment, as when an engine restarts, only one."""
        counted: list[Death] = []
        for death in sorted(self.deaths.get(service_id, ()), key=lambda one: one.at):
            if not death.excused and (not counted or death.at - counted[-1].at > _MOMENT):
                counted.append(death)
        return tuple(counted)


def remember(before: History, survey: Survey, vigil: Vigil) -> History:
    """The history after one more look."""
    young = _young(before, survey)
    settling, locks = _settling(before, survey, young), _locks(before, survey)
    busy = _busy(before, locks, survey.at)
    silent = _silenced(survey, settling, busy, vigil)
    quieted = {
        **{key: at for key, at in before.quieted.items() if survey.at - at < vigil.restart_window},
        **dict.fromkeys(silent, survey.at),
    }
    outages = _outages(before, survey, vigil)
    deaths = {
        one.id: found
        for one in survey.standings
        if (found := _deaths(before, one, survey, _Excuse(quieted.get(one.id), outages), vigil))
    }
    return History(
        deaths,
        _restarts(before, deaths, survey),
        settling,
        locks,
        busy,
        quieted,
        frozenset(one.id for one in survey.standings),
        young,
        silent,
        outages,
        _places(before, survey),
    )


def _silenced(
    survey: Survey, settling: Mapping[str, float], busy: Mapping[str, float], vigil: Vigil
) -> frozenset[str]:
    """Those that somebody deploys, and, for a while, those that Swarm is changing.

    Who deploys for very long waits for something, and does not explain why no replica is left.
    """
    return frozenset(
        one.id
        for one in survey.standings
        if (one.id in busy and not (one.dead and survey.at - busy[one.id] >= vigil.deploying_for))
        or (one.id in settling and survey.at - settling[one.id] < vigil.update_grace)
    )


def _locks(before: History, survey: Survey) -> dict[str, Glimpse]:
    """Each lock and when it was seen to change: by our own clock, but for one that we see for the first time.

    Stamps are the leader's, whose clock need not be that of the manager that we ask.
    """
    return {
        one.id: Glimpse.after(before.locks[one.id], one.lock.entry, survey.at)
        if one.id in before.locks
        else Glimpse(one.lock.entry, survey.at - one.lock.silent(survey.now))
        for one in survey.standings
        if one.lock is not None
    }


def _busy(before: History, locks: Mapping[str, Glimpse], at: float) -> dict[str, float]:
    """What somebody deploys, whose lock gives signs of life."""
    return {key: before.busy.get(key, at) for key, seen in locks.items() if _lives(seen, at)}


def _lives(seen: Glimpse, at: float) -> bool:
    return at - seen.since <= TTL and not is_dead(seen.entry.labels.get("rollout.process", ""))


def _young(before: History, survey: Survey) -> frozenset[str]:
    """Services that have come since the first look, until they are whole for the first time."""
    if before.known is None:
        return frozenset()
    return frozenset(
        one.id
        for one in survey.standings
        if one.short and (one.id in before.young or one.id not in before.known)
    )


def _settling(before: History, survey: Survey, young: frozenset[str]) -> dict[str, float]:
    """What is young, and what Swarm itself is changing: a release of ours is not its own update."""
    return {
        one.id: before.settling.get(one.id, survey.at - _updated_for(one, survey.now))
        for one in survey.standings
        if one.id in young or _updates_itself(one.service)
    }


def _updates_itself(service: Service) -> bool:
    return service.update_state in _UPDATING and not pacing.is_paced(service.spec)


def _updated_for(one: Standing, now: datetime) -> float:
    """Seconds for which Swarm has been changing it already, whoever looked."""
    return seconds_since(one.service.update_began, now) if _updates_itself(one.service) else 0.0


def _outages(before: History, survey: Survey, vigil: Vigil) -> dict[str, float]:
    """A node that comes back reports what died with it: that was long replaced, and is no news."""
    recent = {key: at for key, at in before.outages.items() if survey.at - at < vigil.restart_window}
    return recent | {key: survey.at for key, node in survey.nodes.items() if node.gone}


@dataclass(frozen=True)
class _Excuse:
    """Why a task may die without blaming anybody: a deployment, until then, or its node."""

    quieted: float | None
    outages: Mapping[str, float]

    def has(self, task: Task, at: float) -> bool:
        """Whether a task that died then is excused."""
        return task.node_id in self.outages or (self.quieted is not None and at <= self.quieted + _SLACK)


def _deaths(
    before: History, one: Standing, survey: Survey, excuse: _Excuse, vigil: Vigil
) -> tuple[Death, ...]:
    known = before.deaths.get(one.id, ())
    kept = tuple(death for death in known if survey.at - death.at < vigil.restart_window)
    if not one.past:
        return kept
    there = {death.task.id for death in known}
    born = (task for task in one.past if task.id not in there and died(task, one.service))
    made = (_death(task, survey, excuse) for task in born)
    fresh = (death for death in made if survey.at - death.at < vigil.restart_window)
    return (*kept, *fresh)


def died(task: Task, service: Service) -> bool:
    """Whether a task of the present image ended by itself, and not because its work was done."""
    done = task.state == TaskState.COMPLETE and restart_condition(service) != "any"
    return task.died and not done and task.image == spec.image(service.spec)


def _death(task: Task, survey: Survey, excuse: _Excuse) -> Death:
    at = survey.at - age(task, survey.now)
    return Death(task, at, excuse.has(task, at))


def age(task: Task, now: datetime) -> float:
    """For how many seconds a task has been in its state, by the engine's clock."""
    return seconds_since(task.since, now)


def seconds_since(stamp: str, now: datetime) -> float:
    """Seconds since a time stamp; 0 for one that makes no sense."""
    try:
        return max(0.0, (now - datetime.fromisoformat(stamp)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _restarts(before: History, deaths: Mapping[str, tuple[Death, ...]], survey: Survey) -> dict[str, int]:
    """Counters do not go back while a service is there; what died before the watcher came is not counted."""
    there = {one.id for one in survey.standings}
    counted = {key: number for key, number in before.restarts.items() if key in there}
    if before.known is not None:
        for key, found in deaths.items():
            old = {death.task.id for death in before.deaths.get(key, ())}
            new = sum(death.task.id not in old for death in found)
            counted[key] = counted.get(key, 0) + new
    return counted


def _places(before: History, survey: Survey) -> dict[str, frozenset[str]]:
    """Of a node that was down when it was seen first, by the tasks there of whose end nobody has heard."""
    here: dict[str, set[str]] = {key: set() for key in survey.nodes}
    for one in survey.standings:
        unheard = (task for task in one.past if task.state <= TaskState.RUNNING)
        for task in (*one.tasks, *unheard):
            if task.node_id in here:
                here[task.node_id].add(one.id)
    return {
        key: before.places.get(key, frozenset(here[key])) if node.gone else frozenset(here[key])
        for key, node in survey.nodes.items()
    }
