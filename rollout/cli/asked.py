"""What was typed, before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What was typed; flags that were not given are None."""

    service: str
    image: str | None
    tag: str | None
    force: bool
    flags: Mapping[str, object]
