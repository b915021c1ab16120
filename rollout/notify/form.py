"""A message as plain text for people, and as JSON for programs. Pure."""

from __future__ import annotations

import json
import re

from rollout.model import Message
from rollout.render.fields import SCHEMA, Fields

_CALLS_PEOPLE = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[!@#&])", re.IGNORECASE)
_UNCALLED = "\u2060"
"""A word joiner: nobody sees it, and no chat takes what follows for the name of a person or a group."""


def text(message: Message) -> str:
    """What there is to say below the title; the log comes last, since chats cut long messages."""
    lines = [f"{name}: {said}" for name, said in message.facts]
    lines += [f"next: {message.next}"] if message.next else []
    if message.log:
        lines += ["", "its last log line:" if len(message.log) == 1 else "its last log lines:"]
        lines += [f"  {line}" for line in message.log]
    return "\n".join(lines)


def uncalled(said: str) -> str:
    """Text in which ``@everyone`` and its kin call nobody: others write it into their logs."""
    return _CALLS_PEOPLE.sub(lambda found: found[0] + _UNCALLED, said)


def fields(message: Message) -> Fields:
    """The object that a webhook gets; see docs/notifications.md."""
    return {
        "schema": SCHEMA,
        "event": message.event,
        "level": str(message.level),
        "at": message.at,
        "title": message.title,
        "text": text(message),
        **message.details,
    }


def body(message: Message) -> bytes:
    """The same as it is sent."""
    return json.dumps(fields(message)).encode("ascii")
