"""`decide`: the whole core in one call. Same inputs, same outputs, always.

absorb (events → facts) → ask (rules → yields) → arbitrate (yields → desired) → observe (facts → tracks) →
act (tracks → orders) → differ (old state, new state → records).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.core.absorb import absorb, quiet
from controller.core.act import Hand
from controller.core.aging import aged_ms
from controller.core.arbitrate import arbitrate
from controller.core.ask import Asked, Rule, ask, whole
from controller.core.differ import differ
from controller.core.draft import Draft
from controller.core.events import Event
from controller.core.instant import Instant
from controller.core.memory import Memory
from controller.core.recall import Recall
from controller.core.records import Because
from controller.core.room import Room
from controller.core.secrecy import discreet
from controller.core.state import Alarm, Desired, Fact, Outcome, State, Track
from controller.core.tables import tables


def decide(
    state: State,
    events: Sequence[Event],
    now: Instant,
    room: Room,
    rules: Sequence[tuple[str, Rule]],
    fast: bool = True,
    recall: Recall | None = None,
    soon_ms: int = 0,
) -> Outcome:
    """The next state, the orders to give, the records to write, and when to be called again at the latest.

    An empty batch is a wake. `fast` False takes the long way for every batch (a law compares the two).
    `recall`, kept by the caller from call to call, spares rules whose answer cannot have changed (recall.py).
    `soon_ms`: by then the caller comes back anyway; what is due before is looked at now."""
    facts = quiet(state, events, now, room) if fast else None
    if facts is not None and not (recall is not None and recall.aged(facts)):
        wake_ms = state.wake_ms
        if wake_ms <= soon_ms and recall is not None:  # at rest only an age is due, and it has just been renewed
            wake_ms = min(recall.until_ms(state), aged_ms(facts, room))
        if wake_ms > soon_ms:
            return Outcome(_refreshed(state, facts, wake_ms), (), (), (), wake_ms)
    draft = Draft(state, now, room)
    absorb(draft, events)
    recall = recall or Recall()
    asked = ask(draft, rules, recall)
    desired, clashes = _winners(draft, asked, recall)
    if clashes:
        alerts = {("clash", name): Because("core", "clash", (name,)) for name in clashes}
        asked = replace(asked, alerts=asked.alerts | alerts)
    hand = _hand(draft, desired, asked, recall)
    carried = draft.unsettled
    draft.unsettled = _unsettled(draft, asked)
    after = _after(draft, desired, asked, hand)
    recall.keep(after, bool(clashes), min(draft.wake_ms, hand.view.wake_ms))
    records = discreet((*draft.said, *differ(state, after, room, carried)), after, now, room)
    memory = _memory(after, room) if _worth(state, after) else None
    return Outcome(after, tuple(hand.orders), records, tuple(draft.answers), after.wake_ms, memory)


def _refreshed(state: State, facts: Mapping[str, Fact], wake_ms: int) -> State:
    """The fast path: only `at_ms` of facts moved. Put together as a tuple, because `_replace` costs as much as the
    judgement."""
    return _state(State, (*state[:_FACTS], facts, *state[_FACTS + 1 : _WAKE], wake_ms, *state[_WAKE + 1 :]))


_FACTS, _WAKE = map(State._fields.index, ("facts", "wake_ms"))
_state = tuple.__new__


def _winners(draft: Draft, asked: Asked, recall: Recall) -> tuple[Mapping[str, Desired], list[str]]:
    """The arbiter's word; where rules say what they said in the last call, the very wishes of that call."""
    before = draft.old.desired
    if recall.wishes_rest(before):
        return before, []
    return arbitrate(asked, before, draft.room, draft.now.mono_ms)


def _hand(draft: Draft, desired: Mapping[str, Desired], asked: Asked, recall: Recall) -> Hand:
    """Observed and acted; where nothing can have changed, the tracks of the last call as they are."""
    hand = Hand(draft, desired, asked, draft.view())
    if recall.hand_rests():
        hand.tracks = dict(draft.old.tracks)
        hand.view.wake_ms = recall.hand_ms
    else:
        hand.observe_all()
        hand.act_all()
        before = draft.old.tracks
        moved = bool(hand.orders) or any(before.get(name) is not track for name, track in hand.tracks.items())
        recall.hand_done(moved, hand.view.wake_ms)
    return hand


