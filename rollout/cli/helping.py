"""Help without noise: a switch is no ``<bool>`` to a person, and a name no ``<str>``."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

TIMES_AND_SETTINGS = (
    "TIME is a number with a unit: 500ms, 30s, 1m30s, 2h. What is set by a flag can be set by a variable "
    "(--min-ready by ROLLOUT_MIN_READY), in rollout.toml, or by a label too: docs/configuration.md."
)
"""What the flags for settings have in common."""


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, for whoever shows or reads them."""
        return [_quiet(param) for param in super().get_params(ctx)]


class Group(TyperGroup):
    """A group of commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The same."""
        return [_quiet(param) for param in super().get_params(ctx)]


def _quiet(param: Any) -> Any:
    if param.param_type_name == "argument":
        param.display_type_rich = _nothing
    elif param.is_flag:
        param.metavar = ""
    return param


def _nothing(ctx: Any) -> None:
    """The type of an argument: its name says it."""
