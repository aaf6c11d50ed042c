"""The demo's ends of sockets and ptys: fingers on mock pins, a look at true pins, devices that tell their truth."""

from __future__ import annotations

import json
import queue
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from controller import config
from controller.demo.far_ends import FarEnds
from controller.demo.look import Looker
from controller.demo.mock_pins import Fingers, MockPins
from controller.demo.paper import Places
from controller.demo.stage import now_ms
from controller.demo.story import Seen
from controller.plan import Input
from controller.plan_make import plan_of
from hardware.contract import Edge, Reading, Report
from hardware.panel import InputSpec, Panel

WAIT_S = 20.0
INPUTS: Mapping[str, Input] = {
    name: row for name, row in plan_of(config.loads(config.example())).inputs.items() if row.active_low
}
"""Buttons to ground. A closed loop (smoke, leak) looks open for a moment when the mock sets its pull."""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[MockPins]:
    made = MockPins(tmp_path / "pins.sock", INPUTS)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def fingers(tmp_path: Path) -> Iterator[Fingers]:
    made = Fingers(tmp_path / "pins.sock")
    yield made
    made.close()


def panel(pins: MockPins, report: Callable[[Report], None]) -> Panel:
    return Panel([InputSpec(n, r.pin, r.active_low, r.pull) for n, r in INPUTS.items()], report, pins.factory)


def test_a_press_arrives_as_two_edges(pins: MockPins, fingers: Fingers) -> None:
    said: queue.SimpleQueue[Report] = queue.SimpleQueue()
    made = panel(pins, said.put)
    made.start()
    assert isinstance(first := said.get(timeout=WAIT_S), Reading)
    assert not any(dict(first.values).values())
    for down in (True, False):
        fingers.set("talk_chair", down)
        edge = said.get(timeout=WAIT_S)
        assert isinstance(edge, Edge)
        assert (edge.input, edge.down) == ("talk_chair", down)
    made.stop()


def test_a_level_driven_before_the_input_was_opened_is_driven_again(pins: MockPins, fingers: Fingers) -> None:
    """The mock sets the pull when an input is opened, which undoes the level."""
    fingers.set("bypass", True)
    until(lambda: not pins.factory.pin(4).state)
    said: list[Report] = []
    made = panel(pins, said.append)
    made.start()
    until(lambda: any(isinstance(row, Edge) and row.input == "bypass" and row.down for row in said))
    made.stop()
    assert fingers.down("bypass")


def test_garbage_and_unknown_names_are_dropped(pins: MockPins, fingers: Fingers, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.sendto(b"\xff\xfe\nno_such 1\nduty 2\nduty 1\n", str(tmp_path / "pins.sock"))
    until(lambda: not pins.factory.pin(6).state)
    assert pins.dropped == 3


def test_nobody_listens_and_nothing_happens(fingers: Fingers) -> None:
    fingers.set("duty", True)
    fingers.again()
    assert fingers.down("duty")
    assert not fingers.down("power")


def test_a_stale_socket_of_a_killed_controller_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as old:
        old.bind(str(tmp_path / "pins.sock"))
    made = MockPins(tmp_path / "pins.sock", INPUTS)
    made.start()
    made.stop()
    with pytest.raises(OSError, match="No such file"):
        MockPins(tmp_path / "no" / "pins.sock", INPUTS)


def test_the_look_follows_a_keeper_that_comes_goes_and_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "look.sock"
    seen: list[Mapping[str, bool | None]] = []
    lost: list[bool] = []
    looker = Looker(path, seen.append, lambda: lost.append(True))
    looker.start()
    for n, lit in ((1, True), (2, False)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen()
            listener.settimeout(WAIT_S)
            wire = listener.accept()[0]
            text = json.dumps({"lines": {"codec": lit}}).encode() + b"\n"
            wire.sendall(b"garbage\n[]\n" + text[:5])
            wire.sendall(text[5:])
            until(lambda n=n: len(seen) == n)  # type: ignore[misc]
            wire.close()
            until(lambda n=n: len(lost) == n)  # type: ignore[misc]
        path.unlink()
    looker.stop()
    assert seen == [{"codec": True}, {"codec": False}]


def test_the_looker_can_be_stopped_while_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "look.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(WAIT_S)
        looker = Looker(path, lambda _: None, lambda: None)
        looker.start()
        with listener.accept()[0]:
            looker.stop()


@pytest.fixture
def far_ends(tmp_path: Path) -> Iterator[tuple[FarEnds, dict[str, object]]]:
    truth: dict[str, object] = {}

    def say(seen: Seen) -> None:
        truth[seen.name] = seen.value

    made = FarEnds(Places(tmp_path), 1, say, now_ms, boot_ms=(50, 60))
    made.start()
    yield made, truth
    made.stop()


def test_a_contact_that_closes_feeds_its_device_and_one_that_opens_darkens_it(
    far_ends: tuple[FarEnds, dict[str, object]],
) -> None:
    ends, truth = far_ends
    ends.contacts({"codec": True, "camera": False, "display": None})
    until(lambda: truth.get("codec.powered") is True)
    assert truth["camera.powered"] is False
    assert truth["codec.up"] is False
    ends.contacts({"codec": None})
    ends.contacts({"codec": False})
    until(lambda: truth.get("codec.powered") is False)


def test_the_key_feeds_all_outlets_past_the_relays(far_ends: tuple[FarEnds, dict[str, object]]) -> None:
    ends, truth = far_ends
    ends.contacts({"codec": False, "camera": False})
    ends.by_hand(True)
    until(lambda: truth.get("codec.powered") is True and truth.get("camera.powered") is True)
    ends.by_hand(False)
    until(lambda: truth.get("codec.powered") is False and truth.get("camera.powered") is False)


def test_people_at_the_codec_act_on_the_true_one(far_ends: tuple[FarEnds, dict[str, object]]) -> None:
    ends, truth = far_ends
    ends.contacts({"codec": True, "camera": True})
    until(lambda: truth.get("codec.up") is True)
    ends.mcu_calls()
    until(lambda: truth.get("codec.in_call") is True and truth.get("codec.muted") is True)
    ends.remote_mute(False)
    until(lambda: truth.get("codec.muted") is False)
    ends.mcu_hangs_up()
    until(lambda: truth.get("codec.in_call") is False)
    ends.codec_hangs()
    until(lambda: truth.get("codec.hung") is True)
