"""What several rules say: the whole room on, the whole room down, is there a call, what is booked now.

Nothing here is a rule. `power_on` and `close_down` are the only places that list what belongs to a room.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS, follows
from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Class, Rank
from controller.core.tables import target
from controller.core.view import UNKNOWN, Known, View
from controller.core.words import Demand, Yield
from hardware.contract import Value

HAZARDS = ("smoke", "leak")

STARTING_MS = 30_000
"""After its own start the room is looked at this long before anything is said about it: every device answers
within that, and a restart is not an alarm."""
LOCK_AFTER_MS = 4 * 3_600_000
"""N9: without media the lock ends four hours after the meeting's end."""
AUTOANSWER = "codec.autoanswer"
RATE_TOLD_MS = 600_000
"""A rate that was nought in the first minutes of a call is a codec that does not tell, not a call that has died."""
DAY_MS = 24 * 3_600_000
MORNING_MS = 330 * 60_000
"""05:30: from here on somebody may be preparing a day; a room in doubt is left until the next evening."""


def power_on(v: View, rank: Rank, because: Because) -> Iterator[Yield]:
    """Demand every load that meetings need, the codec awake, the cameras on."""
    for load in v.tables.meeting:
        yield Demand(target(load), "on", rank, because)
    yield from wake_devices(v, rank, because)


def wake_devices(v: View, rank: Rank, because: Because) -> Iterator[Yield]:
    """What devices do once they have power."""
    if v.room.codec:
        yield Demand("codec.power", "awake", rank, because)
    for camera in v.room.cameras:
        name = f"camera.{camera}.power"
        if name in v.room.targets:
            yield Demand(name, "on", rank, because)
    for display in v.room.displays:
        yield Demand(f"display.{display}.power", "on", rank, because)


def close_down(v: View, rank: Rank, because: Because) -> Iterator[Yield]:
    """Demand the end of the calls, cameras parked, the codec asleep and every load off; the table of edges
    puts that in order (R3, R13)."""
    yield from end_devices(v, rank, because)
    for load in v.tables.meeting:
        yield Demand(target(load), "off", rank, because)


def end_devices(v: View, rank: Rank, because: Because) -> Iterator[Yield]:
    """What devices do before they lose their power."""
    if v.room.codec:
        if knows_autoanswer(v):  # or it would wake as open as it fell asleep
            yield Demand(AUTOANSWER, "off", rank, because)
        yield Demand("codec.hangup", "all", rank, because)
        yield Demand("codec.power", "asleep", rank, because)
    for camera in v.room.cameras:
        yield Demand(f"camera.{camera}.park", "home", rank, because)
    for display in v.room.displays:
        yield Demand(f"display.{display}.power", "standby", rank, because)


def knows_autoanswer(v: View) -> bool:
    """The codec has told in this life of ours whether it answers calls by itself."""
    return AUTOANSWER in v.room.targets and isinstance(v.last("codec.autoanswer"), bool)


def in_call(v: View) -> Known:
    """True, False, or UNKNOWN. A codec without power has no call, whatever it last said; one that has lost it since
    has not spoken yet."""
    if v.room.pc is not None:  # a computer tells nobody of its calls; one that is down has none
        return False if pc_runs(v, PC_GONE_MS) is False else UNKNOWN
    if not v.room.codec:
        return False
    if v.tables.codec_load and v.seen(v.tables.codec_load) == "off" and not on_bypass(v):
        return False
    call = v.get("codec.in_call")
    return UNKNOWN if call is True and _cut_since(v) else call


PC_ANSWERED, PC_DRAWS = "pc.answered", "pc.draws"
"""Marks: it has answered us once; it draws what a running one draws."""
PC_GONE_MS = 120_000
"""Silent for so long it has left the meeting, whether it is down or not."""
PC_LOW_MS = 60_000
"""Between two starts of an update a computer draws little for some seconds."""


