"""Echo bytes, answers, and probes that were turned away: what is ours, and what is noise."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.icmp import V4, V6, Version

COOKIE = b"abcd"
both = pytest.mark.parametrize("version", [V4, V6], ids=["IPv4", "IPv6"])


def error(code: int, kind: int, origin: int) -> bytes:
    """A sock_extended_err of the kernel, and the address behind it."""
    return struct.pack("=IBBBBII", 113, origin, kind, code, 0, 0, 0) + bytes(16)


@pytest.mark.parametrize(("version", "head"), [(V4, "0800"), (V6, "8000")], ids=["IPv4", "IPv6"])
def test_a_request_is_an_echo_and_carries_its_number(version: Version, head: str) -> None:
    assert version.echo(0x1234, COOKIE) == bytes.fromhex(f"{head} 0000 0000 1234") + COOKIE


@pytest.mark.parametrize(("version", "head"), [(V4, "0000"), (V6, "8100")], ids=["IPv4", "IPv6"])
def test_our_answer_gives_its_number_back(version: Version, head: str) -> None:
    assert version.answer(bytes.fromhex(f"{head} beef 0007 1234") + COOKIE, COOKIE) == 0x1234


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 7, bytes.fromhex("0000 beef 0007 1234") + b"else", V4.echo(1, COOKIE)],
    ids=["nothing", "half a header", "another life's", "our own request"],
)
def test_what_is_no_answer_of_ours(data: bytes) -> None:
    assert V4.answer(data, COOKIE) is None


@both
def test_an_answer_of_the_other_version_is_none(version: Version) -> None:
    other = V6 if version is V4 else V4
    assert version.answer(bytes([other.reply]) + bytes(7) + COOKIE, COOKIE) is None


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "unreachable"), (1, "unreachable"), (9, "prohibited"), (10, "prohibited"), (13, "prohibited")],
)
def test_forbidden_is_not_lost(code: int, word: str) -> None:
    assert V4.turned_away(V4.echo(7, COOKIE), error(code, kind=3, origin=2)) == (7, word)


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "unreachable"), (1, "prohibited"), (3, "unreachable"), (4, "unreachable"), (5, "prohibited")],
)
def test_forbidden_by_ipv6_is_not_lost_either(code: int, word: str) -> None:
    assert V6.turned_away(V6.echo(7, COOKIE), error(code, kind=1, origin=3)) == (7, word)


@both
def test_errors_of_this_machine_or_of_other_kinds_say_nothing_of_the_probe(version: Version) -> None:
    probe, kind = version.echo(7, COOKIE), version.unreachable
    assert version.turned_away(probe, error(1, kind=kind, origin=1)) is None
    assert version.turned_away(probe, error(0, kind=11, origin=version.origin)) is None


@both
@given(st.binary(max_size=64), st.binary(max_size=64))
def test_no_bytes_raise(version: Version, data: bytes, told: bytes) -> None:
    assert version.answer(data, COOKIE) is None or data.endswith(COOKIE)
    assert version.turned_away(data, told) is None or len(data) >= 8
