"""Orders of one camera: each to its proof, each fault, one against another. Simulated time, real bytes."""

import pytest

from hardware.contract import Stage, Value
from hardware.sim.camera_head import CameraModel, Frame
from tests.hardware.protocols.visca_room import Line

DONE = (Stage.DONE, "")
PRESETS = {0: Frame(-500, 0, 0), 1: Frame(2_000, 300, 5_000), 3: Frame(8_000, -200, 16_000)}


def room(model: CameraModel | None = None) -> Line:
    line = Line([model or CameraModel()])
    line.far.unit(0).presets.update(PRESETS)
    return line.open()


def driving(line: Line) -> bool:
    return line.far.unit(0).head.turning(line.now_ms) or line.far.unit(0).head.zoom.moving(line.now_ms)


# Presets.


def test_a_recall_is_done_when_the_camera_showed_it() -> None:
    line = room()
    order = line.order("camera.main.preset", 3)
    line.run(200)
    assert line.results(order) == [(Stage.ACCEPTED, "")]
    assert line.until(lambda: line.finished(order))
    assert line.results(order) == [(Stage.ACCEPTED, ""), DONE]
    assert line.far.frame(0, line.now_ms) == PRESETS[3]
    assert (line.last("preset"), line.last("moving"), line.last("pan")) == (3, False, 8_000)
    assert "81 01 04 3F 02 03 FF" in line.sent()
    assert "81 09 04 3F FF" in line.sent()


def test_while_it_moves_no_preset_is_claimed() -> None:
    line = room()
    line.finish("camera.main.preset", 1)
    order = line.order("camera.main.preset", 3)
    assert line.until(lambda: line.last("moving") is True, 3_000)
    assert line.last("preset") == -1
    assert not line.finished(order)


@pytest.mark.parametrize(
    ("no_ack", "no_completion"),
    [(True, False), (False, True), (True, True)],
    ids=["no ack", "no completion", "neither"],
)
@pytest.mark.parametrize("preset", [1, 3])
def test_cameras_that_omit_replies_are_believed_by_what_is_seen(
    no_ack: bool, no_completion: bool, preset: int
) -> None:
    line = room()
    faults = line.far.faults(0)
    faults.no_ack, faults.no_completion = no_ack, no_completion
    assert line.finish("camera.main.preset", preset) == DONE
    assert line.far.frame(0, line.now_ms) == PRESETS[preset]
    assert line.finish("camera.main.preset", preset) == DONE
    assert line.finish("camera.main.park", "home") == DONE
    assert line.finish("camera.main.position", (400, 100, 900)) == DONE
    assert line.finish("camera.main.store", 7) == DONE
    assert line.finish("camera.main.drive", (5, 0, 0)) == DONE
    line.run(6_000)
    assert not driving(line)


def test_a_camera_that_acknowledges_and_does_nothing_is_found_out() -> None:
    line = room()
    line.far.faults(0).ignores_moves = True
    assert line.finish("camera.main.preset", 3) == (Stage.FAILED, "not_confirmed")
    assert line.last("preset") == -1
    line.far.faults(0).ignores_moves = False
    line.finish("camera.main.preset", 3)
    line.far.faults(0).ignores_moves = True
    assert line.finish("camera.main.park", "home") == (Stage.FAILED, "not_confirmed")
    assert line.last("parked") is False
    assert line.finish("camera.main.position", (1, 2, 3)) == (Stage.FAILED, "not_confirmed")


