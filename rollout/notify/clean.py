"""Takes secrets and escapes out of what is sent: it leaves the house, and stays in chats for years. Pure."""

from __future__ import annotations

from dataclasses import replace

from rollout.model import Cause, Outcome
from rollout.render.text import log_line, safe
from rollout.secrets import without_secrets, without_secrets_of_logs

MOST_LINES = 12
LONGEST_LINE = 300
_SEARCHED = 4 * LONGEST_LINE
"""So much of a line is searched for secrets; what is behind is not sent."""


def sentence(text: str) -> str:
    """A sentence on one line; one paragraph of several is drawn together."""
    return without_secrets(safe(text))


def log(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The last lines of a log, each cut to a length that a chat can show."""
    return tuple(_line(line) for line in lines[-MOST_LINES:])


def outcome(found: Outcome) -> Outcome:
    """An outcome without secrets in what others have said."""
    cause = _cause(found.cause) if found.cause else None
    impact = found.impact and replace(found.impact, errors=tuple(map(sentence, found.impact.errors)))
    return replace(found, cause=cause, impact=impact, hint=sentence(found.hint))


def _cause(cause: Cause) -> Cause:
    error = without_secrets_of_logs(safe(cause.error))
    return replace(cause, sentence=sentence(cause.sentence), error=error, log=log(cause.log))


def _line(text: str) -> str:
    kept = without_secrets_of_logs(log_line(text[:_SEARCHED]))
    return kept if len(kept) <= LONGEST_LINE else kept[: LONGEST_LINE - 1] + "…"
