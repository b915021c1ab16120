"""Removes whatever is left of a lab, found by its name alone: it may have died at any moment."""

from __future__ import annotations

from pathlib import Path

from rollout.lab import cgroups, network, processes, system
from rollout.lab.errors import LabError
from rollout.lab.spec import DATA, RUN, data_dir, run_dir

_SECONDS = 20.0


def sweep(lab: str) -> None:
    """Remove everything; the small folder goes last, so a sweep cut short is seen and can be repeated."""
    end_processes(lab)
    network.delete(lab, network.existing(lab))
    for folder in (data_dir(lab), run_dir(lab)):
        unmount_below(lab, folder)
    if not system.wait_for(lambda: cgroups.remove(lab), _SECONDS):
        raise LabError(f"cannot remove {cgroups.existing(lab)[0]}: something in it is still alive")
    system.remove_tree(data_dir(lab))
    system.remove_tree(run_dir(lab))
    for folder in (DATA, DATA.parent, RUN, RUN.parent):
        _remove_if_empty(folder)


def end_processes(lab: str) -> None:
    """Kill every process of the lab; what was frozen is thawed, since some freezers keep the dying too."""
    if not system.wait_for(lambda: not _killed(lab), _SECONDS):
        raise LabError(f"processes {sorted(processes.of_lab(lab))} of lab '{lab}' cannot be killed")


def unmount_below(lab: str, folder: Path) -> None:
    """Unmount all that is mounted on or below a folder, innermost first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed(points):
        if Path(point).is_relative_to(folder):
            system.run(lab, ["umount", "--lazy", point])


def _killed(lab: str) -> set[int]:
    cgroups.thaw(lab)
    found = processes.of_lab(lab)
    processes.kill(found)
    return found


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
