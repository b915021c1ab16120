"""``[watch]`` and ``[[watch.probes]]``: how services are watched between deployments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rollout.config import values
from rollout.config.errors import Place, Problem, Unfit
from rollout.config.shapes import Field, Filled, Shape, fill
from rollout.model import Vigil, WatchProbe

SHORTEST = 1.0
"""Seconds between two requests of a probe."""
LONGEST_TIMEOUT = 10.0
MOST_PROBES = 100
_PLACE: Place = ("watch",)


def _vigil(**fields: Any) -> Vigil:
    made = Vigil(**fields)
    if made.urls and made.urls_file:
        raise Unfit("has both urls and urls_file: keep one of them")
    return made


def _probe(**fields: Any) -> WatchProbe:
    probe = WatchProbe(**fields)
    if probe.method == "HEAD" and probe.expect_body:
        raise Unfit("expects a body, but an answer to HEAD has none")
    if urlsplit(probe.url).query and not probe.name:
        raise Unfit("has a url with a query, which may hold a secret: give it a name to be called by")
    if probe.timeout > LONGEST_TIMEOUT:
        raise Unfit(f"has a timeout above {LONGEST_TIMEOUT:g}s: whoever waits so long is gone")
    if probe.every < SHORTEST:
        raise Unfit(f"has an every below {SHORTEST:g}s")
    return probe


WATCH = Shape(
    "the watch",
    _vigil,
    (
        Field("every", values.PACE, "The time between two looks."),
        Field("services", values.SERVICES, "The services that are watched, by name."),
        Field("labels", values.LABELS, "Labels that a service has to have to be watched."),
        Field("replicas_for", values.DURATION, "How long replicas may be missing until it is told."),
        Field("restarts", values.COUNT, "How many times tasks may end by themselves; that many are told."),
        Field("restart_window", values.SOME_TIME, "Within which time they have to end for that."),
        Field("stuck_for", values.SOME_TIME, "How long a task may stay pending, starting or unhealthy."),
        Field("node_for", values.DURATION, "How long a node may be down; Swarm itself waits before for 15s."),
        Field("abandoned_for", values.DURATION, "How long nobody may be at work on an open deployment."),
        Field("held_for", values.DURATION, "How long a deployment may be held until that is told again."),
        Field("update_grace", values.DURATION, "How long an update of Swarm's own explains what is missing."),
        Field(
            "deploying_for", values.DURATION, "How long a deployment explains that no replica is left at all."
        ),
        Field("engine_for", values.DURATION, "How long the Swarm may not answer."),
        Field("login_left", values.DURATION, "How long before its end a login is told of."),
        Field("calm", values.DURATION, "How long all has to be well until it is told that it is over."),
        Field("remind", values.DURATION, "After which time it is told again what still is wrong; 0: never."),
        Field(
            "on_abandoned", values.ON_ABANDONED, "Whether an abandoned deployment is taken back or up again."
        ),
        Field("listen", values.LISTEN, "Where `/metrics` and `/healthz` are served."),
        Field("urls", values.ADDRESSES, "Who is told: as in `[notify]`, whose urls they replace."),
        Field("urls_file", values.FILE, "The file with these addresses instead, one a line."),
    ),
)

PROBE = Shape(
    "a probe",
    _probe,
    (
        Field("url", values.URL, "The address that has to answer.", required=True),
        Field("name", values.CALLED, "What it is called."),
        Field("method", values.METHOD, "How it is asked; there is no body to send."),
        Field("headers", values.HEADERS, "Header fields to send, such as `Host`."),
        Field("timeout", values.SOME_TIME, "How long an answer may take: 10s at most."),
        Field("expect_status", values.STATUS, "The status that the answer has to have."),
        Field("expect_body", values.REGEX, "What the page has to contain."),
        Field("expect_headers", values.REGEXES, "What the values of its header fields have to contain."),
        Field("every", values.SOME_TIME, "The time between two requests: 1s at least."),
        Field("failures", values.COUNT, "Wrong answers in a row that are told."),
        Field("successes", values.COUNT, "Right ones in a row until it is over."),
    ),
)


def read_watch(found: Mapping[str, Any]) -> Filled:
    """The table's value, its probes included."""
    filled = fill(WATCH, {key: found[key] for key in found if key != "probes"}, "[watch]", _PLACE)
    probes = _probes(found.get("probes", []))
    problems = (*filled.problems, *(problem for probe in probes for problem in probe.problems))
    if problems:
        return Filled(problems=problems)
    return Filled(replace(filled.value, probes=tuple(probe.value for probe in probes)))


def _probes(found: object) -> list[Filled]:
    place: Place = (*_PLACE, "probes")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        said = "probes in [watch] is no array of tables: write [[watch.probes]]"
        return [Filled(problems=(Problem(said, place),))]
    if len(found) > MOST_PROBES:
        return [Filled(problems=(Problem(f"[watch] has more than {MOST_PROBES} probes", place),))]
    read = [fill(PROBE, one, f"probe {n} of [watch]", (*place, n - 1)) for n, one in enumerate(found, 1)]
    return [*read, *_twice([one.value for one in read if one.value], place)]


def _twice(probes: list[WatchProbe], place: Place) -> list[Filled]:
    """Two probes of the same name could not be told apart; an address may hold a secret."""
    if len({probe.called for probe in probes}) == len(probes):
        return []
    return [Filled(problems=(Problem("two probes of [watch] are called alike: name them", place),))]
