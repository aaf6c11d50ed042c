"""R6, R7 — what becomes of a check: noted for its meeting, told when it failed or was never made (004 Đ8.2, Đ8.3).

Results are computed in core/checks.py and nowhere else. Here they are kept: `!check.<uid>` (the day before),
`!check60.<uid>` (at T-60), `!checked` (KIỂM TRA and the command), each as (verdict, Unix ms, what failed, what
could not be made, all rows). When T-24 h passes without a result the reason stands in its place, and it is told.
Must not: switch anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.checks import Verdict, at_deadline, checks, items, overall
from controller.core.instant import Trust
from controller.core.meeting import Meeting
from controller.core.records import Because
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import STARTING_MS, live, maybe_call, on_bypass, room_on
from hardware.contract import Value

CHECKED = "!checked"
_NO_ALARM = ("R6.told_late", "R6.mode")
"""Nobody was to do anything: the meeting came later than its day before, or the room does not rehearse."""
_KIND = {"mains": "power", "ups": "power", "line": "line"}


def note(v: View, meetings: tuple[Meeting, ...]) -> Iterator[Yield]:
    """The room as it stands now is the result for these meetings."""
    result = found(v, over=True)
    for meeting in meetings:
        yield Mark(f"!check.{meeting.uid}", result)


def found(v: View, over: bool = False) -> tuple[Value, ...]:
    """A whole check, as it is noted. `over`: what is not proven by now is late, not on its way."""
    rows = at_deadline(checks(v)) if over else checks(v)
    failed, unmade = items(rows, Verdict.FAILED), items(rows, Verdict.NOT_MADE)
    return (overall(rows).value, v.now.wall_ms, failed, unmade, tuple(row.row() for row in rows))


def asked(v: View) -> Iterator[Yield]:
    """KIỂM TRA, or the desk: devices are asked fast for two minutes (views.pace), then the result is noted. A call
    that begins ends it without one. Of a room that is on it also counts for meetings whose own was not passed."""
    hold = v.hold("check")
    if hold is not None:
        yield Mark("checking", 0 if maybe_call(v) else hold.since_ms)
        return
    if not v.mark("checking"):
        return
    yield Mark("checking", 0)
    yield Mark(CHECKED, found(v))
    if room_on(v):
        yield from note(v, tuple(m for m in v.calendar() if _open(v, m)))


def _open(v: View, meeting: Meeting) -> bool:
    kept = v.mark(f"!check.{meeting.uid}")
    return isinstance(kept, tuple) and kept[0] != "passed" and not v.past_wall(meeting.start_ms)


def at_ready(v: View) -> Iterator[Yield]:
    """R6 again when the room has powered up: all rows as they are at T-60, displays and loudspeakers too."""
    for booked in live(v):
        name = f"!check60.{booked.meeting.uid}"
        if v.mark(name) is None and v.up_for(STARTING_MS) and not on_bypass(v):
            yield Mark(name, found(v, over=True))


def results(v: View) -> Iterator[Yield]:
    """The day before: who can still mend it is told until the meeting begins."""
    for meeting in v.calendar():
        if not meeting.rehearse or v.past_wall(meeting.start_ms):
            continue
        kept = v.mark(f"!check.{meeting.uid}")
        if isinstance(kept, tuple) and len(kept) > 2:
            yield from _told(meeting.uid, kept)
        elif _too_late(v, meeting):
            reason = v.mark(f"!untested.{meeting.uid}")
            code = str(reason or ("R6.told_late" if v.trust >= Trust.RTC else "R6.clock"))
            yield Mark(f"!check.{meeting.uid}", ("not_made", v.now.wall_ms, (code,), (), ()))


def _too_late(v: View, meeting: Meeting) -> bool:
    """By a clock that may say so; without one, when its lead has begun all the same."""
    late = v.clock_ok() and v.past_wall(meeting.due_ms)
    return late or any(b.meeting.uid == meeting.uid for b in v.booked())


def _told(uid: str, kept: tuple[Value, ...]) -> Iterator[Yield]:
    rows = kept[2] if isinstance(kept[2], tuple) else ()
    if kept[0] == "failed":
        yield Alert("check_failed", uid, Because("R6", _who([str(r) for r in rows]), (uid, rows[0], len(rows))))
    elif kept[0] == "not_made" and rows and rows[0] not in _NO_ALARM:
        yield Alert("check_missing", uid, Because("R6", "R6.missing", (uid,)))


def _who(failed: list[str]) -> str:
    """Who can still mend it: the technician, an electrician, or the provider of the line."""
    kinds = {_KIND.get(item.partition(".")[0], "device") for item in failed}
    return next((f"R6.failed_{kind}" for kind in ("power", "line") if kinds == {kind}), "R6.failed_device")
