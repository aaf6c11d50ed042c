"""Cutting the stream of a Cisco port: any bytes, any cuts, lines and objects."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.cisco_lines import MAX_JSON, MAX_LINE, PieceReader, prompt_of

OBJECT = '{\n  "Status": {\n    "Audio": {"Volume": {"Value": "7}0\\"{"}}\n  }\n}'
STREAM = f'\r\n*s Audio Volume: 70\r\n** end\r\r\n\r\nOK\n{OBJECT}\r\n{{"ResultId":"1"}}\n*s A: 1\n'.encode()
PIECES = ["*s Audio Volume: 70", "** end", "OK", OBJECT, '{"ResultId":"1"}', "*s A: 1"]


def read(reader: PieceReader, *chunks: bytes) -> list[str]:
    return [piece for chunk in chunks for piece in reader.feed(chunk)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cuts_give_the_same_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    reader = PieceReader()
    assert read(reader, *(STREAM[a:b] for a, b in pairwise(edges))) == PIECES
    assert reader.dropped == 0


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_never_raise(chunks: list[bytes]) -> None:
    reader = PieceReader()
    read(reader, *chunks)
    assert reader.prompt() in ("", "login", "password")
    reader.forget()
    # The skipped end of an over-long line, or an object begun in the rest, is over with a line at the margin.
    assert read(reader, b"\r\n{\r\n}\r\nOK\r\n")[-1] == "OK"


def test_an_over_long_line_is_dropped_once_however_it_comes() -> None:
    reader = PieceReader()
    long = b"x" * (MAX_LINE + 10)
    assert read(reader, long, long, b"y\r\nOK\r\n") == ["OK"]
    assert read(reader, long + b"\r\nOK\r\n") == ["OK"]
    assert reader.dropped == 2


@pytest.mark.parametrize(
    "after", [b"*s Audio Volume: 70\r\n", b"OK\r\n", b'{"ResultId":"3"}\r\n', b"Welcome to Phong hop\r\n"]
)
def test_half_an_object_ends_where_something_else_begins(after: bytes) -> None:
    reader = PieceReader()
    assert read(reader, b'{\r\n  "Status": {\r\n', after) == [after.decode().strip()]
    assert reader.dropped == 1


def test_garbage_between_two_lines_of_an_object() -> None:
    reader = PieceReader()
    (piece,) = read(reader, b'{\n "ResultId":\n\xfe\x80a garbage\n "7"\n}\n')
    assert json.loads(piece) == {"ResultId": "7"}
    assert reader.dropped == 1


def test_an_object_without_end_is_bounded() -> None:
    reader = PieceReader()
    row = b' "a": "' + b"b" * 1_000 + b'",\n'
    assert read(reader, b"{\n", *([row] * (MAX_JSON // len(row) + 2)), b"OK\n")[-1] == "OK"
    assert reader.dropped >= 1


@pytest.mark.parametrize(
    ("rest", "prompt"),
    [
        ("login: ", "login"),
        ("Password:", "password"),
        ("password: ", "password"),
        ("phong-hop login:", "login"),
        ("\r\nLogin: ", "login"),
        ("Last login: ", ""),
        ('*s Call 3 DisplayName: "login: ', ""),
        ('{"a": "login: ', ""),
        ("x" * 90 + " login:", ""),
        ("login: admin", ""),
        ("relogin:", ""),
        ("", ""),
    ],
)
def test_a_login_prompt_is_the_unterminated_rest(rest: str, prompt: str) -> None:
    reader = PieceReader()
    reader.feed(rest.encode())
    assert reader.prompt() == prompt
    assert reader.at_line_start == (rest.strip("\r\n") == "")
    reader.forget()
    assert reader.prompt() == ""


def test_prompt_of_a_whole_line() -> None:
    assert prompt_of("login:") == "login"
    assert prompt_of("no") == ""
