"""How carefully a recorded deployment went about it: what its resumption and its way back have to know. Pure.

A record may be of another version, or anybody's writing: what is not there, or makes no sense, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rollout.model.plan import at_once_of
from rollout.state.record import Record


def most_at_once(record: Record) -> int:
    """The most slots that one of its steps was to release."""
    contents = _contents(record)
    ends, done = contents.get("steps"), contents.get("done")
    counts = [end for end in ends if type(end) is int] if isinstance(ends, list) else []
    return at_once_of([done if type(done) is int else 0, *counts])


def _contents(record: Record) -> Mapping[str, Any]:
    found = json.loads(record.entry.data)
    return found if isinstance(found, dict) else {}
