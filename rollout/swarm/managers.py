"""Several managers, one of which is asked: when it is lost, the next one is.

Every manager hands writes on to the leader, so that it does not matter which one is asked, but for one that
is gone. A call that broke off is not repeated here: reads are tried again by ``Patience``, and after a write
the service is read first. Both then meet the next manager.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rollout.errors import EngineUnavailable, OutcomeUnknown, RolloutError
from rollout.model import Spec
from rollout.swarm.client import Engine, EngineClient, Json, connect
from rollout.swarm.endpoint import Endpoint

T = TypeVar("T")


class Managers:
    """What an ``EngineClient`` can do, at whichever of the managers answers."""

    def __init__(self, hosts: Sequence[str], connects: Callable[[str], EngineClient] = connect) -> None:
        """Open the connection to the first that answers. Raises what ``connect`` raises of the last."""
        self._hosts = list(hosts)
        self._connects = connects
        self._client: EngineClient | None = None
        self._opened()

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
        return self._asked(lambda client: client.read(act, path, **options))

    def write(self, act: str, method: str, path: str, body: Spec | None = None, **options: Any) -> Json:
        """As ``EngineClient.write``."""
        return self._asked(lambda client: client.write(act, method, path, body, **options))

    def update_service_raw(self, service_id: str, version: int, spec: Spec, auth: str | None) -> None:
        """As ``EngineClient.update_service_raw``."""
        self._asked(lambda client: client.update_service_raw(service_id, version, spec, auth))

    def relabel_config(self, config_id: str, version: int, spec: Spec) -> None:
        """As ``EngineClient.relabel_config``."""
        self._asked(lambda client: client.relabel_config(config_id, version, spec))

    def _asked(self, act: Callable[[EngineClient], T]) -> T:
        """One call; after one that broke off the next manager is asked."""
        client = self._opened()
        try:
            return act(client)
        except (EngineUnavailable, OutcomeUnknown):
            self._leave()
            raise

    def _leave(self) -> None:
        """The next manager's turn; this one comes last now."""
        self._client = None
        self._hosts.append(self._hosts.pop(0))

    def _opened(self) -> EngineClient:
        """The connection, opened where there is none; each manager is tried once."""
        if self._client is None:
            self._client = self._first_that_answers()
        return self._client

    def _first_that_answers(self) -> EngineClient:
        trouble: RolloutError = EngineUnavailable("no manager is known")
        for _ in range(len(self._hosts)):
            try:
                return self._connects(self._hosts[0])
            except EngineUnavailable as error:
                trouble = error
                self._leave()
        raise trouble


def reach(host: str | None) -> Engine:
    """The engine at an address, or at the first of several with commas between them that answers.

    None is the engine that docker would talk to. Raises what ``connect`` raises.
    """
    if host is None or "," not in host:
        return connect(host)
    return Managers(host.split(","))
