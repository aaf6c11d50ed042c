"""The demo's control centre: an MQTT 5 client of its own that hears all the room says, acknowledges its records,
publishes the calendar and gives orders as a desk would.

The other end of the link, so written with paho and nothing of the room's own client. paho's thread only puts into
queues; an exception there would end it silently, so what cannot be read is counted and dropped.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from controller.demo.story import Seen

ROOT = "diemcau/1"
CENTRE_STATUS = f"{ROOT}/_centre/status"
PATIENCE_S = 20.0
KEEPALIVE_S = 5
EXPIRY_S = 30
_HEARD = ("record", "state", "status")


class Centre:
    """Connected from `start` to `stop`; tells everything heard to `say`. Reconnects by itself, for ever."""

    def __init__(self, port: int, room: str, say: Callable[[Seen], None], clock_ms: Callable[[], int]) -> None:
        self._port, self._room, self._say, self._clock_ms = port, room, say, clock_ms
        self.dropped = 0
        self._up = threading.Event()
        self._here: tuple[str, float] = ("", 0.0)
        self._stored, self._beyond = 0, dict[int, str]()
        self._n = 0
        self._client = client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.will_set(CENTRE_STATUS, b"offline", qos=1, retain=True)
        client.reconnect_delay_set(1, 2)
        client.on_socket_open = _no_delay
        client.on_connect = lambda *_: self._listen()
        client.on_subscribe = lambda *_: self._up.set()
        client.on_message = lambda _c, _u, message: self._hear(message)

    def start(self) -> None:
        """Connect. Raises TimeoutError when the broker does not answer."""
        self._client.connect_async("127.0.0.1", self._port, KEEPALIVE_S)
        self._client.loop_start()
        if not self._up.wait(PATIENCE_S):
            raise TimeoutError(f"the broker at port {self._port} does not answer the centre")

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish_calendar(self, text: str, version: str) -> None:
        extra = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        extra.UserProperty = ("version", version)
        self._client.publish(self._topic("calendar"), text, 1, True, extra)

    def order(self, verb: str, args: Mapping[str, object]) -> bool:
        """A desk's command to this boot of the room, good for half a minute of the room's own time; False while
        the room has not said who it is."""
        boot, behind_s = self._here
        if not boot:
            return False
        self._n += 1
        now_ms = self._clock_ms()
        until_s = now_ms / 1000 - behind_s + EXPIRY_S
        id_ = f"demo-{now_ms}-{self._n}"
        body = {"v": 1, "id": id_, "by": "demo", "boot": boot, "until_mono_s": until_s, "args": args}
        extra = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        extra.MessageExpiryInterval = EXPIRY_S
        self._client.publish(self._topic(f"do/{verb}"), json.dumps(body), 1, False, extra)
        return True

    def _topic(self, leaf: str) -> str:
        return f"{ROOT}/{self._room}/{leaf}"

    def _listen(self) -> None:
        self._client.publish(CENTRE_STATUS, b"online", 1, True)
        self._client.subscribe(self._topic("#"), options=SubscribeOptions(qos=1, noLocal=True))

    # ---- on paho's thread

    def _hear(self, message: MQTTMessage) -> None:
        try:
            leaf = message.topic.removeprefix(f"{ROOT}/{self._room}/")
            self._sort(leaf, bytes(message.payload))
        except (ValueError, KeyError, TypeError, AttributeError):
            self.dropped += 1

    def _sort(self, leaf: str, payload: bytes) -> None:
        now_ms = self._clock_ms()
        if leaf == "status":
            self._say(Seen(now_ms, "status", "", payload.decode()))
            return
        part = leaf.removeprefix("detail/")
        if leaf not in _HEARD and part == leaf:
            return
        body: dict[str, Any] = json.loads(payload)
        if leaf == "record":
            self._store(str(body["boot"]), int(body["seq"]))
        if leaf == "state":
            self._here = (str(body["boot"]), now_ms / 1000 - float(body["mono_s"]))
        self._say(Seen(now_ms, leaf if leaf in _HEARD else "detail", part, body))

    def _store(self, boot: str, seq: int) -> None:
        """Acknowledge up to the last record without a gap: an `ack` says "stored up to", over all boots."""
        if seq > self._stored:
            self._beyond[seq] = boot
        upto = boot
        while self._stored + 1 in self._beyond:
            self._stored += 1
            upto = self._beyond.pop(self._stored)
        if not self._stored:
            return
        ack = {"v": 1, "boot": upto, "seq": self._stored}
        self._client.publish(self._topic("ack"), json.dumps(ack), 1)


def _no_delay(_client: Client, _userdata: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
