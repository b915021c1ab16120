"""Chats, mail and pagers through apprise, the extra ``notify``; imported where such an address is given."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rollout.errors import MaybeDelivered, NotDelivered, UsageError
from rollout.model import Message
from rollout.notify.form import text, uncalled
from rollout.render.text import safe

if TYPE_CHECKING:
    from apprise import NotifyBase

_LOGGER = logging.getLogger("apprise")
_PAGERS = ("pagerduty://", "opsgenie://")
"""Services that, with ``?action=map``, close what they opened: by the title, which has to stay the same."""
_SHORTEST_SECRET = 4
_LONGEST_REASON = 200


class ThroughApprise:
    """One service that apprise knows. Each part of its address may be a secret, its scheme excepted."""

    def __init__(self, service: NotifyBase, url: str) -> None:
        self.name = str(service.service_name)
        self._service = service
        self._service.request_rate_per_sec = 0  # tries keep their distance; 5.5 s, its own, would be too late
        self._secrets = secrets_in(url)
        self._is_pager = url.lower().startswith(_PAGERS)

    def send(self, message: Message, seconds: float) -> None:
        """Send it. Raises NotDelivered: apprise does not tell what is worth another try.

        The service itself sends in this thread. ``Apprise.notify`` would in a pool of threads, for whose end
        the program would have to wait.
        """
        self._service.socket_connect_timeout = self._service.socket_read_timeout = seconds
        began = time.monotonic()
        title, body = self._words(message)
        with _overheard() as complaints:
            delivered = self._service.notify(
                body=uncalled(body),
                title=uncalled(title),
                notify_type=str(message.level),
                body_format="text",
            )
        if not delivered:
            late = time.monotonic() - began >= seconds
            raise (MaybeDelivered if late else NotDelivered)(self._reason(complaints))

    def _words(self, message: Message) -> tuple[str, str]:
        """Title and text: a pager has the topic for a title, and what is told in the text."""
        if self._is_pager and message.topic:
            return message.topic, f"{message.title}\n{text(message)}"
        return message.title, text(message)

    def _reason(self, complaints: list[str]) -> str:
        said = without(complaints[0], self._secrets) if complaints else ""
        return safe(said)[:_LONGEST_REASON] or "apprise could not deliver it"


def open_service(url: str) -> ThroughApprise | None:
    """The service at an address; None where apprise does not understand it.

    Raises UsageError where apprise is missing.
    """
    try:
        from apprise import Apprise, AppriseAsset
    except ImportError:
        raise UsageError(
            "notifications to chats, mail and pagers need the extra `notify`",
            "pip install 'swarm-rollout[notify]'; an https:// address of your own works without it",
        ) from None
    _LOGGER.addHandler(logging.NullHandler())
    _LOGGER.propagate = False
    asset = AppriseAsset(app_id="rollout", app_desc="rollout", storage_mode="memory")
    service = Apprise.instantiate(url, asset=asset)
    return ThroughApprise(service, url) if service else None


def secrets_in(url: str) -> tuple[str, ...]:
    """The parts of an address that must not be seen, the longest first, also as they read decoded."""
    _, _, rest = url.partition("://")
    parts = {rest, *rest.replace("/", " ").translate(str.maketrans("@:?&=#,;+", " " * 9)).split()}
    both = parts | {unquote(part) for part in parts}
    return tuple(sorted((part for part in both if len(part) >= _SHORTEST_SECRET), key=len, reverse=True))


def without(said: str, secrets: tuple[str, ...]) -> str:
    """Text without any of these."""
    for secret in secrets:
        said = said.replace(secret, "…")
    return said


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What apprise complains of in this thread; its logger is its only word about what went wrong."""
    heard: list[str] = []
    here = threading.get_ident()

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                heard.append(record.getMessage())

    handler = Listening(logging.WARNING)
    _LOGGER.addHandler(handler)
    try:
        yield heard
    finally:
        _LOGGER.removeHandler(handler)
