"""`rollout lab`: a private, real Docker Swarm on this machine, for trying things out and for tests."""

from rollout.lab.errors import LabError
from rollout.lab.lab import Lab
from rollout.lab.node import Node
from rollout.lab.spec import LabSpec

__all__ = ["Lab", "LabError", "LabSpec", "Node"]
