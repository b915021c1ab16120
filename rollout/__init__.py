"""rollout updates Docker Swarm services without downtime."""

__version__ = "0.1.0"
