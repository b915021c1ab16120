"""What was asked for when a plan was made, to ask for it again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from rollout.config.keys import OMISSIONS
from rollout.secrets import without_secrets

_OMISSIONS = frozenset(omission.name for omission in OMISSIONS)


@dataclass(frozen=True)
class Wanted:
    """The words of a command line; ``flags`` by the names of their settings.

    ``withheld`` names the flags whose values may be secrets: they have to be given again.
    """

    service: str
    image: str | None = None
    tag: str | None = None
    force: bool = False
    flags: Mapping[str, object] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()

    def for_a_file(self) -> Wanted:
        """The same without what may be secret."""
        kept = {name: value for name, value in self.given.items() if _is_public(value)}
        withheld = tuple(sorted(self.given.keys() - kept.keys()))
        return replace(self, flags=kept, withheld=withheld)

    @property
    def given(self) -> Mapping[str, object]:
        """The flags that say something. A switch may say no; an omission that is not made says nothing."""
        return {
            name: value
            for name, value in self.flags.items()
            if value not in (None, [], ()) and not (value is False and name in _OMISSIONS)
        }


def _is_public(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_public, value))
    return not isinstance(value, str) or not _may_be_secret(value)


def _may_be_secret(text: str) -> bool:
    """Logins and queries of URLs, and what is given to a secret's name."""
    url = urlsplit(text)
    return "@" in url.netloc or bool(url.query) or without_secrets(text) != text
