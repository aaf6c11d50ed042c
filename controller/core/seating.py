"""Which frame belongs to which seat in this meeting (R8: 004 Đ8.3 b4, Đ9.1 b1, Đ9.2 b2). Pure.

The room's seats are the default; the calendar may give the meeting others (X-DIEMCAU-SEATS), and the desk or the
technician may set and confirm them for it: the mark `!seats.<uid>` holds who did and what was changed.
Must not: move a camera (rules/seats.py), nor know who sits there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from controller.core.meeting import Booked
from controller.core.room import Room
from hardware.contract import Value

OVERVIEW = "overview"
"""The seat that is nobody's: the whole room."""
SPEAKER = "speaker"
"""Mark: the seat that was given the floor last, '' = the room as a whole."""


class Frame(NamedTuple):
    """Where a seat is seen."""

    camera: str
    preset: int

    @property
    def target(self) -> str:
        return f"camera.{self.camera}.preset"


def seated(live: Sequence[Booked], past: Callable[[int], bool]) -> Booked | None:
    """Whose plan counts, of meetings that are on or about to be: the one that began last, else the next."""
    begun = [booked for booked in live if past(booked.start_ms)]
    return begun[-1] if begun else next(iter(live), None)


def noted(uid: str) -> str:
    """The mark that holds who confirmed this meeting's seats, and what was changed."""
    return f"!seats.{uid}"


def frames(room: Room, booked: Booked | None = None, kept: Value = None) -> Mapping[str, Frame]:
    """Seat → frame; `kept`: the value of the meeting's mark."""
    plan = {seat.name: Frame(seat.camera, seat.preset) for seat in room.seats}
    for name, preset in (*(booked.meeting.seats if booked is not None else ()), *changed(kept)):
        if name in plan:
            plan[name] = plan[name]._replace(preset=preset)
    return plan


def confirmed_by(kept: Value) -> str:
    """Who looked at the seats of this meeting last; '' = nobody yet."""
    return kept[0] if isinstance(kept, tuple) and kept and isinstance(kept[0], str) else ""


def changed(kept: Value) -> tuple[tuple[str, int], ...]:
    """The seats that people have given another frame in this meeting."""
    rows = kept[1:] if isinstance(kept, tuple) else ()
    return tuple(
        (row[0], row[1])
        for row in rows
        if isinstance(row, tuple) and len(row) == 2 and isinstance(row[0], str) and isinstance(row[1], int)
    )
