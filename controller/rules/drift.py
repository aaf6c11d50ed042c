"""R14 — do not move devices (004 Đ6.3): a codec, camera, display or UPS that is another one than before.

What each says of itself (model, serial number, software of a camera) is learnt at its first good word in an
accepted room and kept over restarts. Another word is an incident with before and after, until somebody says
that it is right
(`maintenance done NAME`), or the old one is back. A device that is silent is no other device: that is N4's to
tell. Not looked for: at which USB socket a port is, and settings that differ from the approved ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.upkeep import APPROVED
from controller.core.view import Alert, Mark, View, Yield


def identities(v: View) -> Iterator[Yield]:
    """Learn, and compare."""
    if not v.room.accepted:
        return
    for name, fact in _told(v):
        told, approved = v.get(fact), v.mark(APPROVED + name)
        if not isinstance(told, str) or not told:
            continue
        if not approved:
            yield Mark(APPROVED + name, told)
        elif told != approved:
            yield Alert("another_device", name, Because("R14", "R14.another", (name, approved, told)))


def _told(v: View) -> Iterator[tuple[str, str]]:
    """Device and the fact in which it says who it is."""
    if v.room.codec:
        yield "codec", "codec.identity"
    yield from ((f"camera.{name}", f"camera.{name}.identity") for name in v.room.cameras)
    yield from ((f"display.{name}", f"display.{name}.identity") for name in v.room.displays)
    if v.room.has_ups:
        yield "ups", "ups.model"
