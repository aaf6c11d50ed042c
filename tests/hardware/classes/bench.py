"""Devices of every class but the codec: simulated ones on simulated time, and those that a room.toml names, over
the very pumps that the controller runs.

On a real bench nothing is switched but what a suite says: a camera goes home, a display is told to be what it is
already. No relay moves, no UPS is tested or shut down.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from controller import config
from controller.plan import Plan
from controller.plan_make import plan_of
from controller.runtime.devices import build
from hardware.contract import FIELDS, Conversation, Order, OrderId, Peer, Reading, Report, Result, Stage, Value
from hardware.keeper_table import Line, Table
from hardware.protocols.keeper import KeeperClient
from hardware.protocols.megatec import Megatec
from hardware.protocols.modbus_climate import ClimateUnit, ModbusClimate, Register
from hardware.protocols.nut import Nut
from hardware.protocols.pjlink import PjLink
from hardware.protocols.serial_display import SerialDisplay, Words
from hardware.protocols.visca import ViscaChain
from hardware.protocols.visca_ip import ViscaOverIp
from hardware.sim.camera import CameraChain
from hardware.sim.camera_ip import CameraOverIp
from hardware.sim.keeper import SimKeeper
from hardware.sim.megatec import MegatecUps
from hardware.sim.modbus import SensorBus
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.pjlink import PjLinkServer, Projector
from hardware.sim.serial_display import SerialMonitor
from hardware.sim.ups import SimUps
from tests.hardware.protocols.duplex import Duplex

LAST = (Stage.REFUSED, Stage.FAILED, Stage.SUPERSEDED, Stage.DONE)
KINDS: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "tuple": (tuple,),
}


class Device(Protocol):
    """One device as its class knows it; `source` as in its readings."""

    source: str

    @property
    def reports(self) -> Sequence[Report]: ...

    def shows(self, within_ms: int, *fields: str, **wanted: Value) -> bool:
        """Are these fields told, and do those come to be so?"""
        ...

    def do(self, verb: str, value: Value, within_ms: int = 60_000) -> tuple[Stage, str]:
        """Order this verb of the device's target and wait for the last word."""
        ...


def last(device: Device) -> dict[str, Value]:
    """Every field as last told."""
    rows = (r.values for r in device.reports if isinstance(r, Reading) and r.source == device.source)
    return {name: value for values in rows for name, value in values}


def broken_words(device: Device) -> list[tuple[str, Value]]:
    """What it has said that the contract does not list."""
    fields = FIELDS[device.source.partition(".")[0]]
    broken = []
    for name, value in last(device).items():
        field = fields.get(name) or fields.get("*")
        kind = field is not None and (value is None or isinstance(value, KINDS[field.kind]))
        if not kind or (field is not None and field.words and value not in (*field.words, None)):
            broken.append((name, value))
    return broken


class Simulated:
    """A far end on a wire in memory."""

    def __init__(self, source: str, ours: Conversation, far: Peer, target: str = "") -> None:
        self.source, self.target = source, target or source
        self.wire = Duplex(ours, far, source)
        self.wire.open()

    @property
    def reports(self) -> Sequence[Report]:
        return self.wire.reports

    def shows(self, within_ms: int, *fields: str, **wanted: Value) -> bool:
        return self.wire.until(lambda: _shown(self, fields, wanted), within_ms)

    def do(self, verb: str, value: Value, within_ms: int = 60_000) -> tuple[Stage, str]:
        return self.wire.finish(f"{self.target}.{verb}", value, within_ms)


def _shown(device: Device, fields: Sequence[str], wanted: Mapping[str, Value]) -> bool:
    told = last(device)
    return set(fields) <= told.keys() and wanted.items() <= told.items()


UNIT = ClimateUnit("room", 1, 4, Register(1, signed=True), Register(2))
TABLE = Table((Line("codec", 17, min_off_ms=15_000),))


def _camera(ours: Conversation, far: Peer) -> Simulated:
    return Simulated("camera.main", ours, far)


def _keeper() -> Simulated:
    far = SimKeeper(TABLE)
    far.opened(0)
    return Simulated("relay", KeeperClient(["codec"]), far, "load")


