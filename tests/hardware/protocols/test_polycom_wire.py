"""Anything at all on the wire: nothing raises, time goes on, and cuts do not matter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import Order, OrderId, Reading, Result
from hardware.protocols.polycom import Polycom

LINES = st.sampled_from(
    [
        b"mute near on\r\n",
        b"callinfo begin\r\n",
        b"callinfo:1::10:384:connected:notmuted:outgoing:videocall\r\n",
        b"callinfo end\r\n",
        b"system is not in a call\r\n",
        b"Hi, my name is : x\r\n",
        b"error: command not found\r\n",
        b"info: no\r\n",
        b"Password: ",
        b"-- login failed, retry --\r\n",
        b"active: call[3] speed[384]\r\n",
        b"cs: call[3] chan[0] dialstr[x] state[RINGING]\r\n",
        b"ended: call[3]\r\n",
        b"preset near go 3\r\n",
        b"camera near position 1 2 3\r\n",
        b'"sync1"\r\n',
        b"status end\r\n",
        b"SNMP Enabled: True\r\n",
        b"1 Hour, 0 Minutes\r\n",
    ]
)
WIRE = st.lists(st.one_of(st.binary(max_size=20), LINES), max_size=25)


@settings(max_examples=60, deadline=None)
@given(WIRE, st.booleans(), st.integers(1, 9_000))
def test_nothing_that_comes_raises_or_stops_time(chunks: list[bytes], order: bool, step_ms: int) -> None:
    ours, now_ms = Polycom("main", password="x"), 0
    ours.opened(0)
    for chunk in chunks:
        now_ms += step_ms
        ours.tick(now_ms)
        ours.feed(chunk, now_ms)
        ours.tick(now_ms)
        assert ours.wake_ms > now_ms
        if order:
            ours.ask(Order(OrderId("b", now_ms), "codec.mute", "muted", 5_000), now_ms)
        ours.take()
    for _ in range(40):
        now_ms = max(now_ms + 1, min(ours.wake_ms, now_ms + 60_000))
        ours.tick(now_ms)
        assert ours.wake_ms > now_ms


@settings(max_examples=60, deadline=None)
@given(WIRE, st.integers(1, 7))
def test_cut_otherwise_it_says_the_same(chunks: list[bytes], size: int) -> None:
    data = b"".join(chunks) + b"\r\n"
    told = []
    for pieces in ([data], [data[i : i + size] for i in range(0, len(data), size)]):
        ours = Polycom("main")
        ours.opened(0)
        ours.tick(500)
        ours.take()
        for piece in pieces:
            ours.feed(piece, 600)
        ours.tick(600)
        out, reports = ours.take()
        last = {(r.source, name): value for r in reports if isinstance(r, Reading) for name, value in r.values}
        told.append((out, last, [r for r in reports if isinstance(r, Result)], ours.dropped))
    assert told[0] == told[1]
