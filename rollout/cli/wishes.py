"""What was typed for the watcher, and what comes of it with the file: flags are stronger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rollout.config import ConfigFile, values
from rollout.config.errors import Unfit
from rollout.config.values import Kind
from rollout.errors import UsageError
from rollout.model import Notify, Vigil

_FLAGS: dict[str, tuple[str, Kind]] = {
    "labels": ("--label", values.LABELS),
    "every": ("--every", values.PACE),
    "listen": ("--listen", values.LISTEN),
    "on_abandoned": ("--on-abandoned", values.ON_ABANDONED),
}


@dataclass(frozen=True)
class Wishes:
    """What was typed."""

    services: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    every: str | None = None
    listen: str | None = None
    on_abandoned: str | None = None


def vigil_of(wishes: Wishes, file: ConfigFile | None) -> Vigil:
    """The settings. Raises UsageError."""
    vigil = file.watch if file else Vigil()
    if wishes.services:
        vigil = replace(vigil, services=wishes.services)
    typed = {name: getattr(wishes, name) for name in _FLAGS if getattr(wishes, name)}
    changes: dict[str, Any] = {name: _read(name, found) for name, found in typed.items()}
    names = tuple(_in_swarm(name, file) for name in vigil.services)
    return replace(vigil, **changes, services=names)


def notify_of(vigil: Vigil, file: ConfigFile | None) -> Notify:
    """Who is told: the watcher's own addresses take the place of the deployments'. Raises UsageError."""
    notify = file.notify if file else Notify()
    urls = _in_file(vigil.urls_file) if vigil.urls_file else vigil.urls
    return replace(notify, urls=urls) if urls else notify


def _read(name: str, found: Any) -> object:
    flag, kind = _FLAGS[name]
    try:
        return kind.read(found)
    except Unfit as unfit:
        typed = found if isinstance(found, str) else ", ".join(found)
        raise UsageError(f'{flag} is "{typed}", {unfit.reason}') from unfit


def _in_swarm(name: str, file: ConfigFile | None) -> str:
    """What a name in the file stands for."""
    table = file.service_named(name) if file else None
    return table.service if table else name


def _in_file(path: str) -> tuple[str, ...]:
    """Addresses, one a line: a secret that Swarm has put there."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", "") or "it is no text").lower()
        raise UsageError(f"urls_file in [watch] names a file that cannot be read: {reason}") from None
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
