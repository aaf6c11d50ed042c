"""Names in Vietnamese order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.collate import key

ORDERED = (
    ["An Bình", "Ấn Độ", "Bến Tre", "Cà Mau", "Dầu Tiếng", "Đà Nẵng", "Đông Thành", "Gia Viễn", "Kim Sơn"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "măng", "mân"],
    ["xã 2", "xã 10", "xã 10a"],
    ["Ô Môn", "Ông Đốc", "Ơ", "U Minh", "Ưng"],
)


@pytest.mark.parametrize("names", ORDERED, ids=lambda names: names[0])
def test_names_stand_as_a_reader_expects(names: list[str]) -> None:
    shuffled = random.Random(4).sample(names, len(names))
    assert sorted(shuffled, key=key) == names


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_names_have_an_order(names: list[str]) -> None:
    assert sorted(sorted(names, key=key, reverse=True), key=key) == sorted(names, key=key)
