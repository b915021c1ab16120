"""A task's last lines, out of the stream in which an engine mixes stdout and stderr."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from rollout.swarm.text import plain

_HEADER = struct.Struct(">B3sL")
"""Stream number, three zero bytes, length: the engine's API, "Attach to a container"."""
_OUTPUT = (0, 1, 2)
"""stdin, stdout, stderr; 3 is the engine itself, which complains there about missing logs."""
_MOST_BYTES = 1 << 20


def lines_of(stream: bytes, most: int) -> tuple[str, ...]:
    """The last ``most`` lines. A stream without headers comes from a terminal, and is taken as it is."""
    text = b"".join(_payloads(stream)).decode(errors="replace")
    return tuple(line for line in map(plain, text.split("\n")) if line)[-most:] if most > 0 else ()


def gathered(chunks: Iterable[bytes], late: Callable[[], bool]) -> bytes:
    """What arrives of a stream until it ends, breaks off, gets too long or too late.

    A node that is down keeps the engine waiting for its part of a log.
    """
    found = b""
    try:
        for chunk in chunks:
            found += chunk
            if late() or len(found) > _MOST_BYTES:
                break
    except (OSError, ValueError):  # requests' errors are OSErrors: it broke off
        pass
    return found


def _payloads(stream: bytes) -> Iterator[bytes]:
    at = 0
    while at + _HEADER.size <= len(stream):
        number, zeros, length = _HEADER.unpack_from(stream, at)
        if zeros != b"\0\0\0" or number > 3:
            yield stream[at:]
            return
        at += _HEADER.size + length
        if number in _OUTPUT:
            yield stream[at - length : at]
