"""`[loads.*]`, `[inputs.*]`, `[lamps.*]`, `[buzzer]`: what hangs on which line of the Pi, and what a class of
load is like.

A load is one switched outlet group. The Pi switches coils only; `contact` says what the coil does to the load.
Wiring mistakes are not found here (a table cannot see its neighbours) but by config_check.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from controller.config_base import AbsolutePath, Host, Name, Strict, key, need

LoadClass = Literal[
    "network", "codec", "camera", "display", "amplifier", "mixer", "light", "fan", "dehumidifier", "other"
]
OnOff = Literal["on", "off"]
Chip = Field(
    default="",
    description="'' = the Pi's header, else the label of an expander that the kernel offers, e.g. pcf8574",
    pattern=r"^[a-z0-9._-]{0,32}$",
    json_schema_extra={"source": "gpio-pcf857x, mcp23017 overlays of Raspberry Pi OS"},
)

WARMUP_S: dict[str, float] = {"network": 90, "codec": 120, "camera": 60, "display": 20, "amplifier": 5, "mixer": 5}
"""Contact to *answers*, until commissioning learns better: a codec boots 60–120 s, a camera 30–60 s."""
MIN_OFF_S: dict[str, float] = {"codec": 15, "display": 15, "network": 15, "camera": 15, "dehumidifier": 240}
"""N11: supplies discharge in 15 s; a compressor that restarts against its pressure within 240 s burns."""
LAMP_MIN_OFF_S = 300.0
"""A discharge lamp does not strike while it is hot."""
MIN_OFF_OTHER_S = 5.0
MAX_ON_MIN: dict[str, float] = {"dehumidifier": 720}
"""N14: an output that a dead sensor could leave on for ever ends by itself."""
NOT_FOR_MEETING = ("fan", "dehumidifier")
SHED_FIRST = ("light", "fan", "dehumidifier", "other")
BUZZER_NAME = "buzzer"
"""The buzzer's line and lamp name at the keeper."""
BYTES = r"^[\x00-\xff]+$"
LOST_OFF = ("fan", "dehumidifier")


class Line(Strict):
    """One line of the Pi."""

    pin: int = need("GPIO number (BCM), the line's number on `chip`, or the coil on `board`", ge=0, le=63)
    chip: str = Chip


class DisplayWords(Strict):
    """A display on RS-232, by the words of its manual: `[loads.wall.rs232]`. A TOML text holds any byte to 255, a
    line end as `\\r`."""

    port: AbsolutePath = need("its serial port, by path")
    baud: Literal[1200, 2400, 4800, 9600, 14400, 19200, 38400, 57600, 115200] = key(
        9600, "bits per second", "usual"
    )
    parity: Literal["none", "even", "odd"] = key("none", "parity of the line", "usual")
    on: str = need("command that switches it on", min_length=1, max_length=64, pattern=BYTES)
    standby: str = need("command that sends it to standby", min_length=1, max_length=64, pattern=BYTES)
    ask: str = need("question whether it is on", min_length=1, max_length=64, pattern=BYTES)
    said_on: str = need("what is in the answer only when it is on", min_length=1, max_length=64, pattern=BYTES)
    said_standby: str = need("and only in standby", min_length=1, max_length=64, pattern=BYTES)


