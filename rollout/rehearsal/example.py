"""A world to rehearse in where there is none: php of the example stack, four replicas on three nodes."""

from __future__ import annotations

from rollout.model import Healthcheck, Image, ImageConfig
from rollout.ports import Sink, World
from rollout.sim import Behaviour, SimSwarm, command, service_spec, world_of

NAME = "site_php"
SHORT_NAME = "php"
REPOSITORY = "637345297332.dkr.ecr.eu-west-1.amazonaws.com/patch-php-fpm"
OLD_TAG, NEW_TAG = "2.6.1", "2.7.0"
_GRACE = 40_000_000_000
"""In ns."""
_GRACEFUL = "SIGQUIT"
_BROUGHT = ImageConfig(Healthcheck(test=("CMD", "healthcheck"), interval=1.0), _GRACEFUL)
"""What its Dockerfile says."""


def example_world(sink: Sink) -> World:
    """The service as `docker stack deploy` leaves it, with a new release in the registry."""
    swarm = SimSwarm(nodes=3, seed=4)
    works = Behaviour(stop_signal=_GRACEFUL, commands={"smoke": command(0, "200 OK")})
    for tag in (OLD_TAG, NEW_TAG):
        swarm.images[f"{REPOSITORY}:{tag}"] = works
    image = str(swarm.registry.resolve(Image(REPOSITORY, OLD_TAG)))
    template = {"ContainerSpec": {"StopGracePeriod": _GRACE}, "Networks": [{"Target": "site_default"}]}
    labels = {"com.docker.stack.namespace": "site"}
    spec = service_spec(NAME, image, 4, {"TaskTemplate": template, "Labels": labels})
    swarm.settle(swarm.create(spec))
    swarm.registry.configs[f"{REPOSITORY}:{NEW_TAG}"] = _BROUGHT
    return world_of(swarm, sink)
