"""R14 — do not move devices (004 Đ6.3): the tamper contact of a device, the door of the cabinet.

The cabinet holds the key TỰ ĐỘNG / BẰNG TAY: whoever turns it opens the door first, so an open door is an incident
only after two minutes. With the key by hand, and while a technician is on duty (TRỰC), the door may stand open. A
tamper contact tells of a device being carried away and knows neither; in maintenance mode (N19) both are quiet.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.upkeep import QUIET
from controller.core.view import View
from controller.core.words import Alert, Yield
from controller.rules.common import STILL_MS, on_bypass


def tamper(v: View) -> Iterator[Yield]:
    """R14: an incident as long as the contact stands; since when is the alert's own."""
    if v.mark(QUIET) is True:
        return
    for name in v.tables.inputs("tamper"):
        if v.stayed(f"input.{name}", True, STILL_MS):
            yield Alert("tamper", name, Because("R14", "R14.tamper", (name,)))
    if on_bypass(v) or v.hold("duty") is not None:
        return
    for name in v.tables.inputs("door"):
        if v.stayed(f"input.{name}", True, v.room.safety.open_ms):
            yield Alert("door", name, Because("R14", "R14.door", (name,)))
