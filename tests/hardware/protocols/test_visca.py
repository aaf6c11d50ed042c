"""The chain: start-up, state, silence and return, two cameras, garbage. Simulated time, real bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import FIELDS, NEVER_MS, Order, OrderId, Reading, Stage
from hardware.protocols.visca import ViscaChain
from hardware.sim.camera_head import CameraModel, Frame
from tests.hardware.protocols.visca_cuts import pieces
from tests.hardware.protocols.visca_room import Line

PRESET = Frame(2_000, 300, 5_000)


def two() -> Line:
    return Line([CameraModel("main"), CameraModel("room")], ["main", "room"]).open()


def test_it_starts_up_as_the_manual_says() -> None:
    line = Line().open()
    assert line.sent()[:3] == ["88 30 01 FF", "88 01 00 01 FF", "81 09 00 02 FF"]
    assert line.last("answers") is True
    assert line.last("identity") == "0001:0513:0100"
    assert line.ours.identities == {"main": "0001:0513:0100"}
    assert line.ours.answers


def test_a_reading_has_all_fields_of_the_contract_and_no_other() -> None:
    line = Line().open()
    readings = [report for report in line.reports if isinstance(report, Reading)]
    assert {field for reading in readings for field, _ in reading.values} == set(FIELDS["camera"])
    reading = readings[-1]
    assert {field for field, _ in reading.values} == set(FIELDS["camera"])
    assert reading.source == "camera.main"
    assert reading.at_ms > 1_000


def test_state_is_asked_at_the_pace() -> None:
    line = Line().open()
    line.ours.pace(60_000)
    line.run(2_000)
    before = len(line.reports)
    line.run(600_000)
    assert len(line.reports) - before == pytest.approx(10, abs=1)
    line.ours.pace(2_000)
    line.run(20_000)
    assert len(line.reports) - before >= 18


def test_names_must_be_one_to_seven_and_differ() -> None:
    for names in ([], ["a", "a"], list("abcdefgh")):
        with pytest.raises(ValueError, match="1 to 7"):
            ViscaChain(names)


def test_nothing_is_ordered_before_the_camera_said_who_it_is() -> None:
    line = Line()
    line.far.faults(0).hung = True
    line.open()
    order = line.order("camera.main.preset", 1)
    assert line.results(order) == [] or line.results(order) == [(Stage.REFUSED, "not_identified")]
    line.run(20_000)
    assert line.results(order) == [(Stage.REFUSED, "not_identified")]
    assert {packet[3:8] for packet in line.sent()} <= {"30 01", "01 00", "09 00"}


def test_an_order_while_closed_is_refused() -> None:
    chain = ViscaChain(["main"])
    chain.ask(Order(OrderId("t", 1), "camera.main.preset", 1, 1_000), 5)
    [result] = chain.take()[1]
    assert (result.stage, result.code) == (Stage.REFUSED, "closed")  # type: ignore[union-attr]
    assert chain.wake_ms == NEVER_MS
    chain.feed(b"\x90\x38\xff", 6)
    chain.tick(7)
    assert chain.take() == (b"", ())


def test_silence_is_reported_again_and_again_and_ends_by_itself() -> None:
    line = Line()
    line.far.mains(0, False, 0)
    line.open(30_000)
    silent = [r for r in line.reports if isinstance(r, Reading)]
    assert len(silent) >= 5
    assert all(dict(r.values)["answers"] is False and dict(r.values)["power"] is None for r in silent)
    assert not line.ours.answers
    line.far.mains(0, True, line.now_ms)
    assert line.until(lambda: line.last("answers") is True, 10_000)
    assert line.until(lambda: line.last("ready") is False, 1_000)
    assert line.until(lambda: line.last("ready") is True, 40_000)


def test_it_returns_even_when_the_network_change_was_lost() -> None:
    line = Line().open()
    line.far.mains(0, False, line.now_ms)
    assert line.until(lambda: line.last("answers") is False, 15_000)
    line.far.faults(0).lose_replies = 1
    line.far.mains(0, True, line.now_ms)
    assert line.until(lambda: line.last("answers") is True, 12_000)


def test_a_hung_camera_is_silent_and_a_power_cycle_cures_it() -> None:
    line = Line().open()
    line.far.faults(0).hung = True
    order = line.order("camera.main.preset", 1)
    assert line.until(lambda: line.last("answers") is False, 20_000)
    assert line.results(order)[-1] == (Stage.FAILED, "timeout")
    line.far.mains(0, False, line.now_ms)
    line.run(15_000)
    line.far.mains(0, True, line.now_ms)
    assert line.until(lambda: line.last("ready") is True, 50_000)


def test_a_longer_pace_also_makes_the_search_slower() -> None:
    line = Line()
    line.far.mains(0, False, 0)
    line.open(5_000)
    line.ours.pace(300_000)
    line.run(10_000)
    before = len(line.log)
    line.run(3_000_000)
    assert len(line.log) - before <= 24


def test_network_change_drops_the_queue_and_starts_again() -> None:
    line = Line().open()
    line.far.unit(0).presets[3] = PRESET
    order = line.order("camera.main.preset", 3)
    line.run(200)
    line.log.clear()
    line.far.unit(0).network_change(line.now_ms)
    line.run(1_000)
    assert line.results(order)[-1] == (Stage.FAILED, "network_change")
    start = line.sent().index("88 30 01 FF")
    assert line.sent()[start : start + 3] == ["88 30 01 FF", "88 01 00 01 FF", "81 09 00 02 FF"]
    assert line.finish("camera.main.preset", 3) == (Stage.DONE, "")


def test_an_unsupported_item_is_no_longer_asked_until_the_network_changes() -> None:
    line = Line()
    line.far.faults(0).unsupported.add(b"\x09\x06\x10")
    line.open()
    line.run(60_000)
    assert line.sent().count("81 09 06 10 FF") == 3
    assert line.last("ready") is True
    assert line.last("fault") is None
    line.far.unit(0).network_change(line.now_ms)
    line.run(5_000)
    assert line.sent().count("81 09 06 10 FF") == 4


def test_one_lost_answer_costs_a_question_and_no_wrong_value() -> None:
    line = Line().open()
    for _ in range(20):
        line.far.faults(0).lose_replies = 1
        line.run(10_000)
    powers = {dict(r.values).get("power", "on") for r in line.reports if isinstance(r, Reading)}
    assert powers == {"on"}
    assert {dict(r.values).get("answers", True) for r in line.reports if isinstance(r, Reading)} == {True}


def test_a_late_answer_is_never_taken_for_another_one() -> None:
    """250 ms at a slow shutter against our 200 ms: asked too impatiently it may look silent, but never wrong."""
    line = Line([CameraModel(frame_ms=250)]).open(60_000)
    line.far.unit(0).head.go(Frame(100, 200, 300), 1, line.now_ms)
    line.run(60_000)
    told = [dict(r.values) for r in line.reports if isinstance(r, Reading)]
    assert {values.get("power") for values in told} <= {"on", None}
    assert {values.get("identity") for values in told} <= {"0001:0513:0100", None}


def test_a_slow_shutter_is_only_a_matter_of_patience() -> None:
    line = Line([CameraModel(frame_ms=900)])
    line.ours = ViscaChain(["main"], reply_ms=1_500)
    line.open(20_000)
    assert line.last("power") == "on"
    line.far.unit(0).presets[3] = PRESET
    assert line.finish("camera.main.preset", 3) == (Stage.DONE, "")


@pytest.mark.parametrize("standby", ["refuse", "syntax", "silent"])
def test_standby_is_seen_whatever_the_camera_then_says(standby: str) -> None:
    line = Line([CameraModel(standby=standby)]).open()
    line.far.unit(0).awake = False
    line.run(60_000)
    assert line.last("answers") is True
    assert line.last("power") == "standby"
    assert line.last("ready") is False
    assert line.last("pan") is None
    line.far.unit(0).awake = True
    line.run(12_000)
    assert line.last("ready") is True
    assert line.last("pan") == 0


def test_what_the_camera_says_is_broken_is_told() -> None:
    line = Line().open()
    line.far.faults(0).head_fault = 0x0110
    line.run(11_000)
    assert line.last("fault") == "pan_lost tilt_lost"
    line.far.faults(0).head_fault = 0x1020
    line.run(11_000)
    assert line.last("ready") is False
    assert line.last("fault") == "pan_mechanism init_failed"


def test_a_key_of_the_remote_control_makes_us_look() -> None:
    line = Line().open()
    line.far.unit(0).head.go(Frame(500, 0, 0), 0x18, line.now_ms)
    line.far.unit(0).say(bytes.fromhex("07 7D 01 06 01"), line.now_ms)
    line.run(3_000)
    assert line.last("pan") == 500


def test_settings_are_made_after_each_start() -> None:
    line = Line()
    line.ours = ViscaChain(["main"], hide_info=True, lock_remote=True)
    line.open()
    assert line.far.unit(0).settings[b"\x7e\x01\x18"] == b"\x03"
    assert line.far.unit(0).settings[b"\x06\x08"] == b"\x03"
    line.far.mains(0, False, line.now_ms)
    line.run(1_000)
    line.far.mains(0, True, line.now_ms)
    line.far.unit(0).settings[b"\x06\x08"] = b"\x02"
    line.run(45_000)
    assert line.far.unit(0).settings[b"\x06\x08"] == b"\x03"


def test_a_setting_that_cannot_be_made_now_stays_owed_and_an_unknown_one_does_not() -> None:
    line = Line()
    line.ours = ViscaChain(["main"], hide_info=True)
    line.far.faults(0).unsupported.add(bytes.fromhex("017E011803"))
    line.open(60_000)
    assert line.sent().count("81 01 7E 01 18 03 FF") == 1
    line = Line()
    line.ours = ViscaChain(["main"], hide_info=True)
    line.open(160)
    line.far.faults(0).mute = True
    line.run(90)
    line.far.faults(0).mute = False
    line.run(20_000)
    assert line.far.unit(0).settings[b"\x7e\x01\x18"] == b"\x03"


def test_a_camera_without_a_name_answers_but_is_not_trusted() -> None:
    line = Line()
    line.far.faults(0).unsupported.add(b"\x09\x00\x02")
    line.open(12_000)
    assert line.last("answers") is True
    assert line.last("identity") is None
    assert line.finish("camera.main.power", "standby") == (Stage.REFUSED, "not_identified")


def test_another_camera_in_the_same_place_is_asked_anew() -> None:
    line = Line().open()
    line.far._units[0].model = CameraModel(model=0x0511)
    line.far.faults(0).lose_replies = 1
    line.run(20_000)
    assert line.last("identity") == "0001:0511:0100"


def test_two_cameras_have_their_own_state_and_orders() -> None:
    line = two()
    assert line.last("identity", "room") == "0001:0513:0100"
    line.far.unit(0).presets[1], line.far.unit(1).presets[2] = PRESET, Frame(-800, 0, 0)
    one = line.order("camera.main.preset", 1)
    other = line.order("camera.room.preset", 2)
    assert line.until(lambda: line.finished(one) and line.finished(other))
    assert line.results(one)[-1] == line.results(other)[-1] == (Stage.DONE, "")
    assert (line.last("pan"), line.last("pan", "room")) == (2_000, -800)
    assert (line.last("preset"), line.last("preset", "room")) == (1, 2)


def test_the_second_camera_dark_leaves_the_first_alone() -> None:
    line = two()
    line.far.mains(1, False, line.now_ms)
    line.run(20_000)
    assert line.last("answers") is True
    assert line.last("answers", "room") is False
    line.far.unit(0).presets[1] = PRESET
    assert line.finish("camera.main.preset", 1) == (Stage.DONE, "")
    line.far.mains(1, True, line.now_ms)
    assert line.until(lambda: line.last("answers", "room") is True, 15_000)


def test_one_camera_answering_is_told_before_the_other_one_s_silence() -> None:
    """A port with one silent camera has the right speed: whoever varies it must see the answer first."""
    line = Line([CameraModel("main"), CameraModel("room")], ["main", "room"])
    line.far.mains(1, False, 0)
    line.open()
    told = [dict(r.values)["answers"] for r in line.reports if isinstance(r, Reading)]
    assert told[0] is True
    assert False in told


def test_the_first_camera_dark_silences_both() -> None:
    line = two()
    line.far.mains(0, False, line.now_ms)
    line.run(20_000)
    assert line.last("answers") is False
    assert line.last("answers", "room") is False
    line.far.mains(0, True, line.now_ms)
    assert line.until(lambda: line.last("answers") is line.last("answers", "room") is True, 15_000)
    assert [line.far.unit(n).address for n in (0, 1)] == [1, 2]


def test_the_search_for_a_missing_camera_does_not_disturb_orders() -> None:
    line = two()
    line.far.mains(1, False, line.now_ms)
    line.run(20_000)
    line.far.unit(0).presets[1] = Frame(8_000, 0, 16_000)
    line.log.clear()
    order = line.order("camera.main.preset", 1)
    line.until(lambda: line.finished(order))
    assert line.results(order)[-1] == (Stage.DONE, "")
    assert "88 30 01 FF" not in line.sent()
    assert "88 01 00 01 FF" not in line.sent()


def test_closing_the_port_fails_what_is_under_way_and_opening_starts_again() -> None:
    line = Line().open()
    order = line.order("camera.main.preset", 1)
    line.ours.closed(line.now_ms)
    assert line.ours.wake_ms == NEVER_MS
    line.run(100)
    assert line.results(order)[-1] == (Stage.FAILED, "closed")
    line.log.clear()
    line.open()
    assert line.sent()[0] == "88 30 01 FF"
    assert line.last("answers") is True


@pytest.mark.parametrize("seed", range(12))
def test_on_a_noisy_line_it_lives_and_never_claims_a_frame_that_is_not_there(seed: int) -> None:
    line = Line(seed=seed)
    line.far.unit(0).presets.update({1: PRESET, 2: Frame(-3_000, 0, 100)})
    line.far.faults(0).noise = 0.1
    line.open(10_000)
    for number in (1, 2, 1):
        if line.finish("camera.main.preset", number, 40_000)[0] is Stage.DONE:
            truth = line.far.frame(0, line.now_ms)
            assert abs(truth.pan - line.far.unit(0).presets[number].pan) <= 8
    line.far.faults(0).noise = 0.0
    line.run(15_000)
    assert line.last("answers") is True
    assert line.ours.garbage > 0
    assert line.finish("camera.main.preset", 2) == (Stage.DONE, "")


def _fed(parts: list[bytes], opened: bool) -> tuple[bytes, tuple[object, ...], int, int]:
    chain = ViscaChain(["main", "room"])
    if opened:
        chain.opened(0)
        chain.feed(bytes.fromhex("883003FF 88010001FF 905000010513010002FF 9050FF 90501817FF"), 1)
        chain.ask(Order(OrderId("t", 1), "camera.main.preset", 3, 60_000), 2)
        chain.feed(bytes.fromhex("A05000010513010002FF"), 2)
    for part in parts:
        chain.feed(part, 3)
    chain.tick(3)
    sent, reports = chain.take()
    return sent, reports, chain.wake_ms, chain.garbage


@given(pieces(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_bytes_in_any_cuts_never_raise_and_mean_the_same(cut: tuple[bytes, list[bytes]], opened: bool) -> None:
    whole, parts = cut
    assert _fed([whole], opened) == _fed(parts, opened)


@given(st.lists(st.tuples(pieces(), st.integers(1, 3_000)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_bytes_at_any_time_leave_the_next_wake_in_the_future(
    stream: list[tuple[tuple[bytes, list[bytes]], int]],
) -> None:
    chain = ViscaChain(["main"])
    chain.opened(0)
    now_ms = 0
    for (whole, _), later_ms in stream:
        now_ms += later_ms
        chain.tick(now_ms)
        assert chain.wake_ms > now_ms
        chain.feed(whole, now_ms)
        chain.ask(Order(OrderId("t", now_ms), "camera.main.drive", (1, 0, 0), 500), now_ms)
        assert chain.wake_ms > now_ms
