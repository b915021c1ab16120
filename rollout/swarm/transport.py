"""How requests reach an engine that is not on tcp: over connections that are kept.

The SDK's adapters keep a pool for each *URL* (docker/transport/unixconn.py keys its pools by the request's
full URL), and over ssh none at all; ours has one pool for one engine.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

_KEPT = 4
"""Connections kept at most: calls follow each other, but a lock's heartbeat may run beside them."""


class UnixConnection(HTTPConnection):
    """An HTTP connection over a Unix socket. ``timeout`` is in seconds."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect, and leave no socket open where that fails."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class OneEnginePool(HTTPConnectionPool):
    """A pool of connections to one place, however they are made."""

    def __init__(self, connection: Callable[[], HTTPConnection]) -> None:
        super().__init__("localhost", maxsize=_KEPT)
        self._connection = connection

    def _new_conn(self) -> Any:
        self.num_connections += 1  # urllib3's own count
        return self._connection()


class OneEngineAdapter(HTTPAdapter):
    """Sends every request to the one engine, whatever host its URL names."""

    def __init__(self, connection: Callable[[], HTTPConnection]) -> None:
        super().__init__()
        self._connection = connection
        self._pool = OneEnginePool(connection)

    def get_connection_with_tls_context(self, *_args: Any, **_kwargs: Any) -> Any:
        """The one pool (requests >= 2.32)."""
        return self._pool

    def get_connection(self, *_args: Any, **_kwargs: Any) -> Any:
        """The one pool (requests < 2.32)."""
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002 - proxies have no part in this
        """The path alone."""
        return str(request.path_url)

    def close(self) -> None:
        """Close the connections that are kept; another request would open one anew."""
        self._pool.close()
        self._pool = OneEnginePool(self._connection)
        super().close()
