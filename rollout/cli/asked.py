"""What was typed, before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rollout.cli.options import Form

if TYPE_CHECKING:
    from rollout.planfile import Agreement


@dataclass(frozen=True)
class Asked:
    """What was typed; flags that were not given are None. ``agreement`` is a plan that has to come of it."""

    service: str
    flags: Mapping[str, object]
    image: str | None = None
    tag: str | None = None
    force: bool = False
    agreement: Agreement | None = None


@dataclass(frozen=True)
class Where:
    """Which engine, by which configuration, and in which form the result goes to stdout.

    ``wait`` is the time to queue for the lock, as typed.
    """

    config: Path | None
    host: list[str] | None
    output: Form
    wait: str = "0"

    @property
    def json(self) -> bool:
        """Whether programs read it."""
        return self.output == Form.JSON
