"""Lines and words of the NUT protocol: golden examples of net-protocol.txt, and any bytes in any cuts."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.nut_lines import MAX_LINE, LineReader, command, quote, words


def test_words_of_the_protocol() -> None:
    assert words('VAR su700 ups.mfr "APC"') == ("VAR", "su700", "ups.mfr", "APC")
    assert words("BEGIN LIST VAR su700") == ("BEGIN", "LIST", "VAR", "su700")
    assert words('DESC su700 ups.status "UPS status"') == ("DESC", "su700", "ups.status", "UPS status")
    assert words("ERR ACCESS-DENIED") == ("ERR", "ACCESS-DENIED")
    assert words(r'VAR a b "say \"on\" in C:\\x"') == ("VAR", "a", "b", r'say "on" in C:\x')
    assert words('VAR a b ""') == ("VAR", "a", "b", "")
    assert words("  OK \t") == ("OK",)


def test_broken_quoting_is_nothing() -> None:
    assert words('VAR a b "open') is None
    assert words('VAR a b "x"y') is None
    assert words('VAR a b x"y') is None
    assert words("VAR a b \\") is None
    assert words("") is None
    assert words(" \t ") is None


def test_requests() -> None:
    assert command("LIST", "VAR", "room") == b"LIST VAR room\n"
    assert command("INSTCMD", "room", "test.battery.start.quick") == b"INSTCMD room test.battery.start.quick\n"
    assert command("PASSWORD", r'a "b" \c') == b'PASSWORD "a \\"b\\" \\\\c"\n'
    assert command("PASSWORD", "") == b'PASSWORD ""\n'
    assert command("USERNAME", "phòng") == 'USERNAME "phòng"\n'.encode()


def test_a_line_end_cannot_smuggle_a_second_command() -> None:
    assert command("PASSWORD", "x\nFSD room") == b'PASSWORD "x FSD room"\n'


@given(st.text(max_size=60))
def test_what_is_quoted_is_read_back(text: str) -> None:
    assert words(quote(text)) == (text.replace("\r", " ").replace("\n", " "),)


def test_both_line_ends_and_cuts() -> None:
    reader = LineReader()
    assert reader.push(b"OK\r\nERR DA") == ["OK"]
    assert reader.push(b"TA-STALE\n") == ["ERR DATA-STALE"]


def test_a_line_without_end_is_bounded_dropped_and_the_next_is_heard() -> None:
    reader = LineReader()
    for _ in range(100):
        assert reader.push(b"x" * 1000) == []
    assert len(reader._rest) == MAX_LINE + 1
    assert reader.push(b"\nOK\n") == ["OK"]
    assert reader.dropped == 1


def test_the_longest_line_passes() -> None:
    reader = LineReader()
    assert reader.push(b"y" * MAX_LINE + b"\n") == ["y" * MAX_LINE]
    assert reader.push(b"y" * (MAX_LINE + 1) + b"\n") == []


def test_reset_forgets_the_half_line() -> None:
    reader = LineReader()
    reader.push(b"ERR ")
    reader.reset()
    assert reader.push(b"OK\n") == ["OK"]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_cuts_change_nothing(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    reader = LineReader()
    found = [line for a, b in itertools.pairwise(edges) for line in reader.push(data[a:b])]
    assert found == LineReader().push(data)
    for line in found:
        words(line)
