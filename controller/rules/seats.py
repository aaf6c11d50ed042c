"""R8 — the picture shows whoever has the floor (004 Đ8.3 b4, Đ9.1 b1, Đ9.2 b2: frames match this meeting's seats).

The seat's preset is recalled when the floor is given, by the desk or by holding the button, and confirmed by
inquiry; the overview afterwards. Each is asked for until it is seen once: then the camera is the people's, who may
zoom or turn it (R28). What was not seen within a minute is said. In secret and external meetings, and while the
room is worked by hand, no camera moves by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.seating import OVERVIEW, SPEAKER, Frame, frames, noted, seated
from controller.core.state import Proof
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import in_call, live, on_bypass
from hardware.contract import Value

FRAME = "frame"
"""The mark: (seat, `due` or `shown`), '' = the camera is nobody's business."""
MISSED_MS = 60_000
"""The slowest head crosses its range in 20 s, a lost order is repeated after 30 s."""


def frame(v: View) -> Iterator[Yield]:
    """R8: show the seat that has the floor, then the overview again."""
    if not v.room.seats or on_bypass(v):
        return
    seat, stage = _kept(v)
    wanted = _wanted(v, seat)
    if wanted != seat:
        yield Mark(FRAME, (wanted, "due") if wanted else "")
        return
    if stage != "due":
        return
    meeting = _meeting(v)
    shot = frames(v.room, meeting, _noted(v, meeting)).get(seat)
    if shot is None or v.was(f"camera.{shot.camera}.park") is not None or _shown(v, shot):
        yield Mark(FRAME, (seat, "shown"))
        return
    yield Demand(shot.target, shot.preset, Rank.SCHEDULE, Because("R8", "R8.frame", (seat,)))
    if v.held(FRAME, (seat, "due"), MISSED_MS):
        yield Alert("frame_missing", shot.target, Because("R8", "R8.missing", (seat,)))


def _kept(v: View) -> tuple[str, str]:
    kept = v.mark(FRAME)
    return (str(kept[0]), str(kept[1])) if isinstance(kept, tuple) and len(kept) == 2 else ("", "")


def _wanted(v: View, seat: str) -> str:
    """The seat that is to be seen; '' = whatever people have chosen."""
    here = list(live(v, v.room.idle.end_grace_ms))
    if any(b.meeting.secret or b.meeting.external for b in here):
        return ""
    now = speaking(v)
    if now is not None:
        return now or seat
    return OVERVIEW if seat and (here or in_call(v) is True) else ""


def speaking(v: View) -> str | None:
    """The seat that has the floor, '' = the room without a seat's name, None = nobody."""
    mic = v.hold("mic")
    if v.hold("floor") is None and (mic is None or mic.value != "open"):
        return None
    return str(v.mark(SPEAKER) or "")


def _meeting(v: View) -> Booked | None:
    return seated(list(live(v, v.room.idle.end_grace_ms)), v.past)


def _noted(v: View, meeting: Booked | None) -> Value:
    return v.mark(noted(meeting.meeting.uid)) if meeting is not None else None


def _shown(v: View, shot: Frame) -> bool:
    track = v.track(shot.target)
    return track is not None and track.want == shot.preset and track.proof is Proof.PROVEN
