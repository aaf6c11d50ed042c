"""Each law can fail: real steps, changed in one place, make the law that forbids it speak, and no silence of the
law is bought by what it cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

import pytest

from controller.core.instant import Instant, Trust
from controller.core.memory import Hold, Kept
from controller.core.records import Because, Record
from controller.core.room import Rank, Room
from controller.core.seating import SPEAKER
from controller.core.state import Alarm, Desired, Outcome, Proof, State, Track
from controller.simulation.laws import HOUR_MS, Law, NoLivelock, ReadyOrSaid, all_laws
from controller.simulation.laws_danger import EndsByItself, ProvenIsSo
from controller.simulation.laws_floor import FramedOrSaid
from controller.simulation.room import simulated_room
from hardware.contract import NEVER_MS, Order, OrderId
from tests.law.days import Step, filmed, filmed_order, law

CODEC_OFF = ("load.codec", "off")
ALARM = Alarm("x", "x", Because("R1", "R1.not_ready"), 0)
GRACE_MS = ReadyOrSaid.GRACE_MS


@dataclass
class Scene:
    """A truth put together by hand."""

    room: Room
    calling: bool = False
    closed: bool = True
    healthy_ms: int = 0
    boot_ms: int = 0
    shown: bool = True
    part: str = ""
    celsius: float = 26.0

    sitting: int = 60
    moved: tuple[str, ...] = ()
    writes: bool = True

    stuck: bool = False
    connected: tuple[str, ...] = ("mcu",)
    hears: bool = False
    computing: bool = False

    def computer_runs(self) -> bool:
        return self.computing

    def numbers(self) -> tuple[str, ...]:
        return self.connected if self.calling else ()

    def mic_open(self) -> bool:
        return self.hears

    def sticks(self, load: str) -> bool:
        return self.stuck

    def driven(self, load: str) -> bool:
        return self.closed

    def fell(self) -> tuple[str, ...]:
        return self.moved

    def keeps(self) -> bool:
        return self.writes

    def people(self) -> int:
        return self.sitting

    def temp_c(self) -> float:
        return self.celsius

    def line_part(self) -> str:
        return self.part

    def contact(self, load: str) -> bool:
        return self.closed

    def in_call(self) -> bool:
        return self.calling

    def healthy_since_ms(self) -> int:
        return self.healthy_ms

    def booted_ms(self) -> int:
        return self.boot_ms

    def shows(self, preset: int) -> bool:
        return self.shown


def scene(**truth: object) -> Scene:
    return Scene(simulated_room(), **truth)  # type: ignore[arg-type]


def says(name: str | Law, step: Step, truth: Scene | None = None) -> list[str]:
    """What the law has to say of one step."""
    checker = law(name) if isinstance(name, str) else name
    return list(checker(*step, truth or scene()))


def order(target: str, value: str) -> Order:
    return Order(OrderId("boot1", 999), target, value, 1_000)


def at(mono_ms: int, trust: Trust = Trust.NTP) -> Instant:
    return Instant(mono_ms, mono_ms, trust)


def later(step: Step, ms: int) -> Step:
    """The same step, so much later."""
    return step[0], step[1], step[2]._replace(mono_ms=step[2].mono_ms + ms)


def with_track(outcome: Outcome, name: str, **changes: object) -> Outcome:
    tracks: Mapping[str, Track] = outcome.state.tracks
    changed = replace(tracks[name], **changes)  # type: ignore[arg-type]
    return outcome._replace(state=outcome.state._replace(tracks={**tracks, name: changed}))


@pytest.mark.parametrize("checker", all_laws(), ids=lambda law: getattr(law, "__name__", type(law).__name__))
def test_nothing_is_said_of_steps_as_they_were(checker: Law) -> None:
    """But for their orders, which need the contacts of their time: this truth has them all closed."""
    if isinstance(checker, ProvenIsSo | EndsByItself):
        return  # which look at the contacts alone: test_danger_laws.py has days of their own for them
    for before, outcome, now in filmed():
        assert says(checker, (before, outcome._replace(orders=()), now)) == []


def test_a_wake_in_the_past() -> None:
    before, outcome, now = filmed()[0]
    assert says("wakes_later", (before, outcome._replace(wake_ms=now.mono_ms), now))


def test_maintenance_that_hides_a_meeting() -> None:
    before, outcome, now = next(step for step in filmed() if step[1].state.booked)
    booked = replace(outcome.state.booked[0], start_ms=now.mono_ms + 60_000, end_ms=now.mono_ms + HOUR_MS)
    marked = Record("alert", "codec", (("alert", "failed"), ("maintenance", True)))
    near = outcome._replace(state=outcome.state._replace(booked=(booked,)), records=(marked,))
    assert says("maintenance_hides_no_meeting", (before, near, now))
    far = near._replace(state=near.state._replace(booked=()))
    assert says("maintenance_hides_no_meeting", (before, far, now)) == []


@pytest.mark.parametrize(("target", "value"), [("codec.volume", "7"), ("load.network", "off")])
def test_an_order_that_no_wish_explains(target: str, value: str) -> None:
    before, outcome, now = filmed()[-1]
    assert says("every_order_has_a_reason", (before, outcome._replace(orders=(order(target, value),)), now))


def test_a_wait_without_a_reason() -> None:
    before, outcome, now = filmed_order("load.display", "on")
    silent = with_track(outcome, "load.codec", proof=Proof.WAITING, waiting=None)
    assert says("waiting_says_why", (before, silent, now))
    told = with_track(outcome, "load.codec", proof=Proof.WAITING, waiting=Because("R3", "R3.sequence"))
    assert says("waiting_says_why", (before, told, now)) == []


def test_off_in_a_call() -> None:
    step = filmed_order(*CODEC_OFF)
    assert says("never_off_in_a_call", step, scene(calling=True))
    assert says("never_off_in_a_call", step, scene(calling=False)) == []
    before, outcome, now = step
    outcome = outcome._replace(orders=tuple(o for o in outcome.orders if o.target == CODEC_OFF[0]))
    desired = outcome.state.desired
    by_power = {**desired, "load.codec": replace(desired["load.codec"], rank=Rank.POWER)}
    shed = outcome._replace(state=outcome.state._replace(desired=by_power))
    assert says("never_off_in_a_call", (before, shed, now), scene(calling=True)) == []


def test_an_order_on_unknown_evidence() -> None:
    before, outcome, now = filmed_order(*CODEC_OFF)
    assert says("never_blind", (before, with_track(outcome, "load.codec", seen=None), now))
    fresh = before._replace(tracks={})
    assert says("never_blind", (fresh, with_track(outcome, "load.codec", seen=None), now)) == []


def test_a_relay_ordered_while_the_key_is_turned() -> None:
    before, outcome, now = filmed_order(*CODEC_OFF)
    turned = outcome.state._replace(alerts={("bypass", "room"): ALARM})
    assert says("bypass_is_quiet", (before, outcome._replace(state=turned), now))


def test_a_scheduled_off_on_an_untrusted_clock() -> None:
    step = next(
        (before, outcome, now)
        for before, outcome, now in filmed()
        for o in outcome.orders
        if o.target.startswith("load.") and o.value == "off"
        if (wish := outcome.state.desired[o.target]).since_ms == now.mono_ms and wish.because.rule == "R2"
    )
    guessed = (step[0], step[1], step[2]._replace(trust=Trust.HELD))
    assert says("off_needs_a_clock", guessed)
    assert says("off_needs_a_clock", step) == []


def test_a_phase_that_the_table_does_not_know() -> None:
    before, outcome, now = filmed()[-1]
    jump = Record("phase", "room", (("from", "off"), ("to", "off")))
    assert says("phases_follow_the_table", (before, outcome._replace(records=(jump,)), now))


@pytest.mark.parametrize("name", ["load.codec", "codec.power"])
def test_a_device_called_lost_that_only_has_no_power(name: str) -> None:
    before, outcome, now = filmed_order(*CODEC_OFF)
    dark = with_track(outcome, "load.codec", seen="off")
    lost = dark._replace(records=(Record("alert", name, (("alert", "lost"),)),))
    assert says("nothing_without_power_is_lost", (before, lost, now), scene(closed=False))
    assert says("nothing_without_power_is_lost", (before, lost, now), scene(closed=True)) == []
    blind = with_track(lost, "load.codec", seen=None)
    assert says("nothing_without_power_is_lost", (before, blind, now), scene(closed=False)) == []


def test_a_codec_that_is_cut_in_the_hours_of_its_update() -> None:
    before, outcome, now = filmed_order(*CODEC_OFF)
    idle = {**outcome.state.desired}
    idle["load.codec"] = replace(idle["load.codec"], rank=Rank.IDLE)
    cut = outcome._replace(state=outcome.state._replace(desired=idle, alerts={}, stepped_ms=-(10**9)))
    friday_ms = round(datetime(2026, 3, 6, 18, 30, tzinfo=timezone(timedelta(hours=7))).timestamp() * 1000)
    evening, name = now._replace(wall_ms=friday_ms), "never_cut_in_its_window"
    assert says(name, (before, cut, evening))
    assert says(name, (before, cut, evening._replace(wall_ms=friday_ms + 2 * HOUR_MS))) == []
    assert says(name, (before, cut, evening._replace(trust=Trust.HELD))) == []
    assert says(name, (before, cut, evening), Scene(simulated_room(codec="pc"))) == []
    burning = cut._replace(state=cut.state._replace(alerts={("smoke", "hall"): ALARM}))
    assert says(name, (before, burning, evening)) == []


def test_an_alert_that_is_said_twice_or_ended_twice() -> None:
    checker, (before, outcome, now) = law("SaidOnce"), filmed()[-1]

    def told(kind: str) -> list[str]:
        record = Record(kind, "ups", (("alert", "on_battery"),))
        return says(checker, (before, outcome._replace(records=(record,)), now))

    assert told("alert.end")
    assert [bool(told(kind)) for kind in ("alert", "alert", "alert.end", "alert", "alert.end")] == [0, 1, 0, 0, 0]


def test_on_again_before_the_minimum_off_time() -> None:
    checker = law("MinimumTimes")
    _, outcome, now = filmed_order(*CODEC_OFF)
    off, on = (outcome._replace(orders=(order("load.codec", value),)) for value in ("off", "on"))
    assert says(checker, (State(), off, now), scene(closed=True)) == []
    soon = now._replace(mono_ms=now.mono_ms + 1_000)
    assert says(checker, (State(), on, soon), scene(closed=False))
    much_later = now._replace(mono_ms=now.mono_ms + HOUR_MS)
    assert says(checker, (State(), on, much_later), scene(closed=False)) == []
    assert says(checker, (State(), on, at(1_000)), scene(closed=False, boot_ms=now.mono_ms + HOUR_MS)) == []


def test_more_than_twelve_orders_an_hour() -> None:
    checker = law("MinimumTimes")
    before, outcome, now = filmed_order("codec.power", "asleep")
    said = [says(checker, (before, outcome, now._replace(mono_ms=now.mono_ms + n * 60_000))) for n in range(13)]
    assert said[:12] == [[]] * 12
    assert said[12]
    slow = law("MinimumTimes")
    for n in range(30):
        assert says(slow, (before, outcome, now._replace(mono_ms=now.mono_ms + n * 600_000))) == []


def live() -> Step:
    """A step between T-60 and the end of a meeting, without any alert."""
    return next(
        (before, outcome, now)
        for before, outcome, now in filmed()
        if any(b.ready_ms <= now.mono_ms < b.end_ms for b in outcome.state.booked) and not outcome.state.alerts
    )


def turn() -> Step:
    """A step of a meeting in which the chair's seat has the floor."""
    before, outcome, now = live()
    floor = Hold("floor", ("codec.mute",), "open", Rank.MANUAL, Because("R9", "R9.floor"), 0, NEVER_MS)
    marks = {**outcome.state.marks, SPEAKER: Kept("chair", 0)}
    state = outcome.state._replace(holds={"floor": floor}, marks=marks)
    return before, outcome._replace(state=state), now


