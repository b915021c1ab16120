"""The one table of settings: flags, variables, labels, files, messages and the reference follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rollout.config import values
from rollout.config.values import Kind
from rollout.model import Options

ENVIRONMENT_PREFIX = "ROLLOUT_"
LABEL_PREFIX = "rollout."


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


@dataclass(frozen=True)
class Key:
    """One setting. ``field`` is its name in ``Options`` where that differs. Not all are keys in files."""

    name: str
    kind: Kind
    meaning: str
    field: str = ""
    in_file: bool = True

    @property
    def option(self) -> str:
        """The field of ``Options`` that it sets."""
        return self.field or self.name

    @property
    def flag(self) -> str:
        """Its flag on the command line."""
        return _flag(self.name)

    @property
    def flags(self) -> tuple[str, ...]:
        """All that the command line has for it: a switch has a second flag that turns it off."""
        return (self.flag, _flag(f"no_{self.name}")) if self.kind is values.SWITCH else (self.flag,)

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def label(self) -> str:
        """Its label on a service."""
        return LABEL_PREFIX + self.name

    @property
    def default(self) -> str:
        """The value where nobody sets one, as a user would write it."""
        return self.show(getattr(Options(), self.option))

    def show(self, value: object) -> str:
        """A value of it, as a user would write it."""
        return self.kind.show(value)


_CARE = (
    Key("strategy", values.NAME, "How the steps are planned."),
    Key("batch", values.BATCH, "How many replicas a step replaces; of a ramp, the first step."),
    Key("stages", values.STAGES, "The stages of a canary: how many replicas have the new image after each."),
    Key("pause", values.PAUSE, "How long a canary is watched after each stage, or until it is promoted."),
    Key("rest", values.REST, "How a canary goes on after its first stage."),
    Key("order", values.ORDER, "Whether a replica's new task starts before its old one stops."),
    Key(
        "probe",
        values.PROBES,
        "URLs that have to answer while replicas are replaced; may be repeated; in a file: gates.",
        field="probes",
        in_file=False,
    ),
    Key("min_ready", values.DURATION, "How long a new replica has to stay up before it counts."),
    Key("bake", values.DURATION, "How long all gates keep watching after the last step."),
    Key("fast_health", values.SWITCH, "Whether the health of a starting replica is looked at more often."),
    Key("prepull", values.SWITCH, "Whether every node pulls the image before any replica is replaced."),
    Key(
        "impact_rate", values.LOW_RATE, "How often the HTTP gates' URLs are asked to measure what users meet."
    ),
)

_CHECKS = (
    Key("ignore_checks", values.CHECK_CODES, "Findings that are accepted and do not refuse, by their codes."),
    Key("strict", values.SWITCH, "Whether warnings of the checks refuse a deployment as errors do."),
)

_TROUBLE = (
    Key("on_failure", values.ON_FAILURE, "When a gate fails: put everything back, or stop there and wait."),
    Key(
        "on_stuck",
        values.ON_STUCK,
        "When it cannot go on (no capacity, node lost, deadline): stop and wait, or put everything back.",
    ),
    Key("on_interrupt", values.ON_INTERRUPT, "At a first Ctrl-C or SIGTERM: hold, or put everything back."),
    Key("start_timeout", values.SOME_TIME, "How long a new replica may take to start and become healthy."),
    Key("gate_timeout", values.SOME_TIME, "How long a gate may find out nothing until it counts as stuck."),
    Key("progress_timeout", values.SOME_TIME, "How long to wait for capacity, a lost node or the registry."),
    Key(
        "rollback_timeout",
        values.SOME_TIME,
        "How long a rollback may take, or each of its batches.",
    ),
    Key("deadline", values.SOME_TIME, "How long the whole deployment may take."),
)

_RECORD = (Key("keep", values.KEPT, "How many deployments of the service stay on record."),)

GROUPS: Mapping[str, tuple[Key, ...]] = {
    "How carefully": _CARE,
    "What is checked before": _CHECKS,
    "When it does not go well": _TROUBLE,
    "Where and how": _RECORD,
}
"""The settings as the help of a command groups them."""

KEYS = (*_CARE, *_CHECKS, *_TROUBLE, *_RECORD)


@dataclass(frozen=True)
class Omission:
    """A flag that leaves out, this once, what only a file can ask for: the fields of ``Options`` named."""

    name: str
    options: tuple[str, ...]
    meaning: str

    @property
    def flag(self) -> str:
        """Its flag on the command line."""
        return _flag(self.name)


OMISSIONS = (
    Omission("no_smoke", ("smoke",), "Leave the smoke test out."),
    Omission("no_hooks", ("before", "after", "on_rollback"), "Leave the hooks out."),
)

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
BY_OPTION: Mapping[str, Key] = {key.option: key for key in KEYS}
BY_LABEL: Mapping[str, Key] = {key.label: key for key in KEYS}
IN_FILES: Mapping[str, Key] = {key.name: key for key in KEYS if key.in_file}

CONFIG_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"
HOST_VARIABLE = ENVIRONMENT_PREFIX + "HOST"
NOTIFY_VARIABLE = ENVIRONMENT_PREFIX + "NOTIFY"
NOTIFY_SECRET_VARIABLE = ENVIRONMENT_PREFIX + "NOTIFY_SECRET"
WATCH_EVERY_VARIABLE = ENVIRONMENT_PREFIX + "WATCH_EVERY"
WATCH_LISTEN_VARIABLE = ENVIRONMENT_PREFIX + "WATCH_LISTEN"
VARIABLES = (
    *(key.variable for key in KEYS),
    CONFIG_VARIABLE,
    HOST_VARIABLE,
    NOTIFY_VARIABLE,
    NOTIFY_SECRET_VARIABLE,
    WATCH_EVERY_VARIABLE,
    WATCH_LISTEN_VARIABLE,
)
