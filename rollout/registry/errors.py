"""What an engine says when it cannot look an image up, in our own words.

Seen on 20.10.24 with Docker's registry: 404 "manifest unknown" for a missing tag, repository or digest; 401
"unauthorized: authentication required" for a wrong password, but 500 "no basic auth credentials" for none;
500 "dial tcp ..." for a registry that is down, after 25 s "Client.Timeout exceeded" for one that is silent;
500 "x509: ..."; 400 "invalid reference format". What ECR and Docker Hub say is from reports
(awslabs/amazon-ecr-credential-helper#118), not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from rollout import durations
from rollout.errors import EngineRefused, ImageNotFound, RegistryDenied, RegistryUnavailable, RolloutError
from rollout.model import Login
from rollout.registries import ecr_region, login_hint
from rollout.registry import ecr
from rollout.swarm import errors
from rollout.swarm.errors import Call
from rollout.untrusted import plain

REFERENCE_HINT = "it looks like registry/name:tag"


@dataclass(frozen=True)
class Lookup:
    """What was looked up, where, with which login, and when."""

    reference: str
    registry: str
    login: Login | None
    at: datetime


def refusal(call: Call, status: int, message: str, lookup: Lookup) -> RolloutError:
    """The error for the engine's answer; what is none of the registry's is an error of the engine."""
    words = _URL.sub("", message)
    if _UNTRUSTED.search(words):
        return _untrusted(lookup, plain(message))
    if status in (401, 403) or _DENIED.search(words):
        return _denied(lookup, plain(words))
    if _MISSING.search(words) or (status == 404 and "page not found" not in words):
        return ImageNotFound(
            f"{lookup.registry} has no image {lookup.reference}: {plain(words)}",
            "has it been pushed? check its name and tag",
        )
    if status == 400:
        return ImageNotFound(f"{lookup.reference} is no image reference: {plain(words)}", REFERENCE_HINT)
    if status == 429 or _SILENT.search(words):
        return RegistryUnavailable(f"{lookup.registry} does not answer the engine: {plain(message)}")
    return errors.refusal(call, status, message)


def _untrusted(lookup: Lookup, said: str) -> RolloutError:
    hint = "every node has to trust the registry's certificate, or to list it under insecure-registries"
    return EngineRefused(f"the engine does not trust {lookup.registry}: {said}", hint)


def _denied(lookup: Lookup, said: str) -> RolloutError:
    sentence = f"{lookup.registry} refuses to look up {lookup.reference}, {_why(lookup)}: {said}"
    return RegistryDenied(sentence, _way_in(lookup.registry))


def _way_in(registry: str) -> str:
    """How to log in; at ECR without us, where we cannot do it."""
    if ecr_region(registry) and not ecr.installed():
        return f"{login_hint(registry)}; or let rollout ask AWS itself: pip install 'swarm-rollout[ecr]'"
    return login_hint(registry)


def _why(lookup: Lookup) -> str:
    if lookup.login is None:
        return "you have no login there"
    if lookup.login.expires is None or not lookup.login.expired(lookup.at):
        return "your login does not open it, or has expired"
    ago = round((lookup.at - lookup.login.expires).total_seconds())
    return f"your login expired {durations.format(float(ago))} ago"


_URL = re.compile(r'\b(Get|Head|Post) "[^"]*": ')
"""It holds the names of host and repository, which may be any words."""
_UNTRUSTED = re.compile(r"x509:|HTTP response to HTTPS client")
_DENIED = re.compile(r"no basic auth|unauthorized|denied|forbidden|token has expired", re.IGNORECASE)
_MISSING = re.compile(r"manifest unknown|name unknown|manifest .*not found|no such manifest", re.IGNORECASE)
_SILENT = re.compile(
    r"dial tcp|lookup |no such host|Client\.Timeout|i/o timeout|handshake timeout|connection re(set|fused)"
    r"|\bEOF\b|toomanyrequests|too many requests|unexpected HTTP status: 5",
    re.IGNORECASE,
)
