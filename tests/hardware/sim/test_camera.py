"""The simulated cameras against the data sheet: bytes in, bytes out, with times. Our own driver is not involved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import NEVER_MS
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import Axis, CameraModel, Frame, degrees_per_s

EVI_D100 = CameraModel(pan=(-0x5A0, 0x5A0), tilt=(-0x168, 0x168), tilt_speed=0x14, steps_per_deg=14.4, presets=6)


class Desk:
    """A program at the other end of the line that only knows hexadecimal."""

    def __init__(self, *models: CameraModel, seed: int = 0) -> None:
        self.chain = CameraChain(models or (CameraModel(),), seed)
        self.now_ms = 1_000

    def say(self, text: str, for_ms: int = 100) -> list[str]:
        """Send and collect what comes back within `for_ms`, one string a packet."""
        self.chain.feed(bytes.fromhex(text), self.now_ms)
        return self.hear(for_ms)

    def hear(self, for_ms: int) -> list[str]:
        end_ms, heard = self.now_ms + for_ms, bytearray()
        while True:
            self.chain.tick(self.now_ms)
            assert self.chain.wake_ms > self.now_ms
            heard += self.chain.take()[0]
            if self.chain.wake_ms > end_ms:
                self.now_ms = end_ms
                return [(part + b"\xff").hex(" ").upper() for part in bytes(heard).split(b"\xff")[:-1]]
            self.now_ms = self.chain.wake_ms


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ("88 30 01 FF", ["88 30 02 FF"]),
        ("88 01 00 01 FF", ["88 01 00 01 FF"]),
        ("81 01 00 01 FF", ["90 50 FF"]),
        ("81 09 00 02 FF", ["90 50 00 01 05 13 01 00 02 FF"]),
        ("81 01 04 00 02 FF", ["90 41 FF", "90 51 FF"]),
        ("81 09 04 00 FF", ["90 50 02 FF"]),
        ("81 09 06 11 FF", ["90 50 18 17 FF"]),
        ("81 09 06 10 FF", ["90 50 28 00 FF"]),
        ("81 01 06 01 01 01 03 03 FF", ["90 41 FF", "90 51 FF"]),
        ("81 22 FF", ["90 62 05 FF"]),
        ("81 09 04 47 FF", ["90 50 00 00 00 00 FF"]),
        ("81 09 04 38 FF", ["90 50 02 FF"]),
        ("81 09 7E 7E 00 FF", ["90 50 00 00 00 00 01 00 01 00 00 00 00 01 00 FF"]),
        ("81 09 55 55 FF", ["90 60 02 FF"]),
        ("81 01 55 55 FF", ["90 60 02 FF"]),
        ("81 55 FF", ["90 60 02 FF"]),
        ("81 01 04 00 09 FF", ["90 60 02 FF"]),
        ("81 01 04 3F 02 10 FF", ["90 60 02 FF"]),
        ("81 01 06 01 01 01 03 FF", ["90 60 02 FF"]),
        ("81 01 06 02 18 14 00 FF", ["90 60 02 FF"]),
        ("81 01 06 04 00 FF", ["90 60 02 FF"]),
        ("81 01 04 47 00 FF", ["90 60 02 FF"]),
        ("81 01 04 07 45 FF", ["90 60 02 FF"]),
        ("81 01 04 07 28 FF", ["90 60 02 FF"]),
        ("81 01 04 07 00 00 FF", ["90 60 02 FF"]),
        ("81 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F FF", ["90 60 01 FF"]),
        ("82 09 00 02 FF", []),
        ("88 09 00 02 FF", []),
        ("FF FF 81 FF", []),
    ],
)
def test_the_data_sheet(sent: str, heard: list[str]) -> None:
    assert Desk().say(sent) == heard


def test_a_recall_is_acknowledged_at_once_and_completed_at_the_end_of_the_motion() -> None:
    desk = Desk()
    desk.chain.unit(0).presets[3] = Frame(5_120, 0, 0)
    assert desk.say("81 01 04 3F 02 03 FF", 400) == ["90 41 FF"]
    assert desk.say("81 09 06 10 FF") == ["90 50 24 00 FF"]
    assert desk.say("81 09 7E 7E 00 FF")[0].split()[-2] == "04"
    assert desk.hear(2_000) == ["90 51 FF"]
    assert desk.say("81 09 06 12 FF") == ["90 50 01 04 00 00 00 00 00 00 FF"]
    assert desk.say("81 09 04 3F FF") == ["90 50 03 FF"]


def test_an_absolute_move_to_the_corner() -> None:
    desk = Desk(EVI_D100)
    desk.say("81 01 06 02 18 14 0F 0A 06 00 00 01 06 08 FF", 5_000)
    assert desk.say("81 09 06 12 FF") == ["90 50 0F 0A 06 00 00 01 06 08 FF"]
    assert desk.say("81 09 06 10 FF") == ["90 50 28 05 FF"]
    assert desk.say("81 01 06 02 18 14 0F 0A 05 0F 00 01 06 08 FF") == ["90 60 02 FF"]


def test_a_relative_move_counts_from_here() -> None:
    desk = Desk()
    for _ in range(2):
        desk.say("81 01 06 03 18 14 00 00 06 04 0F 0F 0F 0E FF", 1_000)
    assert desk.chain.frame(0, desk.now_ms) == Frame(200, -4, 0)


def test_two_moves_fill_the_sockets() -> None:
    desk = Desk()
    assert desk.say("81 01 06 02 05 05 01 00 00 00 00 00 00 00 FF") == ["90 41 FF"]
    assert desk.say("81 01 04 47 04 00 00 00 FF") == ["90 42 FF"]
    assert desk.say("81 01 04 47 00 00 00 00 FF") == ["90 60 03 FF"]
    assert desk.say("81 01 04 38 03 FF") == ["90 40 FF", "90 50 FF"]
    assert desk.say("81 09 04 38 FF") == ["90 50 03 FF"]
    assert desk.say("81 22 FF") == ["90 62 04 FF"]
    assert desk.say("81 01 04 47 00 00 00 00 FF") == ["90 42 FF"]


def test_if_clear_empties_the_sockets() -> None:
    desk = Desk()
    desk.say("81 01 06 02 01 01 01 00 00 00 00 00 00 00 FF")
    desk.say("88 01 00 01 FF")
    assert desk.say("81 21 FF") == ["90 61 05 FF"]


def test_zoom_and_focus_in_one_command() -> None:
    desk = Desk()
    assert desk.say("81 01 04 47 02 00 00 00 02 0A 00 0F FF", 60_000) == ["90 41 FF", "90 51 FF"]
    assert desk.say("81 09 04 47 FF") == ["90 50 02 00 00 00 FF"]
    assert desk.say("81 09 04 48 FF") == ["90 50 02 0A 00 0F FF"]
    assert desk.say("81 01 04 47 02 00 00 FF") == ["90 60 02 FF"]


@pytest.mark.parametrize("clear", ["88 01 00 01 FF", "81 01 00 01 FF"])
def test_if_clear_ends_what_runs_where_it_is(clear: str) -> None:
    desk = Desk()
    assert desk.say("81 01 06 02 08 08 02 02 00 00 00 00 00 00 FF", 1_000) == ["90 41 FF"]
    desk.say(clear)
    place = desk.chain.frame(0, desk.now_ms)
    assert 0 < place.pan < 0x2200
    assert desk.hear(60_000) == [], "no completion follows"
    assert desk.chain.frame(0, desk.now_ms) == place


def test_a_drive_runs_until_stopped_or_to_the_end() -> None:
    desk = Desk()
    assert desk.say("81 01 06 01 08 08 01 02 FF", 1_000) == ["90 41 FF", "90 51 FF"]
    assert desk.chain.frame(0, desk.now_ms) == Frame(-1177, -1024, 0)
    assert desk.say("81 01 04 3F 02 03 FF") == ["90 60 41 FF"]
    assert desk.say("81 01 06 04 FF") == ["90 60 41 FF"]
    assert desk.say("81 01 06 01 08 08 02 01 FF")[0] == "90 41 FF"
    desk.say("81 01 06 01 01 01 03 03 FF")
    here = desk.chain.frame(0, desk.now_ms)
    desk.hear(5_000)
    assert desk.chain.frame(0, desk.now_ms) == here


def test_the_lens_runs_and_stops() -> None:
    desk = Desk()
    desk.say("81 01 04 07 02 FF", 1_000)
    near = desk.chain.frame(0, desk.now_ms).zoom
    assert near > 1_000
    desk.say("81 01 04 07 37 FF", 200)
    desk.say("81 01 04 07 00 FF")
    assert 0 < desk.chain.frame(0, desk.now_ms).zoom < near
    assert desk.say("81 09 7E 7E 00 FF")[0].split()[-2] == "00"


def test_presets_are_set_reset_and_not_touched_while_moving() -> None:
    desk = Desk()
    assert desk.say("81 01 04 3F 01 02 FF") == ["90 41 FF", "90 51 FF"]
    assert desk.chain.unit(0).presets == {2: Frame(0, 0, 0)}
    desk.say("81 01 06 01 08 08 01 03 FF")
    assert desk.say("81 01 04 3F 01 04 FF") == ["90 60 41 FF"]
    desk.say("81 01 06 01 01 01 03 03 FF")
    desk.say("81 01 04 3F 00 02 FF")
    assert desk.chain.unit(0).presets == {}


def test_no_recall_while_home_runs_and_a_second_recall_aborts_the_first() -> None:
    desk = Desk()
    desk.chain.unit(0).presets.update({1: Frame(8_000, 0, 0), 2: Frame(-8_000, 0, 0)})
    desk.say("81 01 04 3F 02 01 FF", 300)
    assert desk.say("81 01 06 04 FF") == ["90 60 41 FF"]
    assert desk.say("81 01 06 01 05 05 01 03 FF") == ["90 60 41 FF"]
    assert desk.say("81 01 04 3F 02 02 FF") == ["90 61 04 FF", "90 41 FF"]
    desk.hear(10_000)
    assert desk.chain.frame(0, desk.now_ms).pan == -8_000
    desk.say("81 01 06 04 FF", 200)
    assert desk.say("81 01 04 3F 02 02 FF") == ["90 60 41 FF"]


def test_an_aborted_recall_may_be_completed_late() -> None:
    desk = Desk()
    desk.chain.unit(0).presets.update({1: Frame(8_000, 0, 0), 2: Frame(-8_000, 0, 0)})
    desk.chain.faults(0).late_completion_ms = 500
    desk.say("81 01 04 3F 02 01 FF", 300)
    assert desk.say("81 01 04 3F 02 02 FF", 800) == ["90 41 FF", "90 51 FF"]
    assert desk.chain.unit(0).head.turning(desk.now_ms)


def test_standby_and_back() -> None:
    desk = Desk()
    assert desk.say("81 01 04 00 03 FF") == ["90 41 FF", "90 51 FF"]
    assert desk.say("81 09 04 00 FF") == ["90 50 03 FF"]
    assert desk.say("81 09 06 12 FF") == ["90 60 41 FF"]
    assert desk.say("81 01 06 04 FF") == ["90 60 41 FF"]
    assert desk.say("81 09 00 02 FF")
    desk.say("81 01 04 00 02 FF")
    assert desk.say("81 01 06 04 FF") == ["90 60 41 FF"]
    assert desk.say("81 09 06 10 FF") == ["90 50 18 00 FF"]
    desk.hear(7_000)
    assert desk.say("81 01 06 04 FF") == ["90 41 FF", "90 51 FF"]


@pytest.mark.parametrize(("standby", "heard"), [("syntax", ["90 60 02 FF"]), ("silent", [])])
def test_other_models_say_other_things_in_standby(standby: str, heard: list[str]) -> None:
    desk = Desk(CameraModel(standby=standby))
    desk.say("81 01 04 00 03 FF")
    assert desk.say("81 09 06 10 FF") == heard


def test_the_supply_returns() -> None:
    desk = Desk(CameraModel(recalls_zero=True))
    desk.chain.unit(0).presets[0] = Frame(300, 0, 0)
    desk.chain.unit(0).head.go(Frame(2_000, 0, 0), 24, 0)
    desk.chain.mains(0, False, desk.now_ms)
    assert desk.chain.wake_ms == NEVER_MS
    assert desk.say("81 09 00 02 FF", 1_000) == []
    assert desk.say("88 30 01 FF") == []
    desk.chain.mains(0, True, desk.now_ms)
    desk.chain.mains(0, True, desk.now_ms)
    assert desk.say("81 09 00 02 FF", 2_900) == []
    assert desk.hear(200) == ["90 38 FF"]
    assert desk.say("81 09 06 10 FF")[0].startswith("90 50 1")
    assert desk.say("81 01 04 3F 02 00 FF") == ["90 60 41 FF"]
    assert desk.hear(35_000) == []
    assert desk.chain.frame(0, desk.now_ms).pan == 300


def test_a_chain_has_addresses_and_a_dark_camera_breaks_it() -> None:
    desk = Desk(CameraModel(), CameraModel(), CameraModel())
    assert desk.say("88 30 01 FF") == ["88 30 04 FF"]
    assert desk.say("83 09 04 00 FF") == ["B0 50 02 FF"]
    desk.chain.mains(1, False, desk.now_ms)
    assert desk.hear(100) == ["90 38 FF"]
    assert desk.say("83 09 04 00 FF") == []
    assert desk.say("81 09 04 00 FF") == ["90 50 02 FF"]
    assert desk.say("88 30 01 FF") == ["88 30 02 FF"]
    desk.chain.mains(0, False, desk.now_ms)
    desk.chain.mains(2, False, desk.now_ms)
    assert desk.hear(100) == []


def test_what_a_camera_behind_a_hung_one_says_is_lost() -> None:
    desk = Desk(CameraModel(), CameraModel())
    desk.say("88 30 01 FF")
    desk.chain.feed(bytes.fromhex("82 09 04 00 FF"), desk.now_ms)
    desk.chain.faults(0).hung = True
    assert desk.hear(200) == []


def test_faults_do_what_they_say() -> None:
    desk = Desk()
    faults = desk.chain.faults(0)
    faults.no_ack = True
    assert desk.say("81 01 04 38 02 FF") == ["90 51 FF"]
    faults.no_completion = True
    assert desk.say("81 01 04 38 02 FF") == []
    faults.no_ack = False
    assert desk.say("81 01 04 38 02 FF") == ["90 41 FF"]
    faults.mute = True
    assert desk.say("81 01 04 38 03 FF") == []
    assert desk.say("88 30 01 FF") == []
    assert desk.chain.unit(0).settings[b"\x04\x38"] == b"\x03"
    faults.mute, faults.lose_packets = False, 1
    assert desk.say("81 09 04 00 FF") == []
    faults.lose_replies = 1
    assert desk.say("81 09 04 00 FF") == []
    faults.unsupported.add(bytes.fromhex("09 04 00"))
    assert desk.say("81 09 04 00 FF") == ["90 60 02 FF"]
    faults.zero_speed_rejected = True
    assert desk.say("81 01 06 01 00 01 03 03 FF") == ["90 60 02 FF"]


def test_a_menu_that_is_open_refuses_motion() -> None:
    desk = Desk()
    desk.say("81 01 06 06 02 FF")
    assert desk.say("81 01 06 04 FF") == ["90 60 41 FF"]
    desk.say("81 01 06 06 03 FF")
    assert desk.say("81 01 06 04 FF")[0] == "90 41 FF"


def test_noise_is_the_same_for_the_same_seed() -> None:
    def noisy(seed: int) -> list[str]:
        desk = Desk(seed=seed)
        desk.chain.faults(0).noise = 0.5
        return [part for _ in range(20) for part in desk.say("81 09 04 00 FF")]

    assert noisy(3) == noisy(3)
    assert noisy(3) != noisy(4)
    assert noisy(3) != ["90 50 02 FF"] * 20


def test_a_chain_has_one_to_seven_cameras() -> None:
    with pytest.raises(ValueError, match="1 to 7"):
        CameraChain([])
    with pytest.raises(ValueError, match="1 to 7"):
        CameraChain([CameraModel()] * 8)


def test_speeds_follow_the_table() -> None:
    assert degrees_per_s(0x01) == pytest.approx(1.1)
    assert degrees_per_s(0x18) == pytest.approx(101.0)
    assert degrees_per_s(0x0A) == pytest.approx(33.0)
    assert degrees_per_s(0x7F) == pytest.approx(101.0)


def test_an_axis_is_where_time_has_brought_it() -> None:
    axis = Axis(-100, 100)
    axis.go(500, 10.0, 0)
    assert (axis.at(0), axis.at(5_000), axis.at(60_000)) == (0, 50, 100)
    axis.go(-100, 10.0, 5_000)
    assert (axis.at(5_000), axis.at(6_000), axis.arrives_ms()) == (50, 40, 20_001)


@given(st.lists(st.binary(max_size=40), max_size=10), st.integers(0, 2**16))
def test_any_bytes_leave_it_alive(chunks: list[bytes], seed: int) -> None:
    desk = Desk(CameraModel(), CameraModel(), seed=seed)
    for chunk in chunks:
        desk.chain.feed(chunk, desk.now_ms)
        desk.hear(50)
    desk.say("FF 88 30 01 FF 88 01 00 01 FF", 60_000)
    assert desk.say("81 09 00 02 FF")[-1] == "90 50 00 01 05 13 01 00 02 FF"
