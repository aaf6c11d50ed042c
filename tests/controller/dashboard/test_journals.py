"""Journals with a history: trims, broken files, new cards, numbers that nobody has any more, chains that lie."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from controller.core.chain import KIND, Entry, Head, digest, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.dashboard import think_births, think_chain, think_gaps
from controller.dashboard.recorder.hear import Line, Part, Status
from controller.dashboard.recorder.journals import pass_over
from controller.dashboard.recorder.keep import keep
from controller.dashboard.recorder.recorder import Recorder
from controller.dashboard.recorder.word import Owed, Word
from controller.dashboard.store.tables import CURSORS, FINDINGS, LAST, ORDERS, RECORDS, REFUSED
from tests.controller.dashboard.kit import MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_hear import ROOM, entry_line

PLAIN = Record("phase", "room", (("to", "ready"),), Priority.EVIDENCE)
CHAIN = Record(KIND, "chain", (), Priority.EVIDENCE)


def journal(*records: Record, boot: str = "b1", head: Head | None = None) -> tuple[Entry, ...]:
    rows = [(one, Instant(n * 1000, NOW_MS + n * 1000, Trust.NTP)) for n, one in enumerate(records)]
    return seal_all(rows, boot, head or Head())


def store(desk: Desk, lines: Iterable[Entry], at_ms: int = NOW_MS, hist: bool = False) -> Owed:
    batch = [Word("", 0, b"", Line("kim-son", entry, hist, True), at_ms) for entry in lines]
    return desk.transaction(lambda connection: keep(connection, batch))


def said(desk: Desk, at_ms: int = NOW_MS, **body: object) -> None:
    tree = {"boot": "b1", "mono_s": 1.0, "seq": 0, "head": "0" * 64, **body}
    words = [
        Word("", 0, b"", Part("kim-son", "state", tree), at_ms),
        Word("", 0, b"", Status("kim-son", True), at_ms),
    ]
    desk.transaction(lambda connection: keep(connection, words))


def findings(desk: Desk) -> list[tuple[str, int, int]]:
    rows = desk.rows(select(FINDINGS).order_by(FINDINGS.c.code, FINDINGS.c.first))
    return [(row.code, row.first, row.last) for row in rows]


def test_what_a_room_says_it_has_dropped_is_passed_over(desk: Desk) -> None:
    trim = Record(KIND, "trim", (("ranges", ((2, 3), (5, 5))),), Priority.EVIDENCE)
    lines = journal(CHAIN, *[PLAIN] * 6, trim)
    assert store(desk, [lines[0], lines[3]]).again == {"kim-son": (2, 3)}
    owed = store(desk, [lines[5], lines[6], lines[7]])
    assert owed.acks == {"kim-son": ("b1", 8)}
    assert findings(desk) == [("trimmed", 2, 3), ("trimmed", 5, 5)]


def test_a_file_that_broke_takes_numbers_along_and_the_rest_is_acknowledged(desk: Desk) -> None:
    store(desk, journal(CHAIN, PLAIN))
    assert store(desk, journal(CHAIN, PLAIN, head=Head(90))).acks == {"kim-son": ("b1", 92)}
    assert findings(desk) == [("restarted", 1, 90)]


def test_a_new_card_is_acknowledged_from_its_beginning_and_the_old_journal_stays(desk: Desk) -> None:
    store(desk, journal(CHAIN, *[PLAIN] * 8))
    new = journal(CHAIN, PLAIN, boot="b2")
    owed = store(desk, new, NOW_MS + MINUTE)
    assert owed.acks == {"kim-son": ("b2", 2)}
    assert store(desk, new, NOW_MS + 2 * MINUTE).acks == {"kim-son": ("b2", 2)}, "its repeat begins nothing"
    rows = desk.rows(select(RECORDS.c.journal, func.count()).group_by(RECORDS.c.journal))
    assert sorted(tuple(row) for row in rows) == [(0, 2), (1, 9)]
    assert findings(desk) == [("begun", 1, 1)]


def following(old: Entry, digest: str = "") -> Record:
    """The first record of a Pi that replaces the one that wrote `old`."""
    body = (("reason", "replaced"), ("follows", old.seq), ("follows_hash", digest or old.hash))
    return Record(KIND, "chain", body, Priority.EVIDENCE)


def test_a_replaced_pi_that_names_a_record_nobody_has_is_a_new_card(desk: Desk) -> None:
    old = journal(CHAIN, PLAIN)
    store(desk, old)
    store(desk, journal(following(old[1], "ab" * 32), boot="b2"), NOW_MS + MINUTE)
    assert findings(desk) == [("begun", 1, 1)]


def test_a_replaced_pi_is_told_as_what_it_is_and_its_evidence_is_whole(desk: Desk) -> None:
    old = journal(CHAIN, PLAIN, PLAIN)
    store(desk, old)
    # The bundle was made after the second record; the old Pi lived on a while.
    assert store(desk, journal(following(old[1]), PLAIN, boot="b2"), NOW_MS + MINUTE).acks == {"kim-son": ("b2", 2)}
    desk.run(think_chain.think, desk.place)
    assert findings(desk) == [("carried", 2, 2)]


def test_numbers_that_are_asked_for_in_vain_are_given_up_only_while_the_room_answers(desk: Desk) -> None:
    store(desk, journal(*[PLAIN] * 3, head=Head(40, "a" * 64)))
    desk.now_ms += 11 * MINUTE
    desk.run(think_gaps.think, desk.place)
    assert findings(desk) == [], "nobody knows whether the room is there"
    said(desk, desk.now_ms)
    store(desk, journal(PLAIN, head=Head(49, "b" * 64)), desk.now_ms, hist=True)
    desk.run(think_gaps.think, desk.place)
    assert findings(desk) == [], "the room is still sending what is old"
    desk.now_ms += 2 * MINUTE
    desk.run(think_gaps.think, desk.place)
    assert findings(desk) == [("silent", 1, 40)]
    assert json.loads(desk.way.sent[-2].payload)["seq"] == 43
    assert json.loads(desk.way.sent[-1].payload)["again"] == [44, 49]


def test_what_a_report_says_and_nobody_sent_is_asked_for(desk: Desk) -> None:
    said(desk, seq=7)
    desk.now_ms += 20_000
    desk.run(think_gaps.think, desk.place)
    desk.run(think_gaps.think, desk.place)
    asked = [json.loads(sent.payload)["again"] for sent in desk.way.sent]
    assert asked == [[1, 7]], "not again before it can have come"


def test_an_edited_and_a_replaced_record_and_a_contradicting_head_are_named(desk: Desk) -> None:
    lines = list(journal(CHAIN, *[PLAIN] * 8))
    lines[2] = replace(lines[2], subject="other")
    forged = replace(lines[5], subject="other")
    lines[5] = replace(forged, hash=digest(forged))
    store(desk, lines)
    said(desk, seq=8, head="c" * 64)
    desk.run(think_chain.think, desk.place)
    assert findings(desk) == [("contradicts", 8, 8), ("edited", 3, 3), ("replaced", 6, 6)]
    assert desk.rows(select(CURSORS.c.checked))[0].checked == 9


def test_a_sound_chain_has_nothing_to_say_however_it_is_cut_into_turns(desk: Desk) -> None:
    lines = journal(CHAIN, *[PLAIN] * 9)
    store(desk, lines)
    said(desk, seq=10, head=lines[-1].hash)
    for _ in range(4):
        desk.run(think_chain.think, desk.place, 4)
    assert findings(desk) == []
    assert desk.rows(select(CURSORS.c.checked))[0].checked == 10


def test_a_room_whose_birth_is_unknown_is_asked_for_it_once(desk: Desk) -> None:
    said(desk, mono_s=5.0)
    desk.run(think_births.think, desk.place)
    desk.run(think_births.think, desk.place)
    assert [sent.topic for sent in desk.way.sent] == ["diemcau/1/kim-son/do/rebirth"]
    assert [row.stage for row in desk.rows(select(ORDERS))] == ["sent"]


def test_what_the_database_will_not_have_is_refused_and_holds_up_nothing(desk: Desk) -> None:
    """As if a column were narrower than what is heard."""
    good, bad = entry_line(1), Word("t", 1, b"x", Part("kim-son", "p" * 9, {"x": object()}), NOW_MS)

    async def act() -> int:
        recorder = Recorder(desk.place)
        living = asyncio.create_task(recorder.live())
        recorder.take(ROOM + "record", good, {})
        recorder._words.append(bad)
        recorder.take(ROOM + "status", b"online", {})
        async with asyncio.timeout(20):
            while recorder.stored < 3:
                await asyncio.sleep(0.02)
        living.cancel()
        return recorder.refused

    assert desk.run(act) == 1
    assert len(desk.rows(select(RECORDS))) == len(desk.rows(select(LAST))) == 1
    assert [row.why for row in desk.rows(select(REFUSED))] == ["stored"]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9))), st.integers(0, 30))
def test_passing_over_is_stepping_on_known_ground_only(spans: list[tuple[int, int]], upto: int) -> None:
    ranges = sorted((first, first + length) for first, length in spans)
    known = {n for first, last in ranges for n in range(first, last + 1)}
    step = upto
    while step + 1 in known:
        step += 1
    assert pass_over(ranges, upto) == step
