"""Laws of the rehearsal the day before (R6): where it keeps out, that it ends, that nobody is left without a word.

As in laws.py: looked at after every step, in the world's truth where there is one; a yielded line is a violation.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.instant import Instant, Trust
from controller.core.meeting import Meeting
from controller.core.room import Class
from controller.core.state import Outcome, State
from controller.core.tables import tables
from controller.simulation.truth import Truth, world_ms

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAWN_MS, NIGHT_MS = 330 * MINUTE_MS, 22 * HOUR_MS
"""Never between 22:00 and 05:30 (people 4)."""
QUIET_MS = 30 * MINUTE_MS
SETTLED_MS = 2 * MINUTE_MS
_LOUD = (Class.DISPLAY, Class.AMPLIFIER)
_NO_ALARM = ("R6.told_late", "R6.mode")


class KeepsOut:
    """Not at night, not in a call of others, nobody pressed anything but KIỂM TRA for half an hour, nothing lit or
    loud."""

    def __init__(self) -> None:
        self._pressed_ms = -QUIET_MS

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms = world_ms(now, truth)
        for record in outcome.records:
            if record.kind == "press" and dict(record.body)["role"] != "check":
                self._pressed_ms = at_ms
        for order in outcome.orders:
            if outcome.state.desired[order.target].because.code == "R6.rehearsal":
                why = self._why_not(order.target, outcome, now, truth, at_ms)
                yield from (f"{order.target} {order.value} in a rehearsal {w}" for w in why)

    def _why_not(self, name: str, outcome: Outcome, now: Instant, truth: Truth, at_ms: int) -> Iterator[str]:
        if not DAWN_MS <= (now.wall_ms + truth.room.utc_offset_ms) % (24 * HOUR_MS) < NIGHT_MS:
            yield "at night"
        if truth.in_call() and set(truth.numbers()) != {truth.room.rehearsal.test_address}:
            yield "in a call"
        if at_ms - self._pressed_ms < QUIET_MS:
            yield "with somebody there"
        load, attended = tables(truth.room).loads.get(name), outcome.state.marks.get("attended")
        if load is not None and load.cls in _LOUD and not (attended is not None and attended.value):
            yield "that nobody attends"


class DarkAgain:
    """A rehearsal is over within the hour, unless its codec updates itself or a fault was about."""

    def __init__(self) -> None:
        self._since_ms: int | None = None

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms, mark = world_ms(now, truth), outcome.state.marks.get("rehearsal")
        if mark is None or not mark.value:
            self._since_ms = None
            return
        self._since_ms = at_ms if self._since_ms is None else self._since_ms
        waits = any(t.waiting is not None and t.waiting.rule == "R13" for t in outcome.state.tracks.values())
        if at_ms - max(self._since_ms, truth.healthy_since_ms()) > HOUR_MS and not waits:
            yield f"a rehearsal since {at_ms - self._since_ms} ms"
            self._since_ms = at_ms


class MutedTrialCall:
    """Nobody listens in on an empty office: the rehearsal's call is muted, and does not outlive it by a minute."""

    LONGEST_MS = 3 * MINUTE_MS

    def __init__(self) -> None:
        self._since_ms: int | None = None

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        address, at_ms = truth.room.rehearsal.test_address, world_ms(now, truth)
        if not address or address not in truth.numbers():
            self._since_ms = None
            return
        self._since_ms = at_ms if self._since_ms is None else self._since_ms
        if truth.mic_open():
            yield "the test call of a rehearsal hears the room"
        if at_ms - max(self._since_ms, truth.healthy_since_ms()) > self.LONGEST_MS:
            yield f"a test call since {at_ms - self._since_ms} ms"
            self._since_ms = at_ms


class ResultOrWord:
    """By T-24 h there is a result, or the reason why there is none; what is not passed is told until the start."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        state = outcome.state
        settled_ms = max(state.started_ms, state.stepped_ms + truth.room.clock_settle_ms) + SETTLED_MS
        if now.trust < Trust.RTC or now.mono_ms < settled_ms:
            return
        for meeting in state.meetings:
            late = meeting.rehearse and meeting.due_ms + SETTLED_MS <= now.wall_ms < meeting.start_ms
            if late and meeting.uid not in self._said:
                found = tuple(_untold(state, meeting))
                self._said |= {meeting.uid} if found else set()
                yield from found


def _untold(state: State, meeting: Meeting) -> Iterator[str]:
    kept = state.marks.get(f"!check.{meeting.uid}")
    if kept is None or not isinstance(kept.value, tuple):
        yield f"no word of the day before of {meeting.uid}"
        return
    verdict, rows = kept.value[0], kept.value[2]
    quiet = isinstance(rows, tuple) and bool(rows) and rows[0] in _NO_ALARM
    alert = {"failed": "check_failed", "not_made": "" if quiet else "check_missing"}.get(str(verdict), "")
    if alert and (alert, meeting.uid) not in state.alerts:
        yield f"{meeting.uid} {verdict} and nobody is told"
