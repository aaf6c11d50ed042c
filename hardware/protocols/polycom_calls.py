"""The calls of a Polycom codec, put together from events and from the list that `callinfo all` gives.

Law: pure; time is an argument. Events only add or move a call on; the list replaces the table, but only if no
event came between the question and the answer, because answers may be late (seen on a Group 700). Nothing
unknown is ever read as "connected".
Source: Polycom Integrator's Reference Manual, callstate, notify callstatus, callinfo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from hardware.contract import NEVER_MS, Value
from hardware.protocols.polycom_heard import CallSeen, Roll

MAX_CALLS: Final = 16
"""More than the largest multipoint licence holds (8 sites): beyond it, noise."""
SETUP_MS: Final = 60_000
"""Longest time that a call counts as being set up: far ends give up ringing within it; then we ask."""
DIALLED_MS: Final = 10_000
"""After `dialing …` the first event of the call is due within this."""
ENDED_MS: Final = 30_000
"""A finished call's late events are ignored this long."""
_RANK: Final = {"ringing": 0, "connecting": 1, "connected": 2}


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `since_ms` is when it was first seen, `closing` that its end was ordered or announced."""

    id: str
    way: str
    state: str
    number: str
    kind: str
    since_ms: int
    closing: bool = False


class Calls:
    """The table; `known` once the device answered what calls there are, or restarted, which ends them all.
    `outdated`: a list came that could not be used, so ask again."""

    def __init__(self, known: bool = False) -> None:
        self._table: dict[str, Call] = {}
        self._ended_ms: dict[str, int] = {}
        self._list: dict[str, CallSeen] | None = None
        self._asked: int | None = None
        self._dialled_ms = -NEVER_MS
        self._events = 0
        self.known = known
        self.outdated = False

    def value(self) -> tuple[Value, ...]:
        """The field `calls` of the codec's reading."""
        return tuple((c.id, c.way, c.state, c.number, c.kind) for c in self._table.values())

    @property
    def connected(self) -> bool:
        """Is at least one call up?"""
        return any(call.state == "connected" for call in self._table.values())

    @property
    def settling(self) -> bool:
        """Is a call on its way up or down?"""
        return any(call.state != "connected" or call.closing for call in self._table.values())

    def ids(self) -> frozenset[str]:
        """The ids of all calls in the table."""
        return frozenset(self._table)

    def has(self, call_id: str) -> bool:
        """Is this call (or any, for `all`) still there?"""
        return bool(self._table) if call_id == "all" else call_id in self._table

    def find(self, way: str, state: str) -> Iterator[str]:
        """Ids of the calls of this way ('' = of an unknown way, too) in this state."""
        return (c.id for c in self._table.values() if c.state == state and c.way in ("", way))

    def dialled(self, now_ms: int) -> None:
        """We dialled, and the device took it: a call is being set up although none is seen yet."""
        self._dialled_ms = now_ms
        self._events += 1

    def close(self, call_id: str) -> None:
        """The end of this call (or of `all`) was accepted: it holds up nothing any more."""
        self._dialled_ms = -NEVER_MS
        for call in self._table.values():
            if call_id in (call.id, "all"):
                self._table[call.id] = replace(call, closing=True)

    def setup_end_ms(self) -> int:
        """Until when commands may be lost because a call is being set up; in the past when none is."""
        ends = [c.since_ms + SETUP_MS for c in self._table.values() if c.state != "connected" and not c.closing]
        return max([self._dialled_ms + DIALLED_MS, *ends])

    def asked(self) -> None:
        """A question for the list goes out; an earlier one that is still unanswered keeps its place, because
        its answer may come in place of this one's."""
        if self._asked is None:
            self._asked = self._events

    def unasked(self) -> None:
        """The question was answered in another way."""
        self._asked = None

    def event(self, seen: CallSeen, now_ms: int) -> None:
        """A call was told of by itself."""
        self._events += 1
        if seen.state == "ended":
            self._table.pop(seen.id, None)
            self._ended_ms = {i: at for i, at in self._ended_ms.items() if now_ms - at < ENDED_MS}
            self._ended_ms[seen.id] = now_ms
        elif now_ms - self._ended_ms.get(seen.id, -NEVER_MS) >= ENDED_MS:
            self._merge(seen, now_ms)
        self._dialled_ms = -NEVER_MS

    def _merge(self, seen: CallSeen, now_ms: int) -> None:
        old = self._table.get(seen.id) or Call(seen.id, "", "ringing", "", "", now_ms)
        if seen.id not in self._table and (len(self._table) >= MAX_CALLS or seen.state == "ending"):
            return
        # A call has several channels: a second one that rings does not take the call back.
        ahead = _RANK.get(seen.state, -1) > _RANK[old.state]
        self._table[seen.id] = Call(
            seen.id,
            seen.way or old.way,
            seen.state if ahead else old.state,
            seen.number or old.number,
            seen.kind or old.kind,
            old.since_ms,
            old.closing or seen.state == "ending",
        )

    def listed(self, seen: CallSeen) -> None:
        """A line of the list."""
        if self._list is not None and len(self._list) < MAX_CALLS:
            self._list[seen.id] = seen

    def roll(self, mark: Roll, now_ms: int) -> bool:
        """A mark of the list; True when the table now is what the device answered."""
        if mark.mark == "begin":
            self._list = {}
            return False
        found = {} if mark.mark == "empty" else self._list
        self._list = None
        if found is None or self._asked is None:
            self.outdated = self.outdated or self._asked is None
            return False
        fresh, self._asked = self._asked == self._events, None
        self.outdated = not fresh
        if fresh:
            self._replace(found, now_ms)
        return fresh

    def _replace(self, found: dict[str, CallSeen], now_ms: int) -> None:
        table = {i: self._from(seen, now_ms) for i, seen in found.items() if seen.state != "ended"}
        self._table, self.known = table, True

    def _from(self, seen: CallSeen, now_ms: int) -> Call:
        """A call as listed; a state word that we do not know leaves the state that we knew."""
        old = self._table.get(seen.id)
        state = seen.state if seen.state in _RANK else old.state if old else "connecting"
        since_ms = old.since_ms if old else now_ms
        return Call(seen.id, seen.way, state, seen.number, seen.kind, since_ms, seen.state == "ending")