def test_a_preset_that_was_put_back_as_it_was_is_confirmed_where_the_head_stands_there_already() -> None:
    """Somebody stored it elsewhere, and then as before: the head, at home after a power-up, need not move."""
    line = room()
    presets = line.far.unit(0).presets
    home = presets[1] = presets[3]._replace(pan=0, tilt=0, zoom=0)
    assert line.finish("camera.main.preset", 1) == DONE
    presets[1] = home._replace(pan=300)
    assert line.finish("camera.main.preset", 1) == DONE
    presets[1] = home
    assert line.finish("camera.main.park", "home") == DONE
    assert line.finish("camera.main.preset", 1) == DONE
    presets[1] = home._replace(pan=-300)
    line.far.faults(0).ignores_moves = True
    assert line.finish("camera.main.position", (500, 0, 0))[0] is Stage.FAILED
    line.far.faults(0).ignores_moves = False
    assert line.finish("camera.main.position", (500, 0, 0)) == DONE
    line.far.faults(0).ignores_moves = True
    assert line.finish("camera.main.preset", 1) == (Stage.FAILED, "not_confirmed"), "never there"


def test_a_preset_that_was_stored_where_the_head_stands_is_confirmed_by_turning_it_aside() -> None:
    """It does not move, and is not where this preset was: who obeys nobody looks the same, until it is nudged."""
    line = room()
    assert line.finish("camera.main.preset", 3) == DONE
    assert line.finish("camera.main.position", (900, 100, 0)) == DONE
    there = line.far.frame(0, line.now_ms)
    line.far.unit(0).presets[3] = there
    assert line.finish("camera.main.preset", 3) == DONE
    assert line.far.frame(0, line.now_ms) == there
    assert line.last("preset") == 3


def test_a_head_that_turns_aside_and_does_not_come_back_has_not_recalled() -> None:
    line = room()
    assert line.finish("camera.main.preset", 3) == DONE
    assert line.finish("camera.main.position", (900, 100, 0)) == DONE
    line.far.unit(0).presets.pop(3)
    assert line.finish("camera.main.preset", 3)[0] is Stage.FAILED
    assert line.last("preset") == -1


def test_without_a_memory_inquiry_the_frame_seen_before_is_the_proof() -> None:
    line = room()
    line.far.faults(0).unsupported.add(b"\x09\x04\x3f")
    assert line.finish("camera.main.preset", 3) == DONE
    assert line.finish("camera.main.preset", 1) == DONE
    line.far.faults(0).ignores_moves = True
    assert line.finish("camera.main.preset", 3) == (Stage.FAILED, "not_confirmed")


def test_what_nothing_can_confirm_is_not_called_done() -> None:
    line = Line()
    line.far.faults(0).unsupported |= {b"\x09\x04\x3f", b"\x09\x06\x12", b"\x09\x04\x47"}
    line.open(40_000)
    assert line.last("pan") is None
    assert line.finish("camera.main.preset", 3) == (Stage.FAILED, "unconfirmed")


def test_a_lost_command_is_sent_again() -> None:
    line = room()
    line.run(10_000 - 100)
    line.far.faults(0).lose_packets = 2
    assert line.finish("camera.main.preset", 3) == DONE


def test_silence_to_every_command_without_any_effect_is_a_timeout() -> None:
    line = room()
    faults = line.far.faults(0)
    faults.ignores_moves = faults.no_ack = faults.no_completion = True
    faults.unsupported.add(b"\x09\x04\x3f")
    assert line.finish("camera.main.preset", 3) == (Stage.FAILED, "timeout")
    assert line.finish("camera.main.drive", (3, 0, 0)) == (Stage.FAILED, "timeout")


def test_a_preset_the_camera_does_not_have_is_refused() -> None:
    line = room()
    assert line.finish("camera.main.preset", 16) == (Stage.REFUSED, "range")
    line = room(CameraModel(vendor=0x1234, presets=4))
    assert line.finish("camera.main.preset", 8) == (Stage.REFUSED, "syntax")
    assert line.finish("camera.main.preset", 95) == (Stage.REFUSED, "range")


def test_the_first_recall_waits_for_the_head() -> None:
    line = room()
    line.far.mains(0, False, line.now_ms)
    line.run(12_000)
    line.far.mains(0, True, line.now_ms)
    assert line.until(lambda: line.last("answers") is True, 10_000)
    order = line.order("camera.main.preset", 3)
    line.run(10_000)
    assert line.results(order) == []
    assert line.until(lambda: line.finished(order))
    assert line.results(order)[-1] == DONE


