"""Orders to a camera that is reached through the codec: preset, store, park, drive, and its power.

Law: scripts only, pure. What is weaker than a camera of its own on VISCA: one axis at a time and one speed
(the manual has no others), arrival is judged from positions, storing is proven by its echo alone, the head
sleeps with the codec, `park` is a preset kept for that purpose, and absolute positions are not offered,
because the unit of their steps differs between models.
Source: Polycom Integrator's Reference Manual, preset, camera; forms of the answers as in public drivers.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Final

from hardware.contract import Order, Stage, Value
from hardware.protocols.codec_camera import CameraFacts
from hardware.protocols.polycom_session import Session
from hardware.protocols.script import Ask, End, Need, Reply, Script, Tell, Until, unanswered

POSITION: Final = Ask("camera near getposition", r"^camera near (?:get)?position ")
START_MS: Final = 1_500
"""The head begins to move within this after the echo: a position asked sooner may be the old one."""
STEP_MS: Final = 700
"""Between two positions that must be equal: a head at its slowest still moves in it."""
TRAVEL_MS: Final = 8_000
"""Slowest travel from end to end of a codec's camera, waited where positions cannot be asked."""
SETTLE_TRIES: Final = 20
"""Positions asked for one recall: 20 x 0.7 s is well above the slowest travel."""
DRIVE_MS: Final = 2_000
"""A drive that is not repeated stops by itself: the stop of a lost controller must not depend on it."""
SAY_MS: Final = 600
"""Moves are often not answered; those that are, within a few hundred milliseconds."""
PARK_PRESET: Final = 0
"""Where a camera on the codec is parked: the position that cameras take by themselves at power-up."""
MAX_PRESET: Final = 99
_AXES: Final = (("left", "right"), ("down", "up"), ("zoom-", "zoom+"))


def plan(s: Session, order: Order, park_preset: int) -> Script | End:
    """The script for an order to the camera, or why there is none."""
    camera = s.camera
    verb = order.target.rsplit(".", 1)[-1]
    if camera is None or order.target != f"camera.{camera.name}.{verb}":
        return End(Stage.REFUSED, "unknown_target")
    if verb == "power" and order.value in ("on", "standby"):
        return _power(s, order.value == "standby")
    if verb == "park" and order.value == "home":
        return _go(s, camera, park_preset, parking=True)
    if verb in ("preset", "store") and _is_preset(order.value):
        number = int(str(order.value))
        return _go(s, camera, number, parking=False) if verb == "preset" else _store(s, camera, number)
    if verb == "drive" and (move := _move(order.value)) is not None:
        return _drive(s, camera, move)
    return End(
        Stage.REFUSED, "bad_value" if verb in ("power", "park", "preset", "store", "drive") else "unsupported"
    )


def _is_preset(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_PRESET


def _move(value: Value) -> str | None:
    """The one direction that is strongest in (pan, tilt, zoom), `stop` for none, None for nonsense."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    steps = [step for step in value if isinstance(step, int) and abs(step) <= 24]
    if len(steps) != 3:
        return None
    axis = max(range(3), key=lambda i: abs(steps[i]))
    return _AXES[axis][steps[axis] > 0] if steps[axis] else "stop"


def _power(s: Session, standby: bool) -> End:
    """The head follows the codec; it has no power of its own to be switched."""
    if s.asleep is standby:
        return End(Stage.DONE)
    return End(Stage.REFUSED, "codec_asleep" if s.asleep else "follows_codec")


def _go(s: Session, camera: CameraFacts, number: int, parking: bool) -> Script:
    yield from _stop(camera)
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    camera.owned, camera.parking = True, number if parking else None
    try:
        reply = yield Ask(f"preset near go {number}", rf"^preset near go {number}$", switches=True)
        if (end := unanswered(reply)) is not None:
            camera.parking = None
            return end
        how = yield from settle(s, camera)
    finally:
        camera.owned = False
    return End(Stage.DONE, how) if camera.arrive(number) else End(Stage.FAILED, "no_effect")


def settle(s: Session, camera: CameraFacts) -> Generator[Need, Reply, str]:
    """Wait until the head rests; `unconfirmed` when only time could be waited, or when an order took the head over:
    two who ask at the same moment would see one that flies stand still."""
    ours = camera.owned
    yield Until(lambda: False, START_MS)
    for _ in range(SETTLE_TRIES):
        if camera.owned is not ours:
            break
        yield from observe(s)
        if s.lacks(POSITION.text) or s.doubt:
            yield Until(lambda: False, TRAVEL_MS)
            return "unconfirmed"
        if camera.still_n:
            return ""
        yield Until(lambda: False, STEP_MS)
    return "unconfirmed"


def observe(s: Session) -> Generator[Need, Reply, None]:
    """Ask where the head is, where the codec can tell."""
    if not s.lacks(POSITION.text):
        yield POSITION


def _store(s: Session, camera: CameraFacts, number: int) -> Script:
    """The head stays where it is; the frame is remembered, so that a later recall can be judged by it."""
    yield from _stop(camera)
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    reply = yield Ask(f"preset near set {number}", rf"^preset near set {number}$", switches=True)
    if (end := unanswered(reply)) is not None:
        return end
    camera.stored(number)
    return End(Stage.DONE, "unconfirmed")


def _drive(s: Session, camera: CameraFacts, move: str) -> Script:
    """Move in one direction, and stop after 2 s whatever happens; stops are sent twice, as one may be lost.

    The codec often leaves moves unanswered, so that silence is no failure here."""
    if move == "stop":
        camera.driving = True
        yield from _stop(camera)
        return End(Stage.DONE, "unconfirmed")
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    yield from _say("camera near move continuous")
    reply = yield from _say(f"camera near move {move}")
    if reply.word not in ("ok", "quiet"):
        return unanswered(reply)
    camera.driving = True
    camera.leave()
    camera.facts.put("moving", True)
    yield Tell(Stage.DONE, "unconfirmed")
    yield Until(lambda: not camera.driving, DRIVE_MS)
    yield from _stop(camera)
    return None


def _say(text: str) -> Generator[Need, Reply, Reply]:
    # A stop may not wait for a call's set-up: a head that drives on is worse than a stop that is lost.
    stop = text.endswith("stop")
    pattern = rf"^{re.escape(text)}$"
    reply = yield Ask(text, pattern, limit_ms=SAY_MS, switches=True, quiet=True, in_setup=stop)
    return reply


def _stop(camera: CameraFacts) -> Generator[Need, Reply, None]:
    if camera.driving:
        camera.driving = False
        yield from _say("camera near stop")
        yield from _say("camera near stop")
        camera.facts.put("moving", False)
