"""Whether a plan is still the one that was agreed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rollout.errors import Refused
from rollout.model import Plan
from rollout.planfile.document import PlanFile, facts
from rollout.planfile.seals import contents, sealed
from rollout.untrusted import plain

_FOLLOW = ("the baseline", "the target")
"""These differ wherever something else does: worth a word only by themselves."""


@dataclass(frozen=True)
class Agreement:
    """A plan in a file, as it is held against the plan that would be carried out now."""

    file: PlanFile
    name: str

    def hold(self, plan: Plan) -> None:
        """Raise Refused, with what differs, unless the plan is the one in the file."""
        found = differences(self.file, plan)
        if found:
            raise Refused(
                f"the plan in {self.name}, made {plain(self.file.made)}, is not what would be done now: "
                + "; ".join(found),
                _way_out(self.file, plan),
            )


def differences(file: PlanFile, plan: Plan) -> tuple[str, ...]:
    """What is not as it was planned, a clause each."""
    return (*_in_facts(file.facts, facts(plan)), *_in_seals(file, plan))


def _in_facts(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{plain(name)}: planned {_shown(then.get(name))}, now {_shown(now.get(name))}"


def _in_seals(file: PlanFile, plan: Plan) -> list[str]:
    now = {name: sealed(text, file.salt) for name, text in contents(plan).items()}
    names = [name for name in sorted(file.seals.keys() | now.keys()) if file.seals.get(name) != now.get(name)]
    telling = [name for name in names if name not in _FOLLOW]
    consequences_only = facts(plan) == dict(file.facts)
    return [f"{plain(name)}: changed" for name in (telling or names * consequences_only)]


def _shown(value: Any) -> str:
    """A fact in a sentence; a step is told by how far it goes."""
    if isinstance(value, list):
        value = ", ".join(str(item.get("upto", item) if isinstance(item, dict) else item) for item in value)
    return "nothing" if value in (None, "") else plain(str(value))


def _way_out(file: PlanFile, plan: Plan) -> str:
    service = plan.service.name
    missing = " and ".join(f"--{name.replace('_', '-')}" for name in file.wanted.withheld)
    again = f"; it keeps no secrets: give {missing} again if that is all" if missing else ""
    return f"`rollout plan {service} --out FILE` makes a new one{again}"
