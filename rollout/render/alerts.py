"""Alerts in words: a headline, lines for a person, fields for programs, a table of what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rollout.model import Concern, Condition, Level, News, NewsKind
from rollout.render.fields import Fields
from rollout.render.tables import Cells, aligned
from rollout.render.text import Line, Span, Style, duration, line, log_line, safe

_STYLES = {
    Level.INFO: Style.PLAIN,
    Level.SUCCESS: Style.GOOD,
    Level.WARNING: Style.WARN,
    Level.FAILURE: Style.BAD,
}
_GLYPHS = {
    NewsKind.BEGAN: "✗",
    NewsKind.WORSE: "✗",
    NewsKind.REMINDER: "●",
    NewsKind.OVER: "✓",
}
_SPEAKS_FOR_ITSELF = frozenset({Concern.NODE, Concern.MANAGERS, Concern.LOGIN, Concern.ENGINE})
"""Concerns whose sentence names its subject."""
HEAD = ("what", "name", "level", "condition", "why")


def said(condition: Condition) -> str:
    """A condition with its subject, on one line."""
    sentence, name = safe(condition.sentence), safe(condition.name)
    return sentence if condition.concern in _SPEAKS_FOR_ITSELF else f"{name}: {sentence}"


def headline(news: News) -> str:
    """What is told first."""
    lead = said(news.alert.lead)
    if news.kind == NewsKind.OVER:
        why = f" ({safe(news.reason)})" if news.reason else ""
        return f"over after {duration(news.lasted)}: {lead}{why}"
    if news.kind == NewsKind.WORSE:
        return f"worse: {lead}"
    if news.kind == NewsKind.REMINDER:
        return f"still, for {duration(news.lasted)}: {lead}"
    return f"{lead} (it comes and goes)" if news.alert.flaps else lead


def level_of(news: News) -> Level:
    """How much it matters now."""
    return Level.SUCCESS if news.kind == NewsKind.OVER else news.alert.lead.level


def news_lines(news: News, at: datetime, log: Sequence[str] = ()) -> list[Line]:
    """News for a person who looks at the watcher's output."""
    style = _STYLES[level_of(news)]
    stamp = Span(f"[{at:%H:%M:%S}] ", Style.DIM)
    lines = [line(stamp, Span(f"{_GLYPHS[news.kind]} {headline(news)}", style))]
    if news.kind == NewsKind.OVER:
        return lines
    lead = news.alert.lead
    pad = " " * len(stamp.text)
    lines += [line(pad, Span(f"  {name}: ", Style.DIM), safe(text)) for name, text in lead.facts]
    lines += [line(pad, Span("  | ", Style.DIM), log_line(text)) for text in log]
    lines += [line(pad, Span("  next: ", Style.DIM), safe(lead.next))] if lead.next else []
    return lines


def remark_line(sentence: str, at: datetime, *, warning: bool) -> Line:
    """Something about the watcher itself."""
    style = Style.WARN if warning else Style.DIM
    return line(Span(f"[{at:%H:%M:%S}] ", Style.DIM), Span(safe(sentence), style))


def news_fields(news: News, at: datetime, log: Sequence[str] = ()) -> Fields:
    """News for programs; see docs/json.md."""
    return {
        "event": str(news.kind),
        "at": at.isoformat(timespec="milliseconds"),
        "seconds": round(news.lasted, 3),
        **alert_fields(news),
        "reason": safe(news.reason) or None,
        "log": [log_line(text) for text in log],
    }


def alert_fields(news: News) -> Fields:
    """The alert that it is about."""
    alert = news.alert
    return {
        "alert": safe(alert.key),
        **condition_fields(alert.lead),
        "comes_and_goes": alert.flaps,
        "conditions": [condition_fields(one) for one in alert.conditions],
    }


def condition_fields(condition: Condition) -> Fields:
    """One condition."""
    return {
        "kind": str(condition.ailment),
        "concern": str(condition.concern),
        "subject": safe(condition.subject),
        "name": safe(condition.name),
        "level": str(condition.level),
        "sentence": safe(condition.sentence),
        "facts": {name: safe(text) for name, text in condition.facts},
        "next": safe(condition.next),
    }


def conditions_lines(conditions: Sequence[Condition], services: int) -> list[Line]:
    """What one look has found, for a pipe."""
    if not conditions:
        return [all_well(services)]
    return aligned(HEAD, conditions_cells(conditions))


def all_well(services: int) -> Line:
    """Nothing is wrong."""
    noun = "service" if services == 1 else "services"
    return line(Span("✓", Style.GOOD), f" all is well: {services} {noun}")


def conditions_cells(conditions: Sequence[Condition]) -> list[Cells]:
    """A row a condition."""
    return [
        (
            Span(str(one.concern)),
            Span(safe(one.name), Style.STRONG),
            Span(str(one.level), _STYLES[one.level]),
            Span(safe(one.sentence)),
            Span(safe(dict(one.facts).get("why", "")), Style.DIM),
        )
        for one in conditions
    ]


def conditions_json(conditions: Sequence[Condition], services: int) -> Fields:
    """The same as one object."""
    return {
        "event": "watch",
        "well": not conditions,
        "services": services,
        "conditions": [condition_fields(one) for one in conditions],
    }
