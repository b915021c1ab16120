"""What goes by a secret's name is not shown: outputs end up in build logs that many can read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit, urlunsplit

HIDDEN = "(hidden)"

_SECRET = (
    r"passw|passphrase|\w_?pwd|secret|token|credential|private"
    r"|(?:api|app|access)[_-]?key|dsn|basic_?auth|htpasswd|authorization"
)
_NAMES_SECRET = re.compile(_SECRET, re.IGNORECASE)
_ASSIGNS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*)=.*", re.IGNORECASE)
_TELLS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*[\"']?\s*(?::|=>)\s*)\S.*", re.IGNORECASE)
_AUTHORIZES = re.compile(r"\b(authorization[\"']?\s*(?::|=>?)|bearer)\s*\S.*", re.IGNORECASE)
_LOOKS_SECRET = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|gh[a-z]_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|sk_live_\w{10,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)
_CALLS = re.compile(r"((?:->|::)[\w\\]+|\): [\w\\]+)\(.+\)")
"""What PHP's stack traces tell of the arguments of a call: those of ``PDO->__construct`` are a login."""
_PASSES_SECRET = re.compile(rf"(--?[\w.-]*(?:{_SECRET})[\w.-]*)\s+[^\s`]+", re.IGNORECASE)
_LOGS_IN = re.compile(r"((?:^|\s)(?:-\w*u|--(?:proxy-)?user)(?:\s+|=)?)(?!\d+:\d+(?:\s|$))[^\s:`]+:[^\s`]+")
"""What curl and its kin take as ``-u user:password``; numbers are a user and a group."""
_LOGS_IN_NEXT = re.compile(r"-\w*u|--(?:proxy-)?user")
_SECRET_NEXT = re.compile(rf"--?[\w.-]*(?:{_SECRET})[\w.-]*", re.IGNORECASE)
_USER_AND_GROUP = re.compile(r"\d+:\d+")


def names_secret(name: str) -> bool:
    """Whether a value of this name is to be hidden."""
    return bool(_NAMES_SECRET.search(name))


def without_secrets(text: str) -> str:
    """Text on one line without what looks like a secret or goes by the name of one.

    ``--token=...``, ``--token ...``, ``-u user:...``, keys of clouds and forges.
    """
    text = _LOGS_IN.sub(rf"\1{HIDDEN}", _LOOKS_SECRET.sub(HIDDEN, text))
    return _PASSES_SECRET.sub(rf"\1 {HIDDEN}", _ASSIGNS_SECRET.sub(rf"\1={HIDDEN}", text))


def arguments_without_secrets(arguments: Sequence[str]) -> Iterator[str]:
    """The same for a command's arguments, of which one may say what the next one is."""
    before = ""
    for argument in arguments:
        secret = _SECRET_NEXT.fullmatch(before) or (_LOGS_IN_NEXT.fullmatch(before) and _is_login(argument))
        yield HIDDEN if secret else without_secrets(argument)
        before = argument


def _is_login(argument: str) -> bool:
    return ":" in argument and not _USER_AND_GROUP.fullmatch(argument)


def public_link(url: str) -> str:
    """A link without its login and its query, which may hold a secret of whatever name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    place = without_secrets(parts.fragment)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", place))


def without_secrets_of_logs(line: str) -> str:
    """A line of a program without what looks like a secret: rather too little is left than too much."""
    line = _CALLS.sub(r"\1(…)", line)
    line = _AUTHORIZES.sub(rf"\1 {HIDDEN}", line)
    line = _TELLS_SECRET.sub(rf"\1{HIDDEN}", line)
    return without_secrets(line)