def pc_runs(v: View, silent_ms: int) -> Known:
    """Does the computer that runs the meeting live? False: without power, drawing too little for a minute, or
    silent for `silent_ms` although it has answered before and the network lives. UNKNOWN: nothing tells."""
    carrier = v.tables.codec_load
    if carrier and v.seen(carrier) == "off" and not on_bypass(v):
        return False
    if v.get("codec.answers") is True:
        return True
    if v.number("codec.watts") is not None and isinstance(v.mark(PC_DRAWS), bool):
        return not v.held(PC_DRAWS, False, PC_LOW_MS)
    silent = v.mark(PC_ANSWERED) is True and _lan(v) and v.stayed("codec.answers", False, silent_ms)
    return False if silent else UNKNOWN


def _lan(v: View) -> bool:
    """Something else than the computer answers in its network, or its own switch is known to have power."""
    if v.room.line.places:
        return v.get("line.gateway.reachable") is True
    return bool(v.tables.network) and all(v.seen(target(load)) == "on" for load in v.tables.network)


def heard(v: View) -> bool:
    """Somebody far away hears this room when its microphone is open: it is in a call, or a computer that could be
    runs."""
    return in_call(v) is True if v.room.pc is None else pc_runs(v, PC_GONE_MS) is not False


CALL = "in_call"
"""Mark: the codec is in a call, or was when it was last heard (use_lock.py)."""


def maybe_call(v: View) -> bool:
    """A call is on, or was when the codec was last heard: the worst case for everything that cuts. A codec that has
    not spoken since our start may still be in the call that the life before knew of."""
    call = in_call(v)
    if call is not UNKNOWN:
        return call is True
    last = v.last("codec.in_call")
    return v.mark(CALL) is True if last is None else last is True and not _cut_since(v)


def in_use(v: View) -> bool:
    """A call may be on. Where a computer runs it, which tells nobody: the meeting is on, and it may run."""
    return maybe_call(v) or (v.room.pc is not None and heard(v) and any(True for _ in live(v)))


def _cut_since(v: View) -> bool:
    """The codec has lost its power since it last spoke of a call: that call is over."""
    power = v.track(v.tables.codec_load)
    return power is not None and v.older("codec.in_call", power.off_ms)


def current(v: View) -> Iterator[Booked]:
    """Meetings between the beginning of their lead and their end."""
    for booked in v.booked():
        if v.past(booked.on_by_ms) and not v.past(booked.end_ms):
            yield booked


def expected(v: View) -> Iterator[Booked]:
    """Meetings between the beginning of the use lock and their end."""
    for booked in v.booked():
        if v.past(booked.start_ms - LOCK_BEFORE_MS) and not v.past(booked.end_ms):
            yield booked


def live(v: View, grace_ms: int = 0) -> Iterator[Booked]:
    """Meetings between T-60 and their end plus grace."""
    for booked in v.booked():
        if v.past(booked.ready_ms) and not v.past(booked.end_ms + grace_ms):
            yield booked


def between(v: View) -> tuple[Booked, Booked] | None:
    """The meeting that is over and the one that follows it after no more than a break of the same day, while the
    room is still on by our last decision (or, after a start, by what it shows)."""
    kept = {v.was(name) if v.was(name) is not None else v.seen(name) for name in v.tables.targets}
    if "on" not in kept:
        return None
    over = [b for b in v.booked() if v.past(b.end_ms)]
    for then in v.booked():
        first = next((b for b in over if follows(b, then, v.room)), None)
        if first is not None and not v.past(then.on_by_ms):
            return first, then
    return None


def room_on(v: View) -> bool:
    """At least one load of the meeting room is known to be on."""
    return any(v.seen(name) == "on" for name in v.tables.targets)


def dark(v: View) -> bool:
    """Every load of the meeting room is known to be off: what nobody can see may be in a call."""
    return all(v.seen(name) == "off" for name in v.tables.targets)


def darkened(v: View, name: str) -> bool:
    """R28: somebody has switched this light off: operated, not missing, and the room's own *on* leaves it so."""
    load, hold = v.tables.loads.get(name), v.hold(name)
    return load is not None and load.cls is Class.LIGHT and hold is not None and hold.value == "off"


