"""``rollout deploy --plan FILE``: what the file says was asked for takes the place of what is typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rollout.cli.asked import Asked
from rollout.errors import UsageError
from rollout.planfile import Agreement, Wanted, load


def by_file(asked: Asked, path: Path) -> Asked:
    """What the file asks for, with what it withholds from the command line. Raises UsageError."""
    file = load(path)
    _refuse_other_words(asked, file.wanted, path)
    wanted = file.wanted
    given = {**asked.flags, **wanted.flags, **_typed(asked).given}
    agreement = Agreement(file, path.name)
    return Asked(wanted.service, given, wanted.image, wanted.tag, wanted.force, agreement)


def wanted_of(asked: Asked) -> Wanted:
    """What was typed, for a file."""
    return replace(_typed(asked), image=asked.image, tag=asked.tag, force=asked.force)


def _refuse_other_words(asked: Asked, wanted: Wanted, path: Path) -> None:
    words = {"--image": asked.image is not None, "--tag": asked.tag is not None, "--force": asked.force}
    words["SERVICE"] = bool(asked.service) and not _same_service(asked.service, wanted.service)
    others = [name for name in _typed(asked).given if name not in wanted.withheld]
    words |= {f"--{name.replace('_', '-')}": True for name in others}
    strange = [word for word, given in words.items() if given]
    if strange:
        raise UsageError(
            f"{strange[0]} is not what the plan in {path.name} was made with",
            f"leave it out, or make a new plan: rollout plan {wanted.service} --out FILE",
        )


def _same_service(one: str, other: str) -> bool:
    """Whether two words may mean one service, in full or without its stack; the service's ID is agreed on."""
    return one == other or one.endswith(f"_{other}") or other.endswith(f"_{one}")


def _typed(asked: Asked) -> Wanted:
    return Wanted(asked.service, flags=asked.flags)
