"""Limits of models: the narrow row for strangers, speeds as the camera says, time-outs that follow the way."""

from hardware.protocols.visca_models import MODELS, UNKNOWN, identity_of, limits_of

SRG = bytes.fromhex("00010513010002")
EVI_D70 = bytes.fromhex("0020040E010002")


def test_a_known_model_has_its_own_limits() -> None:
    assert limits_of(SRG).pan == (-0x2200, 0x2200)
    assert limits_of(EVI_D70).takes(5)
    assert not limits_of(EVI_D70).takes(6)
    assert identity_of(SRG) == "0001:0513:0100"


def test_a_stranger_is_no_error_and_gets_the_narrowest_speeds() -> None:
    stranger = limits_of(bytes.fromhex("12340513010002"))
    assert stranger is UNKNOWN
    assert (stranger.pan_speed, stranger.tilt_speed) == (0x18, 0x14)
    assert stranger.takes(89)
    assert not stranger.takes(95)
    assert not stranger.takes(255)
    assert stranger.holds(-0x8000, 0x7FFF, 0)
    assert not stranger.holds(-0x8001, 0, 0)


def test_the_camera_may_lower_its_speeds_but_not_raise_ours() -> None:
    limits = UNKNOWN.with_speeds(0x10, 0x7F)
    assert (limits.pan_speed, limits.tilt_speed) == (0x10, 0x14)
    assert UNKNOWN.with_speeds(0, 0).pan_speed == 1


def test_positions_outside_the_range_are_not_ordered() -> None:
    limits = limits_of(SRG)
    assert limits.holds(0x2200, -0x400, 0x4000)
    assert not limits.holds(0x2201, 0, 0)
    assert not limits.holds(0, 0, -1)


def test_the_move_follows_the_model() -> None:
    assert limits_of(SRG).move(-1200, 0).body.hex() == "010602" + "1817" + "0f0b0500" + "00000000"
    wide = limits_of(bytes.fromhex("00010604010002"))
    assert wide.move(0x15400, -1).body.hex() == "010602" + "1800" + "0105040000" + "0f0f0f0f0f"


def test_the_time_allowed_follows_way_and_speed() -> None:
    slow, fast = UNKNOWN.travel_ms(340, 1), UNKNOWN.travel_ms(340, 0x18)
    assert slow > 2 * 309_000
    assert fast < 12_000
    assert UNKNOWN.travel_ms(0, 0x18) < UNKNOWN.travel_ms(90, 0x18)
    assert UNKNOWN.recall_ms() >= slow


def test_every_row_is_sound() -> None:
    for limits in MODELS.values():
        assert 1 <= limits.tilt_speed <= limits.pan_speed <= 0x18
        assert limits.slack < limits.steps_per_deg
        assert limits.holds(0, 0, 0)
