"""R14: the adaptor of a port vanished, was plugged in elsewhere, is another one."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.memory import Kept
from controller.core.words import Alert
from controller.rules.ports import GONE_MS, ports
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, Sit, a_hold, a_room, alerts, marks, mono, said, stale

ONE, OTHER = "0403:6001:A1", "0403:6001:B2"
LEARNT = {"approved.port.codec": ONE}


def sit(told: str, others: tuple[tuple[str, str], ...] = (), gone_ms: int = GONE_MS, **more: Any) -> Sit:
    now_ms = mono(7.5)
    gone = {"gone.port.codec": Kept(True, now_ms - gone_ms, ())} if not told else {}
    kept = {**more.pop("marks", LEARNT), **gone}
    return Sit(facts={"serial.at": (("codec", told),), "serial.others": others}, marks=kept, **more)


def reasons(words: Any) -> list[tuple[str, tuple[object, ...]]]:
    return [(word.code, word.because.args) for word in words if isinstance(word, Alert)]


def test_the_first_word_in_an_accepted_room_is_learnt() -> None:
    assert marks(said(ports, sit(ONE, marks={})))["approved.port.codec"] == ONE
    assert said(ports, sit(ONE, marks={}, room=a_room(accepted=False))) == ()
    assert alerts(said(ports, sit(ONE))) == set()


def test_another_adaptor_at_the_same_place() -> None:
    assert reasons(said(ports, sit(OTHER))) == [("another_device", ("codec", ONE, OTHER))]


def test_a_port_that_vanished() -> None:
    assert reasons(said(ports, sit(""))) == [("port_gone", ("codec", ONE))]
    assert reasons(said(ports, sit("", (("usb-0:1.4", OTHER),)))) == [("port_gone", ("codec", ONE))]


def test_an_adaptor_that_came_back_elsewhere() -> None:
    assert reasons(said(ports, sit("", (("usb-0:1.4", ONE),)))) == [("port_moved", ("codec", "usb-0:1.4"))]
    twins = (("usb-0:1.3", ONE), ("usb-0:1.4", ONE))  # without serial numbers: nobody knows which
    assert reasons(said(ports, sit("", twins))) == [("port_gone", ("codec", ONE))]


@pytest.mark.parametrize(
    "situation",
    [
        sit("", gone_ms=GONE_MS - 1),
        sit("", marks={}),
        sit("", holds=(a_hold("lightning", "on"),)),
        Sit(facts={"serial.at": stale((("codec", ""),))}, marks=LEARNT),
        Sit(facts={"serial.at": ("nonsense", 3)}, marks=LEARNT),
    ],
    ids=["a moment", "never there", "lightning", "stale", "nonsense"],
)
def test_what_is_no_incident(situation: Sit) -> None:
    assert alerts(said(ports, situation)) == set()


def test_it_is_learnt_for_good_and_ends_when_somebody_says_that_it_is_right() -> None:
    day = Day(6)
    day.far.serial = {"codec": ONE}
    day.run(MINUTE_MS)
    day.far.serial = {"codec": ""}
    day.run(GONE_MS // 2)
    assert "port_gone" not in day.codes
    day.run(2 * MINUTE_MS)
    assert "port_gone" in day.codes
    day.restart(boot="b2", mono_ms=30_000)
    day.far.serial = {"codec": OTHER}
    day.run(MINUTE_MS)
    assert "another_device" in day.codes
    assert day.command("maintenance", "done", "port.codec").stage == "accepted"
    day.run(MINUTE_MS)
    assert not day.codes & {"another_device", "port_gone"}
    assert day.state.marks["approved.port.codec"].value == OTHER
