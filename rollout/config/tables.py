"""What a parsed ``rollout.toml`` says, and everything that is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollout.config import values
from rollout.config.errors import Place, Problem
from rollout.config.gates import read_gates
from rollout.config.inner import Inner, together
from rollout.config.keys import IN_FILES
from rollout.config.layers import Layer, Reading, Setting, attempt, reading
from rollout.config.notify import read_notify
from rollout.config.oneshots import HOOKS, read_hooks, read_smoke
from rollout.config.overrides import HEALTHCHECK_KEY, OVERRIDES, read_overrides
from rollout.config.watch import read_watch
from rollout.config.wording import advice, plain, shown
from rollout.model import Notify, Vigil

FILE_NAME = "rollout.toml"
TABLES = ("connection", "defaults", "notify", "services", "watch")
_ELSEWHERE = {
    "gates": "gates belong to a service, as [[services.NAME.gates]]",
    "probe": "in a file a probe is a gate, [[services.NAME.gates]]",
    "probes": "in a file a probe is a gate, [[services.NAME.gates]]",
    "service": "a Swarm service is named in [services.NAME]",
    "smoke": "a smoke test belongs to a service, as [services.NAME.smoke]",
    **{name: f"{name} belongs to a service, in [services.NAME]" for name in OVERRIDES},
    HEALTHCHECK_KEY: "a health check belongs to a service, as [services.NAME.healthcheck]",
    **{name: f"hooks belong to a service, as [[services.NAME.{name}]]" for name in HOOKS},
}
_INNER = ("gates", "smoke", *HOOKS, *OVERRIDES)


@dataclass(frozen=True)
class ServiceTable:
    """``[services.KEY]``: what it sets for the Swarm service of the name ``service``."""

    key: str
    service: str
    layer: Layer = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """What a file says, by table."""

    host: str | None = None
    defaults: Layer = field(default_factory=dict)
    services: tuple[ServiceTable, ...] = ()
    notify: Notify = field(default_factory=Notify)
    watch: Vigil = field(default_factory=Vigil)
    problems: tuple[Problem, ...] = ()


def read_contents(data: Mapping[str, Any]) -> Contents:
    """Everything that the file says and that is wrong with it."""
    tables = {name: _table(data, name) for name in TABLES}
    host = _host(tables["connection"])
    defaults = _settings(tables["defaults"], "[defaults]", ("defaults",))
    notify, watch = read_notify(tables["notify"]), read_watch(tables["watch"])
    services = [_service(key, found) for key, found in tables["services"].items()]
    known = tuple(table for table, _ in services if table is not None)
    problems = (
        *_out_of_place(data),
        *host.problems,
        *defaults.problems,
        *notify.problems,
        *watch.problems,
        *(problem for _, found in services for problem in found),
        *_claimed_twice(known),
    )
    engine = host.layer.get("host")
    told, watched = notify.value or Notify(), watch.value or Vigil()
    return Contents(engine.value if engine else None, defaults.layer, known, told, watched, problems)


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name, {})
    return found if isinstance(found, dict) else {}


def _out_of_place(data: Mapping[str, Any]) -> list[Problem]:
    """What stands at the top of the file and is none of its tables."""
    return [
        Problem(_top_level(name, found), (name,))
        for name, found in data.items()
        if name not in TABLES or not isinstance(found, dict)
    ]


def _top_level(name: str, found: object) -> str:
    if name in TABLES:
        spelt = "[services.NAME]" if name == "services" else f"[{name}]"
        return f"{name} is {shown(found)}, not a table: write {spelt}"
    if name in IN_FILES:
        return f"{name} is in no table: move it below [defaults] or [services.NAME]"
    return f"unknown table [{plain(name)}]: {advice(f'[{name}]', [f'[{known}]' for known in TABLES])}"


_HOSTS: Mapping[str, values.Kind] = {"host": values.HOST, "hosts": values.HOSTS}


def _host(table: Mapping[str, Any]) -> Reading:
    """``host`` or ``hosts``."""
    found = [("host", _address(table, key, kind)) for key, kind in _HOSTS.items() if key in table]
    unknown = _unknown(table, tuple(_HOSTS), "[connection]", ("connection",))
    return reading(found, [*unknown, *_two_engines(table)])


def _two_engines(table: Mapping[str, Any]) -> list[Problem]:
    """Which of the two is meant could only be guessed."""
    said = "[connection] has both host and hosts: keep one of them"
    return [Problem(said, ("connection", "hosts"))] if _HOSTS.keys() <= table.keys() else []


def _address(table: Mapping[str, Any], key: str, kind: values.Kind) -> Any:
    return attempt(kind.read, table[key], f"{key} in [connection]", FILE_NAME, ("connection", key))


def _settings(table: Mapping[str, Any], where: str, place: Place, others: Sequence[str] = ()) -> Reading:
    """The settings in a table; ``others`` are keys that it may have and that are read elsewhere."""
    origin = f"{FILE_NAME} {where}"
    entries = (
        (key.option, attempt(key.kind.read, table[name], f"{name} in {where}", origin, (*place, name)))
        for name, key in IN_FILES.items()
        if name in table
    )
    return reading(entries, _unknown(table, (*IN_FILES, *others), where, place))


def _unknown(table: Mapping[str, Any], known: Sequence[str], where: str, place: Place) -> list[Problem]:
    unknown = [name for name in table if name not in known]
    better = {name: _ELSEWHERE.get(name) or advice(name, known) for name in unknown}
    return [
        Problem(f"unknown key {plain(name)} in {where}: {better[name]}", (*place, name)) for name in unknown
    ]


def _service(key: str, found: object) -> tuple[ServiceTable | None, tuple[Problem, ...]]:
    where, place = f"[services.{plain(key)}]", ("services", key)
    if not isinstance(found, dict):
        return None, (Problem(f"services.{plain(key)} is {shown(found)}, not a table: write {where}", place),)
    name = _swarm_name(key, found, where, place)
    settings = _settings(found, where, place, ("service", *_INNER))
    inner = _inner(found, plain(key), place)
    problems = (*settings.problems, *inner.problems)
    if isinstance(name, Problem):
        return None, (name, *problems)
    also = {option: Setting(given, f"{FILE_NAME} {where}") for option, given in inner.by_option.items()}
    return ServiceTable(key, name.value, {**settings.layer, **also}), problems


def _inner(table: Mapping[str, Any], service: str, place: Place) -> Inner:
    """The gates, the smoke test, the hooks and the overrides."""
    parts = [
        read_gates(table.get("gates", []), service, (*place, "gates")),
        read_overrides(table, service, place),
    ]
    if "smoke" in table:
        parts.append(read_smoke(table["smoke"], service, (*place, "smoke")))
    parts += [read_hooks(table[name], name, service, (*place, name)) for name in HOOKS if name in table]
    return together(parts)


def _swarm_name(key: str, table: Mapping[str, Any], where: str, place: Place) -> Setting | Problem:
    if "service" in table:
        return attempt(values.SERVICE.read, table["service"], f"service in {where}", "", (*place, "service"))
    return attempt(values.SERVICE.read, key, f"the name of {where}", "", place)


def _claimed_twice(tables: Sequence[ServiceTable]) -> list[Problem]:
    """Services that more than one table speaks for: which of them counts could only be guessed."""
    first = {table.service: table for table in reversed(tables)}
    return [
        Problem(
            f"[services.{plain(table.key)}] is for the service {plain(table.service)}, "
            f"and so is [services.{plain(first[table.service].key)}]: keep one of them",
            ("services", table.key),
        )
        for table in tables
        if first[table.service] is not table
    ]
