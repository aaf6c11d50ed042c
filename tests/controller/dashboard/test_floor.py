"""The floor as desk and chair see it: order by asking, silence is not presence, nothing of a secret meeting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.floor import STALE_MS, Site, doubt, missing, queue, view

NOW = 10_000_000
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def site(slug: str, asks: object = (), rows: object = None, panel_ms: int = NOW, **state: object) -> Site:
    panel = {} if rows is None else {"mono_s": 100.0, "queue": rows}
    return Site(slug, slug.title(), "member", True, {"asks": asks, **state}, NOW, panel, panel_ms)


def test_the_oldest_asks_first_by_the_rooms_own_clocks() -> None:
    first = site("a", ["s1"], [["s1", "button", 40_000]])
    second = site("b", ["s1", "s2"], [["s1", "phone", 70_000], ["s2", "chat", 95_000]])
    found = queue([second, first])
    assert [(ask.slug, ask.seat, ask.channel) for ask in found] == [
        ("a", "s1", "button"),
        ("b", "s1", "phone"),
        ("b", "s2", "chat"),
    ]
    assert found[0].asked_ms == NOW - 60_000


def test_who_withdrew_is_gone_although_the_detail_still_says_so() -> None:
    assert queue([site("a", [], [["s1", "button", 1]])]) == []


@given(_json, _json)
def test_whatever_a_room_says_the_queue_stands(asks: object, rows: object) -> None:
    queue([site("a", asks, rows)])


def test_silence_is_not_presence() -> None:
    here, gone = site("a", call=True, floor="live"), Site("b", "B", "member")
    stale = Site("c", "C", "member", True, {"floor": "live", "call": True}, NOW - STALE_MS - 1)
    tiles = [view(one, NOW, False) for one in (here, gone, stale)]
    assert [tile["reach"] for tile in tiles] == ["here", "gone", "silent"]
    assert tiles[2]["floor"] is None
    assert [tile["slug"] for tile in missing(tiles, True)] == ["b", "c"]
    assert missing(tiles, False) == []


def test_of_a_secret_meeting_no_floor_is_shown() -> None:
    assert "floor" not in view(site("a", floor="live", mic="open"), NOW, True)


def test_the_most_doubtful_are_called_first() -> None:
    rolls = {
        "good": {"found": [["camera", "passed"]]},
        "bad": {"found": [["camera", "failed"]]},
        "odd": {},
        "untested": {"found": [["codec", "not_made"], ["ups", "passed"]]},
    }
    sites = [site(name) for name in rolls] + [Site("gone", "Gone", "member")]
    ordered = sorted(sites, key=lambda one: doubt(one, rolls.get(one.slug, {}), NOW))
    assert [one.slug for one in ordered] == ["gone", "bad", "untested", "odd", "good"]