def test_a_head_that_never_gets_ready_ends_the_order() -> None:
    line = room()
    line.far.unit(0).ready_ms = line.now_ms + 10**9
    began_ms = line.now_ms
    assert line.finish("camera.main.preset", 3) == (Stage.REFUSED, "not_executable")
    assert 29_000 <= line.now_ms - began_ms <= 31_000
    assert line.finish("camera.main.preset", 3, 5_000) == (Stage.REFUSED, "not_executable")


def test_an_open_menu_is_closed() -> None:
    line = room()
    line.far.faults(0).menu_open = True
    assert line.finish("camera.main.preset", 3) == DONE
    assert line.sent().count("81 01 06 06 03 FF") == 1


def test_an_order_ends_in_its_own_time() -> None:
    line = room(CameraModel(recall_speed=1))
    assert line.finish("camera.main.preset", 3, 4_000) == (Stage.FAILED, "timeout")
    line.run(200_000)
    assert line.last("preset") == -1
    assert line.finish("camera.main.preset", 1, 400_000) == DONE


def test_a_newer_recall_supersedes_the_running_one() -> None:
    line = room()
    one = line.order("camera.main.preset", 3)
    line.run(400)
    assert line.finish("camera.main.preset", 1) == DONE
    assert line.results(one) == [(Stage.ACCEPTED, ""), (Stage.SUPERSEDED, "")]
    assert "81 21 FF" in line.sent()
    assert line.far.frame(0, line.now_ms) == PRESETS[1]


def test_a_newer_recall_supersedes_one_whose_packet_is_just_under_way() -> None:
    line = room()
    one = line.order("camera.main.preset", 3)
    assert line.until(lambda: line.sent()[-1] == "81 01 04 3F 02 03 FF", 2_000)
    assert line.finish("camera.main.preset", 1) == DONE
    assert line.results(one) == [(Stage.SUPERSEDED, "")]
    assert line.far.frame(0, line.now_ms) == PRESETS[1]


@pytest.mark.parametrize("late_ms", [0, 300, 1_500, 3_000])
def test_a_late_completion_of_an_aborted_recall_proves_nothing(late_ms: int) -> None:
    """A camera without cancel whose second recall aborts the first (PTZOptics)."""
    line = room(CameraModel(recall_speed=8))
    line.far.faults(0).unsupported |= {b"\x21", b"\x22"}
    line.far.faults(0).late_completion_ms = late_ms
    line.order("camera.main.preset", 3)
    line.run(1_500)
    assert line.finish("camera.main.preset", 0) == DONE
    assert line.far.frame(0, line.now_ms) == PRESETS[0]


def test_a_cancelled_recall_says_so() -> None:
    line = room()
    order = line.order("camera.main.preset", 3)
    line.run(300)
    line.far.feed(b"\x81\x21\xff", line.now_ms)
    assert line.until(lambda: line.finished(order))
    assert line.results(order)[-1] == (Stage.FAILED, "cancelled")


def test_a_person_with_the_remote_control_takes_the_claim_away() -> None:
    line = room()
    line.finish("camera.main.preset", 1)
    line.far.unit(0).remote(Frame(0, 0, 0), line.now_ms)
    line.run(15_000)
    assert line.last("preset") == -1
    assert line.last("pan") == 0


def test_preset_zero_recalled_by_itself_is_not_ours() -> None:
    line = room(CameraModel(recalls_zero=True))
    line.finish("camera.main.preset", 1)
    line.far.mains(0, False, line.now_ms)
    line.run(12_000)
    line.far.mains(0, True, line.now_ms)
    line.run(60_000)
    assert line.last("pan") == PRESETS[0].pan
    assert line.last("preset") == -1
    assert line.finish("camera.main.preset", 1) == DONE


