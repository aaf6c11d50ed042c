"""A life that begins: what the journal gives back. Another boot of the Pi has other times, so meetings are placed
anew and only what is named here is taken over; nothing that was under way is resumed."""

from __future__ import annotations

from dataclasses import replace

from controller.core import refusals
from controller.core.book import ONCE, OVER_MS, SKIPPED, guessed, placed
from controller.core.draft import Draft
from controller.core.events import Started
from controller.core.hold import drop
from controller.core.instant import Trust
from controller.core.meeting import Booked
from controller.core.memory import Hold, Kept, Memory, end_of
from controller.core.observe import GIVEN_UP_MS
from controller.core.records import Priority
from controller.core.room import Mode, Rank
from controller.core.upkeep import outlived
from hardware.contract import Value

_NOTED = ("!ready.", "!t60.", "!check", "!untested.", "!self_test", "!seats.", "!duty.", "!people.", "!unseen.")
_SHEET = ("!rollcall.", "!volume", "peak", "crowded_in")
UPKEEP = (
    "pc.answered",
    "by_hand",
    "!by_hand",
    "hours",
    "saved",
    "done.",
    "due.",
    "spent.",
    "approved.",
    "another.",
    "commissioned",
)
"""Running hours, what was last cleaned and maintained, repairs of the day, devices as approved (R17, N15, R14)."""
KEPT = (*UPKEEP, *_NOTED, *_SHEET, SKIPPED, "rehearsal", "sags", "regulated", "hazard.", "cut.")
"""Marks that another boot takes over: what was noted of each meeting and which were skipped, a rehearsal that it
must end, the UPS's last self-test, figures of the mains that are not written yet, and smoke and water that nobody
has acknowledged."""
_MODES, _RANKS = frozenset(Mode), frozenset(Rank)


def started(draft: Draft, event: Started) -> None:
    """A new life: what was decided by people and calendar comes back, what was observed does not."""
    draft.boot, draft.started_ms = event.boot, draft.now.mono_ms
    # Above every id that an earlier life of this boot can have given: none orders once a millisecond.
    draft.seq = draft.now.mono_ms
    memory = event.memory
    same = memory is not None and memory.boot == event.boot
    life: dict[str, Value] = {"boot": event.boot, "same_boot": same, "known": memory is not None}
    draft.say("started", "controller", Priority.EVIDENCE, **life, end=end_of(memory, event.boot))
    if memory is None:
        return
    draft.meetings, draft.edge_ms, draft.version = memory.meetings, memory.edge_ms, memory.version
    draft.modes = {rule: Mode(mode) for rule, mode in memory.modes.items() if mode in _MODES}
    draft.replies, draft.over, draft.unsettled = memory.replies, memory.over, memory.alerts
    if same:
        draft.marks, draft.holds = dict(memory.marks), dict(memory.holds)
        draft.booked, draft.off_ms = memory.booked, dict(memory.off_ms)
        draft.told, draft.given_up = dict(memory.told), dict(memory.given_up)
    else:
        draft.marks = _noted(draft, memory)
        draft.booked = _rebooked(draft, memory)
        draft.holds = _reheld(draft, memory)
        _retold(draft, memory)
    # A newer version, from which an update went back, may have had ranks of its own.
    draft.holds = {name: hold for name, hold in draft.holds.items() if hold.rank in _RANKS}
    for action in ONCE:  # it may have been done already: a number is not dialled twice, nor another frame stored
        drop(draft, action)
    outlived(draft, memory)
    refusals.outlived(draft, memory.refusals, same)


def _noted(draft: Draft, memory: Memory) -> dict[str, Kept]:
    """What was noted of each meeting stays noted: a reset in the middle of one must not say that it was not ready
    at its T-60. Its times are of another boot and mean nothing; it was said then and is not said again. Figures
    of a bad supply that were not written yet are kept too, for a supply that sags is one that fails. Smoke and
    water stay until a person has acknowledged them (R16)."""
    return {
        name: Kept(kept.value, draft.started_ms - 1)
        for name, kept in memory.marks.items()
        if name.startswith(KEPT) and kept.value
    }


def _rebooked(draft: Draft, memory: Memory) -> tuple[Booked, ...]:
    """Booked meetings of another boot, placed by today's clock; an extension given then is kept. Without any
    clock they wait in the calendar until there is one."""
    if draft.now.trust is Trust.UNKNOWN:
        return ()
    again: list[Booked] = []
    for before in memory.booked:
        entry = placed(draft, before.meeting)
        end_ms = entry.start_ms + before.end_ms - before.start_ms
        if draft.now.mono_ms < end_ms + OVER_MS:
            again.append(replace(entry, end_ms=end_ms, late=before.late))
            guessed(draft, before.meeting.uid)
    return tuple(again)


def _reheld(draft: Draft, memory: Memory) -> dict[str, Hold]:
    """Holds of another boot end rightly by a trusted clock, or now; an early clock makes none longer. Only a storm,
    which itself costs rooms their power and their clock, goes on by any clock, and is set right by a good one."""
    now, holds = draft.now, memory.holds
    if now.trust < Trust.RTC:
        holds = {name: hold for name, hold in holds.items() if name == "storm" and hold.until_wall_ms}
    left = {n: min(h.until_wall_ms - now.wall_ms, h.until_ms - h.since_ms) for n, h in holds.items()}
    ends = {name: now.mono_ms + left_ms for name, left_ms in left.items() if left_ms > 0}
    return {name: replace(holds[name], since_ms=now.mono_ms, until_ms=at_ms) for name, at_ms in ends.items()}


def _retold(draft: Draft, memory: Memory) -> None:
    """Orders of another boot at their age by a trusted clock, else forgotten: a device that makes the Pi itself
    start anew is told no more often for it. By a clock that went back they are of this moment, and count for an
    hour at the most."""
    if draft.now.trust < Trust.RTC:
        return
    for name, told in memory.told.items():
        age_ms = max(draft.now.wall_ms - told.wall_ms, 0)
        if not (told.at_ms and told.wall_ms) or age_ms >= GIVEN_UP_MS:
            continue
        later_ms = draft.now.mono_ms - age_ms - told.at_ms[-1]
        draft.told[name] = replace(told, at_ms=tuple(ms + later_ms for ms in told.at_ms))
        if name in memory.given_up:
            draft.given_up[name] = memory.given_up[name] + later_ms
