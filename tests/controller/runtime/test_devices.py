"""Who carries an order, who is asked how often, and how all threads towards devices end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from controller.plan_make import plan_of
from controller.runtime.devices import Devices, build, secret
from hardware.contract import NEVER_MS, Order, OrderId, Reading, Report, Result, Stage
from hardware.protocols.keeper import KeeperClient
from hardware.pump import Pump
from hardware.sampler import Sampler
from hardware.sim.serve import carrier
from hardware.wire import UnixWire
from tests.controller.room_kit import poor_room
from tests.controller.rooms_on_paper import changed
from tests.controller.runtime.given import until


def clock_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass
class Talk:
    """A conversation that only notes what it is told."""

    orders: list[Order] = field(default_factory=list)
    paces: list[int] = field(default_factory=list)
    wake_ms: int = NEVER_MS

    def feed(self, data: bytes, now_ms: int) -> None:
        """Nobody speaks."""

    def tick(self, now_ms: int) -> None:
        """Nothing is ever due."""

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        return b"", ()

    def opened(self, now_ms: int) -> None:
        """The wire is never there."""

    def closed(self, now_ms: int) -> None:
        """The wire is never there."""

    def ask(self, order: Order, now_ms: int) -> None:
        self.orders.append(order)

    def pace(self, period_ms: int) -> None:
        self.paces.append(period_ms)


class Bench:
    """Two pumps over wires that are not there, and the keeper's."""

    def __init__(self, folder: Path) -> None:
        self.main, self.main2 = Talk(), Talk()
        self.told: list[Report] = []
        self.keeper = KeeperClient(("display",), ("ready",))
        wire = UnixWire(str(folder / "nowhere.sock"))
        pump = Pump("keeper", wire, self.keeper, self.told.append, clock_ms)
        self.devices = Devices(poor_room(), self.keeper, pump, self.told.append, clock_ms)
        self.add(pump, "load.", "relay")
        for name, talk in (("main", self.main), ("main2", self.main2)):
            self.add(
                Pump(name, UnixWire(str(folder / name)), talk, self.told.append, clock_ms),
                f"camera.{name}.",
                "camera",
            )

    def add(self, pump: Pump, start: str, source: str) -> None:
        self.devices.pumps.append(pump)
        self.devices.orders[start] = pump
        self.devices.sources.setdefault(source, []).append(pump)

    def order(self, target: str) -> Order:
        order = Order(OrderId("boot", len(self.main.orders) + 1), target, "on", 1_000)
        self.devices.order(order)
        return order

    def results(self) -> list[tuple[Stage, str]]:
        return [(r.stage, r.code) for r in tuple(self.told) if isinstance(r, Result)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.devices.start()
    yield made
    made.devices.stop()


def test_an_order_goes_to_the_one_who_carries_its_target(bench: Bench) -> None:
    order = bench.order("camera.main2.power")
    until(lambda: bench.main2.orders == [order])
    assert bench.main.orders == []


def test_a_port_is_opened_anew_by_its_pump(bench: Bench) -> None:
    bench.order("camera.main2.port")
    assert bench.results() == [(Stage.DONE, "")]
    assert bench.main2.orders == [], "no word of it reaches the device"


def test_an_order_that_nobody_carries_is_refused(bench: Bench) -> None:
    bench.order("codec.mute")
    assert bench.results() == [(Stage.REFUSED, "no_carrier")]


def test_a_load_whose_keeper_is_away_is_refused_by_its_conversation(bench: Bench) -> None:
    bench.order("load.display")
    until(lambda: bench.results() == [(Stage.REFUSED, "closed")])


def test_every_pump_of_a_source_is_asked_at_its_pace(bench: Bench) -> None:
    bench.devices.pace({"camera": 2_000, "ups": 5_000})
    until(lambda: bench.main.paces == bench.main2.paces == [2_000])


def test_lamps_and_lease_go_to_the_keeper(bench: Bench) -> None:
    bench.devices.lamps({"ready": "steady", "unknown": "fast"})
    bench.devices.renew()
    until(lambda: bench.keeper._show == {"ready": "steady"} and bench.keeper._until_ms > 0)


def test_stopping_ends_every_thread(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.devices.sampler = Sampler(bench.told.append)
    bench.devices.start()
    bench.devices.stop()
    assert not any(pump.alive for pump in bench.devices.pumps)


def test_a_whole_room_has_a_carrier_for_every_target(tmp_path: Path) -> None:
    plan = plan_of(changed(paths__journal=str(tmp_path / "journal.db")))
    told: list[Report] = []
    devices = build(plan, told.append, clock_ms, tmp_path / "sys")
    try:
        lost = [name for name in plan.room.targets if not any(name.startswith(start) for start in devices.orders)]
        assert lost == []
        assert set(devices.sources) == {"relay", "codec", "camera", "ups"}
        assert [pump.name for pump in devices.pumps][:3] == ["keeper", "codec", "camera main"]
        assert devices.sampler is not None
    finally:
        devices.stop()
    assert told == []


def test_a_camera_behind_the_codec_is_the_codecs(tmp_path: Path) -> None:
    devices = build(plan_of(changed(cameras__main={"via": "codec"})), lambda _: None, clock_ms, tmp_path / "sys")
    try:
        assert devices.orders["camera.main."] is devices.orders["codec."]
    finally:
        devices.stop()


def test_a_sensor_on_a_bus_and_one_of_the_kernel_give_the_same_reading(tmp_path: Path) -> None:
    far_end = carrier("modbus", str(tmp_path / "bus"))
    far_end.start()
    told: list[Report] = []
    places = {"climate__room__sensor": None, "climate__room__modbus": {"port": str(tmp_path / "bus")}}
    devices = build(plan_of(changed(**places)), told.append, clock_ms, tmp_path / "sys")
    (pump,) = (pump for pump in devices.pumps if pump.name == "modbus room")
    pump.start()
    try:
        until(lambda: bool(told))
    finally:
        devices.stop()
        far_end.stop()
    values = (("temp_c", 26.5), ("humidity_pct", 62.0), ("error", ""))
    assert [(r.source, r.values) for r in told if isinstance(r, Reading)] == [("climate.room", values)]


def test_a_password_is_the_first_line_of_its_file_or_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ups.password"
    assert (secret(None), secret(path)) == ("", "")
    path.write_bytes(b"\xff\xfe")
    assert secret(path) == ""
    path.write_text("bí mật\nnot this\n", encoding="utf-8")
    assert secret(path) == "bí mật"
    assert "FileNotFoundError" in caplog.text
    assert "UnicodeDecodeError" in caplog.text
    assert "bí mật" not in caplog.text


def test_the_line_is_probed_paced_and_ended_with_the_rest(tmp_path: Path) -> None:
    heard: list[Report] = []
    spot = {"address": "127.0.0.1", "tcp_port": 9}  # nobody listens: refused, and so somebody is there
    plan = plan_of(changed(line={"far_end": spot}, keeper__socket=str(tmp_path / "keeper.sock")))
    devices = build(plan, heard.append, clock_ms, tmp_path)
    assert devices.line is not None
    devices.start(frozenset({("far", "tcp")}))
    devices.pace({"line": 500})
    until(lambda: any(isinstance(r, Reading) and r.source == "line.far" and reached(r) for r in heard))
    devices.stop()
    assert devices.line.stop(5)


def reached(reading: Reading) -> bool:
    return dict(reading.values)["reachable"] is True
