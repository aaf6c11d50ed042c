"""What the room tells the centre, as pure views: the summary (≤ 1 KB) and the full view of each part with
quality, why and since (mqtt contract: `state`, `detail/{part}`). No personal data, no names, no sound."""

from __future__ import annotations

from controller.core import parts
from controller.core.checks import checks
from controller.core.hours import ran
from controller.core.instant import Instant
from controller.core.lamps import lamps
from controller.core.operating import ticked
from controller.core.parts import Tree
from controller.core.phases import phase
from controller.core.pi_orders import in_the_way
from controller.core.room import Room
from controller.core.seating import confirmed_by, frames, noted
from controller.core.secrecy import hold_of_floor, reserved, secret
from controller.core.speech import queue
from controller.core.state import State
from controller.core.tables import target
from controller.core.view import View
from controller.core.views import load_state, next_meeting, why
from hardware.contract import Value

LETTERS = {"off": "0", "ordered": "o", "proven": "1", "failed": "f", "unknown": "?"}
"""One letter a load, so that ten thousand rooms fit on one page."""
_BAD = frozenset(
    [
        "failed",
        "lost",
        "heat",
        "journal",
        "keeper_down",
        "not_ready",
        "battery_short",
        "smoke",
        "leak",
        "tamper",
        "line_down",
        "dropped",
    ]
)
INCIDENTS_SHOWN = 8


