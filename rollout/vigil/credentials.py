"""Looks now and then at the logins for the registries of the watched services."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from rollout import spec
from rollout.errors import RolloutError
from rollout.model import Image, Service
from rollout.ports import Background, Clock, Pending, Registry
from rollout.vigil.survey import LoginFound

EVERY = 600.0
"""Seconds between two looks: helpers and clouds take their time, and logins last for hours."""
SOON = 60.0
"""The same where one could not be had."""
MOST = 20
"""Registries that are asked about: a bound, whatever labels and images say."""


class Logins:
    """What is known of them. They are asked for in the background."""

    def __init__(
        self,
        registry: Registry,
        registry_of: Callable[[Image], str],
        background: Background,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._registry_of = registry_of
        self._background = background
        self._clock = clock
        self._due = clock.now()
        self._pending: Pending[tuple[LoginFound, ...]] | None = None
        self._found: tuple[LoginFound, ...] = ()
        self._answered = False

    def turn(self, services: Iterable[Service]) -> tuple[LoginFound, ...]:
        """What is known by now; asks again when it is time to."""
        self._collect()
        if self._pending is None and self._clock.now() >= self._due:
            self._due = self._clock.now() + EVERY
            self._pending = self._background.begin(partial(self._ask, self._images(services)))
            self._collect()
        return self._found

    @property
    def known(self) -> bool:
        """Whether there has been an answer."""
        return self._answered

    @property
    def asking(self) -> bool:
        """Whether an answer is awaited."""
        return self._pending is not None

    def _collect(self) -> None:
        result = self._pending.result() if self._pending else None
        if result is not None:
            self._pending, self._found, self._answered = None, result, True
            if any(one.error for one in result):
                self._due = min(self._due, self._clock.now() + SOON)

    def _images(self, services: Iterable[Service]) -> tuple[tuple[str, Image], ...]:
        """One image a registry."""
        found: dict[str, Image] = {}
        for service in services:
            image = spec.image(service.spec)
            if image.repository and len(found) < MOST:
                found.setdefault(self._registry_of(image), image)
        return tuple(sorted(found.items()))

    def _ask(self, images: tuple[tuple[str, Image], ...]) -> tuple[LoginFound, ...]:
        return tuple(self._one(registry, image) for registry, image in images)

    def _one(self, registry: str, image: Image) -> LoginFound:
        """A registry without a login needs none, as far as we know."""
        try:
            login = self._registry.login(image)
        except RolloutError as error:
            return LoginFound(registry, error=error.message)
        except Exception as error:  # a helper's or a library's: its words might repeat a login
            return LoginFound(registry, error=f"something unforeseen happened: {type(error).__name__}")
        return LoginFound(registry, login.expires if login else None)
