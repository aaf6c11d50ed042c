"""`[codec.mute]`, `[codec.meter]`: what stands in for a codec where a computer runs the meeting (`kind = "pc"`).

A computer cannot be told anything and shuts itself down; so its microphone is closed by a relay, and whether it
lives is asked over the network or read from what its socket draws. Pure tables, checked in config_faults.
"""

from __future__ import annotations

from typing import Literal

from controller.config_base import AbsolutePath, Strict, key, need
from controller.config_loads import Line

MUTE_NAME = "mute"
"""The microphone relay's line name at the keeper."""


class Mute(Line):
    """The relay in the microphone's line. At rest it lets the voice through: whoever has to do without the
    controller is heard, as with the key at BẰNG TAY."""

    active_high: bool = key(True, "the coil is pulled while the pin is high", "transistor drivers")
    contact: Literal["no", "nc"] = key(
        "no", "no = muted while the coil is pulled; nc = muted at rest, silent without the Pi", "R9"
    )
    lost: Literal["open", "hold"] = key("open", "what it does when the controller is gone", "N10")

    @property
    def muted_is_high(self) -> bool:
        return self.active_high != (self.contact == "nc")


class Meter(Strict):
    """A meter on RS-485, alone on its bus; the defaults are those of a PZEM-016."""

    port: AbsolutePath = need("serial port of its bus, by path")
    baud: Literal[1200, 2400, 4800, 9600, 14400, 19200, 38400, 57600, 115200] = key(
        9600, "bits per second", "PZEM-016"
    )
    unit: int = key(1, "its address on the bus", "PZEM-016", ge=1, le=247)
    function: Literal[3, 4] = key(4, "4 input registers, 3 holding registers", "PZEM-016")
    power_register: int = key(3, "register of the power", "PZEM-016", ge=0, le=65_535)
    scale: float = key(0.1, "watts for one unit of it", "PZEM-016", gt=0, le=100)
    run_w: float = key(
        12, "from here on the computer runs", "assumption: off or asleep 1-5 W, idle 15 W and more", gt=0, le=500
    )
