"""What must hold after every step, looked at in the world's truth (contacts, calls), not in our own tracks.

A law is `def law(before, outcome, now, world) -> Iterator[str]`, at most ten lines; those that look over time
keep their own small state in a class beside the function. A yielded line is a violation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias

from controller.core.book import LOCK_BEFORE_MS
from controller.core.instant import Instant, Trust
from controller.core.phases import PHASES
from controller.core.room import Rank
from controller.core.state import Outcome, Proof, State
from controller.core.tables import tables
from controller.simulation.laws_computer import may_unseen, no_running_computer_is_cut
from controller.simulation.laws_danger import (
    EndsByItself,
    HeatIsNoRumour,
    NothingReturnsByItself,
    ProvenIsSo,
    ResetDropsCoilsOnly,
)
from controller.simulation.laws_floor import FramedOrSaid, nobody_far_away_moves_a_camera
from controller.simulation.laws_line import CallsAgainByTheRule, CutIsTold
from controller.simulation.laws_people import NobodyIsNobody, NoMoreThanThere
from controller.simulation.laws_rehearsal import DarkAgain, KeepsOut, MutedTrialCall, ResultOrWord
from controller.simulation.truth import Truth, world_ms

Law: TypeAlias = Callable[[State, Outcome, Instant, Truth], Iterator[str]]
HOUR_MS = 3_600_000
_WAITING = Proof.WAITING
"""Looked up once: in Python 3.11 a member of an enum costs ten times a name."""


def wakes_later(_before: State, outcome: Outcome, now: Instant, _truth: Truth) -> Iterator[str]:
    """`wake_at` is never in the past."""
    if outcome.wake_ms <= now.mono_ms:
        yield f"wake {outcome.wake_ms} at {now.mono_ms}"


def every_order_has_a_reason(_before: State, outcome: Outcome, _now: Instant, _truth: Truth) -> Iterator[str]:
    """No order without a wish that explains it."""
    for order in outcome.orders:
        desired = outcome.state.desired.get(order.target)
        if desired is None or desired.value != order.value or not desired.because.code:
            yield f"{order.target} ordered {order.value} without a reason"


def waiting_says_why(_before: State, outcome: Outcome, _now: Instant, _truth: Truth) -> Iterator[str]:
    """Whoever waits knows for what."""
    for name, track in outcome.state.tracks.items():
        if track.proof is _WAITING and track.waiting is None:
            yield f"{name} waits for nothing"


def never_off_in_a_call(_before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
    """N9: in a call nothing goes off unless safety, a person, or power shedding says so."""
    if not truth.in_call():
        return
    for order in outcome.orders:
        load = order.target in tables(truth.room).loads and order.value == "off"
        rank = outcome.state.desired[order.target].rank
        allowed = order.target in _climate(truth) or may_unseen(rank, outcome, now, truth)
        if load and rank < Rank.POWER and not allowed:
            yield f"{order.target} off in a call by {outcome.state.desired[order.target].because}"


def _climate(truth: Truth) -> set[str]:
    return {f"load.{name}" for zone in truth.room.zones for name in (zone.fan, zone.dryer) if name}


def never_blind(before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
    """Orders on unknown evidence go out only after a start."""
    for order in outcome.orders:
        track = before.tracks.get(order.target)
        evidence = outcome.state.tracks[order.target].seen
        late = now.mono_ms - outcome.state.started_ms > 120_000
        # The network's cycle is an action of the keeper and has no level: its load was seen on at the door.
        if order.target in tables(truth.room).loads and track is not None and evidence is None and late:
            yield f"{order.target} ordered blind"


def bypass_is_quiet(_before: State, outcome: Outcome, _now: Instant, _truth: Truth) -> Iterator[str]:
    """While the HAND key is turned no relay is ordered."""
    if any(code == "bypass" for code, _ in outcome.state.alerts):
        for order in outcome.orders:
            if order.target.startswith("load."):
                yield f"{order.target} ordered in bypass"


def off_needs_a_clock(_before: State, outcome: Outcome, now: Instant, _truth: Truth) -> Iterator[str]:
    """A scheduled *off* begins only on a trusted clock."""
    for order in outcome.orders:
        desired = outcome.state.desired[order.target]
        begun = desired.because.rule == "R2" and order.value == "off" and desired.since_ms == now.mono_ms
        if begun and now.trust < Trust.RTC:
            yield f"{order.target} off by {desired.because.code} on an untrusted clock"


def phases_follow_the_table(_before: State, outcome: Outcome, _now: Instant, _truth: Truth) -> Iterator[str]:
    """The room takes no step that the table of phases does not allow."""
    for record in outcome.records:
        if record.kind == "phase":
            step = dict(record.body)
            if step["to"] not in PHASES[str(step["from"])]:
                yield f"phase {step['from']} to {step['to']}"


def nothing_without_power_is_lost(_b: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
    """A device whose contact is open, and is seen to be open, has its reason to be silent."""
    for record in outcome.records:
        if record.kind == "alert" and dict(record.body)["alert"] == "lost":
            load = truth.room.targets[record.subject].carrier or record.subject
            track = outcome.state.tracks.get(load)
            if track is not None and track.seen == "off" and not truth.contact(load.removeprefix("load.")):
                yield f"{record.subject} lost while {load} is off"


def never_cut_in_its_window(_before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
    """In the hours in which codecs update themselves, idleness does not cut the codec; danger may. A computer is
    updated by its own people."""
    room, state = truth.room, outcome.state
    if not room.codec:
        return
    codec = tables(room).codec_load
    cut = any(
        o.target == codec and o.value == "off" and state.desired[codec].rank is Rank.IDLE for o in outcome.orders
    )
    if cut and now.trust >= Trust.RTC and now.mono_ms - state.stepped_ms >= room.clock_settle_ms:
        local = datetime.fromtimestamp((now.wall_ms + room.utc_offset_ms) // 1000, UTC)
        since_ms = (local.hour * 3600 + local.minute * 60 + local.second) * 1000 - room.updates.start_ms
        mains = state.marks.get("mains")
        danger = {code for code, _ in state.alerts} & {"heat", "smoke", "leak"}
        danger |= {"on_battery"} if mains is not None and mains.value == "lost" else set()
        if local.weekday() == room.updates.weekday and 0 <= since_ms < room.updates.for_ms and not danger:
            yield f"{codec} is cut by {state.desired[codec].because} in the hours of its update"


class SaidOnce:
    """An alert is written when it begins and when it ends, in turn, whatever dies in between."""

    def __init__(self) -> None:
        self._open: set[tuple[str, str]] = set()

    def __call__(self, _before: State, outcome: Outcome, _now: Instant, _truth: Truth) -> Iterator[str]:
        for record in outcome.records:
            if record.kind in ("alert", "alert.end"):
                begins, key = record.kind == "alert", (str(dict(record.body)["alert"]), record.subject)
                if begins is (key in self._open):
                    yield f"{key[0]} {key[1]} {'began' if begins else 'ended'} twice"
                (self._open.add if begins else self._open.discard)(key)


class MinimumTimes:
    """No contact closes before its minimum off-time; orders for one target stay below 12 an hour."""

    def __init__(self) -> None:
        self._off: dict[str, int] = {}
        self._orders: dict[str, deque[int]] = {}

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        for order in outcome.orders:
            recent = self._orders.setdefault(order.target, deque(maxlen=13))
            recent.append(world_ms(now, truth))
            if len(recent) == 13 and recent[-1] - recent[0] < HOUR_MS:
                yield f"{order.target}: 13 orders in an hour"
            yield from self._toggle(order.target, order.value, recent[-1], truth)

    def _toggle(self, name: str, value: object, now_ms: int, truth: Truth) -> Iterator[str]:
        load = tables(truth.room).loads.get(name)
        if load is None:
            return
        if value == "off" and truth.contact(load.name):
            self._off[name] = now_ms
        since_ms = now_ms - self._off.get(name, -HOUR_MS)
        if value == "on" and since_ms < load.min_off_ms and not truth.contact(load.name):
            yield f"{name} on again after {since_ms} ms"


class ReadyOrSaid:
    """From T-60 to its end a booked room is proven on, or an alert of that time says why not."""

    GRACE_MS = 35_000
    """The half minute after a start in which nothing is said, and a moment."""

    def __init__(self) -> None:
        self._bad_since: dict[str, int] = {}

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        state = outcome.state
        live = [b for b in state.booked if b.ready_ms <= now.mono_ms < b.end_ms]
        explained = {code for code, _ in state.alerts} & _EXPLAINS or not live
        dark = [load.name for load in tables(truth.room).meeting if not truth.contact(load.name)]
        at_ms = world_ms(now, truth)
        for name in dark if not explained else ():
            since_ms = self._bad_since.setdefault(name, at_ms)
            if at_ms - since_ms > self.GRACE_MS:
                yield f"{name} is dark in {live[0].meeting.uid} and nobody says why"
                self._bad_since[name] = at_ms + HOUR_MS
        for name in tuple(self._bad_since):
            if explained or name not in dark:
                del self._bad_since[name]


_EXPLAINS = {"not_ready", "on_battery", "bypass", "failed", "lost", "heat", "keeper_down", "hurry", "ups_unknown"}
_EXPLAINS |= {"smoke", "leak"}


class SettledAfterFaults:
    """An hour after the last fault no wish has been unfulfilled for an hour, but that to cut a computer: as long as
    it runs, and people are asked to shut it down, it keeps its power (R13; mission.md, profile `codec = pc`)."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms, tracks = world_ms(now, truth), outcome.state.tracks
        bad = [n for n, t in tracks.items() if t.want is not None and t.proof in _UNSETTLED]
        bad = [n for n in bad if not (("computer_on", n) in outcome.state.alerts and truth.computer_runs())]
        self._since = {name: self._since.get(name, at_ms) for name in bad}
        old = [name for name in bad if at_ms - max(self._since[name], truth.healthy_since_ms()) > HOUR_MS]
        if old:
            yield f"not settled an hour after the last fault: {', '.join(old)}"
            self._since = dict.fromkeys(bad, at_ms + HOUR_MS)


