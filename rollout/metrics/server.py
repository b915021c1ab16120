"""``/metrics`` and ``/healthz`` over HTTP, in threads of their own."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread
from urllib.parse import urlsplit

from rollout.errors import UsageError
from rollout.metrics.health import health_of
from rollout.metrics.source import Source

SECONDS = 10.0
"""For a request to come in."""
_TEXT = "text/plain; charset=utf-8"


def serve(listen: str, source: Source) -> ThreadingHTTPServer:
    """Begin to serve. Raises UsageError where the extra is missing, or the address cannot be had."""
    if find_spec("prometheus_client") is None:
        raise UsageError("metrics need the extra `watch`", "pip install 'swarm-rollout[watch]'")
    host, _, port = listen.rpartition(":")
    try:
        server = _server_class(host)((host.strip("[]"), int(port)), _handler(source))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot listen on {listen}: {reason}", "name another address: --listen") from None
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def _server_class(host: str) -> type[ThreadingHTTPServer]:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET

    return Server


def _path(asked: str) -> str | None:
    """The path that was asked for; None where it makes no sense."""
    try:
        return urlsplit(asked).path
    except ValueError:
        return None


def _handler(source: Source) -> type[BaseHTTPRequestHandler]:
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    from rollout.metrics.families import WatchCollector

    registry = CollectorRegistry()
    registry.register(WatchCollector(source))
    ProcessCollector(registry=registry)

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS
        server_version = "rollout"
        sys_version = ""

        def do_GET(self) -> None:
            path = _path(self.path)
            if path is None:
                self._answer(400, _TEXT, b"that is no path\n")
            elif path == "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, kind, encode(registry))
            elif path == "/healthz":
                health = health_of(source.picture(), source.clock.now(), source.every)
                self._answer(health.status, "application/json", health.body)
            else:
                self._answer(404, _TEXT, b"/metrics and /healthz are here\n")

        do_HEAD = do_GET  # noqa: N815 - the server's names

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler
