"""Reading what reports are made of. Every query names its room and span: a year of a room is some 100,000 rows."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.core.chain import Entry
from controller.core.verify import Verdict, verify
from controller.dashboard.discreet import shown
from controller.dashboard.figures import GAP_MS, Ended, Row, together_ms
from controller.dashboard.forms_check import Ticked
from controller.dashboard.forms_log import AFTER_MS, LEAD_MS, Held
from controller.dashboard.line_figures import Hours, Sample, Site, hours_of
from controller.dashboard.store.tables import HEADS, LAST, RECORDS, SAMPLES
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENT_ALERTS, INCIDENTS, INSTANCE_ROOMS, INSTANCES, TICKS
from controller.dashboard.think_chain import entry_of

HOUR_MS = 3_600_000
BEFORE_MS = 31 * 24 * HOUR_MS
"""An alert that is open at a span's begin is hardly older."""
WINDOW_MS = 72 * HOUR_MS
"""So far from a meeting its room may write of it: the day before at the earliest, and past a weekend."""
REPORT_KINDS = ("noted", "phase", "alert", "alert.end", "started", "meeting.booked")
"""What figures are made of; the rest of a journal is not read for them."""


_SPAN = (INCIDENT_ALERTS.c.from_ms, INCIDENT_ALERTS.c.until_ms)
_NO_INTERRUPTION = ("evidence", "help")


async def names(connection: AsyncConnection) -> dict[str, str]:
    return {row.slug: row.name for row in await connection.execute(select(ROOMS.c.slug, ROOMS.c.name))}


async def network(connection: AsyncConnection, span: tuple[int, int]) -> list[str]:
    """The rooms in use, and those that were taken away since and recorded something in the span."""
    at_ms = func.coalesce(RECORDS.c.true_ms, RECORDS.c.at_ms)
    spoke = exists().where(RECORDS.c.room == ROOMS.c.slug, at_ms >= span[0], at_ms < span[1])
    return list((await connection.execute(select(ROOMS.c.slug).where(~ROOMS.c.retired | spoke))).scalars())


async def records(
    connection: AsyncConnection, room: str, span: tuple[int, int], kinds: tuple[str, ...] = ()
) -> list[Row]:
    """Of one room, by time as best known."""
    at_ms = func.coalesce(RECORDS.c.true_ms, RECORDS.c.at_ms)
    mine = (RECORDS.c.room == room, at_ms >= span[0], at_ms < span[1])
    ask = select(RECORDS, at_ms.label("best_ms")).where(*mine)
    if kinds:
        ask = ask.where(RECORDS.c.kind.in_(kinds))
    rows = await connection.execute(ask.order_by(at_ms, RECORDS.c.seq))
    return [_row(row) for row in rows]


def _row(row: Any) -> Row:
    return Row(row.room, row.seq, row.best_ms, row.true_ms is not None, row.kind, row.subject, row.body)


async def before(connection: AsyncConnection, room: str, from_ms: int) -> list[Row]:
    """What the room said in the month before, and its last phase however old; nothing of a room that was silent
    just then, for nobody knows whether it was still so."""
    at_ms = func.coalesce(RECORDS.c.true_ms, RECORDS.c.at_ms)
    mine = (RECORDS.c.room == room, at_ms < from_ms)
    last = (await connection.execute(select(func.max(at_ms)).where(*mine))).scalar()
    if last is None or from_ms - last >= GAP_MS:
        return []
    rows = await records(connection, room, (from_ms - BEFORE_MS, from_ms), REPORT_KINDS)
    if any(row.kind == "phase" for row in rows):
        return rows
    ask = select(RECORDS, at_ms.label("best_ms")).where(*mine, RECORDS.c.kind == "phase")
    row = (await connection.execute(ask.order_by(at_ms.desc(), RECORDS.c.seq.desc()).limit(1))).first()
    return rows if row is None else [_row(row), *rows]


