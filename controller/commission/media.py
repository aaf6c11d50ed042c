"""Steps 8 to 10: microphones, a call out and a call in, seats.

A microphone that nobody hears when it is open proves nothing by being silent when it is muted: both are asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.commission.loads import everything
from controller.commission.place import Place
from controller.commission.site import Frame
from controller.commission.talk import Talk, Verdict, ask, count, do, facts, failed, passed, say, seen, write
from controller.core.upkeep import AXES, place
from hardware.contract import Value

CALL_MS = 90_000
"""An MCU answers within half a minute; a gatekeeper that looks for it takes as long again."""
RING_MS = 300_000
"""Somebody at the centre has to be reached by phone first."""
MOVE_MS = 60_000
TIMES = 2


def microphones(at: Place) -> Talk[Verdict]:
    """Step 8, in the call of the technician with a listener: every microphone heard open, silent muted."""
    yield from everything(at.site)
    number = yield from count("commission.q.mics")
    for n in range(1, number + 1):
        for value, code in (("open", "commission.q.heard"), ("muted", "commission.q.silent")):
            if why := (yield from do("codec.mute", value)):
                return failed("commission.defect.mute", value, why)
            if not (yield from ask(code, n)):
                return failed(f"commission.defect.mic_{value}", n)
    return passed(microphones=number) if number else failed("commission.defect.no_mics")


def call_out(at: Place) -> Talk[Verdict]:
    yield from everything(at.site)
    number = yield from write("commission.q.number")
    if why := (yield from do("codec.dial", (number, "auto", 0), CALL_MS)):
        return failed("commission.defect.dial", number, why)
    if (yield from seen(CALL_MS, (("codec.in_call", (True,)),))) is None:
        return failed("commission.defect.no_answer", number)
    return (yield from _both_ways("out"))


def call_in(at: Place) -> Talk[Verdict]:
    """The MCU calls: nothing is answered by itself, the room answers it, and knows whose call it is."""
    yield from everything(at.site)
    yield from do("codec.autoanswer", "off")
    yield from say("commission.say.call_us")
    if (yield from seen(RING_MS, (("call.in", ("ringing",)),))) is None:
        return failed("commission.defect.no_ring")
    if why := (yield from do("codec.answer", "video", CALL_MS)):
        return failed("commission.defect.answer", why)
    if (yield from seen(CALL_MS, (("codec.in_call", (True,)),))) is None:
        return failed("commission.defect.answer", "timeout")
    return (yield from _both_ways("in"))


def _both_ways(way: str) -> Talk[Verdict]:
    """Read right, seen and heard at both ends, ended."""
    ways = direction((yield from facts()))
    good = yield from ask("commission.q.both_ways")
    figures = (yield from facts()).get("codec.loss_pct")
    yield from do("codec.hangup", "all", CALL_MS)
    if way not in ways:
        return failed("commission.defect.direction", way, ", ".join(ways))
    return passed(direction=way, loss_pct=figures) if good else failed("commission.defect.one_way", way)


def direction(found: Mapping[str, Value]) -> tuple[str, ...]:
    """The directions of the calls that are there, as the codec tells them."""
    calls = found.get("codec.calls")
    rows = calls if isinstance(calls, tuple) else ()
    return tuple(str(row[1]) for row in rows if isinstance(row, tuple) and len(row) > 1)


def seat(at: Place) -> Talk[Verdict]:
    """Step 10: framed by hand, stored, and twice found again from elsewhere."""
    yield from everything(at.site)
    row = next(frame for frame in at.site.seats if frame.name == at.item)
    if not (yield from ask("commission.q.frame", row.label)):
        return failed("commission.defect.frame", row.label)
    if why := (yield from do(f"camera.{row.camera}.store", row.preset)):
        return failed("commission.defect.store", row.label, why)
    for _ in range(TIMES):
        if why := (yield from _recalled(row)):
            return failed("commission.defect.recall", row.label, why)
    where = place_of((yield from facts()), row.camera)
    good = yield from ask("commission.q.right", row.label)
    return passed(preset=row.preset, place=where) if good else failed("commission.defect.picture", row.label)


def place_of(found: Mapping[str, Value], camera: str) -> str:
    """Where the camera looks, as R14 compares it; '' = it does not say."""
    return place(*(found.get(f"camera.{camera}.{axis}") for axis in AXES))


def _recalled(row: Frame) -> Talk[str]:
    """Away from the frame, and back to it; '' = the camera says that it is there."""
    if why := (yield from do(f"camera.{row.camera}.park", "home", MOVE_MS)):
        return why
    return (yield from do(f"camera.{row.camera}.preset", row.preset, MOVE_MS))
