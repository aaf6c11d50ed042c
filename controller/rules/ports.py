"""R14 — do not move devices (004 Đ6.3): the adaptor of a serial port that vanished, is plugged in elsewhere, or is
another one.

Which adaptor belongs to which port is learnt at its first word in an accepted room, and kept over restarts. A port
that is gone for less than half a minute is none of this: a contactor beside a USB cable may make it start anew at
its place. With the plugs pulled for lightning nothing is where it was. Of two adaptors without serial numbers that
have changed places the devices behind them tell (drift.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.upkeep import APPROVED
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import unplugged
from hardware.contract import Value

GONE_MS = 30_000


def ports(v: View) -> Iterator[Yield]:
    """Learn, and compare."""
    at = v.get("serial.at")
    if not v.room.accepted or unplugged(v) or not isinstance(at, tuple):
        return
    for name, told in _pairs(at):
        yield from _port(v, f"port.{name}", name, told)


def _port(v: View, port: str, name: str, told: str) -> Iterator[Yield]:
    approved, gone = v.mark(APPROVED + port), f"gone.{port}"
    yield Mark(gone, not told)
    if not told:
        if approved and v.held(gone, True, GONE_MS):
            yield _missing(v, port, name, str(approved))
    elif not approved:
        yield Mark(APPROVED + port, told)
    elif told != approved:
        yield Alert("another_device", port, Because("R14", "R14.adaptor", (name, str(approved), told)))


def _missing(v: View, port: str, name: str, approved: str) -> Alert:
    others = v.get("serial.others")
    places = [place for place, who in _pairs(others if isinstance(others, tuple) else ()) if who == approved]
    if len(places) == 1:
        return Alert("port_moved", port, Because("R14", "R14.moved", (name, places[0])))
    return Alert("port_gone", port, Because("R14", "R14.gone", (name, approved)))


def _pairs(rows: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if isinstance(row, tuple) and len(row) == 2:
            yield str(row[0]), str(row[1])
