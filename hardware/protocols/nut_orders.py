"""What is asked of a UPS: orders that wait, the one under way, and the memory that a test of ours may run.

Pure. Must not live here: what goes over the wire and when (nut.py, megatec.py). Source: NUT docs/net-protocol.txt,
"INSTCMD". Clause: R7 (self-test), R5 (shutdown with return).
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.contract import NEVER_MS, Order, Report, Result, Stage

QUICK = "test.battery.start.quick"
STOP = "test.battery.stop"
RETURN = "shutdown.return"
STAY = "shutdown.stop"
BEEPER_ON = "beeper.enable"
BEEPER_OFF = "beeper.disable"

COMMANDS = {
    ("ups.test", "quick"): QUICK,
    ("ups.test", "stop"): STOP,
    ("ups.shutdown", "return"): RETURN,
    ("ups.shutdown", "stop"): STAY,
    ("ups.beeper", "on"): BEEPER_ON,
    ("ups.beeper", "off"): BEEPER_OFF,
}
"""Target and value → instant command; a driver that can only toggle its beeper answers CMD-NOT-SUPPORTED."""

TEST_MS = 60_000
"""OB without CAL within this time of a quick test we commanded is the test: 10 s of test, and drivers that
look at the UPS only every 30 s. Ends at once when OL is seen after OB, so that it masks no real outage."""

STOP_MS = 10_000
"""A stopped test may show OB for one more poll of the driver."""

_LONG_AGO_MS = -NEVER_MS

_MAY_WORK_LATER = frozenset({"INSTCMD-FAILED", "DATA-STALE", "DRIVER-NOT-CONNECTED"})


@dataclass(frozen=True, slots=True)
class _Errand:
    order: Order
    due_ms: int

    @property
    def command(self) -> str:
        return COMMANDS[self.order.target, str(self.order.value)]


class Errands:
    """One order per target waits, one is under way; what becomes of each is put into `reports`."""

    def __init__(self, reports: list[Report]) -> None:
        self._reports = reports
        self._box: dict[str, _Errand] = {}
        self._now: _Errand | None = None

    @property
    def waiting(self) -> bool:
        """True while an order waits and none is under way."""
        return bool(self._box) and self._now is None

    @property
    def command(self) -> str:
        """The instant command of the order under way; empty when none is."""
        return "" if self._now is None else self._now.command

    @property
    def wake_ms(self) -> int:
        """When the first order runs out of time."""
        if self._now is None and not self._box:
            return NEVER_MS
        return min(errand.due_ms for errand in self._all())

    def refuse(self, order: Order, code: str, now_ms: int) -> None:
        """Answer an order that is not taken at all."""
        self._reports.append(Result(order.id, Stage.REFUSED, code, now_ms))

    def put(self, order: Order, now_ms: int) -> None:
        """Take an order; an earlier one of its target that was not begun is superseded."""
        earlier = self._box.pop(order.target, None)
        if earlier is not None:
            self._reports.append(Result(earlier.order.id, Stage.SUPERSEDED, "", now_ms))
        self._box[order.target] = _Errand(order, now_ms + max(1, order.within_ms))

    def begin(self) -> None:
        """Make the order that waits longest the one under way."""
        self._now = self._box.pop(next(iter(self._box)))

    def done(self, now_ms: int) -> None:
        """upsd said OK to the order under way, if it still is."""
        self._finish(Stage.DONE, "", now_ms)

    def erred(self, code: str, now_ms: int) -> None:
        """upsd said ERR `code` to it: failed when the same may work later, else refused."""
        stage = Stage.FAILED if code in _MAY_WORK_LATER else Stage.REFUSED
        # The longest code of upsd has 22 letters.
        self._finish(stage, code.lower().replace("-", "_")[:40], now_ms)

    def decline(self, code: str, now_ms: int) -> None:
        """The device said no to the order under way, in our spelling."""
        self._finish(Stage.REFUSED, code, now_ms)

    def fail(self, code: str, now_ms: int) -> None:
        """The order under way, if one is, was never answered."""
        self._finish(Stage.FAILED, code, now_ms)

    def expire(self, now_ms: int) -> None:
        """Fail what has run out of time."""
        if self._now is not None and now_ms >= self._now.due_ms:
            self._finish(Stage.FAILED, "timeout", now_ms)
        for target, errand in list(self._box.items()):
            if now_ms >= errand.due_ms:
                del self._box[target]
                self._reports.append(Result(errand.order.id, Stage.FAILED, "timeout", now_ms))

    def fail_all(self, code: str, now_ms: int) -> None:
        """The port went: nothing that was asked will be answered."""
        for errand in self._all():
            self._reports.append(Result(errand.order.id, Stage.FAILED, code, now_ms))
        self._box.clear()
        self._now = None

    def _all(self) -> list[_Errand]:
        return [*self._box.values(), *([] if self._now is None else [self._now])]

    def _finish(self, stage: Stage, code: str, now_ms: int) -> None:
        errand, self._now = self._now, None
        # None: it ran out of time while the question was open; its late answer is heard and nothing more.
        if errand is not None:
            self._reports.append(Result(errand.order.id, stage, code, now_ms))


class SelfTest:
    """Whether OB may be a test of ours. The window opens when the command is *sent*: its answer may be lost."""

    def __init__(self) -> None:
        self.until_ms = _LONG_AGO_MS
        self._on_battery = False

    def sent(self, command: str, now_ms: int) -> None:
        """A command goes out to the UPS."""
        if command == QUICK:
            self.until_ms, self._on_battery = now_ms + TEST_MS, False
        elif command == STOP:
            self.until_ms = min(self.until_ms, now_ms + STOP_MS)

    def refused(self, command: str) -> None:
        """upsd refused the command: no test runs."""
        if command == QUICK:
            self.until_ms = _LONG_AGO_MS

    def runs(self, status: frozenset[str], now_ms: int) -> bool:
        """True when this status shows a test: CAL, or OB within the window. OL after OB closes the window."""
        if "OB" in status:
            self._on_battery = True
        elif self._on_battery:
            self.until_ms = _LONG_AGO_MS
        return "CAL" in status or ("OB" in status and now_ms < self.until_ms)
