"""Open alerts, and messages that nobody has taken, as they are kept in the Swarm between two lives. Pure.

What is kept was written by some version of this program, or by anybody: what makes no sense is left out.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from rollout.model import Ailment, Alert, AlertState, Concern, Condition, Level, Message
from rollout.vigil.alerts import Manner, Table, reminders
from rollout.vigil.tidings import Owed

SCHEMA = "rollout/alerts/v2"
LARGEST = 400 * 1024
"""Bytes: well below what the oldest engine takes for a config."""
UNPACKED = 64 * 1024 * 1024
"""Bytes that are read at most, whatever a page unpacks to."""
MOST_OWED = 100


@dataclass(frozen=True)
class Page:
    """What is kept: the alerts that somebody knows of, and the messages that are still to be taken."""

    alerts: Table = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()

    @property
    def worth(self) -> tuple[object, ...]:
        """What is worth a write when it changes."""
        return tuple(kept(self.alerts).items()), tuple((one.message, one.channels) for one in self.owed)


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


def written(page: Page, moment: Moment) -> bytes:
    """The page as data; of more than fit, only what is needed to know the alerts again."""
    alerts = [page.alerts[key] for key in sorted(kept(page.alerts))]
    owed = page.owed[-MOST_OWED:]
    data = _data(alerts, owed, moment)
    if len(data) <= LARGEST:
        return data
    bare = [replace(alert, lead=_bare(alert.lead), touches=frozenset()) for alert in alerts]
    short = [replace(one, message=replace(one.message, log=(), details={})) for one in owed]
    data = _data(bare, short, moment)
    return data if len(data) <= LARGEST else _data(bare, (), moment)


def _bare(lead: Condition) -> Condition:
    return replace(lead, facts=(), next="")


def read(data: bytes, moment: Moment, manner: Manner) -> Page:
    """What the life before has kept."""
    contents = _contents(data)
    found = [_alert(fields, moment, manner) for fields in _objects(contents, "alerts")]
    owed = [_owed(fields) for fields in _objects(contents, "owed")]
    return Page(
        {alert.key: alert for alert in found if alert is not None},
        tuple(one for one in owed if one is not None),
    )


def _contents(data: bytes) -> object:
    try:
        return json.loads(zlib.decompressobj().decompress(data, UNPACKED)) if data else {}
    except (ValueError, zlib.error, RecursionError):
        return {}


def _objects(contents: object, key: str) -> list[dict[str, Any]]:
    listed = contents.get(key) if isinstance(contents, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _data(alerts: Sequence[Alert], owed: Sequence[Owed], moment: Moment) -> bytes:
    contents = {
        "schema": SCHEMA,
        "alerts": [_fields(alert, moment) for alert in alerts],
        "owed": [{"channels": one.channels, "message": asdict(one.message)} for one in owed],
    }
    return zlib.compress(json.dumps(contents).encode())


def _owed(fields: Mapping[str, Any]) -> Owed | None:
    try:
        said = fields["message"]
        message = Message(
            str(said["event"]),
            Level(said["level"]),
            str(said["title"]),
            str(said["at"]),
            tuple((str(name), str(fact)) for name, fact in said["facts"]),
            tuple(map(str, said["log"])),
            str(said["next"]),
            dict(said["details"]),
            str(said["topic"]),
        )
        return Owed(message, tuple(map(str, fields["channels"])))
    except (ValueError, KeyError, TypeError):
        return None


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
        "flaps": alert.flaps,
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
            flaps=fields.get("flaps") is True,
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
