"""Lets `python -m rollout.lab` stand in for `rollout lab`."""

from rollout.cli.lab import main

main()
