"""Rooms whose meetings run on a computer: on paper, compiled, and alive."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from controller.config_compile import compile_room
from controller.config_model import RoomConfig
from controller.core.room import Mode, Room
from hardware.contract import Order, Reading
from hardware.sim.pc import SimPc
from tests.controller.day import Day
from tests.controller.far_ends import FarEnds
from tests.controller.rooms_on_paper import changed

METER = {"port": "/dev/serial/by-path/usb-0:1.4"}
COMPUTER: dict[str, Any] = {
    "kind": "pc",
    "load": "codec",
    "host": "192.168.10.20",
    "mute": {"chip": "pcf8574", "pin": 5},
}


def on_paper(**more: Any) -> RoomConfig:
    """The example with a computer for its codec; `more` are keys of `[codec]`, None takes one away."""
    codec = {name: value for name, value in {**COMPUTER, **more}.items() if value is not None}
    return changed(codec=codec, room__accepted=True)


@cache
def _compiled(metered: bool) -> Room:
    return compile_room(on_paper(meter=METER if metered else None))


def pc_room(metered: bool = False, mode: Mode = Mode.ENFORCE) -> Room:
    room = _compiled(metered)
    return replace(room, modes={**room.modes, "R9": mode})


@dataclass
class PcFarEnds(FarEnds):
    """`pc` hangs on the load codec, `muted` is the relay in the microphone's line."""

    pc: SimPc = field(default_factory=SimPc)
    muted: bool = False
    metered: bool = False

    def readings(self, now_ms: int) -> list[Reading]:
        rows = [row for row in super().readings(now_ms) if row.source != "codec"]
        told: list[tuple[str, Any]] = [("answers", self.pc.answers(now_ms))]
        told += [("watts", self.pc.watts(now_ms))] if self.metered else []
        told += [("mute", "muted" if self.muted else "open")]
        return [*rows, Reading("codec", tuple(told), now_ms)]

    def obey(self, order: Order, now_ms: int) -> None:
        if order.target == "codec.mute":
            self.muted = order.value == "muted"
            return
        super().obey(order, now_ms)

    def switch(self, load: str, value: str, now_ms: int) -> None:
        super().switch(load, value, now_ms)
        if load == "codec":
            self.pc.mains(value == "on", now_ms)


class PcDay(Day):
    """A living room; the gateway answers, so that the computer's silence means something."""

    far: PcFarEnds

    def __init__(self, hour: float = 6.0, metered: bool = False, **more: Any) -> None:
        super().__init__(hour, room=more.pop("room", pc_room(metered)), **more)
        self.far = PcFarEnds(tuple(load.name for load in self.room.loads), metered=metered)
        self.far.line = {"gateway": True}

    def shut_down(self) -> PcDay:
        """Somebody shuts the computer down."""
        self.far.pc.button(self.mono_ms)
        return self


def living(hour: float, metered: bool = False, settled_ms: int = 20_000) -> PcDay:
    """A room that has been looked at for a while."""
    day = PcDay(hour, metered)
    day.run(settled_ms)
    return day
