"""First step of `decide`: events become facts, presses, holds, meetings and answers. Nothing else reads
events. Freshness is absorbed here too, as if by an event (aging.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from controller.core.again import started
from controller.core.aging import age, look
from controller.core.book import calendar, expire, place
from controller.core.cycle import go_on
from controller.core.door import command, rejected
from controller.core.draft import Draft
from controller.core.events import Calendar, Command, Event, Rejected, Started, Stepped
from controller.core.gestures import gesture
from controller.core.hold import storm_ends
from controller.core.incident import ended
from controller.core.instant import Instant
from controller.core.press import deadline_ms, edge, settle
from controller.core.records import Priority
from controller.core.refusals import tell
from controller.core.room import FactSpec, Room
from controller.core.state import Fact, Press, Quality, State
from controller.core.tables import tables
from hardware.contract import Edge, Reading, Result, Value

_ANY = FactSpec()
_GOOD = Quality.GOOD
"""Looked up once: in Python 3.11 a member of an enum costs ten times a name, and this file asks for each fact."""
_STUCK = Quality.STUCK
_fact = tuple.__new__
"""Fact's own constructor is two fifths of a quiet sample's time; this one takes the values as they stand."""
_NUMBER = (int, float)
"""As `int | float`, which would be a new object for each question."""
_NONE: Mapping[str, str] = {}
JUMPS = 3
"""A jump is believed when this many readings in a row agree with it."""


def absorb(draft: Draft, events: Sequence[Event]) -> None:
    """Take in one batch, in order, then whatever only time has changed."""
    for event in events:
        match event:
            case Reading():
                _reading(draft, event)
            case Edge():
                _edge(draft, event.input, event.down, event.at_ms)
            case Result():
                _result(draft, event)
            case Command():
                command(draft, event)
            case Rejected():
                rejected(draft, event)
            case Calendar():
                calendar(draft, event)
            case Stepped():
                draft.stepped_ms = draft.now.mono_ms
                storm_ends(draft)
                draft.say(
                    "clock.stepped",
                    "clock",
                    Priority.INCIDENT,
                    by_ms=event.by_ms,
                    trust=draft.now.trust.name.lower(),
                )
            case Started():
                started(draft, event)
    _settle(draft)
    age(draft)
    look(draft)
    place(draft)
    go_on(draft)
    expire(draft)
    ended(draft)
    tell(draft)


def _reading(draft: Draft, reading: Reading) -> None:
    contacts = tables(draft.room).contacts
    for field, value in reading.values:
        if reading.source == "input" and field not in contacts:
            if isinstance(value, bool):  # None: the line cannot be read; what it last said stands
                _edge(draft, field, value, reading.at_ms)
            continue
        _fact_of(draft, f"{reading.source}.{field}", value, reading.at_ms)


def _fact_of(draft: Draft, name: str, value: Value, at_ms: int) -> None:
    before = draft.facts.get(name)
    if before is not None and at_ms < before.at_ms:
        return  # a late answer never overwrites a newer one
    spec = draft.room.facts.get(name, _ANY)
    fact = taken(before, value, at_ms, spec)
    draft.learn(name, _stilled(before, fact, value, at_ms) if spec.stuck_ms and value is not None else fact)


def _stilled(before: Fact | None, fact: Fact, value: Value, at_ms: int) -> Fact:
    """With its reading to the digit; one that was stuck stays so until a digit moves."""
    if before is None or before.still is None or before.still[0] != value:
        return fact._replace(still=(value, at_ms))
    stuck = before.quality is _STUCK and fact.quality is _GOOD
    return fact._replace(quality=_STUCK if stuck else fact.quality, still=before.still)


def taken(before: Fact | None, value: Value, at_ms: int, spec: FactSpec) -> Fact:
    """The fact after one more answer. None = the device could not say: stale at once, value kept to show."""
    if value is None:
        return _silent(before, at_ms)
    odd = strange(before, value, spec)
    if odd == JUMPS:  # no such thing: what it last said in earnest stays to be seen and counted from
        kept = before if before is not None else Fact(None, Quality.IMPLAUSIBLE, at_ms, at_ms)
        return Fact(kept.value, Quality.IMPLAUSIBLE, kept.at_ms, kept.since_ms, odd)
    if odd:
        return _since(before, Fact(value, Quality.IMPLAUSIBLE, at_ms, at_ms, odd))
    if before is not None and before.quality is _GOOD and _same(before.value, value, spec):
        return Fact(before.value, Quality.GOOD, at_ms, before.since_ms)
    return _since(before, Fact(value, Quality.GOOD, at_ms, at_ms))


def _silent(before: Fact | None, at_ms: int) -> Fact:
    """The age is that of the last word: whoever counts down from it must not be put off by a device that only
    says that it cannot say. A jump that is being doubted is not believed for a silence in between."""
    if before is None:
        return Fact(None, Quality.NEVER, at_ms, at_ms)
    if before.quality is Quality.IMPLAUSIBLE:
        return before
    quality = Quality.STALE if before.value is not None else Quality.NEVER
    return Fact(before.value, quality, before.at_ms, before.since_ms)


def _since(before: Fact | None, fact: Fact) -> Fact:
    if before is not None and before.value == fact.value:
        return Fact(fact.value, fact.quality, fact.at_ms, before.since_ms, fact.odd)
    return fact


def _same(before: Value, value: Value, spec: FactSpec) -> bool:
    if before == value:
        return True
    if not spec.dead_band or isinstance(before, bool) or isinstance(value, bool):
        return False
    numbers = isinstance(before, _NUMBER) and isinstance(value, _NUMBER)
    return numbers and abs(value - before) < spec.dead_band  # type: ignore[operator]


def strange(before: Fact | None, value: Value, spec: FactSpec) -> int:
    """0 = believable. Outside its limits a value never is; a jump is only when it is still there at the third
    reading; until then the count of readings that agree with the jump."""
    if not isinstance(value, _NUMBER) or isinstance(value, bool):
        return 0
    if not isfinite(value):
        return JUMPS
    if (spec.low is not None and value < spec.low) or (spec.high is not None and value > spec.high):
        return JUMPS
    if not spec.jump or before is None or not isinstance(before.value, _NUMBER):
        return 0
    near = abs(value - before.value) <= spec.jump
    if before.quality is _GOOD or before.quality is _STUCK:
        return 0 if near else 1
    if before.quality is not Quality.IMPLAUSIBLE or not near:
        return 0 if before.quality is Quality.STALE else 1
    return 0 if before.odd + 1 >= JUMPS else before.odd + 1


def _edge(draft: Draft, name: str, down: bool, at_ms: int) -> None:
    if name in tables(draft.room).contacts:
        # Its age is its debounce: a rule asks how long it has been so.
        _fact_of(draft, f"input.{name}", down, at_ms)
        return
    before = draft.presses.get(name)
    if before is None:
        # The first word is a level, not a press: a finger on the button while we started means nothing.
        draft.presses[name] = Press(down, at_ms, down, at_ms, 0, 2 if down else 0)
        return
    after, gestures = edge(before, down, at_ms)
    if after is not before:
        draft.presses[name] = after
    for what in gestures:
        gesture(draft, name, what)


def _settle(draft: Draft) -> None:
    now_ms = draft.now.mono_ms
    for name, press in tuple(draft.presses.items()):
        after, gestures = settle(press, now_ms)
        if after is not press:
            draft.presses[name] = after
        for what in gestures:
            gesture(draft, name, what)
        due = deadline_ms(after, now_ms)
        if due is not None:
            draft.past(due)


def _result(draft: Draft, result: Result) -> None:
    """Matched by id or dropped: a restart's late answers match nothing."""
    for target, track in draft.old.tracks.items():
        if track.sent is not None and track.sent.id == result.order:
            draft.results[target] = result
            return


