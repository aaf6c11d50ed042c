"""A device whose speed nobody wrote down: real ptys with a speed, both sides' clock moved by the test."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware import camera, codec
from hardware.contract import Conversation, Peer, Reading, Report
from hardware.protocols.polycom_life import KNOCK_MS
from hardware.pump import Pump
from hardware.sim.baud import heard
from hardware.sim.camera import CameraChain
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.wire import SerialWire

STEP_MS = 100
BOTH = (9600, 115200)


class Bench:
    """A conversation on a pump and a far end on a pty; time goes on when the test says so."""

    def __init__(self, path: Path, talk: Conversation, far: Peer, own: int, speeds: tuple[int, ...]) -> None:
        self.now_ms = 1_000_000
        self.said: dict[str, object] = {}
        self.answers: list[object] = []
        self.wire = SerialWire(str(path), *speeds)
        self.far_end = PtyFarEnd(far, path, self.clock_ms, own)
        self.pump = Pump("bench", self.wire, talk, self.put, self.clock_ms, lambda: 1_000)
        self.far_end.start()
        self.pump.start()

    def clock_ms(self) -> int:
        return self.now_ms

    def put(self, report: Report) -> None:
        if isinstance(report, Reading):
            self.said |= dict(report.values)
            self.answers += [value for name, value in report.values if name == "answers"]

    def until(self, wanted: Callable[[], bool], within_ms: int) -> int:
        """How long it took; AssertionError when it never came."""
        began_ms = self.now_ms
        while self.now_ms < began_ms + within_ms:
            if wanted():
                return self.now_ms - began_ms
            self.step()
        raise AssertionError(f"{self.wire.place}: {self.said}")

    def rest(self, for_ms: int) -> None:
        for _ in range(for_ms // STEP_MS):
            self.step()

    def step(self) -> None:
        self.now_ms += STEP_MS
        for call in (self.pump.call, self.far_end.call) * 2 + (self.pump.call,):
            done = threading.Event()
            assert call(lambda _, done=done: done.set())  # type: ignore[misc]
            assert done.wait(10)

    def close(self) -> None:
        assert self.pump.stop()
        self.far_end.stop()


def test_a_byte_at_another_speed_is_garbage() -> None:
    line = b"Hi, my name is : Phong hop\r\n"
    assert heard(line, 9600, 9600) == line
    for sent, own in ((9600, 115200), (115200, 9600), (9600, 38400), (38400, 9600), (19200, 9600)):
        garbage = heard(line, sent, own)
        assert garbage
        assert not any(word in garbage for word in (b"Hi", b"name", b"Phong"))
    # As by hand: 0x55 stands on the line as 0101010101. Seen twice as fast each bit comes twice: a low start, eight
    # bits, and a low where the stop bit should be; from the next fall on 00110011 and rest.
    assert heard(b"\x55", 9600, 19200) == bytes([0, 0b11100110])
    assert heard(b"", 9600, 115200) == b""


@pytest.mark.parametrize("dark_s", [0, 7, 20, 45, 300])
@pytest.mark.parametrize("own", BOTH)
def test_a_codec_that_is_switched_on_while_its_speed_is_sought(tmp_path: Path, own: int, dark_s: int) -> None:
    far = PolycomCodec(1, on=False)
    bench = Bench(tmp_path / "codec", codec.conversation("polycom"), far, own, BOTH)
    bench.rest(dark_s * 1000)
    bench.far_end.call(lambda now_ms: far.mains(True, now_ms))
    bench.until(lambda: far.up, 130_000)
    bench.until(lambda: bench.said.get("power") == "awake", 60_000)
    assert bench.wire.speed == own
    assert bench.said["answers"] is True
    assert bench.said["in_call"] is False
    bench.close()


def test_every_speed_is_given_a_whole_round_of_inquiries(tmp_path: Path) -> None:
    """Three of them, each with its time to answer: a device that boots is not left in the middle of one."""
    bench = Bench(tmp_path / "codec", codec.conversation("polycom"), PolycomCodec(1, on=False), 9600, BOTH)
    rounds_ms: list[int] = []
    for _ in range(6):
        speed = bench.wire.speed
        rounds_ms.append(bench.until(lambda speed=speed: bench.wire.speed != speed, 60_000))  # type: ignore[misc]
    bench.close()
    assert min(rounds_ms) >= 3 * KNOCK_MS


@pytest.mark.parametrize("own", [9600, 38400])
def test_a_camera_that_is_switched_on_while_its_speed_is_sought(tmp_path: Path, own: int) -> None:
    far = CameraChain()
    far.mains(0, False, 0)
    bench = Bench(tmp_path / "camera", camera.conversation(("main",)), far, own, (9600, 38400))
    bench.rest(60_000)
    bench.far_end.call(lambda now_ms: far.mains(0, True, now_ms))
    bench.until(lambda: bench.said.get("ready") is True, 90_000)
    assert bench.wire.speed == own
    bench.close()
