"""A site is taken away: it stands on no page any more, and Home Assistant forgets it. Its journal and its papers
stay.

Home Assistant keeps a device as long as its discovery message is retained; an empty one takes it away (mqtt.md).
"""

from __future__ import annotations

import asyncio

from sqlalchemy import select, update

from controller.dashboard.broker import Line
from controller.dashboard.settings import Broker
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.web.place import Place
from controller.link.discovery import REMOVAL
from controller.link.topics import Topics
from controller.texts import ReadableError

CONNECT_S = 10.0


async def retire(place: Place, slug: str) -> str:
    """Its name. Raises ReadableError (`centre.no_room`), and OSError when the broker is away or refuses: then
    nothing was changed, and doing it again does no harm."""
    async with place.engine.connect() as connection:
        name = (await connection.execute(select(ROOMS.c.name).where(ROOMS.c.slug == slug))).scalar()
    if name is None:
        raise ReadableError("centre.no_room", slug)
    await _forgotten(place.settings.broker, slug)
    async with place.engine.begin() as connection:
        await connection.execute(update(ROOMS).where(ROOMS.c.slug == slug).values(retired=True))
    return str(name)


async def _forgotten(broker: Broker, slug: str) -> None:
    line = Line(broker, (), lambda *_: None, name="retire")
    async with asyncio.timeout(CONNECT_S), asyncio.TaskGroup() as tasks:
        living = tasks.create_task(line.live())
        while not line.up:
            await asyncio.sleep(0.05)
        await line.send(Topics(slug).discovery, REMOVAL, retain=True)
        living.cancel()
