"""Which figures of a room's details become curves, and how five minutes and hours are summed up. Pure.

Only good values: a figure with a quality (stale, implausible, never) stands in the details as an object, and leaves
a gap here (N14).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FIVE_MIN_S, HOUR_S = 300, 3600
_UPS = ("charge_pct", "runtime_s", "load_pct", "input_v", "battery_v")
_LINE = ("rtt_ms", "jitter_ms", "loss_ratio")
_HOST = ("cpu_temp_c", "disk_free_pct", "memory_free_pct")


def figures(part: str, body: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """(`climate.hall.temp_c`, 26.5) … of one detail."""
    if part == "detail/climate":
        yield from _good("climate", body, None)
    elif part == "detail/ups":
        yield from _good("ups", body, _UPS)
    elif part == "detail/host":
        yield from _good("host", body, _HOST)
    elif part == "detail/line":
        places = body.get("places")
        for place, seen in places.items() if isinstance(places, Mapping) else ():
            if isinstance(seen, Mapping):
                yield from _good(f"line.{place}", seen, _LINE)


def _good(prefix: str, body: Mapping[str, Any], names: tuple[str, ...] | None) -> Iterator[tuple[str, float]]:
    for name, value in body.items():
        wanted = name.endswith(("temp_c", "humidity_pct")) if names is None else name in names
        if wanted and isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}.{name}"[:60], float(value)


def spans(at_ms: int) -> tuple[tuple[int, int], ...]:
    """(span_s, beginning) of the five minutes and the hour that hold `at_ms`."""
    return tuple((span_s, at_ms // (span_s * 1000) * span_s * 1000) for span_s in (FIVE_MIN_S, HOUR_S))
