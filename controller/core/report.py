"""What the room tells the centre, as pure views: the summary (≤ 1 KB) and the full view of each part with
quality, why and since (mqtt contract: `state`, `detail/{part}`). No personal data, no names, no sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from controller.core.checks import checks
from controller.core.hours import ran
from controller.core.instant import Instant
from controller.core.lamps import lamps
from controller.core.operating import ticked
from controller.core.phases import phase
from controller.core.renewal import in_the_way
from controller.core.room import Room
from controller.core.seating import confirmed_by, frames, noted
from controller.core.secrecy import hold_of_floor, reserved
from controller.core.speech import queue
from controller.core.state import Fact, Quality, State
from controller.core.tables import tables, target
from controller.core.upkeep import APPROVED
from controller.core.view import View
from controller.core.views import load_state, next_meeting, why
from hardware.contract import Value

Tree: TypeAlias = Union[Value, "Mapping[str, Tree]"]

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
        "power": _good(state, "ups.source") or ("unknown" if room.has_ups else "mains"),
        "loads": {load.name: LETTERS[load_state(state, target(load))] for load in room.loads},
        "call": None if untold else _good(state, "codec.in_call"),
        "mic": None if untold else _good(state, "codec.mute"),
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
        "line": line_word(state, room),
        "climate": {zone.place: _good(state, f"climate.{zone.place}.temp_c") for zone in room.zones},
    }


def _good(state: State, name: str) -> Value:
    fact = state.facts.get(name)
    return fact.value if fact is not None and fact.quality is Quality.GOOD else None


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
    panel: dict[str, Tree] = {"holds": {n: h.value for n, h in state.holds.items() if not hold_of_floor(n)}}
    codec = {name: value for name, value in full["codec"].items() if name in _DEVICE}
    line = {name: value for name, value in full["line"].items() if name != "lost"}
    return {**full, "codec": codec, "camera": {}, "panel": panel, "line": line, "rollcall": {}}


_DEVICE = ("answers", "identity", "login", "power", "software", "updating", "reboots")
"""What a codec says of itself and not of the call."""


def _details(state: State, now: Instant, room: Room) -> dict[str, dict[str, Tree]]:
    return {
        "loads": {load.name: {**why(state, target(load)), **ran(state.marks, load)} for load in room.loads},
        "ups": {**_facts(state, "ups."), **_figures(state, room)},
        "climate": _facts(state, "climate."),
        "camera": {**_facts(state, "camera."), **_seats(state, now, room)},
        "codec": _facts(state, "codec."),
        "line": _line(state, room),
        "host": _facts(state, "host."),
        "light": _facts(state, "light."),
        "contacts": _contacts(state, room),
        "panel": _panel(state, now, room),
        "checks": _checks(state, now, room),
        "rollcall": _rollcall(state, now, room),
        "schedule": _schedule(state),
        "config": {
            "modes": {rule: state.modes.get(rule, mode).value for rule, mode in room.modes.items()},
            "devices": {device.name: dict(device.told) for device in room.devices},
            "drift": _drift(state),
            "done": {name[5:]: _when(kept.value) for name, kept in state.marks.items() if name.startswith("done.")},
        },
    }


def _drift(state: State) -> dict[str, Tree]:
    """N30: what was approved, and what it is now where that is another; an adaptor or camera that is away keeps its
    word."""
    rows: dict[str, Tree] = {}
    for mark, kept in state.marks.items():
        name = mark.removeprefix(APPROVED)
        if name != mark and kept.value:
            other = state.marks.get(f"another.{name}")
            rows[name] = {"approved": kept.value, "now": (other.value if other is not None else "") or kept.value}
    return rows


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
    and alert, the titles behind the meetings' uids, keeper and displays."""
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
    titles: dict[str, Tree] = {m.uid: m.title for m in meetings if m.title}
    targets: dict[str, Tree] = {name: why(state, name) for name in room.targets}
    return {
        "targets": targets,
        "alerts": alerts,
        "titles": titles,
        "keeper": _facts(state, "keeper."),
        "update": dict(in_the_way(state)),
        "display": _facts(state, "display."),
    }


def _contacts(state: State, room: Room) -> dict[str, Tree]:
    """Smoke, water, tamper, door. Not motion: who was in a room minute by minute is nobody's business (people)."""
    names = tables(room).inputs("smoke", "leak", "tamper", "door")
    return {name: fact_view(fact) for name in names if (fact := state.facts.get(f"input.{name}")) is not None}


