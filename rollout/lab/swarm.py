"""Makes a Swarm of engines."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rollout.lab import system
from rollout.lab.errors import LabError
from rollout.lab.node import Node

PORT = 2377
_READY_SECONDS = 60.0
_JOIN_ATTEMPTS = 5


def form(nodes: Sequence[Node]) -> None:
    """Start a Swarm on the first node, let the others join all at once, and wait until all are ready."""
    first, rest = nodes[0], nodes[1:]
    first.api.post("/swarm/init", _listen(first))
    tokens = first.api.get("/swarm")["JoinTokens"]
    with ThreadPoolExecutor(max_workers=max(1, len(rest))) as pool:
        list(pool.map(lambda node: join(node, first, tokens["Manager" if node.manager else "Worker"]), rest))
    wait_ready(first, len(nodes))


def join(node: Node, first: Node, token: str) -> None:
    """Let one node join. Managers that join at the same moment can be in each other's way: try again."""
    body = {**_listen(node), "RemoteAddrs": [f"{first.address}:{PORT}"], "JoinToken": token}
    for attempt in range(1, _JOIN_ATTEMPTS + 1):
        try:
            node.api.post("/swarm/join", body)
        except LabError as error:
            if attempt == _JOIN_ATTEMPTS:
                log = system.tail(node.log)
                raise LabError(f"{node.name} cannot join: {error}; its log ends:\n{log}") from error
        else:
            return


def wait_ready(manager: Node, count: int) -> None:
    """Wait until the manager sees `count` nodes as ready."""
    if not system.wait_for(lambda: ready_nodes(manager) >= count, _READY_SECONDS):
        raise LabError(f"only {ready_nodes(manager)} of {count} nodes became ready in the Swarm")


def ready_nodes(manager: Node) -> int:
    """Count the nodes that a manager sees as ready."""
    return sum(node["Status"]["State"] == "ready" for node in manager.api.get("/nodes"))


def _listen(node: Node) -> dict[str, str]:
    return {"ListenAddr": f"0.0.0.0:{PORT}", "AdvertiseAddr": node.address, "DataPathAddr": node.address}
