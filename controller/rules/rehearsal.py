"""R6 — the room rehearses alone the day before (004 Đ8.1 b3, Đ8.2; N5).

In a span that the calendar has found (calendar_rehearse.py), when nobody is there and nothing is in the way, the
room comes up in order at the lowest rank, every device says who it is, every seat's picture is recalled, somebody
is called and the microphone listened to (rehearsal_try.py), and the room goes down again. The result stands in
`!check.<uid>` (rules/checks.py), or the reason why there is none yet in `!untested.<uid>`. Displays stay dark and
loudspeakers silent unless somebody presses KIỂM TRA: they are proven at power-up. Whoever presses anything else,
calls, or meets ends it at once; it is tried again later. Another boot ends it too: the room goes down.
Must not: answer a call, open a microphone, or light a display by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS
from controller.core.checks import SEATS
from controller.core.meeting import Meeting
from controller.core.records import Because
from controller.core.room import Class, Mode, Rank
from controller.core.state import Proof, Track
from controller.core.upkeep import HOLD as MAINTENANCE
from controller.core.view import View
from controller.core.words import Demand, Mark, Yield
from controller.rules.checks import note
from controller.rules.common import (
    STARTING_MS,
    close_down,
    expected,
    hazard,
    maybe_call,
    on_bypass,
    on_mains,
    power_on,
    room_on,
    somebody,
)
from controller.rules.rehearsal_try import attempt, ends, forget, give_up, is_own, untried
from controller.rules.use_lock import lock
from hardware.contract import Value

MARK = "rehearsal"
"""(stage, boot, Unix ms of its begin); '' = none. Stage: up (powering), look (pictures, results), down."""
UP_MS = 9 * 60_000
"""The slowest codec, and once more after one cycle of a dead one (heal.py)."""
LOOK_MS = 5 * 60_000
"""Six pictures at 30 s, a call and the audio meter; what is not done by then could not be made."""
MOST_MS = 15 * 60_000
LATEST_MS = 20 * 60_000
"""Begins at least so long before the span's end, however late the room's own turn is."""
MEETING_MS = LOCK_BEFORE_MS + LATEST_MS
"""No rehearsal within this before any meeting: its use lock is not ours."""
EARLIEST_MS = 48 * 3_600_000
MAINS_MS = 15 * 60_000
"""Mains that have just come back may go again."""
LOUD = (Class.DISPLAY, Class.AMPLIFIER)
_WHY = Because("R6", "R6.rehearsal")
_OVER = Because("R6", "R6.over")


def rehearse(v: View) -> Iterator[Yield]:
    """R6: begin when it is time and nothing is in the way; carry on; end."""
    yield from ends(v)
    kept = v.mark(MARK)
    if isinstance(kept, tuple) and len(kept) == 3:
        yield from _go_on(v, str(kept[0]), str(kept[1]))
        return
    due = tuple(meeting for meeting in v.calendar() if meeting.rehearse and _due(v, meeting))
    asked = _asked(v)
    if not (due or asked):
        return
    why = _why_not(v, asked)
    if why:
        for meeting in due:
            yield Mark(f"!untested.{meeting.uid}", why)
        return
    yield Mark(SEATS, "")
    yield from forget()
    yield Mark("attended", "")
    yield Mark("began", v.now.wall_ms)
    yield Mark(MARK, ("up", v.boot, v.now.wall_ms))


def _asked(v: View) -> bool:
    """The desk has asked for one since the last."""
    hold = v.hold("rehearse")
    if hold is None or hold.value != "now":
        return False
    last = v.kept(MARK)
    return last is None or last.since_ms < hold.since_ms


def _due(v: View, meeting: Meeting) -> bool:
    """A span is open now, and no result of it is there yet; one from before T-48 h is asked for once more."""
    for begin_ms, end_ms in meeting.rehearse:
        if v.past_wall(end_ms - MOST_MS):
            continue
        if tested(v, meeting, begin_ms):
            continue
        turn_ms = min(begin_ms + v.room.rehearsal.spread_ms, end_ms - LATEST_MS)
        return v.past_wall(turn_ms)
    return False


def tested(v: View, meeting: Meeting, begin_ms: int) -> bool:
    """There is a result for the span that begins then."""
    kept = v.mark(f"!check.{meeting.uid}")
    if not isinstance(kept, tuple) or len(kept) < 2 or not isinstance(kept[1], int):
        return False
    early_ms = meeting.start_ms - EARLIEST_MS
    return begin_ms < early_ms or kept[1] >= early_ms


def _why_not(v: View, asked: bool) -> str:
    """What is in the way of a beginning, '' = nothing."""
    hold = v.hold("rehearse")
    battery = v.room.has_ups and not v.held("mains", "good", MAINS_MS)
    reasons = (
        ("R6.mode", v.mode("R6") is not Mode.ENFORCE),
        ("R6.left_alone", hold is not None and hold.value == "off"),
        ("R6.clock", not asked and not v.clock_ok()),
        ("R6.by_hand", on_bypass(v)),
        ("R6.maintenance", v.hold(MAINTENANCE) is not None),
        ("R6.on_battery", battery or on_mains(v) is not True),
        ("R6.call", maybe_call(v)),
        ("R6.meeting", lock(v) is not None or any(v.coming(MEETING_MS))),
        ("R6.in_use", room_on(v) or _held(v)),
        ("R6.somebody", somebody(v, v.room.rehearsal.press_ms)),
        ("R6.hazard", hazard(v)),
        ("R6.pressed_lately", not _quiet(v)),
        ("R6.ups_test", v.get("ups.testing") is True),
        ("R6.relays", any(v.seen(name) is None for name in v.tables.targets) or not v.up_for(STARTING_MS)),
    )
    return next((code for code, so in reasons if so), "")


def _held(v: View) -> bool:
    """A person's wish stands for something in the room; a microphone that is to stay closed is no use of it."""
    return any(h.targets and not (h.name == "mic" and h.value == "muted") for h in v.holds())