class LoadConfig(Line):
    """One switched outlet group; its name is the table's: `[loads.codec]`."""

    cls: LoadClass = need("decides order, shedding, defaults", alias="class")
    label: str = key("", "what people call it, for lists", "", max_length=60)
    board: Name | None = key(None, "the Modbus relay board whose coil `pin` is; left out: the Pi's own", "Modbus")
    active_high: bool = key(True, "the board pulls its coil when the pin is high", "transistor boards; N10")
    contact: Literal["no", "nc", "latching"] = key(
        "no", "load on while the coil is pulled (no), while it is not (nc), or kept by the relay", "contactor data"
    )
    holds_over_reset: bool | None = key(
        None,
        "the load stays as it is while the Pi resets; left out: true for nc and latching, and on a `board`",
        "BCM2835 pulls; a Modbus board keeps its relays when the master dies",
    )
    boot: Literal["on", "off", "last", "hold"] | None = key(
        None,
        "value at the first start after power; last = as before a reset of the Pi, hold = as its board stands; "
        "left out: hold on a board, last where the load holds over a reset, else off",
        "N10",
    )
    lost: Literal["hold", "off"] | None = key(
        None, "value when the controller is gone; left out: hold, for fans and dehumidifiers off", "N10"
    )
    needs: tuple[Name, ...] = key((), "loads that must be on first", "R3", strict=False, max_length=8)
    meeting: bool | None = key(None, "wanted on for meetings; left out: true except fans and dehumidifiers", "R1")
    on_ups: bool = key(False, "fed by the UPS", "R5")
    shed: bool | None = key(None, "goes off early on battery; left out: lights, fans, other", "R5, N12")
    lamp: bool = key(False, "a projector with a discharge lamp: 300 s off at least", "N11")
    wake: Literal["mains", "pjlink", "serial"] = key(
        "mains", "displays: who switches it on once it has power; pjlink, serial also prove it", "PJLink class 1"
    )
    rs232: DisplayWords | None = key(None, "with wake = serial: its port and its words", "the display's manual")
    host: Host | None = key(None, "with wake = pjlink: its address", "")
    port: int = key(4352, "with wake = pjlink: its port", "PJLink class 1, IANA", ge=1, le=65_535)
    password_file: AbsolutePath | None = key(None, "with wake = pjlink: file that holds its password", "R15")
    warmup_s: float | None = key(
        None, "contact to answering; left out: by class, later learnt", "data sheets", ge=0, le=900
    )
    settle_on_s: float = key(2, "the next load waits so long after this one came on", "inrush", ge=0, le=120)
    settle_off_s: float = key(
        5, "the next load waits so long after this one went off", "amplifier thump", ge=0, le=120
    )
    min_off_s: float | None = key(None, "least time off; left out: by class", "N11", ge=0, le=3600)
    watts: float = key(0, "power that it draws, for the figures of energy; 0 = unknown", "R2", ge=0, le=10_000)
    max_on_min: float | None = key(None, "longest time on, 0 = no limit; left out: by class", "N14", ge=0, le=1440)

    @property
    def survives(self) -> bool:
        """The load keeps its state while the Pi resets."""
        kept = self.contact != "no" or self.board is not None
        return kept if self.holds_over_reset is None else self.holds_over_reset

    @property
    def at_boot(self) -> str:
        """What falls at a reset is off after it; what has carried its load through goes on as it stood. The network
        must come up by itself even where nothing is known, so its value is given."""
        if self.boot is not None or not self.survives or (self.cls == "network" and self.board is None):
            return self.boot or "off"
        return "hold" if self.board is not None else "last"

    @property
    def on_is_high(self) -> bool:
        """The load is on while the pin is high: a normally-closed contact turns the board's sense round."""
        return self.active_high != (self.contact == "nc")

    @property
    def when_lost(self) -> str:
        return self.lost or ("off" if self.cls in LOST_OFF else "hold")

    @property
    def for_meeting(self) -> bool:
        return self.cls not in NOT_FOR_MEETING if self.meeting is None else self.meeting

    @property
    def goes_early(self) -> bool:
        return self.cls in SHED_FIRST if self.shed is None else self.shed

    @property
    def warm_ms(self) -> int:
        return round(1000 * (WARMUP_S.get(self.cls, 0) if self.warmup_s is None else self.warmup_s))

    @property
    def least_off_s(self) -> float:
        """What N11 asks of this class."""
        return LAMP_MIN_OFF_S if self.lamp else MIN_OFF_S.get(self.cls, MIN_OFF_OTHER_S)

    @property
    def min_off_ms(self) -> int:
        return round(1000 * (self.least_off_s if self.min_off_s is None else self.min_off_s))

    @property
    def max_on_ms(self) -> int:
        return round(60_000 * (MAX_ON_MIN.get(self.cls, 0) if self.max_on_min is None else self.max_on_min))


CONTACTS = ("smoke", "leak", "motion", "tamper", "door")
"""Roles that tell of the room; the others are what a finger presses, and the HAND key."""


class InputConfig(Line):
    """A button or contact: `[inputs.power]`, `[inputs.smoke]`."""

    role: Literal[
        "power", "duty", "check", "help", "talk", "bypass", "smoke", "leak", "motion", "tamper", "door"
    ] = need("what a press means, or what the contact tells")
    contact: Literal["no", "nc"] = key(
        "no", "closed = pressed or alarm (no), or open = alarm, so that a broken wire alarms too (nc)", "R16"
    )
    active_low: bool | None = key(
        None, "pressed or alarm = connected to ground; left out: true for no, false for nc", "a pull-up and ground"
    )
    pull: Literal["up", "down", "none"] = key("up", "the Pi's own pull resistor", "BCM2835")
    seat: str = key("", "for talk buttons: the seat they stand at", "R10", max_length=24)

    @property
    def low_is_down(self) -> bool:
        return self.contact == "no" if self.active_low is None else self.active_low


class LampConfig(Line):
    """A lamp of the wall panel or a table box: `[lamps.ready]`."""

    role: Literal["ready", "power", "device", "line", "mic", "talk", "duty", "check", "help"] = need(
        "what it tells"
    )
    active_high: bool = key(True, "lit while the pin is high", "transistor drivers")
    seat: str = key("", "for mic and talk lamps of a table box: its seat", "R10", max_length=24)


class BuzzerConfig(Line):
    """One beep for what nobody may miss; never while a microphone is open."""

    active_high: bool = key(True, "sounds while the pin is high", "transistor drivers")
