"""``rollout lock``: who is deploying, and taking the lock away from one who is gone for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from rollout.cli import options as opt
from rollout.cli.complete import service_names

if TYPE_CHECKING:
    from datetime import datetime

    from rollout.render.locks import LockLine
    from rollout.state.held import HeldLock

Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def show(
    service: Annotated[
        str | None,
        typer.Argument(metavar="SERVICE", help="One service only.", autocompletion=service_names),
    ] = None,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show who holds the locks: one deployment a service at a time."""
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.screen import say
    from rollout.cli.wiring import open_stores
    from rollout.render.fields import write_json
    from rollout.render.locks import locks_json, locks_lines
    from rollout.state.held import locks

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = locks(store, find(service, swarm, file).id if service else None)
    now = swarm.now()
    lines = [_line(one, now) for one in found]
    if output == opt.Form.JSON:
        write_json(sys.stdout, locks_json(lines))
    else:
        say(sys.stdout, locks_lines(lines))
    return 0


def release(
    service: opt.Service,
    yes: Yes = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Take the lock of SERVICE away from its holder, who will hold before its next write.

    Only that holder's: if another one has taken it over in the meantime, that one keeps it.
    """
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.errors import Refused
    from rollout.state.held import locks

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = find(service, swarm, file)
    held = locks(store, found.id)
    if not held:
        raise Refused(f"nobody holds the lock of {found.name}", f"look at `rollout status {service}`")
    now = swarm.now()
    whose = ", ".join(_whose(lock, now) for lock in held)
    if not yes:
        _confirm(f"{found.name}: take the lock away from {whose}?")
    for lock in held:
        lock.release(store)
    told = f"released the lock of {whose}"
    if output == opt.Form.JSON:
        _write_released(found.name, told, [_line(lock, now) for lock in held])
    else:
        sys.stdout.write(f"{found.name}: {told}\n")
    return 0


def _write_released(service: str, told: str, locks: list[LockLine]) -> None:
    from rollout.render.done import done_json
    from rollout.render.fields import write_json
    from rollout.render.locks import locks_json

    done = done_json("lock_released", service, told)
    write_json(sys.stdout, locks_json(locks) | done)


def _confirm(question: str) -> None:
    """Ask a person. Raises UsageError where there is none, and Refused where the answer is no."""
    from rollout.errors import Refused, UsageError

    if not sys.stdin.isatty():
        raise UsageError("without a terminal nobody can be asked", "say --yes if you mean it")
    if not typer.confirm(question, err=True):
        raise Refused("the lock was left as it is")


def _whose(lock: HeldLock, now: datetime) -> str:
    from rollout.render.text import age, safe

    pipeline = f" ({safe(lock.pipeline)})" if lock.pipeline else ""
    return f"{safe(lock.who)}{pipeline} since {safe(lock.since)}, last heard of {age(lock.silent(now))} ago"


def _line(lock: HeldLock, now: datetime) -> LockLine:
    from rollout.render.locks import LockLine

    state = str(lock.state(now))
    return LockLine(lock.service, lock.who, lock.pipeline, lock.since, lock.silent(now), state)
