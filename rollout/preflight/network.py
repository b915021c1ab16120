"""Do those who send requests here learn which replicas there are?"""

from __future__ import annotations

from rollout.model import Spec
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check, listed
from rollout.preflight.facts import Facts, Neighbour
from rollout.preflight.resolving import ASKING, asks_once
from rollout.preflight.servers import server_of

LABEL_OF_STACK = "com.docker.stack.namespace"


@check(
    "dns-cached",
    Severity.WARNING,
    costs="it goes on sending requests to the replicas that there were when it started",
    mend="nginx: `resolver 127.0.0.11 valid=1s;` and a variable in fastcgi_pass; HAProxy: a `resolvers` "
    "section with `hold valid 1s`, named in the server line; or `endpoint_mode: vip` in the compose file",
)
def cached(facts: Facts) -> str | None:
    """With `endpoint_mode: dnsrr`, an nginx or HAProxy with a Swarm config does not ask DNS again."""
    if not is_dnsrr(facts.target):
        return None
    names = names_of(facts.target)
    stale = [one.name for one in facts.survey.neighbours if _asks_once(one, names)]
    return f"{listed(stale)} finds the replicas by DNS, and does not ask it again" if stale else None


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
    if server is None or server.name not in ASKING:
        return False
    return asks_once(server.name, neighbour.files, names)


CHECKS: tuple[Check, ...] = (cached,)