# Park, position, store.


def test_parked_is_at_home_and_not_moved_since() -> None:
    line = room()
    line.finish("camera.main.preset", 3)
    assert line.finish("camera.main.park", "home") == DONE
    assert (line.last("parked"), line.last("preset"), line.last("pan")) == (True, -1, 0)
    line.run(30_000)
    assert line.last("parked") is True
    line.far.unit(0).remote(Frame(900, 0, 0), line.now_ms)
    line.run(12_000)
    assert line.last("parked") is False


def test_parked_stays_so_in_standby() -> None:
    line = room()
    line.finish("camera.main.park", "home")
    assert line.finish("camera.main.power", "standby") == DONE
    line.run(20_000)
    assert line.last("parked") is True


def test_a_position_is_reached_and_told() -> None:
    line = room()
    assert line.finish("camera.main.position", (-8_000, 4_000, 0x2000)) == DONE
    assert (line.last("pan"), line.last("tilt"), line.last("zoom")) == (-8_000, 4_000, 0x2000)
    assert line.finish("camera.main.position", (0x2201, 0, 0)) == (Stage.REFUSED, "range")


def test_a_position_of_five_digits() -> None:
    wide = CameraModel(
        model=0x0604,
        pan=(-0x153FF, 0x15400),
        tilt=(-0x3BFF, 0xB400),
        digits=(5, 5),
        tilt_speed=0x18,
        steps_per_deg=511.0,
    )
    line = Line([wide]).open()
    assert line.finish("camera.main.position", (-80_000, 40_000, 0)) == DONE
    assert line.last("pan") == -80_000
    assert any(len(packet.split()) == 17 for packet in line.sent())


def test_a_position_of_an_unknown_start_gets_the_longest_time() -> None:
    line = Line()
    line.far.faults(0).unsupported |= {b"\x09\x06\x12"}
    line.open(40_000)
    assert line.finish("camera.main.position", (100, 100, 100)) == (Stage.FAILED, "not_confirmed")


def test_storing_keeps_the_frame_that_stands() -> None:
    line = room()
    line.finish("camera.main.position", (700, 70, 7))
    assert line.finish("camera.main.store", 9) == DONE
    assert line.far.unit(0).presets[9] == Frame(700, 70, 7)
    line.finish("camera.main.park", "home")
    assert line.finish("camera.main.preset", 9) == DONE


def test_storing_waits_for_the_head_to_stand() -> None:
    line = room()
    line.far.unit(0).remote(PRESETS[3], line.now_ms)
    assert line.finish("camera.main.store", 9) == DONE
    assert line.far.unit(0).presets[9] == PRESETS[3]


def test_storing_is_refused_during_a_recall() -> None:
    line = room()
    recall = line.order("camera.main.preset", 3)
    line.run(300)
    assert line.finish("camera.main.store", 9) == (Stage.REFUSED, "moving")
    assert line.until(lambda: line.finished(recall))
    assert line.results(recall)[-1] == DONE


def test_a_store_the_camera_does_not_know_is_refused() -> None:
    line = room()
    line.far.faults(0).unsupported.add(bytes.fromhex("01043F0109"))
    assert line.finish("camera.main.store", 9) == (Stage.REFUSED, "syntax")


def test_a_store_without_completion_and_memory_is_not_believed() -> None:
    line = room()
    line.far.faults(0).no_completion = True
    line.far.faults(0).unsupported.add(b"\x09\x04\x3f")
    assert line.finish("camera.main.store", 9) == (Stage.FAILED, "unconfirmed")


# Power.


def test_standby_and_on_are_shown_by_the_camera() -> None:
    line = room()
    assert line.finish("camera.main.power", "standby") == DONE
    assert line.last("power") == "standby"
    assert line.finish("camera.main.preset", 1) == (Stage.REFUSED, "standby")
    assert line.finish("camera.main.power", "on") == DONE
    assert line.until(lambda: line.last("ready") is True, 15_000)
    assert line.finish("camera.main.preset", 1) == DONE