def summary(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """THE summary of the room; what stands last is dropped first when it is too long."""
    codes = sorted({alarm.code for alarm in state.alerts.values()})
    meeting = next_meeting(state, now)
    untold = reserved(state, now, room)
    return {
        "phase": phase(state, room),
        "health": "bad" if any(c in _BAD for c in codes) else "warn" if codes else "good",
        "power": parts.good(state, "ups.source") or ("unknown" if room.has_ups else "mains"),
        "loads": {load.name: LETTERS[load_state(state, target(load))] for load in room.loads},
        "call": None if untold else parts.good(state, "codec.in_call"),
        "mic": None if untold else parts.good(state, "codec.mute"),
        "floor": None
        if untold
        else "live"
        if "floor" in state.holds or _held(state, "mic") == "open"
        else "closed",
        "policy": _policy(state, now),
        "role": _role(state, now),
        "duty": "duty" in state.holds,
        "help": _held(state, "help"),
        "message": "unanswered" if "message" in state.holds else None,
        "asks": () if untold else tuple(seat for seat, _ in queue(state.holds)),
        "bypass": "bypass" in codes,
        "maintenance": "maintenance" in state.holds,
        "meeting": None if meeting is None else {"uid": meeting[0], "start": meeting[2], "ready": meeting[4]},
        "incidents": tuple(codes[:INCIDENTS_SHOWN]),
        "line": parts.line_word(state, room),
        "climate": {zone.place: parts.good(state, f"climate.{zone.place}.temp_c") for zone in room.zones},
    }


def _held(state: State, name: str) -> Value:
    hold = state.holds.get(name)
    return hold.value if hold is not None else None


def _current(state: State, now: Instant) -> int:
    """Index of the booked meeting between its lead and its end, or -1."""
    for index, booked in enumerate(state.booked):
        if booked.on_by_ms <= now.mono_ms < booked.end_ms:
            return index
    return -1


def _policy(state: State, now: Instant) -> Value:
    index = _current(state, now)
    return None if index < 0 else state.booked[index].meeting.policy.value


def _role(state: State, now: Instant) -> Value:
    index = _current(state, now)
    return None if index < 0 else state.booked[index].meeting.role.value


def details(state: State, now: Instant, room: Room) -> dict[str, dict[str, Tree]]:
    """Every part in full: loads, ups, climate, camera, codec, panel, checks, schedule, host. Of a secret or
    external meeting only what power and safety need."""
    full = _details(state, now, room)
    if not reserved(state, now, room):
        return full
    hidden = secret(state, now, room)
    # The desk's own text is no figure of the floor: in an external meeting it is read like any.
    told = {n: h.value for n, h in state.holds.items() if not hold_of_floor(n) or (n == "message" and not hidden)}
    panel: dict[str, Tree] = {"holds": told}
    codec = {name: value for name, value in full["codec"].items() if name in _DEVICE}
    line = {name: value for name, value in full["line"].items() if name != "lost"}
    return {**full, "codec": codec, "camera": {}, "panel": panel, "line": line, "rollcall": {}}


_DEVICE = ("answers", "identity", "login", "power", "software", "updating", "reboots")
"""What a codec says of itself and not of the call."""


def _details(state: State, now: Instant, room: Room) -> dict[str, dict[str, Tree]]:
    return {
        "loads": {load.name: {**why(state, target(load)), **ran(state.marks, load)} for load in room.loads},
        "ups": {**parts.facts(state, "ups."), **parts.figures(state, room)},
        "climate": parts.facts(state, "climate."),
        "camera": {**parts.facts(state, "camera."), **_seats(state, now, room)},
        "codec": parts.facts(state, "codec."),
        "line": parts.line(state, room),
        "host": parts.facts(state, "host."),
        "light": parts.facts(state, "light."),
        "contacts": parts.contacts(state, room),
        "panel": _panel(state, now, room),
        "checks": parts.checked(state, now, room),
        "rollcall": _rollcall(state, now, room),
        "schedule": parts.schedule(state),
        "config": {
            "modes": {rule: state.modes.get(rule, mode).value for rule, mode in room.modes.items()},
            "devices": {device.name: dict(device.told) for device in room.devices},
            "drift": parts.drift(state),
            "done": parts.done(state),
        },
    }


def _panel(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """Lamps, people's set-points, and the queue: seat, channel, since when, the oldest first (R10)."""
    asked = tuple((seat, hold.value, hold.since_ms) for seat, hold in queue(state.holds))
    holds: dict[str, Tree] = {n: h.value for n, h in state.holds.items()}
    return {"lamps": lamps(state, now, room), "holds": holds, "queue": asked}


def _seats(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """R8: the frames of the meeting that is on, and who confirmed them."""
    if not room.seats:
        return {}
    index = _current(state, now)
    booked = state.booked[index] if index >= 0 else None
    mark = state.marks.get(noted(booked.meeting.uid)) if booked is not None else None
    kept = mark.value if mark is not None else None
    plan: dict[str, Tree] = {name: (f.camera, f.preset) for name, f in frames(room, booked, kept).items()}
    return {"seats": plan, "seats_by": confirmed_by(kept) or None}


_DOUBT = ("failed", "not_made", "not_due", "passed", "not_applicable")


def _rollcall(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """R26: what the machine found of each item, the doubtful first, so that the desk calls only those rooms; and
    what people have ticked. `due`: the time of the roll-call."""
    index = _current(state, now)
    if index < 0:
        return {}
    booked = state.booked[index]
    verdicts = ((check.item, str(check.result.value)) for check in checks(View(state, now, room)))
    found = sorted(verdicts, key=lambda row: (_DOUBT.index(row[1]), row[0]))
    begins_ms, ends_ms = (booked.start_ms - ms for ms in (room.duty.rollcall_from_ms, room.duty.rollcall_to_ms))
    mark = state.marks.get(ticked(booked.meeting.uid))
    rows = mark.value if mark is not None and isinstance(mark.value, tuple) else ()
    doubtful = sum(verdict in ("failed", "not_made") for _, verdict in found)
    due = begins_ms <= now.mono_ms < ends_ms
    return {"uid": booked.meeting.uid, "due": due, "doubtful": doubtful, "found": tuple(found), "ticked": rows}


def inside(state: State, room: Room) -> dict[str, dict[str, Tree]]:
    """For whoever stands at the Pi (`diemcau status`, `why`, `check`) and never sent: the reason of every target
    and alert, title and start behind the meetings' uids, keeper and displays."""
    alerts: dict[str, Tree] = {
        f"{a.code} {a.subject}": {
            "alert": a.code,
            "rule": a.because.rule,
            "code": a.because.code,
            "args": a.because.args,
            "since_ms": a.since_ms,
        }
        for a in state.alerts.values()
    }
    meetings = (*state.meetings, *(b.meeting for b in state.booked))
    titles: dict[str, Tree] = {
        m.uid: {"title": "" if m.secret else m.title, "start_ms": m.start_ms} for m in meetings
    }
    targets: dict[str, Tree] = {name: why(state, name) for name in room.targets}
    return {
        "targets": targets,
        "alerts": alerts,
        "titles": titles,
        "keeper": parts.facts(state, "keeper."),
        "update": dict(in_the_way(state)),
        "display": parts.facts(state, "display."),
    }
