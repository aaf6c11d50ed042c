"""Entries in words: when, what, why, in both languages; nothing that stands in a file raises."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import Entry, Head, seal
from controller.core.instant import Instant, Trust
from controller.core.records import Record
from controller.simulation.story import told
from hardware.contract import Value

WALL_MS = 1_767_225_600_000
"""2026-01-01, 07:00 in Vietnam."""


def sealed(kind: str, subject: str, body: Mapping[str, Value], now: Instant) -> Entry:
    return seal(Record(kind, subject, tuple(body.items())), now, "b1", Head())


def entry(kind: str, subject: str, **body: Value) -> Entry:
    return sealed(kind, subject, body, Instant(5, WALL_MS, Trust.NTP))


ROWS = [
    (
        entry(
            "order",
            "load.display",
            value="on",
            rule="R1",
            code="R1.meeting",
            args=("x",),
            rank="schedule",
            attempt=1,
        ),
        "ordered: display = on · On for the meeting x: ready 60 minutes before it begins (R1)",
        "đã ra lệnh: màn hình = bật · Bật cho phiên họp x: sẵn sàng trước giờ họp 60 phút (R1)",
    ),
    (entry("phase", "room", **{"from": "off", "to": "powering"}), "phase: Powering up in order", None),
    (entry("proof", "codec.power", proof="proven", seen="awake", want="awake"), "codec = awake: proven", None),
    (entry("proof", "codec.hangup", proof="proven", seen=None, want="all"), "calls: proven", None),
    (
        entry("alert", "ups", alert="on_battery", rule="R5", code="R5.battery", args=()),
        "incident: On battery (UPS) · Mains lost: running on battery (R5)",
        None,
    ),
    (entry("alert.end", "room", alert="bypass"), "incident over: By hand (room)", None),
    (entry("press", "duty", role="duty", gesture="press"), "Noted: a technician is here", None),
    (entry("press", "duty", role="duty", gesture="unclear"), "button: technical duty, unclear", None),
    (entry("meeting.booked", "x", late=""), "The room prepares for x", None),
    (
        entry("noted", "t60.x", value=("not_ready", "load.camera")),
        "noted: ready at T-60 for x = not ready, camera",
        None,
    ),
    (
        entry("command.rejected", "", code="bad_json"),
        "message to the room of an unknown sender refused · Refused: the command cannot be read",
        "từ chối bản tin gửi phòng không rõ người gửi · Từ chối: không đọc được lệnh",
    ),
    (
        entry("command.rejected.more", "do/load", by="An", topic="do/load", count=2997, code="bad_json", args=()),
        "order of An refused: 2997 more like it, last reason · Refused: the command cannot be read",
        "từ chối lệnh của An: thêm 2997 lần tương tự, lý do gần nhất · Từ chối: không đọc được lệnh",
    ),
    (
        entry(
            "command",
            "c1",
            verb="load",
            args=("display", "off"),
            by="An",
            stage="refused",
            code="N9.meeting",
            told=("m1",),
        ),
        "order of An: Load off, display: refused · Refused: the room is kept for m1",
        "lệnh của An: Tắt tải, màn hình: từ chối · Từ chối: phòng đang giữ cho phiên họp m1",
    ),
    (
        entry(
            "noted",
            "checked",
            value=("failed", WALL_MS, ("mains",), ("camera.main.preset",), (("mains", "failed", 0, ""),)),
        ),
        "noted: check in the room = failed, 07:00 01/01/2026, mains, frame of camera main",
        None,
    ),
    (
        entry("noted", "self_test", value=("begun", "b1", WALL_MS)),
        "noted: self-test of the UPS = begun, 07:00 01/01/2026",
        None,
    ),
    (
        entry("would", "codec.mute=muted", rule="R9", code="R9.done", args=("chair",)),
        "would have: microphone = muted · The turn has ended, the button was pressed: microphone closed (R9)",
        None,
    ),
    (
        entry("hold", "room", value="on", rule="hold", code="hold.press", args=()),
        "held: room = on · Held: the button BẬT / TẮT PHÒNG was pressed",
        None,
    ),
    (entry("something.new", "x", a=1, b=2.5), "something.new: x, a 1, b 2.5", None),
]


@pytest.mark.parametrize(("given_entry", "en", "vi"), ROWS, ids=lambda row: getattr(row, "kind", None))
def test_it_is_said_in_the_language(given_entry: Entry, en: str, vi: str | None) -> None:
    assert told(given_entry, "en") == f" 2026-01-01 07:00:00  {en}"
    if vi is not None:
        assert told(given_entry, "vi") == f" 2026-01-01 07:00:00  {vi}"


def test_a_time_that_is_not_to_be_believed_is_marked() -> None:
    guessed = sealed("started", "controller", {}, Instant(5, WALL_MS, Trust.HELD))
    assert told(guessed, "en") == "~2026-01-01 07:00:00  controller started: controller"
    nowhere = sealed("started", "controller", {}, Instant(5, 1 << 61, Trust.NTP))
    assert told(nowhere, "en") == f"~{1 << 61} ms  controller started: controller"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)
NAMES = st.sampled_from(("value", "code", "args", "rule", "to", "proof", "seen", "alert", "role", "gesture", "x"))
KINDS = st.sampled_from(("order", "phase", "proof", "alert", "alert.end", "press", "meeting.booked", "noted", "?"))


@given(KINDS, st.text(max_size=9), st.integers(), st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_entry_can_be_told(kind: str, subject: str, wall_ms: int, body: dict[str, Value]) -> None:
    for lang in ("vi", "en"):
        assert told(sealed(kind, subject, body, Instant(5, wall_ms, Trust.RTC)), lang)
