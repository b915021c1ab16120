"""``make faults``: what a release meets with rollout and with ``docker service update``, fault by fault."""
