"""The state file: all that a later process must know about a lab and could not work out by itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rollout.lab.errors import LabError
from rollout.lab.spec import DATA, RUN, LabSpec, is_name, run_dir

FORMAT = 1


@dataclass(frozen=True)
class LabState:
    """The spec, the subnet that was chosen for it, and whether the lab was ever finished."""

    spec: LabSpec
    subnet: str
    engine: str = ""
    ready: bool = False

    def finished(self, engine: str) -> LabState:
        """Mark the lab as complete: from here on it can be loaded."""
        return replace(self, engine=engine, ready=True)


def to_json(state: LabState) -> str:
    """Write a state as text."""
    fields = asdict(state)
    root = state.spec.engine_root
    fields["spec"]["engine_root"] = str(root) if root else None
    return json.dumps({"format": FORMAT, **fields}, indent=2)


def from_json(text: str) -> LabState:
    """Read a state back; raises ValueError for anything that `to_json` did not write."""
    try:
        return _parse(json.loads(text))
    except (KeyError, TypeError, AttributeError, LabError) as error:
        raise ValueError(f"not a lab's state: {error}") from error


def _parse(fields: dict[str, Any]) -> LabState:
    if fields.pop("format") != FORMAT:
        raise ValueError("written by another version of rollout")
    spec = fields.pop("spec")
    root = spec.pop("engine_root")
    return LabState(spec=LabSpec(engine_root=Path(root) if root else None, **spec), **fields)


def save(state: LabState) -> None:
    """Write the state in one act: a reader sees the old file or the new one, never half of it."""
    path = _path(state.spec.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(to_json(state))
    draft.replace(path)


def load(name: str) -> LabState:
    """Read the state of a lab that is up; every other case has its own sentence."""
    state = peek(name)
    if state is None:
        raise LabError(f"there is no lab '{name}'", f"start it: rollout lab up --name {name}")
    if not state.ready:
        raise LabError(
            f"lab '{name}' is not complete: it is being started, or its start was cut short", _remove(name)
        )
    return state


def peek(name: str) -> LabState | None:
    """Read the state of a lab, complete or not; None if it has none."""
    try:
        return from_json(_path(name).read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LabError(f"the state of lab '{name}' cannot be read: {error}", _remove(name)) from error


def names() -> tuple[str, ...]:
    """List every lab of which anything is left, complete or not, also from before a reboot."""
    found = {path.name for base in (RUN, DATA) if base.is_dir() for path in base.iterdir() if path.is_dir()}
    return tuple(sorted(filter(is_name, found)))


def subnets() -> tuple[str, ...]:
    """List the subnets in use; a lab whose state is broken does not count (labs cannot see each other)."""
    return tuple(found for name in names() if (found := _subnet(name)))


def _subnet(name: str) -> str:
    try:
        state = peek(name)
    except LabError:
        return ""
    return state.subnet if state else ""


def _remove(name: str) -> str:
    return f"remove what is left of it: rollout lab down --name {name}"


def _path(name: str) -> Path:
    return run_dir(name) / "state.json"
