"""A strategy of somebody else's: the example package, found by its entry point as any installed one is."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rollout import plugins
from rollout.errors import UsageError
from rollout.model import Batch, Hold, Situation, Step

PACKAGE = Path(__file__).parents[1] / "example_strategy"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package with the metadata that an installer writes: the entry points of its own pyproject."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "rollout_timid-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    entries = project["entry-points"][plugins.GROUP].items()
    lines = [f"[{plugins.GROUP}]", *(f"{name} = {target}" for name, target in entries)]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (tmp_path / "timid").symlink_to(PACKAGE / "timid")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_it_is_found_beside_ours_and_plans(installed: Path):
    assert set(plugins.names()) >= {"blue_green", "canary", "ramp", "rolling", "timid"}
    planned = plugins.strategy("timid")(Situation(5, 0, Batch(1)))
    assert planned == (Step(1, hold=Hold(3600.0)), Step(5))


def test_it_is_carried_out_by_the_command(installed: Path):
    command = [sys.executable, "-m", "rollout", "rehearse", "--example", "--strategy", "timid"]
    path = os.pathsep.join([str(installed), *sys.path])
    run = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "holding: watched for 1h" in run.stdout + run.stderr


def test_a_strategy_that_nobody_has_installed_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError) as refused:
        plugins.strategy("timid")
    assert "blue_green, canary, ramp, rolling" in refused.value.hint
