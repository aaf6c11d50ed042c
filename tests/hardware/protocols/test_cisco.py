"""The conversation with a Cisco codec: how it is met, as bytes; and any bytes at any time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import Conversation, Order, OrderId, Peer, Reading, Value
from hardware.protocols.cisco import Cisco
from hardware.protocols.cisco_life import FEEDBACK
from hardware.sim.cisco import CiscoCodec
from tests.hardware.protocols.cisco_room import bare, settled


def as_conversation(ours: Cisco) -> Conversation:
    """The type checker's word that it is one."""
    return ours


def as_peer(far: CiscoCodec) -> Peer:
    """The type checker's word that it is one."""
    return far


def test_the_first_words() -> None:
    ours = Cisco()
    ours.opened(0)
    assert ours.take()[0] == b""
    ours.tick(500)
    assert ours.take()[0] == b"\r"
    ours.tick(1_500)
    assert ours.take()[0] == b'xStatus SystemUnit Uptime | resultId="dc1"\r'
    ours.feed(b'\r\n*s SystemUnit Uptime: 62974\r\n** resultId: "dc1"\r\n** end\r\n\r\nOK\r\n', 1_600)
    ours.tick(1_700)
    assert ours.take()[0] == b"echo off\r"
    ours.feed(b"\r\nOK\r\n\r\n", 1_750)
    ours.tick(1_800)
    assert ours.take()[0] == b"xPreferences outputmode terminal\r"


def test_a_codec_is_met_without_switching_anything_but_the_setting_that_opens_microphones() -> None:
    room = settled()
    texts = bare(room.texts())
    assert texts[:3] == ["xStatus SystemUnit Uptime", "echo off", "xPreferences outputmode terminal"]
    assert [t.removeprefix("xFeedback Register ") for t in texts if "Register" in t] == list(FEEDBACK)
    changes = [t for t in texts if t.startswith("xCommand") or ": " in t]
    assert changes == ["xConfiguration Conference MicUnmuteOnDisconnect Mode: Off"]
    assert room.codec.unit.settings.get("MicUnmuteOnDisconnect", "Mode") == "Off"
    assert room.ours.dropped == 0


# Any bytes.

SNIPPETS = st.sampled_from(
    [
        b"\r\nOK\r\n",
        b"ERROR\r\n",
        b"** end\r\n",
        b'** resultId: "dc1"\r\n',
        b"*s SystemUnit Uptime: 5\r\n",
        b"*s SystemUnit Uptime: 50000\r\n",
        b"*s Call 3 Status: Connected\r\n",
        b"*s Call 3 (ghost=True):\r\n",
        b"*s (ghost=True):\r\n",
        b"*r DialResult (status=OK):\r\n",
        b"*r : 7\r\n",
        b"*s Cameras Camera 1 Position Pan: 1\r\n",
        b"*s MediaChannels Call 3 Channel 1 Netstat Jitter: 3\r\n",
        b"login: ",
        b"Password: ",
        b"Login incorrect\r\n",
        b"Welcome to x\r\n",
        b"*r Login successful\r\n",
        b'{"Status":{"Standby":{"State":{"Value":"Standby"}}}}\r\n',
        b'{\r\n "ResultId": "dc2"\r\n}\r\n',
        b'{"ghost":"True","Status":{"ghost":"True"}}\r\n',
        b"{\r\n",
    ]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.binary(max_size=20) | SNIPPETS, st.integers(0, 8_000)), max_size=40), st.booleans())
def test_no_bytes_at_any_time_raise(chunks: list[tuple[bytes, int]], knows: bool) -> None:
    ours = Cisco("main", password="p" if knows else None)
    ours.opened(0)
    now = 0
    for n, (data, pause_ms) in enumerate(chunks):
        now += pause_ms
        ours.feed(data, now)
        ours.tick(now)
        assert ours.wake_ms > now
        if n % 7 == 3:
            ours.ask(Order(OrderId("b", n), "codec.mute", "muted", 5_000), now)
        ours.take()
    ours.closed(now)


def lived(cut: int) -> dict[str, Value]:
    """What is known after some minutes with a talkative codec, when bytes come in pieces of `cut`."""
    ours, far = Cisco("main", password="p"), CiscoCodec(5, password="p")
    ours.opened(0)
    last: dict[str, Value] = {}
    for now in range(0, 60_000, 25):
        if now == 30_000:
            far.ring("10.1.0.1", now)
        far.tick(now)
        ours.tick(now)
        far.feed(ours.take()[0], now)
        data = far.take()[0]
        for at in range(0, len(data), cut):
            ours.feed(data[at : at + cut], now)
        for report in ours.take()[1]:
            if isinstance(report, Reading):
                last |= {f"{report.source}.{name}": value for name, value in report.values}
    return last


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 64])
def test_cuts_change_nothing(cut: int) -> None:
    assert lived(cut) == lived(100_000)