async def heard(connection: AsyncConnection, room: str, span: tuple[int, int]) -> list[int]:
    """When anything at all was heard of the room, by the hour: records, and figures of its details."""
    at_ms = func.coalesce(RECORDS.c.true_ms, RECORDS.c.at_ms)
    hour = at_ms / HOUR_MS
    mine = (RECORDS.c.room == room, at_ms >= span[0], at_ms < span[1])
    told = await connection.execute(select(func.min(at_ms)).where(*mine).group_by(hour))
    hours = (SAMPLES.c.room == room, SAMPLES.c.span_s == 3600, SAMPLES.c.from_ms.between(span[0], span[1] - 1))
    measured = await connection.execute(select(SAMPLES.c.from_ms).where(*hours).distinct())
    return sorted({*told.scalars(), *measured.scalars()})


async def line(connection: AsyncConnection, room: str, span: tuple[int, int]) -> Hours:
    """What each hour of the room's line was worth (R22)."""
    mine = (SAMPLES.c.room == room, SAMPLES.c.span_s == 3600, SAMPLES.c.what.startswith("line."))
    ask = select(SAMPLES.c.from_ms, SAMPLES.c.what, (SAMPLES.c.total / SAMPLES.c.n).label("mean")).where(*mine)
    rows = await connection.execute(ask.where(SAMPLES.c.from_ms >= span[0], SAMPLES.c.from_ms < span[1]))
    return hours_of(Sample(row.from_ms, row.what, row.mean) for row in rows)


async def sites(connection: AsyncConnection, room: str, span: tuple[int, int]) -> list[Site]:
    """Every room's line in the period, or that of `room` alone."""
    ask = select(ROOMS).where(ROOMS.c.slug == room if room else ~ROOMS.c.retired)
    found = []
    for row in (await connection.execute(ask)).all():
        cuts = [one for one in await interruptions(connection, row.slug, span) if one.code == "line"]
        minutes = [((one.until_ms - one.from_ms) / 60_000, one.cause) for one in cuts]
        said = select(LAST.c.body).where(LAST.c.room == row.slug, LAST.c.part == "detail/line")
        body = (await connection.execute(said)).scalar()
        ours = not isinstance(body, dict) or body.get("measures_line") is not False
        hours = await line(connection, row.slug, span)
        found.append(Site(row.slug, row.provider, row.circuit, hours, minutes, ours))
    return found


async def entries(connection: AsyncConnection, room: str, first_ms: int, last_ms: int) -> list[Entry]:
    """The chain as it is stored, from the first to the last record of the span."""
    at_ms = func.coalesce(RECORDS.c.true_ms, RECORDS.c.at_ms)
    mine = (RECORDS.c.room == room, RECORDS.c.journal == 0, at_ms >= first_ms, at_ms < last_ms)
    low, high = (
        await connection.execute(select(func.min(RECORDS.c.seq), func.max(RECORDS.c.seq)).where(*mine))
    ).one()
    if low is None:
        return []
    whole = (RECORDS.c.room == room, RECORDS.c.journal == 0, RECORDS.c.seq.between(low, high))
    ask = select(RECORDS).where(*whole).order_by(RECORDS.c.seq)
    return [entry_of(row) for row in await connection.execute(ask)]


async def checked(connection: AsyncConnection, room: str, found: list[Entry]) -> Verdict:
    """The chain against itself and against the heads that state reports carried at the time (N1)."""
    heads: dict[int, str] = {}
    if found:
        between = HEADS.c.seq.between(found[0].seq, found[-1].seq)
        ask = select(HEADS).where(HEADS.c.room == room, between).order_by(HEADS.c.received_ms)
        for row in await connection.execute(ask):
            heads.setdefault(row.seq, row.head)
    return verify(found, heads)


async def meeting_starts(connection: AsyncConnection, room: str, span: tuple[int, int]) -> dict[str, int]:
    """uid → start of the meetings of a room that were held in the span; practice is no meeting."""
    ask = (
        select(INSTANCES.c.uid, INSTANCES.c.start_ms)
        .join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
        .where(INSTANCE_ROOMS.c.room == room, INSTANCES.c.start_ms >= span[0], INSTANCES.c.start_ms < span[1])
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
    )
    return {row.uid: row.start_ms for row in await connection.execute(ask)}


