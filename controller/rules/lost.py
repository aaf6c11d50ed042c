"""R12 — a call that ends or falls silent in a meeting: which part, and is it a loss or a hang-up?

A hang-up by either side is no loss. Where the codec does not say how a call ended, it is a loss only with a
witness: the line was failing or bad, the codec had fallen silent or started anew. Without one the desk is asked,
and nothing is dialled. "No sound" and "no picture" are kinds of their own: packets stop while the call is up.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import in_call, live
from controller.rules.line import failing

UNSURE_MS = 600_000
"""A call whose end nobody can explain is asked about for so long: meetings often end before their booked end."""
LATE_MS = 60_000
"""The line is often known to be down only after the call; what fails later than this did not end it, and who had
hung up is not called again."""
WITNESS_MS = 120_000
"""A call outlives its line by its own time-outs, which are below two minutes."""
SETTLED_MS = 30_000
"""A call's channels are open by then."""
STOPPED_MS = 15_000
"""Three looks of the codec's own statistics."""
UNKNOWN_PART, CODEC = "unknown", "codec"
HUNG_UP = ("near", "far")
"""As a Cisco tells it. A Polycom gives a code for it (`notify callstatus`) whose values are documented nowhere."""


def witness(v: View) -> Iterator[Yield]:
    """What may have ended a call, remembered for a while: the line first, then the codec itself."""
    bad = str(v.mark("line.bad") or "")
    silent = v.get("codec.answers") is False and v.mark("call.up") is True
    reboots = v.get("codec.reboots")
    part = failing(v) or str(v.mark("line.part") or "") or ("line" if bad.startswith("line_bad") else "")
    if not part and (silent or (reboots is not UNKNOWN and v.mark("codec.starts") not in (None, reboots))):
        part = CODEC
    if reboots is not UNKNOWN:
        yield Mark("codec.starts", reboots)
    if part:
        yield Mark("call.witness", part)
        yield Mark("call.quiet", False)
    elif v.mark("call.witness"):
        yield Mark("call.quiet", True)
        if v.held("call.quiet", True, WITNESS_MS):
            yield Mark("call.witness", "")


def lost(v: View) -> Iterator[Yield]:
    """R12: the meeting's call is gone: say so, with the part, until it is back or the meeting is over."""
    call = in_call(v)
    meeting = next((b for b in live(v) if not (call is True and _of_before(v, b))), None)
    taken = v.hold("codec.hangup") is not None or v.was("codec.hangup") is not None
    if meeting is None or call is True or (taken and v.mark("call.up") is not True):
        yield Mark("call.up", call is True and meeting is not None)
        yield Mark("call.lost", "")
        return
    part = str(v.mark("call.lost") or "")
    if call is False and v.mark("call.up") is True:
        yield Mark("call.up", False)
        part = _part(v)
    elif part == UNKNOWN_PART:
        part = _later(v)
    yield Mark("call.lost", part)
    if part:
        code = "R12.ended" if part == UNKNOWN_PART else "R12.dropped"
        yield Alert("dropped", part, Because("R12", code, (meeting.meeting.uid,)))


def _of_before(v: View, booked: Booked) -> bool:
    """The call is still that of a meeting which is over; this one has not begun."""
    since_ms = v.since_ms("codec.in_call")
    over = any(since_ms < b.end_ms and v.past(b.end_ms) for b in v.booked())
    return over and not v.past(booked.start_ms)


def _later(v: View) -> str:
    """What is known by now of an end that nobody could explain."""
    if v.get("codec.ended") in HUNG_UP or v.held("call.lost", UNKNOWN_PART, UNSURE_MS):
        return ""
    late = v.held("call.lost", UNKNOWN_PART, LATE_MS)
    return UNKNOWN_PART if late else str(v.mark("call.witness") or UNKNOWN_PART)


def _part(v: View) -> str:
    """'' = somebody hung up."""
    ended = v.get("codec.ended")
    if v.was("codec.hangup") is not None or v.was("codec.power") == "asleep" or ended in HUNG_UP:
        return ""
    if v.tables.codec_load and v.seen(v.tables.codec_load) == "off":
        return ""  # whoever took its power has said why
    known = str(v.mark("call.witness") or "")
    return known or ("line" if ended == "lost" else UNKNOWN_PART)


def media(v: View) -> Iterator[Yield]:
    """R12: the call is up and nothing comes in: no sound, no picture, or neither where both count as one."""
    if not v.stayed("codec.in_call", True, SETTLED_MS):
        return
    told = (("no_sound", "codec.audio_in_kbps"), ("no_picture", "codec.video_in_kbps"))
    if all(v.get(fact) is UNKNOWN for _, fact in told):
        if v.stayed("codec.rate_kbps", 0, STOPPED_MS):
            yield Alert("no_media", CODEC, Because("R12", "R12.no_media"))
        return
    for code, fact in told:
        if v.stayed(fact, 0, STOPPED_MS):
            yield Alert(code, CODEC, Because("R12", f"R12.{code}"))
