"""Relay boards on one RS-485 bus, as the keeper's lines: what each coil shall be, and what it was read back as.

Law of this file: pure, time is an argument, and as cheap to load as the keeper's start demands. It decides nothing:
a coil is written when what is wanted of it changes and it is not known to be so already, and is read back after
that and every POLL_MS. What the board then says is believed, not fought with (hardware.relay_lines): a board that
lost its supply tells that its relays are off, and whoever decides orders them on again, one by one.

`seen` leaves a coil out while its write is under way: not yet is not *no*. None = the board cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hardware.protocols import modbus
from hardware.protocols.modbus import NEVER_MS, Master, Outcome

POLL_MS = 5_000
"""A board that was switched off by hand is noticed within the time in which a person looks round for it."""


class Coil(NamedTuple):
    """One relay: `address` on the board `unit`; `function` 5 or 15 writes it."""

    name: str
    unit: int
    address: int
    function: int = modbus.WRITE_COIL


class RelayBus:
    """All boards of one bus. `want` says what shall be, `seen` what is, `faults` what a board answered last.

    One question at a time, chosen when the bus is free: first what must be written, then the proof of what was
    written, then boards whose turn it is. `_stage` holds the coils under way: `write` or `proof`."""

    def __init__(self, coils: Sequence[Coil], baud: int = 9600) -> None:
        self._coils = {coil.name: coil for coil in coils}
        self._due_ms = {coil.unit: NEVER_MS for coil in coils}
        self.faults: dict[int, str] = {}
        self._master = Master(baud)
        self._open = False
        self._want: dict[str, bool] = {}
        self._is: dict[str, bool | None] = {}
        self._stage: dict[str, str] = {}
        self._known: set[str] = set()

    @property
    def wake_ms(self) -> int:
        if not (self._open and self._master.idle):
            return self._master.wake_ms
        return 0 if self._stage else min(self._due_ms.values())

    def opened(self, now_ms: int) -> None:
        self._open = True
        self._master.opened(now_ms)
        self._due_ms = dict.fromkeys(self._due_ms, now_ms)

    def closed(self) -> None:
        """The adaptor is gone or was never there: no board can be read, and no write is still under way."""
        self._open = False
        self._master.closed()
        self._hear()
        for unit in self._due_ms:
            self._lost(unit, "closed")
        self._due_ms = dict.fromkeys(self._due_ms, NEVER_MS)

    def feed(self, data: bytes, now_ms: int) -> None:
        self._master.feed(data, now_ms)
        self._hear()

    def tick(self, now_ms: int) -> None:
        self._master.tick(now_ms)
        self._hear()
        if self._open and self._master.idle:
            self._ask_next(now_ms)
            self._master.tick(now_ms)

    def take(self) -> bytes:
        return self._master.take()

    # Relays

    def want(self, levels: Mapping[str, bool]) -> None:
        """What each relay shall be; a name that is left out is as its board has it."""
        for name in self._coils:
            if name in levels and self._want.get(name) != levels[name]:
                self._wish(name, levels[name])

    def _wish(self, name: str, on: bool) -> None:
        self._want[name] = on
        if self._stage.get(name) or self._is.get(name) not in (on, None):
            self._stage[name] = "write"

    @property
    def pending(self) -> bool:
        """Something is still to be written or to be read back."""
        return bool(self._stage)

    def seen(self) -> dict[str, bool | None]:
        """The relays as their boards have them; without those that were never read or are under way."""
        return {name: level for name, level in self._is.items() if name not in self._stage}

    # The bus

    def _ask_next(self, now_ms: int) -> None:
        for stage in ("write", "proof"):
            for name, at in self._stage.items():
                if at == stage:
                    return self._ask_for(self._coils[name], stage, now_ms)
        for unit, due_ms in self._due_ms.items():
            if due_ms <= now_ms:
                return self._look(unit, now_ms)
        return None

    def _ask_for(self, coil: Coil, stage: str, now_ms: int) -> None:
        if stage == "proof":
            self._look(coil.unit, now_ms)
            return
        on = self._want[coil.name]
        question = modbus.write_coil(coil.unit, coil.address, on, coil.function, f"{coil.name} {on}")
        self._master.ask(question)

    def _look(self, unit: int, now_ms: int) -> None:
        """A board that was silent is asked once a round, so that it does not hold up the others on its bus."""
        self._due_ms[unit] = now_ms + POLL_MS
        low, count = self._span(unit)
        self._master.ask(
            modbus.read(unit, modbus.READ_COILS, low, count), 1 if unit in self.faults else modbus.TRIES
        )

    def _span(self, unit: int) -> tuple[int, int]:
        places = [coil.address for coil in self._coils.values() if coil.unit == unit]
        return min(places), max(places) - min(places) + 1

    def _hear(self) -> None:
        for outcome in self._master.outcomes():
            if outcome.code:
                self._lost(outcome.question.unit, outcome.code)
            elif outcome.question.key:
                self._written(outcome.question.key)
            else:
                self._looked(outcome)

    def _lost(self, unit: int, code: str) -> None:
        """Nothing is known of this board any more, and what was to be written has failed."""
        self.faults[unit] = code
        for name, coil in self._coils.items():
            if coil.unit == unit:
                self._is[name] = None
                self._stage.pop(name, None)

    def _written(self, key: str) -> None:
        """Taken by the board; another wish that came meanwhile is written next."""
        name, _, value = key.rpartition(" ")
        if self._stage.get(name) == "write" and str(self._want[name]) == value:
            self._stage[name] = "proof"

    def _looked(self, outcome: Outcome) -> None:
        unit = outcome.question.unit
        self.faults.pop(unit, None)
        low, count = self._span(unit)
        levels = modbus.bits(outcome.data, count)
        for name, coil in self._coils.items():
            if coil.unit == unit and self._stage.get(name) != "write":
                self._take_level(name, levels[coil.address - low])

    def _take_level(self, name: str, on: bool) -> None:
        """Read for the first time in this life, it is made what is wanted; later the board is believed."""
        self._stage.pop(name, None)
        self._is[name] = on
        if name not in self._known and self._want.get(name, on) != on:
            self._stage[name] = "write"
        self._known.add(name)
