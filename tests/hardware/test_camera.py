"""The small factory of the camera line: what `diemcau check` sees."""

from hardware.camera import SPEEDS, conversation, who
from hardware.sim.camera_head import CameraModel
from tests.hardware.protocols.visca_room import Line


def test_who_answers_is_told_by_name() -> None:
    line = Line([CameraModel()], ["main", "room"])
    line.ours = conversation(["main", "room"])
    assert who(line.ours) == (("main", ""), ("room", ""))
    line.open()
    assert who(line.ours) == (("main", "0001:0513:0100"), ("room", ""))
    assert line.far.unit(0).settings[b"\x7e\x01\x18"] == b"\x03"
    assert line.ours.answers


def test_a_slow_shutter_is_given_time() -> None:
    line = Line([CameraModel(frame_ms=1_000)])
    line.ours = conversation(["main"], slow_shutter=True)
    assert who(line.open(30_000).ours) == (("main", "0001:0513:0100"),)


def test_the_speeds_are_those_of_the_switch() -> None:
    assert SPEEDS == (9600, 38400)
