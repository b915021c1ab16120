"""A lock that dies with its holder and leaves no file behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from rollout.lab import system
from rollout.lab.errors import LabError


@contextmanager
def held(what: str, seconds: float) -> Iterator[None]:
    """Hold the name of an abstract socket: the kernel gives it to one process, until that process ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as holder:
        if not system.wait_for(lambda: _taken(holder, what), seconds):
            raise LabError(f"another process is at work on {what}", "wait for it, or end it first")
        yield


def _taken(holder: socket.socket, what: str) -> bool:
    try:
        holder.bind(f"\0rollout.lab/{what}")
    except OSError:
        return False
    return True
