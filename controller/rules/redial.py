"""R12 — calling again after an abnormal loss, where `who_dials` lets the room (004 Đ9.2: restore, tell, record).

After a loss with a cause (lost.py), in a booked meeting that is neither secret nor external, with the line back
and the codec awake: main, main, backup, each after 20–60 s of the room's own, and never a fourth time. While the
centre says that many rooms fell together (`incident common`) nobody calls: the MCU calls all. Without the centre
nobody can say that: then the wait is up to three minutes, so that the rooms of a province do not all call in one
minute; to wait for the centre itself would leave a room out of its meeting for a broker's sake. The wait is
reckoned from room, meeting and try: there is no chance in the core, and two rooms still differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import STARTING_MS, in_call, live, on_bypass
from controller.rules.line import failing
from controller.rules.lost import UNKNOWN_PART
from hardware.contract import Value

CALLING_MS = 60_000
"""A call that is not up by then will not be."""
HOUR_MS, MOST_AN_HOUR = 3_600_000, 6
"""A line that flaps is no line: six calls in an hour, then people look."""
MCU_FIRST_MS = 60_000
"""Where either may call, the main site has the first minute."""
TOLD = "redial.told"
"""Mark: meeting, whom the desk had the room call, what the calendar named then."""


def redial(v: View) -> Iterator[Yield]:
    """R12: wait, call, look; three times at most. `redial` remembers the step and the try: `wait 1`, `call 1` …"""
    meeting = next(live(v), None)
    yield from _told(v, meeting)
    if meeting is None or not _ours(v, meeting):
        yield Mark("redial", "")
        return
    step, _, number = str(v.mark("redial") or "wait 1").partition(" ")
    n = int(number)
    if step == "call":
        step, n = _called(v, n, _address(v, meeting, n))
    if step not in ("call", "spent"):
        step = _waited(v, meeting, step, n)
        if step == "call":
            yield Mark("redial.count", int(str(v.mark("redial.count") or 0)) + 1)
    yield Mark("redial", f"{step} {n}")
    if step == "call":
        because = Because("R12", "R12.redial", (meeting.meeting.uid, n))
        yield Demand("codec.dial", _address(v, meeting, n), Rank.SCHEDULE, because)
    elif step == "spent":
        yield Alert("redial_spent", "codec", Because("R12", "R12.spent", (meeting.meeting.uid,)))


def _ours(v: View, booked: Booked) -> bool:
    """Is it for the room to call, and is there anything to call?"""
    meeting = booked.meeting
    mine = v.room.calls.who_dials != "mcu" and not meeting.secret and not meeting.external
    gone = v.mark("call.lost") not in (None, "", UNKNOWN_PART) and in_call(v) is not True
    return mine and gone and bool(_address(v, booked, 1)[0])


def _told(v: View, booked: Booked | None) -> Iterator[Yield]:
    """Whom the desk had the room call in this meeting stays the main site of it (R25): another's calendar does not
    learn of a switch. A calendar that names another number since then is the later word."""
    hold = v.hold("codec.dial")
    if booked is not None and hold is not None and isinstance(hold.value, tuple) and hold.value:
        yield Mark(TOLD, (booked.meeting.uid, hold.value[0], booked.meeting.numbers))


def _main(v: View, booked: Booked) -> str:
    """The desk's order, else the meeting's first number, else the room's own: a default for meetings that name
    none. After a switch (R25) the room's own is where nobody is any more."""
    told, meeting = v.mark(TOLD), booked.meeting
    if isinstance(told, tuple) and (told[0], told[2]) == (meeting.uid, meeting.numbers):
        return str(told[1])
    return next(iter(meeting.numbers), "") or v.room.redial.main


def _address(v: View, booked: Booked, n: int) -> tuple[Value, ...]:
    """Whom try `n` calls: the last of three goes to the backup site, where there is one."""
    redial = v.room.redial
    number = redial.backup if n == 3 and redial.backup else _main(v, booked)
    return (number, redial.protocol, redial.kbps)


def _waited(v: View, booked: Booked, step: str, n: int) -> str:
    """`hold` while nobody should call, `wait` for the room's own turn, then `call`."""
    if not _may(v):
        return "hold"
    if step == "hold":
        return "wait"
    return "call" if v.held("redial", f"wait {n}", delay_ms(v, booked.meeting.uid, n)) else "wait"


def _may(v: View) -> bool:
    if not v.up_for(STARTING_MS):
        return False
    people = on_bypass(v) or v.hold("common") is not None or v.hold("codec.dial") is not None
    if people or failing(v) or v.mark("line.part") or v.rises("redial.count", HOUR_MS) >= MOST_AN_HOUR:
        return False
    # Somebody calls, or is called, already; a codec that does not answer calls nobody.
    return v.get("codec.answers") is True and v.get("codec.calls") == ()


def _called(v: View, n: int, address: tuple[Value, ...]) -> tuple[str, int]:
    """What became of try `n`: still calling, or over without a call. One that an earlier life of ours has made is
    not made again: its call may be coming."""
    track = v.track("codec.dial")
    failed = track is not None and track.want == address and track.proof is Proof.FAILED
    if v.up_for(STARTING_MS) and not failed and not v.held("redial", f"call {n}", CALLING_MS):
        return "call", n
    return ("wait", n + 1) if n < v.room.redial.tries else ("spent", n)


def delay_ms(v: View, uid: str, n: int) -> int:
    """The wait before try `n`: another in each room, meeting and try, and always the same one."""
    redial = v.room.redial
    most_ms = redial.most_ms if v.get("link.centre") is True else max(redial.alone_ms, redial.most_ms)
    share = int.from_bytes(sha256(f"{v.room.name} {uid} {n}".encode()).digest()[:4], "big") / 2**32
    first_ms = MCU_FIRST_MS if v.room.calls.who_dials == "either" and n == 1 else 0
    return first_ms + redial.least_ms + round(share * max(0, most_ms - redial.least_ms))
