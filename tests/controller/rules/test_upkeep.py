"""R17: running hours that outlive the power, reminders outside meetings, and who acknowledged them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from controller.config_compile import compile_room
from controller.core.hours import HOUR_MS, added, ran, rows
from controller.core.instant import Trust
from controller.core.memory import Kept
from controller.core.report import details
from controller.core.room import Load
from controller.core.room_figures import Owned
from controller.rules.upkeep import due, hours
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    DAY_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    marks,
    mono,
    said,
)
from tests.controller.rooms_on_paper import changed

OWNED = a_room(devices=(Owned("codec", MIDNIGHT_MS + 20 * DAY_MS), Owned("camera"), Owned("ups", MIDNIGHT_MS - 1)))


def shown(day: Day, part: str) -> Any:
    """What the centre is told."""
    return details(day.state, day.now, day.room)[part]


def since(days: float) -> Value:
    return (MIDNIGHT_MS + round(7.5 * HOUR_MS) - round(days * DAY_MS), "")


def test_the_sum_of_a_load() -> None:
    table = added(added((), ("codec",), 30 * MINUTE_MS, used=True), ("camera", "codec"), HOUR_MS, used=False)
    assert rows(table) == {"camera": (HOUR_MS, HOUR_MS), "codec": (90 * MINUTE_MS, HOUR_MS)}
    codec = Load("codec", a_room().loads[0].cls, watts=40)
    assert ran({"hours": Kept(table, 0)}, codec) == {
        "hours": 1.5,
        "idle_hours": 1.0,
        "kwh": 0.06,
        "idle_kwh": 0.04,
        "saved_hours": 0.0,
        "saved_kwh": 0.0,
    }
    assert ran({}, replace(codec, watts=0)) == {"hours": 0.0, "idle_hours": 0.0, "saved_hours": 0.0}


def test_a_day_of_a_room_in_use_and_left_on() -> None:
    day = Day(5).calendar(a_meeting(8, 10)).to(9.9)
    on_ms = day.order_ms("load.codec", "on")
    codec = next(load for load in day.room.loads if load.name == "codec")
    told = ran(day.state.marks, codec)
    assert told["idle_hours"] == 0.0, "a booked room is in use from its lead on"
    run_h = (day.mono_ms - on_ms) / HOUR_MS
    assert run_h - 1 <= float(str(told["hours"])) <= run_h
    day.to(24)
    assert "running" not in day.state.marks or not day.state.marks["running"].value or day.relays("on")
    assert shown(day, "loads")["codec"]["hours"] == ran(day.state.marks, codec)["hours"]


def test_idle_is_what_runs_for_nobody() -> None:
    on = all_loads("on")
    kept = (mono(6.5), False, tuple(sorted(n.removeprefix("load.") for n in on)))
    names = tuple(load.name for load in a_room().loads if f"load.{load.name}" in on)
    counted = marks(said(hours, Sit(7.5, seen=on, marks={"running": (*kept[:2], names)})))
    assert rows(counted["hours"])["codec"] == (HOUR_MS, HOUR_MS)
    used = marks(said(hours, Sit(7.5, seen=on, marks={"running": (mono(6.5), True, names)}, booked=(a_booked(),))))
    assert rows(used["hours"])["codec"] == (HOUR_MS, 0)


def test_a_dark_room_has_nothing_to_count() -> None:
    assert said(hours, Sit(7.5, seen=all_loads("off"))) == ()


def test_few_writes_and_never_more_than_an_hour_lost() -> None:
    day = Day(12).run(MINUTE_MS).press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
    began = day.state.marks["hours"].rises_ms
    day.run(2.5 * HOUR_MS)
    assert len(set(day.state.marks["hours"].rises_ms) - set(began)) <= 3
    before = rows(day.state.marks["hours"].value)["codec"]
    day.restart(boot="b2", after_ms=60_000, mono_ms=30_000)
    assert rows(day.state.marks["hours"].value)["codec"] == before
    assert before[0] >= 1.5 * HOUR_MS


@pytest.mark.parametrize(
    ("sit", "told"),
    [
        (Sit(marks={"done.cleaning": since(89), "done.maintenance": since(1)}), {}),
        (Sit(marks={"done.cleaning": since(91), "done.maintenance": since(1)}), {"due.cleaning": since(91)[0]}),  # type: ignore[index]
        (Sit(marks={"done.cleaning": since(91), "done.maintenance": since(1)}, booked=(a_booked(),)), {}),
        (Sit(marks={"done.cleaning": since(91), "done.maintenance": since(1)}, trust=Trust.HELD), {}),
        (Sit(), {"done.cleaning": since(0), "done.maintenance": since(0)}),
        (Sit(trust=Trust.UNKNOWN), {}),
    ],
)
def test_when_a_reminder_begins(sit: Sit, told: dict[str, Value]) -> None:
    assert marks(said(due, sit)) == told


def test_a_reminder_stands_through_a_meeting_until_it_is_done() -> None:
    at_ms = since(91)[0]  # type: ignore[index]
    kept = {"done.cleaning": since(91), "due.cleaning": at_ms, "done.maintenance": since(1)}
    assert alerts(said(due, Sit(marks=kept, booked=(a_booked(),)))) == {"cleaning_due"}
    assert alerts(said(due, Sit(marks={**kept, "done.cleaning": since(0)}))) == set()
    worn = {"done.cleaning": since(1), "done.maintenance": since(181), "due.maintenance": since(181)[0]}  # type: ignore[index]
    assert alerts(said(due, Sit(marks=worn))) == {"maintenance_due"}


def test_a_warranty_is_told_before_its_end() -> None:
    kept = {"done.cleaning": since(1), "done.maintenance": since(1)}
    words = said(due, Sit(marks=kept, room=OWNED))
    assert alerts(words) == {"warranty"}
    assert [w.subject for w in words] == ["codec", "ups"]  # type: ignore[union-attr]


def test_done_is_written_with_who_and_survives_a_power_cut() -> None:
    day = Day(3).run(MINUTE_MS)
    assert day.command("maintenance", "done", "cleaning").stage == "accepted"
    assert day.told("maintenance.done", "cleaning")[0]["by"] == "desk"
    day.run(MINUTE_MS).restart(boot="b2", mono_ms=30_000)
    first_ms = MIDNIGHT_MS + 3 * HOUR_MS
    assert shown(day, "config")["done"] == {"cleaning": first_ms + MINUTE_MS, "maintenance": first_ms}


def test_a_device_is_serviced_with_its_hours_and_an_unknown_one_refused() -> None:
    day = Day(3).run(MINUTE_MS)
    assert day.command("maintenance", "done", "codec").stage == "accepted"
    assert day.told("maintenance.done", "codec")[0]["hours"] == 0.0
    assert day.command("maintenance", "done", "nothing").code == "unknown_device"


def test_the_list_of_devices_in_room_toml() -> None:
    row = {"model": "Poly Group 500", "serial": "8218", "warranty_until": date(2027, 3, 1)}
    room = compile_room(changed(devices={"codec": row}, loads__codec__watts=45))
    assert room.devices[0].told == (
        ("model", "Poly Group 500"),
        ("serial", "8218"),
        ("warranty_until", "2027-03-01"),
    )
    assert next(load for load in room.loads if load.name == "codec").watts == 45
    assert dict(room.upkeep.every_ms) == {"cleaning": 90 * DAY_MS, "maintenance": 180 * DAY_MS}


def test_a_cleaning_that_a_wrong_clock_dated_years_ahead_is_counted_from_now() -> None:
    ahead = (MIDNIGHT_MS + 10 * 365 * DAY_MS, "An")
    sit = Sit(3, marks={"done.cleaning": ahead})
    assert marks(said(due, sit))["done.cleaning"] == (sit.now.wall_ms, "")
    doubtful = replace(sit, trust=Trust.HELD)
    assert "done.cleaning" not in marks(said(due, doubtful)), "a clock that may not decide corrects none"
