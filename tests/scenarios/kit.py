"""The simulated room (real core, real conversations, far ends that speak bytes) on the first day of its time, with
what a scenario does to it. Nothing here decides anything."""

from __future__ import annotations

from typing import Any

from controller.core import phases
from controller.core.lamps import lamps
from controller.core.meeting import Meeting
from controller.core.room import Room
from controller.rules import RULES
from controller.simulation.acts import Stage
from controller.simulation.plan import Act, begin_ms
from controller.simulation.room import simulated_room
from controller.simulation.simulate import Rules
from controller.simulation.world import World
from hardware.contract import Value
from tests.law.test_sabotage import without

__all__ = ["HOUR_MS", "MINUTE_MS", "Scene", "meeting", "without"]
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
BEGINS_HOUR = 7
"""Simulated time begins on Thursday, 1 January 2026, 07:00 in Viet Nam."""
NOBODY_CAME = "duty_"
"""Nobody plays the person on duty here, and what the room says of that is no part of any scenario."""
SEED = 4
"""A world of this seed has a Polycom codec and its UPS behind NUT."""


def meeting(start: float, end: float, uid: str = "giao-ban") -> Meeting:
    """A meeting by hours of the first day; 25 is one o'clock in the night after it."""
    return Meeting(uid, uid, begin_ms() + _ms(start), begin_ms() + _ms(end))


def _ms(hour: float) -> int:
    return round((hour - BEGINS_HOUR) * HOUR_MS)


class Scene:
    """One room from 07:00 on, and who acts in it."""

    def __init__(
        self,
        *meetings: Meeting,
        rules: Rules = RULES,
        room: Room | None = None,
        world: type[World] = World,
        seed: int = SEED,
    ) -> None:
        self.world = world(room or simulated_room(codec="polycom"), seed, rules=rules)
        self.world.calendar = meetings
        self.bench = self.world.bench
        self.stage = Stage(self.world, ())

    # ---- time

    def to(self, hour: float) -> Scene:
        """Until that hour of the first day."""
        return self._until(_ms(hour))

    def wait(self, seconds: float) -> Scene:
        return self._until(self.world.now_ms + round(seconds * 1000))

    def _until(self, end_ms: int) -> Scene:
        while self.world.now_ms < end_ms:
            self.world.run_until(min(self.stage.next_ms() or end_ms, end_ms))
            self.stage.run_due(self.world.now_ms)
        return self

    # ---- what happens

    def do(self, what: str, *args: int | str) -> Scene:
        """An act as in the plan of a simulated year; a fault's first figure is how long it lasts, in ms."""
        self.stage.do(Act(self.world.now_ms, what, args if what in self.stage.people else (*args, 1)))
        self.world.arm_all()
        return self

    def press(self, role: str = "power", ms: int = 200) -> Scene:
        """A finger on a button, and a moment after it."""
        return self.do("press", role, ms).wait(ms / 1000 + 0.5)

    # ---- what is true, and what was said

    @property
    def phase(self) -> str:
        return phases.phase(self.world.state, self.world.room)

    @property
    def closed(self) -> set[str]:
        """Contacts that are closed."""
        return {load.name for load in self.world.room.loads if self.world.contact(load.name)}

    @property
    def meets(self) -> set[str]:
        """What a meeting needs."""
        return {load.name for load in self.world.room.loads if load.meeting}

    @property
    def ready(self) -> bool:
        """All that a meeting needs has power, and the codec truly answers."""
        return self.meets <= self.closed and self.bench.codec.up and not self.bench.codec.hung

    @property
    def lamps(self) -> dict[str, str]:
        return lamps(self.world.state, self.world.instant(), self.world.room)

    @property
    def alerts(self) -> set[str]:
        return {code for code, _ in self.world.state.alerts if not code.startswith(NOBODY_CAME)}

    def moves(self, since_hour: float = 0.0) -> list[tuple[str, bool]]:
        """Every move of a contact since that hour."""
        return [(name, on) for at_ms, name, on in self.world.moves if at_ms >= _ms(since_hour)]

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Bodies of all records of a kind, with their subjects."""
        rows = [{"subject": e.subject, **dict(e.body)} for e in self.world.entries if e.kind == kind]
        return [row for row in rows if not str(row.get("alert", "")).startswith(NOBODY_CAME)]

    def alerted(self, code: str) -> int:
        """How often an alert was raised."""
        return sum(body["alert"] == code for body in self.told("alert"))

    def fact(self, name: str) -> tuple[Value, str]:
        """Value and quality, as the core sees them."""
        fact = self.world.state.facts[name]
        return fact.value, fact.quality.name.lower()
