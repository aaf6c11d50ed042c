"""R6: the room rehearses alone the day before. It is Monday 2 March; the meeting is on Tuesday at 08:00."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.instant import Trust
from controller.core.meeting import Meeting
from controller.core.room import Button, Mode, Rank, Room
from controller.rules.rehearsal import MARK, MOST_MS
from hardware.contract import Edge, Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    a_meeting,
    a_room,
)

SPAN = (MIDNIGHT_MS + round(5.75 * HOUR_MS), MIDNIGHT_MS + round(7.25 * HOUR_MS))
NOON = (MIDNIGHT_MS + round(11.75 * HOUR_MS), MIDNIGHT_MS + round(13.25 * HOUR_MS))
DARK = {"display", "amplifier"}


def tomorrow(**given: Any) -> Meeting:
    changes: dict[str, Any] = {"rehearse": (SPAN,), "due_ms": MIDNIGHT_MS + 8 * HOUR_MS, **given}
    return a_meeting(start=32.0, end=34.0, **changes)


def morning(meeting: Meeting | None = None, room: Room | None = None, **more: Any) -> Day:
    """Five o'clock, the meeting of tomorrow is known."""
    return Day(hour=5.0, room=room, **more).calendar(meeting or tomorrow())


def running(day: Day) -> bool:
    kept = day.state.marks.get(MARK)
    return kept is not None and bool(kept.value)


def over(day: Day) -> bool:
    kept = day.state.marks.get(MARK)
    return kept is not None and not kept.value


def rehearsing() -> Day:
    day = morning().until(running)
    return day.until(lambda d: "codec" in d.relays("on"))


def check(day: Day, uid: str = "giao-ban") -> tuple[Value, ...]:
    value = day.state.marks[f"!check.{uid}"].value
    assert isinstance(value, tuple)
    return value


def untested(day: Day) -> Value:
    kept = day.state.marks.get("!untested.giao-ban")
    return kept.value if kept is not None else None


def test_alone_in_order_dark_silent_muted_and_off_again() -> None:
    day = morning().to(7.25)
    began = day.order_ms("load.camera", "on")
    assert SPAN[0] <= began - day.mono_ms + day.wall_ms < SPAN[1] - MOST_MS
    ons = [name for name, value in day.switched() if value == "on" and name != "load.network"]
    assert ons == ["load.camera", "load.codec", "load.mixer"]
    assert {rank for at_ms, order, rank in day.orders if order.target in ons and at_ms >= began} == {Rank.IDLE}
    assert ("camera.main.preset", 0) in day.switched()
    assert ("camera.main.preset", 1) in day.switched()
    assert over(day)
    assert day.relays("on") == {"network"}
    assert day.order_ms("load.codec", "off") - began <= MOST_MS
    assert check(day)[0] == "passed"
    assert not day.codes


def test_the_result_has_every_item_with_its_figure() -> None:
    rows = {row[0]: row[1:] for row in check(morning().to(7.25))[4] if isinstance(row, tuple)}  # type: ignore[union-attr]
    assert rows["seat.chair"] == ("passed", 1, "")
    assert rows["load.display"] == ("not_due", "off", "")
    assert rows["load.codec"] == ("passed", "on", "")
    assert rows["ups"] == ("passed", 100.0, "")
    assert rows["climate.room.temp_c"] == ("passed", 26.0, "")


def test_a_tentative_meeting_is_rehearsed_for_and_not_powered() -> None:
    day = morning(tomorrow(tentative=True)).to(33.0)
    assert check(day)[0] == "passed"
    assert day.relays("on") == {"network"}


def test_it_is_not_done_twice() -> None:
    day = morning(tomorrow(rehearse=(SPAN, NOON), due_ms=MIDNIGHT_MS + 20 * HOUR_MS)).to(20.5)
    assert [row["subject"] for row in day.told("noted") if str(row["subject"]).startswith("check.")] == [
        "check.giao-ban"
    ]


def test_what_was_rehearsed_before_t_48_is_looked_at_again() -> None:
    """After a weekend: on Friday, and once more by T-24 h."""
    monday = a_meeting(start=72.0, end=74.0, rehearse=(SPAN, (SPAN[0] + 48 * HOUR_MS, SPAN[1] + 48 * HOUR_MS)))
    day = morning(monday, sample_ms=30_000).to(8.0)
    first = check(day)[1]
    assert first < monday.start_ms - 48 * HOUR_MS  # type: ignore[operator]
    assert check(day.to(56.0))[1] > first  # type: ignore[operator]


