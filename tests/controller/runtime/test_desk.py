"""Outbox, journal and link put together, with a journal and a link that only note what they were told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from controller.core.chain import START, Entry, Head, head_of, seal
from controller.core.gasp import Gasp
from controller.core.instant import Instant, Trust
from controller.core.parts import Tree as Shown
from controller.core.records import Priority, Record, Reply
from controller.link.messages import Stamp, Tree
from controller.link.notices import Ack, Again, CalendarText, CertificateText, Down, Online, Refused, Renewed
from controller.runtime.batch import Acked, Ask, Committed, Rows
from controller.runtime.desk import CROWDED, LATER_MS, Desk, Ears
from hardware.contract import NEVER_MS
from tests.controller.runtime.given import BOOT, chain, record

OFFSET_MS = 7 * 3_600_000


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)
    acks: list[tuple[str, int]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)

    @property
    def head(self) -> Head:
        return head_of(self.entries[-1]) if self.entries else START

    def ack(self, boot: str, seq: int) -> None:
        self.acks.append((boot, seq))

    def ask(self, ask: Ask) -> bool:
        self.asks.append(ask)
        return True

    def answer(self) -> list[Rows]:
        """What a journal's thread would report to every question so far."""
        asks, self.asks = self.asks, []
        return [Rows(ask, tuple(self._found(ask))) for ask in asks]

    def _found(self, ask: Ask) -> list[Entry]:
        rows = [e for e in self.entries if ask.after < e.seq <= ask.last and ask.priority in (None, e.priority)]
        return rows[: ask.limit]


