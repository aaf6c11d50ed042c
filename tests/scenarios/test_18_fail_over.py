"""18. No fail-over. Two real brokers."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.link.notices import Down, Online
from tests.controller.link.rooms import Room, settings
from tests.controller.link.test_trouble import TOPICS, obeys
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = pytest.mark.services


def test_when_the_main_broker_is_gone_the_room_is_reached_by_the_other_and_comes_home(tmp_path: Path) -> None:
    port = free_port()
    main = Mosquitto(tmp_path, port=port)
    with Mosquitto(tmp_path) as backup, main, Room(settings(port, backup=backup.port)) as room:
        assert room.until(Online).via == "main"
        main.stop()
        assert room.until(Online).via == "backup"
        obeys(room, backup.port, "c1")
        with Mosquitto(tmp_path, port=port):
            assert room.until(Online).via == "main"
            obeys(room, port, "c2")


def test_a_room_that_knows_one_broker_waits_for_it(tmp_path: Path) -> None:
    port = free_port()
    main = Mosquitto(tmp_path, port=port)
    with Mosquitto(tmp_path) as backup, Centre(backup.port) as centre:
        with main, Room(settings(port)) as room:
            assert room.until(Online).via == "main"
            main.stop()
            room.until(Down)
            with Mosquitto(tmp_path, port=port):
                room.until(Online)
            assert {event.via for event in room.seen if isinstance(event, Online)} == {"main"}
        assert not [message for message in centre.heard if message.topic == TOPICS.of("birth")]
