"""The worlds of the contract: every test runs in the simulation and on a real Swarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract.simulated import SimWorld
from contract.world import Stage, World


@pytest.fixture(scope="session")
def lab_world(request: pytest.FixtureRequest) -> Any:
    """The real Swarm, with its images made once."""
    from contract.real import LabWorld

    return LabWorld(request.getfixturevalue("lab"))


@pytest.fixture(params=["sim", pytest.param("lab", marks=pytest.mark.lab)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = SimWorld(seed=0) if request.param == "sim" else request.getfixturevalue("lab_world")
    yield made
    made.clear()


@pytest.fixture
def stage(world: World, request: pytest.FixtureRequest) -> Stage:
    """One service, named after its test."""
    return Stage(world, request.node.originalname.removeprefix("test_")[:30].strip("_").replace("_", "-"))
