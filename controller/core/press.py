"""Buttons and contacts from their edges alone: debounce by stamps, short presses, holds of 3 s and 10 s.

Two gestures (people's grammar): a press is shorter than 1 s, a hold is counted at 3 s while the finger is
still down; BẬT / TẮT alone knows a third, 10 s. Between 1 s and 3 s nothing was meant: it is answered as
not understood. No double press, no chords.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.state import Press

DEBOUNCE_MS = 30
"""A contact must be still this long; panel buttons bounce for 1-10 ms, worn ones for 20."""
PRESS_MS = 1_000
HOLD_MS = 3_000
LONG_MS = 10_000


def edge(press: Press, down: bool, at_ms: int) -> tuple[Press, tuple[str, ...]]:
    """The button after an edge stamped `at_ms`, and the gestures that the level before it completed."""
    settled, gestures = settle(press, at_ms)
    if down == settled.raw:
        return settled, gestures
    return replace(settled, raw=down, raw_ms=max(at_ms, settled.raw_ms)), gestures


def settle(press: Press, now_ms: int) -> tuple[Press, tuple[str, ...]]:
    """The button at `now_ms` without a new edge: gestures are `press`, `hold`, `long` or `unclear`."""
    gestures: list[str] = []
    held_until = press.raw_ms if press.down and not press.raw else now_ms
    if press.down:
        for length_ms, count, name in ((HOLD_MS, 1, "hold"), (LONG_MS, 2, "long")):
            if press.held < count and held_until - press.down_ms >= length_ms:
                press = replace(press, held=count)
                gestures.append(name)
    if press.raw != press.down and now_ms - press.raw_ms >= DEBOUNCE_MS:
        if press.down and press.held == 0:
            short = press.raw_ms - press.down_ms < PRESS_MS
            gestures.append("press" if short else "unclear")
        count = press.count + ("press" in gestures)
        press = Press(press.raw, press.raw_ms, press.raw, press.raw_ms, count, 0)
        if press.down:  # looked at late: the finger may have rested for longer than a hold already
            press, later = settle(press, now_ms)
            gestures += later
    return press, tuple(gestures)


def deadline_ms(press: Press, now_ms: int) -> int | None:
    """When this button can next change without an edge, or None."""
    if press.raw != press.down:
        return press.raw_ms + DEBOUNCE_MS
    if not press.down:
        return None
    ahead = (press.down_ms + HOLD_MS, press.down_ms + LONG_MS)
    return next((at_ms for at_ms in ahead if at_ms > now_ms), None)
