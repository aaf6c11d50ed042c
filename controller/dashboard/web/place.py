"""What every request needs at hand: database, settings, clock and the way to the rooms."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from controller.dashboard.settings import Centre

Clock = Callable[[], int]
"""Unix milliseconds."""


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Way(Protocol):
    """How words reach rooms and the rest of the network. Raises OSError when the broker is away."""

    async def send(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry_s: int = 0,
        properties: Mapping[str, str] | None = None,
    ) -> None: ...


@dataclass(slots=True)
class Place:
    """Kept in `app.state.place`."""

    settings: Centre
    engine: AsyncEngine
    clock: Clock
    way: Way


def place(request: Request) -> Place:
    """FastAPI dependency."""
    found: Place = request.app.state.place
    return found
