"""The port ``Registry``: images are looked up by the engine, with the caller's logins.

Importing this imports the docker SDK, which takes a third of a second: import it where it is needed.
"""

from rollout.registry.engine import EngineRegistry

__all__ = ["EngineRegistry"]
