"""R6: the rehearsal's test call and its audio meter, with five results each; and whose call it never touches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.room import Rank, Room
from controller.rules.rehearsal import MOST_MS
from controller.rules.rehearsal_try import CALLING_MS
from hardware.contract import Result, Stage
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, a_room
from tests.controller.rules.test_rehearsal import check, morning, over, running, tomorrow

ADDRESS = "10.1.0.9"
Row = tuple[Any, ...]


def calling_room(**changes: Any) -> Room:
    room = a_room(**changes)
    return replace(room, rehearsal=replace(room.rehearsal, test_address=ADDRESS))


def start(room: Room | None = None, **far: Any) -> Day:
    """Five o'clock; the far ends behave so."""
    day = morning(room=room or calling_room())
    for name, value in far.items():
        setattr(day.far, name, value)
    return day.until(running)


def row(day: Day, item: str) -> Row:
    """(result, figure, why) of the day before."""
    rows: Any = check(day)[4]
    return next(tuple(found[1:]) for found in rows if found[0] == item)


def dialling(day: Day) -> Day:
    return day.until(lambda d: "codec.dial" in {name for name, _ in d.switched()})


def test_it_calls_muted_looks_and_hangs_up_before_it_goes_down() -> None:
    day = dialling(start())
    assert day.far.codec["mute"] == "muted"
    day.until(lambda d: d.phase == "in_call").run(5_000)
    assert day.far.codec["mute"] == "muted"
    assert "own_dial" not in day.codes
    day.until(over)
    names = [name for name, _ in day.switched()]
    assert ("codec.hangup", "9") in day.switched()
    assert names.index("codec.dial") < names.index("codec.hangup") < names.index("codec.audiometer")
    assert row(day, "codec.test_call")[0] == "passed"
    assert check(day)[0] == "passed"
    assert day.far.codec["calls"] == ()
    assert day.relays("on") == {"network"}
    assert "load.amplifier" not in names, "loudspeakers are silent"
    assert "clash" not in day.codes
    assert {r for _, o, r in day.orders if o.target in ("codec.dial", "codec.audiometer")} == {Rank.IDLE}


@pytest.mark.parametrize(
    ("far", "result"),
    [
        ({}, ("passed", None, "")),
        ({"picks_up": "connecting"}, ("failed", None, "no_answer")),
        ({"picks_up": ""}, ("failed", None, "no_answer")),
        ({"deaf": {"codec.dial"}}, ("not_made", None, "no_word")),
        ({"line": {"provider": False, "router": True}}, ("not_made", None, "line_down")),
        ({"deaf": {"codec.mute"}}, ("not_made", None, "mic_open")),
    ],
    ids=["answered", "rings", "nothing", "no word", "no line", "microphone stays open"],
)
def test_the_results_of_a_test_call(far: dict[str, Any], result: Row) -> None:
    day = start(**far)
    if "codec.mute" in far.get("deaf", ()):
        day.until(lambda d: "codec" in d.relays("on")).far.codec["mute"] = "open"
    day.until(over, HOUR_MS)
    assert row(day, "codec.test_call") == result
    assert day.far.codec["calls"] == ()
    assert day.order_ms("load.codec", "off") - day.order_ms("load.codec", "on") <= MOST_MS


def test_a_codec_that_says_no() -> None:
    day = dialling(start(deaf={"codec.dial"}))
    sent = next(o for _, o, _ in day.orders if o.target == "codec.dial")
    day.give(Result(sent.id, Stage.REFUSED, "busy", day.mono_ms))
    day.until(over, HOUR_MS)
    assert row(day, "codec.test_call") == ("failed", "busy", "refused")


def test_a_call_that_is_not_to_be_made_or_not_yet() -> None:
    day = start(a_room()).until(over)
    assert row(day, "codec.test_call") == ("not_applicable", None, "")
    assert "codec.dial" not in {name for name, _ in day.switched()}
    ready = Day(6.5, calling_room()).calendar(a_meeting(8, 10)).to(7.1)
    rows: Any = ready.state.marks["!check60.giao-ban"].value
    assert ("codec.test_call", "not_due", None, "in_rehearsal") in rows[4]
    assert ("codec.audio", "not_due", None, "in_rehearsal") in rows[4]


@pytest.mark.parametrize(
    ("far", "attended", "result"),
    [
        ({}, False, ("passed", -38.5, "")),
        ({"levels": (-60.0,)}, False, ("not_made", -60.0, "nobody_spoke")),
        ({"levels": (-60.0,)}, True, ("failed", -60.0, "no_sound")),
        ({"levels": ()}, False, ("not_made", None, "no_level")),
        ({"deaf": {"codec.audiometer"}}, False, ("not_made", None, "no_level")),
    ],
)
def test_the_results_of_the_audio_meter(far: dict[str, Any], attended: bool, result: Row) -> None:
    day = start(**far)
    if attended:
        day.press("check", 200)
    day.until(over, HOUR_MS)
    assert row(day, "codec.audio") == result
    assert day.far.meter == "off"


