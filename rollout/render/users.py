"""What users met, in words: for the screen while it goes on, and for the outcome. Pure."""

from __future__ import annotations

from rollout.model import Impact, Latency
from rollout.render.text import Line, Span, Style, counted, duration, line, safe

_MOST_VERSIONS = 3


def users_line(impact: Impact) -> Line:
    """Users at a glance: ``412 asked · 0 failed · p95 18 ms (before 17 ms) · v1 31% v2 69%``."""
    failed = Span(f"{impact.failed} failed", Style.BAD if impact.failed else Style.DIM)
    rest = " · ".join(filter(None, (_now_and_before(impact), versions(impact))))
    return line(
        Span(f"users  {impact.asked} asked · ", Style.DIM), failed, Span(f" · {rest}" * bool(rest), Style.DIM)
    )


def failures(impact: Impact) -> str:
    """How many failed of how many, and of what."""
    errors = f": {', '.join(map(safe, impact.errors))}" if impact.errors else ""
    return f"{impact.failed} of {counted(impact.asked, 'request')} in the background failed{errors}"


def sentence(impact: Impact) -> str:
    """All of it for the last words; empty where nobody was asked for."""
    if not impact.asked:
        return ""
    asked = f"{counted(impact.asked, 'request')} asked in the background"
    failed = f"{asked}, {impact.failed} failed{_when(impact)}"
    mix = versions(impact)
    return "; ".join(filter(None, (failed, _speeds(impact), f"answered by {mix}" if mix else "")))


def versions(impact: Impact) -> str:
    """Who answered, in shares: ``v1 31% v2 69%``; empty where the answers do not tell."""
    told = sum(impact.versions.values())
    shares = [f"{safe(name)} {100 * count / told:.0f}%" for name, count in impact.versions.items()]
    more = f" and {len(shares) - _MOST_VERSIONS} more" if len(shares) > _MOST_VERSIONS else ""
    return " ".join(shares[:_MOST_VERSIONS]) + more


def latency(seconds: float) -> str:
    """A page's time: ``18 ms``, ``1.2 s``."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{seconds:.1f} s"


def _now_and_before(impact: Impact) -> str:
    now = impact.after or impact.during
    if now is None:
        return f"p95 {latency(impact.before.p95)}" if impact.before else ""
    before = f" (before {latency(impact.before.p95)})" if impact.before else ""
    return f"p95 {latency(now.p95)}{before}"


def _when(impact: Impact) -> str:
    if impact.first_failed is None or impact.last_failed is None:
        return ""
    first, last = duration(impact.first_failed), duration(impact.last_failed)
    span = f" after {first}" if first == last else f" between {first} and {last}"
    return span + (f" ({', '.join(map(safe, impact.errors))})" if impact.errors else "")


def _speeds(impact: Impact) -> str:
    """The tails side by side; ``p95 17 ms before, 18 ms during, 17 ms after``."""
    parts: tuple[tuple[str, Latency | None], ...] = (
        ("before", impact.before),
        ("during", impact.during),
        ("after", impact.after),
    )
    told = [f"{latency(part.p95)} {name}" for name, part in parts if part]
    return f"p95 {', '.join(told)}" if told else ""
