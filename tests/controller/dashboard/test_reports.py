"""From the journal of a simulated room to the offices' forms: figures, gaps, certificate; every edit is named."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import delete, select, update

from controller.core.chain import Entry
from controller.core.verify import verify_lines
from controller.dashboard.figures import GAP_MS, HOUR_MS, Cut, Ended, Row, gaps, of_room, together_ms
from controller.dashboard.forms import Frame, effectiveness
from controller.dashboard.papers.model import Grid
from controller.dashboard.recorder.keep import keep
from controller.dashboard.store.tables import HEADS, RECORDS
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENTS
from controller.simulation.acts import Stage
from controller.simulation.plan import begin_ms, make
from controller.simulation.room import simulated_room
from controller.simulation.world import World
from tests.controller.dashboard.kit import NOW_MS, Desk, room_row
from tests.controller.dashboard.test_recorder import words

DAYS = 5


@cache
def lived() -> tuple[tuple[Entry, ...], tuple[Any, ...]]:
    """Five days of a room with meetings and one mains cut: its journal, and its meetings."""
    plan = make(DAYS, 5, ("mains_cut",))
    world = World(simulated_room(), 5)
    stage = Stage(world, plan.acts)
    for at_ms, meetings in plan.told:
        world.run_until(max(at_ms, world.now_ms))
        world.publish(meetings)
    while (next_ms := stage.next_ms()) is not None and next_ms < DAYS * 86_400_000:
        world.run_until(max(next_ms, world.now_ms))
        stage.run_due(next_ms)
    world.run_until(DAYS * 86_400_000)
    return tuple(world.entries), plan.told[-1][1]


def filled(desk: Desk) -> list[Any]:
    """The centre after these days; the meetings that were held."""
    entries, meetings = lived()
    desk.store(ROOMS, room_row("kim-son", "Kim Sơn"))
    desk.transaction(lambda connection: keep(connection, words(entries)))
    held = [m for m in meetings if m.end_ms < begin_ms() + DAYS * 86_400_000]
    for meeting in held:
        desk.meeting(meeting.uid, ["kim-son"], meeting.start_ms, (meeting.end_ms - meeting.start_ms) // 60_000)
    desk.now_ms = begin_ms() + DAYS * 86_400_000
    return held


def test_figures_of_a_room_that_lived(desk: Desk) -> None:
    held = filled(desk)
    desk.sign_in()
    span = f"from_ms={begin_ms()}&to_ms={desk.now_ms}"
    paper = desk.http.get(f"/api/reports/effectiveness.json?{span}").json()
    grids = [block for block in paper["blocks"] if block["kind"] == "grid"]
    row = grids[0]["rows"][0]
    assert row[0] == "Kim Sơn"
    assert int(row[1]) == len(held)
    assert int(row[2]) + int(row[3]) + int(row[4]) + int(row[5]) == len(held), "each meeting is counted once"
    assert int(row[6]) + int(row[7]) + int(row[8]) == len(held)
    assert float(grids[2]["rows"][0][1].replace(".", "").replace(",", ".")) > 1, "it was on for hours"


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx", "csv"])
def test_every_form_comes_as_every_file(desk: Desk, ending: str) -> None:
    held = filled(desk)
    desk.sign_in("office")
    where = f"room=kim-son&meeting={held[0].uid}&from_ms={held[0].start_ms}&to_ms={desk.now_ms}"
    for form in ("check", "log", "effectiveness", "certificate"):
        answer = desk.http.get(f"/api/reports/{form}.{ending}?{where}")
        assert (answer.status_code, len(answer.content) > 100) == (200, True), (form, answer.text[:200])
        if ending == "pdf":
            assert "Kim Sơn" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def test_the_certificate_proves_the_chain_and_names_what_was_done_to_it(desk: Desk) -> None:
    uid = filled(desk)[0].uid
    desk.sign_in()
    where = f"room=kim-son&meeting={uid}"

    def said() -> str:
        return json.dumps(desk.http.get(f"/api/reports/certificate.json?{where}").json(), ensure_ascii=False)

    assert "Nguyên vẹn" in said()
    text = desk.http.get(f"/api/reports/chain/kim-son?meeting={uid}").text
    assert verify_lines(text.splitlines()).problems == ()
    seqs = [json.loads(line)["seq"] for line in text.splitlines()]
    victim = seqs[len(seqs) // 2]
    mine = (RECORDS.c.room == "kim-son", RECORDS.c.seq == victim)
    row = desk.rows(select(RECORDS).where(*mine))[0]

    async def edit(connection: Any) -> None:
        await connection.execute(update(RECORDS).where(*mine).values(body={**row.body, "to": "off", "x": 1}))

    desk.transaction(edit)
    assert f"Kim Sơn: dòng {victim} nội dung bị sửa" in said()

    async def remove(connection: Any) -> None:
        await connection.execute(delete(RECORDS).where(*mine))

    desk.transaction(remove)
    assert f"dòng {victim} bị bỏ" in said()


def test_a_head_that_a_state_report_carried_catches_a_forged_chain(desk: Desk) -> None:
    uid = filled(desk)[0].uid
    text = ""
    desk.sign_in()
    text = desk.http.get(f"/api/reports/chain/kim-son?meeting={uid}").text
    seq = json.loads(text.splitlines()[3])["seq"]
    desk.store(HEADS, {"room": "kim-son", "seq": seq, "head": "f" * 64, "received_ms": 1})
    found = desk.http.get(f"/api/reports/certificate.json?room=kim-son&meeting={uid}").text
    assert "trái với mã trung tâm" in found


def test_what_cannot_be_reported_says_why(desk: Desk) -> None:
    filled(desk)
    desk.sign_in()
    for path, status, code in (
        ("log.json?room=nowhere", 404, "incident.room"),
        ("check.json?room=kim-son&meeting=none", 404, "session.unknown"),
        ("incident.json?incident=7", 404, "incident.unknown"),
        ("effectiveness.json?from_ms=5&to_ms=5", 422, "report.span"),
        ("effectiveness.json?from_ms=5&to_ms=6&room=nowhere", 404, "incident.room"),
        (f"log.json?room=kim-son&from_ms={2**53 - 1}", 422, "rights.malformed"),
    ):
        answer = desk.http.get(f"/api/reports/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
    desk.sign_in("viewer")
    assert desk.http.get("/api/reports/log.json?room=kim-son").status_code == 403


def test_a_file_is_named_by_what_the_form_is_of_whatever_else_was_asked(desk: Desk) -> None:
    filled(desk)
    row = {"key": "k", "code": "power", "scope": "room", "rooms": ["kim-son"], "from_ms": 1, "seen_ms": 1}
    desk.store(INCIDENTS, {**row, "changed_ms": 1})
    desk.sign_in()
    for path, name in (
        ("rules.csv?room=ghế", "bo-quy-tac-mang.csv"),
        ("incident.csv?incident=1&room=ghế", "su-co-1-mang.csv"),
        ("effectiveness.csv?from_ms=5&to_ms=6", "hieu-qua-mang.csv"),
    ):
        answer = desk.http.get(f"/api/reports/{path}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


# ---- pure


def row(at_ms: int, kind: str = "phase", **body: Any) -> Row:
    return Row("a", 1, at_ms, True, kind, body.pop("subject", "room"), body)


def test_a_stretch_without_records_is_a_gap_and_no_hour_on() -> None:
    span = (0, 10 * GAP_MS)
    rows = [row(0, to="ready"), row(HOUR_MS, to="in_call"), row(5 * GAP_MS, to="off")]
    found = of_room("a", rows, {}, [], span)
    assert found.on_h == 1.0
    assert found.gaps == [(HOUR_MS, 5 * GAP_MS), (5 * GAP_MS, 10 * GAP_MS)]


def test_unknown_counts_for_nobody() -> None:
    rows = [
        row(1, "noted", subject="ready.m1", value="in_time"),
        row(2, "noted", subject="ready.m2", value="late"),
        row(3, "meeting.booked", subject="m3", late="short_notice"),
        row(4, "noted", subject="check.m1", value=["passed", 0, [], [], []]),
        row(5, "noted", subject="check.m2", value=["not_made", 0, [], [], []]),
    ]
    m = of_room("a", rows, {"m1": 0, "m2": 0, "m3": 0, "m4": 0}, [], (0, HOUR_MS)).meetings
    assert (m.held, m.on_time, m.late, m.told_late, m.unknown) == (4, 1, 1, 1, 1)
    assert (m.tested, m.test_failed, m.untested) == (1, 0, 3)


def test_interruptions_are_counted_by_the_cause_that_a_person_set() -> None:
    ended = [
        Ended("a", "line", 0, 600_000, "provider", False),
        Ended("a", "line", 5, 60_005),
        Ended("b", "power", 1, 2),
    ]
    found = of_room("a", [], {}, ended, (0, HOUR_MS))
    assert found.interruptions == {("provider", False): Cut(1, 10.0), ("line", None): Cut(1, 1.0)}


def test_form_d_says_whose_cause_it_was() -> None:
    minute = 60_000
    ended = [
        Ended("a", "line", 0, 4 * minute, "handling"),
        Ended("a", "line", 0, 3 * minute, "handling", False),
        Ended("a", "line", 0, 2 * minute, "handling", True),
        Ended("b", "line", 0, 5 * minute, "handling", True),
    ]
    figures = [of_room(name, [], {}, ended, (0, HOUR_MS)) for name in ("a", "b")]
    paper = effectiveness(Frame("", "", ""), (0, HOUR_MS), figures, {})
    grid = next(block for block in paper.blocks if isinstance(block, Grid) and block.head[0].startswith("Nguyên"))
    assert grid.rows == (
        ("thao tác", "chủ quan", 2, 7.0),
        ("thao tác", "khách quan", 1, 3.0),
        ("thao tác", "chưa xác định", 1, 4.0),
    )


def test_a_room_that_is_on_at_the_end_is_counted_up_to_it() -> None:
    rows = [row(HOUR_MS, to="ready"), row(3 * HOUR_MS, "alert", alert="on_battery", subject="ups")]
    found = of_room("a", rows, {}, [], (0, 5 * HOUR_MS))
    assert (found.on_h, found.outage_h) == (4.0, 2.0)
    assert of_room("a", rows, {}, [], (0, 5 * GAP_MS)).on_h == 2.0, "silence is no hour on"


def test_a_room_that_was_on_before_the_begin_is_counted_from_it() -> None:
    span = (10 * HOUR_MS, 15 * HOUR_MS)
    before = [
        row(1 * HOUR_MS, to="off"),
        row(8 * HOUR_MS, to="ready"),
        row(9 * HOUR_MS, "alert", alert="on_battery", subject="ups"),
        row(9 * HOUR_MS, "noted", subject="saved", value=[["tv", 3.0, 1.0]]),
        row(9 * HOUR_MS, "noted", subject="check.m1", value=["passed", 0, [], [], []]),
    ]
    rows = [row(12 * HOUR_MS, "alert.end", alert="on_battery", subject="ups"), row(14 * HOUR_MS, to="off")]
    found = of_room("a", rows, {"m1": 11 * HOUR_MS}, [], span, before=before)
    assert (found.on_h, found.outage_h, found.meetings.tested) == (4.0, 2.0, 1)
    assert (found.outages, found.saved_h, found.saved_kwh) == (0, 0.0, None), (
        "what was before the span is not its own"
    )
    assert of_room("a", rows, {}, [], span).on_h == 0.0


def phases(*rows: tuple[int, str]) -> list[dict[str, object]]:
    base = {"room": "kim-son", "boot": "b1", "mono_ms": 0, "clock": "ntp", "true_ms": None, "priority": "state",
            "prev": "", "hist": False, "received_ms": 0, "subject": "room"}  # fmt: skip
    said = [("phase", {"to": to}) if to else ("noted", {}) for _, to in rows]
    return [
        {**base, "seq": n, "hash": str(n), "at_ms": at_ms, "kind": kind, "body": body}
        for n, ((at_ms, _), (kind, body)) in enumerate(zip(rows, said, strict=True), start=1)
    ]


@pytest.mark.parametrize(
    ("quiet_h", "on_h"), [(1, "4,0"), (40, "0")], ids=["heard just before", "silent for a day and a half"]
)
def test_the_last_phase_before_the_span_counts_however_old(desk: Desk, quiet_h: int, on_h: str) -> None:
    begin, days = NOW_MS - 10 * HOUR_MS, 24 * HOUR_MS
    desk.room("kim-son", "Kim Sơn")
    said = [(begin - 40 * days, "ready"), (begin - quiet_h * HOUR_MS, ""), (begin + 4 * HOUR_MS, "off")]
    desk.store(RECORDS, *phases(*said))
    desk.sign_in()
    path = f"/api/reports/effectiveness.json?from_ms={begin}&to_ms={NOW_MS}&room=kim-son"
    grids = [block for block in desk.http.get(path).json()["blocks"] if block["kind"] == "grid"]
    power = next(grid for grid in grids if "Giờ bật" in grid["head"])
    assert power["rows"][0][1] == on_h


def test_a_site_that_was_taken_away_counts_as_long_as_it_was_heard(desk: Desk) -> None:
    desk.store(ROOMS, room_row("in-use"), {**room_row("kim-son"), "retired": True})
    desk.store(RECORDS, *phases((NOW_MS - HOUR_MS, "ready")))
    desk.sign_in()
    for from_ms, count in ((NOW_MS - 2 * HOUR_MS, 2), (NOW_MS, 1)):
        paper = desk.http.get(f"/api/reports/effectiveness.json?from_ms={from_ms}&to_ms={NOW_MS + 1}").json()
        assert paper["blocks"][1]["text"].startswith(f"Số phòng: {count};")


def test_of_a_span_that_still_runs_only_what_is_over_counts(desk: Desk) -> None:
    filled(desk)
    desk.sign_in()

    def blocks(to_ms: int) -> Any:
        return desk.http.get(f"/api/reports/effectiveness.json?from_ms={begin_ms()}&to_ms={to_ms}").json()["blocks"]

    until_now = blocks(desk.now_ms)
    desk.meeting("to-come", ["kim-son"], desk.now_ms + HOUR_MS)
    assert blocks(desk.now_ms + 60 * 24 * HOUR_MS) == until_now


@given(st.lists(st.integers(0, 20 * GAP_MS)))
def test_gaps_are_inside_the_span_and_hold_no_record(times: list[int]) -> None:
    for first, last in gaps(sorted(times), (0, 20 * GAP_MS)):
        assert last - first > GAP_MS
        assert not any(first < at_ms < last for at_ms in times)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=8))
def test_how_long_spans_last_together(found: list[tuple[int, int]]) -> None:
    spans = sorted((first, first + length) for first, length in found)
    assert together_ms(spans) == len({minute for first, last in spans for minute in range(first, last)})
