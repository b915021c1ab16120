"""Reads observations: what is news about the tasks, and how each slot looks now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rollout import events as on
from rollout.model import Slot, Task, TaskState
from rollout.render.scene import Phase, Row, Scene, Sighting, TaskChange

OLD_SERVES = "the old one still serves"
OLD_DRAINS = "the old one is draining"
NEW_LEAVES = "the new one is leaving"


def look(event: on.Observed, scene: Scene) -> Scene:
    """The scene after an observation."""
    sightings = {**scene.sightings, **_sightings(event, scene)}
    slots = sorted((slot for slot in event.slots if slot.tasks), key=_natural)
    rows = tuple(row for slot in slots if (row := _row(slot, event, scene, sightings)))
    after = replace(scene, sightings=sightings, rows=rows, looked=True, at=event.at)
    waiting = None if after.on_target > scene.on_target else scene.waiting
    return replace(after, phase=_phase(after), waiting=waiting)


def _phase(scene: Scene) -> Phase:
    if scene.phase in {Phase.RELEASING, Phase.PROVING} and scene.step:
        return Phase.PROVING if scene.on_target >= scene.step.upto else Phase.RELEASING
    return scene.phase


def _sightings(event: on.Observed, scene: Scene) -> dict[str, Sighting]:
    return {
        task.id: Sighting(task.state, task.error, _since(task, event, scene))
        for task in _tasks(event.slots)
        if _differs(task, scene)
    }


def _since(task: Task, event: on.Observed, scene: Scene) -> float | None:
    known = scene.sightings.get(task.id)
    if known is None and not scene.looked and not _under_way(task):
        return None
    return known.at if known and known.state == task.state else event.at


def _row(slot: Slot, event: on.Observed, scene: Scene, sightings: Mapping[str, Sighting]) -> Row | None:
    task = slot.current
    if task is None:
        return None
    return Row(
        slot=slot.key,
        node=_node(event, task),
        task=task,
        new=is_new(task, scene),
        at=sightings[task.id].at,
        moving=not (slot.quiet and task.running),
        serving=any(each.running for each in slot.tasks),
        note=_note(slot, task, scene),
        trouble=_trouble(slot, task, scene, sightings),
    )


def _note(slot: Slot, current: Task, scene: Scene) -> str:
    beside = [task for task in slot.tasks if task is not current and task.state == TaskState.RUNNING]
    if not beside:
        return ""
    if is_new(beside[0], scene):
        return NEW_LEAVES
    return OLD_SERVES if beside[0].wanted else OLD_DRAINS


def _trouble(slot: Slot, current: Task, scene: Scene, sightings: Mapping[str, Sighting]) -> str:
    """What keeps the current task from starting, or of what an earlier one of the wanted spec has died."""
    died = (task for task in slot.tasks if task.died and sightings[task.id].at is not None)
    wanted = (task for task in died if is_new(task, scene) != scene.going_back)
    return current.error or next((task.error or task.state.label for task in wanted), "")


def is_new(task: Task, scene: Scene) -> bool:
    """Whether a task runs the target: by its image, or by the engine's word where the image stays."""
    if scene.plan and scene.plan.old_image != scene.plan.new_image:
        return task.image == scene.plan.new_image
    untouched = scene.step is None and not (scene.plan and scene.plan.done)
    return not untouched and task.up_to_date != scene.going_back


def seen(event: on.Observed, scene: Scene) -> list[TaskChange]:
    """What an observation shows that the scene does not yet know.

    Of the first observation only tasks under way are news.
    """
    return [
        _change(slot, task, event, scene)
        for slot in sorted(event.slots, key=_natural)
        for task in reversed(slot.tasks)
        if _differs(task, scene) and (scene.looked or _under_way(task))
    ]


def _node(event: on.Observed, task: Task) -> str:
    """The task's node by name; a task that has none yet has an empty one."""
    return event.nodes.get(task.id, "") if task.node_id else ""


def _differs(task: Task, scene: Scene) -> bool:
    known = scene.sightings.get(task.id)
    return known is None or (known.state, known.error) != (task.state, task.error)


def _change(slot: Slot, task: Task, event: on.Observed, scene: Scene) -> TaskChange:
    known = scene.sightings.get(task.id)
    node = _node(event, task)
    return TaskChange(slot.key, node, task, known.state if known else None, is_new(task, scene))


def _under_way(task: Task) -> bool:
    return task.wanted and task.state != TaskState.RUNNING and not task.died


def _tasks(slots: Iterable[Slot]) -> Iterable[Task]:
    return (task for slot in slots for task in slot.tasks)


def _natural(slot: Slot) -> tuple[bool, int, str]:
    number = slot.key.rpartition(".")[2]
    return (not number.isdecimal(), int(number) if number.isdecimal() else 0, slot.key)