def test_a_seat_that_is_not_shown_and_nobody_says_why() -> None:
    checker, step = law("FramedOrSaid"), turn()
    assert says(checker, step, scene(shown=False)) == []
    assert says(checker, later(step, FramedOrSaid.GRACE_MS), scene(shown=False)) == []
    assert says(checker, later(step, FramedOrSaid.GRACE_MS + 1), scene(shown=False))


def test_the_overview_is_due_after_a_turn() -> None:
    checker, step = law("FramedOrSaid"), turn()
    says(checker, step)
    before, outcome, now = step
    over = before, outcome._replace(state=outcome.state._replace(holds={})), now
    assert says(checker, over, scene(shown=False)) == []
    assert says(checker, later(over, FramedOrSaid.GRACE_MS + 1), scene(shown=False))


@pytest.mark.parametrize("closed", [False, True])
def test_in_a_room_without_power_and_meeting_nobody_need_be_shown(closed: bool) -> None:
    checker, (before, outcome, now) = law("FramedOrSaid"), turn()
    step = before, outcome._replace(state=outcome.state._replace(booked=())), now
    says(checker, step, scene(shown=False, closed=closed))
    found = says(checker, later(step, FramedOrSaid.GRACE_MS + 1), scene(shown=False, closed=closed))
    assert bool(found) is closed


