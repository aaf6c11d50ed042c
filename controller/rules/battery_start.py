"""N11, N12 — a booked meeting and no mains: power up from the battery, or wait, and say which and why.

Waiting for the mains would lose a meeting that the battery could have begun; beginning it and falling silent in
its first minutes would be worse than saying before that a generator is needed. So codec, camera and line (and
nothing else: hall lights, displays and the amplifier are the mains' business) come on if the UPS says that it lasts
through the warm-up, the way to the start, `start_carry_min` of the meeting and the reserve below which R5 closes
everything. The UPS reckons its runtime with what it feeds now; `start_load_factor` says how much shorter it is with
the codec on. A battery that carries that much, but not from T-60 on, is used as late as it lasts. A runtime that is
not known is not used.
Must not: end anything (R5 does), or act without a meeting (a press may: mains.settle).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Class, Load, Rank
from controller.core.tables import target
from controller.core.view import View
from controller.core.words import Alert, Mark, Refuse, Yield
from controller.rules.common import current

_ESSENTIAL = (Class.CODEC, Class.CAMERA, Class.NETWORK)
"""What a call keeps on battery: it can be held on codec, camera and line alone."""
MARK = "battery_start"


def battery_start(v: View) -> Iterator[Yield]:
    """N12: decide once for each meeting; the decision stands until the mains is back or the battery is spent."""
    booked = _waiting(v)
    if booked is None:
        yield Mark(MARK, "")
        return
    uid = booked.meeting.uid
    why = "" if v.mark(MARK) == uid else _why_not(v, booked)
    if why:
        yield Mark(MARK, "")
        yield Alert("not_ready", uid, Because("N12", why, (uid,)))
        yield Alert("battery_short", uid, Because("N12", why, (uid,)))  # NGUỒN asks for the generator
        return
    because = Because("N12", "N12.from_battery", (uid,))
    yield Mark(MARK, uid)
    yield Alert("from_battery", "room", because)
    for load in v.tables.meeting:
        if not essential(load):
            yield Refuse(target(load), "on", Rank.SCHEDULE, because)


def essential(load: Load) -> bool:
    """What a call cannot do without."""
    return load.cls in _ESSENTIAL


def from_battery(v: View, load: Load) -> bool:
    """This load comes on although the mains is lost."""
    return bool(v.mark(MARK)) and essential(load) and load.on_ups


def _waiting(v: View) -> Booked | None:
    """The meeting whose T-60 is at risk because the mains is lost: its codec is dark, or was started from here."""
    codec = v.tables.codec_load
    if v.mark("mains") != "lost" or v.mark("stopping") or not codec:
        return None
    if v.seen(codec) == "on" and not v.mark(MARK):
        return None
    return next((b for b in current(v) if v.past(b.ready_ms - v.tables.lead_ms)), None)


def _why_not(v: View, booked: Booked) -> str:
    """'' when the battery carries the meeting from now on; else the reason for waiting."""
    mains = v.room.mains
    if not v.tables.loads[v.tables.codec_load].on_ups:
        return "N12.not_on_ups"
    runtime, charge = v.number("ups.runtime_s"), v.number("ups.charge_pct")
    if runtime is None:
        return "N12.unknown"
    lasts_ms = round(1000 * runtime / mains.start_load_factor)
    far_ms = mains.start_carry_ms + 1000 * mains.stop_runtime_s
    if lasts_ms < v.tables.lead_ms + far_ms or (charge is not None and charge < mains.return_charge_pct):
        return "N12.will_not_carry"
    return "" if v.past(booked.start_ms + far_ms - lasts_ms) else "N12.waits"
