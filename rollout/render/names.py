"""How things of the Swarm are called in front of a person."""

from __future__ import annotations

from rollout.model import Image, Plan
from rollout.render.text import counted, safe


def slot_id(service: str, key: str) -> str:
    """A slot's full name, as Swarm would spell it: ``php.2``, or ``php.<node id>`` in global mode."""
    return safe(key if key.startswith(f"{service}.") or not key else f"{service}.{key}")


def slot_name(service: str, key: str) -> str:
    """A slot's name for a person, who has no use for a node's ID: the node's name stands beside it."""
    name = slot_id(service, key)
    number = name.rpartition(".")[2]
    return name if number.isdecimal() or len(number) < 12 else safe(service)


def where(service: str, key: str, node: str) -> str:
    """A slot and its node: ``php.2 on n1``."""
    return slot_name(service, key) + (f" on {safe(node)}" if node else "")


def reference(image: Image) -> str:
    """An image without its digest; empty for none."""
    return safe(image.repository + (f":{image.tag}" if image.tag else ""))


def short(image: Image) -> str:
    """An image as a person tells it from others: ``php:1.2@5f3a9c01``."""
    return safe(image.short) or "no image"


def images(old: Image, new: Image) -> str:
    """What the image changes from and to."""
    return f"{short(old)} (same image)" if old == new else f"{short(old)} → {short(new)}"


def steps(plan: Plan) -> str:
    """The steps in few words: ``4 steps of 1 replica``, ``steps of 1, 2 and 4 replicas``."""
    releases = [size for size in plan.sizes if size]
    inherited = f"{plan.done} of {counted(plan.slots, 'replica')} on the target already"
    if not releases:
        return f"only proving: {inherited}" if plan.done else "no steps"
    return _releases(releases) + (f" ({inherited}, proved first)" if plan.done else "")


def _releases(sizes: list[int]) -> str:
    if len(set(sizes)) == 1:
        return f"{counted(len(sizes), 'step')} of {counted(sizes[0], 'replica')}"
    return f"steps of {_listed(_runs(sizes))} replicas"


def _runs(sizes: list[int]) -> list[str]:
    """Equal neighbours drawn together: ``8 times 5``."""
    runs: list[tuple[int, int]] = []
    for size in sizes:
        times = runs.pop()[1] if runs and runs[-1][0] == size else 0
        runs.append((size, times + 1))
    return [str(size) if times == 1 else f"{times} times {size}" for size, times in runs]


def _listed(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def gate(name: str) -> str:
    """A gate's name; that a URL is asked by HTTP needs no saying twice."""
    rest = name.removeprefix("http ")
    return safe(rest if "://" in rest else name)
