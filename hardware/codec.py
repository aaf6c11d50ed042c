"""The codec of a room as a device: how its line is opened, and who is on it.

What must not be here: the protocols (protocols/polycom.py, protocols/cisco.py) and the port itself (wire.py). Only
the protocol of the make in question is loaded. Other makes need a protocol of their own first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hardware.contract import Conversation
from hardware.protocols.codec_settings import NO_SETTINGS

SPEEDS: Mapping[str, tuple[int, ...]] = {
    "polycom": (9600, 115200, 57600, 38400, 19200, 14400),
    "cisco": (115200, 38400, 9600, 19200, 57600),
}
"""Make → bits per second to try, the next one after silence. 8 data bits, no parity, 1 stop bit, no flow control.
Polycom: 9600 is the factory's, and the port must be in mode Control (Group Series administrator's guide). Cisco:
115200 on SX20, MX, Room and Board, 38400 on C series, SX10 and SX80 (API guides); the rest can be configured."""


class CodecConversation(Conversation, Protocol):
    """A conversation that knows with whom."""

    @property
    def identity(self) -> str: ...


def conversation(
    kind: str,
    camera: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> CodecConversation:
    """The conversation with one codec of make `kind` (a key of SPEEDS); `camera` names a camera that is reached
    through it, as in `camera.<name>`. Without `password` a login prompt is left alone and reported. `settings`:
    name → how this make calls a setting that is to be looked at (R14)."""
    if kind == "cisco":
        from hardware.protocols.cisco import Cisco

        return Cisco(camera, user=user, password=password, settings=settings)
    from hardware.protocols.polycom import Polycom

    return Polycom(camera, user=user, password=password, settings=settings)


def who(codec: CodecConversation) -> tuple[tuple[str, str], ...]:
    """Who answered, for `diemcau check`: ("codec", model:serial), "" for one that has not said who it is."""
    return (("codec", codec.identity),)
