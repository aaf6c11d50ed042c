"""One MQTT 5 connection to one broker: the only file that knows paho.

What paho 2.x needs, found by running it: an exception in a callback ends its loop, so callbacks here only
append to our queues; its own message queue is neither durable nor observable, so a new client is made for
each connection and holds nothing but what is in flight; `connect` blocks, so `dial` runs on a thread of its
own; its loop wakes every second, so our thread waits for the socket and for `deadline_ms` instead.
TCP_NODELAY is set on every socket: without it each answer waits 40 ms for the broker's delayed ACK.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Iterator

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from controller.credentials import given
from controller.link import secure
from controller.link.arrivals import CALENDAR_BYTES, Arrival
from controller.link.reasons import dial_word, word
from controller.link.secure import Context
from controller.link.settings import Broker, Settings, Tls
from controller.link.topics import CENTRE_STATUS, HOME_STATUS, Topics

OFFLINE, ONLINE = b"offline", b"online"
UNEXPECTED, LEFT = "unexpected", "left"
"""User property `reason` of `offline`: the broker's word for us after silence (the will), or our own goodbye. The
payload stays the bare word that Home Assistant expects."""
PACKET_BYTES = 2 * CALENDAR_BYTES
"""The broker may not send more: a calendar that is too large still arrives, to be refused with a reason."""

_BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, MQTTException)
"""What paho raises on bytes that are no MQTT, seen by feeding it garbage."""


class Connection:
    """Made for one attempt and thrown away after it. Everything but `dial` belongs to the link's thread."""

    def __init__(self, settings: Settings, via: str, broker: Broker, *, clean: bool, home: bool) -> None:
        self.via = via
        self.up = self.subscribed = False
        self.ended = ""
        self.window = settings.window
        self.in_flight: dict[int, str] = {}
        self.arrived: deque[Arrival] = deque()
        self.refused: deque[tuple[str, int]] = deque()
        self._settings, self._broker = settings, broker
        self._topics = topics = Topics(settings.room)
        self._filters = [topics.commands, topics.of("ack"), topics.of("calendar"), topics.of("certificate")]
        self._filters += [CENTRE_STATUS, *([HOME_STATUS] if home else [])]
        self._client = self._make(clean)
        self._heard_ms = self._said_ms = mono_ms()

    # ---- making it

    def dial(self) -> None:
        """Open the socket and send CONNECT; blocks up to `connect_s` and more for names and TLS. Never
        raises: `ended` tells why there is no connection."""
        context = None
        try:
            context = self._secure()
            self._client.reconnect()
            self._heard_ms = self._said_ms = mono_ms()
        except OSError as error:
            self.ended = self.ended or dial_word(error)
        except ValueError:
            self.ended = "dns"  # a host name that cannot be one
        if context and context.made and self.ended:
            context.made.close()

    def _make(self, clean: bool) -> Client:
        settings, times = self._settings, self._settings.times
        client = Client(CallbackAPIVersion.VERSION2, settings.room, protocol=MQTTProtocolVersion.MQTTv5)
        client.connect_timeout = times.connect_s
        client.max_inflight_messages_set(settings.window)
        client.max_queued_messages_set(settings.window)
        will = _properties(
            PacketTypes.WILLMESSAGE, WillDelayInterval=times.will_delay_s, UserProperty=_reason(UNEXPECTED)
        )
        client.will_set(self._topics.of("status"), OFFLINE, qos=1, retain=True, properties=will)
        connect = _properties(
            PacketTypes.CONNECT, SessionExpiryInterval=times.session_s, MaximumPacketSize=PACKET_BYTES
        )
        client.connect_async(
            self._broker.host, self._broker.port, times.keepalive_s, clean_start=clean, properties=connect
        )
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        return client

    def _secure(self) -> Context | None:
        """The password, too, is read at every attempt."""
        broker = self._broker
        try:
            password = given(broker.password_file).read_text("utf-8").strip() if broker.password_file else None
        except OSError:
            self.ended = "files"
            raise
        if broker.user:
            self._client.username_pw_set(broker.user, password)
        context = self._tls(broker.tls) if broker.tls else None
        if context:
            self._client.tls_set_context(context)
        return context

    def _tls(self, tls: Tls) -> Context:
        try:
            return secure.context(tls)
        except OSError:
            self.ended = "files"
            raise

    # ---- living

    @property
    def alive(self) -> bool:
        """Neither failed nor ended."""
        return not self.ended

    @property
    def address(self) -> str:
        """Our end's address, '' when there is none."""
        sock = self._client.socket()
        try:
            return str(sock.getsockname()[0]) if isinstance(sock, socket.socket) else ""
        except OSError:
            return ""

    def fileno(self) -> int:
        """The socket to wait for; -1 when it is closed."""
        sock = self._client.socket()
        return sock.fileno() if sock else -1

    @property
    def wants_write(self) -> bool:
        """The socket's buffer is full: nothing more is sent until it is writable."""
        return self._client.want_write()

    @property
    def space(self) -> int:
        """How many acknowledged messages may still be sent."""
        return self.window - len(self.in_flight)

    def deadline_ms(self) -> int:
        """When `keep` must be called: a keepalive after the last word heard or said, whichever is older.
        Our stamps are later than paho's own, so that it never finds the call too early."""
        return min(self._heard_ms, self._said_ms) + self._settings.times.keepalive_s * 1000 + 1

    def read(self) -> None:
        """The socket is readable. TLS may hold decrypted bytes that no poll would show."""
        with self._guard():
            self._check(self._client.loop_read())
            while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
                self._check(self._client.loop_read())
        self._heard_ms = mono_ms()

    def write(self) -> None:
        """The socket is writable again."""
        with self._guard():
            self._check(self._client.loop_write())
        self._said_ms = mono_ms()

    def keep(self) -> None:
        """Ping when it is time, end a connection that did not answer the last one."""
        with self._guard():
            self._check(self._client.loop_misc())
        self._heard_ms = self._said_ms = mono_ms()

    def subscribe(self) -> None:
        """Everything a room listens to. A retained command is not wanted (handling 2), and one published
        as retained while we listen keeps its flag, so that it can be refused."""
        live = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        kept = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE)
        stored = (self._topics.of("calendar"), self._topics.of("certificate"), CENTRE_STATUS)
        with self._guard():
            self._check(self._client.subscribe([(t, kept if t in stored else live) for t in self._filters])[0])

    def publish(
        self, topic: str, payload: bytes, *, qos: int, retain: bool, to: bytes = b"", reason: str = ""
    ) -> None:
        """Send now; `to` is the correlation data of an answer, `reason` a user property. With qos 1 it stays in
        flight until the broker's word; the caller keeps within `space`."""
        extra = ({"CorrelationData": to} if to else {}) | ({"UserProperty": _reason(reason)} if reason else {})
        properties = _properties(PacketTypes.PUBLISH, **extra) if extra else None
        with self._guard():
            sent = self._client.publish(topic, payload, qos, retain, properties)
            if qos:
                self.in_flight[sent.mid] = topic
            self._check(sent.rc)
        self._said_ms = mono_ms()

    def leave(self) -> None:
        """Say goodbye: the broker drops the will. Closes the socket in any case."""
        sock = self._client.socket()
        if self.up and self.alive:
            with self._guard():
                self._client.disconnect()
        self.ended = self.ended or "left"
        if sock:
            with contextlib.suppress(OSError):
                sock.close()

    # ---- what paho calls: queues only

    def _on_connect(
        self, _c: Client, _u: object, _f: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self.ended = self.ended or word(reason.value, "refused")
            return
        self.up = True
        self.window = min(self.window, getattr(properties, "ReceiveMaximum", self.window))

    def _on_disconnect(
        self, _c: Client, _u: object, _f: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self.ended = self.ended or word(reason.value, "lost")

    def _on_message(self, _c: Client, _u: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        extra = message.properties
        version = dict(getattr(extra, "UserProperty", [])).get("version", "")
        response, to = getattr(extra, "ResponseTopic", ""), getattr(extra, "CorrelationData", b"")
        self.arrived.append(Arrival(topic, bytes(message.payload), bool(message.retain), version, response, to))

    def _on_publish(self, _c: Client, _u: object, mid: int, reason: ReasonCode, _p: Properties) -> None:
        topic = self.in_flight.pop(mid, "")
        if topic and reason.is_failure:
            self.refused.append((topic, reason.value))

    def _on_subscribe(self, _c: Client, _u: object, _m: int, reasons: list[ReasonCode], _p: Properties) -> None:
        self.subscribed = True
        for name, reason in zip(self._filters, reasons, strict=False):
            if reason.is_failure:
                self.refused.append((name, reason.value))

    # ---- guarding

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN:
            self.ended = self.ended or "protocol"

    def _check(self, code: MQTTErrorCode) -> None:
        if code not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
            self.ended = self.ended or "lost"


def mono_ms() -> int:
    """Milliseconds of the clock that paho uses too: the link's own waiting, never a stamp."""
    return int(time.monotonic() * 1000)


def _reason(word: str) -> list[tuple[str, str]]:
    return [("reason", word)]


def _properties(packet: int, **values: int | bytes | list[tuple[str, str]]) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _no_delay(_client: Client, _userdata: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
