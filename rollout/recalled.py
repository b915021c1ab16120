"""How carefully a deployment was begun, for whoever goes on with it: read from its record. Pure.

A record may be of another version, or anybody's writing: what makes no sense is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rollout.config import Settings
from rollout.config.errors import Unfit
from rollout.config.keys import BY_OPTION, Key
from rollout.state.record import CARE, Record

ORIGIN = "the deployment that is resumed"


def recalled(settings: Settings, record: Record) -> Settings:
    """The settings with those of the recorded deployment, but for what the caller has said this time."""
    found = {key.option: value for key, value in _kept(record) if not _said(settings, key)}
    options = replace(settings.options, **found)
    return replace(settings, options=options, origin={**settings.origin, **dict.fromkeys(found, ORIGIN)})


def _said(settings: Settings, key: Key) -> bool:
    """Whether it was set by a flag or a variable: in a file it is for all deployments."""
    return settings.origin.get(key.option) in {key.flag, key.variable}


def _kept(record: Record) -> list[tuple[Key, Any]]:
    contents = json.loads(record.entry.data)
    kept = contents.get("care") if isinstance(contents, dict) else None
    words = kept if isinstance(kept, dict) else {}
    read = ((BY_OPTION[option], _value(BY_OPTION[option], word)) for option, word in _known(words))
    return [(key, value) for key, value in read if value is not None]


def _known(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(option, words[option]) for option in CARE if isinstance(words.get(option), str)]


def _value(key: Key, word: str) -> Any:
    try:
        return key.kind.read(word)
    except Unfit:
        return None
