"""Bytes that one quiet day sends to the disk: the records of a simulated day, through the real journal.

    python -m tests.bench.disk DAYS FOLDER

Prints the bytes of DAYS working days without faults. It is a process of its own, because the kernel counts what
a process writes. Records that wait for company are handed over together, ten minutes at a time, and evidence at
once, as the journal's thread does with real time; FOLDER must be on a disk (in memory nothing is written). Not in
it: the memory for a restart, which the loop hands over with its records.
"""

from __future__ import annotations

import itertools
import queue
import sys
from collections.abc import Iterator
from pathlib import Path

from controller.core.chain import Entry
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.runtime.batch import Batch, Committed
from controller.runtime.journal import BATCH_S, Journal
from controller.simulation.simulate import Job, simulate

SEED = 7
WAIT_S = 30.0


def groups(entries: list[Entry]) -> Iterator[list[Entry]]:
    """What is committed together."""
    window_ms = round(BATCH_S * 1000)
    for _, group in itertools.groupby(entries, lambda entry: (entry.mono_ms // window_ms, is_urgent(entry))):
        yield list(group)


def is_urgent(entry: Entry) -> bool:
    return entry.priority in (Priority.EVIDENCE, Priority.INCIDENT)


def written_b() -> int:
    rows = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("write_bytes"))


def main(days: str, folder: str) -> int:
    entries = simulate(Job(int(days), SEED, ())).world.entries
    done = queue.Queue[object]()
    keeper = Journal(Path(folder) / "disk.db", done.put, "bench", lambda: Instant(0, 0, Trust.NTP))
    keeper.start()
    before_b = written_b()
    for token, group in enumerate(groups(entries), start=1):
        records = tuple(Record(entry.kind, entry.subject, entry.body, entry.priority) for entry in group)
        keeper.write(
            Batch(token, Instant(group[0].mono_ms, group[0].wall_ms, Trust.NTP), records, None, urgent=True)
        )
        while not (isinstance(said := done.get(timeout=WAIT_S), Committed) and said.token == token):
            pass
    keeper.stop()
    print(written_b() - before_b)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
