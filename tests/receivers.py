"""Receivers of notifications on loopback: in a test, or as a program in a network of its own.

    python receivers.py PORT [STATUS|hang|smtp]

prints "ready", then each request, or each mail, as a line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A receiver of webhooks. ``statuses`` are its answers, the last one for ever; 0 is none at all."""

    statuses: list[int] = field(default_factory=lambda: [200])
    requests: list[Request] = field(default_factory=list)
    heard: Callable[[Request], None] = lambda _request: None
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def receiving(
    *statuses: int, port: int = 0, heard: Callable[[Request], None] | None = None
) -> Iterator[Receiver]:
    """A receiver that runs meanwhile."""
    receiver = Receiver(list(statuses) or [200])
    receiver.heard = heard or receiver.heard
    with ThreadingHTTPServer(("127.0.0.1", port), _handler(receiver)) as server:
        server.daemon_threads = True
        receiver.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            server.shutdown()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.requests.append(request)
            receiver.heard(request)
            status = receiver.answer()
            if not status:
                receiver.closing.wait()
                return
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler


class Mailbox:
    """A handler for aiosmtpd that keeps what comes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.mails.append(BytesParser(policy=default).parsebytes(envelope.content))  # type: ignore[arg-type]
        return "250 kept"


def _print(request: Request) -> None:
    sys.stdout.write(json.dumps({"headers": request.headers, "body": request.said}) + "\n")
    sys.stdout.flush()


class PrintingMailbox(Mailbox):
    """The same as a program's."""

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        said = await super().handle_DATA(server, session, envelope)
        mail = self.mails[-1]
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        sys.stdout.write(json.dumps({"subject": mail["subject"], "text": text}) + "\n")
        sys.stdout.flush()
        return said


def serve_mail(port: int) -> None:
    from aiosmtpd.controller import Controller

    Controller(PrintingMailbox(), hostname="127.0.0.1", port=port).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


def main() -> None:
    if sys.argv[2:] == ["smtp"]:
        serve_mail(int(sys.argv[1]))
    port, behaviour = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "200"
    with receiving(0 if behaviour == "hang" else int(behaviour), port=port, heard=_print):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
