"""Reads on threads: each at its own pace, one that hangs, one that is defective."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from hardware.contract import Reading
from hardware.sampler import CLIMATE_MS, HOST_MS, Sampler, second_ms
from tests.hardware.talk import Heard


def reading(name: str) -> Sequence[Reading]:
    return [Reading(name, (("value", name),), 0)]


def test_every_read_is_made_at_once_and_stop_is_quick() -> None:
    heard = Heard()
    sampler = Sampler(heard.put)
    sampler.add("climate", lambda: reading("climate"), 3_600_000)
    sampler.add("host", lambda: reading("host"), 3_600_000)
    sampler.start()
    heard.value("value", "climate")
    assert sampler.stop()
    assert sampler.stop()


def test_reads_come_again() -> None:
    heard = Heard()
    sampler = Sampler(heard.put)
    sampler.add("climate", lambda: reading("climate"), 1_000)
    sampler.start()
    heard.value("value", "climate")
    heard.value("value", "climate")
    assert sampler.stop()


@pytest.mark.parametrize("sensors", [0, 1, 2, 3, 4])
def test_no_two_of_a_room_read_at_the_same_moment(sensors: int) -> None:
    """Its sensors, its ports, the Pi: whoever reads in the same second waits for the other, every minute anew."""
    periods = [CLIMATE_MS] * sensors + [HOST_MS] * 2
    moments = [
        at_ms
        for n, every in enumerate(periods)
        for at_ms in range(second_ms(n, every), 10 * HOST_MS + every, every)
    ]
    pairs = zip(sorted(moments), sorted(moments)[1:], strict=False)
    assert all(later - earlier > 1_000 for earlier, later in pairs)
    assert all(0 < second_ms(n, every) <= every for n, every in enumerate(periods))


def test_one_that_hangs_stops_no_other_and_no_process(tmp_path: Path) -> None:
    """A kernel file that never answers: a FIFO that nobody writes."""
    fifo = tmp_path / "temp1_input"
    os.mkfifo(fifo)
    heard = Heard()
    sampler = Sampler(heard.put)
    entered = threading.Event()

    def hang() -> Sequence[Reading]:
        entered.set()
        return reading(fifo.read_text())

    sampler.add("hung", hang, 1_000)
    sampler.add("host", lambda: reading("host"), 1_000)
    sampler.start()
    assert entered.wait(5)
    heard.value("value", "host")
    heard.value("value", "host")
    assert not sampler.stop(0.05)
    fifo.write_text("")
    assert sampler.stop(5)


def test_a_defect_is_loud() -> None:
    ended = threading.Event()
    before, threading.excepthook = threading.excepthook, lambda _: ended.set()
    try:
        sampler = Sampler(Heard().put)
        sampler.add("bad", lambda: reading(str(1 // 0)), 1_000)
        sampler.start()
        assert ended.wait(5)
    finally:
        threading.excepthook = before
    assert sampler.stop()


def test_a_period_too_short_and_a_stop_without_start() -> None:
    sampler = Sampler(Heard().put)
    with pytest.raises(ValueError, match="too short"):
        sampler.add("x", lambda: reading("x"), 10)
    sampler.add("x", lambda: reading("x"), 1_000)
    assert sampler.stop()
