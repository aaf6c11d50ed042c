"""R14 — do not move devices (004 Đ6.3): a codec, camera, display or UPS that is another one than before.

What each says of itself (model, serial number, software of a camera) is learnt at its first good word in an
accepted room and kept over restarts; a word counts when it was told in two lives of the device, for a line's
noise changes one. Another word is an incident with before and after, until somebody says that it is right
(`maintenance done NAME`), or the old one is back. A device that is silent is no other device: that is N4's to
tell. Not looked for: at which USB socket a port is, and settings that differ from the approved ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.upkeep import APPROVED
from controller.core.view import Alert, Mark, View, Yield

OTHER = "another."
STOOD_MS = 600_000
"""Some dozens of answers."""


def identities(v: View) -> Iterator[Yield]:
    """Learn, and compare."""
    if not v.room.accepted:
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
