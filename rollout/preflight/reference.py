"""The generated part of ``docs/checks.md``.

``python -m rollout.preflight.reference docs/checks.md`` renews it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from rollout.preflight import CHECKS
from rollout.preflight.check import Check

_BEGIN, _END = "<!-- checks: generated -->\n", "<!-- checks: end -->"


def renewed(page: str) -> str:
    """The page with the checks as the code has them now."""
    return re.sub(f"(?<={_BEGIN}).*?(?={_END})", lambda _: _checks(), page, flags=re.DOTALL)


def _checks() -> str:
    return "\n".join(map(_entry, CHECKS))


def _entry(check: Check) -> str:
    lines = (
        f"### {check.code}",
        f"*{check.severity}.* {check.meaning}",
        f"- What it costs: {check.costs}.",
        f"- What mends it: {check.mend}.",
    )
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Renew the pages named."""
    for page in map(Path, arguments):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
