"""A page that came back, and what is wrong with it. Pure, but for the search that it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rollout.model import HttpProbe
from rollout.untrusted import plain

SEARCHED_BYTES = 1 << 20
"""So much of a page is searched."""
_VERSION_LIMIT = 100
_PATTERN_LIMIT = 40

Search: TypeAlias = Callable[[str, str], bool | None]
"""Whether a pattern is in a text; None if it took too long to tell."""


class Untold(Exception):
    """It took too long to tell whether the page is right: that says nothing about the page."""


@dataclass(frozen=True)
class Page:
    """An answer: ``headers`` do not mind upper and lower case, ``body`` is its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text; what cannot be decoded is replaced."""
        _, _, charset = self.headers.get("Content-Type", "").lower().partition("charset=")
        try:
            return self.body.decode(charset.split(";")[0].strip(" \"'") or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


def version_of(page: Page, probe: HttpProbe) -> str:
    """What the page says of the release that made it; empty where nobody asked."""
    value = page.headers.get(probe.version_header, "") if probe.version_header else ""
    return plain(value, _VERSION_LIMIT)


def wrong_with(page: Page, probe: HttpProbe, search: Search) -> str:
    """The first thing that is not as expected, in words; empty for a right answer. Raises Untold."""
    return _status(page, probe) or _headers(page, probe, search) or _body(page, probe, search)


def _status(page: Page, probe: HttpProbe) -> str:
    """Where no status is expected, any 2xx and 3xx will do."""
    if probe.expect_status is not None:
        expected = page.status == probe.expect_status
        return "" if expected else f"HTTP {page.status} instead of {probe.expect_status}"
    return "" if 200 <= page.status < 400 else f"HTTP {page.status}"


def _headers(page: Page, probe: HttpProbe, search: Search) -> str:
    """Values are not repeated: a header may hold a session."""
    for name, pattern in probe.expect_headers.items():
        if name not in page.headers:
            return f"no header {plain(name)}"
        if not _found(search, pattern, page.headers[name]):
            return f"header {plain(name)} is not as expected"
    return ""


def _body(page: Page, probe: HttpProbe, search: Search) -> str:
    if not probe.expect_body:
        return ""
    if _found(search, probe.expect_body, page.text):
        return ""
    return f"/{plain(probe.expect_body, _PATTERN_LIMIT)}/ is not in the page"


def _found(search: Search, pattern: str, text: str) -> bool:
    """Whether the pattern is in the text. Raises Untold."""
    found = search(pattern, text)
    if found is None:
        raise Untold(f"searching for /{plain(pattern, _PATTERN_LIMIT)}/ takes too long")
    return found
