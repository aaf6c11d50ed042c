"""Whoever sends a command may wait for what the room replies, in the request itself (`Prefer: wait=N`, RFC 7240).

A request that waits holds no thread and no connection to the database: it sleeps until Watch, woken by a commit of
whatever process, finds its command changed; all that wait are asked for in one statement. It ends when the room
has spoken its last word, when its time is over, when its client goes or when this process ends, and says how far
the command is: nothing of it is kept here, and any process can be asked about it later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from urllib.request import parse_http_list

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import RowMapping, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from controller.dashboard.stages import ended
from controller.dashboard.store.tables import ORDERS
from controller.dashboard.think_orders import EVERY_S, SILENT_MS
from controller.dashboard.web.many import Told
from controller.dashboard.web.orders import PRACTICE

DEFAULT_S = 8
"""A room answers within a second, a device has read back two seconds later, and the centre sees that in the room's
state within EVERY_S."""
MOST_S = int(SILENT_MS / 1000 + 2 * EVERY_S)
"""By then a room that is silent has been noted as such."""
TOGETHER = 400
"""Commands asked for in one statement: SQLite takes 999 values and more."""
PREFER = (
    f"`wait=N` (RFC 7240): how many seconds the answer may wait for the room, {MOST_S} at most; 0 = not at all. "
    f"A command that says nothing of it, or nothing that can be read, waits {DEFAULT_S}."
)
Stage = Literal["sent", "accepted", "refused", "done", "failed", "expired", "unanswered", "practice"]


class Reply(BaseModel):
    """What is known of a command. `code`, `told`: the reason, as the catalogue's `reply.…` says it. In `practice`
    no room was told."""

    id: str
    stage: Stage
    code: str = ""
    told: list[Any] = []


class Replies(BaseModel):
    """By room: the numbers of the commands, the code of why none was sent, and what each room replied."""

    sent: dict[str, str]
    unsent: dict[str, str]
    replies: dict[str, Reply]


STILL: dict[int | str, dict[str, Any]] = {
    202: {"description": "Sent, and the last word is still to come: GET /api/orders/{id} tells it."}
}
"""For `responses` of every route that waits."""


class Wait:
    """For the replies to some commands; `open`: those whose last word is still to come."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.replies = {id_: Reply(id=id_, stage=_begin(id_)) for id_ in ids}
        self.open = {id_ for id_, reply in self.replies.items() if reply.stage == "sent"}
        self.over = asyncio.Event()

    def hear(self, row: RowMapping) -> None:
        if row["id"] not in self.open:
            return
        self.replies[row["id"]] = Reply(id=row["id"], stage=row["stage"], code=row["code"], told=row["told"])
        if ended(row["verb"], row["args"], row["stage"]):
            self.open.discard(row["id"])
        if not self.open:
            self.over.set()


def _begin(id_: str) -> Stage:
    return "practice" if id_.startswith(PRACTICE) else "sent"


class Waiting:
    """Every request of this process that waits. `look` hears what is new, `close` ends them all."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._all: set[Wait] = set()
        self._closed = False

    async def look(self, connection: AsyncConnection) -> None:
        ids = sorted({id_ for one in self._all for id_ in one.open})
        columns = (ORDERS.c.id, ORDERS.c.verb, ORDERS.c.args, ORDERS.c.stage, ORDERS.c.code, ORDERS.c.told)
        for start in range(0, len(ids), TOGETHER):
            ask = select(*columns).where(ORDERS.c.id.in_(ids[start : start + TOGETHER]))
            for row in (await connection.execute(ask)).mappings():
                for one in self._all:
                    one.hear(row)

    async def wait(self, wait: Wait, most_s: float, request: Request) -> None:
        """Until nothing is open or `most_s` is over. While the database is away nothing new is known: the commands
        are on their way all the same."""
        if not wait.open or most_s <= 0 or self._closed:
            return
        self._all.add(wait)
        leaving = asyncio.create_task(_left(request, wait))
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(most_s):
                    await self._first()
                    await wait.over.wait()
        finally:
            leaving.cancel()
            self._all.discard(wait)

    async def _first(self) -> None:
        """The room may have replied before anybody waited."""
        with contextlib.suppress(SQLAlchemyError, OSError):
            async with self._engine.connect() as connection:
                await self.look(connection)

    def close(self) -> None:
        """The process ends: nobody is waited for."""
        self._closed = True
        for one in self._all:
            one.over.set()


async def _left(request: Request, wait: Wait) -> None:
    """Until the client goes: then nobody reads the answer."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    wait.over.set()


def wanted(prefer: Iterable[str]) -> int | None:
    """Seconds of the first `wait` in these Prefer headers, at most MOST_S; None = none that can be read: what is
    not understood is ignored (RFC 7240, 2)."""
    for one in parse_http_list(",".join(prefer)):
        name, _, value = one.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            digits = value.strip().strip('"')
            if not (digits.isascii() and digits.isdigit()):
                return None
            return min(int(digits), MOST_S) if len(digits) < 10 else MOST_S
    return None


class Answer:
    """Of one request: waits as its client prefers, and says in the response whether anything is still open."""

    def __init__(self, request: Request, response: Response, wait_s: int | None) -> None:
        self._request, self._response, self._wait_s = request, response, wait_s
        self._waiting: Waiting = request.app.state.waiting
        if wait_s is not None:
            response.headers["Preference-Applied"] = f"wait={wait_s}"

    async def one(self, id_: str) -> Reply:
        """The reply to one command."""
        wait = await self._wait([id_])
        if wait.open:
            self._response.headers["Location"] = f"/api/orders/{id_}"
        return wait.replies[id_]

    async def each(self, told: Told) -> Replies:
        """The replies of many rooms to one command each."""
        wait = await self._wait(told.sent.values())
        replies = {room: wait.replies[id_] for room, id_ in told.sent.items()}
        return Replies(sent=told.sent, unsent=told.unsent, replies=replies)

    async def look(self, id_: str) -> bool:
        """For who asks about a command that was sent before: whether it was waited for, as the client prefers."""
        await self._waiting.wait(Wait([id_]), self._wait_s or 0, self._request)
        return bool(self._wait_s)

    async def _wait(self, ids: Iterable[str]) -> Wait:
        """202 while something is open."""
        wait = Wait(ids)
        await self._waiting.wait(wait, DEFAULT_S if self._wait_s is None else self._wait_s, self._request)
        if wait.open:
            self._response.status_code = 202
        return wait


async def _answer(
    request: Request, response: Response, prefer: Annotated[list[str] | None, Header(description=PREFER)] = None
) -> Answer:
    return Answer(request, response, wanted(prefer or ()))


Answers = Annotated[Answer, Depends(_answer)]
