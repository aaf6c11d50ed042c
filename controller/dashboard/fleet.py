"""The boxes themselves: one row a room of what it runs, how it is connected, what somebody should look at. Pure.

What a room has not said is None and shown as unknown; nothing is guessed from silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

Body = Mapping[str, object]
PARTS = ("status", "birth", "state", "update", "detail/host", "detail/config", "detail/identity")
"""The parts of LAST that a row is made of."""
DISK_PCT, HOT_C = 10.0, 80.0
"""A Pi slows down from 80 °C on (Raspberry Pi documentation, "Frequency management and thermal control")."""
BEHIND = 500
"""Records that are not here yet: half a minute of sending."""
CERTIFICATE_MS = 90 * 86_400_000
"""A certificate that ends within a quarter: the yearly round of the office has missed it, or is due."""
LOOKS = ("silent", "doubt", "gap", "behind", "backup", "clock", "disk", "hot", "certificate", "drift", "update")
"""Reasons to look, the most urgent first."""
DOUBTS = frozenset({"edited", "replaced", "contradicts", "removed", "reordered", "repeated", "begun"})
SOUND = frozenset({"carried"})
"""Worth knowing, and in order."""
_TRUSTED = ("rtc", "ntp")
_NOTHING: Body = {}


@dataclass(frozen=True, slots=True)
class Finding:
    """As stored (store/tables.py FINDINGS)."""

    code: str
    first: int
    last: int
    found_ms: int


@dataclass(frozen=True, slots=True)
class Journal:
    """How far a room's journal is stored; `stuck_ms`: since when it stands before a gap, 0 = it does not."""

    upto: int = 0
    stuck_ms: int = 0


def row(
    slug: str,
    name: str,
    parts: Mapping[str, tuple[Body, int]],
    journal: Journal,
    findings: Sequence[Finding] = (),
) -> dict[str, object]:
    """`parts`: part → (body, received, Unix ms). The shape is what `GET /api/fleet` gives for each room."""
    birth, state, host = (_body(parts, part) for part in ("birth", "state", "detail/host"))
    told = _whole(state.get("seq"))
    found: dict[str, object] = {
        "slug": slug,
        "name": name,
        "online": _body(parts, "status").get("online") is True,
        "seen_ms": max((at for _, at in parts.values()), default=0),
        "fw": _text(birth.get("fw")),
        "via": _text(birth.get("via")),
        "address": _text(birth.get("address")),
        "clock": _text(state.get("clock")),
        "disk_free_pct": _number(host.get("disk_free_pct")),
        "cpu_temp_c": _number(host.get("cpu_temp_c")),
        "certificate_ms": _moment(_body(parts, "detail/identity").get("until")),
        "maintenance": state.get("maintenance") is True,
        "update": _newer(_body(parts, "update")),
        "drift": drift(_body(parts, "detail/config")),
        "upto": journal.upto,
        "behind": max(0, told - journal.upto) if told is not None else None,
        "stuck": journal.stuck_ms > 0,
        "findings": [
            {"code": one.code, "first": one.first, "last": one.last, "found_ms": one.found_ms} for one in findings
        ],
    }
    return found | {"looks": looks(found)}


def looks(found: Mapping[str, object]) -> list[str]:
    """Why somebody should look at this box, the most urgent first."""
    codes = {one["code"] for one in _list(found["findings"]) if isinstance(one, Mapping)}
    disk, temperature, behind = (_number(found[key]) for key in ("disk_free_pct", "cpu_temp_c", "behind"))
    ends = _whole(found["certificate_ms"])
    holds = {
        "silent": not found["online"],
        "doubt": bool(codes & DOUBTS),
        "gap": bool(codes - DOUBTS - SOUND) or found["stuck"] is True,
        "behind": behind is not None and behind > BEHIND,
        "backup": found["via"] == "backup",
        "clock": found["clock"] not in (None, *_TRUSTED),
        "disk": disk is not None and disk < DISK_PCT,
        "hot": temperature is not None and temperature > HOT_C,
        "certificate": ends is not None and ends - (_whole(found["seen_ms"]) or 0) < CERTIFICATE_MS,
        "drift": bool(found["drift"]),
        "update": found["update"] is not None,
    }
    return [look for look in LOOKS if holds[look]]


def drift(config: Body) -> list[dict[str, str]]:
    """N30: what was approved and is another now, by its name."""
    rows = config.get("drift")
    return [
        {"what": str(what), "approved": _said(one.get("approved")), "now": _said(one.get("now"))}
        for what, one in sorted((rows if isinstance(rows, Mapping) else _NOTHING).items())
        if isinstance(one, Mapping) and one.get("approved") != one.get("now")
    ]


def _newer(update: Body) -> str | None:
    latest = _text(update.get("latest_version"))
    return latest if latest is not None and latest != update.get("installed_version") else None


def _body(parts: Mapping[str, tuple[Body, int]], part: str) -> Body:
    return parts[part][0] if part in parts else _NOTHING


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return "" if value is None else str(value)


def _moment(value: object) -> int | None:
    """Unix ms of a time as rooms write it."""
    try:
        return round(datetime.fromisoformat(str(value)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    """A good figure; one with a quality stands as an object and is unknown here."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
