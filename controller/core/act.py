"""Fifth step: what is wanted, known to be otherwise, and behind no shut gate is ordered, one load per inrush
gap. A sequence has no cursor: a table of edges does power-up, closing, pre-emption and restart (R3, R13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from controller.core.ask import Asked
from controller.core.draft import Draft
from controller.core.instant import Trust
from controller.core.memory import Told
from controller.core.observe import HOURLY, RETRY_MS, never_told, observe, unfed
from controller.core.records import Because, Priority
from controller.core.room import Edge, Rank, Target
from controller.core.state import Desired, Proof, Track
from controller.core.view import View
from hardware.contract import NEVER_MS, Order, OrderId, Value

_UNSEEN, _WAITING = Proof.UNSEEN, Proof.WAITING
"""Looked up once, as in absorb.py."""
_GOOD = (Proof.DONE, Proof.PROVEN)
_PEOPLE = (Rank.MANUAL, Rank.PERSON)
"""While the HAND key is turned only people's wishes reach a device; relays hear of none (manual.py)."""
HURRY_MS = 120_000
"""Power and safety wait two minutes for a farewell (R5): a codec that lives is asleep in one."""
NOW_MS = 30_000
"""A person who says *now* waits as long as the whole order takes in a room whose devices live, and no longer."""


