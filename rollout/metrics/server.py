"""``/metrics`` and ``/healthz`` over HTTP, in threads of their own."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING

from rollout.errors import UsageError
from rollout.metrics.source import Source

if TYPE_CHECKING:
    from rollout.metrics.pages import Page, Pages

SECONDS = 10.0
"""For a request to come in."""


def serve(listen: str, source: Source) -> ThreadingHTTPServer:
    """Begin to serve. Raises UsageError where the extra is missing, or the address cannot be had."""
    if find_spec("prometheus_client") is None:
        raise UsageError("metrics need the extra `watch`", "pip install 'swarm-rollout[watch]'")
    from rollout.metrics.pages import Pages

    try:
        server = _Server(listen, Pages(source))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot listen on {listen}: {reason}", "name another address: --listen") from None
    Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listen: str, pages: Pages) -> None:
        host, _, port = listen.rpartition(":")
        self.address_family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        self.pages = pages
        super().__init__((host.strip("[]"), int(port)), _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = SECONDS
    server_version = "rollout"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        """Answer with the page that is there."""
        self._answer(self.server.pages.at(self.path, self.headers.get("Accept", "")))

    do_HEAD = do_GET  # noqa: N815 - the server's names

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