@pytest.mark.parametrize(
    ("why", "code", "room", "trust"),
    [
        ("the province has switched it off", "R6.mode", a_room(modes={"R6": Mode.OFF}), Trust.NTP),
        ("a room that is not accepted only watches", "R6.mode", a_room(accepted=False), Trust.NTP),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_room_that_may_not_says_so_and_alarms_nobody(why: str, code: str, room: Room, trust: Trust) -> None:
    day = morning(room=room, trust=trust, memory=None).to(8.1)
    assert untested(day) == code
    assert check(day)[:3] == ("not_made", MIDNIGHT_MS + 8 * HOUR_MS, (code,))
    assert "check_missing" not in day.codes
    assert day.relays("on") == {"network"}


def test_an_uncertain_clock_begins_nothing() -> None:
    day = morning(trust=Trust.HELD, memory=None).to(8.1)
    assert day.relays("on") == {"network"}


def test_a_room_in_use_is_left_alone_until_it_is_empty_and_somebody_is_told_if_it_never_is() -> None:
    day = Day(hour=5.0).press("power", 300).calendar(tomorrow()).to(8.1)
    assert untested(day) == "R6.in_use"
    assert check(day)[2] == ("R6.in_use",)
    assert "check_missing" in day.codes
    assert day.far.relays["display"] == "on"
    day.to(32.1)
    assert "check_missing" not in day.codes


def test_on_battery_it_waits_and_tries_again_when_the_mains_is_back() -> None:
    day = morning(tomorrow(rehearse=(SPAN, NOON), due_ms=MIDNIGHT_MS + 14 * HOUR_MS))
    day.far.ups["source"] = "battery"
    day.to(7.25)
    assert untested(day) == "R6.on_battery"
    day.far.ups["source"] = "mains"
    assert check(day.to(13.25))[0] == "passed"


def test_a_meeting_within_its_use_lock_keeps_the_room_to_itself() -> None:
    other = a_meeting(start=7.5, end=9.0, uid="khac")
    day = Day(hour=5.0).calendar(tomorrow(), other).to(5.95)
    assert untested(day) == "R6.meeting"
    assert day.relays("on") == {"network"}


@pytest.mark.parametrize("button", ["help", "duty"])
def test_any_other_press_ends_it_at_once_and_it_is_tried_again_after_half_an_hour(button: str) -> None:
    day = rehearsing()
    pressed_ms = day.mono_ms
    day.press(button, 300).run(5 * MINUTE_MS)
    assert over(day)
    assert "!check.giao-ban" not in day.state.marks
    assert day.relays("on") == {"network"}
    day.to(7.2)
    assert check(day)[0] == "passed"
    assert day.order_ms("load.codec", "on") - pressed_ms >= 30 * MINUTE_MS


def test_who_presses_power_has_the_room() -> None:
    day = rehearsing().press("power", 300).run(3 * MINUTE_MS)
    assert over(day)
    assert day.relays("on") >= {"display", "amplifier", "codec"}


def test_kiem_tra_lets_the_displays_join_and_the_rehearsal_goes_on() -> None:
    day = rehearsing()
    assert not day.relays("on") & DARK
    day.press("check", 300).until(lambda d: d.relays("on") >= DARK, 5 * MINUTE_MS)
    assert running(day)
    day.until(over, MOST_MS)
    rows = {row[0]: row[1] for row in check(day)[4] if isinstance(row, tuple)}  # type: ignore[union-attr]
    assert rows["load.display"] == "passed"
    assert day.relays("on") == {"network"}


def test_a_call_takes_the_room_and_is_not_hung_up_on() -> None:
    day = rehearsing().run(2 * MINUTE_MS)
    day.far.calls((("1", "in", "ringing", "10.1.0.1", "video"),))
    day.look().run(MINUTE_MS)
    assert over(day)
    assert ("codec.hangup", "all") not in day.switched()
    assert day.far.codec["calls"]


def test_the_mains_goes_and_so_does_the_rehearsal() -> None:
    day = rehearsing()
    day.far.ups["source"] = "battery"
    day.look().run(5 * MINUTE_MS)
    assert over(day)
    assert day.relays("on") == {"network"}


def test_the_same_boot_goes_on_and_another_one_closes_the_room() -> None:
    day = rehearsing()
    day.restart()
    day.run(10 * MINUTE_MS)
    assert check(day)[0] == "passed"
    day = rehearsing()
    day.restart(boot="b2", after_ms=60_000, mono_ms=60_000)
    day.run(6 * MINUTE_MS)
    assert over(day)
    assert "!check.giao-ban" not in day.state.marks
    assert day.relays("on") == {"network"}


def test_a_dead_codec_is_found_the_day_before() -> None:
    day = morning()
    day.far.dead.add("codec")
    day.to(7.25)
    assert check(day)[0] == "failed"
    assert "load.codec" in check(day)[2]  # type: ignore[operator]
    assert day.switched().count(("load.codec", "on")) == 2  # cycled once first
    assert "check_failed" in day.codes
    because = next(a.because for a in day.state.alerts.values() if a.code == "check_failed")
    assert because.code == "R6.failed_device"
    assert day.far.relays["display"] == "off"


def test_a_picture_that_cannot_be_recalled_is_failed() -> None:
    day = morning()
    day.far.deaf.add("camera.main.preset")
    day.to(7.25)
    rows = {row[0]: row[1] for row in check(day)[4] if isinstance(row, tuple)}  # type: ignore[union-attr]
    assert rows["seat.overview"] in ("failed", "not_made", "not_due")
    assert check(day)[0] != "passed"


def test_the_desk_leaves_it_alone_or_asks_for_it_now() -> None:
    day = morning()
    assert day.command("rehearse", "off").stage == "accepted"
    day.to(7.25)
    assert untested(day) == "R6.left_alone"
    assert day.command("rehearse", "now").stage == "accepted"
    assert running(day.run(1_000))
    day.run(MOST_MS)
    assert check(day)[0] == "passed"
    assert over(day)


def test_now_is_not_at_night_and_not_in_a_call() -> None:
    day = Day(hour=3.0)
    assert day.command("rehearse", "now").code == "night"
    day = Day(hour=9.0).press("power", 300).run(3 * MINUTE_MS)
    day.call()
    assert day.command("rehearse", "now").code == "in_call"


def test_what_nobody_could_have_rehearsed_alarms_nobody() -> None:
    day = Day(hour=9.0).calendar(tomorrow()).run(1_000)
    assert check(day)[2] == ("R6.told_late",)
    assert not day.codes


def test_idle_off_does_not_ask_what_the_room_is_on_for() -> None:
    day = rehearsing().run(3 * MINUTE_MS)
    assert "unsure" not in day.codes


def with_motion() -> Room:
    room = a_room()
    return replace(room, buttons=(*room.buttons, Button("pir", "motion")))


def test_nobody_is_there_by_the_motion_sensor() -> None:
    """Seen within half an hour: not yet; seen in a rehearsal: it ends."""
    day = morning(room=with_motion())
    day.give(Edge("pir", False, day.mono_ms))
    day.to(5.8).give(Edge("pir", True, day.mono_ms))
    day.run(10_000).give(Edge("pir", False, day.mono_ms))
    assert untested(day.to(6.0)) == "R6.somebody"
    day.until(running, 2 * HOUR_MS).run(MINUTE_MS)
    day.give(Edge("pir", True, day.mono_ms))
    day.run(3 * MINUTE_MS)
    assert over(day)
    assert day.relays("on") == {"network"}


def test_nothing_is_rehearsed_under_the_hands_of_whoever_maintains_the_room() -> None:
    day = morning()
    day.command("maintenance", "begin", "dust", 120)
    assert untested(day.to(6.9)) == "R6.maintenance"
    assert day.relays("on") == {"network"}
    day.command("maintenance", "end")
    assert running(day.until(running))


def test_a_rehearsal_ends_when_somebody_begins_to_maintain_the_room() -> None:
    day = rehearsing()
    day.command("maintenance", "begin", "dust", 120)
    kept = day.run(1_000).state.marks[MARK].value
    assert isinstance(kept, tuple)
    assert kept[0] == "down"
    assert over(day.run(5 * MINUTE_MS))
    assert day.relays("on") == {"network"}


def test_a_rehearsal_in_which_a_storm_begins_is_over_without_the_codec() -> None:
    """Storm mode keeps the codec's power for as long as it lasts: that is not the rehearsal's to wait for."""
    day = rehearsing()
    assert day.command("storm", "on", 1_440).stage == "accepted"
    assert over(day.run(HOUR_MS))
    assert day.relays("on") == {"network", "codec"}
    assert day.far.codec["power"] == "asleep"
    assert check(day)[0] == "passed"