async def held(connection: AsyncConnection, room: str, day: tuple[int, int]) -> list[Held]:
    """The room's meetings of a day, as they may be told; practice is no meeting."""
    ask = (
        select(INSTANCES)
        .join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
        .where(INSTANCE_ROOMS.c.room == room, ~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .where(INSTANCES.c.start_ms - LEAD_MS < day[1], INSTANCES.c.end_ms + AFTER_MS > day[0])
        .order_by(INSTANCES.c.start_ms)
    )
    rows = await connection.execute(ask)
    return [Held(shown(row._mapping)["title"], row.start_ms, row.end_ms) for row in rows]


async def titles(connection: AsyncConnection, room: str, day: tuple[int, int]) -> dict[str, str]:
    """Of every meeting that the room's records of a day may name, cancelled and practised ones too."""
    return {uid: one.title for uid, one in (await meetings_near(connection, room, day)).items()}


async def meetings_near(connection: AsyncConnection, room: str, span: tuple[int, int]) -> dict[str, Held]:
    """The same by their identities, as they may be told."""
    ask = (
        select(INSTANCES.c.uid, INSTANCES.c.title, INSTANCES.c.secret, INSTANCES.c.start_ms, INSTANCES.c.end_ms)
        .join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
        .where(INSTANCE_ROOMS.c.room == room)
        .where(INSTANCES.c.start_ms < span[1] + WINDOW_MS, INSTANCES.c.end_ms > span[0] - WINDOW_MS)
    )
    rows = (await connection.execute(ask)).all()
    return {row.uid: Held(shown(row._mapping)["title"], row.start_ms, row.end_ms) for row in rows}


async def rooms_of(connection: AsyncConnection, uid: str) -> list[str]:
    ask = select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid)
    return list((await connection.execute(ask)).scalars())


async def ticks(connection: AsyncConnection, uid: str, room: str = "") -> dict[str, list[Ticked]]:
    """The roll-call of a meeting by room, or of one room (R26)."""
    mine = (TICKS.c.meeting == uid, TICKS.c.room == room) if room else (TICKS.c.meeting == uid,)
    found: dict[str, list[Ticked]] = {}
    for row in await connection.execute(select(TICKS).where(*mine)):
        found.setdefault(row.room, []).append(Ticked(row.item, row.verdict == "ok", row.by, row.at_ms))
    return found


async def climate(
    connection: AsyncConnection, room: str, day: tuple[int, int]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Place → temp_c, humidity_pct → least and most of the day."""
    mine = (SAMPLES.c.room == room, SAMPLES.c.span_s == 3600, SAMPLES.c.what.startswith("climate."))
    ask = select(SAMPLES.c.what, func.min(SAMPLES.c.low).label("low"), func.max(SAMPLES.c.high).label("high"))
    ask = ask.where(*mine, SAMPLES.c.from_ms >= day[0], SAMPLES.c.from_ms < day[1]).group_by(SAMPLES.c.what)
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in await connection.execute(ask):
        place, _, name = row.what.removeprefix("climate.").rpartition(".")
        found.setdefault(place, {})[name] = (row.low, row.high)
    return found


async def interruptions(connection: AsyncConnection, room: str, span: tuple[int, int]) -> list[Ended]:
    """Incidents of a room that are over, by room and not by cause: each site's own minutes. One that came back is
    one, and the time between does not count. A question to the desk or to the office interrupts nothing."""
    ask = (
        select(INCIDENTS.c.id, INCIDENTS.c.code, INCIDENTS.c.cause, INCIDENTS.c.own, *_SPAN)
        .join(INCIDENT_ALERTS, INCIDENT_ALERTS.c.incident == INCIDENTS.c.id)
        .where(INCIDENTS.c.code.not_in(_NO_INTERRUPTION))
        .where(INCIDENT_ALERTS.c.room == room, INCIDENT_ALERTS.c.until_ms.is_not(None))
        .where(INCIDENT_ALERTS.c.from_ms >= span[0], INCIDENT_ALERTS.c.from_ms < span[1])
        .order_by(INCIDENTS.c.id, INCIDENT_ALERTS.c.from_ms)
    )
    found = []
    for _, of_one in groupby((await connection.execute(ask)).all(), key=lambda row: row.id):
        rows = list(of_one)
        first = rows[0]
        lasted_ms = together_ms([(row.from_ms, row.until_ms) for row in rows])
        found.append(Ended(room, first.code, first.from_ms, first.from_ms + lasted_ms, first.cause, first.own))
    return found
