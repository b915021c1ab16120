"""The commands. Each module registers its own; heavy imports wait until a command runs."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from rollout import __version__
from rollout.cli import (
    abort,
    check,
    credentials,
    deploy,
    history,
    hold,
    lab,
    lock,
    notify,
    plan,
    promote,
    rehearse,
    restart,
    resume,
    show,
    status,
    undo,
    watch,
)
from rollout.cli.helping import TIMES_AND_SETTINGS, Command, Group
from rollout.cli.interrupts import Interrupted

app = typer.Typer(
    name="rollout",
    help="Updates Docker Swarm services without downtime: one replica at a time, gated by health and probes, "
    "rolled back when the release is bad. The exit code is the truth.",
    epilog="Exit codes: 0 deployed or nothing to do, 1 failed, 2 usage, 3 rolled back, 4 locked, "
    "5 refused before anything was touched, 6 held; 10 something to do (plan --detailed-exitcode); "
    "130, 143 stopped by Ctrl-C or SIGTERM.",
    cls=Group,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _exits(command: Callable[..., int]) -> Callable[..., None]:
    """A command whose number becomes the exit code."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            code = command(*arguments, **options)
        except KeyboardInterrupt:
            raise Interrupted(signal.SIGINT, "stopped") from None
        raise typer.Exit(code)

    return run


def _setting_command(name: str, command: Callable[..., int]) -> None:
    """A command that takes the settings as flags."""
    app.command(name, cls=Command, epilog=TIMES_AND_SETTINGS)(_exits(command))


_setting_command("deploy", deploy.command)
_setting_command("undo", undo.command)
_setting_command("restart", restart.command)
_setting_command("check", check.command)
_setting_command("plan", plan.command)
_setting_command("rehearse", rehearse.command)
app.command("promote", cls=Command)(_exits(promote.command))
app.command("hold", cls=Command)(_exits(hold.command))
_setting_command("resume", resume.command)
_setting_command("abort", abort.command)
app.command("status", cls=Command)(_exits(status.command))
app.command("watch", cls=Command)(_exits(watch.command))
app.command("history", cls=Command)(_exits(history.command))
app.command("show", cls=Command)(_exits(show.command))
locks = typer.Typer(
    cls=Group, help="Who is deploying what: one deployment a service at a time.", no_args_is_help=True
)
locks.command("show", cls=Command)(_exits(lock.show))
locks.command("release", cls=Command)(_exits(lock.release))
app.add_typer(locks, name="lock")
notifying = typer.Typer(cls=Group, no_args_is_help=True, help="See who is told how deployments go.")
notifying.command("test", cls=Command)(_exits(notify.try_out))
app.add_typer(notifying, name="notify")
credentials.app.command("refresh", cls=Command)(_exits(credentials.refresh))
app.add_typer(credentials.app, name="credentials")
app.add_typer(lab.app, name="lab")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rollout {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Options before the command."""
