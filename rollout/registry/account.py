"""Who the caller is at a registry. Its parts are in no message or repr; they get out as a header only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from docker import auth  # type: ignore[import-untyped]

from rollout.model import Login


@dataclass(frozen=True, repr=False)
class Account:
    """A name and a password, or a token that stands for both (``identity_token``)."""

    username: str
    password: str
    identity_token: str = ""
    expires: datetime | None = field(default=None)

    def login(self, registry: str) -> Login:
        """As an engine takes it."""
        fields: dict[str, Any] = {"serveraddress": registry}
        if self.identity_token:
            fields["identitytoken"] = self.identity_token
        else:
            fields |= {"username": self.username, "password": self.password}
        return Login(auth.encode_header(fields).decode("ascii"), self.expires)
