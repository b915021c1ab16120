"""Programs: what must be there, how they are run, and how a daemon is let go of."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rollout.lab.errors import LabError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What the lab's programs see: a user's PATH, through sudo, often lacks the sbin folders."""
MARK = "_ROLLOUT_LAB_PART"
"""Environment variable that marks every helper process with the lab and the part of it that it works for."""
PACKAGES = {
    "dockerd": "docker.io",
    "docker-registry": "docker-registry",
    "ip": "iproute2",
    "iptables": "iptables",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "setsid": "util-linux",
}
_POLL = 0.02


def check_host(programs: Sequence[str], engine_root: Path | None = None) -> None:
    """Refuse a machine on which a lab cannot work, before anything is touched."""
    if platform.system() != "Linux":
        raise LabError("a lab needs Linux", "on another system, start one inside a Linux virtual machine")
    if os.geteuid() != 0:
        raise LabError("a lab needs root, to make namespaces and to start engines", "try again with sudo")
    missing = [program for program in programs if find(program) is None]
    if missing:
        packages = " ".join(sorted({PACKAGES[program] for program in missing}))
        raise LabError(f"missing on this machine: {', '.join(missing)}", f"apt-get install {packages}")
    if engine_root and find("dockerd", engine_root) is None:
        raise LabError(f"there is no dockerd in {engine_root}", "make it with mmdebstrap, docker.io included")


def find(program: str, root: Path = Path("/")) -> Path | None:
    """Find a program on the lab's PATH, in this system or in a root file system of another."""
    for folder in PATH.split(":"):
        candidate = root / folder.lstrip("/") / program
        if candidate.is_file():
            return candidate
    return None


def environment(lab: str, part: str = "", extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make a clean environment: a proxy or DOCKER_* setting of the user's must not reach an engine."""
    return {"PATH": PATH, "HOME": "/root", "LC_ALL": "C", MARK: f"{lab}/{part}", **(extra or {})}


def run(lab: str, argv: Sequence[str], text: str | None = None) -> str:
    """Run a program to its end; what it prints on failure becomes the error's message."""
    done = subprocess.run(argv, input=text, env=environment(lab), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"'{' '.join(argv)}' failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def spawn(
    lab: str, part: str, argv: Sequence[str], log: Path, extra: Mapping[str, str] | None = None
) -> None:
    """Start a daemon that outlives this process: a session of its own, adopted by the system's init.

    The shell in between ends at once, so that the caller is left with no child to reap.
    """
    script = 'log=$1; shift; setsid "$@" </dev/null >>"$log" 2>&1 &'
    subprocess.run(["sh", "-c", script, "sh", str(log), *argv], env=environment(lab, part, extra), check=True)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def tail(log: Path, lines: int = 12) -> str:
    """Read the last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it; files that vanish meanwhile are no error."""
    wait_for(lambda: _removed(path), seconds=5)
    if path.exists():
        shutil.rmtree(path)


def _removed(path: Path) -> bool:
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()