def test_a_camera_moved_from_afar_outside_a_meeting() -> None:
    before, outcome, now = live()
    wish = Desired(1, Rank.MANUAL, Because("hold", "hold.command", ("desk",)), 0, 0)
    order = Order(OrderId("boot1", 999), "camera.main.preset", 1, 1_000)
    state = outcome.state._replace(desired={**outcome.state.desired, "camera.main.preset": wish})
    name = "nobody_far_away_moves_a_camera"
    assert says(name, (before, outcome._replace(state=state, orders=(order,)), now)) == []
    alone = outcome._replace(state=state._replace(booked=()), orders=(order,))
    assert says(name, (before, alone, now))


def test_a_dark_room_in_a_meeting_that_nobody_explains() -> None:
    checker, step = law("ReadyOrSaid"), live()
    assert says(checker, step, scene(closed=False)) == []
    assert says(checker, later(step, GRACE_MS), scene(closed=False)) == []
    assert says(checker, later(step, GRACE_MS + 1), scene(closed=False))
    assert says(checker, later(step, 3 * GRACE_MS), scene(closed=False)) == []  # said once


def test_a_dark_room_that_is_explained_or_lit_again() -> None:
    checker, step = law("ReadyOrSaid"), live()
    before, outcome, now = step
    told = outcome._replace(state=outcome.state._replace(alerts={("not_ready", "x"): ALARM}))
    assert says(checker, step, scene(closed=False)) == []
    assert says(checker, later((before, told, now), GRACE_MS + 1), scene(closed=False)) == []
    assert says(checker, later(step, 2 * GRACE_MS), scene(closed=False)) == []
    assert says(checker, later(step, 3 * GRACE_MS), scene(closed=True)) == []
    assert says(checker, later(step, 4 * GRACE_MS), scene(closed=False)) == []


