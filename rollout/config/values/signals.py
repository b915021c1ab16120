"""Signals, and the tests of health checks, as compose files have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind
from rollout.config.wording import nearest

_KNOWN = (
    *("SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM"),
    *("SIGCONT", "SIGSTOP", "SIGTSTP", "SIGWINCH", "SIGPWR"),
)
_REALTIME = re.compile(r"SIGRTM(IN(\+([1-9]|1[0-5]))?|AX(-([1-9]|1[0-4]))?)")
_FORMS = ("CMD", "CMD-SHELL", "NONE")


def signal(found: object) -> str:
    """The name of a signal that may stop a process, with or without SIG."""
    upper = found.upper() if isinstance(found, str) else ""
    name = upper if upper.startswith("SIG") else f"SIG{upper}"
    if name in _KNOWN or _REALTIME.fullmatch(name):
        return name
    near = nearest(name.removeprefix("SIG"), [known.removeprefix("SIG") for known in _KNOWN])
    raise Unfit("not a signal such as SIGQUIT" + (f": did you mean SIG{near}?" if near else ""))


def health_test(found: object) -> tuple[str, ...]:
    """A test: a text that a shell reads, or an array that begins with CMD, CMD-SHELL or NONE."""
    words: Sequence[object] = ["CMD-SHELL", found] if isinstance(found, str) else _array(found)
    if not all(isinstance(word, str) and "\0" not in word for word in words):
        raise Unfit('not a test such as ["CMD", "ping-fpm"], or a text for a shell')
    if words[0] not in _FORMS:
        raise Unfit(f"without its form: an array begins with one of {', '.join(_FORMS)}")
    if len(words) != 1 if words[0] == "NONE" else not all(words[1:2]) or len(words) < 2:
        raise Unfit('incomplete: ["CMD", PROGRAM, ...], ["CMD-SHELL", TEXT] or ["NONE"]')
    return tuple(map(str, words))


def _array(found: object) -> Sequence[object]:
    if not isinstance(found, list) or not found:
        raise Unfit('not a test such as ["CMD", "ping-fpm"], or a text for a shell')
    return found


def _retries(found: object) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 100:
        raise Unfit("not a count from 1 to 100")
    return found


def _left(value: object) -> str:
    return str(value) if value else "the image's"


SIGNAL = Kind("signal", signal, _left)
HEALTH_TEST = Kind("text for a shell, or array from `CMD`", health_test, lambda given: _left(" ".join(given)))
RETRIES = Kind("1 to 100", _retries, _left)
