"""The link to the centre as a plan asks for it; a room that has none works alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.link.link import Link
from controller.link.topics import Topics
from controller.plan import Plan
from controller.runtime.clock import Clock


def make_link(
    plan: Plan, say: Callable[[object], None], clock: Clock, offset_ms: int, firmware: str
) -> Link | None:
    """`offset_ms`: the room's offset from UTC. None: the room has no broker."""
    if plan.link is None:
        return None
    settings = replace(plan.link, boot=clock.boot)
    from controller.link.discovery import REMOVAL, Device
    from controller.link.discovery import payload as discovery_payload

    places = tuple(zone.place for zone in plan.room.zones)
    device = Device(plan.name, plan.name, firmware, plan.outputs.loads, places)
    # Switched off, it takes back what was announced before.
    announced = discovery_payload(Topics(plan.slug), device) if plan.discovery else REMOVAL
    return Link(settings, say, clock.now, discovery=announced, offset_ms=offset_ms)