def line_word(state: State, room: Room) -> Value:
    """`lan`, `line`, `far_end`: what is down; `slow`, `bad`; `good`; None = nothing can be said."""
    part, bad = (_mark(state, name) for name in ("line.part", "line.bad"))
    if part or bad:
        return part or str(bad).partition(" ")[0].removeprefix("line_")
    known = (_good(state, f"line.{place.name}.reachable") for place in room.line.places[1:])
    return "good" if any(word is True for word in known) else None


def _mark(state: State, name: str) -> Value:
    kept = state.marks.get(name)
    return kept.value if kept is not None else None


def _line(state: State, room: Room) -> dict[str, Tree]:
    """Link and probes; `measures_line` False: figures of another path, never held against the provider. No phone
    number and no name of a person: this view is retained at the broker."""
    view: dict[str, Tree] = {**_facts(state, "link."), "state": line_word(state, room)}
    if room.line.places:
        places: dict[str, Tree] = {place.name: _facts(state, f"line.{place.name}.") for place in room.line.places}
        view |= {"measures_line": room.line.ours, "places": places, "lost": _mark(state, "call.lost")}
    expect = state.holds.get("expect.line_down.line")
    return view | ({"expect": expect.until_wall_ms or None} if expect is not None else {})


def _facts(state: State, prefix: str) -> dict[str, Tree]:
    return {name[len(prefix) :]: fact_view(fact) for name, fact in state.facts.items() if name.startswith(prefix)}


def _figures(state: State, room: Room) -> dict[str, Tree]:
    """N11: what the mains did short of an outage, in the hour that is being counted and in the last noted."""
    found: dict[str, Tree] = {}
    for name in ("sags", "regulated") if room.has_ups else ():
        kept, noted = state.marks.get(name), state.marks.get(f"!{name}")
        counting = kept.value if kept is not None and isinstance(kept.value, tuple) else (0, 0)
        found[name] = {"count": counting[0], "longest_ms": counting[1], "noted": noted.value if noted else None}
    return found


def fact_view(fact: Fact) -> Tree:
    """A good value alone; anything else with its quality and since when."""
    if fact.quality is Quality.GOOD:
        return fact.value
    return {"value": fact.value, "quality": fact.quality.value, "since_ms": fact.since_ms}


def _checks(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """R6, R7: every item as it stands now, with its figure and why; and the last check of each kind (form A)."""
    rows: dict[str, Tree] = {check.item: _row(*check.row()[1:]) for check in checks(View(state, now, room))}
    rehearsal, rest = state.marks.get("rehearsal"), state.holds.get("rehearse")
    running = rehearsal.value[0] if rehearsal is not None and isinstance(rehearsal.value, tuple) else ""
    made: dict[str, Tree] = {
        name[1:]: _made(kept.value)
        for name, kept in state.marks.items()
        if name.startswith("!check") and kept.value
    }
    return {"now": rows, "made": made, "rehearsal": running, "rehearse": rest.value if rest is not None else "auto"}


def _row(result: Value, figure: Value, why: Value) -> Tree:
    row: dict[str, Tree] = {"result": result}
    return row | ({"figure": figure} if figure is not None else {}) | ({"why": why} if why else {})


def _when(done: Value) -> Value:
    """R17: when it was last done; by whom is in the record, and no name is told here."""
    return done[0] if isinstance(done, tuple) else None


def _check(shown: str) -> str:
    return {"proven": "passed", "failed": "failed", "off": "not_due"}.get(shown, "unknown")


def _made(value: Value) -> Tree:
    if not isinstance(value, tuple) or len(value) != 5:
        return value
    verdict, wall_ms, failed, unmade, _ = value
    return {"result": verdict, "wall_ms": wall_ms, "failed": failed, "not_made": unmade}


def _schedule(state: State) -> dict[str, Tree]:
    booked: dict[str, Tree] = {
        b.meeting.uid: {"start": b.meeting.start_ms, "end": b.meeting.end_ms, "late": b.late} for b in state.booked
    }
    coming: dict[str, Tree] = {
        m.uid: {"start": m.start_ms, "end": m.end_ms, "tentative": m.tentative} for m in state.meetings
    }
    storm = state.holds.get("storm")
    until: dict[str, Tree] = {} if storm is None else {"storm": {"end": storm.until_wall_ms or None}}
    return {"version": state.version, "booked": booked, "meetings": coming, **until}
