"""How a command comes by an ``Asked``: SERVICE, options for an image, and a flag for every setting.

The flags are made from the table of settings, so that a new setting is a flag of every such command at once.
Their values stay text: ``rollout.config`` parses them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from inspect import Parameter
from typing import Annotated, Any, TypeAlias

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked
from rollout.cli.complete import check_codes, one_of, strategy_names
from rollout.config import values
from rollout.config.keys import GROUPS, KEYS, OMISSIONS, Key, Omission

_What: TypeAlias = dict[str, tuple[Any, object]]

_SERVICE: _What = {"service": (opt.Service, Parameter.empty)}
_RELEASE: _What = {
    **_SERVICE,
    "image": (opt.ImageOption, None),
    "tag": (opt.Tag, None),
    "force": (opt.Force, False),
}
_MAYBE_RELEASE: _What = _RELEASE | {"service": (opt.MaybeService, "")}
_ALL = frozenset({*(key.name for key in KEYS), *(omission.name for omission in OMISSIONS)})
_BACK = frozenset({"order", "probe", "rollback_timeout", "start_timeout", "impact_rate", "no_hooks"})
_TYPES: dict[values.Kind, Any] = {
    values.SWITCH: bool | None,
    values.PROBES: list[str] | None,
    values.CHECK_CODES: list[str] | None,
}
_COMPLETIONS = {"strategy": strategy_names, "ignore_checks": check_codes}
_CAREFULLY = next(iter(GROUPS))


def asks(command: Callable[..., int]) -> Callable[..., int]:
    """Give typer the options that make an ``Asked``, and the command the ``Asked`` as its first argument."""
    return _asking(command, _RELEASE, _ALL)


def asks_no_image(command: Callable[..., int]) -> Callable[..., int]:
    """The same without options for an image."""
    return _asking(command, _SERVICE, _ALL)


def asks_or_knows(command: Callable[..., int]) -> Callable[..., int]:
    """The same for a command that may know its service by itself: an empty name is none."""
    return _asking(command, _MAYBE_RELEASE, _ALL)


def asks_how_back(command: Callable[..., int]) -> Callable[..., int]:
    """The same for a command that only goes back: with the settings of a rollback."""
    return _asking(command, _SERVICE, _BACK)


def _asking(command: Callable[..., int], what: _What, flags: frozenset[str]) -> Callable[..., int]:
    @wraps(command)
    def run(**given: Any) -> int:
        named = {name: given.pop(name) for name in what}
        return command(Asked(**named, flags={name: given.pop(name) for name in flags}), **given)

    _asked, *others = inspect.signature(command, eval_str=True).parameters.values()
    asked = _parameters(what, flags)
    by_name = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in (*asked, *others)]
    run.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]
    return run


def _parameters(what: _What, flags: frozenset[str]) -> Iterator[Parameter]:
    for name, (annotation, default) in what.items():
        yield _parameter(name, annotation, default)
    for group, keys in GROUPS.items():
        yield from (_setting(key, group) for key in keys if key.name in flags)
    yield from (_omission(omission) for omission in OMISSIONS if omission.name in flags)


def _setting(key: Key, group: str) -> Parameter:
    option = typer.Option(
        "/".join(key.flags),
        metavar=key.kind.metavar,
        help=key.meaning + _default_of(key),
        autocompletion=_COMPLETIONS.get(key.name) or one_of(key.kind.words),
        rich_help_panel=group,
    )
    return _parameter(key.name, Annotated[_TYPES.get(key.kind, str | None), option], None)


def _default_of(key: Key) -> str:
    """The default for a person, from the table of settings; to typer a flag is only not given."""
    return "" if key.default == "none" else rf" \[default: {key.default}]"


def _omission(omission: Omission) -> Parameter:
    option = typer.Option(omission.flag, help=omission.meaning, rich_help_panel=_CAREFULLY)
    return _parameter(omission.name, Annotated[bool, option], False)


def _parameter(name: str, annotation: Any, default: object) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