def _quiet(v: View) -> bool:
    pressed = v.kept("pressed")
    return pressed is None or v.past(pressed.since_ms + v.room.rehearsal.press_ms)


def _go_on(v: View, stage: str, boot: str) -> Iterator[Yield]:
    if _taken(v):
        yield from _over()
        return
    yield from _attended(v)
    if stage != "down" and (boot != v.boot or _disturbed(v)):
        yield Mark(MARK, ("down", v.boot, v.now.wall_ms))
    elif stage == "down":
        yield from _down(v)
    else:
        yield from _on(v)
        yield from _up(v) if stage == "up" else _look(v)


def _over() -> Iterator[Yield]:
    yield Mark(MARK, "")
    yield Mark("attended", "")


def _taken(v: View) -> bool:
    """The room is somebody's: a meeting's, a call's, a person's, or fed past us. It is left as it is; a call of the
    rehearsal itself is nobody's."""
    calls = v.get("codec.calls")
    if isinstance(calls, tuple) and calls and all(is_own(v, row) for row in calls):
        return _held(v) or on_bypass(v) or any(True for _ in expected(v))
    calling = isinstance(calls, tuple) and bool(calls)  # whoever rings is not hung up on by our closing
    return _held(v) or calling or on_bypass(v) or maybe_call(v) or lock(v) is not None


def _disturbed(v: View) -> bool:
    """Somebody moves, or has pressed anything but KIỂM TRA; the mains is gone, or something burns."""
    pressed, began = v.kept("pressed"), v.kept("began")
    since_ms = pressed.since_ms if pressed is not None and pressed.value else 0
    came = began is not None and since_ms > began.since_ms and v.mark("attended") != since_ms
    off = (hold := v.hold("rehearse")) is not None and hold.value == "off"
    seen = not v.mark("attended") and somebody(v, 0)
    return (
        came
        or off
        or seen
        or v.hold(MAINTENANCE) is not None
        or hazard(v)
        or on_mains(v) is False
        or v.mark("mains") == "lost"
    )


def _attended(v: View) -> Iterator[Yield]:
    """KIỂM TRA in a rehearsal: somebody looks on; displays and loudspeakers may join."""
    check, pressed = v.hold("check"), v.kept("pressed")
    if check is not None and pressed is not None and pressed.since_ms == check.since_ms:
        yield Mark("attended", pressed.since_ms)


