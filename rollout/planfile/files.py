"""Plan files on the disk: whole or not at all, and for their owner only."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from rollout.errors import UsageError
from rollout.planfile.document import Broken, PlanFile, read
from rollout.untrusted import plain

LARGEST = 1024 * 1024
"""Bytes; a plan of 1,000 steps has some 30,000."""


def save(file: PlanFile, path: Path) -> None:
    """Write it with mode 0600, over what was there. Raises UsageError."""
    try:
        _replace(path, json.dumps(file.fields(), indent=2) + "\n")
    except OSError as error:
        raise UsageError(
            f"the plan cannot be written to {path}: {error.strerror}", "give another file: --out FILE"
        ) from error


def load(path: Path) -> PlanFile:
    """Read it. Raises UsageError where it is not there, or no plan of this version."""
    try:
        with path.open("rb") as stream:
            text = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"the plan {path} cannot be read: {error.strerror}", "give its file: --plan FILE"
        ) from error
    try:
        return read(_parsed(text))
    except Broken as broken:
        raise UsageError(
            f"{path} is not a plan that can be carried out: {plain(str(broken))}",
            "make a new one: rollout plan SERVICE --out FILE",
        ) from broken


def _parsed(text: bytes) -> object:
    if len(text) > LARGEST:
        raise Broken(f"it has more than {LARGEST} bytes")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken("it is not JSON") from error
    return found


def _replace(path: Path, text: str) -> None:
    """``mkstemp`` makes files that nobody else can read."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
