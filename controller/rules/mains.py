"""R5 — stable power (004 Đ6.2, Đ8.3), N11 bad-mains policy, N12.

Unknown is never "mains lost": a stale UPS, a dead driver or a UPS that has no data yet changes nothing; after
"on battery" silence counts down from the last good runtime as the worst case. A self-test on battery is not
an outage. We never halt the Pi: a halted Pi stays dead if the mains returns before the UPS cuts.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.cycle import CYCLE
from controller.core.records import Because
from controller.core.room import Load, Mode, Rank
from controller.core.tables import target
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Wait, Yield
from controller.rules.battery_start import essential, from_battery
from controller.rules.by_hand import switched_off
from controller.rules.common import (
    STARTING_MS,
    close_down,
    current,
    dark,
    evening,
    expected,
    in_use,
    maybe_call,
    on_bypass,
)
from controller.rules.heal import CYCLE_MS

RETURNS_MS = 3_600_000
"""Returns of the mains are counted per hour (N11); eight changes are remembered, so four returns."""
IDLE_BATTERY_MS = 15 * 60_000
"""Idle on battery for so long, the UPS is told to cut and come back with the mains, rather than drained."""


def watch(v: View) -> Iterator[Yield]:
    """Is the mains lost or good, filtered against flicker (5 s lost, 30 s back)?"""
    if not v.room.has_ups:
        if v.mark("mains") == "lost":  # by a UPS that has been taken out of the configuration since
            yield Mark("mains", "good")
        return
    source, testing = v.get("ups.source"), v.get("ups.testing") is True
    mains = v.room.mains
    if source == "mains":
        first = v.mark("mains") is None
        if first or v.mark("mains") == "good" or v.stayed("ups.source", "mains", mains.back_ms):
            yield Mark("mains", "good")
    elif (source == "battery" and not testing and v.stayed("ups.source", "battery", mains.lost_ms)) or (
        source is UNKNOWN and _fell_silent(v)
    ):
        yield Mark("mains", "lost")
    if source is UNKNOWN and v.up_for(STARTING_MS):
        yield Alert("ups_unknown", "ups", Because("R5", "R5.unknown"))
    if v.mark("mains") == "lost" and not switched_off(v):
        yield Alert("on_battery", "ups", Because("R5", "R5.battery"))


def _fell_silent(v: View) -> bool:
    """Its last word was "on battery": silence after that is the worst case, silence after "mains" is mains."""
    on_battery = v.last("ups.source") == "battery" and v.last("ups.testing") is not True
    return on_battery and v.aged("ups.source", v.room.mains.lost_ms)


def settle(v: View) -> Iterator[Yield]:
    """N11: after an outage loads return when the mains has been stable for a while, each room at its own
    moment, with enough battery; sooner when T-60 is at risk or a person asks, and that is said. Without mains what
    a meeting cannot do without may come from the battery (battery_start.py)."""
    if _settled(v):
        return
    because = Because("N11", "N11.settle")
    hurry = _at_risk(v)
    if hurry:
        yield Alert("hurry", "room", Because("N11", "N11.hurry"))
    for load in v.tables.meeting:
        wish = v.desired(target(load))
        asked = wish is not None and wish.rank >= Rank.MANUAL and v.mark("mains") != "lost"
        # Who presses in the room knows that the mains is out: the battery may carry what they need.
        pressed = wish is not None and wish.because.code == "R1.press"
        if not (hurry or asked or pressed or _cycled(v, load) or from_battery(v, load)):
            yield Wait(target(load), "on", because)


def _cycled(v: View, load: Load) -> bool:
    """Its power was only to be taken for a moment (N15, `load cycle`): what was on when the mains went comes on
    again, or a repair would take the codec from a meeting that the battery carries."""
    kept = v.kept(f"heal.{load.name}")
    healed = kept is not None and kept.value == "done" and not v.past(kept.since_ms + CYCLE_MS)
    return load.on_ups and (healed or v.hold(CYCLE + load.name) is not None)


def _settled(v: View) -> bool:
    mains = v.room.mains
    wait_ms = mains.settle_ms * _returns(v) + v.room.power_up.stagger_ms
    if not v.room.has_ups:
        return v.past(wait_ms)  # monotonic time begins with the Pi's power
    if v.mark("mains") is None:
        return v.past(mains.unknown_settle_ms)
    if not v.held("mains", "good", wait_ms):
        return False
    charge = v.number("ups.charge_pct")
    if charge is None:
        return v.held("mains", "good", mains.unknown_settle_ms)
    return charge >= mains.return_charge_pct


def _returns(v: View) -> int:
    """N11: mains that comes and goes is waited for longer, up to four times: it was away so often in an hour. The
    mark has changed twice for each return, and once when we first looked."""
    return max(1, min(4, v.rises("mains", RETURNS_MS) // 2))


def _at_risk(v: View) -> bool:
    """Waiting longer would break T-60 of a booked meeting, and the mains is not known to be lost."""
    if v.mark("mains") == "lost":
        return False
    return any(v.past(b.ready_ms - v.tables.lead_ms) for b in current(v))


def shed(v: View) -> Iterator[Yield]:
    """R5: on battery for a minute, hall lights and second displays go first; in a call codec and line run on."""
    if not v.held("mains", "lost", v.room.mains.shed_ms):
        return
    because = Because("R5", "R5.shed")
    for load in v.room.loads:
        if load.shed:
            yield Demand(target(load), "off", Rank.POWER, because)


def stop(v: View) -> Iterator[Yield]:
    """R5: close in order before the battery is empty. In a call codec, camera and line run to the UPS's own
    low-battery, everything else stops."""
    if v.mark("mains") != "lost":
        yield Mark("stopping", "")
        return
    low = v.last("ups.low") is True
    if not (v.mark("stopping") or low or _nearly_empty(v)):
        return
    because = Because("R5", "R5.stop")
    if in_use(v) and not low:
        yield Mark("stopping", "part")
        yield from _without_call(v, because)
        return
    # The lamp NGUỒN says "shutting down now" only where that is what happens.
    ours = v.mode("R5") is Mode.ENFORCE and not on_bypass(v)
    yield Mark("stopping", True if ours else "would")
    yield from close_down(v, Rank.POWER, because)
    if dark(v) and not on_bypass(v):  # by hand the room lives on this battery past our relays
        yield from _give_up(v, because)


def _give_up(v: View, because: Because) -> Iterator[Yield]:
    """The UPS cuts and returns with the mains. Not when that is back already and has only to prove that it stays:
    the UPS would cut all the same, and the Pi and the line with it."""
    if v.get("ups.source") != "mains":
        yield Demand("ups.shutdown", "return", Rank.POWER, because)


def _without_call(v: View, because: Because) -> Iterator[Yield]:
    for load in v.tables.meeting:
        if not essential(load):
            yield Demand(target(load), "off", Rank.POWER, because)


def _nearly_empty(v: View) -> bool:
    """Below 5 min or 20 %; a UPS that has fallen silent is counted down from its last word."""
    mains = v.room.mains
    charge, runtime = v.last("ups.charge_pct"), v.last("ups.runtime_s")
    if isinstance(charge, int | float) and charge < mains.stop_charge_pct:
        return True
    if not isinstance(runtime, int | float):
        return False
    return v.aged("ups.runtime_s", round((runtime - mains.stop_runtime_s) * 1000))


def rest(v: View) -> Iterator[Yield]:
    """A dark room on battery at night and nothing booked: let the UPS cut and return with the mains. By day the
    Pi and the line live on: a Pi without power makes no room ready."""
    if not v.held("mains", "lost", IDLE_BATTERY_MS) or not dark(v) or on_bypass(v) or not evening(v):
        return
    if not maybe_call(v) and not any(True for _ in expected(v)):
        yield from _give_up(v, Because("R5", "R5.rest"))


def notice(v: View) -> Iterator[Yield]:
    """N12: say before it happens that the battery will not last this meeting."""
    runtime = v.last("ups.runtime_s")
    if v.mark("mains") != "lost" or not isinstance(runtime, int | float):
        return
    empty_ms = v.last_ms("ups.runtime_s") + round(runtime * 1000)
    for booked in current(v):
        if not v.past(booked.end_ms) and empty_ms < booked.end_ms + v.room.mains.notice_ms:
            yield Alert("battery_short", booked.meeting.uid, Because("R5", "R5.notice", (booked.meeting.uid,)))


def health(v: View) -> Iterator[Yield]:
    """What the UPS says about itself."""
    for fact, code in (
        ("ups.replace", "replace_battery"),
        ("ups.overload", "overload"),
        ("ups.bypassed", "ups_bypassed"),
    ):
        if v.get(fact) is True:
            yield Alert(code, "ups", Because("R5", f"R5.{code}"))
