"""What goes by a name: strategies, services, engines, images, ports and commands."""

from __future__ import annotations

import re
import shlex

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each


def name(found: object) -> str:
    """A word that names something, such as a strategy; whether there is such a thing is known elsewhere."""
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", found):
        raise Unfit("not a name of letters, digits, dots, dashes and underscores")
    return found


def host(found: object) -> str:
    """The address of an engine, as Docker writes it."""
    if not isinstance(found, str) or not re.fullmatch(r"(unix|npipe|tcp|ssh|http|https)://[!-~]+", found):
        raise Unfit('not an address such as "ssh://deploy@manager" or "unix:///var/run/docker.sock"')
    return found


def hosts(found: object) -> str:
    """One engine's address, or those of several managers: an array, or with commas between them."""
    listed = found.split(",") if isinstance(found, str) else found
    if not isinstance(listed, list | tuple) or not listed:
        raise Unfit('not an array of addresses such as ["ssh://deploy@manager-1", "ssh://deploy@manager-2"]')
    return ",".join(each(host, [one.strip() if isinstance(one, str) else one for one in listed]))


def service_name(found: object) -> str:
    """The name of a Swarm service."""
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", found):
        raise Unfit("not the name of a service")
    return found


_DOMAIN = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/"
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[a-z0-9+._-]+:[0-9a-fA-F]+"
_REFERENCE = re.compile(rf"(?:{_DOMAIN})?{_PART}(?:/{_PART})*(?::{_TAG})?(?:@{_DIGEST})?")
"""As registries have it (distribution/reference, reference.go): only a registry's name may be in capitals."""


def image(found: object) -> str:
    """An image's reference; whether there is such an image is known to its registry."""
    if not isinstance(found, str) or len(found) > 500 or not _REFERENCE.fullmatch(found):
        raise Unfit('not an image such as "registry.example.org/curl:8"')
    return found


def tag(found: object) -> str:
    """An image's tag."""
    if not isinstance(found, str) or not re.fullmatch(_TAG, found):
        raise Unfit('not a tag such as "2.7.0"')
    return found


def address(found: object) -> str:
    """A host and a port; an IPv6 address stands in brackets."""
    pattern = r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})"
    match = re.fullmatch(pattern, found) if isinstance(found, str) else None
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise Unfit('not a host and a port such as "redis:6379"')
    return match[0]


def command(found: object) -> tuple[str, ...]:
    """A command's words: an array, or a text that is taken apart as a shell would, without running one."""
    words = _split(found) if isinstance(found, str) else found
    if not isinstance(words, list) or not all(isinstance(word, str) and "\0" not in word for word in words):
        raise Unfit('not a command such as "php artisan migrate", or an array of its words')
    if not words or not words[0]:
        raise Unfit("empty: a command has at least the name of a program")
    return tuple(words)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Unfit("but a quotation in it has no end") from error


def text(found: object) -> str:
    """A text that says something, such as a query."""
    if not isinstance(found, str) or not found.strip():
        raise Unfit("not a text")
    return found


ADDRESS = Kind("`host:port`", address)
COMMAND = Kind("text, or array of words", command, shlex.join)
HOST = Kind("address", host)
HOSTS = Kind("addresses of managers", hosts)
IMAGE = Kind("image", image, lambda given: given or "the service's new one")
NAME = Kind("name", name, metavar="NAME")
SERVICE = Kind("name", service_name)
TAG = Kind("tag", tag)
TEXT = Kind("text", text)
