"""Do those who send requests here learn which replicas there are?"""

from __future__ import annotations

import re

from rollout.model import Spec
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check, listed
from rollout.preflight.facts import Facts, Neighbour
from rollout.preflight.servers import server_of

LABEL_OF_STACK = "com.docker.stack.namespace"


@check(
    "dns-cached",
    Severity.WARNING,
    costs="it asks DNS once when it starts, and goes on sending requests to replicas that are gone",
    mend="nginx: `resolver 127.0.0.11 valid=1s;` and a variable in fastcgi_pass; HAProxy: a `resolvers` "
    "section with `hold valid 1s`; or `endpoint_mode: vip` in the compose file",
)
def cached(facts: Facts) -> str | None:
    """With `endpoint_mode: dnsrr`, an nginx or HAProxy configured by a Swarm config has no resolver."""
    if not is_dnsrr(facts.target):
        return None
    names = names_of(facts.target)
    stale = [one.name for one in facts.survey.neighbours if _asks_once(one, names)]
    return (
        f"{listed(stale)} finds the replicas by DNS, and its configuration has no resolver" if stale else None
    )


def is_dnsrr(target: Spec) -> bool:
    """Whether the service's name stands for its replicas themselves, and not for one address before them."""
    return (target.get("EndpointSpec") or {}).get("Mode") == "dnsrr"


def networks(target: Spec) -> frozenset[str]:
    """The networks that the service is on."""
    found = (target.get("TaskTemplate") or {}).get("Networks") or target.get("Networks") or ()
    return frozenset(str(one.get("Target")) for one in found)


def names_of(target: Spec) -> frozenset[str]:
    """The names by which others reach the service: its own, the short one of its stack, and its aliases."""
    name, stack = str(target.get("Name")), (target.get("Labels") or {}).get(LABEL_OF_STACK, "")
    found = (target.get("TaskTemplate") or {}).get("Networks") or ()
    aliases = {str(alias) for one in found for alias in one.get("Aliases") or ()}
    return frozenset({name, name.removeprefix(f"{stack}_"), f"tasks.{name}"} | aliases) - {""}


def _asks_once(neighbour: Neighbour, names: frozenset[str]) -> bool:
    server = server_of(neighbour.spec, None)
    if server is None or not server.resolves:
        return False
    reached = "|".join(map(re.escape, sorted(names)))
    mentions = any(re.search(rf"(?<![\w.-])({reached})(?![\w-])", text) for text in neighbour.files)
    return mentions and not any(re.search(server.resolves, text) for text in neighbour.files)


CHECKS: tuple[Check, ...] = (cached,)
