"""Completion at the shell: quick, and silent when the engine is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def service_names(incomplete: str) -> list[str]:
    """Services of the Swarm, by full and by short name, and what rollout.toml calls them."""
    from rollout.lookup import short_name
    from rollout.oneshot.names import is_side_service

    try:
        from rollout.cli.ask import configuration, engine_host
        from rollout.cli.wiring import open_swarm

        file = configuration(None)
        found = open_swarm(engine_host(None, file), patience=0.0).services()
    except Exception:
        return []
    services = [service for service in found if not is_side_service(service.spec)]
    names = {name for service in services for name in (service.name, short_name(service))}
    names |= set(file.names if file else ())
    return sorted(name for name in names if name.startswith(incomplete))


def strategy_names(incomplete: str) -> list[str]:
    """Strategies that are installed."""
    from rollout.plugins import names

    return [name for name in names() if name.startswith(incomplete)]


def one_of(words: Sequence[str]) -> Callable[[str], list[str]]:
    """A completion by these words."""

    def matching(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return matching
