"""From the watcher's picture to families of metrics. Needs prometheus_client; pure otherwise.

Names follow Prometheus's conventions: base units, ``_total`` for counters, time stamps instead of ages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector

from rollout import spec
from rollout.metrics.source import Source
from rollout.model import Node
from rollout.vigil.naming import name_of
from rollout.vigil.picture import Picture, Role
from rollout.vigil.survey import Survey

Family = CounterMetricFamily | GaugeMetricFamily | SummaryMetricFamily


class WatchCollector(Collector):
    """Makes the metrics of now each time that somebody asks."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def collect(self) -> Iterator[Family]:
        """All families, those without a sample included."""
        picture = self._source.picture()
        yield from _own(picture)
        yield from _messages(self._source)
        yield from _probes(picture)
        yield from _deployments(picture)
        yield from _alerts(picture)
        if picture.survey is not None:
            yield from _services(picture, picture.survey)
            yield from _machines(picture.survey)
            yield from _logins(picture.survey)

    def describe(self) -> Sequence[Family]:
        """Nothing ahead of time: to register it must not ask for a picture."""
        return ()


def _own(picture: Picture) -> Iterator[Family]:
    yield _gauge(
        "rollout_watch_active",
        "Whether this watcher tells: 0 where it stands by.",
        picture.role == Role.ACTIVE,
    )
    yield _gauge(
        "rollout_watch_engine_up",
        "Whether the last look at the Swarm succeeded.",
        not picture.trouble and picture.looks > 0,
    )
    yield _gauge(
        "rollout_watch_last_look_timestamp_seconds",
        "When a look at the Swarm last succeeded.",
        picture.looked,
    )
    seconds = picture.survey.seconds if picture.survey else 0.0
    yield _gauge("rollout_watch_look_duration_seconds", "How long the last look took.", seconds)
    looks = CounterMetricFamily("rollout_watch_looks", "Looks at the Swarm.", labels=["result"])
    looks.add_metric(["success"], picture.looks)
    looks.add_metric(["failure"], picture.failures)
    yield looks


def _messages(source: Source) -> Iterator[Family]:
    sent = CounterMetricFamily(
        "rollout_watch_messages", "Messages by what became of them.", labels=["channel", "result"]
    )
    waiting = GaugeMetricFamily(
        "rollout_watch_messages_waiting", "Messages that are not delivered yet.", labels=["channel"]
    )
    for lane in source.lanes():
        sent.add_metric([lane.channel.name, "delivered"], lane.delivered)
        sent.add_metric([lane.channel.name, "failed"], lane.failed)
        sent.add_metric([lane.channel.name, "dropped"], lane.dropped)
        waiting.add_metric([lane.channel.name], len(lane.waiting))
    yield sent
    yield waiting


def _services(picture: Picture, survey: Survey) -> Iterator[Family]:
    label = ["service"]
    wanted = GaugeMetricFamily("rollout_service_replicas_wanted", "Replicas that should run.", labels=label)
    running = GaugeMetricFamily("rollout_service_replicas_running", "Replicas with a process.", labels=label)
    healthy = GaugeMetricFamily(
        "rollout_service_replicas_healthy",
        "Replicas that run and, with a health check, are healthy.",
        labels=label,
    )
    busy = GaugeMetricFamily("rollout_service_deploying", "Whether somebody is deploying it.", labels=label)
    restarts = CounterMetricFamily(
        "rollout_service_restarts", "Tasks that ended by themselves.", labels=label
    )
    image = GaugeMetricFamily(
        "rollout_service_info", "The image that is wanted.", labels=["service", "image"]
    )
    deployed = picture.mind.history.busy if picture.mind else {}
    counted = picture.mind.history.restarts if picture.mind else {}
    for one in survey.standings:
        wanted.add_metric([one.name], one.wanted)
        running.add_metric([one.name], one.started)
        healthy.add_metric([one.name], one.healthy)
        busy.add_metric([one.name], one.id in deployed)
        restarts.add_metric([one.name], counted.get(one.id, 0))
        image.add_metric([one.name, spec.image(one.service.spec).short], 1)
    yield from (wanted, running, healthy, busy, restarts, image)


def _deployments(picture: Picture) -> Iterator[Family]:
    ended = CounterMetricFamily(
        "rollout_deployments", "Deployments on record by how they ended.", labels=["service", "outcome"]
    )
    took = SummaryMetricFamily(
        "rollout_deployment_duration_seconds", "How long deployments took.", labels=["service"]
    )
    good = GaugeMetricFamily(
        "rollout_deployment_last_success_timestamp_seconds", "When one last succeeded.", labels=["service"]
    )
    for tally in (one for one in picture.tallies.values() if one.outcomes):
        for outcome, number in tally.outcomes.items():
            ended.add_metric([tally.service, outcome], number)
        took.add_metric([tally.service], tally.timed, tally.seconds)
        if tally.last_good is not None:
            good.add_metric([tally.service], tally.last_good)
    yield from (ended, took, good)


def _probes(picture: Picture) -> Iterator[Family]:
    label = ["probe"]
    success = GaugeMetricFamily("rollout_probe_success", "Whether the last answer was right.", labels=label)
    took = GaugeMetricFamily("rollout_probe_duration_seconds", "How long the last answer took.", labels=label)
    asked = CounterMetricFamily("rollout_probe_requests", "Answers.", labels=["probe", "result"])
    for probe, streak in picture.probes:
        name = name_of(probe)
        asked.add_metric([name, "success"], streak.good)
        asked.add_metric([name, "failure"], streak.bad)
        if streak.last is not None:
            success.add_metric([name], streak.last.ok)
            took.add_metric([name], streak.last.seconds)
    yield from (success, took, asked)


def _alerts(picture: Picture) -> Iterator[Family]:
    found = GaugeMetricFamily(
        "rollout_alert", "Alerts that somebody was told of.", labels=["kind", "subject", "level"]
    )
    table = picture.mind.table if picture.mind else {}
    for alert in table.values():
        if alert.open:
            found.add_metric([str(alert.lead.ailment), alert.lead.name, str(alert.lead.level)], 1)
    yield found


def _machines(survey: Survey) -> Iterator[Family]:
    up = GaugeMetricFamily(
        "rollout_node_up", "Whether the managers hear from a node.", labels=["node", "role"]
    )
    managers = [node for node in survey.nodes.values() if node.manager]
    for node in _best(survey.nodes.values()):
        up.add_metric([node.hostname, "manager" if node.manager else "worker"], not node.gone)
    yield up
    there = sum(_counts(node) for node in managers)
    yield _gauge("rollout_managers", "Managers of the Swarm.", len(managers))
    yield _gauge("rollout_managers_reachable", "Those that can be reached.", there)
    yield _gauge("rollout_managers_quorum", "As many as have to be.", len(managers) // 2 + 1)


def _best(nodes: Iterable[Node]) -> Iterable[Node]:
    """One entry a host name: a machine that has joined anew leaves its old one behind."""
    return {node.hostname: node for node in sorted(nodes, key=lambda one: not one.gone)}.values()


def _logins(survey: Survey) -> Iterator[Family]:
    ends = GaugeMetricFamily(
        "rollout_login_expiry_timestamp_seconds", "When a registry's login ends.", labels=["registry"]
    )
    for found in survey.logins:
        if found.expires is not None:
            ends.add_metric([found.registry], found.expires.timestamp())
    yield ends


def _counts(node: Node) -> bool:
    return node.reachable and not node.gone


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))
