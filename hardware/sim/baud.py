"""What a serial receiver hears of bytes that were sent at another speed than its own: garbage, never the bytes.

Law: pure. The sender's bits stand on the line one behind the other and the receiver looks at them with its own
clock, as a UART does: it waits for the edge of a start bit and then takes a look in the middle of each of its own
bits. A byte without its stop bit is a framing error, which Linux passes on as a zero byte (termios(3), without
PARMRK). Lines of 8 data bits, no parity, 1 stop bit.
"""

from __future__ import annotations

from collections.abc import Iterator

BITS = 10
"""A byte on the line: start, eight data bits, stop."""


def heard(data: bytes, sent: int, own: int) -> bytes:
    """`data` sent at `sent` baud as one block, taken in at `own` baud."""
    return data if sent == own else bytes(_bytes(_levels(data), own, sent))


def _levels(data: bytes) -> list[bool]:
    """The line, one level a bit of the sender: at rest it is high."""
    levels = [True]
    for byte in data:
        levels += [False, *(bool(byte >> n & 1) for n in range(8)), True]
    return levels


def _bytes(levels: list[bool], own: int, sent: int) -> Iterator[int]:
    """Times are counted in bits of the sender x `own`, so that they stay whole numbers."""
    end, at = len(levels) * own, 0
    while (at := _fall(levels, at, own)) < end:
        looks = [_look(levels, at + (2 * n + 1) * sent // 2, own) for n in range(BITS)]
        at += (2 * BITS - 1) * sent // 2
        if not looks[0]:
            yield sum(look << n for n, look in enumerate(looks[1:9])) if looks[9] else 0


def _fall(levels: list[bool], at: int, own: int) -> int:
    """Where the line next goes from high to low; its end when it does not."""
    for n in range(at // own + 1, len(levels)):
        if levels[n - 1] and not levels[n]:
            return n * own
    return len(levels) * own


def _look(levels: list[bool], at: int, own: int) -> bool:
    return at // own >= len(levels) or levels[at // own]