@dataclass
class Post:
    records: list[dict[str, object]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    states: list[dict[str, Tree]] = field(default_factory=list)
    details: dict[str, dict[str, Tree]] = field(default_factory=dict)
    gasps: list[bytes] = field(default_factory=list)
    records_waiting: int = 0

    def record(self, payload: bytes) -> bool:
        self.records.append(json.loads(payload))
        return True

    def reply(self, answer: Reply) -> bool:
        self.replies.append(answer)
        return True

    def state(self, view: Mapping[str, Tree]) -> bool:
        self.states.append(dict(view))
        return True

    def gasp(self, payload: bytes) -> bool:
        self.gasps.append(payload)
        return True

    def detail(self, part: str, view: Mapping[str, Tree]) -> bool:
        self.details[part] = dict(view)
        return True


class Bench:
    """A desk on a table."""

    def __init__(self, linked: bool = True) -> None:
        self.journal, self.post = Journal(), Post()
        self.calendars: list[CalendarText] = []
        self.notes: list[tuple[str, tuple[object, ...]]] = []
        self.records: list[Record] = []
        self.mono_ms = 1_000_000
        self.certificates: list[str] = []
        ears = Ears(self.calendars.append, self._note, self.records.append, self.certificates.append)
        self.desk = Desk(self.journal, self.post if linked else None, ears, OFFSET_MS)

    def _note(self, code: str, args: tuple[object, ...]) -> None:
        self.notes.append((code, args))

    @property
    def now(self) -> Instant:
        return Instant(self.mono_ms, 1_790_000_000_000 + self.mono_ms, Trust.NTP)

    def hear(self, *items: object) -> None:
        """One round of the loop, and the journal's answers to it in the next."""
        for item in items:
            self.desk.other(item, self.now)
        self.desk.turn(self.now)
        while self.journal.asks:
            for rows in self.journal.answer():
                self.desk.other(rows, self.now)
            self.desk.turn(self.now)

    def commit(self, count: int) -> None:
        """The journal now holds this many entries, the new ones are told."""
        old, self.journal.entries = len(self.journal.entries), chain(count)
        self.hear(Committed(1, tuple(self.journal.entries[old:])))

    @property
    def sent(self) -> list[object]:
        return [record["seq"] for record in self.post.records]


def test_a_record_goes_out_at_once_while_online() -> None:
    bench = Bench()
    bench.hear(Online("main"))
    bench.commit(3)
    assert bench.sent == [1, 2, 3]
    first = bench.post.records[0]
    assert (first["boot"], first["hist"], first["hash"]) == (BOOT, False, bench.journal.entries[0].hash)
    assert str(first["at"]).endswith("+07:00")


def test_what_was_written_before_the_line_came_is_asked_from_the_journal() -> None:
    bench = Bench()
    bench.commit(5)
    assert not bench.sent
    bench.hear(Online("main"))
    assert bench.sent == [1, 2, 3, 4, 5]
    assert all(record["hist"] for record in bench.post.records)


def test_a_slow_line_is_given_no_more_than_it_takes_and_what_matters_most_next() -> None:
    """A link that holds as much as it may drops the rest: evidence would be told after states."""
    bench = Bench()
    bench.commit(60)
    late = seal(record(61, Priority.EVIDENCE), bench.now, BOOT, bench.journal.head)
    bench.post.records_waiting = CROWDED
    bench.hear(Online("main"))
    assert (bench.sent, bench.desk.due_ms) == ([], bench.mono_ms + LATER_MS)
    bench.journal.entries.append(late)
    bench.hear(Committed(2, (late,)))
    assert bench.sent == []
    bench.mono_ms += LATER_MS
    bench.post.records_waiting = CROWDED - 1
    bench.hear()
    assert bench.sent == [61, *range(1, 20)]
    assert bench.desk.due_ms == bench.mono_ms + 1000, "at the usual pace"


def test_only_the_centre_takes_a_record_out() -> None:
    bench = Bench()
    bench.commit(4)
    bench.hear(Online("main"), Down("main", "lost"), Online("main"))
    assert bench.sent == [1, 2, 3, 4]
    bench.hear(Ack(BOOT, 2))
    assert bench.journal.acks == [(BOOT, 2)]
    bench.hear(Acked(2))
    bench.hear(Down("main", "lost"), Online("main"))
    assert bench.sent == [1, 2, 3, 4, 3, 4]


def test_the_centre_may_ask_again() -> None:
    bench = Bench()
    bench.hear(Online("main"))
    bench.commit(5)
    bench.hear(Acked(5), Again(2, 3))
    assert bench.sent == [1, 2, 3, 4, 5, 2, 3]
    assert bench.post.records[-1]["hist"] is True


def test_the_pace_wakes_the_loop() -> None:
    bench = Bench()
    assert bench.desk.due_ms == NEVER_MS
    bench.commit(50)
    bench.hear(Online("main"))
    assert len(bench.sent) == 20
    assert bench.mono_ms < bench.desk.due_ms <= bench.mono_ms + 1_000
    bench.mono_ms = bench.desk.due_ms
    bench.hear()
    assert len(bench.sent) == 40


def test_a_line_that_ends_is_not_waited_for() -> None:
    bench = Bench()
    bench.commit(50)
    bench.hear(Online("main"), Down("main", "keepalive"))
    assert bench.desk.due_ms == NEVER_MS
    assert bench.notes == [("link.online", ("main",)), ("link.down.keepalive", ("main",))]


def test_a_refused_message_is_an_incident() -> None:
    bench = Bench()
    bench.hear(Refused("diemcau/1/room/record", 0x87))
    (record,) = bench.records
    assert (record.kind, record.subject, record.body) == (
        "link.refused",
        "diemcau/1/room/record",
        (("reason", 0x87),),
    )
    assert record.priority is Priority.INCIDENT
    assert bench.notes == [("link.refused", ("diemcau/1/room/record",))]


def test_the_summary_carries_the_newest_hash_also_when_nothing_else_changes() -> None:
    bench = Bench()
    bench.desk.publish({"phase": "off", "meeting": None}, {})
    assert (bench.post.states[-1]["seq"], bench.post.states[-1]["head"]) == (0, START.hash)
    bench.commit(2)
    assert (bench.post.states[-1]["seq"], bench.post.states[-1]["head"]) == (2, bench.journal.entries[-1].hash)
    assert bench.post.states[-1]["phase"] == "off"
    told = len(bench.post.states)
    bench.hear()
    assert len(bench.post.states) == told


def test_nothing_is_said_before_the_first_summary() -> None:
    bench = Bench()
    bench.commit(2)
    assert not bench.post.states


def test_times_of_day_are_written_out() -> None:
    bench = Bench()
    start_ms = 1_784_077_200_000
    summary: dict[str, Shown] = {"phase": "off", "meeting": {"uid": "x", "start": start_ms, "ready": ""}}
    schedule: dict[str, Shown] = {
        "version": "7",
        "meetings": {"x": {"start": start_ms, "end": start_ms + 3_600_000, "late": ""}},
    }
    bench.desk.publish(summary, {"schedule": schedule, "host": {"start": 5}})
    assert bench.post.states[-1]["meeting"] == {"uid": "x", "start": "2026-07-15T08:00:00.000+07:00", "ready": ""}
    assert bench.post.details["schedule"]["meetings"] == {
        "x": {"start": "2026-07-15T08:00:00.000+07:00", "end": "2026-07-15T09:00:00.000+07:00", "late": ""}
    }
    assert bench.post.details["host"] == {"start": 5}
    assert summary["meeting"] == {"uid": "x", "start": start_ms, "ready": ""}, "the view itself stays as it is"


def test_a_certificate_passes_and_a_renewal_is_evidence() -> None:
    bench = Bench()
    bench.hear(CertificateText("-----BEGIN"), Renewed("ab12", 1_900_000_000))
    assert bench.certificates == ["-----BEGIN"]
    assert bench.notes == [("link.renewed", ("2030-03-18T00:46:40.000+07:00",))]
    body = (("serial", "ab12"), ("until", 1_900_000_000))
    assert bench.records == [Record("identity", "renewed", body, Priority.EVIDENCE)]


def test_answers_and_calendars_pass() -> None:
    bench = Bench()
    bench.desk.answer(Reply("id-1", "accepted"))
    bench.hear(CalendarText("BEGIN:VCALENDAR", "7"))
    assert bench.post.replies == [Reply("id-1", "accepted")]
    assert bench.calendars == [CalendarText("BEGIN:VCALENDAR", "7")]


def test_a_room_alone_sends_nothing_and_waits_for_nothing() -> None:
    bench = Bench(linked=False)
    bench.commit(3)
    bench.desk.answer(Reply("id-1", "accepted"))
    bench.desk.publish({"phase": "off"}, {"host": {}})
    bench.hear()
    assert bench.desk.due_ms == NEVER_MS
    assert bench.post == Post()


def test_a_letter_that_nobody_takes_is_a_defect_of_ours() -> None:
    with pytest.raises(TypeError, match="nobody takes str"):
        Bench().hear("a letter")


def test_the_last_gasp_goes_out_and_is_taken_back() -> None:
    bench = Bench()
    stamp = Stamp(BOOT, bench.now)
    bench.desk.gasp(Gasp("low_battery", 15, "giao-ban"), stamp)
    bench.desk.gasp(Gasp("on_battery"), stamp)
    bench.desk.gasp(Gasp(), stamp)
    first, second, last = bench.post.gasps
    body = json.loads(first)
    assert (body["reason"], body["battery_pct"], body["meeting"], body["boot"]) == (
        "low_battery",
        15,
        "giao-ban",
        BOOT,
    )
    assert (json.loads(second)["battery_pct"], json.loads(second)["meeting"], last) == (None, None, b"")
    Bench(linked=False).desk.gasp(Gasp("stop"), stamp)
