"""The same wish to many rooms: some at a time, and for each room the numbers of its commands or why it has none.

A thousand rooms one after another would take a minute; all of them at once would take every connection to the
database from the pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import HTTPException

AT_ONCE = 8
"""Of the fifteen connections that a process has to its database."""
T = TypeVar("T")


@dataclass(slots=True)
class Told:
    """By room: what was sent, and the code of why nothing was."""

    sent: dict[str, Any] = field(default_factory=dict)
    unsent: dict[str, str] = field(default_factory=dict)


async def each(rooms: Iterable[str], act: Callable[[str], Coroutine[Any, Any, T]]) -> Told:
    """`act(room)` for every room; a refusal (HTTPException) of one is no reason to leave out another. The answer is
    in the order of `rooms`. Anything else that is raised ends it after the rooms that are on their way."""
    names = list(dict.fromkeys(rooms))
    free = asyncio.Semaphore(AT_ONCE)

    async def one(room: str) -> T | HTTPException:
        async with free:
            try:
                return await act(room)
            except HTTPException as error:
                return error

    told = Told()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(room)) for room in names]
    for room, task in zip(names, tasks, strict=True):
        found = task.result()
        if isinstance(found, HTTPException):
            told.unsent[room] = code(found)
        else:
            told.sent[room] = found
    return told


def code(error: HTTPException) -> str:
    """Our own refusals carry one."""
    said: object = error.detail
    return str(said["code"]) if isinstance(said, dict) else "rights.failed"
