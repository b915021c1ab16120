"""What would make a deployment drop requests or fail, found before anything is touched.

One check a function, from facts to a finding or nothing; ``CHECKS`` is all of them.
"""

from __future__ import annotations

from rollout.model import Finding
from rollout.preflight.checks import CHECKS
from rollout.preflight.facts import Facts


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, in the order of the checks."""
    findings = (check(facts) for check in CHECKS)
    return tuple(finding for finding in findings if finding is not None)
