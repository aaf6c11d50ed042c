"""Orders to a camera that is reached through a Cisco codec: preset, store, park, drive, position.

Law: scripts only, pure. A recall is confirmed by positions that have come to rest; storing by its verdict alone;
`park` is the camera's default position; the head sleeps with the codec.
Sources: Cisco API reference guides, xCommand Camera Preset Activate|Store (1..35), Ramp, PositionSet,
PositionReset; xStatus Camera 1 Position (TC), Cameras Camera 1 Position (CE), as seen in public logs and drivers.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from hardware.contract import Order, Stage, Value
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.codec_camera import CameraFacts, Preset
from hardware.protocols.script import Ask, End, Need, Reply, Script, Tell, Until, unanswered

START_MS: Final = 1_500
"""The head begins to move within this after the answer: a position asked sooner may be the old one."""
STEP_MS: Final = 700
"""Between two positions that must be equal: a head at its slowest still moves in it."""
TRAVEL_MS: Final = 8_000
"""Slowest travel from end to end, waited where positions cannot be asked."""
SETTLE_TRIES: Final = 20
DRIVE_MS: Final = 2_000
"""A drive that is not repeated stops by itself: the stop of a lost controller must not depend on it."""
PRESETS: Final = range(1, 36)
HOME: Final = 255
"""No preset of the device has this number; it stands for the default position."""
_FASTEST: Final = (24, 20, 7)
_SPEED: Final = 15
_AXES: Final = (("Pan", "Left", "Right"), ("Tilt", "Down", "Up"), ("Zoom", "Out", "In"))
_VERBS: Final = ("power", "park", "preset", "store", "drive", "position")


def command(text: str) -> Ask:
    """A command that changes something."""
    return Ask(f"xCommand {text}", "", switches=True)


def plan(s: CiscoSession, order: Order) -> Script | End:
    """The script for an order to the camera, or why there is none."""
    camera = s.camera
    verb = order.target.rsplit(".", 1)[-1]
    if camera is None or order.target != f"camera.{camera.name}.{verb}" or verb not in _VERBS:
        return End(Stage.REFUSED, "unknown_target")
    value = order.value
    if verb == "power" and value in ("on", "standby"):
        return _power(s, value == "standby")
    if verb == "park" and value == "home":
        return _go(s, camera, HOME, "Camera PositionReset CameraId: 1")
    if verb in ("preset", "store") and _is_preset(value):
        go = f"Camera Preset Activate PresetId: {value}"
        return _go(s, camera, int(str(value)), go) if verb == "preset" else _store(s, camera, int(str(value)))
    if verb == "drive" and (steps := _three(value)) is not None:
        return _drive(s, camera, steps)
    if verb == "position" and (place := _three(value)) is not None:
        return _place(s, camera, place)
    return End(Stage.REFUSED, "bad_value")


def _is_preset(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in PRESETS


def _three(value: Value) -> tuple[int, int, int] | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    numbers = [n for n in value if isinstance(n, int) and not isinstance(n, bool) and abs(n) < 100_000]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _power(s: CiscoSession, standby: bool) -> End:
    """The head follows the codec; it has no power of its own to be switched."""
    if s.asleep is standby:
        return End(Stage.DONE)
    return End(Stage.REFUSED, "codec_asleep" if s.asleep else "follows_codec")


def _go(s: CiscoSession, camera: CameraFacts, number: int, text: str) -> Script:
    yield from _stop(camera)
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    camera.owned, camera.parking = True, number if number == HOME else None
    try:
        if (end := unanswered((yield command(text)))) is not None:
            camera.parking = None
            return end
        camera.hear(Preset("go", number))
        how = yield from settle(s, camera)
    finally:
        camera.owned = False
    arrived = camera.arrive(number)
    if camera.facts.get("preset") == HOME:
        camera.facts.put("preset", -1)
    return End(Stage.DONE, how) if arrived else End(Stage.FAILED, "no_effect")


def settle(s: CiscoSession, camera: CameraFacts) -> Generator[Need, Reply, str]:
    """Wait until the head rests; `unconfirmed` when only time could be waited, or when an order took the head over:
    two who ask at the same moment would see one that flies stand still."""
    ours = camera.owned
    yield Until(lambda: False, START_MS)
    for _ in range(SETTLE_TRIES):
        if camera.owned is not ours:
            break
        if not (yield from observe(s)):
            yield Until(lambda: False, TRAVEL_MS)
            return "unconfirmed"
        if camera.still_n:
            return ""
        yield Until(lambda: False, STEP_MS)
    return "unconfirmed"


def observe(s: CiscoSession) -> Generator[Need, Reply, bool]:
    """Ask where the head is; False where the codec cannot tell."""
    path = f"{s.dialect.head} Position"
    if s.camera is None or s.lacks(f"xStatus {path}") or s.doubt:
        return False
    s.position()
    reply = yield Ask(f"xStatus {path}", path.split()[0].lower())
    place = s.position()
    if place is not None:
        s.camera.hear(place)
    return reply.ok and place is not None


def _store(s: CiscoSession, camera: CameraFacts, number: int) -> Script:
    """The head stays where it is; the frame is remembered, so that a later recall can be judged by it."""
    yield from _stop(camera)
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    name = f"Diemcau {number}"
    s.stored_ms = s.now_ms
    reply = yield command(f'Camera Preset Store CameraId: 1 PresetId: {number} Name: "{name}"')
    if (end := unanswered(reply)) is not None:
        return end
    s.stored_ms = s.now_ms
    camera.hear(Preset("set", number))
    camera.stored(number)
    return End(Stage.DONE, "unconfirmed")


def _drive(s: CiscoSession, camera: CameraFacts, steps: tuple[int, int, int]) -> Script:
    """Move, and stop after 2 s whatever happens."""
    if not any(steps):
        camera.driving = True
        yield from _stop(camera)
        return End(Stage.DONE, "unconfirmed")
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    if (end := unanswered((yield command(_ramp(steps))))) is not None:
        return end
    camera.driving = True
    camera.leave()
    camera.facts.put("moving", True)
    yield Tell(Stage.DONE, "unconfirmed")
    yield Until(lambda: not camera.driving, DRIVE_MS)
    yield from _stop(camera)
    return None


def _ramp(steps: tuple[int, int, int]) -> str:
    """`Camera Ramp CameraId: 1 Pan: Left PanSpeed: 5 …`: only the axes that move."""
    words = ["Camera Ramp CameraId: 1"]
    for step, fastest, (axis, low, high) in zip(steps, _FASTEST, _AXES, strict=True):
        if step:
            speed = max(1, min(_SPEED, round(_SPEED * abs(step) / fastest)))
            words.append(f"{axis}: {high if step > 0 else low} {axis}Speed: {speed}")
    return " ".join(words)


def _stop(camera: CameraFacts) -> Generator[Need, Reply, None]:
    """Stops are sent twice, as one may be lost: a head that drives on is worse than a line of text."""
    if camera.driving:
        camera.driving = False
        for _ in range(2):
            yield Ask("xCommand Camera Ramp CameraId: 1 Pan: Stop Tilt: Stop Zoom: Stop", "", switches=True)
        camera.facts.put("moving", False)


def _place(s: CiscoSession, camera: CameraFacts, place: tuple[int, int, int]) -> Script:
    yield from _stop(camera)
    if s.asleep:
        return End(Stage.REFUSED, "codec_asleep")
    pan, tilt, zoom = place
    reply = yield command(f"Camera PositionSet CameraId: 1 Pan: {pan} Tilt: {tilt} Zoom: {zoom}")
    if (end := unanswered(reply)) is not None:
        return end
    camera.leave()
    camera.owned = True
    try:
        return End(Stage.DONE, (yield from settle(s, camera)))
    finally:
        camera.owned = False