def test_a_wish_unfulfilled_for_an_hour() -> None:
    checker, step = law("SettledAfterFaults"), filmed_order("load.display", "on")
    assert says(checker, step) == []
    assert says(checker, later(step, HOUR_MS)) == []
    assert "load.display" in says(checker, later(step, HOUR_MS + 1))[0]
    assert says(checker, later(step, HOUR_MS + 2)) == []  # said once an hour
    assert says(checker, later(step, 4 * HOUR_MS))


def test_an_unfulfilled_wish_is_excused_by_a_fault_of_the_last_hour() -> None:
    checker, step = law("SettledAfterFaults"), filmed_order("load.display", "on")
    ill = scene(healthy_ms=step[2].mono_ms + HOUR_MS)
    assert says(checker, step, ill) == []
    assert says(checker, later(step, 2 * HOUR_MS), ill) == []
    assert says(checker, later(step, 2 * HOUR_MS + 1), ill)


def test_what_was_cut_by_smoke_comes_back_only_after_somebody_looked() -> None:
    checker = law("NothingReturnsByItself")
    before, outcome, now = filmed_order(*CODEC_OFF)
    burns = {**outcome.state.desired}
    burns["load.codec"] = replace(burns["load.codec"], because=Because("R16", "R16.cut", ("smoke",)))
    cut = outcome._replace(state=outcome.state._replace(desired=burns))
    on = outcome._replace(orders=(order("load.codec", "on"),))
    assert says(checker, (before, cut, now)) == []
    assert says(checker, (before, on, now))
    seen = outcome._replace(orders=(), records=(Record("hazard.seen", "smoke", ()),))
    assert says(checker, (before, seen, now)) == []
    assert says(checker, (before, on, now)) == []


