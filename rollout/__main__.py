"""``python -m rollout`` is ``rollout``."""

from rollout.cli import main

main()
