"""What a codec must do, of whatever make. On a real one (`--hardware`) nobody is called and nobody rings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hardware.contract import FIELDS, Reading, Value
from hardware.sim.codec_parts import FarEnd
from tests.hardware.classes.codecs import Codec, Met, SimLine

DONE = [("accepted", ""), ("done", "")]
KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "tuple": (tuple,),
}
MCU = "10.1.0.1"
DIAL = (MCU, "h323", 1024)


def call_of(met: Met) -> tuple[Value, ...]:
    """The only call."""
    rows = met.value("calls")
    assert isinstance(rows, tuple)
    assert len(rows) == 1
    assert isinstance(rows[0], tuple)
    return rows[0]


# On any codec.


def test_it_says_who_it_is(codec: Codec) -> None:
    model, colon, serial = str(codec.value("identity")).partition(":")
    assert (model != "", colon, serial != "") == (True, ":", True)
    assert codec.value("software")
    assert (codec.value("answers"), codec.value("login"), codec.value("reboots")) == (True, "ok", 0)


def test_it_says_nothing_but_what_the_contract_lists(codec: Codec) -> None:
    for report in codec.reports:
        if isinstance(report, Reading):
            fields = FIELDS[report.source.partition(".")[0]]
            for name, value in report.values:
                field = fields.get(name) or fields["*"]
                assert value is None or isinstance(value, KINDS[field.kind]), (name, value)
                assert not field.words or value in (*field.words, None), (name, value)


def test_its_state_is_known_once_it_was_met(codec: Codec) -> None:
    assert codec.value("mute") in ("muted", "open")
    assert codec.value("volume") in range(51)
    assert codec.value("in_call") is False
    assert codec.value("calls") == ()
    assert codec.value("autoanswer") in (True, False)
    assert codec.value("updating") is False


def test_the_microphone(codec: Codec) -> None:
    assert codec.do("codec.mute", "muted") == DONE
    assert codec.value("mute") == "muted"
    assert codec.do("codec.mute", "open") == DONE
    assert codec.value("mute") == "open"


def test_auto_answer(codec: Codec) -> None:
    before = codec.value("autoanswer")
    for word in ("on", "off", "on" if before else "off"):
        assert codec.do("codec.autoanswer", word) == DONE
        assert codec.value("autoanswer") is (word == "on")


def test_the_volume(codec: Codec) -> None:
    before = codec.value("volume")
    for level in (12, before):
        assert codec.do("codec.volume", level) == DONE
        assert codec.value("volume") == level


def test_sleep_and_waking(codec: Codec) -> None:
    for state in ("asleep", "awake"):
        assert codec.do("codec.power", state)[-1][0] == "done"
        assert codec.value("power") == state


def test_hanging_up_where_there_is_no_call(codec: Codec) -> None:
    assert codec.do("codec.hangup", "all") == DONE


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("codec.power", "on"),
        ("codec.mute", True),
        ("codec.autoanswer", "yes"),
        ("codec.volume", 51),
        ("codec.volume", True),
        ("codec.dial", ('x" | y', "sip", 512)),
        ("codec.dial", (MCU, "isdn", 512)),
        ("codec.dial", (MCU, "sip", 100_000)),
        ("codec.dial", (MCU, "sip")),
        ("codec.hangup", 3),
        ("codec.hangup", "1; 2"),
        ("codec.answer", "audio"),
        ("codec.reboot", True),
    ],
)
def test_values_that_there_are_none(codec: Codec, target: str, value: Value) -> None:
    assert codec.do(target, value) == [("refused", "bad_value")]


def test_targets_that_there_are_none(codec: Codec) -> None:
    assert codec.do("codec.colour", "red") == [("refused", "unknown_target")]


def test_the_later_of_two_orders_counts(codec: Codec) -> None:
    assert codec.both("codec.mute", "muted", "open")[-1] == ("superseded", "")
    assert codec.value("mute") == "open"


# With a far end that can be played with.


def test_it_starts_anew_when_it_is_told_to_and_is_met_again(met: Met) -> None:
    assert met.do("codec.reboot", "now")[-1] == ("done", "")
    met.line.run(300_000)
    assert (met.value("answers"), met.value("reboots")) == (True, 1)
    assert met.do("codec.mute", "muted") == DONE


def test_in_a_call_it_is_not_started_anew(met: Met) -> None:
    assert met.do("codec.dial", DIAL) == DONE
    assert met.do("codec.reboot", "now") == [("refused", "busy")]
    met.line.run(60_000)
    assert met.value("reboots") == 0


def test_a_call_from_its_begin_to_its_end(met: Met) -> None:
    assert met.do("codec.dial", DIAL) == DONE
    call_id, way, state, number, kind = call_of(met)
    assert (way, state, number) == ("out", "connected", MCU)
    assert isinstance(call_id, str)
    assert isinstance(kind, str)
    assert (met.value("in_call"), met.far.in_call) == (True, True)
    assert met.do("codec.hangup", call_id) == DONE
    assert (met.value("calls"), met.value("in_call"), met.far.in_call) == ((), False, False)


def test_nobody_takes_the_call(met: Met) -> None:
    met.far.far_end(FarEnd(answers=False, gives_up_ms=8_000))
    assert met.do("codec.dial", DIAL, 40_000)[-1] == ("failed", "ended")
    assert met.value("calls") == ()


def test_the_other_side_hangs_up(met: Met) -> None:
    met.do("codec.dial", DIAL)
    met.far.far_end_hangs_up(met.line.now)
    met.line.run(3_000)
    assert (met.value("calls"), met.value("in_call")) == ((), False)


def test_somebody_calls_and_is_answered_on_order(met: Met) -> None:
    met.far.ring(MCU, met.line.now)
    met.line.run(1_500)
    assert call_of(met)[1:4] == ("in", "ringing", MCU)
    assert met.value("in_call") is False
    assert met.do("codec.answer", "video") == DONE
    assert call_of(met)[1:3] == ("in", "connected")


def test_a_codec_that_answers_by_itself(met: Met) -> None:
    met.far.auto_answer(True)
    met.line.run(70_000)
    assert met.value("autoanswer") is True
    met.far.ring(MCU, met.line.now)
    met.line.run(6_000)
    assert met.value("in_call") is True


def test_ending_a_call_that_is_not_there(met: Met) -> None:
    assert met.do("codec.hangup", "77") == [("refused", "not_active")]


def test_a_second_call_does_not_hide_the_first(met: Met) -> None:
    met.do("codec.dial", DIAL)
    first = call_of(met)[0]
    met.far.ring("10.9.9.9", met.line.now)
    met.line.run(2_000)
    rows = met.value("calls")
    assert isinstance(rows, tuple)
    assert [row[0] == first for row in rows if isinstance(row, tuple)] == [True, False]
    assert met.do("codec.hangup", first) == DONE
    assert call_of(met)[3] == "10.9.9.9"


def test_hanging_up_leaves_the_microphone_closed(met: Met) -> None:
    met.do("codec.mute", "muted")
    met.do("codec.dial", DIAL)
    met.do("codec.hangup", "all")
    met.line.run(60_000)
    assert met.value("mute") == "muted"


def test_the_figures_of_a_call(met: Met) -> None:
    met.do("codec.dial", DIAL)
    met.far.unit.loss_pct = 4.0
    met.line.run(40_000)
    loss, rate = met.value("loss_pct"), met.value("rate_kbps")
    assert isinstance(loss, float)
    assert 3.8 <= loss <= 4.1  # sums of whole packets over ten seconds: 3.84 to 4.05
    assert rate == 1024
    met.do("codec.hangup", "all")
    assert (met.value("loss_pct"), met.value("rate_kbps")) == (None, None)


def test_what_people_do_is_told(met: Met) -> None:
    met.far.person_mutes(True, met.line.now)
    met.far.person_turns_volume(7, met.line.now)
    met.line.run(1_000)
    assert (met.value("mute"), met.value("volume")) == ("muted", 7)
    met.far.person_wakes(False, met.line.now)
    met.line.run(1_000)
    assert met.value("power") == "asleep"
    met.far.person_dials(MCU, met.line.now)
    met.line.run(8_000)
    assert call_of(met)[1:3] == ("out", "connected")
    assert met.value("power") == "awake"


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("codec.mute", "muted"),
        ("codec.volume", 3),
        ("codec.power", "asleep"),
        ("codec.dial", DIAL),
        ("codec.autoanswer", "on"),
    ],
)
def test_an_acknowledgement_is_not_the_effect(met: Met, target: str, value: Value) -> None:
    for state in ("asleep", "awake"):
        # A Polycom cannot be asked for its sleep: it must have been seen once.
        met.do("codec.power", state)
    met.far.faults.deaf = True
    assert met.do(target, value) == [("accepted", ""), ("failed", "no_effect")]


def test_a_call_that_does_not_end(met: Met) -> None:
    met.do("codec.dial", DIAL)
    met.far.faults.deaf = True
    assert met.do("codec.hangup", "all", 40_000) == [("accepted", ""), ("failed", "no_effect")]
    assert met.value("in_call") is True


def test_a_codec_that_hangs_is_silent_and_nothing_of_it_is_known(met: Met) -> None:
    met.do("codec.power", "asleep")
    met.far.hang()
    met.line.run(90_000)
    assert met.value("answers") is False
    for field in ("mute", "power", "calls", "in_call", "updating", "volume"):
        assert met.value(field) is None, field
    assert met.do("codec.mute", "muted") == [("refused", "not_identified")]


def test_an_order_to_a_codec_that_has_just_fallen_silent_fails(met: Met) -> None:
    met.far.hang()
    stage, code = met.do("codec.mute", "muted", 60_000)[-1]
    assert (stage, code in ("timeout", "silent")) == ("failed", True)


def test_switched_off_for_the_night_and_on_again(met: Met) -> None:
    met.far.mains(False, met.line.now)
    met.line.run(36_000_000)
    assert met.value("answers") is False
    met.far.mains(True, met.line.now)
    met.line.run(180_000)
    assert (met.value("answers"), met.value("power"), met.value("reboots")) == (True, "awake", 0)
    assert met.do("codec.mute", "muted") == DONE


def test_a_restart_in_a_call_is_told(met: Met) -> None:
    met.do("codec.dial", DIAL)
    met.far.reboot(met.line.now)
    met.line.run(240_000)
    assert (met.value("answers"), met.value("reboots"), met.value("updating")) == (True, 1, True)
    assert (met.value("calls"), met.value("in_call")) == ((), False)
    met.far.person_mutes(True, met.line.now)
    met.line.run(500)
    assert met.value("mute") == "muted"
    met.line.run(660_000)
    assert met.value("updating") is False


def test_a_restart_while_an_answer_is_out(met: Met) -> None:
    order = met.line.order("codec.dial", DIAL, 240_000)
    met.far.reboot(met.line.now)
    met.line.run(250_000)
    assert met.line.results(order)[-1][0] == "failed"
    assert met.value("answers") is True
    assert met.do("codec.mute", "muted") == DONE


def test_an_update_in_the_night_is_seen(met: Met) -> None:
    met.far.faults.update_after_sleep = True
    met.do("codec.power", "asleep")
    met.line.run(600_000)
    assert (met.value("updating"), met.value("reboots"), met.value("answers")) == (True, 1, True)


def test_a_port_that_closes(met: Met) -> None:
    order = met.line.order("codec.dial", DIAL)
    met.line.ours.closed(met.line.now)
    met.line.run(1_000)
    assert met.line.results(order)[-1] == ("failed", "closed")
    assert met.value("answers") is None
    assert met.do("codec.mute", "muted") == [("refused", "closed")]


def test_the_camera_on_the_codec(met: Met) -> None:
    assert met.do("camera.main.store", 5)[-1] == ("done", "unconfirmed")
    assert met.do("camera.main.drive", (10, 0, 0))[-1] == ("done", "unconfirmed")
    assert met.value("preset", "camera.main") == -1
    assert met.do("camera.main.preset", 5) == DONE
    assert met.value("preset", "camera.main") == 5
    assert met.do("camera.main.park", "home") == DONE
    assert met.value("parked", "camera.main") is True
    assert met.do("camera.main.power", "standby") == [("refused", "follows_codec")]


def test_a_camera_that_does_not_follow(met: Met) -> None:
    met.do("camera.main.store", 5)
    met.do("camera.main.drive", (24, 0, 0))
    met.do("camera.main.preset", 5)
    met.do("camera.main.drive", (24, 0, 0))
    met.far.faults.deaf = True
    assert met.do("camera.main.preset", 5) == [("accepted", ""), ("failed", "no_effect")]


def test_a_sleeping_codec_moves_no_camera(met: Met) -> None:
    met.do("codec.power", "asleep")
    assert met.value("power", "camera.main") == "standby"
    assert met.do("camera.main.preset", 5) == [("refused", "codec_asleep")]


def test_the_right_password_also_after_a_restart(make: Callable[..., SimLine]) -> None:
    met = Met(make(user="admin", password="right", far_password="right"))
    assert (met.value("login"), met.value("answers")) == ("ok", True)
    met.far.reboot(met.line.now)
    met.line.run(240_000)
    assert (met.value("login"), met.value("answers"), met.value("reboots")) == ("ok", True, 1)
    assert met.do("codec.mute", "muted") == DONE


def test_a_wrong_password_is_told_and_no_order_goes_out(make: Callable[..., SimLine]) -> None:
    met = Met(make(user="admin", password="wrong", far_password="right"))
    assert met.value("login") == "refused"
    assert met.do("codec.mute", "muted") == [("refused", "login")]
    assert not met.far.unit.muted


def test_no_password_and_a_port_that_asks(make: Callable[..., SimLine]) -> None:
    line = make(far_password="right")
    line.codec.reboot(0)
    met = Met(line)
    met.line.run(240_000)
    assert met.value("login") == "asked"
    assert met.do("codec.mute", "muted") == [("refused", "login")]


def test_noise_on_the_line_breaks_nothing(met: Met, request: pytest.FixtureRequest) -> None:
    """Five noises, one after the other. Where an answer is lines, each order is done at once; one strange line
    costs a whole JSON object, so there an order may need the core's three tries (96 of 100 need one)."""
    met.far.faults.noise = 0.3
    met.far.faults.split = met.far.faults.blank_lines = True
    tries = 3 if "json" in request.node.callspec.params["met"] else 1
    for _ in range(5):
        met.line.run(300_000)
        assert met.value("answers") is True
        for target, value in (("codec.mute", "muted"), ("codec.dial", DIAL), ("codec.hangup", "all")):
            assert any(met.do(target, value)[-1][0] == "done" for _ in range(tries)), target
