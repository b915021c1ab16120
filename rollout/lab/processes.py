"""Whose process is this? Told by namespaces, groups and the lab's mark; never by a program's name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

from rollout.lab import cgroups, network, system

_PROC = Path("/proc")
_STATE = 3
"""Column of a socket's state in /proc/PID/net/tcp."""


def of_lab(lab: str) -> set[int]:
    """Find every living process that belongs to a lab, but not the one that asks."""
    inside = {pid for name in network.existing(lab) for pid in in_netns(name)}
    found = inside | marked(lab) | cgroups.processes(lab)
    return {pid for pid in found if alive(pid)} - {os.getpid()}


def in_netns(netns: str) -> set[int]:
    """Find every living process in a named network namespace."""
    space = _identity(network.NETNS / netns)
    return {pid for pid in _pids() if space and _netns(pid) == space and alive(pid)}


def marked(lab: str, part: str = "") -> set[int]:
    """Find every living process that was started for a lab, or for one part of it."""
    mark = f"{system.MARK}={lab}/{part}".encode()
    exact = bool(part)
    return {pid for pid in _pids() if _has(pid, mark, exact) and alive(pid)}


def listens(pid: int, port: int) -> bool:
    """Tell whether anything listens on a TCP port in the process's network namespace."""
    table = "".join(_read(_PROC / str(pid) / "net" / name) for name in ("tcp", "tcp6"))
    rows = (line.split() for line in table.splitlines())
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows if len(row) > _STATE)


def init_of(netns: str) -> int | None:
    """Find a node's first process: the one in its network namespace that calls itself number 1."""
    return next((pid for pid in in_netns(netns) if _is_init(pid)), None)


def alive(pid: int) -> bool:
    """Tell whether a process is there and more than a zombie."""
    return _field(pid, "State").split(" ")[0] not in ("", "Z", "X")


def kill(pids: Iterable[int], sig: signal.Signals = signal.SIGKILL) -> None:
    """Signal processes; one that is already gone is no error."""
    for pid in pids:
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            continue


def _pids() -> Iterator[int]:
    return (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _is_init(pid: int) -> bool:
    """A process in an inner PID namespace has several numbers; the last is its own view."""
    numbers = _field(pid, "NSpid").split()
    return len(numbers) > 1 and numbers[-1] == "1"


def _netns(pid: int) -> tuple[int, int] | None:
    return _identity(_PROC / str(pid) / "ns" / "net")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _has(pid: int, mark: bytes, exact: bool) -> bool:
    try:
        entries = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return mark in entries if exact else any(entry.startswith(mark) for entry in entries)


def _field(pid: int, name: str) -> str:
    lines = (line.partition(":") for line in _read(_PROC / str(pid) / "status").splitlines())
    return next((value.strip() for key, _, value in lines if key == name), "")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
