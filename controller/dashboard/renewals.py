"""Certificates that end soon: what rooms ask for goes to the off-line authority as a file, its answers go to rooms.

A room shows its certificate's end and a request for the next in `detail/identity`; an answer is retained on its
topic `certificate`, so that it reaches a room that is off, too. The room itself judges it and then shows a new
end: nothing is kept here. Files as in `controller/provision/renewal.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from controller import durable
from controller.dashboard.broker import Line
from controller.dashboard.settings import Centre
from controller.dashboard.store.tables import LAST
from controller.dashboard.web.place import Place
from controller.link.topics import IDENTITY, Topics, is_slug
from controller.texts import ReadableError

WITHIN_DAYS = 400
"""A yearly round of the office finds every certificate before it ends."""
CONNECT_S = 15.0


async def requests(place: Place, file: Path, within_days: int) -> tuple[int, list[str]]:
    """Write what is asked for by rooms whose certificate ends within so many days; how many, and the rooms that end
    and ask for nothing (an identity made by hand)."""
    before = datetime.fromtimestamp(place.clock() / 1000, UTC) + timedelta(days=within_days)
    async with place.engine.connect() as connection:
        ask = select(LAST.c.room, LAST.c.body).where(LAST.c.part == f"detail/{IDENTITY}").order_by(LAST.c.room)
        rows = (await connection.execute(ask)).all()
    due = [(row.room, row.body.get("csr")) for row in rows if _ends(row.body.get("until"), before)]
    asked = [{"room": room, "csr": csr} for room, csr in due if isinstance(csr, str)]
    durable.write(file, json.dumps({"v": 1, "requests": asked}, indent=1).encode())
    return len(asked), [room for room, csr in due if not isinstance(csr, str)]


def _ends(until: object, before: datetime) -> bool:
    """A room's word: anything may stand there. One that cannot be read is looked at rather sooner."""
    try:
        return datetime.fromisoformat(str(until)) <= before
    except (ValueError, TypeError):
        return True


async def answers(settings: Centre, file: Path) -> int:
    """Send each answer to its room; how many. Raises ReadableError (`centre.answers`) for a file that is none, and
    OSError when the broker is away or refuses: sending all of it again does no harm."""
    rows = list(_answers(file))
    line = Line(settings.broker, (), lambda *_: None, name="answers")
    async with asyncio.timeout(CONNECT_S + len(rows)), asyncio.TaskGroup() as tasks:
        living = tasks.create_task(line.live())
        while not line.up:
            await asyncio.sleep(0.05)
        for room, certificate in rows:
            await line.send(Topics(room).of("certificate"), certificate.encode(), retain=True)
        living.cancel()
    return len(rows)


def _answers(path: Path) -> Iterator[tuple[str, str]]:
    try:
        plain = json.loads(path.read_bytes())
        if plain["v"] != 1:
            raise ValueError(plain["v"])
        for row in plain["answers"]:
            if not is_slug(row["room"]) or not isinstance(row["certificate"], str):
                raise ValueError(row["room"])
            yield row["room"], row["certificate"]
    except (ValueError, KeyError, TypeError) as error:
        raise ReadableError("centre.answers", path) from error
