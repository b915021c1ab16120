"""Layers of settings, the strongest first, become one ``Settings``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rollout import durations
from rollout.config.errors import ConfigError, Place, Problem, Unfit
from rollout.config.keys import KEYS
from rollout.config.wording import shown
from rollout.model import Options

DEFAULT = "default"
"""The origin of a value that nobody set."""


@dataclass(frozen=True)
class Setting:
    """A value and where it came from, in a few words: ``rollout.toml [services.php]``."""

    value: Any
    origin: str


Layer: TypeAlias = Mapping[str, Setting]
"""What one source sets, by field of ``Options``."""


@dataclass(frozen=True)
class Reading:
    """What a source says, and what is wrong with it."""

    layer: Layer = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The options of one deployment, and the origin of each by field of ``Options``."""

    options: Options
    origin: Mapping[str, str]


def attempt(
    parse: Callable[[object], object], found: object, subject: str, origin: str, place: Place = ()
) -> Setting | Problem:
    """The value found, or a sentence that names what it belongs to, what it is, and what would be right."""
    try:
        return Setting(parse(found), origin)
    except Unfit as unfit:
        return Problem(f"{subject} is {shown(found)}, {unfit.reason}", place)


def reading(entries: Iterable[tuple[str, Setting | Problem]], also: Iterable[Problem] = ()) -> Reading:
    """Tell the settings from the problems."""
    listed = tuple(entries)
    layer = {option: entry for option, entry in listed if isinstance(entry, Setting)}
    return Reading(layer, (*(entry for _, entry in listed if isinstance(entry, Problem)), *also))


def resolve(layers: Sequence[Layer]) -> Settings:
    """The first word on each setting, where the strongest layer comes first; contradictions are refused."""
    chosen = {key.option: _strongest(key.option, layers) for key in KEYS}
    contradictions = _contradictions(chosen)
    if contradictions:
        raise ConfigError(contradictions)
    options = Options(**{option: setting.value for option, setting in chosen.items()})
    return Settings(options, {option: setting.origin for option, setting in chosen.items()})


def _strongest(option: str, layers: Sequence[Layer]) -> Setting:
    default = Setting(getattr(Options(), option), DEFAULT)
    return next((layer[option] for layer in layers if option in layer), default)


def _contradictions(chosen: Layer) -> list[str]:
    """What no single source can see: each value is right, but not with the others."""
    deadline, start_timeout = chosen["deadline"], chosen["start_timeout"]
    if deadline.value >= start_timeout.value:
        return []
    return [
        f"deadline is {durations.format(deadline.value)} ({deadline.origin}), shorter than start_timeout, "
        f"which is {durations.format(start_timeout.value)} ({start_timeout.origin}): "
        "give a longer deadline or a shorter start_timeout"
    ]
