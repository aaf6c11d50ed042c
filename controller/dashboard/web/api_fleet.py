"""The boxes, the messages that were not believed, and figures for Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.fleet import PARTS, Body, Finding, Journal, row
from controller.dashboard.rights import Action
from controller.dashboard.rollout import withheld
from controller.dashboard.store.tables import CURSORS, FINDINGS, LAST, RECORDS, REFUSED
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENTS, NOTICES
from controller.dashboard.web.gate import At, Who, actor, need

router = APIRouter(tags=["fleet"])
REFUSED_SHOWN = 100


@router.get("/api/fleet")
async def fleet(at: At, someone: Who) -> dict[str, Any]:
    """`rooms`: `fleet.row` of each room that is registered or spoke; `refused`: the newest messages that were not
    believed; `stopped`: releases that go no further, and where they failed; `now_ms`."""
    await need(at, someone, Action.MAINTAIN)
    async with at.engine.connect() as connection:
        rooms = await _rooms(connection)
        newest = select(REFUSED).order_by(REFUSED.c.id.desc()).limit(REFUSED_SHOWN)
        refused = [
            {
                "topic": one.topic,
                "why": one.why,
                "size": one.size,
                "start": one.start.decode("utf-8", "replace"),
                "received_ms": one.received_ms,
            }
            for one in (await connection.execute(newest)).all()
        ]
    stopped = withheld(Path(at.settings.release.folder)) if at.settings.release.folder else []
    return {"rooms": rooms, "refused": refused, "stopped": stopped, "now_ms": at.clock()}


async def _rooms(connection: AsyncConnection) -> list[dict[str, object]]:
    parts: dict[str, dict[str, tuple[Body, int]]] = defaultdict(dict)
    last = select(LAST.c.room, LAST.c.part, LAST.c.body, LAST.c.received_ms).where(LAST.c.part.in_(PARTS))
    for room, part, body, received_ms in (await connection.execute(last)).all():
        parts[room][part] = (body, received_ms)
    findings: dict[str, list[Finding]] = defaultdict(list)
    for one in (await connection.execute(select(FINDINGS).order_by(FINDINGS.c.found_ms.desc()))).all():
        findings[one.room].append(Finding(one.code, one.first, one.last, one.found_ms))
    cursors = await connection.execute(select(CURSORS.c.room, CURSORS.c.upto, CURSORS.c.stuck_ms))
    journals = {room: Journal(upto, stuck_ms) for room, upto, stuck_ms in cursors.all()}
    registered = await connection.execute(select(ROOMS.c.slug, ROOMS.c.name, ROOMS.c.retired))
    names, retired = {}, set()
    for slug, name, gone in registered.all():
        names[slug] = name
        retired |= {slug} if gone else set()
    return [
        row(slug, names.get(slug, slug), parts[slug], journals.get(slug, Journal()), findings[slug])
        for slug in sorted((names.keys() | parts.keys()) - retired)
    ]


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, at: At) -> Response:
    """Counts for Prometheus, no personal data. Without signing in only where centre.toml says `web.metrics`."""
    if not at.settings.web.metrics:
        await need(at, await actor(request, at), Action.SEE)
    async with at.engine.connect() as connection:
        figures = await _figures(connection)
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """What was counted for this one answer: the web processes keep nothing, the database does."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = tuple(figures)

    def collect(self) -> Iterator[Metric]:
        yield from self._figures


async def _figures(connection: AsyncConnection) -> list[Metric]:
    async def one(statement: Any) -> float:
        return float((await connection.execute(statement)).scalar() or 0)

    statuses = select(LAST.c.body).where(LAST.c.part == "status")
    online = [body.get("online") is True for body in (await connection.execute(statuses)).scalars()]
    codes = select(FINDINGS.c.code, func.count()).group_by(FINDINGS.c.code)
    found: Mapping[str, int] = dict(map(tuple, (await connection.execute(codes)).all()))
    open_ = select(func.count()).select_from(INCIDENTS).where(INCIDENTS.c.until_ms.is_(None))
    stuck = select(func.count()).select_from(CURSORS).where(CURSORS.c.stuck_ms > 0)
    newest = select(func.max(RECORDS.c.received_ms))
    findings = GaugeMetricFamily("diemcau_journal_findings", "what is to be said of journals", labels=["code"])
    for code, count in sorted(found.items()):
        findings.add_metric([code], count)
    stages = select(NOTICES.c.stage, func.count()).group_by(NOTICES.c.stage)
    notices = GaugeMetricFamily("diemcau_notices", "notices by e-mail and webhook", labels=["stage"])
    for stage, count in sorted(map(tuple, (await connection.execute(stages)).all())):
        notices.add_metric([stage], count)
    return [
        GaugeMetricFamily("diemcau_rooms", "rooms that ever spoke", len(online)),
        GaugeMetricFamily("diemcau_rooms_online", "rooms that are online", sum(online)),
        CounterMetricFamily("diemcau_records", "records stored", await one(select(func.sum(CURSORS.c.upto)))),
        GaugeMetricFamily("diemcau_record_seconds", "when the newest record came", await one(newest) / 1000),
        CounterMetricFamily("diemcau_refused", "messages refused", await one(select(func.max(REFUSED.c.id)))),
        GaugeMetricFamily("diemcau_journals_stuck", "journals that stand before a gap", await one(stuck)),
        GaugeMetricFamily("diemcau_incidents_open", "incidents that are open", await one(open_)),
        findings,
        notices,
    ]
