"""The pump over real ptys and sockets: cables pulled, servers that die, floods, and our own defects."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.contract import NEVER_MS, Order, OrderId, Stage
from hardware.pump import MAIL_MAX, RETRY_MS, Pump, retry_ms
from hardware.sim.listen import ListenFarEnd
from hardware.sim.pty import PtyFarEnd
from hardware.wire import SerialWire, TcpWire, UnixWire, Wire
from tests.hardware.talk import Asker, Echo, Heard, clock_ms


def order(n: int, value: str, target: str = "x") -> Order:
    return Order(OrderId("b", n), target, value, 1_000)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Path]:
    far_end = PtyFarEnd(Echo(), tmp_path / "port", clock_ms)
    far_end.start()
    yield tmp_path / "port"
    far_end.stop()


def pump(wire: Wire, heard: Heard, talk: Asker | None = None) -> Pump:
    return Pump("test", wire, talk or Asker(), heard.put, clock_ms, pause_ms=lambda: 20)


def test_bytes_both_ways_and_orders(link: Path, heard: Heard) -> None:
    carried = pump(SerialWire(str(link)), heard)
    carried.start()
    heard.text("HELLO\n")
    carried.ask(order(1, "preset 3"))
    assert heard.result(1).stage is Stage.DONE
    heard.text("PRESET 3\n")
    assert carried.stop()
    assert not carried.alive


def test_unplugged_and_plugged_again(tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    far_end = PtyFarEnd(Echo(), tmp_path / "port", clock_ms)
    far_end.start()
    carried = pump(SerialWire(str(tmp_path / "port")), heard)
    carried.start()
    for _ in range(3):
        heard.text("HELLO\n")
        far_end.unplug()
        heard.value("port", "closed")
        far_end.plug()
        heard.value("port", "opened")
    carried.stop()
    far_end.stop()
    said = [record.getMessage() for record in caplog.records]
    assert sum("is back" in text for text in said) == 3
    assert len(said) == 6


def test_opened_anew_on_demand(link: Path, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    carried = pump(SerialWire(str(link)), heard)
    carried.start()
    heard.text("HELLO\n")
    assert carried.call(carried.reopen)
    heard.value("port", "closed")
    heard.value("port", "opened")
    heard.text("HELLO\n")
    assert carried.stop()
    assert caplog.records == []


def test_absent_is_said_once_however_often_it_is_tried(
    tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Semaphore(0)

    class Counted(SerialWire):
        def open(self) -> bool:
            tried.release()
            return super().open()

    carried = pump(Counted(str(tmp_path / "none")), heard)
    carried.start()
    for _ in range(5):
        assert tried.acquire(timeout=5)
    carried.stop()
    (record,) = caplog.records
    assert "plug it in" in record.getMessage()


def test_a_server_that_dies_and_comes_back(tmp_path: Path, heard: Heard) -> None:
    path = tmp_path / "s"
    carried = pump(UnixWire(path), heard)
    carried.start()
    for _ in range(3):
        server = ListenFarEnd(Echo, path, clock_ms)
        server.start()
        heard.text("HELLO\n")
        server.stop()
        heard.value("port", "closed")
    carried.stop()


def test_tcp(heard: Heard) -> None:
    server = ListenFarEnd(Echo, ("127.0.0.1", 0), clock_ms)
    server.start()
    carried = pump(TcpWire("127.0.0.1", server.port), heard)
    carried.start()
    heard.text("HELLO\n")
    carried.stop()
    server.stop()


class Slow(UnixWire):
    """A connection that neither comes nor fails: its readiness is that of a socket that was never connected."""

    def __init__(self, path: Path, ready: bool) -> None:
        super().__init__(path)
        self.pipe = os.pipe()
        self._ready = ready
        self.closes = threading.Semaphore(0)

    def open(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.pipe[1 if self._ready else 0]

    def finish(self) -> None:
        """Connected."""

    def write(self, data: bytes) -> int:
        return os.write(self.pipe[1], data)

    def close(self) -> None:
        self.closes.release()


def test_an_opening_that_takes_its_time(tmp_path: Path, heard: Heard) -> None:
    wire = Slow(tmp_path, ready=True)
    carried = pump(wire, heard)
    carried.start()
    heard.value("port", "opened")
    assert os.read(wire.pipe[0], 100) == b"hello\n"
    carried.stop()
    for fd in wire.pipe:
        os.close(fd)


def test_an_opening_that_never_ends_is_given_up(
    tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0]

    def jumping_ms() -> int:
        now[0] += 1_000
        return now[0]

    wire = Slow(tmp_path, ready=False)
    carried = Pump("test", wire, Asker(), heard.put, jumping_ms, pause_ms=lambda: 20)
    carried.start()
    for _ in range(5):
        on_thread(carried, lambda: None)
    assert wire.closes.acquire(timeout=5)
    assert carried.stop()
    assert "does not answer" in caplog.records[0].getMessage()
    for fd in wire.pipe:
        os.close(fd)


def test_a_port_that_takes_no_bytes_counts_as_gone(tmp_path: Path, heard: Heard) -> None:
    server = ListenFarEnd(Echo, tmp_path / "s", clock_ms)
    server.start()
    blocked, free = threading.Event(), threading.Event()

    def block(_: int) -> None:
        blocked.set()
        free.wait(10)

    server.call(block)
    carried = pump(UnixWire(tmp_path / "s"), heard)
    carried.start()
    assert blocked.wait(5)
    heard.value("port", "opened")
    for n in range(20):
        carried.ask(order(n, "x" * 60_000, f"t{n}"))
    heard.value("port", "closed")
    free.set()
    carried.stop()
    server.stop()


def test_garbage_is_the_conversations_business(link: Path, tmp_path: Path, heard: Heard) -> None:
    echo = Echo()
    far_end = PtyFarEnd(echo, tmp_path / "noisy", clock_ms)
    far_end.start()
    carried = pump(SerialWire(str(tmp_path / "noisy")), heard)
    carried.start()
    heard.text("HELLO\n")
    far_end.call(lambda _: echo.say(bytes(range(256)) * 8))
    heard.text("ÿ\x00\x01")
    carried.ask(order(1, "still here"))
    heard.text("STILL HERE\n")
    carried.stop()
    far_end.stop()


def test_of_two_orders_that_wait_the_later_wins(link: Path, heard: Heard) -> None:
    carried = pump(SerialWire(str(link)), heard)
    carried.ask(order(1, "first"))
    carried.ask(order(2, "other", "y"))
    carried.ask(order(3, "second"))
    carried.start()
    assert heard.result(1).stage is Stage.SUPERSEDED
    assert {heard.result(2).stage, heard.result(3).stage} == {Stage.DONE}
    carried.stop()


def test_a_full_box_refuses(heard: Heard, tmp_path: Path) -> None:
    carried = pump(SerialWire(str(tmp_path / "none")), heard)
    assert all(carried.call(lambda _: None) for _ in range(MAIL_MAX))
    assert not carried.call(lambda _: None)
    carried.ask(order(1, "x"))
    assert (heard.result(1).stage, carried.stop()) == (Stage.REFUSED, True)


def test_after_stop_nothing_is_taken(link: Path, heard: Heard) -> None:
    carried = pump(SerialWire(str(link)), heard)
    carried.start()
    heard.text("HELLO\n")
    assert carried.stop()
    carried.ask(order(1, "x"))
    assert heard.result(1).code == "busy"
    carried.pace(5)


def test_pace_and_call_run_on_its_thread(link: Path, heard: Heard) -> None:
    talk = Asker()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    carried.pace(30)
    heard.value("tick", "tick")
    heard.value("tick", "tick")
    names: list[str] = []
    on_thread(carried, lambda: names.append(threading.current_thread().name))
    assert names == ["pump test"]
    carried.stop()


def on_thread(carried: Pump, function: Callable[[], None]) -> None:
    done = threading.Event()

    def run(_: int) -> None:
        function()
        done.set()

    assert carried.call(run)
    assert done.wait(5)


def test_an_idle_pump_does_not_wake(link: Path, heard: Heard) -> None:
    """Counted by turns between two bells, not by time: the first settles the port, the second looks."""
    talk = Asker()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    heard.text("HELLO\n")
    counts: list[int] = []
    for _ in range(2):
        on_thread(carried, lambda: counts.append(talk.ticks))
    assert counts[1] - counts[0] <= 1
    assert talk.wake_ms == NEVER_MS
    carried.stop()


def test_a_silent_port_is_tried_at_its_next_speed(link: Path, heard: Heard) -> None:
    wire = SerialWire(str(link), 9600, 38400)
    carried = pump(wire, heard)
    carried.start()
    for n, speed in enumerate((9600, 38400, 9600)):
        heard.text("HELLO\n")
        assert wire.speed == speed
        carried.ask(order(n, "mute"))
        heard.value("port", "closed")
    heard.text("HELLO\n")
    carried.ask(order(8, "good"))
    heard.value("answers", True)
    carried.ask(order(9, "mute"))
    heard.value("answers", False)
    carried.ask(order(10, "still open"))
    heard.text("STILL OPEN\n")
    assert wire.speed == 38400
    carried.stop()


def test_a_port_that_is_asked_seldom_changes_its_speed_as_seldom(link: Path, heard: Heard) -> None:
    """A device without power answers at no speed: one round of tries, then rest."""
    wire = SerialWire(str(link), 9600, 38400)
    carried = pump(wire, heard)
    carried.pace(3_600_000)
    carried.start()
    heard.text("HELLO\n")
    carried.ask(order(1, "mute"))
    heard.value("port", "closed")
    heard.text("HELLO\n")
    assert wire.speed == 38400
    carried.ask(order(2, "mute"))
    heard.value("answers", False)
    carried.ask(order(3, "still open"))
    heard.text("STILL OPEN\n")
    assert wire.speed == 38400
    carried.pace(0)
    carried.ask(order(4, "mute"))
    heard.value("port", "closed")
    carried.stop()


class Defect(Asker):
    def feed(self, data: bytes, now_ms: int) -> None:
        raise ZeroDivisionError


def test_a_defect_of_ours_is_loud_and_frees_the_port(link: Path, heard: Heard) -> None:
    caught: list[type[BaseException]] = []
    ended = threading.Event()
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        caught.append(args.exc_type)
        ended.set()

    threading.excepthook = hook
    try:
        carried = pump(SerialWire(str(link)), heard, Defect())
        carried.start()
        assert ended.wait(5)
    finally:
        threading.excepthook = before
    assert carried.stop()
    assert caught == [ZeroDivisionError]
    free = SerialWire(str(link))
    assert free.open()
    free.close()


def test_the_pause_is_flat_and_drawn() -> None:
    drawn = {retry_ms() for _ in range(200)}
    assert min(drawn) >= RETRY_MS[0]
    assert max(drawn) <= RETRY_MS[1]
    assert len(drawn) > 50


def test_stop_before_start(heard: Heard, tmp_path: Path) -> None:
    assert pump(SerialWire(str(tmp_path / "none")), heard).stop()
