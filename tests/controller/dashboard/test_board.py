"""How rooms stand for a meeting: what is unknown is never good, ready and on time are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.board import ORDER, Due, OnTime, Outlook, Stand, counts, looks, on_time, outlook, stand
from controller.dashboard.compact import STALE_MS, Row, row
from controller.dashboard.words import sentences
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS

PHASES = ("off", "powering", "ready", "in_call", "closing", "stopped", "bypass", "unknown")
DUE = Due("m1", NOW_MS + 2 * HOUR, NOW_MS + 4 * HOUR)


def said(**more: object) -> Row:
    told = {
        "online": True,
        "received_ms": NOW_MS,
        "phase": "off",
        "health": "good",
        "uid": "m1",
        "start": DUE.start_ms,
    }
    return {**row("kim-son", None, {}), **told, **more}


rows = st.fixed_dictionaries(
    {},
    optional={
        "online": st.booleans(),
        "received_ms": st.integers(0, NOW_MS),
        "phase": st.sampled_from([None, *PHASES]),
        "health": st.sampled_from([None, "good", "warn", "bad"]),
        "bypass": st.booleans(),
        "uid": st.sampled_from([None, "m1", "m2"]),
        "start": st.sampled_from([None, DUE.start_ms - HOUR, DUE.start_ms, DUE.start_ms + HOUR]),
        "ready": st.sampled_from([None, "in_time", "late", "short_notice", "not_ready"]),
        "incidents": st.lists(st.sampled_from(["line_down", "not_ready", "failed"]), max_size=2),
        "duty": st.sampled_from([None, True, False]),
    },
).map(lambda more: said(**more))
moments = st.integers(DUE.start_ms - 30 * HOUR, DUE.end_ms)


@given(rows, moments)
def test_what_is_too_old_or_away_is_unknown_and_nothing_else_is_called_good(found: Row, now_ms: int) -> None:
    how, why, _ = stand(found, DUE, now_ms)
    received = found["received_ms"]
    assert isinstance(received, int)
    if not found["online"] or not received or now_ms - received > STALE_MS:
        assert how is Stand.UNKNOWN
    if how is Stand.READY:
        assert found["phase"] in ("ready", "in_call")
        assert found["health"] != "bad"
    if how in (Stand.FAILED, Stand.UNKNOWN):
        assert why in sentences("vi")


@given(rows, moments)
def test_every_reason_has_a_sentence(found: Row, now_ms: int) -> None:
    _, why, _ = stand(found, DUE, now_ms)
    assert not why or why in sentences("en")


@given(st.lists(rows, max_size=8), moments, st.frozensets(st.integers(0, 7)))
def test_no_room_is_lost_and_the_worst_that_can_be_mended_comes_first(
    found: list[Row], now_ms: int, phoned: frozenset[int]
) -> None:
    live = {f"r{n}": one for n, one in enumerate(found)}
    told = looks([*live, "silent"], live, DUE, now_ms, {}, frozenset(f"r{n}" for n in phoned))
    assert sorted(one.slug for one in told) == sorted([*live, "silent"])
    keys = [(ORDER.index(one.stand), one.fix) for one in told]
    assert keys == sorted(keys)
    assert sum(counts(told).values()) == len(told)
    assert outlook(told) is not Outlook.ON_TIME  # the silent room: nobody knows


@given(rows, st.sampled_from([None, "ready", "not_ready", "by_hand"]), moments)
def test_on_time_needs_the_rooms_own_word(found: Row, noted: str | None, now_ms: int) -> None:
    how = on_time(found, noted, DUE, now_ms)
    if how is OnTime.MET:
        assert noted == "ready" or (found["uid"] == "m1" and found["ready"] == "in_time")
    if how is OnTime.NOT_DUE:
        assert now_ms < DUE.start_ms - HOUR


@pytest.mark.parametrize(
    ("left", "more", "expected"),
    [
        (300, {}, Stand.OFF),
        (71, {}, Stand.RISK),
        (59, {}, Stand.FAILED),
        (70, {"phase": "powering"}, Stand.WARMING),
        (60, {"phase": "powering"}, Stand.RISK),
        (90, {"phase": "ready"}, Stand.READY),
        (90, {"phase": "ready", "health": "bad", "incidents": ["line_down"]}, Stand.RISK),
        (30, {"phase": "ready", "ready": "not_ready"}, Stand.FAILED),
        (300, {"uid": None, "start": None}, Stand.RISK),
        (300, {"uid": "earlier", "start": NOW_MS - HOUR}, Stand.OFF),
        (30, {"phase": "bypass"}, Stand.UNKNOWN),
    ],
)
def test_a_room_on_its_way_to_a_meeting(left: int, more: dict[str, object], expected: Stand) -> None:
    due = Due("m1", NOW_MS + left * MINUTE, NOW_MS + (left + 60) * MINUTE)
    assert stand(said(**more), due, NOW_MS)[0] is expected


def test_a_late_room_that_is_ready_now_is_both() -> None:
    due = Due("m1", NOW_MS + 30 * MINUTE, NOW_MS + HOUR)
    late = said(phase="ready", ready="late")
    assert (stand(late, due, NOW_MS)[0], on_time(late, "not_ready", due, NOW_MS)) == (Stand.READY, OnTime.MISSED)
