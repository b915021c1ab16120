"""Is it certain which images run, and can they be pulled?"""

from __future__ import annotations

from datetime import timedelta

from rollout import durations, spec
from rollout.model import Spec
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check
from rollout.preflight.facts import Facts
from rollout.registries import login_hint, registry_of


@check(
    "unpinned-image",
    Severity.WARNING,
    costs="each node pulls what the tag means at that moment, so that replicas may run different releases",
    mend="`rollout deploy NAME` pins what the tag means now",
)
def unpinned(facts: Facts) -> str | None:
    """The target names its image without a digest."""
    image = spec.image(facts.target)
    return None if image.digest else f"the target is {image}, without a digest"


@check(
    "unpinned-way-back",
    Severity.WARNING,
    costs="what the tag means by then may be the bad release itself",
    mend="deploy what runs now by its digest first: `rollout deploy NAME --image REPOSITORY:TAG@sha256:…`",
    exactly=lambda facts: f"deploy what runs now by its digest first: {_pin(facts)}",
)
def unpinned_way_back(facts: Facts) -> str | None:
    """A rollback would go back to an image without a digest."""
    image = spec.image(facts.baseline)
    return None if image.digest else f"a rollback would go to {image}, without a digest"


@check(
    "mutable-tag",
    Severity.NOTE,
    costs="which release runs cannot be told from it, and the next `docker stack deploy` takes whatever was "
    "pushed last, past every gate",
    mend="`image: REPOSITORY:${TAG}` in the compose file with a tag of its own for each build, and "
    "`rollout deploy NAME --tag TAG`",
)
def mutable_tag(facts: Facts) -> str | None:
    """The new image goes by the tag `latest`, or by none."""
    image = spec.image(facts.target)
    if image.tag not in (None, "latest") or (image.tag is None and image.digest):
        return None
    return "the new image goes by the tag latest"


@check(
    "other-registry",
    Severity.NOTE,
    costs="a rollback goes back to the old one, and to its login, which has to be at hand here by then",
    mend="log in to both before the deployment: `docker login OLD-REGISTRY`, unless it wants no login",
    exactly=lambda facts: f"{_log_in(facts.baseline)}, unless it wants no login",
)
def moved(facts: Facts) -> str | None:
    """The new image comes from another registry than the old one."""
    old, new = (registry_of(spec.image(one)) for one in (facts.baseline, facts.target))
    return f"the image comes from {new} now, and from {old} before" if old != new else None


@check(
    "credentials-expired",
    Severity.ERROR,
    costs="no node that lacks the image can pull it",
    mend="`aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY` for ECR, "
    "`docker login REGISTRY` otherwise",
    exactly=lambda facts: _log_in(facts.target),
)
def expired(facts: Facts) -> str | None:
    """The login for the registry has expired."""
    expiry = facts.credentials_expire
    if expiry is None or expiry > facts.now:
        return None
    return f"the login for the registry expired {_time(facts.now - expiry)} ago"


@check(
    "credentials-expiring",
    Severity.WARNING,
    costs="the last replicas, or a rollback, may come to a node that cannot pull their image any more",
    mend="log in again before the deployment",
    exactly=lambda facts: _log_in(facts.target),
)
def expiring(facts: Facts) -> str | None:
    """The login for the registry expires before the deployment's deadline."""
    expiry, most = facts.credentials_expire, timedelta(seconds=facts.options.deadline)
    if expiry is None or not facts.now < expiry <= facts.now + most:
        return None
    return (
        f"the login for the registry expires in {_time(expiry - facts.now)}, the deployment may take "
        f"{durations.format(facts.options.deadline)}"
    )


def _log_in(to: Spec) -> str:
    return f"`{login_hint(registry_of(spec.image(to)))}`"


def _pin(facts: Facts) -> str:
    name, image = facts.snapshot.service.name, spec.image(facts.baseline)
    return f"`rollout deploy {name} --image {image.tagged}@sha256:…`"


def _time(span: timedelta) -> str:
    return durations.format(float(round(span.total_seconds())))


CHECKS: tuple[Check, ...] = (unpinned, unpinned_way_back, mutable_tag, moved, expired, expiring)
