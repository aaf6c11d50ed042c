"""Meetings in the database: stored as text, laid out into INSTANCES in the same transaction.

What is over stays as it was: only instances that end from now on are made anew. Nothing is sent here; whoever
changed the book publishes after the commit (calendar_publish.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.calendar import holidays
from controller.calendar_plan import CalendarError
from controller.calendar_read import read
from controller.dashboard.meeting_layout import Laid, lay
from controller.dashboard.meeting_text import LENGTH, parsed, whole
from controller.dashboard.meetings import HERE, Series, Wrong
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_calendar import CREW, MEETING_LINES
from controller.dashboard.store.tables_people import PACK, PEOPLE, ROOM_PEOPLE, ROOMS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES, MEETINGS

DAY_MS = 86_400_000
AHEAD_MS = 400 * DAY_MS
"""Laid out so far ahead: a year, and the month to plan it in."""
BACK_MS = 400 * DAY_MS
"""A new series that began earlier shows what it was; beyond that it is history that nobody here saw."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A series as stored. `source`: '' = made here, `file`, or the number of a subscription."""

    series: Series
    source: str = ""


async def rooms_of(connection: AsyncConnection) -> list[str]:
    """Slugs of the rooms that are in use."""
    return list((await connection.execute(select(ROOMS.c.slug).where(~ROOMS.c.retired))).scalars())


async def holidays_of(connection: AsyncConnection) -> frozenset[date]:
    """Of the rule pack, key `holidays` (the text that controller.calendar.holidays reads); the last row counts. One
    that cannot be read costs the holidays and not the meetings."""
    ask = select(PACK.c.value).where(PACK.c.key == "holidays").order_by(PACK.c.id.desc()).limit(1)
    value = (await connection.execute(ask)).scalar()
    try:
        return holidays(value) if isinstance(value, str) else frozenset()
    except CalendarError:
        return frozenset()


async def load(connection: AsyncConnection, uid: str) -> Kept | None:
    """To be changed: two people who change one series do it one after the other."""
    row = (await connection.execute(select(MEETINGS).where(MEETINGS.c.uid == uid).with_for_update())).first()
    return None if row is None else Kept(parsed(row.ics), row.source)


async def keep(
    connection: AsyncConnection, series: Series, now_ms: int, *, by: str, source: str = "", new: bool = False
) -> frozenset[str]:
    """Store and lay out; returns the rooms that must hear of it: those of before and those of now. Raises Wrong
    with the sentence of the rooms' own reader."""
    text = _readable(series)
    rooms, rest = await rooms_of(connection), await holidays_of(connection)
    from_ms = min(now_ms, max(series.draft.start_ms, now_ms - BACK_MS)) if new else now_ms
    laid = lay(series, rooms, from_ms, now_ms + AHEAD_MS, rest)
    if new and not laid:
        raise Wrong("meeting.never" if series.repeats else "meeting.far")
    row = {
        "ics": text,
        "source": source,
        "cancelled": series.cancelled,
        "by": by,
        "changed_ms": now_ms,
    }
    write = upsert(connection, MEETINGS).values(uid=series.uid, **row)
    await connection.execute(write.on_conflict_do_update(index_elements=["uid"], set_=row))
    told = await _lay_out(connection, series, laid, now_ms)
    return told.union(*(one.rooms for one in laid))  # a break or a number stands in no row, and yet is told


def _readable(series: Series) -> str:
    """The text; what rooms could not use is refused here, with their own sentence."""
    text = whole(series)
    _, problems = read(text, HERE, LENGTH)
    if problems:
        raise Wrong(problems[0].code, *problems[0].args)
    return text


async def _lay_out(
    connection: AsyncConnection, series: Series, laid: Sequence[Laid], now_ms: int
) -> frozenset[str]:
    """Write only what differs: a day that goes by adds an instance or none. Returns the rooms of what was changed,
    those of before and those of now."""
    crew = await crew_of(connection, series.uid) if laid else {}
    old = await _laid_out(connection, series.uid, now_ms)
    new = {one.uid: (_row(series.uid, one), _room_rows(one, crew)) for one in laid}
    changed = sorted(uid for uid in old.keys() | new.keys() if old.get(uid) != new.get(uid))
    for part in _parts(changed):
        await connection.execute(delete(INSTANCE_ROOMS).where(INSTANCE_ROOMS.c.uid.in_(part)))
        await connection.execute(delete(INSTANCES).where(INSTANCES.c.uid.in_(part)))
    rows = [new[uid] for uid in changed if uid in new]
    if rows:
        await connection.execute(insert(INSTANCES), [row for row, _ in rows])
    if seats := [seat for _, rooms in rows for seat in rooms.values()]:
        await connection.execute(insert(INSTANCE_ROOMS), seats)
    before = (room for uid in changed if uid in old for room in old[uid][1])
    return frozenset(before).union(room for _, rooms in rows for room in rooms)


Row = dict[str, object]


