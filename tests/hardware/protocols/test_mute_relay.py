"""A relay in the microphone's line is told and shown as a codec's mute; everything else passes as it is."""

from __future__ import annotations

import json

import pytest

from hardware.contract import Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.protocols.keeper import KeeperClient
from hardware.protocols.mute_relay import MuteRelay

LOADS = ("display", "mute")


def said(**row: object) -> bytes:
    """The keeper says."""
    return json.dumps({"v": 1, **row}).encode() + b"\n"


def sent(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.splitlines()]


def talk() -> MuteRelay:
    made = MuteRelay(KeeperClient(LOADS), "mute")
    made.opened(0)
    made.take()
    return made


def order(target: str, value: Value) -> Order:
    return Order(OrderId("b", 1), target, value, 1_000)


@pytest.mark.parametrize(("value", "level"), [("muted", "on"), ("open", "off")])
def test_an_order_becomes_a_level_of_the_line(value: str, level: str) -> None:
    made = talk()
    made.ask(order("codec.mute", value), 5)
    (row,) = sent(made.take()[0])
    assert (row["do"], row["load"], row["to"]) == ("set", "mute", level)
    made.feed(said(say="ack", id="b:1", stage="done", code=""), 6)
    assert made.take()[1] == (Result(OrderId("b", 1), Stage.DONE, "", 6),)


def test_another_value_is_refused_and_the_line_hears_nothing() -> None:
    made = talk()
    made.ask(order("codec.mute", 1), 5)
    assert made.take() == (b"", (Result(OrderId("b", 1), Stage.REFUSED, "bad_value", 5),))


def test_loads_are_ordered_as_ever() -> None:
    made = talk()
    made.ask(order("load.display", "on"), 5)
    (row,) = sent(made.take()[0])
    assert (row["load"], row["to"]) == ("display", "on")


@pytest.mark.parametrize(("level", "mute"), [("on", "muted"), ("off", "open"), (None, None)])
def test_its_level_is_the_codecs_word(level: str | None, mute: str | None) -> None:
    made = talk()
    made.feed(said(say="levels", loads={"display": "off", "mute": level}, since_ms=1, fault=""), 7)
    reports: tuple[Report, ...] = made.take()[1]
    assert Reading("relay", (("display", "off"),), 7) in reports
    assert Reading("codec", (("mute", mute),), 7) in reports


def test_it_wakes_and_ends_with_the_keepers_conversation() -> None:
    made = talk()
    made.pace(2_000)
    assert made.wake_ms <= 10_000
    made.tick(made.wake_ms)
    made.closed(made.wake_ms)
    assert any(isinstance(r, Reading) and r.source == "keeper" for r in made.take()[1])
