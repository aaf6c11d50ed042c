"""Who may do what: role × action × meeting, as one table. Pure.

Outside a booked meeting nobody opens a microphone, accepts a call or moves a camera, whoever they are; the room
itself refuses it too. A chair's pass serves one meeting, a phone's pass one room; a technician's account does in
each room of its communes what a phone's pass does in its one. Where a meeting has a desk of its own, other
operators see it and touch nothing of it; administrators may, for a desk can fall ill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Role(Enum):
    """`chair` and `phone` are passes (links), the others are accounts."""

    ADMIN = "admin"
    OPERATOR = "operator"
    OFFICE = "office"
    VIEWER = "viewer"
    CHAIR = "chair"
    PHONE = "phone"
    TECHNICIAN = "technician"


class Action(Enum):
    """What a page can ask for."""

    SEE = "see"
    SEE_PEOPLE = "see_people"
    PEOPLE = "people"
    POWER = "power"
    FORCE = "force"
    FLOOR = "floor"
    DESK = "desk"
    MIC = "mic"
    CALL = "call"
    CAMERA = "camera"
    ROLLCALL = "rollcall"
    INCIDENT = "incident"
    CAUSE = "cause"
    EXPLAIN = "explain"
    ASK = "ask"
    CALENDAR = "calendar"
    MAINTAIN = "maintain"
    DUTY = "duty"
    REPORT = "report"
    SETTINGS = "settings"
    ADMIN = "admin"


IN_MEETING = frozenset({Action.FLOOR, Action.DESK, Action.MIC, Action.CALL, Action.CAMERA})
"""Only inside a booked meeting of that room. DESK: what the control desk alone does in it: texts and volume, the
backup main site, the chair's link."""
AT_DESK = IN_MEETING | {Action.ROLLCALL}
"""Only by the meeting's own desk, where it has one."""

_DESK = frozenset(Action) - {Action.ADMIN, Action.SETTINGS, Action.CAUSE, Action.EXPLAIN, Action.DUTY}
_ON_SITE = frozenset({Action.SEE, Action.DUTY, Action.EXPLAIN, Action.MAINTAIN, Action.ASK})
_MAY: Mapping[Role, frozenset[Action]] = {
    Role.ADMIN: frozenset(Action) - {Action.DUTY},
    Role.OPERATOR: _DESK,
    Role.OFFICE: frozenset({Action.SEE, Action.SEE_PEOPLE, Action.REPORT, Action.CAUSE, Action.ASK}),
    Role.VIEWER: frozenset({Action.SEE}),
    Role.CHAIR: frozenset({Action.FLOOR}),
    Role.PHONE: _ON_SITE,
    Role.TECHNICIAN: _ON_SITE,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `room` binds a phone's pass, `meeting` a chair's; '' = not bound. `rooms`: those of a technician's
    communes at this moment."""

    name: str
    role: Role
    user: int | None = None
    unit: str = ""
    lang: str = "vi"
    room: str = ""
    meeting: str = ""
    rooms: frozenset[str] = frozenset()

    @property
    def bound(self) -> frozenset[str] | None:
        """The rooms outside of which nothing is told and nothing done; None = every room."""
        if self.role is Role.TECHNICIAN:
            return self.rooms
        return frozenset({self.room}) if self.room else None

    def part(self, by_room: Mapping[str, T]) -> dict[str, T]:
        """Of what stands there by room, what may be told."""
        bound = self.bound
        return {room: one for room, one in by_room.items() if bound is None or room in bound}

    def one_of(self, rooms: Iterable[str]) -> str:
        """For `refusal`, about what is of several rooms: one that may be reached, '-' = there is none; '' where
        nothing binds."""
        return "" if self.bound is None else min(self.bound & set(rooms), default="-")


@dataclass(frozen=True, slots=True)
class Window:
    """A booked instance as far as rights look at it: [start - 90 min, end + 30 min] is inside."""

    uid: str
    start_ms: int
    end_ms: int
    rooms: frozenset[str]
    desk: frozenset[int] = frozenset()
    """Accounts of its desk; empty = every operator."""

    def holds(self, now_ms: int) -> bool:
        return self.start_ms - 90 * 60_000 <= now_ms < self.end_ms + 30 * 60_000


def refusal(
    actor: Actor, action: Action, now_ms: int, *, room: str = "", meeting: Window | None = None
) -> str | None:
    """None = allowed; else the code of the sentence that says why not: `rights.role`, `rights.other_room`,
    `rights.other_commune`, `rights.other_meeting`, `rights.other_desk`, `rights.no_meeting`."""
    if action not in _MAY[actor.role]:
        return "rights.role"
    if actor.bound is not None and room not in actor.bound:
        return "rights.other_commune" if actor.role is Role.TECHNICIAN else "rights.other_room"
    if actor.meeting and (meeting is None or meeting.uid != actor.meeting):
        return "rights.other_meeting"
    if actor.role is Role.OPERATOR and action in AT_DESK and meeting is not None and _of_others(actor, meeting):
        return "rights.other_desk"
    if action in IN_MEETING and not _inside(meeting, room, now_ms):
        return "rights.no_meeting"
    return None


def _of_others(actor: Actor, meeting: Window) -> bool:
    return bool(meeting.desk) and actor.user not in meeting.desk


def _inside(meeting: Window | None, room: str, now_ms: int) -> bool:
    return meeting is not None and meeting.holds(now_ms) and (not room or room in meeting.rooms)
