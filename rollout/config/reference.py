"""The generated parts of ``docs/configuration.md``.

``python -m rollout.config.reference docs/configuration.md`` renews them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rollout.config.keys import KEYS, OMISSIONS, Key
from rollout.config.kinds import KINDS
from rollout.config.notify import NOTIFY
from rollout.config.oneshots import HOOK, SMOKE
from rollout.config.overrides import CONTAINER, HEALTHCHECK
from rollout.config.shapes import Shape
from rollout.config.watch import PROBE, WATCH


def renewed(page: str) -> str:
    """The page with every generated part as the tables in the code have it now."""
    for part, generate in _PARTS.items():
        page = _with_part(page, part, generate())
    return page


def keys_table() -> str:
    """Every setting, and what it is called in each source."""
    head = ("Key", "Takes", "Default", "Flag", "Environment", "Label", "")
    return _table(head, (_key_row(key) for key in KEYS))


def gates_tables() -> str:
    """Every kind of gate and its fields."""
    return "\n\n".join(f'Kind `"{name}"`:\n\n{_shape_table(kind.shape)}' for name, kind in KINDS.items())


def smoke_table() -> str:
    """The fields of a smoke test."""
    return _shape_table(SMOKE)


def hooks_table() -> str:
    """The fields of a hook."""
    return _shape_table(HOOK)


def notify_table() -> str:
    """The keys of `[notify]`."""
    return _shape_table(NOTIFY)


def watch_table() -> str:
    """The keys of `[watch]`."""
    return _shape_table(WATCH)


def watch_probes_table() -> str:
    """The fields of a probe of the watcher's."""
    return _shape_table(PROBE)


def overrides_table() -> str:
    """What a service's table may have for an image that lacks it."""
    return _shape_table(CONTAINER)


def healthcheck_table() -> str:
    """The fields of a health check."""
    return _shape_table(HEALTHCHECK)


def omissions_table() -> str:
    """The flags that leave something out."""
    return _table(("Flag", ""), ((f"`{one.flag}`", one.meaning) for one in OMISSIONS))


def _key_row(key: Key) -> Sequence[str]:
    in_file = f"`{key.name}`" if key.in_file else "gates"
    flags = ", ".join(f"`{flag}`" for flag in key.flags)
    names = (flags, f"`{key.variable}`", f"`{key.label}`")
    return (in_file, key.kind.takes, key.default, *names, key.meaning)


def _shape_table(shape: Shape) -> str:
    rows = ((f"`{one.name}`", one.kind.takes, shape.default(one), one.meaning) for one in shape.fields)
    return _table(("Key", "Takes", "Default", ""), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _with_part(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name}: generated -->\n", f"<!-- {name}: end -->"
    return re.sub(f"(?<={begin}).*?(?={end})", lambda _: f"{text}\n", page, flags=re.DOTALL)


_PARTS: Mapping[str, Callable[[], str]] = {
    "keys": keys_table,
    "omissions": omissions_table,
    "gates": gates_tables,
    "smoke": smoke_table,
    "hooks": hooks_table,
    "notify": notify_table,
    "watch": watch_table,
    "watch probes": watch_probes_table,
    "overrides": overrides_table,
    "healthcheck": healthcheck_table,
}


def main(arguments: Sequence[str]) -> None:
    """Renew the pages named."""
    for page in map(Path, arguments):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
