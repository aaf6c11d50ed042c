"""What is older than the province keeps it goes: records, heads, curves, orders, notices, passes, refused
messages.

A chain of evidence loses its beginning only: what is left still proves itself from its first record on.
"""

from __future__ import annotations

from sqlalchemy import delete

from controller.dashboard.store.tables import HEADS, ORDERS, RECORDS, REFUSED, SAMPLES
from controller.dashboard.store.tables_people import PASSES
from controller.dashboard.store.tables_work import NOTICES
from controller.dashboard.web.place import Place

EVERY_S = 3600.0
DAY_MS = 86_400_000
REFUSED_DAYS = 31


async def think(place: Place) -> None:
    kept, now_ms = place.settings.keep, place.clock()
    evidence_ms = now_ms - kept.evidence_days * DAY_MS
    old = (
        delete(RECORDS).where(RECORDS.c.received_ms < evidence_ms),
        delete(HEADS).where(HEADS.c.received_ms < evidence_ms),
        delete(ORDERS).where(ORDERS.c.changed_ms < evidence_ms),
        delete(SAMPLES).where(SAMPLES.c.span_s == 300, SAMPLES.c.from_ms < now_ms - kept.minutes_days * DAY_MS),
        delete(SAMPLES).where(SAMPLES.c.span_s == 3600, SAMPLES.c.from_ms < now_ms - kept.hours_days * DAY_MS),
        delete(REFUSED).where(REFUSED.c.received_ms < now_ms - REFUSED_DAYS * DAY_MS),
        delete(NOTICES).where(NOTICES.c.changed_ms < evidence_ms),
        delete(PASSES).where(PASSES.c.until_ms < now_ms),
    )
    for statement in old:  # each alone: a recorder waits for none of them for long
        async with place.engine.begin() as connection:
            await connection.execute(statement)
