"""The levels that a Pi's firmware gives the relay pins, long before the keeper starts: lines for config.txt.

    python -m hardware.boot_levels KEEPER.JSON

Law: only a line whose boot value is known is driven. One that stands as before the reset (`last`), or whose board
remembers (`hold`), is left to its pull resistor: nobody knows yet what it shall be.
Exit code 78 and the reason when the file is none.
"""

from __future__ import annotations

import sys

from hardware.keeper import EX_CONFIG, read_table
from hardware.keeper_table import OFF, ON, RELAY, Line, Table, TableError


def levels(table: Table) -> list[str]:
    """One `gpio=` line for each pin of the Pi's own header."""
    return [f"gpio={line.pin}=op,{_drive(line)}" for line in table.of(RELAY) if _is_known(line)]


def _is_known(line: Line) -> bool:
    return line.boot in (ON, OFF) and not line.chip and not line.port


def _drive(line: Line) -> str:
    return "dh" if (line.boot == ON) == line.active_high else "dl"


def main(words: list[str]) -> int:
    try:
        table = read_table(words[0] if words else "")
    except TableError as error:
        sys.stderr.write(f"{error}\n")
        return EX_CONFIG
    for line in levels(table):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
