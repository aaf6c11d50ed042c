"""Our side of the keeper's socket: orders for loads, lamps, and the lease of the deciding loop.

Law of this file: pure; time is an argument. The messages are described in hardware.keeping. Two calls belong to
the deciding loop alone, `renew` and `lamps`: a loop that hangs must lose the lease even while this conversation
goes on, so nothing here ever renews by itself. After a reconnection only what is left of the last lease is
carried over, and the lamps are shown again.

Reports: source `relay` (one field per load: on, off, None = the keeper could not read it) and source `keeper`
(up, since_ms, fault). Orders: `load.<name>` 'on' | 'off' | 'cycle'. Result codes: closed, timeout,
unknown_load, value, and the keeper's own (no_lease, min_off, cycling, no_cycle, is_off, cycle_budget,
read_back, no_line).

Clause: N10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hardware.contract import NEVER_MS, Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.protocols.json_lines import JsonLines, line

VERSION = 1
PACE_MS = 10_000
"""How often levels are read again: the tenth part of what the reader calls stale, and 360 wake-ups an hour."""
ANSWER_MS = 5_000
"""A keeper that answers later than this on a local socket is stuck; it is asked again at the usual pace."""
RENEW_PARTS = 3
"""A lease is renewed when a third of it has passed, so that two renewals may be late."""
REPORTS_MAX = 1_000
"""Nobody takes reports: then the newest are kept."""
FAULT_MAX_CHARS = 500


@dataclass(frozen=True, slots=True)
class _Open:
    """An order that waits for its answer until `until_ms`."""

    order: Order
    until_ms: int


class KeeperClient:
    """A contract.Conversation with the keeper. `loads` and `lamps` are the names in the keeper's table."""

    def __init__(self, loads: Iterable[str], lamps: Sequence[str] = (), lease_ms: int = 30_000) -> None:
        self.dropped = 0
        self._loads = tuple(loads)
        self._lamp_names = frozenset(lamps)
        self._lease_ms = lease_ms
        self._until_ms = 0
        self._renewed_ms = -lease_ms
        self._show: dict[str, str] | None = None
        self._connected = False
        self._frames = JsonLines()
        self._waiting: dict[str, _Open] = {}
        self._pace_ms = PACE_MS
        self._ask_ms, self._late_ms = 0, NEVER_MS
        self._out: list[bytes] = []
        self._reports: list[Report] = []

    # The deciding loop

    def renew(self, now_ms: int) -> None:
        """The loop lives. Call it as often as it decides, at least three times within the lease."""
        self._until_ms = now_ms + self._lease_ms
        if self._connected and self._ask_ms - now_ms <= self._pace_ms // 2:
            self._ask(now_ms)  # soon due: one waking for both
        if now_ms - self._renewed_ms >= self._lease_ms // RENEW_PARTS:
            self._send_lease(now_ms)

    def lamps(self, patterns: Mapping[str, str], now_ms: int) -> None:
        """The full picture; names that are no lamp of the keeper are left out. Sent only when it changes."""
        show = {name: pattern for name, pattern in patterns.items() if name in self._lamp_names}
        if show != self._show:
            self._show = show
            self._send("lamps", show=show)

    # Conversation

    @property
    def wake_ms(self) -> int:
        return min([self._ask_ms, self._late_ms, *(w.until_ms for w in self._waiting.values())])

    def opened(self, now_ms: int) -> None:
        self._connected, self._frames, self._out = True, JsonLines(), []
        if self._until_ms > now_ms:
            self._send_lease(now_ms)
        if self._show is not None:
            self._send("lamps", show=self._show)
        self._ask(now_ms)

    def closed(self, now_ms: int) -> None:
        self._connected = False
        self._ask_ms, self._late_ms = now_ms + self._pace_ms, NEVER_MS
        self._out = []
        for target in tuple(self._waiting):
            self._finish(target, Stage.FAILED, "closed", now_ms)
        self._keeper_is(False, None, "closed", now_ms)

    def pace(self, period_ms: int) -> None:
        self._pace_ms = period_ms or PACE_MS

    def ask(self, order: Order, now_ms: int) -> None:
        load = order.target.removeprefix("load.").removesuffix(".cycle")
        refusal = self._refusal(load, order)
        if refusal:
            self._report(Result(order.id, Stage.REFUSED, refusal, now_ms))
            return
        self._finish(order.target, Stage.SUPERSEDED, "", now_ms)
        self._waiting[order.target] = _Open(order, now_ms + order.within_ms)
        if order.value == "cycle":
            self._send("cycle", id=_name(order.id), load=load)
        else:
            self._send("set", id=_name(order.id), load=load, to=order.value)

    def _refusal(self, load: str, order: Order) -> str:
        if not self._connected:
            return "closed"
        if load not in self._loads or not order.target.startswith("load."):
            return "unknown_load"
        return "" if order.value in ("on", "off", "cycle") else "value"

    def feed(self, data: bytes, now_ms: int) -> None:
        before = self._frames.dropped
        for message in self._frames.feed(data):
            if message.get("v") != VERSION or not self._hear(message, now_ms):
                self.dropped += 1
        self.dropped += self._frames.dropped - before

    def tick(self, now_ms: int) -> None:
        for target, waiting in tuple(self._waiting.items()):
            if waiting.until_ms <= now_ms:
                self._finish(target, Stage.FAILED, "timeout", now_ms)
        if self._late_ms <= now_ms:
            self._late_ms = NEVER_MS
            self._keeper_is(False, None, "silent", now_ms)
        if self._ask_ms <= now_ms and self._connected:
            self._ask(now_ms)
        elif self._ask_ms <= now_ms:
            self._ask_ms = now_ms + self._pace_ms
            self._keeper_is(False, None, "closed", now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, reports = b"".join(self._out), tuple(self._reports)
        self._out, self._reports = [], []
        return data, reports

    # What the keeper says

    def _hear(self, message: dict[str, object], now_ms: int) -> bool:
        """False for a message that makes no sense."""
        match message.get("say"):
            case "levels":
                return self._levels(message, now_ms)
            case "ack":
                return self._acked(message, now_ms)
            case "taken":
                self._keeper_is(False, None, "taken", now_ms)
                return True
        # `bad` is our own mistake told back: counted like any other rubbish.
        return False

    def _levels(self, message: dict[str, object], now_ms: int) -> bool:
        loads, since_ms, fault = message.get("loads"), message.get("since_ms"), message.get("fault")
        if not (isinstance(loads, dict) and type(since_ms) is int and isinstance(fault, str)):
            return False
        self._late_ms = NEVER_MS
        values: list[tuple[str, Value]] = []
        for name in self._loads:
            level = loads.get(name)
            values.append((name, level if level in ("on", "off") else None))
        self._report(Reading("relay", tuple(values), now_ms))
        self._keeper_is(True, since_ms, fault[:FAULT_MAX_CHARS], now_ms)
        return True

    def _acked(self, message: dict[str, object], now_ms: int) -> bool:
        order, stage, code = message.get("id"), message.get("stage"), message.get("code")
        if stage not in tuple(Stage) or not isinstance(code, str):
            return False
        for target, waiting in self._waiting.items():
            if _name(waiting.order.id) == order:
                if stage == Stage.ACCEPTED:
                    self._report(Result(waiting.order.id, Stage.ACCEPTED, code, now_ms))
                else:
                    self._finish(target, Stage(str(stage)), code, now_ms)
                return True
        # The answer to an order that timed out or was superseded: late, but no rubbish.
        return True

    # Small verbs

    def _ask(self, now_ms: int) -> None:
        self._send("levels")
        self._ask_ms = now_ms + self._pace_ms
        if self._late_ms == NEVER_MS:
            self._late_ms = now_ms + ANSWER_MS

    def _send_lease(self, now_ms: int) -> None:
        if self._connected:
            self._renewed_ms = now_ms
            self._send("renew", lease_ms=self._until_ms - now_ms)

    def _send(self, what: str, **fields: object) -> None:
        if self._connected:
            self._out.append(line(v=VERSION, do=what, **fields))

    def _finish(self, target: str, stage: Stage, code: str, now_ms: int) -> None:
        waiting = self._waiting.pop(target, None)
        if waiting is not None:
            self._report(Result(waiting.order.id, stage, code, now_ms))

    def _keeper_is(self, up: bool, since_ms: int | None, fault: str, now_ms: int) -> None:
        """Said at every pace, also while it is down: a reader must not take *down* for *not known*."""
        values = (("up", up), ("since_ms", since_ms), ("fault", fault))
        self._report(Reading("keeper", values, now_ms))

    def _report(self, report: Report) -> None:
        self._reports = [*self._reports[1 - REPORTS_MAX :], report]


def _name(order: OrderId) -> str:
    return f"{order.boot}:{order.n}"
