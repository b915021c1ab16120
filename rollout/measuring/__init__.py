"""Gates at work during one step: each kind measures through the ports and lets its pure judge decide."""

from __future__ import annotations

from rollout.measuring.assembly import Assembly
from rollout.measuring.baseline import Baselines, judge_restored, measure_baselines
from rollout.measuring.http_run import HttpRun
from rollout.measuring.run import Run

__all__ = ["Assembly", "Baselines", "HttpRun", "Run", "judge_restored", "measure_baselines"]
