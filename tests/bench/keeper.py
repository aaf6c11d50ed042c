"""The keeper's figures: how soon after its start the relays are driven, and what memory it keeps.

The GPIO library is the tests' recording one, so that its import and calls cost as little as lgpio's; a line counts
as driven when the chip's diary says so. The floor is a script that does nothing but claim the same lines. The unit
does not start the keeper itself but the selector, which becomes it: the second row.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from controller.demo.binaries import ROOT
from controller.update import selector
from hardware.keeper_table import Line, Table, dumps
from tests.bench.process import Measured
from tests.bench.rows import NotMeasured, Row

FAKE = ROOT / "tests" / "hardware" / "fake_lgpio"
LINES = tuple(
    Line(name, 17 + n) for n, name in enumerate(("network", "display", "camera", "codec", "mixer", "amp"))
)
FLOOR = (
    f"import time, lgpio; chip = lgpio.gpiochip_open(0); "
    f"[lgpio.gpio_claim_output(chip, pin, 0) for pin in {[line.pin for line in LINES]}]; time.sleep(60)"
)
START_S = 10.0


def keeper_rows(rounds: int) -> list[Row]:
    _one(_keeper)  # it leaves its bytecode to the others
    _one(_unit)
    measured = [(_one(_keeper), _one(_unit), _one(_floor)) for _ in range(rounds)]
    alone, unit, floor = ([start for start, _ in column] for column in zip(*measured, strict=True))
    return [
        Row("keeper: start -> relays driven", "ms", median(alone), median(floor), 60),
        Row("the same, as its unit starts it", "ms", median(unit), median(floor), 60),
        Row("keeper: private memory", "MiB", median(memory for (_, memory), *_ in measured), None, 8),
    ]


def _keeper(folder: Path) -> list[str]:
    return [sys.executable, "-m", "hardware.keeper", *_words(folder)]


def _unit(folder: Path) -> list[str]:
    """As /opt/diemcau of a Pi, with this checkout as its release and the GPIO library as the system's."""
    opt = folder / selector.OPT
    release = opt / "releases" / "bench"
    (release / "site").mkdir(parents=True)
    (release / "site" / "common").symlink_to(ROOT)
    (release / selector.COMPLETE).touch()
    (opt / "keeper").symlink_to("releases/bench")
    (opt / "system").symlink_to(FAKE)
    return [sys.executable, "-I", selector.__file__, "--root", str(folder), "keeper", "--", *_words(folder)]


def _floor(_folder: Path) -> list[str]:
    return [sys.executable, "-c", FLOOR]


def _words(folder: Path) -> list[str]:
    (folder / "keeper.json").write_text(dumps(Table(LINES)), encoding="utf-8")
    return ["--config", str(folder / "keeper.json"), "--state", str(folder / "state"), "--pins", "lgpio"]


def _one(words: Callable[[Path], list[str]]) -> tuple[float, float]:
    """(ms to the last line driven, MiB) of one process in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="diemcau-keeper-") as name:
        folder = Path(name)
        diary = folder / "diary"
        env = {"FAKE_LGPIO": str(diary), "PYTHONPATH": f"{FAKE}:{ROOT}"}
        started = words(folder)
        began_ns = time.monotonic_ns()
        with Measured(started, folder / "log", env) as keeper:
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
