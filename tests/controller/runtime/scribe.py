"""A process that does nothing but write a journal, to be killed: `python -m … PATH SEED [LIMIT_BYTES]`.

Prints one line for each batch that was reported as committed (token, newest number, its hash) and one for each
state; reads nothing. With LIMIT_BYTES no file of this process may grow beyond (RLIMIT_FSIZE).
"""

from __future__ import annotations

import os
import random
import resource
import sys
import threading
from pathlib import Path

from controller.core.memory import Kept, Memory
from controller.core.records import Priority, Record
from controller.runtime.batch import Batch, Committed, Report
from controller.runtime.clock import Clock
from controller.runtime.journal import Journal
from hardware.contract import Reading

AHEAD = 40
"""Batches not yet committed at any time."""


def main(path: Path, seed: int, limit_bytes: int) -> None:
    if limit_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    room = threading.Semaphore(AHEAD)

    def told(report: Report) -> None:
        if isinstance(report, Committed) and report.token:
            newest = f" {report.entries[-1].seq} {report.entries[-1].hash}" if report.entries else ""
            os.write(1, f"C {report.token}{newest}\n".encode())
            room.release()
        elif isinstance(report, Reading):
            os.write(1, f"S {dict(report.values)['state']}\n".encode())

    clock, dice = Clock(), random.Random(seed)
    journal = Journal(path, told, f"boot{seed}", clock.now, batch_s=0.02, retry_s=0.05, max_bytes=300_000)
    memory = journal.start()
    os.write(1, f"M {memory.seq if memory else 0}\n".encode())
    for token in range(1, 100_000):
        room.acquire()
        records = tuple(
            Record("order", f"load.{token}", (("text", "x" * dice.randint(0, 400)),), dice.choice(tuple(Priority)))
            for _ in range(dice.randint(0, 4))
        )
        remembered = Memory(f"boot{seed}", token, marks={"m": Kept(token, token)})
        journal.write(Batch(token, clock.now(), records, remembered, urgent=dice.random() < 0.3))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0]))
