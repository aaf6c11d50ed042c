"""The orders a VISCA camera can be given, each a script from the first packet to the confirming inquiry.

What must not be here: which order may replace which (visca.py). A job's last word is "" when the camera showed the
effect, else a short code. Sources: Sony EVI-D70 and EVI-D80 technical manuals (commands, when they are refused).

Not supported: cameras that keep no presets (Cisco PrecisionHD: its codec keeps them), relative moves (a lost one
cannot be repeated safely), focus, exposure. A camera that obeys but never answers is not identified: no orders.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeAlias, cast

from hardware.contract import Value
from hardware.protocols.visca_camera import HOME_FRAME, MOTION, Camera, Frame
from hardware.protocols.visca_frames import (
    HOME,
    MEMORY,
    POWER_ON,
    POWER_STANDBY,
    STOP,
    STOP_CISCO,
    SYNTAX_ERROR,
    ZOOM_STOP,
    Kind,
    Packet,
    Reply,
    recall,
    store,
    zoom_drive,
    zoom_to,
)
from hardware.protocols.visca_frames import drive as drive_packet
from hardware.protocols.visca_launch import AGAIN_MS, Job, Words, launch, make_way, until_end, word
from hardware.protocols.visca_models import FULL_TURN_DEG
from hardware.protocols.visca_motion import STILL_MS, Motion, Way
from hardware.protocols.visca_steps import Rest, Script, Step

DRIVE_MS = 2_000
"""A drive that is not renewed is stopped: without a stop the head runs to its end (obs-ptz issue 7)."""

STOP_TRIES = 25
"""Five seconds of stops; one that is still owed then is sent first thing when the camera answers again."""

STOP_AGAIN_MS = 5_000
"""Between two such rows of stops, when the camera answers but is not seen to stand."""

LENS_MS = 15_000
"""The slowest lens of the command lists crosses its optical and digital range in under ten seconds."""

NUDGE_DEG = 3
"""Far beyond what a head at rest jitters, and a picture that is asked for is about to move anyway."""

LOOK_EVERY = 3
"""After so many silent stops, look: some cameras acknowledge nothing, but their head is seen to stand."""


def power_job(camera: Camera, job: Job, value: Value) -> Words:
    """on | standby, unless it is so already (a PrecisionHD re-initialises its motors at each "on")."""
    yield from _clear(camera)
    if (yield from camera.ask_power()) != value:
        reply = yield from launch(camera, job, POWER_ON if value == "on" else POWER_STANDBY)
        if reply.kind is Kind.ERROR:
            return word(reply)
        yield from until_end(camera, reply)
    while (seen := (yield from camera.ask_power())) != value:
        if seen == "fault":
            return "fault"
        yield Rest(AGAIN_MS)
    camera.watch_closely()
    camera.tell(("answers", "power"))
    return ""


def preset_job(camera: Camera, job: Job, value: Value) -> Words:
    """Recall; done when the head stands, the memory inquiry shows this preset and nothing contradicts."""
    preset = cast(int, value)
    yield from _clear(camera)
    goal, former = camera.frames.get(preset, Frame()), camera.former.get(preset, Frame())
    way = Way(recall(preset), camera.limits.recall_ms(), goal, True, preset, former)
    code = yield from Motion(camera, job, way).run()
    if code == "not_confirmed":
        code = yield from _nudged(camera, job, replace(way, goal=Frame(), former=Frame()))
    return _arrived(camera, preset, code)


def _nudged(camera: Camera, job: Job, way: Way) -> Words:
    """It stands elsewhere than it did for this preset, and has not moved. Either it obeys nobody, or somebody
    stored the preset where it stands: turned aside by a few degrees it must come back."""
    pan, tilt = camera.frame.pan, camera.frame.tilt
    if pan is None or tilt is None:
        return "not_confirmed"
    aside = round(pan + (-NUDGE_DEG if pan > 0 else NUDGE_DEG) * camera.limits.steps_per_deg)
    turn = Way(
        camera.limits.move(aside, tilt),
        camera.limits.travel_ms(NUDGE_DEG, min(camera.limits.pan_speed, camera.limits.tilt_speed)),
        Frame(aside, tilt),
    )
    if (yield from Motion(camera, job, turn).run()):
        return "not_confirmed"
    aside_frame = camera.frame
    code = yield from Motion(camera, job, way).run()
    return "not_confirmed" if not code and camera.near(aside_frame, camera.frame) else code


def park_job(camera: Camera, job: Job, _home: Value) -> Words:
    """Home. Where that is, a known model tells (0, 0); a stranger's is believed when it moved and stands."""
    yield from _clear(camera)
    goal = camera.frames.get(HOME_FRAME, Frame(0, 0))._replace(zoom=None)
    binding = HOME_FRAME in camera.frames or camera.limits.pan is not None
    way = Way(HOME, camera.limits.recall_ms(), goal, binding)
    code = yield from Motion(camera, job, way).run()
    return _arrived(camera, HOME_FRAME, code)


