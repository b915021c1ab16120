"""What can go wrong between us and an engine, in our own words.

Which word is right depends on what was asked. A read that broke off changed nothing and may be tried again; a
write that broke off may have landed, unless it can be shown that it was never sent.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from requests.exceptions import RequestException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from rollout.errors import (
    AlreadyExists,
    Conflict,
    EngineGone,
    EngineRefused,
    EngineReplyInvalid,
    EngineUnavailable,
    NotASwarmManager,
    NotFound,
    OutcomeUnknown,
    RolloutError,
)
from rollout.swarm.ssh import SshFailed, SshNotStarted
from rollout.untrusted import plain


@dataclass(frozen=True)
class Call:
    """What was being done, and where, for the sentence; ``write`` if it may have changed something."""

    act: str
    where: str
    write: bool = False

    @property
    def failed(self) -> str:
        """The beginning of every sentence."""
        return f"cannot {self.act} on {self.where}"


Refusal: TypeAlias = Callable[[Call, int, str], RolloutError]
"""Makes an error of an HTTP status and the engine's words."""


@contextmanager
def translated(call: Call) -> Iterator[None]:
    """Let only errors of our own tree out of a call that may break off."""
    try:
        yield
    except (RequestException, HTTPError, OSError) as error:
        raise broken(call, error) from error


def refusal(call: Call, status: int, message: str) -> RolloutError:
    """The error for an HTTP status and the engine's words: the words decide where they are known."""
    words = plain(_GRPC.sub("", message)) or f"HTTP {status}"
    for pattern, error in _BY_WORDS:
        if pattern.search(message):
            return error(call, words)
    if status == 404:
        return NotFound(f"{call.failed}: {words}")
    if status == 409:
        return AlreadyExists(f"{call.failed}: {words}")
    if status in (502, 503, 504) or (status >= 500 and not call.write):
        return _unavailable(call, words)
    return EngineRefused(f"{call.failed}: the engine refused: {words}")


_GRPC = re.compile(r"^rpc error: code = \w+ desc = ")
_MANAGERS_HINT = "docker node ls shows how the managers are"


def garbled(call: Call) -> RolloutError:
    """The error for an answer that is not JSON."""
    if call.write:
        return _unavailable(call, "the answer is not JSON")
    return EngineReplyInvalid(f"{call.failed}: the answer is not JSON", "is there a proxy in between?")


def _unavailable(call: Call, words: str, hint: str = _MANAGERS_HINT) -> RolloutError:
    """Read: temporary. Write: the leader may have done it before the answer was lost."""
    if call.write:
        sentence = f"{call.failed} for certain, it may have landed: {words}"
        return OutcomeUnknown(sentence, "look before it is repeated: docker service inspect")
    return EngineUnavailable(f"{call.failed}: {words}", hint)


def _no_leader(call: Call, words: str) -> RolloutError:
    return _unavailable(
        call, words, "more than half of the managers must be up and reach each other: docker node ls"
    )


def _not_ready(call: Call, words: str) -> RolloutError:
    """Said by the daemon itself: nothing went to the Swarm."""
    return EngineUnavailable(
        f"{call.failed}: {words}", "wait a moment: docker node ls shows when it is ready"
    )


def _wants_tls(call: Call, words: str) -> RolloutError:
    return EngineRefused(
        f"{call.failed}: {words}", "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to your certificates"
    )


def _conflict(call: Call, words: str) -> RolloutError:
    return Conflict(f"{call.failed}: it has been written since it was read ({words})")


def _ambiguous(call: Call, words: str) -> RolloutError:
    return NotFound(f"{call.failed}: {words}")


def _no_such_call(call: Call, _words: str) -> RolloutError:
    sentence = f"{call.failed}: what answers there does not know this call of the Docker API"
    return EngineReplyInvalid(sentence, "is it a Docker Engine, 20.10 or later?")


def _not_a_manager(call: Call, words: str) -> RolloutError:
    return NotASwarmManager(f"{call.failed}: {words}", "name a manager of the Swarm by --host")


