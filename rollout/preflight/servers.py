"""Servers known by their command or their image's name, and how they stop without a loss. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rollout import spec
from rollout.model import Image, ImageConfig, Spec
from rollout.preflight.commands import programs

LINUX_SIGNALS = {"3": "SIGQUIT", "9": "SIGKILL", "10": "SIGUSR1", "15": "SIGTERM", "28": "SIGWINCH"}


@dataclass(frozen=True)
class Server:
    """A kind of server.

    ``programs`` matches the name of its program, ``images`` an image's repository and tag, ``graceful`` is
    the signal on which it finishes its requests.
    """

    name: str
    programs: str
    images: str
    graceful: str


SERVERS = (
    # sapi/fpm/fpm/fpm_signals.c: SIGQUIT finishes what is in hand, SIGTERM does not
    Server("php-fpm", r"php-fpm[\d.]*", r"(.*[-_])?(php-?fpm(:.*)?|php:.*fpm.*)", "SIGQUIT"),
    # nginx.org/en/docs/control.html
    Server("nginx", r"nginx(-debug)?", r"(.*[-_])?nginx(:.*)?", "SIGQUIT"),
    # docs.haproxy.org, management: SIGUSR1 is the soft stop
    Server("haproxy", r"haproxy", r"(.*[-_])?haproxy(:.*)?", "SIGUSR1"),
    # httpd.apache.org/docs/2.4/stopping.html
    Server(
        "apache",
        r"(httpd|apache2)(-foreground)?|apache(2)?ctl",
        r"(.*[-_])?(httpd|apache2?)(:.*)?",
        "SIGWINCH",
    ),
)


def server_of(target: Spec, image: ImageConfig | None) -> Server | None:
    """The server that a service runs: by its command, or by its image's name where no program is known.

    A queue worker in php-fpm's image is no php-fpm.
    """
    started = programs(target, image)
    by_command = (one for name in started for one in SERVERS if re.fullmatch(one.programs, name))
    reference = _short(spec.image(target))
    by_name = (one for one in SERVERS if not started and re.fullmatch(one.images, reference))
    return next(by_command, None) or next(by_name, None)


def stop_signal(target: Spec, image: ImageConfig | None) -> str | None:
    """The signal in effect, by its full name; None where it depends on an image that nobody has seen."""
    own = spec.container(target).get("StopSignal")
    if not own and image is None:
        return None
    return full_name(str(own or (image.stop_signal if image else None) or "SIGTERM"))


def full_name(signal: str) -> str:
    """A signal's name out of what Docker takes: with or without SIG, or a number."""
    upper = LINUX_SIGNALS.get(signal, signal).upper()
    return upper if upper.startswith("SIG") else f"SIG{upper}"


def _short(image: Image) -> str:
    name = image.repository.rsplit("/", 1)[-1]
    return f"{name}:{image.tag}" if image.tag else name
