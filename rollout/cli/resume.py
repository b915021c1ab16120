"""``rollout resume``: an unfinished deployment goes on."""

from __future__ import annotations

from rollout.cli import options as opt
from rollout.cli.asked import Asked
from rollout.cli.asking import asks_how
from rollout.cli.carrying_out import Where, carry_out


@asks_how
def command(
    asked: Asked,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Take the unfinished deployment of SERVICE up again, to the image that it was after.

    What it finds released is judged first, then the rest follows.
    """
    from rollout import deploy

    return carry_out(deploy.resume, asked, Where(config, host, output, wait))
