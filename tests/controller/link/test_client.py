"""One connection: what it asks of the socket, and brokers that speak no MQTT."""

from __future__ import annotations

import os
import select
import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller.link.client import Connection
from controller.link.settings import Broker, Settings
from tests.controller.link.rooms import settings

CONNACK = bytes.fromhex("2003000000")


def connection(ours: Settings) -> Connection:
    return Connection(ours, "main", ours.main, clean=True, home=True)


def talk(data: bytes) -> Connection:
    """A connection whose broker says `data`, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = connection(settings(server.getsockname()[1]))
        made.dial()
        far, _ = server.accept()
        with far:
            far.sendall(data)
            far.shutdown(socket.SHUT_WR)
            poll = select.poll()
            for _ in range(len(data) + 10):
                if made.alive and made.fileno() >= 0:
                    poll.register(made.fileno(), select.POLLIN)
                    assert poll.poll(5_000)
                    made.read()
        made.leave()
    return made


def publish(body: bytes, flags: int = 2) -> bytes:
    return bytes([0x30 | flags, len(body)]) + body


def test_every_socket_sends_without_delay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = connection(settings(server.getsockname()[1]))
        made.dial()
        with socket.socket(fileno=os.dup(made.fileno())) as same:
            assert same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.address == "127.0.0.1"
        made.leave()
    assert made.fileno() == -1
    assert made.address == ""


def test_a_broker_may_want_a_smaller_window() -> None:
    # CONNACK with Receive Maximum 3 (MQTT 5, 3.2.2.3.3)
    made = talk(bytes.fromhex("2006000003210003"))
    assert (made.up, made.window) == (True, 3)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("2003008700", "credentials"),
        ("2003008900", "refused"),
        ("2003009F00", "refused"),
        ("2003000000E0028E00", "kicked"),
        ("2003000000E0028B00", "shutdown"),
        ("2003000000E0029800", "lost"),
        ("", "lost"),
    ],
)
def test_why_a_connection_ended(data: str, code: str) -> None:
    assert talk(bytes.fromhex(data)).ended == code


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("no-such-host.invalid", "dns"),
        ("a" * 300, "dns"),
        ("127.0.0.1", "refused"),
        ("255.255.255.255", "unreachable"),
    ],
)
def test_why_there_is_no_connection(host: str, code: str) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        ours = settings(1)
        made = connection(replace(ours, main=Broker(host, reserved.getsockname()[1])))
        made.dial()
    assert made.ended == code
    made.leave()


def test_a_refused_subscription_is_an_incident() -> None:
    # SUBACK for packet 1: the second of six filters not authorised (MQTT 5, 3.9.3)
    made = talk(CONNACK + bytes.fromhex("900900010001870101018F"))
    assert list(made.refused) == [("diemcau/1/phong-1/ack", 0x87), ("homeassistant/status", 0x8F)]


def test_a_topic_that_is_no_text_is_dropped() -> None:
    made = talk(CONNACK + publish(b"\x00\x01\xff\x00\x07\x00x") + publish(b"\x00\x01a\x00\x07\x00x"))
    assert [a.topic for a in made.arrived] == ["a"]


@examples(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", CONNACK]),
    st.binary(max_size=60)
    | st.binary(max_size=40).map(publish)
    | st.binary(max_size=20).map(lambda b: b"\x90" + b),
)
def test_a_broker_that_speaks_no_mqtt_only_ends_the_connection(start: bytes, data: bytes) -> None:
    made = talk(start + data)
    assert made.ended
    made.publish("a", b"", qos=1, retain=False)
    made.subscribe()
    made.keep()
    made.write()
