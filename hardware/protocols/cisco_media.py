"""The figures of a call's channels: loss and jitter, each way, out of what one answer told.

Law: pure; one `Media` collects while a query is out and is closed by its end. Figures that a release lacks stay
unknown. Loss is that of the last interval where the device counts intervals, else the difference of its sums
between two answers; the first answer alone then says nothing.
Sources: CE9 guide, xStatus MediaChannels Call [n] Channel [n] Netstat (jitter as in RFC 3550, ms; Loss and Packets
cumulative); TC guides, xStatus Diagnostics Call [n] Channels IncomingVideoChannel … Netstat.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hardware.protocols.cisco_parse import Told

MAX_CHANNELS: Final = 64
_NUMBERS: Final = ("jitter", "loss", "packets", "lastintervallost", "lastintervalreceived")
Figures = dict[str, float]


class Media:
    """`close` gives the figures: loss_pct, jitter_ms received, loss_out_pct, jitter_out_ms sent."""

    def __init__(self) -> None:
        self._now: dict[tuple[str, ...], dict[str, str]] = {}
        self._before: dict[tuple[str, ...], Figures] = {}

    def hear(self, told: Told) -> None:
        """One value of a channel: its way, or a figure of its Netstat."""
        path = told.path
        channel, name = _channel(path), path[-1]
        if not channel or told.ghost or (channel not in self._now and len(self._now) >= MAX_CHANNELS):
            return
        row = self._now.setdefault(channel, {})
        if "netstat" in path[len(channel) :] and name in _NUMBERS:
            row[name] = told.value
        elif path[len(channel) :] == ("direction",):
            row["way"] = told.value.lower()
        if way := [word[:8] for word in channel if word.startswith(("incoming", "outgoing"))]:
            row["way"] = way[0]

    def close(self) -> dict[str, float | None]:
        """The answer is complete: the worst channel each way."""
        rows, before = self._now, self._before
        figures = {name: _figures(row) for name, row in rows.items()}
        losses: dict[str, list[float]] = {"incoming": [], "outgoing": []}
        jitters: dict[str, list[float]] = {"incoming": [], "outgoing": []}
        for name, figure in figures.items():
            way = rows[name].get("way", "")
            losses.get(way, []).extend(_loss(figure, before.get(name)))
            jitters.get(way, []).extend(_of(figure, "jitter"))
        self._now, self._before = {}, figures
        return {
            "loss_pct": _worst(losses["incoming"]),
            "loss_out_pct": _worst(losses["outgoing"]),
            "jitter_ms": _worst(jitters["incoming"]),
            "jitter_out_ms": _worst(jitters["outgoing"]),
        }


def _channel(path: tuple[str, ...]) -> tuple[str, ...]:
    """`mediachannels call 3 channel 5`, or `diagnostics call 3 incomingvideochannel 1`; empty when it is none."""
    if path[:2] == ("mediachannels", "call") and len(path) > 5 and path[3] == "channel":
        return path[:5]
    if path[:2] == ("diagnostics", "call"):
        rest = tuple(word for word in path[2:] if word != "channels")
        place = next((n for n, word in enumerate(rest) if word.endswith("channel")), -1)
        if place >= 0 and "netstat" in rest:
            return (*path[:2], *rest[: 1 if place else 0], *rest[place : rest.index("netstat")])[:5]
    return ()


def _figures(row: dict[str, str]) -> Figures:
    return {name: float(row[name]) for name in _NUMBERS if row.get(name, "").isdecimal()}


def _of(figures: Figures, name: str) -> Iterable[float]:
    return (figures[name],) if name in figures else ()


def _loss(now: Figures, before: Figures | None) -> Iterable[float]:
    """Percent lost of what was due."""
    lost, got = now.get("lastintervallost"), now.get("lastintervalreceived")
    if lost is None or got is None:
        sums = ("loss", "packets")
        if before is None or not all(name in side for side in (now, before) for name in sums):
            return ()
        lost, got = now["loss"] - before["loss"], now["packets"] - before["packets"]
    due = lost + got
    return (100.0 * lost / due,) if due > 0 and lost >= 0 <= got else ()


def _worst(values: list[float]) -> float | None:
    return round(max(values), 2) if values else None
