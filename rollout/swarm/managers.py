"""Several managers, one of which is asked: when it is lost, the next one is.

Every manager hands writes on to the leader, so that it does not matter which one is asked, but for one that
is gone, or is no manager any more. A call that broke off is not repeated here: reads are tried again by
``Patience``, and after a write the service is read first. Both then meet the next manager.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import RLock
from typing import Any, TypeAlias, TypeVar

from rollout.errors import EngineGone, EngineUnavailable, NotASwarmManager, OutcomeUnknown, RolloutError
from rollout.model import EngineHost, Spec
from rollout.swarm.client import Engine, EngineClient, Json, connect
from rollout.swarm.endpoint import Endpoint

T = TypeVar("T")
Errors: TypeAlias = tuple[type[RolloutError], ...]
_SILENT: Errors = (EngineUnavailable, OutcomeUnknown, NotASwarmManager)
"""After these another manager is asked the next time."""
_CUT_OFF: Errors = (EngineGone, NotASwarmManager)
"""The same where the manager asks somebody else: that it is slow then says nothing of itself."""


class Managers:
    """What an ``EngineClient`` can do, at whichever of the managers answers. Threads may share it."""

    def __init__(
        self, hosts: Sequence[str | None], connects: Callable[[str | None], EngineClient] = connect
    ) -> None:
        """The connection is opened with the first call, to the first that answers."""
        self._hosts = list(hosts)
        self._connects = connects
        self._client: EngineClient | None = None
        self._changing = RLock()

    @property
    def endpoint(self) -> Endpoint:
        """The manager that is asked now."""
        return self._opened().endpoint

    @property
    def api_version(self) -> str:
        """Its newest API."""
        return str(self._opened().api_version)

    def read(self, act: str, path: str, **options: Any) -> Json:
        """As ``EngineClient.read``."""
        return self._asked(lambda client: client.read(act, path, **options), _SILENT)

    def ask_elsewhere(self, act: str, path: str, **options: Any) -> Json:
        """As ``EngineClient.ask_elsewhere``: a lost node's log or a slow registry is no reason to leave."""
        return self._asked(lambda client: client.ask_elsewhere(act, path, **options), _CUT_OFF)

    def write(self, act: str, method: str, path: str, body: Spec | None = None, **options: Any) -> Json:
        """As ``EngineClient.write``."""
        return self._asked(lambda client: client.write(act, method, path, body, **options), _SILENT)

    def update_service_raw(self, service_id: str, version: int, spec: Spec, auth: str | None) -> None:
        """As ``EngineClient.update_service_raw``."""
        self._asked(lambda client: client.update_service_raw(service_id, version, spec, auth), _SILENT)

    def relabel_config(self, config_id: str, version: int, spec: Spec) -> None:
        """As ``EngineClient.relabel_config``."""
        self._asked(lambda client: client.relabel_config(config_id, version, spec), _SILENT)

    def _asked(self, act: Callable[[EngineClient], T], leaving: Errors) -> T:
        """One call; who is no manager has done nothing, so that the others are asked at once."""
        for _ in self._hosts[1:]:
            try:
                return self._asked_once(act, leaving)
            except NotASwarmManager:
                continue
        return self._asked_once(act, leaving)

    def _asked_once(self, act: Callable[[EngineClient], T], leaving: Errors) -> T:
        client = self._opened()
        try:
            return act(client)
        except leaving:
            self._leave(client)
            raise

    def _leave(self, client: EngineClient) -> None:
        """The next manager's turn, unless another thread has turned already; this one comes last now."""
        with self._changing:
            if self._client is client:
                self._client = None
                self._turn()

    def _turn(self) -> None:
        self._hosts.append(self._hosts.pop(0))

    def _opened(self) -> EngineClient:
        """The connection, opened where there is none; each manager is tried once."""
        with self._changing:
            if self._client is None:
                self._client = self._first_that_answers()
            return self._client

    def _first_that_answers(self) -> EngineClient:
        troubles: list[EngineUnavailable] = []
        for _ in range(len(self._hosts)):
            try:
                return self._connects(self._hosts[0])
            except EngineUnavailable as error:
                troubles.append(error)
                self._turn()
        raise _nobody_answers(troubles)


def _nobody_answers(troubles: Sequence[EngineUnavailable]) -> EngineUnavailable:
    """What is wrong with each manager: the night's question is whether it is the same with all of them."""
    if len(troubles) == 1:
        return troubles[0]
    said = "; ".join(trouble.message for trouble in troubles)
    hints = dict.fromkeys(trouble.hint for trouble in troubles if trouble.hint)
    return EngineUnavailable(f"none of {len(troubles)} managers answers: {said}", "; ".join(hints))


def reach(host: str | None) -> Engine:
    """The engine at an address, or at the first of several with commas between them that answers.

    None is the engine that docker would talk to. Raises what ``connect`` raises.
    """
    connects = _connecting(host)
    if host is None or "," not in host:
        return connects(host)
    managers = Managers(host.split(","), connects)
    _open(managers)
    return managers


def reach_in_time(host: str | None) -> Engine:
    """The same for whoever goes on asking: an engine that is away is connected to when it is back.

    Raises what ``connect`` raises where waiting would not help.
    """
    managers = Managers([None] if host is None else host.split(","), _connecting(host))
    with suppress(EngineUnavailable):
        _open(managers)
    return managers


def _open(managers: Managers) -> None:
    """Open its connection now: the endpoint is known when there is one."""
    _ = managers.endpoint


def _connecting(host: str | None) -> Callable[[str | None], EngineClient]:
    """A ``connect`` that knows who has named the host."""
    return partial(connect, origin=host.origin) if isinstance(host, EngineHost) else connect
