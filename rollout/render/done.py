"""What a short command has done to a service, as one object for programs. Pure."""

from __future__ import annotations

from rollout.render.fields import SCHEMA, Fields
from rollout.render.text import safe


def done_json(event: str, service: str, sentence: str) -> Fields:
    """The sentence that a person gets, and what it is about; a command may add what is its own."""
    return {"schema": SCHEMA, "event": event, "service": safe(service), "sentence": safe(sentence)}
