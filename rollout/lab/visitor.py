"""One visitor of a site: a browser with a session, as the load generator plays it."""

from __future__ import annotations

import http.client
import ipaddress
import time
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit

from rollout.lab.tally import SessionLog, Visit

ALLOWED = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("198.18.0.0/15"))
MAX_RATE = 500.0
MAX_SECONDS = 1800.0
MAX_SESSIONS = 400
_CLOSED_BY_SERVER = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True)
class Plan:
    """What to send. `fresh` and `post` are shares from 0 to 1."""

    url: str
    rate: float = 60.0
    seconds: float = 30.0
    sessions: int = 20
    fresh: float = 0.25
    """Visitors that open a new connection for each request; the others keep theirs, as browsers do."""
    post: float = 0.0
    """Requests that are POSTs: nobody may send such a one twice."""
    timeout: float = 30.0

    def __post_init__(self) -> None:
        check_target(self.url)
        _within("rate", self.rate, MAX_RATE)
        _within("seconds", self.seconds, MAX_SECONDS)
        _within("sessions", self.sessions, MAX_SESSIONS)


def check_target(url: str) -> SplitResult:
    """Refuse any target but this machine and the test networks: load on somebody's site is an attack."""
    parts = urlsplit(url)
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        raise ValueError(f"the host in '{url}' must be an IP address") from None
    if parts.scheme != "http" or not any(address in network for network in ALLOWED):
        raise ValueError(f"'{url}' is no http address in {' or '.join(map(str, ALLOWED))}")
    return parts


@dataclass
class Visitor:
    """One browser: a connection, a cookie, and at most one request at a time."""

    plan: Plan
    keep_alive: bool
    started: float
    log: SessionLog = field(default_factory=SessionLog)
    cookie: str = ""
    reconnects: int = 0

    def __post_init__(self) -> None:
        parts = check_target(self.plan.url)
        self._path = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=self.plan.timeout)

    def visit(self, method: str) -> Visit:
        """Send one request and judge the answer; whatever goes wrong becomes part of the result."""
        begin = time.monotonic()
        visit = Visit(at=round(begin - self.started, 3), ms=0.0, method=method)
        try:
            visit = self._read(visit, self._send(method))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            visit = replace(visit, error=f"{type(error).__name__}: {error}")
        session = self.log.see(visit.count if visit.ok else None)
        return replace(visit, session=session, ms=round((time.monotonic() - begin) * 1000, 1))

    def _send(self, method: str) -> http.client.HTTPResponse:
        """Do as browsers do: a GET on a kept connection that turns out to be closed goes over a new one."""
        kept = self._connection.sock is not None
        try:
            return self._request(method)
        except _CLOSED_BY_SERVER:
            self._connection.close()
            if not kept or method == "POST":
                raise
            self.reconnects += 1
            return self._request(method)

    def _request(self, method: str) -> http.client.HTTPResponse:
        headers = {"Connection": "keep-alive" if self.keep_alive else "close"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        self._connection.request(method, self._path, b"hello=1" if method == "POST" else None, headers)
        return self._connection.getresponse()

    def _read(self, visit: Visit, response: http.client.HTTPResponse) -> Visit:
        """Read the body to its end: an answer that is cut short is a failure."""
        response.read()
        if not self.keep_alive:
            self._connection.close()
        self.cookie = (response.getheader("Set-Cookie") or self.cookie).partition(";")[0]
        count = response.getheader("X-Session-Count")
        return replace(
            visit,
            status=response.status,
            version=response.getheader("X-Version", ""),
            host=response.getheader("X-Host", ""),
            count=int(count) if count else None,
        )


def _within(name: str, value: float, limit: float) -> None:
    if not 0 < value <= limit:
        raise ValueError(f"{name} must be above 0 and at most {limit:g}, not {value:g}")
