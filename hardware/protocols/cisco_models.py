"""How the generations of Cisco's codec software differ: a table, chosen by the version that the device told.

Law: values only. TC: C20-C90, EX, SX20 until 2016; everything later (CE on SX, MX, DX and Room; RoomOS) is `CE`.
Sources: Cisco API reference guides TC 5-7, CE9, RoomOS 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """Words of one generation. `conference`: prefix of its settings; `head`: where the camera's position is told;
    `quality`: where the figures of a call's channels are; `end_all`: the command that ends every call; `boot`: the
    one that starts it anew."""

    name: str
    conference: str
    head: str
    quality: str
    end_all: str
    counts_people: bool
    boot: str


TC: Final = Dialect("TC", "Conference 1", "Camera 1", "Diagnostics Call", "Call DisconnectAll", False, "Boot")
CE: Final = Dialect(
    "CE",
    "Conference",
    "Cameras Camera 1",
    "MediaChannels Call",
    "Call Disconnect",
    True,
    "SystemUnit Boot Action: Restart",
)


def dialect_of(version: str) -> Dialect:
    """`TC7.3.11…` or `ce9.15.0…` or `RoomOS 11.23…`."""
    return TC if version.strip().upper().startswith("TC") else CE
