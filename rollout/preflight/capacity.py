"""Is there a place for new replicas, and does enough serve meanwhile?"""

from __future__ import annotations

from rollout import placement, spec
from rollout.model import Mode, Node, Order
from rollout.model.finding import Severity
from rollout.placement import Newcomer
from rollout.preflight import mounts
from rollout.preflight.check import Check, check, listed
from rollout.preflight.facts import Facts
from rollout.snapshot import missing


@check(
    "single-replica",
    Severity.WARNING,
    costs="the service is down from then until the new one serves",
    mend="`deploy: {replicas: 2}` in the compose file, or `order: start-first` in update_config",
)
def lone_replica(facts: Facts) -> str | None:
    """There is one replica, and it stops before the new one starts."""
    if facts.order != Order.STOP_FIRST or len(facts.snapshot.slots) != 1:
        return None
    return "there is one replica, and it stops before the new one starts"


@check(
    "replicas-down",
    Severity.WARNING,
    costs="the others carry their load already, and the gates may see failures that are not the release's",
    mend="look at `rollout status NAME`; go on if the new release is the cure",
)
def unwell(facts: Facts) -> str | None:
    """Replicas are not running or not healthy before anything has begun."""
    slots, ended = facts.snapshot.slots, missing(facts.snapshot)
    down = ended + sum(not any(task.running for task in slot.wanted) for slot in slots)
    of = len(slots) + ended
    return f"{down} of {of} replicas are not running before anything has begun" if down else None


@check(
    "start-first-unplaceable",
    Severity.ERROR,
    costs="it waits for a place that never comes free",
    mend="`order: stop-first` in update_config or `--order stop-first`; or more room: another node, smaller "
    "`resources: {reservations: …}`, no `mode: host` port, a higher `max_replicas_per_node`",
)
def unplaceable(facts: Facts) -> str | None:
    """With start-first, no node has room for a new replica beside the old ones."""
    occupants = facts.survey.occupants
    if facts.order != Order.START_FIRST or occupants is None or not _able(facts):
        return None
    newcomer = Newcomer(facts.snapshot.service.id, facts.target)
    places = placement.places(_able(facts), occupants)
    obstacles = [(one.node.hostname, placement.obstacle(one, newcomer)) for one in places]
    stuck = [f"{node} {words}" for node, words in obstacles if words]
    enough = len(places) if spec.mode(facts.target) == Mode.GLOBAL else 1
    if len(places) - len(stuck) >= enough:
        return None
    return f"start-first finds no place for a new replica ({listed(stuck)})"


@check(
    "preview-impossible",
    Severity.ERROR,
    costs="old and new would be in each other's way while both stand",
    mend="`--strategy rolling` or `canary`; or `order: start-first`, where what keeps it from that can go",
)
def never_beside(facts: Facts) -> str | None:
    """The strategy wants the whole release beside the old one, and this service cannot have that."""
    if not facts.preview:
        return None
    if spec.mode(facts.target) == Mode.GLOBAL:
        return (
            f"the strategy {facts.options.strategy} needs both releases side by side; this service is global"
        )
    if facts.order == Order.STOP_FIRST:
        return f"{facts.options.strategy} needs both releases side by side, and this service stops first"
    return None


@check(
    "preview-unplaceable",
    Severity.ERROR,
    costs="its preview waits for places that never come free",
    mend="`--strategy rolling`, which needs room for one batch; or another node, or smaller "
    "`resources: {reservations: …}`",
)
def no_room_beside(facts: Facts) -> str | None:
    """The nodes have no room for the whole release beside the old one."""
    occupants = facts.survey.occupants
    if not facts.preview or occupants is None or not _able(facts):
        return None
    newcomer = Newcomer("", facts.target)
    room = placement.room(placement.places(_able(facts), occupants), newcomer, facts.preview)
    if room >= facts.preview:
        return None
    return (
        f"{facts.options.strategy} needs room for {facts.preview} replicas more, and there is room for {room}"
    )


