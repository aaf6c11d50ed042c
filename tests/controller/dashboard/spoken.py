"""What a real room says and writes, from the simulation's world: the pages are tested with nothing invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from controller.core import report
from controller.core.chain import Entry
from controller.core.events import Command
from controller.dashboard.store.tables import LAST, RECORDS, SAMPLES
from controller.demo.crowd import crowd_room
from controller.demo.far_ends import CODEC_BOOT_MS
from controller.link import messages
from controller.simulation.world import World
from tests.controller.dashboard.kit import MINUTE, Desk

Views = tuple[dict[str, object], dict[str, dict[str, object]], tuple[Entry, ...]]


@cache
def lived() -> Views:
    """The summary, the details and the journal of a room that was told to come on and just did."""
    room = crowd_room(1, "polycom")
    world = World(room, 3, boot_ms=CODEC_BOOT_MS)
    world.run_until(10 * MINUTE)
    world.tell(Command("c1", "Trần Thị Bình", "power", ("on",), 20 * MINUTE))
    world.arm_all()
    world.run_until(world.now_ms + 3 * MINUTE)
    stamp = messages.Stamp(world.state.boot, world.instant())

    def say(view: Mapping[str, messages.Tree]) -> dict[str, object]:
        found: dict[str, object] = json.loads(messages.detail(view, stamp))
        return found

    details = report.details(world.state, world.instant(), room)
    summary = say(report.summary(world.state, world.instant(), room))
    return summary, {name: say(view) for name, view in details.items()}, tuple(world.entries)


def speak(desk: Desk, slug: str) -> None:
    """Store all of it as the recorder would, as if it had just come."""
    summary, details, entries = lived()
    age_ms = desk.now_ms - entries[-1].wall_ms
    stamp = {"at": messages.rfc3339(desk.now_ms, 7 * 3_600_000)}
    parts = {"state": {**summary, "seq": entries[-1].seq, "head": entries[-1].hash}}
    parts |= {f"detail/{name}": body for name, body in details.items()}
    bodies = {**{name: {**body, **stamp} for name, body in parts.items()}, "status": {"online": True, "reason": ""}}
    desk.store(
        LAST,
        *({"room": slug, "part": n, "body": b, "received_ms": desk.now_ms} for n, b in bodies.items()),
    )
    desk.store(RECORDS, *(_row(slug, entry, age_ms) for entry in entries))


def _row(slug: str, entry: Entry, age_ms: int) -> dict[str, object]:
    return {
        "room": slug,
        "seq": entry.seq,
        "boot": entry.boot,
        "at_ms": entry.wall_ms + age_ms,
        "mono_ms": entry.mono_ms,
        "clock": entry.trust.name.lower(),
        "kind": entry.kind,
        "subject": entry.subject,
        "priority": entry.priority.name.lower(),
        "body": dict(entry.body),
        "prev": entry.prev,
        "hash": entry.hash,
        "hist": False,
        "received_ms": entry.wall_ms + age_ms,
    }


def sampled(desk: Desk, slug: str) -> None:
    """A day of figures by five minutes with a gap of two hours, in which nothing was heard."""
    rows = []
    for n in range(288):
        if 120 <= n < 144:
            continue
        figures = {
            "ups.charge_pct": 100 - max(0, n - 200) * 0.5,
            "ups.input_v": 220 + n % 7,
            "climate.room.temp_c": 24 + n % 40 / 10,
            "climate.cabinet.temp_c": 29 + n % 30 / 10,
            "line.far.rtt_ms": 20 + n % 11,
            "line.provider.rtt_ms": 6 + n % 3,
            "line.far.loss_ratio": 0.04 if 60 < n < 70 else 0.0,
        }
        at = desk.now_ms - (288 - n) * 5 * MINUTE
        for what, value in figures.items():
            row = {"room": slug, "what": what, "span_s": 300, "from_ms": at, "n": 5}
            rows.append({**row, "low": value - 0.5, "high": value + 0.5, "total": value * 5})
    desk.store(SAMPLES, *rows)
