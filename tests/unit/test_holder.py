"""Whether a holder on the same machine is dead: only where that is certain."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rollout.state import holder
from rollout.state.holder import is_dead, myself


def process_of(pid: int) -> str:
    machine = myself({}).process.rsplit("/", 2)[0]
    return f"{machine}/{pid}/{holder._started(pid)}"


@pytest.fixture
def sleeper():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield child
    child.kill()
    child.communicate()


def test_one_that_lives_is_not_dead():
    assert not is_dead(myself({}).process)


def test_one_that_has_ended_is_dead_also_before_anybody_has_asked_how(sleeper):
    process = process_of(sleeper.pid)
    assert not is_dead(process)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(process)
    sleeper.wait()
    assert is_dead(process)


def test_another_with_the_same_number_is_not_the_one_that_lived():
    machine, pid, _started = myself({}).process.rsplit("/", 2)
    assert is_dead(f"{machine}/{pid}/1")


@pytest.mark.parametrize("answer", [PermissionError, None])
def test_one_that_proc_hides_from_us_is_not_dead(monkeypatch, answer):
    """Mounted with hidepid=2 it shows no process of another user; signal 0 still knows of them."""
    process = myself({}).process

    def kill(_pid: int, _signal: int) -> None:
        if answer is not None:
            raise answer

    monkeypatch.setattr(holder, "_stat", lambda _pid: [])
    monkeypatch.setattr(os, "kill", kill)
    assert not is_dead(process)


@pytest.mark.parametrize("process", ["", "elsewhere/1/2", "x", "a/b/c"])
def test_of_one_on_another_machine_nothing_is_known(process: str):
    assert not is_dead(process)
