"""The words of the project as values: frozen, comparable, free of effects. Imports nothing of ours."""

from __future__ import annotations

from rollout.model.plan import (
    Batch,
    Change,
    Finding,
    HttpProbe,
    OnFailure,
    Options,
    Plan,
    PlanKind,
    Situation,
    Step,
)
from rollout.model.swarm import (
    ENDED_BY_ITSELF,
    Image,
    Mode,
    Node,
    Order,
    Service,
    Slot,
    Snapshot,
    Spec,
    Task,
    TaskState,
)
from rollout.model.verdict import (
    Cause,
    CauseKind,
    Judgement,
    Outcome,
    OutcomeKind,
    ProbeResult,
    Verdict,
)

__all__ = [
    "ENDED_BY_ITSELF",
    "Batch",
    "Cause",
    "CauseKind",
    "Change",
    "Finding",
    "HttpProbe",
    "Image",
    "Judgement",
    "Mode",
    "Node",
    "OnFailure",
    "Options",
    "Order",
    "Outcome",
    "OutcomeKind",
    "Plan",
    "PlanKind",
    "ProbeResult",
    "Service",
    "Situation",
    "Slot",
    "Snapshot",
    "Spec",
    "Step",
    "Task",
    "TaskState",
    "Verdict",
]
