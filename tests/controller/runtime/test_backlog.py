"""N13: what waits is bounded; the least worth goes first, and what went is stated."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.core.memory import Memory
from controller.core.records import Priority
from controller.runtime.backlog import MAX_TOKENS, Backlog, Lost, is_urgent, lose
from controller.runtime.batch import OWN, Batch
from tests.controller.runtime.given import at, record

EVIDENCE, INCIDENT, STATE, TELEMETRY = Priority


def batch(token: int, *priorities: Priority, urgent: bool = False, memory: Memory | None = None) -> Batch:
    return Batch(token, at(token), tuple(record(token, p) for p in priorities), memory, urgent)


def test_nothing_waits() -> None:
    backlog = Backlog()
    assert backlog.take("full", at()) is None
    assert backlog.first_ms is None
    assert backlog.urgent_ms is None


def test_a_load_holds_everything_in_order_and_the_newest_memory() -> None:
    backlog = Backlog()
    backlog.add(batch(1, STATE, TELEMETRY, memory=Memory("b", 1)))
    backlog.add(batch(2, memory=Memory("b", 2)))
    backlog.add(batch(3, EVIDENCE))
    assert (backlog.first_ms, backlog.urgent_ms) == (1000, 3000)
    load = backlog.take("full", at(9))
    assert load is not None
    assert [item.token for item in load.items] == [1, 1, 3]
    assert load.shares == ((1, 0), (2, 0), (3, 0))
    assert load.memory == Memory("b", 2)
    assert load.urgent_ms == 3000
    assert backlog.take("full", at(9)) is None


def test_who_is_urgent() -> None:
    assert is_urgent(batch(1, urgent=True))
    assert is_urgent(batch(1, STATE, INCIDENT))
    assert not is_urgent(batch(1, STATE, TELEMETRY))


def test_telemetry_goes_before_state_and_evidence_stays() -> None:
    backlog = Backlog(max_records=3)
    backlog.add(batch(1, STATE))
    backlog.add(batch(2, TELEMETRY))
    backlog.add(batch(3, EVIDENCE, INCIDENT))
    backlog.add(batch(4, EVIDENCE))
    load = backlog.take("readonly", at(9))
    assert load is not None
    gap, *rest = load.items
    assert [item.token for item in rest] == [3, 3, 4]
    assert load.shares == ((1, 1), (2, 1), (3, 0), (4, 0))
    body = dict(gap.record.body)
    assert (gap.token, gap.record.subject, gap.record.priority) == (OWN, "gap", EVIDENCE)
    assert [body[name] for name in ("reason", "evidence", "incident", "state", "telemetry")] == [
        "readonly",
        0,
        0,
        1,
        1,
    ]
    # Telemetry was given up first, though the state was older.
    assert (body["from_mono_ms"], body["to_mono_ms"]) == (2000, 1000)


def test_own_words_come_first_and_are_given_up_last() -> None:
    backlog = Backlog(max_records=2)
    backlog.own(record(7, EVIDENCE), at(5))
    assert (backlog.first_ms, backlog.urgent_ms) == (5000, 5000)
    backlog.add(batch(1, STATE, STATE))
    backlog.own(record(8, EVIDENCE), at(6))
    load = backlog.take("full", at(9))
    assert load is not None
    assert [(item.token, item.record.subject) for item in load.items][1:] == [
        (OWN, "load.8"),
        (OWN, "load.7"),
        (1, "load.1"),
    ]


def test_own_words_may_be_lost_too() -> None:
    backlog = Backlog(max_records=1)
    backlog.own(record(7, EVIDENCE), at(5))
    backlog.add(batch(1, EVIDENCE))
    load = backlog.take("full", at(9))
    assert load is not None
    assert [item.token for item in load.items] == [OWN, 1]
    assert dict(load.items[0].record.body)["evidence"] == 1


def test_losses_before_the_mailbox_are_told_even_when_nothing_else_waits() -> None:
    backlog = Backlog()
    backlog.lose(Lost({TELEMETRY: 4}, at(3), at(8)))
    backlog.lose(Lost({TELEMETRY: 1, STATE: 2}, at(9), at(10)))
    assert backlog.first_ms == 3000
    load = backlog.take("stalled", at(12))
    assert load is not None
    body = dict(load.items[0].record.body)
    assert (body["telemetry"], body["state"], body["from_mono_ms"], body["to_mono_ms"]) == (5, 2, 3000, 10_000)


def test_losing_no_record_is_no_loss() -> None:
    assert lose(None, at(), ()) is None
    one = lose(None, at(1), (record(),))
    assert lose(one, at(2), ()) == one


def test_tokens_are_bounded_too() -> None:
    backlog = Backlog()
    for token in range(1, MAX_TOKENS + 3):
        backlog.add(batch(token))
    load = backlog.take("full", at())
    assert load is not None
    assert load.shares[0] == (3, 0)
    assert len(load.shares) == MAX_TOKENS


def test_a_record_of_a_forgotten_token_may_still_be_lost() -> None:
    backlog = Backlog(max_records=2)
    backlog.add(batch(1, STATE, STATE))
    for token in range(2, MAX_TOKENS + 3):
        backlog.add(batch(token))
    backlog.add(batch(MAX_TOKENS + 3, EVIDENCE))
    load = backlog.take("full", at())
    assert load is not None
    assert dict(load.items[0].record.body)["state"] == 1


@given(st.lists(st.lists(st.sampled_from(Priority), max_size=4), max_size=12), st.integers(1, 6))
def test_nothing_vanishes_unsaid(batches: list[list[Priority]], room: int) -> None:
    backlog = Backlog(room)
    for token, priorities in enumerate(batches, start=1):
        backlog.add(batch(token, *priorities))
    load = backlog.take("full", at())
    given_in = [priority for priorities in batches for priority in priorities]
    if load is None:
        assert not batches
        return
    kept = [item for item in load.items if item.token]
    lost = [dict(item.record.body) for item in load.items if not item.token]
    stated = sum(int(str(body[p.name.lower()])) for body in lost for p in Priority)
    assert len(kept) == min(room, len(given_in))
    assert len(kept) + stated == len(given_in)
    assert sum(count for _, count in load.shares) == stated
    assert sorted(item.record.priority for item in kept) == sorted(given_in)[: len(kept)]
