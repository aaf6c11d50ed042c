"""What is done at intervals, by one recorder at a time: modules `think_*.py` of the centre, each with `EVERY_S` and
`async def think(place)`, or `begin()` which makes one that knows its last look. Who does it holds a lease in the
database and renews it; when its process dies, another has it after LEASE_MS. A job that fails is said and tried
again at its next time; it stops no other. A job that says `BESIDE = True` (it talks to others' servers) is not
waited for: the others go on, and it never runs twice at once.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import secrets
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from controller import dashboard
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import LEASES
from controller.dashboard.web.place import Place

LEASE_MS = 15_000
TURN_S = 1.0
NAME = "thinker"


@dataclass(slots=True)
class Job:
    """One thing to think about."""

    name: str
    every_s: float
    think: Callable[[Place], Awaitable[None]]
    beside: bool = False
    due: float = 0.0
    running: asyncio.Task[None] | None = None


def jobs() -> list[Job]:
    """Every `think_*.py` beside this package."""
    found = []
    for module in sorted(pkgutil.iter_modules(dashboard.__path__), key=lambda one: one.name):
        if module.name.startswith("think_"):
            it = importlib.import_module(f"{dashboard.__name__}.{module.name}")
            think = it.begin() if hasattr(it, "begin") else it.think
            found.append(Job(module.name, it.EVERY_S, think, getattr(it, "BESIDE", False)))
    return found


class Thinker:
    """Use: `live()` until cancelled."""

    def __init__(self, place: Place, found: list[Job]) -> None:
        self._place, self._jobs = place, found
        self._me = secrets.token_hex(12)
        self.failed: dict[str, int] = {}

    async def live(self) -> None:
        try:
            while True:
                await self.turn(asyncio.get_running_loop().time())
                await asyncio.sleep(TURN_S)
        finally:
            for job in self._jobs:
                if job.running is not None:
                    job.running.cancel()

    async def turn(self, now: float) -> None:
        """One look: renew the lease, do what is due."""
        due = [job for job in self._jobs if job.due <= now]
        if not due or not await self._mine():
            return
        for job in due:
            job.due = now + job.every_s
            if not job.beside:
                await self._do(job)
            elif job.running is None or job.running.done():
                job.running = asyncio.create_task(self._do(job))

    async def _do(self, job: Job) -> None:
        try:
            await job.think(self._place)
        except Exception:  # noqa: BLE001 - one job's fault must not end the others; it is said with its trace
            self.failed[job.name] = self.failed.get(job.name, 0) + 1
            sys.stderr.write(f"centre.think {job.name}: {traceback.format_exc(limit=4)}\n")

    async def _mine(self) -> bool:
        """Take or renew the lease: one statement, so that two can never both have it."""
        now_ms = self._place.clock()
        row = {"name": NAME, "holder": self._me, "until_ms": now_ms + LEASE_MS}
        try:
            async with self._place.engine.begin() as connection:
                insert = upsert(connection, LEASES).values(**row)
                free = or_(LEASES.c.holder == self._me, LEASES.c.until_ms < now_ms)
                new = {"holder": self._me, "until_ms": row["until_ms"]}
                done = await connection.execute(
                    insert.on_conflict_do_update(index_elements=["name"], set_=new, where=free).returning(
                        LEASES.c.holder
                    )
                )
                return done.scalar() == self._me
        except (DBAPIError, PoolTimeout, OSError):
            return False
