"""The VISCA camera as a device: how its line is opened and who is on it.

What must not be here: the protocol (protocols/visca.py) and the port itself (wire.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.protocols.visca import ViscaChain
from hardware.protocols.visca_slot import REPLY_MS

SPEEDS = (9600, 38400)
"""Bits per second to try, the next one after silence. 8 data bits, no parity, 1 stop bit, no flow control, DTR
asserted (EVI-D70 manual: the camera's DSR). The speed is a switch on the camera and cannot be asked for."""

SLOW_SHUTTER_REPLY_MS = 1_500
"""A camera takes one command per picture; with a shutter of 1 s it answers within 1 s (EVI-H100S manual)."""


def conversation(
    names: Sequence[str], *, slow_shutter: bool = False, hide_info: bool = True, lock_remote: bool = False
) -> ViscaChain:
    """The conversation with the cameras of one serial line, nearest first; names as in `camera.<name>`."""
    reply_ms = SLOW_SHUTTER_REPLY_MS if slow_shutter else REPLY_MS
    return ViscaChain(names, reply_ms=reply_ms, hide_info=hide_info, lock_remote=lock_remote)


def who(chain: ViscaChain) -> tuple[tuple[str, str], ...]:
    """Who answered, for `diemcau check`: (name, vendor:model:rom), "" for one that has not said who it is."""
    return tuple((name, identity or "") for name, identity in chain.identities.items())
