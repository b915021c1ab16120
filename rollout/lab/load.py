"""A bounded load generator: visitors with sessions, at a constant rate, on this machine's own networks only.

    python -m rollout.lab.load --url http://127.0.0.1:8080/ --rate 60 --seconds 30 --sessions 20 --json -

It is meant to run inside a lab node's network; `Load` starts it there. The rate does not follow the site:
when answers take longer, requests are still sent on time, as long as a visitor is free to send one.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from rollout.lab.errors import LabError
from rollout.lab.node import Node
from rollout.lab.tally import Summary, Visit, summarise
from rollout.lab.visitor import MAX_SECONDS, Plan, Visitor

_STOP_SECONDS = 60.0


@dataclass
class Load:
    """A load generator that runs inside a node, while something else is done to the site.

    with Load.start(lab.node(1), "http://127.0.0.1:8080/", rate=60) as load: ...

    It ends with its `with` block, or by itself after half an hour; then `load.summary` is there.
    """

    process: subprocess.Popen[str]
    _summary: Summary | None = field(default=None, repr=False)

    @classmethod
    def start(cls, node: Node, url: str, rate: float = 60, sessions: int = 20, *, post: float = 0) -> Load:
        """Start sending from inside a node; the plan is checked here, where a mistake is an exception."""
        plan = Plan(url, rate, MAX_SECONDS, sessions, post=post)
        words = [f"--{name}={getattr(plan, name)}" for name in plan.__dataclass_fields__]
        return cls(_popen(node, words))

    def stop(self) -> Summary:
        """Stop sending, wait for the answers still due, and add up; a second call gives the same."""
        if self._summary is None:
            self._summary = self._finish()
        return self._summary

    @property
    def summary(self) -> Summary:
        """The result, once the load was stopped."""
        if self._summary is None:
            raise LabError("the load is still being sent: stop it first")
        return self._summary

    def __enter__(self) -> Load:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self._kill()

    def _finish(self) -> Summary:
        self.process.send_signal(signal.SIGTERM)
        try:
            output, errors = self.process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            raise LabError("the load generator does not stop") from None
        if self.process.returncode != os.EX_OK:
            raise LabError(f"the load generator failed ({self.process.returncode}): {errors.strip()}")
        return Summary.from_json(output)

    def _kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def _popen(node: Node, words: list[str]) -> subprocess.Popen[str]:
    """Let the child find this very package, installed or not."""
    package_root = str(Path(__file__).parents[2])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": package_root}
    argv = [sys.executable, "-m", "rollout.lab.load", *words]
    return node.popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(plan: Plan, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> Summary:
    """Send requests on time until the plan or somebody ends it; then wait for the answers still due."""
    wall, started = time.time(), clock()
    visitors = _visitors(plan, started)
    idle, visits, missed = deque(visitors), deque[Visit](), 0

    def send(visitor: Visitor, method: str) -> None:
        visits.append(visitor.visit(method))
        idle.append(visitor)

    with ThreadPoolExecutor(max_workers=plan.sessions) as pool:
        for number in range(int(plan.rate * plan.seconds)):
            if stop.wait(max(0.0, started + number / plan.rate - clock())):
                break
            if idle:
                pool.submit(send, idle.popleft(), _method(number, plan.post))
            else:
                missed += 1
    reconnects = sum(visitor.reconnects for visitor in visitors)
    return summarise(visits, started=wall, seconds=clock() - started, missed=missed, reconnects=reconnects)


def _visitors(plan: Plan, started: float) -> list[Visitor]:
    return [Visitor(plan, not _share(number, plan.fresh), started) for number in range(plan.sessions)]


def _method(number: int, post: float) -> str:
    return "POST" if _share(number, post) else "GET"


def _share(number: int, share: float) -> bool:
    """Spread a share evenly: of a quarter, every fourth number."""
    return int((number + 1) * share) > int(number * share)


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; SIGTERM and SIGINT end the run early, with its summary."""
    options = _parser().parse_args(argv)
    target = options.__dict__.pop("json")
    try:
        plan = Plan(**vars(options))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_USAGE
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    _write(run(plan, stop).to_json() + "\n", target)
    return os.EX_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rollout.lab.load", description="Sends a bounded load.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--json", default="-", help="the file for the summary; - is standard output")
    parser.add_argument("--sessions", type=int, default=Plan.sessions)
    for name in ("rate", "seconds", "fresh", "post", "timeout"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Plan, name))
    return parser


def _write(text: str, target: str) -> None:
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text)


if __name__ == "__main__":
    sys.exit(main())
