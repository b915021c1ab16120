"""An engine's JSON, read with a name at hand for whatever is wrong with it.

An engine is not trusted to make sense. A field that is missing or of the wrong kind raises
EngineReplyInvalid, which names the object and the field. Go leaves out what is empty, so "missing" is wrong
only where nothing could be done without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from rollout.errors import EngineReplyInvalid

T = TypeVar("T")
_KINDS = {str: "a text", int: "a number", dict: "an object", list: "a list"}


@dataclass(frozen=True)
class Reply:
    """A JSON value with the name of what it is about; fields are reached by their path, ``"Spec.Name"``."""

    value: Any
    about: str

    def text(self, path: str) -> str:
        """A text that has to be there."""
        found: str = self._of(path, str)
        if not found:
            raise self.wrong(path, "is empty")
        return found

    def number(self, path: str) -> int:
        """A whole number that has to be there."""
        found: int = self._of(path, int)
        return found

    def object(self, path: str) -> dict[str, Any]:
        """An object that has to be there."""
        found: dict[str, Any] = self._of(path, dict)
        return found

    def maybe(self, path: str, default: T) -> T:
        """A field that may be missing or null, of the default's kind if it is there."""
        return default if self._at(path) is None else self._of(path, type(default))

    def flag(self, path: str) -> bool:
        """Whether something is said to be so."""
        return self._at(path) is True

    def time(self, path: str) -> datetime:
        """A time stamp; the digits below microseconds are dropped."""
        try:
            found = datetime.fromisoformat(self.text(path))
        except ValueError:
            raise self.wrong(path, "is not a time stamp") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def items(self) -> Iterable[Any]:
        """The reply's own items, where it has to be a list."""
        if not isinstance(self.value, list):
            raise EngineReplyInvalid(f"the engine's answer about {self.about} is not a list")
        return self.value

    def wrong(self, path: str, what: str) -> EngineReplyInvalid:
        """The error for a field."""
        return EngineReplyInvalid(f"the engine's answer about {self.about} makes no sense: {path} {what}")

    def _of(self, path: str, kind: type[Any]) -> Any:
        found = self._at(path)
        if found is None:
            raise self.wrong(path, "is missing")
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self.wrong(path, f"is not {_KINDS[kind]}")
        return found

    def _at(self, path: str) -> Any:
        found = self.value
        for number, key in enumerate(path.split(".")):
            if found is None:
                return None
            if not isinstance(found, dict):
                raise self.wrong(".".join(path.split(".")[:number]) or "it", "is not an object")
            found = found.get(key)
        return found
