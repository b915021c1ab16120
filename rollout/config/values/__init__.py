"""Kinds of values: how each is parsed, checked and shown."""

from __future__ import annotations

from rollout.config.values.kind import Kind, choice
from rollout.config.values.limits import BUDGET, SLOWEST
from rollout.config.values.lists import CHECK_CODES
from rollout.config.values.names import ADDRESS, COMMAND, HOST, HOSTS, IMAGE, NAME, SERVICE, TAG, TEXT
from rollout.config.values.notices import ADDRESSES, FILE, OCCASIONS, VARIABLE
from rollout.config.values.numbers import (
    BATCH,
    CONFIDENCE,
    COUNT,
    KEPT,
    LOW_RATE,
    NUMBER,
    RATE,
    STAGES,
    SWITCH,
)
from rollout.config.values.signals import HEALTH_TEST, RETRIES, SIGNAL
from rollout.config.values.times import DURATION, PAUSE, SOME_TIME
from rollout.config.values.watched import CALLED, LABELS, LISTEN, PACE, SERVICES
from rollout.config.values.web import HEADER_NAME, HEADERS, METHOD, PROBES, REGEX, REGEXES, STATUS, URL
from rollout.model import Absence, OnAbandoned, OnFailure, OnInterrupt, OnStuck, Operator, Order, Rest

__all__ = [
    "ABSENCE",
    "ADDRESS",
    "ADDRESSES",
    "BATCH",
    "BUDGET",
    "CALLED",
    "CHECK_CODES",
    "COMMAND",
    "CONFIDENCE",
    "COUNT",
    "DURATION",
    "FILE",
    "HEADERS",
    "HEADER_NAME",
    "HEALTH_TEST",
    "HOST",
    "HOSTS",
    "IMAGE",
    "KEPT",
    "LABELS",
    "LISTEN",
    "LOW_RATE",
    "METHOD",
    "NAME",
    "NUMBER",
    "OCCASIONS",
    "ON_ABANDONED",
    "ON_FAILURE",
    "ON_INTERRUPT",
    "ON_STUCK",
    "OPERATOR",
    "ORDER",
    "PACE",
    "PAUSE",
    "PROBES",
    "RATE",
    "REGEX",
    "REGEXES",
    "REST",
    "RETRIES",
    "SERVICE",
    "SERVICES",
    "SIGNAL",
    "SLOWEST",
    "SOME_TIME",
    "STAGES",
    "STATUS",
    "SWITCH",
    "TAG",
    "TEXT",
    "URL",
    "VARIABLE",
    "Kind",
]

ABSENCE = choice(Absence)
ON_ABANDONED = choice(OnAbandoned)
ON_FAILURE = choice(OnFailure)
ON_INTERRUPT = choice(OnInterrupt)
ON_STUCK = choice(OnStuck)
OPERATOR = choice(Operator)
ORDER = choice(Order, lambda order: order or "decided per service")
REST = choice(Rest)
