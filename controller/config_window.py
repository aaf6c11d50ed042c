"""`[updates]`, `[storm]` → the core's hours (`controller.core.room_window`). Pure."""

from __future__ import annotations

from controller.config_model import Storm, Updates
from controller.core.room_window import HOUR_MS, NEVER
from controller.core.room_window import Storm as Weather
from controller.core.room_window import Updates as Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60


def updates_of(cfg: Updates) -> Hours:
    """The hours; an end before the beginning is that of the next morning."""
    if cfg.weekday == "never":
        return NEVER
    start, end = _minutes(cfg.start), _minutes(cfg.end)
    return Hours(DAYS.index(cfg.weekday), start * MINUTE_MS, (end - start) % DAY_MINUTES * MINUTE_MS)


def storm_of(cfg: Storm) -> Weather:
    """The storm that was known when room.toml was written, and how long one order may last."""
    until = cfg.until
    return Weather(0 if until is None else round(until.timestamp() * 1000), round(cfg.max_h * HOUR_MS))


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
