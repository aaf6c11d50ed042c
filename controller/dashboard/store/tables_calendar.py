"""The calendar besides the meetings: who changed it, who is at the devices, what rooms were sent, and calendars of
others."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from controller.dashboard.store.base import META, ms, number

MEETING_LINES = Table(
    "meeting_lines",
    META,
    number(),
    Column("series", String(120), nullable=False, index=True),
    Column("request", Integer, nullable=False, default=0),
    ms("at_ms"),
    Column("by", String(80), nullable=False),
    Column("code", String(40), nullable=False),
    Column("args", JSON, nullable=False, default=list),
    Index("meeting_lines_by_request", "request"),
)
"""Who did what to a meeting or a request (people.md 5.7). Added to, never edited."""

CREW = Table(
    "crew",
    META,
    Column("series", String(120), primary_key=True),
    Column("room", String(40), primary_key=True),
    Column("technician", String(120), nullable=False, default=""),
    Column("substitute", String(120), nullable=False, default=""),
)
"""Who is at a room's devices in this series, where it is not the room's own technician. Names: never in the texts
that rooms get."""

CALENDARS_SENT = Table(
    "calendars_sent",
    META,
    Column("room", String(40), primary_key=True),
    Column("version", String(40), nullable=False),
    ms("at_ms"),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    META,
    number(),
    Column("name", String(120), nullable=False),
    Column("url", String(500), nullable=False, unique=True),
    Column("rooms", JSON, nullable=False),
    Column("everyone", Boolean, nullable=False, default=False),
    Column("chair", String(40), nullable=False, default=""),
    Column("etag", String(200), nullable=False, default=""),
    Column("by", String(80), nullable=False),
    ms("tried_ms", nullable=True),
    ms("read_ms", nullable=True),
    Column("fault", String(60), nullable=False, default=""),
    Column("told", JSON, nullable=False, default=list),
)
"""Calendars of others, read again and again. `fault` with `told`: the sentence of the last failure, '' = none."""

FEEDS = Table(
    "feeds",
    META,
    Column("hash", String(64), primary_key=True),
    Column("room", String(40), nullable=False, default=""),
    Column("unit", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Column("by", String(80), nullable=False),
    ms("made_ms"),
)
"""Addresses to subscribe to, by SHA-256 of their secret; of a room, of a unit's rooms, or of all."""
