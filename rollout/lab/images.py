"""Images without a hub: a tiny one, made of the machine's own busybox."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import tarfile
from pathlib import Path
from urllib.parse import quote, urlencode

from rollout.lab import system
from rollout.lab.errors import LabError
from rollout.lab.lab import Lab
from rollout.lab.node import Node

_NSSWITCH = b"hosts: files dns\n"
"""Without it a static C library does not read /etc/hosts."""
_DYNAMIC = b"/ld-linux"
_HEADER_BYTES = 4096


def import_busybox(node: Node, lab: Lab, name: str = "busybox", changes: tuple[str, ...] = ()) -> str:
    """Make an image of busybox on a node, push it to the lab's registry, and give its name.

    `changes` are Dockerfile instructions, such as `HEALTHCHECK CMD true`.
    """
    reference = f"{lab.registry}/{name}:latest"
    import_tar(node, busybox_tar(), reference, ('CMD ["sh"]', *changes))
    push(node, reference)
    return reference


def import_tar(node: Node, tar: bytes, reference: str, changes: tuple[str, ...] = ()) -> None:
    """Make an image out of a root file system."""
    repository, _, tag = reference.rpartition(":")
    query = [("fromSrc", "-"), ("repo", repository), ("tag", tag), *(("changes", line) for line in changes)]
    headers = {"Content-Type": "application/x-tar"}
    _check(node.api.call("POST", f"/images/create?{urlencode(query)}", tar, headers))


def push(node: Node, reference: str) -> None:
    """Push an image from a node to the registry in its name."""
    repository, _, tag = reference.rpartition(":")
    credentials = base64.urlsafe_b64encode(b"{}").decode()
    path = f"/images/{quote(repository)}/push?{urlencode({'tag': tag})}"
    _check(node.api.call("POST", path, headers={"X-Registry-Auth": credentials}))


def pull(node: Node, reference: str) -> None:
    """Pull an image to a node."""
    repository, _, tag = reference.rpartition(":")
    _check(node.api.call("POST", f"/images/create?{urlencode({'fromImage': repository, 'tag': tag})}"))


def busybox_tar() -> bytes:
    """Pack a root file system of one program and a link for each of its names."""
    program = _static_busybox()
    content = program.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "dev", "etc", "proc", "sys", "tmp", "www"):
            tar.addfile(_entry(folder, tarfile.DIRTYPE))
        tar.addfile(_entry("bin/busybox", tarfile.REGTYPE, size=len(content)), io.BytesIO(content))
        tar.addfile(_entry("etc/nsswitch.conf", tarfile.REGTYPE, size=len(_NSSWITCH)), io.BytesIO(_NSSWITCH))
        for applet in sorted({*_applets(program)} - {"busybox"}):
            tar.addfile(_entry(f"bin/{applet}", tarfile.SYMTYPE, target="busybox"))
    return buffer.getvalue()


def _entry(name: str, kind: bytes, size: int = 0, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size, entry.linkname, entry.mode = kind, size, target, 0o755
    return entry


def _applets(busybox: Path) -> list[str]:
    return subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()


def _static_busybox() -> Path:
    hint = "apt-get install busybox-static"
    program = system.find("busybox")
    if program is None:
        raise LabError("there is no busybox on this machine", hint)
    with program.open("rb") as file:
        if _DYNAMIC in file.read(_HEADER_BYTES):
            raise LabError(f"{program} needs shared libraries, so it cannot be an image by itself", hint)
    return program


def _check(answer: bytes) -> None:
    """Look for an error in a stream of progress messages: the status was sent before it happened."""
    for line in answer.splitlines():
        error = json.loads(line).get("error") if line.strip() else None
        if error:
            raise LabError(f"the engine says: {error}")
