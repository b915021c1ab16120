"""The pre-pull: every node that may run the service has the new image before any replica is touched.

So no slot stands empty while an image comes over the network, and a node that cannot pull is found out while
there is still nothing to take back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rollout.errors import PullFailed, RolloutError
from rollout.events import PullEnded, PullStarted
from rollout.model import Availability, Cause, Judgement, Node, Plan, Service, Verdict
from rollout.oneshot import derive, judging, names
from rollout.oneshot.running import POLL, OneShots
from rollout.placement import eligible

_SAID = {
    Availability.THERE: "its registry has it: {node} cannot reach that, or has no room; see its engine's log",
    Availability.DENIED: "its registry wants another login: log in anew",
    Availability.MISSING: "its registry does not have it any more",
    Availability.AWAY: "its registry does not answer",
}


@dataclass(frozen=True)
class Prepull:
    """Pulls the image of one deployment."""

    oneshots: OneShots

    def run(self) -> None:
        """Pull wherever it may be needed. Raises PullFailed, and MustHold as the watch does."""
        nodes = able_nodes(self.oneshots.watch.snapshot.nodes, self.oneshots.plan)
        if not wanted(self.oneshots.plan) or not nodes:
            return
        watch = self.oneshots.watch
        watch.tell(PullStarted(watch.elapsed(), tuple(node.hostname for node in nodes.values())))
        try:
            self._pull()
        except PullFailed:
            raise
        except RolloutError as error:
            sentence = f"the image could not be pulled beforehand: {error.message}"
            raise PullFailed(Cause(names.PREPULL.failure, sentence)) from error

    def _pull(self) -> None:
        pull = derive.pull(self.oneshots.plan.target, self.oneshots.side(names.PREPULL))
        with self.oneshots.sideline.with_service(pull, self.oneshots.credentials) as made:
            self._await(made)

    def _await(self, made: Service) -> None:
        """Wait for every node; the first that cannot pull ends it."""
        watch, options = self.oneshots.watch, self.oneshots.plan.options
        begun, told = watch.elapsed(), set[str]()
        while True:
            watch.keep()
            nodes = self._nodes()
            judgements = judging.judge_pulls(self.oneshots.world.swarm.tasks(made.id), nodes)
            took = watch.elapsed() - begun
            for node_id in judgements.keys() - told:
                told |= self._tell(nodes[node_id], judgements[node_id], took)
            if told >= nodes.keys():
                return
            if took > options.progress_timeout:
                raise self._late([node.hostname for node in nodes.values() if node.id not in told], took)
            self.oneshots.world.clock.sleep(POLL)

    def _nodes(self) -> Mapping[str, Node]:
        """Those that count now: a node that is lost or drained meanwhile gets no replica either."""
        self.oneshots.watch.look_at_nodes_when_due()
        return able_nodes(self.oneshots.watch.snapshot.nodes, self.oneshots.plan)

    def _tell(self, node: Node, judgement: Judgement, took: float) -> set[str]:
        """Tell how it went on a node, where it has ended. Raises PullFailed."""
        if judgement.verdict == Verdict.INCONCLUSIVE:
            return set()
        failed = judgement.verdict == Verdict.FAIL
        watch = self.oneshots.watch
        watch.tell(PullEnded(watch.elapsed(), node.hostname, took, judgement.evidence if failed else ""))
        if failed:
            raise self._failure(node, judgement)
        return {node.id}

    def _failure(self, node: Node, judgement: Judgement) -> PullFailed:
        image, task = self.oneshots.plan.new_image, judgement.task
        said = self._without_login() or self._said(node)
        sentence = f"{node.hostname} cannot pull {image}" + (f"; {said}" if said else "")
        cause = Cause(
            names.PREPULL.failure,
            sentence,
            task.id if task else "",
            node=node.hostname,
            error=judgement.evidence,
        )
        return PullFailed(cause)

    def _without_login(self) -> str:
        """Why no login went along, where there is one: the node is not to blame then."""
        logins = self.oneshots.logins
        return "" if logins.header(self.oneshots.plan.new_image) else "; ".join(logins.doubts)

    def _said(self, node: Node) -> str:
        """What the registry says of the image to us."""
        found = self.oneshots.world.registry.availability(self.oneshots.plan.new_image)
        return _SAID.get(found, "").format(node=node.hostname)

    def _late(self, nodes: list[str], took: float) -> PullFailed:
        image = self.oneshots.plan.new_image
        sentence = f"{', '.join(sorted(nodes))} did not pull {image} within {took:.0f}s"
        return PullFailed(Cause(names.PREPULL.failure, sentence, node=sorted(nodes)[0]))


def wanted(plan: Plan) -> bool:
    """Whether there is anything to pull; what runs already is there."""
    return plan.options.prepull and plan.new_image != plan.old_image


def able_nodes(nodes: Mapping[str, Node], plan: Plan) -> dict[str, Node]:
    """The nodes on which replicas of the target may start now, by ID."""
    return {
        node.id: node
        for node in nodes.values()
        if node.active and node.ready and not node.gone and eligible(node, plan.target)
    }
