"""Plans in files: written by ``rollout plan --out``, carried out by ``rollout deploy --plan`` or refused.

A file holds what was asked for and what was planned, so that the plan can be made again and compared. Values
that may be secrets are not in it: of specs, gates and hooks it has seals only (``rollout.planfile.seals``).
"""

from __future__ import annotations

from rollout.planfile.comparing import Agreement, differences
from rollout.planfile.document import PlanFile, agreed
from rollout.planfile.files import load, save
from rollout.planfile.wanted import Wanted

__all__ = ["Agreement", "PlanFile", "Wanted", "agreed", "differences", "load", "save"]
