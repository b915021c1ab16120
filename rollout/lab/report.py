"""What `rollout lab status` says about a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rollout.lab import switch
from rollout.lab.errors import LabError
from rollout.lab.lab import Lab
from rollout.lab.node import Node
from rollout.lab.spec import check_name


@dataclass(frozen=True)
class Broken:
    """A lab that is there but cannot be used."""

    name: str
    reason: str
    hint: str | None


def load(name: str) -> Lab | Broken:
    """Find a lab; one that is named but incomplete is shown too, with the way out."""
    if name not in Lab.names():
        return Lab.load(check_name(name))
    try:
        return Lab.load(name)
    except LabError as error:
        return Broken(name, str(error), error.hint)


def facts(lab: Lab | Broken) -> dict[str, Any]:
    """Say it for programs."""
    if isinstance(lab, Broken):
        return {"name": lab.name, "error": lab.reason, "hint": lab.hint}
    return {
        "name": lab.name,
        "engine": lab.state.engine,
        "subnet": lab.state.subnet,
        "registry": lab.registry if lab.state.spec.registry else None,
        "registry_running": lab.state.spec.registry and switch.registry_runs(lab.state),
        "folder": str(lab.folder),
        "nodes": [_node(node) for node in lab.nodes],
    }


def text(lab: Lab | Broken) -> str:
    """Say it for people."""
    if isinstance(lab, Broken):
        return f"lab {lab.name}: {lab.reason}\n  {lab.hint}"
    rows = [
        (node.name, node.address, "manager" if node.manager else "worker", node.state, node.host)
        for node in lab.nodes
    ]
    table = _table([("NODE", "ADDRESS", "ROLE", "STATE", "HOST"), *rows])
    return "\n".join([_headline(lab), *table, f"  export DOCKER_HOST={lab.node(1).host}"])


def _node(node: Node) -> dict[str, Any]:
    role = "manager" if node.manager else "worker"
    where = {"name": node.name, "address": node.address, "host": node.host, "netns": node.netns}
    return {**where, "role": role, "state": node.state, "log": str(node.log)}


def _headline(lab: Lab) -> str:
    head = f"lab {lab.name}: engine {lab.state.engine}, subnet {lab.state.subnet}"
    if not lab.state.spec.registry:
        return f"{head}, no registry"
    return f"{head}, registry {lab.registry} ({'running' if switch.registry_runs(lab.state) else 'stopped'})"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    form = "".join(f"  {{:{width}}}" for width in widths)
    return [form.format(*row).rstrip() for row in rows]