def _arrived(camera: Camera, key: int, code: str) -> str:
    if not code:
        camera.arrive(key)
    camera.tell(MOTION)
    return code


def position_job(camera: Camera, job: Job, value: Value) -> Words:
    """Pan and tilt first, then the lens: one after the other, so that each proof looks at one thing."""
    pan, tilt, zoom = cast("tuple[int, int, int]", value)
    yield from _clear(camera)
    yield from camera.look()
    degrees = _way_deg(camera, pan, tilt)
    speed = min(camera.limits.pan_speed, camera.limits.tilt_speed)
    turn = Way(camera.limits.move(pan, tilt), camera.limits.travel_ms(degrees, speed), Frame(pan, tilt))
    code = yield from Motion(camera, job, turn).run()
    if not code and camera.frame.zoom != zoom:
        lens = Way(zoom_to(zoom), LENS_MS, Frame(zoom=zoom))
        code = yield from Motion(camera, job, lens).run()
    camera.tell(MOTION)
    return code or ("" if camera.at(Frame(pan, tilt, zoom)) else "not_confirmed")


def _way_deg(camera: Camera, pan: int, tilt: int) -> float:
    """The longer of the two ways in degrees; the full turn while we do not know where it stands."""
    if camera.frame.pan is None or camera.frame.tilt is None:
        return FULL_TURN_DEG
    return max(abs(pan - camera.frame.pan), abs(tilt - camera.frame.tilt)) / camera.limits.steps_per_deg


def store_job(camera: Camera, job: Job, value: Value) -> Words:
    """Store the present frame, once the head stands (refused while it moves). The completion is the proof, the
    memory inquiry where a camera sends none."""
    preset = cast(int, value)
    yield from _clear(camera)
    yield from _stand(camera)
    reply = yield from launch(camera, job, store(preset))
    if reply.kind is Kind.ERROR:
        return word(reply)
    end = yield from until_end(camera, reply)
    if end.kind is not Kind.DONE:
        data = yield from camera.inquire(MEMORY)
        if data is None or data[0] != preset:
            return word(end) if end.kind is Kind.ERROR else "unconfirmed"
    camera.frames[preset] = camera.frame
    return ""


def _stand(camera: Camera) -> Generator[Step, Reply, None]:
    """Until the camera was seen twice in the same place; the order's own end bounds it."""
    while True:
        yield from camera.look()
        before = camera.frame
        yield Rest(STILL_MS)
        yield from camera.look()
        if not camera.moving and camera.near(before, camera.frame):
            return


