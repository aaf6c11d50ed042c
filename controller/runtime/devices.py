"""A room's plan → pumps, panel and sampler: which conversation runs over which wire, and who carries an order.

Nothing is opened here; `start` does. A device that is absent is reopened for ever by its pump and is told as
unknown until it answers: the room lives without it. Only the drivers that this room needs are loaded.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from controller.core.room import Room
from controller.credentials import given
from controller.plan import CameraPort, CodecPort, Computer, DisplayPort, Plan, SensorBus, UpsPort
from hardware.climate import SYS, ClimateSensor, LightSensor
from hardware.contract import Conversation, Order, Report, Result, Stage
from hardware.host import Host
from hardware.protocols.keeper import KeeperClient
from hardware.pump import Pump
from hardware.sampler import HOST_MS, Sampler
from hardware.wire import SerialWire, UnixWire

if TYPE_CHECKING:
    from hardware.line import Known, LineProbes

LOG = logging.getLogger(__name__)
Say = Callable[[Report], None]
KEEPER_PAUSE_MS = 300
"""The keeper's socket is on this machine and its restart takes a third of a second: no reason to wait longer."""


@dataclass(slots=True)
class Devices:
    """All threads towards devices. `orders` maps the beginning of a target to the pump that carries it."""

    room: Room
    keeper: KeeperClient
    keeper_pump: Pump
    say: Say
    clock_ms: Callable[[], int]
    pumps: list[Pump] = field(default_factory=list)
    orders: dict[str, Pump] = field(default_factory=dict)
    sources: dict[str, list[Pump]] = field(default_factory=dict)
    sampler: Sampler | None = None
    line: LineProbes | None = None

    def start(self, known: Known = frozenset()) -> None:
        """`known`: places of the line that answered in an earlier life."""
        for pump in self.pumps:
            pump.start()
        if self.sampler is not None:
            self.sampler.start()
        if self.line is not None:
            self.line.start(known)

    def stop(self) -> None:
        """End all threads at the same time; nothing is switched."""
        ends = [threading.Thread(target=pump.stop, daemon=True) for pump in self.pumps]
        for end in ends:
            end.start()
        if self.sampler is not None:
            self.sampler.stop(0.5)
        if self.line is not None:
            self.line.stop(0.5)
        for end in ends:
            end.join(1.0)

    def order(self, order: Order) -> None:
        """Hand an order to the pump that carries its target; nobody there = refused."""
        pump = next((p for start, p in self.orders.items() if order.target.startswith(start)), None)
        if pump is None:
            self.say(Result(order.id, Stage.REFUSED, "no_carrier", self.clock_ms()))
        elif order.target.endswith(".port"):
            stage, code = (Stage.DONE, "") if pump.call(pump.reopen) else (Stage.REFUSED, "busy")
            self.say(Result(order.id, stage, code, self.clock_ms()))
        else:
            pump.ask(order)

    def pace(self, wished: Mapping[str, int]) -> None:
        if self.line is not None:
            self.line.pace(wished.get("line", 0))
        for source, period_ms in wished.items():
            for pump in self.sources.get(source, ()):
                pump.pace(period_ms)

    def lamps(self, patterns: Mapping[str, str]) -> None:
        self.keeper_pump.call(lambda now_ms: self.keeper.lamps(patterns, now_ms))

    def renew(self) -> None:
        """The loop lives: the outputs keep their lease."""
        self.keeper_pump.call(self.keeper.renew)


def build(plan: Plan, say: Say, clock_ms: Callable[[], int], sys: Path = SYS) -> Devices:
    """Everything that room.toml names, not yet started."""
    out = plan.outputs
    client = KeeperClient(out.loads, out.lamps, out.lease_ms)
    lines, targets = _lines(client, plan.computer)
    keeper = Pump("keeper", UnixWire(out.socket), lines, say, clock_ms, lambda: KEEPER_PAUSE_MS)
    devices = Devices(plan.room, client, keeper, say, clock_ms)
    _add(devices, keeper, targets, ("relay",))
    if plan.codec is not None:
        _add_codec(devices, plan.codec)
    for line in plan.cameras:
        _add_camera(devices, line)
    for row in plan.displays:
        _add_display(devices, row)
    for bus in plan.buses:
        _add_bus(devices, bus)
    if plan.ups is not None:
        _add_ups(devices, plan.ups)
    if plan.computer is not None:
        _add_meter(devices, plan.computer)
    devices.sampler = _sampler(plan, say, clock_ms, sys)
    if plan.probes:
        from hardware.line import LineProbes

        devices.line = LineProbes(plan.probes, say, clock_ms)
    return devices


