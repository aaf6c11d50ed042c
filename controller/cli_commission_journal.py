"""Signed results into the room's own journal, while the controller is stopped and the file is free."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from pathlib import Path

from controller.config_model import RoomConfig
from controller.core.records import Record
from controller.runtime.batch import Batch, Committed
from controller.runtime.clock import Clock
from controller.runtime.journal import Journal

WAIT_S = 30.0
"""A dying card blocks for a minute; the book has the result already, and it is tried again."""
TOKEN = 1


def log(cfg: RoomConfig, clock: Clock, records: Sequence[Record]) -> bool:
    """Append; True = they are on disk."""
    if not records:
        return True
    told: queue.SimpleQueue[object] = queue.SimpleQueue()
    size_b = round(cfg.paths.journal_max_mb * 1_000_000)
    journal = Journal(Path(cfg.paths.journal), told.put, clock.boot, clock.now, max_bytes=size_b)
    journal.start()
    journal.write(Batch(TOKEN, clock.now(), tuple(records), urgent=True))
    try:
        return _committed(told)
    finally:
        journal.stop()


def _committed(told: queue.SimpleQueue[object]) -> bool:
    while True:
        try:
            item = told.get(timeout=WAIT_S)
        except queue.Empty:
            return False
        if isinstance(item, Committed) and item.token == TOKEN:
            return item.lost == 0
