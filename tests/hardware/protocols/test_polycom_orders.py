"""Orders to a codec: acknowledged, then proven; every way in which they can fail."""

import pytest

from hardware.protocols.polycom import Polycom
from hardware.sim.codec_parts import FarEnd
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, done, settled


def with_faults(**faults: object) -> Room:
    room = settled()
    for name, value in faults.items():
        setattr(room.codec.faults, name, value)
    return room


def first_call(room: Room) -> str:
    return str(next(iter(room.codec.unit.calls.table)))


def in_call() -> Room:
    room = settled()
    room.codec.ring("10.0.0.9", room.now)
    assert done(room.do("codec.answer", "video"))
    return room


def test_mute_and_open() -> None:
    room = settled()
    assert done(room.do("codec.mute", "muted"))
    assert (room.codec.unit.muted, room.value("mute")) == (True, "muted")
    assert done(room.do("codec.mute", "open"))
    assert (room.codec.unit.muted, room.value("mute")) == (False, "open")


def test_the_reading_goes_out_before_the_result_that_rests_on_it() -> None:
    room = settled()
    room.reports.clear()
    room.do("codec.mute", "muted", 2_000)
    kinds = [type(report).__name__ for report in room.reports[:3]]
    assert kinds == ["Reading", "Result", "Result"]


def test_volume() -> None:
    room = settled()
    assert done(room.do("codec.volume", 50))
    assert (room.codec.unit.volume, room.value("volume")) == (50, 50)


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("codec.mute", "muted"),
        ("codec.volume", 3),
        ("codec.autoanswer", "on"),
        ("codec.dial", ("10.0.0.1", "h323", 1024)),
        ("codec.audiometer", "micleft"),
    ],
)
def test_acknowledged_without_effect_is_a_failure(target: str, value: str | int) -> None:
    room = with_faults(deaf=True)
    assert room.do(target, value)[-1] == ("failed", "no_effect")


def test_sleep_without_effect_is_a_failure_where_it_was_awake_for_certain() -> None:
    room = settled()
    room.do("codec.power", "awake")
    room.codec.faults.deaf = True
    assert room.do("codec.power", "asleep")[-1] == ("failed", "no_effect")


def test_power_that_was_not_known_is_believed_and_told_as_unconfirmed() -> None:
    room = settled()
    assert done(room.do("codec.power", "awake"), "unconfirmed")
    assert room.value("power") == "awake"
    assert done(room.do("codec.power", "asleep"))
    assert done(room.do("codec.power", "asleep"))
    assert done(room.do("codec.power", "awake"))


def test_sleep_that_was_only_believed_holds_up_no_order_to_wake() -> None:
    """Nobody knew whether it slept, and it did nothing that it was told: it is awake, and says nothing of it."""
    room = settled()
    room.codec.faults.deaf = True
    assert done(room.do("codec.power", "asleep"), "unconfirmed")
    room.codec.faults.deaf = False
    assert done(room.do("codec.power", "awake"), "unconfirmed")
    assert (room.value("power"), room.codec.unit.asleep) == ("awake", False)


def test_sleep_that_it_told_of_is_sleep_until_it_tells_that_it_wakes() -> None:
    room = settled()
    room.do("codec.power", "awake")
    room.do("codec.power", "asleep")
    room.codec.faults.deaf = True
    assert room.do("codec.power", "awake")[-1] == ("failed", "no_effect")
    assert room.value("power") == "asleep"


def test_firmware_without_sleep_events_is_believed() -> None:
    room = settled(far=PolycomCodec(2, faults=Faults(unknown=frozenset({"sleep register"}))))
    assert done(room.do("codec.power", "asleep"), "unconfirmed")
    assert done(room.do("codec.power", "awake"), "unconfirmed")


def test_dial_until_the_call_is_up() -> None:
    room = settled()
    assert done(room.do("codec.dial", ("mcu@example.com", "sip", 768)))
    assert 'dial manual 768 "mcu@example.com" sip' in room.texts()
    assert room.value("calls") == ((first_call(room), "out", "connected", "mcu@example.com", "videocall"),)
    assert not room.codec.lost_in_setup
    assert room.codec.too_fast == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (("10.0.0.1", "auto", 512), 'dial manual 512 "10.0.0.1"'),
        (("10.0.0.1", "h323", 0), 'dial auto "10.0.0.1"'),
        (("10.0.0.1", "h323", 512), 'dial manual 512 "10.0.0.1" h323'),
    ],
)
def test_how_dialling_is_said(value: tuple[str, str, int], text: str) -> None:
    room = settled()
    room.order("codec.dial", value)
    assert room.texts()[-1] == text


