"""The last words of the tasks that news are about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rollout.errors import RolloutError
from rollout.model import News, NewsKind
from rollout.ports import Background, Clock, Swarm
from rollout.secrets import without_secrets_of_logs

LOGS = 3
"""Tasks whose last words are asked for after one look: the rest are counted, not quoted."""
LOG_LINES = 12
LONGEST_LINE = 1000
LOG_SECONDS = 3.0
_QUOTED = frozenset({NewsKind.BEGAN, NewsKind.WORSE})


def last_words(
    news: Sequence[News], swarm: Swarm, background: Background, clock: Clock
) -> dict[str, tuple[str, ...]]:
    """By the key of their alert; all at the same time: a node that has gone silent would make each wait."""
    speakers = [one.alert for one in news if one.kind in _QUOTED and one.alert.lead.task_id][:LOGS]
    asked = {alert.key: background.begin(partial(_log, swarm, alert.lead.task_id)) for alert in speakers}
    until = clock.now() + LOG_SECONDS
    while clock.now() < until and any(one.result() is None for one in asked.values()):
        clock.sleep(0.02)
    return {key: one.result() or () for key, one in asked.items()}


def _log(swarm: Swarm, task_id: str) -> tuple[str, ...]:
    """What stands in a log by a secret's name is left out: our own output is a log that others read."""
    try:
        lines = swarm.logs(task_id, LOG_LINES)
    except RolloutError:
        return ()
    return tuple(without_secrets_of_logs(line[:LONGEST_LINE]) for line in lines)
