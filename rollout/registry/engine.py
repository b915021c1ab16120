"""The port ``Registry`` over the engine's own look-up: it sees the registry as the Swarm's nodes will.

``GET /distribution/{name}/json``: moby/moby api/server/router/distribution.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from rollout.errors import ImageNotFound, RegistryDenied, RegistryUnavailable, RolloutError
from rollout.model import Availability, Image, Login, Offer
from rollout.registries import registry_of
from rollout.registry import credentials
from rollout.registry.errors import REFERENCE_HINT, Lookup, refusal
from rollout.registry.offers import ImageConfigs
from rollout.swarm import parse
from rollout.swarm.client import SLOW_SECONDS, Engine, Json
from rollout.swarm.patience import USUAL, Patience
from rollout.untrusted import plain

_REFERENCE = re.compile(
    r"[a-z0-9][\w.-]*(:\d+)?(/[\w-][\w.-]*)*(:\w[\w.-]*)?(@[a-z0-9]+:[0-9a-f]+)?", re.IGNORECASE | re.ASCII
)
"""Enough of the grammar (distribution/reference) to keep a reference from naming another path of the API."""

SAME_LOGIN = timedelta(seconds=60)
"""For so long a login is not asked for again: helpers and clouds take their time."""
QUICK_SECONDS = 5.0
"""For a question in the middle of a deployment, whose lock has to be renewed meanwhile."""
_WORDS = {
    ImageNotFound: Availability.MISSING,
    RegistryDenied: Availability.DENIED,
    RegistryUnavailable: Availability.AWAY,
}


class EngineRegistry:
    """Asks registries through one engine."""

    def __init__(self, client: Engine, patience: Patience = USUAL) -> None:
        self._client = client
        self._patience = patience
        self._configs = ImageConfigs(client)
        self._logins: dict[str, tuple[datetime, Login | None]] = {}
        self._first = ""
        self._opened: set[tuple[str, Login | None]] = set()

    def resolve(self, image: Image) -> Image:
        """The image with its digest now. One given with a digest keeps it, if the registry has that.

        An image without tag and digest means ``latest``, and says so from here on, as docker's do.
        """
        if not _REFERENCE.fullmatch(_wanted(image)):
            raise ImageNotFound(f"{plain(_wanted(image))!r} is no image reference", REFERENCE_HINT)
        login = self.login(image)
        raw = self._patience.read(lambda: self._asked(image, login, SLOW_SECONDS))
        found = parse.digest(raw, f"image {image}")
        return replace(image, digest=found, tag=image.tag or (None if image.digest else "latest"))

    def availability(self, image: Image) -> Availability:
        """What the registry says of the image, asked once and answered within seconds; never raises."""
        return self._availability(image, QUICK_SECONDS)

    def opens(self, image: Image) -> Availability:
        """Whether the caller's login opens the image: a look-up that has succeeded says so."""
        try:
            if (image.repository, self.login(image)) in self._opened:
                return Availability.THERE
        except RolloutError:
            return Availability.UNASKED
        return self._availability(image, SLOW_SECONDS)

    def offer(self, image: Image) -> Offer:
        """The platforms by the engine's look-up, the config from the registry itself; never raises."""
        try:
            login = self.login(image)
            raw = self._asked(image, login, QUICK_SECONDS)
            found = replace(image, digest=parse.digest(raw, f"image {image}"))
            return Offer(parse.platforms(raw, f"image {image}"), self._configs.read(found, login))
        except RolloutError:
            return Offer()

    def login(self, image: Image) -> Login | None:
        """The caller's login for the image's registry; the first that is asked for is what is deployed."""
        registry, now = registry_of(image), self._patience.clock.wall()
        self._first = self._first or registry
        asked, login = self._logins.get(registry, (None, None))
        if asked is None or now - asked > SAME_LOGIN:
            login = credentials.find(registry, os.environ, now, self._first)
            self._logins[registry] = now, login
        return login

    def _availability(self, image: Image, timeout: float) -> Availability:
        try:
            self._asked(image, self.login(image), timeout)
        except RolloutError as error:
            return _WORDS.get(type(error), Availability.UNASKED)
        return Availability.THERE

    def _asked(self, image: Image, login: Login | None, timeout: float) -> Json:
        wanted = _wanted(image)
        lookup = Lookup(wanted, registry_of(image), login, self._patience.clock.wall())
        found = self._client.ask_elsewhere(
            f"look up {wanted}",
            f"/distribution/{quote(wanted, safe='/:@')}/json",
            timeout=timeout,
            headers={"X-Registry-Auth": login.header} if login else {},
            refused=lambda call, status, words: refusal(call, status, words, lookup),
        )
        self._opened.add((image.repository, login))
        return found


def _wanted(image: Image) -> str:
    return f"{image.repository}@{image.digest}" if image.digest else image.tagged
