"""``rollout abort``: an unfinished deployment is taken back."""

from __future__ import annotations

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_how_back


@asks_how_back
def command(
    asked: Asked,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Take the unfinished deployment of SERVICE back, to what ran before it began, and verify that.

    Exits 0 when the service runs that again: it is what was asked for.
    """
    from rollout import aborting
    from rollout.cli.carry_out import carry_out
    from rollout.targeting import Release

    return carry_out(aborting.abort, asked, Release(), Where(config, host, output, wait))
