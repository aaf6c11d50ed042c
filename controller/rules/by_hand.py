"""R5 — mains that goes off at closing time is a hand at the switch, not an outage (004 Đ8.3; field: twice a week,
one report that names the hours).

Whoever leaves turns off the room at its breaker: the UPS cannot tell that from a power cut. It looks like a hand
when nobody meets, the clock says closing time, and the mains was clean before. Once is an outage like any other;
from the second time in a week on it is reported once a week with its hours, and no incident is opened, unless a
meeting needs the mains. Whether the neighbours were dark as well only the centre knows (N7).
Must not: change what the battery does; an outage by hand empties it like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from controller.core.instant import Trust
from controller.core.records import Because
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import DAY_MS, expected, maybe_call

NOW = "switched"
"""Mark: what the present outage looks like, '' = there is none."""
TIMES = "by_hand"
"""Mark: Unix times of those that looked like a hand; kept over boots, for the UPS is empty by the morning."""
NOTED = "!by_hand"
WEEK_MS = 7 * DAY_MS
TIMES_MAX = 14
"""Two a day for a week."""


def by_hand(v: View) -> Iterator[Yield]:
    """Look at each outage once, when it begins; report a habit once a week."""
    if v.mark("mains") != "lost":
        yield Mark(NOW, "")
    elif not v.mark(NOW):
        hand = _looks_so(v)
        yield Mark(NOW, "hand" if hand else "outage")
        if hand:
            yield Mark(TIMES, (*_times(v), v.now.wall_ms)[-TIMES_MAX:])
    times = _habit(v)
    if times:
        hours = _hours(v, times)
        yield Alert("by_hand", "mains", Because("R5", "R5.by_hand", (hours,)))
        noted = v.mark(NOTED)
        last_ms = int(str(noted[0])) if isinstance(noted, tuple) else 0
        if not v.past_wall(last_ms) or v.past_wall(last_ms + WEEK_MS):
            yield Mark(NOTED, (v.now.wall_ms, hours))


def switched_off(v: View) -> bool:
    """The mains is away by a hand that does so every few days, and nobody needs it."""
    return v.mark(NOW) == "hand" and bool(_habit(v)) and not any(True for _ in expected(v))


def _looks_so(v: View) -> bool:
    begin_ms, end_ms = v.room.mains.closing_ms
    of_day_ms = (v.now.wall_ms + v.room.utc_offset_ms) % DAY_MS
    closing = v.trust >= Trust.RTC and begin_ms <= of_day_ms < end_ms
    quiet = not v.mark("sags") and not maybe_call(v) and not any(True for _ in expected(v))
    return closing and quiet


def _times(v: View) -> tuple[int, ...]:
    """Those of the last week; a clock that was ahead has seen some in the future."""
    kept = v.mark(TIMES)
    times = (at_ms for at_ms in kept if isinstance(at_ms, int)) if isinstance(kept, tuple) else ()
    return tuple(at_ms for at_ms in times if v.past_wall(at_ms) and not v.past_wall(at_ms + WEEK_MS))


def _habit(v: View) -> tuple[int, ...]:
    """The week's times, if they are enough to be a habit by a clock that knows."""
    if not v.mark(TIMES) or v.trust < Trust.RTC:
        return ()
    times = _times(v)
    return times if len(times) >= v.room.mains.by_hand_times else ()


def _hours(v: View, times: tuple[int, ...]) -> str:
    """As the room's clock showed them: 17:05 02/03, 16:58 04/03."""
    shown = (datetime.fromtimestamp((at_ms + v.room.utc_offset_ms) / 1000, UTC) for at_ms in times)
    return ", ".join(f"{at:%H:%M %d/%m}" for at in shown)
