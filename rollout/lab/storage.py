"""The folder for the engines' data, on a file system that their storage driver can use."""

from __future__ import annotations

from pathlib import Path

from rollout.lab import system
from rollout.lab.spec import data_dir

_STACKED = "overlay"


def prepare(lab: str) -> None:
    """Make the lab's big folder; in a container, where everything is an overlay, it goes into memory.

    The engines' overlay2 driver cannot put an overlay on an overlay.
    """
    folder = data_dir(lab)
    folder.mkdir(parents=True, exist_ok=True)
    if file_system(folder, Path("/proc/self/mountinfo").read_text()) == _STACKED:
        system.run(lab, ["mount", "-t", "tmpfs", "-o", "mode=755", "rollout", str(folder)])


def file_system(folder: Path, mountinfo: str) -> str:
    """Tell the type of the file system that a folder is on: that of the longest mount point above it."""
    best, kind = Path("/"), ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        point = Path(left.split()[4])
        if folder.is_relative_to(point) and point.is_relative_to(best):
            best, kind = point, right.split()[0]
    return kind
