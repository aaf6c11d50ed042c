"""The centre's side of the measurement: one MQTT 5 client that sends a command and times the answer."""

from __future__ import annotations

import itertools
import json
import queue
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

ANSWER_S = 30.0


class NoAnswer(RuntimeError):
    """The process under measurement did not answer in ANSWER_S; it is not measurable."""


@dataclass
class Probe:
    """`topics`: what it listens to. Messages are stamped on arrival, in the network thread."""

    port: int
    topics: tuple[str, ...]
    _inbox: queue.Queue[tuple[str, bytes, int]] = field(default_factory=queue.Queue)

    def __enter__(self) -> Probe:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        ready = queue.Queue[bool]()

        def opened(_client: mqtt.Client, _data: Any, wire: Any) -> None:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def connected(client: mqtt.Client, *_: Any) -> None:
            client.subscribe([(topic, 1) for topic in self.topics])

        def heard(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
            self._inbox.put((message.topic, bytes(message.payload), time.perf_counter_ns()))

        client.on_socket_open = opened
        client.on_connect = connected
        client.on_subscribe = lambda *_: ready.put(True)
        client.on_message = heard
        client.connect("127.0.0.1", self.port, 60)
        client.loop_start()
        ready.get(timeout=ANSWER_S)
        self._client = client
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, topic: str, payload: bytes) -> int:
        """Publishes at QoS 1; the moment in ns of perf_counter."""
        sent_ns = time.perf_counter_ns()
        self._client.publish(topic, payload, 1)
        return sent_ns

    def forget(self, topic: str) -> None:
        """Deletes what the broker keeps of `topic` and everything heard so far."""
        self._client.publish(topic, b"", 1, retain=True)
        while self.wait(topic)[0]:
            pass

    def wait(self, topic: str, part: bytes = b"") -> tuple[bytes, int]:
        """The next message of `topic` that contains `part`, and its moment. Raises NoAnswer."""
        until_s = time.monotonic() + ANSWER_S
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                found, payload, at_ns = self._inbox.get(timeout=left_s)
            except queue.Empty:
                break
            if found == topic and part in payload:
                return payload, at_ns
        raise NoAnswer(topic)


class Talk(Protocol):
    """How one kind of process is introduced and asked."""

    status: str
    topics: tuple[str, ...]

    def introduce(self, probe: Probe) -> None: ...

    def ask_ns(self, probe: Probe) -> int: ...


class FloorTalk:
    """How the floor script is spoken to."""

    status: str = "floor/status"
    topics: tuple[str, ...] = ("floor/status", "floor/reply")

    def __init__(self) -> None:
        self._n = itertools.count()

    def introduce(self, probe: Probe) -> None:
        """Nothing is needed before its first command."""

    def ask_ns(self, probe: Probe) -> int:
        n = next(self._n)
        word = f"{n}:{n % 2}".encode()
        sent_ns = probe.send("floor/do", word)
        return probe.wait("floor/reply", word)[1] - sent_ns


class RoomTalk:
    """How a room is spoken to: its boot and its monotonic seconds come from what it publishes."""

    def __init__(self, slug: str) -> None:
        base = f"diemcau/1/{slug}"
        self.status = f"{base}/status"
        self._state, self._reply, self._do = f"{base}/state", f"{base}/reply", f"{base}/do/duty"
        self.topics: tuple[str, ...] = (self.status, self._state, self._reply)
        self._n = itertools.count()

    def introduce(self, probe: Probe) -> None:
        """Waits for the summary: commands name this boot and a deadline in the room's own seconds."""
        state = json.loads(probe.wait(self._state)[0])
        self._boot, self._until_s = state["boot"], float(state["mono_s"]) + 3600

    def ask_ns(self, probe: Probe) -> int:
        """Technical duty on and off: a command that needs rules, record and reply, and moves no load."""
        n = next(self._n)
        body = {"v": 1, "id": f"bench-{n}", "by": "bench", "boot": self._boot, "until_mono_s": self._until_s}
        body["args"] = {"value": "on" if n % 2 else "off"}
        sent_ns = probe.send(self._do, json.dumps(body).encode())
        return probe.wait(self._reply, f'"bench-{n}"'.encode())[1] - sent_ns
