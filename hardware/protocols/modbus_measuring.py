"""What the conversations with sensors on a Modbus line have in common: they ask at their own periods, tell what
they hear, and take no orders.

Law of this file: pure; time is an argument.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from hardware.contract import Order, Report, Result, Stage
from hardware.protocols.modbus import Master, Outcome

REPORTS_MAX = 1_000
"""Nobody takes reports: then the newest are kept."""


class Measuring(ABC):
    """The shared half of a contract.Conversation."""

    def __init__(self, baud: int) -> None:
        self._master = Master(baud)
        self._reports: list[Report] = []

    def closed(self, now_ms: int) -> None:
        """The line is gone; what was asked is answered with that."""
        self._master.closed()
        self._hear(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes came, in any cut."""
        self._master.feed(data, now_ms)
        self._hear(now_ms)

    def tick(self, now_ms: int) -> None:
        """Ask what is due, and count silences."""
        self._ask_due(now_ms)
        self._hear(now_ms)
        self._master.tick(now_ms)
        self._hear(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """The bytes to write and the reports since the last call."""
        reports, self._reports = tuple(self._reports), []
        return self._master.take(), reports

    def ask(self, order: Order, now_ms: int) -> None:
        """A sensor takes no orders."""
        self._report(Result(order.id, Stage.REFUSED, "unknown_target", now_ms))

    @abstractmethod
    def _ask_due(self, now_ms: int) -> None:
        """Put the questions whose time has come to the master."""

    @abstractmethod
    def _heard(self, outcome: Outcome, now_ms: int) -> None:
        """Report one answer, or that there is none."""

    def _hear(self, now_ms: int) -> None:
        for outcome in self._master.outcomes():
            self._heard(outcome, now_ms)

    def _report(self, report: Report) -> None:
        self._reports = [*self._reports[1 - REPORTS_MAX :], report]
