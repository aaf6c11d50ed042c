"""What incidents are opened for, what goes on in the same row, and what a return tells; over both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from controller.dashboard.incidents import Alert, Cause, Seen, asks_expected, should
from controller.dashboard.incidents_after import proposal
from controller.dashboard.store.tables import FINDINGS, LAST
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, SILENCES
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_incidents_kept import look, opened, say


def hear(desk: Desk, room: str, part: str, **body: object) -> None:
    """The room's last word on a part becomes this, now."""

    async def put(connection: Any) -> None:
        mine = (LAST.c.room == room, LAST.c.part == part)
        await connection.execute(update(LAST).where(*mine).values(body=body, received_ms=desk.now_ms))

    desk.transaction(put)


def kinds(desk: Desk, incident: int = 1) -> list[str]:
    mine = INCIDENT_LINES.c.incident == incident
    return [row.kind for row in desk.rows(select(INCIDENT_LINES).where(mine).order_by(INCIDENT_LINES.c.id))]


def proposed(desk: Desk) -> list[str]:
    return [row.proposed for row in desk.rows(select(INCIDENTS).order_by(INCIDENTS.c.id))]


# ---- maintenance


def maintain(desk: Desk, hours: float = 1.0) -> None:
    window = {"room": "kim-son", "hours": hours, "reason": "thay ắc quy"}
    answer = desk.http.post("/api/incidents/maintenance/begin", json=window)
    assert answer.status_code == 200, answer.text


def test_a_room_in_maintenance_opens_none_until_its_window_is_over(desk: Desk) -> None:
    desk.room("kim-son")
    desk.sign_in()
    maintain(desk, hours=0.1)
    say(desk, "kim-son", "lost", "on_battery")
    look(desk)
    say(desk, "kim-son", "lost")
    look(desk, 5 * MINUTE)
    assert opened(desk) == []
    look(desk, MINUTE)
    assert opened(desk) == [("device:kim-son", ["kim-son"])], "it is still so when the window is over"


