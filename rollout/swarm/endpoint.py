"""Where the engine is: ``--host``, else DOCKER_HOST, else the docker context, else the local socket.

The order is the docker CLI's (docker/cli cli/command/cli.go, resolveContextName). Contexts are read here and
not by the SDK, which knows them only from 7.2 on, looks for them in the working directory where there is no
config.json, and forgets the TLS of a context that has a CA but no client certificate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from rollout.errors import UsageError

DEFAULT_HOST = "unix:///var/run/docker.sock"
_SCHEMES = ("unix", "tcp", "http", "https", "ssh")


@dataclass(frozen=True)
class Tls:
    """The certificates for an engine on tcp; None is a file that is not there."""

    ca: str | None
    cert: str | None
    key: str | None
    verify: bool


@dataclass(frozen=True)
class Endpoint:
    """An engine's address, and who says so: messages name ``origin`` when the address turns out wrong."""

    host: str
    origin: str
    tls: Tls | None = None

    @property
    def scheme(self) -> str:
        """``unix``, ``tcp`` or ``ssh``, or an alias of tcp."""
        return urlsplit(self.host).scheme

    def __str__(self) -> str:
        return self.host if self.origin == "the default" else f"{self.host} (from {self.origin})"


def choose(host: str | None, environ: Mapping[str, str], origin: str = "--host") -> Endpoint:
    """The engine that the docker CLI would talk to. Raises UsageError, and touches no network.

    ``origin`` is who has named ``host``.
    """
    if host:
        return _checked(host, origin, _tls_of_environment(environ))
    if environ.get("DOCKER_HOST"):
        return _checked(environ["DOCKER_HOST"], "DOCKER_HOST", _tls_of_environment(environ))
    context = environ.get("DOCKER_CONTEXT") or _current_context(environ)
    if context in ("", "default"):
        return Endpoint(DEFAULT_HOST, "the default")
    return _of_context(context, _config_directory(environ))


def _checked(host: str, origin: str, tls: Tls | None) -> Endpoint:
    """The endpoint, if its address can be understood; an address without a scheme is tcp, as in docker."""
    address = host.strip() if "://" in host else f"tcp://{host.strip()}"
    try:
        parts = urlsplit(address)
        known = parts.scheme in _SCHEMES and (parts.port or 1) > 0 and _reachable(parts)
        secret = parts.password is not None
    except ValueError:
        known = secret = False
    if secret:
        raise UsageError(f"the engine's address from {origin} contains a password", _FORMS)
    if not known:
        raise UsageError(f"{host!r} (from {origin}) is not an address of a Docker Engine", _FORMS)
    return Endpoint(address, origin, None if parts.scheme in ("unix", "ssh") else tls)


def _reachable(parts: SplitResult) -> bool:
    if parts.scheme == "unix":
        return bool(parts.netloc or parts.path)
    return bool(re.fullmatch(r"[\w.:%-]+", parts.hostname or "")) and not (parts.query or parts.fragment)


_FORMS = "addresses look like unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host"


def _tls_of_environment(environ: Mapping[str, str]) -> Tls | None:
    """The TLS that the environment asks for (docker/cli cli/flags/options.go)."""
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if not verify and not environ.get("DOCKER_TLS"):
        return None
    chosen = environ.get("DOCKER_CERT_PATH")
    return _tls_of(Path(chosen) if chosen else _config_directory(environ), verify)


def _tls_of(folder: Path, verify: bool) -> Tls:
    def there(name: str) -> str | None:
        return str(folder / name) if (folder / name).is_file() else None

    return Tls(there("ca.pem"), there("cert.pem"), there("key.pem"), verify)


def _config_directory(environ: Mapping[str, str]) -> Path:
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    return Path(environ["DOCKER_CONFIG"]) if environ.get("DOCKER_CONFIG") else home / ".docker"


def _current_context(environ: Mapping[str, str]) -> str:
    """The context chosen by ``docker context use``.

    A file that cannot be read is an error, not "no context": the wrong Swarm would be deployed to.
    """
    file = _config_directory(environ) / "config.json"
    return str(_json(file).get("currentContext") or "") if file.exists() else ""


def _of_context(name: str, folder: Path) -> Endpoint:
    """A context's endpoint (docker/cli cli/context/store: directories are named by the name's SHA-256)."""
    key = sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / key / "meta.json"
    if not meta.is_file():
        raise UsageError(f"there is no docker context named {name!r}", "docker context ls lists them")
    docker = (_json(meta).get("Endpoints") or {}).get("docker") or {}
    if not docker.get("Host"):
        return Endpoint(DEFAULT_HOST, f"context {name}")
    skip = bool(docker.get("SkipTLSVerify"))
    tls = _tls_of(folder / "contexts" / "tls" / key / "docker", not skip)
    return _checked(str(docker["Host"]), f"context {name}", tls if skip or tls.ca or tls.cert else None)


_WAY_OUT = "mend it, or name the engine by --host"


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}", _WAY_OUT) from error
    if not isinstance(found, dict):
        raise UsageError(f"{file} is not a JSON object", _WAY_OUT)
    return found
