"""The configuration: how carefully to deploy, and who said so.

Strongest first: flags, environment, the service's table in ``rollout.toml``, the file's defaults, the
service's labels, its own update_config, built-in defaults. ``docs/configuration.md`` is the users' page.
"""

from __future__ import annotations

from collections.abc import Mapping

from rollout.config.errors import ConfigError
from rollout.config.file import ConfigFile, explicit_path, host, load_file
from rollout.config.keys import KEYS, Key
from rollout.config.layers import Layer, Setting, Settings, resolve
from rollout.config.sources import from_environment, from_flags, from_labels, from_update_config
from rollout.config.tables import ServiceTable
from rollout.model import Spec

__all__ = [
    "KEYS",
    "ConfigError",
    "ConfigFile",
    "Key",
    "Layer",
    "ServiceTable",
    "Setting",
    "Settings",
    "explicit_path",
    "host",
    "load_file",
    "resolve",
    "settings",
]


def settings(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    file: ConfigFile | None,
    service_key: str,
    labels: Mapping[str, str],
    spec: Spec,
) -> Settings:
    """The settings for one deployment of one service; what is wrong outside of the file is said at once.

    ``flags`` go by the names of their keys, as text or as the value itself. ``spec`` is the baseline: while a
    deployment is under way, the update_config in the service is its own doing and says nothing.
    """
    given = from_flags(flags)
    surroundings = from_environment(environ)
    labelled = from_labels(labels, str(spec.get("Name") or service_key))
    problems = [problem.sentence for source in (given, surroundings, labelled) for problem in source.problems]
    if problems:
        raise ConfigError(problems)
    in_file = _layers_of(file, service_key)
    return resolve([given.layer, surroundings.layer, *in_file, labelled.layer, from_update_config(spec)])


def _layers_of(file: ConfigFile | None, service_key: str) -> tuple[Layer, ...]:
    table = file.service_named(service_key) if file else None
    return (*((table.layer,) if table else ()), *((file.defaults,) if file else ()))
