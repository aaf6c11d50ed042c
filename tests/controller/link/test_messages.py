"""Payloads: exact bytes of the small ones, sizes and shapes of the others."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Reply
from controller.link import messages
from controller.link.messages import STATE_BYTES, STATE_KEEPS, Line, Stamp

WALL_MS = 1_784_077_200_123  # 2026-07-15 01:00:00.123 UTC
STAMP = Stamp("b1", Instant(5_250, WALL_MS, Trust.NTP))

leaves = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats() | st.text(max_size=30)
trees = st.recursive(
    leaves, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text(max_size=8), t, max_size=4), max_leaves=20
)
views = st.dictionaries(st.text(max_size=12), trees, max_size=12)


def body(payload: bytes) -> dict[str, Any]:
    found = json.loads(payload)
    assert isinstance(found, dict)
    return found


def test_times_carry_the_offset_and_milliseconds() -> None:
    assert messages.rfc3339(WALL_MS, 7 * 3_600_000) == "2026-07-15T08:00:00.123+07:00"
    assert messages.rfc3339(0, 0) == "1970-01-01T00:00:00.000+00:00"


@given(st.integers(-(1 << 70), 1 << 70), st.integers(-14 * 60, 14 * 60))
def test_no_clock_is_too_wrong_to_be_written(wall_ms: int, offset_min: int) -> None:
    text = messages.rfc3339(wall_ms, offset_min * 60_000)
    written = round(datetime.fromisoformat(text).timestamp() * 1000)
    assert written == min(max(wall_ms, 0), 253_402_214_400_000)


def test_a_reply_on_the_wire() -> None:
    refused = Reply("01J", "refused", "N9.in_call", ("kết nối", 3))
    expected = '{"v":1,"id":"01J","stage":"refused","code":"N9.in_call","args":["kết nối",3]}'
    assert messages.reply(refused) == expected.encode()


def test_an_update_on_the_wire() -> None:
    idle = b'{"v":1,"installed_version":"0.1","latest_version":"0.2","in_progress":false,"update_percentage":null}'
    assert messages.update("0.1", "0.2") == idle
    assert body(messages.update("0.1", "0.2", percentage=40))["in_progress"] is True


def test_a_last_gasp_on_the_wire() -> None:
    payload = messages.gasp("on_battery", battery_pct=62.5, meeting="", stamp=STAMP)
    expected = (
        b'{"v":1,"boot":"b1","mono_s":5.25,"at":"2026-07-15T08:00:00.123+07:00","clock":"ntp",'
        b'"reason":"on_battery","battery_pct":62.5,"meeting":null}'
    )
    assert payload == expected


def test_a_birth_names_the_way() -> None:
    found = body(messages.birth({"fw": "0.1.0"}, STAMP, via="backup", address="10.0.0.7"))
    assert (found["fw"], found["via"], found["address"], found["clock"]) == ("0.1.0", "backup", "10.0.0.7", "ntp")


def test_a_record_keeps_what_its_hash_needs() -> None:
    line = Line("b1", 9, WALL_MS, 5_251, Trust.RTC, "order", "load.tv", {"to": "on"}, Priority.EVIDENCE, "aa", "bb")
    found = body(messages.record(line))
    assert found["at"].endswith(".123+07:00")
    assert round(found["mono_s"] * 1000) == 5_251
    assert (found["seq"], found["priority"], found["clock"], found["hist"]) == (9, "evidence", "rtc", False)
    assert (found["kind"], found["subject"], found["body"]) == ("order", "load.tv", {"to": "on"})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_null(number: float) -> None:
    assert body(messages.detail({"a": (number, {"b": number})}, STAMP))["a"] == [None, {"b": None}]


@given(views)
def test_any_view_can_be_written(view: dict[str, messages.Tree]) -> None:
    assert body(messages.detail(view, STAMP)).keys() == {*view, "v", "boot", "mono_s", "at", "clock"}


def test_a_short_summary_is_whole() -> None:
    found = body(messages.state({"phase": "ready", "seq": 4}, STAMP))
    assert found == {
        "v": 1,
        "boot": "b1",
        "mono_s": 5.25,
        "at": "2026-07-15T08:00:00.123+07:00",
        "clock": "ntp",
        "phase": "ready",
        "seq": 4,
    }


def test_a_long_summary_loses_its_end_and_says_so() -> None:
    view: dict[str, messages.Tree] = {
        "phase": "ready",
        "loads": {"tv": "p"},
        "incidents": ["x" * 90] * 20,
        "seq": 7,
    }
    payload = messages.state(view, STAMP)
    found = body(payload)
    assert len(payload) <= STATE_BYTES
    assert found["cut"] is True
    assert "incidents" not in found
    assert (found["loads"], found["seq"]) == ({"tv": "p"}, 7)


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=300), max_size=12))
def test_no_summary_is_too_long(view: dict[str, str]) -> None:
    spare = {key: value for key, value in view.items() if key not in STATE_KEEPS}
    assert len(messages.state(spare, STAMP)) <= STATE_BYTES


def test_what_a_summary_never_loses_may_be_long() -> None:
    assert body(messages.state({"phase": "x" * 2000}, STAMP))["phase"] == "x" * 2000
