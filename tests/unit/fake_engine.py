"""An engine on a Unix socket that says what a test wants, and breaks off where a test wants."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

Handler: TypeAlias = BaseHTTPRequestHandler
Answer: TypeAlias = Callable[[Handler], None]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def says(value: Any, status: int = 200) -> Answer:
    """JSON, or bytes as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def refuses(status: int, message: str) -> Answer:
    return says({"message": message}, status)


def cuts(handler: Handler) -> None:
    """Break off after the request has been read."""
    handler.close_connection = True


def cuts_midway(handler: Handler) -> None:
    """Break off in the middle of the body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'[{"ID": "')
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """Send a line of a log, in chunks as engines do, and another one each half second."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"e\r\n\x01\0\0\0\0\0\0\x06hello\n\r\n")
        handler.wfile.flush()
        time.sleep(0.5)


def sleeps(seconds: float) -> Answer:
    def answer(handler: Handler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def opens_and_sleeps(seconds: float) -> Answer:
    """Send the head, and nothing after it."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.flush()
        sleeps(seconds)(handler)

    return answer


@dataclass
class FakeEngine:
    """Its answers by ``"GET /services"``, without the API version; the last one of several stays."""

    socket: Path
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    @property
    def host(self) -> str:
        return f"unix://{self.socket}"

    def on(self, call: str, *answers: Answer) -> None:
        self.answers[call] = list(answers)

    def asked(self, call: str) -> list[Request]:
        return [request for request in self.requests if f"{request.method} {request.path}" == call]

    def take(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        path = parts.path if parts.path == "/version" else "/" + parts.path.split("/", 2)[2]
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = dict(handler.headers.items())
        request = Request(str(handler.command), path, dict(parse_qsl(parts.query)), headers, body)
        self.requests.append(request)
        waiting = self.answers[f"{request.method} {path}"] or [refuses(404, "page not found")]
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)


@contextmanager
def fake_engine(folder: Path, api: str = "1.41") -> Iterator[FakeEngine]:
    engine = FakeEngine(folder / "engine.sock")
    engine.on("GET /version", says({"ApiVersion": api}))

    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            engine.take(self)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the server's names

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        block_on_close = False

    with Server(str(engine.socket), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown()
