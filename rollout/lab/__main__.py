"""Lets `python -m rollout.lab` stand in for `rollout lab`."""

from rollout.lab.cli import main

main()
