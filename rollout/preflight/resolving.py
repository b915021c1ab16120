"""Does a proxy ask DNS again for the names in its configuration? Pure.

nginx looks a name up once, at its start, unless it has a ``resolver`` and the name is in a variable, or in an
``upstream`` with ``resolve`` (nginx.org, ngx_http_proxy_module and ngx_http_upstream_module). HAProxy does
too, unless the server's line, or a ``default-server``, names a section of ``resolvers`` (docs.haproxy.org,
configuration, 5.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

Names: TypeAlias = "re.Pattern[str]"
Config: TypeAlias = str

_COMMENT = re.compile(r"(?m)(?<![^\s;{}])#.*$")
_PASS = re.compile(r"\b\w+_pass\s+([^;]+);")
_UPSTREAM = re.compile(r"\bupstream\s+(\S+)\s*\{([^}]*)\}")
_MEMBER = re.compile(r"\bserver\s+([^;]+);")
_RESOLVER = re.compile(r"\bresolver\s")
_LINE_OF_SERVER = re.compile(r"(?m)^\s*(?:server|server-template)\s.*$")
_BY_DEFAULT = re.compile(r"(?m)^\s*default-server\s.*\bresolvers\s")


def asks_once(server: str, files: Iterable[Config], names: frozenset[str]) -> bool:
    """Whether a server of that kind reaches one of these names, and goes on using its first answer."""
    config = "\n".join(_COMMENT.sub("", text) for text in files)
    reached = "|".join(map(re.escape, sorted(names)))
    wanted = re.compile(rf"(?<![\w.-])({reached})(?![\w-])")
    return bool(wanted.search(config)) and ASKING[server](config, wanted)


def _nginx(config: Config, wanted: Names) -> bool:
    if not _RESOLVER.search(config):
        return True
    upstreams = {found[1]: found[2] for found in _UPSTREAM.finditer(config)}
    members = [one for body in upstreams.values() for one in _MEMBER.findall(body)]
    literal = [one for one in _PASS.findall(config) if "$" not in one and _host(one) not in upstreams]
    fixed = [one for one in members if "resolve" not in one.split()]
    return any(wanted.search(one) for one in (*literal, *fixed))


def _host(address: str) -> str:
    """The name in ``http://php:9000/path``."""
    return re.split(r"[/:]", address.strip().rpartition("://")[2])[0]


def _haproxy(config: Config, wanted: Names) -> bool:
    if _BY_DEFAULT.search(config):
        return False
    lines = [line for line in _LINE_OF_SERVER.findall(config) if wanted.search(line)]
    return any(not re.search(r"\sresolvers\s", line) for line in lines)


ASKING: Mapping[str, Callable[[Config, Names], bool]] = {"nginx": _nginx, "haproxy": _haproxy}
"""The servers that can be told to ask again."""