@check(
    "no-node",
    Severity.ERROR,
    costs="a replica that stops is not replaced",
    mend="`docker node update --availability active NODE`, or other `placement: {constraints: […]}` in the "
    "compose file",
)
def no_node(facts: Facts) -> str | None:
    """No node that is up and takes tasks may run the service."""
    if not facts.snapshot.nodes or _able(facts) or _all_foreign(facts):
        return None
    return "no node that is up and takes tasks meets the service's constraints and platforms"


@check(
    "platform-missing",
    Severity.ERROR,
    costs="no node can run it",
    mend="`docker buildx build --platform linux/amd64,linux/arm64 …`",
)
def wrong_platform(facts: Facts) -> str | None:
    """The registry has the new image only for platforms that no node has."""
    if not _all_foreign(facts):
        return None
    there = sorted({f"{node.os}/{node.architecture}" for node in _allowed(facts)})
    return f"the new image is for {listed(list(facts.platforms))}, the nodes are {listed(there)}"


@check(
    "local-volume",
    Severity.WARNING,
    costs="a new replica that starts on another node finds an empty one",
    mend="`placement: {constraints: [node.hostname == NODE]}` in the compose file, or a volume driver that "
    "all nodes share",
)
def local_volume(facts: Facts) -> str | None:
    """A named volume is on each node's own disk, and more than one node may run the service."""
    names = list(mounts.local_volumes(facts.target))
    return f"volume {listed(names)} is {_of_each_node(facts)}" if names and _may_move(facts) else None


@check(
    "bind-mount",
    Severity.NOTE,
    costs="a new replica that starts on another node finds that node's own files",
    mend="the same files on every node, a config or a secret in place of the mount, or "
    "`placement: {constraints: [node.hostname == NODE]}` in the compose file",
)
def bind_mount(facts: Facts) -> str | None:
    """A folder or file of the node is mounted, and more than one node may run the service."""
    paths = list(mounts.own_files(facts.target))
    return f"{listed(paths)} is {_of_each_node(facts)}" if paths and _may_move(facts) else None


@check(
    "global-unpaced",
    Severity.NOTE,
    costs="that node's replica is replaced at once then, batch or no batch",
    mend="leave the nodes alone until the deployment is over",
)
def unpaced(facts: Facts) -> str | None:
    """In global mode any change of a node replaces the replica on it (seen on 20.10)."""
    if spec.mode(facts.target) != Mode.GLOBAL:
        return None
    return "in global mode Swarm also acts on changes of a node (a label, its availability, its return)"


def _able(facts: Facts) -> list[Node]:
    return [node for node in facts.eligible if node.active and not node.gone]


def _allowed(facts: Facts) -> list[Node]:
    """The nodes that take tasks and meet the constraints, whatever their platform."""
    nodes = facts.snapshot.nodes.values()
    return [node for node in nodes if node.active and not node.gone and placement.allowed(node, facts.target)]


def _all_foreign(facts: Facts) -> bool:
    """Whether there are nodes, and the new image is for none of them."""
    allowed, platforms = _allowed(facts), facts.platforms
    fitting = any(placement.runs_image(node, one) for node in allowed for one in platforms)
    return bool(allowed and platforms) and not fitting


def _may_move(facts: Facts) -> bool:
    """Whether a new replica may come to another node than the old one's."""
    return len(facts.eligible) > 1 and spec.mode(facts.target) != Mode.GLOBAL


def _of_each_node(facts: Facts) -> str:
    return f"on each node's own disk, and {len(facts.eligible)} nodes may run the service"


CHECKS: tuple[Check, ...] = (
    lone_replica,
    unwell,
    unplaceable,
    never_beside,
    no_room_beside,
    no_node,
    wrong_platform,
    local_volume,
    bind_mount,
    unpaced,
)
