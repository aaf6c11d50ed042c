"""The rows of a running controller, beside the floor script in the same rounds: start, commands, memory, rest.

Idle means: the room is off, its devices have no power, the next meeting is tomorrow, nobody asks anything, and
whatever a start brings with it is over. Both processes rest at the same time. Busy means: the meeting is on, the
camera drives from one end to the other, the codec boots and logs in again and again, the UPS is polled.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from tests.bench.probe import FloorTalk, NoAnswer, Probe, RoomTalk, Talk
from tests.bench.process import Measured
from tests.bench.room import SLUG, Place
from tests.bench.rows import NotMeasured, Row

COMMANDS = 200
WARM_UP = 20
STATES = 4
SWITCHED = ("fan", "mixer", "display")
"""Loads that hang on nothing and warm nothing up."""
APART_S = 2.5
"""The summary goes out once a second at most, and once more when the record has reached the disk."""
SETTLE_S = 45.0
"""A start's own business: first looks at silent devices, first records, first views."""
BUSY_S = 3.0


@dataclass
class Figures:
    """What one kind of process showed, a figure per round."""

    start_ms: list[float] = field(default_factory=list)
    command_ms: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    state_ms: list[float] = field(default_factory=list)
    load_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rest:
    """An idle process: private memory, voluntary context switches and processor time per hour."""

    uss_mib: float
    wakes_h: float
    cpu_s_h: float


def process_rows(place: Place, rounds: int, idle_s: float) -> Iterator[Row]:
    """All rows, in the order of the table."""
    _once(place)
    ours, floor = Figures(), Figures()
    for _ in range(rounds):
        with _floor(place, floor) as (probe, talk, process):
            _commands(floor, probe, talk, process)
        with place.room() as words, _started(place, words, RoomTalk(SLUG), ours) as (probe, room, process):
            _commands(ours, probe, room, process)
            _states(ours, probe, room)
    yield from _paired(ours, floor)
    yield from rest_rows(place, idle_s)
    yield busy_row(place, max(1, rounds // 3), median(ours.command_ms))


def _once(place: Place) -> None:
    """A start of each that counts for nothing: it leaves behind what every later one finds, as on a Pi."""
    with _floor(place, Figures()):
        pass
    with place.room() as words, _started(place, words, RoomTalk(SLUG), Figures()):
        pass


def _paired(ours: Figures, floor: Figures) -> Iterator[Row]:
    yield Row("start -> availability", "ms", median(ours.start_ms), median(floor.start_ms), 2.5, True)
    command = median(floor.command_ms)
    yield Row("command -> reply, QoS 1, p50", "ms", median(ours.command_ms), command, 1.5, True)
    yield Row("command -> state, QoS 1, p50", "ms", median(ours.state_ms), command, 1.5, True)
    yield Row("load -> record, relay, state", "ms", median(ours.load_ms), command, None)
    yield Row("processor per command, QoS 1", "us", median(ours.cpu_us), median(floor.cpu_us), 1.5, True)


def rest_rows(place: Place, idle_s: float) -> Iterator[Row]:
    """Both at rest at the same time."""
    with ExitStack() as stack:
        _, _, floor = stack.enter_context(_floor(place, Figures()))
        words = stack.enter_context(place.room())
        _, _, ours = stack.enter_context(_started(place, words, RoomTalk(SLUG), Figures()))
        time.sleep(SETTLE_S)
        mine, its = _rest(ours, floor, idle_s)
    yield Row("private memory", "MiB", mine.uss_mib, its.uss_mib, 25)
    yield Row("wake-ups at rest", "1/h", mine.wakes_h, its.wakes_h, 1000)
    yield Row("processor at rest", "s/h", mine.cpu_s_h, its.cpu_s_h, 0.7)


def _rest(ours: Measured, floor: Measured, idle_s: float) -> tuple[Rest, Rest]:
    before, began_s = (ours.sample(), floor.sample()), time.monotonic()
    time.sleep(idle_s)
    after, hours = (ours.sample(), floor.sample()), (time.monotonic() - began_s) / 3600
    mine, its = (
        Rest(process.uss_kib() / 1024, (b.wakes - a.wakes) / hours, (b.cpu_s - a.cpu_s) / hours)
        for process, a, b in zip((ours, floor), before, after, strict=True)
    )
    return mine, its


def busy_row(place: Place, rounds: int, quiet_ms: float) -> Row:
    """The same command while every device has work, against our own quiet figure."""
    figures = Figures()
    for _ in range(rounds):
        with ExitStack() as stack:
            words = stack.enter_context(place.room(meeting=True))
            place.mains("camera", True)
            stack.callback(place.mains, "camera", False)
            probe, talk, _ = stack.enter_context(_started(place, words, RoomTalk(SLUG), Figures()))
            stack.enter_context(_work(place, talk, probe))
            time.sleep(BUSY_S)
            figures.command_ms.append(median(_spaced(talk, probe) for _ in range(COMMANDS)) / 1e6)
    return Row("command -> reply, devices busy", "ms", median(figures.command_ms), quiet_ms, 1.2, True)


@contextmanager
def _work(place: Place, talk: RoomTalk, probe: Probe) -> Iterator[None]:
    """Keeps camera and codec at work until the end of the block."""
    ends = threading.Event()

    def drive() -> None:
        turn = 0
        while not ends.wait(0.5):
            turn += 1
            talk.do(probe, "seat", value="recall", preset=turn // 2 % 2)
            if turn % 6 in (0, 5):
                place.mains("codec", turn % 6 == 0)

    place.mains("codec", True)
    thread = threading.Thread(target=drive)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
        place.mains("codec", False)


def _spaced(talk: Talk, probe: Probe) -> int:
    """One command after another would hold the bytes of the devices off; a pause lets them in."""
    time.sleep(0.02)
    return talk.ask_ns(probe)


@contextmanager
def _floor(place: Place, figures: Figures) -> Iterator[tuple[Probe, FloorTalk, Measured]]:
    words = [sys.executable, "-m", "tests.bench.floor", str(place.broker_port)]
    with _started(place, words, FloorTalk(), figures) as found:
        yield found


T = TypeVar("T", bound=Talk)


@contextmanager
def _started(place: Place, words: list[str], talk: T, figures: Figures) -> Iterator[tuple[Probe, T, Measured]]:
    """A process that has said that it is online, and the way to speak to it."""
    with Probe(place.broker_port, talk.topics) as probe:
        probe.forget(talk.status)
        began_ns = time.perf_counter_ns()
        with Measured(words, place.folder / "measured.log", place.env) as process:
            try:
                at_ns = probe.wait(talk.status, b"online")[1]
                figures.start_ms.append((at_ns - began_ns) / 1e6)
                talk.introduce(probe)
                yield probe, talk, process
            except NoAnswer as error:
                raise NotMeasured(process.died() or f"silent: {error}") from error


def _commands(figures: Figures, probe: Probe, talk: Talk, process: Measured) -> None:
    for _ in range(WARM_UP):
        talk.ask_ns(probe)
    before = process.sample()
    figures.command_ms.append(median(talk.ask_ns(probe) for _ in range(COMMANDS)) / 1e6)
    figures.cpu_us.append((process.sample().cpu_s - before.cpu_s) / COMMANDS * 1e6)


def _states(figures: Figures, probe: Probe, room: RoomTalk) -> None:
    for _ in range(STATES):
        time.sleep(APART_S)
        figures.state_ms.append(room.state_ns(probe) / 1e6)
    for load in SWITCHED:
        time.sleep(APART_S)
        figures.load_ms.append(room.load_ns(probe, load) / 1e6)
