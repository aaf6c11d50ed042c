"""Laws of danger and of outputs that run too long (R4, R16, N10, N14).

As in laws.py: looked at after every step, in the world's truth; a yielded line is a violation.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS
from controller.core.instant import Instant
from controller.core.room import Class
from controller.core.state import Outcome, Proof, State
from controller.core.tables import tables
from controller.simulation.truth import Truth, world_ms

COOLED_MS = 50 * 60_000
"""Three samples of five minutes until cool air is believed, or the half hour that a sensor is believed which died
of the heat; and a closing in order."""


class HeatIsNoRumour:
    """R4, N14: no meeting is closed for a heat that is none, whatever one sensor says."""

    def __init__(self) -> None:
        self._hot_ms = -COOLED_MS

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms = world_ms(now, truth)
        if truth.temp_c() >= min((zone.warn_c for zone in truth.room.zones), default=0):
            self._hot_ms = at_ms
        meeting = any(b.start_ms - LOCK_BEFORE_MS <= now.mono_ms < b.end_ms for b in outcome.state.booked)
        for order in outcome.orders if meeting and at_ms - self._hot_ms > COOLED_MS else ():
            if order.value == "off" and outcome.state.desired[order.target].because.code == "R4.hard":
                yield f"{order.target} off in a meeting by a sensor that is broken"


def no_running_computer_is_cut(_b: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
    """R13, people 5.6: a computer that is up loses its power to smoke, water or a hand, and to no rule."""
    name = tables(truth.room).codec_load
    for order in outcome.orders:
        cut = order.target == name and order.value == "off" and outcome.state.desired[name].because.rule != "R16"
        if cut and truth.computer_runs():
            yield f"{name} cut while its computer runs, by {outcome.state.desired[name].because}"


class NothingReturnsByItself:
    """R16: after smoke or water has cut the room no contact closes until the hazard was acknowledged, over restarts
    and power cuts; the network stays on for it. By hand, past the relays, people do as they like."""

    def __init__(self) -> None:
        self._cut: set[str] = set()

    def __call__(self, _before: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
        wishes = outcome.state.desired.items()
        by_hazard = {name for name, wish in wishes if wish.because.code == "R16.cut"}
        if by_hazard & {f"load.{load.name}" for load in tables(truth.room).network}:
            yield "the network is cut because of smoke or water"
        seen = any(record.kind == "hazard.seen" for record in outcome.records)
        self._cut = set() if seen else self._cut | by_hazard
        for order in outcome.orders:
            if order.target in self._cut and order.value == "on":
                yield f"{order.target} on again before anybody has looked"


class ResetDropsCoilsOnly:
    """N10: when the Pi is reset, a coil may fall, but nothing comes on by it, and what a latching relay or a closed
    contact carries does not move at all."""

    def __init__(self) -> None:
        self._boot = ""
        self._kept = True

    def __call__(self, _before: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
        boot = outcome.state.boot
        if boot != self._boot:
            self._boot, kept = boot, self._kept and truth.keeps()
            loads = {load.name: load for load in truth.room.loads}
            for name in truth.fell():
                if loads[name].cls is not Class.NETWORK and (truth.driven(name) or loads[name].holds_over_reset):
                    yield from (f"{name} moved when the Pi was reset" for _ in range(kept))
        self._kept = truth.keeps()


class ProvenIsSo:
    """N4, N14: no load is called proven while its line stands otherwise; a line that follows no order is told."""

    LATE_MS = 120_000
    """The keeper tells at once; a controller that has just begun asks first."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms, tracks = world_ms(now, truth), outcome.state.tracks
        for load in truth.room.loads:
            track = tracks.get(f"load.{load.name}")
            wrong = track is not None and track.proof is Proof.PROVEN
            if not wrong or track is None or (track.seen == "on") is truth.driven(load.name):
                self._since.pop(load.name, None)
            elif at_ms - self._since.setdefault(load.name, at_ms) > self.LATE_MS:
                yield f"{load.name} is proven {track.seen} and is not"


class EndsByItself:
    """N14: whatever rules and people want, no output is driven longer than its longest time on."""

    LATE_MS = 60_000

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def __call__(self, _before: State, _outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms = world_ms(now, truth)
        for load in truth.room.loads:
            if not load.max_on_ms or not truth.driven(load.name) or truth.sticks(load.name):
                self._since.pop(load.name, None)
            elif at_ms - self._since.setdefault(load.name, at_ms) > load.max_on_ms + self.LATE_MS:
                yield f"{load.name} is on for {at_ms - self._since[load.name]} ms"
                self._since[load.name] = at_ms
