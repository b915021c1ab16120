"""Manual: somebody has a look, and says so."""

from __future__ import annotations

from rollout.model import Judgement, Verdict


def judge(promoted: bool) -> Judgement:
    """Judge by whether somebody has run ``rollout promote``. Nobody does so for a bad release: no fail."""
    if promoted:
        return Judgement(Verdict.PASS, "promoted")
    return Judgement(Verdict.INCONCLUSIVE, "waits for `rollout promote`")
