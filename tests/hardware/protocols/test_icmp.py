"""Echo bytes, answers, and probes that were turned away: what is ours, and what is noise."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols import icmp

COOKIE = b"abcd"


def error(code: int, kind: int = 3, origin: int = 2) -> bytes:
    """A sock_extended_err of the kernel, and the address behind it."""
    return struct.pack("=IBBBBII", 113, origin, kind, code, 0, 0, 0) + bytes(16)


def test_a_request_is_an_echo_and_carries_its_number() -> None:
    assert icmp.echo(0x1234, COOKIE) == bytes.fromhex("0800 0000 0000 1234") + COOKIE


def test_our_answer_gives_its_number_back() -> None:
    assert icmp.answer(bytes.fromhex("0000 beef 0007 1234") + COOKIE, COOKIE) == 0x1234


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 7, bytes.fromhex("0000 beef 0007 1234") + b"else", icmp.echo(1, COOKIE)],
    ids=["nothing", "half a header", "another life's", "our own request"],
)
def test_what_is_no_answer_of_ours(data: bytes) -> None:
    assert icmp.answer(data, COOKIE) is None


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "unreachable"), (1, "unreachable"), (9, "prohibited"), (10, "prohibited"), (13, "prohibited")],
)
def test_forbidden_is_not_lost(code: int, word: str) -> None:
    assert icmp.turned_away(icmp.echo(7, COOKIE), error(code)) == (7, word)


def test_errors_of_this_machine_or_of_other_kinds_say_nothing_of_the_probe() -> None:
    assert icmp.turned_away(icmp.echo(7, COOKIE), error(1, origin=1)) is None
    assert icmp.turned_away(icmp.echo(7, COOKIE), error(0, kind=11)) is None


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_no_bytes_raise(data: bytes, told: bytes) -> None:
    assert icmp.answer(data, COOKIE) is None or data.endswith(COOKIE)
    assert icmp.turned_away(data, told) is None or len(data) >= 8
