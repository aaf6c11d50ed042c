"""R2: off when unused: after a meeting, when idle, in doubt; the warning, the press, the clock, the modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller.core.instant import Trust
from controller.core.room import Mode
from controller.rules.idle_off import idle_off
from controller.texts import text
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    demands,
    marks,
    mono,
    said,
    stale,
)

ON = {**all_loads("on"), "codec.power": "awake"}
QUIET = {"codec.in_call": False}


def test_our_midnight_is_one() -> None:
    assert datetime.fromtimestamp(MIDNIGHT_MS / 1000, UTC).isoformat() == "2026-03-01T17:00:00+00:00"


def after_meeting(hang_up: float = 9.9, **more: object) -> Day:
    day = Day(6.5, **more).calendar(a_meeting(8, 10)).to(8)  # type: ignore[arg-type]
    return day.call().to(hang_up).hang_up()


def alert_hour(day: Day, code: str) -> float:
    """When the alert began."""
    begun = [at for at, r in day.records if r.kind == "alert" and ("alert", code) in r.body]
    return (begun[-1] - mono(0)) / HOUR_MS


def test_half_an_hour_after_the_end_with_ten_minutes_of_warning() -> None:
    day = after_meeting().until(lambda d: d.phase == "off")
    assert alert_hour(day, "closing_soon") == pytest.approx(10 + 20 / 60, abs=0.01)
    assert day.order_ms("load.amplifier", "off") == pytest.approx(mono(10.5), abs=9_000)


@pytest.mark.parametrize(("minutes", "said_"), [(10, 10), (25, 25), (0.5, 1)])
def test_the_warning_says_the_minutes_that_are_configured(minutes: float, said_: int) -> None:
    room = a_room(idle=replace(a_room().idle, warn_ms=round(minutes * MINUTE_MS)))
    day = after_meeting(room=room).until(lambda d: "closing_soon" in d.codes)
    (alarm,) = (row for row in day.told("alert") if row["alert"] == "closing_soon")
    assert (alarm["code"], alarm["args"]) == ("R2.warn", (said_,))
    assert f" {said_} " in text("R2.warn", "en", alarm["args"])  # type: ignore[arg-type]
    ended = {row["alert"] for row in day.run(MINUTE_MS // 4).told("alert.end", "room")}
    assert "closing_soon" not in ended, "the figure stands, and so does the reason"


def test_a_call_that_goes_on_holds_the_room_and_fifteen_minutes_after_it_count() -> None:
    day = after_meeting(hang_up=11.5).until(lambda d: d.phase == "off")
    assert alert_hour(day, "closing_soon") == pytest.approx(11.5 + 5 / 60, abs=0.01)
    assert day.hour == pytest.approx(11.75, abs=0.03)


def test_a_press_while_the_lamp_warns_keeps_the_room_an_hour() -> None:
    day = after_meeting().to(10.4)
    assert "closing_soon" in day.codes
    day.press("power", 200)
    assert "closing_soon" not in day.codes
    assert day.to(11.3).phase == "ready"
    assert day.until(lambda d: d.phase == "off").hour < 12


def test_a_press_stops_a_closing_on_its_way() -> None:
    day = after_meeting().until(lambda d: d.phase == "closing").run(8_000)
    assert "amplifier" in day.relays("off")
    day.press("power", 200)
    assert day.until(lambda d: d.phase == "ready", 5 * MINUTE_MS).relays("off") == {"fan"}


def test_any_other_press_starts_the_wait_anew() -> None:
    day = Day(20.1).run(20_000)
    day.command("power", "on", hold_ms=MINUTE_MS)
    day.run(20 * MINUTE_MS).press("check", 200).run(20 * MINUTE_MS)
    assert "closing_soon" not in day.codes
    assert "closing_soon" in day.run(11 * MINUTE_MS).codes


def idle_room(hour: float = 20.2) -> Day:
    """On, and nobody there: the hold that switched it on is over."""
    day = Day(hour).run(20_000)
    day.command("power", "on", hold_ms=5 * MINUTE_MS)
    return day.run(6 * MINUTE_MS)


def test_without_a_meeting_the_evening_then_thirty_idle_minutes_and_the_warning() -> None:
    day = idle_room().until(lambda d: d.phase == "off")
    assert day.hour == pytest.approx(20.2 + (5 + 30 + 10 + 1) / 60, abs=0.03)
    assert day.told("wish", "load.codec")[-1]["code"] == "R2.evening"


def test_people_without_a_call_are_not_cut_by_day() -> None:
    day = idle_room(13).to(19.9)
    assert "unsure" in day.codes
    assert day.phase == "ready"


def test_the_next_meeting_near_keeps_a_room_that_is_on() -> None:
    day = idle_room().calendar(a_meeting(22.4, 23)).run(45 * MINUTE_MS)
    assert "closing_soon" not in day.codes
    assert "off" not in [v for t, v in day.switched() if t != "load.fan"]


def test_a_silent_codec_is_doubt_and_doubt_waits_for_the_evening() -> None:
    day = idle_room(15)
    day.far.mute.add("codec")
    day.run(5 * MINUTE_MS)
    assert "unsure" in day.codes
    assert day.to(19.9).phase == "ready"
    day.until(lambda d: "closing_soon" in d.codes)
    assert day.hour == pytest.approx(20.5, abs=0.02)
    assert day.until(lambda d: d.told("wish", "load.codec")[-1].get("code") == "R2.evening")


def test_doubt_that_begins_at_night_ends_the_same_night() -> None:
    day = idle_room(23.3)
    day.far.mute.add("codec")
    day.until(lambda d: "amplifier" in d.relays("off"), 3 * HOUR_MS)
    assert day.hour < 24.5


def test_doubt_in_the_morning_waits_for_the_evening() -> None:
    words = said(idle_off, Sit(5.6, {"codec.in_call": stale(False)}, seen=ON))
    assert alerts(words) == {"unsure"}
    assert "unused" not in {n for n, v in marks(words).items() if v}


def test_an_untrusted_clock_never_closes_and_says_so() -> None:
    day = after_meeting()
    day.step_clock(0, Trust.HELD)
    day.run(3 * HOUR_MS)
    assert day.relays("off") == {"fan"}
    assert "clock" in day.codes


def test_a_clock_that_was_set_decides_fifteen_minutes_later() -> None:
    day = after_meeting()
    day.step_clock(0, Trust.HELD)
    day.run(HOUR_MS).step_clock(7 * MINUTE_MS, Trust.NTP)
    assert "clock" in day.run(14 * MINUTE_MS).codes
    assert "closing_soon" in day.run(2 * MINUTE_MS).codes


def test_a_jump_of_the_clock_during_the_warning_does_not_cut() -> None:
    day = idle_room().until(lambda d: "closing_soon" in d.codes)
    day.step_clock(24 * HOUR_MS)
    assert day.run(12 * MINUTE_MS).relays("off") == {"fan"}
    assert day.until(lambda d: d.phase == "off", HOUR_MS)


def test_a_room_that_is_not_accepted_only_says_what_it_would_do() -> None:
    day = Day(6.5, a_room(accepted=False)).calendar(a_meeting(8, 10)).to(12)
    assert day.relays("off") == {"fan"}
    would = {str(row["subject"]) for row in day.told("would")}
    assert {"load.codec=off", "codec.power=asleep"} <= would
    assert "closing_soon" not in day.codes


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.REMIND])
def test_modes_short_of_enforce_do_not_cut(mode: Mode) -> None:
    day = Day(6.5, a_room(modes={"R2": mode})).calendar(a_meeting(8, 10)).to(12)
    assert day.relays("off") == {"fan"}
    assert bool(day.told("would")) is (mode is Mode.REMIND)


def test_a_person_a_load_by_hand_a_call_or_a_meeting_wants_the_room() -> None:
    gone = {"closing": "", "unused": "", "warned": ""}
    held = (a_hold("room", "on"), a_hold("load.display", "on"))
    for sit in (
        Sit(13, QUIET, seen=ON, holds=held[:1]),
        Sit(13, QUIET, seen=ON, holds=held[1:]),
        Sit(13, {"codec.in_call": True}, seen=ON),
        Sit(13, {"codec.in_call": stale(True, 10**9)}, seen={**ON, "load.codec": "on"}),
        Sit(13, QUIET, seen=ON, booked=(a_booked(14.4, 15, on_by=13.3),)),
    ):
        assert marks(said(idle_off, sit)) == gone


def test_a_dark_room_has_nothing_to_close() -> None:
    words = said(idle_off, Sit(13, QUIET, seen=all_loads("off")))
    assert demands(words) == {}
    assert alerts(words) == set()


def test_the_decision_stands_when_all_is_off() -> None:
    words = said(idle_off, Sit(13, QUIET, seen=all_loads("off"), marks={"closing": "R2.evening"}))
    assert demands(words)["load.codec"] == "off"


def test_a_meeting_later_today_does_not_delay_the_closing_of_an_earlier_one() -> None:
    booked = (a_booked(8, 10), a_booked(14, 15, uid="moved", on_by=12.9))
    state = ("R2.ended", None)
    words = said(idle_off, Sit(11, QUIET, seen=ON, booked=booked, marks={"unused": state}))
    assert "closing_soon" in alerts(words)
