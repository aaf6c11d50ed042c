"""R2's exceptions — the codec keeps its power although nobody uses the room (field.md: update window, storm mode).

A codec updates itself when it is idle, and without power it never does: once a week its hours come, the codec and
the network before it stay on (or come on), the codec asleep, everything else goes off as ever. It ends by itself:
what only this rule kept on goes off after it, in order (idle_off.py, R13). Never on battery, by hand, at the hard
limit of the heat or after smoke; a clock that may not decide an *off* opens no window: it could not close it.
In a storm the same holds day and night until a time that was said, on battery too: calls by night must reach the
room.
Must not: wake a codec, or put one to sleep that somebody may be using.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.instant import Trust
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import View
from controller.core.words import Demand, Mark, Yield
from controller.rules.climate import over_limit
from controller.rules.common import DAY_MS, hazard, in_call, on_bypass

WEEK_MS = 7 * DAY_MS
BOOTED_MS = 120_000
"""A codec that has just started is still setting itself up, and we our ears for its words: one that is sent to
sleep before that says so to nobody."""
THURSDAY = 3
"""The weekday on which Unix time begins, Monday 0."""


def kept(v: View) -> Iterator[Yield]:
    """R2: the codec on and asleep while its hours last; remember that nothing else held it."""
    why = keeps(v)
    if why is None:
        if not _may_be_alone(v):
            yield Mark("kept", "")
        return
    yield Demand(v.tables.codec_load, "on", Rank.SCHEDULE, why)
    if not alone(v):
        return
    yield Mark("kept", why.code)
    quiet = in_call(v) is False and v.get("codec.calls") in ((), None)
    if quiet and v.stayed("codec.answers", True, BOOTED_MS):
        yield Demand("codec.power", "asleep", Rank.IDLE, why)


def keeps(v: View) -> Because | None:
    """Why the codec keeps its power now although nobody uses the room; None = it need not."""
    if not v.room.codec or not v.tables.codec_load or on_bypass(v) or _danger(v):
        return None
    if storm(v):
        return Because("R2", "R2.storm")
    return Because("R2", "R2.updates") if v.mark("mains") != "lost" and _window(v) else None


def storm(v: View) -> bool:
    """The desk has ordered storm mode, or room.toml knows of a storm, by a clock that knows the time."""
    until_ms = v.room.storm.until_wall_ms
    written = bool(until_ms) and v.trust >= Trust.RTC and not v.past_wall(until_ms)
    return written or v.hold("storm") is not None


def alone(v: View) -> bool:
    """The codec is on, and nothing else of the room."""
    return v.seen(v.tables.codec_load) == "on" and _may_be_alone(v)


def _may_be_alone(v: View) -> bool:
    """Nothing shows the contrary; after a start nothing is seen for a moment."""
    codec = v.tables.codec_load
    return v.seen(codec) != "off" and not any(v.seen(name) == "on" for name in v.tables.targets if name != codec)


def _danger(v: View) -> bool:
    return hazard(v) or any(over_limit(v, zone) for zone in v.room.zones)


def _window(v: View) -> bool:
    """The week's hours are on, by a clock that may decide."""
    hours = v.room.updates
    if not hours.for_ms:
        return False
    begins_ms = (hours.weekday - THURSDAY) % 7 * DAY_MS + hours.start_ms
    return v.spell(begins_ms, hours.for_ms, WEEK_MS) and v.clock_ok()
