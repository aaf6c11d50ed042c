"""JSON lines: any bytes in any cuts never raise, and the cuts change nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.json_lines import LINE_MAX_BYTES, JsonLines, line

WIRE = st.lists(
    st.one_of(st.binary(max_size=40), st.sampled_from([b"\n", b'{"v":1}\n', b"[1]\n", b'"x"\n', b"{\xff}\n"])),
    max_size=30,
).map(b"".join)


def test_one_message_is_one_line_of_known_bytes() -> None:
    assert line(v=1, do="set", load="codec") == b'{"v":1,"do":"set","load":"codec"}\n'


@given(WIRE, st.lists(st.integers(1, 20), max_size=40))
def test_cuts_change_nothing(data: bytes, cuts: list[int]) -> None:
    whole, cut = JsonLines(), JsonLines()
    expected = whole.feed(data)
    found, at = [], 0
    for size in cuts:
        found += cut.feed(data[at : at + size])
        at += size
    found += cut.feed(data[at:])
    assert (found, cut.dropped) == (expected, whole.dropped)


def test_what_is_no_object_is_dropped_and_counted_and_the_next_line_is_read() -> None:
    frames = JsonLines()
    assert frames.feed(b'nonsense\n[1,2]\n\n  \n{"a":1}\n') == [{"a": 1}]
    assert frames.dropped == 2


def test_a_line_too_long_is_skipped_to_its_end_and_counted_once() -> None:
    frames = JsonLines()
    assert frames.feed(b"x" * (LINE_MAX_BYTES + 1)) == []
    assert frames.feed(b"y" * LINE_MAX_BYTES) == []
    assert frames.feed(b'z\n{"a":1}\n') == [{"a": 1}]
    assert frames.dropped == 1


def test_brackets_without_end_and_numbers_without_end_do_not_raise() -> None:
    frames = JsonLines()
    assert frames.feed(b"[" * 8000 + b"\n" + b"9" * 8000 + b"\n") == []
    assert frames.dropped == 2
