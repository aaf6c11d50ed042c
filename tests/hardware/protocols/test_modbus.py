"""Modbus frames by golden vectors, answers among rubbish in any cuts, and a bus that asks one thing at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import NEVER_MS
from hardware.protocols.modbus import (
    ANSWER_MS,
    Master,
    Outcome,
    answer,
    bits,
    crc,
    read,
    registers,
    signed,
    silence_ms,
    stranger,
    write_coil,
)

BOTH = read(1, 4, 1, 2)
BOTH_FRAME = bytes.fromhex("01 04 00 01 00 02 20 0B")
BOTH_ANSWER = bytes.fromhex("01 04 04 FF 33 02 22 BA E6")


def sent(master: Master, now_ms: int = 0) -> bytes:
    master.tick(now_ms)
    return master.take()


def opened() -> Master:
    master = Master()
    master.opened(-100)
    return master


@pytest.mark.parametrize(
    ("question", "frame"),
    [
        (BOTH, "01 04 00 01 00 02 20 0B"),
        (read(1, 1, 0, 8), "01 01 00 00 00 08 3D CC"),
        (write_coil(1, 0, True), "01 05 00 00 FF 00 8C 3A"),
        (write_coil(1, 0, False), "01 05 00 00 00 00 CD CA"),
    ],
)
def test_requests_are_those_of_the_data_sheets(question: object, frame: str) -> None:
    master = opened()
    master.ask(question)  # type: ignore[arg-type]
    assert sent(master) == bytes.fromhex(frame)


def test_function_15_writes_one_coil() -> None:
    master = opened()
    master.ask(write_coil(1, 3, True, 15))
    frame = sent(master)
    assert frame[:-2] == bytes.fromhex("01 0F 00 03 00 01 01 01")
    assert crc(bytes.fromhex("01 0F 00 00 00 08 01 FF")) == bytes.fromhex("BE D5")


def test_a_reading_below_zero() -> None:
    found = answer(BOTH, BOTH_ANSWER)
    assert found is not None
    first, second = registers(found.data)
    assert (signed(first), second) == (-205, 546)


def test_an_exception_is_told_by_its_number() -> None:
    assert answer(BOTH, bytes.fromhex("01 84 02 C2 C1")) == Outcome(BOTH, "exception_2")


@pytest.mark.parametrize(
    "heard",
    [
        "",
        "01 04 04 FF 33 02 22 BA",
        "01 04 04 FF 33 02 22 BA E7",
        "02 04 04 FF 33 02 22 89 E6",
        "01 03 02 FF 33 B9 A1",
    ],
)
def test_what_is_no_answer(heard: str) -> None:
    assert answer(BOTH, bytes.fromhex(heard)) is None


@given(st.binary(max_size=20), st.integers(1, 9))
def test_an_answer_is_found_behind_rubbish_in_any_cuts(rubbish: bytes, cut: int) -> None:
    master = opened()
    master.ask(BOTH)
    sent(master)
    data = rubbish + BOTH_ANSWER
    for n in range(0, len(data), cut):
        master.feed(data[n : n + cut], 10)
    assert [outcome.code for outcome in master.outcomes()] == [""]


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 400)), max_size=20))
def test_any_bytes_at_any_time_only_end_what_was_asked(pieces: list[tuple[bytes, int]]) -> None:
    master, now_ms = opened(), 0
    outcomes: list[Outcome] = []
    for _ in range(3):
        master.ask(BOTH)
    for data, after_ms in pieces:
        now_ms += after_ms
        master.feed(data, now_ms)
        master.tick(now_ms)
        assert master.wake_ms > now_ms or not outcomes
        outcomes += master.outcomes()
    for _ in range(20):
        now_ms += ANSWER_MS
        master.tick(now_ms)
        outcomes += master.outcomes()
    assert len(outcomes) == 3
    assert master.idle
    assert master.wake_ms == NEVER_MS


def test_a_silent_slave_is_asked_three_times() -> None:
    master = opened()
    master.ask(BOTH)
    frames = [sent(master, n * ANSWER_MS) for n in range(4)]
    assert frames == [BOTH_FRAME, BOTH_FRAME, BOTH_FRAME, b""]
    assert master.outcomes() == (Outcome(BOTH, "silent"),)


def test_another_slave_and_noise_are_told_apart() -> None:
    for heard, code in ((bytes.fromhex("02 04 04 FF 33 02 22 FE E6"), None), (b"26.5C,62.0%\r\n", "garbled")):
        master = opened()
        master.ask(BOTH, 1)
        sent(master)
        frame = heard[:-2] + crc(heard[:-2]) if code is None else heard
        master.feed(frame, 10)
        master.tick(ANSWER_MS)
        assert [outcome.code for outcome in master.outcomes()] == [code or "other_unit"]


def test_the_next_question_waits_for_the_silence() -> None:
    master = opened()
    master.ask(BOTH)
    master.ask(BOTH)
    sent(master)
    master.feed(BOTH_ANSWER, 40)
    assert sent(master, 40 + silence_ms(9600)) == b""
    assert sent(master, 100) == BOTH_FRAME


@pytest.mark.parametrize(("baud", "ms"), [(9600, 5), (19_200, 3), (115_200, 2), (1200, 33)])
def test_the_silence_by_speed(baud: int, ms: int) -> None:
    assert silence_ms(baud) == ms


def test_an_unplugged_adaptor_ends_everything() -> None:
    master = opened()
    master.ask(BOTH)
    master.ask(BOTH)
    sent(master)
    master.closed()
    master.ask(BOTH)
    assert [outcome.code for outcome in master.outcomes()] == ["closed"] * 3


def test_the_echo_of_our_own_question_is_no_answer_of_a_sensor() -> None:
    assert answer(BOTH, BOTH_FRAME) is None
    assert not stranger(BOTH, BOTH_FRAME)


def test_bits_are_counted_from_the_lowest() -> None:
    assert bits(bytes((0b0000_0101, 1)), 9) == (True, False, True, False, False, False, False, False, True)
