"""The codec of a room as a device: how its line is opened, and who is on it.

What must not be here: the protocol (protocols/polycom.py) and the port itself (wire.py). Polycom HDX and
RealPresence Group on RS-232 only: other makes need a protocol of their own first.
"""

from __future__ import annotations

from hardware.protocols.polycom import Polycom
from hardware.protocols.polycom_camera import PARK_PRESET

SPEEDS = (9600, 115200, 57600, 38400, 19200, 14400)
"""Bits per second to try, the next one after silence; 9600 is the factory's. 8 data bits, no parity, 1 stop
bit, no flow control; the codec's serial port must be in mode Control (Group Series administrator's guide)."""


def conversation(
    camera: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    park_preset: int = PARK_PRESET,
) -> Polycom:
    """The conversation with one codec; `camera` names a camera that is reached through it, as in
    `camera.<name>`. Without `user` and `password` a login prompt is left alone and reported."""
    return Polycom(camera, user=user, password=password, park_preset=park_preset)


def who(codec: Polycom) -> tuple[tuple[str, str], ...]:
    """Who answered, for `diemcau check`: ("codec", model:serial), "" for one that has not said who it is."""
    return (("codec", codec.identity),)
