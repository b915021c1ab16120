"""Real receivers on loopback: a web server, and a mail server."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from receivers import Mailbox, receiving
from standardwebhooks.webhooks import Webhook as Check

from rollout.background import Threads
from rollout.clock import SystemClock
from rollout.errors import NotAccepted, NotDelivered
from rollout.model import Level, Message, Notify
from rollout.notify.channels import open_channels
from rollout.notify.delivery import Report, send
from rollout.notify.form import fields
from rollout.notify.webhook import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = Message(
    "rolled_back",
    Level.WARNING,
    "rolled back: php runs php:1 again",
    "2026-03-09T10:02:14.123+00:00",
    (("service", "php"), ("why", "every page is an error")),
    ("PHP Fatal error: <b>bold</b> & @everyone",),
    "mend the release",
    {"service": "php"},
)


def reported(*urls: str, seconds: float = 5.0, **environ: str) -> tuple[Report, ...]:
    channels = open_channels(Notify(urls), environ)
    return send(channels, MESSAGE, seconds, Threads(), SystemClock()).reports()


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The URL of somebody who reads a request, says these bytes and hangs up."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        thread.join()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_webhook_gets_the_object_signed():
    with receiving() as receiver:
        assert reported(receiver.url, ROLLOUT_NOTIFY_SECRET=SECRET)[0].error == ""
    (request,) = receiver.requests
    assert request.headers["content-type"] == "application/json"
    assert Check(SECRET).verify(request.body, request.headers) == fields(MESSAGE)


def test_a_receiver_that_stumbles_gets_it_again_with_the_same_identity():
    with receiving(500, 200) as receiver:
        assert reported(receiver.url)[0].error == ""
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize("status", [301, 400, 404])
def test_a_receiver_that_says_no_or_sends_elsewhere_is_asked_once(status: int):
    with receiving(status) as receiver, pytest.raises(NotAccepted, match=f"HTTP {status}"):
        Webhook(receiver.url).send(MESSAGE, 2)
    assert len(receiver.requests) == 1


def test_a_receiver_that_hangs_is_given_up():
    with receiving(0) as receiver, pytest.raises(NotDelivered, match=r"no answer within 0\.2s"):
        Webhook(receiver.url).send(MESSAGE, 0.2)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
    ],
)
def test_a_receiver_that_answers_nothing_or_nonsense_is_not_taken_for_a_wrong_url(answer: bytes, said: str):
    with answering(answer) as url, pytest.raises(NotDelivered, match=said):
        Webhook(url).send(MESSAGE, 2)


def test_nobody_waits_for_a_hanging_receiver_beyond_the_time():
    began = time.monotonic()
    with receiving(0) as hanging, receiving() as well:
        reports = reported(hanging.url, well.url, seconds=0.5)
        took = time.monotonic() - began
    assert [bool(report.error) for report in reports] == [True, False]
    assert took < 2.0


def test_a_receiver_that_is_not_there_refuses_the_connection():
    with pytest.raises(NotDelivered, match="connection refused"):
        Webhook(f"http://127.0.0.1:{free_port()}/").send(MESSAGE, 2)


def test_a_service_of_apprise_that_stumbles_is_asked_again_in_time():
    with receiving(500, 200) as receiver:
        assert reported(f"ntfy://127.0.0.1:{receiver.port}/deployments") == (Report("ntfy"),)
    assert len(receiver.requests) == 2


def test_a_mail_arrives_in_plain_words():
    mailbox, port = Mailbox(), free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        url = f"mailto://127.0.0.1:{port}?from=rollout@example.org&to=ops@example.org&mode=insecure"
        assert reported(url) == (Report("E-Mail"),)
    finally:
        server.stop()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "rolled back: php runs php:1 again"
    assert "ops@example.org" in mail["To"]
    shown = mail.get_body(("plain", "html"))
    assert shown is not None
    words = re.sub(r"<br\s*/?>", "\n", shown.get_content())
    assert "why: every page is an error" in words
    assert "next: mend the release" in words
    assert "<b>bold</b>" not in words or shown.get_content_type() == "text/plain"
    assert "@everyone" not in words


def test_a_mail_server_that_is_not_there_is_reported():
    url = f"mailto://user:hunter2x@127.0.0.1:{free_port()}?from=r@example.org&to=ops@example.org"
    (report,) = reported(url, seconds=1.0)
    assert report.channel == "E-Mail"
    assert report.error
    assert "hunter2" not in report.error
