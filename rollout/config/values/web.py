"""What HTTP gates are made of: addresses, methods, header fields and regular expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, choice, each
from rollout.config.wording import plain
from rollout.model import HttpProbe

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST_PATTERN = 1000


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
    return each(_probe, urls)


def _probe(found: object) -> HttpProbe:
    return found if isinstance(found, HttpProbe) else HttpProbe(url(found))


def status(found: object) -> int:
    """An HTTP status."""
    if isinstance(found, bool) or not isinstance(found, int) or not 100 <= found <= 599:
        raise Unfit("not an HTTP status from 100 to 599")
    return found


def headers(found: object) -> Mapping[str, str]:
    """Header fields. Their values may be secrets, so no message repeats one."""
    fields = _fields(found, 'not a table such as { Host = "example.org" }')
    if not all(isinstance(value, str) and re.fullmatch(r"[\t -~]*", value) for value in fields.values()):
        raise Unfit("but not every value in it is text of one line in ASCII")
    return fields


def _fields(found: object, otherwise: str) -> dict[str, str]:
    if not isinstance(found, dict):
        raise Unfit(otherwise)
    if not all(_HEADER.fullmatch(key) for key in found):
        raise Unfit("but not every name in it is the name of a header")
    return dict(found)


def header_name(found: object) -> str:
    """The name of a header field."""
    if not isinstance(found, str) or not _HEADER.fullmatch(found):
        raise Unfit("not the name of a header")
    return found


def regex(found: object) -> str:
    """A regular expression that compiles. An empty one would match everything and check nothing."""
    if not isinstance(found, str) or not 1 <= len(found) <= _LONGEST_PATTERN:
        raise Unfit(f"not a regular expression of 1 to {_LONGEST_PATTERN} characters")
    try:
        re.compile(found)
    except (re.error, OverflowError, RecursionError) as error:
        raise Unfit(f"not a regular expression: {plain(str(error))}") from error
    return found


def regexes(found: object) -> Mapping[str, str]:
    """For each header field a regular expression that its value has to contain."""
    fields = _fields(found, 'not a table such as { Content-Type = "^text/html" }')
    for name, pattern in fields.items():
        try:
            regex(pattern)
        except Unfit as unfit:
            raise Unfit(f"but {plain(name)} in it is {unfit.reason}") from unfit
    return fields


def _names(given: Mapping[str, str]) -> str:
    return ", ".join(given) or "none"


HEADER_NAME = Kind("name", header_name, lambda name: name or "none")
HEADERS = Kind("table of texts", headers, _names)
METHOD = choice(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
PROBES = Kind(
    "URLs, with commas between",
    probes,
    lambda given: ", ".join(one.url for one in given) or "none",
    metavar="URL",
)
REGEX = Kind("regular expression", regex, lambda pattern: pattern or "none")
REGEXES = Kind("table of regular expressions", regexes, _names)
STATUS = Kind("100 to 599", status, lambda expected: str(expected or "any 2xx or 3xx"))
URL = Kind("URL", url)
