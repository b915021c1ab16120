"""``rollout status``."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.complete import service_names

if TYPE_CHECKING:
    from rich.table import Table

    from rollout.overview import Overview, Unfinished
    from rollout.ports import Store, Swarm
    from rollout.render.fields import Fields
    from rollout.render.status import Left, ServiceLine, SlotLine
    from rollout.render.text import Line

WATCH_SECONDS = 1.0


def command(
    service: Annotated[
        str | None,
        typer.Argument(metavar="SERVICE", help="One service, slot by slot.", autocompletion=service_names),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Keep looking until Ctrl-C.")] = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show all services, or the slots of one: image, replicas, health, and a deployment under way."""
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    view = View(swarm, store, find(service, swarm, file).id if service else None)
    if not watch:
        _print(view, output)
    else:
        with contextlib.suppress(KeyboardInterrupt):
            _watch(view, output)
    return 0


@dataclass(frozen=True)
class View:
    """What is looked at: one service, or all of them."""

    swarm: Swarm
    store: Store
    service_id: str | None

    def look(self) -> tuple[Overview, ...]:
        """Look now."""
        from rollout.overview import survey

        if self.service_id is not None:
            return survey(self.swarm, self.store, (self.swarm.service(self.service_id),))
        services = sorted(self.swarm.services(), key=lambda service: service.name)
        return survey(self.swarm, self.store, tuple(services))

    def lines(self) -> list[Line]:
        """As aligned text."""
        from rollout.render.status import services_lines, slots_lines

        found, now = self.look(), self.swarm.now()
        if self.service_id is None:
            return services_lines([service_line(one, now) for one in found])
        return slots_lines(service_line(found[0], now), slot_lines(found[0], now))

    def table(self) -> Table:
        """As a table for a terminal."""
        from rollout.render.status import services_table, slots_table

        found, now = self.look(), self.swarm.now()
        if self.service_id is None:
            return services_table([service_line(one, now) for one in found])
        return slots_table(service_line(found[0], now), slot_lines(found[0], now))

    def fields(self) -> Fields:
        """As JSON."""
        from rollout.render.status import services_json, slots_json

        found, now = self.look(), self.swarm.now()
        if self.service_id is None:
            return services_json([service_line(one, now) for one in found])
        return slots_json(service_line(found[0], now), slot_lines(found[0], now))


def _print(view: View, form: opt.Form) -> None:
    from rollout.cli.screen import console, say
    from rollout.render.fields import write_json

    if form == opt.Form.JSON:
        write_json(sys.stdout, view.fields())
    elif sys.stdout.isatty():
        console(sys.stdout).print(view.table())
    else:
        say(sys.stdout, view.lines())


def _watch(view: View, form: opt.Form) -> None:
    if form == opt.Form.TEXT and sys.stdout.isatty():
        from rollout.cli.screen import console
        from rollout.render.status import watch

        watch(console(sys.stdout), view.table, lambda: time.sleep(WATCH_SECONDS))
    _repeat(lambda: _print(view, form))


def _repeat(act: Callable[[], None]) -> None:
    while True:
        act()
        time.sleep(WATCH_SECONDS)


def service_line(found: Overview, now: datetime) -> ServiceLine:
    """A service as the screen wants it."""
    from rollout import spec
    from rollout.render.status import ServiceLine

    unfinished = found.unfinished
    return ServiceLine(
        name=found.snapshot.service.name,
        image=spec.image(found.snapshot.service.spec),
        running=found.running,
        wanted=found.wanted,
        on_target=unfinished.on_target if unfinished else None,
        holder=unfinished.holder if unfinished else "",
        left=_left(unfinished, found.snapshot.service.name, now)
        if unfinished and not unfinished.holder
        else None,
    )


def _left(unfinished: Unfinished, name: str, now: datetime) -> Left:
    from rollout.hints import way_back, ways_on
    from rollout.overview import Standing
    from rollout.render.status import Left

    return Left(
        how=str(unfinished.how),
        since=unfinished.since,
        seconds=max(0.0, (now - unfinished.since).total_seconds()),
        revision=unfinished.revision,
        who=unfinished.who,
        ways_on=way_back(name) if unfinished.how == Standing.ROLLBACK_FAILED else ways_on(name),
    )


def slot_lines(found: Overview, now: datetime) -> list[SlotLine]:
    """The slots as the screen wants them."""
    from rollout.overview import last_error
    from rollout.render.status import SlotLine

    current = [(slot, slot.current) for slot in found.snapshot.slots]
    return [
        SlotLine(
            slot=slot.key,
            node=found.snapshot.node_name(task),
            state=task.state,
            image=task.image,
            seconds=_age(task.since, now),
            error=last_error(slot),
        )
        for slot, task in current
        if task is not None
    ]


def _age(since: str, now: datetime) -> float | None:
    try:
        return max(0.0, (now - datetime.fromisoformat(since)).total_seconds())
    except (ValueError, TypeError):
        return None
