"""``[services.NAME.smoke]`` and the hooks: commands that run once, each as a task of its own."""

from __future__ import annotations

from functools import partial

from rollout.config import values
from rollout.config.errors import Place, Problem
from rollout.config.inner import Inner, tables_in, together
from rollout.config.shapes import Field, Shape, fill
from rollout.config.wording import shown
from rollout.model import OneShot

HOOKS = ("before", "after", "on_rollback")
SMOKE_SECONDS = 60.0

_FIELDS = (
    Field("command", values.COMMAND, "The command; no shell reads it.", required=True),
    Field("image", values.IMAGE, "The image that it runs in."),
    Field("timeout", values.SOME_TIME, "How long it may take, the pull of the image included."),
)
SMOKE = Shape("a smoke test", partial(OneShot, timeout=SMOKE_SECONDS), _FIELDS)
HOOK = Shape("a hook", OneShot, _FIELDS)


def read_smoke(found: object, service: str, place: Place) -> Inner:
    """The smoke test in the table of a service."""
    where = f"[services.{service}.smoke]"
    if not isinstance(found, dict):
        said = f"smoke in [services.{service}] is {shown(found)}, not a table: write {where}"
        return Inner(problems=(Problem(said, place),))
    filled = fill(SMOKE, found, where, place)
    return Inner(problems=filled.problems) if filled.problems else Inner({"smoke": filled.value})


def read_hooks(found: object, name: str, service: str, place: Place) -> Inner:
    """The hooks of one name in the table of a service, in the order of the file."""
    tables = tables_in(found, name, service, place)
    if isinstance(tables, Problem):
        return Inner(problems=(tables,))
    where = f"of [services.{service}]"
    shots = [fill(HOOK, one, f"{name} hook {n} {where}", (*place, n - 1)) for n, one in enumerate(tables, 1)]
    return together(
        [Inner(problems=shot.problems) if shot.problems else Inner({name: (shot.value,)}) for shot in shots]
    )
