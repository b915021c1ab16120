"""The file's contents: from a plan to fields, and from fields that anybody may have written back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from rollout.config.keys import BY_NAME, OMISSIONS
from rollout.model import Plan
from rollout.planfile.seals import contents, is_open, sealed
from rollout.planfile.wanted import Wanted
from rollout.untrusted import plain

SCHEMA = "rollout/plan-file/v1"
_FLAGS = frozenset({*BY_NAME, *(omission.name for omission in OMISSIONS)})

T = TypeVar("T")


class Broken(ValueError):
    """The fields are no plan; the message says where."""


@dataclass(frozen=True)
class PlanFile:
    """What was asked for and planned: ``facts`` as they are, the rest as ``seals`` made with ``salt``.

    ``made`` is when (ISO 8601).
    """

    made: str
    wanted: Wanted
    facts: Mapping[str, Any]
    salt: bytes
    seals: Mapping[str, str]

    def fields(self) -> dict[str, Any]:
        """What is written."""
        return {
            "schema": SCHEMA,
            "made": self.made,
            "wanted": asdict(self.wanted),
            "facts": dict(self.facts),
            "salt": self.salt.hex(),
            "seals": dict(self.seals),
        }


def agreed(plan: Plan, wanted: Wanted, made: str, salt: bytes) -> PlanFile:
    """The file of a plan."""
    seals = {name: sealed(text, salt) for name, text in contents(plan).items()}
    return PlanFile(made, wanted.for_a_file(), facts(plan), salt, seals)


def facts(plan: Plan) -> dict[str, Any]:
    """What of a plan may be read by anybody, by the words in which a difference is told."""
    options = {field.name: getattr(plan.options, field.name) for field in fields(plan.options)}
    settings = {f"the setting {name}": value for name, value in options.items() if is_open(value)}
    return {
        "the service's ID": plan.service.id,
        "what is to be done": str(plan.kind),
        "the image that runs": str(plan.old_image),
        "the new image": str(plan.new_image),
        "the order": str(plan.order),
        "the number of replicas": plan.slots,
        "the replicas on the target already": plan.done,
        "the replicas that go back first": plan.back,
        "the steps": [_bare(asdict(step)) for step in plan.steps],
        **{name: _bare(value) for name, value in settings.items()},
    }


def read(found: Any) -> PlanFile:
    """The contents of a file. Raises Broken."""
    document = _kind(found, dict, "it")
    if document.get("schema") != SCHEMA:
        raise Broken(
            f"its schema is not {SCHEMA}: it was made by another version of rollout, or by something else"
        )
    return PlanFile(
        made=_kind(document.get("made"), str, "made"),
        wanted=_wanted(_kind(document.get("wanted"), dict, "wanted")),
        facts=_named(document, "facts"),
        salt=_bytes(document.get("salt")),
        seals=_named(document, "seals"),
    )


def _named(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What goes by names that can be told to a person."""
    found = _kind(document.get(key), dict, key)
    if not all(name and plain(name) == name for name in found):
        raise Broken(f"{key} has a name that cannot be shown")
    return found


def _wanted(found: Mapping[str, Any]) -> Wanted:
    flags = _kind(found.get("flags"), dict, "wanted.flags")
    withheld = _kind(found.get("withheld"), list, "wanted.withheld")
    if not all(isinstance(name, str) for name in withheld):
        raise Broken("wanted.withheld has what is no name of a flag")
    strange = [name for name in (*flags, *withheld) if name not in _FLAGS]
    if strange:
        raise Broken(f"wanted has the flag {strange[0]!r}, which is not known")
    return Wanted(
        service=_kind(found.get("service"), str, "wanted.service"),
        image=_maybe(found.get("image"), str, "wanted.image"),
        tag=_maybe(found.get("tag"), str, "wanted.tag"),
        force=_kind(found.get("force"), bool, "wanted.force"),
        flags=flags,
        withheld=tuple(dict.fromkeys(withheld)),
    )


def _kind(found: Any, kind: type[T], name: str) -> T:
    if not isinstance(found, kind):
        raise Broken(f"{name} is missing or of another kind")
    return found


def _maybe(found: Any, kind: type[T], name: str) -> T | None:
    return None if found is None else _kind(found, kind, name)


def _bytes(found: Any) -> bytes:
    try:
        return bytes.fromhex(_kind(found, str, "salt"))
    except ValueError as error:
        raise Broken("salt is not hexadecimal") from error


def _bare(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return value if value is None or type(value) in {bool, int, float, str} else str(value)
