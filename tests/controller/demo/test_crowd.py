"""Rooms for the page live through a calendar that a real broker brought, and say so as rooms do."""

from __future__ import annotations

import contextlib
import json
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.demo import paper
from controller.demo.centre import Centre
from controller.demo.crowd import Member, crowd
from controller.demo.stage import now_ms
from controller.demo.story import Seen
from tests.services.mosquitto import Mosquitto

SLUG = "kim-son"
LIVES_S = 60.0


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with Mosquitto(tmp_path) as broker:
        yield broker.port


def test_a_room_of_the_crowd_reads_its_calendar_and_obeys(port: int) -> None:
    inbox: queue.SimpleQueue[Seen] = queue.SimpleQueue()
    centre = Centre(port, SLUG, inbox.put, now_ms)
    (room,) = crowd(port, [SLUG], speed=1000)
    watch = _Watch(room, inbox)
    centre.start()
    room.start()
    try:
        start_ms = (time.time_ns() // 1_000_000 + 3_600_000) // 1000 * 1000
        centre.publish_calendar(paper.calendar((paper.sitting(1, start_ms, 60, "vi"),)), "v1")
        plan = watch.until(lambda one: one.name == "schedule" and one.value.get("version") == "v1")
        assert "demo-1" in json.dumps(plan.value)
        assert centre.order("duty", {"value": "on"})
        assert watch.until(lambda one: one.source == "state" and one.value["duty"] is True).value["phase"] == "off"
        record = watch.until(lambda one: one.source == "record" and one.value["kind"] == "hold")
        assert (record.value["subject"], len(record.value["hash"])) == ("duty", 64)
    finally:
        room.link.stop()
        centre.stop()


class _Watch:
    """Lets the room live until something has been seen; nothing that was seen is forgotten."""

    def __init__(self, room: Member, inbox: queue.SimpleQueue[Seen]) -> None:
        self._room, self._inbox = room, inbox
        self._seen: list[Seen] = []

    def until(self, true: Callable[[Seen], bool]) -> Seen:
        end = time.monotonic() + LIVES_S
        while time.monotonic() < end:
            self._room.turn()
            with contextlib.suppress(queue.Empty):
                self._seen.append(self._inbox.get(timeout=0.02))
            found = next((one for one in self._seen if true(one)), None)
            if found is not None:
                return found
        raise AssertionError(f"not seen in {LIVES_S:g} s")
