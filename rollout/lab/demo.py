"""``make demo``: a real Swarm, a site under load, a good release, then a bad one that is taken back.

Everything is private to this run and removed at its end, also after Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rollout.lab.errors import LabError
from rollout.lab.lab import Lab
from rollout.lab.load import Load
from rollout.lab.node import inside
from rollout.lab.spec import LabSpec
from rollout.lab.stack import URL, build_php, deploy_stack
from rollout.lab.tally import Summary

RATE = 60
NAME = f"demo-{os.getpid()}"
QUICK = ("--min-ready", "2s", "--bake", "5s")


@dataclass(frozen=True)
class Act:
    """One release as the table shows it."""

    title: str
    exit_code: int
    seconds: float
    users: Summary


def main() -> int:
    """Play the demo; exit code 0 if the good release was deployed and the bad one taken back."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    began = time.monotonic()
    try:
        with _lab() as lab:
            acts = _play(lab)
    except LabError as error:
        _say(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return 1
    except KeyboardInterrupt:
        _say("stopped; everything has been removed")
        return 130
    _say(f"everything has been removed; the demo took {time.monotonic() - began:.0f}s\n")
    sys.stdout.write(_table(acts))
    return 0 if [act.exit_code for act in acts] == [0, 3] else 1


def _play(lab: Lab) -> list[Act]:
    _say(
        "bringing up the site: HAProxy, nginx x3, php-fpm x4, Redis (the first time a base image is made) ..."
    )
    deploy_stack(lab, tag="v1")
    _say("building two releases of php: v2 is good, v3 is healthy but answers every page with an error ...")
    releases = {"good release": build_php(lab, "v2"), "bad release": build_php(lab, "v3", "error500")}
    return [_release(lab, title, image) for title, image in releases.items()]


def _release(lab: Lab, title: str, image: str) -> Act:
    """Deploy one release while users are on the site."""
    arguments = ["deploy", "php", "--image", image, "--probe", URL, *QUICK]
    _say(f"\n{title}, with {RATE} requests a second on the site:\n$ rollout {' '.join(arguments)}\n")
    with Load.start(lab.node(1), URL, rate=RATE) as load:
        time.sleep(2)
        began = time.monotonic()
        code = _rollout(lab, arguments)
        seconds = time.monotonic() - began
        time.sleep(3)
    return Act(title, code, seconds, load.summary)


def _rollout(lab: Lab, arguments: list[str]) -> int:
    """Run the tool where the site answers, on this very terminal."""
    sys.stdout.flush()
    program = [sys.executable, "-m", "rollout", *arguments]
    environment = {**inside(os.environ), "DOCKER_HOST": lab.node(1).host}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    process = lab.node(1).popen(program, env=environment)
    return process.wait()


@contextmanager
def _lab() -> Iterator[Lab]:
    _say("starting a Swarm of three real engines on this machine ...")
    lab = Lab.up(LabSpec(name=NAME, nodes=3))
    try:
        yield lab
    finally:
        _say("\nremoving everything ...")
        lab.down()


def _table(acts: list[Act]) -> str:
    head = f"{'':14} {'exit code':>9} {'seconds':>8} {'requests':>9} {'failed':>7} {'sessions lost':>14}\n"
    rows = (
        f"{act.title:14} {act.exit_code:>9} {act.seconds:>8.1f} {act.users.sent:>9} {act.users.failed:>7} "
        f"{act.users.sessions_lost:>14}\n"
        for act in acts
    )
    return head + "".join(rows)


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _as_ctrl_c(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
