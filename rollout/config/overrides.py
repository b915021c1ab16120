"""What a service's table has for an image that lacks it: health check, stop signal, grace period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rollout import durations
from rollout.config import values
from rollout.config.errors import Place, Problem, Unfit
from rollout.config.inner import Inner
from rollout.config.shapes import Field, Shape, fill
from rollout.config.wording import shown
from rollout.model import Healthcheck, Overrides

HEALTHCHECK_KEY = "healthcheck"
_TIME = replace(values.SOME_TIME, show=lambda given: durations.format(given) if given else "the image's")
_GRACE = replace(
    values.DURATION, show=lambda given: "the service's" if given is None else durations.format(given)
)


def _healthcheck(**given: object) -> Healthcheck:
    made = Healthcheck(**given)  # type: ignore[arg-type]
    if made == Healthcheck():
        raise Unfit("sets nothing")
    return made


HEALTHCHECK = Shape(
    "a health check",
    Healthcheck,
    (
        Field("test", values.HEALTH_TEST, "What is run in the container; it is well if that ends with 0."),
        Field("interval", _TIME, "How often."),
        Field("timeout", _TIME, "How long one may take."),
        Field(
            "retries", values.RETRIES, "How many in a row have to fail until the replica counts as unhealthy."
        ),
        Field("start_period", _TIME, "How long failures do not count after the start."),
    ),
)
CONTAINER = Shape(
    "a service",
    Overrides,
    (
        Field("stop_signal", values.SIGNAL, "The signal that asks a replica to stop."),
        Field("stop_grace_period", _GRACE, "How long it may take to stop until it is killed."),
    ),
)
OVERRIDES = (*(one.name for one in CONTAINER.fields), HEALTHCHECK_KEY)
"""The keys of a service's table that are read here."""


def read_overrides(table: Mapping[str, object], service: str, place: Place) -> Inner:
    """The overrides in the table of a service."""
    own = {name: found for name, found in table.items() if name in OVERRIDES and name != HEALTHCHECK_KEY}
    container = fill(CONTAINER, own, f"[services.{service}]", place)
    health = _read_health(table, service, place)
    problems = (*container.problems, *health.problems)
    if problems or not (own or health.by_option):
        return Inner(problems=problems)
    return Inner({"overrides": replace(container.value, **health.by_option)})


def _read_health(table: Mapping[str, object], service: str, place: Place) -> Inner:
    if HEALTHCHECK_KEY not in table:
        return Inner()
    found, where = table[HEALTHCHECK_KEY], f"[services.{service}.{HEALTHCHECK_KEY}]"
    if not isinstance(found, dict):
        said = f"{HEALTHCHECK_KEY} in [services.{service}] is {shown(found)}, not a table: write {where}"
        return Inner(problems=(Problem(said, (*place, HEALTHCHECK_KEY)),))
    filled = fill(replace(HEALTHCHECK, build=_healthcheck), found, where, (*place, HEALTHCHECK_KEY))
    return Inner(problems=filled.problems) if filled.problems else Inner({HEALTHCHECK_KEY: filled.value})
