"""The port ``Prober``: asks for a page as a user would. urllib3 is imported at the first question."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from rollout.connecting import LOOKUP, late, resolved, resolves, sentence_of
from rollout.deadline import within
from rollout.matching import Matcher
from rollout.model import HttpProbe, ProbeResult
from rollout.page import SEARCHED_BYTES, Page, Untold, version_of, wrong_with

_CHUNK = 4096
_MOST_BYTES = 8 << 20
"""More of a page than this is not waited for: its beginning came through."""
_LONGEST_SEARCH = 1.0
"""Seconds for a regular expression over a page; one that has a sane pattern takes milliseconds."""
_AS_IT_COMES: dict[str, Any] = {
    "redirect": False,
    "preload_content": False,
    "enforce_content_length": True,  # the default from urllib3 2.0 on
}
_HEADERS = {"User-Agent": "rollout", "Accept": "*/*", "Connection": "close"}


class HttpProber:
    """A new connection each time: no redirect is followed, no proxy used, a page cut short is an error."""

    def __init__(self) -> None:
        self._matcher = Matcher()

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """The answer, within ``probe.timeout`` seconds in all; never raises.

        urllib3's own time-outs end neither a slow name server nor a page that drips.
        """
        attempt = _Attempt(probe, self._matcher)
        return within(probe.timeout, attempt.made) or attempt.missed()

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """The answers to so many requests at the same time; never raises.

        In daemon threads, not in a pool: a signal that ends the program must not wait for slow pages.
        """
        answers: list[ProbeResult] = []
        threads = [
            Thread(target=lambda: answers.append(self.ask(probe)), daemon=True) for _ in range(requests)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(answers)


class _Attempt:
    """One request. ``reached`` becomes True when somebody has accepted the connection."""

    def __init__(self, probe: HttpProbe, matcher: Matcher) -> None:
        self.reached = False
        self._probe = probe
        self._matcher = matcher
        self._begun = time.monotonic()

    def made(self) -> ProbeResult:
        """Its result, at last."""
        try:
            page = self._page()
            took = self._took()
            error = wrong_with(page, self._probe, self._search)
        except Untold as untold:
            return ProbeResult(False, took, page.status, str(untold), told=False)
        except Exception as problem:  # whatever a URL, a server or a library comes up with: it did not work
            error = sentence_of(problem, self._probe.timeout)
            return ProbeResult(False, self._took(), None, error, self.reached, resolved(problem))
        return ProbeResult(
            not error, took, page.status, error, self.reached, version=version_of(page, self._probe)
        )

    def missed(self) -> ProbeResult:
        """Its result if there is none in time: was it the name server that did not answer?"""
        timeout, host = self._probe.timeout, urlsplit(self._probe.url).hostname
        found = self.reached or resolves(host or "", LOOKUP)
        return ProbeResult(False, timeout, None, late(timeout), self.reached, found)

    def _took(self) -> float:
        return time.monotonic() - self._begun

    def _page(self) -> Page:
        """A page that came through whole, or as far as there was time for."""
        from urllib3 import PoolManager, Timeout

        probe = self._probe
        if not probe.url.lower().startswith(("http://", "https://")):
            raise ValueError("neither http nor https")
        with PoolManager(headers=_HEADERS | dict(probe.headers), retries=False) as pools:
            pool = pools.connection_from_url(probe.url)
            pool.ConnectionCls = _noting(pool.ConnectionCls, self._note)
            timeout = Timeout(total=probe.timeout)
            answer = pools.request(probe.method, probe.url, timeout=timeout, **_AS_IT_COMES)
            chunks = answer.stream(_CHUNK, decode_content=bool(probe.expect_body))
            body = _read(chunks, self._begun + probe.timeout)
            answer.close()
            return Page(int(answer.status), answer.headers, body)

    def _note(self) -> None:
        self.reached = True

    def _search(self, pattern: str, text: str) -> bool | None:
        left = self._begun + self._probe.timeout - time.monotonic()
        return self._matcher.search(pattern, text, min(_LONGEST_SEARCH, left))


def _noting(connection: Any, note: Callable[[], None]) -> Any:
    """A kind of urllib3's connections that tells when somebody has accepted it.

    ``_new_conn`` makes the bare connection, before any TLS (urllib3 1.26 and 2, connection.py).
    """

    class Noting(connection):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            note()
            return made

    return Noting


def _read(chunks: Iterable[bytes], until: float) -> bytes:
    """The beginning of a body; all of it is received, as far as it is not too big or too slow."""
    kept, size = bytearray(), 0
    for chunk in chunks:
        size += len(chunk)
        kept += chunk[: max(0, SEARCHED_BYTES - len(kept))]
        if size > _MOST_BYTES or time.monotonic() > until:
            break
    return bytes(kept)
