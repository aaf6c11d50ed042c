"""The centre's connection to the broker: MQTT 5 by aiomqtt, kept up for ever, main broker first, then backup (R25).

`send` is the way to rooms: it waits for the broker's answer and raises OSError when there is none, so that nobody
believes in an order that lies in a queue; nothing is kept here for later. TCP_NODELAY is set: without it each
answer waits 40 ms for a delayed ACK. What is lost with this process is asked for again, for rooms keep each record
until the centre has acknowledged it.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from aiomqtt import Client, Message, MqttError, ProtocolVersion, Will
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from controller.dashboard.settings import Broker
from controller.dashboard.words import log
from controller.link.topics import CENTRE_STATUS

KEEPALIVE_S = 20
CONNECT_S = 5.0
ANSWER_S = 60.0
"""A subscription is answered behind the messages that are under way: after a storm there are many of them. Whether
the broker lives is the keepalive's word."""
FIRST_S, MOST_S = 1.0, 60.0
GLANCE_QUIET_S, GLANCE_MOST_S = 1.0, 60.0
"""The broker's retained words have come when so long there was none; 10,000 rooms' take a second or two."""
PACKET_BYTES = 200_000
"""The broker may not send more; the largest message of a room is a third of it."""
_NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

Hear = Callable[[str, bytes, Mapping[str, str]], None]
"""Topic, payload, user properties. Must not block."""


@dataclass(frozen=True, slots=True)
class Times:
    """`send_s`: so long a PUBACK is waited for. `failover_s`: after so long without the main broker the backup is
    tried too, in turn (mqtt.md)."""

    send_s: float = 5.0
    failover_s: float = 30.0


