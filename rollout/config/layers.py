"""Layers of settings, the strongest first, become one ``Settings``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from rollout import durations
from rollout.config.errors import ConfigError, Place, Problem, Unfit
from rollout.config.wording import shown
from rollout.model import Options

OPTIONS = tuple(option.name for option in fields(Options))
DEFAULT = "default"
"""The origin of a value that nobody set."""

_NOT_SHORTER = (("deadline", "start_timeout"), ("progress_timeout", "start_timeout"))
"""Pairs of times: where the first was shorter, the second would never be reached."""


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
        return Problem(f"{subject} {_what(found, unfit.element)}, {unfit.reason}", place)


def _what(found: object, element: object) -> str:
    """The value that is wrong; of several, which one."""
    if element is None or found == element:
        return f"is {shown(found)}"
    alone = isinstance(found, list | tuple) and len(found) == 1
    return f"{'is' if alone else 'has'} {shown(element)}"


def reading(entries: Iterable[tuple[str, Setting | Problem]], also: Iterable[Problem] = ()) -> Reading:
    """Tell the settings from the problems."""
    listed = tuple(entries)
    layer = {option: entry for option, entry in listed if isinstance(entry, Setting)}
    return Reading(layer, (*(entry for _, entry in listed if isinstance(entry, Problem)), *also))


def resolve(layers: Sequence[Layer]) -> Settings:
    """The first word on each setting, where the strongest layer comes first; contradictions are refused."""
    chosen = {option: _strongest(option, layers) for option in OPTIONS}
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
    return [*_never_reached(chosen), *_never_baked(chosen)]


def _never_baked(chosen: Layer) -> list[str]:
    """A deadline that passes before a release can have proved itself."""
    deadline, bake, ready = (chosen[option] for option in ("deadline", "bake", "min_ready"))
    if deadline.value >= bake.value + ready.value:
        return []
    return [
        f"deadline is {_with_origin(deadline)}, shorter than bake and min_ready together, which are "
        f"{_with_origin(bake)} and {_with_origin(ready)}: give a longer deadline or a shorter bake"
    ]


def _never_reached(chosen: Layer) -> list[str]:
    return [
        f"{longer} is {_with_origin(chosen[longer])}, shorter than {shorter}, "
        f"which is {_with_origin(chosen[shorter])}: give a longer {longer} or a shorter {shorter}"
        for longer, shorter in _NOT_SHORTER
        if chosen[longer].value < chosen[shorter].value
    ]


def _with_origin(setting: Setting) -> str:
    return f"{durations.format(setting.value)} ({setting.origin})"
