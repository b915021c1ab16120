"""Which renderer, and whether in colour: a pure function of the terminal and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Output(StrEnum):
    """The renderers."""

    LIVE = "live"
    PLAIN = "plain"
    JSON = "json"


@dataclass(frozen=True)
class Look:
    """How to show things."""

    output: Output
    colour: bool


def choose(env: Mapping[str, str], *, tty: bool, json: bool = False) -> Look:
    """Decide for a stream: ``tty`` is its ``isatty()``, ``json`` is the wish for ``-o json``."""
    if json:
        return Look(Output.JSON, colour=False)
    live = tty and not _dumb(env) and not _truthy(env, "CI")
    return Look(Output.LIVE if live else Output.PLAIN, wants_colour(env, tty=tty))


def wants_colour(env: Mapping[str, str], *, tty: bool) -> bool:
    """Whether to colour: NO_COLOR wins over FORCE_COLOR and CLICOLOR_FORCE, those over the terminal."""
    if env.get("NO_COLOR"):
        return False
    if "FORCE_COLOR" in env and env["FORCE_COLOR"] != "":
        return _truthy(env, "FORCE_COLOR")
    if _truthy(env, "CLICOLOR_FORCE"):
        return True
    return tty and not _dumb(env) and env.get("CLICOLOR") != "0"


def _dumb(env: Mapping[str, str]) -> bool:
    return env.get("TERM", "") in {"dumb", "unknown"}


def _truthy(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() not in {"", "0", "false", "no"}
