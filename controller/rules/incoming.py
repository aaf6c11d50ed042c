"""R11, calls that come in (004 Đ9.2 b3; people 5.7: nobody listens in on an empty office).

A listed address is answered inside a booked window, [T-60, end + grace]. Any other call rings, the lamps GỌI HỖ
TRỢ and SẴN SÀNG say so (double blink: a person is needed), and only a press in the room answers it; none is cut.
The press is GỌI HỖ TRỢ: it is the one button about calls (its hold explains a dialled one), every kit has it, its
own lamp shows the ring, and whoever presses it by mistake meant to speak with the desk. BẬT would not do: it is
pressed to keep the room on, and must never put its picture on the line. A request for help stands as it was.
The codec's own auto-answer is off outside the window, so that nobody far away can open an empty room; inside,
`who_dials` decides: where the main site calls (`mcu`, `either`) it is on, where the room dials it stays off and
only the list answers. External and secret meetings are answered by people.
Must not: end a call.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.ringing import ringing
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.view import View
from controller.core.words import Demand, Mark, Yield
from controller.rules.common import AUTOANSWER, knows_autoanswer, live
from hardware.contract import Value


def answer(v: View) -> Iterator[Yield]:
    """A listed address is answered inside a booked window, by one try: what fails rings on for people."""
    calls = ringing(v.get("codec.calls"))
    if not calls:
        yield Mark("unanswered", "")
    for call in calls:
        if v.mark("unanswered") == call[0] or not _listed(v, str(call[3])):
            continue
        track = v.track("codec.answer")
        if track is not None and track.proof is Proof.FAILED:
            yield Mark("unanswered", call[0])
            continue
        yield Demand("codec.answer", "video", Rank.SCHEDULE, Because("R11", "R11.answer", (call[0],)))


def autoanswer(v: View) -> Iterator[Yield]:
    """People 5.7: outside a booked window the codec answers nothing by itself. A codec that does not tell whether
    it would is left as commissioning has set it."""
    if not knows_autoanswer(v):
        return
    meetings = [b.meeting for b in live(v, v.room.idle.end_grace_ms)]
    theirs = v.room.calls.who_dials != "room" and not any(m.external or m.secret for m in meetings)
    if meetings and theirs:
        because = Because("R11", "R11.autoanswer_on", (meetings[0].uid,))
        yield Demand(AUTOANSWER, "on", Rank.SCHEDULE, because)
    else:
        yield Demand(AUTOANSWER, "off", Rank.SCHEDULE, Because("R11", "R11.autoanswer_off"))


def _listed(v: View, number: str) -> bool:
    meetings = [b.meeting for b in live(v, v.room.idle.end_grace_ms)]
    if not meetings or any(m.external or m.secret for m in meetings):
        return False
    return any(allows(listed, number) for m in meetings for listed in (*m.numbers, *v.room.calls.allowed))


def allows(listed: str, number: Value) -> bool:
    """The number itself, or the beginning of it where the list gives one that ends in a dot (a network's)."""
    bare = str(number).removeprefix("sip:").removeprefix("h323:")
    return bool(listed) and (bare == listed or (listed.endswith(".") and bare.startswith(listed)))
