"""Meetings as values: what one edits, what rooms make of it, what is refused. Hypothesis writes the meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.calendar import Agenda
from controller.core.meeting import Meeting, Policy
from controller.dashboard.calendar_publish import EVENTS_MOST, TEXT_BYTES, Sheet, sheets, since, text_for
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_text import for_room, framed, on_rest_days, parsed, places, whole
from controller.dashboard.meetings import (
    CANCELLED,
    CONFIRMED,
    TENTATIVE,
    Draft,
    Series,
    Wrong,
    checked,
    edited,
    instance_of,
    marked,
    moved,
    ruled,
)
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS

DAY = 24 * HOUR
ROOMS = ("kim-son", "gia-vien", "nho-quan", "yen-mo")
SPAN = NOW_MS - DAY, NOW_MS + 60 * DAY
RULES = ("", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=25", "FREQ=WEEKLY;COUNT=5")
rooms = st.lists(st.sampled_from(ROOMS), unique=True, max_size=4).map(tuple)
one = st.sampled_from(("", *ROOMS))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    start = NOW_MS + draw(st.integers(-2, 300)) * HOUR
    length = draw(st.integers(1, 8)) * 30 * MINUTE
    return Draft(
        title=draw(st.text('Họp, giao;ban\\ "đ:ấ', min_size=1, max_size=90)).strip() or "Họp",
        start_ms=start,
        end_ms=start + length,
        members=draw(rooms.filter(bool)),
        everyone=draw(st.booleans()),
        chair=draw(one),
        desk=draw(one),
        backup=draw(one),
        policy=draw(st.sampled_from((Policy.CHAIR_LED, Policy.OPEN, Policy.OUTSIDE))),
        secret=draw(st.booleans()),
        external=draw(st.booleans()),
        kind=draw(st.sampled_from(("", "giao_ban"))),
        document_no=draw(st.sampled_from(("", "12/GM-UBND, ngày 3"))),
        breaks=((start, start + 15 * MINUTE),) if draw(st.booleans()) else (),
        seats=((draw(one), "chu_toa", 3),) if draw(st.booleans()) else (),
        status=draw(st.sampled_from(("", "", TENTATIVE, CONFIRMED))),
    )


@st.composite
def serieses(draw: st.DrawFn) -> Series:
    made = Series("m-1", checked(draw(drafts()), ROOMS), draw(st.sampled_from(RULES)), stamp_ms=NOW_MS)
    for laid in draw(st.permutations(lay(made, ROOMS, *SPAN)[:6]))[:3]:
        what = draw(st.sampled_from(("move", "cancel", "postpone", "edit", "confirm")))
        at = laid.instance_ms or None
        if what == "move":
            made = moved(made, at, laid.start_ms + 3 * HOUR, laid.end_ms + 4 * HOUR, NOW_MS)
        elif what == "edit":
            made = edited(made, replace(checked(draw(drafts()), ROOMS), breaks=()), at, NOW_MS)
        else:
            status = {"cancel": CANCELLED, "postpone": TENTATIVE, "confirm": CONFIRMED}[what]
            made = marked(made, at, status, NOW_MS)
    return made


@settings(max_examples=60, deadline=None)
@given(serieses())
def test_what_is_written_is_read_again_as_it_was(series: Series) -> None:
    assert parsed(whole(series)) == replace(series, changes=dict(series.changes or {}))


@settings(max_examples=40, deadline=None)
@given(serieses())
def test_a_pattern_that_was_written_once_is_the_text_that_each_room_would_get(series: Series) -> None:
    sheet = Sheet(series, 0, (), places(series))
    assert [sheet.text(room) for room in ROOMS] == [for_room(series, room) for room in ROOMS]


def without_title(found: Meeting) -> Meeting:
    return replace(found, title="") if found.secret else found


@settings(max_examples=60, deadline=None)
@given(serieses())
def test_centre_and_rooms_agree_to_the_letter(series: Series) -> None:
    laid = [one for one in lay(series, ROOMS, *SPAN) if not one.cancelled]
    for room in ROOMS:
        own = Agenda(framed((for_room(series, room),)), room=room)
        read = own.occurrences(*SPAN)
        assert own.problems == ()
        whole_text = Agenda(whole(series), room=room).occurrences(*SPAN)
        assert [*map(without_title, read)] == [*map(without_title, whole_text)]
        mine = [(x.uid, x.start_ms, x.end_ms, x.rooms[room], x.tentative) for x in laid if room in x.rooms]
        assert [(m.uid, m.start_ms, m.end_ms, m.role.value, m.tentative) for m in read] == mine


@settings(max_examples=40, deadline=None)
@given(serieses(), st.sampled_from(ROOMS))
def test_a_room_is_told_nothing_that_is_not_its_own(series: Series, room: str) -> None:
    text = for_room(series, room)
    folded = text.replace("\r\n ", "")
    assert "DOCUMENT" not in folded
    assert "KIND" not in folded
    parts = folded.split("BEGIN:VEVENT")
    for part in parts:
        assert "X-DIEMCAU-SECRET:TRUE" not in part or "SUMMARY:Phiên họp" in part
        members = [line for line in part.splitlines() if line.startswith("X-DIEMCAU-MEMBERS")]
        assert members == ([] if "SUMMARY" not in part else [f"X-DIEMCAU-MEMBERS:{room}"])


def weekly() -> Series:
    return Series("m-w", Draft("Giao ban", NOW_MS, NOW_MS + 2 * HOUR, ("kim-son",)), "FREQ=WEEKLY")


def test_a_cancelled_instance_stays_in_the_layout_and_leaves_the_room() -> None:
    second = lay(weekly(), ROOMS, *SPAN)[1]
    series = marked(weekly(), second.instance_ms, CANCELLED, NOW_MS)
    assert [x.cancelled for x in lay(series, ROOMS, *SPAN)][:3] == [False, True, False]
    uids = {m.uid for m in Agenda(framed((for_room(series, "kim-son"),)), room="kim-son").occurrences(*SPAN)}
    assert second.uid not in uids
    assert instance_of(second.uid) == ("m-w", second.instance_ms)


def test_one_meeting_of_a_series_may_be_in_another_room() -> None:
    second = lay(weekly(), ROOMS, *SPAN)[1]
    elsewhere = replace(second.draft, members=("gia-vien",))
    series = edited(weekly(), elsewhere, second.instance_ms, NOW_MS)
    for room, expected in (("kim-son", False), ("gia-vien", True)):
        found = Agenda(framed((for_room(series, room),)), room=room).occurrences(*SPAN)
        assert (second.uid in {m.uid for m in found}) is expected


def test_holidays_of_the_centre_are_tentative_in_rooms_that_have_no_list_and_confirmed_by_a_person() -> None:
    second = lay(weekly(), ROOMS, *SPAN)[1]
    rest = frozenset({datetime.fromtimestamp(second.start_ms / 1000, UTC).date()})
    assert lay(weekly(), ROOMS, *SPAN, rest)[1].tentative
    moments = on_rest_days(weekly(), rest, *SPAN)
    assert moments == (second.instance_ms,)
    for series, expected in ((weekly(), True), (marked(weekly(), moments[0], CONFIRMED, NOW_MS), False)):
        found = Agenda(framed((for_room(series, "kim-son", moments),)), room="kim-son").occurrences(*SPAN)
        assert next(m.tentative for m in found if m.uid == second.uid) is expected
        assert lay(series, ROOMS, *SPAN, rest)[1].tentative is expected


def test_another_rule_or_hour_takes_the_changes_back() -> None:
    series = moved(weekly(), NOW_MS + 7 * DAY, NOW_MS + 8 * DAY, NOW_MS + 8 * DAY + HOUR, NOW_MS)
    assert series.changes
    assert ruled(series, "FREQ=WEEKLY", None, NOW_MS).changes
    assert not ruled(series, "FREQ=DAILY", None, NOW_MS).changes
    assert not moved(series, None, NOW_MS + HOUR, NOW_MS + 2 * HOUR, NOW_MS).changes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "  "}, "meeting.no_title"),
        ({"end_ms": NOW_MS}, "meeting.length"),
        ({"end_ms": NOW_MS + 2 * DAY}, "meeting.length"),
        ({"members": ()}, "meeting.no_rooms"),
        ({"members": ("nowhere",)}, "meeting.room"),
        ({"chair": "Kim Sơn"}, "meeting.room"),
        ({"breaks": ((NOW_MS - 1, NOW_MS + 5),)}, "meeting.break"),
        ({"kind": "tiec"}, "meeting.kind"),
        ({"policy": Policy.PRESENTER}, "meeting.presenter"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(Wrong) as refused:
        checked(replace(weekly().draft, **change), ROOMS)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_text_that_is_too_long_keeps_the_nearest_meetings() -> None:
    many = [
        replace(weekly(), uid=f"m-{n:04}", rule="", draft=replace(weekly().draft, start_ms=at, end_ms=at + HOUR))
        for n in range(EVENTS_MOST + 20)
        for at in (NOW_MS + n * HOUR,)
    ]
    found = sheets(many, frozenset(), since(NOW_MS))
    text = text_for("kim-son", found)
    assert len(text.text.encode()) <= TEXT_BYTES
    assert text.left_out >= 20
    assert "UID:m-0000\r\n" in text.text
    assert Agenda(text.text, room="kim-son").problems == ()
    assert text == text_for("kim-son", sheets(many, frozenset(), since(NOW_MS + HOUR))), (
        "it does not change by itself"
    )


def test_a_date_is_enough_of_a_holiday() -> None:
    assert on_rest_days(replace(weekly(), rule=""), frozenset({date(2026, 7, 15)}), *SPAN) == ()