_BY_WORDS: tuple[tuple[re.Pattern[str], Callable[[Call, str], RolloutError]], ...] = tuple(
    (re.compile(words), error)
    for words, error in (
        # moby/swarmkit manager/state/store/memory.go, ErrSequenceConflict: HTTP 500 (seen on 20.10)
        ("update out of sequence", _conflict),
        # moby/moby daemon/cluster/helpers.go: a part of an ID that several objects share
        (r"is ambiguous \(\d+ matches found\)", _ambiguous),
        # moby/moby daemon/cluster/cluster.go, errNoManager: HTTP 503, and passes by itself
        ("Manager is being prepared", _not_ready),
        # the same, and daemon/cluster/errors.go: HTTP 503, and they stay (the first one seen on 20.10)
        ("not a swarm manager|not part of a swarm", _not_a_manager),
        ("Swarm is encrypted|certificates have expired", _not_a_manager),
        # moby/swarmkit manager/state/raft/raft.go. A manager may have handed the request to a leader, lost it
        # and found no other (api/control.pb.go, raftProxyControlServer): a write may have landed
        ("does not have a leader|no elected cluster leader|not yet part of a raft cluster", _no_leader),
        # the same, gRPC and its proxy (the first and third seen on 20.10)
        ("lost leader status|node is stopped|context deadline exceeded|context canceled", _unavailable),
        ("transport is closing|connection error|connection is unavailable", _unavailable),
        ("code = Unavailable", _unavailable),
        # what Go's net/http says on a TLS socket (seen on 20.10)
        ("HTTP request to an HTTPS server", _wants_tls),
        # what Go's net/http says to a path that it does not serve (seen on 20.10)
        ("^(404 )?page not found", _no_such_call),
    )
)


def broken(call: Call, error: BaseException) -> RolloutError:
    """The error for a call that got no answer."""
    causes = list(_chain(error))
    for kind, sentence, hint in _UNSENT:
        if any(isinstance(cause, kind) for cause in causes):
            return EngineGone(f"{call.failed}: {sentence}", hint)
    for cause in causes:
        if isinstance(cause, SshFailed):
            return _gone(call, f"ssh failed: {plain(str(cause))}", _SSH_HINT)
        if isinstance(cause, ssl.SSLError):
            return _gone(call, f"TLS failed: {plain(getattr(cause, 'reason', '') or str(cause))}", _TLS_HINT)
    late = any(isinstance(cause, TimeoutError) or "timed out" in str(cause) for cause in causes)
    if late:
        return _unavailable(call, "no answer in time", _UP_HINT)
    return _gone(call, "the connection broke off", _UP_HINT)


def _gone(call: Call, words: str, hint: str) -> RolloutError:
    """As ``_unavailable``; of a read it is known that the engine itself is away."""
    unavailable = _unavailable(call, words, hint)
    return unavailable if call.write else EngineGone(unavailable.message, unavailable.hint)


_UP_HINT = (
    "is the host up, and does Docker run there (systemctl status docker)? "
    "--host or DOCKER_HOST names another engine"
)
_SSH_HINT = "try it by hand: ssh USER@HOST docker system dial-stdio must connect and stay open"
_TLS_HINT = "if the engine wants to know you: DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem"
_UNSENT: tuple[tuple[type[BaseException], str, str], ...] = (
    (SshNotStarted, "there is no ssh to reach it by", "install OpenSSH's client (openssh-client)"),
    (FileNotFoundError, "there is no such socket", _UP_HINT),
    (
        PermissionError,
        "you may not use its socket",
        "join the docker group (sudo usermod -aG docker $USER, then log in anew), or use sudo",
    ),
    (ConnectionRefusedError, "nothing listens there", _UP_HINT),
    (socket.gaierror, "the host's name does not resolve", "check --host, DOCKER_HOST and docker context ls"),
    (UnicodeError, "the host's name cannot be one", "check --host, DOCKER_HOST and docker context ls"),
    (
        ssl.SSLCertVerificationError,
        "the engine's certificate is not trusted",
        "check ca.pem in DOCKER_CERT_PATH, and that the certificate names the host as you do",
    ),
    (NewConnectionError, "the host cannot be reached", _UP_HINT),
    (ConnectTimeoutError, "the host does not answer", _UP_HINT),
)
"""What shows that a request was never sent."""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error with all that led to it: requests and urllib3 also keep them among the arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop(0)
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        if isinstance(found, SshFailed):
            continue  # its words say it all; what it makes of the connection only looks like something else
        waiting += [found.__cause__, found.__context__, *found.args, getattr(found, "reason", None)]
