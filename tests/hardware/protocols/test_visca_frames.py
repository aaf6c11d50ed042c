"""VISCA packets both ways: golden bytes of the Sony manuals, any bytes in any cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.visca_frames import (
    ADDRESS_SET,
    CLEAR_ALL,
    HOME,
    LONGEST,
    MEMORY,
    POSITION,
    POWER,
    POWER_ON,
    POWER_STANDBY,
    STATUS,
    STOP,
    VERSION,
    ZOOM_STOP,
    Framer,
    Kind,
    Packet,
    Reply,
    cancel,
    decode,
    digits,
    drive,
    move,
    number,
    recall,
    signed,
    store,
    zoom_drive,
    zoom_to,
)
from tests.hardware.protocols.visca_cuts import pieces

GOLDEN_SENT = [
    (ADDRESS_SET, 8, "88 30 01 FF"),
    (CLEAR_ALL, 8, "88 01 00 01 FF"),
    (VERSION, 1, "81 09 00 02 FF"),
    (POWER_ON, 1, "81 01 04 00 02 FF"),
    (POWER_STANDBY, 2, "82 01 04 00 03 FF"),
    (POWER, 1, "81 09 04 00 FF"),
    (recall(3), 1, "81 01 04 3F 02 03 FF"),
    (store(5), 7, "87 01 04 3F 01 05 FF"),
    (POSITION, 1, "81 09 06 12 FF"),
    (STATUS, 1, "81 09 06 10 FF"),
    (MEMORY, 1, "81 09 04 3F FF"),
    (HOME, 1, "81 01 06 04 FF"),
    (STOP, 1, "81 01 06 01 01 01 03 03 FF"),
    (cancel(2), 1, "81 22 FF"),
    (move(digits(-0x5A0, 4), digits(0x168, 4), (0x18, 0x14)), 1, "81 01 06 02 18 14 0F 0A 06 00 00 01 06 08 FF"),
    (drive(-1, 0, 8, 0), 1, "81 01 06 01 08 01 01 03 FF"),
    (drive(1, 1, 8, 7), 1, "81 01 06 01 08 07 02 01 FF"),
    (drive(0, -1, 0, 7), 1, "81 01 06 01 01 07 03 02 FF"),
    (zoom_drive(3), 1, "81 01 04 07 23 FF"),
    (zoom_drive(-9), 1, "81 01 04 07 37 FF"),
    (zoom_drive(0), 1, "81 01 04 07 00 FF"),
    (ZOOM_STOP, 1, "81 01 04 07 00 FF"),
    (zoom_to(0x4000), 1, "81 01 04 47 04 00 00 00 FF"),
]

GOLDEN_HEARD = [
    ("88 30 02", Reply(Kind.ADDRESSES, 8, code=2)),
    ("88 01 00 01", Reply(Kind.CLEARED, 8)),
    ("90 50 00 01 05 13 01 00 02", Reply(Kind.ANSWER, 1, data=bytes.fromhex("00010513010002"))),
    ("90 41", Reply(Kind.ACK, 1, 1)),
    ("A0 52", Reply(Kind.DONE, 2, 2)),
    ("90 50", Reply(Kind.DONE, 1, 0)),
    ("90 50 02", Reply(Kind.ANSWER, 1, data=b"\x02")),
    ("90 62 04", Reply(Kind.ERROR, 1, 2, 0x04)),
    ("90 62 05", Reply(Kind.ERROR, 1, 2, 0x05)),
    ("90 60 03", Reply(Kind.ERROR, 1, 0, 0x03)),
    ("F0 38", Reply(Kind.NETWORK, 7)),
    ("90 07 7D 01 04 3F", Reply(Kind.NOTICE, 1, data=bytes.fromhex("7D01043F"))),
]


@pytest.mark.parametrize(("packet", "address", "wire"), GOLDEN_SENT)
def test_packets_are_those_of_the_manuals(packet: Packet, address: int, wire: str) -> None:
    assert packet.bytes_to(address).hex(" ").upper() == wire


@pytest.mark.parametrize(("wire", "reply"), GOLDEN_HEARD)
def test_replies_are_understood(wire: str, reply: Reply) -> None:
    assert decode(bytes.fromhex(wire)) == reply


@pytest.mark.parametrize(
    "wire",
    ["81 09 00 02", "88 30 01", "88 30 09", "88 02", "91 41", "90 41 00", "90 60", "90 60 02 03", "90 12", "80 41"],
)
def test_what_no_camera_says_means_nothing(wire: str) -> None:
    assert decode(bytes.fromhex(wire)) is None


def test_numbers_are_spread_over_digits() -> None:
    assert digits(-1200, 4) == b"\x0f\x0b\x05\x00"
    assert signed(b"\x0f\x0b\x05\x00") == -1200
    assert number(b"\x0f\x0b\x05\x00") == 0xFB50
    assert signed(digits(-0x153FF, 5)) == -0x153FF


@given(st.integers(-0x8000, 0x7FFF))
def test_numbers_come_back(value: int) -> None:
    assert signed(digits(value, 4)) == value


def test_an_answer_must_have_the_right_form() -> None:
    assert POSITION.fits(bytes(8))
    assert not POSITION.fits(bytes(7))
    assert not POSITION.fits(b"\x10" + bytes(7))
    assert VERSION.fits(b"\xf0" * 7)


def test_noise_costs_no_more_than_the_packet_it_hits() -> None:
    framer = Framer()
    assert framer.feed(b"\x00\x13\x90\x41\xff") == [b"\x90\x41"]
    assert framer.feed(b"\xff\xff\x90\xff\x90\x51\xff") == [b"\x90\x51"]
    assert framer.dropped == 2 + 1 + 1 + 2
    assert framer.feed(b"\x90" * 1000) == []
    assert framer.feed(b"\xff\x90\x41\xff") == [b"\x90\x41"]


def test_the_longest_packet_is_taken_and_one_more_byte_is_not() -> None:
    longest = b"\x90\x50" + bytes(LONGEST - 3)
    framer = Framer()
    assert framer.feed(longest + b"\xff") == [longest]
    assert framer.feed(longest + b"\x00\xff") == []


def test_reset_forgets_half_a_packet() -> None:
    framer = Framer()
    framer.feed(b"\x90")
    framer.reset()
    assert framer.feed(b"\x41\xff") == []


@given(pieces())
def test_cuts_change_nothing(cut: tuple[bytes, list[bytes]]) -> None:
    whole, parts = cut
    one, many = Framer(), Framer()
    packets = one.feed(whole)
    assert [packet for part in parts for packet in many.feed(part)] == packets
    assert one.dropped == many.dropped
    assert all(2 <= len(packet) < LONGEST for packet in packets)


@given(st.binary(min_size=2, max_size=30))
def test_any_packet_decodes_or_not(packet: bytes) -> None:
    reply = decode(packet)
    assert reply is None or 1 <= reply.address <= 8