def _add(devices: Devices, pump: Pump, targets: tuple[str, ...], sources: tuple[str, ...]) -> None:
    devices.pumps.append(pump)
    for start in targets:
        devices.orders[start] = pump
    for source in sources:
        devices.sources.setdefault(source, []).append(pump)


def _add_camera(devices: Devices, line: CameraPort) -> None:
    from hardware.camera import camera_pump, conversation

    if line.net is not None:
        pump = camera_pump(line.names[0], line.net, devices.say, devices.clock_ms)
    else:
        wire, talk = SerialWire(line.port, *line.speeds), conversation(line.names)
        pump = Pump(f"camera {line.names[0]}", wire, talk, devices.say, devices.clock_ms)
    _add(devices, pump, tuple(f"camera.{name}." for name in line.names), ("camera",))


def _add_display(devices: Devices, row: DisplayPort) -> None:
    from hardware.display import display_pump, serial_display_pump

    if row.serial is not None:
        pump = serial_display_pump(row.name, row.serial, devices.say, devices.clock_ms)
    else:
        password = secret(row.password) or None
        pump = display_pump(row.name, row.host, row.port, password, devices.say, devices.clock_ms)
    _add(devices, pump, (f"display.{row.name}.",), ("display",))


def _add_bus(devices: Devices, bus: SensorBus) -> None:
    from hardware.protocols.modbus_climate import ModbusClimate

    wire, sensors = SerialWire(bus.port, bus.baud, parity=bus.parity), ModbusClimate(bus.units, bus.baud)
    _add(devices, Pump(f"modbus {bus.units[0].place}", wire, sensors, devices.say, devices.clock_ms), (), ())


def _add_ups(devices: Devices, ups: UpsPort) -> None:
    from hardware.ups import MegatecPort, megatec_pump, ups_pump

    if isinstance(ups.address, MegatecPort):
        pump = megatec_pump(ups.address, devices.say, devices.clock_ms)
    else:
        login = (ups.user or None, secret(ups.password) or None)
        pump = ups_pump(ups.address, devices.say, devices.clock_ms, *login)
    _add(devices, pump, ("ups.",), ("ups",))


def _lines(client: KeeperClient, computer: Computer | None) -> tuple[Conversation, tuple[str, ...]]:
    """The keeper's conversation and what it carries out: loads, and the relay in a computer's microphone line."""
    if computer is None or not computer.mute:
        return client, ("load.",)
    from hardware.protocols.mute_relay import TARGET, MuteRelay

    return MuteRelay(client, computer.mute), ("load.", TARGET)


def _add_meter(devices: Devices, computer: Computer) -> None:
    if computer.meter is None:
        return
    from hardware.protocols.modbus_power import ModbusPower

    wire = SerialWire(computer.meter_port, computer.meter_baud)
    power = ModbusPower(computer.meter, computer.meter_baud)
    _add(devices, Pump("meter", wire, power, devices.say, devices.clock_ms), (), ())


def _add_codec(devices: Devices, codec: CodecPort) -> None:
    from hardware.codec import conversation

    through = codec.through
    talk = conversation(
        codec.kind,
        camera=through[0] if through else None,
        user=codec.user or None,
        password=secret(codec.password) or None,
        settings=dict(codec.settings),
    )
    wire = SerialWire(codec.port, *codec.speeds)
    pump = Pump("codec", wire, talk, devices.say, devices.clock_ms)
    _add(devices, pump, ("codec.", *(f"camera.{name}." for name in through)), ("codec",))


def secret(path: str | Path | None) -> str:
    """The first line of a password file, '' for none. Never logged, never in a record (R15). A file that cannot be
    read is said and costs only what needs the password: the room lives without it."""
    if path is None:
        return ""
    try:
        return given(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        LOG.warning("%s: %s; going on without the password", path, type(error).__name__)
        return ""


def _sampler(plan: Plan, say: Say, clock_ms: Callable[[], int], sys: Path) -> Sampler:
    sampler = Sampler(say)
    for spot in plan.sensors:
        kind = LightSensor if spot.kind == "light" else ClimateSensor
        sampler.add(f"{spot.kind} {spot.place}", kind(spot.place, spot.name, clock_ms, sys).read, spot.period_ms)
    if plan.ports:
        from hardware.ports import PORTS_MS, SerialPorts

        sampler.add("ports", SerialPorts(dict(plan.ports), clock_ms, class_tty=sys / "class/tty").read, PORTS_MS)
    pc = plan.computer
    if pc is not None and pc.host:
        from hardware.pc import PcEye

        sampler.add("computer", PcEye(pc.host, pc.kinds, clock_ms).read, pc.period_ms)
    sampler.add("host", Host(plan.paths.journal, clock_ms, sys).read, HOST_MS)
    return sampler
