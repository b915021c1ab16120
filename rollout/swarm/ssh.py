"""Engines behind ``ssh://``: the system's ssh runs ``docker system dial-stdio`` over there.

The user's agent, ~/.ssh/config and known_hosts apply, as with the docker CLI. The SDK's own way
(``use_ssh_client=True``) is not taken: it needs paramiko installed even so, starts one ssh for every call,
and reads from a pipe without any time-out. Here ssh talks through a socket pair, so that time-outs hold,
and the connection is kept.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import tempfile
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from rollout.errors import UsageError
from rollout.untrusted import plain

CONNECT_TIMEOUT = 10
"""Seconds that ssh may take to reach the host."""
_GRACE = 2.0
"""Seconds that ssh gets to end by itself when its input has ended."""
_MOST_WORDS = 8192


class SshFailed(OSError):
    """The ssh process gave up; its last words are the message."""


class SshNotStarted(SshFailed):
    """There is no ssh on this machine, or it may not be run."""


def command(host: str) -> tuple[str, ...]:
    """The command that reaches the engine of ``ssh://[user@]host[:port][/path/of/its.sock]``."""
    parts = urlsplit(host)
    if not parts.hostname or not re.fullmatch(r"\w[\w.:%-]*", parts.hostname):
        raise UsageError(
            f"{host!r} names no host that ssh could reach", "addresses look like ssh://user@host:22"
        )
    if parts.username and not re.fullmatch(r"[\w.][\w.@+-]*", parts.username):
        raise UsageError(f"{host!r} names no user for ssh", "addresses look like ssh://user@host:22")
    user = ("-l", parts.username) if parts.username else ()
    port = ("-p", str(parts.port)) if parts.port else ()
    return ("ssh", *user, *port, *_options(), "--", parts.hostname, _remote(parts.path))


def _options() -> tuple[str, ...]:
    """No terminal over there; and a connection that is silent during a long gate is kept, or found dead."""
    return ("-T", "-o", f"ConnectTimeout={CONNECT_TIMEOUT}", "-o", "ServerAliveInterval=15")


def _remote(path: str) -> str:
    engine = f"--host={shlex.quote('unix://' + path)} " if path.strip("/") else ""
    return f"docker {engine}system dial-stdio"


class SshProcess:
    """One running ssh, and our end of the socket it talks through. Raises SshNotStarted."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.last_words = ""
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.socket, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = self._start(arguments, theirs)
            except OSError as error:
                self.socket.close()
                self._words.close()
                raise SshNotStarted(f"{arguments[0]} cannot be started: {error.strerror}") from error

    def _start(self, arguments: tuple[str, ...], theirs: socket.socket) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            arguments,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=self._words,
            env={key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"},
            start_new_session=True,  # a Ctrl-C is for us to handle: the connection is needed to do so
        )

    def close(self) -> None:
        """Hang up; ssh ends when its input does, or is made to."""
        self.socket.close()
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self.last_words = self._read_words() or f"ssh ended with status {status}"
        self._words.close()

    def _read_words(self) -> str:
        """The last three lines, from here or from over there; a banner may come before them."""
        self._words.seek(0)
        text = self._words.read(_MOST_WORDS).decode(errors="replace")
        return "; ".join([plain(line) for line in text.splitlines() if plain(line)][-3:])


class SshConnection(HTTPConnection):
    """An HTTP connection whose wire is an ssh process."""

    def __init__(self, arguments: tuple[str, ...], timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._arguments = arguments
        self._process: SshProcess | None = None

    def connect(self) -> None:
        """Start ssh; whether it gets through shows in the first answer."""
        self._process = SshProcess(self._arguments)
        self.sock = self._process.socket
        self.sock.settimeout(self.timeout)

    def getresponse(self) -> Any:
        """The answer; where there is none because ssh failed, the error says what ssh said."""
        process = self._process
        try:
            return super().getresponse()
        except TimeoutError:
            raise
        except (OSError, HTTPException, HTTPError) as error:
            self.close()
            raise SshFailed(process.last_words if process else str(error)) from error

    def close(self) -> None:
        """Close the connection and end its ssh."""
        super().close()
        process, self._process = self._process, None
        if process:
            process.close()
