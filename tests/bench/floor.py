"""The floor: the least that paho and gpiozero can do. A command sets a mock pin, the pin's level is published.

    python -m tests.bench.floor PORT

It has no rules, no journal, no reconnect, no check of what it hears; nothing useful can be much cheaper.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import paho.mqtt.client as mqtt
from gpiozero import Device, OutputDevice
from gpiozero.pins.mock import MockFactory
from paho.mqtt.enums import CallbackAPIVersion


def main(port: int) -> None:
    Device.pin_factory = MockFactory()
    relay = OutputDevice(17)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "floor", protocol=mqtt.MQTTv5)

    def opened(_client: mqtt.Client, _data: Any, wire: Any) -> None:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connected(client: mqtt.Client, *_: Any) -> None:
        client.subscribe("floor/do", 1)
        client.publish("floor/status", "online", 1, True)

    def heard(client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        relay.value = message.payload.endswith(b"1")
        client.publish("floor/reply", message.payload, message.qos)

    client.on_socket_open = opened
    client.on_connect = connected
    client.on_message = heard
    client.connect("127.0.0.1", port, 20)
    client.loop_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
