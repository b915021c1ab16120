"""The port ``Prober``: asks for a page as a user would. urllib3 is imported at the first question."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rollout.deadline import within
from rollout.model import HttpProbe, ProbeResult

_CHUNK = 4096
_MOST_BYTES = 8 << 20
"""More of a page than this is not waited for: its beginning came through."""
_AS_IT_COMES: dict[str, Any] = {
    "redirect": False,
    "preload_content": False,
    "enforce_content_length": True,  # the default from urllib3 2.0 on
}
_HEADERS = {"User-Agent": "rollout", "Accept": "*/*", "Connection": "close"}


class HttpProber:
    """One GET over a new connection: no redirect is followed, no proxy used, a page cut short is an error."""

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """The answer, within ``probe.timeout`` seconds in all; never raises.

        urllib3's own time-outs end neither a slow name server nor a page that drips.
        """
        late = ProbeResult(ok=False, seconds=probe.timeout, error=_late(probe))
        return within(probe.timeout, lambda: _asked(probe)) or late

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """The answers to so many requests at the same time; never raises."""
        with ThreadPoolExecutor(max_workers=requests) as pool:
            return tuple(pool.map(self.ask, [probe] * requests))


def _asked(probe: HttpProbe) -> ProbeResult:
    begun = time.monotonic()
    status: int | None = None
    try:
        status = _status(probe, begun)
        error = _judged(probe, status)
    except Exception as problem:  # whatever a URL, a server or a library comes up with: it did not work
        error = _sentence(probe, problem)
    return ProbeResult(not error, time.monotonic() - begun, status, error)


def _status(probe: HttpProbe, begun: float) -> int:
    """The status of a page that came through whole, or as far as there was time for."""
    from urllib3 import PoolManager, Timeout

    if not probe.url.lower().startswith(("http://", "https://")):
        raise ValueError("neither http nor https")
    with PoolManager(headers=_HEADERS | dict(probe.headers), retries=False) as pool:
        answer = pool.request("GET", probe.url, timeout=Timeout(total=probe.timeout), **_AS_IT_COMES)
        _read(answer.stream(_CHUNK, decode_content=False), begun + probe.timeout)
        answer.close()
        return int(answer.status)


def _read(chunks: Iterable[bytes], until: float) -> None:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _MOST_BYTES or time.monotonic() > until:
            return


def _judged(probe: HttpProbe, status: int) -> str:
    """What is wrong with a status; where none is expected, any 2xx and 3xx will do."""
    if probe.expect_status is not None:
        return "" if status == probe.expect_status else f"HTTP {status} instead of {probe.expect_status}"
    return "" if 200 <= status < 400 else f"HTTP {status}"


def _late(probe: HttpProbe) -> str:
    return f"no answer within {probe.timeout:g}s"


def _sentence(probe: HttpProbe, problem: BaseException) -> str:
    from urllib3.exceptions import NewConnectionError, ProtocolError
    from urllib3.exceptions import TimeoutError as Late

    causes = list(_causes(problem))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _distrust(cause)
        if isinstance(cause, socket.gaierror):
            return "name does not resolve"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
    late = any(isinstance(cause, TimeoutError | Late) for cause in causes)
    if late and not isinstance(problem, NewConnectionError):  # in urllib3 that one is a kind of Late, too
        return _late(probe)
    if isinstance(problem, ProtocolError):
        return "connection broke off"
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
