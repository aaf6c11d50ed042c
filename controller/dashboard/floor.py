"""The floor of one meeting as the desk and the chair see it: who asked, who speaks, who is missing. Pure.

Times of asking are the rooms' own monotonic ones, counted back from when their word came: a room whose clock is
wrong asks no earlier than it did. Of a secret meeting nothing of the floor is shown or kept (people.md 5.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.dashboard.collate import Key, key

STALE_MS = 11 * 60_000


@dataclass(frozen=True, slots=True)
class Site:
    """One room of the meeting as last heard; `panel`: detail/panel, received at `panel_ms`."""

    slug: str
    name: str
    role: str
    online: bool = False
    state: Mapping[str, Any] = field(default_factory=dict)
    spoke_ms: int = 0
    panel: Mapping[str, Any] = field(default_factory=dict)
    panel_ms: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to speak. `channel`: button, phone, chat."""

    slug: str
    name: str
    seat: str
    channel: str
    asked_ms: int


def queue(sites: Iterable[Site]) -> list[Ask]:
    """Every request that is not answered, the oldest first."""
    return sorted((ask for site in sites for ask in _asks(site)), key=lambda a: (a.asked_ms, a.slug, a.seat))


def _asks(site: Site) -> Iterable[Ask]:
    seats = site.state.get("asks")
    mono_s, rows = site.panel.get("mono_s"), site.panel.get("queue")
    known = {row[0]: row for row in rows if _is_row(row)} if isinstance(rows, list) else {}
    for seat in seats if isinstance(seats, list | tuple) else ():
        if not isinstance(seat, str):
            continue
        row = known.get(seat)
        if row is not None and isinstance(mono_s, int | float):
            asked_ms = site.panel_ms - max(0, round(mono_s * 1000) - row[2])
            yield Ask(site.slug, site.name, seat, str(row[1]), asked_ms)
        else:
            yield Ask(site.slug, site.name, seat, "button", site.spoke_ms)


def _is_row(row: object) -> bool:
    return isinstance(row, list | tuple) and len(row) == 3 and isinstance(row[0], str) and isinstance(row[2], int)


def view(site: Site, now_ms: int, secret: bool) -> dict[str, Any]:
    """One tile. `reach`: here, silent (not heard of), gone (offline)."""
    reach = "gone" if not site.online else "silent" if now_ms - site.spoke_ms > STALE_MS else "here"
    said = site.state if reach == "here" else {}
    floor = {} if secret else {"floor": said.get("floor"), "mic": said.get("mic"), "call": said.get("call")}
    return {
        "slug": site.slug,
        "name": site.name,
        "role": site.role,
        "reach": reach,
        "phase": said.get("phase"),
        "health": said.get("health"),
        "power": said.get("power"),
        "line": said.get("line"),
        "duty": said.get("duty"),
        "help": said.get("help"),
        "incidents": [code for code in said.get("incidents", []) if isinstance(code, str)],
        **floor,
    }


def missing(tiles: Iterable[Mapping[str, Any]], on: bool) -> list[Mapping[str, Any]]:
    """Sites that should be in the call and are not, as far as anybody knows."""
    return [tile for tile in tiles if on and (tile["reach"] != "here" or tile.get("call") is False)]


_DOUBT = {"failed": 0, "not_made": 1, "not_due": 3, "passed": 4, "not_applicable": 5}


def doubt(site: Site, rollcall: Mapping[str, Any], now_ms: int) -> tuple[int, int, Key]:
    """Sorting key of the roll-call (R26): whom to call first. Silence is the greatest doubt."""
    if not site.online or now_ms - site.spoke_ms > STALE_MS:
        return (0, 0, key(site.name))
    found = rollcall.get("found")
    verdicts = [row[1] for row in found if isinstance(row, list | tuple) and len(row) == 2] if found else []
    worst = min((_DOUBT.get(word, 2) for word in verdicts), default=2)
    return (1 + worst, -sum(word in ("failed", "not_made") for word in verdicts), key(site.name))