def test_smoke_does_not_cut_the_network() -> None:
    before, outcome, now = filmed_order(*CODEC_OFF)
    wish = replace(outcome.state.desired["load.codec"], because=Because("R16", "R16.cut", ("smoke",)))
    cut = outcome._replace(state=outcome.state._replace(desired={"load.network": wish}))
    assert "network" in says("NothingReturnsByItself", (before, cut, now))[0]


def test_a_storm_of_calls() -> None:
    before, outcome, now = filmed()[0]
    for gap_ms, storm in ((1, True), (30, False)):
        checker = NoLivelock()
        steps = ((before, outcome, now._replace(mono_ms=now.mono_ms + n * gap_ms)) for n in range(3_000))
        assert any(says(checker, step) for step in steps) is storm


# The line


CUT = Alarm("line_down", "line", Because("R12", "R12.line"), 0)


def with_alert(step: Step, alarm: Alarm | None) -> Step:
    before, outcome, now = step
    alerts = {(alarm.code, alarm.subject): alarm} if alarm is not None else {}
    return before, outcome._replace(state=outcome.state._replace(alerts=alerts)), now


@pytest.mark.parametrize(
    ("part", "alarm", "after_ms", "broken"),
    [
        ("line", None, 60_000, False),
        ("line", None, 60_001, True),
        ("line", CUT, 60_001, False),
        ("lan", CUT, 60_001, True),
        ("", CUT, 90_000, False),
        ("", CUT, 90_001, True),
        ("", replace(CUT, subject="far_end"), 90_001, False),
        ("?", CUT, 600_000, False),
    ],
)
def test_a_cut_that_is_not_told_and_one_that_is_told_too_long(
    part: str, alarm: Alarm | None, after_ms: int, broken: bool
) -> None:
    checker, step = law("CutIsTold"), with_alert(filmed()[0], alarm)
    assert says(checker, step, scene(part=part)) == []
    assert bool(says(checker, later(step, after_ms), scene(part=part))) is broken


def dialled(step: Step, rule: str = "R12", live: bool = True, alarm: Alarm | None = None) -> Step:
    before, outcome, now = with_alert(step, alarm)
    wish = next(iter(outcome.state.desired.values()))
    wish = replace(wish, value=("1", "auto", 0), because=Because(rule, "R12.redial"))
    booked = tuple(replace(b, ready_ms=0, end_ms=now.mono_ms + 1) for b in outcome.state.booked) if live else ()
    state = outcome.state._replace(desired={**outcome.state.desired, "codec.dial": wish}, booked=booked)
    return before, outcome._replace(state=state, orders=(order("codec.dial", "x"),)), now


def a_meeting_step() -> Step:
    return next(step for step in filmed() if step[1].state.booked)


def test_a_fourth_call() -> None:
    checker, step = law("CallsAgainByTheRule"), dialled(a_meeting_step())
    assert [bool(says(checker, step)) for _ in range(4)] == [False, False, False, True]
    assert says(checker, step, scene(calling=True)) == []  # it was back in between


def test_a_call_outside_the_rule() -> None:
    step = a_meeting_step()
    assert says("CallsAgainByTheRule", dialled(step, live=False))
    assert says("CallsAgainByTheRule", dialled(step, alarm=CUT))
    assert says("CallsAgainByTheRule", dialled(step, rule="hold", live=False)) == []
    room = simulated_room()
    mcu = Scene(replace(room, calls=replace(room.calls, who_dials="mcu")))
    assert says("CallsAgainByTheRule", dialled(step), mcu)
