"""Which release a room takes: rings, percentages, steps, systems."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.update.plan import BadOffer, Offer, Room, decide, number, offer, ring, version
from tests.controller.update.kit import BUILT_S, OS

OFFER = Offer("0.2.0", 100, "0.1.0", (OS,), BUILT_S, 1, 1 << 20)
ROOM = Room("kim-son", "0.1.0", OS, 1)


def code(made: Offer, room: Room, forced: bool = False) -> str:
    stay = decide(made, room, forced)
    return "" if stay is None else stay.code


def test_versions_are_ordered_as_people_read_them() -> None:
    rows = ["0.1.0-rc1", "0.1.0", "0.2.0-a", "0.2.0-b", "0.2.0", "0.10.0", "1.0.0"]
    assert sorted(rows, key=version) == rows


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "01.2.3", "1.2.3 ", "1.2.3-", "1.2.3-A", "../1.2.3", "1.2.3/..", "9999999.0.0"]
)
def test_no_versions(text: str) -> None:
    with pytest.raises(BadOffer):
        version(text)


def test_what_is_in_the_way() -> None:
    assert code(OFFER, ROOM) == ""
    assert code(replace(OFFER, version="0.1.0"), ROOM) == "update.newest"
    assert code(replace(OFFER, version="0.0.9"), ROOM) == "update.older"
    assert code(replace(OFFER, version="0.0.9"), ROOM, forced=True) == "update.older"
    assert code(replace(OFFER, minimum="0.1.1"), ROOM) == "update.minimum"
    assert code(replace(OFFER, os=("debian-13",)), ROOM) == "update.other_os"
    assert code(replace(OFFER, schema_back=2), ROOM) == "update.schema"
    assert code(OFFER, replace(ROOM, failed=frozenset({"0.2.0"}))) == "update.failed_here"
    assert code(OFFER, replace(ROOM, failed=frozenset({"0.2.0"})), forced=True) == ""
    assert code(replace(OFFER, percent=0), ROOM) == "update.not_yet"
    assert code(replace(OFFER, percent=0), ROOM, forced=True) == ""


def test_a_percentage_is_that_share_and_grows_without_changing_its_mind() -> None:
    rooms = [Room(f"r{n}", "0.1.0", OS, 1) for n in range(2000)]
    taken = [
        {room.id for room in rooms if decide(replace(OFFER, percent=p), room) is None} for p in (0, 10, 50, 100)
    ]
    assert [len(one) for one in taken[::3]] == [0, 2000]
    assert 140 < len(taken[1]) < 260
    assert 900 < len(taken[2]) < 1100
    assert taken[1] < taken[2] < taken[3]
    again = {room.id for room in rooms if decide(replace(OFFER, version="0.3.0", percent=10), room) is None}
    assert again != taken[1], "not always the same rooms go first"


def test_a_room_is_in_the_ring_that_names_it_else_by_its_number_else_in_the_last() -> None:
    rings = [{"name": "ring-0", "rooms": ["a"]}, {"name": "ring-1", "percent": 30}, {"name": "ring-2"}]
    assert ring(rings, "a") == "ring-0"
    names = [ring(rings, f"r{n}") for n in range(1000)]
    assert 240 < names.count("ring-1") < 360
    assert set(names) == {"ring-1", "ring-2"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "rooms", "percent", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_signed_json_is_a_ring_or_a_bad_offer(tree: object) -> None:
    for read in (lambda: ring(tree, "kim-son"), lambda: offer(tree)):
        with suppress(BadOffer):
            read()


def test_numbers_are_the_same_in_every_version() -> None:
    """A room that counted otherwise after an update would change its ring with it."""
    assert (number("kim-son"), number("hoa-lu")) == (6, 8)
