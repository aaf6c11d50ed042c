"""When the Pi may be updated or started anew: never in use (N9), nor where a restart would come between a room and
what it has to do soon. It only refuses; the updater asks (controller/update/gate.py), and so does the door.

An update is tried for a quarter of an hour, in which it may go back: so it is not begun shortly before the lock. A
named person may force both.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import View
from controller.core.words import Refuse, Yield
from controller.rules.common import hazard, on_mains
from controller.rules.use_lock import lock

UPDATE, RESTART = "pi.update", "pi.restart"
TRIAL_MS = 20 * 60_000
"""The trial, and a way back."""
MAINS_MS = 10 * 60_000
"""So long good without a break: a power cut in a trial costs a return to the old release."""


def updating(v: View) -> Iterator[Yield]:
    """N9, N21."""
    why = lock(v) or _danger(v)
    if why is not None:
        yield Refuse(RESTART, "now", Rank.USE_LOCK, why)
    why = why or _soon(v) or _power(v) or _rehearsal(v)
    if why is not None:
        yield Refuse(UPDATE, "now", Rank.USE_LOCK, why)


def _danger(v: View) -> Because | None:
    return Because("R16", "update.hazard") if hazard(v) else None


def _soon(v: View) -> Because | None:
    meeting = next(iter(v.coming(LOCK_BEFORE_MS + TRIAL_MS)), None)
    return Because("N9", "update.soon", (meeting.uid,)) if meeting is not None else None


def _power(v: View) -> Because | None:
    if not v.room.has_ups or (on_mains(v) is True and v.held("mains", "good", MAINS_MS)):
        return None
    return Because("R5", "update.mains")


def _rehearsal(v: View) -> Because | None:
    return Because("R6", "update.rehearsal") if v.mark("rehearsal") else None
