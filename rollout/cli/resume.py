"""``rollout resume``: an unfinished deployment goes on."""

from __future__ import annotations

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_no_image


@asks_no_image
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
    from rollout.cli.carry_out import carry_out
    from rollout.targeting import Release

    return carry_out(deploy.resume, asked, Release(), Where(config, host, output, wait))