def drive_job(camera: Camera, job: Job, value: Value) -> Words:
    """Steps of speed for each axis. Done when the camera drives; the stop after two seconds is a script of its
    own (`guard`), which lives whatever becomes of this order."""
    pan, tilt, zoom = cast("tuple[int, int, int]", value)
    yield from make_way(camera)
    if not (pan or tilt or zoom):
        return (yield from _stop_job(camera, job))
    yield from camera.look()
    began = camera.frame
    for packet in _drive_packets(camera, pan, tilt, zoom):
        reply = yield from launch(camera, job, packet)
        if reply.kind is Kind.ERROR:
            return word(reply)
        yield from until_end(camera, reply)
    camera.leave()
    yield from camera.look()
    camera.tell(MOTION)
    return "" if job.taken or not camera.near(began, camera.frame) else "timeout"


def _drive_packets(camera: Camera, pan: int, tilt: int, zoom: int) -> list[Packet]:
    """The drive, and a stop for an axis that an older drive left running. Owing a stop begins before sending."""
    speeds = min(abs(pan), camera.limits.pan_speed), min(abs(tilt), camera.limits.tilt_speed)
    packets = []
    if pan or tilt:
        packets.append(drive_packet(pan, tilt, *speeds))
    elif camera.turning:
        packets.append(STOP)
    if zoom or camera.zooming:
        packets.append(zoom_drive(zoom))
    camera.turning, camera.zooming = camera.turning or bool(pan or tilt), camera.zooming or bool(zoom)
    camera.stop_due_ms = camera.now_ms + DRIVE_MS
    return packets


def _stop_job(camera: Camera, job: Job) -> Words:
    """A stop that is asked for is sent even when we believe that nothing drives."""
    camera.turning = camera.zooming = True
    code = yield from halt(camera, job)
    yield from camera.look()
    camera.tell(MOTION)
    return code


def guard(camera: Camera) -> Script:
    """The watchdog stop of a drive: waits for the last renewal to grow old, then stops."""
    while camera.turning or camera.zooming:
        left_ms = camera.stop_due_ms - camera.now_ms
        if left_ms > 0:
            yield Rest(left_ms)
        elif code := (yield from halt(camera)):
            camera.stop_due_ms = camera.now_ms + STOP_AGAIN_MS
            return code
    return ""


def halt(camera: Camera, job: Job | None = None) -> Words:
    """Stop head and lens, each until acknowledged or seen to stand. What could not be stopped stays owed, and so
    does the stop of a drive that was renewed meanwhile."""
    due_ms = camera.stop_due_ms
    for packet, driven in ((STOP, camera.turning), (ZOOM_STOP, camera.zooming)):
        if driven and (code := (yield from _halt_one(camera, packet, job))):
            return code
    if camera.stop_due_ms == due_ms:
        camera.turning = camera.zooming = False
    return ""


def _halt_one(camera: Camera, packet: Packet, job: Job | None) -> Words:
    for tries in range(1, STOP_TRIES + 1):
        reply = yield camera.say(packet, urgent=True)
        if job is not None:
            job.heard(reply)
        if reply.kind is Kind.ERROR and reply.code == SYNTAX_ERROR and packet is STOP:
            packet = STOP_CISCO
        elif reply.kind is not Kind.SILENCE:
            # An error here is 41 or the like: no drive can be running in a state that refuses its stop.
            yield from until_end(camera, reply)
            return ""
        elif tries % LOOK_EVERY == 0 and (yield from _seen_standing(camera)):
            return ""
    return "timeout"


def _seen_standing(camera: Camera) -> Generator[Step, Reply, bool]:
    yield from camera.look()
    before = camera.frame
    yield Rest(STILL_MS)
    yield from camera.look()
    return camera.frame != Frame() and camera.near(before, camera.frame) and not camera.moving


def _clear(camera: Camera) -> Generator[Step, Reply, None]:
    """Before anything but another drive: what runs of ours is stopped, or the camera would refuse."""
    yield from make_way(camera)
    yield from halt(camera)


JobScript: TypeAlias = Callable[[Camera, Job, Value], Words]

JOBS: dict[str, JobScript] = {
    "power": power_job,
    "preset": preset_job,
    "park": park_job,
    "store": store_job,
    "drive": drive_job,
    "position": position_job,
}
