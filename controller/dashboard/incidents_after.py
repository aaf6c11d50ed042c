"""What a return tells of the silence before it (N7), written to the incident as the machine's proposal.

Silence alone looks alike whether the machine or the line is dead. A room that comes back in the same life was
running all the time: it was the line. One that comes back in a new life without a last gasp had died; where several
of one provider did, it was the mains. People decide (R30).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import SILENT, Alert, Seen
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, SILENCES

OF_LINE = "line"


def proposal(same: Iterable[bool], scope: str) -> tuple[str, str]:
    """(cause, why) from whether each room came back in the life that it had; ('', '') = they do not agree."""
    lives = set(same)
    if len(lives) != 1:
        return "", ""
    if lives == {True}:
        return "provider", "same_boot"
    return ("device" if scope == "room" else "mains"), "new_boot"


async def fell_silent(connection: AsyncConnection, alerts: Iterable[Alert], rooms: Mapping[str, Seen]) -> None:
    """Remember in which life each room was when it was heard last."""
    silent = sorted({alert.room for alert in alerts if alert.code in SILENT and alert.room in rooms})
    if silent:
        rows = [{"room": room, "boot": rooms[room].boot, "spoke_ms": rooms[room].spoke_ms} for room in silent]
        words = upsert(connection, SILENCES)
        new = {"boot": words.excluded.boot, "spoke_ms": words.excluded.spoke_ms}
        await connection.execute(words.on_conflict_do_update(index_elements=["room"], set_=new), rows)


async def came_back(
    connection: AsyncConnection, id_: int, alerts: Iterable[Alert], rooms: Mapping[str, Seen], line: dict[str, Any]
) -> None:
    """The silence of these alerts is over: propose a cause where it proves one. `line`: who and when."""
    silent = {alert.room for alert in alerts if alert.code in SILENT}
    kept = (await connection.execute(select(SILENCES).where(SILENCES.c.room.in_(silent)))).all() if silent else []
    back = [row for row in kept if _speaks(rooms.get(row.room), row)]
    if not back:
        return
    await connection.execute(delete(SILENCES).where(SILENCES.c.room.in_([row.room for row in back])))
    it = (await connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == id_))).one()
    cause, why = proposal((rooms[row.room].boot == row.boot for row in back), it.scope)
    if it.code != OF_LINE or not cause or cause == it.proposed:
        return
    await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(proposed=cause))
    said = {"incident": id_, "kind": "proposed", "text": "", "args": [cause, why]}
    await connection.execute(insert(INCIDENT_LINES).values(**line, **said))


def _speaks(seen: Seen | None, row: Row[Any]) -> bool:
    """It has said its state again, not only that it is there."""
    return seen is not None and seen.online is True and seen.spoke_ms > row.spoke_ms
