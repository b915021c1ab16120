"""Open alerts as they are kept in the Swarm, from one life of the watcher to the next. Pure.

What is kept was written by some version of this program, or by anybody: what makes no sense is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rollout.model import Ailment, Alert, AlertState, Concern, Condition, Level
from rollout.vigil.alerts import Manner, Table, reminders

SCHEMA = "rollout/alerts/v1"
LARGEST = 400 * 1024
"""Bytes: well below what the oldest engine takes for a config."""


@dataclass(frozen=True)
class Moment:
    """The same moment on the watcher's clock, which begins anew with each life, and as time of day."""

    at: float
    wall: datetime

    def day(self, at: float) -> datetime:
        """The time of day of another moment."""
        return self.wall + timedelta(seconds=at - self.at)

    def clock(self, wall: datetime) -> float:
        """A time of day on the watcher's clock; none is in the future."""
        return self.at - max(0.0, (self.wall - wall).total_seconds())


def kept(table: Table) -> Mapping[str, tuple[str, bool]]:
    """What is worth a write when it changes: which alerts somebody knows of, how bad they are, and whether
    the watcher has tried to mend them.

    That the engine is away cannot be kept in the engine.
    """
    return {
        key: (str(alert.lead.level), alert.acted)
        for key, alert in table.items()
        if alert.open and alert.lead.concern != Concern.ENGINE
    }


def written(table: Table, moment: Moment) -> bytes:
    """The open alerts as data; of more than fit, only what is needed to know them again."""
    alerts = [table[key] for key in sorted(kept(table))]
    data = _data([_fields(alert, moment) for alert in alerts])
    if len(data) <= LARGEST:
        return data
    bare = [replace(alert, lead=replace(alert.lead, facts=()), touches=frozenset()) for alert in alerts]
    return _data([_fields(alert, moment) for alert in bare])


def read(data: bytes, moment: Moment, manner: Manner) -> dict[str, Alert]:
    """The alerts that somebody knows of already."""
    try:
        listed = json.loads(data)["alerts"] if data else []
    except (ValueError, KeyError, TypeError):
        listed = []
    entries = listed if isinstance(listed, list) else []
    found = (_alert(fields, moment, manner) for fields in entries if isinstance(fields, dict))
    return {alert.key: alert for alert in found if alert is not None}


def _data(alerts: list[dict[str, Any]]) -> bytes:
    return json.dumps({"schema": SCHEMA, "alerts": alerts}).encode()


def _fields(alert: Alert, moment: Moment) -> dict[str, Any]:
    lead = alert.lead
    return {
        "ailment": str(lead.ailment),
        "subject": lead.subject,
        "name": lead.name,
        "sentence": lead.sentence,
        "level": str(lead.level),
        "facts": [list(fact) for fact in lead.facts],
        "next": lead.next,
        "reminds": lead.reminds,
        "began": moment.day(alert.began).isoformat(timespec="seconds"),
        "acted": alert.acted,
        "touches": sorted(alert.touches),
    }


def _alert(fields: Mapping[str, Any], moment: Moment, manner: Manner) -> Alert | None:
    try:
        lead = _condition(fields)
        began = moment.clock(datetime.fromisoformat(fields["began"]))
        return Alert(
            lead.key,
            AlertState.FIRING,
            lead,
            (lead,),
            {lead.ailment: began},
            began,
            reminded=reminders(moment.at - began, manner),
            acted=fields["acted"] is True,
            touches=frozenset(map(str, fields["touches"])),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _condition(fields: Mapping[str, Any]) -> Condition:
    return Condition(
        Ailment(fields["ailment"]),
        str(fields["subject"]),
        str(fields["name"]),
        str(fields["sentence"]),
        Level(fields["level"]),
        facts=tuple((str(name), str(said)) for name, said in fields["facts"]),
        next=str(fields["next"]),
        reminds=fields["reminds"] is not False,
    )
