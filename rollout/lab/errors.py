"""What a lab has to say when it cannot go on."""

from __future__ import annotations


class LabError(Exception):
    """A sentence for the user, and a hint that names the way out."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
