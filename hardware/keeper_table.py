"""What the keeper must know of the lines it owns: one row per relay, lamp and buzzer, and its file.

Law of this file: values and their JSON, checked; no I/O. It is read before the relays are safe, so it imports
almost nothing: NamedTuple, because `dataclasses` costs 8 ms and 1 MiB of the keeper's 60 ms and 8 MiB.

Clause: N10 (each output declares its boot, run, lost-controller and stop values; `hold` itself ends).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from hardware.lamp_patterns import BUZZER_PATTERNS, LAMP_PATTERNS

VERSION = 1
LINES_MAX = 100
"""More than any room; keeps every message below its longest line."""
HEADER_PINS = 28
"""GPIO 0-27 are on a Raspberry Pi's header."""

RELAY, LAMP, BUZZER = "relay", "lamp", "buzzer"
HOLD, ON, OFF, LAST = "hold", "on", "off", "last"
PARITIES = ("none", "even", "odd")
PATTERNS: Mapping[str, tuple[str, ...]] = {LAMP: LAMP_PATTERNS, BUZZER: BUZZER_PATTERNS}


class Line(NamedTuple):
    """One output line. `on` is what the load feels: `active_high` False = the load is on while the pin is low
    (an active-low board, or a normally closed contact).

    `pin`: GPIO number, or the line's number on `chip` ('' = the Pi's header, else the label of an expander such
    as `pcf8574`). `boot`: value at the first start of a boot. `run`: when a controller takes the lease after it
    had lapsed. `lost`: when the lease lapses. `stop`: when the keeper is stopped in order. `hold` changes
    nothing. `min_off_ms`: an earlier `on` is refused. `max_on_ms`: then off by itself, 0 = never.
    `close_order`, `close_delay_ms`: place in the closing when `hold` ends, and the wait after this line.
    `keeps`: never closed by the keeper alone: a computer hangs on it; only the controller knows whether it runs.
    `cycles_a_day`: how often an order `cycle` is taken (for the network load; 0 = never), each `cycle_off_ms`.
    `port`: path of the serial line of a Modbus relay board ('' = no such line), whose address is `unit`; `pin` is
    the coil then, `function` (5 | 15) writes it, and `boot` may be `hold`: the board is taken over as it stands.
    `boot = last`: as it was driven before the Pi was reset, which is how a latching relay and a normally closed
    contact have carried the load through it; off where nothing is known.
    """

    name: str
    pin: int
    active_high: bool = True
    kind: str = RELAY
    boot: str = OFF
    run: str = HOLD
    lost: str = HOLD
    stop: str = HOLD
    min_off_ms: int = 0
    max_on_ms: int = 0
    close_order: int = 0
    close_delay_ms: int = 5_000
    cycles_a_day: int = 0
    cycle_off_ms: int = 15_000
    chip: str = ""
    port: str = ""
    unit: int = 0
    baud: int = 9600
    parity: str = "none"
    function: int = 5
    keeps: bool = False


class Table(NamedTuple):
    """All lines of a room. `hold_max_ms`: how long `hold` holds without a controller (N10: 12 h).
    `start_grace_ms`: a controller that has not come this long after the boot is lost; a Pi's own start
    takes up to a minute on a slow card."""

    lines: tuple[Line, ...]
    hold_max_ms: int = 12 * 3_600_000
    start_grace_ms: int = 120_000

    def of(self, *kinds: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind in kinds)


class TableError(ValueError):
    """The keeper's file cannot be used; the text names the key, what was found and what is allowed."""


_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": (RELAY, LAMP, BUZZER),
    "boot": (HOLD, ON, OFF, LAST),
    "run": (HOLD, ON, OFF),
    "lost": (HOLD, OFF),
    "stop": (HOLD, ON, OFF),
}
_CYCLE_OFF_MIN_MS = 15_000
"""A switch or an optical terminal that loses power for less may come back stuck."""


def dumps(table: Table) -> str:
    """The table as the text of the keeper's file."""
    rows = [line._asdict() for line in table.lines]
    return json.dumps({"v": VERSION, **table._asdict(), "lines": rows}, indent=1) + "\n"


