"""A task's last lines, out of the stream in which an engine mixes stdout and stderr."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from rollout.untrusted import plain

_HEADER = struct.Struct(">BxxxL")
"""Stream number, three zero bytes, length: the engine's API, "Attach to a container"."""
_OUTPUT = (0, 1, 2)
"""stdin, stdout, stderr; 3 is the engine itself, which complains there about missing logs."""
_MOST_BYTES = 1 << 20


def lines_of(stream: bytes, most: int) -> tuple[str, ...]:
    """The last ``most`` lines. A stream without headers comes from a terminal, and is taken as it is."""
    text = b"".join(_payloads(stream)).decode(errors="replace")
    return tuple(line for line in map(plain, text.split("\n")) if line)[-most:] if most > 0 else ()


def gather(chunks: Iterable[bytes], came: list[bytes]) -> None:
    """Keep what arrives of a stream, until it ends or there is too much of it."""
    size = 0
    for chunk in chunks:
        came.append(chunk)
        size += len(chunk)
        if size > _MOST_BYTES:
            return


def _payloads(stream: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        head = stream[at : at + _HEADER.size]
        if head[0] > max(_OUTPUT) + 1 or head[1:4].strip(b"\0"):
            yield stream[at:]
            return
        if len(head) < _HEADER.size:
            return
        number, length = _HEADER.unpack(head)
        at += _HEADER.size + length
        if number in _OUTPUT:
            yield stream[at - length : at]
