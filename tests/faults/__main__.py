"""Runs the cases on a lab of their own and writes docs/faults.md; with `--only` some of them, to look at."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from faults.case import Case
from faults.cases import CASES
from faults.measure import RATE, SESSIONS, measure, without
from faults.promises import shortfalls
from faults.stage import Stage
from faults.table import Circumstances, Row, page, raw, said, table
from faults.tools import Docker, Rollout, Tool
from rollout.lab import Lab, LabError, LabSpec, system

DOCS = Path(__file__).parents[2] / "docs"
TOOLS: tuple[Tool, ...] = (Rollout(), Docker())


def main(argv: Sequence[str] | None = None) -> int:
    """Make the table; exit code 1 if a promise is broken."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    options = _parser().parse_args(argv)
    cases = [case for case in CASES if not options.only or case.name in options.only]
    tools = [tool for tool in TOOLS if not options.tool or tool.name == options.tool]
    try:
        with _lab(options.lab) as lab:
            where = _circumstances(lab)
            rows = _rows(Stage.build(lab), cases, tools)
    except LabError as error:
        _say(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return 1
    except KeyboardInterrupt:
        _say("stopped; everything has been removed")
        return 130
    sys.stdout.write(table(rows))
    if not options.only and not options.tool:
        _write(rows, where)
    broken = shortfalls(rows)
    _say("\n".join(["", *broken]) if broken else "every promise is kept")
    return 1 if broken else 0


def _rows(stage: Stage, cases: Sequence[Case], tools: Sequence[Tool]) -> list[Row]:
    rows: list[Row] = []
    for case in cases:
        for tool in tools:
            began = time.monotonic()
            row = (
                without(case, tool)
                if case.docker and isinstance(tool, Docker)
                else measure(stage, case, tool)
            )
            rows.append(row)
            _say(f"{said(row)} [{time.monotonic() - began:.0f} s]")
    return rows


def _circumstances(lab: Lab) -> Circumstances:
    docker = ["docker", "--host", lab.node(1).host]
    return Circumstances(
        date=datetime.now(UTC).date().isoformat(),
        engine=lab.state.engine,
        client=system.run(lab.name, [*docker, "version", "--format", "{{.Client.Version}}"]).strip(),
        cores=len(os.sched_getaffinity(0)),
        rate=RATE,
        sessions=SESSIONS,
    )


def _write(rows: Sequence[Row], where: Circumstances) -> None:
    target = DOCS / "faults.md"
    target.write_text(page(target.read_text(), rows, where))
    (DOCS / "faults.json").write_text(raw(rows, where))


@contextmanager
def _lab(name: str) -> Iterator[Lab]:
    _say("starting a Swarm of three real engines, with the example site on it ...")
    lab = Lab.up(LabSpec(name=name, nodes=3))
    try:
        yield lab
    finally:
        lab.down()


def _parser() -> argparse.ArgumentParser:
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME", help=f"some of: {', '.join(names)}"
    )
    parser.add_argument("--tool", choices=[tool.name for tool in TOOLS], help="only one of the tools")
    parser.add_argument("--lab", default=f"faults-{os.getpid()}", help="the lab's name")
    return parser


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _as_ctrl_c(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
