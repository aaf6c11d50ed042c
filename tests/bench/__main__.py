"""`python -m tests.bench [--rounds N] [--idle S] [--days N]`: prints the table of performance figures.

Exit code 1 when a goal is missed, 0 when all are reached; what cannot be measured here is said and does not
count. Medians of paired rounds: on a shared machine the tails mean nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from controller.demo.services import ServiceError
from tests.bench.keeper import keeper_rows
from tests.bench.room import services
from tests.bench.rows import NotMeasured, Row, core_rows, disk_row, year_rows
from tests.bench.running import process_rows

ROUNDS = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="starts of each process (default 12)")
    parser.add_argument("--idle", type=float, default=120.0, help="seconds watched while idle (default 120)")
    parser.add_argument("--days", type=int, default=365, help="simulated days (default 365)")
    options = parser.parse_args()
    missed = 0
    print(f"{'figure':32}{'ours':>12}{'floor':>12}{'ratio':>8}{'goal':>12}")
    for measure in _parts(options):
        try:
            for row in measure():
                print(_line(row), flush=True)
                missed += not row.good
        except (NotMeasured, ServiceError, OSError) as error:
            print(f"not measured: {error}", flush=True)
    return 1 if missed else 0


def _parts(options: argparse.Namespace) -> Iterator[Callable[[], Iterable[Row]]]:
    yield lambda: running_rows(options.rounds, options.idle)
    yield lambda: keeper_rows(options.rounds)
    yield core_rows
    yield lambda: year_rows(options.days)
    yield lambda: [disk_row()]


def running_rows(rounds: int, idle_s: float) -> Iterator[Row]:
    """The controller with every driver, and the floor, on the same broker."""
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as name, services(Path(name)) as place:
        yield from process_rows(place, rounds, idle_s)


def _line(row: Row) -> str:
    floor = f"{_figure(row.floor)} {row.unit}" if row.floor is not None else "-"
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else "-"
    goal = "-" if row.goal is None else f"{row.goal:g} x" if row.goal_is_ratio else f"{row.goal:g} {row.unit}"
    mark = "" if row.good else "  MISSED"
    return f"{row.name:32}{f'{_figure(row.ours)} {row.unit}':>12}{floor:>12}{ratio:>8}{goal:>12}{mark}"


def _figure(value: float) -> str:
    """Three digits; whole numbers stay whole, for a power of ten is read wrongly."""
    return f"{value:.3g}" if value < 1_000 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
