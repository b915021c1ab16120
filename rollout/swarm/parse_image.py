"""An image's config, as an engine or a registry has it, turned into the model's value.

Both keep it as one ``config`` object with the same keys (moby/docker-image-spec specs-go/v1/image.go); the
engine's answer calls it ``Config`` and has the platform in keys of other names around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollout.model import Healthcheck, ImageConfig
from rollout.spec import NANOSECONDS
from rollout.swarm.reply import Reply
from rollout.untrusted import plain

_LONGEST = 365 * 24 * 3600 * NANOSECONDS
"""In ns. Go's times end at 292 years; a year is more than anybody waits for, and leaves room to reckon."""
_MOST_RETRIES = 1_000_000


def inspected(raw: Any, about: str) -> ImageConfig:
    """From the engine's answer to ``/images/{name}/json``. Raises EngineReplyInvalid."""
    reply = Reply(raw, about)
    return config(reply.maybe("Config", {}), about, _platforms(reply, "Os", "Architecture", "Variant"))


def blob(raw: Any, about: str) -> ImageConfig:
    """From a config as a registry keeps it (a blob of JSON). Raises EngineReplyInvalid."""
    reply = Reply(raw, about)
    return config(reply.maybe("config", {}), about, _platforms(reply, "os", "architecture", "variant"))


def config(raw: Mapping[str, Any], about: str, platforms: tuple[str, ...]) -> ImageConfig:
    """From the ``config`` object itself; ``platforms`` stand beside it."""
    reply = Reply(raw, about)
    return ImageConfig(
        healthcheck=_healthcheck(reply),
        stop_signal=plain(reply.maybe("StopSignal", "")) or None,
        exposed_ports=tuple(sorted(map(plain, reply.maybe("ExposedPorts", {})))),
        entrypoint=_words(reply, "Entrypoint"),
        command=_words(reply, "Cmd"),
        labels=_labels(reply),
        platforms=platforms,
    )


def _healthcheck(reply: Reply) -> Healthcheck:
    check = Reply(reply.maybe("Healthcheck", {}), reply.about)
    test: list[Any] = check.maybe("Test", [])
    return Healthcheck(
        test=tuple(map(str, test)),
        interval=_seconds(check, "Interval"),
        timeout=_seconds(check, "Timeout"),
        retries=min(max(0, check.maybe("Retries", 0)), _MOST_RETRIES),
        start_period=_seconds(check, "StartPeriod"),
        start_interval=_seconds(check, "StartInterval"),
    )


def _seconds(check: Reply, path: str) -> float:
    """A time in ns, as far as it makes sense: an image's builder may write any number."""
    return min(max(0, check.maybe(path, 0)), _LONGEST) / NANOSECONDS


def _platforms(reply: Reply, *paths: str) -> tuple[str, ...]:
    parts = [plain(reply.maybe(path, "")) for path in paths]
    return ("/".join(filter(None, parts)),) if all(parts[:2]) else ()


def _labels(reply: Reply) -> dict[str, str]:
    found: dict[str, Any] = reply.maybe("Labels", {})
    return {plain(key): plain(str(value)) for key, value in found.items()}


def _words(reply: Reply, path: str) -> tuple[str, ...]:
    found: list[Any] = reply.maybe(path, [])
    return tuple(plain(str(word)) for word in found)
