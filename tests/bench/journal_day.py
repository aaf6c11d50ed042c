"""Bytes that the journal sends to the disk on made-up days, from hourly figures to full history (goal: 8 MB).

`python -m tests.bench.journal_day [FOLDER]`: plays a day's batches through the ledger on a file in FOLDER, which
must be on a disk, and prints JSON: what the choice of page size and batches rests on. (What a simulated quiet day
costs is measured by `disk.py`.) `write_bytes` of /proc/self/io counts what this process made dirty and sent
to storage, in whole 4 KiB pages; the file system's own journal comes on top (data=ordered: metadata only).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from controller.core.instant import Instant, Trust
from controller.core.memory import Kept, Memory
from controller.core.records import Priority, Record
from controller.runtime.batch import Batch
from controller.runtime.ledger import Ledger
from controller.runtime.store import Store

TEN_MINUTES = 144
"""A day has so many: as many commits of quiet records, at most."""

MB = 1_000_000


def main(folder: str) -> None:
    figures = {
        "hourly_figures_mb": day(folder, batches=24, telemetry=2, urgent=6) / MB,
        "figures_each_10_min_mb": day(folder, batches=TEN_MINUTES, telemetry=2, urgent=12) / MB,
        "meeting_day_mb": day(folder, batches=TEN_MINUTES, telemetry=4, urgent=150) / MB,
        "full_history_mb": day(folder, batches=TEN_MINUTES, telemetry=60, urgent=150) / MB,
        "commit_ms": commit_ms(folder),
        "check_64_mb_s": check_s(folder),
    }
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


def day(folder: str, batches: int, telemetry: int, urgent: int) -> float:
    """`telemetry` records in each of the quiet batches, `urgent` commits spread over the day, closed at its end."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        ledger = opened(Path(place) / "journal.db")
        before = written_bytes()
        for n in range(batches):
            for k in range(urgent * n // batches, urgent * (n + 1) // batches):
                ledger.add(batch(n * 600 + k, 2, Priority.EVIDENCE))
                ledger.commit("full")
            ledger.add(batch(n * 600 + 599, telemetry, Priority.TELEMETRY))
            ledger.commit("full")
        ledger.commit("full", clean=True)
        ledger.close()
        return written_bytes() - before


def commit_ms(folder: str) -> float:
    """Middle of 200 urgent commits on this disk."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        ledger = opened(Path(place) / "journal.db")
        took: list[float] = []
        for n in range(200):
            ledger.add(batch(n, 2, Priority.EVIDENCE))
            begun = time.perf_counter()
            ledger.commit("full")
            took.append(time.perf_counter() - begun)
        ledger.close()
        return sorted(took)[100] * 1000


def check_s(folder: str) -> float:
    """Reading a journal of full size once, as after a power cut (from the page cache)."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "journal.db"
        ledger = opened(path)
        for n in range(95):
            ledger.add(batch(n, 2000, Priority.TELEMETRY))
            ledger.commit("full")
        ledger.close()
        store = Store(path)
        begun = time.perf_counter()
        store.check()
        took = time.perf_counter() - begun
        store.close()
        return took


def opened(path: Path) -> Ledger:
    ledger = Ledger(path, "6f1c0c2e-0d7e-4c58-9d3a-0f1f3e1f0a11", lambda: at(0), 1 << 30)
    ledger.open()
    ledger.add(batch(0, 1, Priority.EVIDENCE))
    ledger.commit("full")
    return ledger


def batch(second: int, count: int, priority: Priority) -> Batch:
    body = (
        ("from", "off"),
        ("to", "on"),
        ("because", "R1"),
        ("code", "r1.meeting"),
        ("uid", "20261125T0800-giao-ban"),
    )
    records = tuple(Record("order", f"load.codec{n}", body, priority) for n in range(count))
    memory = Memory("6f1c0c2e", second, marks={f"r2.mark{n}": Kept(n * second, second) for n in range(2)})
    return Batch(second + 1, at(second), records, memory)


def at(second: int) -> Instant:
    return Instant(second * 1000, 1_790_000_000_000 + second * 1000, Trust.NTP)


def written_bytes() -> int:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(lines["write_bytes"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
