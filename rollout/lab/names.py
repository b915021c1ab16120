"""The lab's name server: knows the lab's hosts file and denies everything else at once.

Without one, a container that asks for an unknown name waits until its resolver gives up: engines don't answer
when the server behind them refuses. On a real network "no such name" comes within milliseconds, and programs
behave accordingly: nginx, say, that looks up a service without replicas.

A program of its own, which imports nothing of ours: `python names.py ADDRESS HOSTS-FILE`.
"""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import Path

PORT = 53
_HEADER = struct.Struct("!HHHHHH")
_ANSWER = struct.Struct("!HHHIH4s")
_A, _IN, _TTL = 1, 1, 1
_IS_RESPONSE, _RECURSION, _NO_SUCH_NAME = 0x8400, 0x0180, 3
_NAME_AT_12 = 0xC00C
"""Stands for the question's name: a pointer to byte 12 of the message."""


def read_hosts(text: str) -> dict[str, str]:
    """Read a hosts file into name -> IPv4 address."""
    rows = (line.split() for line in text.splitlines())
    return {name.lower(): row[0] for row in rows if row and ":" not in row[0] for name in row[1:]}


def reply(query: bytes, hosts: dict[str, str]) -> bytes:
    """Answer one query: the address, nothing (for another type of record), or "no such name"."""
    identity, flags, *_ = _HEADER.unpack_from(query)
    name, end = _question(query)
    kind = struct.unpack_from("!H", query, end)[0]
    address = hosts.get(name)
    answer = _record(address) if address and kind == _A else b""
    code = 0 if address else _NO_SUCH_NAME
    head = _HEADER.pack(identity, _IS_RESPONSE | flags & _RECURSION | code, 1, 1 if answer else 0, 0, 0)
    return head + query[_HEADER.size : end + 4] + answer


def serve(address: str, hosts: dict[str, str]) -> None:
    """Answer for ever; a message that is no query is dropped."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, PORT))
        while True:
            query, sender = server.recvfrom(4096)
            try:
                server.sendto(reply(query, hosts), sender)
            except (struct.error, IndexError, UnicodeDecodeError, OSError):
                continue


def _question(query: bytes) -> tuple[str, int]:
    """Read the name in question, and where it ends."""
    labels, at = [], _HEADER.size
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    return ".".join(labels), at + 1


def _record(address: str) -> bytes:
    return _ANSWER.pack(_NAME_AT_12, _A, _IN, _TTL, 4, socket.inet_aton(address))


if __name__ == "__main__":
    serve(sys.argv[1], read_hosts(Path(sys.argv[2]).read_text()))
