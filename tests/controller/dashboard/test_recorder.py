"""What is stored, once, and acknowledged only then; over both databases, with words as rooms send them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from controller.core.chain import Entry, Head, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.dashboard import think_clocks, think_orders, think_retention
from controller.dashboard.recorder.hear import Answer, Line, Part, Refusal, Status, hear
from controller.dashboard.recorder.journals import ASK_MS
from controller.dashboard.recorder.keep import REFUSED_KEPT, keep
from controller.dashboard.recorder.thinker import Job, Thinker
from controller.dashboard.recorder.word import Owed, Word
from controller.dashboard.store.tables import HEADS, LAST, ORDERS, RECORDS, REFUSED, SAMPLES
from controller.dashboard.web.place import Place
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_hear import entry_line

DAY = 24 * HOUR


def entries(count: int, boot: str = "b1", trust: Trust = Trust.NTP) -> tuple[Entry, ...]:
    made = Record("phase", "room", (("to", "ready"),), Priority.EVIDENCE)
    return seal_all([(made, Instant(n * 1000, NOW_MS + n * 1000, trust)) for n in range(count)], boot, Head())


def words(lines: Sequence[Entry], room: str = "kim-son", at_ms: int = NOW_MS) -> list[Word]:
    return [Word("", 0, b"", Line(room, entry, False, True), at_ms) for entry in lines]


def store(desk: Desk, batch: Sequence[Word]) -> Owed:
    return desk.transaction(lambda connection: keep(connection, batch))


def count(desk: Desk, table: object) -> int:
    return int(desk.rows(select(func.count()).select_from(table))[0][0])  # type: ignore[arg-type]


def test_what_comes_twice_is_stored_once_and_acknowledged_again(desk: Desk) -> None:
    batch = words(entries(5))
    assert store(desk, batch).acks == {"kim-son": ("b1", 5)}
    assert store(desk, batch + batch).acks == {"kim-son": ("b1", 5)}
    assert count(desk, RECORDS) == 5


def test_a_gap_is_asked_for_and_nothing_beyond_it_acknowledged(desk: Desk) -> None:
    lines = entries(9)
    owed = store(desk, words([lines[0], lines[1], lines[6], lines[8]]))
    assert (owed.acks, owed.again) == ({"kim-son": ("b1", 2)}, {"kim-son": (3, 6)})
    assert store(desk, words([lines[7]])).again == {}, "not asked twice within a moment"
    later = NOW_MS + ASK_MS
    assert store(desk, words([lines[7]], at_ms=later)).again == {"kim-son": (3, 6)}
    assert store(desk, words(lines[2:6], at_ms=later)).acks == {"kim-son": ("b1", 9)}


def test_the_last_word_counts_and_two_heads_for_one_number_both_stay(desk: Desk) -> None:
    def said(phase: str, head: str) -> Word:
        body = {"boot": "b", "mono_s": 1, "phase": phase, "seq": 7, "head": head * 64}
        return Word("", 0, b"", Part("kim-son", "state", body), NOW_MS)

    store(desk, [said("off", "a"), said("ready", "a")])
    store(desk, [said("closing", "b"), Word("", 0, b"", Status("kim-son", False, "unexpected"), NOW_MS)])
    found = {row.part: row.body for row in desk.rows(select(LAST))}
    assert found["state"]["phase"] == "closing"
    assert found["status"] == {"online": False, "reason": "unexpected"}
    assert sorted(row.head[0] for row in desk.rows(select(HEADS))) == ["a", "b"]


def test_good_figures_become_curves_and_others_gaps(desk: Desk) -> None:
    def climate(value: object, at_ms: int) -> Word:
        return Word("", 0, b"", Part("kim-son", "detail/climate", {"hall.temp_c": value}), at_ms)

    store(desk, [climate(25.0, NOW_MS), climate(27.0, NOW_MS + 1), climate({"quality": "stale"}, NOW_MS + 2)])
    store(desk, [climate(29.0, NOW_MS + 3), climate(31.0, NOW_MS + 6 * MINUTE)])
    rows = {(row.span_s, row.from_ms): row for row in desk.rows(select(SAMPLES))}
    first = rows[300, NOW_MS]
    assert (first.n, first.low, first.high, first.total) == (3, 25.0, 29.0, 81.0)
    assert rows[3600, NOW_MS].n == 4
    assert rows[300, NOW_MS + 5 * MINUTE].n == 1


def test_an_answer_is_noted_beside_its_order_and_a_final_one_stands(desk: Desk) -> None:
    row = {
        "id": "o1",
        "room": "kim-son",
        "verb": "power",
        "args": {},
        "by": "x",
        "sent_ms": NOW_MS,
        "stage": "sent",
        "told": [],
        "changed_ms": NOW_MS,
    }
    desk.store(ORDERS, row)
    for room, stage in (("hoa-lu", "done"), ("kim-son", "accepted"), ("kim-son", "done"), ("kim-son", "failed")):
        store(desk, [Word("", 0, b"", Answer(room, "o1", stage, "", ()), NOW_MS)])
    assert [row.stage for row in desk.rows(select(ORDERS))] == ["done"]


def test_an_order_that_nobody_answers_is_said_to_be_unanswered(desk: Desk) -> None:
    row = {
        "room": "kim-son",
        "verb": "power",
        "args": {},
        "by": "x",
        "sent_ms": NOW_MS,
        "told": [],
        "changed_ms": NOW_MS,
    }
    desk.store(ORDERS, {"id": "o1", "stage": "sent", **row}, {"id": "o2", "stage": "accepted", **row})
    desk.now_ms += 2 * MINUTE
    desk.run(think_orders.think, desk.place)
    assert {row.id: row.stage for row in desk.rows(select(ORDERS))} == {"o1": "unanswered", "o2": "accepted"}


def test_what_was_accepted_is_done_when_the_rooms_own_state_says_so(desk: Desk) -> None:
    desk.room("kim-son", phase="powering", call=False, mic="open")
    desk.room("hoa-lu", phase="ready", call=True, mic="muted")
    row = {"by": "x", "sent_ms": NOW_MS, "told": [], "changed_ms": NOW_MS + 1, "stage": "accepted"}
    asked = (("power", "on"), ("call", "dial"), ("mute", "muted"), ("power", "auto"))
    for room in ("kim-son", "hoa-lu"):
        for verb, value in asked:
            one = {"id": f"{room} {verb} {value}", "room": room, "verb": verb, "args": {"value": value}}
            desk.store(ORDERS, {**one, **row})

    def stages() -> dict[str, str]:
        desk.run(think_orders.think, desk.place)
        return {row.id: f"{row.stage} {row.code}".strip() for row in desk.rows(select(ORDERS))}

    assert set(stages().values()) == {"accepted"}, "that state is older than the order"
    desk.now_ms += think_orders.FRESH_MS + 1
    found = stages()
    assert [found[f"hoa-lu {verb} {value}"] for verb, value in asked] == ["done", "done", "done", "accepted"]
    assert [found[f"kim-son {verb} {value}"] for verb, value in asked] == ["accepted"] * 4
    desk.now_ms += think_orders.LONG_MS
    found = stages()
    assert [found[f"kim-son {verb} {value}"] for verb, value in asked] == ["failed order.not_seen"] * 3 + [
        "accepted"
    ]


def test_what_was_ordered_of_the_floor_of_a_secret_meeting_is_forgotten(desk: Desk) -> None:
    desk.meeting("m-secret", ["kim-son"], NOW_MS, secret=True)
    desk.meeting("m-open", ["hoa-lu"], NOW_MS)
    row = {"args": {}, "by": "x", "sent_ms": NOW_MS, "told": [], "changed_ms": NOW_MS, "stage": "done"}
    for room, verb in (("kim-son", "floor"), ("kim-son", "mute"), ("kim-son", "power"), ("hoa-lu", "floor")):
        desk.store(ORDERS, {"id": f"{room} {verb}", "room": room, "verb": verb, **row})
    waits = {"id": "waits", "room": "kim-son", "verb": "seat", **row, "stage": "accepted"}
    before = {"id": "before", "room": "kim-son", "verb": "mute", **row, "sent_ms": NOW_MS - 2 * HOUR}
    desk.store(ORDERS, waits)
    desk.store(ORDERS, before)
    desk.run(think_orders.think, desk.place)
    assert count(desk, ORDERS) == 6, "its answer is read first"
    desk.now_ms += 2 * MINUTE
    desk.run(think_orders.think, desk.place)
    left = {row.id for row in desk.rows(select(ORDERS.c.id))}
    assert left == {"kim-son power", "hoa-lu floor", "waits", "before"}


def test_refused_messages_are_kept_with_their_beginning_and_bounded(desk: Desk) -> None:
    bad = Word("diemcau/1/kim-son/state", 10_000_000, b"<script>", Refusal("large"), NOW_MS)
    store(desk, [bad] * (REFUSED_KEPT + 50))
    store(desk, [bad] * 70)
    assert count(desk, REFUSED) == REFUSED_KEPT
    assert desk.rows(select(REFUSED).limit(1))[0].start == b"<script>"


def test_a_doubtful_time_is_worked_out_from_a_trusted_one_of_the_same_life(desk: Desk) -> None:
    dark = entries(2, "b2", Trust.UNKNOWN)
    sure = seal_all(
        [(Record("phase", "room"), Instant(60_000, NOW_MS + DAY, Trust.NTP))], "b2", Head(2, dark[1].hash)
    )
    store(desk, words([*dark, *sure]))
    desk.run(think_clocks.think, desk.place)
    true = {row.seq: row.true_ms for row in desk.rows(select(RECORDS))}
    assert true == {1: NOW_MS + DAY - 60_000, 2: NOW_MS + DAY - 59_000, 3: NOW_MS + DAY}


def test_what_is_older_than_its_time_goes(desk: Desk) -> None:
    store(desk, words(entries(2)))
    desk.now_ms += 6 * 365 * DAY
    desk.run(think_retention.think, desk.place)
    assert count(desk, RECORDS) == 0


def test_one_thinks_at_a_time_and_another_takes_over(desk: Desk) -> None:
    done: list[str] = []

    def thinker(name: str) -> Thinker:
        async def think(_place: Place) -> None:
            done.append(name)

        async def fails(_place: Place) -> None:
            raise ValueError("one fault")

        return Thinker(desk.place, [Job("fails", 1, fails), Job("job", 1, think)])

    first, second = thinker("first"), thinker("second")
    desk.run(first.turn, 0.0)
    desk.run(second.turn, 0.0)
    desk.run(first.turn, 2.0)
    assert done == ["first", "first"]
    assert first.failed == {"fails": 2}
    desk.now_ms += 16_000
    desk.run(second.turn, 2.0)
    assert done[-1] == "second"


def test_a_record_as_it_comes_over_the_wire_is_stored_whole(desk: Desk) -> None:
    heard = hear("diemcau/1/kim-son/record", entry_line())
    store(desk, [Word("", 0, b"", heard, NOW_MS)])
    row = desk.rows(select(RECORDS))[0]
    assert (row.seq, row.kind, row.body["alert"], row.clock) == (1, "alert", "lost", "ntp")