async def _laid_out(connection: AsyncConnection, series: str, now_ms: int) -> dict[str, tuple[Row, dict[str, Row]]]:
    """What stands there of meetings that are not over: uid → its row, and its rooms' rows."""
    coming = (INSTANCES.c.series == series, INSTANCES.c.end_ms > now_ms)
    found: dict[str, tuple[Row, dict[str, Row]]] = {
        row["uid"]: (dict(row), {})
        for row in (await connection.execute(select(INSTANCES).where(*coming))).mappings()
    }
    join = INSTANCE_ROOMS.join(INSTANCES, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
    rooms = await connection.execute(select(INSTANCE_ROOMS).select_from(join).where(*coming))
    for row in rooms.mappings():
        found[row["uid"]][1][row["room"]] = dict(row)
    return found


PART = 500


def _parts(rows: Sequence[str]) -> list[Sequence[str]]:
    """A statement carries a bounded number of values."""
    return [rows[n : n + PART] for n in range(0, len(rows), PART)]


def _row(series: str, one: Laid) -> Row:
    draft = one.draft
    return {
        "uid": one.uid,
        "recurrence_ms": one.instance_ms,
        "series": series,
        "title": draft.title,
        "kind": draft.kind,
        "document_no": draft.document_no,
        "start_ms": one.start_ms,
        "end_ms": one.end_ms,
        "chair": draft.chair,
        "desk": draft.desk,
        "backup": draft.backup,
        "policy": draft.policy.value,
        "tentative": one.tentative,
        "cancelled": one.cancelled,
        "secret": draft.secret,
        "external": draft.external,
        "practice": draft.practice,
    }


Crew = dict[str, tuple[str, str]]
"""Room → technician, substitute."""


def _room_rows(one: Laid, crew: Crew) -> dict[str, Row]:
    def seats(room: str) -> list[Row]:
        return [{"seat": seat, "preset": preset} for seat, preset in one.draft.seats_in(room)]

    return {
        room: {
            "uid": one.uid,
            "room": room,
            "role": role,
            "technician": crew.get(room, ("", ""))[0],
            "substitute": crew.get(room, ("", ""))[1],
            "seats": seats(room),
        }
        for room, role in one.rooms.items()
    }


async def crew_of(connection: AsyncConnection, series: str) -> Crew:
    """Who is at the devices: as this series says, else the room's own technician and substitute (R23)."""
    found: dict[str, dict[str, str]] = {}
    own = (
        select(ROOM_PEOPLE.c.room, ROOM_PEOPLE.c.part, PEOPLE.c.name)
        .join(PEOPLE, PEOPLE.c.id == ROOM_PEOPLE.c.person)
        .where(PEOPLE.c.left_ms.is_(None), ROOM_PEOPLE.c.part.in_(("technician", "substitute")))
        .order_by(PEOPLE.c.id.desc())
    )
    for room, part, name in (await connection.execute(own)).all():
        found.setdefault(room, {})[part] = name
    for row in (await connection.execute(select(CREW).where(CREW.c.series == series))).all():
        said = {"technician": row.technician, "substitute": row.substitute}
        found.setdefault(row.room, {}).update({part: name for part, name in said.items() if name})
    return {room: (parts.get("technician", ""), parts.get("substitute", "")) for room, parts in found.items()}


async def set_crew(connection: AsyncConnection, series: str, crew: Crew) -> None:
    await connection.execute(delete(CREW).where(CREW.c.series == series))
    rows = [
        {"series": series, "room": room, "technician": first[:120], "substitute": second[:120]}
        for room, (first, second) in crew.items()
        if first or second
    ]
    if rows:
        await connection.execute(insert(CREW), rows)


async def set_hands(connection: AsyncConnection, series: str, room: str, technician: str, substitute: str) -> None:
    """Of one room; both empty = the room's own again."""
    await connection.execute(delete(CREW).where(CREW.c.series == series, CREW.c.room == room))
    if technician or substitute:
        row = {"series": series, "room": room, "technician": technician[:120], "substitute": substitute[:120]}
        await connection.execute(insert(CREW).values(**row))


async def again(connection: AsyncConnection, now_ms: int) -> frozenset[str]:
    """Lay out everything anew: a day has gone by, a room came, a technician left. Returns all rooms concerned."""
    rooms, rest = await rooms_of(connection), await holidays_of(connection)
    told: frozenset[str] = frozenset()
    for ics in (await connection.execute(select(MEETINGS.c.ics))).scalars().all():
        series = parsed(ics)
        laid = lay(series, rooms, now_ms, now_ms + AHEAD_MS, rest)
        told |= await _lay_out(connection, series, laid, now_ms)
    return told


async def note(
    connection: AsyncConnection, series: str, by: str, code: str, now_ms: int, *args: object, request: int = 0
) -> None:
    """One line of history."""
    row = {"series": series, "request": request, "at_ms": now_ms, "by": by, "code": code, "args": list(args)}
    await connection.execute(insert(MEETING_LINES).values(**row))
