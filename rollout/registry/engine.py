"""The port ``Registry`` over the engine's own look-up: it sees the registry as the Swarm's nodes will.

``GET /distribution/{name}/json``: moby/moby api/server/router/distribution.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from rollout.errors import ImageNotFound, RegistryDenied, RegistryUnavailable, RolloutError
from rollout.model import Availability, Image
from rollout.registry import credentials
from rollout.registry.errors import REFERENCE_HINT, Lookup, refusal
from rollout.swarm import parse
from rollout.swarm.client import SLOW_SECONDS, EngineClient
from rollout.swarm.patience import USUAL, Patience
from rollout.untrusted import plain

_REFERENCE = re.compile(
    r"[a-z0-9][\w.-]*(:\d+)?(/[\w-][\w.-]*)*(:\w[\w.-]*)?(@[a-z0-9]+:[0-9a-f]+)?", re.IGNORECASE | re.ASCII
)
"""Enough of the grammar (distribution/reference) to keep a reference from naming another path of the API."""

QUICK_SECONDS = 5.0
"""For a question in the middle of a deployment, whose lock has to be renewed meanwhile."""
_WORDS = {
    ImageNotFound: Availability.MISSING,
    RegistryDenied: Availability.DENIED,
    RegistryUnavailable: Availability.AWAY,
}


class EngineRegistry:
    """Asks registries through one engine."""

    def __init__(self, client: EngineClient, patience: Patience = USUAL) -> None:
        self._client = client
        self._patience = patience

    def resolve(self, image: Image) -> Image:
        """The image with its digest now. One given with a digest keeps it, if the registry has that.

        An image without tag and digest means ``latest``, and says so from here on, as docker's do.
        """
        wanted = f"{image.repository}@{image.digest}" if image.digest else image.tagged
        if not _REFERENCE.fullmatch(wanted):
            raise ImageNotFound(f"{plain(wanted)!r} is no image reference", REFERENCE_HINT)
        auth = credentials.header(image)
        found = self._patience.read(lambda: self._asked(image, wanted, auth, SLOW_SECONDS))
        return replace(image, digest=found, tag=image.tag or (None if image.digest else "latest"))

    def availability(self, image: Image) -> Availability:
        """What the registry says of the image, asked once and answered within seconds; never raises."""
        wanted = f"{image.repository}@{image.digest}" if image.digest else image.tagged
        try:
            self._asked(image, wanted, credentials.header(image), QUICK_SECONDS)
        except RolloutError as error:
            return _WORDS.get(type(error), Availability.UNASKED)
        return Availability.THERE

    def credentials(self, image: Image) -> str | None:
        """The caller's login for the image's registry. Raises RegistryDenied if it cannot be read."""
        return credentials.header(image)

    def _asked(self, image: Image, wanted: str, auth: str | None, timeout: float) -> str:
        lookup = Lookup(wanted, credentials.registry_of(image), login=bool(auth))
        raw = self._client.read(
            f"look up {wanted}",
            f"/distribution/{quote(wanted, safe='/:@')}/json",
            timeout=timeout,
            headers={"X-Registry-Auth": auth} if auth else {},
            refused=lambda call, status, words: refusal(call, status, words, lookup),
        )
        return parse.digest(raw, f"image {wanted}")
