"""What opens a registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Login:
    """``header`` is the value of X-Registry-Auth; ``expires`` is when it ends, None where nobody says."""

    header: str = field(repr=False)
    expires: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether it has ended for certain."""
        return self.expires is not None and self.expires <= now
