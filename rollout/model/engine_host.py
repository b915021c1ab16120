"""Where an engine is, and who says so."""

from __future__ import annotations

from typing import Self


class EngineHost(str):
    """An engine's address, or those of several with commas between them, as a person has configured it.

    ``origin`` is who says so, in a few words: messages name it when the address turns out wrong.
    """

    origin: str

    def __new__(cls, address: str, origin: str) -> Self:  # noqa: D102 - see the class
        made = super().__new__(cls, address)
        made.origin = origin
        return made
