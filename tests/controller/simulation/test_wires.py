"""A line in memory: bytes with latency and noise, and nothing but bytes; a port that comes and goes."""

from __future__ import annotations

from random import Random

import pytest

from controller.simulation.wires import Wire
from hardware.contract import NEVER_MS, Order, OrderId, Reading, Report

SAID = Reading("x", (), 0)


class End:
    """Either side: writes down what it is told, says what it is given to say, wakes when told to."""

    def __init__(self) -> None:
        self.log: list[tuple[object, ...]] = []
        self.say: list[bytes] = []
        self.reports: tuple[Report, ...] = ()
        self.wake_ms = NEVER_MS
        self.answers = b""

    def feed(self, data: bytes, now_ms: int) -> None:
        self.log.append(("fed", data, now_ms))
        if self.answers:
            self.say.append(self.answers)

    def tick(self, now_ms: int) -> None:
        self.log.append(("tick", now_ms))
        self.wake_ms = NEVER_MS

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, self.say = b"".join(self.say), []
        reports, self.reports = self.reports, ()
        return data, reports

    def opened(self, now_ms: int) -> None:
        self.log.append(("opened", now_ms))

    def closed(self, now_ms: int) -> None:
        self.log.append(("closed", now_ms))

    def ask(self, order: Order, now_ms: int) -> None:
        self.log.append(("ask", order.target, now_ms))

    def pace(self, period_ms: int) -> None:
        self.log.append(("pace", period_ms))


class Line(Wire):
    """A wire between two `End`s; `us` and `them` are typed as what they are."""

    def __init__(self, latency_ms: int = 10) -> None:
        self.us, self.them = End(), End()
        super().__init__("line", lambda: self.us, self.them, latency_ms, Random(1))


def begun(latency_ms: int = 10, base_ms: int = 0) -> Line:
    line = Line(latency_ms)
    line.begin(base_ms, base_ms)
    line.look()
    line.us.log.clear()
    return line


def test_bytes_arrive_after_their_latency_and_not_before() -> None:
    line = begun()
    line.us.say.append(b"hello")
    line.collect(100)
    assert line.look() == 110
    line.run(109)
    assert line.them.log == []
    line.run(110)
    assert line.them.log == [("fed", b"hello", 110)]


def test_an_answer_comes_back_and_its_report_is_given() -> None:
    line = begun()
    line.them.answers = b"yes"
    line.us.say.append(b"who?")
    line.collect(0)
    line.run(10)
    line.us.reports = (SAID,)
    assert line.run(20) == (SAID,)
    assert line.us.log == [("fed", b"yes", 20)]


def test_without_latency_question_and_answer_are_one_run() -> None:
    line = begun(latency_ms=0)
    line.them.answers = b"yes"
    line.us.wake_ms = 5
    line.us.say.append(b"who?")
    assert line.look() == 5
    line.run(5)
    assert line.them.log == [("fed", b"who?", 5)]
    assert line.us.log == [("tick", 5), ("fed", b"yes", 5)]


def test_ours_counts_from_its_boot() -> None:
    line = begun(base_ms=1_000)
    line.us.wake_ms = 50
    assert line.look() == 1_050
    line.run(1_050)
    assert line.us.log == [("tick", 50)]


def test_each_side_is_woken_when_it_asked_to_be() -> None:
    line = begun()
    line.us.wake_ms, line.them.wake_ms = 300, 200
    assert line.look() == 200
    line.run(200)
    assert (line.us.log, line.them.log) == ([], [("tick", 200)])
    assert line.look() == 300


def test_a_port_that_closes_loses_what_was_on_the_way() -> None:
    line = begun()
    line.us.say.append(b"lost")
    line.collect(0)
    line.close(5)
    line.close(6)
    assert line.us.log == [("closed", 5)]
    line.open(7)
    line.open(8)
    line.run(20)
    assert line.them.log == []


def test_a_far_end_lives_on_alone_and_is_not_heard() -> None:
    line = begun()
    line.close(0)
    line.them.wake_ms, line.us.wake_ms = 40, 30
    line.them.say.append(b"anybody?")
    assert line.look() == 40
    assert line.run(40) == ()
    assert line.them.log == [("tick", 40)]
    line.open(50)
    line.run(100)
    assert line.us.log == [("closed", 0), ("opened", 50)]


def test_nobody_is_woken_on_a_closed_port_before_its_time() -> None:
    line = begun()
    line.close(0)
    assert line.run(10) == ()
    assert line.them.log == []


def test_a_server_is_told_of_each_new_connection() -> None:
    line = Line()
    told: list[int] = []
    line.answer = told.append
    line.begin(3, 0)
    line.close(4)
    line.open(9)
    assert told == [3, 9]


@pytest.mark.parametrize(("noise", "low", "high"), [(0.0, 0, 0), (0.5, 350, 650), (1.0, 950, 1_000)])
def test_noise_hits_its_share_of_the_bytes(noise: float, low: int, high: int) -> None:
    line = begun()
    line.noise = noise
    line.us.say.append(bytes(1_000))
    line.collect(0)
    line.run(10)
    data = line.them.log[0][1]
    assert isinstance(data, bytes)
    assert len(data) == 1_000
    assert low <= sum(b != 0 for b in data) <= high


def test_an_order_goes_to_ours() -> None:
    line = begun()
    line.ours.ask(Order(OrderId("b", 1), "codec.mute", "muted", 1), 7)
    assert line.us.log == [("ask", "codec.mute", 7)]
