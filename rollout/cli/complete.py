"""Completion at the shell: quick, and silent when the engine is not there."""

from __future__ import annotations


def service_names(incomplete: str) -> list[str]:
    """Services of the Swarm, by full and by short name."""
    from rollout.lookup import short_name

    try:
        from rollout.cli.wiring import open_swarm

        services = open_swarm(None, patience=0.0).services()
    except Exception:
        return []
    names = {name for service in services for name in (service.name, short_name(service))}
    return sorted(name for name in names if name.startswith(incomplete))


def strategy_names(incomplete: str) -> list[str]:
    """Strategies that are installed."""
    from rollout.plugins import names

    return [name for name in names() if name.startswith(incomplete)]
