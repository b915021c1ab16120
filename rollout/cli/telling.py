"""Tells those who asked for it whatever becomes of a deployment, and says at the end who was missed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rollout.cli.interrupts import Interrupted

if TYPE_CHECKING:
    from rollout.config import ConfigFile
    from rollout.notify.teller import Teller
    from rollout.state.holder import Holder


@contextmanager
def telling(service: str, file: ConfigFile | None, who: Holder) -> Iterator[Teller]:
    """A teller for one deployment of a service. Raises UsageError and ConfigError before it begins."""
    from rollout.cli.run import unforeseen
    from rollout.errors import RolloutError

    teller = _teller(file, who)
    try:
        yield teller
    except Exception as error:
        teller.stopped(error if isinstance(error, RolloutError) else unforeseen(error), service)
        _say_who_was_missed(teller)
        raise
    _say_who_was_missed(teller)


def _teller(file: ConfigFile | None, who: Holder) -> Teller:
    from rollout.background import Threads
    from rollout.clock import SystemClock
    from rollout.model import Notify
    from rollout.notify.channels import open_channels
    from rollout.notify.teller import Teller

    notify = file.notify if file else Notify()
    return Teller(open_channels(notify, os.environ), notify, who, Threads(), SystemClock())


def _say_who_was_missed(teller: Teller) -> None:
    """A second Ctrl-C ends the waiting; the deployment is over, so that its exit code stays."""
    from rollout.cli.screen import say
    from rollout.render.text import Span, Style, line, safe

    with suppress(Interrupted, OSError):
        lines = [line(Span("warning:", Style.WARN), f" {safe(said)}") for said in teller.missed()]
        say(sys.stderr, lines)
