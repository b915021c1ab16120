"""The logins that go with a deployment's writes: good ones or none, so that no stale one replaces them.

Without one the engine keeps what the spec in force has (moby/moby daemon/cluster/services.go, UpdateService).
The writes of one image all send the same: new credentials make Swarm start *ended* tasks of the target again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rollout.errors import RolloutError
from rollout.events import Note
from rollout.model import Availability, Image, Login
from rollout.ports import Registry, Sink
from rollout.registries import registry_of

ANONYMOUS = "e30="
"""No login, as a header (``{}``): what the docker CLI sends where it has none (docker/cli
cli/command/registry.go, RetrieveAuthTokenFromImage). It takes the place of one for another registry."""
_DOUBTS = {
    Availability.DENIED: "it does not open the image",
    Availability.MISSING: "it finds no such image",
    Availability.AWAY: "its registry does not answer",
    Availability.UNASKED: "it could not be tried",
}


@dataclass(frozen=True)
class Logins:
    """By repository the header that opens it; ``doubts`` say in words why one is not sent."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    doubts: tuple[str, ...] = ()

    def header(self, image: Image) -> str | None:
        """What goes with a write of this image; None keeps what the spec in force has."""
        return self.headers.get(image.repository)

    def tell(self, sink: Sink, at: float) -> None:
        """Tell the doubts."""
        for doubt in self.doubts:
            sink.emit(Note(at, doubt, warning=True))


@dataclass(frozen=True)
class AtHand:
    """The caller's login for an image's registry, or why it cannot be had."""

    image: Image
    login: Login | None
    trouble: str = ""


def ask(registry: Registry, image: Image) -> AtHand:
    """Look for the login. That there is none to be had keeps nobody from going back, or on."""
    try:
        return AtHand(image, registry.login(image))
    except RolloutError as error:
        return AtHand(image, None, error.message)


def worth_sending(registry: Registry, found: AtHand, now: datetime) -> Logins:
    """The login, if it opens the image now; a registry that is away has not said so."""
    doubt = found.trouble or (_doubt(registry, found.login, found.image, now) if found.login else "")
    if doubt:
        kept = f"no login goes along for {registry_of(found.image)}, the service keeps its own"
        return Logins(doubts=(f"{kept}: {doubt}",))
    return Logins({found.image.repository: found.login.header} if found.login else {})


def of_both(registry: Registry, first: AtHand, other: Image, now: datetime) -> Logins:
    """The logins of a deployment between two images: each registry gets its own, or none.

    In one registry the ``first`` image tries the login for both.
    """
    if registry_of(first.image) == registry_of(other):
        sent = worth_sending(registry, first, now)
        header = sent.header(first.image)
        return Logins({**sent.headers, other.repository: header} if header else {}, sent.doubts)
    each = [_elsewhere(registry, one, now) for one in (first, ask(registry, other))]
    return Logins({**each[0].headers, **each[1].headers}, each[0].doubts + each[1].doubts)


def _elsewhere(registry: Registry, found: AtHand, now: datetime) -> Logins:
    """The same where the spec in force may have another registry's login: none is better than that."""
    sent = worth_sending(registry, found, now)
    public = not found.login and not found.trouble and registry.opens(found.image) == Availability.THERE
    return Logins({found.image.repository: ANONYMOUS}) if public else sent


def _doubt(registry: Registry, login: Login, image: Image, now: datetime) -> str:
    """Why it is not sent, in words; empty where it is good."""
    return "it has expired" if login.expired(now) else _DOUBTS.get(registry.opens(image), "")