def _after(draft: Draft, desired: Mapping[str, Desired], asked: Asked, hand: Hand) -> State:
    wake_ms = min(draft.wake_ms, draft.aged_ms, hand.view.wake_ms)
    # What people entered of an alert ends with it (incident.py).
    if _moved(draft.old, desired, hand) or draft.old.alerts.keys() != asked.alerts.keys():
        wake_ms = draft.now.mono_ms + 1  # rules look at the last decision: let them see this one at once
    return State(
        boot=draft.boot,
        started_ms=draft.started_ms,
        facts=draft.facts,
        presses=draft.presses,
        marks=draft.marks,
        desired=desired,
        would=whole(asked.would),
        refused=tuple((r.target, r.value, r.rank, r.because) for r in asked.refusals),
        tracks=hand.tracks,
        alerts=_alarms(draft.old, asked, draft.now.mono_ms),
        meetings=draft.meetings,
        edge_ms=draft.edge_ms,
        version=draft.version,
        booked=draft.booked,
        over=draft.over,
        holds=draft.holds,
        modes=draft.modes,
        replies=draft.replies,
        stepped_ms=draft.stepped_ms,
        inrush_ms=hand.inrush_ms,
        seq=hand.seq,
        wake_ms=max(wake_ms, draft.now.mono_ms + 1),
        unsettled=draft.unsettled,
        refusals=draft.refusals,
        answered=draft.answered,
    )


def _unsettled(draft: Draft, asked: Asked) -> tuple[tuple[str, str], ...]:
    """What an earlier life had open and this one has not spoken of yet; after a while nothing, for it is over."""
    left = tuple(key for key in draft.unsettled if key not in asked.alerts)
    return left if left and not draft.past(draft.started_ms + tables(draft.room).settled_ms) else ()


def _moved(before: State, desired: Mapping[str, Desired], hand: Hand) -> bool:
    """Did this call change a wish or a proof that rules may rest on?"""
    if before.desired.keys() != desired.keys() or before.tracks.keys() != hand.tracks.keys():
        return True
    if desired is not before.desired and any(before.desired[name] is not wish for name, wish in desired.items()):
        return True
    return before.tracks != hand.tracks and any(
        (old := before.tracks[name]) is not track and (old.proof, old.seen) != (track.proof, track.seen)
        for name, track in hand.tracks.items()
    )


def _alarms(before: State, asked: Asked, now_ms: int) -> dict[tuple[str, str], Alarm]:
    alarms: dict[tuple[str, str], Alarm] = {}
    for key, because in asked.alerts.items():
        old = before.alerts.get(key)
        if old is None or old.because is not because:
            old = Alarm(key[0], key[1], because, old.since_ms if old is not None else now_ms)
        alarms[key] = old
    return alarms


def _worth(before: State, after: State) -> bool:
    """Did anything change that a restart must know?"""
    return (
        before.meetings != after.meetings
        or before.booked != after.booked
        or before.holds != after.holds
        or before.marks != after.marks
        or before.modes != after.modes
        or before.replies is not after.replies
        or before.over != after.over
        or before.alerts.keys() != after.alerts.keys()
        or before.unsettled != after.unsettled
        or before.refusals != after.refusals
        or before.seq != after.seq
        or _left_traces(before.tracks, after.tracks)
    )


def _left_traces(before: Mapping[str, Track], after: Mapping[str, Track]) -> bool:
    """Was a target seen to go off in this call, or did its tries come to nothing? Most calls move no track."""
    return before != after and any(
        (old := before.get(name)) is None or old.off_ms != track.off_ms or old.given_up is not track.given_up
        for name, track in after.items()
    )


def _offs(state: State) -> dict[str, int]:
    return {name: track.off_ms for name, track in state.tracks.items() if name.startswith("load.")}


def _memory(state: State, room: Room) -> Memory:
    wired = {name: state.tracks[name] for name, target in room.targets.items() if target.carrier}
    return Memory(
        boot=state.boot,
        seq=state.seq,
        meetings=state.meetings,
        edge_ms=state.edge_ms,
        version=state.version,
        booked=state.booked,
        holds=state.holds,
        marks=state.marks,
        off_ms=_offs(state),
        modes={rule: mode.value for rule, mode in state.modes.items()},
        replies=state.replies,
        alerts=(*state.alerts, *state.unsettled),
        over=state.over,
        told={name: track.told for name, track in wired.items() if track.told is not None},
        given_up={name: track.given_up.since_ms for name, track in wired.items() if track.given_up is not None},
        refusals=tuple(state.refusals.values()),
    )
