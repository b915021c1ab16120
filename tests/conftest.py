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


@pytest.hookimpl(tryfirst=True)  # before xdist asks for the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests on the lab begin first, in one process; those that take long are left to `make long`."""
    _leave_out_what_takes_long(config, items)
    items.sort(key=lambda item: item.get_closest_marker("lab") is None)
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group("lab"))
    _skip_where_there_is_no_lab(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """A group that xdist does not see would start a second lab beside the first, and all would be slow."""
    if not session.config.getoption("loadgroup", False):
        return
    astray = [
        item.nodeid for item in session.items if item.get_closest_marker("lab") and "@lab" not in item.nodeid
    ]
    if astray:
        raise pytest.UsageError(f"pytest-xdist does not see the group of {len(astray)} tests on the lab")


def _leave_out_what_takes_long(config: pytest.Config, items: list[pytest.Item]) -> None:
    long = [item for item in items if item.get_closest_marker("long")]
    if long and "long" not in config.option.markexpr:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def _skip_where_there_is_no_lab(items: list[pytest.Item]) -> None:
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