def quiet(state: State, events: Sequence[Event], now: Instant, room: Room) -> dict[str, Fact] | None:
    """The fast path: a batch of readings that changes no value beyond its dead-band, before the next wake.
    The refreshed facts, or None when the long way must be taken. Same judgement as `taken`, nothing else."""
    # A wake of the next millisecond: a decision that rules have not seen yet, and any call is the first to show it.
    if not events or now.mono_ms + 1 >= state.wake_ms:
        return None
    facts = dict(state.facts)
    for event in events:
        if type(event) is not Reading or not _unchanged(event, facts, state, room):
            return None
    return facts


def _unchanged(reading: Reading, facts: dict[str, Fact], state: State, room: Room) -> bool:
    """Nothing in this reading is news; `facts` are refreshed by it."""
    source, at_ms = reading.source, reading.at_ms
    contacts = tables(room).contacts if source == "input" else _NONE
    if source == "codec" and _doubted(facts.get("codec.in_call"), state, room):
        return False
    for field, value in reading.values:
        if source == "input" and field not in contacts:
            if not _still(state, field, value):
                return False
            continue
        name = f"{source}.{field}"
        before = facts.get(name)
        if before is None:
            return False
        known, quality, heard_ms, since_ms, _, still = before
        if at_ms < heard_ms:
            return False
        if quality is not _GOOD:
            if value is not None:
                return False
            continue
        if known != value and not _near(before, value, room.facts.get(name, _ANY)):
            return False
        if still is not None and still[0] != value:
            still = (value, at_ms)
        facts[name] = _fact(Fact, (known, quality, at_ms, since_ms, 0, still))
    return True


def _doubted(call: Fact | None, state: State, room: Room) -> bool:
    """The codec has lost its power since it last spoke of its call. The same word again is news then: phase and
    rules take the call for over until it comes (phases.py, rules/common.py), by the fact's age alone."""
    power = state.tracks.get(tables(room).codec_load)
    return power is not None and call is not None and call.quality is Quality.GOOD and call.at_ms < power.off_ms


def _near(before: Fact, value: Value, spec: FactSpec) -> bool:
    return not strange(before, value, spec) and _same(before.value, value, spec)


def _still(state: State, name: str, value: Value) -> bool:
    """The contact is where it was, and not bouncing."""
    press = state.presses.get(name)
    return press is not None and press.raw == press.down == value