def test_a_codec_without_a_meter() -> None:
    room = calling_room()
    room = replace(room, targets={n: t for n, t in room.targets.items() if n != "codec.audiometer"})
    assert row(start(room).until(over), "codec.audio") == ("not_applicable", None, "")


def both_ways(**changes: Any) -> Room:
    room = calling_room(**changes)
    return replace(room, rehearsal=replace(room.rehearsal, test_output="lineoutleft"))


@pytest.mark.parametrize(
    ("far", "result"),
    [
        ({}, ("passed", -38.5, "")),
        ({"levels": (-60.0,)}, ("not_made", -60.0, "far_silent")),
        ({"levels": ()}, ("not_made", None, "no_level")),
        ({"deaf": {"codec.audiometer"}}, ("not_made", None, "no_level")),
        ({"picks_up": ""}, ("not_made", None, "no_call")),
    ],
    ids=["it is heard", "nobody speaks there", "no level", "no word", "no call"],
)
def test_the_results_of_what_goes_to_the_loudspeakers(far: dict[str, Any], result: Row) -> None:
    """It never fails: nobody knows whether somebody spoke at the other end."""
    day = start(both_ways(), **far).until(over, HOUR_MS)
    assert row(day, "codec.speaker") == result
    assert day.far.meter == "off"
    assert day.far.codec["calls"] == ()


def test_it_listens_to_the_loudspeakers_in_the_call_and_to_the_microphone_after_it() -> None:
    day = start(both_ways()).until(over, HOUR_MS)
    sides = [value for name, value in day.switched() if name == "codec.audiometer"]
    assert sides == ["lineoutleft", "off", "micleft", "off"]
    names = [name for name, _ in day.switched()]
    assert names.index("codec.audiometer") < names.index("codec.hangup")
    assert row(day, "codec.audio") == ("passed", -38.5, "")


def test_what_was_heard_of_the_loudspeakers_is_no_microphone_that_lives() -> None:
    """The far end spoke; the microphone's own level stands still."""
    day = start(both_ways()).until(lambda d: d.far.meter == "micleft" or ("codec.hangup", "9") in d.switched())
    day.far.levels = (-60.0,)
    day.until(over, HOUR_MS)
    assert row(day, "codec.speaker")[0] == "passed"
    assert row(day, "codec.audio") == ("not_made", -60.0, "nobody_spoke")


def test_without_a_place_to_listen_there_is_no_such_row() -> None:
    rows: Any = check(start().until(over, HOUR_MS))[4]
    assert "codec.speaker" not in {found[0] for found in rows}


# ---- whoever comes is first


def test_who_calls_meanwhile_is_not_hung_up_on_and_the_test_call_is() -> None:
    day = dialling(start()).until(lambda d: d.phase == "in_call")
    day.call("mcu", "in", "2").run(MINUTE_MS)
    assert over(day)
    assert [call[0] for call in day.far.codec["calls"]] == ["2"]
    assert ("codec.hangup", "all") not in day.switched()


@pytest.mark.parametrize("button", ["duty", "power"])
def test_a_press_ends_the_test_call(button: str) -> None:
    day = dialling(start()).until(lambda d: d.phase == "in_call")
    day.press(button, 200).run(MINUTE_MS)
    assert day.far.codec["calls"] == ()
    assert "clash" not in day.codes


def test_a_call_that_comes_up_too_late_is_ended() -> None:
    day = dialling(start(picks_up="")).run(CALLING_MS)
    day.far.calls((("7", "out", "connected", ADDRESS, "video"),))
    day.look().run(MINUTE_MS)
    assert day.far.codec["calls"] == ()


def test_a_persons_own_call_to_that_number_is_left() -> None:
    day = Day(8.0, calling_room()).run(MINUTE_MS).press("power", 200).run(10 * MINUTE_MS)
    day.press("help", 3_500).call(ADDRESS, "out", "3").run(10 * MINUTE_MS)
    assert [call[0] for call in day.far.codec["calls"]] == ["3"]


def test_another_life_of_the_controller_ends_it() -> None:
    day = dialling(start()).until(lambda d: d.phase == "in_call")
    day.restart()
    day.run(MINUTE_MS)
    assert day.until(lambda d: d.far.codec["calls"] == (), 5 * MINUTE_MS)
    day.until(over, HOUR_MS)
    assert day.relays("on") == {"network"}


@pytest.mark.parametrize("state", ["ringing", "connected"])
def test_a_restart_while_it_dials_does_not_dial_again(state: str) -> None:
    day = dialling(start(picks_up=state))
    day.restart()
    day.far.calls((("9", "out", state, ADDRESS, "video"),))  # the codec did as it was told
    day.until(over, HOUR_MS)
    assert [name for name, _ in day.switched()].count("codec.dial") == 1
    assert row(day, "codec.test_call")[0] == ("passed" if state == "connected" else "failed")


def test_without_a_calendar_nobody_is_called() -> None:
    day = Day(5.0, calling_room()).to(9)
    assert "codec.dial" not in {name for name, _ in day.switched()}
    assert tomorrow().rehearse
