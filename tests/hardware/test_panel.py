"""The panel on gpiozero's mock pins: edges as they happen, levels as they are, and pins that fail.

Inputs are driven after the panel was started: the device's constructor sets the pull and undoes what was before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory, MockPin

from hardware.contract import Edge, Reading, Report
from hardware.panel import EDGES_A_SECOND, InputSpec, Panel, monotonic_ms

INPUTS = (
    InputSpec("power", 4),
    InputSpec("smoke", 9, active_low=False),
    InputSpec("bypass", 10, active_low=False, pull="down"),
    InputSpec("talk", 11, active_low=True, pull="down"),
    InputSpec("leak", 12, active_low=True, pull="none"),
    InputSpec("door", 13, active_low=False, pull="none"),
)


class Clock:
    """Milliseconds that pass only when told to."""

    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        return self.ms


class Room:
    """A panel, its mock pins and what it reported."""

    def __init__(self, now_ms: Callable[[], int] = monotonic_ms, inputs: tuple[InputSpec, ...] = INPUTS) -> None:
        self.factory = MockFactory()
        self.reports: list[Report] = []
        self._came = threading.Condition()
        self.panel = Panel(inputs, self.report, self.factory, now_ms)

    def report(self, report: Report) -> None:
        with self._came:
            self.reports.append(report)
            self._came.notify_all()

    def drive(self, number: int, high: bool) -> None:
        pin = self.factory.pin(number)
        (pin.drive_high if high else pin.drive_low)()

    def edges(self) -> list[tuple[str, bool]]:
        return [(report.input, report.down) for report in self.reports if isinstance(report, Edge)]

    def levels(self) -> dict[str, object]:
        return dict([report for report in self.reports if isinstance(report, Reading)][-1].values)

    def until(self, condition: Callable[[], bool]) -> None:
        with self._came:
            assert self._came.wait_for(condition, 30), self.reports


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    made.panel.start()
    yield made
    made.panel.stop()


def test_at_start_the_levels_are_told_by_their_wiring(room: Room) -> None:
    expected = {"power": False, "smoke": True, "bypass": False, "talk": True, "leak": True, "door": False}
    assert (room.levels(), room.edges()) == (expected, [])


@pytest.mark.parametrize(
    ("name", "pin", "high", "down"),
    [
        ("power", 4, False, True),
        ("smoke", 9, False, False),
        ("bypass", 10, True, True),
        ("talk", 11, True, False),
        ("leak", 12, True, False),
        ("door", 13, True, True),
    ],
)
def test_an_edge_is_told_by_its_wiring_and_back(name: str, pin: int, high: bool, down: bool) -> None:
    room = Room()
    room.panel.start()
    room.drive(pin, high)
    room.drive(pin, not high)
    room.panel.stop()
    assert room.edges()[:2] == [(name, down), (name, not down)]


def test_edges_carry_the_time_of_the_edge() -> None:
    clock = Clock()
    room = Room(clock)
    room.panel.levels()
    clock.ms = 5_000
    room.drive(4, False)
    clock.ms = 5_300
    room.drive(4, True)
    edges = [report for report in room.reports if isinstance(report, Edge)]
    assert edges == [Edge("power", True, 5_000), Edge("power", False, 5_300)]
    room.panel.stop()


class DeafPin(MockPin):  # type: ignore[misc]
    """A pin that loses edges: its level changes and nobody is called, as while a contact bounces."""

    deaf = False

    def _call_when_changed(self) -> None:
        if not self.deaf:
            super()._call_when_changed()


def test_a_lost_edge_is_found_within_the_sampling_after_the_last_one() -> None:
    room = Room(inputs=(INPUTS[0],))
    pin = room.factory.pin(4, pin_class=DeafPin)
    room.panel.start()
    room.drive(4, False)
    pin.deaf = True
    room.drive(4, True)
    room.until(lambda: room.edges() == [("power", True), ("power", False)])
    room.panel.stop()


def test_a_lost_edge_is_found_with_the_next_levels() -> None:
    room = Room(inputs=(INPUTS[0],))
    pin = room.factory.pin(4, pin_class=DeafPin)
    room.panel.levels()
    pin.deaf = True
    room.drive(4, False)
    room.panel.levels()
    assert room.edges() == [("power", True)]
    assert room.levels() == {"power": True}
    room.panel.stop()


def test_levels_are_told_again_and_again() -> None:
    room = Room()
    panel = Panel(INPUTS, room.report, room.factory, levels_ms=20)
    panel.start()
    room.until(lambda: len(room.reports) >= 3)
    panel.stop()
    first, second, third = [report.at_ms for report in room.reports[:3] if isinstance(report, Reading)]
    assert min(second - first, third - second) >= 20


def test_levels_that_another_thread_asks_for_are_told_then_and_edges_by_ours() -> None:
    """The deciding loop asks with its pulse; a change that no edge told comes as an edge all the same."""
    room = Room()
    panel = Panel(INPUTS, room.report, room.factory, levels_ms=None)
    panel.start()
    told = len(room.reports)
    room.drive(4, False)
    room.until(lambda: room.edges() == [("power", True)])
    assert [report for report in room.reports[told:] if isinstance(report, Reading)] == []
    panel.levels()
    assert room.levels()["power"] is True
    panel.stop()
    assert not panel.alive


def test_a_storm_of_edges_is_bounded_and_the_next_second_is_heard_again() -> None:
    clock = Clock()
    room = Room(clock)
    room.panel.levels()
    for _ in range(500):
        room.drive(4, False)
        room.drive(4, True)
    assert (len(room.edges()), room.panel.ignored) == (EDGES_A_SECOND, 1_000 - EDGES_A_SECOND)
    clock.ms += 1_000
    room.drive(4, False)
    assert room.edges()[-1] == ("power", True)
    assert len(room.edges()) == EDGES_A_SECOND + 1
    room.panel.stop()


def test_an_input_in_use_is_unknown_until_it_is_free() -> None:
    room = Room()
    other = OutputDevice(4, pin_factory=room.factory)
    room.panel.levels()
    assert room.levels()["power"] is None
    assert "in use" in room.panel.faults["power"]
    other.close()
    room.panel.levels()
    assert (room.levels()["power"], room.panel.faults) == (False, {})
    room.panel.stop()


class BrokenPin(MockPin):  # type: ignore[misc]
    """A pin that cannot be read for a while."""

    broken = False

    def _get_state(self) -> bool:
        if self.broken:
            raise OSError("no such device")
        return bool(super()._get_state())


def test_an_input_that_cannot_be_read_is_unknown_until_it_can() -> None:
    room = Room(inputs=(INPUTS[0],))
    pin = room.factory.pin(4, pin_class=BrokenPin)
    room.panel.levels()
    pin.broken = True
    room.panel.levels()
    assert room.levels() == {"power": None}
    assert room.panel.faults == {"power": "power: no such device"}
    pin.broken = False
    room.panel.levels()
    assert (room.levels(), room.panel.faults) == ({"power": False}, {})
    room.panel.stop()


def test_stopping_what_never_started_and_what_runs(room: Room) -> None:
    assert room.panel.alive
    Room().panel.stop()
    room.panel.stop()
    assert not room.panel.alive
