"""What all tests share: one lab a session, on a machine that can have one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rollout.lab import Lab

LAB_NAME = f"test-{os.getpid()}"
ECR = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"


def lab_is_missing() -> str:
    """Why there can be no lab here; empty if there can be one."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "the lab needs root on Linux"
    if shutil.which("dockerd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
        return "dockerd is missing: make setup installs it"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a lab where there can be none; `make test` requires one where it can be."""
    reason = lab_is_missing()
    if not reason or os.environ.get("ROLLOUT_LAB") == "required":
        return
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A real Swarm of three nodes, shared by the session; tests isolate themselves by service names."""
    from rollout.lab import Lab, LabSpec

    made = Lab.up(LabSpec(name=LAB_NAME, nodes=3, hosts={ECR: "registry"}))
    try:
        yield made
    finally:
        made.down()
