"""Which image and which spec a deployment is after."""

from __future__ import annotations

from dataclasses import replace

from rollout import spec
from rollout.errors import UsageError
from rollout.model import Image, Spec
from rollout.state.record import Record


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


def target_spec(baseline: Spec, image: Image, unfinished: Record | None) -> Spec:
    """The baseline with the new image; an interrupted deployment of that image goes on as it was meant."""
    if unfinished is not None and spec.image(unfinished.target) == image:
        return {**unfinished.target, "Mode": baseline["Mode"]}
    return spec.with_image(baseline, image)


def forced_target_spec(baseline: Spec, image: Image, unfinished: Record | None) -> Spec:
    """The same, but every task is replaced even if nothing has changed."""
    target = target_spec(baseline, image, unfinished)
    return spec.forced(target) if spec.same_work(target, baseline) else target
