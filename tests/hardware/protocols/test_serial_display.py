"""A display on RS-232 by its own words: bytes, orders, silence, answers that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import Reading, Stage
from hardware.protocols.serial_display import ANSWER_MS, GRACE_MS, SerialDisplay, Words
from hardware.sim.serial_display import SerialMonitor
from tests.hardware.protocols.duplex import Duplex

LG = Words(b"ka 01 01\r", b"ka 01 00\r", b"ka 01 ff\r", b"OK01", b"OK00")


class Link(Duplex):
    def __init__(self) -> None:
        self.body = SerialMonitor()
        super().__init__(SerialDisplay("wall", LG), self.body, "display.wall")
        self.open()

    def turn(self, value: str) -> tuple[Stage, str]:
        return self.finish("display.wall.power", value, 60_000)


@pytest.fixture
def link() -> Link:
    made = Link()
    assert made.shows(10_000, answers=True, power="standby")
    return made


def test_the_bytes() -> None:
    talk = SerialDisplay("wall", LG)
    talk.opened(0)
    talk.tick(0)
    assert talk.take() == (b"ka 01 ff\r", ())
    talk.feed(b"a 01 OK0", 100)
    talk.feed(b"1x", 200)
    talk.tick(ANSWER_MS)
    assert talk.take() == (b"", ())  # once is no state yet


def test_on_and_standby_are_done_when_it_says_so(link: Link) -> None:
    assert link.turn("on") == (Stage.DONE, "")
    assert link.body.on
    assert link.last()["power"] == "on"
    assert link.turn("standby") == (Stage.DONE, "")
    assert not link.body.on


def test_what_is_so_already_is_not_said_again(link: Link) -> None:
    assert link.turn("standby") == (Stage.DONE, "")
    assert set(link.body.commands) == {b"ka 01 ff"}


def test_an_acknowledgement_is_not_the_effect(link: Link) -> None:
    link.body.deaf = True
    assert link.turn("on") == (Stage.FAILED, "timeout")
    assert link.last()["power"] == "standby"
    assert 2 <= link.body.commands.count(b"ka 01 01") <= 7


def test_a_display_that_does_not_listen_while_it_wakes_is_told_again(link: Link) -> None:
    link.body.mains(False, link.now_ms)
    link.body.mains(True, link.now_ms)
    assert link.turn("on") == (Stage.DONE, "")


def test_silence_is_said_and_its_end(link: Link) -> None:
    link.body.hangs = True
    assert link.shows(60_000, answers=False, power=None)
    link.body.hangs = False
    assert link.shows(60_000, answers=True, power="standby")


def test_a_port_that_goes(link: Link) -> None:
    order = link.order("display.wall.power", "on")
    link.ours.closed(link.now_ms)
    assert link.turn("on") == (Stage.REFUSED, "closed")
    assert link.results(order)[-1] == (Stage.FAILED, "closed")
    assert link.shows(GRACE_MS + 1_000, answers=False)


def test_a_newer_order_supersedes_and_nonsense_is_refused(link: Link) -> None:
    first = link.order("display.wall.power", "on")
    assert link.turn("standby")[0] is Stage.DONE
    assert link.results(first)[-1] == (Stage.SUPERSEDED, "")
    for value in ("off", "", "toggle"):
        assert link.turn(value) == (Stage.REFUSED, "unsupported")
    assert link.finish("display.other.power", "on") == (Stage.REFUSED, "unsupported")


@pytest.mark.parametrize("noise", [b"", b"ka 01 ff", b"OK01 OK00", b"OK0", b"\xff\x00"])
def test_what_is_no_answer_is_no_state(noise: bytes) -> None:
    talk = SerialDisplay("wall", LG)
    talk.opened(0)
    for at_ms in range(0, 60_000, 500):
        talk.tick(at_ms)
        talk.feed(noise, at_ms)
    told = [dict(r.values) for r in talk.take()[1] if isinstance(r, Reading)]
    assert told
    assert all(row == {"answers": False, "power": None} for row in told)


def test_one_bent_answer_is_no_change(link: Link) -> None:
    link.run(5_000)
    link.ours.feed(b"OK01", link.now_ms)  # of nobody's asking
    link.run(30_000)
    assert link.said("power") == ["standby"]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.binary(max_size=300), st.integers(1, 20_000)), max_size=12))
def test_any_bytes(chunks: list[tuple[bytes, int]]) -> None:
    talk, now_ms = SerialDisplay("wall", LG), 0
    talk.opened(0)
    for data, wait_ms in chunks:
        talk.feed(data, now_ms)
        now_ms += wait_ms
        talk.tick(now_ms)
        assert talk.wake_ms > now_ms
        talk.take()
