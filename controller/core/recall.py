"""What every rule has read and said: a rule is asked again only when something of what it read has changed or a
deadline that it noted has come. Its answer would be the same otherwise, for it is a pure function of its View.

A help to be quick and nothing else: it is no part of the state, a call without it gives the same outcome (a law
compares the two), and one that belongs to another state, room or mode is forgotten as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from controller.core.draft import Draft
from controller.core.memory import Hold, Kept
from controller.core.observe import SOURCE, TESTING
from controller.core.reads import BOOKED, CLOCK, EVERY, MEETINGS, NAMES, PRESSES, WALL, Reads
from controller.core.rests import Bits, Rests
from controller.core.room import Mode, Room
from controller.core.state import Desired, Fact, State, Track
from controller.core.view import View
from controller.core.words import Yield
from hardware.contract import NEVER_MS, Value

if TYPE_CHECKING:
    from controller.core.ask import Asked

Rule: TypeAlias = Callable[[View], Iterator[Yield]]
SLEW_MS = 500
"""The wall clock may move so far against the monotonic one before deadlines by it are asked for anew; a step is
told by an event of its own."""


class Recall:
    """One for each life of a controller. `of`: the tracks of the state that it belongs to; `same`: in this call the
    rules say, all in all, what they said in the last."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Every rule will be asked."""
        self.of: Mapping[str, Track] | None = None
        self.words: list[tuple[Yield, ...]] = []
        self.wakes: list[int] = []
        self.asked: Asked | None = None
        self.same = False
        self._desired: Mapping[str, Desired] | None = None
        self.left: Bits = 0
        self.hand_ms = 0
        self._hand_due = True
        self._until_ms = 0
        self._kept: Mapping[str, Kept] = {}
        self._volatile: Bits = 0
        self._rests = Rests(0)
        self._seen: _Seen | None = None

    # ---- who must be asked

    def stale(self, draft: Draft, rules: Sequence[tuple[str, Rule]]) -> Bits:
        """The rules to be asked in this call. Until `keep` the recall belongs to no state: a call that ends with an
        error leaves nothing behind."""
        of, self.of = self.of, None
        every = (1 << len(rules)) - 1
        seen = self._seen
        if of is not draft.old.tracks or seen is None or not seen.like(draft, rules):
            self.forget()
            self.words, self.wakes = [()] * len(rules), [NEVER_MS] * len(rules)
            self._seen, self._rests = _Seen(draft, rules), Rests(len(rules) + 1)
            self._rests.heard(len(rules), _of_hand(draft.room))
            return every
        bits = self.left | self._volatile | self._due(draft.now.mono_ms) | self._changed(seen, draft)
        self._hand_due |= bits > every or bool(draft.results or draft.off_ms) or draft.now.mono_ms >= self.hand_ms
        return bits & every

    def hand_rests(self) -> bool:
        """Wishes and proofs are what they were: nothing has changed since the hand last looked at every target and
        found nothing to do."""
        return self.same and not self._hand_due

    def hand_done(self, moved: bool, wake_ms: int) -> None:
        """The hand has looked at everything; `moved`: it has changed something, so it must look again."""
        self._hand_due, self.hand_ms = moved, wake_ms

    def _due(self, now_ms: int) -> Bits:
        bits = 0
        if min(self.wakes) <= now_ms:
            for n, wake_ms in enumerate(self.wakes):
                if wake_ms <= now_ms:
                    bits |= 1 << n
        return bits

    def _changed(self, seen: _Seen, draft: Draft) -> Bits:
        rests, old = self._rests, draft.old
        bits = self.aged(draft.facts)
        for name in draft.news:  # by what this call has absorbed: the fast path moves nothing but the age of a fact
            bits |= rests.facts.get(name, 0)
        if self._kept != draft.marks:
            for name in _differing(self._kept, draft.marks):
                bits |= self.resting_on(name)
        if seen.desired is not old.desired:
            for name in _differing(seen.desired, old.desired):
                bits |= rests.wishes.get(name, 0)
        if seen.tracks is not old.tracks:
            for name in _differing(seen.tracks, old.tracks):
                bits |= rests.tracks.get(name, 0)
                if _shows(seen.tracks.get(name)) != _shows(old.tracks.get(name)):
                    bits |= rests.seen.get(name, 0)
        if seen.holds != draft.holds:
            for name in _differing(seen.holds, draft.holds):
                bits |= rests.holds.get(name, 0) | rests.holds.get(EVERY, 0)
        for kind in seen.moved(draft):
            bits |= rests.other.get(kind, 0)
        seen.take(draft)
        return bits

    def aged(self, facts: Mapping[str, Fact]) -> Bits:
        """Those whose questions after a source's age would be answered otherwise now. The fast path asks too: a
        word that was said before is no news but for its age."""
        bits = 0
        for (name, than_ms, was), who in self._rests.older.items():
            known = facts.get(name)
            if ((known.at_ms if known is not None else 0) < than_ms) is not was:
                bits |= who
        return bits

    def until_ms(self, state: State) -> int:
        """When something else than the age of a fact is due in this state; 0 = it is not the one that was kept."""
        return self._until_ms if self.of is state.tracks else 0

    # ---- what was said

    def heard(self, n: int, words: tuple[Yield, ...], view: View) -> bool:
        """Keep what rule `n` said, until when it holds and what it rests on. True when it said something else than
        the last time. The view is as if nothing had been read through it yet."""
        bit, reads = 1 << n, view.reads
        self.wakes[n] = view.wake_ms
        self._volatile = self._volatile | bit if reads.now else self._volatile & ~bit
        view.reads = self._rests.heard(n, reads)
        before, self.words[n] = self.words[n], words
        return before != words

    def resting_on(self, mark: str) -> Bits:
        """The rules that have read this mark, or set it."""
        marks = self._rests.marks
        return marks.get(mark, 0) | marks.get(EVERY, 0)

    def wishes_rest(self, desired: Mapping[str, Desired]) -> bool:
        """The arbiter has made these of what the rules say, without a clash: it would find the same winners, and
        keep each as it stands."""
        return self.same and self._desired is desired

    def keep(self, after: State, clashes: bool, until_ms: int) -> None:
        """The call is over, and this is its state; `clashes`: equal ranks wanted different things; `until_ms`: when
        something else than the age of a fact is due."""
        self.of, self._kept = after.tracks, after.marks
        self._until_ms = until_ms
        self._desired = None if clashes else after.desired


