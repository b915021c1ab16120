"""From the command line to a request: finds the service, joins flags, file, environment and labels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rollout import config, lookup, plugins, spec
from rollout.cli.asked import Asked
from rollout.config import ConfigFile, Settings, values
from rollout.config.errors import Problem, Unfit
from rollout.config.layers import attempt
from rollout.errors import UsageError
from rollout.model import Service, Spec
from rollout.ports import Swarm
from rollout.preparing import Request
from rollout.targeting import Aim, Release


def configuration(flag: Path | None) -> ConfigFile | None:
    """The file that applies here, if there is one."""
    return config.load_file(Path.cwd(), config.explicit_path(flag, os.environ))


def engine_host(flags: Sequence[str] | None, file: ConfigFile | None) -> str | None:
    """The engines by flags, environment or file; None leaves it to Docker's settings, DOCKER_HOST first.

    Raises UsageError for an empty flag: the engine that Docker's settings name may be another one.
    """
    if flags and not all(flags):
        raise UsageError(
            "--host is empty: is the variable unset that it is given?", "set it, or leave --host out"
        )
    docker_decides = os.environ.get("DOCKER_HOST") and not os.environ.get("ROLLOUT_HOST")
    return config.host(",".join(flags or ()) or None, os.environ, None if docker_decides else file)


def release(asked: Asked) -> Release:
    """The image that was asked for. Raises UsageError where an option is none, or contradicts the other."""
    _refuse_unfit("--image", asked.image, values.IMAGE)
    _refuse_unfit("--tag", asked.tag, values.TAG)
    if asked.image and asked.tag and "@" in asked.image:
        raise UsageError("--tag contradicts the digest in --image", "give one of them")
    return Release(asked.image, asked.tag, asked.force)


def _refuse_unfit(flag: str, given: str | None, kind: values.Kind) -> None:
    """An empty text is no wish for the present image: a pipeline's variable may be unset."""
    if given is None:
        return
    if not given:
        raise UsageError(
            f"{flag} is empty: is the variable unset that it is given?",
            f"set it, or leave {flag} out to look the present tag up in the registry again",
        )
    found = attempt(kind.read, given, flag, flag)
    if isinstance(found, Problem):
        raise UsageError(found.sentence)


def request(asked: Asked, aim: Aim, swarm: Swarm, file: ConfigFile | None, wait: float = 0.0) -> Request:
    """The request, with the one service that is meant. Raises ServiceNotFound and ConfigError."""
    service = find(asked.service, swarm, file)
    wanted = Request(
        service, aim, _settings(asked, service, file), plugins.strategy, wait, forced=asked.force
    )
    return replace(wanted, approve=asked.agreement.hold) if asked.agreement else wanted


def seconds_of(wait: str) -> float:
    """The seconds in ``--wait``. Raises UsageError."""
    try:
        return values.DURATION.read(wait)  # type: ignore[return-value]
    except Unfit as unfit:
        raise UsageError(f'--wait is "{wait}", {unfit.reason}') from unfit


def find(name: str, swarm: Swarm, file: ConfigFile | None) -> Service:
    """The service behind a name in the file, or of the Swarm."""
    table = file.service_named(name) if file else None
    known = swarm.services()
    in_swarm = table is not None and any(service.name == table.service for service in known)
    return lookup.find(known, table.service if table and in_swarm else name)


def _settings(asked: Asked, service: Service, file: ConfigFile | None) -> Callable[[Spec], Settings]:
    key = _key_in_file(asked.service, service, file)

    def settings(baseline: Spec) -> Settings:
        return config.settings(asked.flags, os.environ, file, key, spec.labels(baseline), baseline)

    return settings


def _key_in_file(typed: str, service: Service, file: ConfigFile | None) -> str:
    """The table that speaks of this service, whichever of its names was typed."""
    names = (typed, service.name, lookup.short_name(service))
    return next((name for name in names if file and file.service_named(name)), typed)
