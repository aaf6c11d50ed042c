"""R11 — no dialling on one's own (004 Đ9.2 b3: no site dials another unless the control desk asked for it).

Outgoing calls only. Explained by: the centre's order, a booked window, an allowed number, *ordered by phone*
(GỌI HỖ TRỢ held), a rehearsal, or older than our start. Default `watch`; `enforce` warns for 60 s, then ends that
call by its id, never inside a booked window. Calls that come in are in incoming.py and are never cut.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import STARTING_MS, current, live, on_bypass
from controller.rules.incoming import allows
from controller.rules.rehearsal_try import is_own
from hardware.contract import Value


def calls(v: View) -> Iterator[Yield]:
    """R11: find outgoing calls that nothing explains; warn; end them by id where the mode says so."""
    rows = v.get("codec.calls")
    if rows is UNKNOWN or not isinstance(rows, tuple):
        return
    yield from _known(v, rows)
    for call in _outgoing(rows):
        name = f"dial.{call[0]}"
        if v.mark(name) == "explained" or _explained(v, call):
            # For as long as it lasts: a meeting that runs over its end does not lose its call for it.
            yield Mark(name, "explained")
            continue
        yield Mark(name, "own")
        yield Alert("own_dial", str(call[0]), Because("R11", "R11.outgoing", (call[0], call[3])))
        if v.held(name, "own", v.room.calls.warn_ms):
            yield Demand("codec.hangup", call[0], Rank.SCHEDULE, Because("R11", "R11.hangup", (call[0],)))


def _known(v: View, rows: tuple[Value, ...]) -> Iterator[Yield]:
    """The calls that were up when we first looked are older than our start: explained. A call that has ended is
    forgotten, because codecs use their ids again."""
    ids = [row[0] for row in rows if isinstance(row, tuple) and row]
    seen = v.mark("calls_seen")
    old = (
        ids
        if seen is None or not v.up_for(STARTING_MS)
        else [i for i in ids if isinstance(seen, tuple) and i in seen[1:]]
    )
    yield Mark("calls_seen", ("first", *old))
    for name, kept in tuple(v.marks.items()):
        if name.startswith("dial.") and kept.value and name[5:] not in map(str, ids):
            yield Mark(name, "")


def _outgoing(rows: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
    for row in rows:
        if isinstance(row, tuple) and len(row) >= 4 and row[1] == "out":
            yield row


def _explained(v: View, call: tuple[Value, ...]) -> bool:
    seen = v.mark("calls_seen")
    old = isinstance(seen, tuple) and call[0] in seen
    ordered = v.hold("codec.dial") is not None or _ours(v, call)
    number = str(call[3])
    allowed = any(allows(a, number) for a in v.room.calls.allowed)
    return (
        old
        or ordered
        or allowed
        or is_own(v, call)
        or on_bypass(v)
        or v.hold("by_phone") is not None
        or _in_window(v)
    )


def _in_window(v: View) -> bool:
    """From the lead to the end of a booked meeting and its grace: who is thrown out of a meeting that runs over
    its time dials in again."""
    return any(True for _ in (*current(v), *live(v, v.room.idle.end_grace_ms)))


def _ours(v: View, call: tuple[Value, ...]) -> bool:
    dialled = v.mark("dialled")
    return isinstance(dialled, str) and bool(dialled) and dialled in str(call[3])


def dialled(v: View) -> Iterator[Yield]:
    """Remember whom the desk had us call: its call outlives the order."""
    hold = v.hold("codec.dial")
    if hold is not None and isinstance(hold.value, tuple) and hold.value:
        yield Mark("dialled", str(hold.value[0]))
    elif v.held("dialled", v.mark("dialled"), v.room.calls.by_phone_ms):
        yield Mark("dialled", "")  # the call has come by now and is explained, or it never will
