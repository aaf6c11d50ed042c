"""People's set-points and the HAND–AUTO key (people: a locked-out human always has a way).

Holds become demands of the rank that their maker has. The key (`bypass`) closes all loads without us: while
it is turned no relay is ordered and nothing is called out of turn.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.cycle import CYCLE
from controller.core.memory import Hold
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import View
from controller.core.words import Alert, Demand, Wait, Yield
from controller.rules.common import darkened, end_devices, live, on_bypass, wake_devices
from controller.rules.use_lock import lock


def manual(v: View) -> Iterator[Yield]:
    """Each hold demands its targets; a room by hand also asks its devices to wake or to end well. A closing that
    was overtaken ends no device either."""
    for hold in v.holds():
        for name in hold.targets:
            if name in v.room.targets and not (hold.name == "room" and darkened(v, name)):
                yield Demand(name, hold.value, Rank(hold.rank), hold.because)
        if hold.name.startswith(CYCLE) and hold.value == "off":
            yield from _farewell(v, hold)
        if hold.name == "codec.dial" and _listens_in(v):
            yield Wait("codec.dial", hold.value, Because("R11", "R11.muted_first"))
        if hold.name == "room" and not (hold.value == "off" and _overtaken(v, hold)):
            devices = end_devices if hold.value == "off" else wake_devices
            yield from devices(v, Rank(hold.rank), hold.because)


def _overtaken(v: View, hold: Hold) -> bool:
    """By the use lock: a codec asleep at T-60 is not ready. By the HAND key, turned since: who stands there means
    to meet, and a codec that is sent to sleep, or a call that is ended while it rings, would be the end of that."""
    if on_bypass(v) and v.still_ms(v.tables.bypass) > hold.since_ms:
        return True
    return hold.rank <= Rank.USE_LOCK and lock(v) is not None


def _listens_in(v: View) -> bool:
    """A call now would hear an office in which no meeting is booked, were it only for the moment that the codec
    takes to close its microphone (people 5.7)."""
    return v.get("codec.mute") != "muted" and not any(live(v, v.room.idle.end_grace_ms))


def _farewell(v: View, hold: Hold) -> Iterator[Yield]:
    """What hangs on a load that is cycled is told first, as before any cut (R13)."""
    name = hold.targets[0].removeprefix("load.")
    if v.room.codec and hold.targets[0] == v.tables.codec_load:
        yield Demand("codec.power", "asleep", Rank(hold.rank), hold.because)
    if name in v.room.displays:
        yield Demand(f"display.{name}.power", "standby", Rank(hold.rank), hold.because)


def bypass(v: View) -> Iterator[Yield]:
    """Key at BẰNG TAY: no orders to relays at all; devices are told only what a person wants (act.py)."""
    if not on_bypass(v):
        return
    because = Because("bypass", "bypass")
    yield Alert("bypass", "room", because)
    for load in v.tables.loads:
        yield Wait(load, "on", because)
        yield Wait(load, "off", because)
