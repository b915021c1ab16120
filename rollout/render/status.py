"""``rollout status``: services, or the slots of one, as a table, as aligned lines and as JSON.

The caller fills ``ServiceLine`` and ``SlotLine`` with facts; what to call them is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rollout.model import Image, TaskState
from rollout.render.fields import SCHEMA, Fields
from rollout.render.names import reference, short, slot_id, slot_name
from rollout.render.tables import Cells, aligned, table
from rollout.render.text import Line, Span, Style, age, line, safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@dataclass(frozen=True)
class Left:
    """An unfinished deployment that nobody is at work on: ``how`` in words, since when, and for how long."""

    how: str
    since: datetime
    seconds: float
    revision: int
    who: str
    ways_on: str


@dataclass(frozen=True)
class ServiceLine:
    """A service: how many replicas run of how many wanted, and what deployment it is in the middle of.

    ``on_target`` is set while a deployment is unfinished. Then either someone is at work on it (``holder``),
    or nobody is, and it stands still (``left``).
    """

    name: str
    image: Image
    running: int
    wanted: int
    on_target: int | None = None
    holder: str = ""
    left: Left | None = None


@dataclass(frozen=True)
class SlotLine:
    """A slot's current task; ``seconds`` is how long it has been in its state, None where that is unknown."""

    slot: str
    node: str
    state: TaskState
    image: Image
    seconds: float | None = None
    error: str = ""


_SERVICES = ("service", "image", "replicas", "state")
_SLOTS = ("slot", "node", "state", "image", "age", "error")


def state_of(service: ServiceLine) -> Span:
    """A service's state in words."""
    missing = service.wanted - service.running
    if service.on_target is not None:
        words, style = _deploying(service)
        return Span(words + (f", {missing} not running" if missing > 0 else ""), style)
    if missing > 0:
        return Span(f"{missing} of {service.wanted} not running", Style.BAD)
    return Span("ok", Style.GOOD) if service.wanted else Span("no replicas", Style.DIM)


def _deploying(service: ServiceLine) -> tuple[str, Style]:
    on_target = f"{service.on_target} of {service.wanted} on the target"
    if service.left is not None:
        left = service.left
        whose = f"deployment {left.revision} by {safe(left.who)}"
        return f"{left.how} {age(left.seconds)} ago ({whose}): {on_target}", Style.WARN
    by = f" by {safe(service.holder)}" if service.holder else ""
    return f"deployment under way{by}: {on_target}", Style.NEW


def services_lines(services: Sequence[ServiceLine]) -> list[Line]:
    """The services as aligned lines, for pipes."""
    rows = aligned(_SERVICES, [_service_cells(service) for service in services])
    return [*rows, *(spans for service in services for spans in _next(service))]


def slots_lines(service: ServiceLine, slots: Sequence[SlotLine]) -> list[Line]:
    """One service and its slots as aligned lines, for pipes."""
    return [
        _summary(service),
        *_next(service),
        *aligned(_SLOTS, [_slot_cells(service.name, slot) for slot in slots]),
    ]


def services_table(services: Sequence[ServiceLine]) -> Table:
    """The services as a table, for terminals."""
    from rollout.render.styles import rich_text

    made = table(_SERVICES, [_service_cells(service) for service in services])
    hints = [spans for service in services for spans in _next(service)]
    made.caption, made.caption_justify = (rich_text(hints, "utf-8") if hints else None), "left"
    return made


def slots_table(service: ServiceLine, slots: Sequence[SlotLine]) -> Table:
    """One service and its slots as a table, for terminals."""
    from rollout.render.styles import rich_text

    made = table(_SLOTS, [_slot_cells(service.name, slot) for slot in slots])
    title = rich_text([_summary(service), *_next(service)], "utf-8")
    made.title, made.title_justify, made.title_style = title, "left", ""
    return made


def services_json(services: Sequence[ServiceLine]) -> Fields:
    """The services as one object."""
    return {
        "schema": SCHEMA,
        "event": "status",
        "services": [_service_fields(service) for service in services],
    }


def slots_json(service: ServiceLine, slots: Sequence[SlotLine]) -> Fields:
    """One service with its slots as one object."""
    inside = [_slot_fields(service.name, slot) for slot in slots]
    return {"schema": SCHEMA, "event": "service_status", **_service_fields(service), "slots": inside}


def watch(console: Console, look: Callable[[], Table], wait: Callable[[], None]) -> None:
    """Show what ``look`` gives again and again, until ``wait`` or ``look`` raises (Ctrl-C does)."""
    from rich.live import Live

    with Live(look(), console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        live.refresh()
        while True:
            wait()
            live.update(look(), refresh=True)


def _summary(service: ServiceLine) -> Line:
    running = f"{service.running}/{service.wanted}"
    return line(
        Span(safe(service.name), Style.STRONG), f"  {short(service.image)}  {running}  ", state_of(service)
    )


def _next(service: ServiceLine) -> list[Line]:
    """What to do with a deployment that stands still."""
    return [line(Span("next: ", Style.NEW), safe(service.left.ways_on))] if service.left else []


def _service_cells(service: ServiceLine) -> Cells:
    enough = Style.GOOD if service.running >= service.wanted else Style.BAD
    return (
        Span(safe(service.name), Style.STRONG),
        Span(short(service.image)),
        Span(f"{service.running}/{service.wanted}", enough),
        state_of(service),
    )


def _slot_cells(service: str, slot: SlotLine) -> Cells:
    return (
        Span(slot_name(service, slot.slot), Style.STRONG),
        Span(safe(slot.node)),
        Span(slot.state.label, _STATES.get(slot.state, Style.WARN)),
        Span(short(slot.image)),
        Span("" if slot.seconds is None else age(slot.seconds), Style.DIM),
        Span(safe(slot.error), Style.BAD),
    )


_STATES = {
    TaskState.RUNNING: Style.GOOD,
    TaskState.COMPLETE: Style.DIM,
    TaskState.SHUTDOWN: Style.DIM,
    TaskState.FAILED: Style.BAD,
    TaskState.REJECTED: Style.BAD,
}


def _service_fields(service: ServiceLine) -> Fields:
    return {
        "service": safe(service.name),
        "image": reference(service.image),
        "digest": service.image.digest,
        "running": service.running,
        "wanted": service.wanted,
        "state": state_of(service).text,
        "on_target": service.on_target,
        "holder": safe(service.holder),
        "unfinished": _left_fields(service.left) if service.left else None,
    }


def _left_fields(left: Left) -> Fields:
    return {
        "how": left.how.replace(" ", "_"),
        "since": left.since.isoformat(),
        "seconds": round(left.seconds, 3),
        "revision": left.revision,
        "who": safe(left.who),
    }


def _slot_fields(service: str, slot: SlotLine) -> Fields:
    return {
        "slot": slot_id(service, slot.slot),
        "node": safe(slot.node),
        "state": slot.state.label,
        "image": reference(slot.image),
        "digest": slot.image.digest,
        "seconds": None if slot.seconds is None else round(slot.seconds, 3),
        "error": safe(slot.error),
    }
