"""Hooks and the smoke test: tasks that run once, beside the service that is deployed.

Each is a *side service* of one replica, with a name of its own, on the service's networks. It is removed at
its end, and found by its labels where a deployment did not live to remove it.
"""
