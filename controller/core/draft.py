"""The state while one call of `decide` works on it: the same fields as State, open to change, never shared."""

from __future__ import annotations

from controller.core.instant import Instant
from controller.core.memory import Hold, Kept, Refusal, Told
from controller.core.records import Priority, Record, Reply
from controller.core.room import Mode, Room
from controller.core.state import Fact, Press, State
from controller.core.view import View
from hardware.contract import NEVER_MS, Result, Value

REPLIES_KEPT = 256
"""How many answered commands are remembered, so that a repeat acts once (mqtt.md)."""


class Draft:
    """Open fields of the next State, plus what this call has gathered. Mappings are copies of our own."""

    def __init__(self, state: State, now: Instant, room: Room) -> None:
        self.old = state
        self.now = now
        self.room = room
        self.boot = state.boot
        self.started_ms = state.started_ms
        self.facts: dict[str, Fact] = dict(state.facts)
        self.news: set[str] = set()
        """Facts that are more than a fresh age, by `learn`."""
        self.presses: dict[str, Press] = dict(state.presses)
        self.marks: dict[str, Kept] = dict(state.marks)
        self.holds: dict[str, Hold] = dict(state.holds)
        self.modes: dict[str, Mode] = dict(state.modes)
        self.meetings = state.meetings
        self.edge_ms = state.edge_ms
        self.version = state.version
        self.booked = state.booked
        self.over = state.over
        self.replies = state.replies
        self.stepped_ms = state.stepped_ms
        self.seq = state.seq
        self.unsettled = state.unsettled
        self.refusals: dict[tuple[str, ...], Refusal] = dict(state.refusals)
        self.answered = state.answered
        self.results: dict[str, Result] = {}
        self.off_ms: dict[str, int] = {}
        self.told: dict[str, Told] = {}
        self.given_up: dict[str, int] = {}
        self.said: list[Record] = []
        self.answers: list[Reply] = []
        self.wake_ms = self.aged_ms = NEVER_MS
        """When something else than the age of a fact is due, and when a fact will be too old to be believed."""

    def learn(self, name: str, fact: Fact) -> None:
        """What is known of `name` from now on."""
        before = self.facts.get(name)
        if before is None or fact[:2] != before[:2] or fact.since_ms != before.since_ms:
            self.news.add(name)
        self.facts[name] = fact

    def past(self, at_ms: int) -> bool:
        """Like View.past: true when the time has come, else it notes the deadline."""
        if self.now.mono_ms >= at_ms:
            return True
        self.wake_ms = min(self.wake_ms, at_ms)
        return False

    def say(self, kind: str, subject: str, priority: Priority = Priority.STATE, **body: Value) -> None:
        """Write a record of this call."""
        self.said.append(Record(kind, subject, tuple(body.items()), priority))

    def answer(self, reply: Reply) -> None:
        """Answer a command, and remember the answer for a repeat."""
        self.answers.append(reply)
        self.replies = (*self.replies, reply)[-REPLIES_KEPT:]

    def keep(self, name: str, value: Value) -> bool:
        """Set a mark; true when it changed. A rise is a change to something true."""
        before = self.marks.get(name)
        if before is not None and before.value == value:
            return False
        if before is None and value in (None, False, ""):
            return False
        rises = before.rises_ms if before is not None else ()
        if value not in (None, False, "", 0):
            rises = (*rises, self.now.mono_ms)[-8:]
        self.marks[name] = Kept(value, self.now.mono_ms, rises)
        return True

    def view(self) -> View:
        """Rules' eyes on the facts of this call and the decisions of the last."""
        old = self.old
        state = State(
            self.boot,
            self.started_ms,
            self.facts,
            self.presses,
            self.marks,
            old.desired,
            old.would,
            old.refused,
            old.tracks,
            old.alerts,
            self.meetings,
            self.edge_ms,
            self.version,
            self.booked,
            self.over,
            self.holds,
            self.modes,
            self.replies,
            self.stepped_ms,
            old.inrush_ms,
            old.seq,
            old.wake_ms,
            self.unsettled,
        )
        return View(state, self.now, self.room)
