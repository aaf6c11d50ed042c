"""Lines of the Megatec/Q1 protocol: what a UPS on a serial port says, as values, and the grammar of delays. Pure.

Must not live here: when to ask (megatec.py), facts and estimates (megatec_facts.py).
Source: Network UPS Tools, drivers blazer.c and nutdrv_qx_megatec.c. Text at 2400 baud, each line ended by CR. A
line carries no check sum: its length, its first letter and the form of its bits are all that tells it from noise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

LINE_MAX = 96
"""Bytes kept while waiting for CR: the longest answer of any variant has 76."""

_STATUS_LEN, _RATING_LEN, _IDENTITY_LENS, _FIGURES_LEN = 46, 21, (37, 38), 48
"""Letters without CR. Old units ("Megatec IC") leave out one blank of the identity."""

_NUMBER = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3})?", re.ASCII)
_BITS = re.compile(r"[01]{8}", re.ASCII)

LEAST_DELAY_S, MOST_DELAY_S = 12, 600
"""The grammar reaches from .2 to 10 minutes."""


@dataclass(frozen=True, slots=True)
class Status:
    """Answer to Q1, QS or D. None: the field holds no number (`---.-`). `bits`: eight of 0 and 1, b7 first."""

    input_v: float | None
    output_v: float | None
    load_pct: float | None
    battery_v: float | None
    temp_c: float | None
    bits: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Answer to F: the nominal voltage of the battery."""

    battery_v: float | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Answer to I: manufacturer and model; '' when it leaves its name out."""

    model: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Answer to QI of the Voltronic QS kind: what the UPS itself reckons."""

    charge_pct: float | None
    runtime_s: float | None


@dataclass(frozen=True, slots=True)
class Words:
    """Any other line, as text: an echo, ACK, NAK, noise."""

    text: str


Line = Status | Rating | Identity | Figures | Words


class LineReader:
    """Bytes in any cuts in, lines without CR out. What is longer than any answer is dropped and counted."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = bytearray()

    def push(self, data: bytes) -> list[Line]:
        *ended, rest = (bytes(self._rest) + data).split(b"\r")
        self.dropped += max(0, len(rest) - LINE_MAX)
        # The end is kept: an answer that follows noise is whole in it.
        self._rest = bytearray(rest[-LINE_MAX:])
        return [read(line) for line in ended]

    def reset(self) -> None:
        """A new question: what came before belongs to no answer of it."""
        self._rest.clear()


def read(line: bytes) -> Line:
    """The meaning of one line. Noise and half an answer may stand before the bracket: the last one counts."""
    text = line.decode("latin-1").strip("\n\x00")
    start = max(text.rfind("("), text.rfind("#"))
    said = text[start:] if start >= 0 else text
    return _status(said) or _figures(said) or _rating(said) or _identity(said) or Words(text.strip())


def _status(said: str) -> Status | None:
    if len(said) != _STATUS_LEN or said[0] != "(" or not _BITS.fullmatch(said[38:]):
        return None
    if any(said[at] != " " for at in (6, 12, 18, 22, 27, 32, 37)):
        return None
    return Status(
        input_v=number(said[1:6]),
        output_v=number(said[13:18]),
        load_pct=number(said[19:22]),
        battery_v=number(said[28:32]),
        temp_c=number(said[33:37]),
        bits=said[38:],
    )


def _figures(said: str) -> Figures | None:
    parts = said[1:].split(" ")
    if len(said) != _FIGURES_LEN or said[0] != "(" or len(parts) != 8:
        return None
    return Figures(number(parts[0]), number(parts[1]))


def _rating(said: str) -> Rating | None:
    parts = said[1:].split(" ")
    if len(said) != _RATING_LEN or said[0] != "#" or len(parts) != 4:
        return None
    return Rating(number(parts[2]))


def _identity(said: str) -> Identity | None:
    if len(said) not in _IDENTITY_LENS or said[0] != "#" or not said.isascii() or not said.isprintable():
        return None
    maker, model = said[1:16].strip(), said[16:27].strip()
    return Identity(" ".join(word for word in (maker, model) if word))


def number(field: str) -> float | None:
    """A plain decimal number, else None: field by field, for any one may be dashes."""
    return float(field) if _NUMBER.fullmatch(field.strip()) else None


def delay_word(seconds: float) -> str:
    """`.2` … `.9` tenths of a minute below one minute, `01` … `10` minutes above; rounded up, then held within."""
    held_s = min(max(seconds, LEAST_DELAY_S), MOST_DELAY_S)
    tenths = ceil(held_s / 6)
    return f".{tenths}" if tenths < 10 else f"{ceil(held_s / 60):02d}"


def shutdown_word(cut_after_s: float, back_after_min: int) -> str:
    """`SnRmmmm`: off after n, on again after mmmm minutes or with the mains, whichever is later."""
    return f"S{delay_word(cut_after_s)}R{back_after_min:04d}"
