"""A control centre for tests: a paho client that notes everything it hears and can send what a centre sends."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

WAIT_S = 15.0
"""No test needs this long; a slow machine may."""


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: bytes
    retained: bool
    correlation: bytes = b""
    reason: str = ""

    @property
    def json(self) -> dict[str, Any]:
        body = json.loads(self.payload)
        assert isinstance(body, dict)
        return body


def _no_delay(_client: Client, _userdata: object, sock: object) -> None:
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Centre:
    """Connected and subscribed to everything on entering."""

    def __init__(self, port: int, *, user: str = "", password: str = "", tls: ssl.SSLContext | None = None) -> None:
        self._inbox: queue.Queue[Heard] = queue.Queue()
        self._ready: queue.Queue[bool] = queue.Queue()
        self._port = port
        self.heard: list[Heard] = []
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._on_message
        self._client.on_socket_open = _no_delay
        self._client.on_subscribe = lambda *_: self._ready.put(True)
        if user:
            self._client.username_pw_set(user, password)
        if tls:
            self._client.tls_set_context(tls)

    def __enter__(self) -> Centre:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self._client.subscribe("#", options=SubscribeOptions(qos=1, retainAsPublished=True))
        self._ready.get(timeout=WAIT_S)
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, topic: str, payload: bytes | str, *, retain: bool = False, **properties: object) -> None:
        """Publish at QoS 1 and wait for the broker's word; `properties` by their MQTT 5 names."""
        extra = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for name, value in properties.items():
            setattr(extra, name, value)
        self._client.publish(topic, payload, 1, retain, extra).wait_for_publish(WAIT_S)

    def throw(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 1 and go on at once."""
        self._client.publish(topic, payload, 1)

    def until(self, wanted: Callable[[Heard], bool]) -> Heard:
        """The next message that `wanted` accepts; everything on the way is kept in `heard`."""
        deadline = time.monotonic() + WAIT_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = self._inbox.get(timeout=left)
            except queue.Empty:
                break
            self.heard.append(message)
            if wanted(message):
                return message
        raise AssertionError(f"not heard; heard were {[(m.topic, m.payload[:60]) for m in self.heard]}")

    def topic(self, topic: str) -> Heard:
        """The next message on `topic`."""
        return self.until(lambda m: m.topic == topic)

    def _on_message(self, _c: Client, _u: object, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", b"")
        reason = dict(getattr(message.properties, "UserProperty", [])).get("reason", "")
        self._inbox.put(Heard(message.topic, bytes(message.payload), message.retain, correlation, reason))
