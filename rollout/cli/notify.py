"""``rollout notify test``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rollout.cli import options as opt

if TYPE_CHECKING:
    from rollout.model import Notify
    from rollout.ports import Notifier


def try_out(
    config: opt.Config = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Send a test message by each channel, and say what came of it; exit code 1 if one did not take it."""
    from rollout.background import Threads
    from rollout.cli.ask import configuration
    from rollout.cli.screen import say
    from rollout.clock import SystemClock
    from rollout.errors import ExitCode, UsageError
    from rollout.model import Notify
    from rollout.notify.compose import Composer
    from rollout.notify.delivery import send
    from rollout.notify.reporting import reports_json, reports_lines
    from rollout.render.fields import write_json
    from rollout.state.holder import myself

    file, clock = configuration(config), SystemClock()
    notify = file.notify if file else Notify()
    channels = _opened(notify)
    if not channels:
        raise UsageError("nobody is to be told", "set urls in [notify] of rollout.toml, or ROLLOUT_NOTIFY")
    message = Composer(myself(os.environ), clock.wall()).trial()
    reports = send(channels, message, notify.timeout, Threads(), clock).reports()
    if output == opt.Form.JSON:
        write_json(sys.stdout, reports_json(reports))
    else:
        say(sys.stdout, reports_lines(reports))
    return ExitCode.FAILED if any(report.error for report in reports) else ExitCode.OK


def _opened(notify: Notify) -> tuple[Notifier, ...]:
    """The channels. Whoever is here already need not be sent here."""
    from rollout.config.errors import ConfigError
    from rollout.notify.channels import open_channels

    try:
        return open_channels(notify, os.environ)
    except ConfigError as error:
        raise ConfigError(error.problems, "see docs/notifications.md") from error