def test_power_is_not_sent_when_it_is_so_already() -> None:
    line = room()
    assert line.finish("camera.main.power", "on") == DONE
    assert "81 01 04 00 02 FF" not in line.sent()


def test_standby_takes_the_head_away() -> None:
    line = room()
    recall = line.order("camera.main.preset", 3)
    line.run(300)
    assert line.finish("camera.main.power", "standby") == DONE
    assert line.results(recall)[-1] == (Stage.FAILED, "moved_on")


def test_a_power_command_that_is_unknown_is_refused() -> None:
    line = room()
    line.far.faults(0).unsupported.add(bytes.fromhex("01040003"))
    assert line.finish("camera.main.power", "standby") == (Stage.REFUSED, "syntax")


def test_power_that_does_not_come_is_a_timeout() -> None:
    line = room()
    line.far.faults(0).unsupported |= {b"\x09\x04\x00"}
    assert line.finish("camera.main.power", "standby", 5_000) == (Stage.FAILED, "timeout")


# Driving.


def test_a_drive_stops_by_itself() -> None:
    line = room()
    assert line.finish("camera.main.drive", (4, -3, 2)) == DONE
    assert driving(line)
    assert line.last("preset") == -1
    line.run(1_500)
    assert driving(line)
    line.run(1_000)
    assert not driving(line)
    assert "81 01 06 01 04 03 02 02 FF" in line.sent()
    assert "81 01 06 01 01 01 03 03 FF" in line.sent()
    assert "81 01 04 07 00 FF" in line.sent()


def test_a_drive_that_is_renewed_goes_on() -> None:
    line = room()
    for _ in range(6):
        assert line.finish("camera.main.drive", (2, 0, 0)) == DONE
        line.run(1_000)
        assert driving(line)
    assert "81 01 06 01 01 01 03 03 FF" not in line.sent()
    line.run(2_500)
    assert not driving(line)


def test_a_drive_renewed_at_the_moment_of_its_stop_is_stopped_later() -> None:
    line = room()
    line.finish("camera.main.drive", (2, 0, 0))
    assert line.until(lambda: "81 01 06 01 01 01 03 03 FF" in line.sent(), 3_000)
    assert line.finish("camera.main.drive", (-2, 0, 0)) == DONE
    assert driving(line)
    line.run(2_500)
    assert not driving(line)


def test_stop_stops_at_once() -> None:
    line = room()
    line.finish("camera.main.drive", (2, 2, 1))
    assert line.finish("camera.main.drive", (0, 0, 0)) == DONE
    assert not driving(line)


def test_an_axis_left_out_of_a_newer_drive_is_stopped() -> None:
    line = room()
    line.finish("camera.main.drive", (2, 0, 3))
    line.finish("camera.main.drive", (0, 0, 3))
    assert not line.far.unit(0).head.turning(line.now_ms)
    line.finish("camera.main.drive", (2, 0, 0))
    assert not line.far.unit(0).head.zoom.moving(line.now_ms)


@pytest.mark.parametrize("lost", [1, 4, 11])
def test_lost_stops_are_repeated(lost: int) -> None:
    line = room()
    line.finish("camera.main.drive", (1, 0, 0))
    line.run(1_000)
    line.far.faults(0).lose_packets = lost
    line.run(9_000)
    assert not driving(line)


def test_a_stop_is_owed_to_a_camera_that_fell_silent() -> None:
    line = room()
    line.finish("camera.main.drive", (1, 0, 0))
    line.far.faults(0).hung = True
    line.run(30_000)
    assert line.last("answers") is False
    line.far.faults(0).hung = False
    line.far.unit(0).head.pan.drive(1, 5.0, line.now_ms)
    assert line.until(lambda: not driving(line), 10_000)


