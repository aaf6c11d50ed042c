"""The small factory of the camera line: what `diemcau check` sees."""

import time
from collections.abc import Callable
from pathlib import Path
from queue import Queue

from hardware.camera import SPEEDS, conversation, who
from hardware.contract import Order, OrderId, Reading, Report, Result, Stage
from hardware.pump import Pump
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import CameraModel, Frame
from hardware.sim.pty import PtyFarEnd
from hardware.wire import SerialWire
from tests.hardware.protocols.visca_room import Line


def test_who_answers_is_told_by_name() -> None:
    line = Line([CameraModel()], ["main", "room"])
    line.ours = conversation(["main", "room"])
    assert who(line.ours) == (("main", ""), ("room", ""))
    line.open()
    assert who(line.ours) == (("main", "0001:0513:0100"), ("room", ""))
    assert line.far.unit(0).settings[b"\x7e\x01\x18"] == b"\x03"
    assert line.ours.answers


def test_a_slow_shutter_is_given_time() -> None:
    line = Line([CameraModel(frame_ms=1_000)])
    line.ours = conversation(["main"], slow_shutter=True)
    assert who(line.open(30_000).ours) == (("main", "0001:0513:0100"),)


def test_the_speeds_are_those_of_the_switch() -> None:
    assert SPEEDS == (9600, 38400)


def test_on_a_real_wire_the_camera_is_found_and_sent_to_a_preset(tmp_path: Path) -> None:
    far = CameraChain()
    far.unit(0).presets[2] = Frame(500, 0, 0)
    end = PtyFarEnd(far, tmp_path / "camera", clock_ms)
    end.start()
    heard: Queue[Report] = Queue()
    pump = Pump(
        "camera", SerialWire(str(tmp_path / "camera"), *SPEEDS), conversation(["main"]), heard.put, clock_ms
    )
    pump.start()
    try:
        assert await_report(heard, lambda r: isinstance(r, Reading) and ("ready", True) in r.values)
        pump.ask(Order(OrderId("t", 1), "camera.main.preset", 2, 20_000))
        assert await_report(heard, lambda r: isinstance(r, Reading) and ("preset", 2) in r.values)
        assert await_report(heard, lambda r: isinstance(r, Result) and r.stage is Stage.DONE)
    finally:
        pump.stop()
        end.stop()


def clock_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def await_report(heard: Queue[Report], wanted: Callable[[Report], bool]) -> bool:
    """Wait for a report; a room that is stuck ends in queue.Empty."""
    while not wanted(heard.get(timeout=30)):
        pass
    return True
