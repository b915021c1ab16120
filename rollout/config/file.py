"""Finding and reading ``rollout.toml``: the edge of the configuration to the disk."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rollout.config import values
from rollout.config.errors import ConfigError, Problem
from rollout.config.keys import CONFIG_VARIABLE, HOST_VARIABLE
from rollout.config.layers import Layer, attempt
from rollout.config.lines import line_of, lines_of
from rollout.config.tables import FILE_NAME, ServiceTable, read_contents
from rollout.model import EngineHost, Notify, Vigil


@dataclass(frozen=True)
class ConfigFile:
    """A ``rollout.toml`` without a mistake."""

    path: Path
    host: str | None = None
    defaults: Layer = field(default_factory=dict)
    services: tuple[ServiceTable, ...] = ()
    notify: Notify = field(default_factory=Notify)
    watch: Vigil = field(default_factory=Vigil)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the service tables, in the order of the file."""
        return tuple(table.key for table in self.services)

    def service_named(self, name: str) -> ServiceTable | None:
        """The table with this key, or else the one that is for the Swarm service of this name."""
        by_key = next((table for table in self.services if table.key == name), None)
        return by_key or next((table for table in self.services if table.service == name), None)


def explicit_path(flag: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that the user names: ``--config``, or else ``ROLLOUT_CONFIG``; None to look for one."""
    named = environ.get(CONFIG_VARIABLE)
    return flag or (Path(named) if named else None)


def host(flag: str | None, environ: Mapping[str, str], file: ConfigFile | None) -> EngineHost | None:
    """The engine: ``--host``, ``ROLLOUT_HOST`` or the file's; None leaves it to Docker's own settings."""
    variable = environ.get(HOST_VARIABLE)
    if not flag and not variable:
        return EngineHost(file.host, FILE_NAME) if file and file.host else None
    origin = "--host" if flag else HOST_VARIABLE
    subject = origin if flag else f"environment variable {HOST_VARIABLE}"
    found = attempt(values.HOSTS.read, flag or variable, subject, origin)
    if isinstance(found, Problem):
        raise ConfigError([found.sentence])
    return EngineHost(str(found.value), found.origin)


def load_file(start: Path, explicit: Path | None) -> ConfigFile | None:
    """The file that was named, or the nearest one in ``start`` and the folders above, if any."""
    path = explicit or find(start)
    if path is None:
        return None
    return parse(_text(path), path, str(path) if explicit else os.path.relpath(path, start))


def find(start: Path) -> Path | None:
    """The nearest ``rollout.toml``, in ``start`` or a folder above."""
    folders = (start.absolute(), *start.absolute().parents)
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def parse(text: str, path: Path, shown_path: str) -> ConfigFile:
    """The file's text, understood; all that is wrong with it is said at once, in the order of its lines."""
    contents = read_contents(_toml(text, shown_path))
    if contents.problems:
        raise ConfigError(_sentences(contents.problems, text, shown_path))
    return ConfigFile(
        path, contents.host, contents.defaults, contents.services, contents.notify, contents.watch
    )


def _sentences(problems: Sequence[Problem], text: str, shown_path: str) -> list[str]:
    lines = lines_of(text)
    placed = [(line_of(problem.place, lines), problem.sentence) for problem in problems]
    in_order = sorted(placed, key=lambda one: one[0] or 0)
    return [shown_path + (f", line {line}: " if line else ": ") + said for line, said in in_order]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path} is not UTF-8 text, as TOML has to be"]) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = f"--config and {CONFIG_VARIABLE} name a file; without them the nearest {FILE_NAME} is read"
        raise ConfigError([f"{path} cannot be read: {reason}"], hint) from error


def _toml(text: str, shown_path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), shown_path)]) from error
    except RecursionError as error:
        raise ConfigError([f"{shown_path} is nested too deeply"]) from error


def _syntax(message: str, shown_path: str) -> str:
    """Tomllib's own words, with the line where ours have it."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if place is None:
        return f"{shown_path} is not TOML: {message}"
    return f"{shown_path}, line {place[1]}: not TOML from column {place[2]} on: {message[: place.start()]}"
