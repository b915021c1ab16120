"""The engine's HTTP interface over its Unix socket: the few calls that make a lab.

The standard library is enough here. A lab must not need a docker client on the machine.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rollout.lab.errors import LabError

TIMEOUT = 60.0


class EngineApi:
    """One engine, called by the newest version of the interface that it speaks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answers(self) -> bool:
        """Tell whether the engine is ready for calls."""
        try:
            return self._send("GET", "/_ping", b"", {})[0] == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str) -> Any:
        """Read something."""
        return json.loads(self.call("GET", path))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send a JSON body; most calls answer with JSON or with nothing."""
        answer = self.call("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.loads(answer) if answer.strip() else None

    def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Make one call; the engine's own words become the error's message."""
        try:
            status, answer = self._send(method, path, body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            raise LabError(f"{method} {path} got no answer from {self._path}: {error}") from error
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise LabError(f"{method} {path} was refused: {_message(answer)}")
        return answer

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("docker", timeout=TIMEOUT)
        self._socket_path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._socket_path))


def _message(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["message"])
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace").strip()
