"""Which mounts hold what is on one node only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rollout import spec
from rollout.model import Spec

_EVERYWHERE = re.compile(
    r"/(var/)?run/docker\.sock|/etc/(localtime|timezone|machine-id)|/(proc|sys|dev)(/.*)?"
)
"""What each node has of its own, and a container is given because of that."""
_ON_THIS_DISK = frozenset({"", "none", "tmpfs", "ext4", "xfs", "btrfs"})


def local_volumes(of: Spec) -> Iterator[str]:
    """The named volumes that the driver ``local`` keeps on each node's disk.

    It mounts network file systems too, by its options ``type`` and ``o``, as mount(8) has them
    (moby/moby volume/local/local_unix.go).
    """
    for mount in _mounts(of):
        driver: dict[str, Any] = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
        named = mount.get("Type") == "volume" and bool(mount.get("Source"))
        if (
            named
            and driver.get("Name") in (None, "", "local")
            and not _is_remote(driver.get("Options") or {})
        ):
            yield str(mount["Source"])


def own_files(of: Spec) -> Iterator[str]:
    """The nodes' own files and folders that are mounted, but for those that every node has."""
    for mount in _mounts(of):
        source = str(mount.get("Source") or "")
        if mount.get("Type") == "bind" and source and not _EVERYWHERE.fullmatch(source):
            yield source


def _is_remote(options: dict[str, Any]) -> bool:
    kind, settings = str(options.get("type") or ""), str(options.get("o") or "")
    return kind not in _ON_THIS_DISK or "addr=" in settings


def _mounts(of: Spec) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec.container(of).get("Mounts") or []
    return found
