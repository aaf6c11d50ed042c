"""A Cisco codec's output modes and generations, and software that prints untidily, late or wrongly."""

from __future__ import annotations

import pytest

from hardware.contract import Value
from hardware.protocols.cisco import Cisco
from hardware.sim.cisco import CiscoCodec
from tests.hardware.protocols.cisco_room import MCU, Room, bare, done, settled

# The two modes and the generations.


def test_a_session_left_in_json_is_understood() -> None:
    far = CiscoCodec(3)
    far.shell.mode, far.shell.echo = "json", False
    room = settled(far=far)
    assert (room.value("answers"), far.shell.mode) == (True, "terminal")
    assert done(room.do("codec.mute", "muted"))


def test_half_an_object_costs_one_answer_and_no_more() -> None:
    room = settled(Cisco(mode="json"))
    room.codec.faults.half_json = 1
    assert room.do("codec.mute", "muted", 60_000)[-1] in (("done", ""), ("failed", "timeout"))
    assert room.ours.dropped >= 1
    assert done(room.do("codec.mute", "open"))
    assert room.value("answers") is True


def test_old_software_has_its_own_words() -> None:
    room = settled(Cisco("main"), CiscoCodec(3, software="TC7.3.11"))
    texts = bare(room.texts())
    assert "xConfiguration Conference 1 AutoAnswer Mode" in texts
    assert "xStatus Camera 1 Position" in texts
    assert not any("PeopleCount Current" in text for text in texts)
    assert room.do("codec.power", "asleep")[-1] == ("done", "")
    assert room.value("power") == "asleep"
    room.do("codec.dial", MCU)
    room.codec.unit.loss_out_pct, room.codec.unit.jitter_ms = 10.0, 17
    room.run(60_000)
    assert isinstance(loss := room.value("loss_out_pct"), float)
    assert 8 < loss <= 10
    assert room.value("jitter_ms") == 17.0
    assert done(room.do("codec.hangup", "all"))
    assert "xCommand Call DisconnectAll" in bare(room.texts())


def test_figures_each_way() -> None:
    room = settled()
    room.do("codec.dial", MCU)
    unit = room.codec.unit
    unit.loss_pct, unit.loss_out_pct, unit.jitter_ms, unit.jitter_out_ms = 2.0, 6.0, 11, 23
    room.run(20_000)
    values = [room.value(name) for name in ("loss_pct", "loss_out_pct", "jitter_ms", "jitter_out_ms")]
    assert values == [2.0, 6.0, 11.0, 23.0]


@pytest.mark.parametrize("mode", ["terminal", "json"])
@pytest.mark.parametrize("fault", ["no_end", "no_tags", "interleave", "blank_lines", "split", "lf"])
def test_untidy_software(fault: str, mode: str) -> None:
    far = CiscoCodec(3)
    setattr(far.faults, fault, True)
    room = Room(Cisco("main", mode=mode), far)  # type: ignore[arg-type]
    room.until(120_000)
    assert room.value("answers") is True
    assert done(room.do("codec.mute", "muted"))
    assert done(room.do("codec.dial", MCU, 60_000))
    assert done(room.do("codec.hangup", "all", 60_000))


def test_answers_that_come_late_are_not_mixed_up() -> None:
    room = settled()
    room.codec.faults.lag_ms = 6_000
    room.codec.faults.interleave = True
    room.run(120_000)
    assert room.value("answers") is True
    assert room.do("codec.mute", "muted", 60_000)[-1][0] in ("done", "failed")
    room.codec.faults.lag_ms = 0
    room.run(30_000)
    assert done(room.do("codec.mute", "open"))
    assert room.value("mute") == "open"


def test_a_word_that_is_missing_behind_error() -> None:
    room = settled()
    order = room.order("codec.mute", "muted")
    while not any("Microphones Mute" in text for text in bare(room.texts(15_000))):
        room.run(10)
    room.codec.hang()
    room.ours.feed(b"\r\nERROR\r\n", room.now)
    room.run(3_000)
    assert room.results(order) == [("refused", "error")]


@pytest.mark.parametrize("start", ["xcommand standby", "xcommand audio", "xcommand dial", "xcommand call"])
def test_what_the_device_refuses(start: str) -> None:
    room = settled()
    room.do("codec.dial", MCU)
    room.codec.faults.refuse[start] = "Not now"
    orders: dict[str, tuple[str, Value]] = {
        "xcommand standby": ("codec.power", "asleep"),
        "xcommand audio": ("codec.mute", "muted"),
        "xcommand dial": ("codec.dial", MCU),
        "xcommand call": ("codec.hangup", "all"),
    }
    target, value = orders[start]
    assert room.do(target, value) == [("refused", "error: Not now")]


def test_an_answer_that_is_refused() -> None:
    room = settled()
    room.codec.faults.refuse["xcommand call accept"] = "Busy"
    room.codec.ring("10.1.0.1", room.now)
    room.run(500)
    assert room.do("codec.answer", "video") == [("refused", "error: Busy")]
    room.codec.faults.refuse.clear()
    room.codec.faults.deaf = True
    assert room.do("codec.answer", "video", 40_000)[-1] == ("failed", "no_effect")


def test_a_command_that_the_software_lacks() -> None:
    room = settled(Cisco("main"))
    room.codec.faults.unknown = frozenset({"xcommand camera", "xcommand audio volume", "xcommand standby reset"})
    orders: tuple[tuple[str, Value], ...] = (
        ("camera.main.preset", 3),
        ("camera.main.store", 3),
        ("camera.main.drive", (3, 0, 0)),
        ("camera.main.position", (3, 0, 0)),
        ("codec.volume", 3),
    )
    for target, value in orders:
        assert room.do(target, value) == [("refused", "absent")]
    assert done(room.do("codec.power", "awake"))


def test_hanging_up_all_when_the_last_call_has_just_ended() -> None:
    room = settled()
    room.codec.faults.refuse["xcommand call disconnect"] = "No calls"
    assert room.do("codec.hangup", "all")[-1] == ("done", "")


def test_in_standby_the_call_is_refused_and_said() -> None:
    room = settled()
    room.do("codec.dial", MCU)
    assert room.do("codec.power", "asleep") == [("refused", "error: Not possible in a call")]
