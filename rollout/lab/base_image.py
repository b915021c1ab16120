"""The example stack's base image, made of Debian packages: no hub is needed.

It holds the programs of all four images. Their Dockerfiles install only what is missing, so on it they build
without a network, and all four share one layer that a node pulls once.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from rollout.lab import images, lock, system
from rollout.lab.errors import LabError
from rollout.lab.node import Node

NAME = "rollout-lab-base"
PACKAGES = ("php-fpm", "php-redis", "nginx-light", "redis-server", "haproxy", "libfcgi-bin", "curl")
"""The names without a version, so that any suite will do."""
UNUSED = ("doc", "info", "locale", "man")
"""Folders of /usr/share that no container reads: a fifth of the image."""
_SUITE = "bookworm"
_BUILD_SECONDS = 600.0


def ensure(node: Node) -> str:
    """Give the base image's name on a node; make and import it if it is not there yet."""
    reference = f"{NAME}:{fingerprint()}"
    if not _has(node, reference):
        images.import_tar(node, cached_tar().read_bytes(), reference)
    return reference


def cached_tar() -> Path:
    """Give the root file system as a tar; the first call makes it (about 50 s), later ones find it."""
    path = cache_folder() / f"base-{fingerprint()}.tar"
    with lock.held("the base image", _BUILD_SECONDS):
        if not path.exists():
            _make(path)
    return path


def cache_folder() -> Path:
    """Follow the XDG rules: a cache may be deleted at any time, and is then made again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "rollout"


def suite() -> str:
    """Choose the machine's own Debian release, whose signing keys are here; on other systems, bookworm."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return _SUITE
    return release.get("VERSION_CODENAME", _SUITE) if release["ID"] == "debian" else _SUITE


def fingerprint() -> str:
    """Name the recipe: with another one, an image in the cache or on a node is not taken for it."""
    recipe = " ".join(recipe_options())
    return f"{suite()}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"


def recipe_options() -> list[str]:
    """Say what mmdebstrap puts in, and what it leaves out."""
    leave_out = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in UNUSED]
    return ["--variant=minbase", f"--include={','.join(PACKAGES)}", *leave_out]


def _make(path: Path) -> None:
    """Write to a draft and rename it: whoever finds the tar finds all of it."""
    if system.find("mmdebstrap") is None:
        raise LabError("the example's base image needs mmdebstrap", "apt-get install mmdebstrap")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"draft-{path.name}")
    try:
        _run(["mmdebstrap", *recipe_options(), suite(), str(draft)])
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _run(argv: list[str]) -> None:
    """Run mmdebstrap in a folder that goes with it, so that an interrupted run leaves no half system behind.

    Others may look into that folder, since apt downloads as a user of its own. The user's environment is
    kept, unlike with other programs of the lab: the way to the packages may be a proxy.
    """
    with tempfile.TemporaryDirectory(prefix="rollout-base-") as scratch:
        Path(scratch).chmod(0o755)
        environment = {**os.environ, "TMPDIR": scratch}
        done = subprocess.run(
            argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        ending = "\n".join(done.stderr.splitlines()[-8:])
        raise LabError(f"mmdebstrap cannot make the base image:\n{ending}", "are the packages within reach?")


def _has(node: Node, reference: str) -> bool:
    try:
        node.api.get(f"/images/{reference}/json")
    except LabError:
        return False
    return True
