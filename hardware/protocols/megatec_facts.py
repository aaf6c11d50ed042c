"""What a Megatec UPS's answers mean in our vocabulary: bits into NUT's status tokens, volts into a charge. Pure.

Must not live here: lines (megatec_lines.py), when to ask and what to believe (megatec.py).
Source: Network UPS Tools, drivers blazer.c (bits, battery packs, empty and full).
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.protocols.megatec_lines import Figures, Status
from hardware.protocols.nut_status import Values, clean, source

EMPTY_RATIO, FULL_RATIO = 104 / 120, 130 / 120
"""Of the nominal voltage: 20.8 V and 26.0 V of a 24 V string, what NUT's drivers take unless told otherwise. A line
between them is all that volts can tell: a charging battery shows too much, a loaded one too little, so the figure
is reported as an estimate."""

NEAR_NOMINAL = (0.7, 1.3)
"""On-line models tell the volts of one block or one cell; what lies here after multiplying is the string."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the conversation knows beside the last status. `nominal_v` None: the rating was not told."""

    nominal_v: float | None = None
    figures: Figures | None = None
    model: str = ""


def tokens(status: Status, bits: str, fsd_believed: bool) -> frozenset[str]:
    """Status tokens of these (confirmed) bits, spelled as NUT does."""
    failed, low, corrects, fault, _, test, shutdown, _ = (bit == "1" for bit in bits)
    shown = {
        "OL": not failed,
        "OB": failed,
        "LB": low,
        "ALARM": fault,
        "CAL": test,
        "FSD": shutdown and fsd_believed,
        "OVER": (status.load_pct or 0.0) > 100.0,
        _correction(status): corrects and not failed,
    }
    return frozenset(token for token, on in shown.items() if on and token)


def _correction(status: Status) -> str:
    """Bit 5 says bypass, boost or buck; which one, the voltages tell. '' = they cannot."""
    if not status.input_v or not status.output_v:
        return ""
    ratio = status.output_v / status.input_v
    limits = ((0.5, ""), (0.95, "TRIM"), (1.05, "BYPASS"), (1.5, "BOOST"))
    return next((word for limit, word in limits if ratio < limit), "")


def facts(
    said: frozenset[str], status: Status, bits: str, battery_v: float | None, testing: bool, known: Known
) -> Values:
    """A full reading. `replace` and `test_result` stay unknown: this protocol has no word for them."""
    told = known.figures
    charge_pct = told.charge_pct if told is not None else estimate(battery_v, known.nominal_v)
    runtime_s = told.runtime_s if told is not None else None
    return (
        ("link", "ok"),
        ("source", source(said)),
        ("status", " ".join(sorted(said))),
        ("low", bool(said & {"LB", "FSD"})),
        ("testing", testing),
        ("charge_pct", _within(charge_pct, 100.0)),
        ("estimated", None if charge_pct is None else told is None),
        ("runtime_s", None if runtime_s is None else int(runtime_s)),
        ("load_pct", _within(status.load_pct, 500.0)),
        ("input_v", _within(status.input_v, 1000.0)),
        ("battery_v", battery_v),
        ("temp_c", _within(status.temp_c, 150.0)),
        ("replace", None),
        ("overload", None if status.load_pct is None else "OVER" in said),
        ("bypassed", "BYPASS" in said),
        ("regulating", bool(said & {"TRIM", "BOOST"})),
        ("alarm", "UPS failed" if "ALARM" in said else ""),
        ("beeper", "on" if bits[7] == "1" else "off"),
        ("test_result", None),
        ("model", clean(known.model) or None),
    )


def _within(value: float | None, high: float) -> float | None:
    return value if value is not None and value <= high else None


def estimate(battery_v: float | None, nominal_v: float | None) -> float | None:
    """Percent between empty and full by the voltage; None without a rating, or when no packing explains it."""
    if battery_v is None or not nominal_v:
        return None
    low, high = NEAR_NOMINAL
    # The whole string, blocks of 12 V, cells of 2 V.
    strings = (battery_v * packs for packs in (1.0, nominal_v / 12.0, nominal_v / 2.0))
    string_v = next((volts for volts in strings if low * nominal_v <= volts <= high * nominal_v), None)
    if string_v is None:
        return None
    share = (string_v / nominal_v - EMPTY_RATIO) / (FULL_RATIO - EMPTY_RATIO)
    return round(100.0 * min(1.0, max(0.0, share)), 1)
