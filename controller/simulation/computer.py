"""A computer on the bench where another room has a codec: its socket's meter is what hangs on a wire, its people do
with it what people do with a computer.

The room is told of nothing but watts and whether it answers; here it is known whether a meeting runs on it. Must
not live here: the computer's body (hardware/sim/pc.py), the meter's words (hardware/sim/modbus.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Never

from hardware.contract import NEVER_MS, Report
from hardware.protocols.modbus_power import Meter, ModbusPower
from hardware.sim.modbus import Bus, MeterSlave
from hardware.sim.pc import SimPc

MINUTE_MS = 60_000
LEAVES_MS = 6 * MINUTE_MS
"""After a meeting somebody shuts it down, three times of four."""
FORGOTTEN_MS = 12 * 60 * MINUTE_MS
"""Until somebody on their round finds one running that nobody needs, and shuts it down."""
COMES_MS = 20 * MINUTE_MS
"""Until somebody comes who holds down the button of one that hangs."""
METER_MS = 300_000
"""Like everything else here the meter is read every five minutes."""


def meter() -> ModbusPower:
    """Our side of its wire."""
    return ModbusPower(Meter(period_ms=METER_MS))


@dataclass
class Habits:
    """What a codec's faults are here: `deaf` its firewall drops everything, `update_after_sleep` it installs
    updates when it is shut down next."""

    pc: SimPc
    update_after_sleep: bool = False

    @property
    def deaf(self) -> bool:
        return self.pc.faults.mute_net

    @deaf.setter
    def deaf(self, deaf: bool) -> None:
        self.pc.faults.mute_net = deaf


@dataclass
class Unseen:
    """What a codec knows of its calls and a computer tells nobody; `muted` is the relay's, so never here."""

    @dataclass
    class Calls:
        table: Mapping[int, Never] = field(default_factory=dict)

    calls: Calls = field(default_factory=Calls)
    muted: bool = False
    media: bool = True


class BenchComputer:
    """A `Peer`, the meter at its socket, and all that is done to a codec on this bench."""

    hung = takes_calls = False
    failed_logins = 0
    """Its button cures it, so its power need not be cut; it asks for no password of ours and answers no call."""

    def __init__(self) -> None:
        self.pc = SimPc()
        self.faults, self.unit = Habits(self.pc), Unseen()
        self._meter = MeterSlave()
        self._bus = Bus((self._meter,))
        self._now_ms = self._calls = 0
        self._joined = False
        self._leave_ms = NEVER_MS

    # ---- a Peer

    @property
    def wake_ms(self) -> int:
        return min(self._bus.wake_ms, self._leave_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        self._meter.watts = self.pc.watts(now_ms)
        self._bus.feed(data, now_ms)

    def tick(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if now_ms >= self._leave_ms:
            self._leave_ms = NEVER_MS
            self._shut_down(now_ms)
        self._bus.tick(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        return self._bus.take()

    # ---- its supply, and the truth

    def mains(self, on: bool, now_ms: int) -> None:
        if on is not self.pc.powered:
            self.pc.mains(on, now_ms)
            self._joined = False
            self._leave_ms = now_ms + FORGOTTEN_MS if on else NEVER_MS

    def runs(self, now_ms: int) -> bool:
        return self.pc.runs(now_ms)

    def answers(self, now_ms: int) -> bool:
        return self.pc.answers(now_ms)

    @property
    def up(self) -> bool:
        return self.pc.runs(self._now_ms)

    @property
    def in_call(self) -> bool:
        """A meeting runs on it."""
        return self._joined and self.pc.powered

    # ---- people

    def ring(self, _number: str, now_ms: int) -> None:
        """It is time, and somebody joins the meeting; whoever finds it off switches it on."""
        if self.pc.powered and not self.pc.runs(now_ms):
            self.pc.button(now_ms)
        self._joined, self._leave_ms = self.pc.powered, NEVER_MS

    def person_dials(self, number: str, now_ms: int) -> None:
        self.ring(number, now_ms)

    def far_end_hangs_up(self, now_ms: int) -> None:
        """The meeting is over. Of four times it is left running once."""
        if self._joined:
            self._joined, self._calls = False, self._calls + 1
            self._leave_ms = now_ms + (LEAVES_MS if self._calls % 4 else FORGOTTEN_MS)

    def _shut_down(self, now_ms: int) -> None:
        if self.pc.faults.hung:
            self.pc.hold_button(now_ms)
        elif self.pc.runs(now_ms):
            self._joined = False
            self.pc.faults.updates, self.faults.update_after_sleep = self.faults.update_after_sleep, False
            self.pc.button(now_ms)

    def hang(self) -> None:
        """Its screen is blue: it draws, and answers no more."""
        if self.pc.runs(self._now_ms):
            self.pc.faults.hung = self.pc.faults.mute_net = True
            self._joined, self._leave_ms = False, self._now_ms + COMES_MS

    def reboot(self, now_ms: int) -> None:
        self.pc.restart(now_ms)

    def person_mutes(self, _muted: bool, _now_ms: int) -> None:
        """In the meeting's program, which tells nobody."""

    def person_sets_sleep(self, _minutes: int) -> None:
        """Its settings are its own (R14 does not know them)."""

    def auto_answer(self, _on: bool) -> None:
        """It has none."""
