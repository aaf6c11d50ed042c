"""The relay lines as a value machine: what each shall be, what it was seen to be, and the last guards.

Law of this file: pure; time is an argument (monotonic ms of this boot). It decides only what nobody else can:
what happens when the controller is gone, the timed power-cycle during which the controller's own line is dead,
and the limits that hold even when the controller is wrong (minimum off-time, maximum on-time). Everything else
is ordered from above.

Clauses: N10 (leases, `hold` ends in sequence), N11 (minimum off-time), N14 (maximum on-time).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hardware.keeper_table import HOLD, LAST, OFF, ON, Line, Table

NEVER_MS = 1 << 62
"""As in hardware.contract, which is not imported here: its `dataclasses` costs what the start must not."""
RETRY_MS = 10_000
"""A line that does not go off when it must is told again at this flat pace, for ever."""
DAY_MS = 24 * 3_600_000
NOTES_MAX = 50
"""Notes that nobody fetched; the oldest are forgotten."""


class Relay:
    """One line: `want` is driven (None = as its board stands, until it was read); `seen` was read back (None = it
    could not be read)."""

    __slots__ = ("cycle_ms", "cycles", "line", "off_ms", "on_ms", "retry_ms", "seen", "want")

    def __init__(self, line: Line, now_ms: int, want: bool | None) -> None:
        self.line, self.want = line, want
        self.seen: bool | None = None
        # A line of a new boot went off now: how long the mains were away is not known.
        self.on_ms = self.off_ms = now_ms
        self.cycle_ms = 0
        self.cycles: list[int] = []
        self.retry_ms = 0

    def turn(self, on: bool, now_ms: int) -> None:
        if on != self.want:
            self.want = on
            if on:
                self.on_ms = now_ms
            else:
                self.off_ms = now_ms

    def saved(self) -> dict[str, object]:
        fields = ("on_ms", "off_ms", "cycle_ms", "cycles")
        return {"on": self.want, **{key: getattr(self, key) for key in fields}}

    def restore(self, row: object, now_ms: int) -> None:
        """Take over what an earlier life of this boot left; a row that makes no sense is ignored whole."""
        if not (isinstance(row, dict) and type(row.get("on")) is bool and _times(row)):
            return
        self.want = row["on"]
        self.on_ms, self.off_ms = min(row["on_ms"], now_ms), min(row["off_ms"], now_ms)
        # The cycle's end is not believed further away than a cycle lasts.
        self.cycle_ms = min(row["cycle_ms"], now_ms + self.line.cycle_off_ms)
        self.cycles = row["cycles"][-self.line.cycles_a_day :] if self.line.cycles_a_day else []

    def deadlines(self) -> Iterator[int]:
        if self.cycle_ms:
            yield self.cycle_ms
        if self.line.max_on_ms and self.want:
            yield max(self.on_ms + self.line.max_on_ms, self.retry_ms)


def _times(row: Mapping[str, object]) -> bool:
    cycles = row.get("cycles")
    numbers = [row.get(key) for key in ("on_ms", "off_ms", "cycle_ms")]
    return isinstance(cycles, list) and all(type(n) is int and n >= 0 for n in (*numbers, *cycles))


def _at_boot(line: Line, before: Mapping[str, object]) -> bool | None:
    """What a line is driven to at the first start of a boot; None = as its board stands."""
    if line.boot == LAST:
        return before.get(line.name) is True
    return None if line.boot == HOLD else line.boot == ON


class RelayLines:
    """All relays of the keeper. Orders answer '' (taken) or a refusal code; `tick` does what is due."""

    def __init__(
        self, table: Table, now_ms: int, saved: Mapping[str, object], before: Mapping[str, object] | None = None
    ) -> None:
        self.relays = {
            line.name: Relay(line, now_ms, _at_boot(line, before or {}))
            for line in table.lines
            if line.kind == "relay"
        }
        for name, relay in self.relays.items():
            relay.restore(saved.get(name), now_ms)
        self.faults: dict[str, str] = {}
        self.lost_ms: int | None = None
        self._notes: list[str] = []
        self._hold_max_ms = table.hold_max_ms
        self._close_ms = 0

    # Orders

    def set(self, name: str, on: bool, now_ms: int) -> str:
        """Refusals: unknown_load, no_lease, cycling, min_off."""
        relay = self.relays.get(name)
        if relay is None or self.lost_ms is not None:
            return "unknown_load" if relay is None else "no_lease"
        if on and relay.cycle_ms:
            return "cycling"
        if on and not relay.want and now_ms - relay.off_ms < relay.line.min_off_ms:
            return "min_off"
        # An order `off` ends a power-cycle where it is.
        relay.cycle_ms = relay.retry_ms = 0
        relay.turn(on, now_ms)
        self.faults.pop(name, None)
        return ""

    def cycle(self, name: str, now_ms: int) -> str:
        """Off for the line's time and on again, whoever lives then. Refusals: as `set`, and no_cycle
        (not for this load), is_off, cycle_budget (as many within a day as its line allows)."""
        relay = self.relays.get(name)
        if relay is None or self.lost_ms is not None:
            return "unknown_load" if relay is None else "no_lease"
        if relay.cycle_ms or not relay.want or not relay.line.cycles_a_day:
            return "cycling" if relay.cycle_ms else "is_off" if relay.line.cycles_a_day else "no_cycle"
        relay.cycles = [at for at in relay.cycles if now_ms - at < DAY_MS]
        if len(relay.cycles) >= relay.line.cycles_a_day:
            return "cycle_budget"
        relay.cycles.append(now_ms)
        relay.turn(False, now_ms)
        relay.cycle_ms = now_ms + max(relay.line.cycle_off_ms, relay.line.min_off_ms)
        return ""

    # The controller goes and comes

    def lose(self, since_ms: int, resumed_ms: int = 0) -> None:
        """The lease lapsed at `since_ms`; the next `tick` acts on it. A keeper that restarted at `resumed_ms`
        does not know which delay of a closing it interrupted, and waits longer than any usual one."""
        self.lost_ms = since_ms
        self._close_ms = max(since_ms + self._hold_max_ms, resumed_ms + RETRY_MS if resumed_ms else 0)
        for relay in self.relays.values():
            # The pace is for a line that is stuck, not for one that was switched on again meanwhile.
            relay.retry_ms = 0

    def find(self, now_ms: int) -> None:
        """A controller holds the lease (again)."""
        if self.lost_ms is not None:
            self.lost_ms = None
            self._apply("run", now_ms)

    def stop(self, now_ms: int) -> None:
        """The keeper ends in order: only lines with a declared stop value move."""
        self._apply("stop", now_ms)

    def _apply(self, when: str, now_ms: int) -> None:
        for relay in self.relays.values():
            value = getattr(relay.line, when)
            rested = relay.want or now_ms - relay.off_ms >= relay.line.min_off_ms
            if value != HOLD and (value == OFF or rested):
                relay.turn(value == ON, now_ms)

    # Time

    def tick(self, now_ms: int) -> None:
        for relay in self.relays.values():
            self._end_cycle(relay, now_ms)
            over = relay.line.max_on_ms and relay.on_ms + relay.line.max_on_ms <= now_ms
            if over or self._lost_off(relay):
                self._force_off(relay, "max_on" if over else "lost", now_ms)
        if self._hold_ended(now_ms) and self._close_ms <= now_ms:
            self._close_next(now_ms)

    def _end_cycle(self, relay: Relay, now_ms: int) -> None:
        if relay.cycle_ms and relay.cycle_ms <= now_ms:
            relay.cycle_ms = 0
            # Nobody has lived for so long that the closing began: what is off stays off.
            if not self._hold_ended(now_ms):
                relay.turn(True, now_ms)

    def _lost_off(self, relay: Relay) -> bool:
        return self.lost_ms is not None and relay.line.lost == OFF

    def _hold_ended(self, now_ms: int) -> bool:
        return self.lost_ms is not None and self.lost_ms + self._hold_max_ms <= now_ms

    def _force_off(self, relay: Relay, why: str, now_ms: int) -> bool:
        if not relay.want or now_ms < relay.retry_ms:
            return False
        relay.retry_ms = now_ms + RETRY_MS
        relay.turn(False, now_ms)
        self._note(f"{relay.line.name} off: {why}")
        return True

    def _close_next(self, now_ms: int) -> None:
        """One line, then its delay: a line that is stuck is passed over and tried again later."""
        closing = (relay for relay in self.relays.values() if not relay.line.keeps)
        for relay in sorted(closing, key=lambda r: (r.line.close_order, r.line.name)):
            if self._force_off(relay, "hold ended", now_ms):
                self._close_ms = now_ms + max(relay.line.close_delay_ms, 1)
                return
        self._close_ms = now_ms + RETRY_MS

    @property
    def wake_ms(self) -> int:
        dues = [due for relay in self.relays.values() for due in relay.deadlines()]
        if self.lost_ms is not None:
            dues += [r.retry_ms for r in self.relays.values() if r.want and self._lost_off(r)]
            if any(relay.want and not relay.line.keeps for relay in self.relays.values()):
                dues.append(self._close_ms)
        return min(dues, default=NEVER_MS)

    # Truth

    def see(self, levels: Mapping[str, bool | None], now_ms: int) -> frozenset[str]:
        """What the lines really are; one that is left out is not known yet. A line that does not follow is
        believed, not fought with: what is wanted becomes what is, and whoever ordered hears it. Returns the names
        that did not follow."""
        return frozenset(
            name for name in self.relays if name in levels and not self._see(name, levels[name], now_ms)
        )

    def _see(self, name: str, level: bool | None, now_ms: int) -> bool:
        relay = self.relays[name]
        relay.seen = level
        if relay.want is None:
            relay.want = level  # taken over as it stands
        if level is not None and level == relay.want:
            if self.faults.get(name) == "no_line":
                del self.faults[name]
            return True
        if level is not None:
            relay.cycle_ms = 0
            relay.turn(level, now_ms)
        fault = "no_line" if level is None else "read_back"
        if self.faults.get(name) != fault:
            self._note(f"{name}: {fault}")
        self.faults[name] = fault
        return False

    def _note(self, text: str) -> None:
        self._notes = [*self._notes[1 - NOTES_MAX :], text]

    def notes(self) -> tuple[str, ...]:
        """What was done without an order and what failed, since the last call: for the log."""
        notes, self._notes = tuple(self._notes), []
        return notes
