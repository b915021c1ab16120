"""The port ``Store`` over the Swarm's configs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rollout.errors import Conflict, EngineUnavailable, NotFound, OutcomeUnknown
from rollout.ports import Entry
from rollout.swarm.client import Engine, segment
from rollout.swarm.patience import USUAL, Patience
from rollout.swarm.reader import Reader
from rollout.swarm.reply import Reply


class EngineStore:
    """Small values in the Swarm itself. Names have at most 64 letters, digits and ``-_.`` (seen on 20.10)."""

    def __init__(self, client: Engine, patience: Patience = USUAL) -> None:
        self._client = client
        self._reader = Reader(client, patience)

    def create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        """Create it; of two callers one gets AlreadyExists.

        A manager that loses its leader in between repeats the call by itself (moby/swarmkit, raft proxy), so
        that AlreadyExists may mean one's own: its labels tell whose it is.
        """
        body = {"Name": name, "Labels": dict(labels), "Data": base64.b64encode(data).decode()}
        answer = self._client.write(f"create config {name}", "post", "/configs/create", body)
        return self._written(Reply(answer, f"new config {name}").text("ID"), name)

    def find(self, labels: Mapping[str, str]) -> tuple[Entry, ...]:
        """Those that carry all these labels, oldest first."""
        wanted = [f"{key}={value}" for key, value in labels.items()]
        raw = self._reader.listed("list the configs", "/configs", {"label": wanted} if wanted else None)
        found = sorted(map(_entry, Reply(raw, "configs").items()), key=lambda pair: (pair[0], pair[1].id))
        # to the engine an empty value means any (moby/swarmkit manager/controlapi/common.go)
        return tuple(entry for _, entry in found if labels.items() <= entry.labels.items())

    def relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        """Replace the labels of the version that was read."""
        data = base64.b64encode(entry.data).decode()
        self._client.relabel_config(
            entry.id, entry.version, {"Name": entry.name, "Labels": dict(labels), "Data": data}
        )
        written = self._written(entry.id, entry.name)
        if dict(written.labels) != dict(labels):
            raise Conflict(f"config {entry.name} was written by someone else right after us")
        return written

    def remove(self, entry: Entry) -> None:
        """Remove exactly this one."""
        try:
            self._client.write(f"remove config {entry.name}", "delete", f"/configs/{segment(entry.id)}")
        except NotFound:
            return

    def _written(self, config_id: str, name: str) -> Entry:
        """What has just been written, with its new version: it is there, even if it cannot be read now."""
        try:
            return _entry(self._reader.get(f"read config {name}", f"/configs/{segment(config_id)}"))[1]
        except EngineUnavailable as error:
            raise OutcomeUnknown(f"config {name} is written, but: {error.message}", error.hint) from error


def _entry(raw: Any) -> tuple[datetime, Entry]:
    """A config with the time of its creation."""
    reply = Reply(raw, "a config")
    reply = Reply(raw, f"config {reply.text('Spec.Name')}")
    labels = reply.maybe("Spec.Labels", dict[str, Any]())
    if not all(isinstance(value, str) for value in labels.values()):
        raise reply.wrong("Spec.Labels", "holds something other than texts")
    entry = Entry(
        id=reply.text("ID"),
        name=reply.text("Spec.Name"),
        version=reply.number("Version.Index"),
        labels=labels,
        data=_data(reply),
        updated=reply.time("UpdatedAt"),
    )
    return reply.time("CreatedAt"), entry


def _data(reply: Reply) -> bytes:
    try:
        return base64.b64decode(reply.maybe("Spec.Data", ""), validate=True)
    except (binascii.Error, ValueError):
        raise reply.wrong("Spec.Data", "is not base64") from None