def loads(text: str | bytes) -> Table:
    """The table of the keeper's file. Raises TableError, which says what to change."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TableError(f"not JSON: {error}") from error
    if not isinstance(tree, dict) or tree.pop("v", None) != VERSION:
        raise TableError(f"v: must be {VERSION}")
    rows = tree.pop("lines", None)
    if not isinstance(rows, list) or len(rows) > LINES_MAX:
        raise TableError(f"lines: must be a list of at most {LINES_MAX} rows")
    fields = _typed("table", tree, Table(()))
    lines = tuple(_line(n, row) for n, row in enumerate(rows))
    return check(Table(lines)._replace(**fields))  # type: ignore[arg-type]


def check(table: Table) -> Table:
    """The same table, or TableError: names and pins are unique, words are known, numbers make sense."""
    for key in ("name", "place"):
        seen = [line.name if key == "name" else (_carrier(line), line.pin) for line in table.lines]
        twice = [value for n, value in enumerate(seen) if value in seen[:n]]
        if twice:
            raise TableError(f"lines: {key} {twice[0]!r} is used twice")
    for line in table.lines:
        _check_line(line)
        if line.port:
            _check_board(line, next(other for other in table.lines if other.port == line.port))
    return table


def _carrier(line: Line) -> str:
    return f"{line.port}:{line.unit}" if line.port else line.chip


def _check_line(line: Line) -> None:
    fields = line._asdict()
    for key, words in _WORDS.items():
        _need(fields[key] in words, line, key, fields[key], " | ".join(words))
    for key, value in fields.items():
        _need(not isinstance(value, int) or value >= 0, line, key, value, ">= 0")
    _need(bool(line.name), line, "name", line.name, "not empty")
    header = not (line.chip or line.port)
    _need(not header or line.pin < HEADER_PINS, line, "pin", line.pin, f"0-{HEADER_PINS - 1}")
    # Nothing can be read from a pin that nobody drives yet: only a board tells how it stands.
    _need(bool(line.port) or line.boot != HOLD, line, "boot", line.boot, "on | off")
    _need(line.boot != LAST or not (line.port or line.kind != RELAY), line, "boot", line.boot, "on | off | hold")
    if line.cycles_a_day:
        # Lost = off would leave a cycle half done; a short one leaves the network stuck.
        _need(line.lost == HOLD, line, "lost", line.lost, "hold, as it may be power-cycled")
        _need(line.cycle_off_ms >= _CYCLE_OFF_MIN_MS, line, "cycle_off_ms", line.cycle_off_ms, ">= 15000")


def _check_board(line: Line, first: Line) -> None:
    _need(line.kind == RELAY, line, "kind", line.kind, RELAY)
    _need(not line.chip, line, "chip", line.chip, "empty, as it is a coil of a board")
    _need(1 <= line.unit <= 247, line, "unit", line.unit, "1-247")
    _need(line.parity in PARITIES, line, "parity", line.parity, " | ".join(PARITIES))
    _need(line.function in (5, 15), line, "function", line.function, "5 | 15")
    same = (line.baud, line.parity) == (first.baud, first.parity)
    _need(same and line.baud > 0, line, "baud", line.baud, f"as {first.name}: one speed on one port")


def _need(good: bool, line: Line, key: str, found: object, allowed: str) -> None:
    if not good:
        raise TableError(f"lines[{line.name}].{key}: found {found!r}, allowed {allowed}")


def _line(n: int, row: object) -> Line:
    if not isinstance(row, dict) or not {"name", "pin"} <= row.keys():
        raise TableError(f"lines[{n}]: must have name and pin")
    fields = _typed(f"lines[{n}]", row, Line("", 0))
    return Line(**fields)  # type: ignore[arg-type]


def _typed(where: str, row: dict[str, object], model: Line | Table) -> dict[str, object]:
    """`row`, when each key is one of the model's and its value of the very type of the model's."""
    known = model._asdict()
    for key, value in row.items():
        if key not in known:
            raise TableError(f"{where}.{key}: unknown key, allowed {', '.join(known)}")
        if type(value) is not type(known[key]):
            raise TableError(f"{where}.{key}: found {value!r}, allowed a {type(known[key]).__name__}")
    return row
