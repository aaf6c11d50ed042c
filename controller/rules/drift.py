"""R14 — do not move devices, do not change settings (004 Đ6.3; N30): what is another than it was approved to be.

What a codec, camera, display or UPS says of itself (model, serial number, software of a camera), the codec's
settings that room.toml lists, and where each seat's preset shows. What commissioning found and a person approved
counts; what it did not find is learnt at its first good word in an accepted room; both are kept over restarts.
Another word is an incident with before and after, until somebody says that it is right (`maintenance done NAME`),
or it is as before. Put back is only what room.toml says so of (`restore`), outside calls, three times a day:
whoever changes it again and again means it. A device that is silent is no other device: that is N4's to tell.

An identity counts when it was told in two lives of the device, for a line's noise changes one; settings and
pictures are confirmed by their conversation. No camera is moved for this: a picture is looked at when it was
recalled, by the rehearsal the day before or for a speaker. Not compared: a codec's software, which updates itself;
volume, auto-answer and zoom, which are operated (R28).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.room_drift import Setting
from controller.core.upkeep import APPROVED, AXES, FRAME, place
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import DAY_MS, in_call, live, on_bypass
from hardware.contract import Value

OTHER = "another."
COMMISSIONED = "commissioned"
"""The mark: what commissioning had approved when it was taken over."""
STOOD_MS = 600_000
"""Some dozens of answers."""
RESTORES = 3


def commissioned(v: View) -> Iterator[Yield]:
    """A new commissioning approves anew; what people have approved since the last one stands until then."""
    rows: Value = v.room.drift.approved
    if not v.room.accepted or not rows or v.mark(COMMISSIONED) == rows:
        return
    yield Mark(COMMISSIONED, rows)
    names = {fact: name for name, fact in _told(v)}
    for fact, value in v.room.drift.approved:
        name = names.get(fact, fact if fact.startswith(("setting.", FRAME)) else "")
        if name:
            yield Mark(APPROVED + name, value)


def _compares(v: View) -> bool:
    """In an accepted room, once its commissioning's word has been taken over."""
    rows: Value = v.room.drift.approved
    return v.room.accepted and (not rows or v.mark(COMMISSIONED) == rows)


def identities(v: View) -> Iterator[Yield]:
    """Learn, and compare."""
    if not _compares(v):
        return
    for name, fact in _told(v):
        told, approved, other = v.get(fact), v.mark(APPROVED + name), v.mark(OTHER + name)
        if isinstance(told, str) and told and _confirmed(v, name, fact):
            other = "" if told == approved or not approved else told
            yield Mark(OTHER + name, other)
            if not approved:
                yield Mark(APPROVED + name, told)
        if other and approved:
            yield Alert("another_device", name, Because("R14", "R14.another", (name, approved, other)))


def _confirmed(v: View, name: str, fact: str) -> bool:
    """Told before its power last went, and again since: a word that noise has changed is not said twice. A UPS,
    which never goes, has said it for a while."""
    carrier = next((t.carrier for key, t in v.room.targets.items() if key.startswith(f"{name}.") and t.carrier), "")
    since_ms = v.since_ms(fact)
    track = v.track(carrier)
    if track is None:
        return not v.older(fact, since_ms + STOOD_MS)
    return since_ms < track.off_ms and track.seen == "on" and not v.older(fact, track.off_ms + 1)


def _told(v: View) -> Iterator[tuple[str, str]]:
    """Device and the fact in which it says who it is."""
    if v.room.codec:
        yield "codec", "codec.identity"
    yield from ((f"camera.{name}", f"camera.{name}.identity") for name in v.room.cameras)
    yield from ((f"display.{name}", f"display.{name}.identity") for name in v.room.displays)
    if v.room.has_ups:
        yield "ups", "ups.model"


def settings(v: View) -> Iterator[Yield]:
    """Learn, compare, put back."""
    for row in v.room.drift.settings if _compares(v) else ():
        name = f"setting.{row.name}"
        told, approved = v.get(name), v.mark(APPROVED + name)
        if told is UNKNOWN or not isinstance(told, str):
            if v.last(name) is None and v.stayed("codec.answers", True, STOOD_MS):
                yield Alert("setting_unread", name, Because("R14", "R14.unread", (row.name,)))
        elif not approved:
            yield Mark(APPROVED + name, told)
        else:
            yield from _setting(v, row, str(approved), told)


def _setting(v: View, row: Setting, approved: str, told: str) -> Iterator[Yield]:
    name = f"setting.{row.name}"
    yield Mark(OTHER + name, "" if told == approved else told)
    if told == approved:
        return
    yield Alert("setting_drift", name, Because("R14", "R14.setting", (row.name, approved, told)))
    quiet = in_call(v) is False and v.get("codec.calls") in ((), None) and not on_bypass(v)
    if row.restore and quiet and v.rises(OTHER + name, DAY_MS) <= RESTORES:
        because = Because("R14", "R14.restore", (row.name, approved))
        yield Demand(f"codec.setting.{row.name}", approved, Rank.SCHEDULE, because)


def pictures(v: View) -> Iterator[Yield]:
    """R8's frames: where each preset of a seat shows. Whom the camera showed in a secret or external meeting is
    nobody's to write down."""
    here = live(v, v.room.idle.end_grace_ms)
    if not _compares(v) or any(b.meeting.secret or b.meeting.external for b in here):
        return
    for camera, preset in sorted({(seat.camera, seat.preset) for seat in v.room.seats}):
        yield from _picture(v, camera, preset)


def _picture(v: View, camera: str, preset: int) -> Iterator[Yield]:
    name, store = f"{FRAME}{camera}.{preset}", v.hold("store")
    if store is not None and store.value == preset and f"camera.{camera}.store" in store.targets:
        # Somebody with a name stores it anew: what is seen next is right.
        yield Mark(APPROVED + name, "")
        yield Mark(OTHER + name, "")
        return
    approved, other, seen = v.mark(APPROVED + name), v.mark(OTHER + name), _seen(v, camera, preset)
    if seen and not approved:
        yield Mark(APPROVED + name, seen)
    elif seen:
        same = _near(v, str(other), seen)  # a head at rest may jitter: that is no news
        other = "" if _near(v, str(approved), seen) else other if same else seen
        yield Mark(OTHER + name, other)
    if approved and other:
        yield Alert("frame_drift", name, Because("R14", "R14.frame", (camera, preset, str(approved), str(other))))


def _seen(v: View, camera: str, preset: int) -> str:
    """Where the camera rests, while it says that this preset was recalled and confirmed."""
    if v.get(f"camera.{camera}.preset") != preset or v.get(f"camera.{camera}.moving") is not False:
        return ""
    return place(*(_steps(v, f"camera.{camera}.{axis}") for axis in AXES))


def _steps(v: View, fact: str) -> Value:
    told = v.get(fact)
    return None if told is UNKNOWN else told


def _near(v: View, one: str, other: str) -> bool:
    """The same place by each axis."""
    pairs = list(zip(one.split(), other.split(), strict=False))
    most = v.room.drift.frame_steps
    return len(pairs) == len(AXES) and all(_apart(a, b) <= most for a, b in pairs)


def _apart(one: str, other: str) -> int:
    """A word that is no number, out of a file that somebody wrote in, is nowhere near."""
    try:
        return abs(int(one) - int(other))
    except ValueError:
        return 1 << 31