class _Seen:
    """What the rules last looked at, where it is compared as a whole."""

    __slots__ = ("boot", "desired", "holds", "modes", "offset_ms", "other", "room", "rules", "tracks")

    def __init__(self, draft: Draft, rules: Sequence[tuple[str, Rule]]) -> None:
        self.room: Room = draft.room
        self.rules = rules
        self.boot = (draft.boot, draft.started_ms)
        self.modes: dict[str, Mode] = draft.modes
        self.offset_ms = draft.now.wall_ms - draft.now.mono_ms
        self.take(draft)

    def like(self, draft: Draft, rules: Sequence[tuple[str, Rule]]) -> bool:
        """Same room, rules, life and modes; else nothing of what was said counts."""
        return (
            self.room is draft.room
            and self.rules is rules
            and self.boot == (draft.boot, draft.started_ms)
            and self.modes == draft.modes
        )

    def moved(self, draft: Draft) -> Iterator[str]:
        """Kinds that are read as a whole and are not what they were."""
        offset_ms = draft.now.wall_ms - draft.now.mono_ms
        if abs(offset_ms - self.offset_ms) > SLEW_MS:
            self.offset_ms = offset_ms
            yield WALL
        now = _whole(draft)
        if now != self.other:
            yield from (kind for kind, value in now.items() if value != self.other[kind])

    def take(self, draft: Draft) -> None:
        self.tracks: Mapping[str, Track] = draft.old.tracks
        self.desired: Mapping[str, Desired] = draft.old.desired
        self.holds: Mapping[str, Hold] = draft.holds
        self.other = _whole(draft)


def _of_hand(room: Room) -> Reads:
    """The hand (act.py) is one more who rests on facts: evidence, who answers, mains, and the HAND key."""
    reads = Reads()
    evidence = {e.fact for t in room.targets.values() for e in (*t.done, *t.proven)}
    answers = {f"{name.rpartition('.')[0]}.answers" for name in evidence}
    reads.facts.update(evidence, answers, (SOURCE, TESTING))
    reads.other.add(PRESSES)
    return reads


def _whole(draft: Draft) -> dict[str, Any]:
    return {
        CLOCK: (draft.now.trust, draft.stepped_ms),
        NAMES: len(draft.facts),
        PRESSES: draft.presses,
        BOOKED: draft.booked,
        MEETINGS: draft.meetings,
    }


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    """Names whose values are not the same objects in both. What is equal and not the same is asked about once too
    often, no more."""
    for name, value in after.items():
        if before.get(name) is not value:
            yield name
    yield from before.keys() - after.keys()


def _shows(track: Track | None) -> Value:
    return track.seen if track is not None else None
