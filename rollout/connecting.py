"""What went wrong with a connection, in words. urllib3 is imported at the first trouble."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence

from rollout.deadline import within

LOOKUP = 0.2
"""Seconds to find out whether the name server is to blame for an answer that did not come."""


def late(timeout: float) -> str:
    """The sentence for an answer that did not come within so many seconds."""
    return f"no answer within {timeout:g}s"


def resolved(problem: BaseException) -> bool:
    """Whether it was something else than the host's name."""
    return not any(isinstance(cause, socket.gaierror) for cause in _causes(problem))


def resolves(host: str, seconds: float) -> bool:
    """Whether a name has an address, and the name server says so within these seconds."""
    return within(seconds, lambda: _has_address(host)) or False


def _has_address(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, ValueError):  # ValueError: no name at all
        return False


def sentence_of(problem: BaseException, timeout: float) -> str:
    """What a library's error means to a person; addresses, header values and logins are left out."""
    from urllib3.exceptions import NewConnectionError
    from urllib3.exceptions import TimeoutError as Late

    causes = list(_causes(problem))
    if not resolved(problem):
        return "name does not resolve"
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _distrust(cause)
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
    was_late = any(isinstance(cause, TimeoutError | Late) for cause in causes)
    if was_late and not isinstance(problem, NewConnectionError):  # in urllib3 that one is a kind of Late, too
        return late(timeout)
    return _of_the_answer(causes) or _of_the_system(causes)


def _of_the_answer(causes: Sequence[BaseException]) -> str:
    """What is wrong with what came back, if anything did; the first that fits tells most."""
    from http.client import BadStatusLine, RemoteDisconnected

    from urllib3.exceptions import DecodeError, ProtocolError

    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (RemoteDisconnected, "closed the connection without an answer"),
        (BadStatusLine, "what answers there does not speak HTTP"),
        (ProtocolError, "connection broke off"),
        (DecodeError, "the page cannot be decoded"),
    )
    found = (said for kind, said in kinds if any(isinstance(cause, kind) for cause in causes))
    return next(found, "")


def _of_the_system(causes: Sequence[BaseException]) -> str:
    words = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return words[0].lower() if words else "not a URL that can be asked"


def _distrust(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {getattr(error, 'verify_message', '') or error}"
    return f"TLS failed: {getattr(error, 'reason', '') or error}"


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """An error, then what led to it."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__
