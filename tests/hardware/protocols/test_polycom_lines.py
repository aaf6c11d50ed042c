"""Cutting a codec's bytes into lines: any cuts give the same lines, nothing raises."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.protocols.polycom_lines import MAX_LINE, LineReader, is_event, prompt_of, without_prompt


def lines_of(data: bytes) -> list[str]:
    return LineReader().feed(data)


def test_every_line_end_of_the_manual_ends_a_line() -> None:
    assert lines_of(b"mute near on\r\nvolume 3\r\r\n\r\nwake\nsleep\rrest") == [
        "mute near on",
        "volume 3",
        "wake",
        "sleep",
    ]


def test_echoes_are_dropped_and_events_behind_a_prompt_are_kept() -> None:
    assert lines_of(b"-> mute near on\r\n-> \r\n-> ended: call[3]\r\n-> listen video\r\n") == ["ended: call[3]"]


@pytest.mark.parametrize("event", ["listen going to sleep", "notification:mutestatus:near:near:a:b:muted"])
def test_an_event_behind_two_prompts(event: str) -> None:
    assert without_prompt(f"-> -> {event}") == event


def test_a_line_without_an_end_in_sight_is_dropped_once() -> None:
    reader = LineReader()
    assert reader.feed(b"x" * (3 * MAX_LINE)) == []
    assert reader.feed(b"x" * 10) == []
    assert reader.feed(b"tail\r\nwake\r\n") == ["wake"]
    assert reader.dropped == 1


def test_a_long_line_that_comes_whole_is_dropped() -> None:
    reader = LineReader()
    assert reader.feed(b"x" * (MAX_LINE + 1) + b"\r\nwake\r\n") == ["wake"]
    assert reader.dropped == 1


@pytest.mark.parametrize(
    ("text", "which"),
    [("Password:", "password"), ("User: ", "user"), ("-> Password:", "password"), ("Password: no", ""), ("x", "")],
)
def test_prompts_stand_alone(text: str, which: str) -> None:
    reader = LineReader()
    reader.feed(b"noise\r\n" + text.encode())
    assert reader.prompt() == which == prompt_of(text.strip())
    reader.forget()
    assert reader.prompt() == ""


def test_what_can_only_come_by_itself() -> None:
    assert is_event("cs: call[1] chan[0] state[RINGING]")
    assert not is_event("mute near on")


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_cuts_do_not_matter(data: bytes, cuts: list[int]) -> None:
    reader, told = LineReader(), list[str]()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        told += reader.feed(data[start:end])
    whole = LineReader()
    assert told == whole.feed(data)
    assert reader.prompt() == whole.prompt()


@settings(deadline=None)
@given(st.lists(st.integers(0, 3 * MAX_LINE), min_size=1, max_size=5), st.integers(1, MAX_LINE))
def test_long_lines_are_dropped_alike_in_any_cuts(lengths: list[int], step: int) -> None:
    data = b"".join(b"y" * length + b"\r\n" for length in lengths)
    reader, told = LineReader(), list[str]()
    for start in range(0, len(data), step):
        told += reader.feed(data[start : start + step])
    whole = LineReader()
    assert told == whole.feed(data)
    assert reader.dropped == whole.dropped
