"""The expected end of an incident is asked for every half hour until somebody has entered one (R12): the question
stands in its timeline, and on the page for as long as there is no answer."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update

from controller.dashboard.incidents import asks_expected
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS
from controller.dashboard.think_incidents import MACHINE
from controller.dashboard.web.place import Place

EVERY_S = 15.0
AGAIN_MS = 30 * 60_000


async def think(place: Place) -> None:
    now_ms = place.clock()
    lines = select(INCIDENT_LINES.c.incident, func.max(INCIDENT_LINES.c.at_ms).label("at_ms"))
    asked = lines.where(INCIDENT_LINES.c.kind == "asked").group_by(INCIDENT_LINES.c.incident).subquery()
    ask = select(INCIDENTS, asked.c.at_ms).outerjoin(asked, asked.c.incident == INCIDENTS.c.id)
    async with place.engine.begin() as connection:
        rows = (await connection.execute(ask.where(INCIDENTS.c.until_ms.is_(None)))).all()
        late = [row.id for row in rows if asks_expected(row, now_ms) and (row.at_ms or 0) <= now_ms - AGAIN_MS]
        if not late:
            return
        line = {"at_ms": now_ms, "by": MACHINE, "kind": "asked", "text": "", "args": []}
        await connection.execute(insert(INCIDENT_LINES), [{"incident": id_, **line} for id_ in late])
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id.in_(late)).values(changed_ms=now_ms))
