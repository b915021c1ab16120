"""What would make a deployment drop requests or fail, found before anything is touched.

One check a function, from facts to words or nothing; ``CHECKS`` is all of them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rollout.model import Finding, Options, Severity
from rollout.preflight import capacity, health, images, network, nodes, standing, stopping, strategies
from rollout.preflight.capacity import never_beside
from rollout.preflight.check import Check
from rollout.preflight.facts import Facts

CHECKS: tuple[Check, ...] = (
    *health.CHECKS,
    *stopping.CHECKS,
    *capacity.CHECKS,
    *images.CHECKS,
    *standing.CHECKS,
    *network.CHECKS,
    *nodes.CHECKS,
    *strategies.CHECKS,
)
ALL = "all"
"""Stands for every code where codes are accepted."""
BINDING = frozenset({never_beside.code})
"""Nobody can accept these: what they find is not a risk, but could only be carried out as an outage."""


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, the worst first; the accepted ones are marked, and strictness makes warnings errors."""
    found = (check.finding(facts) for check in CHECKS)
    weighed = [weigh(finding, facts.options) for finding in found if finding is not None]
    return tuple(sorted(weighed, key=lambda finding: list(Severity).index(finding.severity)))


def weigh(finding: Finding, options: Options) -> Finding:
    """The finding as the options take it."""
    accepted = finding.code not in BINDING and not {finding.code, ALL}.isdisjoint(options.ignore_checks)
    strict = options.strict and finding.severity == Severity.WARNING
    severity = Severity.ERROR if strict else finding.severity
    return replace(finding, severity=severity, accepted=accepted)


def accept_errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings for someone who goes on whatever they are."""
    return tuple(replace(one, accepted=one.accepted or one.refuses) for one in findings)


def refusing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those because of which the deployment must not begin."""
    return tuple(finding for finding in findings if finding.refuses)
