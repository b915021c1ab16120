"""Control groups of a lab, on cgroup v1, v2 and the hybrid of both.

Each node has one group, `rollout/LAB/NODE`. Its engine runs in a child of it, its containers in others. On v1
the engine enters the freezer hierarchy only: all its limits stay those of whoever started it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rollout.lab import system

_MOUNTS = Path("/proc/self/mountinfo")
_BASE = "rollout"


def parent(lab: str, node: str) -> str:
    """Name the group that holds all of a node: the engine's --cgroup-parent."""
    return f"/{_BASE}/{lab}/{node}"


def create(lab: str, node: str) -> list[Path]:
    """Make the groups that a node's engine shall enter, and list them."""
    groups = [tree.root / _BASE / lab / node / "engine" for tree in _freezers()]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    return groups


def freeze(lab: str, node: str) -> bool:
    """Stop every process of a node where it stands; False when this kernel has no freezer."""
    best = next(iter(_freezers()), None)
    if best is None:
        return False
    group = best.root / _BASE / lab / node
    _write(group / ("cgroup.freeze" if best.v2 else "freezer.state"), "1" if best.v2 else "FROZEN")
    return system.wait_for(lambda: _is_frozen(group), seconds=5)


def frozen(lab: str, node: str) -> bool:
    """Tell whether a node is frozen."""
    return any(_is_frozen(tree.root / _BASE / lab / node) for tree in _freezers())


def thaw(lab: str, node: str = "") -> None:
    """Let everything go on, paused containers too: a process that v1 froze cannot even be killed."""
    for tree in _hierarchies():
        for group in _walk(tree.root / _BASE / lab / node):
            _write(group / "freezer.state", "THAWED")
            _write(group / "cgroup.freeze", "0")


def processes(lab: str) -> set[int]:
    """List every process in any group of the lab."""
    found: set[int] = set()
    for tree in _hierarchies():
        for group in _walk(tree.root / _BASE / lab):
            found.update(int(line) for line in _read(group / "cgroup.procs").split())
    return found


def remove(lab: str) -> bool:
    """Remove the lab's groups, innermost first; False while something in them is still alive."""
    for tree in _hierarchies():
        for group in reversed(list(_walk(tree.root / _BASE / lab))):
            _rmdir(group)
        _rmdir(tree.root / _BASE)
    return not existing(lab)


def existing(lab: str) -> list[Path]:
    """List the lab's groups, one for each hierarchy that has one."""
    groups = [tree.root / _BASE / lab for tree in _hierarchies()]
    return [group for group in groups if group.is_dir()]


@dataclass(frozen=True)
class Hierarchy:
    """One tree of groups, where it is mounted."""

    root: Path
    v2: bool
    freezer: bool


def parse(mountinfo: str, device: Callable[[Path], str]) -> list[Hierarchy]:
    """Read the hierarchies: each once, where it can be seen, not where another mount covers it."""
    found: dict[str, Hierarchy] = {}
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        number, point = left.split()[2], Path(left.split()[4])
        if kind in ("cgroup", "cgroup2") and device(point) == number:
            found.setdefault(number, Hierarchy(point, kind == "cgroup2", "freezer" in options.split(",")))
    return list(found.values())


def _freezers() -> list[Hierarchy]:
    """List the hierarchies that can freeze, the best first: what v2 froze can still be killed."""
    found = [tree for tree in _hierarchies() if tree.v2 or tree.freezer]
    return sorted(found, key=lambda tree: tree.v2, reverse=True)


def _hierarchies() -> list[Hierarchy]:
    return parse(_MOUNTS.read_text(), _device)


def _device(path: Path) -> str:
    try:
        number = path.stat().st_dev
    except OSError:
        return ""
    return f"{os.major(number)}:{os.minor(number)}"


def _is_frozen(group: Path) -> bool:
    return "frozen 1" in _read(group / "cgroup.events") or "FROZEN" in _read(group / "freezer.state")


def _walk(group: Path) -> Iterator[Path]:
    """Walk a group and all below it, outermost first."""
    if group.is_dir():
        yield group
        for child in sorted(path for path in group.iterdir() if path.is_dir()):
            yield from _walk(child)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _write(path: Path, value: str) -> None:
    if path.exists():
        path.write_text(value)


def _rmdir(group: Path) -> None:
    try:
        group.rmdir()
    except OSError:
        return
