"""14. No buffer while offline. A real room of processes; the broker comes when all is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.house import House, mono_s, record, topic
from tests.process.watch import LOADS, until
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path, port=free_port())
    try:
        yield made
    finally:
        made.stop()


def offline(house: House) -> float:
    """Somebody switches the room on while no broker is there; then the controller ends. When it was pressed."""
    watcher = house.start_keeper()
    house.start()
    began_s = mono_s()
    house.press()
    until(lambda: watcher.on(*LOADS), "all loads on")
    assert house.end() == 0
    return began_s


def test_what_happened_offline_arrives_later_in_its_order_with_its_own_time(broker: Mosquitto) -> None:
    with House(broker.port) as house:
        began_s = offline(house)
        ended_s = mono_s()
        broker.start()
        with Centre(broker.port) as centre:
            house.start()
            pressed = centre.until(record("press", gesture="press")).json
            assert pressed["hist"] is True
            assert began_s <= pressed["mono_s"] <= ended_s
            centre.until(lambda m: record("started")(m) and m.json["seq"] > pressed["seq"])
            seqs = [m.json["seq"] for m in centre.heard if m.topic == topic("record")]
            assert pressed["seq"] in seqs


def test_without_the_journal_on_disk_nobody_will_ever_know(broker: Mosquitto) -> None:
    with House(broker.port) as house:
        offline(house)
        for path in house.journal.parent.glob("journal.db*"):
            path.unlink()
        broker.start()
        with Centre(broker.port) as centre:
            house.start()
            centre.until(record("started"))
            centre.until(record("phase"))
            assert not any(record("press")(message) for message in centre.heard)
