"""What a lab has to say when it cannot go on."""

from __future__ import annotations

from rollout.errors import Permanent


class LabError(Permanent):
    """A sentence for the user, and a hint that names the way out."""