def test_an_hdx_says_dialing_manual() -> None:
    room = settled(far=PolycomCodec(2, model="HDX 8000"))
    assert done(room.do("codec.dial", ("10.0.0.1", "h323", 768)))


def test_nobody_takes_the_call() -> None:
    room = settled()
    room.codec.far_end(FarEnd(answers=False, gives_up_ms=20_000))
    assert room.do("codec.dial", ("10.0.0.1", "h323", 768), MINUTE_MS)[-1] == ("failed", "ended")
    assert room.value("calls") == ()


def test_a_call_that_rings_beyond_the_orders_time() -> None:
    room = settled()
    room.codec.far_end(FarEnd(rings_ms=40_000))
    assert room.do("codec.dial", ("10.0.0.1", "h323", 768), 20_000)[-1] == ("failed", "timeout")


@pytest.mark.parametrize(
    ("target", "value", "start"),
    [("codec.dial", ("1", "sip", 64), "dial"), ("codec.mute", "open", "mute near off")],
)
def test_a_refusal_is_told_in_the_devices_words(target: str, value: str, start: str) -> None:
    room = with_faults(refuse={start: "IP line (SIP) not enabled." + "!" * 200})
    [(stage, code)] = room.do(target, value)
    assert stage == "refused"
    assert code.startswith("info: IP line (SIP) not enabled.")
    assert len(code) <= 90


def test_a_refusal_without_words_and_a_command_that_is_unknown() -> None:
    room = with_faults(refuse={"volume set": ""}, unknown=frozenset({"answer"}))
    assert room.do("codec.volume", 3) == [("refused", "info")]
    assert room.do("codec.answer", "video") == [("refused", "absent")]


def test_answer_takes_the_call_that_rings() -> None:
    room = in_call()
    assert room.value("in_call") is True
    assert room.value("power") == "awake"


def test_answer_without_a_call_fails() -> None:
    room = settled()
    assert room.do("codec.answer", "video") == [("failed", "failed")]


def test_answer_without_effect_fails() -> None:
    room = settled()
    room.codec.ring("10.0.0.9", room.now)
    room.codec.faults.deaf = True
    assert room.do("codec.answer", "video", 2 * MINUTE_MS)[-1] == ("failed", "no_effect")


def test_hang_up_one_of_two_calls_by_its_id() -> None:
    room = in_call()
    second = str(room.codec.ring("10.0.0.10", room.now))
    assert done(room.do("codec.answer", "video"))
    first = next(str(i) for i in room.codec.unit.calls.table if str(i) != second)
    assert done(room.do("codec.hangup", first))
    assert room.value("calls") == ((second, "in", "connected", "10.0.0.10", "videocall"),)
    assert done(room.do("codec.hangup", "all"))
    assert room.value("calls") == ()


def test_hang_up_when_there_is_no_call_is_done() -> None:
    room = settled()
    assert done(room.do("codec.hangup", "all"))


def test_a_call_that_is_not_there_is_told() -> None:
    room = in_call()
    assert room.do("codec.hangup", "999") == [("refused", "not_active")]


def test_hang_up_goes_out_while_the_call_is_being_set_up() -> None:
    room = settled()
    room.codec.far_end(FarEnd(rings_ms=30_000))
    dialled = room.order("codec.dial", ("10.0.0.1", "h323", 768), MINUTE_MS)
    room.run(3_000)
    assert done(room.do("codec.hangup", first_call(room)))
    assert room.results(dialled)[-1] == ("failed", "ended")
    assert not room.codec.lost_in_setup


def test_hang_up_without_effect_fails() -> None:
    room = in_call()
    room.codec.faults.deaf = True
    assert room.do("codec.hangup", "all", MINUTE_MS)[-1] == ("failed", "no_effect")
    assert room.value("in_call") is True


def test_a_hang_up_that_only_the_list_shows() -> None:
    far = PolycomCodec(2, faults=Faults(unknown=frozenset({"callstate", "notify"}), loses_in_setup=False))
    room = settled(far=far)
    room.codec.ring("10.0.0.9", room.now)
    room.codec.unit.calls.connect(int(first_call(room)))
    room.run(70_000)
    assert room.value("in_call") is True
    assert done(room.do("codec.hangup", "all"))


