"""Kinds of values: how each is parsed, checked and shown. Parsers take what a TOML file or a text holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from rollout import durations
from rollout.config.errors import Unfit
from rollout.config.wording import nearest
from rollout.model import Batch, HttpProbe, OnFailure, Order


def _anything(_value: Any) -> None:
    """The check of a kind whose parser lets nothing bad through."""


@dataclass(frozen=True)
class Kind:
    """A kind of value. ``takes`` names it in the reference; ``typed`` is what code may pass unparsed."""

    takes: str
    parse: Callable[[object], object]
    show: Callable[[Any], str] = str
    check: Callable[[Any], None] = _anything
    typed: type | None = None

    def read(self, found: object) -> object:
        """The value for what was found in a file, a variable or a label."""
        value = self.parse(found)
        self.check(value)
        return value

    def read_typed(self, found: object) -> object:
        """The same for a caller in Python, whose value may need no parsing."""
        if self.typed is None or not isinstance(found, self.typed):
            return self.read(found)
        self.check(found)
        return found


def duration(found: object) -> float:
    """Seconds. A bare number has no unit and could mean anything, except for zero."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise Unfit('not a duration such as "30s"')
    try:
        return durations.parse(str(found))
    except durations.DurationError as error:
        raise Unfit(error.reason) from error


def _not_negative(seconds: float) -> None:
    if not seconds >= 0:
        raise Unfit("less than nothing: a time is 0 or longer")


def _above_zero(seconds: float) -> None:
    if not seconds > 0:
        raise Unfit('no time at all: give a time such as "30s"')


def batch(found: object) -> Batch:
    """A count, or a share of all slots."""
    text = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    match = re.fullmatch(r"(-?[0-9]{1,9})(%?)", text)
    if match is None:
        raise Unfit('not a count such as 2 or a share such as "25%"')
    return Batch(int(match[1]), bool(match[2]))


def _some_slots(value: Batch) -> None:
    if value.percent and not 1 <= value.amount <= 100:
        raise Unfit("out of range: a share is between 1% and 100%")
    if value.amount < 1:
        raise Unfit("too few: a batch is at least 1")


def one_of(words: type[StrEnum]) -> Callable[[object], StrEnum]:
    """A parser for the words of an enum."""
    known = [str(word) for word in words]

    def parse(found: object) -> StrEnum:
        if isinstance(found, str) and found in known:
            return words(found)
        near = nearest(found, known) if isinstance(found, str) else None
        raise Unfit(f"not one of {', '.join(known)}" + (f': did you mean "{near}"?' if near else ""))

    return parse


def name(found: object) -> str:
    """A word that names something, such as a strategy; whether there is such a thing is known elsewhere."""
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", found):
        raise Unfit("not a name of letters, digits, dots, dashes and underscores")
    return found


def url(found: object) -> str:
    """An address to send requests to; credentials in it would end up in logs."""
    if not isinstance(found, str) or not re.match(r"https?://", found, re.IGNORECASE):
        raise Unfit("not a URL that begins with http:// or https://")
    if not re.fullmatch(r"[!-~]+", found):
        raise Unfit("not a URL: spaces, control and non-ASCII characters have to be percent-encoded")
    if not _has_host(found):
        raise Unfit("not a URL with a host and, if any, a port from 1 to 65535")
    if "@" in urlsplit(found).netloc:
        raise Unfit("a URL with credentials: give them as headers of a gate, [[services.NAME.gates]]")
    return found


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def probes(found: object) -> tuple[HttpProbe, ...]:
    """One probe a URL: URLs in one text are separated by commas."""
    urls = [part.strip() for part in found.split(",")] if isinstance(found, str) else found
    if not isinstance(urls, list | tuple):
        raise Unfit("not a URL that begins with http:// or https://")
    return tuple(part if isinstance(part, HttpProbe) else HttpProbe(url(part)) for part in urls)


def status(found: object) -> int:
    """An HTTP status."""
    if isinstance(found, bool) or not isinstance(found, int) or not 100 <= found <= 599:
        raise Unfit("not an HTTP status from 100 to 599")
    return found


def headers(found: object) -> Mapping[str, str]:
    """Header fields. Their values may be secrets, so no message repeats one."""
    if not isinstance(found, dict):
        raise Unfit('not a table such as { Host = "example.org" }')
    if not all(re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", key) for key in found):
        raise Unfit("but not every name in it is the name of a header")
    if not all(isinstance(value, str) and re.fullmatch(r"[\t -~]*", value) for value in found.values()):
        raise Unfit("but not every value in it is text of one line in ASCII")
    return dict(found)


def host(found: object) -> str:
    """The address of an engine, as Docker writes it."""
    if not isinstance(found, str) or not re.fullmatch(r"(unix|npipe|tcp|ssh|http|https)://[!-~]+", found):
        raise Unfit('not an address such as "ssh://deploy@manager" or "unix:///var/run/docker.sock"')
    return found


def service_name(found: object) -> str:
    """The name of a Swarm service."""
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", found):
        raise Unfit("not the name of a service")
    return found


DURATION = Kind("duration", duration, durations.format, _not_negative, float)
SOME_TIME = Kind("duration above 0", duration, durations.format, _above_zero, float)
BATCH = Kind('count, or share such as `"25%"`', batch, str, _some_slots, Batch)
ORDER = Kind("`start-first`, `stop-first`", one_of(Order), lambda order: order or "decided per service")
ON_FAILURE = Kind("`rollback`, `hold`", one_of(OnFailure))
NAME = Kind("name", name)
URL = Kind("URL", url)
PROBES = Kind(
    "URLs, with commas between", probes, lambda given: ", ".join(one.url for one in given) or "none"
)
STATUS = Kind("100 to 599", status, lambda expected: str(expected or "any 2xx or 3xx"))
HEADERS = Kind("table of texts", headers, lambda given: ", ".join(given) or "none")
HOST = Kind("address", host)
SERVICE = Kind("name", service_name)
