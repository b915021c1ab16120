"""What the watcher is told: which services, where it listens."""

from __future__ import annotations

import re

from rollout import durations
from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each
from rollout.config.values.names import service_name, text
from rollout.config.values.times import duration

_LISTEN = re.compile(r"(?:[A-Za-z0-9_.-]{0,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-/]{0,199}(?:=.{0,500})?")


def service_names(found: object) -> tuple[str, ...]:
    """Names of services: an array, or a text with commas between them."""
    return each(service_name, _listed(found, 'not an array of names such as ["php"]'))


def service_labels(found: object) -> tuple[str, ...]:
    """Labels that a service has to have: ``key`` or ``key=value``."""
    return each(_label, _listed(found, 'not an array of labels such as ["tier=web"]'))


def _label(found: object) -> str:
    if not isinstance(found, str) or not _LABEL.fullmatch(found):
        raise Unfit('not a label such as "tier=web"')
    return found


def listen(found: object) -> str:
    """An address to listen on: a host may be left out, which means all of them."""
    match = _LISTEN.fullmatch(found) if isinstance(found, str) else None
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise Unfit('not an address to listen on such as "127.0.0.1:9160" or ":9160"')
    return match[0]


SHORTEST_PACE = 1.0
LONGEST_PACE = 60.0


def _paced(seconds: float) -> None:
    if not SHORTEST_PACE <= seconds <= LONGEST_PACE:
        raise Unfit(f"out of range: it is between {SHORTEST_PACE:g}s and {LONGEST_PACE:g}s")


def _listed(found: object, wrong: str) -> list[str]:
    listed = [one.strip() for one in found.split(",")] if isinstance(found, str) else found
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise Unfit(wrong)
    return [str(one) for one in listed]


def _shown(given: tuple[str, ...]) -> str:
    return ", ".join(given) or "all"


SERVICES = Kind("array of names", service_names, _shown)
LABELS = Kind("array of `key` or `key=value`", service_labels, _shown)
CALLED = Kind("text", text, lambda name: name or "its address")
PACE = Kind("duration, 1s to 1m", duration, durations.format, _paced, metavar="TIME")
LISTEN = Kind("`[host]:port`", listen, lambda address: address or "nowhere")