class _Client(Client):
    """aiomqtt takes every PUBACK as success; over MQTT 5 a broker refuses with a reason code."""

    refusal = ""
    """Of the message that is under way: one at a time (`Line.send`)."""

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        if reason_code.value >= 0x80:
            self.refusal = str(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


class _Straight(asyncio.Queue[Message]):
    """aiomqtt's queue of what came, which hands over at once what `take` takes: a task and a wait for each message,
    as its iterator has them, are more than half of what a message costs. What `take` leaves waits as usual."""

    def __init__(self, take: Callable[[Message], bool], maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._take = take

    def put_nowait(self, item: Message) -> None:
        if not self._take(item):
            super().put_nowait(item)


class Line:
    """One process's connection. `filters` are subscribed after every connect; `connected` is told each time.
    `snapshot`: filters whose retained messages are wanted once, at each connect: a shared subscription brings none
    (MQTT 5, 4.8.2)."""

    def __init__(
        self,
        settings: Broker,
        filters: Sequence[str],
        hear: Hear,
        connected: Callable[[], Awaitable[None]] | None = None,
        *,
        name: str = "centre",
        announces: bool = False,
        snapshot: Sequence[str] = (),
        times: Times = Times(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._filters, self._hear = settings, tuple(filters), hear
        self._connected, self._chance, self._announces = connected, chance, announces
        self._snapshot = tuple(snapshot)
        self._id = f"{name}-{secrets.token_hex(6)}"
        self._times = times
        self._client: _Client | None = None
        self._sending = asyncio.Lock()
        self._leaving = False
        self._trouble = ""
        self._fault: Exception | None = None
        self._retained = 0
        self.via = ""
        """`main` or `backup` while connected, else ''."""

    @property
    def up(self) -> bool:
        return self._client is not None

    async def live(self) -> None:
        """Connect, listen, connect again, until cancelled."""
        pause_s, since = FIRST_S, asyncio.get_running_loop().time()
        while True:
            now = asyncio.get_running_loop().time()
            backup = self._settings.backup_port and now - since >= self._times.failover_s
            for via in ("main", "backup") if backup else ("main",):
                if await self._once(via):
                    pause_s, since = FIRST_S, asyncio.get_running_loop().time()
            await asyncio.sleep(pause_s * self._chance())
            pause_s = min(pause_s * 2, MOST_S)

    async def _once(self, via: str) -> bool:
        """One connection from its beginning to its end; False = there was none."""
        lived = False
        try:
            async with self._make(via) as client:
                self._client, self.via, lived = client, via, True
                self._say(via, "")
                if self._filters:
                    wanted = [(one, SubscribeOptions(qos=1, noLocal=False)) for one in self._filters]
                    await client.subscribe(wanted, timeout=ANSWER_S)
                if self._announces:
                    only_others = [(CENTRE_STATUS, SubscribeOptions(qos=1, noLocal=True))]
                    await client.subscribe(only_others, timeout=ANSWER_S)
                    await client.publish(CENTRE_STATUS, b"online", 1, True, timeout=self._times.send_s)
                if self._connected is not None:
                    await self._connected()
                async with asyncio.TaskGroup() as tasks:
                    glance = tasks.create_task(self._glance(client))
                    async for _ in client.messages:  # that a centre is gone; all else was heard as it came
                        await self._still_here(client)
                    glance.cancel()
        except* (MqttError, OSError, ValueError) as group:
            self._say(via, str(group.exceptions[0]) or type(group.exceptions[0]).__name__)
        finally:
            self._client, self.via = None, ""
        if self._fault is not None:  # paho took it for the end of the connection
            raise self._fault
        return lived

    def _take(self, message: Message) -> bool:
        """Hear it; False = it wants an answer too."""
        topic, payload = message.topic.value, _payload(message)
        self._retained += message.retain
        try:
            self._hear(topic, payload, _user(message))
        except Exception as fault:
            self._fault = fault
            raise
        return not (self._announces and topic == CENTRE_STATUS and payload != b"online")

    def _say(self, via: str, trouble: str) -> None:
        """Into the service's log: each reason once, and that it is over. `trouble` '' = connected."""
        told = f"{via} {trouble}" if trouble else ""
        if told != self._trouble:
            settings = self._settings
            host, port = settings.host, settings.port
            if via == "backup":
                host, port = settings.backup_host, settings.backup_port
            log("centre.broker_lost" if trouble else "centre.broker_back", f"{host}:{port}", trouble)
        self._trouble = told

    async def _glance(self, client: _Client) -> None:
        """What the broker retains, heard once; afterwards only what is new, and that by the shared subscription:
        as long as both are there each word comes twice."""
        if not self._snapshot:
            return
        await client.subscribe([(one, SubscribeOptions(qos=1)) for one in self._snapshot], timeout=ANSWER_S)
        begun = asyncio.get_running_loop().time()
        seen = -1
        while seen != self._retained and asyncio.get_running_loop().time() - begun < GLANCE_MOST_S:
            seen = self._retained
            await asyncio.sleep(GLANCE_QUIET_S)
        await client.unsubscribe(list(self._snapshot), timeout=ANSWER_S)

    async def _still_here(self, client: _Client) -> None:
        """Another centre or recorder left, or died; the topic is one for all, and we are here."""
        if not self._leaving:
            await client.publish(CENTRE_STATUS, b"online", 1, True, timeout=self._times.send_s)

    def _make(self, via: str) -> _Client:
        settings = self._settings
        main = via == "main"
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = PACKET_BYTES
        return _Client(
            settings.host if main else settings.backup_host,
            settings.port if main else settings.backup_port,
            username=settings.user or None,
            password=_secret(settings.password_file) or None,
            identifier=self._id,
            protocol=ProtocolVersion.V5,
            clean_start=True,
            properties=properties,
            will=Will(CENTRE_STATUS, b"offline", 1, True) if self._announces else None,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_S,
            tls_context=_tls(settings),
            socket_options=(_NODELAY,),
            queue_type=cast("type[asyncio.Queue[Message]]", partial(_Straight, self._take)),
        )

    async def send(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry_s: int = 0,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """As `place.Way.send`. Raises OSError when nobody is connected, answers, or when the broker refuses."""
        client = self._client
        if client is None:
            raise OSError("no broker")
        extra = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if expiry_s:
            extra.MessageExpiryInterval = expiry_s
        if properties:
            extra.UserProperty = list(properties.items())
        async with self._sending:  # one at a time: a refusal is of this message and of no other
            client.refusal = ""
            try:
                await client.publish(topic, payload, 1, retain, extra, timeout=self._times.send_s)
            except MqttError as error:
                raise OSError(str(error)) from error
            if client.refusal:
                raise OSError(f"the broker refused {topic}: {client.refusal}")

    async def leave(self) -> None:
        """Say goodbye, where we announced ourselves."""
        self._leaving = True
        if self._announces and self._client is not None:
            try:
                await self.send(CENTRE_STATUS, b"offline", retain=True)
            except OSError:
                return


def _payload(message: Message) -> bytes:
    return message.payload if isinstance(message.payload, bytes) else b""


def _user(message: Message) -> Mapping[str, str]:
    return dict(getattr(message.properties, "UserProperty", ()) or ())


def _secret(file: str) -> str:
    return Path(file).read_text(encoding="utf-8").strip() if file else ""


def _tls(settings: Broker) -> ssl.SSLContext | None:
    """TLS 1.3 with the province's own authority; the host name is checked."""
    if not settings.ca:
        return None
    context = ssl.create_default_context(cafile=settings.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if settings.certificate:
        context.load_cert_chain(settings.certificate, settings.secret_key or None)
    return context
