"""What the desk does about an incident reaches its rooms; the end is asked for; over both databases."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from controller.dashboard import think_expect
from controller.dashboard.alerts_ask import subjects
from controller.dashboard.recorder.keep import keep
from controller.dashboard.store.tables import ORDERS, RECORDS
from controller.dashboard.store.tables_work import INCIDENT_LINES
from controller.link.commands import read
from tests.controller.dashboard.kit import HOUR, MINUTE, Desk
from tests.controller.dashboard.test_incidents_cause import fall_silent, hear, kinds
from tests.controller.dashboard.test_incidents_kept import look, opened, say
from tests.controller.dashboard.test_recorder import words
from tests.controller.dashboard.test_reports import lived


def journal(desk: Desk, room: str, *lines: tuple[str, str, str]) -> None:
    """The room's records: (kind, subject, code of the alert)."""
    base = {"boot": "b1", "at_ms": 0, "mono_ms": 0, "clock": "ntp", "true_ms": 0, "priority": "incident",
            "prev": "", "hash": "", "hist": False, "received_ms": 0, "room": room}  # fmt: skip
    rows = [
        {**base, "seq": seq, "kind": kind, "subject": subject, "body": {"alert": code}}
        for seq, (kind, subject, code) in enumerate(lines, start=1)
    ]
    desk.store(RECORDS, *rows)


def commands(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """What went out, each readable by a room, by topic: several rooms are told at a time."""
    found = []
    for sent in desk.way.sent:
        body = json.loads(sent.payload)
        read(sent.topic.rsplit("/", 1)[1], body["args"])
        assert (body["by"], sent.expiry_s, sent.retain) == ("Trần Thị Bình (Sở KH&CN)", 30, False)
        found.append((sent.topic, body["args"]))
    return sorted(found, key=lambda one: one[0])


def step(desk: Desk, **did: object) -> dict[str, Any]:
    answer = desk.http.post("/api/incidents/1", json=did)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_call_for_help_is_an_incident_that_receiving_answers(desk: Desk) -> None:
    desk.room("kim-son", help="called")
    look(desk)
    assert opened(desk) == [("help:kim-son", ["kim-son"])]
    desk.sign_in()
    told = step(desk, what="received")
    assert commands(desk) == [("diemcau/1/kim-son/do/acknowledge", {})]
    assert [row.id for row in desk.rows(select(ORDERS))] == told["sent"]["kim-son"]
    hear(desk, "kim-son", "state", boot="b1", mono_s=1, help="acknowledged")
    look(desk, MINUTE)
    assert opened(desk) == []


def test_received_and_expected_reach_each_room_by_its_own_alerts(desk: Desk) -> None:
    for room in ("a", "b", "c"):
        desk.room(room)
        say(desk, room, "line_down")
    journal(
        desk, "a", ("alert", "lan", "line_down"), ("alert.end", "lan", "line_down"), ("alert", "line", "line_down")
    )
    journal(desk, "b", ("alert", "line", "line_down"), ("alert", "codec", "lost"))
    look(desk)
    for room in ("a", "b", "c"):
        say(desk, room, "line_down")
    look(desk, MINUTE)
    assert opened(desk) == [("line@VNPT", ["a", "b", "c"])]
    desk.sign_in()
    told = step(desk, what="received")
    note = {"value": "note", "alert": "line_down", "subject": "line", "text": "Trực ban đã nhận"}
    assert commands(desk) == [("diemcau/1/a/do/incident", note), ("diemcau/1/b/do/incident", note)]
    assert (sorted(told["sent"]), told["unsent"]) == (["a", "b"], {}), "c has not said of what"
    desk.way.sent.clear()
    step(desk, what="expected", at_ms=desk.now_ms + HOUR)
    expect = {"value": "expect", "alert": "line_down", "subject": "line", "minutes": 60}
    assert commands(desk) == [("diemcau/1/a/do/incident", expect), ("diemcau/1/b/do/incident", expect)]
    desk.way.sent.clear()
    step(desk, what="expected", at_ms=desk.now_ms + 900 * HOUR)
    assert commands(desk)[0][1]["minutes"] == 10_080, "no room takes more"
    desk.way.sent.clear()
    step(desk, what="note", text="đã gọi")
    assert commands(desk) == []


def test_who_cannot_be_told_is_named_and_the_step_stands(desk: Desk) -> None:
    desk.room("kim-son")
    fall_silent(desk, "kim-son")
    desk.sign_in()
    assert step(desk, what="received") == {"sent": {}, "unsent": {"kim-son": "order.silent"}}
    assert kinds(desk) == ["opened", "received"]
    hear(desk, "kim-son", "status", online=True, reason="")
    hear(desk, "kim-son", "state", boot="b1", mono_s=1, incidents=["smoke"])
    desk.now_ms += MINUTE
    look(desk)
    desk.way.away = True
    answer = desk.http.post("/api/incidents/2", json={"what": "received"}).json()
    assert answer == {"sent": {}, "unsent": {"kim-son": "order.no_broker"}}
    assert kinds(desk, 2) == ["opened", "received"]


def test_the_end_is_asked_for_every_half_hour_until_it_is_known(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "needs_hand")
    look(desk)
    desk.sign_in()

    def think(after_ms: int) -> int:
        desk.now_ms += after_ms
        desk.run(think_expect.think, desk.place)
        return kinds(desk).count("asked")

    def asks() -> bool:
        found: bool = desk.http.get("/api/incidents").json()["incidents"][0]["asks_expected"]
        return found

    assert (think(29 * MINUTE), asks()) == (0, False)
    assert (think(MINUTE), asks()) == (1, True)
    assert (think(29 * MINUTE), think(MINUTE)) == (1, 2)
    step(desk, what="expected", at_ms=desk.now_ms + HOUR)
    assert (think(59 * MINUTE), asks()) == (2, False)
    assert (think(MINUTE), asks()) == (3, True), "the promise has passed"
    assert desk.rows(select(INCIDENT_LINES.c.by).where(INCIDENT_LINES.c.kind == "asked"))[0].by == "máy"


def test_the_subject_of_an_alert_is_found_in_the_journal_that_a_room_writes(desk: Desk) -> None:
    """Not as this file pretends it: five days of a simulated room, cut after its first alert and after its end."""
    entries, _ = lived()
    first = next(n for n, entry in enumerate(entries) if entry.kind == "alert")
    code = str(dict(entries[first].body)["alert"])
    ended = next(
        n
        for n, entry in enumerate(entries)
        if entry.kind == "alert.end"
        and (entry.subject, dict(entry.body)["alert"]) == (entries[first].subject, code)
    )

    def known() -> list[tuple[str, str]]:
        return desk.transaction(lambda connection: subjects(connection, "kim-son", {code}))

    desk.transaction(lambda connection: keep(connection, words(entries[: first + 1])))
    assert known() == [(code, entries[first].subject)]
    desk.transaction(lambda connection: keep(connection, words(entries[first + 1 : ended + 1])))
    assert known() == []
