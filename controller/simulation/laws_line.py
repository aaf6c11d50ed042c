"""Laws of the line (R12): a cut is told within a minute, and its end too; nobody calls again outside the rule.

They look at the world's truth: which stretch carries, whether there is a call.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.instant import Instant
from controller.core.state import Outcome, State
from controller.simulation.truth import Truth, world_ms

TOLD_MS = 60_000
CLOSED_MS = 90_000
"""Ten seconds of answers, and what the probes take at rest once they have been looked at."""


class CutIsTold:
    """From a minute after a cut of the line or of the room's network it is an incident; soon after it, none."""

    def __init__(self) -> None:
        self._since: tuple[object, int] = ("", 0)

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        part, at_ms = truth.line_part(), world_ms(now, truth)
        life = (part, outcome.state.boot, outcome.state.started_ms)
        if life != self._since[0]:
            self._since = (life, at_ms)
        for_ms = at_ms - self._since[1]
        told = {subject for code, subject in outcome.state.alerts if code == "line_down"} - {"far_end"}
        if part == "?":
            return
        if (part and for_ms > TOLD_MS and part not in told) or (not part and for_ms > CLOSED_MS and told):
            yield f"line: {part or 'whole'} for {for_ms} ms, and told is {sorted(told)}"
            self._since = (life, at_ms + 3_600_000)


class CallsAgainByTheRule:
    """R12: at most three calls after one loss, only where the room may, in a meeting, never over a dead line."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        state = outcome.state
        self._calls = 0 if truth.in_call() else self._calls
        for order in outcome.orders:
            if order.target != "codec.dial" or state.desired[order.target].because.rule != "R12":
                continue
            self._calls += 1
            live = any(b.ready_ms <= now.mono_ms < b.end_ms for b in state.booked)
            cut = any(code == "line_down" for code, _ in state.alerts)
            if self._calls > 3 or not live or cut or truth.room.calls.who_dials == "mcu":
                yield f"called again: try {self._calls}, meeting {live}, line down {cut}"
