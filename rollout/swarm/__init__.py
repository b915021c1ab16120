"""The ports ``Swarm``, ``Surroundings`` and ``Store`` over the Docker Engine's API.

Importing this imports the docker SDK, which takes a third of a second: import it where it is needed.
"""

from rollout.swarm.client import EngineClient, connect
from rollout.swarm.configs import EngineStore
from rollout.swarm.engine import EngineSwarm, Facts
from rollout.swarm.managers import Managers, reach, reach_in_time
from rollout.swarm.patience import Patience
from rollout.swarm.surroundings import EngineSurroundings

__all__ = [
    "EngineClient",
    "EngineStore",
    "EngineSurroundings",
    "EngineSwarm",
    "Facts",
    "Managers",
    "Patience",
    "connect",
    "reach",
    "reach_in_time",
]
