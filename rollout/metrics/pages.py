"""What there is to see at the watcher's address: its figures, and whether it is well."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from rollout.metrics.families import WatchCollector
from rollout.metrics.health import health_of
from rollout.metrics.source import Source

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """An answer over HTTP."""

    status: int
    kind: str
    body: bytes


class Pages:
    """The pages of one watcher."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._registry = CollectorRegistry()
        self._registry.register(WatchCollector(source))
        ProcessCollector(registry=self._registry)

    def at(self, asked: str, accept: str) -> Page:
        """The page that was asked for, in a form that is accepted."""
        try:
            path = urlsplit(asked).path
        except ValueError:
            return Page(400, _TEXT, b"that is no path\n")
        if path == "/metrics":
            return self._figures(accept)
        if path == "/healthz":
            return self._health()
        return Page(404, _TEXT, b"/metrics and /healthz are here\n")

    def _figures(self, accept: str) -> Page:
        encode, kind = choose_encoder(accept)
        return Page(200, kind, encode(self._registry))

    def _health(self) -> Page:
        source = self._source
        health = health_of(source.picture(), source.clock.now(), source.every)
        return Page(health.status, "application/json", health.body)
