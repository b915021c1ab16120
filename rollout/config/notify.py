"""``[notify]``: who is told how deployments went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rollout.config import values
from rollout.config.errors import Place, Unfit
from rollout.config.shapes import Field, Filled, Shape, fill
from rollout.model import Notify

LONGEST_TIMEOUT = 30.0
"""Seconds: so long a pipeline may have to wait at the end of a deployment."""
_PLACE: Place = ("notify",)


def _notify(**fields: Any) -> Notify:
    made = Notify(**fields)
    if made.timeout > LONGEST_TIMEOUT:
        raise Unfit(f"has a timeout above {LONGEST_TIMEOUT:g}s: a pipeline waits for it")
    if made.secret_env and made.secret_file:
        raise Unfit("has both secret_env and secret_file: keep one of them")
    if made.secret_env and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", made.secret_env):
        raise Unfit("has in secret_env something else than the name of an environment variable")
    return made


NOTIFY = Shape(
    "a notification",
    _notify,
    (
        Field(
            "urls",
            values.ADDRESSES,
            "Where to: webhooks, chats, mail and pagers, as notifications.md has them.",
        ),
        Field("on", values.OCCASIONS, "What to tell of."),
        Field("timeout", values.SOME_TIME, "How long all tries together may take: 30s at most."),
        Field("secret_env", values.VARIABLE, "The environment variable with the secret that signs webhooks."),
        Field("secret_file", values.FILE, "The file with that secret instead."),
    ),
)


def read_notify(found: Mapping[str, Any]) -> Filled:
    """The table's value."""
    return fill(NOTIFY, found, "[notify]", _PLACE)
