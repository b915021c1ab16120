"""The images that a registry holds: every push of a tag makes a new digest, and old digests stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, MutableMapping

from rollout.model import Image
from rollout.sim.behaviour import Behaviour


class Images(MutableMapping[str, Behaviour]):
    """Behaviours by ``repository:tag``; to set one is to push it."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self._behaviours: dict[str, Behaviour] = {}
        self._pushes = 0

    def __getitem__(self, reference: str) -> Behaviour:
        return self._behaviours[self._digests[_tagged(reference)]]

    def __setitem__(self, reference: str, behaviour: Behaviour) -> None:
        self._pushes += 1
        name = _tagged(reference)
        digest = "sha256:" + hashlib.sha256(f"{name} {self._pushes}".encode()).hexdigest()
        self._digests[name] = digest
        self._behaviours[digest] = behaviour

    def __delitem__(self, reference: str) -> None:
        del self._behaviours[self._digests.pop(_tagged(reference))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)

    def keep(self, image: Image, behaviour: Behaviour) -> None:
        """Have an image under the digest that it has elsewhere; one without a digest is pushed."""
        if image.digest is None:
            self[image.tagged] = behaviour
            return
        self._digests[image.tagged] = image.digest
        self._behaviours[image.digest] = behaviour

    def forget(self, reference: str) -> None:
        """Remove an image by all its names, as a registry's clean-up does."""
        self._behaviours.pop(self._digests.pop(_tagged(reference)))

    def digest(self, image: Image) -> str | None:
        """The digest that a reference means now."""
        return image.digest or self._digests.get(image.tagged)

    def find(self, image: Image) -> Behaviour | None:
        """What an image does, if there is such an image."""
        return self._behaviours.get(self.digest(image) or "")


def _tagged(reference: str) -> str:
    return Image.parse(reference).tagged
