"""The log of the floor from rooms' records: who asked by what, how long each site spoke; junk is passed over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.floor_log import Said, steps, totals

SPOKEN = {"value": "open", "code": "R9.spoken", "args": ["ghe-2"]}


def said(room: str, at_s: int, kind: str, subject: str, **body: object) -> Said:
    return Said(room, at_s * 1000, kind, subject, body)


def test_asked_given_ended_with_channel_and_totals() -> None:
    found = steps(
        [
            said("a", 90, "hold.end", "floor"),
            said("a", 10, "hold", "ask.ghe-1", value="phone"),
            said("a", 30, "hold.end", "ask.ghe-1"),
            said("a", 30, "hold", "floor", value="open"),
            said("b", 100, "hold", "mic", **SPOKEN),
            said("b", 130, "hold", "mic", value="muted"),
            said("b", 145, "hold.end", "mic"),
        ]
    )
    assert [(s.at_ms // 1000, s.room, s.what, s.seat, s.channel) for s in found] == [
        (10, "a", "asked", "ghe-1", "phone"),
        (30, "a", "given", "", ""),
        (90, "a", "ended", "", ""),
        (100, "b", "spoken", "ghe-2", ""),
        (130, "b", "ended", "", ""),
    ]
    assert totals(found, 200_000) == {"a": 60, "b": 30}


def test_a_turn_that_nobody_ended_counts_to_the_end_and_no_further() -> None:
    found = steps([said("a", 10, "hold", "floor", value="open")])
    assert totals(found, 70_000) == {"a": 60}
    late = steps([said("a", 10, "hold", "floor", value="open"), said("a", 500, "hold.end", "floor")])
    assert totals(late, 70_000) == {"a": 60}


_word = st.sampled_from(["hold", "hold.end", "press"])
_subject = st.sampled_from(["floor", "mic", "ask.x", "ask.", "power"])
_value = (
    st.none()
    | st.booleans()
    | st.sampled_from(["open", "muted", "phone", "<b>"])
    | st.lists(st.integers(), max_size=2)
)


@given(
    st.lists(
        st.builds(said, st.sampled_from("ab"), st.integers(0, 100), _word, _subject, value=_value, args=_value)
    )
)
def test_no_site_speaks_longer_than_the_meeting(records: list[Said]) -> None:
    found = steps(records)
    assert all(0 <= seconds <= 100 for seconds in totals(found, 100_000).values())
    assert {s.channel for s in found if s.what == "asked"} <= {"button", "phone", "chat"}
