"""What each node has of the registry's images, and how it comes by the rest."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Image
from rollout.sim.behaviour import Behaviour
from rollout.sim.registry import SimRegistry
from rollout.sim.timing import Timing


@dataclass(frozen=True)
class Pull:
    """The end of a pull: without a behaviour there is no such image to be had."""

    behaviour: Behaviour | None
    seconds: float


class Puller:
    """Each node's images. A node always asks the registry, but makes do with what it has."""

    def __init__(self, registry: SimRegistry, timing: Timing) -> None:
        self._registry = registry
        self._timing = timing
        self._kept: dict[str, dict[str, Behaviour]] = {}

    def kept(self, node_id: str, image: Image) -> Behaviour | None:
        """An image that a node has, by its digest or by what its tag meant when it was pulled."""
        return self._kept.get(node_id, {}).get(image.digest or image.tagged)

    def pull(self, node_id: str, image: Image, credentials: str | None) -> Pull:
        """Get an image onto a node."""
        offered = self._offered(image, credentials)
        if offered is None:
            return Pull(self.kept(node_id, image), self._timing.create)
        known = self._keep(node_id, image, offered)
        return Pull(offered, self._timing.create if known else offered.pull_seconds)

    def _offered(self, image: Image, credentials: str | None) -> Behaviour | None:
        found = self._registry.images.find(image) if self._registry.reachable else None
        return None if found and found.private and not credentials else found

    def _keep(self, node_id: str, image: Image, behaviour: Behaviour) -> bool:
        """Keep an image; tells whether the node had it already."""
        kept = self._kept.setdefault(node_id, {})
        digest = self._registry.images.digest(image) or ""
        known = digest in kept
        kept[digest] = behaviour
        if not image.digest:
            kept[image.tagged] = behaviour
        return known
