"""Fails when fewer branches were taken than promised: `branch_floor.py COVERAGE.json PERCENT`.

coverage's own --fail-under mixes lines and branches; the promise of this house is about branches.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def branch_pct(report: dict[str, dict[str, int]]) -> float:
    """Percent of branches taken, 100 when there are none."""
    totals = report["totals"]
    return 100.0 * totals["covered_branches"] / totals["num_branches"] if totals["num_branches"] else 100.0


def main(path: str, floor_pct: str) -> int:
    found = branch_pct(json.loads(Path(path).read_text(encoding="utf-8")))
    print(f"branch coverage of decisions and protocols: {found:.1f} % (floor {floor_pct} %)")
    return 0 if found >= float(floor_pct) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
