"""What was typed, before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rollout.cli.options import Form


@dataclass(frozen=True)
class Asked:
    """What was typed; flags that were not given are None."""

    service: str
    flags: Mapping[str, object]
    image: str | None = None
    tag: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Where:
    """Which engine, by which configuration, and in which form the result goes to stdout.

    ``wait`` is the time to queue for the lock, as typed.
    """

    config: Path | None
    host: str | None
    output: Form
    wait: str = "0"

    @property
    def json(self) -> bool:
        """Whether programs read it."""
        return self.output == Form.JSON
