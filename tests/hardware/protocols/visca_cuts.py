"""Bytes for the VISCA tests, and the same bytes cut anywhere."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

SPOKEN = [
    bytes.fromhex(text)
    for text in (
        "883002FF", "88010001FF", "905000010513010002FF", "9041FF", "9051FF", "9042FF", "9052FF", "9050FF",
        "905002FF", "905003FF", "90502800FF", "90500000000000000000FF", "905000000000FF", "906002FF", "906041FF",
        "906141FF", "906204FF", "9038FF", "90077D01043FFF", "A041FF", "A05002FF",
    )
]  # fmt: skip
"""Whole packets of cameras, so that random streams also go deep."""

bytes_of_a_line = st.lists(st.one_of(st.sampled_from(SPOKEN), st.binary(max_size=8)), max_size=12).map(b"".join)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """Any bytes, whole and cut anywhere."""
    whole = draw(bytes_of_a_line)
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    edges = [0, *cuts, len(whole)]
    return whole, [whole[a:b] for a, b in pairwise(edges)]
