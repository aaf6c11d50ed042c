"""15. VISCA: no confirmation of a preset, wrong model bytes, replies attributed to the wrong command after an
error, sockets ignored."""

from __future__ import annotations

from hardware.contract import Stage
from hardware.sim.camera_head import CameraModel, Frame
from tests.hardware.protocols.visca_room import Line

SEAT = Frame(2_000, 300, 5_000)


class Content:
    """The usual driver: it sends the recall, hears an ACK, and is content."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def recall(self, preset: int) -> bool:
        self.line.far.feed(bytes((0x81, 0x01, 0x04, 0x3F, 0x02, preset, 0xFF)), self.line.now_ms)
        self.line.far.tick(self.line.now_ms + 40)
        return b"\x90\x41\xff" in self.line.far.take()[0]


def room(**model: int) -> Line:
    line = Line([CameraModel(**model)])  # type: ignore[arg-type]
    line.far.unit(0).presets[2] = SEAT
    return line.open(40_000)


def test_a_preset_is_confirmed_by_what_the_camera_shows() -> None:
    line = room()
    assert line.finish("camera.main.preset", 2) == (Stage.DONE, "")
    assert line.far.frame(0, line.now_ms) == SEAT
    assert line.last("preset") == 2


def test_a_camera_that_acknowledges_and_does_nothing_is_found_out() -> None:
    line = room()
    line.far.faults(0).ignores_moves = True
    stage, _ = line.finish("camera.main.preset", 2)
    assert stage is Stage.FAILED
    assert line.last("preset") != 2


def test_the_usual_driver_is_content_with_the_same_camera() -> None:
    line = room()
    line.far.faults(0).ignores_moves = True
    assert Content(line).recall(2)
    assert line.far.frame(0, line.now_ms + 20_000) != SEAT


def test_an_error_belongs_to_the_command_that_caused_it() -> None:
    """The refused recall fails, the one that is ordered after it is done: no reply is taken for another's."""
    line = room()
    bad = line.order("camera.main.preset", 99)
    line.until(lambda: line.finished(bad))
    assert line.results(bad)[-1][0] in (Stage.REFUSED, Stage.FAILED)
    assert line.finish("camera.main.preset", 2) == (Stage.DONE, "")
    assert line.results(bad)[-1][0] is not Stage.DONE


def test_a_model_that_nobody_has_heard_of_is_told_as_it_says_and_works() -> None:
    line = room(vendor=0x0001, model=0x7777)
    assert line.last("identity") == "0001:7777:0100"
    assert line.finish("camera.main.preset", 2) == (Stage.DONE, "")


def test_who_takes_the_next_reply_for_the_answer_to_his_command_is_wrong() -> None:
    """What the sockets are for: an inquiry overtakes a recall that is under way, and its answer comes before the
    completion. In the order of asking it would prove a preset that is not reached yet."""
    line = room()
    far, now_ms = line.far, line.now_ms
    for words in (bytes.fromhex("81 01 04 3F 02 02 FF"), bytes.fromhex("81 09 04 00 FF")):
        far.feed(words, now_ms)
        far.tick(now_ms + 40)
        now_ms += 40
    replies = [part for part in far.take()[0].split(b"\xff") if part]
    assert [reply[1] & 0xF0 for reply in replies[:2]] == [0x40, 0x50], "ACK, then what looks like a completion"
    assert replies[1][1] & 0x0F == 0, "but names no socket"
    assert far.frame(0, now_ms) != SEAT
