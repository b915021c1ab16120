"""The generated parts of ``docs/configuration.md``.

``python -m rollout.config.reference docs/configuration.md`` renews them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rollout.config.gates import KINDS, GateKind
from rollout.config.keys import KEYS, Key


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
    return "\n\n".join(_gate_section(kind) for kind in KINDS.values())


def _key_row(key: Key) -> Sequence[str]:
    in_file = f"`{key.name}`" if key.in_file else "gates"
    names = (f"`{key.flag}`", f"`{key.variable}`", f"`{key.label}`")
    return (in_file, key.kind.takes, key.default, *names, key.meaning)


def _gate_section(kind: GateKind) -> str:
    rows = ((f"`{one.name}`", one.kind.takes, kind.default(one), one.meaning) for one in kind.fields)
    return f'Kind `"{kind.name}"`:\n\n' + _table(("Key", "Takes", "Default", ""), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _with_part(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name}: generated -->\n", f"<!-- {name}: end -->"
    return re.sub(f"(?<={begin}).*?(?={end})", lambda _: f"{text}\n", page, flags=re.DOTALL)


_PARTS: Mapping[str, Callable[[], str]] = {"keys": keys_table, "gates": gates_tables}


def main(arguments: Sequence[str]) -> None:
    """Renew the pages named."""
    for page in map(Path, arguments):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