def _upsd() -> Simulated:
    upsd = Upsd(SimUps(), users={"diemcau": UpsdUser("secret")})
    return Simulated("ups", Nut("room", "diemcau", "secret"), upsd)


def _monitor() -> Simulated:
    words = Words(b"ka 01 01\r", b"ka 01 00\r", b"ka 01 ff\r", b"OK01", b"OK00")
    return Simulated("display.wall", SerialDisplay("wall", words), SerialMonitor())


def _projector(password: str = "") -> Simulated:
    body = Projector()
    body.faults.password = password
    return Simulated("display.wall", PjLink("wall", password or None), PjLinkServer(body))


SIMULATED: Mapping[str, Mapping[str, Callable[[], Simulated]]] = {
    "camera": {
        "serial": lambda: _camera(ViscaChain(["main"]), CameraChain()),
        "ip": lambda: _camera(ViscaOverIp("main"), CameraOverIp(seed=5)),
    },
    "ups": {"nut": _upsd, "megatec": lambda: Simulated("ups", Megatec(), MegatecUps(SimUps()))},
    "display": {"rs232": _monitor, "pjlink": _projector, "pjlink with password": lambda: _projector("hội trường")},
    "climate": {"modbus": lambda: Simulated("climate.room", ModbusClimate((UNIT,), 9600), SensorBus())},
    "relay": {"keeper": _keeper},
}


def named(file: str) -> Mapping[str, tuple[str, ...]]:
    """Class → the sources of that class in a room.toml. Raises ConfigError."""
    plan = plan_of(config.load([Path(file)]))
    cameras = tuple(f"camera.{name}" for line in plan.cameras for name in line.names)
    places = (
        *(s.place for s in plan.sensors if s.kind == "climate"),
        *(u.place for b in plan.buses for u in b.units),
    )
    return {
        "camera": cameras,
        "ups": ("ups",) if plan.ups is not None else (),
        "display": tuple(f"display.{row.name}" for row in plan.displays),
        "climate": tuple(f"climate.{place}" for place in places),
        "relay": ("relay",),
    }


class Room:
    """The devices of a room.toml, in real time; its codec is left to the codec's own suite, which has its port."""

    def __init__(self, file: Path) -> None:
        self.plan: Plan = replace(plan_of(config.load([file])), codec=None, probes=())
        self.reports: list[Report] = []
        self._inbox: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._n = 0
        self.devices = build(self.plan, self._inbox.put, _now_ms)
        self.devices.start()

    def until(self, done: Callable[[], bool], within_ms: int) -> bool:
        end_s = time.monotonic() + within_ms / 1000
        while not done():
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return False
            try:
                self.reports.append(self._inbox.get(timeout=left_s))
            except queue.Empty:
                return done()
        return True

    def order(self, target: str, value: Value, within_ms: int) -> OrderId:
        self._n += 1
        order = OrderId("bench", self._n)
        self.devices.order(Order(order, target, value, within_ms))
        return order


class OnBench:
    """One device of a real room."""

    def __init__(self, room: Room, source: str) -> None:
        self.room, self.source = room, source
        self.target = {"relay": "load"}.get(source, source)

    @property
    def reports(self) -> Sequence[Report]:
        return self.room.reports

    def shows(self, within_ms: int, *fields: str, **wanted: Value) -> bool:
        return self.room.until(lambda: _shown(self, fields, wanted), within_ms)

    def do(self, verb: str, value: Value, within_ms: int = 60_000) -> tuple[Stage, str]:
        order = self.room.order(f"{self.target}.{verb}", value, within_ms)
        words: list[tuple[Stage, str]] = []

        def ended() -> bool:
            words[:] = [(r.stage, r.code) for r in self.reports if isinstance(r, Result) and r.order == order]
            return bool(words) and words[-1][0] in LAST

        assert self.room.until(ended, within_ms + 5_000), f"no last word on {verb} {value!r}"
        return words[-1]


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


__all__ = ["SIMULATED", "Device", "OnBench", "Room", "broken_words", "last", "named"]
