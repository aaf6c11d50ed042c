"""What a running controller needs to know of its room: plain values, made from room.toml by `controller.plan_make`.

Must not live here: reading and checking the configuration. Its library costs 12 MiB and a tenth of a second that
the process which rules the room for months need not carry: another process reads the file and hands this over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a plan that is read loads what is in it, and no other room's drivers
    from controller.core.room import Room
    from controller.link.settings import Settings
    from hardware.camera import CameraPlace
    from hardware.display import SerialPlace
    from hardware.line import Place
    from hardware.protocols.modbus_climate import ClimateUnit
    from hardware.protocols.modbus_power import Meter
    from hardware.ups import MegatecPort, UpsAddress


@dataclass(frozen=True, slots=True)
class Paths:
    """Files and folders; `journal_max_b`: bytes that the journal may take."""

    journal: Path
    journal_max_b: int
    state_dir: Path
    run_dir: Path
    update_dir: Path


@dataclass(frozen=True, slots=True)
class Outputs:
    """The keeper's socket, how long its lines outlive our silence, and the names that it knows."""

    socket: str
    lease_ms: int
    loads: tuple[str, ...]
    lamps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """As hardware.panel.InputSpec, which brings gpiozero along."""

    pin: int
    active_low: bool
    pull: str
    chip: str = ""


@dataclass(frozen=True, slots=True)
class CodecPort:
    """`kind`: its make, as in hardware.codec; `through`: cameras that are reached through it; `settings`: name and
    path of what R14 looks at."""

    kind: str
    port: str
    speeds: tuple[int, ...]
    user: str
    password: Path | None
    through: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Computer:
    """A computer that runs the meeting: its address and how to probe it ('' = not at all), the meter of its socket,
    and the line of its microphone's relay at the keeper ('' = none)."""

    host: str
    kinds: tuple[str, ...]
    period_ms: int
    mute: str
    meter: Meter | None = None
    meter_port: str = ""
    meter_baud: int = 9600


@dataclass(frozen=True, slots=True)
class CameraPort:
    """One serial line and its cameras, nearest first; or the place of one camera in the network."""

    port: str
    speeds: tuple[int, ...]
    names: tuple[str, ...]
    net: CameraPlace | None = None


@dataclass(frozen=True, slots=True)
class DisplayPort:
    """A display that speaks PJLink, or RS-232 by its own words (`serial`); its name is its load's."""

    name: str
    host: str
    port: int
    password: Path | None
    serial: SerialPlace | None = None


@dataclass(frozen=True, slots=True)
class UpsPort:
    """Where NUT answers, and its credentials; or the serial port of a Megatec unit."""

    address: UpsAddress | MegatecPort
    user: str
    password: Path | None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor that the kernel reads: `kind` climate or light."""

    place: str
    name: str
    period_ms: int
    kind: str = "climate"


@dataclass(frozen=True, slots=True)
class SensorBus:
    """One RS-485 line and its climate sensors."""

    port: str
    baud: int
    parity: str
    units: tuple[ClimateUnit, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Where meetings come from when the centre is silent, and how long one without an end lasts."""

    calendar: Path | None
    holidays: Path | None
    length_ms: int
    timezone: str
    day_rule: str = "hours"


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole room. `link`: None = no centre; its boot is filled in at the start. `sayings`: the few sentences that
    a running controller says into the service's log, by their codes, in the room's language."""

    slug: str
    name: str
    language: str
    room: Room
    paths: Paths
    outputs: Outputs
    inputs: Mapping[str, Input]
    codec: CodecPort | None
    computer: Computer | None
    cameras: tuple[CameraPort, ...]
    displays: tuple[DisplayPort, ...]
    ups: UpsPort | None
    sensors: tuple[Sensor, ...]
    buses: tuple[SensorBus, ...]
    ports: tuple[tuple[str, str], ...]
    probes: tuple[Place, ...]
    times: Times
    link: Settings | None
    discovery: bool
    discovery_buttons: bool
    sayings: Mapping[str, str]
