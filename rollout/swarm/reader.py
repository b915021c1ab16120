"""Reading from a manager: patiently, and with a better word where the engine is no manager."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rollout.errors import EngineReplyInvalid, EngineUnavailable, NotASwarmManager
from rollout.swarm.client import Engine, Json
from rollout.swarm.patience import Patience
from rollout.swarm.reply import Reply
from rollout.untrusted import plain


@dataclass(frozen=True)
class Reader:
    """Reads of one engine."""

    client: Engine
    patience: Patience

    def get(self, act: str, path: str, **options: Any) -> Json:
        """GET, again for a while where that may help. Raises NotASwarmManager with the managers' names."""
        try:
            return self.patience.read(lambda: self.client.read(act, path, **options))
        except NotASwarmManager as error:
            raise self._no_manager(error) from error

    def listed(self, act: str, path: str, filters: Mapping[str, Sequence[str]] | None = None) -> Json:
        """GET a list; an object has to pass every filter."""
        return self.get(act, path, params={"filters": json.dumps(filters)} if filters else {})

    def _no_manager(self, error: NotASwarmManager) -> NotASwarmManager:
        """Say what the engine is instead, and where the managers are (seen on 20.10: a worker knows)."""
        try:
            info = Reply(self.client.read("ask about the Swarm", "/info"), "itself")
            return _explained(error, str(self.client.endpoint), info)
        except (EngineUnavailable, EngineReplyInvalid):
            return error


def _explained(error: NotASwarmManager, where: str, info: Reply) -> NotASwarmManager:
    state = info.maybe("Swarm.LocalNodeState", "")
    if state == "inactive":
        hint = "make it one with docker swarm init, or name a manager by --host"
        return NotASwarmManager(f"the engine {where} is not part of a Swarm", hint)
    if state == "locked":
        return NotASwarmManager(f"the Swarm of {where} is locked", "unlock it: docker swarm unlock")
    if state != "active" or info.flag("Swarm.ControlAvailable"):
        return error
    names = _managers(info)
    hint = f"name a manager by --host ssh://USER@HOST: {' or '.join(names)}" if names else error.hint
    return NotASwarmManager(f"the engine {where} is a worker of its Swarm, not a manager", hint)


def _managers(info: Reply) -> list[str]:
    """Their addresses, without the port: it is the Swarm's own, not the API's."""
    remotes: list[Any] = info.maybe("Swarm.RemoteManagers", [])
    addresses = [Reply(raw, "a manager").maybe("Addr", "") for raw in remotes]
    return [plain(address.rpartition(":")[0].strip("[]")) for address in addresses if address]
