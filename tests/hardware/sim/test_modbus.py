"""The simulated slaves by the data sheets' vectors, and the line as a real bus has it."""

from __future__ import annotations

import pytest

from hardware.contract import NEVER_MS
from hardware.sim.modbus import FRAME_MS, REPLY_MS, BoardBus, Bus, ClimateSlave, RelaySlave, SensorBus, check_bytes


def say(bus: Bus, text: str, now_ms: int = 0) -> str:
    """The answer to a request in hex."""
    bus.feed(bytes.fromhex(text), now_ms)
    bus.tick(now_ms + REPLY_MS)
    return bus.take()[0].hex(" ").upper()


def framed(text: str) -> str:
    data = bytes.fromhex(text)
    return (data + check_bytes(data)).hex()


def test_the_sensor_answers_its_data_sheet() -> None:
    bus = Bus((ClimateSlave(1, -20.5, 54.6),))
    assert say(bus, "01 04 00 01 00 02 20 0B") == "01 04 04 FF 33 02 22 BA E6"
    assert say(bus, framed("01 03 01 01 00 01")).startswith("01 03 02 00 01")


@pytest.mark.parametrize(
    ("request_hex", "code"),
    [("01 04 00 07 00 01", 2), ("01 06 01 01 00 02", 1), ("01 04 00 01 00 00", 3), ("01 04 00 01 00 FF", 3)],
)
def test_the_sensor_refuses(request_hex: str, code: int) -> None:
    assert say(SensorBus(), framed(request_hex)).split()[2] == f"{code:02X}"


def test_the_board_answers_its_data_sheet() -> None:
    bus = BoardBus()
    assert say(bus, "01 05 00 00 FF 00 8C 3A") == "01 05 00 00 FF 00 8C 3A"
    assert say(bus, "01 01 00 00 00 08 3D CC").startswith("01 01 01 01")
    assert say(bus, "01 0F 00 00 00 08 01 FF BE D5").startswith("01 0F 00 00 00 08")
    assert say(bus, "01 05 00 00 00 00 CD CA") == "01 05 00 00 00 00 CD CA"
    assert say(bus, "01 01 00 00 00 08 3D CC").startswith("01 01 01 FE")


def test_toggle_and_all_relays() -> None:
    slave = RelaySlave()
    bus = Bus((slave,))
    say(bus, framed("01 05 00 02 55 00"))
    assert slave.relays == [False, False, True] + [False] * 5
    say(bus, framed("01 05 00 FF FF 00"))
    assert slave.relays == [True] * 8


@pytest.mark.parametrize(
    ("request_hex", "code"),
    [
        ("01 05 00 09 FF 00", 2),
        ("01 05 00 00 12 34", 3),
        ("01 01 00 00 00 00", 2),
        ("01 0F 00 00 00 03 02 07 00", 3),
        ("01 04 00 00 00 01", 1),
    ],
)
def test_the_board_refuses(request_hex: str, code: int) -> None:
    assert say(BoardBus(), framed(request_hex)).split()[2] == f"{code:02X}"


def test_a_request_for_another_address_or_with_a_wrong_check_is_not_heard() -> None:
    assert say(SensorBus(), framed("02 04 00 01 00 02")) == ""
    assert say(SensorBus(), "01 04 00 01 00 02 20 0C") == ""


def test_a_board_without_supply_drops_its_relays_and_is_silent() -> None:
    bus = BoardBus()
    say(bus, "01 05 00 00 FF 00 8C 3A")
    bus.slaves[1].supply(False)
    assert say(bus, "01 01 00 00 00 08 3D CC") == ""
    bus.slaves[1].supply(True)
    assert say(bus, "01 01 00 00 00 08 3D CC").startswith("01 01 01 00")


def test_half_a_request_is_forgotten_in_the_silence() -> None:
    bus = SensorBus()
    bus.feed(bytes.fromhex("01 04 00"), 0)
    assert bus.wake_ms == FRAME_MS
    bus.tick(FRAME_MS)
    assert bus.wake_ms == NEVER_MS
    assert say(bus, "01 04 00 01 00 02 20 0B", FRAME_MS) != ""


@pytest.mark.parametrize(
    ("fault", "value", "begins"),
    [
        ("silent", True, ""),
        ("bad_crc", True, "01 04 04 01 09 02 6C FF FF"),
        ("other_unit", True, "02 04 04"),
        ("exception", 4, "01 84 04"),
        ("late_ms", 100, ""),
        ("noise", True, "00 01 04"),
    ],
)
def test_faults(fault: str, value: object, begins: str) -> None:
    bus = SensorBus()
    setattr(bus.faults, fault, value)
    heard = say(bus, "01 04 00 01 00 02 20 0B")
    assert heard.startswith(begins)
    assert bool(heard) == bool(begins)


def test_a_sensor_that_prints_by_itself() -> None:
    bus = SensorBus()
    bus.faults.prints = True
    bus.tick(0)
    assert bus.take()[0] == b"26.5C,62.0%\r\n"
    assert bus.wake_ms == 1_000


def test_a_relay_that_is_stuck() -> None:
    bus = BoardBus()
    bus.faults.stuck = True
    assert say(bus, "01 05 00 00 FF 00 8C 3A") == "01 05 00 00 FF 00 8C 3A"
    assert say(bus, "01 01 00 00 00 08 3D CC").startswith("01 01 01 00")
