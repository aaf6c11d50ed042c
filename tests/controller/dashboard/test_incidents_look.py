"""A look that knows the last one sees what a look at everything sees, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard import think_incidents
from controller.dashboard.incidents import Seen
from controller.dashboard.incidents_look import LATE_MS, WHOLE_EVERY, Rooms
from controller.dashboard.recorder.thinker import jobs
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import FINDINGS, LAST
from controller.dashboard.store.tables_people import ROOMS
from tests.controller.dashboard.kit import MINUTE, Desk, room_row
from tests.controller.dashboard.test_incidents_kept import opened, say

_rooms = st.sampled_from(["a", "b", "c"])
_late = st.integers(0, LATE_MS - 1)
_bodies: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "status": st.builds(
        lambda on, why: {"online": on, "reason": why}, st.booleans(), st.sampled_from(["", "left"])
    ),
    "state": st.builds(
        lambda boot, codes, more: {"boot": boot, "incidents": codes, "phase": "off"} | more,
        st.sampled_from(["b1", "b2"]),
        st.lists(st.sampled_from(["lost", "smoke"]), max_size=2),
        st.sampled_from([{}, {"maintenance": True}, {"help": "called"}, {"meeting": {"uid": "m"}}]),
    ),
    "gasp": st.sampled_from([{}, {"reason": "on_battery"}]),
}
_words = st.one_of(
    *(st.tuples(st.just(part), _rooms, body, _late) for part, body in _bodies.items()),
    st.tuples(st.just("place"), _rooms, st.sampled_from([("VNPT", False), ("", False), ("VNPT", True)]), _late),
    st.tuples(st.just("doubt"), _rooms, st.sampled_from(["edited", "trimmed"]), _late),
)
_turns = st.lists(
    st.tuples(st.sampled_from([0, 1_000, 5_000, 2 * LATE_MS]), st.lists(_words, max_size=4)),
    max_size=2 * WHOLE_EVERY,
)
Turns = Sequence[tuple[int, Sequence[tuple[str, str, Any, int]]]]


async def write(connection: AsyncConnection, what: str, room: str, how: Any, at_ms: int) -> None:
    if what == "place":
        table, keys = ROOMS, ["slug"]
        row = room_row(room) | {"provider": how[0], "retired": how[1]}
    elif what == "doubt":
        table, keys = FINDINGS, ["room", "code", "first", "last"]
        row = {"room": room, "code": how, "first": 1, "last": 1, "found_ms": at_ms}
    else:
        table, keys = LAST, ["room", "part"]
        row = {"room": room, "part": what, "body": how, "received_ms": at_ms}
    words = upsert(connection, table)
    new = {name: words.excluded[name] for name in row}
    await connection.execute(words.on_conflict_do_update(index_elements=keys, set_=new), [row])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(turns=_turns)
def test_it_sees_what_a_look_at_everything_sees(desk: Desk, turns: Turns) -> None:
    async def whole() -> None:
        rooms, now_ms = Rooms(), desk.now_ms
        async with desk.place.engine.begin() as connection:
            for table in (LAST, ROOMS, FINDINGS):
                await connection.execute(delete(table))
        for after_ms, words in turns:
            now_ms += after_ms
            async with desk.place.engine.begin() as connection:
                for what, room, how, late_ms in words:
                    await write(connection, what, room, how, now_ms - late_ms)
                assert await rooms.look(connection, now_ms) == await Rooms().look(connection, now_ms)

    desk.run(whole)


def looks(desk: Desk, rooms: Rooms, times: int = 1) -> Mapping[str, Seen]:
    async def look(connection: AsyncConnection) -> Mapping[str, Seen]:
        return await rooms.look(connection, desk.now_ms)

    for _ in range(times):
        found = dict(desk.transaction(look))
    return found


def test_what_was_committed_very_late_and_what_is_gone_is_seen_within_a_minute(desk: Desk) -> None:
    desk.room("kim-son")
    desk.room("ban-a")
    rooms = Rooms()
    assert looks(desk, rooms).keys() == {"ban-a", "kim-son"}
    gasp = {"room": "kim-son", "part": "gasp", "body": {"reason": "mains"}, "received_ms": desk.now_ms - MINUTE}

    async def change(connection: AsyncConnection) -> None:
        await connection.execute(insert(LAST), [gasp])
        await connection.execute(delete(LAST).where(LAST.c.room == "ban-a"))

    desk.transaction(change)
    found = looks(desk, rooms, WHOLE_EVERY)
    assert found.keys() == {"kim-son"}
    assert found["kim-son"].gasp == {"reason": "mains"}


def test_register_and_findings_are_seen_of_a_room_that_says_nothing(desk: Desk) -> None:
    for room in ("kim-son", "ban-a"):
        desk.room(room)
        desk.now_ms += 2 * LATE_MS
    rooms = Rooms()
    looks(desk, rooms)

    def change(what: str, how: object) -> Mapping[str, Seen]:
        desk.transaction(lambda connection: write(connection, what, "kim-son", how, desk.now_ms))
        return looks(desk, rooms)

    assert change("place", ("Viettel", False))["kim-son"].provider == "Viettel"
    assert change("doubt", "edited")["kim-son"].doubts == {"evidence_doubtful"}
    assert "kim-son" not in change("place", ("Viettel", True))


def test_a_clock_that_ran_ahead_hides_nothing_that_is_said_afterwards(desk: Desk) -> None:
    desk.room("kim-son")
    desk.now_ms += 60 * MINUTE
    desk.room("ban-a")
    rooms = Rooms()
    looks(desk, rooms)
    desk.now_ms -= 60 * MINUTE
    say(desk, "kim-son", "lost")
    assert looks(desk, rooms)["kim-son"].state["incidents"] == ["lost"]


def test_the_thinker_remembers_from_one_look_to_the_next(desk: Desk) -> None:
    """Silence alone, without any new word, is seen in its time."""
    desk.room("kim-son")
    job = next(job for job in jobs() if job.name == think_incidents.__name__.rpartition(".")[2])

    async def think() -> None:
        await job.think(desk.place)

    for after_ms in (0, 10 * MINUTE, 2 * MINUTE, 2 * MINUTE):
        desk.now_ms += after_ms
        desk.run(think)
    assert opened(desk) == [("line:kim-son", ["kim-son"])]
