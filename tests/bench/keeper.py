"""The keeper's figures: how soon after its start the relays are driven, and what memory it keeps.

The GPIO library is the tests' recording one, so that its import and calls cost as little as lgpio's; a line counts
as driven when the chip's diary says so.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from controller.demo.binaries import ROOT
from hardware.keeper_table import Line, Table, dumps
from tests.bench.process import Measured
from tests.bench.rows import NotMeasured, Row

FAKE = ROOT / "tests" / "hardware" / "fake_lgpio"
LINES = tuple(
    Line(name, 17 + n) for n, name in enumerate(("network", "display", "camera", "codec", "mixer", "amp"))
)
START_S = 10.0


def keeper_rows(rounds: int) -> list[Row]:
    _one()  # it leaves its bytecode to the others
    measured = [_one() for _ in range(rounds)]
    return [
        Row("keeper: start -> relays driven", "ms", median(start for start, _ in measured), None, 60),
        Row("keeper: private memory", "MiB", median(memory for _, memory in measured), None, 8),
    ]


def _one() -> tuple[float, float]:
    """(ms to the last line driven, MiB) of one keeper in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="diemcau-keeper-") as name:
        folder = Path(name)
        (folder / "keeper.json").write_text(dumps(Table(LINES)), encoding="utf-8")
        diary = folder / "diary"
        words = [sys.executable, "-m", "hardware.keeper", "--config", str(folder / "keeper.json")]
        words += ["--state", str(folder / "state"), "--pins", "lgpio"]
        env = {"FAKE_LGPIO": str(diary), "PYTHONPATH": f"{FAKE}:{ROOT}"}
        began_ns = time.monotonic_ns()
        with Measured(words, folder / "log", env) as keeper:
            driven_ns = _driven_ns(diary, keeper)
            return (driven_ns - began_ns) / 1e6, keeper.uss_kib() / 1024


def _driven_ns(diary: Path, keeper: Measured) -> int:
    """Polls the diary without haste: the moments come from the rows, not from the poll."""
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s and not keeper.died():
        rows = diary.read_text(encoding="ascii").splitlines() if diary.exists() else []
        claims = [row for row in map(json.loads, rows) if row["call"] == "claim_output"]
        if len(claims) >= len(LINES):
            time.sleep(0.5)  # its sockets come after the relays; memory is read when it has settled
            return max(int(row["at_ns"]) for row in claims)
        time.sleep(0.01)
    raise NotMeasured(keeper.died() or "the keeper drove no line")
