"""When the buzzer sounds: a pure view of the state, like the lamps. `beep` once, `alarm` on and on, or `off`.

One beep for what nobody may miss; never while the microphone is open, for they would hear it in the call; none
between 20:00 and 06:30, except for smoke and water, which sound until somebody presses any button. A press has
always heard it: whatever began before it is silent from then on.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.computer import may_be_heard
from controller.core.instant import Instant
from controller.core.room import Room
from controller.core.state import Quality, State
from controller.core.upkeep import hushed

ALARMS = ("smoke", "leak")
BEEPS = ("heat", "closing_soon", "not_ready", "battery_short", "on_battery", "keeper_down", "tamper", "duty_remind")
"""What a person in the room can do something about, now."""
BEEP_MS = 3_000
"""A beep that could not be sounded when its reason began is not sounded later."""
NIGHT_MS = 20 * 3_600_000
MORNING_MS = 6 * 3_600_000 + 30 * 60_000
DAY_MS = 24 * 3_600_000


def buzzer(state: State, now: Instant, room: Room) -> str:
    """The pattern of the buzzer now."""
    if _mic_may_be_open(state, now, room):
        return "off"
    pressed = state.marks.get("pressed")
    pressed_ms = pressed.since_ms if pressed is not None else -1
    if any(alarm.code in ALARMS and alarm.since_ms > pressed_ms for alarm in state.alerts.values()):
        return "alarm"
    if _night(now, room):
        return "off"
    refused = (since_ms for since_ms in _refusals(state) if since_ms >= pressed_ms)
    fresh = (*refused, *(since_ms for since_ms in _beeps(state) if since_ms > pressed_ms))
    return "beep" if any(now.mono_ms - since_ms < BEEP_MS for since_ms in fresh) else "off"


def due_ms(state: State, now: Instant) -> int | None:
    """When it changes by time alone."""
    ends = (since_ms + BEEP_MS for since_ms in (*_refusals(state), *_beeps(state)))
    return min((at_ms for at_ms in ends if at_ms > now.mono_ms), default=None)


def _refusals(state: State) -> Iterator[int]:
    """The press that is refused is itself the youngest press: it silences all but its own answer."""
    yield from (kept.since_ms for name, kept in state.marks.items() if name.startswith("refused."))


def _beeps(state: State) -> Iterator[int]:
    yield from (
        alarm.since_ms for alarm in state.alerts.values() if alarm.code in BEEPS and not hushed(state, alarm.code)
    )
    if (message := state.holds.get("message")) is not None:
        yield message.since_ms


def _mic_may_be_open(state: State, now: Instant, room: Room) -> bool:
    """In a call, as the codec last said, and not known to be muted. A computer does not tell of its calls, and its
    microphone is open at rest: it counts in meetings only, or no smoke would ever be heard."""
    call, mute = state.facts.get("codec.in_call"), state.facts.get("codec.mute")
    meets = any(b.ready_ms <= now.mono_ms < b.end_ms for b in state.booked) and may_be_heard(state.facts, room)
    if not (meets or (call is not None and call.value is True)):
        return False
    return mute is None or mute.quality is not Quality.GOOD or mute.value != "muted"


def _night(now: Instant, room: Room) -> bool:
    of_day_ms = (now.wall_ms + room.utc_offset_ms) % DAY_MS
    return of_day_ms >= NIGHT_MS or of_day_ms < MORNING_MS