class Hand:
    """The working place of one call: tracks so far, orders issued, the gate's tables."""

    def __init__(self, draft: Draft, desired: Mapping[str, Desired], asked: Asked, view: View) -> None:
        self.draft = draft
        self.desired = desired
        self.waits = asked.waits
        self.view = view
        self.tracks: dict[str, Track] = {}
        self.orders: list[Order] = []
        self.seq = draft.seq
        self.inrush_ms = draft.old.inrush_ms

    def observe_all(self) -> None:
        """Every target's proof, carriers before what they carry (the registry's order)."""
        for target in self.draft.room.targets.values():
            self._observe(target)

    def _observe(self, target: Target) -> None:
        name = target.name
        before = self.draft.old.tracks.get(name) or self._remembered(name)
        want = self.desired[name].value if name in self.desired else None
        result = self.draft.results.get(name)
        self.tracks[name] = observe(target, before, want, result, self._carried(target), self.view)

    def _remembered(self, name: str) -> Track:
        """What an earlier life leaves of a track: when the load went off, what it was told, and that its order came
        to nothing."""
        draft, now_ms = self.draft, self.view.now.mono_ms
        failed_ms = draft.given_up.get(name, now_ms if ("failed", name) in draft.unsettled else None)
        given_up = None if failed_ms is None else Track(Proof.UNSEEN, failed_ms)
        off_ms = draft.off_ms.get(name, now_ms)
        return Track(Proof.UNSEEN, now_ms, off_ms=off_ms, given_up=given_up, told=draft.told.get(name))

    def _told(self, track: Track, value: Value) -> Told:
        now = self.view.now
        before = track.told.at_ms if track.told is not None else ()
        return Told(value, (*before[1 - HOURLY :], now.mono_ms), now.wall_ms if now.trust >= Trust.RTC else 0)

    def _carried(self, target: Target) -> bool:
        if unfed(self.view.tables.loads.get(target.carrier), self.view):
            return False
        if not target.carrier or self.view.down(self.view.tables.bypass):
            return True  # by hand everything is fed past its relay
        carrier = self.tracks.get(target.carrier)
        return carrier is not None and carrier.seen != "off"

    def act_all(self) -> None:
        """Order what may be ordered now, in the registry's order."""
        for name, desired in self.desired.items():
            track = self.tracks[name]
            unseen = track.proof is _UNSEEN and self._grace_over(name)
            if track.proof is _WAITING or unseen:
                self._try(self.draft.room.targets[name], track, desired)

    def _grace_over(self, name: str) -> bool:
        """Without any evidence an order may go out once after the start's grace, and later only to a device that
        answers and never tells (an `awake` that is never said would leave a codec asleep in its meeting)."""
        grace_ms = self.draft.room.power_up.grace_ms
        track, target = self.tracks[name], self.draft.room.targets[name]
        if not target.done:
            return True  # its actuator's answer is all the evidence there is
        begun = track.tries == 0 and self.view.up_for(grace_ms) and not self._old(grace_ms)
        return begun or (track.tries < target.tries and never_told(target, self.view))

    def _old(self, grace_ms: int) -> bool:
        return self.view.now.mono_ms > self.draft.started_ms + grace_ms + 60_000

    def _try(self, target: Target, track: Track, desired: Desired) -> None:
        track = self._held_or_free(target, track, desired)
        shut = self._shut(target, track, desired)
        if shut is not None:
            if track.waiting != shut:
                self.tracks[target.name] = replace(self.tracks[target.name], waiting=shut)
            return
        track = self.tracks[target.name]
        now_ms = self.view.now.mono_ms
        self.seq += 1
        order = Order(OrderId(self.draft.boot, self.seq), target.name, desired.value, target.prove_ms)
        self.orders.append(order)
        if target.name in self.view.tables.loads and desired.value == "on":
            self.inrush_ms = now_ms
        self.draft.say(
            "order",
            target.name,
            Priority.EVIDENCE,
            value=desired.value,
            rank=desired.rank.name.lower(),
            rule=desired.because.rule,
            code=desired.because.code,
            args=desired.because.args,
            attempt=track.tries + 1,
        )
        self.view.past(now_ms + target.prove_ms)
        self.tracks[target.name] = replace(
            track,
            proof=Proof.ORDERED,
            since_ms=now_ms,
            sent=order,
            sent_ms=now_ms,
            told=self._told(track, desired.value),
            tries=track.tries + 1,
            waiting=None,
        )

    def _wait(self, target: Target, desired: Desired) -> Because | None:
        """A rule, or the HAND key, holds this order back."""
        wait = self.waits.get((target.name, desired.value))
        if wait is None and desired.rank not in _PEOPLE and self.view.down(self.view.tables.bypass):
            return Because("bypass", "bypass")
        return wait

    def _held_or_free(self, target: Target, track: Track, desired: Desired) -> Track:
        """Whoever was held back has not waited for its place in the sequence: its patience begins when it is let
        go. Else all that the key or an outage has held would come on at once and out of order (R3, N11)."""
        held = self._wait(target, desired) is not None
        free_ms = NEVER_MS if held else self.view.now.mono_ms if track.free_ms == NEVER_MS else track.free_ms
        if free_ms != track.free_ms:
            track = self.tracks[target.name] = replace(track, free_ms=free_ms)
        return track

    def _shut(self, target: Target, track: Track, desired: Desired) -> Because | None:
        """The first gate that is shut, as a reason; None when the order may go out."""
        wait = self._wait(target, desired)
        if wait is not None:
            return wait
        if track.tries and not self.view.past(track.sent_ms + RETRY_MS):
            return Because("R3", "R3.retry")
        for edge in self.view.tables.edges.get((target.name, desired.value), ()):
            if not self._open(edge, desired):
                return Because("R3", "R3.sequence", (edge.after,))
        if desired.value != "on" or target.name not in self.view.tables.loads:
            return None
        if not self.view.past(track.off_ms + target.min_off_ms):
            return Because("N11", "N11.min_off")
        if self.inrush_ms and not self.view.past(self.inrush_ms + self.draft.room.power_up.inrush_gap_ms):
            return Because("N11", "N11.inrush")
        return None

    def _open(self, edge: Edge, desired: Desired) -> bool:
        wish = self.desired.get(edge.after)
        if not edge.hard and (wish is None or wish.value != edge.is_):
            return True
        after = self.tracks.get(edge.after)
        if after is None or after.proof in (Proof.FAILED, Proof.NA):
            return True
        level = (Proof.PROVEN,) if edge.effect else _GOOD
        reached = after.proof in level and _at(after, edge)
        since_ms = after.since_ms if edge.effect else after.done_ms
        if reached and self.view.past(since_ms + edge.settle_ms):
            return True
        since_ms = desired.value_since_ms
        if edge.value == "on":
            since_ms = max(since_ms, self.tracks[edge.target].free_ms)
        if not self.view.past(since_ms + _patience_ms(edge, desired)):
            return False
        self._out_of_order(edge)
        return True

    def _out_of_order(self, edge: Edge) -> None:
        track = self.tracks[edge.target]
        if not track.out_of_order:
            self.draft.say("out_of_order", edge.target, Priority.INCIDENT, after=edge.after, value=edge.value)
            self.tracks[edge.target] = replace(track, out_of_order=True)


def _patience_ms(edge: Edge, desired: Desired) -> int:
    """A battery that runs out, or a person who wants it off now, does not wait half an hour for a codec."""
    if desired.rank < Rank.POWER:
        return edge.give_up_ms
    return min(edge.give_up_ms, NOW_MS if desired.rank is Rank.PERSON else HURRY_MS)


def _at(track: Track, edge: Edge) -> bool:
    return track.seen == edge.is_ or (track.want == edge.is_ and track.seen is None)
