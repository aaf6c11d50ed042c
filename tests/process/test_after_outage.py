"""After an hour without mains and line in a whole commune a room tells by priority, the older first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.runtime.batch import Batch
from controller.runtime.journal import Journal
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting
from tests.process.house import House, birth, topic
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]

RANK = {priority.name.lower(): priority for priority in Priority}
BEFORE = "0f3b7a66-2c1d-4b8a-9a54-6d8c1e90b7aa"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path, port=free_port())
    try:
        yield made
    finally:
        made.stop()


def storm() -> Day:
    """In the meeting the mains go, then line and sensors; after an hour they return, and the clock is set by it."""
    day = Day(7.4, trust=Trust.HELD).calendar(a_meeting(8, 10)).to(8.1)
    day.call().run(MINUTE_MS)
    day.far.ups |= {"source": "battery", "charge_pct": 90.0}
    day.far.mute |= {"climate.cabinet", "camera.main"}
    day.look().run(20 * MINUTE_MS)
    day.far.mute.clear()
    day.far.ups |= {"source": "mains"}
    day.run(40 * MINUTE_MS)
    day.step_clock(HOUR_MS // 2, Trust.NTP)
    return day.run(MINUTE_MS)


def written(path: Path, day: Day) -> int:
    """The journal of that life, as its loop hands it over; how many entries it has."""
    journal = Journal(path, lambda _: None, BEFORE, lambda: day.now)
    journal.start()
    by_time: dict[int, list[Record]] = {}
    for token, (at_ms, record) in enumerate(day.records, start=1):
        at = Instant(at_ms, day.wall_ms - day.mono_ms + at_ms, day.trust)
        journal.write(Batch(token, at, (record,), day.memory, urgent=True))
        by_time.setdefault(at_ms, []).append(record)
    assert journal.stop(timeout_s=30)
    assert max(map(len, by_time.values())) >= 3, "many at one instant"
    return journal.head.seq


def test_what_matters_most_is_told_first_and_everything_once(broker: Mosquitto) -> None:
    with House(broker.port) as house:
        told = written(house.journal, storm())
        house.start_keeper()
        house.start()
        broker.start()
        with Centre(broker.port) as centre:
            birth(centre)
            missing = set(range(1, told + 1))
            while missing:
                missing.discard(centre.topic(topic("record")).json["seq"])
            records = [m.json for m in centre.heard if m.topic == topic("record")]
            old = [(RANK[row["priority"]], row["seq"]) for row in records if row["seq"] <= told]
            assert old == sorted(old), "by priority, the older first"
            assert [seq for seq, n in Counter(seq for _, seq in old).items() if n > 1] == []
            assert len({priority for priority, _ in old}) == 3, "evidence, incidents and states"
            assert {row["kind"] for row in records} >= {"alert", "alert.end", "clock.stepped", "phase", "wish"}
            assert all(row["hist"] for row in records if row["seq"] <= told), "nothing to act on now"
