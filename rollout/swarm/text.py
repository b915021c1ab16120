"""Text that engines and registries write, made safe to show: see ``rollout.untrusted``."""

from rollout.untrusted import LINE_LIMIT, plain

__all__ = ["LINE_LIMIT", "plain"]
