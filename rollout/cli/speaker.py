"""The herald of the watcher's own output: lines on stderr for people, JSON lines on stdout for programs."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime

from rollout.cli.screen import say
from rollout.render.alerts import news_fields, news_lines, remark_line
from rollout.render.fields import write_json
from rollout.render.text import safe
from rollout.vigil.tidings import Tidings


class Lines:
    """For people. A stream that has gone away ends nothing."""

    def tell(self, tidings: Tidings) -> None:
        """A paragraph for each."""
        with suppress(OSError):
            for news in tidings.news:
                say(sys.stderr, news_lines(news, tidings.at, tidings.logs.get(news.alert.key, ())))

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """A line."""
        with suppress(OSError):
            say(sys.stderr, [remark_line(sentence, datetime.now(UTC), warning=warning)])


class JsonLines:
    """For programs."""

    def tell(self, tidings: Tidings) -> None:
        """An object for each."""
        with suppress(OSError):
            for news in tidings.news:
                write_json(sys.stdout, news_fields(news, tidings.at, tidings.logs.get(news.alert.key, ())))

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """The same as an object."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with suppress(OSError):
            write_json(
                sys.stdout, {"event": "note", "at": at, "sentence": safe(sentence), "warning": warning}
            )
