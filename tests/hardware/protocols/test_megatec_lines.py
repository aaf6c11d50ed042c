"""Lines of the Megatec protocol: vectors of NUT's tests, every field alone, noise in every place, delays."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.megatec_facts import estimate, tokens
from hardware.protocols.megatec_lines import (
    LINE_MAX,
    Figures,
    Identity,
    LineReader,
    Rating,
    Status,
    Words,
    delay_word,
    read,
    shutdown_word,
)

MAINS = b"(226.0 195.0 226.0 014 49.0 27.5 30.0 00001000"
OUTAGE = b"(000.0 229.0 230.1 023 49.9 25.1 31.5 10001000"


def status(line: bytes) -> Status:
    found = read(line)
    assert isinstance(found, Status), found
    return found


def test_the_vectors_of_the_drivers() -> None:
    assert status(MAINS) == Status(226.0, 226.0, 14.0, 27.5, 30.0, "00001000")
    assert status(OUTAGE) == Status(0.0, 230.1, 23.0, 25.1, 31.5, "10001000")
    assert status(b"(215.0 195.0 230.0 014 49.0 22.7 30.0 00000000").battery_v == 22.7
    assert status(b"(230.0 195.0 230.0 014 49.0 2.27 30.0 00000000").battery_v == 2.27
    assert read(b"#220.0 000 024.0 50.0") == Rating(24.0)
    assert read(b"#" + b"SANTAK".ljust(15) + b" " + b"MT1000".ljust(10) + b" " + b"V1.10".ljust(10)) == Identity(
        "SANTAK MT1000"
    )
    assert read(b"(100 00979 50.0 000.3 177 290 0 0000000000110000") == Figures(100.0, 979.0)


@pytest.mark.parametrize("field", ["---.-", "     ", "1e+05", "nan.0", "0x1F."])
def test_a_field_without_a_number_is_unknown_and_the_rest_is_kept(field: str) -> None:
    said = status(b"(226.0 195.0 " + field.encode() + b" 014 49.0 27.5 --.- 00001000")
    assert (said.output_v, said.temp_c) == (None, None)
    assert (said.input_v, said.load_pct, said.battery_v) == (226.0, 14.0, 27.5)


@pytest.mark.parametrize("spoilt", [MAINS[:-1], MAINS + b"0", MAINS[:-1] + b"2", MAINS.replace(b" ", b"_"), b"("])
def test_a_line_of_another_form_is_no_status(spoilt: bytes) -> None:
    assert not isinstance(read(spoilt), Status)


def test_what_stands_before_the_bracket_does_not_matter() -> None:
    """Noise of the line, or half of an answer that broke off."""
    assert read(b"\xff\x00~" + MAINS) == read(OUTAGE[:20] + MAINS) == read(MAINS)


@given(st.lists(st.integers(1, len(MAINS)), max_size=6))
def test_any_cuts(cuts: list[int]) -> None:
    data, reader = MAINS + b"\r" + OUTAGE + b"\r", LineReader()
    edges = sorted({0, len(data), *cuts})
    lines = [line for a, b in pairwise(edges) for line in reader.push(data[a:b])]
    assert lines == [read(MAINS), read(OUTAGE)]


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    reader = LineReader()
    for line in reader.push(data):
        assert isinstance(line, Status | Rating | Identity | Figures | Words)
    assert reader.push(b"\r" + MAINS + b"\r")[-1] == read(MAINS)


def test_a_line_without_end_is_dropped_and_the_next_one_is_read() -> None:
    reader = LineReader()
    assert reader.push(b"x" * 5 * LINE_MAX) == []
    assert reader.dropped == 4 * LINE_MAX
    assert reader.push(MAINS + b"\r") == [read(MAINS)]


@pytest.mark.parametrize(
    ("seconds", "word"),
    [(0, ".2"), (12, ".2"), (13, ".3"), (30, ".5"), (54, ".9"), (55, "01"), (60, "01"), (61, "02"), (9_999, "10")],
)
def test_the_grammar_of_delays(seconds: float, word: str) -> None:
    assert delay_word(seconds) == word


def test_a_shutdown_with_return() -> None:
    assert shutdown_word(30, 3) == "S.5R0003"


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        ("00001000", "OL"),
        ("10001000", "OB"),
        ("11001000", "LB OB"),
        ("00011000", "ALARM OL"),
        ("00001100", "CAL OL"),
        ("10001100", "CAL OB"),
        ("00001010", "FSD OL"),
        ("00001001", "OL"),
    ],
)
def test_what_bits_mean(bits: str, words: str) -> None:
    assert " ".join(sorted(tokens(status(MAINS), bits, fsd_believed=True))) == words
    assert "FSD" not in tokens(status(MAINS), bits, fsd_believed=False)


@pytest.mark.parametrize(
    ("input_v", "output_v", "word"),
    [("250.0", "217.5", "TRIM"), ("230.0", "230.0", "BYPASS"), ("190.0", "218.5", "BOOST"), ("230.0", "000.0", "")],
)
def test_bit_five_is_told_by_the_voltages(input_v: str, output_v: str, word: str) -> None:
    said = status(f"({input_v} 195.0 {output_v} 014 49.0 27.5 30.0 00101000".encode())
    assert tokens(said, said.bits, fsd_believed=True) == {"OL", word} - {""}


@pytest.mark.parametrize(
    ("volts", "nominal_v", "percent"),
    [
        (20.8, 24.0, 0.0),
        (26.0, 24.0, 100.0),
        (27.4, 24.0, 100.0),
        (23.4, 24.0, 50.0),
        (18.0, 24.0, 0.0),
        (30.0, 24.0, 100.0),
        (13.7, 24.0, 100.0),  # a block of 12 V
        (1.95, 24.0, 50.0),  # a cell
        (13.7, 12.0, 100.0),
        (5.0, 24.0, None),
        (24.1, None, None),
        (None, 24.0, None),
    ],
)
def test_a_charge_reckoned_from_volts(volts: float | None, nominal_v: float | None, percent: float | None) -> None:
    found = estimate(volts, nominal_v)
    assert found == (None if percent is None else pytest.approx(percent, abs=0.1))
