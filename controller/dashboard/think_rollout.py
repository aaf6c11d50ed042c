"""Each minute: does a release that a ring is offered go well? Else it is stopped, and why is said (rollout.py).
Only where this machine publishes the tree (`[release] folder`)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from sqlalchemy import select

from controller.dashboard.rollout import Bound, Report, course, offers, rings, withheld, withhold
from controller.dashboard.store.tables import LAST
from controller.dashboard.web.place import Place
from controller.dashboard.words import log
from controller.update.plan import ring as ring_of

EVERY_S = 60.0


async def think(place: Place) -> None:
    its = place.settings.release
    if not its.folder:
        return
    tree, now_ms = Path(its.folder), place.clock()
    ask = select(LAST.c.room, LAST.c.body, LAST.c.received_ms).where(LAST.c.part == "update")
    async with place.engine.connect() as connection:
        reports = [Report(*row) for row in (await connection.execute(ask)).all()]
    table, by_ring = rings(tree), defaultdict(list)
    for report in reports:
        by_ring[ring_of(table, report.room)].append(report)
    stopped = {(row["ring"], row["version"]) for row in withheld(tree)}
    for ring, version in offers(tree).items():
        found = course(ring, version, by_ring[ring], now_ms, Bound(its.failures, its.failures_ratio))
        if found.stop and (ring, version) not in stopped:
            withhold(tree, found, now_ms)
            log("centre.rollout_stopped", version, ring, len(found.failures), len(found.failures) + found.taken)