def _on(v: View) -> Iterator[Yield]:
    attended = bool(v.mark("attended"))
    for word in power_on(v, Rank.IDLE, _WHY):
        if isinstance(word, Demand) and v.room.pc is not None and word.target == v.tables.codec_load:
            continue  # nobody would be there to shut the computer down again
        if attended or not (isinstance(word, Demand) and _loud(v, word.target)):
            yield word
    if v.room.codec:
        yield Demand("codec.mute", "muted", Rank.IDLE, _WHY)


def _loud(v: View, name: str) -> bool:
    load = v.tables.loads.get(name)
    return load is not None and load.cls in LOUD


def _up(v: View) -> Iterator[Yield]:
    """Until all that is wanted is proven or has failed."""
    kept = v.mark(MARK)
    settled = all(_settled(v, word.target, word.value) for word in _on(v) if isinstance(word, Demand))
    if isinstance(kept, tuple) and ((settled and _cameras_ready(v)) or v.held(MARK, kept, UP_MS)):
        yield Mark(MARK, ("look", *kept[1:]))


def _settled(v: View, name: str, value: Value) -> bool:
    """Proven, or failed for good: a dead device is cycled once first (heal.py)."""
    track, load = v.track(name), v.tables.loads.get(name)
    if track is None or track.want != value:
        return False
    spent = load is None or not load.proof or v.mark(f"heal.{load.name}") == "done"
    return track.proof in (Proof.PROVEN, Proof.NA) or (track.proof is Proof.FAILED and spent)


def _cameras_ready(v: View) -> bool:
    """A head refuses recalls until it is initialised; one whose power failed never will be."""
    return all(
        v.get(f"camera.{camera}.ready") is True
        or ((t := _carrier(v, camera)) is not None and t.proof is Proof.FAILED)
        for camera in v.room.cameras
    )


def _carrier(v: View, camera: str) -> Track | None:
    return v.track(v.room.targets[f"camera.{camera}.preset"].carrier)


def _look(v: View) -> Iterator[Yield]:
    """One picture after the other, then call and microphone, then the results, then down."""
    kept, made = v.mark(MARK), v.mark(SEATS)
    rows = made if isinstance(made, tuple) else ()
    done = {row[0] for row in rows if isinstance(row, tuple)}
    seat = next((s for s in v.room.seats if s[0] not in done), None)
    late = v.held(MARK, kept, LOOK_MS)
    if (left := untried(v)) and (late or seat is None):
        yield from give_up(left) if late else attempt(v)
        return
    if seat is None or late:
        yield from note(v, tuple(m for m in v.calendar() if _serves(v, m)))
        yield Mark(MARK, ("down", v.boot, v.now.wall_ms))
        return
    name, preset = f"camera.{seat[1]}.preset", seat[2]
    yield Demand(name, preset, Rank.IDLE, _WHY)
    track = v.track(name)
    if track is not None and track.want == preset and track.proof in (Proof.PROVEN, Proof.FAILED, Proof.NA):
        word = {Proof.PROVEN: "passed", Proof.FAILED: "failed"}.get(track.proof, "not_made")
        yield Mark(SEATS, (*rows, (seat[0], word)))


def _serves(v: View, meeting: Meeting) -> bool:
    """Every meeting whose time to be tested has begun profits from the same rehearsal."""
    first_ms = meeting.rehearse[0][0] if meeting.rehearse else meeting.start_ms - EARLIEST_MS
    return v.past_wall(first_ms) and not v.past_wall(meeting.start_ms)


def _down(v: View) -> Iterator[Yield]:
    """In order, as after a meeting (R13); over when nothing that is ours is on any more, or will not go."""
    if all(_gone(v, name) for name in v.tables.targets):
        yield from _over()
    else:
        yield from close_down(v, Rank.IDLE, _OVER)


def _gone(v: View, name: str) -> bool:
    """Off, not to be switched off, or kept on by somebody who counts for more: storm mode may last for days."""
    track, wish = v.track(name), v.desired(name)
    if wish is not None and wish.value == "on" and wish.rank > Rank.IDLE:
        return True
    return track is not None and (track.seen == "off" or (track.want == "off" and track.proof is Proof.FAILED))
