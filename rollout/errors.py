"""One tree of errors, and the one place where errors and outcomes become exit codes.

An error says what happened and where; ``hint`` says what to do next, as a sentence or a command.
"""

from __future__ import annotations

from enum import IntEnum

from rollout.model import Cause, CauseKind, Outcome, OutcomeKind


class ExitCode(IntEnum):
    """What the caller's shell or pipeline sees."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ROLLED_BACK = 3
    LOCKED = 4
    REFUSED = 5
    HELD = 6
    TO_DO = 10
    SIGINT = 130
    SIGTERM = 143


class RolloutError(Exception):
    """Base of all errors that a user may see."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def kind(self) -> str:
        """Its name for programs."""
        return type(self).__name__


class Permanent(RolloutError):
    """Trying again changes nothing."""


class Temporary(RolloutError):
    """The same call may succeed a moment later."""


class UsageError(Permanent):
    """The command or the configuration cannot be understood."""

    exit_code = ExitCode.USAGE


class Stopped(Permanent):
    """A signal ended the command; it exits as that signal would."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = ExitCode(exit_code)


class ServiceNotFound(UsageError):
    """No service, or more than one, goes by that name."""


class Refused(Permanent):
    """The deployment was refused before anything was touched."""

    exit_code = ExitCode.REFUSED


class RehearsalFailed(Refused):
    """What runs before any user meets the release has failed; ``cause`` has the evidence."""

    def __init__(self, cause: Cause, hint: str = "") -> None:
        super().__init__(cause.sentence, hint)
        self.cause = cause


class HookFailed(RehearsalFailed):
    """A ``before`` hook has failed."""


class PullFailed(RehearsalFailed):
    """A node on which replicas may come to run cannot pull the image."""


class SmokeFailed(RehearsalFailed):
    """The preview of the release did not get healthy, or its smoke test has failed."""


class ImageNotFound(Refused):
    """The registry has no such image."""


class RegistryDenied(Refused):
    """The registry wants other credentials."""


class RegistryUnavailable(Temporary):
    """The registry does not answer."""

    exit_code = ExitCode.REFUSED


class Locked(Permanent):
    """Somebody else is deploying this service."""

    exit_code = ExitCode.LOCKED


class NotASwarmManager(Refused):
    """The engine is no manager of a Swarm."""


class EngineUnavailable(Temporary):
    """The engine cannot be reached, or broke off."""

    exit_code = ExitCode.REFUSED


class EngineGone(EngineUnavailable):
    """There is no connection to the engine, or it broke off: another manager may answer."""

    @property
    def kind(self) -> str:
        """To a user it is the same."""
        return EngineUnavailable.__name__


class EngineReplyInvalid(Permanent):
    """The engine answered something that makes no sense."""

    exit_code = ExitCode.REFUSED


class EngineRefused(Permanent):
    """The engine understood and said no."""

    exit_code = ExitCode.REFUSED


class NotFound(Permanent):
    """What was asked for is not (or no longer) there."""


class Conflict(Temporary):
    """The object has been written since it was read ("update out of sequence")."""


class OutcomeUnknown(Temporary):
    """The connection broke during a write: it may have landed."""


class AlreadyExists(Permanent):
    """The name is taken."""


class NotDelivered(Temporary):
    """A channel for notifications did not take a message; it may a moment later."""


class MaybeDelivered(NotDelivered):
    """A channel did not answer in time: it may have taken the message, so that a repetition may be a copy."""

    @property
    def kind(self) -> str:
        """To a user it is the same."""
        return NotDelivered.__name__


class NotAccepted(Permanent):
    """A channel for notifications does not take this message, or not from us."""


_BY_OUTCOME = {
    OutcomeKind.DEPLOYED: ExitCode.OK,
    OutcomeKind.UNCHANGED: ExitCode.OK,
    OutcomeKind.PLANNED: ExitCode.OK,
    OutcomeKind.ROLLED_BACK: ExitCode.ROLLED_BACK,
    OutcomeKind.ABORTED: ExitCode.OK,
    OutcomeKind.HELD: ExitCode.HELD,
    OutcomeKind.REFUSED: ExitCode.REFUSED,
    OutcomeKind.FAILED: ExitCode.FAILED,
}


def exit_code_of(outcome: Outcome) -> int:
    """The exit code of an outcome; a deployment held by a signal exits as that signal would."""
    cause = outcome.cause
    if cause and cause.kind == CauseKind.INTERRUPTED and cause.signal:
        return 128 + cause.signal
    return _BY_OUTCOME[outcome.kind]
