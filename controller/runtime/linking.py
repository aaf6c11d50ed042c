"""The link to the centre as a plan asks for it, and what Home Assistant is told over it; a room that has none works
alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core.instant import Instant
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
    told = announced(plan, firmware, clock.boot, clock.now())
    return Link(settings, say, clock.now, discovery=told, offset_ms=offset_ms)


def announced(plan: Plan, firmware: str, boot: str, now: Instant) -> bytes:
    """The room for Home Assistant. Its buttons rest on the time of day: to be said anew when that was put right.
    Switched off, it takes back what was announced before."""
    from controller.link.discovery import REMOVAL, Device, aim, payload

    if not plan.discovery:
        return REMOVAL
    places = tuple(zone.place for zone in plan.room.zones)
    device = Device(plan.name, plan.name, firmware, plan.outputs.loads, places, plan.language, plan.sayings)
    return payload(Topics(plan.slug), device, aim(boot, now) if plan.discovery_buttons else None)
