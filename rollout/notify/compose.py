"""From how a deployment went to a message. Pure: the time of day is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from rollout.errors import ExitCode, RolloutError
from rollout.model import Level, Message, Occasion, Outcome, OutcomeKind, Plan
from rollout.notify import clean
from rollout.render import names, users
from rollout.render.fields import error_fields, image_fields, outcome_fields, snake
from rollout.render.outcome import headline, next_step
from rollout.render.text import duration, safe
from rollout.state.holder import Holder

_Facts: TypeAlias = tuple[tuple[str, str], ...]

_LEVELS = {
    Occasion.STARTED: Level.INFO,
    Occasion.DEPLOYED: Level.SUCCESS,
    Occasion.UNCHANGED: Level.INFO,
    Occasion.ROLLED_BACK: Level.WARNING,
    Occasion.ABORTED: Level.INFO,
    Occasion.HELD: Level.WARNING,
    Occasion.REFUSED: Level.WARNING,
    Occasion.FAILED: Level.FAILURE,
}
_BY_EXIT_CODE = {ExitCode.REFUSED: Occasion.REFUSED, ExitCode.FAILED: Occasion.FAILED}


def occasion_of(outcome: Outcome) -> Occasion:
    """The occasion that an outcome is."""
    return Occasion(snake(outcome.kind))


def occasion_of_error(error: RolloutError) -> Occasion | None:
    """The occasion that an error is. None for a mistyped command, and for a lock: its holder will tell."""
    return _BY_EXIT_CODE.get(error.exit_code)


@dataclass(frozen=True)
class Composer:
    """Writes messages in the name of whoever deploys; ``at`` is the time of day, UTC."""

    who: Holder
    at: datetime

    def started(self, plan: Plan) -> Message:
        """A deployment begins."""
        service = safe(plan.service.name)
        facts = (
            ("service", service),
            ("change", names.images(plan.old_image, plan.new_image)),
            *_sender(self.who),
            ("plan", names.steps(plan)),
        )
        images = {**image_fields("old", plan.old_image), **image_fields("new", plan.new_image)}
        title = f"started: {service} is to run {names.short(plan.new_image)}"
        return self._message(Occasion.STARTED, title, facts, {"service": service, **images})

    def ended(self, outcome: Outcome) -> Message:
        """A deployment has ended, in whichever way."""
        told = clean.outcome(outcome)
        facts = (
            ("service", safe(told.service)),
            ("change", names.images(told.old_image, told.new_image)),
            *_sender(self.who),
            *_why(told),
            ("took", _took(told)),
            ("users", users.sentence(told.impact) if told.impact else ""),
        )
        title, _ = headline(told)
        log = told.cause.log if told.cause else ()
        details = {"service": safe(told.service), "outcome": outcome_fields(told)}
        return self._message(occasion_of(told), title, facts, details, log, next_step(told))

    def stopped(self, error: RolloutError, service: str, occasion: Occasion) -> Message:
        """An error has ended a deployment, as a rule before anything was touched."""
        name, reason, hint = safe(service), clean.sentence(error.message), clean.sentence(error.hint)
        title, advice = f"refused: {name} was not touched", ""
        if occasion is Occasion.FAILED:
            title, advice = f"FAILED: {name} NEEDS SOMEONE NOW", f"look at it with `rollout status {name}`"
        facts = (("service", name), *_sender(self.who), ("why", reason))
        told = {**error_fields(error), "sentence": reason, "hint": hint}
        del told["event"]
        return self._message(occasion, title, facts, {"service": name, "error": told}, (), hint or advice)

    def trial(self) -> Message:
        """A message to see whether messages arrive."""
        facts = _filled(_sender(self.who))
        next_step = "nothing: `rollout notify test` has sent this"
        title = "test: this is where rollout tells how deployments went"
        return Message("test", Level.INFO, title, self._time(), facts, (), next_step, self._sender_fields())

    def _message(
        self,
        occasion: Occasion,
        title: str,
        facts: _Facts,
        details: Mapping[str, Any],
        log: tuple[str, ...] = (),
        next_step: str = "",
    ) -> Message:
        about = {**self._sender_fields(), **details}
        level = _LEVELS[occasion]
        return Message(occasion, level, title, self._time(), _filled(facts), log, next_step, about)

    def _sender_fields(self) -> dict[str, str | None]:
        return {name: text or None for name, text in _sender(self.who)}

    def _time(self) -> str:
        return self.at.isoformat(timespec="milliseconds")


def _filled(facts: _Facts) -> _Facts:
    return tuple((name, text) for name, text in facts if text)


def _sender(who: Holder) -> _Facts:
    return (
        ("who", safe(who.who)),
        ("pipeline", clean.sentence(who.pipeline)),
        ("commit", safe(who.commit)),
    )


def _why(outcome: Outcome) -> _Facts:
    cause = outcome.cause
    if cause is None:
        return ()
    place = names.where(outcome.service, cause.slot, cause.node) if cause.slot else safe(cause.node)
    error = "" if cause.error == cause.sentence else cause.error
    return (("why", cause.sentence), ("where", place), ("error", error))


def _took(outcome: Outcome) -> str:
    took = duration(outcome.seconds)
    if outcome.kind is not OutcomeKind.ROLLED_BACK or outcome.rollback_seconds is None:
        return took
    return f"{took}, the way back {duration(outcome.rollback_seconds)}"
