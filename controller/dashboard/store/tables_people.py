"""Places and people: units, rooms, technicians, users and their passes. Personal data lives here only."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from controller.dashboard.store.base import META, ms, number

UNITS = Table(
    "units",
    META,
    number(),
    Column("parent", Integer, ForeignKey("units.id"), nullable=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("merged_into", Integer, ForeignKey("units.id"), nullable=True),
)
"""The tree of units: kind = tỉnh, sở, xã, phường, trung tâm … as written. Units merge and are renamed; a room's
slug survives."""

ROOMS = Table(
    "rooms",
    META,
    Column("slug", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("unit", Integer, ForeignKey("units.id"), nullable=True),
    Column("address", String(200), nullable=False, default=""),
    Column("dial", String(120), nullable=False, default=""),
    Column("provider", String(60), nullable=False, default=""),
    Column("circuit", String(60), nullable=False, default=""),
    Column("hotline", String(40), nullable=False, default=""),
    Column("ring", Integer, nullable=False, default=0),
    Column("retired", Boolean, nullable=False, default=False),
)

PEOPLE = Table(
    "people",
    META,
    number(),
    Column("name", String(120), nullable=False),
    Column("unit", Integer, ForeignKey("units.id"), nullable=True),
    Column("phone", String(40), nullable=False, default=""),
    Column("email", String(120), nullable=False, default=""),
    Column("trained", JSON, nullable=False, default=list),
    ms("left_ms", nullable=True),
)
"""R23. `trained`: list of {"on": "2026-07-01", "what": text} (R31)."""

ROOM_PEOPLE = Table(
    "room_people",
    META,
    Column("room", String(40), ForeignKey("rooms.slug"), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), primary_key=True),
    Column("part", String(12), primary_key=True),
)
"""part = technician, substitute, leader."""

USERS = Table(
    "users",
    META,
    number(),
    Column("login", String(60), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("unit", String(120), nullable=False, default=""),
    Column("role", String(12), nullable=False),
    Column("password", String(200), nullable=False),
    Column("lang", String(2), nullable=False, default="vi"),
    Column("disabled", Boolean, nullable=False, default=False),
)

USER_COMMUNES = Table(
    "user_communes",
    META,
    Column("user", Integer, ForeignKey("users.id"), primary_key=True),
    Column("unit", Integer, ForeignKey("units.id"), primary_key=True),
)
"""Whose rooms a technician's account is for: those of these units and of all below them."""

PASSES = Table(
    "passes",
    META,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("user", Integer, ForeignKey("users.id"), nullable=True),
    Column("room", String(40), nullable=False, default=""),
    Column("meeting", String(120), nullable=False, default=""),
    Column("name", String(120), nullable=False, default=""),
    ms("until_ms"),
    ms("made_ms"),
)
"""Sessions and links, by SHA-256 of their secret: kind = session (a signed-in user), chair (one meeting's chair),
phone (one room's technician, by QR)."""

DESK_USERS = Table(
    "desk_users",
    META,
    Column("meeting", String(120), primary_key=True),
    Column("user", Integer, ForeignKey("users.id"), primary_key=True),
    Column("part", String(12), nullable=False, default="desk"),
)
"""Who runs which meeting: `meeting` is an instance or a series; part = desk, chair (sits with the chair), backup
(takes over). A meeting without rows is run by every operator."""

STAND_INS = Table(
    "stand_ins",
    META,
    Column("room", String(40), ForeignKey("rooms.slug"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False),
    Column("by", String(80), nullable=False),
)
"""Who replaces the technician on a day (YYYY-MM-DD in the network's zone)."""

OIDC_USERS = Table(
    "oidc_users",
    META,
    Column("issuer", String(255), primary_key=True),
    Column("sub", String(255), primary_key=True),
    Column("user", Integer, ForeignKey("users.id"), nullable=False),
)
"""Whose account it is at the identity provider: by issuer and subject, never by a name or an e-mail address."""

OIDC_STARTS = Table(
    "oidc_starts",
    META,
    Column("hash", String(64), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    ms("until_ms"),
)
"""Who is on the way to the identity provider and back, by SHA-256 of the state: good for one return."""

AUDIT = Table(
    "audit",
    META,
    number(),
    ms("at_ms", index=True),
    Column("by", String(80), nullable=False),
    Column("by_user", Integer, nullable=True),
    Column("what", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("args", JSON, nullable=False, default=list),
)
"""What was changed at the centre itself, added to and never edited: accounts, links, desks, the backup main site.
People stand here by their number, so that whoever left can be deleted and the line stays; so does who changed it
(`by_user`). `by` names who has no account: whoever holds a pass, and the lines of before the number was kept."""

TRIES = Table(
    "tries",
    META,
    number(),
    Column("address", String(64), nullable=False, index=True),
    Column("login", String(64), nullable=False),
    ms("at_ms", index=True),
)
"""Passwords that were tried and not right, for ten minutes; `login`: the digest of what was typed."""

PACK = Table(
    "pack",
    META,
    number(),
    Column("key", String(80), nullable=False, index=True),
    Column("value", JSON, nullable=False),
    Column("decision", String(120), nullable=False),
    Column("by", String(80), nullable=False),
    ms("at_ms"),
    Column("note", Text, nullable=False, default=""),
)
"""The province's rule pack: the last row of a key counts; each change names its decision and stays (N25)."""
