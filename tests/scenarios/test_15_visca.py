"""15. VISCA: no confirmation of a preset, wrong model bytes, replies attributed to the wrong command after an
error, sockets ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hardware.contract import Order, Reading, Report, Result, Stage
from hardware.protocols.visca import ViscaChain
from hardware.sim.camera_head import CameraModel, Frame
from tests.hardware.protocols.visca_room import Line
from tests.scenarios.kit import Scene, meeting

SEAT = Frame(2_000, 300, 5_000)
FAR = Frame(8_000, 300, 12_000)
"""The head is under way for seconds, and is asked where it is meanwhile."""


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


class InOrder(Content):
    """A driver that takes each reply for the answer to the oldest command that has none yet."""

    def both(self, *commands: bytes) -> list[str]:
        """What it believes became of each command, sent one after the other."""
        for command in commands:
            self.line.far.feed(command, self.line.now_ms)
        heard = b""
        for after_ms in range(0, 20_000, 20):
            self.line.far.tick(self.line.now_ms + after_ms)
            heard += self.line.far.take()[0]
        ends = [part for part in heard.split(b"\xff") if part and part[1] & 0xF0 in (0x50, 0x60)]
        return ["failed" if part[1] & 0xF0 == 0x60 else "done" for part in ends]


RECALL_2 = bytes.fromhex("81 01 04 3F 02 02 FF")
NONSENSE = bytes.fromhex("81 01 04 3F 07 02 FF")


def test_who_answers_in_the_order_of_asking_blames_the_wrong_command() -> None:
    """The error of the second command comes before the completion of the first; the socket says whose it is."""
    line = room()
    assert InOrder(line).both(RECALL_2, NONSENSE) == ["failed", "done"]
    assert line.far.frame(0, line.now_ms + 20_000) == SEAT, "it was the first that was done"


def test_the_room_blames_the_right_one() -> None:
    line = room()
    good, bad = line.order("camera.main.preset", 2), line.order("camera.main.store", 99)
    line.until(lambda: line.finished(good) and line.finished(bad))
    assert line.results(good)[-1][0] is Stage.DONE
    assert line.results(bad)[-1][0] in (Stage.REFUSED, Stage.FAILED)


class Picky(Content):
    """A driver that speaks only to models of its list."""

    KNOWN = frozenset({"0001:0402", "0001:0513"})

    def recall(self, preset: int) -> bool:
        return str(self.line.last("identity"))[:9] in self.KNOWN and super().recall(preset)


def test_who_knows_models_by_a_list_refuses_a_good_camera() -> None:
    assert Picky(room(vendor=0x0001, model=0x0513)).recall(2)
    assert not Picky(room(vendor=0x0001, model=0x7777)).recall(2)


class Believing(ViscaChain):
    """Our own conversation without its look at the effect: what was refused or failed counts as done and shown."""

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, reports = super().take()
        return data, tuple(told for report in reports for told in self._believed(report))

    def ask(self, order: Order, now_ms: int) -> None:
        if order.target.endswith(".preset"):
            self.asked = order
        super().ask(order, now_ms)

    def _believed(self, report: Report) -> Iterator[Report]:
        if isinstance(report, Result) and report.order == self.asked.id and report.stage is not Stage.ACCEPTED:
            yield Reading("camera.main", (("preset", self.asked.value),), report.at_ms)
            yield Result(report.order, Stage.DONE, "", report.at_ms)
        else:
            yield report


def _framed(believing: bool) -> Scene:
    """A camera that acknowledges and does nothing is to show the chair in a meeting."""
    scene = Scene(meeting(10, 12))
    if believing:
        scene.bench.camera_wire.make = lambda: Believing(scene.world.room.cameras)
    scene.to(10.5)
    scene.bench.camera.faults(0).ignores_moves = True
    return scene.do("desk_orders", "seat", "recall", 1).wait(150)


@pytest.mark.parametrize(("believing", "told"), [(False, True), (True, False)])
def test_the_room_says_that_the_seat_is_not_shown_and_without_its_look_it_would_not(
    believing: bool, told: bool
) -> None:
    scene = _framed(believing)
    assert not scene.world.shows(1)
    assert any(body["subject"] == "camera.main.preset" for body in scene.told("alert")) is told


def test_a_model_that_nobody_has_heard_of_is_told_as_it_says_and_works() -> None:
    line = room(vendor=0x0001, model=0x7777)
    assert line.last("identity") == "0001:7777:0100"
    assert line.finish("camera.main.preset", 2) == (Stage.DONE, "")


class Asked(ViscaChain):
    """Our own conversation with one thing taken away; it remembers the last order for a picture."""

    def ask(self, order: Order, now_ms: int) -> None:
        if order.target.endswith(".preset"):
            self.asked = order
        super().ask(order, now_ms)


class Blaming(Asked):
    """It does not look for whom an error is: whatever a camera cannot do is held against the command under way."""

    running = 0

    def feed(self, data: bytes, now_ms: int) -> None:
        super().feed(b"\xff".join(map(self._blamed, data.split(b"\xff"))), now_ms)

    def _blamed(self, packet: bytes) -> bytes:
        if len(packet) == 2 and packet[1] & 0xF0 == 0x40:
            self.running = packet[1] & 0x0F
        error = len(packet) == 3 and packet[1] == 0x60
        return bytes((packet[0], 0x60 | self.running, packet[2])) if error and self.running else packet


class Listed(Asked):
    """It orders nothing of a camera that is not on its list."""

    def ask(self, order: Order, now_ms: int) -> None:
        if any(str(who)[:9] not in Picky.KNOWN for who in self.identities.values()):
            self.refused = Result(order.id, Stage.REFUSED, "not_identified", now_ms)
        else:
            super().ask(order, now_ms)

    refused: Result | None = None

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, reports = super().take()
        refused, self.refused = self.refused, None
        return data, (*reports, refused) if refused is not None else reports


def _chair(kind: type[ViscaChain], model: int = 0x0402, unknown: bytes = b"") -> Scene:
    """The chair is to be shown in a meeting. `unknown`: an inquiry that the camera does not know."""
    scene = Scene(meeting(10, 12))
    head = scene.bench.camera.unit(0)
    head.model = replace(head.model, model=model)
    head.presets[1] = FAR
    scene.bench.camera_wire.make = lambda: kind(scene.world.room.cameras)
    scene.to(10.5)
    head.faults.unsupported.add(unknown)
    return scene.do("desk_orders", "seat", "recall", 1).wait(150)


def _of_the_seat(scene: Scene, kind: str, what: str) -> list[object]:
    return [body.get(what) for body in scene.told(kind) if body["subject"] == "camera.main.preset"]


@pytest.mark.parametrize(("kind", "tries", "failed"), [(ViscaChain, [1], None), (Blaming, [1, 2], "syntax")])
def test_an_inquiry_that_a_camera_does_not_know_is_not_held_against_the_recall(
    kind: type[ViscaChain], tries: list[int], failed: str | None
) -> None:
    """It shows the chair in both; blamed wrongly, the recall has failed by the journal, and is ordered again."""
    scene = _chair(kind, unknown=bytes.fromhex("09 06 10"))
    assert scene.world.shows(1)
    assert _of_the_seat(scene, "order", "attempt") == tries
    assert _of_the_seat(scene, "proof", "failed")[-1] == failed


@pytest.mark.parametrize(
    ("kind", "model", "shown"), [(ViscaChain, 0x7777, True), (Listed, 0x7777, False), (Listed, 0x0513, True)]
)
def test_a_model_that_nobody_has_heard_of_frames_the_chair_and_by_a_list_it_would_not(
    kind: type[ViscaChain], model: int, shown: bool
) -> None:
    scene = _chair(kind, model)
    assert scene.world.shows(1) is shown
    assert bool(_of_the_seat(scene, "alert", "alert")) is not shown


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
