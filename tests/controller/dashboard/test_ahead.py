"""N29: every reason alone, each with who can do something; nothing where nothing is known against a site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.dashboard.ahead import FIXER, LEAD_MS, Due, Reason, Said, failed_items, reasons, warm_ms
from controller.dashboard.store.tables import LAST, RECORDS
from controller.dashboard.store.tables_work import INCIDENTS
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

DUE = Due("m", "Giao ban", NOW_MS + 30 * HOUR, NOW_MS + 32 * HOUR, "Hoa")
GOOD = Said(online=True, state={"line": "good", "incidents": []})


def codes(due: Due = DUE, said: Said = GOOD, others: tuple[Due, ...] = ()) -> list[str]:
    return [reason.code for reason in reasons(due, said, others)]


def test_of_a_site_in_order_nothing_is_said() -> None:
    assert codes(others=(DUE,)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"online": False}, "ahead.offline"),
        ({"state": {"bypass": True}}, "ahead.bypass"),
        ({"state": {"incidents": ["heat"]}}, "ahead.alert"),
        ({"state": {"incidents": ["battery_short"]}}, "ahead.battery"),
        ({"state": {"line": "far_end"}}, "ahead.line"),
        ({"incidents": ("R19",)}, "ahead.incident"),
        ({"maintenance": ((DUE.start_ms - LEAD_MS - 9, DUE.start_ms - LEAD_MS + 1, "UPS"),)}, "ahead.maintenance"),
        ({"checks": {"made": {"check": {"wall_ms": 1, "failed": ["codec"]}}}}, "ahead.rehearsal"),
    ],
)
def test_each_reason_alone(change: dict[str, object], code: str) -> None:
    assert codes(said=replace(GOOD, **change)) == [code]  # type: ignore[arg-type]
    assert FIXER[code]


def test_times_that_do_not_fit() -> None:
    across = replace(DUE, uid="n", start_ms=DUE.end_ms - 1, end_ms=DUE.end_ms + HOUR)
    before = replace(DUE, uid="b", start_ms=DUE.start_ms - HOUR, end_ms=DUE.start_ms - 5 * MINUTE)
    assert codes(others=(DUE, across)) == ["ahead.conflict"]
    assert codes(others=(before,)) == []
    slow = replace(GOOD, warm_ms=6 * MINUTE - 1)
    assert reasons(DUE, slow, (before,)) == (Reason("ahead.gap", ("Giao ban", 5, 6)),)
    assert codes(replace(DUE, technician="")) == ["ahead.technician"]


def test_what_was_repaired_since_is_not_held_against_a_site() -> None:
    made = {
        "check_day": {"wall_ms": 5, "failed": ["codec", "camera"]},
        "check_older": {"wall_ms": 4, "failed": ["display"]},
    }
    now = {"codec": {"result": "passed"}, "camera": {"result": "not_due"}}
    assert failed_items({"made": made, "now": now}) == ("camera",)
    assert failed_items({"made": "?", "now": None}) == ()


def test_how_long_a_power_up_takes_is_what_was_seen() -> None:
    lives = [(0, "off"), (10, "powering"), (15, "powering"), (40, "ready"), (90, "off"), (100, "ready")]
    assert warm_ms(lives) == 30
    assert warm_ms([*lives, (200, "powering"), (210, "closing"), (220, "ready")]) == 30, "what was broken off"
    assert warm_ms([]) == 0


def test_the_page_is_told_room_by_room(desk: Desk) -> None:
    for slug in ("kim-son", "gia-vien"):
        desk.room(slug, slug)
    desk.meeting("m-1", ["kim-son", "gia-vien"], NOW_MS + 20 * HOUR, secret=True)
    desk.meeting("m-2", ["gia-vien"], NOW_MS + 22 * HOUR + 2 * MINUTE)
    desk.meeting("m-3", ["gia-vien"], NOW_MS + 9 * 24 * HOUR)
    record = {"room": "gia-vien", "boot": "b", "clock": "ntp", "true_ms": None, "subject": "room", "prev": ""}
    more = {"priority": "evidence", "hash": "", "hist": False, "received_ms": NOW_MS, "kind": "phase"}
    for seq, (at, to) in enumerate(((0, "powering"), (4 * MINUTE, "ready"))):
        row = {**record, **more, "seq": seq, "at_ms": NOW_MS + at - HOUR, "mono_ms": at, "body": {"to": to}}
        desk.store(RECORDS, row)
    incident = {"key": "k", "code": "R19.lost", "scope": "room", "rooms": ["kim-son"], "from_ms": 1, "seen_ms": 1}
    desk.store(INCIDENTS, {**incident, "until_ms": None, "changed_ms": 1})
    failed = {"made": {"check_day": {"wall_ms": 1, "failed": ["codec"]}}, "now": {}}
    desk.store(LAST, {"room": "kim-son", "part": "detail/checks", "body": failed, "received_ms": NOW_MS})
    desk.sign_in("viewer")
    found = desk.http.get("/api/ahead").json()
    assert [row["title"] for row in found["meetings"]] == ["Phiên họp", "Giao ban tháng 7"]
    assert "technician" not in found["hands"]["kim-son"]
    desk.sign_in()
    first, second = desk.http.get("/api/ahead").json()["meetings"]
    told = {row["room"]: [it["code"] for it in row["reasons"]] for row in first["at_risk"]}
    assert told["kim-son"] == ["ahead.rehearsal", "ahead.incident", "ahead.technician"]
    assert [it["code"] for it in second["at_risk"][0]["reasons"]] == ["ahead.gap", "ahead.technician"]