_UNSETTLED = (Proof.WAITING, Proof.ORDERED, Proof.FAILED, Proof.LOST, Proof.UNSEEN)


def maintenance_hides_no_meeting(_b: State, outcome: Outcome, now: Instant, _t: Truth) -> Iterator[str]:
    """N19: no incident is marked as maintenance from 90 min before a meeting to its end."""
    booked = outcome.state.booked
    near = any(b.start_ms - LOCK_BEFORE_MS <= now.mono_ms < b.end_ms for b in booked)
    for record in outcome.records:
        if near and record.kind == "alert" and dict(record.body).get("maintenance"):
            yield f"{record.subject} is kept quiet before a meeting"
    hold = outcome.state.holds.get("maintenance")
    if hold is not None and hold.until_ms - hold.since_ms > 12 * HOUR_MS:
        yield "maintenance for more than 12 h"


class NoLivelock:
    """The core is not called more than 3,000 times in a simulated minute."""

    LIMIT = 3_000

    def __init__(self) -> None:
        self._calls: deque[int] = deque(maxlen=self.LIMIT)

    def __call__(self, _before: State, _outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        self._calls.append(world_ms(now, truth))
        if len(self._calls) == self.LIMIT and self._calls[-1] - self._calls[0] < 60_000:
            yield f"{self.LIMIT} calls in {self._calls[-1] - self._calls[0]} ms"
            self._calls.clear()


def all_laws() -> tuple[Law, ...]:
    """Fresh checkers for one run."""
    return (
        wakes_later,
        every_order_has_a_reason,
        waiting_says_why,
        never_off_in_a_call,
        never_blind,
        bypass_is_quiet,
        off_needs_a_clock,
        phases_follow_the_table,
        nothing_without_power_is_lost,
        never_cut_in_its_window,
        no_running_computer_is_cut,
        SaidOnce(),
        MinimumTimes(),
        ReadyOrSaid(),
        FramedOrSaid(),
        nobody_far_away_moves_a_camera,
        SettledAfterFaults(),
        NothingReturnsByItself(),
        HeatIsNoRumour(),
        ResetDropsCoilsOnly(),
        ProvenIsSo(),
        EndsByItself(),
        maintenance_hides_no_meeting,
        NoLivelock(),
        CutIsTold(),
        CallsAgainByTheRule(),
        KeepsOut(),
        DarkAgain(),
        ResultOrWord(),
        MutedTrialCall(),
        NobodyIsNobody(),
        NoMoreThanThere(),
    )
