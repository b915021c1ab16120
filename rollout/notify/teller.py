"""Tells of one deployment: hears its events, and sends what was asked for while the deployment goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollout.errors import RolloutError
from rollout.events import Event, Finished, Planned
from rollout.model import Message, Notify, Occasion, PlanKind
from rollout.notify.compose import Composer, occasion_of, occasion_of_error
from rollout.notify.delivery import Delivery, send
from rollout.ports import Background, Clock, Notifier, Sink
from rollout.state.holder import Holder


class Teller:
    """Never raises: that somebody cannot be told must not change what becomes of the deployment."""

    def __init__(
        self, channels: Sequence[Notifier], notify: Notify, who: Holder, background: Background, clock: Clock
    ) -> None:
        self._channels = channels
        self._notify = notify
        self._who = who
        self._background = background
        self._clock = clock
        self._deliveries: list[Delivery] = []
        self._troubles: list[str] = []
        self._began = False

    def hearing(self, sink: Sink) -> Sink:
        """A sink that passes everything on, and tells."""
        return _Hearing(sink, self)

    def hear(self, event: Event) -> None:
        """Tell of the start and of the end."""
        match event:
            case Planned(plan=plan) if plan.kind != PlanKind.UNCHANGED and not self._began:
                self._began = True  # a plan that is made anew is no second start
                self._tell(Occasion.STARTED, lambda: self._composer().started(plan))
            case Finished(outcome=outcome):
                self._tell(occasion_of(outcome), lambda: self._composer().ended(outcome))

    def stopped(self, error: RolloutError, service: str) -> None:
        """Tell that an error has ended it, where that is for others to know."""
        occasion = occasion_of_error(error)
        if occasion is not None:
            self._tell(occasion, lambda: self._composer().stopped(error, service, occasion))

    def missed(self) -> tuple[str, ...]:
        """Who was not told, in sentences; waits for what is under way, no longer than its time."""
        reports = [report for delivery in self._deliveries for report in delivery.reports()]
        missed = [f"{report.channel} was not told: {report.error}" for report in reports if report.error]
        return tuple(dict.fromkeys([*self._troubles, *missed]))

    def _tell(self, occasion: Occasion, compose: Callable[[], Message]) -> None:
        if not self._channels or occasion not in self._notify.on:
            return
        try:
            self._send(compose())
        except Exception as error:
            self._troubles.append(f"nobody was told: something unforeseen happened: {type(error).__name__}")

    def _send(self, message: Message) -> None:
        delivery = send(self._channels, message, self._notify.timeout, self._background, self._clock)
        self._deliveries.append(delivery)

    def _composer(self) -> Composer:
        return Composer(self._who, self._clock.wall())


class _Hearing:
    """The port ``Sink``."""

    def __init__(self, sink: Sink, teller: Teller) -> None:
        self._sink = sink
        self._teller = teller

    def emit(self, event: Event) -> None:
        """Show it, then tell."""
        self._sink.emit(event)
        self._teller.hear(event)
