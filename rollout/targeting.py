"""Which image and which spec a deployment is after: what kind of deployment it is, is decided here alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from rollout import recall, spec
from rollout.errors import Refused, RegistryDenied, RegistryUnavailable, UsageError
from rollout.model import Image, Overrides, Service, Spec
from rollout.overriding import overridden
from rollout.ports import Registry
from rollout.state.record import Record


@dataclass(frozen=True)
class Found:
    """What is there before a deployment: the service, the spec to go back to, the records (oldest first).

    ``overrides`` is what the configuration has for images that lack it.
    """

    service: Service
    baseline: Spec
    records: tuple[Record, ...] = ()
    unfinished: Record | None = None
    overrides: Overrides = field(default_factory=Overrides)


class Aim(Protocol):
    """What a deployment is after."""

    def target(self, found: Found, registry: Registry) -> Spec:
        """The spec wanted. Raises Refused where there is none, and what the registry raises."""
        ...


@dataclass(frozen=True)
class Release:
    """An image from the registry; ``force`` replaces every task even if nothing has changed."""

    image: str | None = None
    tag: str | None = None
    force: bool = False

    def target(self, found: Found, registry: Registry) -> Spec:
        """The baseline with the image that the registry has now, and with the overrides."""
        image = self._resolved(found, registry)
        target = overridden(target_spec(found.baseline, image, found.unfinished), found.overrides)
        return spec.forced(target) if self.force and spec.same_work(target, found.baseline) else target

    def _resolved(self, found: Found, registry: Registry) -> Image:
        """Without a wish, the tag that an interrupted deployment was after is looked up again."""
        if found.unfinished is not None and self.image is None and self.tag is None:
            meant = spec.image(found.unfinished.target)
            if meant.tag is None:
                return known(meant, registry)
            return registry.resolve(Image(meant.repository, meant.tag))
        return registry.resolve(wanted_image(spec.image(found.baseline), self.image, self.tag))


@dataclass(frozen=True)
class Unfinished:
    """What an unfinished deployment was after, as it was recorded. No registry is asked."""

    def target(self, found: Found, registry: Registry) -> Spec:  # noqa: ARG002 - see the class
        """The recorded target at the replicas of today."""
        if found.unfinished is None:
            raise Refused(f"no deployment of {found.service.name} is unfinished")
        return spec.with_scale_of(found.unfinished.target, found.baseline)


@dataclass(frozen=True)
class Undo:
    """A recorded spec, whole: what revision ``to`` deployed, or what was there before the last one."""

    to: int | None = None

    def target(self, found: Found, registry: Registry) -> Spec:
        """The recorded spec at the replicas of today; its image has to be in the registry still."""
        wanted = recall.spec_to_restore(found.records, found.service, self.to)
        image = spec.image(wanted)
        if image.digest is not None:
            known(image, registry)
        return spec.with_scale_of(wanted, found.baseline)


@dataclass(frozen=True)
class Restart:
    """What runs, in new tasks. No registry is asked, so that no other image can come of it."""

    def target(self, found: Found, registry: Registry) -> Spec:  # noqa: ARG002 - see the class
        """The baseline with its force counter moved on; an interrupted restart is finished."""
        wanted = spec.forced(found.baseline)
        unfinished = found.unfinished
        if unfinished is not None and not _means(unfinished.target, wanted, found.baseline):
            name = found.service.name
            raise Refused(
                f"deployment {unfinished.revision} of {name} is unfinished",
                f"`rollout deploy {name}` finishes it, `rollout undo {name}` goes back",
            )
        return wanted


def wanted_image(current: Image, image: str | None, tag: str | None) -> Image:
    """The image to resolve: ``--image`` replaces all, ``--tag`` the tag; neither means the same tag again."""
    if image is not None:
        given = Image.parse(image)
        return replace(given, tag=tag, digest=None) if tag else given
    if tag is not None:
        return Image(current.repository, tag)
    if current.tag is None and current.digest is not None:
        raise UsageError(
            f"the service runs {current}, which has no tag that could be resolved again",
            "name the release with --tag or --image",
        )
    return Image(current.repository, current.tag or "latest")


def known(image: Image, registry: Registry) -> Image:
    """An image of ours, looked up again; with its digest known, nobody waits for a registry or a login.

    Raises ImageNotFound where the registry has it no more, and what the registry raises without a digest.
    """
    try:
        return registry.resolve(image)
    except (RegistryDenied, RegistryUnavailable):
        if image.digest is None:
            raise
        return image


def target_spec(baseline: Spec, image: Image, unfinished: Record | None) -> Spec:
    """The baseline with the new image; an interrupted deployment of that image goes on as it was meant."""
    if unfinished is not None and spec.image(unfinished.target) == image:
        return {**unfinished.target, "Mode": baseline["Mode"]}
    return spec.with_image(baseline, image)


def _means(recorded: Spec, wanted: Spec, current: Spec) -> bool:
    return spec.same_work(spec.with_scale_of(recorded, current), wanted)
