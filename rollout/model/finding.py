"""What the checks before a deployment find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, the worst first: an error refuses the deployment."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """Something that costs requests or makes the deployment fail, and what would mend it.

    ``accepted`` findings were: someone has said that they know.
    """

    code: str
    sentence: str
    remedy: str
    severity: Severity = Severity.WARNING
    accepted: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the deployment must not begin."""
        return self.severity == Severity.ERROR and not self.accepted