def test_other_orders_wait_for_the_set_up_and_fail_with_their_time() -> None:
    room = settled()
    room.codec.far_end(FarEnd(rings_ms=25_000))
    room.order("codec.dial", ("10.0.0.1", "h323", 768), MINUTE_MS)
    room.run(3_000)
    assert room.do("codec.mute", "muted", 5_000) == [("failed", "call_setup")]
    assert done(room.do("codec.mute", "muted", 40_000))


def test_the_audio_meter_is_read_and_stops_by_itself() -> None:
    room = settled()
    assert done(room.do("codec.audiometer", "micleft", 5_000))
    level = room.value("mic_level")
    assert isinstance(level, float)
    assert -63 < level < -57
    room.run(2 * MINUTE_MS)
    assert room.codec.unit.metering == ""
    assert room.value("mic_level") is None


def test_what_goes_to_the_loudspeakers_moves_in_a_call_and_stands_still_without_one() -> None:
    room = settled()

    def levels() -> set[object]:
        assert done(room.do("codec.audiometer", "lineoutleft", 5_000))
        found: set[object] = {room.value("mic_level")}
        for _ in range(12):
            room.run(1_000)
            found.add(room.value("mic_level"))
        room.do("codec.audiometer", "off", 3_000)
        return found

    assert levels() == {-90.0}
    assert done(room.do("codec.dial", ("10.0.0.1", "h323", 768), MINUTE_MS))
    room.run(20_000)
    assert len(levels()) > 1


def test_the_audio_meter_is_stopped_by_order_and_changed() -> None:
    room = settled()
    room.do("codec.audiometer", "micleft", 3_000)
    room.do("codec.audiometer", "lineinleft", 3_000)
    assert room.codec.unit.metering == "lineinleft"
    assert room.do("codec.audiometer", "off", 3_000)[-1] == ("done", "")
    assert (room.codec.unit.metering, room.value("mic_level")) == ("", None)


def test_an_order_in_flight_fails_when_the_codec_falls_silent() -> None:
    room = settled()
    room.codec.hang()
    order_id = room.order("codec.mute", "muted", MINUTE_MS)
    room.run(MINUTE_MS)
    assert room.results(order_id) in ([("failed", "timeout")], [("failed", "silent")])
    assert room.do("codec.mute", "muted") == [("refused", "not_identified")]


def test_an_order_with_no_time_at_all_fails_at_once() -> None:
    room = settled(Polycom())
    assert room.do("codec.mute", "muted", 0)[-1][0] == "failed"


def test_a_refused_wake_is_told() -> None:
    room = with_faults(refuse={"wake": "not now"})
    assert room.do("codec.power", "awake") == [("refused", "info: not now")]


def test_a_refused_audio_meter_is_told_and_one_left_on_by_others_is_switched_off() -> None:
    room = with_faults(refuse={"audiometer micleft": "no microphone"})
    assert room.do("codec.audiometer", "micleft") == [("refused", "info: no microphone")]
    room.codec.unit.metering = "lineinleft"
    room.codec.unit.meter()
    room.run(3 * MINUTE_MS)
    assert room.codec.unit.metering == ""
    assert room.value("mic_level") is None


def test_an_effect_that_cannot_be_asked_for_is_a_time_out() -> None:
    room = settled()
    room.codec.hang()
    order_id = room.order("codec.hangup", "all", 30_000)
    room.run(40_000)
    assert room.results(order_id) in ([("failed", "timeout")], [("failed", "silent")])


def test_refusals_of_other_commands_are_not_taken_for_ones_own() -> None:
    room = settled()
    room.codec.faults.lag = True
    order_id = room.order("codec.volume", 7)
    for line in ("error: connection 5 is not active", "error: calendar service is not available"):
        room.ours.feed(line.encode() + b"\r\n", room.now)
    room.ours.feed(b"info: event/notification already active:sysalerts\r\n", room.now)
    room.run(20_000)
    assert done(room.results(order_id))


def test_the_second_look_finds_a_slow_effect() -> None:
    room = settled()
    order_id = room.order("codec.volume", 7)
    room.run(45)
    room.codec.unit.volume = 25  # somebody turns it back at the same moment, then our value holds
    room.run(300)
    room.codec.unit.volume = 7
    room.run(5_000)
    assert done(room.results(order_id))


def test_auto_answer() -> None:
    room = settled()
    assert done(room.do("codec.autoanswer", "on"))
    assert (room.codec.unit.autoanswer, room.value("autoanswer")) == ("yes", True)
    assert done(room.do("codec.autoanswer", "off"))
    assert (room.codec.unit.autoanswer, room.value("autoanswer")) == ("no", False)
    assert room.do("codec.autoanswer", True)[-1] == ("refused", "bad_value")
