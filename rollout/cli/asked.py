"""What was typed, before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What was typed; flags that were not given are None."""

    service: str
    flags: Mapping[str, object]
    image: str | None = None
    tag: str | None = None
    force: bool = False
