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

ANSWER_S = 15.0
GOOD_S = 30.0
"""As the centre's commands."""


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
        self._base = base = f"diemcau/1/{slug}"
        self.status, self._state, self._reply = f"{base}/status", f"{base}/state", f"{base}/reply"
        self.topics: tuple[str, ...] = (self.status, self._state, self._reply)
        self._n = itertools.count()
        self._duty = False

    def introduce(self, probe: Probe) -> None:
        """Waits for the summary: commands name this boot and a deadline in the room's own seconds."""
        payload, at_ns = probe.wait(self._state)
        state = json.loads(payload)
        self._boot, self._ahead_s = state["boot"], float(state["mono_s"]) - at_ns / 1e9

    def ask_ns(self, probe: Probe) -> int:
        """Technical duty on and off: rules, record and reply, and no load moves."""
        sent_ns, name = self._toggle(probe)
        return probe.wait(self._reply, f'"{name}"'.encode())[1] - sent_ns

    def state_ns(self, probe: Probe) -> int:
        """The same until the summary says so; it goes out once a second at most, so the caller waits before."""
        sent_ns, _ = self._toggle(probe)
        return self._until_state(probe, "duty", self._duty) - sent_ns

    def load_ns(self, probe: Probe, load: str) -> int:
        """A load on: until its step is recorded on disk, switched, read back and told."""
        sent_ns, _ = self.do(probe, "load", name=load, value="on")
        return self._until_state(probe, "loads", load) - sent_ns

    def do(self, probe: Probe, verb: str, **args: object) -> tuple[int, str]:
        """Sends a command; when, and its id."""
        name = f"bench-{next(self._n)}"
        until_s = time.perf_counter() + self._ahead_s + GOOD_S
        body = {"v": 1, "id": name, "by": "bench", "boot": self._boot, "until_mono_s": until_s, "args": args}
        return probe.send(f"{self._base}/do/{verb}", json.dumps(body).encode()), name

    def _toggle(self, probe: Probe) -> tuple[int, str]:
        self._duty = not self._duty
        return self.do(probe, "duty", value="on" if self._duty else "off")

    def _until_state(self, probe: Probe, key: str, wanted: object) -> int:
        while True:
            payload, at_ns = probe.wait(self._state)
            found = json.loads(payload)[key]
            if found == wanted or (isinstance(found, dict) and found.get(wanted) == "1"):
                return at_ns
