"""Who is awake speaks in a sleeping pump's place: only over an open wire, in turn, and as safely as the pump."""

import errno
import threading
from pathlib import Path

import pytest

from hardware.mailbox import MAIL_MAX
from hardware.pump import Pump
from hardware.sim.listen import ListenFarEnd
from hardware.wire import SerialWire, UnixWire, WireGone
from tests.hardware.talk import Asker, Echo, Heard, clock_ms, until
from tests.hardware.test_pump import heard, link, on_thread, pump

__all__ = ["heard", "link"]


def asleep(carried: Pump, heard: Heard) -> None:
    """Until the pump's own thread has taken what waited and sleeps: `at_once` needs it so."""
    heard.text("HELLO\n")
    on_thread(carried, lambda: None)
    until(lambda: not carried._baton.empty())


class Counted(Asker):
    """Says a line, or a part of one that nobody answers, when it is told to, and by which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.by: list[str] = []

    def line(self, _: int) -> None:
        self.part(0)
        self._out += b"\n"

    def part(self, _: int) -> None:
        self.by.append(threading.current_thread().name)
        self._out += b"word"


def test_who_is_awake_speaks_for_a_pump_that_sleeps(link: Path, heard: Heard) -> None:
    talk = Counted()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    asleep(carried, heard)
    assert carried.at_once(talk.line)
    assert talk.by == [threading.current_thread().name]
    heard.text("WORD\n")
    assert carried.stop()


def test_the_pump_sleeps_on_while_somebody_speaks_for_it(link: Path, heard: Heard) -> None:
    """Counted by turns between two bells: the second bell is the only one that it wakes for."""
    talk = Counted()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    asleep(carried, heard)
    counts: list[int] = []
    on_thread(carried, lambda: counts.append(talk.ticks))
    until(lambda: not carried._baton.empty())
    for _ in range(5):
        assert carried.at_once(talk.part)
    on_thread(carried, lambda: counts.append(talk.ticks))
    assert counts[1] - counts[0] <= 1
    assert len(talk.by) == 5
    assert "pump test" not in talk.by
    assert carried.stop()


def test_who_finds_no_open_wire_leaves_a_letter(heard: Heard, tmp_path: Path) -> None:
    """Nobody opens, closes or reads a wire but its own thread."""
    talk = Counted()
    carried = pump(SerialWire(str(tmp_path / "port")), heard, talk)
    assert carried.at_once(talk.line)  # not started: a letter like any other
    carried.start()
    on_thread(carried, lambda: None)
    assert talk.by == ["pump test"]
    assert carried.stop()
    assert not all(carried.at_once(talk.line) for _ in range(MAIL_MAX + 1)), "a full box refuses, it does not wait"
    assert talk.by == ["pump test"]


def test_letters_that_wait_are_not_overtaken(link: Path, heard: Heard) -> None:
    talk = Counted()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    heard.text("HELLO\n")
    held, go = threading.Event(), threading.Event()
    order_of: list[str] = []

    def hold(_: int) -> None:
        held.set()
        assert go.wait(5)

    assert carried.call(hold)
    assert held.wait(5)
    assert carried.call(lambda _: order_of.append("first"))
    assert carried.at_once(lambda _: order_of.append("second"))
    assert order_of == [], "its thread is awake: nobody speaks in its place"
    go.set()
    on_thread(carried, lambda: None)
    assert order_of == ["first", "second"]
    assert carried.stop()


def test_a_wire_that_dies_under_who_speaks_at_once_is_opened_again(heard: Heard, tmp_path: Path) -> None:
    server = ListenFarEnd(Echo, tmp_path / "socket", clock_ms)
    server.start()
    talk = Counted()
    wire = Cut(tmp_path / "socket")
    carried = pump(wire, heard, talk)
    carried.start()
    asleep(carried, heard)
    wire.cut = True
    assert carried.at_once(talk.line), "it was said; that nobody heard it is the wire's business"
    heard.value("port", "closed")
    heard.value("port", "opened")
    heard.text("HELLO\n")
    assert carried.stop()
    server.stop()


class Cut(UnixWire):
    """Its next write finds that the other side is gone."""

    cut = False

    def write(self, data: bytes) -> int:
        if self.cut:
            self.cut = False
            raise WireGone(errno.EPIPE, f"{self.place}: closed by the other side")
        return super().write(data)


def test_a_pump_that_would_sleep_too_long_is_woken(link: Path, heard: Heard) -> None:
    """What is said at once may need an answer sooner than the pump meant to look."""
    talk = Asker()
    carried = pump(SerialWire(str(link)), heard, talk)
    carried.start()
    asleep(carried, heard)
    assert carried.at_once(lambda _: talk.pace(50))
    heard.value("tick", "tick")
    assert carried.stop()


def test_a_defect_of_ours_is_loud_for_who_speaks_at_once(link: Path, heard: Heard) -> None:
    carried = pump(SerialWire(str(link)), heard)
    carried.start()
    asleep(carried, heard)

    def defect(_: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        carried.at_once(defect)
    on_thread(carried, lambda: None)
    assert carried.stop(), "the pump itself goes on"
