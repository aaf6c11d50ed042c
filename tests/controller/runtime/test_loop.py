"""The deciding loop with hands that only note what they were told, and a clock that is moved by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from controller.core.events import Command, Rejected, Started, Stepped
from controller.core.gasp import Gasp
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record, Reply
from controller.core.room import Class, Room
from controller.core.state import State
from controller.core.view import View
from controller.core.words import Yield
from controller.rules import RULES
from controller.runtime.batch import Batch, Committed
from controller.runtime.hands import Full, Hands, full_views
from controller.runtime.loop import (
    BREATH_MS,
    DETAIL_MS,
    INBOX,
    LATE,
    LOOK_MS,
    PULSE_MS,
    RECORD_WAIT_MS,
    REFRESH_MS,
    Loop,
)
from hardware.contract import NEVER_MS, Edge, Order, Reading
from tests.controller.room_kit import a_room, poor_room

BOOT = "boot-1"
PRESS_MS = 200


@dataclass
class Bench:
    """A loop on a table: time goes on only by `wait`."""

    room: Room
    mono_ms: int = 5_000_000
    batches: list[Batch] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    lamps: list[dict[str, str]] = field(default_factory=list)
    paces: list[dict[str, int]] = field(default_factory=list)
    views: list[tuple[dict[str, object], Full | None]] = field(default_factory=list)
    gasps: list[Gasp] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)
    others: list[object] = field(default_factory=list)
    pulses: list[str] = field(default_factory=list)
    renewed: int = 0
    turns: int = 0
    due_ms: int = NEVER_MS
    step_ms: int | None = None

    def __post_init__(self) -> None:
        self.loop = Loop(self.room, RULES, self.now, self._hands())

    def now(self) -> Instant:
        return Instant(self.mono_ms, 1_790_000_000_000 + self.mono_ms, Trust.NTP)

    def _hands(self) -> Hands:
        return Hands(
            order=self.orders.append,
            pace=lambda wished: self.paces.append(dict(wished)),
            lamps=lambda patterns: self.lamps.append(dict(patterns)),
            renew=self._renew,
            write=self.batches.append,
            gasp=self.gasps.append,
            publish=lambda summary, full: self.views.append((dict(summary), full)),
            answer=self.answers.append,
            other=self.others.append,
            turn=self._turn,
            due_ms=lambda: self.due_ms,
            pulse=self.pulses.append,
            stepped=self._stepped,
        )

    def _renew(self) -> None:
        self.renewed += 1

    def _turn(self, _now: Instant) -> None:
        self.turns += 1

    def _stepped(self, _now: Instant) -> Stepped | None:
        by_ms, self.step_ms = self.step_ms, None
        return None if by_ms is None else Stepped(by_ms)

    def overflowed(self) -> bool:
        return self.loop.overflow

    # ---- what a test does

    def start(self, level: str = "off") -> Bench:
        self.loop.step([Started(BOOT, None), Reading("input", (("power", False),), self.mono_ms)])
        self.levels(level)
        self.wait(self.room.power_up.grace_ms + 60_000, level)
        return self

    def levels(self, level: str) -> None:
        values = tuple((load.name, "on" if load.cls is Class.NETWORK else level) for load in self.room.loads)
        self.loop.step([Reading("relay", values, self.mono_ms)])

    def wait(self, ms: int, level: str = "") -> None:
        """Time goes on, and the loop wakes whenever it wanted to."""
        until_ms = self.mono_ms + ms
        told_ms = self.mono_ms
        while self.mono_ms < until_ms:
            self.mono_ms = min(until_ms, max(self.mono_ms + 1, self.loop._due_ms()))
            self.loop.step([])
            if level and self.mono_ms >= told_ms + 10_000:
                told_ms = self.mono_ms
                self.levels(level)

    def press(self) -> None:
        """BẬT, pressed for a fifth of a second."""
        self.loop.step([Edge("power", True, self.mono_ms)])
        self.wait(PRESS_MS)
        self.loop.step([Edge("power", False, self.mono_ms)])
        self.wait(50)

    @property
    def pending(self) -> Batch:
        """The last batch that somebody waits for."""
        return [batch for batch in self.batches if batch.urgent][-1]

    def records(self, kind: str) -> list[Record]:
        return [record for batch in self.batches for record in batch.records if record.kind == kind]


def poor() -> Bench:
    return Bench(replace(poor_room(), buttons=a_room().buttons))


def test_a_step_waits_for_its_record() -> None:
    bench = poor().start()
    bench.press()
    assert bench.pending.records
    assert not bench.orders
    bench.loop.step([Committed(bench.pending.token, ())])
    assert [order.target for order in bench.orders] == [
        record.subject for record in bench.pending.records if record.kind == "order"
    ]
    bench.loop.step([Committed(bench.pending.token, ())])
    assert len(bench.orders) == 1, "a record that is told twice is no second order"


def test_the_record_of_another_step_releases_nothing() -> None:
    bench = poor().start()
    bench.press()
    bench.loop.step([Committed(bench.pending.token - 1, ()), Committed(10_000, ())])
    assert not bench.orders


def test_a_step_waits_two_seconds_and_no_longer() -> None:
    bench = poor().start()
    bench.press()
    made_ms = bench.pending.instant.mono_ms
    bench.mono_ms = made_ms + RECORD_WAIT_MS - 1
    bench.loop.step([])
    assert not bench.orders
    bench.mono_ms += 1
    bench.loop.step([])
    assert len(bench.orders) == 1
    (late,) = bench.records("unlogged")
    assert late.subject == bench.orders[0].target
    assert late.priority is Priority.INCIDENT
    bench.loop.step([Committed(bench.pending.token, ())])
    assert len(bench.orders) == 1


def closing() -> tuple[Bench, int]:
    """BẬT / TẮT was held for three seconds in a room that is on: the first *off* waits for its record."""
    bench = poor().start("on")
    bench.loop.step([Edge("power", True, bench.mono_ms)])
    bench.wait(3_100)
    bench.loop.step([Edge("power", False, bench.mono_ms)])
    bench.wait(50)
    assert [record for record in bench.pending.records if record.kind == "order"]
    assert not bench.orders
    return bench, bench.pending.token


def test_a_step_that_was_taken_back_while_the_disk_was_slow_is_not_done() -> None:
    bench, token = closing()
    bench.press()
    bench.loop.step([Committed(token, ())])
    bench.wait(RECORD_WAIT_MS, "on")
    assert [order for order in bench.orders if order.value == "off"] == []
    assert bench.records("unlogged") == []


def test_a_press_that_comes_with_the_word_of_the_disk_is_heard_first() -> None:
    bench, token = closing()
    began_ms = bench.mono_ms
    bench.loop.step([Edge("power", True, began_ms)])
    bench.mono_ms += PRESS_MS + 50
    bench.loop.step([Committed(token, ()), Edge("power", False, began_ms + PRESS_MS)])
    assert [order for order in bench.orders if order.value == "off"] == []


def test_the_loop_wakes_for_a_step_that_waits() -> None:
    bench = poor().start()
    bench.press()
    assert bench.loop._due_ms() <= bench.pending.instant.mono_ms + RECORD_WAIT_MS


def test_devices_that_are_no_load_do_not_wait_for_the_disk() -> None:
    bench = Bench(a_room()).start("on")
    told = (("answers", True), ("power", "awake"), ("calls", ()), ("in_call", False), ("mute", "muted"))
    bench.loop.step(
        [
            Reading("codec", told, bench.mono_ms),
            Command("id-1", "desk", "call", ("dial", "mcu", "auto", 0), bench.mono_ms + 30_000),
        ]
    )
    bench.wait(100)
    assert "codec.dial" in [order.target for order in bench.orders]


def test_an_unchanged_room_shows_nothing_twice() -> None:
    bench = poor().start()
    bench.wait(120_000, "off")  # a sensor that never spoke is missed two minutes after the start
    lamps, paces, views = len(bench.lamps), len(bench.paces), len(bench.views)
    for _ in range(50):
        bench.mono_ms += 3_000
        bench.levels("off")
    assert (len(bench.lamps), len(bench.paces), len(bench.views)) == (lamps, paces, views)


def test_unchanged_views_are_seen_now_and_then() -> None:
    bench = poor().start()
    bench.wait(120_000, "off")  # a sensor that never spoke is missed two minutes after the start
    before = len(bench.views)
    bench.wait(2 * REFRESH_MS + 10_000, "off")
    assert [full is not None for _, full in bench.views[before:]] == [True, True]
    assert bench.loop._due_ms() <= bench.mono_ms + REFRESH_MS


def test_a_change_is_summed_up_at_once_and_told_in_full_a_second_later() -> None:
    bench = Bench(a_room()).start()
    bench.mono_ms += 10_000
    bench.loop.step([Reading("ups", (("link", "ok"), ("source", "mains")), bench.mono_ms)])
    bench.wait(BREATH_MS)
    assert bench.views[-1][1] is not None
    told = len(bench.views)
    bench.mono_ms += 100
    bench.loop.step([Reading("ups", (("link", "ok"), ("source", "battery")), bench.mono_ms)])
    assert [(summary["power"], full) for summary, full in bench.views[told:]] == [("battery", None)]
    bench.wait(DETAIL_MS)
    full = bench.views[-1][1]
    assert full is not None
    assert full.details["ups"]["source"] == "battery"
    assert full.inside["targets"]


def test_the_first_summary_comes_with_its_full_view() -> None:
    """A room that says that it is ready can be looked at."""
    bench = Bench(a_room())
    bench.loop.step([Started(BOOT, None)])
    assert [full is not None for _, full in bench.views] == [True]


def test_no_full_view_is_built_while_somebody_waits_for_the_summary() -> None:
    """And changes that follow each other do not put it off."""
    bench = Bench(a_room()).start()
    bench.mono_ms += 10_000
    told = len(bench.views)
    sources = ("mains", "battery") * 2
    for source in sources:
        bench.loop.step([Reading("ups", (("link", "ok"), ("source", source)), bench.mono_ms)])
        bench.mono_ms += BREATH_MS // 2
    shown = bench.views[told:]
    assert [summary["power"] for summary, _ in shown] == [*sources]
    assert [full is not None for _, full in shown] == [False, False, True, False]


def test_a_last_gasp_is_handed_out_when_it_changes_and_never_twice() -> None:
    bench = Bench(a_room())
    bench.loop.step([])
    assert bench.gasps == [], "the mains is not known yet"
    for source in ("mains", "battery", "battery", "battery"):
        bench.wait(2_000)
        bench.loop.step([Reading("ups", (("source", source), ("charge_pct", 61.0)), bench.mono_ms)])
    bench.wait(3_000)
    bench.loop.step([])
    assert bench.gasps == [Gasp(), Gasp("on_battery", 60)]
    falls = [batch for batch in bench.batches if batch.urgent and batch.memory is not None]
    assert [batch.memory.marks["mains"].value for batch in falls if batch.memory] == ["lost"], "for the next life"


def test_full_views_are_built_once_a_second_at_most() -> None:
    bench = Bench(a_room()).start()
    told = len(bench.views)
    for n in range(100):
        bench.mono_ms += 100
        bench.loop.step([Reading("host", (("cpu_temp_c", 40.0 + 3 * (n // 10 % 2)),), bench.mono_ms)])
    assert 9 <= sum(full is not None for _, full in bench.views[told:]) <= 11


def test_full_views_of_a_state_that_stands_are_built_once_a_minute() -> None:
    """Not at every decision; but what time alone changes in them is found, and a change of state at once."""
    bench = poor().start()
    bench.wait(REFRESH_MS, "off")
    built: list[int] = []

    def counted(state: State, now: Instant, room: Room) -> Full:
        built.append(now.mono_ms)
        return full_views(state, now, room)

    bench.loop.draw = counted
    for _ in range(20):
        bench.mono_ms += 9_000
        bench.levels("off")
        bench.loop.state = bench.loop.state._replace(wake_ms=0)  # a deadline: every rule is asked
        bench.loop.step([])
    assert 20 * 9_000 // LOOK_MS <= len(built) <= 20 * 9_000 // LOOK_MS + 1  # and once to be handed out again
    bench.mono_ms += 2_000
    bench.levels("on")
    bench.wait(BREATH_MS)
    assert built[-1] == bench.mono_ms


def test_a_reading_that_shows_is_shown_though_nothing_is_recorded() -> None:
    """The wake time stays where it was: what counts is that the facts have changed."""
    bench = Bench(a_room()).start()
    bench.loop.step([Reading("link", (("desk", "down"),), bench.mono_ms)])
    bench.wait(5_000)
    bench.loop.step([Reading("link", (("desk", "up"),), bench.mono_ms)])
    assert bench.lamps[-1]["line"] == "steady"


def test_it_pulses_while_it_turns() -> None:
    bench = poor().start()
    bench.pulses.clear()
    renewed = bench.renewed
    bench.wait(10 * PULSE_MS, "off")
    assert 9 <= len(bench.pulses) <= 10
    assert bench.renewed - renewed == len(bench.pulses)
    assert set(bench.pulses) == {"off"}
    assert bench.loop._due_ms() <= bench.mono_ms + PULSE_MS


def test_a_shorter_lease_is_renewed_sooner() -> None:
    bench = poor().start()
    bench.loop.pulse_ms = 1_500
    bench.wait(PULSE_MS, "off")
    bench.pulses.clear()
    bench.wait(15_000, "off")
    assert len(bench.pulses) >= 5


def test_an_overflow_stops_the_watchdog_until_somebody_decides_again() -> None:
    bench = poor().start()
    reading = Reading("relay", (("display", "off"),), bench.mono_ms)
    for _ in range(INBOX + 5):
        bench.loop.report(reading)
    assert bench.overflowed()
    assert bench.loop.inbox.qsize() == INBOX
    bench.pulses.clear()
    bench.mono_ms += PULSE_MS
    bench.loop.step([])
    assert not bench.pulses, "the inbox is still full: nobody takes from it"
    assert bench.overflowed()
    items = bench.loop._drain()
    assert len(items) == INBOX
    bench.mono_ms += PULSE_MS
    bench.loop.step(items)
    assert not bench.overflowed()
    assert not bench.pulses
    bench.mono_ms += PULSE_MS
    bench.loop.step([])
    assert bench.pulses
    assert bench.records("overflow")


def test_a_command_is_answered_and_remembered() -> None:
    bench = poor().start()
    command = Command("id-1", "desk", "power", ("on",), bench.mono_ms + 30_000)
    bench.loop.step([command])
    assert [(reply.id, reply.stage) for reply in bench.answers] == [("id-1", "accepted")]
    assert bench.pending.memory is not None
    assert [reply.id for reply in bench.pending.memory.replies] == ["id-1"]
    bench.loop.step([command])
    assert [(reply.id, reply.stage) for reply in bench.answers] == [("id-1", "accepted")] * 2


def test_rubbish_is_recorded_and_answered_where_it_has_an_id() -> None:
    bench = poor().start()
    bench.loop.step([Rejected("id-2", "bad_args", ("value",)), Rejected("", "bad_json")])
    assert [(reply.id, reply.code) for reply in bench.answers] == [("id-2", "bad_args")]
    assert len(bench.records("command.rejected")) == 2


def test_what_the_core_need_not_see_goes_to_the_desk() -> None:
    bench = poor().start()
    bench.loop.step([None, "a letter", Committed(77, ())])
    assert bench.others == ["a letter", Committed(77, ())]


def test_rules_are_not_asked_for_what_the_core_need_not_see() -> None:
    bench = poor().start()
    asked: list[int] = []

    def rule(view: View) -> Iterator[Yield]:
        asked.append(view.now.mono_ms)
        yield from ()

    bench.loop.rules = [*RULES, ("", rule)]
    bench.loop.step([Committed(77, ())])
    assert not asked
    assert bench.others == [Committed(77, ())]
    bench.mono_ms = bench.loop.state.wake_ms
    bench.loop.step([Committed(78, ())])
    assert asked


def test_at_rest_a_fact_that_is_told_in_time_costs_no_waking_of_its_own() -> None:
    bench = poor().start()
    bench.wait(20 * PULSE_MS, "off")
    assert bench.loop._quiet.on
    for _ in range(8):
        bench.mono_ms += PULSE_MS
        bench.levels("off")
        assert bench.mono_ms + PULSE_MS < bench.loop.state.wake_ms < NEVER_MS


def test_a_moved_clock_is_an_event() -> None:
    bench = poor().start()
    bench.step_ms = 86_400_000
    bench.loop.step([])
    (record,) = bench.records("clock.stepped")
    assert dict(record.body)["by_ms"] == 86_400_000


def test_a_note_goes_with_the_next_batch_and_notes_are_bounded() -> None:
    bench = poor().start()
    for n in range(LATE + 3):
        bench.loop.note(Record("link.refused", str(n)))
    bench.loop.step([])
    assert [record.subject for record in bench.records("link.refused")] == [str(n) for n in range(3, LATE + 3)]


def test_the_hands_wake_the_loop() -> None:
    bench = poor().start()
    bench.due_ms = bench.mono_ms - 1
    assert bench.loop._due_ms() == bench.due_ms
    turns = bench.turns
    bench.loop.step(bench.loop._drain())
    assert bench.turns == turns + 1


def running(loop: Loop) -> tuple[threading.Thread, Callable[[], None]]:
    thread = threading.Thread(target=loop.run)
    thread.start()
    return thread, lambda: thread.join(20)


def test_it_runs_until_it_is_stopped_from_anywhere() -> None:
    bench = poor()
    thread, end = running(bench.loop)
    bench.loop.report(Started(BOOT, None))
    bench.loop.report("a letter")
    bench.loop.stop()
    end()
    assert not thread.is_alive()
    assert not bench.orders


def test_a_stop_gets_through_when_the_inbox_is_full() -> None:
    bench = poor()
    for _ in range(INBOX):
        bench.loop.report("a letter")
    bench.loop.stop()
    thread, end = running(bench.loop)
    end()
    assert not thread.is_alive()
