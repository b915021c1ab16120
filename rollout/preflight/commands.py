"""Which programs a container's command starts, as far as its words tell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rollout import spec
from rollout.model import ImageConfig, Spec

_SHELL = re.compile(r"(ba|da|a)?sh")
_WRAPPER = re.compile(r".*entrypoint.*|tini|dumb-init|exec|env|nohup|time")
"""Starts the program that is named after it."""
_OPAQUE = re.compile(rf".*\.sh|supervisord|init|s6-.*|{_SHELL.pattern}|{_WRAPPER.pattern}")
"""Says nothing of what is started."""
_BETWEEN_COMMANDS = re.compile(r"&&|\|\||[;|&\n(){}]")
_BEFORE_COMMAND = re.compile(r"(\s*(\w+=\S*|if|then|else|while|until|do|!)\s+)*")


def programs(target: Spec, image: ImageConfig | None) -> tuple[str, ...]:
    """The names of the programs; empty where nobody knows, or the command is a script.

    A command in the spec drops all of the image's. An image's arguments are most often a program, which its
    entrypoint starts.
    """
    container, brought = spec.container(target), image or ImageConfig()
    own = tuple(container.get("Command") or ())
    entrypoint = own or brought.entrypoint
    arguments = tuple(container.get("Args") or (() if own else brought.command))
    found = dict.fromkeys((*_started((*entrypoint, *arguments)), *_started(arguments)))
    return tuple(name for name in found if not _OPAQUE.fullmatch(name))


def _started(command: Sequence[object]) -> Iterator[str]:
    """The program of a command, and those that it starts in turn."""
    words = [str(word) for word in command]
    if not words:
        return
    name = words[0].rsplit("/", 1)[-1]
    yield name
    if _SHELL.fullmatch(name) and "-c" in words[:-1]:
        yield from _in_text(words[words.index("-c") + 1])
    elif "--" in words:
        yield from _started(words[words.index("--") + 1 :])
    elif _WRAPPER.fullmatch(name):
        yield from _started(_without_options(words[1:]))


def _in_text(text: str) -> Iterator[str]:
    for part in _BETWEEN_COMMANDS.split(text):
        yield from _started(_BEFORE_COMMAND.sub("", part, count=1).split())


def _without_options(words: list[str]) -> list[str]:
    """The words from the first on that is neither an option nor a variable."""
    first = next((n for n, word in enumerate(words) if word[:1] != "-" and "=" not in word), len(words))
    return words[first:]
