"""Which channels the configuration asks for, opened and checked before anything is touched.

No message repeats an address, since any part of it may be a secret: it says which one, and its scheme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rollout.config.errors import ConfigError, Unfit
from rollout.config.keys import NOTIFY_SECRET_VARIABLE, NOTIFY_VARIABLE
from rollout.errors import UsageError
from rollout.model import Message, Notify
from rollout.notify.services import open_service
from rollout.notify.signature import key_of
from rollout.notify.webhook import Webhook
from rollout.ports import Notifier

HANDED_OUT = (
    "hooks.slack.com",
    "discord.com",
    "discordapp.com",
    "chat.googleapis.com",
    ".logic.azure.com",
    ".api.powerplatform.com",
)
"""Hosts of addresses that Slack, Discord, Google Chat and Teams give to their users: apprise knows them."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_BETWEEN = re.compile(r"[\s,]+(?=[a-z][a-z0-9+.-]{0,30}://)|\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """A channel by a name that no other has."""

    name: str
    channel: Notifier

    def send(self, message: Message, seconds: float) -> None:
        """Pass it on. Raises NotDelivered and NotAccepted."""
        self.channel.send(message, seconds)


@dataclass(frozen=True)
class _Address:
    """A URL, and where it is written."""

    url: str
    place: str


def open_channels(notify: Notify, environ: Mapping[str, str]) -> tuple[Notifier, ...]:
    """Every channel, in the order in which they are written. Raises ConfigError and UsageError."""
    key = _key(notify, environ)
    opened: list[Notifier] = []
    problems: list[str] = []
    for address in _addresses(notify, environ):
        try:
            opened.append(_open(_filled_in(address.url, environ), key))
        except Unfit as unfit:
            problems.append(f"{address.place} {unfit.reason}")
    if problems:
        raise ConfigError(problems, "see docs/notifications.md; `rollout notify test` tries them out")
    return tuple(_told_apart(opened))


def _addresses(notify: Notify, environ: Mapping[str, str]) -> list[_Address]:
    """Those of the environment, or else those of the file."""
    typed = environ.get(NOTIFY_VARIABLE, "").strip()
    urls, source = (_BETWEEN.split(typed), NOTIFY_VARIABLE) if typed else (notify.urls, "[notify] urls")
    return [_Address(url.strip(), f"address {number} in {source}") for number, url in enumerate(urls, 1)]


def _filled_in(url: str, environ: Mapping[str, str]) -> str:
    """The address with the variables in it: a file in a repository names secrets without holding them."""
    missing = [name for name in _VARIABLE.findall(url) if not environ.get(name)]
    if missing:
        raise Unfit(f"needs the environment variable {missing[0]}, which is not set")
    return _VARIABLE.sub(lambda found: environ[found[1]], url)


def _open(url: str, key: bytes | None) -> Notifier:
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise Unfit("is no address such as slack://… or https://…")
    if scheme[1].lower() in ("http", "https") and not _handed_out(_host(url)):
        return Webhook(url, key)
    service = open_service(url)
    if service is None:
        raise Unfit(f"begins with {scheme[1]}://, but apprise knows no such service, or it lacks a part")
    return service


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if not host or not re.fullmatch(r"[!-~]+", url):
        raise Unfit("is no URL with a host and, if any, a port from 1 to 65535")
    return host


def _handed_out(host: str) -> bool:
    return any(host == known or (known.startswith(".") and host.endswith(known)) for known in HANDED_OUT)


def _key(notify: Notify, environ: Mapping[str, str]) -> bytes | None:
    """The key that signs webhooks, if there is one."""
    secret = _in_file(notify.secret_file) if notify.secret_file else _in_environment(notify, environ)
    return key_of(secret) if secret else None


def _in_environment(notify: Notify, environ: Mapping[str, str]) -> str:
    secret = environ.get(notify.secret_env or NOTIFY_SECRET_VARIABLE, "")
    if notify.secret_env and not secret:
        raise UsageError(
            f"secret_env in [notify] names the environment variable {notify.secret_env}, which is not set",
            "set it, or take secret_env out: webhooks are then not signed",
        )
    return secret


def _in_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", "") or "it is no text").lower()
        raise UsageError(f"secret_file in [notify] names a file that cannot be read: {reason}") from None


def _told_apart(channels: list[Notifier]) -> list[Notifier]:
    """Each by a name of its own: the second Slack is ``Slack 2``."""
    names = [channel.name for channel in channels]
    counts = [names[: index + 1].count(name) for index, name in enumerate(names)]
    return [
        Named(channel.name if count == 1 else f"{channel.name} {count}", channel)
        for channel, count in zip(channels, counts, strict=True)
    ]
