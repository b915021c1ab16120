"""From news of alerts to messages. Pure: the time of day comes with the news."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from rollout.model import Level, Message, News, NewsKind
from rollout.notify import clean
from rollout.render.alerts import alert_fields, headline, level_of
from rollout.render.text import duration
from rollout.vigil.tidings import Tidings

MOST = 5
"""Messages of one kind after one look: of more alerts than this, one message tells."""
LISTED = 40
_TITLES = {
    NewsKind.BEGAN: "{} things are wrong",
    NewsKind.WORSE: "{} things have become worse",
    NewsKind.REMINDER: "still, {} things are wrong",
    NewsKind.OVER: "{} things are well again",
}
_WEIGHT = (Level.FAILURE, Level.WARNING, Level.INFO, Level.SUCCESS)


def messages(tidings: Tidings) -> Iterator[Message]:
    """One message a piece of news, or one for all of a kind where there are many."""
    at = tidings.at.isoformat(timespec="milliseconds")
    ordered = sorted(tidings.news, key=lambda one: one.kind)
    for kind, found in groupby(ordered, key=lambda one: one.kind):
        news = tuple(found)
        if len(news) > (1 if kind in tidings.crowded else MOST):
            yield _digest(kind, news, at)
        else:
            yield from (_message(one, tidings.logs.get(one.alert.key, ()), tidings.at) for one in news)


def _message(news: News, log: tuple[str, ...], at: datetime) -> Message:
    lead = news.alert.lead
    facts = [(name, clean.sentence(said)) for name, said in lead.facts]
    if news.held >= 1:
        facts.append(("since", f"{at - timedelta(seconds=news.held):%H:%M:%S} UTC"))
    if news.kind != NewsKind.BEGAN:
        facts.append(("lasted" if news.kind == NewsKind.OVER else "for", duration(news.lasted)))
    others = [one for one in news.alert.conditions if one.ailment != lead.ailment]
    facts += [("also", clean.sentence(one.sentence)) for one in others]
    return Message(
        str(news.kind),
        level_of(news),
        clean.sentence(headline(news)),
        at.isoformat(timespec="milliseconds"),
        tuple(facts),
        clean.log(log),
        "" if news.kind == NewsKind.OVER else clean.sentence(lead.next),
        {"service": lead.name if lead.ailment in _OF_SERVICES else None, **_details(news)},
        clean.sentence(f"{lead.concern} {lead.name}"),
    )


def _digest(kind: NewsKind, news: Sequence[News], at: str) -> Message:
    told = [clean.sentence(headline(one)) for one in news[:LISTED]]
    more = len(news) - len(told)
    facts = [(str(number), said) for number, said in enumerate(told, 1)]
    facts += [("and", f"{more} more")] if more > 0 else []
    return Message(
        str(kind),
        min((level_of(one) for one in news), key=_WEIGHT.index),
        _TITLES[kind].format(len(news)),
        at,
        tuple(facts),
        next="" if kind == NewsKind.OVER else "`rollout watch --once` lists what is wrong now",
        details={"service": None, "alerts": [_details(one) for one in news]},
    )


def _details(news: News) -> dict[str, object]:
    """For programs; secrets in what others have said are taken out. The level is the message's own."""
    fields = {name: value for name, value in alert_fields(news).items() if name != "level"}
    fields["facts"] = {name: clean.sentence(said) for name, said in fields["facts"].items()}
    conditions = [
        {**one, "facts": {name: clean.sentence(said) for name, said in one["facts"].items()}}
        for one in fields["conditions"]
    ]
    return {**fields, "conditions": conditions, "seconds": round(news.lasted, 3)}


_OF_SERVICES = frozenset(
    {
        "replicas",
        "restarting",
        "stuck",
        "gone",
        "update_paused",
        "update_rolled_back",
        "abandoned",
        "rollback_failed",
        "cut_off",
        "held",
    }
)