def on_mains(v: View) -> Known:
    """Is the room fed by the mains? UNKNOWN without a good word from the UPS; True in a room without one."""
    if not v.room.has_ups:
        return True
    source: Known = v.get("ups.source")
    return source if source is UNKNOWN else source == "mains"


def first(v: View, *names: str) -> Value:
    """The first of these marks that is set."""
    return next((value for name in names if (value := v.mark(name))), None)


STILL_MS = 1_000
"""A door, a tamper switch or a motion sensor has bounced out long before."""
MISSED_MS = 60_000
"""A person who presses has been seen by a working sensor within this before, or is within this after."""


def blind(v: View, name: str) -> bool:
    """This motion sensor has missed somebody who pressed a button, and has seen nobody since (presence.py)."""
    return v.mark(f"missed.{name}") is True or missed(v, name)


def missed(v: View, name: str) -> bool:
    """Somebody pressed a button a minute ago and this motion sensor has seen nobody since before."""
    pressed = v.mark("pressed")
    if not isinstance(pressed, int) or v.get(f"input.{name}") is not False:
        return False
    return v.since_ms(f"input.{name}") < pressed - MISSED_MS and v.past(pressed + MISSED_MS)


def nobody(v: View, for_ms: int) -> bool:
    """Positive evidence that nobody is there: every motion sensor can be believed and has been still for `for_ms`.
    False where there is none, and when any of them is in doubt."""
    names = v.tables.inputs("motion")
    return bool(names) and all(
        v.mark(f"moved.{name}") is True and not blind(v, name) and v.stayed(f"input.{name}", False, for_ms)
        for name in names
    )


def somebody(v: View, within_ms: int) -> bool:
    """A motion sensor sees somebody or did within this time; one that is stuck sees nobody."""
    return any(_moved(v, name, within_ms) for name in v.tables.inputs("motion"))


def _moved(v: View, name: str, within_ms: int) -> bool:
    fact = f"input.{name}"
    if v.get(fact) is True:
        return not v.stayed(fact, True, v.room.presence.stuck_ms)
    return v.get(fact) is False and v.mark(f"moved.{name}") is True and not v.past(v.since_ms(fact) + within_ms)


def hazard(v: View) -> bool:
    """Smoke or water that nobody has acknowledged yet (R16)."""
    return any(v.mark(f"hazard.{name}") for name in v.tables.inputs(*HAZARDS))


def on_bypass(v: View) -> bool:
    """The key stands at BẰNG TAY."""
    name = v.tables.bypass
    return bool(name) and v.down(name)


def lock_lost(v: View) -> bool:
    """N9: the lock never ends while media flows; else four hours after it did, and after every meeting's end."""
    ends_ms = lock_ends_ms(v)
    return ends_ms is not None and v.past(ends_ms)


def lock_ends_ms(v: View) -> int | None:
    """When a call loses its hold on the room, by contradicting evidence: the codec has not been heard since, or it
    says that nothing has come in since. None = media flows, as far as anybody knows."""
    if in_call(v) is not True:
        silent = v.last("codec.in_call") is None  # the life before may have heard it
        since_ms = v.started_ms if silent else v.last_ms("codec.in_call")
    else:
        since_ms = v.since_ms("codec.rate_kbps")
        if v.get("codec.rate_kbps") != 0 or since_ms <= v.since_ms("codec.in_call") + RATE_TOLD_MS:
            return None
    return max((since_ms, *(b.end_ms for b in v.booked()))) + LOCK_AFTER_MS


def evening(v: View) -> bool:
    """Between the evening hour and the early morning of the room's day, by a clock that may decide it."""
    hour, minute = v.room.idle.evening
    evening_ms = (hour * 60 + minute) * 60_000
    night = v.spell(evening_ms, (MORNING_MS - evening_ms) % DAY_MS, DAY_MS)
    return v.clock_ok() and night


def unplugged(v: View) -> bool:
    """The technician said that the plugs are pulled for lightning."""
    return v.hold("lightning") is not None
