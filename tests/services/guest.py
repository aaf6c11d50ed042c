"""Somebody at a broker's door, for tests of who is let in and what they may say and hear."""

from __future__ import annotations

import queue
import ssl
from types import TracebackType

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from tests.services.centre import WAIT_S

REFUSED, NOT_AUTHORISED = 0x80, 0x87


class Guest:
    """Any MQTT 5 client: what it is told at the door, what it hears, what the broker says to what it sends."""

    def __init__(self, port: int, tls: ssl.SSLContext, name: str = "", user: str = "", password: str = "") -> None:
        self.door: queue.Queue[int] = queue.Queue()
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answers: queue.Queue[int] = queue.Queue()
        self.ready: queue.Queue[bool] = queue.Queue()
        self.lost: queue.Queue[int] = queue.Queue()
        self._port = port
        self.client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.tls_set_context(tls)
        if user:
            self.client.username_pw_set(user, password)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_publish = lambda _c, _u, _m, reason, _p: self.answers.put(reason.value)
        self.client.on_subscribe = lambda *_: self.ready.put(True)
        self.client.on_disconnect = lambda _c, _u, _f, reason, _p: self.lost.put(reason.value)

    def __enter__(self) -> Guest:
        try:
            self.client.connect("127.0.0.1", self._port, clean_start=True)
        except OSError:
            self.door.put(REFUSED)
        else:
            self.client.loop_start()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def admitted(self) -> bool:
        """Whether the broker let it in. With TLS 1.3 a refused certificate is only seen after the handshake."""
        while True:
            try:
                return self.door.get(timeout=0.05) == 0
            except queue.Empty:
                if not self.lost.empty():
                    return False

    def hear(self, *filters: str) -> None:
        for one in filters:
            self.client.subscribe(one, 1)
            self.ready.get(timeout=WAIT_S)

    def say(self, topic: str, payload: bytes, retain: bool = False) -> int:
        """The reason code of the broker's answer."""
        self.client.publish(topic, payload, 1, retain)
        return self.answers.get(timeout=WAIT_S)

    def _on_connect(
        self, _c: Client, _u: object, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self.door.put(reason.value)

    def _on_message(self, _c: Client, _u: object, message: MQTTMessage) -> None:
        self.heard.put((message.topic, bytes(message.payload)))
