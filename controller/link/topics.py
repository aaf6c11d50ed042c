"""Names of MQTT topics, version 1 of the contract, and how an arriving topic is told apart.

Pure. No payloads here. A room's slug is its client id, its user name and its certificate's common name, so one
access pattern of the broker (`pattern write diemcau/1/%u/#`) covers every room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOT = "diemcau/1"
CENTRE_STATUS = f"{ROOT}/_centre/status"
HOME_STATUS = "homeassistant/status"
_ROOM = ("loads", "ups", "climate", "light", "contacts", "line", "camera", "codec", "panel")
PARTS = (*_ROOM, "checks", "rollcall", "schedule", "host", "config")
"""The parts of `detail/{part}` that the core shows."""
IDENTITY = "identity"
"""The part that the link shows of itself: the certificate's end, and the request for the next."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def is_slug(text: str) -> bool:
    """Whether `text` may name a room: `[a-z0-9][a-z0-9-]{0,39}`."""
    return _SLUG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one room. Raises ValueError when `room` is not a slug."""

    room: str

    def __post_init__(self) -> None:
        if not is_slug(self.room):
            raise ValueError(f"room {self.room!r}: use a-z, 0-9 and '-', at most 40, beginning with a-z or 0-9")

    def of(self, leaf: str) -> str:
        """The room's topic `leaf`: status birth state record gasp update reply ack calendar certificate."""
        return f"{ROOT}/{self.room}/{leaf}"

    def detail(self, part: str) -> str:
        """The full view of one part of the room."""
        return self.of(f"detail/{part}")

    @property
    def commands(self) -> str:
        """The filter that brings every command of this room."""
        return self.of("do/#")

    @property
    def discovery(self) -> str:
        """Where Home Assistant looks for this room's device."""
        return f"homeassistant/device/{self.room}/config"

    def kind(self, topic: str) -> tuple[str, str]:
        """What arrived: ("do", command), ("ack" | "calendar" | "certificate" | "centre" |
        "home", ""), or ("", topic)."""
        fixed = {self.of(leaf): leaf for leaf in ("ack", "calendar", "certificate")}
        fixed |= {CENTRE_STATUS: "centre", HOME_STATUS: "home"}
        do = self.of("do/")
        if topic.startswith(do):
            return "do", topic[len(do) :]
        return (fixed[topic], "") if topic in fixed else ("", topic)


def is_answerable(topic: str) -> bool:
    """Whether a command's response topic may be published to: a plain name, and never another command's
    topic, so that no answer can be made to act."""
    plain = 0 < len(topic) <= 256 and not any(c in topic for c in "+#\0")
    return plain and not topic.startswith("$") and "/do/" not in topic