def test_a_stop_is_owed_over_a_closed_port() -> None:
    line = room()
    line.finish("camera.main.drive", (1, 0, 0))
    line.ours.closed(line.now_ms)
    line.run(5_000)
    assert driving(line)
    line.open()
    assert not driving(line)


def test_a_stop_with_other_speeds_where_the_usual_one_is_unknown() -> None:
    line = room()
    line.far.faults(0).unsupported.add(bytes.fromhex("01060101010303"))
    line.finish("camera.main.drive", (1, 0, 0))
    line.run(3_000)
    assert not driving(line)
    assert "81 01 06 01 03 03 03 03 FF" in line.sent()


def test_a_stop_that_is_not_obeyed_is_tried_for_a_while_and_again() -> None:
    line = room()
    faults = line.far.faults(0)
    faults.no_ack = faults.no_completion = True
    line.order("camera.main.drive", (1, 0, 0))
    line.run(1_500)
    faults.unsupported.clear()
    faults.ignores_moves = True
    stop = line.order("camera.main.drive", (0, 0, 0), 60_000)
    assert line.until(lambda: line.finished(stop))
    assert line.results(stop)[-1] == (Stage.FAILED, "timeout")
    faults.ignores_moves = False
    line.run(15_000)
    assert not driving(line)


def test_a_zero_speed_is_never_sent() -> None:
    line = room()
    line.far.faults(0).zero_speed_rejected = True
    for value in ((5, 0, 0), (0, 5, 0), (-5, 0, 0), (0, -5, 7), (0, 0, -7)):
        assert line.finish("camera.main.drive", value) == DONE
    line.run(3_000)
    assert not driving(line)


def test_speeds_are_clamped_to_the_camera() -> None:
    line = room(CameraModel(pan_speed=0x10, tilt_speed=0x0E))
    assert line.finish("camera.main.drive", (-24, 20, 0)) == DONE
    assert "81 01 06 01 10 0E 01 01 FF" in line.sent()


def test_a_recall_after_a_drive_stops_it_first() -> None:
    line = room()
    line.finish("camera.main.drive", (3, 0, 3))
    assert line.finish("camera.main.preset", 1) == DONE
    assert line.far.frame(0, line.now_ms) == PRESETS[1]


def test_a_drive_takes_the_head_from_a_recall() -> None:
    line = room()
    recall = line.order("camera.main.preset", 3)
    line.run(300)
    assert line.finish("camera.main.drive", (-3, 0, 0)) == DONE
    assert line.results(recall)[-1] == (Stage.FAILED, "moved_on")
    line.run(3_000)
    assert not driving(line)


def test_a_drive_in_standby_is_refused() -> None:
    line = room()
    line.finish("camera.main.power", "standby")
    assert line.finish("camera.main.drive", (1, 0, 0))[0] is Stage.REFUSED
    line.run(10_000)
    assert not driving(line)


# What is not an order.


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("camera.main.dance", 1, "target"),
        ("camera.other.preset", 1, "target"),
        ("camera", 1, "target"),
        ("camera.main.power", "off", "value"),
        ("camera.main.preset", "1", "value"),
        ("camera.main.preset", True, "value"),
        ("camera.main.preset", -1, "range"),
        ("camera.main.park", "away", "value"),
        ("camera.main.store", None, "value"),
        ("camera.main.drive", (1, 2), "value"),
        ("camera.main.drive", (1, 2, "3"), "value"),
        ("camera.main.drive", 7, "value"),
        ("camera.main.drive", (25, 0, 0), "range"),
        ("camera.main.position", (1.5, 0, 0), "value"),
        ("camera.main.position", (0, 0, 0x10000), "range"),
    ],
)
def test_a_wrong_order_is_refused_and_nothing_is_sent(target: str, value: Value, code: str) -> None:
    line = room()
    line.log.clear()
    assert line.finish(target, value) == (Stage.REFUSED, code)
    assert not any(" 01 0" in packet[3:8] for packet in line.sent())
