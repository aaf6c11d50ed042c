"""Commands to rooms, by the contract on the wire: addressed to the room's boot, good for half a minute of the
room's own monotonic time, remembered before they are sent. The recorder hears the answers and notes them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException
from sqlalchemy import insert, select, update

from controller.dashboard.rights import Action, Actor
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.gate import need
from controller.dashboard.web.place import Place

GOOD_S = 30
LEAD_MS, AFTER_MS = 60 * 60_000, 30 * 60_000
"""T-60 and the grace after a meeting's end: what is in it is the meeting's."""
PRACTICE = "practice-"
"""How the number of a command begins that was sent nowhere (R31)."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ACTION: Mapping[str, Action] = {
    "power": Action.POWER,
    "load": Action.POWER,
    "heal": Action.POWER,
    "restart": Action.POWER,
    "floor": Action.FLOOR,
    "mute": Action.MIC,
    "call": Action.CALL,
    "seat": Action.CAMERA,
    "volume": Action.DESK,
    "message": Action.DESK,
    "check": Action.POWER,
    "rehearse": Action.POWER,
    "maintenance": Action.MAINTAIN,
    "incident": Action.INCIDENT,
    "acknowledge": Action.INCIDENT,
    "duty": Action.ROLLCALL,
    "rollcall": Action.ROLLCALL,
    "meeting": Action.CALENDAR,
    "rule": Action.SETTINGS,
    "storm": Action.POWER,
    "lightning": Action.POWER,
    "rebirth": Action.SEE,
    "report": Action.SEE,
}
"""What right each command needs."""


def ulid(now_ms: int) -> str:
    """48 bits of time and 80 of chance, in Crockford's base 32 (ULID specification)."""
    number = (now_ms << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


async def order(
    at: Place,
    who: Actor,
    room: str,
    verb: str,
    args: Mapping[str, object],
    *,
    meeting: str = "",
    reason: str = "",
    force: bool = False,
    action: Action | None = None,
) -> str:
    """Send a command after asking for the right; returns its id. `force` needs Action.FORCE and a reason. Raises
    403 (rights), 404 `order.unknown`, 409 `order.silent` (the room never said who it is), 503 `order.no_broker`."""
    if verb not in ACTION:
        raise HTTPException(404, {"code": "order.unknown", "args": [verb]})
    await need(at, who, action or ACTION[verb], room=room, meeting=meeting)
    kept = "order.secret" if verb == "message" else "order.secret_ask" if args.get("value") == "request" else ""
    if kept and await _secret(at, room):
        raise HTTPException(409, {"code": kept})
    if force:
        await need(at, who, Action.FORCE, room=room, meeting=meeting)
        if not reason.strip():
            raise HTTPException(422, {"code": "order.reason"})
    return await dispatch(at, who, room, verb, args, meeting=meeting, reason=reason, force=force)


async def dispatch(
    at: Place,
    who: Actor,
    room: str,
    verb: str,
    args: Mapping[str, object],
    *,
    meeting: str = "",
    reason: str = "",
    force: bool = False,
) -> str:
    """As `order`, for who has asked for the right already: once for many rooms of a meeting. Raises 409, 503."""
    now_ms = at.clock()
    if meeting and await _practice(at, meeting):
        return PRACTICE + ulid(now_ms)
    boot, mono_s = await _here(at, room, now_ms)
    id_, by = ulid(now_ms), _by(who)
    body: dict[str, object] = {"v": 1, "id": id_, "by": by, "boot": boot, "until_mono_s": mono_s + GOOD_S}
    body |= {"args": dict(args)} | ({"force": {"name": who.name, "reason": reason}} if force else {})
    row = {
        "id": id_,
        "room": room,
        "verb": verb,
        "args": dict(args),
        "by": by,
        "meeting": meeting,
        "reason": reason,
    }
    async with at.engine.begin() as connection:
        noted = {"sent_ms": now_ms, "stage": "sent", "told": [], "changed_ms": now_ms}
        await connection.execute(insert(ORDERS).values(**row, **noted))
    await _send(at, f"diemcau/1/{room}/do/{verb}", id_, body)
    return id_


async def _send(at: Place, topic: str, id_: str, body: Mapping[str, object]) -> None:
    """To the broker; what it does not take is noted as failed, for nobody will answer it."""
    try:
        await at.way.send(topic, json.dumps(body, ensure_ascii=False).encode(), expiry_s=GOOD_S)
    except OSError as error:
        async with at.engine.begin() as connection:
            failed = {"stage": "failed", "code": "order.no_broker", "changed_ms": at.clock()}
            await connection.execute(update(ORDERS).where(ORDERS.c.id == id_).values(**failed))
        raise HTTPException(503, {"code": "order.no_broker"}) from error


def _by(who: Actor) -> str:
    return f"{who.name} ({who.unit})"[:80] if who.unit else who.name[:80]


async def _secret(at: Place, room: str) -> bool:
    """A text or a request would be kept here and read nowhere (people.md 5.2)."""
    async with at.engine.connect() as connection:
        return (await connection.execute(in_secret(room, at.clock()))).first() is not None


def in_secret(room: Any, at_ms: Any) -> Any:
    """SELECT the secret meetings that the room is in at that moment, trial connection and grace included."""
    ask = select(INSTANCES.c.uid).join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
    ask = ask.where(INSTANCE_ROOMS.c.room == room, INSTANCES.c.secret, ~INSTANCES.c.cancelled)
    ask = ask.where(~INSTANCES.c.practice, INSTANCES.c.start_ms - LEAD_MS <= at_ms)
    return ask.where(INSTANCES.c.end_ms + AFTER_MS > at_ms)


async def _practice(at: Place, meeting: str) -> bool:
    """R31: what is done in a practice reaches no room and no record."""
    async with at.engine.connect() as connection:
        ask = select(INSTANCES.c.practice).where(INSTANCES.c.uid == meeting)
        return (await connection.execute(ask)).scalar() is True


async def _here(at: Place, room: str, now_ms: int) -> tuple[str, float]:
    """The room's boot and its monotonic seconds at this moment, from its last state."""
    async with at.engine.connect() as connection:
        ask = select(LAST.c.body, LAST.c.received_ms).where(LAST.c.room == room, LAST.c.part == "state")
        row = (await connection.execute(ask)).first()
    if row is None or not row.body.get("boot"):
        raise HTTPException(409, {"code": "order.silent", "args": [room]})
    return str(row.body["boot"]), float(row.body["mono_s"]) + (now_ms - row.received_ms) / 1000
