"""The centre as processes: `run` is both halves in one, `recorder` and `web` are one half each, as many as wanted.

Ends within three seconds of SIGTERM: open pages reconnect to another process, rooms send again what was not
acknowledged. Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from controller.dashboard.broker import Line
from controller.dashboard.recorder.recorder import SNAPSHOT, Recorder, filters
from controller.dashboard.recorder.thinker import Thinker, jobs
from controller.dashboard.settings import Centre
from controller.dashboard.store.open import create, engine, group
from controller.dashboard.think_calendar import forget_sent
from controller.dashboard.web.app import create_app, say_goodbye
from controller.dashboard.web.place import Clock, Place, wall_ms
from controller.dashboard.words import log
from controller.runtime.notify import Notifier
from controller.texts import ReadableError

DATABASE_S = 2.0
END_TRIES, END_S = 8, 0.25
GOODBYE_S = 2
BACKLOG = 2048
"""As uvicorn has it: a province's pages come back at once when a proxy was restarted."""


class Away(ReadableError):
    """Something that this process needs is not there now: the database, the broker, the page's port."""


async def serve(
    settings: Centre, halves: frozenset[str], clock: Clock = wall_ms, ready: Callable[[int], None] = print
) -> None:
    """Live until SIGTERM or Ctrl-C. `halves` ⊆ {"recorder", "web"}; `ready` hears the page's port, or 0."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as ends:
        told = asyncio.ensure_future(stop.wait())
        begun = asyncio.ensure_future(_begin(settings, halves, clock, ends))
        await asyncio.wait([told, begun], return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():  # a database that is away is waited for: no reason to be deaf meanwhile
            await end([begun])
            return
        tasks, port = begun.result()
        notifier = Notifier(os.environ, os.getpid())
        notifier.ready(f"port {port}" if port else "recorder")
        ready(port)
        running = [asyncio.ensure_future(task) for task in (*tasks, _watchdog(notifier))]
        await asyncio.wait([told, *running], return_when=asyncio.FIRST_COMPLETED)
        notifier.stopping()
        await end(running)
    for task in running:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _begin(
    settings: Centre, halves: frozenset[str], clock: Clock, ends: contextlib.AsyncExitStack
) -> tuple[list[Awaitable[object]], int]:
    """What will run, and the page's port."""
    tasks: list[Awaitable[object]] = []
    port = 0
    if "recorder" in halves:
        tasks += await _recorder(settings, clock, ends)
    if "web" in halves:
        server, port = await _web(settings, clock, ends)
        tasks.append(server)
    return tasks, port


def _listen(host: str, port: int, ends: contextlib.AsyncExitStack) -> socket.socket:
    """The page's port. Raises Away, which names [web]: uvicorn itself would end the process with a trace."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        taken = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        code = {errno.EADDRINUSE: "centre.port_taken", errno.EACCES: "centre.port_denied"}
        raise Away(code.get(error.errno or 0, "centre.port"), host, port, error.strerror or error) from error
    ends.callback(taken.close)
    return taken


async def end(running: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel until all have ended, two seconds at most. Once is not enough: a task whose broker goes in the same
    moment (a machine that shuts down) handles that and loses the cancellation."""
    for _ in range(END_TRIES):
        for task in running:
            task.cancel()
        _, left = await asyncio.wait(running, timeout=END_S)
        if not left:
            return


async def _recorder(settings: Centre, clock: Clock, ends: contextlib.AsyncExitStack) -> list[Awaitable[object]]:
    made = engine(settings.database)
    ends.push_async_callback(made.dispose)
    place = Place(settings, made, clock, _Later())
    its = await _database(place)
    recorder = Recorder(place)

    async def connected() -> None:
        with contextlib.suppress(DBAPIError, OSError):  # then the rooms' own reports tell what they lack
            await forget_sent(place)

    heard = filters(its)
    line = Line(
        settings.broker, heard, recorder.take, connected, name="recorder", announces=True, snapshot=SNAPSHOT
    )
    place.way = line
    ends.push_async_callback(line.leave)

    return [line.live(), recorder.live(), Thinker(place, jobs()).live()]


async def _reachable(settings: Centre, clock: Clock) -> None:
    """The page, too, starts when its database answers."""
    made = engine(settings.database)
    try:
        await _database(Place(settings, made, clock, _Later()))
    finally:
        await made.dispose()


async def _database(place: Place) -> str:
    """Wait for the database: after a power cut it may start later than we do. Returns its group."""
    while True:
        try:
            await create(place.engine)
            return await group(place.engine)
        except (DBAPIError, OSError) as error:
            log("centre.database", " ".join(str(error).split())[:200])
            await asyncio.sleep(DATABASE_S)


async def _web(settings: Centre, clock: Clock, ends: contextlib.AsyncExitStack) -> tuple[Awaitable[object], int]:
    await _reachable(settings, clock)
    listening = _listen(settings.web.host, settings.web.port, ends)
    line = Line(settings.broker, (), lambda *_: None, name="web")
    lives = asyncio.ensure_future(line.live())
    ends.callback(lives.cancel)
    app = create_app(settings, line, clock)
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=GOODBYE_S,
        server_header=False,
        backlog=BACKLOG,
        forwarded_allow_ips=list(settings.web.proxies),
    )
    server = uvicorn.Server(config)
    served = asyncio.ensure_future(_served(server, app, listening))
    while not server.started and not served.done():
        await asyncio.sleep(0.02)
    if served.done():
        await served
    return served, int(listening.getsockname()[1])


async def _served(server: uvicorn.Server, app: FastAPI, listening: socket.socket) -> None:
    """Without uvicorn's own handlers of signals: ours end both halves. Open streams and requests that wait for a
    room are ended first, or each would be waited for and then torn down with a trace in the log."""
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    try:
        await server.serve([listening])
    except asyncio.CancelledError:
        server.should_exit = True
        say_goodbye(app)
        await server.shutdown()


async def _watchdog(notifier: Notifier) -> None:
    """systemd hears of us while the loop turns."""
    while True:
        notifier.watchdog()
        await asyncio.sleep((notifier.watchdog_ms or 10_000) / 1000)


class _Later:
    """Before there is a line nothing can be sent."""

    async def send(self, topic: str, payload: bytes, **_: object) -> None:
        raise OSError("no broker yet")
