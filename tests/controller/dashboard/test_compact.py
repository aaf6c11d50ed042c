"""Rows of rooms: whatever a room says, the row has every column and differences rebuild it."""

from __future__ import annotations

import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.compact import COLUMNS, Named, difference, part, row
from controller.dashboard.web.live import Live

trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(st.sampled_from([*COLUMNS, "meeting", "reason"]), trees, max_size=12)
words = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["state", "status", "gasp"]), bodies)


@given(st.sampled_from(["state", "status", "gasp"]), bodies)
def test_a_body_of_any_shape_gives_a_whole_row(name: str, body: dict[str, object]) -> None:
    made = row("a", Named("A"), {name: part(name, body, 5)})
    assert tuple(made) == COLUMNS
    assert isinstance(made["incidents"], list)
    json.dumps(made)


@given(st.lists(words, max_size=12))
def test_differences_rebuild_what_a_snapshot_says(heard: list[tuple[str, str, dict[str, object]]]) -> None:
    live, page = Live(), dict[str, dict[str, object]]()
    for n, (slug, name, body) in enumerate(heard):
        live.hear(slug, name, body, n)
        if n % 3 == 0:
            _follow(page, live)
    _follow(page, live)
    told = json.loads(gzip.decompress(live.snapshot()))
    assert [dict(zip(told["columns"], one, strict=True)) for one in told["rows"]] == list(
        json.loads(json.dumps([page[slug] for slug in sorted(page)]))
    )


def _follow(page: dict[str, dict[str, object]], live: Live) -> None:
    news, gone = live.changes()
    for slug, changed in news.items():
        page[slug] = {**page.get(slug, {}), **changed}
    for slug in gone:
        del page[slug]


def test_a_retired_room_goes_and_an_unchanged_one_is_not_told_again() -> None:
    live = Live()
    live.name({"a": Named("A", 1), "b": Named("B")}, [(1, None, "xã", "Kim Sơn")])
    assert set(live.changes()[0]) == {"a", "b"}
    live.name({"a": Named("A", 1), "b": Named("B", retired=True)}, [(1, None, "xã", "Kim Sơn")])
    assert live.changes() == ({}, ["b"])
    live.hear("a", "status", {"online": False}, 1)
    assert live.changes() == ({}, [])


def test_a_difference_has_only_what_changed() -> None:
    old = row("a", Named("A"), {})
    assert difference(old, {**old, "phase": "ready"}) == {"phase": "ready"}
    assert difference(None, old) == old