def test_what_was_open_stays_and_is_marked(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    say(desk, "kim-son", "needs_hand")
    look(desk)
    desk.sign_in()
    maintain(desk)
    say(desk, "kim-son", "needs_hand", "lost")
    look(desk)
    look(desk, MINUTE)
    assert opened(desk) == [("device:kim-son", ["kim-son"])]
    assert kinds(desk) == ["opened", "maintained"], "what began in the window did not join"
    assert desk.http.get("/api/incidents").json()["incidents"][0]["maintained"] == ["kim-son"]
    assert desk.http.get("/api/incidents/1").json()["incident"]["maintained"] == ["kim-son"]
    assert desk.http.post("/api/incidents/maintenance/1/end").status_code == 200
    assert desk.http.get("/api/incidents/1").json()["incident"]["maintained"] == []
    assert kinds(desk)[-1] == "unmaintained"


@pytest.mark.parametrize("code", ["smoke", "leak", "heat", "not_ready", "battery_short"])
def test_danger_and_a_meeting_at_risk_are_told_in_any_mode(desk: Desk, code: str) -> None:
    desk.room("kim-son")
    desk.sign_in()
    maintain(desk)
    say(desk, "kim-son", code)
    look(desk)
    say(desk, "kim-son", code)
    look(desk, MINUTE)
    assert len(opened(desk)) == 1


def test_a_room_whose_own_mode_says_so_may_be_pulled_out_but_is_missed_in_the_end(desk: Desk) -> None:
    desk.room("kim-son", maintenance=True)
    hear(desk, "kim-son", "status", online=False, reason="unexpected")
    look(desk)
    look(desk, 11 * HOUR)
    assert opened(desk) == []
    look(desk, 2 * HOUR)
    assert opened(desk) == [("line:kim-son", ["kim-son"])]


# ---- the same again


def test_the_same_cause_soon_after_goes_on_in_its_row(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "needs_hand")
    look(desk)
    desk.sign_in()
    for what in ("received", "mended"):
        desk.http.post("/api/incidents/1", json={"what": what})
    say(desk, "kim-son")
    look(desk, MINUTE)
    assert opened(desk) == []
    say(desk, "kim-son", "needs_hand")
    look(desk, 9 * MINUTE)
    assert kinds(desk) == ["opened", "received", "mended", "closed", "reopened"]
    row = desk.rows(select(INCIDENTS))[0]
    assert (row.stage, row.acked_by, row.until_ms) == ("new", "Trần Thị Bình", None), "it was not mended"
    say(desk, "kim-son")
    look(desk, MINUTE)
    say(desk, "kim-son", "needs_hand")
    look(desk, 11 * MINUTE)
    assert [one.id for one in desk.rows(select(INCIDENTS).order_by(INCIDENTS.c.id))] == [1, 2], (
        "later it is another"
    )


# ---- evidence


def test_a_chain_that_does_not_hold_is_an_incident_until_somebody_has_looked(desk: Desk) -> None:
    desk.room("kim-son")
    finding = {"room": "kim-son", "first": 5, "last": 6, "found_ms": NOW_MS}
    desk.store(FINDINGS, {**finding, "code": "edited"}, {**finding, "code": "begun"})
    look(desk)
    say(desk, "kim-son")
    look(desk, MINUTE)
    assert opened(desk) == [("evidence:kim-son", ["kim-son"])]
    desk.sign_in()
    desk.http.post("/api/incidents/1", json={"what": "mended"})
    say(desk, "kim-son")
    look(desk, MINUTE)
    look(desk, MINUTE)
    assert opened(desk) == []
    desk.store(FINDINGS, {**finding, "code": "trimmed", "found_ms": desk.now_ms})
    look(desk)
    look(desk, MINUTE)
    assert opened(desk) == [("evidence:kim-son", ["kim-son"])]
    assert kinds(desk) == ["opened", "mended", "closed", "reopened"]
    alerts = desk.http.get("/api/incidents/1").json()["alerts"]
    assert [one["code"] for one in alerts if one["until_ms"] is None] == ["evidence_missing"]


# ---- what a silence was


def test_the_proposal_of_lives() -> None:
    assert proposal([True, True], "provider") == ("provider", "same_boot")
    assert proposal([False], "room") == ("device", "new_boot")
    assert proposal([False, False, False], "provider") == ("mains", "new_boot")
    assert proposal([True, False], "provider") == ("", "")
    assert proposal([], "room") == ("", "")


def fall_silent(desk: Desk, *rooms: str) -> None:
    for room in rooms:
        hear(desk, room, "status", online=False, reason="unexpected")
    look(desk)
    look(desk, MINUTE)


def return_as(desk: Desk, room: str, boot: str) -> None:
    hear(desk, room, "status", online=True, reason="")
    hear(desk, room, "state", boot=boot, mono_s=1, phase="off")


@pytest.mark.parametrize(("boot", "cause"), [("b1", "provider"), ("b2", "device")])
def test_a_return_in_the_same_life_was_the_line_and_in_another_the_device(
    desk: Desk, boot: str, cause: str
) -> None:
    desk.room("kim-son")
    fall_silent(desk, "kim-son")
    assert proposed(desk) == ["unknown"]
    desk.now_ms += MINUTE
    return_as(desk, "kim-son", boot)
    look(desk, MINUTE)
    assert proposed(desk) == [cause]
    assert kinds(desk) == ["opened", "proposed", "closed"]
    assert desk.rows(select(SILENCES)) == []


def test_several_of_one_provider_that_restarted_had_no_mains(desk: Desk) -> None:
    rooms = ("a", "b", "c", "d", "e", "f", "g", "h")
    for room in rooms:
        desk.room(room)
    fall_silent(desk, "a", "b", "c")
    assert opened(desk) == [("line@VNPT", ["a", "b", "c"])]
    assert proposed(desk) == ["provider"]
    for room in ("a", "b", "c"):
        return_as(desk, room, "b2")
    for room in rooms[3:]:
        say(desk, room)
    look(desk, MINUTE)
    assert (opened(desk), proposed(desk)) == ([], ["mains"])


def test_a_connection_without_a_state_proves_nothing(desk: Desk) -> None:
    desk.room("kim-son")
    fall_silent(desk, "kim-son")
    hear(desk, "kim-son", "status", online=True, reason="")
    look(desk, MINUTE)
    assert proposed(desk) == ["unknown"]


def test_a_goodbye_is_a_hand_and_a_gasp_is_the_mains() -> None:
    left = Seen("a", online=False, state={"boot": "b"}, left=True)
    assert should([left], NOW_MS) == {Alert("a", "silent_left")}
    assert Cause("device:a", "device", "room", frozenset({Alert("a", "silent_left")})).proposed == "handling"
    gasped = Seen("a", online=False, state={"boot": "b"}, left=True, gasp={"reason": "stop"})
    assert should([gasped], NOW_MS) == {Alert("a", "silent_power")}


# ---- asking for the end


class Row:
    def __init__(self, **more: object) -> None:
        self.__dict__ |= {
            "code": "line",
            "until_ms": None,
            "stage": "new",
            "expected_ms": None,
            "from_ms": 0,
        } | more


def test_when_the_end_is_asked_for() -> None:
    half = 30 * MINUTE
    assert not asks_expected(Row(), half - 1)
    assert asks_expected(Row(), half)
    assert not asks_expected(Row(expected_ms=half + 1), half)
    assert asks_expected(Row(expected_ms=half), half), "the promise has passed"
    for other in ({"stage": "mended"}, {"until_ms": 5}, {"code": "evidence"}, {"code": "help"}):
        assert not asks_expected(Row(**other), half), other
