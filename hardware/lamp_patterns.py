"""How lamps and the buzzer speak: the few patterns a person in the room can tell apart, drawn over time.

Law of this file: pure; time is an argument. Whoever decides names a pattern, only the keeper draws it, so that
all lamps of a room blink in step and no lamp outlives the process that stands behind it. What a pattern means
is not known here. Grammar: steady = it is so; slow = the machine is at work; double = a person is needed;
fast = now; refused = three short blinks, then dark; alarm = the buzzer, on and off. Never more than three flashes a
second.
"""

from __future__ import annotations

from collections.abc import Mapping

OFF = "off"
STEP_MS = 200
"""Every edge lies on this grid of the one monotonic clock: lamps that blink alike blink together."""

# period_ms and the spans in which the lamp is lit; the whole period lit = no edge at all.
_REPEATED: Mapping[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    OFF: (STEP_MS, ()),
    "steady": (STEP_MS, ((0, STEP_MS),)),
    "slow": (2_000, ((0, 1_000),)),
    "double": (2_000, ((0, 200), (400, 600))),
    "fast": (400, ((0, 200),)),
    "alarm": (1_000, ((0, 400),)),
}

# Played once from the moment they were set, then dark until the pattern was another one.
_ONCE: Mapping[str, tuple[tuple[int, int], ...]] = {
    "refused": ((0, 200), (400, 600), (800, 1_000)),
    "beep": ((0, 200),),
}

LAMP_PATTERNS = (*(name for name in _REPEATED if name != "alarm"), "refused")
BUZZER_PATTERNS = (OFF, "beep", "alarm")


def lit(pattern: str, set_ms: int, now_ms: int) -> bool:
    """Is a lamp whose pattern was set at `set_ms` lit at `now_ms`?"""
    spans, at_ms = _place(pattern, set_ms, now_ms)
    return any(begin <= at_ms < end for begin, end in spans)


def next_edge_ms(pattern: str, set_ms: int, now_ms: int, never_ms: int) -> int:
    """When `lit` may next differ from now; `never_ms` when it will not. Always later than `now_ms`."""
    if pattern in _REPEATED:
        period_ms, spans = _REPEATED[pattern]
        if spans in ((), ((0, period_ms),)):
            return never_ms
        edges = [edge for span in spans for edge in span] + [period_ms + spans[0][0]]
    else:
        edges = [edge for span in _ONCE[pattern] for edge in span]
    at_ms = _place(pattern, set_ms, now_ms)[1]
    return min((now_ms + edge - at_ms for edge in edges if edge > at_ms), default=never_ms)


def _place(pattern: str, set_ms: int, now_ms: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """The spans of a pattern, and where in them `now_ms` lies."""
    if pattern in _REPEATED:
        period_ms, spans = _REPEATED[pattern]
        return spans, now_ms % period_ms
    begin_ms = -(-set_ms // STEP_MS) * STEP_MS
    return _ONCE[pattern], now_ms - begin_ms
