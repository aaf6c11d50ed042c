"""The main site of a meeting moves to the backup and back (R25): what the calendar says of it, who pressed, and how
soon each site was there. The broker fails over by itself: rooms and centre each have both addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from fastapi import HTTPException
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import keep, load, note
from controller.dashboard.main_site import Main, main_of
from controller.dashboard.meetings import Draft, edited
from controller.dashboard.rights import Actor
from controller.dashboard.store.tables import ORDERS
from controller.dashboard.store.tables_people import ROOMS, USERS
from controller.dashboard.store.tables_work import SWITCHES
from controller.dashboard.web.calendar_forms import by, said
from controller.dashboard.web.session import meeting as read

To = Literal["backup", "main"]
NONE, FOREIGN, CHANGED = "none", "foreign", "changed"
"""What became of the calendar: it does not have the meeting, it is another's, it says the new site."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`number`: whom the sites dial now; `place`: whose it is, '' = a bridge's; `rooms`: whose calendar changed."""

    number: str
    place: str
    calendar: str
    rooms: frozenset[str] = frozenset()


async def turned(connection: AsyncConnection, uid: str) -> dict[str, Any] | None:
    """The last switch of a meeting, and after how many seconds each site had dialled; None = there was none."""
    ask = (
        select(SWITCHES, func.coalesce(USERS.c.name, SWITCHES.c.by).label("person"))
        .join(USERS, USERS.c.id == SWITCHES.c.by_user, isouter=True)
        .where(SWITCHES.c.meeting == uid)
        .order_by(SWITCHES.c.id.desc())
    )
    row = (await connection.execute(ask.limit(1))).first()
    if row is None:
        return None
    done = (ORDERS.c.meeting == uid, ORDERS.c.verb == "call", ORDERS.c.stage == "done")
    calls = select(ORDERS).where(*done, ORDERS.c.sent_ms >= row.at_ms).order_by(ORDERS.c.changed_ms)
    back: dict[str, float] = {}
    for one in await connection.execute(calls):
        if one.args.get("address") == row.number:
            back.setdefault(one.room, round((one.changed_ms - row.at_ms) / 1000, 1))
    return {"to": row.to, "by": row.person, "at_ms": row.at_ms, "reason": row.reason, "back_s": back}


async def turn(connection: AsyncConnection, row: Any, to: To, reason: str, who: Actor, now_ms: int) -> Turn:
    """Note the switch and write it into the calendar, in one transaction; nobody is told yet. `row`: of INSTANCES.
    Raises 409 `desk.no_backup`, `desk.no_number`, `desk.not_switched` (back without a switch)."""
    before = await _last(connection, row.uid)
    if to == "main" and (before is None or before.to == "main"):
        raise HTTPException(409, {"code": "desk.not_switched"})
    number = await _dial(connection, row.backup) if to == "backup" else ""
    if to == "backup" and not number:
        raise HTTPException(409, {"code": "desk.no_backup"})
    old, calendar, rooms = await _write(connection, row, number, before, reason, who, now_ms)
    main = Main(number, row.backup)
    if to == "main":
        main = await main_of(connection, await read(connection, row.uid))
        if not main.number:
            raise HTTPException(409, {"code": "desk.no_number"})
    if not row.practice:
        person = {"by": "" if who.user is not None else who.name[:80], "by_user": who.user}
        new = {"meeting": row.uid, "to": to, "reason": reason, "number": main.number, "at_ms": now_ms}
        await connection.execute(insert(SWITCHES).values(**new, **person, **old))
    return Turn(main.number, main.place, calendar, rooms)


Old = dict[str, Any]
"""What the calendar said before: desk and numbers."""


async def _write(
    connection: AsyncConnection, row: Any, number: str, before: Any, reason: str, who: Actor, now_ms: int
) -> tuple[Old, str, frozenset[str]]:
    """Into the calendar; `number` '' = back to what it said `before`."""
    kept = None if row.practice else await load(connection, row.series)
    if kept is None:
        return {"desk": row.desk, "numbers": []}, NONE, frozenset()
    instance = row.recurrence_ms if kept.series.repeats else None
    draft = kept.series.at(instance)
    old = {"desk": draft.desk, "numbers": list(draft.numbers)}
    if kept.source.isdigit():
        return old, FOREIGN, frozenset()
    new = _to_backup(draft, row.backup, number) if number else _to_main(draft, before)
    with said():
        series = edited(kept.series, new, instance, now_ms)
        rooms = await keep(connection, series, now_ms, by=by(who), source=kept.source)
    verb = "backup" if number else "main"
    await note(connection, series.uid, by(who), f"meeting.done.{verb}", now_ms, draft.title, reason)
    return old, CHANGED, rooms


def _to_backup(draft: Draft, backup: str, number: str) -> Draft:
    """The desk moves; who was named only as the desk stays in the meeting."""
    members = draft.members
    if draft.desk and not draft.everyone and draft.desk not in members:
        members = (*members, draft.desk)
    numbers = (number, *(one for one in draft.numbers if one != number))
    return replace(draft, desk=backup, numbers=numbers, members=members)


def _to_main(draft: Draft, before: Any) -> Draft:
    return replace(draft, desk=before.desk, numbers=tuple(before.numbers))


async def _last(connection: AsyncConnection, uid: str) -> Any:
    ask = select(SWITCHES).where(SWITCHES.c.meeting == uid).order_by(SWITCHES.c.id.desc()).limit(1)
    return (await connection.execute(ask)).first()


async def _dial(connection: AsyncConnection, slug: str) -> str:
    return (await connection.execute(select(ROOMS.c.dial).where(ROOMS.c.slug == slug))).scalar() or ""
