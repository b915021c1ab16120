"""Searching with a regular expression that somebody else wrote, and coming to an end.

Python's ``re`` keeps the interpreter to itself while it searches, so no thread can give up on a pattern
that runs away (seen on 3.11: a join of 0.2 s came back after 18 s); ``.*word`` over a long line is enough for
that. Patterns that repeat anything are therefore left to a process of their own, which can be killed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from select import select
from threading import Lock
from typing import IO

_REPEATS = frozenset("*+{")
_PROGRAM = """
import json, re, signal, sys
for line in sys.stdin:
    pattern, text = json.loads(line)
    signal.alarm(5)
    print(int(bool(re.search(pattern, text))), flush=True)
"""
_COMMAND = (sys.executable, "-I", "-S", "-c", _PROGRAM)


class Matcher:
    """Searches one text at a time; its process is started when there is need of it, and ends with ours.

    In the middle of a search that runs away it cannot notice our end: an alarm ends it a little later.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def search(self, pattern: str, text: str, seconds: float) -> bool | None:
        """Whether the pattern is found; None if that was not known after so many seconds.

        Raises ``re.error`` where the pattern is none.
        """
        compiled = re.compile(pattern)
        if not _REPEATS.intersection(pattern):
            return compiled.search(text) is not None
        if not self._turn.acquire(timeout=max(0.0, seconds)):
            return None
        try:
            return self._asked(json.dumps([pattern, text]).encode() + b"\n", seconds)
        finally:
            self._turn.release()

    def _asked(self, question: bytes, seconds: float) -> bool | None:
        """The process's answer; one that does not come in time costs the process its life."""
        asking, answering = self._pipes()
        with suppress(BrokenPipeError):
            asking.write(question)
            asking.flush()
            if select([answering], [], [], max(0.0, seconds))[0]:
                answer = answering.readline()
                if answer:
                    return answer.strip() == b"1"
        self._end()
        return None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is ours to hear
            )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        return self._process.stdin, self._process.stdout

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(BrokenPipeError):
                self._process.communicate()
        self._process = None
