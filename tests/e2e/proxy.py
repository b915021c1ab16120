"""A proxy in front of an engine's socket that loses, delays or doubles one write, or kills who writes it."""

from __future__ import annotations

import http.client
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from pathlib import Path

DELAY = 4.0
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Mishap(StrEnum):
    """What befalls a write."""

    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"
    DOUBLED = "doubled"
    DELAYED = "delayed"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"


@dataclass
class Trouble:
    """The ``nth`` write whose method and path match ``pattern`` is befallen; all of them are counted.

    ``kill`` ends the process that writes.
    """

    mishap: Mishap
    pattern: str
    nth: int = 1
    seen: int = 0
    landed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    kill: Callable[[], None] = lambda: None

    def befalls(self, line: str) -> bool:
        if not re.search(self.pattern, line):
            return False
        with self.lock:
            self.seen += 1
            return self.seen == self.nth


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, engine: Path, trouble: Trouble) -> None:
        super().__init__(str(path), _Handler)
        self.engine = engine
        self.trouble = trouble


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def address_string(self) -> str:
        return "somebody"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.server.trouble
        mishap = trouble.mishap if trouble.befalls(f"{self.command} {self.path}") else None
        if mishap is Mishap.KILLED_BEFORE:
            trouble.kill()
        if mishap in {Mishap.LOST_BEFORE, Mishap.KILLED_BEFORE}:
            return self._break_off()
        if mishap is Mishap.DELAYED:
            time.sleep(DELAY)
        if mishap is Mishap.DOUBLED:
            self._ask(body)
        answer = self._ask(body)
        if mishap is Mishap.KILLED_AFTER:
            trouble.kill()
        lost = mishap in {Mishap.LOST_AFTER, Mishap.KILLED_AFTER}
        return self._break_off() if lost else self._answer(*answer)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = _Unix(str(self.server.engine))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        connection.request(self.command, self.path, body or None, kept)
        reply = connection.getresponse()
        found = reply.status, reply.getheaders(), reply.read()
        connection.close()
        if self.command != "GET" and reply.status < 300:
            self.server.trouble.landed.append(f"{self.command} {self.path}")
        return found

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _break_off(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815 - the names are those of http.server


@contextmanager
def proxy(engine: Path, folder: Path, trouble: Trouble) -> Iterator[str]:
    """The address of a proxy for the time of a block."""
    path = folder / "engine.sock"
    server = _Server(path, engine, trouble)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        server.shutdown()
        server.server_close()
