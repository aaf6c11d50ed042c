"""5. MQTT comes back, subscriptions do not; a half-open link is not noticed.

A real broker, the product's link, and a client as it is written everywhere."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from controller.link.notices import Down, Online
from tests.controller.link.rooms import QUICK, Room, settings
from tests.controller.link.test_trouble import TOPICS, WATCHFUL, check, obeys
from tests.services.centre import WAIT_S, Centre
from tests.services.mosquitto import Mosquitto

pytestmark = pytest.mark.services


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


def test_after_a_restart_of_the_broker_commands_arrive_again(tmp_path: Path) -> None:
    first = Mosquitto(tmp_path)
    with first, Room(settings(first.port)) as room:
        room.until(Online)
        first.stop()
        room.until(Down)
        with Mosquitto(tmp_path, port=first.port) as second:
            room.until(Online)
            obeys(room, second.port, "c1")


def test_a_client_that_subscribed_once_is_connected_and_deaf(tmp_path: Path) -> None:
    """Green on every dashboard: connected, pinging, and no command will ever come."""
    heard: queue.Queue[str] = queue.Queue()
    connected: queue.Queue[bool] = queue.Queue()
    subscribed: queue.Queue[bool] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2)
    client.reconnect_delay_set(1, 1)
    client.on_connect = lambda *_: connected.put(True)
    client.on_subscribe = lambda *_: subscribed.put(True)
    client.on_message = lambda _c, _u, message: heard.put(message.topic)
    first = Mosquitto(tmp_path)
    with first:
        client.connect("127.0.0.1", first.port)
        client.loop_start()
        assert connected.get(timeout=WAIT_S)
        client.subscribe(TOPICS.of("do/check"), 1)
        assert subscribed.get(timeout=WAIT_S)
        first.stop()
        with Mosquitto(tmp_path, port=first.port) as second, Centre(second.port) as centre:
            assert connected.get(timeout=WAIT_S)
            centre.send(TOPICS.of("do/check"), check("lost"))
            client.subscribe("probe", 1)
            assert subscribed.get(timeout=WAIT_S)
            centre.send("probe", b"")
            assert heard.get(timeout=WAIT_S) == "probe", "the broker handles them in their order"
            client.disconnect()
            client.loop_stop()


def test_a_half_open_link_is_noticed_by_the_answer_that_does_not_come(broker: Mosquitto) -> None:
    with Room(settings(broker.port, times=WATCHFUL)) as room:
        room.until(Online)
        broker.pause()
        assert room.until(Down) == Down("main", "keepalive")
        broker.resume()
        room.until(Online)
        obeys(room, broker.port, "c1")


def test_without_a_short_keepalive_nobody_notices(broker: Mosquitto) -> None:
    """The same silence; a keepalive of an hour, as if there were none. The room believes itself online for as long
    as the watchful one took to notice, and longer."""
    with (
        Room(settings(broker.port, times=replace(QUICK, keepalive_s=3600))) as trusting,
        Room(replace(settings(broker.port, times=WATCHFUL), room="phong-2")) as watchful,
    ):
        trusting.until(Online)
        watchful.until(Online)
        broker.pause()
        assert watchful.until(Down).code == "keepalive"
        assert trusting.events.empty()
        broker.resume()
