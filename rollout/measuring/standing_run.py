"""Gates that measure nothing of their own: stable looks at the tasks, manual waits for a person."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.events import GateProgress, Note
from rollout.gates import manual, stable
from rollout.listening import Ear
from rollout.model import Judgement, StableGate, Verdict
from rollout.watching import View, Watch

_NOT_YET = Judgement(Verdict.INCONCLUSIVE, "not looked at yet")


@dataclass
class StableRun:
    """No restart for a time."""

    name: str
    gate: StableGate
    watch: Watch
    heard: float | None = None
    blames_the_way: bool = False
    pace: float = 0.0
    judgement: Judgement = _NOT_YET

    def measure(self, view: View) -> None:
        """Judge the tasks as just seen; time that passes is progress."""
        self.heard = view.at
        self.judgement = stable.judge(
            view.slots, self.watch.running_since, self.watch.dead_since, self.gate.seconds, view.at
        )

    def watch_on(self, view: View) -> None:
        """Go on looking."""
        self.measure(view)

    def judge(self) -> Judgement:
        """What was last seen."""
        return self.judgement

    def forget(self) -> None:
        """There is nothing to forget: the tasks' own times count."""

    def progress(self, at: float) -> GateProgress:
        """It is not counted."""
        return GateProgress(at, self.name, 0, 0, 0)


@dataclass
class ManualRun:
    """Somebody runs ``rollout promote``. Its only limit is the deployment's deadline: people take time."""

    name: str
    service: str
    ear: Ear
    watch: Watch
    heard: float | None = None
    blames_the_way: bool = False
    pace: float = 0.0
    promoted: bool = False
    told: bool = False

    def measure(self, view: View) -> None:
        """Look whether somebody has promoted."""
        self.heard = view.at
        if not self.told:
            self._ask()
        self.promoted = self.promoted or self.ear.hears()

    def _ask(self) -> None:
        self.told = True
        if self.ear.fully:
            return
        sentence = f"waiting for somebody to run `rollout promote {self.service}`"
        self.watch.tell(Note(self.watch.elapsed(), sentence, warning=True))

    def watch_on(self, view: View) -> None:
        """Nobody is asked again."""

    def judge(self) -> Judgement:
        """Whether somebody has promoted."""
        return manual.judge(self.promoted)

    def forget(self) -> None:
        """A person's word stays."""

    def progress(self, at: float) -> GateProgress:
        """It is not counted."""
        return GateProgress(at, self.name, 0, 0, 0)
