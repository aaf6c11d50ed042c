"""R13 — check before switching off (004 Đ9.2: after the meeting check the whole system, then cut the power).

The codec's power is cut only when it is asleep and not updating its software (a codec updates itself when
idle, that is, right after the meeting), or when it has been silent for 30 min, which is reported. The order
itself is the table of edges (R3). A closing record says what was proven when the last load was off.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Mark, Wait, Yield

UPDATE_MS = 4 * 3_600_000
"""A codec that says that it updates itself is not silent: cut in between it may never start again. No update takes
half a night; one that seems to is reported and cut like a silent codec."""
POWER_WAIT_MS = 120_000
"""Closing on a dying battery waits only two minutes for a codec to fall asleep (R5)."""


UPDATED = "codec.updated"
"""Mark: an update was seen, or the restart that may belong to one."""
REMEMBERED_MS = 600_000
"""A driver calls a codec that restarted updating for ten minutes (no banner or reboot in the last ten: field.md).
One that has just started itself has seen none, so what the life before it saw counts for as long."""


def seen_updating(v: View) -> Iterator[Yield]:
    """R13: an update outlives a restart of ours, which may be our own update."""
    told = v.get("codec.updating")
    if told is True:
        yield Mark(UPDATED, True)
    elif told is False and v.up_for(REMEMBERED_MS):
        yield Mark(UPDATED, "")


def closing(v: View) -> Iterator[Yield]:
    """R13: keep the codec's power until it may be cut; a computer's has a rule of its own (computer.py)."""
    if v.room.pc is not None:
        return
    name = v.tables.codec_load
    wish = v.desired(name)
    why = _why_not(v)
    if wish is None or wish.value != "off":
        if why is not None and why.code == "R13.updating":
            yield Wait(name, "off", why)  # a wish that comes in this very call is held until it was looked at
        return
    if wish.rank >= Rank.PERSON:
        return
    if why is None or (wish.rank is Rank.HEAL and why.code != "R13.updating"):
        return  # what is switched off because it is proven dead cannot fall asleep first
    patience_ms = POWER_WAIT_MS if wish.rank >= Rank.POWER else _patience_ms(v, why)
    if v.past(wish.value_since_ms + patience_ms):
        yield Alert("silent_codec", name, Because("R13", "R13.silent"))
        return
    yield Wait(name, "off", why)


def _patience_ms(v: View, why: Because) -> int:
    return UPDATE_MS if why.code == "R13.updating" else v.room.close.silent_ms


def _why_not(v: View) -> Because | None:
    if v.seen(v.tables.codec_load) == "off":
        return None
    if v.get("codec.updating") is True or (v.mark(UPDATED) and not v.up_for(REMEMBERED_MS)):
        return Because("R13", "R13.updating")
    power, updating = v.get("codec.power"), v.get("codec.updating")
    if power == "asleep" and updating is False:
        return None
    if v.get("codec.answers") is True or power is UNKNOWN or updating is UNKNOWN:
        return Because("R13", "R13.asleep")
    return Because("R13", "R13.silent")


def record(v: View) -> Iterator[Yield]:
    """R13's evidence: set when a closing has begun and when the last load is proven off."""
    names = v.tables.targets
    wanted_off = [n for n in names if v.was(n) == "off"]
    if not wanted_off or len(wanted_off) < len(names):
        yield Mark("!closed", "")
        return
    tracks = [v.track(n) for n in names]
    if all(t is not None and t.proof in (Proof.PROVEN, Proof.FAILED) for t in tracks):
        welded = tuple(n for n, t in zip(names, tracks, strict=True) if t is not None and t.proof is Proof.FAILED)
        yield Mark("!closed", ("not_all", *welded) if welded else "all_off")
