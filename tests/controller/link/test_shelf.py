"""What is sent when: order of life, once a second, refreshed, bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.link.settings import Times
from controller.link.shelf import RECORDS, REPLIES, REPLY_MS, Kind, Letter, Shelf
from hardware.contract import NEVER_MS


def letter(kind: Kind, body: bytes = b"1", topic: str = "") -> Letter:
    return Letter(kind, topic or kind.name, body)


def shelf() -> Shelf:
    return Shelf(Times())


def drain(from_: Shelf, now_ms: int, space: int = 20) -> list[str]:
    topics: list[str] = []
    while (taken := from_.take(now_ms, space)) is not None:
        topics.append(taken.topic)
        assert len(topics) < 1_000
    return topics


def test_nothing_is_due_on_an_empty_shelf() -> None:
    empty = shelf()
    assert empty.take(0, 20) is None
    assert empty.wake_ms(20) == NEVER_MS
    assert empty.settled


def test_after_a_connect_all_goes_out_in_the_order_of_life() -> None:
    full = shelf()
    for kind in (Kind.DISCOVERY, Kind.DETAIL, Kind.UPDATE, Kind.STATE, Kind.GASP, Kind.BIRTH):
        full.keep(letter(kind))
    full.answer(letter(Kind.REPLY), 0)
    full.record(letter(Kind.RECORD))
    order = ["BIRTH", "GASP", "STATE", "UPDATE", "DETAIL", "DISCOVERY", "REPLY", "RECORD"]
    assert drain(full, 0) == order
    assert full.settled
    full.renew()
    assert drain(full, 1) == order[:6]


def test_a_renewed_shelf_is_settled_when_all_of_it_went_out() -> None:
    one = shelf()
    one.keep(letter(Kind.BIRTH))
    before = one.settled
    drain(one, 0)
    assert (before, one.settled) == (False, True)


def test_an_equal_view_is_not_sent_again() -> None:
    one = shelf()
    one.keep(letter(Kind.STATE))
    assert drain(one, 0) == ["STATE"]
    one.keep(letter(Kind.STATE))
    assert drain(one, 5_000) == []
    one.keep(letter(Kind.STATE), again=True)
    assert drain(one, 5_000) == ["STATE"]


def test_changes_within_a_second_go_out_as_one() -> None:
    one = shelf()
    one.keep(letter(Kind.STATE, b"1"))
    drain(one, 0)
    one.keep(letter(Kind.STATE, b"2"))
    one.keep(letter(Kind.STATE, b"3"))
    assert drain(one, 999) == []
    assert one.wake_ms(20) == 1_000
    last = one.take(1_000, 20)
    assert last is not None
    assert last.body == b"3"


def test_a_quiet_room_is_refreshed() -> None:
    one = shelf()
    one.keep(letter(Kind.STATE))
    one.keep(letter(Kind.DETAIL))
    one.keep(letter(Kind.BIRTH))
    drain(one, 0)
    assert one.wake_ms(20) == 300_000
    assert drain(one, 300_000) == ["STATE"]
    assert drain(one, 3_000_000) == ["STATE", "DETAIL"]


def test_with_a_full_window_only_unacknowledged_details_go() -> None:
    one = shelf()
    one.keep(letter(Kind.STATE))
    one.keep(letter(Kind.DETAIL))
    one.record(letter(Kind.RECORD))
    assert drain(one, 0, space=0) == ["DETAIL"]
    assert one.wake_ms(0) == 3_000_000
    assert one.wake_ms(1) == 0


def test_the_oldest_answers_give_way() -> None:
    one = shelf()
    for number in range(REPLIES + 5):
        one.answer(letter(Kind.REPLY, topic=str(number)), 0)
    assert drain(one, 0) == [str(n) for n in range(5, REPLIES + 5)]


def test_an_answer_without_an_asker_is_dropped() -> None:
    one = shelf()
    one.answer(letter(Kind.REPLY, topic="old"), 0)
    one.answer(letter(Kind.REPLY, topic="new"), REPLY_MS)
    assert drain(one, REPLY_MS + 1) == ["new"]


def test_records_are_bounded_and_forgotten_with_the_connection() -> None:
    one = shelf()
    assert all(one.record(letter(Kind.RECORD)) for _ in range(RECORDS))
    assert not one.record(letter(Kind.RECORD))
    one.forget_records()
    assert drain(one, 0) == []


def test_only_answers_and_records_are_not_retained() -> None:
    assert [kind.name for kind in Kind if not letter(kind).retain] == ["REPLY", "RECORD"]
    assert [kind.name for kind in Kind if letter(kind).qos == 0] == ["DETAIL"]


steps = st.lists(st.tuples(st.sampled_from([Kind.STATE, Kind.DETAIL]), st.binary(max_size=1), st.integers(0, 700)))


@given(steps)
def test_no_topic_is_sent_twice_within_a_second_and_the_last_word_always_goes(
    changes: list[tuple[Kind, bytes, int]],
) -> None:
    one, now_ms = shelf(), 0
    sent: dict[str, tuple[int, object]] = {}
    wanted: dict[str, bytes] = {}

    def run() -> None:
        while (taken := one.take(now_ms, 20)) is not None:
            assert taken.topic not in sent or now_ms - sent[taken.topic][0] >= 1_000
            sent[taken.topic] = now_ms, taken.body

    for kind, body, pause_ms in changes:
        one.keep(letter(kind, body))
        wanted[kind.name] = body
        run()
        now_ms += pause_ms
    now_ms += 1_000
    run()
    assert {topic: body for topic, (_, body) in sent.items()} == wanted


steps = st.one_of(
    st.tuples(st.just("keep"), st.sampled_from([k for k in Kind if k < Kind.REPLY]), st.sampled_from([b"1", b"2"])),
    st.tuples(st.sampled_from(["renew", "answer", "record", "forget"])),
    st.tuples(st.just("take"), st.integers(0, 400_000), st.sampled_from([0, 1, 20])),
)


@given(st.lists(steps, max_size=40))
def test_it_wakes_exactly_when_it_has_something(does: list[tuple[object, ...]]) -> None:
    """Whatever came before: nothing to take before `wake_ms`, and something at it."""
    one, now_ms = shelf(), 0
    for what, *how in does:
        match what, how:
            case "keep", [Kind() as kind, bytes() as body]:
                one.keep(letter(kind, body))
            case "renew", []:
                one.renew()
            case "answer", []:
                one.answer(letter(Kind.REPLY), now_ms)
            case "record", []:
                one.record(letter(Kind.RECORD))
            case "forget", []:
                one.forget_records()
            case "take", [int(later_ms), int(space)]:
                now_ms += later_ms
                due = one.wake_ms(space) <= now_ms
                fresh = [k for k in (one.take(now_ms, space),) if k is not None]
                assert due == bool(fresh) or (due and now_ms > REPLY_MS)  # only answers may have grown too old
